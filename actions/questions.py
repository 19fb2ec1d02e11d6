"""How each question is answered, wherever it is asked: by itself, beside another, or in the middle of a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.events import EventType, FollowupAction

from actions.action import ShopAction, Turn
from actions.answer_attribute import ActionAnswerAttribute
from actions.answer_stock import ActionAnswerStock
from actions.bargain import ActionBargain
from actions.bundle import ActionRecommendBundle
from actions.compare_products import ActionCompareProducts
from actions.keyword import ActionAnswerKeyword
from actions.order_status import ActionOrderStatus
from actions.product_card import ActionProductCard
from actions.promotions import ActionAnswerPromotions
from actions.recommend_products import ActionRecommendProducts
from sixty.keywords import INTENT as KEYWORD

# The rules of data/rules say the same. Questions that are not here are answered by the response of their name.
_ANSWERED_BY: dict[str, type[ShopAction]] = {
    "ask_attribute": ActionAnswerAttribute,
    "ask_usage": ActionAnswerAttribute,
    "ask_quality": ActionAnswerAttribute,
    "ask_shelf_life": ActionAnswerAttribute,
    "ask_warranty": ActionAnswerAttribute,
    "ask_stock": ActionAnswerStock,
    "ask_price": ActionProductCard,
    "ask_matching": ActionRecommendBundle,
    "ask_discount": ActionBargain,
    "ask_coupon": ActionAnswerPromotions,
    "ask_promotion": ActionAnswerPromotions,
    "compare_products": ActionCompareProducts,
    "recommend_product": ActionRecommendProducts,
    "ask_ship_time": ActionOrderStatus,
    "ask_delivery_time": ActionOrderStatus,
    "track_order": ActionOrderStatus,
    "refund_status": ActionOrderStatus,
    "after_sales_progress": ActionOrderStatus,
    KEYWORD: ActionAnswerKeyword,
}
SIZE = "ask_size"
# Which these need a product for; without one they ask for it.
ABOUT_A_PRODUCT = frozenset(
    {
        *("ask_attribute", "ask_usage", "ask_quality", "ask_shelf_life", "ask_warranty"),
        *("ask_stock", "ask_price", "ask_matching", SIZE),
    }
)
ABOUT_ATTRIBUTES = frozenset(name for name, action in _ANSWERED_BY.items() if action is ActionAnswerAttribute)
_FORMS = {"proof": "order_lookup_form", "deed": "deed_form"}
_GIVEN = ("attribute", "color", "size", "kind")


@dataclass(frozen=True)
class Question:
    """A question of the customer's, as the slots `last_question` and `open_question` keep it.

    Attributes:
        intent: What it asks for.
        given: What it names beside a product: attribute, colour, size, sort of thing.
    """

    intent: str
    given: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, turn: Turn, intent: str) -> Question:
        """A question of the latest message, with what is given there."""
        values = {name: turn.entity(name) for name in _GIVEN}
        return cls(intent, {name: value for name, value in values.items() if value})

    @classmethod
    def kept(cls, turn: Turn, slot: str) -> Question | None:
        """The question that a slot keeps; None when there is none."""
        value = turn.slot(slot)
        if not isinstance(value, dict) or not value.get("intent"):
            return None
        return cls(str(value["intent"]), {name: str(value[name]) for name in _GIVEN if value.get(name)})

    def as_slot(self) -> dict[str, str]:
        """The value of a slot that keeps it."""
        return {"intent": self.intent, **self.given}


def answer_question(turn: Turn, question: Question) -> list[EventType]:
    """Answers a question as its own rule would.

    Args:
        turn: The turn; while the question is answered it is the turn's only one.
        question: Any but `ask_size`, which begins a form.

    Returns:
        What its action wants to be kept; nothing where a response has answered.
    """
    turn.question, turn.carried = question.intent, question.given
    try:
        action = _ANSWERED_BY.get(question.intent)
        if action is not None:
            return action().answer(turn)
        turn.respond(f"utter_faq_{turn.intent}")
        return []
    finally:
        turn.question, turn.carried = None, {}


def answered_alike(question: str, other: str) -> bool:
    """Whether two questions have the same way of being answered."""
    return question == other or (question in _ANSWERED_BY and _ANSWERED_BY[question] is _ANSWERED_BY.get(other))


def awaited(events: Iterable[EventType]) -> Any:
    """What an action's events wait for; None when nothing is."""
    values = [event["value"] for event in events if event.get("event") == "slot" and event.get("name") == "awaiting"]
    return values[-1] if values else None


def form_for(awaiting: str | None) -> list[EventType]:
    """Begins the form that gets what is waited for, where there is one."""
    form = _FORMS.get(awaiting or "")
    return [FollowupAction(form)] if form is not None else []
