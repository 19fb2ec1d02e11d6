"""`sixty outreach …` and `sixty worker`."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from sixty.errors import OperatorError
from sixty.settings import get_settings

if TYPE_CHECKING:
    from rich.table import Table

    from sixty.outreach.preview import Foreseen
    from sixty.outreach.scenes import Book

_WAYS = {"chat": "聊天", "sms": "短信", "phone": "电话"}
_STATES = {
    "planned": "到点就发",
    "queued": "正在发",
    "sent": "发过了",
    "held": "对照组",
    "skipped": "没发",
    "failed": "没送到",
}


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="When the bot speaks first.")
    group.command("preview")(show_preview)
    group.command("round")(one_round)
    group.command("stop")(stop)
    app.add_typer(group, name="outreach")
    app.command("worker")(worker)


def show_preview(
    customer: Annotated[str, typer.Option(help="The customer's id; for a visitor, the conversation.")],
    at: Annotated[str, typer.Option(help="When, by the merchant's clock: 2026-05-20 15:00; now when left out.")] = "",
) -> None:
    """Shows what a customer would hear, when and why, and why not; nothing is written."""
    from rich.console import Console

    from sixty.outreach.preview import preview
    from sixty.outreach.scenes_file import shop_book
    from sixty.outreach.ticking import present
    from sixty.shop.database import shop_session

    settings = get_settings()
    book = shop_book()
    now = present()
    moment = _moment(at, book) or now
    with shop_session(settings.database_url) as session:
        rows = preview(session, book, customer, moment, now)
    if not rows:
        typer.echo(f"No scene is about {customer} at {moment.astimezone(book.clock.zone):%Y-%m-%d %H:%M}.")
        return
    # Into a file or a pipe there is no width to keep to.
    Console(width=None if sys.stdout.isatty() else 180).print(_table(rows, book))


def one_round() -> None:
    """Does one round now: looks for what is new, decides on what is due."""
    from sixty.outreach.reasons import say_reason
    from sixty.outreach.ticking import present, ticker_of

    done = ticker_of(get_settings()).round(present())
    unsaid = ", ".join(f"{say_reason(code)} {count}" for code, count in sorted(done.reasons.items()))
    typer.echo(f"{done.said} said, {done.held} held back{', unsaid: ' + unsaid if unsaid else ''}")


def stop(customer: Annotated[str, typer.Option(help="The customer's id.")]) -> None:
    """Sends a customer nothing any more."""
    from sixty.outreach.stopping import stop_customer
    from sixty.outreach.ticking import present
    from sixty.shop.database import shop_session

    settings = get_settings()
    with shop_session(settings.database_url) as session:
        ended = stop_customer(session, present(), customer_id=customer, why="staff", by="cli")
    typer.echo(f"{customer} gets nothing any more; {ended} cases ended.")


def worker(
    threads: Annotated[int, typer.Option(min=1, max=16, help="How many tasks run at once.")] = 2,
) -> None:
    """Runs what has a schedule: outreach, mining, what expires. Any number of them may run."""
    from sixty.worker.running import run

    run(get_settings(), threads)


def _moment(at: str, book: Book) -> datetime | None:
    if not at:
        return None
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"):
        try:
            return datetime.strptime(at, form).replace(tzinfo=book.clock.zone).astimezone(timezone.utc)
        except ValueError:
            continue
    raise OperatorError(f"--at {at!r} is no moment; write it as 2026-05-20 15:00")


def _table(rows: list[Foreseen], book: Book) -> Table:
    from rich.table import Table

    table = Table(show_lines=False)
    for title in ("什么时候", "场景", "关于", "方式", "说什么", "给谁", "会不会发"):
        table.add_column(title, overflow="fold")
    for each in rows:
        due = f"{each.due_at.astimezone(book.clock.zone):%m-%d %H:%M}" if each.due_at is not None else "—"
        whom = "/".join(part for part in (each.audience, each.variant, each.why or "") if part)
        state = _STATES.get(each.state, each.state)
        table.add_row(
            due,
            each.title,
            each.about,
            _WAYS.get(each.way, each.way),
            each.text,
            whom,
            f"不发：{each.why_not}" if each.why_not else state,
        )
    return table
