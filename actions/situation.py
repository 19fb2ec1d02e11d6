"""Who is advised and on what, as the shop's recommendations want to know it; and what was suggested last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions.action import Turn
from sixty.shop.catalogue import find_product
from sixty.shop.models import Product
from sixty.shop.recommendations import Situation, Suggestion, Wish
from sixty.shop.recommendations.situation import QuestionKey
from sixty.shop.stock import variant_named

# A wish of an hour ago is another conversation's.
_KEPT_FOR = timedelta(hours=1)
_MOST_SEEN = 60


@dataclass(frozen=True)
class Asked:
    """A question about a wish that has been put.

    Attributes:
        key: What it asks for.
        text: Its words.
        options: Answers to tap, in their order.
        again: Whether it was put again, after something else was asked between.
    """

    key: QuestionKey
    text: str
    options: tuple[str, ...]
    again: bool = False

    def as_slot(self) -> dict[str, Any]:
        """The part of the slot that keeps it."""
        return {"key": self.key, "text": self.text, "options": list(self.options), "again": self.again}

    @classmethod
    def of_slot(cls, value: Mapping[str, Any] | None) -> Asked | None:
        """What that part keeps."""
        if not isinstance(value, Mapping):
            return None
        return cls(value["key"], str(value["text"]), tuple(value["options"]), bool(value.get("again")))


@dataclass(frozen=True)
class Talk:
    """What was said of a wish and of suggestions, as the slot `wish` keeps it.

    Attributes:
        wish: What is wished for.
        what: The sort of thing, as the customer calls it: `外套`.
        asked: The question that waits for its answer.
        shown: The products that were suggested last, in their order …
        specs: … and which spec of each was meant, where it has several.
        kind: What sort of suggestions they were.
        seen: All that were suggested in this conversation.
        at: When it was talked about last.
    """

    wish: Wish = field(default_factory=Wish)
    what: str = ""
    asked: Asked | None = None
    shown: tuple[str, ...] = ()
    specs: tuple[str, ...] = ()
    kind: str = ""
    seen: tuple[str, ...] = ()
    at: datetime | None = None

    @classmethod
    def kept(cls, turn: Turn) -> Talk:
        """What this conversation has said of it; nothing where that is long ago."""
        value = turn.slot("wish")
        at = datetime.fromisoformat(str(value["at"])) if isinstance(value, Mapping) and value.get("at") else None
        if not isinstance(value, Mapping) or at is None or turn.now - at > _KEPT_FOR:
            return cls()
        return cls(
            Wish.of_slot(value.get("wish")),
            str(value.get("what") or ""),
            Asked.of_slot(value.get("asked")),
            tuple(value.get("shown") or ()),
            tuple(value.get("specs") or ()),
            str(value.get("kind") or ""),
            tuple(value.get("seen") or ()),
            at,
        )

    def showing(self, kind: str, suggestions: Sequence[Suggestion]) -> Talk:
        """The same after products were suggested."""
        numbers = tuple(each.product.no for each in suggestions)
        specs = tuple(each.sku.spec or "" for each in suggestions)
        seen = tuple(dict.fromkeys((*self.seen, *numbers)))[-_MOST_SEEN:]
        return replace(self, asked=None, shown=numbers, specs=specs, kind=kind, seen=seen)

    def spec_of(self, number: str) -> str | None:
        """Which spec of a suggested product was meant."""
        return dict(zip(self.shown, self.specs, strict=False)).get(number) or None

    def as_slot(self, now: datetime) -> EventType:
        """The event that keeps it."""
        value: dict[str, Any] = {
            "wish": self.wish.as_slot(),
            "what": self.what,
            "asked": self.asked.as_slot() if self.asked is not None else None,
            "shown": list(self.shown),
            "specs": list(self.specs),
            "kind": self.kind,
            "seen": list(self.seen),
            "at": now.isoformat(),
        }
        return SlotSet("wish", value)


def situation_of(turn: Turn, talk: Talk | None = None, product: Product | None = None, **more: Any) -> Situation:
    """Who is talking, what about, and what they wish.

    Args:
        turn: The turn.
        talk: What was said of suggestions; read from the conversation when left out.
        product: What the talk is about; the conversation's topic when left out.
        more: What else is known, by the fields of `Situation`.
    """
    said = talk if talk is not None else Talk.kept(turn)
    topic = product if product is not None else turn.product()
    variant: Mapping[str, str] = {}
    if topic is not None and not turn.text.startswith("/"):
        variant = variant_named(turn.session, topic.no, turn.text)
    known: dict[str, Any] = {
        "now": turn.now,
        "customer_id": turn.viewer.customer_id,
        "conversation_id": turn.tracker.sender_id,
        "level": turn.level,
        "region": (turn.context.region if turn.context else None) or "",
        "product_no": topic.no if topic is not None else None,
        "color": turn.entity("color") or variant.get("color") or "",
        "size": turn.entity("size") or variant.get("size") or "",
        "spec": variant.get("spec") or "",
        "wish": said.wish,
    }
    return Situation(**{**known, **more})


def suggested(turn: Turn) -> list[Product]:
    """The products that were suggested last, in their order."""
    found = (find_product(turn.session, number) for number in Talk.kept(turn).shown)
    return [product for product in found if product is not None]


def picked(turn: Turn) -> Product | None:
    """The one of them that the message means: "第二个", or the only one there was."""
    offered = suggested(turn)
    position = turn.entity("ordinal")
    if position is not None:
        place = int(position) - 1 if int(position) > 0 else len(offered) + int(position)
        return offered[place] if 0 <= place < len(offered) else None
    return offered[0] if len(offered) == 1 else None
