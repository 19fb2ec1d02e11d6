"""What each scene, audience and wording brought about, from the cases and rungs of a stretch of time (F29).

Everything is added up by the database, customer by customer and then group by group, so that a million cases cost as
much memory as ten. A wording is compared with all who were left alone in its scene and audience: which wording they
would have read has nothing to do with what they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import BigInteger, Float, case, cast, func, select
from sqlalchemy.orm import Session

from sixty.outreach.lift import ArmSums, Lift, Sent, lift
from sixty.outreach.models import Arm, OutreachCase, OutreachRung
from sixty.tables import column

Depth = Literal["scene", "audience", "variant"]
DEPTHS: tuple[Depth, ...] = ("scene", "audience", "variant")

Key = tuple[str, ...]
"""A scene; a scene and an audience; a scene, an audience and a wording."""


@dataclass(frozen=True)
class LiftLine:
    """What one scene, audience or wording brought about.

    Attributes:
        audience, variant: None for all of them together.
        recovered: What the reminded bought within the window, in yuan, whoever would have bought anyway among it.
        watched: How many of the cases are still within their window, and may yet come to something, in both groups.
        found: Against those who were left alone.
    """

    scene: str
    audience: str | None
    variant: str | None
    recovered: Decimal
    watched: int
    found: Lift


@dataclass(frozen=True)
class Day:
    """One day of a scene: how many were reminded, how many of these came to what it wants, and what they brought."""

    day: str
    reminded: int
    converted: int
    recovered: Decimal


def lift_lines(
    session: Session, since: datetime, until: datetime, depth: Depth, shares: Mapping[str, float], now: datetime
) -> list[LiftLine]:
    """The lines of a report.

    Args:
        session: Any session.
        since: Cases whose first reminder went out, or was held back, at this moment or later, …
        until: … and before this one.
        depth: How finely they are told apart.
        shares: Of each scene, the share of customers that should be left alone, to test the draw.
        now: The present moment.

    Returns:
        By scene, audience and wording, in the order of their names.
    """
    keys = DEPTHS[: DEPTHS.index(depth) + 1]
    reminded = _arm_sums(session, since, until, keys, "reminded")
    # Those who were left alone read no wording.
    alone = _arm_sums(session, since, until, keys[:2], "control")
    sent, watched = _sent(session, since, until, keys), _watched(session, since, until, keys, now)
    lines = []
    for key in sorted(set(reminded) | (set(alone) if depth != "variant" else set())):
        control = alone.get(key[:2], ArmSums())
        ours = reminded.get(key, ArmSums())
        # The draw is the scene's, so only there the numbers of both groups belong together.
        share = shares.get(key[0]) if depth == "scene" else None
        lines.append(
            LiftLine(
                scene=key[0],
                audience=key[1] if len(key) > 1 else None,
                variant=key[2] if len(key) > 2 else None,
                recovered=_yuan(ours.revenue),
                watched=watched.get(key, 0),
                found=lift({"reminded": ours, "control": control}, sent.get(key), share),
            )
        )
    return lines


def lift_by_day(session: Session, since: datetime, until: datetime, scene: str, zone_hours: int = 8) -> list[Day]:
    """What was sent and came back, day by day of the shop's own time; days without anything are left out.

    Args:
        session: Any session.
        since: From this moment on, …
        until: … and before this one.
        scene: The scene; `*` for all together.
        zone_hours: By how many hours the shop's clock is ahead of UTC.
    """
    when = column(OutreachCase.exposed_at)
    day = _shop_day(session, when, zone_hours)
    query = (
        select(
            day.label("day"),
            func.count(),
            func.count(column(OutreachCase.converted_at)),
            func.coalesce(func.sum(_fen(OutreachCase.recovered)), 0),
        )
        .where(when >= since, when < until, column(OutreachCase.arm) == "reminded")
        .group_by(day)
        .order_by(day)
    )
    if scene != "*":
        query = query.where(column(OutreachCase.scene) == scene)
    return [
        Day(str(each), many, hits, Decimal(int(fen)).scaleb(-2)) for each, many, hits, fen in session.execute(query)
    ]


def together(lines: Sequence[LiftLine]) -> tuple[Sent, Decimal]:
    """What all lines sent and brought back."""
    total, recovered = Sent(), Decimal(0)
    for each in lines:
        one = each.found.sent
        total = replace(
            total,
            sent=total.sent + one.sent,
            delivered=total.delivered + one.delivered,
            answered=total.answered + one.answered,
            unsubscribed=total.unsubscribed + one.unsubscribed,
            cost=total.cost + one.cost,
        )
        recovered += each.recovered
    return total, recovered


def _arm_sums(
    session: Session, since: datetime, until: datetime, keys: Sequence[Depth], arm: Arm
) -> dict[Key, ArmSums]:
    by = [column(getattr(OutreachCase, name)) for name in keys]
    each = (
        select(
            *by,
            func.count().label("cases"),
            func.count(column(OutreachCase.converted_at)).label("converted"),
            cast(func.coalesce(func.sum(_fen(OutreachCase.recovered)), 0), Float).label("fen"),
        )
        .where(*_exposed(since, until), column(OutreachCase.arm) == arm)
        .group_by(*by, column(OutreachCase.who))
        .subquery()
    )
    cases, hits, fen = each.c.cases, each.c.converted, each.c.fen
    groups = [each.c[name] for name in keys]
    query = select(
        *groups,
        func.count(),
        func.sum(cases),
        func.sum(hits),
        func.sum(fen),
        func.sum(cases * cases),
        func.sum(hits * hits),
        func.sum(hits * cases),
        func.sum(fen * fen),
        func.sum(fen * cases),
    ).group_by(*groups)
    found: dict[Key, ArmSums] = {}
    for row in session.execute(query):
        key, (many, of, converted, money, *squares) = tuple(row[: len(keys)]), row[len(keys) :]
        found[key] = ArmSums(
            customers=int(many),
            cases=int(of),
            converted=int(converted),
            revenue=float(money) / 100,
            cases_squared=int(squares[0]),
            converted_squared=int(squares[1]),
            converted_by_cases=int(squares[2]),
            revenue_squared=float(squares[3]) / 10_000,
            revenue_by_cases=float(squares[4]) / 100,
        )
    return found


def _sent(session: Session, since: datetime, until: datetime, keys: Sequence[Depth]) -> dict[Key, Sent]:
    by = [column(getattr(OutreachCase, name)) for name in keys]
    of_rungs = (
        select(
            column(OutreachRung.case_id).label("case_id"),
            func.count(column(OutreachRung.sent_at)).label("sent"),
            func.count(column(OutreachRung.delivered_at)).label("delivered"),
            func.coalesce(func.sum(_fen(OutreachRung.cost)), 0).label("fen"),
        )
        .join(OutreachCase, column(OutreachCase.id) == column(OutreachRung.case_id))
        .where(*_exposed(since, until), column(OutreachRung.sent_at).is_not(None))
        .group_by(column(OutreachRung.case_id))
        .subquery()
    )
    query = (
        select(
            *by,
            func.count(of_rungs.c.case_id),
            func.sum(case((of_rungs.c.delivered > 0, 1), else_=0)),
            func.count(column(OutreachCase.answered_at)),
            func.count(column(OutreachCase.unsubscribed_at)),
            func.coalesce(func.sum(of_rungs.c.fen), 0),
        )
        .join(of_rungs, of_rungs.c.case_id == column(OutreachCase.id))
        .where(*_exposed(since, until), column(OutreachCase.arm) == "reminded")
        .group_by(*by)
    )
    found = {}
    for row in session.execute(query):
        key, (many, delivered, answered, unsubscribed, fen) = tuple(row[: len(keys)]), row[len(keys) :]
        cost = Decimal(int(fen)).scaleb(-2)
        found[key] = Sent(int(many), int(delivered), int(answered), int(unsubscribed), cost)
    return found


def _watched(
    session: Session, since: datetime, until: datetime, keys: Sequence[Depth], now: datetime
) -> dict[Key, int]:
    by = [column(getattr(OutreachCase, name)) for name in keys]
    query = (
        select(*by, func.count())
        .where(
            *_exposed(since, until),
            column(OutreachCase.watch_until) > now,
            column(OutreachCase.converted_at).is_(None),
            column(OutreachCase.settled_at).is_(None),
        )
        .group_by(*by)
    )
    return {tuple(row[: len(keys)]): int(row[-1]) for row in session.execute(query)}


def _exposed(since: datetime, until: datetime) -> tuple[Any, Any]:
    when = column(OutreachCase.exposed_at)
    return when >= since, when < until


def _fen(amount: Any) -> Any:
    """The whole fen in which money is kept: it may be added up and multiplied as it is."""
    return cast(column(amount), BigInteger)


def _yuan(amount: float) -> Decimal:
    return Decimal(round(amount * 100)).scaleb(-2)


def _shop_day(session: Session, when: Any, zone_hours: int) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return func.date(when, f"+{zone_hours} hours")
    return func.to_char(func.timezone("UTC", when) + func.make_interval(0, 0, 0, 0, zone_hours), "YYYY-MM-DD")
