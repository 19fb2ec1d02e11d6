"""Orders at a glance, for whoever talks to the customer: what, how far, where the parcel and the money are."""

from __future__ import annotations

from datetime import datetime

from sixty.desk.demo_shop import picture_url
from sixty.desk.packet_forms import LineGlance, OrderGlance, ParcelGlance, RefundGlance
from sixty.masking import mask_text
from sixty.shop.gateways.normal_form import Order
from sixty.shop.order_answers import describe_order, latest_trace, leading_parcel, newest_refund


def orders_at_a_glance(orders: tuple[Order, ...], now: datetime) -> list[OrderGlance]:
    """Orders in a few lines each."""
    return [_glance(order, now) for order in orders]


def _glance(order: Order, now: datetime) -> OrderGlance:
    parcel = leading_parcel(order, now)
    trace = latest_trace(parcel) if parcel else None
    refund = newest_refund(order)
    return OrderGlance(
        no=order.no,
        state=order.state,
        state_title=describe_order(order, now).headline,
        placed_at=order.placed_at,
        amount=f"{order.paid_amount or order.goods_amount - order.discount + order.postage:.2f}",
        items=[
            LineGlance(name=line.name, spec=line.sku_text, quantity=line.quantity, picture=picture_url(line.product_no))
            for line in order.lines
        ],
        parcel=ParcelGlance(
            company=parcel.carrier, no_masked=f"尾号{parcel.no[-4:]}", last=mask_text(trace.text) if trace else None
        )
        if parcel
        else None,
        refund=RefundGlance(kind=refund.kind, state=refund.state, amount=f"{refund.amount:.2f}") if refund else None,
    )
