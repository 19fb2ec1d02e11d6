"""Whether the shop has an answer to what a capsule would ask."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sixty.playbook import Capsule
from sixty.shop.catalogue import attribute_keys
from sixty.shop.models import Product
from sixty.shop.pricing.asked import TOPICS
from sixty.shop.size_guides import guide_of
from sixty.shop.suggestion_wishes import UPGRADE

ATTRIBUTE_OF_INTENT = {
    "ask_usage": ("用法", "护理", "安装"),
    "ask_quality": ("安全认证", "正品", "起球"),
    "ask_shelf_life": ("保质期", "生产日期"),
    "ask_warranty": ("保修",),
}
"""From which attributes an intent is answered whose capsule names none."""

ABOUT_AN_ORDER = frozenset(
    {
        *("track_order", "cancel_order", "change_order", "restore_order", "order_note", "schedule_delivery"),
        *("delivery_problem", "wrong_or_missing", "damaged_item", "request_after_sales", "ask_return_shipping"),
        *("after_sales_progress", "cancel_after_sales", "refund_status"),
    }
)
"""What is asked of an order; of no use to a customer who is known to have none."""


def has_answer(session: Session, capsule: Capsule, product: Product | None) -> bool:
    """Tells whether the shop can answer a capsule about a product, or without one.

    Whether there is something better (`升级`) depends on who asks, and is not looked at here.
    """
    needed: tuple[str, ...] = ATTRIBUTE_OF_INTENT.get(capsule.intent, ())
    if capsule.attribute is not None and capsule.attribute not in TOPICS and capsule.attribute != UPGRADE:
        needed = (capsule.attribute,)
    if needed:
        return product is not None and not set(needed).isdisjoint(attribute_keys(session, product.no))
    if capsule.intent == "ask_size" and product is not None:
        return guide_of(session, product) is not None
    return True
