"""Looks at every closed chat, once, whichever desk does it and whenever one dies.

What a chat looks like and what is wrong in it is worked out while reading; then one short transaction writes it under
the chat's key, which only one writer gets. A desk that dies in between has written nothing, and the next one does it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import String, and_, cast, exists, func, literal, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from sixty.desk.assignments import Assignment
from sixty.desk.conversations import Conversation
from sixty.desk.handoff_rows import HandOff
from sixty.desk.inspection.chat import Chat
from sixty.desk.inspection.checking import BEST, Checked, check, score_of
from sixty.desk.inspection.rows import Finding, Inspection
from sixty.desk.inspection.rules import InspectionRules
from sixty.desk.inspection.stretch_reading import Reading, bots_chat, persons_chat, promised_in
from sixty.ledger.rows import add_new
from sixty.tables import column

_PERSONS = "person:"
_BOTS = "bot:"
_AT_A_TIME = 40
# A desk that was away for longer leaves those days uninspected, rather than do nothing else for hours.
LOOK_BACK = timedelta(days=3)

OpenSession = Callable[..., AbstractContextManager[Session]]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Looked:
    """A chat, and what came of it."""

    key: str
    hand_off_id: int | None
    chat: Chat
    checked: Checked | None


@dataclass
class Inspector:
    """Looks at closed chats.

    Attributes:
        open_session: Opens database sessions; `read_only=True` promises not to write.
        reading: What is needed beside the chats.
        look_back: How long ago a chat may have ended.
    """

    open_session: OpenSession
    reading: Reading
    look_back: timedelta = field(default=LOOK_BACK)

    def look(self, now: datetime, most: int = _AT_A_TIME) -> int:
        """Looks at chats that nobody has looked at yet, and again at those whose promises have run out.

        Args:
            now: The present moment.
            most: How many of each kind at most.

        Returns:
            How many it has looked at; 0 when there is nothing left to do.
        """
        return self._persons(now, most) + self._bots(now, most) + self._again(now, most)

    def _persons(self, now: datetime, most: int) -> int:
        with self.open_session(read_only=True) as session:
            query = (
                select(Assignment, HandOff)
                .join(HandOff, column(HandOff.id) == column(Assignment.hand_off_id))
                .where(
                    column(HandOff.state) == "closed",
                    column(HandOff.ended_at) <= now - self.reading.rules.settle,
                    column(HandOff.ended_at) > now - self.look_back,
                    ~_looked_at(literal(_PERSONS) + cast(column(Assignment.id), String)),
                )
                .order_by(Assignment.id)
                .limit(most)
            )
            looked = [
                self._looked_at_person(session, assignment, hand_off, now)
                for assignment, hand_off in session.execute(query).all()
            ]
        return self._keep(looked, now)

    def _bots(self, now: datetime, most: int) -> int:
        rules = self.reading.rules
        if rules.bot.look == "no" or not rules.for_whom("bot"):
            return 0
        with self.open_session(read_only=True) as session:
            query = (
                select(Conversation)
                .where(
                    column(Conversation.state).in_(("bot", "closed")),
                    column(Conversation.last_at) <= now - rules.bot.quiet,
                    column(Conversation.last_at) > now - self.look_back,
                    ~exists().where(
                        and_(
                            column(Inspection.conversation_id) == column(Conversation.id),
                            column(Inspection.who) == "bot",
                            column(Inspection.ended_at) >= column(Conversation.last_at),
                        )
                    ),
                )
                .order_by(Conversation.last_at, Conversation.id)
                .limit(most)
            )
            looked = []
            for conversation in session.scalars(query):
                key = f"{_BOTS}{conversation.id}:{int(conversation.last_at.timestamp() * 1000)}"
                unread = _unread_bots(conversation)
                looked.append(self._looked(session, key, None, unread, now, self._bots_chat, conversation))
        return self._keep(looked, now)

    def _again(self, now: datetime, most: int) -> int:
        with self.open_session(read_only=True) as session:
            query = (
                select(Inspection)
                .where(column(Inspection.look_again_at) <= now, column(Inspection.who) == "person")
                .order_by(Inspection.look_again_at, Inspection.id)
                .limit(most)
            )
            due = []
            for inspection in session.scalars(query):
                assignment = session.get(Assignment, int(inspection.key.removeprefix(_PERSONS)))
                hand_off = session.get(HandOff, inspection.hand_off_id)
                looked = None
                if assignment is not None and hand_off is not None:
                    looked = self._looked_at_person(session, assignment, hand_off, now)
                due.append((inspection.id, looked.checked if looked is not None else None))
        for inspection_id, checked in due:
            with self.open_session() as session:
                self._add_to(session, inspection_id, checked, now)
        return len(due)

    def _looked_at_person(self, session: Session, assignment: Assignment, hand_off: HandOff, now: datetime) -> _Looked:
        key, unread = f"{_PERSONS}{assignment.id}", _unread_persons(assignment, hand_off, now)
        return self._looked(session, key, hand_off.id, unread, now, self._persons_chat, assignment, hand_off)

    def _looked(
        self,
        session: Session,
        key: str,
        hand_off_id: int | None,
        unread: Chat,
        now: datetime,
        read: Callable[..., Chat],
        *about: Any,
    ) -> _Looked:
        chat = unread
        try:
            chat = read(session, *about, now)
            promises = promised_in(session, chat, self.reading)
            return _Looked(key, hand_off_id, chat, check(chat, self.reading.rules, promises, now))
        except DBAPIError:
            # What the database refuses says nothing about this chat; all of them are looked at next time.
            raise
        except Exception:
            # One odd chat must not keep all others from being looked at; it is kept as failed, and said aloud.
            _log.exception("inspection.failed", key=key)
            return _Looked(key, hand_off_id, chat, None)

    def _persons_chat(self, session: Session, assignment: Assignment, hand_off: HandOff, now: datetime) -> Chat:
        return persons_chat(session, assignment, hand_off, self.reading, now)

    def _bots_chat(self, session: Session, conversation: Conversation, now: datetime) -> Chat:
        since = session.scalar(
            select(func.max(column(Inspection.ended_at))).where(
                column(Inspection.conversation_id) == conversation.id, column(Inspection.who) == "bot"
            )
        )
        return bots_chat(session, conversation, since, self.reading, now)

    def _keep(self, looked: list[_Looked], now: datetime) -> int:
        if not looked:
            return 0
        with self.open_session() as session:
            for each in looked:
                _write(session, each, self.reading, now)
        return len(looked)

    def _add_to(self, session: Session, inspection_id: int, checked: Checked | None, now: datetime) -> None:
        query = select(Inspection).where(column(Inspection.id) == inspection_id).with_for_update()
        inspection = session.scalars(query.execution_options(populate_existing=True)).first()
        if inspection is None or inspection.look_again_at is None or inspection.look_again_at > now:
            # Another desk has done it meanwhile.
            return
        inspection.look_again_at = checked.look_again_at if checked is not None else None
        if checked is not None:
            # Only promises change with time; the rest was found when the chat was closed.
            promises = [each for each in checked.findings if each.kind == "promise"]
            _add_findings(session, inspection.id, Checked(promises, None), now)
        rescore(session, inspection, self.reading.rules)


def rescore(session: Session, inspection: Inspection, rules: InspectionRules) -> None:
    """Works the score of a chat out anew from the findings that stand."""
    session.flush()
    query = select(Finding.rule, Finding.severity, Finding.weight).where(
        column(Finding.inspection_id) == inspection.id, column(Finding.state) == "standing"
    )
    standing = [tuple(row) for row in session.execute(query)]
    inspection.score = score_of(standing)
    fatal = any(severity == "fatal" for _, severity, _ in standing)
    inspection.risk = rules.risk_of(inspection.score, fatal, len(standing))
    session.flush()


def _write(session: Session, looked: _Looked, reading: Reading, now: datetime) -> None:
    chat, checked = looked.chat, looked.checked
    here = [line for line in chat.lines if line.place == "here"]
    findings = checked.findings if checked is not None else []
    score = score_of((each.rule, each.severity, each.weight) for each in findings) if checked is not None else BEST
    fatal = any(each.severity == "fatal" for each in findings)
    values = {
        "key": looked.key,
        "conversation_id": chat.conversation_id,
        "hand_off_id": looked.hand_off_id,
        "who": chat.who,
        "agent_id": chat.agent_id,
        "group_id": chat.group_id,
        "channel": chat.channel,
        "from_id": here[0].id if here else None,
        "to_id": here[-1].id if here else None,
        "began_at": chat.began_at,
        "ended_at": chat.ended_at,
        "customer_lines": len(chat.customers),
        "own_lines": len(chat.own),
        "state": "done" if checked is not None else "failed",
        "score": score,
        "risk": reading.rules.risk_of(score, fatal, len(findings)),
        "rules": reading.rules.version,
        "inspected_at": now,
        "look_again_at": checked.look_again_at if checked is not None else None,
    }
    made = add_new(session, Inspection, values, ("key",))
    if made is not None and checked is not None:
        _add_findings(session, made.id, checked, now)


def _add_findings(session: Session, inspection_id: int, checked: Checked, now: datetime) -> None:
    for each in checked.findings:
        found = each.found
        add_new(
            session,
            Finding,
            {
                "inspection_id": inspection_id,
                "key": each.key,
                "rule": each.rule,
                "kind": each.kind,
                "severity": each.severity,
                "weight": each.weight,
                "message_id": found.line.id if found.line is not None else None,
                "start": found.start,
                "end": found.end,
                "further": list(found.further),
                "detail": dict(found.detail),
                "state": "standing",
                "found_at": now,
            },
            ("inspection_id", "key"),
        )


def _unread_persons(assignment: Assignment, hand_off: HandOff, now: datetime) -> Chat:
    """What is known of a person's chat before anything is read."""
    return Chat(
        conversation_id=hand_off.conversation_id,
        who="person",
        agent_id=assignment.agent_id,
        channel=hand_off.channel,
        began_at=assignment.at,
        ended_at=assignment.until or hand_off.ended_at or now,
        lines=(),
        group_id=hand_off.group_id,
    )


def _unread_bots(conversation: Conversation) -> Chat:
    """The same of a bot's."""
    return Chat(
        conversation_id=conversation.id,
        who="bot",
        agent_id=None,
        channel=conversation.channel,
        began_at=conversation.last_at,
        ended_at=conversation.last_at,
        lines=(),
    )


def _looked_at(key: Any) -> Any:
    return exists().where(column(Inspection.key) == key)
