"""The command ``sixty shop trials``."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sixty.errors import OperatorError
from sixty.settings import get_settings

if TYPE_CHECKING:
    from sixty.shop.trials.report import CandidateFigures, TrialReport

_VERDICTS = {"earned": "值得主推", "not": "不如别的", "open": "还看不准"}


def register(shop: typer.Typer) -> None:
    """Adds the command."""
    shop.command()(trials)


def trials(
    trial: Annotated[str | None, typer.Option(metavar="ID", help="Only this trial.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tells which candidates of product trials earn their place, and how sure that is."""
    from sixty.shop.database import shop_session
    from sixty.shop.trials.reading import shop_trials
    from sixty.shop.trials.report import trial_report
    from sixty.shop.trials.settling import settle_due

    wanted = [each for each in shop_trials() if trial in (None, each.id)]
    if trial is not None and not wanted:
        known = ", ".join(each.id for each in shop_trials()) or "none"
        raise OperatorError(f"there is no trial {trial} in playbook/trials.yml; known are: {known}")
    url, now = get_settings().database_url, datetime.now(timezone.utc)
    reports = []
    for each in wanted:
        # What is due is counted first, in small transactions, so that nobody waits for a report.
        counted = True
        while counted:
            with shop_session(url) as session:
                counted = settle_due(session, each, now) > 0
        with shop_session(url, read_only=True) as session:
            reports.append(trial_report(session, each, now))
    if as_json:
        typer.echo(json.dumps([_plain(each) for each in reports], ensure_ascii=False, indent=2))
        return
    for report in reports:
        _print(report)
    if not reports:
        typer.echo("none")


def _plain(report: TrialReport) -> dict[str, Any]:
    return {
        "id": report.trial.id,
        "title": report.trial.title,
        "runs": report.runs,
        "decided": report.decided,
        "winners": report.trial.winners,
        "certainty": report.trial.certainty,
        "first_shown": report.first_shown.isoformat() if report.first_shown else None,
        "last_shown": report.last_shown.isoformat() if report.last_shown else None,
        "candidates": [_plain_candidate(each) for each in report.candidates],
    }


def _plain_candidate(each: CandidateFigures) -> dict[str, Any]:
    return {
        "product": each.product_no,
        "name": each.name,
        "shown": each.shown,
        "settled": each.settled,
        "taps": each.taps,
        "favourites": each.favourites,
        "carts": each.carts,
        "orders": each.orders,
        "worth": round(each.worth.rate, 5),
        "worth_low": round(each.worth.low, 5),
        "worth_high": round(each.worth.high, 5),
        "order_rate": round(each.order_rate.rate, 5),
        "order_rate_low": round(each.order_rate.low, 5),
        "order_rate_high": round(each.order_rate.high, 5),
        "place": round(each.place, 4),
        "verdict": each.verdict,
    }


def _print(report: TrialReport) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    trial = report.trial
    state = "有结论了" if report.decided else "进行中" if report.runs else "不在测试时间内"
    table = Table("货号", "商品", title=f"{trial.title}（{trial.id}，选{trial.winners}款，{state}）")
    for name in ("展示", "已计入", "点击", "收藏", "加购", "下单", "得分（95%区间）", "入选把握", "结论"):
        table.add_column(name, justify="right")
    for each in report.candidates:
        worth = f"{each.worth.rate:.3f}（{each.worth.low:.3f}–{each.worth.high:.3f}）"
        counted = (each.shown, each.settled, each.taps, each.favourites, each.carts, each.orders)
        table.add_row(
            each.product_no, Text(each.name), *map(str, counted), worth, f"{each.place:.1%}", _VERDICTS[each.verdict]
        )
    Console(highlight=False).print(table)
