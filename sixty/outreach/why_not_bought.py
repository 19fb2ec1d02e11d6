"""Why somebody asked, or put something aside, and did not buy: the product first, then what they doubted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import desc, select
from sqlalchemy.orm import Session

from sixty.insight.minutes import shop_minutes
from sixty.insight.models import ChatTurn
from sixty.ledger.models import Message
from sixty.outreach.models import OutreachCase
from sixty.outreach.standing import Standing
from sixty.shop.models import Attribute
from sixty.shop.stock import plain_size

UNKNOWN = "unknown"

_T: Any = ChatTurn.__table__.c
_M: Any = Message.__table__.c
_A: Any = Attribute.__table__.c
_MOST_TURNS = 40

_BY_INTENT: Mapping[str, str] = {
    "ask_price": "price",
    "ask_discount": "price",
    "ask_coupon": "price",
    "ask_promotion": "price",
    "ask_size": "size",
    "ask_quality": "quality",
    "ask_warranty": "quality",
    "ask_shelf_life": "date",
    "ask_usage": "use",
    "ask_ship_time": "delivery",
    "ask_delivery_time": "delivery",
}
"""What a question shows to be on somebody's mind; what they asked last weighs most."""


def why_not_bought(session: Session, standing: Standing, case: OutreachCase) -> str:
    """Why a customer did not buy, as far as it can be seen: one of `triggers.WHYS`.

    Args:
        session: Any session.
        standing: How things stand with the case now: what was out of stock may be back.
        case: The case of a visit, a cart or a favourite.
    """
    product = standing.products.get(case.product_no or "")
    if product is None or product.status != "on_sale":
        return "off_sale"
    if not standing.can_be_bought(case.product_no):
        return "out_of_stock"
    if case.subject_kind == "cart":
        event = standing.events.get(case.subject_id)
        return "no_size" if event is not None and _variant_is_gone(standing, case, event.payload) else UNKNOWN
    if case.subject_kind != "visit":
        return UNKNOWN
    visit = standing.visits.get(case.subject_id)
    if visit is None:
        return UNKNOWN
    if _wanted_size_is_gone(session, standing, case, visit):
        return "no_size"
    return _doubt(session, case, visit)


def _variant_is_gone(standing: Standing, case: OutreachCase, payload: Mapping[str, Any]) -> bool:
    wanted = next(
        (
            str(each.get("sku_code") or "")
            for each in payload.get("lines") or ()
            if each.get("product_no") == case.product_no
        ),
        "",
    )
    return bool(wanted) and not standing.can_be_bought(case.product_no, wanted)


def _wanted_size_is_gone(session: Session, standing: Standing, case: OutreachCase, visit: Any) -> bool:
    """Whether the size that they named last exists and is out of stock in every colour."""
    query = (
        select(_M.understood)
        .where(
            _M.conversation_id == visit.conversation_id,
            _M.id >= visit.first_message_id,
            _M.author == "customer",
            _M.at <= visit.ended_at,
            _M.understood.is_not(None),
        )
        .order_by(desc(_M.id))
        .limit(_MOST_TURNS)
    )
    for understood in session.scalars(query):
        sizes = [str(each.get("value")) for each in understood.get("entities") or () if each.get("entity") == "size"]
        if sizes:
            wanted = plain_size(sizes[-1])
            of_size = [
                each
                for each in standing.skus.get(case.product_no or "", ())
                if each.size and plain_size(each.size) == wanted
            ]
            return bool(of_size) and all(each.stock == 0 for each in of_size)
    return False


def _doubt(session: Session, case: OutreachCase, visit: Any) -> str:
    query = select(_T.intent, _T.topic).where(_T.visit_id == visit.id).order_by(desc(_T.ordinal)).limit(_MOST_TURNS)
    for turn in session.execute(query):
        if turn.intent == "hesitate" and turn.topic:
            worry = shop_minutes().worry_titled(turn.topic)
            if worry is not None:
                return str(worry)
        if turn.intent == "ask_attribute" and turn.topic:
            found = session.scalar(select(_A.doubt).where(_A.product_no == case.product_no, _A.key == turn.topic))
            if found is not None:
                return str(found)
        if turn.intent in _BY_INTENT:
            return _BY_INTENT[turn.intent]
    return UNKNOWN
