"""What keeps a customer from buying, by their words or by a tapped capsule, and what is said to it (F22)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from rasa_sdk.events import EventType, SlotSet

from actions.action import Turn
from actions.answer_attribute import as_said
from actions.campaigns import topic_product
from actions.closing import of_this_conversation
from sixty.insight.minutes import shop_minutes
from sixty.insight.strategy import Worry
from sixty.shop.catalogue import attribute_answer
from sixty.shop.doubts import facts_about
from sixty.shop.models import Doubt, Product
from sixty.shop.reasons_against import ReasonAgainst, reason_against
from sixty.shop.size_guides import guide_of

# What the bot waits for when it has asked what the doubt is.
DOUBT = "doubt"
_MOST_FACTS = 2
_ON_DELIVERY = "utter_faq_ask_ship_time"
_WORRY: Mapping[ReasonAgainst, Worry | Literal["no_need"]] = {
    "price": "price",
    "size": "size",
    "quality": "quality",
    "slow": "delivery",
    "no_need": "no_need",
    "fit": "fit",
    "date": "date",
    "comfort": "comfort",
    "use": "use",
}


def doubt_of(turn: Turn) -> Worry | Literal["no_need"] | None:
    """What is in the way, as far as the message or the tapped capsule says it."""
    tapped = (turn.entity("attribute") or "") if turn.text.startswith("/") else ""
    titled = shop_minutes().worry_titled(tapped or turn.text)
    if titled is not None:
        return titled
    reason = reason_against(tapped or ("" if turn.text.startswith("/") else turn.text))
    return _WORRY[reason] if reason is not None else None


def said_times(turn: Turn, intent: str) -> int:
    """How many messages of this conversation meant that."""
    return sum(
        ((event.get("parse_data") or {}).get("intent") or {}).get("name") == intent
        for event in of_this_conversation(turn)
        if event.get("event") == "user"
    )


def told_of(turn: Turn) -> set[str]:
    """The worries that this conversation has answered."""
    said = [event.get("metadata") or {} for event in of_this_conversation(turn) if event.get("event") == "bot"]
    told = {str(each["worry"]) for each in said if each.get("worry")}
    if any(each.get("utter_action") == _ON_DELIVERY for each in said):
        told.add("delivery")
    return told


def settle(turn: Turn, doubt: Worry | Literal["no_need"]) -> list[EventType] | None:
    """Answers a doubt with what the shop can truly say; None where it has nothing to say to it."""
    product = topic_product(turn)
    if doubt == "size" and product is not None and guide_of(turn.session, product) is not None:
        turn.say(
            "尺码我帮您把关：告诉我身高体重，我按这款的尺码表算给您；收到不合适，7天内也能换～",
            buttons=[{"title": "帮我选尺码", "payload": "/ask_size"}],
            worry=doubt,
        )
    elif doubt == "quality":
        facts = [*_named(turn, product), *_facts(turn, product, doubt)]
        said = facts[0] if facts else "店里的都是品牌正品"
        turn.say(f"{said.rstrip('～')}。收到有质量问题，来回运费我们承担，您放心～", worry=doubt)
    elif doubt == "delivery":
        turn.respond(_ON_DELIVERY)
    elif doubt == "price" or doubt == "no_need":
        return None
    else:
        facts = list(dict.fromkeys([*_named(turn, product), *_facts(turn, product, doubt)]))[:_MOST_FACTS]
        if not facts:
            return None
        turn.say("。".join(fact.rstrip("～。") for fact in facts) + "～", worry=doubt)
    return [SlotSet("awaiting", None)]


def _named(turn: Turn, product: Product | None) -> Iterator[str]:
    """What the message itself names, where the shop knows it of this product."""
    named = turn.entity("attribute") if not turn.text.startswith("/") else None
    fact = attribute_answer(turn.session, product.no, named) if product is not None and named else None
    if fact is not None:
        yield as_said(fact)


def _facts(turn: Turn, product: Product | None, doubt: Doubt) -> Iterator[str]:
    """What is known of this product that answers a doubt."""
    if product is None:
        return
    for key in facts_about(turn.session, product, doubt):
        fact = attribute_answer(turn.session, product.no, key)
        if fact is not None:
            yield as_said(fact)
