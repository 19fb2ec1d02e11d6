"""What is in a customer's cart, as the shop's system last told it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sixty.shop.order_events.models import OrderEvent
from sixty.shop.reading import read
from sixty.shop.recommendations.goods import goods_of

LONGEST = timedelta(days=30)
"""After so long a cart says nothing of what somebody is about to buy."""

_E = OrderEvent.__table__.c
_LAST = (
    select(_E.payload)
    .where(
        _E.customer_id == bindparam("customer"),
        _E.kind == "cart",
        _E.occurred_at > bindparam("since"),
        _E.occurred_at <= bindparam("now"),
    )
    .order_by(_E.occurred_at.desc(), _E.id.desc())
    .limit(1)
)


def cart_of(session: Session, customer_id: str, now: datetime) -> dict[str, int]:
    """Reads what is in a customer's cart.

    Args:
        session: The shop's database.
        customer_id: Whose.
        now: When; what is told later, or was told too long ago, doesn't count.

    Returns:
        Pieces by SKU, of what can be bought; where the shop's system names no variant, of the cheapest one in stock.
        Empty when nothing is known.
    """
    found = read(session, _LAST, {"customer": customer_id, "since": now - LONGEST, "now": now})
    lines = [each for each in (found[0].payload.get("lines") or ()) if each.get("quantity", 1)] if found else []
    goods = goods_of(session, [str(each.get("product_no")) for each in lines], facts=False)
    cart: dict[str, int] = {}
    for each in lines:
        good = goods.get(str(each.get("product_no")))
        if good is None or good.status != "on_sale":
            continue
        code = each.get("sku_code")
        piece = next((piece for piece in good.in_stock if not code or piece.code == code), None)
        if piece is not None:
            cart[piece.code] = cart.get(piece.code, 0) + min(int(each.get("quantity", 1)), piece.stock)
    return cart
