"""The figures of the live board, from the tables as they are now; today beside yesterday at the same time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from statistics import fmean
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, agents_of, loads, names_of
from sixty.desk.beside.ratings import Satisfaction
from sixty.desk.beside.satisfaction_rules import GOOD
from sixty.desk.board.alarm_rows import Alarm, standing_alarms
from sixty.desk.board.day import HELPED, DaysOfChats, HandedOver
from sixty.desk.board.supervision_rules import SupervisionRules
from sixty.desk.chat_rows import CHANNELS
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.people_figures.talk_rows import TalkFigure
from sixty.desk.reception import is_reachable
from sixty.desk.tickets.rows import Ticket
from sixty.ledger.models import Message
from sixty.tables import column

DIMENSIONS = ("region", "channel", "skill", "category", "group")
_DAY = timedelta(days=1)
_HALF_HOUR = timedelta(minutes=30)
_BOT_TALKS = timedelta(minutes=5)
_MOST_ROWS = 12
_MOST_ALARMS = 50


@dataclass
class _Cell:
    """What is counted of one region, channel, skill, category or group."""

    waiting: int = 0
    longest_wait: float = 0.0
    in_service: int = 0
    chats: int = 0
    alone: int = 0
    over: int = 0
    resolved: int = 0
    handed_over: int = 0
    first: list[float] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)


class _Came(NamedTuple):
    """What a conversation of the day came to.

    Attributes:
        alone: Whether it neither waited for nor was with a person.
        over: Whether nobody has written for `quiet_for`.
        resolved: Whether it is over, alone, and the bot's last word, courtesies aside, was an answer.
    """

    alone: bool
    over: bool
    resolved: bool


@dataclass(frozen=True)
class _Talk:
    """An answered beginning of a talk: of which hand-off, and how long it took."""

    hand_off_id: int
    conversation_id: str
    seconds: float


def board_figures(
    session: Session, days: DaysOfChats, routing: RoutingRules, rules: SupervisionRules, now: datetime
) -> dict[str, Any]:
    """Everything that the board shows.

    Args:
        session: A session that reads.
        days: Yesterday's and today's conversations; they are read up to now.
        routing: The merchant's rules, with what is changed on the spot.
        rules: The merchant's rules of supervision.
        now: The present moment.

    Returns:
        `now` (what is open), `today` and `yesterday` (up to the same time of day), `course` (by half hours), `by` (the
        same by region, channel …), `agents`, `alarms`. Times are seconds, shares lie between 0 and 1; what nothing can
        be said of is None.
    """
    days.read(session, now)
    today, yesterday = days.today(now), days.today(now) - _DAY
    open_ones = _open_ones(session)
    came = _came(days, today, now, rules, now)
    handed = days.handed_over_until(today, now)
    first_today = _first_replies(session, days.begins(today), now, open_ones)
    scores_today = _scores(session, days.begins(today), now)
    agents = agents_of(session)
    load = loads(session)
    return {
        "at": now.isoformat(),
        "day": today.isoformat(),
        "now": _now(session, days, open_ones, agents, load, routing, now),
        "today": _of_day(
            came.values(),
            handed,
            [each.seconds for each in first_today],
            [score for score, _, _ in scores_today],
            routing,
        ),
        "yesterday": _yesterday(session, days, routing, rules, now),
        "tickets": _tickets(session, days, now),
        "course": {
            "today": _course(days, today, now),
            "yesterday": _course(days, yesterday, days.begins(today) - timedelta(microseconds=1)),
        },
        "by": _by(days, routing, open_ones, came, handed, first_today, scores_today, now),
        "agents": _agents(session, agents, load, routing, days.begins(today), now),
        "alarms": alarm_forms(session, standing_alarms(session)[:_MOST_ALARMS], routing),
    }


def alarm_forms(session: Session, alarms: Sequence[Alarm], routing: RoutingRules) -> list[dict[str, Any]]:
    """Alarms as the API has them."""
    from sixty.desk.staff.accounts import Account

    names = names_of(session, [each.agent_id for each in alarms])
    by = {each.acknowledged_by for each in alarms if each.acknowledged_by is not None}
    people = (
        {each.id: each.name for each in session.scalars(select(Account).where(column(Account.id).in_(list(by))))}
        if by
        else {}
    )
    return [
        {
            "id": each.id,
            "rule": each.rule,
            "what": each.what,
            "title": each.title,
            "state": each.state,
            "chat": each.conversation_id,
            "agent": {"id": each.agent_id, "name": names.get(each.agent_id, each.agent_id)} if each.agent_id else None,
            "group": {"id": each.group_id, "title": routing.group(each.group_id).title} if each.group_id else None,
            "measured": round(each.measured, 2),
            "worst": round(each.worst, 2),
            "threshold": each.threshold,
            "opened_at": each.opened_at.isoformat(),
            "acknowledged_at": each.acknowledged_at.isoformat() if each.acknowledged_at else None,
            "acknowledged_by": people.get(each.acknowledged_by or 0),
            "closed_at": each.closed_at.isoformat() if each.closed_at else None,
        }
        for each in alarms
    ]


def _open_ones(session: Session) -> list[HandOff]:
    query = select(HandOff).where(column(HandOff.state).in_(("queued", "left", "taken")))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _now(
    session: Session,
    days: DaysOfChats,
    open_ones: Sequence[HandOff],
    agents: Sequence[Agent],
    load: dict[str, int],
    routing: RoutingRules,
    now: datetime,
) -> dict[str, Any]:
    waiting = [each for each in open_ones if each.state == "queued"]
    taken = [each for each in open_ones if each.state == "taken"]
    with_person = {each.conversation_id for each in taken}
    there = [each for each in agents if is_reachable(each, routing, now)]
    lately = [
        chat
        for chat, each in days.days.get(days.today(now), {}).items()
        if now - each.last_at < _BOT_TALKS and chat not in with_person
    ]
    presences = Counter(each.presence for each in there)
    slots = sum(each.capacity for each in there if each.presence in ("online", "busy"))
    return {
        "waiting": len(waiting),
        "longest_wait": max(((now - each.queued_at).total_seconds() for each in waiting), default=0.0),
        "left": sum(each.state == "left" for each in open_ones),
        "in_service": sum(each.wrap_up_at is None for each in taken),
        "wrapping_up": sum(each.wrap_up_at is not None for each in taken),
        "with_bot": len(lately),
        "online": presences["online"],
        "busy": presences["busy"],
        "away": presences["away"],
        "offline": len(agents) - len(there),
        "slots": slots,
        "load": sum(load.get(each.id, 0) for each in there),
    }


def _came(days: DaysOfChats, day: date, until: datetime, rules: SupervisionRules, now: datetime) -> dict[str, _Came]:
    """What the conversations of a day that had begun by a moment have come to."""
    with_people = days.with_people_until(day, until)
    found = {}
    for chat, each in days.chats_until(day, until).items():
        alone, over = chat not in with_people, now - each.last_at >= rules.quiet_for
        found[chat] = _Came(alone, over, alone and over and not each.pending and each.outcome == HELPED)
    return found


def _of_day(
    came: Collection[_Came],
    handed: Sequence[HandedOver],
    first: Sequence[float],
    scores: Sequence[int],
    routing: RoutingRules,
) -> dict[str, Any]:
    """The figures of a day up to a moment."""
    promise = routing.first_reply.total_seconds()
    return {
        "chats": len(came),
        "handed_over": len(handed),
        "bot_share": _share(sum(each.alone for each in came), len(came)),
        "resolution": _share(sum(each.resolved for each in came), sum(each.over for each in came)),
        "first_response": fmean(first) if first else None,
        "in_time": _share(sum(each <= promise for each in first), len(first)),
        "satisfaction": fmean(scores) if scores else None,
        "content": _share(sum(each >= GOOD for each in scores), len(scores)),
        "ratings": len(scores),
    }


def _yesterday(
    session: Session, days: DaysOfChats, routing: RoutingRules, rules: SupervisionRules, now: datetime
) -> dict[str, Any]:
    then = now - _DAY
    day = days.today(then)
    began = days.begins(day)
    first = session.scalars(
        select(TalkFigure.first_reply).where(
            column(TalkFigure.began_at) >= began,
            column(TalkFigure.began_at) <= then,
            column(TalkFigure.first_reply).isnot(None),
        )
    )
    scores = [score for score, _, _ in _scores(session, began, then)]
    came = _came(days, day, then, rules, now).values()
    return _of_day(came, days.handed_over_until(day, then), list(first), scores, routing)


def _first_replies(session: Session, since: datetime, now: datetime, open_ones: Sequence[HandOff]) -> list[_Talk]:
    """How long the first line took, of the talks that began since a moment, over or not."""
    query = select(TalkFigure.hand_off_id, TalkFigure.conversation_id, TalkFigure.first_reply).where(
        column(TalkFigure.began_at) >= since,
        column(TalkFigure.began_at) <= now,
        column(TalkFigure.first_reply).isnot(None),
    )
    found = [_Talk(*row) for row in session.execute(query)]
    began = {
        each.conversation_id: each
        for each in open_ones
        if each.state == "taken" and each.wrap_up_at is None and each.assigned_at and each.assigned_at >= since
    }
    if began:
        said = session.execute(
            select(Message.conversation_id, func.min(Message.at))
            .join(HandOff, column(HandOff.conversation_id) == column(Message.conversation_id))
            .where(
                column(HandOff.state) == "taken",
                column(HandOff.wrap_up_at).is_(None),
                column(Message.author) == "agent",
                column(Message.at) >= column(HandOff.assigned_at),
            )
            .group_by(Message.conversation_id)
        )
        for chat, at in said:
            hand_off = began.get(chat)
            if hand_off is not None and hand_off.assigned_at is not None:
                found.append(_Talk(hand_off.id, chat, (at - hand_off.assigned_at).total_seconds()))
    return found


def _scores(session: Session, since: datetime, until: datetime) -> list[tuple[int, int | None, str]]:
    query = select(Satisfaction.score, Satisfaction.hand_off_id, Satisfaction.conversation_id).where(
        column(Satisfaction.rated_at) >= since,
        column(Satisfaction.rated_at) <= until,
        column(Satisfaction.by) == "agent",
        column(Satisfaction.score).isnot(None),
    )
    return [(score, hand_off_id, chat) for score, hand_off_id, chat in session.execute(query)]


def _tickets(session: Session, days: DaysOfChats, now: datetime) -> dict[str, int]:
    """Open tickets: all, those that are due by midnight, those that are overdue."""
    is_open = column(Ticket.closed_at).is_(None)
    midnight = days.begins(days.today(now) + _DAY)
    due = column(Ticket.due_at)
    return {
        "open": int(session.scalar(select(func.count()).where(is_open)) or 0),
        "due_today": int(session.scalar(select(func.count()).where(is_open, due >= now, due < midnight)) or 0),
        "overdue": int(session.scalar(select(func.count()).where(is_open, due < now)) or 0),
    }


def _course(days: DaysOfChats, day: Any, until: datetime) -> list[list[int]]:
    """How many conversations began, and how many hand-offs were made, in each half hour up to a moment."""
    begins = days.begins(day)
    halves = int(min(until - begins, _DAY - timedelta(microseconds=1)) / _HALF_HOUR) + 1
    counts = [[0, 0] for _ in range(max(0, halves))]
    moments = [(each.first_at, 0) for each in days.chats_until(day, until).values()]
    moments += [(each.created_at, 1) for each in days.handed_over_until(day, until)]
    for at, which in moments:
        place = int((at - begins) / _HALF_HOUR)
        if 0 <= place < len(counts):
            counts[place][which] += 1
    return counts


def _by(
    days: DaysOfChats,
    routing: RoutingRules,
    open_ones: Sequence[HandOff],
    came: Mapping[str, _Came],
    handed: Sequence[HandedOver],
    first: Sequence[_Talk],
    scores: Sequence[tuple[int, int | None, str]],
    now: datetime,
) -> dict[str, list[dict[str, Any]]]:
    """Conversations count by where they were opened and what for; skill and group come with the call for a person."""
    cells = _Cells(days, open_ones)
    for chat, each in came.items():
        cells.count(chat, None, partial(_one_chat, each))
    for one in handed:
        cells.count(one.conversation_id, one.id, _one_call)
    for hand_off in open_ones:
        cells.count(hand_off.conversation_id, hand_off.id, partial(_one_open, hand_off, now))
    for talk in first:
        cells.count(talk.conversation_id, talk.hand_off_id, partial(_one_first, talk.seconds))
    for score, hand_off_id, chat in scores:
        cells.count(chat, hand_off_id, partial(_one_score, score))
    return {
        dimension: [_cell_form(key, _title(dimension, key, routing), cell) for key, cell in cells.most(dimension)]
        for dimension in DIMENSIONS
    }


def _one_chat(came: _Came, cell: _Cell) -> None:
    cell.chats += 1
    cell.alone += came.alone
    cell.over += came.over
    cell.resolved += came.resolved


def _one_call(cell: _Cell) -> None:
    cell.handed_over += 1


def _one_open(hand_off: HandOff, now: datetime, cell: _Cell) -> None:
    if hand_off.state == "queued":
        cell.waiting += 1
        cell.longest_wait = max(cell.longest_wait, (now - hand_off.queued_at).total_seconds())
    elif hand_off.state == "taken" and hand_off.wrap_up_at is None:
        cell.in_service += 1


def _one_first(seconds: float, cell: _Cell) -> None:
    cell.first.append(seconds)


def _one_score(score: int, cell: _Cell) -> None:
    cell.scores.append(score)


class _Cells:
    """What is counted of each region, channel, skill, category and group."""

    def __init__(self, days: DaysOfChats, open_ones: Sequence[HandOff]) -> None:
        self._keys = _keys(days, open_ones)
        self._cells: dict[str, dict[str, _Cell]] = {each: defaultdict(_Cell) for each in DIMENSIONS}

    def count(self, chat: str, hand_off_id: int | None, into: Callable[[_Cell], None]) -> None:
        for dimension, key in self._keys(chat, hand_off_id):
            into(self._cells[dimension][key])

    def most(self, dimension: str) -> list[tuple[str, _Cell]]:
        """Where most waits, then where most is called for, then where most is."""
        ordered = sorted(
            self._cells[dimension].items(),
            key=lambda item: (-item[1].waiting, -item[1].handed_over, -item[1].chats, item[0]),
        )
        return ordered[:_MOST_ROWS]


def _keys(days: DaysOfChats, open_ones: Sequence[HandOff]) -> Callable[[str, int | None], list[tuple[str, str]]]:
    """What a conversation, or one hand-off of it, is counted by."""
    now_with = {each.id: (each.group_id, each.skill, each.region, each.channel) for each in open_ones}

    def keys(chat: str, hand_off_id: int | None) -> list[tuple[str, str]]:
        about = days.about.get(chat)
        region = about.region if about else None
        channel = about.channel if about else ""
        category = about.category if about else None
        found = []
        if hand_off_id is not None:
            group: str | None
            skill: str | None
            if hand_off_id in now_with:
                group, skill, own_region, own_channel = now_with[hand_off_id]
                region, channel = region or own_region, channel or own_channel
            else:
                known = days.handed_over.get(hand_off_id)
                group, skill = (known.group_id, known.skill) if known else (None, None)
            if skill:
                found.append(("skill", skill))
            if group:
                found.append(("group", group))
        if region:
            found.append(("region", region))
        if channel:
            found.append(("channel", channel))
        if category:
            found.append(("category", category))
        return found

    return keys


def _cell_form(key: str, title: str, cell: _Cell) -> dict[str, Any]:
    return {
        "key": key,
        "title": title,
        "waiting": cell.waiting,
        "longest_wait": cell.longest_wait,
        "in_service": cell.in_service,
        "chats": cell.chats,
        "handed_over": cell.handed_over,
        "bot_share": _share(cell.alone, cell.chats),
        "resolution": _share(cell.resolved, cell.over),
        "first_response": fmean(cell.first) if cell.first else None,
        "satisfaction": fmean(cell.scores) if cell.scores else None,
    }


def _title(dimension: str, key: str, routing: RoutingRules) -> str:
    if dimension == "channel":
        return CHANNELS.get(key, key)
    return routing.group(key).title if dimension == "group" and routing.knows(key) else key


def _agents(
    session: Session,
    agents: Sequence[Agent],
    load: dict[str, int],
    routing: RoutingRules,
    since: datetime,
    now: datetime,
) -> list[dict[str, Any]]:
    """Everybody who works here: whether they are there, what they hold, what they have done today."""
    done = {
        agent_id: (int(count), mean)
        for agent_id, count, mean in session.execute(
            select(TalkFigure.agent_id, func.count(), func.avg(TalkFigure.first_reply))
            .where(column(TalkFigure.began_at) >= since, column(TalkFigure.began_at) <= now)
            .group_by(TalkFigure.agent_id)
        )
    }
    scores = dict(
        session.execute(
            select(Satisfaction.agent_id, func.avg(Satisfaction.score))
            .where(column(Satisfaction.rated_at) >= since, column(Satisfaction.by) == "agent")
            .group_by(Satisfaction.agent_id)
        ).all()
    )
    return [
        {
            "id": each.id,
            "name": each.name,
            "groups": list(each.groups),
            "skills": list(each.skills),
            "presence": each.presence if is_reachable(each, routing, now) else "offline",
            "presence_since": each.presence_since.isoformat(),
            "load": load.get(each.id, 0),
            "capacity": each.capacity,
            "talks": done.get(each.id, (0, None))[0],
            "first_response": _float(done.get(each.id, (0, None))[1]),
            "satisfaction": _float(scores.get(each.id)),
        }
        for each in agents
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
