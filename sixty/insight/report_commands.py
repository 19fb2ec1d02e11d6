"""The commands ``sixty report …``."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer

from sixty.errors import OperatorError
from sixty.insight.capsule_commands import register as register_capsules
from sixty.settings import get_settings

report = typer.Typer(name="report", help="What chats teach, to look at.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    register_capsules(report)
    app.add_typer(report)


@report.command()
def minute(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the page goes.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="From this day on, such as 2026-11-01, in the shop's zone.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Up to this day, and with it.")] = None,
    category: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only visits about this product category.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Shows golden minutes: willingness, lines, where customers are lost, and what the pushes did."""
    from sixty.insight.minute_report.gathering import gather
    from sixty.insight.minute_report.page import page_of
    from sixty.insight.minute_report.plain import plain_report
    from sixty.insight.minute_report.scope import Scope
    from sixty.insight.minute_report.titles import Titles
    from sixty.insight.rules import willingness_rules
    from sixty.playbook import capsule_plan
    from sixty.shop.database import shop_session

    settings, rules = get_settings(), willingness_rules()
    scope = Scope(
        now=datetime.now(timezone.utc),
        pause=rules.pause,
        since=first_moment("--since", since),
        until=None if until is None else first_moment("--until", until, later=1),
        category=category,
    )
    if scope.since is not None and scope.until is not None and scope.since >= scope.until:
        raise OperatorError(f"--since {since} is after --until {until}: nothing lies between them")
    with shop_session(settings.database_url, read_only=True) as session:
        if category is not None:
            _check_category(session, category)
        found = gather(session, scope, rules.clock, settings.control_share or None)
    titles = Titles(capsule_plan())
    if out is not None or not as_json:
        page = out or settings.var / "reports" / "minute.html"
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(page_of(found, titles, rules), encoding="utf-8")
        except OSError as error:
            raise OperatorError(f"{page} cannot be written: {error.strerror}; give --out another place") from None
        typer.echo(f"{found.visits} visits: {page}", err=as_json)
    if as_json:
        typer.echo(json.dumps(plain_report(found, titles), ensure_ascii=False, indent=2))


def first_moment(option: str, day: str | None, later: int = 0) -> datetime | None:
    """When a day begins in the shop's zone, or one some days later; None without a day.

    Raises:
        OperatorError: That is no day.
    """
    from sixty.shop.wording import SHOP_ZONE

    if day is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=later), time(), SHOP_ZONE)
    except (ValueError, OverflowError):
        raise OperatorError(f"{option} {day!r} is no day; write it as 2026-11-01") from None


def _check_category(session: Any, category: str) -> None:
    """Says so when nobody ever asked about a category of that name, and which ones there are."""
    from sqlalchemy import select

    from sixty.insight.models import Visit
    from sixty.tables import column

    known = sorted(
        session.scalars(select(column(Visit.category)).where(column(Visit.category).is_not(None)).distinct())
    )
    if category not in known:
        listed = "、".join(known[:20]) if known else "none; `sixty insight recompute` works them out"
        raise OperatorError(f"no visit is about the category {category!r}; known are: {listed}")
