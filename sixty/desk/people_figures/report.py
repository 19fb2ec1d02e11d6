"""What agents and groups have done, day by day: talks, load, response, resolution, satisfaction, orders.

| figure | meaning |
| --- | --- |
| talks | parts of conversations that the agent had, by the day on which they began |
| at once | how many of them at the same time, on average while there were any, and at most |
| first response | from the moment a talk was given to the agent to their first line |
| in time | of the talks with a first response or that ended without one, those that had it within the promise |
| mean response | from a customer's first unanswered line to the agent's next one, the first response included |
| in office hours | the same times, counting only when the group is at work |
| handling time | from the beginning to goodbye, with the wrap-up of who ended it |
| resolution | of the talks that ended with the agent, those that were solved, and whose customer did not want a person again within `again_within` |
| satisfaction | the mean score of 1 to 5, and the share of 4 and 5 |
| orders | placed by the customer within `orders_within` of the end; an order counts once, for the last talk before it |
"""  # noqa: E501

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from statistics import fmean
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.beside.ratings import Satisfaction
from sixty.desk.beside.satisfaction_rules import GOOD
from sixty.desk.board.supervision_rules import SupervisionRules
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.people_figures.concurrency import Concurrency, concurrency_of
from sixty.desk.people_figures.talk_rows import TalkFigure
from sixty.shop.models import Order
from sixty.tables import column

By = Literal["agent", "group", "day", "agent_day", "group_day"]

LONGEST_DAYS = 92
_CHUNK = 500


@dataclass(frozen=True)
class Span:
    """Days by the shop's clock, the last one included."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        """Refuses what is none.

        Raises:
            ValueError: It ends before it begins, or is too long.
        """
        if not 0 <= (self.last - self.first).days < LONGEST_DAYS:
            raise ValueError(f"to: from the first day on, {LONGEST_DAYS} days at most")

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def end(self) -> datetime:
        """The first moment behind it."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)


@dataclass(frozen=True)
class TalkResult:
    """A talk with all that is known of it.

    Attributes:
        finished: Whether it ended with this agent; False where it was passed on.
        resolved: Whether it was solved for good.
        handling: Seconds, the wrap-up included.
        score: What the customer gave.
        orders: The amounts of the orders that count as its own.
    """

    talk: TalkFigure
    day: date
    finished: bool
    resolved: bool
    handling: float
    score: int | None
    orders: tuple[Decimal, ...]


@dataclass(frozen=True)
class Row:
    """The figures of one agent, group or day; what nothing can be said of is None."""

    day: date | None
    agent: str | None
    agent_name: str | None
    group: str | None
    group_title: str | None
    talks: int
    lines: int
    at_once: float
    at_once_most: int
    first_response: float | None
    first_response_office: float | None
    unanswered: int
    in_time: float | None
    mean_response: float | None
    mean_response_office: float | None
    handling: float | None
    finished: int
    resolved: int
    resolution: float | None
    ratings: int
    satisfaction: float | None
    content: float | None
    ordered: int
    orders: int
    order_amount: Decimal
    conversion: float | None


def results_of(session: Session, span: Span, rules: SupervisionRules) -> list[TalkResult]:
    """The talks that began in a span, with what came of them."""
    query = select(TalkFigure).where(column(TalkFigure.began_at) >= span.start, column(TalkFigure.began_at) < span.end)
    talks = list(session.scalars(query.order_by(TalkFigure.began_at, TalkFigure.assignment_id)))
    hand_offs = _hand_offs(session, {each.hand_off_id for each in talks})
    scores = _scores(session, list(hand_offs))
    again = _came_again(session, span, rules.again_within)
    orders = orders_of(session, talks, span, rules.orders_within)
    last = _last_talks(talks)
    found = []
    for talk in talks:
        hand_off = hand_offs.get(talk.hand_off_id)
        finished = talk.left_for == "ended"
        solved = finished and hand_off is not None and hand_off.end == "solved"
        is_last = last.get(talk.hand_off_id) == talk.assignment_id
        found.append(
            TalkResult(
                talk=talk,
                day=talk.began_at.astimezone(span.zone).date(),
                finished=finished,
                resolved=solved and not again(hand_off),
                handling=(talk.ended_at - talk.began_at).total_seconds() + _wrap_up(hand_off if finished else None),
                score=scores.get(talk.hand_off_id) if is_last and finished else None,
                orders=orders.get(talk.assignment_id, ()),
            )
        )
    return found


def people_rows(session: Session, results: Sequence[TalkResult], by: By, routing: RoutingRules) -> list[Row]:
    """Puts talks together.

    Args:
        session: Any session.
        results: The talks.
        by: Of what there is a row each.
        routing: The merchant's; says which first response is in time, and what groups are called.
    """
    names = names_of(session, [each.talk.agent_id for each in results])
    parts: dict[Hashable, list[TalkResult]] = defaultdict(list)
    for each in results:
        parts[_KEYS[by](each)].append(each)
    rows = [_row(part, by, names, routing) for part in parts.values()]
    return sorted(
        rows, key=lambda row: (row.day or date.min, row.group_title or "", row.agent_name or "", row.agent or "")
    )


def total_of(results: Sequence[TalkResult], routing: RoutingRules) -> Row:
    """All together."""
    return _row(list(results), None, {}, routing)


def orders_of(
    session: Session, talks: Sequence[TalkFigure], span: Span, within: timedelta
) -> dict[int, tuple[Decimal, ...]]:
    """The orders that count as talks' own, by assignment: each order once, for the last talk that began before it.

    That talk may have begun after the span; then the order is none of the span's. An order that was closed unpaid is
    none at all.
    """
    asked = {talk.assignment_id for talk in talks}
    customers = sorted({talk.customer_id for talk in talks if talk.customer_id is not None})
    until = span.end + within + timedelta(days=2)
    found: dict[int, list[Decimal]] = defaultdict(list)
    for start in range(0, len(customers), _CHUNK):
        part = customers[start : start + _CHUNK]
        by_customer: dict[str, list[TalkFigure]] = defaultdict(list)
        for talk in session.scalars(
            select(TalkFigure).where(
                column(TalkFigure.customer_id).in_(part),
                column(TalkFigure.began_at) >= span.start,
                column(TalkFigure.began_at) < until,
            )
        ):
            by_customer[str(talk.customer_id)].append(talk)
        query = select(Order.customer_id, Order.placed_at, Order.paid_amount, Order.goods_amount).where(
            column(Order.customer_id).in_(part),
            column(Order.placed_at) >= span.start,
            column(Order.placed_at) < until,
            column(Order.state) != "closed",
        )
        for customer_id, placed_at, paid, goods in session.execute(query.order_by(Order.placed_at, Order.no)):
            own = [talk for talk in by_customer[customer_id] if talk.began_at <= placed_at <= talk.ended_at + within]
            if own:
                talk = max(own, key=lambda each: (each.began_at, each.assignment_id))
                if talk.assignment_id not in asked:
                    continue
                found[talk.assignment_id].append(paid if paid else goods)
    return {talk: tuple(amounts) for talk, amounts in found.items()}


_KEYS: Mapping[By, Callable[[TalkResult], Hashable]] = {
    "agent": lambda each: each.talk.agent_id,
    "group": lambda each: each.talk.group_id,
    "day": lambda each: each.day,
    "agent_day": lambda each: (each.day, each.talk.agent_id),
    "group_day": lambda each: (each.day, each.talk.group_id),
}


def _row(part: Sequence[TalkResult], by: By | None, names: Mapping[str, str], routing: RoutingRules) -> Row:
    talks = [each.talk for each in part]
    first = [each.first_reply for each in talks if each.first_reply is not None]
    first_office = [each.first_reply_office for each in talks if each.first_reply_office is not None]
    # Whoever is never answered has not been answered in time.
    unanswered = sum(each.finished and not each.talk.lines for each in part)
    replies = sum(each.replies for each in talks)
    scores = [each.score for each in part if each.score is not None]
    finished = sum(each.finished for each in part)
    resolved = sum(each.resolved for each in part)
    known = sum(each.talk.customer_id is not None for each in part)
    ordered = sum(bool(each.orders) for each in part)
    at_once = _at_once(part)
    promise = routing.first_reply.total_seconds()
    one = talks[0] if talks else None
    by_agent = one is not None and by in ("agent", "agent_day")
    by_group = one is not None and by in ("group", "group_day")
    agent = one.agent_id if by_agent and one is not None else None
    group = one.group_id if by_group and one is not None else None
    return Row(
        day=part[0].day if by in ("day", "agent_day", "group_day") else None,
        agent=agent,
        agent_name=names.get(agent, agent) if agent is not None else None,
        group=group,
        group_title=routing.group(group).title if group is not None else None,
        talks=len(talks),
        lines=sum(each.lines for each in talks),
        at_once=at_once.mean,
        at_once_most=at_once.most,
        first_response=fmean(first) if first else None,
        first_response_office=fmean(first_office) if first_office else None,
        unanswered=unanswered,
        in_time=sum(each <= promise for each in first) / (len(first) + unanswered) if first or unanswered else None,
        mean_response=sum(each.reply_seconds for each in talks) / replies if replies else None,
        mean_response_office=sum(each.reply_seconds_office for each in talks) / replies if replies else None,
        handling=fmean(each.handling for each in part) if part else None,
        finished=finished,
        resolved=resolved,
        resolution=resolved / finished if finished else None,
        ratings=len(scores),
        satisfaction=fmean(scores) if scores else None,
        content=sum(each >= GOOD for each in scores) / len(scores) if scores else None,
        ordered=ordered,
        orders=sum(len(each.orders) for each in part),
        order_amount=sum((amount for each in part for amount in each.orders), Decimal(0)),
        conversion=ordered / known if known else None,
    )


def _at_once(part: Sequence[TalkResult]) -> Concurrency:
    """How many talks one agent had at once: the mean over agents, weighted by how long they were at it."""
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for each in part:
        spans[each.talk.agent_id].append((each.talk.began_at, each.talk.ended_at))
    found = [concurrency_of(own) for own in spans.values()]
    busy = sum(each.busy_seconds for each in found)
    if not busy:
        return Concurrency(0.0, max((each.most for each in found), default=0))
    return Concurrency(
        sum(each.mean * each.busy_seconds for each in found) / busy, max(each.most for each in found), busy
    )


def _hand_offs(session: Session, ids: Iterable[int]) -> dict[int, HandOff]:
    listed = list(ids)
    found: dict[int, HandOff] = {}
    for start in range(0, len(listed), _CHUNK):
        query = select(HandOff).where(column(HandOff.id).in_(listed[start : start + _CHUNK]))
        found |= {each.id: each for each in session.scalars(query)}
    return found


def _scores(session: Session, hand_off_ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(hand_off_ids), _CHUNK):
        query = select(Satisfaction.hand_off_id, Satisfaction.score).where(
            column(Satisfaction.hand_off_id).in_(hand_off_ids[start : start + _CHUNK]),
            column(Satisfaction.score).isnot(None),
        )
        found |= dict(session.execute(query).all())
    return found


def _came_again(session: Session, span: Span, within: timedelta) -> Callable[[HandOff | None], bool]:
    """Tells whether the customer of a hand-off wanted a person again soon after it."""
    query = select(HandOff.id, HandOff.conversation_id, HandOff.customer_id, HandOff.created_at).where(
        column(HandOff.created_at) >= span.start, column(HandOff.created_at) < span.end + within + timedelta(days=2)
    )
    by_who: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for hand_off_id, conversation_id, customer_id, created_at in session.execute(query):
        by_who[f"chat:{conversation_id}"].append((created_at, hand_off_id))
        if customer_id is not None:
            by_who[f"customer:{customer_id}"].append((created_at, hand_off_id))

    def again(hand_off: HandOff | None) -> bool:
        if hand_off is None or hand_off.ended_at is None:
            return False
        since = hand_off.wrap_up_at or hand_off.ended_at
        whose = [f"chat:{hand_off.conversation_id}", f"customer:{hand_off.customer_id}"]
        return any(
            other != hand_off.id and since <= at <= since + within
            for each in whose
            for at, other in by_who.get(each, ())
        )

    return again


def _last_talks(talks: Sequence[TalkFigure]) -> dict[int, int]:
    """The last talk of each hand-off."""
    return {each.hand_off_id: each.assignment_id for each in talks}


def _wrap_up(hand_off: HandOff | None) -> float:
    if hand_off is None or hand_off.wrap_up_at is None or hand_off.ended_at is None:
        return 0.0
    return max(0.0, (hand_off.ended_at - hand_off.wrap_up_at).total_seconds())


def row_form(row: Row) -> dict[str, Any]:
    """A row as the API has it."""
    form = dict(row.__dict__)
    form["day"] = row.day.isoformat() if row.day else None
    form["order_amount"] = f"{row.order_amount:.2f}"
    return form
