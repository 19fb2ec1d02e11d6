"""What each scene, audience and wording brought about, from the cases and rungs of a stretch of time (F29).

Everything is added up by the database, customer by customer and then group by group, so that a million cases cost as
much memory as ten. A wording is compared with all who were left alone in its scene and audience: which wording they
would have read has nothing to do with what they did. Compared are customers by their first case of a scene alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import BigInteger, Float, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from sixty.outreach.lift import ArmSums, Lift, Sent, lift
from sixty.outreach.models import Arm, OutreachCase, OutreachContact, OutreachRung
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
        recovered: What the reminded bought within the window, in yuan, whoever would have bought anyway among it. An
            order counts once in a scene.
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
    """One day of a scene, by when cases were said or held back.

    Attributes:
        reminded: How many were said.
        held: How many were held back, of those who are left alone.
        converted: How many of those said came to what it wants.
        recovered: What these brought, in yuan; an order counts once.
    """

    day: str
    reminded: int
    held: int
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
    recovered = _recovered(session, since, until, keys)
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
                recovered=recovered.get(key, Decimal(0)),
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
    of_scene = [] if scene == "*" else [column(OutreachCase.scene) == scene]
    reminded = column(OutreachCase.arm) == "reminded"
    brought = _brought(since, until, reminded, *of_scene)
    query = (
        select(
            day.label("day"),
            func.sum(case((reminded, 1), else_=0)),
            func.sum(case((reminded, 0), else_=1)),
            func.sum(case((and_(reminded, column(OutreachCase.converted_at).is_not(None)), 1), else_=0)),
            func.coalesce(func.sum(brought.c.fen), 0),
        )
        .select_from(OutreachCase)
        .outerjoin(brought, brought.c.id == column(OutreachCase.id))
        .where(when >= since, when < until, *of_scene)
        .group_by(day)
        .order_by(day)
    )
    return [
        Day(str(each), int(many), int(held), int(hits), Decimal(int(fen)).scaleb(-2))
        for each, many, held, hits, fen in session.execute(query)
    ]


def recovered_by_all(session: Session, since: datetime, until: datetime) -> Decimal:
    """What the reminded bought, in yuan; an order that several scenes had reminded of counts once.

    Args:
        session: Any session.
        since: Cases whose first reminder went out at this moment or later, …
        until: … and before this one.
    """
    brought = _brought(since, until, column(OutreachCase.arm) == "reminded")
    return Decimal(int(session.scalar(select(func.coalesce(func.sum(brought.c.fen), 0))))).scaleb(-2)


def _brought(since: datetime, until: datetime, *conditions: Any, apart: Sequence[Any] = ()) -> Any:
    """What orders brought, in fen, by the id of the case to which each is credited: the one said last before it.

    Args:
        since: Of cases that were exposed at this moment or later, …
        until: … and before this one …
        conditions: … and of which this is so.
        apart: Within each of these an order is credited once.
    """
    number = column(OutreachCase.id)
    # Of who was held back nothing was said; the moment at which it would have been stands for it.
    last_said = (
        select(func.max(column(OutreachRung.sent_at)))
        .where(column(OutreachRung.case_id) == number, column(OutreachRung.state) == "sent")
        .scalar_subquery()
    )
    order = func.coalesce(column(OutreachCase.converted_order_no), literal("case ") + cast(number, String))
    said = func.coalesce(last_said, column(OutreachCase.exposed_at))
    place = func.row_number().over(partition_by=[*apart, order], order_by=[said.desc(), number.desc()])
    found = (
        select(number.label("id"), _fen(OutreachCase.recovered).label("fen"), place.label("place"))
        .where(*_exposed(since, until), column(OutreachCase.recovered).is_not(None), *conditions)
        .subquery()
    )
    return select(found.c.id, found.c.fen).where(found.c.place == 1).subquery()


def together(lines: Sequence[LiftLine]) -> Sent:
    """What was sent in all lines, and what came of it at once."""
    total = Sent()
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
    return total


def _arm_sums(
    session: Session, since: datetime, until: datetime, keys: Sequence[Depth], arm: Arm
) -> dict[Key, ArmSums]:
    by = [column(getattr(OutreachCase, name)) for name in keys]
    place = func.row_number().over(
        partition_by=[column(OutreachCase.scene), column(OutreachCase.who)],
        order_by=[column(OutreachCase.exposed_at), column(OutreachCase.id)],
    )
    # Up to a customer's first case both groups are treated alike. After it they are not: what is said counts for the
    # caps and is answered, what is held back does neither, so that further cases come to be of other customers.
    first = (
        select(
            *by,
            column(OutreachCase.who).label("who"),
            column(OutreachCase.converted_at).label("converted_at"),
            _fen(OutreachCase.recovered).label("fen"),
            place.label("place"),
        )
        .where(*_exposed(since, until), column(OutreachCase.arm) == arm)
        .subquery()
    )
    each = (
        select(
            *(first.c[name] for name in keys),
            func.count().label("cases"),
            func.count(first.c.converted_at).label("converted"),
            cast(func.coalesce(func.sum(first.c.fen), 0), Float).label("fen"),
        )
        .where(first.c.place == 1)
        .group_by(*(first.c[name] for name in keys), first.c.who)
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


def _recovered(session: Session, since: datetime, until: datetime, keys: Sequence[Depth]) -> dict[Key, Decimal]:
    by = [column(getattr(OutreachCase, name)) for name in keys]
    # One order may be what several carts of a customer have come to; its money is there once.
    reminded = column(OutreachCase.arm) == "reminded"
    brought = _brought(since, until, reminded, apart=[column(OutreachCase.scene)])
    query = select(*by, func.sum(brought.c.fen)).join(brought, brought.c.id == column(OutreachCase.id)).group_by(*by)
    return {tuple(row[:-1]): Decimal(int(row[-1])).scaleb(-2) for row in session.execute(query)}


def _sent(session: Session, since: datetime, until: datetime, keys: Sequence[Depth]) -> dict[Key, Sent]:
    by = [column(getattr(OutreachCase, name)) for name in keys]
    # A step is said to be sent before it is tried. What no provider has taken was not; what did not arrive was.
    went_out = or_(column(OutreachRung.state) == "sent", column(OutreachContact.sent_at).is_not(None))
    arrived = and_(column(OutreachRung.state) == "sent", column(OutreachRung.delivered_at).is_not(None))
    of_rungs = (
        select(
            column(OutreachRung.case_id).label("case_id"),
            func.sum(case((arrived, 1), else_=0)).label("delivered"),
            func.coalesce(func.sum(_fen(OutreachRung.cost)), 0).label("fen"),
        )
        .join(OutreachCase, column(OutreachCase.id) == column(OutreachRung.case_id))
        .outerjoin(OutreachContact, column(OutreachContact.rung_id) == column(OutreachRung.id))
        .where(*_exposed(since, until), column(OutreachRung.sent_at).is_not(None), went_out)
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


def _shop_day(session: Session, when: Any, zone_hours: int) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return func.date(when, f"+{zone_hours} hours")
    return func.to_char(func.timezone("UTC", when) + func.make_interval(0, 0, 0, 0, zone_hours), "YYYY-MM-DD")
