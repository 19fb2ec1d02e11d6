"""Writes into the ledger what Rasa's event brokers publish, and hands a conversation over after a failed action."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from sixty.desk.sensitive import look_at, may_be_sensitive
from sixty.desk.trouble import hand_over
from sixty.dialogue.apology import APOLOGY
from sixty.ledger.enriching import enrich_all
from sixty.ledger.happenings import Happening, read_happening
from sixty.ledger.models import LedgerEvent, Message
from sixty.shop.database import shop_session
from sixty.tables import column

_log = structlog.get_logger(__name__)
_REMEMBERED_CONVERSATIONS = 10_000
_SLOTS_LOOKED_AT = 200
# What is added to the record much later calls nobody any more.
_FRESH = timedelta(minutes=10)

Event = Mapping[str, Any]


class EventRecorder:
    """Takes events as they come, in any order and more than once, and writes them once.

    Used by one thread at a time.
    """

    def __init__(self, open_session: Callable[[], AbstractContextManager[Session]] = shop_session) -> None:
        """Creates a recorder.

        Args:
            open_session: Opens a session that may write and commits at its end.
        """
        self._open_session = open_session
        # What a customer said last, where the ledger doesn't know it: in `rasa shell`, over a channel of Rasa's own.
        self._latest: dict[str, tuple[str, str]] = {}

    def record(self, events: Sequence[Event]) -> int:
        """Writes events, in one transaction if possible.

        An event that cannot be written keeps no other one from being written; the log says so.

        Args:
            events: As published.

        Returns:
            How many are new.

        Raises:
            OperationalError: The database cannot be reached or is locked; nothing is lost by trying again.
            InterfaceError: The same.
        """
        try:
            return self._write(events)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            if len(events) == 1:
                _log.exception("ledger.event_not_written", kind=str(events[0].get("event"))[:32])
                return 0
        return sum(self.record([event]) for event in events)

    def _write(self, events: Sequence[Event]) -> int:
        now = datetime.now(timezone.utc)
        with self._open_session() as session:
            new = enrich_all(session, events)
            apologies = {each.key: each for each in new if _is_apology(each)}
            recorded = set(apologies)
            for event in events:
                self._remember(event)
                happening = read_happening(event) if event.get("name") == APOLOGY else None
                if happening is None or not _is_apology(happening):
                    continue
                if happening.key in apologies:
                    question, channel = _question(session, happening.key)
                    hand_over(session, happening.conversation_id, "action_failed", question, channel, now)
                elif happening.key not in recorded and not _in_ledger(session, happening.conversation_id):
                    question, channel = self._latest.get(happening.conversation_id, ("", ""))
                    hand_over(session, happening.conversation_id, "action_failed", question, channel, now)
                apologies.pop(happening.key, None)
            for happening in _perhaps_sensitive(new, events):
                _look_at(session, happening, now)
        return len(new)

    def _remember(self, event: Event) -> None:
        conversation_id = event.get("sender_id")
        if event.get("event") != "user" or not isinstance(conversation_id, str):
            return
        self._latest.pop(conversation_id, None)
        self._latest[conversation_id] = (str(event.get("text") or ""), str(event.get("input_channel") or ""))
        if len(self._latest) > _REMEMBERED_CONVERSATIONS:
            self._latest.pop(next(iter(self._latest)))


def _is_apology(happening: Happening) -> bool:
    return happening.kind == "action" and happening.data.get("name") == APOLOGY


def _in_ledger(session: Session, conversation_id: str) -> bool:
    query = select(Message.id).where(column(Message.conversation_id) == conversation_id).limit(1)
    return session.scalar(query) is not None


def _perhaps_sensitive(new: Sequence[Happening], events: Sequence[Event]) -> list[Happening]:
    """What the ledger is to be asked about; most of what customers say is not, and is told by its words alone."""
    texts = {str(each.get("message_id")): str(each.get("text") or "") for each in events if each.get("event") == "user"}
    return [each for each in new if each.kind == "user" and _calls_for_a_look(each, texts)]


def _calls_for_a_look(happening: Happening, texts: Mapping[str, str]) -> bool:
    text = texts.get(str(happening.message_id), "")
    understood = happening.data.get("understood") or {}
    # What a tap says stands in the ledger only.
    return text.startswith("/") or may_be_sensitive(text, str(understood.get("intent") or ""))


def _look_at(session: Session, happening: Happening, now: datetime) -> None:
    """Calls a person where what a customer has said is sensitive; the bot has answered it by then."""
    understood = happening.data.get("understood") or {}
    message: Message | None = session.get(Message, happening.message_id) if happening.message_id else None
    if message is None or message.author != "customer" or not message.text or now - message.at > _FRESH:
        return
    text, intent = message.text, str(understood.get("intent") or "")
    try:
        # What fails here takes nothing from the record.
        with session.begin_nested():
            look_at(session, message.conversation_id, text, intent, _order_no(session, message), now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        _log.exception("desk.not_looked_at", conversation=message.conversation_id, error=type(error).__name__)


def _order_no(session: Session, message: Message) -> str | None:
    """The order that is talked about: the slot's last value, as far as it is known."""
    query = (
        select(LedgerEvent.data)
        .where(column(LedgerEvent.conversation_id) == message.conversation_id, column(LedgerEvent.kind) == "slot")
        .order_by(column(LedgerEvent.at).desc(), column(LedgerEvent.id).desc())
        .limit(_SLOTS_LOOKED_AT)
    )
    for data in session.scalars(query):
        if data.get("name") == "order_no":
            return str(data["value"]) if data.get("value") else None
    return None


def _question(session: Session, key: str) -> tuple[str, str]:
    """What the customer had asked, in their own words, and over which channel."""
    query = (
        select(Message.text, Message.channel)
        .join(LedgerEvent, column(LedgerEvent.message_id) == Message.id)
        .where(column(LedgerEvent.key) == key)
    )
    found = session.execute(query).first()
    return (found.text, found.channel) if found else ("", "")
