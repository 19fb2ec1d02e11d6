"""Written conversations, as rows of the ledger: what pure functions work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sixty.insight.attribution import Bought
from sixty.insight.turns import Goods, Page, Said

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=timezone.utc)
GOODS = Goods({"P1": "工装", "P2": "工装", "P3": "数码家电"}, {"工装裤": "工装", "键盘": "数码家电"})


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def meaning(intent: str, *entities: tuple[str, str]) -> dict[str, Any]:
    return {
        "intent": intent,
        "confidence": 0.9,
        "entities": [{"entity": name, "value": value} for name, value in entities],
    }


def bought(seconds: float, *products: str, no: str = "1") -> Bought:
    return Bought(no, at(seconds), Decimal(259), frozenset(products))


@dataclass
class Script:
    """A conversation that is written line by line; seconds are those since noon."""

    said: list[Said] = field(default_factory=list)
    pages: tuple[Page, ...] = (Page(0, "product", "P1"),)

    def _next(self) -> int:
        return len(self.said) + 1

    def customer(
        self,
        seconds: float,
        intent: str,
        *entities: tuple[str, str],
        outcome: str | None = "answered",
        reply_after: float = 1,
        text: str = "",
        state: str = "answered",
        shows: tuple[str, ...] = (),
        **payload: Any,
    ) -> Script:
        """The customer says something; with an outcome, the bot answers so."""
        number = self._next()
        understood = meaning(intent, *entities) if intent else None
        self.said.append(Said(number, "customer", at(seconds), "text", text, payload, understood, state, channel="web"))
        if outcome is not None:
            told: dict[str, Any] = {"outcome": outcome}
            if shows:
                told["capsules"] = [{"title": each, "payload": each} for each in shows]
                told["offered"] = {"sources": ["playbook"] * len(shows)}
            self.said.append(
                Said(self._next(), "bot", at(seconds + reply_after), "text", "", told, None, "written", number, "web")
            )
        return self

    def bot(self, seconds: float, **payload: Any) -> Script:
        self.said.append(Said(self._next(), "bot", at(seconds), "text", "", payload, None, "written", channel="web"))
        return self

    def agent(self, seconds: float) -> Script:
        self.said.append(Said(self._next(), "agent", at(seconds), "text", "在的", {}, None, "written", channel="web"))
        return self
