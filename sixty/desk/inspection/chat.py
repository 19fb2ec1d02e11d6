"""A closed chat as the rules see it: plain values, read once, with no database behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sixty.desk.inspection.rules import Audience, Severity
from sixty.ledger.models import Author
from sixty.nlu.normal_form import normal_form

Place = Literal["before", "here", "behind"]


@dataclass(frozen=True)
class Line:
    """One message.

    Attributes:
        place: Whether it was written before the stretch that is looked at, in it, or behind it.
        agent_id: Which person wrote it.
        product_no: The product of its card.
        outcome: Of the bot's lines what they counted as: `answered`, `missed` …
        mood: The customer's, the worst that was heard.
    """

    id: int
    author: Author
    text: str
    at: datetime
    place: Place = "here"
    kind: str = "text"
    agent_id: str | None = None
    product_no: str | None = None
    outcome: str | None = None
    mood: str | None = None
    notice: str | None = None

    @property
    def plain(self) -> str:
        """Its text in normal form; every character stays where it is."""
        return normal_form(self.text)


@dataclass(frozen=True)
class Done:
    """Something that was done for the customer.

    Attributes:
        kind: `ticket`, a kind of deed such as `compensate`, `coupon`, `parcel` or `refund`.
    """

    kind: str
    at: datetime


@dataclass(frozen=True)
class ProductPrices:
    """A product and all that may be said to be its price.

    Attributes:
        called: Its name, its numbers and nicknames in normal form.
        prices: What each variant costs in any way that a customer may be told, by what tells variants apart.
        before: What it cost before.
    """

    no: str
    called: tuple[str, ...]
    prices: Mapping[tuple[str, ...], frozenset[Decimal]]
    before: Mapping[tuple[str, ...], frozenset[Decimal]]


@dataclass(frozen=True)
class Chat:
    """A stretch of a conversation, with what was said before it.

    Attributes:
        lines: Of the whole conversation up to the end of the stretch and a little behind it, in order.
        began_at: When it came to whoever had it.
        end: How it ended: a hand-off's end, `passed_on`, `idle` or `gone`.
        reason: Why a person was called.
        first_reply: Within which time the shop promises a first word.
        done: What was done for the customer since it began.
        products: Those that were talked about.
        names: Names of products and brands that are words of nobody, in normal form.
    """

    conversation_id: str
    who: Audience
    agent_id: str | None
    channel: str
    began_at: datetime
    ended_at: datetime
    lines: Sequence[Line]
    end: str = "solved"
    reason: str = ""
    group_id: str | None = None
    first_reply: timedelta = timedelta(seconds=60)
    done: Sequence[Done] = ()
    products: Sequence[ProductPrices] = ()
    names: Sequence[str] = ()

    @property
    def own(self) -> list[Line]:
        """What the person, or the bot, wrote in it."""
        author = "agent" if self.who == "person" else "bot"
        return [
            line
            for line in self.lines
            if line.place == "here"
            and line.author == author
            and (self.who == "bot" or line.agent_id in (None, self.agent_id))
        ]

    @property
    def customers(self) -> list[Line]:
        """What the customer wrote in it."""
        return [line for line in self.lines if line.place == "here" and line.author == "customer"]

    @property
    def talk(self) -> list[Line]:
        """What both wrote in it, in order."""
        author = "agent" if self.who == "person" else "bot"
        return [line for line in self.lines if line.place == "here" and line.author in ("customer", author)]


@dataclass(frozen=True)
class Found:
    """What a rule has found in a chat.

    Attributes:
        line: The message that shows it; None where none does.
        start: Where in its text; None for the whole of it.
        key: Tells findings of one rule in one message apart.
        further: Other messages that belong to it.
    """

    line: Line | None
    start: int | None = None
    end: int | None = None
    key: str = ""
    further: tuple[int, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A finding with its rule.

    Attributes:
        key: The same for the same thing in the same chat.
    """

    rule: str
    kind: str
    severity: Severity
    weight: int
    key: str
    found: Found


class Clauses:
    """The clauses of a text, and where each begins."""

    _MARKS = "，,。.!！?？;；\n~～…、"

    def __init__(self, plain: str) -> None:
        """Cuts a text in normal form."""
        self._plain = plain

    def around(self, start: int, end: int, marks: str = "") -> tuple[int, int]:
        """The clause that holds a place.

        Args:
            start: Where the place begins.
            end: Where it ends.
            marks: At which marks clauses end; at all when left out.
        """
        cut = marks or self._MARKS
        begin = start
        while begin > 0 and not self._ends(begin - 1, cut):
            begin -= 1
        finish = end
        while finish < len(self._plain) and not self._ends(finish, cut):
            finish += 1
        return begin, finish

    def _ends(self, place: int, cut: str) -> bool:
        character = self._plain[place]
        if character not in cut:
            return False
        # The point of 19.9 and the comma of 1,299 end nothing.
        inside = 0 < place < len(self._plain) - 1
        return not (
            character in ".," and inside and self._plain[place - 1].isdigit() and self._plain[place + 1].isdigit()
        )
