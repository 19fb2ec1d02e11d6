"""The commands ``sixty shop benefits``, ``benefit-used``, ``benefit-revoke`` and ``own-channels``."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sixty.errors import OperatorError
from sixty.settings import get_settings

if TYPE_CHECKING:
    from sixty.shop.benefits.report import BenefitFigures
    from sixty.shop.own_channels.report import ChannelFigures

_SPANS = {"ever": "一共", "month": "本月", "week": "本周", "day": "今天"}


def register(shop: typer.Typer) -> None:
    """Adds the commands."""
    shop.command()(benefits)
    shop.command("benefit-used")(benefit_used)
    shop.command("benefit-revoke")(benefit_revoke)
    shop.command("own-channels")(own_channels)


def benefits(
    granted: Annotated[
        bool, typer.Option("--granted", help="What was given and waits to be used, sent or done, the oldest first.")
    ] = False,
    expire: Annotated[
        bool, typer.Option("--expire", help="First end what has run out; unused stock comes back.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many grants are shown.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows what is left of every benefit, or what was given."""
    from sixty.shop.benefits.ending import expire_due
    from sixty.shop.benefits.reading import shop_benefits
    from sixty.shop.benefits.report import benefit_report, grants_waiting
    from sixty.shop.database import shop_session

    now = datetime.now(timezone.utc)
    plan = shop_benefits()
    url = get_settings().database_url
    if expire:
        with shop_session(url) as session:
            ended = expire_due(session, now)
        typer.echo(f"{ended} ended unused", err=as_json)
    with shop_session(url, read_only=True) as session:
        if granted:
            rows = [
                {
                    "reference": row.reference,
                    "benefit": row.benefit_id,
                    "title": row.title,
                    "state": row.state,
                    "customer_id": row.customer_id,
                    "by": row.authority,
                    "situation": row.situation,
                    "granted_at": row.granted_at.isoformat(),
                    "expires_at": row.expires_at.isoformat(),
                }
                for row in grants_waiting(session, now, limit)
            ]
            _print_grants(rows, as_json)
            return
        figures = benefit_report(session, plan, now)
    if as_json:
        typer.echo(json.dumps([_plain_benefit(each) for each in figures], ensure_ascii=False, indent=2))
    else:
        _print_benefits(figures)


def benefit_used(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Which: B260520-7KQ2MX3BPA.")],
) -> None:
    """Says that a benefit was used, sent or done."""
    from sixty.shop.benefits.ending import mark_used
    from sixty.shop.database import shop_session

    with shop_session(get_settings().database_url) as session:
        row = mark_used(session, reference, datetime.now(timezone.utc))
        if row is None:
            raise _not_open(reference)
        typer.echo(f"{row.reference} {row.benefit_id} used")


def benefit_revoke(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Which: B260520-7KQ2MX3BPA.")],
    why: Annotated[str, typer.Option(help="Why, for the record.")] = "",
) -> None:
    """Takes back a benefit that was not used; its stock and money come back."""
    from sixty.shop.benefits.ending import revoke
    from sixty.shop.database import shop_session

    with shop_session(get_settings().database_url) as session:
        row = revoke(session, reference, datetime.now(timezone.utc), why)
        if row is None:
            raise _not_open(reference)
        typer.echo(f"{row.reference} {row.benefit_id} revoked")


def own_channels(
    days: Annotated[int, typer.Option(min=1, help="Cards shown in so many days, up to now.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Counts the cards of own channels that were shown, who followed them and who joined."""
    from sixty.shop.database import shop_session
    from sixty.shop.own_channels.report import channel_report

    now = datetime.now(timezone.utc)
    with shop_session(get_settings().database_url, read_only=True) as session:
        figures = channel_report(session, now - timedelta(days=days), now + timedelta(seconds=1))
    if as_json:
        typer.echo(json.dumps([_plain_channel(each) for each in figures], ensure_ascii=False, indent=2))
    else:
        _print_channels(figures)


def _not_open(reference: str) -> OperatorError:
    return OperatorError(
        f"No benefit {reference} waits to be used; `sixty shop benefits --granted` lists those that do"
    )


def _plain_benefit(each: BenefitFigures) -> dict[str, Any]:
    benefit = each.benefit
    budget = benefit.budget
    return {
        "id": benefit.id,
        "title": benefit.title,
        "kind": benefit.kind,
        "cost": str(benefit.cost),
        "authority": benefit.authority,
        "runs": each.runs,
        "stock": benefit.stock,
        "stock_per": benefit.stock_per,
        "taken": each.taken,
        "budget": budget.name if budget is not None else None,
        "budget_amount": str(budget.amount) if budget is not None else None,
        "budget_spent": str(each.spent) if budget is not None else None,
        "offered": each.offered,
        "granted": each.granted,
        "used": each.used,
    }


def _plain_channel(each: ChannelFigures) -> dict[str, Any]:
    return {
        "channel": each.channel_id,
        "situation": each.situation,
        "shown": each.shown,
        "scanned": each.scanned,
        "joined": each.joined,
        "visitors": each.visitors,
        "rate": round(each.rate.rate, 4),
        "rate_low": round(each.rate.low, 4),
        "rate_high": round(each.rate.high, 4),
    }


def _print_grants(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        day, who = row["granted_at"][:10], row["customer_id"] or "-"
        typer.echo(f"{row['reference']}  {row['state']:<8}{day}  {who}  {row['title']}")
    if not rows:
        typer.echo("none")


def _print_benefits(figures: list[BenefitFigures]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sixty.shop.wording import say_amount

    table = Table("利益点", "名字", "谁能给", title="利益点")
    for name in ("剩余", "预算剩余", "提过", "给出", "用掉"):
        table.add_column(name, justify="right")
    for each in figures:
        benefit, budget = each.benefit, each.benefit.budget
        left = "不限" if benefit.stock is None else f"{_SPANS[benefit.stock_per]}{max(0, benefit.stock - each.taken)}份"
        money = (
            "-"
            if budget is None
            else f"{_SPANS[budget.per]}{say_amount(max(budget.amount - each.spent, budget.amount * 0))}"
        )
        table.add_row(
            benefit.id if each.runs else f"{benefit.id}（不在时间内）",
            Text(benefit.title),
            benefit.authority,
            left,
            money,
            str(each.offered),
            str(each.granted),
            str(each.used),
        )
    Console(highlight=False).print(table)


def _print_channels(figures: list[ChannelFigures]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("渠道", "情况", title="私域卡片")
    for name in ("展示", "扫码", "加上", "人数", "加上率（95%区间）"):
        table.add_column(name, justify="right")
    for each in figures:
        rate = f"{each.rate.rate:.1%}（{each.rate.low:.1%}–{each.rate.high:.1%}）"
        counted = (each.shown, each.scanned, each.joined, each.visitors)
        table.add_row(each.channel_id, each.situation or "-", *map(str, counted), rate)
    Console(highlight=False).print(table)
