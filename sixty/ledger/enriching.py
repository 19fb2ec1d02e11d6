"""Adds to the ledger what was understood of a message and what was done about it.

Events may come twice, late, out of order and by several ways. What they say of a message is therefore always worked out
anew from the events that are kept, in the order in which they happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, literal_column, select, update
from sqlalchemy.orm import Session

from sixty.ledger.happenings import Happening, read_happening
from sixty.ledger.models import LedgerEvent, Message
from sixty.ledger.prepared import Prepared

# Prepared, because this runs beside the turns of a busy bot.
_EVENTS: Any = LedgerEvent.__table__
_MESSAGES: Any = Message.__table__
_OWN = _EVENTS.c.conversation_id == bindparam("conversation")
_FIRST = Prepared(
    select(_MESSAGES.c.id)
    .where(_MESSAGES.c.conversation_id == bindparam("conversation"))
    .order_by(_MESSAGES.c.id)
    .limit(literal_column("1"))
    .with_for_update(key_share=True)
)
_LATEST = select(func.max(_EVENTS.c.at)).where(_OWN)
_RECORDED = select(_EVENTS.c.key).where(_EVENTS.c.key.in_(bindparam("keys", expanding=True)))
_KNOWN = Prepared(
    select(_MESSAGES.c.id).where(
        _MESSAGES.c.id == bindparam("message"),
        _MESSAGES.c.conversation_id == bindparam("conversation"),
        _MESSAGES.c.author == literal_column("'customer'"),
    )
)
_INSERT = Prepared(insert(_EVENTS), columns=("key", "conversation_id", "message_id", "kind", "data", "at"))
_MESSAGE_BEFORE = select(func.max(_EVENTS.c.at)).where(
    _OWN, _EVENTS.c.kind == "user", _EVENTS.c.at < bindparam("moment")
)
_FROM = (
    select(_EVENTS.c.id, _EVENTS.c.kind, _EVENTS.c.message_id, _EVENTS.c.data)
    .where(_OWN, _EVENTS.c.at >= bindparam("moment"))
    .order_by(_EVENTS.c.at, _EVENTS.c.id)
)
_BELONGS = update(_EVENTS).where(_EVENTS.c.id == bindparam("event")).values(message_id=bindparam("message"))
_TELL = Prepared(
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("message"))
    .values(understood=bindparam("meaning"), actions=bindparam("names"))
)


def enrich_all(session: Session, events: Iterable[Mapping[str, Any]]) -> list[Happening]:
    """Adds events, of any conversations and in any order.

    What is no event of a conversation in the ledger is left out: the ledger is written by the front door, and what has
    been erased doesn't come back.

    Args:
        session: A session that may write.
        events: As Rasa's brokers publish them; a customer's message carries the id that the front door gave it.

    Returns:
        Those that are new.
    """
    by_conversation: dict[str, list[Happening]] = defaultdict(list)
    for event in events:
        happening = read_happening(event)
        if happening is not None:
            by_conversation[happening.conversation_id].append(happening)
    # In order of their ids, so that two writers never wait for each other.
    return [new for name in sorted(by_conversation) for new in _add(session, name, by_conversation[name])]


def _add(session: Session, conversation_id: str, happenings: Sequence[Happening]) -> list[Happening]:
    if not _lock(session, conversation_id):
        return []
    given = sorted({each.key: each for each in happenings}.values(), key=lambda each: each.at)
    latest = session.scalar(_LATEST, {"conversation": conversation_id})
    new = given
    if latest is not None and given[0].at <= latest:
        recorded = set(session.scalars(_RECORDED, {"keys": [each.key for each in given]}))
        new = [each for each in given if each.key not in recorded]
        if not new:
            return []
    ids = {each.message_id for each in new if each.message_id is not None}
    known = {each for each in ids if _is_known(session, conversation_id, each)}
    if new[0].kind == "user" and (latest is None or latest < new[0].at):
        # As nearly always: a turn, and nothing behind it yet. It tells all that is to be told.
        told = _Told(known)
        _INSERT.run_all(session, [_row(each, told.of(each.kind, each.message_id, each.data)) for each in new])
        told.write(session)
        return new
    own = {each.key: each.message_id if each.message_id in known else None for each in new}
    _INSERT.run_all(session, [_row(each, own[each.key]) for each in new])
    _tell_again(session, conversation_id, known, new[0].at)
    return new


def _lock(session: Session, conversation_id: str) -> bool:
    """Lets one writer at a time add to a conversation: two would each leave out what the other adds.

    Returns:
        Whether the ledger knows the conversation.
    """
    return _FIRST.run(session, {"conversation": conversation_id}).row is not None


def _is_known(session: Session, conversation_id: str, message_id: int) -> bool:
    """Whether the ledger has that message of a customer."""
    return _KNOWN.run(session, {"conversation": conversation_id, "message": message_id}).row is not None


def _row(happening: Happening, message_id: int | None) -> dict[str, Any]:
    return {
        "key": happening.key,
        "conversation_id": happening.conversation_id,
        "message_id": message_id,
        "kind": happening.kind,
        "data": happening.data,
        "at": happening.at,
    }


class _Told:
    """What a run of events, in their order, says of the messages in it."""

    def __init__(self, known: set[int]) -> None:
        self._known = known
        self._message_id: int | None = None
        self._understood: dict[int, Any] = {}
        self._actions: dict[int, list[str]] = {}

    def of(self, kind: str, message_id: int | None, data: Mapping[str, Any]) -> int | None:
        """The message that the next event belongs to: what follows a message, up to the next one, is its own."""
        if kind == "user":
            self._message_id = message_id if message_id in self._known else None
            if self._message_id is not None:
                before = self._understood.get(self._message_id)
                self._understood[self._message_id] = data.get("understood") or before
                self._actions.setdefault(self._message_id, [])
        elif kind == "action" and self._message_id is not None:
            self._actions[self._message_id].append(str(data.get("name", "")))
        return self._message_id

    def write(self, session: Session) -> None:
        """Says it of the messages."""
        for message_id, names in self._actions.items():
            values = {"message": message_id, "meaning": self._understood[message_id], "names": names}
            _TELL.run(session, values)


def _tell_again(session: Session, conversation_id: str, known: set[int], since: datetime) -> None:
    """Works out anew what belongs to each message from the one before that moment on."""
    # Strictly before: if a message itself is new, the one before it may have been told what belongs to this one.
    begin = session.scalar(_MESSAGE_BEFORE, {"conversation": conversation_id, "moment": since})
    rows = session.execute(_FROM, {"conversation": conversation_id, "moment": begin or since}).all()
    told = _Told(known | {row.message_id for row in rows if row.kind == "user"} - {None})
    for row in rows:
        message_id = told.of(row.kind, row.message_id, row.data)
        if message_id != row.message_id:
            session.execute(_BELONGS, {"event": row.id, "message": message_id})
    told.write(session)
