"""Ends what the bot would still say: somebody does not want it any more, is angry, or refuses messages (F28).

What a customer's line means is read from the ledger at each decision, so nothing depends on who has heard it. What is
told here besides – by staff, by an unsubscribed SMS, by the dialogue – is kept as a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import String, cast, or_, select, update
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.ledger.models import Message
from sixty.ledger.unsaid import UNSAID
from sixty.outreach.crediting import credit_refusal
from sixty.outreach.going_on import set_apart, what_broke
from sixty.outreach.models import OutreachCase, OutreachCursor, OutreachRung, OutreachStop, Way
from sixty.outreach.nameless import nameless
from sixty.outreach.planning import LOOK_FAR_BACK_EVERY, insert_new
from sixty.outreach.scenes import Book
from sixty.tables import column

READ_BACK = timedelta(days=7)
"""How far back customers' lines are read."""

NOT_SAID = tuple(sorted({*UNSAID, "opened"}))
"""Kinds of a customer's messages in which nobody says anything."""

_LINES = frozenset({"angry", "abandoned"})
_ENDS_ALL = "stop_reminders"
_ABANDONS = "abandon_purchase"
# One of these words stands in what was understood of every line that ends something.
_ENDINGS = (_ENDS_ALL, _ABANDONS, "abandoning", "angry")
# In the table of cursors, beside the scenes.
_HEARING = "*lines"
# A line may be understood a little after it was said.
_HEARD_LATE = timedelta(minutes=15)
# And a good while after it, when the bot was away.
_UNDERSTOOD_LATE = timedelta(days=1)
_log = structlog.get_logger(__name__)
_M: Any = Message.__table__.c
_S: Any = OutreachStop.__table__.c
_C: Any = OutreachCase.__table__.c
_G: Any = OutreachRung.__table__.c
_N: Any = Conversation.__table__.c


@dataclass(frozen=True)
class Heard:
    """A line of a customer that ends something.

    Attributes:
        why: `asked`, `abandoned` or `angry`.
    """

    at: datetime
    why: str


@dataclass(frozen=True)
class Lines:
    """What a customer has said lately.

    Attributes:
        last_at: Their last line; None when there is none.
        not_understood: Whether one of them still waits for being understood.
        heard: What ends something.
    """

    last_at: datetime | None = None
    not_understood: bool = False
    heard: tuple[Heard, ...] = ()


def heard_in(understood: Mapping[str, Any] | None) -> str | None:
    """What a line ends, by what was understood of it; None where nothing."""
    meaning = understood or {}
    intent = meaning.get("intent")
    name = str(intent.get("name") if isinstance(intent, Mapping) else intent or "")
    if name == _ENDS_ALL:
        return "asked"
    moods = {str(each.get("value")) for each in meaning.get("entities") or () if each.get("entity") == "mood"}
    if "angry" in moods:
        return "angry"
    return "abandoned" if name == _ABANDONS or "abandoning" in moods else None


def lines_of(session: Session, conversations: Mapping[str, Collection[str]], now: datetime) -> dict[str, Lines]:
    """What customers have said in the last days.

    Args:
        session: Any session.
        conversations: By customer, all conversations of theirs.
        now: The present moment.
    """
    # One chat may be a visitor's cases and those of the customer whom they turned out to be.
    heard_by: dict[str, list[str]] = {}
    for who, names in conversations.items():
        for each in names:
            heard_by.setdefault(each, []).append(who)
    if not heard_by:
        return {}
    query = (
        select(_M.conversation_id, _M.at, _M.understood, _M.state)
        .where(
            _M.conversation_id.in_(list(heard_by)),
            _M.author == "customer",
            _M.kind.not_in(NOT_SAID),
            _M.at >= now - READ_BACK,
            _M.at <= now,
        )
        .order_by(_M.id)
    )
    found: dict[str, tuple[datetime, bool, list[Heard]]] = {}
    for row in session.execute(query):
        why = heard_in(row.understood)
        open_ = row.state in ("received", "handling")
        for who in heard_by[row.conversation_id]:
            last, waits, heard = found.get(who, (row.at, False, []))
            if why is not None:
                heard.append(Heard(row.at, why))
            found[who] = (max(last, row.at), waits or open_, heard)
    return {who: Lines(last, waits, tuple(heard)) for who, (last, waits, heard) in found.items()}


def ended_by(
    lines: Lines, book: Book, selling: bool, moment: datetime, now: datetime, *, wished: bool = False
) -> str | None:
    """Why a case ends because of what its customer has said; None when it does not.

    A line ends every case that began before it, and keeps what sells away for a while. Who wants no messages gets none
    but those that they wish for after that.

    Args:
        lines: What they have said.
        book: The scenes, for how long somebody is left alone.
        selling: Whether the scene sells.
        moment: When the case began.
        now: The present moment.
        wished: Whether the customer has asked to be told.
    """
    rests = {"angry": book.angry_rest, "abandoned": book.abandoned_rest}
    for each in reversed(lines.heard):
        if moment <= each.at or (each.why == "asked" and not wished):
            return each.why
        if selling and now < each.at + rests[each.why]:
            return each.why
    return None


@dataclass(frozen=True)
class Names:
    """Under which names the people of some cases may be known: a visitor may have signed in since, or before.

    Attributes:
        rooms: The conversations of a customer.
        owners: The customer of a conversation.
    """

    rooms: Mapping[str, Collection[str]] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def customer_of(self, case: Any) -> str | None:
        """Whose a case is by now; None of a visitor whom we don't know."""
        return case.customer_id or self.owners.get(case.conversation_id or "")

    def subjects(self, case: Any) -> set[tuple[str, str]]:
        """What a stop against a case may be about."""
        customer = self.customer_of(case)
        rooms = {*self.rooms.get(customer or "", ()), case.conversation_id}
        found = {("customer", customer), ("order", case.order_no), *(("conversation", room) for room in rooms)}
        if customer:
            found.add(("customer", nameless(customer)))
        if case.product_no:
            found |= {("product", f"{who}:{case.product_no}") for who in (case.who, customer, *rooms) if who}
        return {(kind, name) for kind, name in found if name}


def names_of(session: Session, cases: Collection[Any]) -> Names:
    """The names of the people of some cases."""
    rooms = {each.conversation_id for each in cases if each.conversation_id}
    owned = select(_N.id, _N.customer_id).where(_N.id.in_(rooms), _N.customer_id.is_not(None))
    owners = {row.id: row.customer_id for row in session.execute(owned)} if rooms else {}
    customers = {*owners.values(), *(each.customer_id for each in cases if each.customer_id)}
    found: dict[str, list[str]] = {}
    if customers:
        for row in session.execute(select(_N.id, _N.customer_id).where(_N.customer_id.in_(customers))):
            found.setdefault(row.customer_id, []).append(row.id)
    return Names(found, owners)


@dataclass(frozen=True)
class Stops:
    """The rows that count for some cases."""

    rows: tuple[Any, ...] = ()
    names: Names = field(default_factory=Names)

    def against(
        self, case: Any, scene_id: str, selling: bool, way: Way, now: datetime, began: datetime | None = None
    ) -> tuple[str, bool] | None:
        """The stop that a step falls under: why, and whether it is about this way only; None for none.

        Args:
            case: The step's case.
            scene_id: Its scene.
            selling: Whether the scene sells.
            way: The step's way.
            now: The present moment.
            began: When what the case is about began, where that is not its moment.
        """
        began = began or case.moment
        subjects = self.names.subjects(case)
        for row in self.rows:
            if (row.kind, row.subject) not in subjects:
                continue
            if row.until is not None and row.why in _LINES and began <= row.at:
                # What began before such a line has ended with it, however long ago that is.
                return row.why, False
            if row.until is not None and now >= row.until:
                continue
            if case.subject_kind == "wish" and row.why == "asked" and began > row.at:
                # Whoever has refused messages and then asks to be told of one thing is told of that one.
                continue
            if row.scenes not in ("*", scene_id) and not (row.scenes == "selling" and selling):
                continue
            if row.way in ("*", way):
                return row.why, row.way != "*"
        return None


def stops_for(session: Session, cases: Collection[Any]) -> Stops:
    """The stops that may be about any of some cases."""
    wanted: dict[str, set[str]] = {}
    names = names_of(session, cases)
    for case in cases:
        for kind, name in names.subjects(case):
            wanted.setdefault(kind, set()).add(name)
    if not wanted:
        return Stops()
    about = [(_S.kind == kind) & _S.subject.in_(sorted(names)) for kind, names in wanted.items()]
    rows = session.execute(select(OutreachStop.__table__).where(or_(*about))).all()
    # One that is about every way says more than one that is about some.
    return Stops(tuple(sorted(rows, key=lambda row: row.way != "*")), names)


def stop(
    session: Session,
    kind: str,
    subject: str,
    why: str,
    now: datetime,
    *,
    scenes: str = "*",
    way: str = "*",
    by: str = "customer",
    until: datetime | None = None,
) -> None:
    """Writes down that somebody is left alone; see `OutreachStop`."""
    values = {
        "kind": kind,
        "subject": subject,
        "scenes": scenes,
        "way": way,
        "why": why,
        "by": by,
        "at": now,
        "until": until,
    }
    insert_new(session, OutreachStop.__table__, [values], ("kind", "subject", "scenes", "way"))
    there = (_S.kind == kind) & (_S.subject == subject) & (_S.scenes == scenes) & (_S.way == way)
    # What was for a while may now be for longer; what is for ever stays so.
    longer = _S.until.is_not(None) if until is None else (_S.until < until)
    newer = (_S.until.is_not(None)) & (_S.at < now)
    session.execute(update(OutreachStop.__table__).where(there, longer).values(until=until, why=why, by=by))
    session.execute(update(OutreachStop.__table__).where(there, newer).values(at=now))


def hear(session: Session, book: Book, now: datetime) -> int:
    """Writes down what customers have said that ends something, so that it counts for good, and ends it at once.

    Decisions read the ledger themselves, so nothing is said meanwhile.

    Args:
        session: A session that may write.
        book: The scenes, for how long somebody is left alone.
        now: The present moment.

    Returns:
        How many lines ended something.
    """
    since = read_on(session, _HEARING, READ_BACK, now, _UNDERSTOOD_LATE)
    query = (
        select(_M.id, _M.conversation_id, _M.at, _M.understood, Conversation.customer_id)
        .join(Conversation, column(Conversation.id) == _M.conversation_id)
        .where(
            _M.at > since,
            _M.at <= now,
            _M.author == "customer",
            # Few lines end something: the others stay where they are, however many a day has brought.
            or_(*(cast(_M.understood, String).contains(each) for each in _ENDINGS)),
            _M.kind.not_in(NOT_SAID),
        )
        .order_by(_M.id)
    )
    heard = 0
    for row in session.execute(query).all():
        heard += _hear_one(session, book, row, now)
    return heard


def _hear_one(session: Session, book: Book, line: Any, now: datetime) -> bool:
    """Whether a line ends something; one that cannot be read keeps nobody from hearing the others."""
    try:
        why = heard_in(line.understood)
    except Exception as error:
        _log.warning("outreach.line_broken", message=line.id, **what_broke(error))
        return False
    if why is None:
        return False
    with set_apart(session, "outreach.line_broken", message=line.id) as heard:
        _end_by_line(session, book, line, why, now)
    return not heard.broken


def read_on(session: Session, reader: str, far: timedelta, now: datetime, again: timedelta = timedelta(0)) -> datetime:
    """From when on somebody reads lines: from a little before where they ended, however long ago that is.

    Args:
        session: A session that may write: it also says that they have read up to now.
        reader: Their name in the table of cursors.
        far: How far they look back the first time.
        now: The present moment.
        again: How far they look back once an hour.
    """
    cursor: OutreachCursor | None = session.get(OutreachCursor, reader, populate_existing=True)
    if cursor is None:
        values = [{"scene": reader, "until": now, "seen_at": now}]
        insert_new(session, OutreachCursor.__table__, values, ("scene",))
        return now - far
    since = cursor.until - _HEARD_LATE
    if now - cursor.until >= _HEARD_LATE / 3:
        cursor.until = now
    if now - cursor.seen_at >= LOOK_FAR_BACK_EVERY:
        cursor.seen_at = now
        since = min(since, now - again)
    return since


def _end_by_line(session: Session, book: Book, line: Any, why: str, now: datetime) -> None:
    kind, who = ("customer", line.customer_id) if line.customer_id else ("conversation", line.conversation_id)
    theirs = whose(line.customer_id, line.conversation_id)
    if why == "asked":
        stop(session, kind, who, why, line.at)
        _end(session, theirs, why, now)
        credit_refusal(session, theirs, line.at)
        return
    rest = book.angry_rest if why == "angry" else book.abandoned_rest
    stop(session, kind, who, why, line.at, scenes="selling", until=line.at + rest)
    _end(session, theirs & (_C.moment <= line.at), why, now)


def stop_customer(
    session: Session,
    now: datetime,
    *,
    customer_id: str | None = None,
    conversation_id: str | None = None,
    why: str = "asked",
    by: str = "customer",
) -> int:
    """Nothing more for a customer, in any scene, on any way.

    Args:
        session: A session that may write.
        now: The present moment.
        customer_id: Who; where nobody knows, `conversation_id` counts.
        conversation_id: Where they said so.
        why: `asked`, or `staff`.
        by: Who says so.

    Returns:
        How many open cases have ended.
    """
    if customer_id is None and conversation_id is not None:
        customer_id = session.scalar(select(Conversation.customer_id).where(column(Conversation.id) == conversation_id))
    if customer_id is not None:
        stop(session, "customer", customer_id, why, now, by=by)
    elif conversation_id is not None:
        stop(session, "conversation", conversation_id, why, now, by=by)
    else:
        return 0
    theirs = whose(customer_id, conversation_id)
    ended = _end(session, theirs, why, now)
    if why == "asked":
        credit_refusal(session, theirs, now)
    return ended


def stop_case(
    session: Session,
    now: datetime,
    *,
    order_no: str | None = None,
    product_no: str | None = None,
    customer_id: str | None = None,
    conversation_id: str | None = None,
    why: str = "abandoned",
    by: str = "customer",
) -> int:
    """Nothing more about an order or a product; arguments as of `stop_customer`.

    Returns:
        How many open cases have ended.
    """
    ended = 0
    if order_no is not None:
        stop(session, "order", order_no, why, now, by=by)
        ended += _end(session, _C.order_no == order_no, why, now)
    who = customer_id or conversation_id
    if product_no is not None and who is not None:
        stop(session, "product", f"{who}:{product_no}", why, now, by=by)
        ended += _end(session, whose(customer_id, conversation_id) & (_C.product_no == product_no), why, now)
    return ended


def whose(customer_id: str | None, conversation_id: str | None) -> Any:
    """The condition that a case is somebody's, also one from before they signed in.

    The name of a visitor's conversation may stand for a customer: it is nobody else's.
    """
    if customer_id is None:
        return _C.who == conversation_id
    rooms = select(_N.id).where(_N.customer_id == customer_id)
    return or_(_C.who == customer_id, _C.customer_id.is_(None) & _C.conversation_id.in_(rooms))


def _end(session: Session, about: Any, why: str, now: datetime) -> int:
    # Who decides on a step holds first the step, then its case; the other way round two would wait for each other.
    steps = select(_G.id).join(OutreachCase.__table__, _C.id == _G.case_id).where(about, _C.state == "open")
    session.execute(steps.order_by(_G.id).with_for_update(of=OutreachRung.__table__)).all()
    numbers = list(session.scalars(select(_C.id).where(about, _C.state == "open").order_by(_C.id).with_for_update()))
    if numbers:
        end_cases(session, numbers, why, now)
    return len(numbers)


def end_cases(session: Session, numbers: Collection[int], why: str, now: datetime) -> None:
    """Ends cases: what of them was planned is skipped for that reason; what lies in the outbox is, when it is due."""
    cases, rungs = OutreachCase.__table__, OutreachRung.__table__
    session.execute(
        update(cases)
        .where(cases.c.id.in_(list(numbers)), cases.c.state == "open")
        .values(state="ended", ended_at=now, ended_because=why)
    )
    session.execute(
        update(rungs)
        .where(rungs.c.case_id.in_(list(numbers)), rungs.c.state == "planned")
        .values(state="skipped", reason=why, decided_at=now)
    )
