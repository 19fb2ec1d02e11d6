"""What may stand in braces in a quick reply, and what it is filled with in a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.beside.chat_subject import Subject
from sixty.shop.models import Customer
from sixty.shop.order_answers import describe_order, latest_trace, leading_parcel
from sixty.shop.prices import NoPriceError, price_card
from sixty.shop.wording import say_amount

_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Variable:
    """Something that is filled in.

    Attributes:
        name: What stands in braces.
        title: What agents call it.
        example: How it may read.
    """

    name: str
    title: str
    example: str


VARIABLES = (
    Variable("customer", "顾客称呼", "小满"),
    Variable("agent", "我的名字", "小李"),
    Variable("order_no", "订单号", "202611180000012345"),
    Variable("order_state", "订单状态", "已发货，正在路上"),
    Variable("amount", "实付金额", "199元"),
    Variable("carrier", "快递公司", "中通快递"),
    Variable("tracking_no", "快递单号", "75312345678901"),
    Variable("last_trace", "最新物流", "已到达杭州转运中心"),
    Variable("product", "商品名", "多口袋工装裤"),
    Variable("product_no", "货号", "GZ2101"),
    Variable("price", "到手价", "169元"),
)
"""All of them, in the order in which the editor shows them."""

_NAMES = frozenset(each.name for each in VARIABLES)


@dataclass(frozen=True)
class Filled:
    """A quick reply with its variables filled in.

    Attributes:
        text: Ready to be sent; None while something is missing.
        missing: What is not known in this conversation, in the order in which it stands there.
    """

    text: str | None
    missing: tuple[str, ...] = ()


def unknown_variables(text: str) -> list[str]:
    """What stands in braces and is no variable."""
    return [f"{{{name}}}" for name in dict.fromkeys(_BRACES.findall(text)) if name not in _NAMES]


def fill(text: str, known: Mapping[str, str]) -> Filled:
    """Fills a quick reply in.

    Args:
        text: The reply.
        known: What is known, by the names of the variables; what is empty is not known.
    """
    wanted = [name for name in dict.fromkeys(_BRACES.findall(text)) if name in _NAMES]
    missing = tuple(name for name in wanted if not known.get(name))
    if missing:
        return Filled(None, missing)
    return Filled(_BRACES.sub(lambda found: known.get(found[1], found[0]), text))


def known_of(session: Session, subject: Subject, agent_id: str | None, now: datetime) -> dict[str, str]:
    """What is known in a conversation, by the names of the variables.

    Args:
        session: Any session.
        subject: What the conversation is about; its order is the customer's own.
        agent_id: Who writes.
        now: The present moment.
    """
    customer: Customer | None = (
        session.get(Customer, subject.viewer.customer_id) if subject.viewer.customer_id else None
    )
    known = {
        "customer": customer.nickname if customer is not None else "",
        "agent": names_of(session, [agent_id]).get(agent_id or "", ""),
    }
    order = subject.order
    if order is not None:
        parcel = leading_parcel(order, now)
        trace = latest_trace(parcel) if parcel else None
        known |= {
            "order_no": order.no,
            "order_state": describe_order(order, now).headline,
            "amount": say_amount(order.paid_amount) if order.paid_at is not None else "",
            "carrier": parcel.carrier if parcel else "",
            "tracking_no": parcel.no if parcel else "",
            "last_trace": trace.text if trace else "",
        }
    if subject.product is not None:
        known |= {"product": subject.product.name, "product_no": subject.product.no}
        try:
            known["price"] = say_amount(price_card(session, subject.product, subject.level, now).final_price)
        except NoPriceError:
            known["price"] = ""
    return known
