"""The commands ``sixty mine …``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sixty.settings import get_settings

if TYPE_CHECKING:
    from sixty.insight.mining import Mined
    from sixty.insight.related_view import Line

mine = typer.Typer(name="mine", help="What the chats of all customers teach.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(mine)


@mine.command()
def related(
    question: Annotated[
        str | None,
        typer.Option("--after", metavar="QUESTION", help="Only after this one: ask_price, ask_attribute.材质."),
    ] = None,
    category: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this category; all together if left out.")
    ] = None,
    place: Annotated[int, typer.Option(min=1, max=2, help="1 what is asked next, 2 what is asked after that.")] = 1,
    each: Annotated[int, typer.Option(min=1, help="How many following questions of each question.")] = 3,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what followed too seldom to say anything, and fills the lists up.")
    ] = False,
    parquet: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Count in exported files, with DuckDB.")
    ] = None,
    counts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take the counts of another database; see docs/scale.md.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print; keep what was mined before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, of all categories.")] = False,
) -> None:
    """Mines what customers ask after each question, keeps it for the capsules, and prints it."""
    from sixty.insight.mining import mine as mine_related
    from sixty.insight.related_view import lines
    from sixty.playbook import capsule_plan
    from sixty.processes.database import migrate

    settings = get_settings()
    migrate(settings)
    plan = capsule_plan()
    now = datetime.now(timezone.utc)
    found = mine_related(settings.database_url, now, plan.related, parquet=parquet, counts=counts, store=not dry_run)
    shown = lines(found.rows, plan, place=place, each=each, least=0 if everything else plan.related.min_count)
    if question is not None:
        shown = [line for line in shown if line.related.question == question]
    if category is not None or not as_json:
        shown = [line for line in shown if line.category == (category or "")]
    if as_json:
        _print_json(shown)
    else:
        _print(found, shown, plan.related.min_count, stored=not dry_run)


@mine.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write; visit/ and chat_turn/ in it.")],
    days: Annotated[int | None, typer.Option(min=1, help="Only visits of the last days; all if left out.")] = None,
) -> None:
    """Writes visits and turns as Parquet files, without anything that a customer wrote or is."""
    from datetime import timedelta

    from sixty.insight.parquet import export as export_files
    from sixty.processes.database import migrate
    from sixty.shop.database import shop_session

    settings = get_settings()
    migrate(settings)
    since = None if days is None else datetime.now(timezone.utc) - timedelta(days=days)
    with shop_session(settings.database_url, read_only=True) as session:
        counts = export_files(session, folder, since)
    typer.echo(f"{folder}: {counts['visit']} visits, {counts['chat_turn']} turns")


def _print_json(shown: Sequence[Line]) -> None:
    import json

    rows = [
        {
            "question": line.related.question,
            "category": line.category,
            "place": line.related.place,
            "following": line.related.following,
            "title": line.following,
            "count": line.related.count,
            "share": round(line.related.share, 4),
            "weight": round(line.related.weight, 4),
            "rank_score": round(line.related.rank_score, 6),
            "capsule": line.capsule,
            "standing": line.standing,
        }
        for line in shown
    ]
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def _print(found: Mined, shown: Sequence[Line], least: int, *, stored: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sixty.insight.related_view import waiting

    console = Console(highlight=False)
    if not shown:
        console.print(
            f"看了{found.visits}次来访，还没有问题被问够{least}次。聊天再多些，或把 playbook/capsules.yml 里"
            " related → min_count 调小；刚接入的话，先跑 sixty insight recompute。"
        )
        return
    table = Table("问完这个", "顾客接着问", title=f"顾客接下来问什么（{found.visits}次来访）")
    for name in ("占比", "次数", "答好多成交", "每千次推送"):
        table.add_column(name, justify="right")
    table.add_column("状态")
    before = None
    for line in shown:
        new = line.related.question != before
        if new and before is not None:
            table.add_section()
        before = line.related.question
        table.add_row(
            Text(line.question if new else ""),
            Text(line.following),
            f"{line.related.share:.1%}",
            str(line.related.count),
            f"{line.related.weight * 100:.1f}%",
            f"{line.related.rank_score * 1000:.1f}单",
            line.standing,
        )
    console.print(table)
    console.print(
        "占比：问过前一个问题的来访里，接着问它的（平滑后）。答好多成交：这个问题答好了，比没答好下单的顾客多多少。"
    )
    missing = sorted({line.related.following for line in shown if line.standing == "没有胶囊"})
    if missing:
        console.print(f"没有胶囊的不会推，想推就在 playbook/capsules.yml 的 capsules 里加一个：{'、'.join(missing)}")
    approvals = waiting(shown)
    if approvals:
        console.print("待批准的，同意就把这几行放到 playbook/capsules.yml 的 related → approve 下面：")
        console.print(approvals, markup=False)
    if not stored:
        console.print("只是看看，没有保存。")
