"""The command ``sixty report capsules``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from sixty.errors import OperatorError
from sixty.settings import get_settings

if TYPE_CHECKING:
    from sixty.insight.capsule_report import CapsuleReport, Dimension, Figures
    from sixty.shop.intervals import Interval

_SHOWN_FIRST = 20
_USUAL = ("question", "place", "source", "category")
_SOURCES = {"playbook": "常规", "pinned": "置顶", "mined": "挖掘", "welcome": "欢迎卡"}
_ENTRIES = {"shop": "店铺首页", "product": "商品页", "order": "订单页"}


def register(report: typer.Typer) -> None:
    """Adds the command."""
    report.command()(capsules)


def capsules(
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="From this day on, such as 2026-11-01, in the shop's zone.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Up to this day, and with it.")] = None,
    category: Annotated[str | None, typer.Option(metavar="NAME", help="Only about goods of this category.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIMENSION",
            help="What to count by, several times: question, place, source, position, category, entry, phase.",
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what was shown rarely.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with each category by itself.")] = False,
) -> None:
    """Tells how often capsules were shown, tapped, and followed by an order."""
    from sixty.insight.capsule_report import DIMENSIONS, Scope, capsule_report
    from sixty.insight.report_commands import first_moment
    from sixty.shop.database import shop_session

    for name in by or ():
        if name not in DIMENSIONS:
            raise OperatorError(f"--by {name!r} is nothing to count by; use one of {', '.join(DIMENSIONS)}")
    wanted = tuple(cast("Dimension", name) for name in by or _USUAL)
    scope = Scope(
        since=first_moment("--since", since),
        until=None if until is None else first_moment("--until", until, later=1),
        category=category,
    )
    if scope.since is not None and scope.until is not None and scope.since >= scope.until:
        raise OperatorError(f"--since {since} is after --until {until}: nothing lies between them")
    with shop_session(get_settings().database_url, read_only=True) as session:
        found = capsule_report(session, scope)
    if as_json:
        typer.echo(json.dumps(_plain(found, wanted), ensure_ascii=False, indent=2))
        return
    if not found.total.shown:
        typer.echo("no capsules were shown; `sixty insight recompute` works out what chats have shown so far")
        return
    _print(found, wanted, None if everything else _SHOWN_FIRST)


def _plain(report: CapsuleReport, wanted: Sequence[Dimension]) -> dict[str, Any]:
    scope = report.scope
    inner = [name for name in wanted if name != "category"]
    return {
        "since": scope.since.isoformat() if scope.since else None,
        "until": scope.until.isoformat() if scope.until else None,
        "category": scope.category,
        "intervals": "95%, Wilson score (Wilson 1927)",
        "total": _plain_figures(report.total),
        "by": {name: [_plain_figures(each) for each in report.by(name)] for name in wanted},
        "categories": {
            category: {name: [_plain_figures(each) for each in report.by(name, category)] for name in inner}
            for category in report.categories
        },
    }


def _plain_figures(each: Figures) -> dict[str, Any]:
    return {
        "name": each.name,
        "shown": each.shown,
        "tapped": each.tapped,
        "ordered": each.ordered,
        **_plain_interval("tap_rate", each.tap_rate),
        **_plain_interval("order_rate", each.order_rate),
    }


def _plain_interval(name: str, interval: Interval) -> dict[str, float]:
    return {
        name: round(interval.rate, 5),
        f"{name}_low": round(interval.low, 5),
        f"{name}_high": round(interval.high, 5),
    }


def _print(report: CapsuleReport, wanted: Sequence[Dimension], most: int | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sixty.insight.capsule_report import DIMENSIONS

    console, called = Console(highlight=False), _names()
    total = report.total
    taps = f"点击 {total.tapped} 次，{_said(total.tap_rate)}"
    console.print(f"展示 {total.shown} 次；{taps}；点击后下单 {total.ordered} 次")
    for name in wanted:
        rows = report.by(name)
        table = Table(DIMENSIONS[name], title=f"按{DIMENSIONS[name]}", title_justify="left")
        for heading in ("展示", "点击", "点击率（95%区间）", "点击后下单", "占点击（95%区间）"):
            table.add_column(heading, justify="right")
        for each in rows[:most]:
            table.add_row(
                Text(called[name](each.name)),
                str(each.shown),
                str(each.tapped),
                _said(each.tap_rate),
                str(each.ordered),
                _said(each.order_rate) if each.tapped else "–",
            )
        console.print(table)
        if most is not None and len(rows) > most:
            console.print(f"还有 {len(rows) - most} 行展示得更少，加 --all 全部列出")
    console.print(
        "区间：Wilson 得分区间。点击后下单只说明先后，不等于是它带来的；作用看 sixty report minute 的对照组。"
    )


def _said(interval: Interval) -> str:
    return f"{interval.rate:.1%}（{interval.low:.1%}–{interval.high:.1%}）"


def _names() -> dict[Dimension, Callable[[str], str]]:
    """What the values of each dimension are called."""
    from sixty.insight.minute_report.titles import Titles
    from sixty.playbook import capsule_plan
    from sixty.shop.pricing.phases import PHASES

    titles = Titles(capsule_plan())
    phases = {str(name): called for name, called in PHASES.items()}
    return {
        "question": titles.of,
        "place": lambda name: f"“{titles.of(name)}”之后" if name else "刚进来",
        "source": lambda name: _SOURCES.get(name, name),
        "position": lambda name: f"第{name}个",
        "category": lambda name: name or "没说到商品",
        "entry": lambda name: _ENTRIES.get(name, name),
        "phase": lambda name: phases.get(name, name) or "平时",
    }
