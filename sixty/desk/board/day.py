"""The day's conversations, bot's and people's: read once, then only what is new, so that a busy day costs no more.

One instance belongs to one reader. It keeps yesterday and today, each by the shop's own midnight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.handoff_rows import HandOff
from sixty.ledger.reading import Said, first_id_since, said_since
from sixty.ledger.unsaid import SILENT
from sixty.shop.models import Product
from sixty.tables import column

HELPED = "answered"
"""The outcome of a bot's reply after which a customer may be said to have been helped."""

_SOCIAL = "social"

_CHUNK = 500
_AT_ONCE = 5000
# Rows of transactions that were open at the last look come with an older moment than that look.
_LOOK_BACK = timedelta(minutes=1)


@dataclass
class ChatOfDay:
    """A conversation in which a customer wrote on one day.

    Attributes:
        first_at: When the customer wrote first that day.
        last_at: When anybody wrote last that day.
        pending: Whether the customer's last line has no answer yet.
        outcome: What the bot said of its last answer; a courtesy leaves it as it was.
        person_at: When a person wrote first in it that day.
    """

    first_at: datetime
    last_at: datetime
    pending: bool = True
    outcome: str | None = None
    person_at: datetime | None = None


@dataclass(frozen=True)
class About:
    """What a conversation is counted by."""

    channel: str
    region: str | None
    category: str | None


@dataclass(frozen=True)
class HandedOver:
    """A hand-off as far as the day's counts need it."""

    id: int
    conversation_id: str
    created_at: datetime
    ended_at: datetime | None
    group_id: str | None
    skill: str | None


@dataclass
class DaysOfChats:
    """Yesterday's and today's conversations.

    Attributes:
        zone: Where the shop's clock hangs.
        days: The conversations of each day, by their id.
        handed_over: The hand-offs that were open on one of these days, by their id.
        about: What conversations are counted by.
    """

    zone: ZoneInfo
    days: dict[date, dict[str, ChatOfDay]] = field(default_factory=dict)
    handed_over: dict[int, HandedOver] = field(default_factory=dict)
    about: dict[str, About] = field(default_factory=dict)
    _cursor: int | None = None
    _looked: datetime | None = None
    _categories: dict[str, str] = field(default_factory=dict)

    def today(self, now: datetime) -> date:
        """The day that a moment belongs to."""
        return now.astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        """When a day begins."""
        return datetime.combine(day, time(), self.zone)

    def read(self, session: Session, now: datetime) -> None:
        """Reads what is new, the first time all since yesterday's midnight."""
        today = self.today(now)
        oldest = today - timedelta(days=1)
        if self._cursor is None:
            self._cursor = first_id_since(session, self.begins(oldest)) - 1
        heard: set[str] = set()
        while True:
            said = said_since(session, self._cursor, _AT_ONCE)
            for each in said:
                self._hear(each, oldest)
                heard.add(each.conversation_id)
            if said:
                self._cursor = said[-1].id
            if len(said) < _AT_ONCE:
                break
        self._read_hand_offs(session, self.begins(oldest), now)
        for day in [each for each in self.days if each < oldest]:
            del self.days[day]
        known = {chat for day in self.days.values() for chat in day}
        # Who the customer is and what they look at may have become known with what was said.
        self._find_out(session, [chat for chat in known if chat in heard or chat not in self.about])
        if len(self.about) > 2 * len(known) + 1000:
            self.about = {chat: each for chat, each in self.about.items() if chat in known}

    def chats_until(self, day: date, until: datetime) -> dict[str, ChatOfDay]:
        """The conversations of a day that had begun by a moment."""
        return {chat: each for chat, each in self.days.get(day, {}).items() if each.first_at <= until}

    def handed_over_until(self, day: date, until: datetime) -> list[HandedOver]:
        """The hand-offs of a day that had been made by a moment."""
        begins = self.begins(day)
        return [
            each
            for each in self.handed_over.values()
            if begins <= each.created_at <= until and self.today(each.created_at) == day
        ]

    def with_people_until(self, day: date, until: datetime) -> set[str]:
        """The conversations that waited for, or were with, a person at any time of a day up to a moment.

        Whoever left a message the evening before and is answered in the morning belongs to it.
        """
        begins = self.begins(day)
        found = {
            each.conversation_id
            for each in self.handed_over.values()
            if each.created_at <= until and (each.ended_at is None or each.ended_at >= begins)
        }
        return found | {
            chat
            for chat, each in self.days.get(day, {}).items()
            if each.person_at is not None and each.person_at <= until
        }

    def _hear(self, said: Said, oldest: date) -> None:
        day = self.today(said.at)
        if day < oldest or said.kind in SILENT:
            return
        chats = self.days.setdefault(day, {})
        chat = chats.get(said.conversation_id)
        if said.author == "customer":
            if chat is None:
                chats[said.conversation_id] = ChatOfDay(said.at, said.at)
            else:
                chat.last_at, chat.pending = max(chat.last_at, said.at), True
        elif chat is not None and said.author != "system":
            if said.author == "agent":
                chat.person_at = chat.person_at or said.at
            elif said.outcome is None and chat.pending:
                # A reply that says nothing of itself has answered nothing, by oversight or not.
                chat.outcome = None
            elif said.outcome not in (None, _SOCIAL):
                chat.outcome = said.outcome
            chat.last_at, chat.pending = max(chat.last_at, said.at), False

    def _read_hand_offs(self, session: Session, oldest: datetime, now: datetime) -> None:
        """Reads those that are new, and again those that were open: another group may have got them, or they ended."""
        query = select(
            *(
                HandOff.id,
                HandOff.conversation_id,
                HandOff.created_at,
                HandOff.ended_at,
                HandOff.group_id,
                HandOff.skill,
            )
        )
        is_open = column(HandOff.state).in_(("queued", "left", "taken"))
        if self._looked is None:
            lately = or_(column(HandOff.created_at) >= oldest, column(HandOff.ended_at) >= oldest)
        else:
            lately = column(HandOff.created_at) >= self._looked - _LOOK_BACK
        self._looked = now
        read = {row.id: HandedOver(*row) for row in session.execute(query.where(or_(is_open, lately)))}
        closed = [each.id for each in self.handed_over.values() if each.ended_at is None and each.id not in read]
        for start in range(0, len(closed), _CHUNK):
            part = query.where(column(HandOff.id).in_(closed[start : start + _CHUNK]))
            read |= {row.id: HandedOver(*row) for row in session.execute(part)}
        # What was open and is not there any more has been forgotten with its customer.
        over = {each.id: each for each in self.handed_over.values() if each.ended_at is not None}
        self.handed_over = {
            each.id: each for each in (over | read).values() if each.ended_at is None or each.ended_at >= oldest
        }

    def _find_out(self, session: Session, chats: Sequence[str]) -> None:
        for start in range(0, len(chats), _CHUNK):
            part = chats[start : start + _CHUNK]
            query = select(Conversation.id, Conversation.channel, Conversation.region, Conversation.product_no)
            rows = session.execute(query.where(column(Conversation.id).in_(part))).all()
            categories = self._category_of(session, {row.product_no for row in rows if row.product_no})
            found = {row.id: About(row.channel, row.region, categories.get(row.product_no or "")) for row in rows}
            for chat in part:
                self.about[chat] = found.get(chat, About("", None, None))

    def _category_of(self, session: Session, numbers: set[str]) -> Mapping[str, str]:
        new = [each for each in numbers if each not in self._categories]
        if new:
            rows = session.execute(select(Product.no, Product.category).where(column(Product.no).in_(new)))
            self._categories |= {no: category for no, category in rows if category}
        return self._categories
