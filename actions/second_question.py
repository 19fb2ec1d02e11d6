"""The other question of a line that holds two, answered in the same turn."""

from __future__ import annotations

from actions.action import ShopAction, Turn
from actions.answer_attribute import ActionAnswerAttribute
from actions.answer_stock import ActionAnswerStock
from actions.order_status import ActionOrderStatus
from actions.product_card import ActionProductCard
from actions.promotions import ActionAnswerPromotions

_ANSWERED_BY: dict[str, type[ShopAction]] = {
    "ask_attribute": ActionAnswerAttribute,
    "ask_usage": ActionAnswerAttribute,
    "ask_quality": ActionAnswerAttribute,
    "ask_shelf_life": ActionAnswerAttribute,
    "ask_warranty": ActionAnswerAttribute,
    "ask_stock": ActionAnswerStock,
    "ask_price": ActionProductCard,
    "ask_discount": ActionAnswerPromotions,
    "ask_coupon": ActionAnswerPromotions,
    "ask_promotion": ActionAnswerPromotions,
    "ask_ship_time": ActionOrderStatus,
    "ask_delivery_time": ActionOrderStatus,
}
_ABOUT_A_PRODUCT = frozenset(
    {"ask_attribute", "ask_usage", "ask_quality", "ask_shelf_life", "ask_warranty", "ask_stock", "ask_price"}
)


def answer_also(turn: Turn, question: str) -> None:
    """Answers a second question after the first.

    Args:
        turn: The turn; its first question has been answered.
        question: The intent of the second, from the entity `second_question`.
    """
    if question in _ABOUT_A_PRODUCT and turn.product() is None:
        # Asked beside something else, it would only bring up "which product?".
        return
    turn.question = question
    action = _ANSWERED_BY.get(question)
    if action is not None:
        # What it would wait for is dropped: the first question decides what comes next.
        action().answer(turn)
    else:
        turn.dispatcher.utter_message(response=f"utter_faq_{question}")
    turn.question = None
