"""Cards: what a channel draws with a picture, prices and buttons; in words they are `sixty.card_text.as_text`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sixty.settings import get_settings
from sixty.shop.gateways.normal_form import Order
from sixty.shop.models import Product
from sixty.shop.order_answers import OrderAnswer, latest_trace, leading_parcel
from sixty.shop.prices import PriceCard
from sixty.shop.recommendations import Bundle

if TYPE_CHECKING:
    from sixty.shop.recommendations import Suggestion

Card = dict[str, Any]

_SHOP_TIME = ZoneInfo("Asia/Shanghai")


def yuan(amount: Decimal) -> str:
    """An amount with two decimals, as cards carry it."""
    return f"{amount:.2f}"


def short_yuan(amount: Decimal) -> str:
    """An amount as one says it: without empty decimals."""
    return f"{amount:f}".rstrip("0").rstrip(".") if amount % 1 else f"{amount:.0f}"


def clock(moment: datetime) -> str:
    """A moment in the shop's own time: 11月20日 20:00."""
    local = moment.astimezone(_SHOP_TIME)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _picture(product_no: str) -> str:
    return f"{get_settings().public_desk_url}/pictures/{product_no}.svg"


def _page(product_no: str) -> str:
    return f"{get_settings().public_desk_url}/?entry=product&product={product_no}"


def product_card(product: Product, prices: PriceCard, explained: bool = False) -> Card:
    """A product with all its prices.

    Args:
        product: The product.
        prices: Its prices.
        explained: Whether every step to the final price is shown as well.
    """
    rows: list[tuple[str, Decimal]] = []
    if explained:
        rows = [(line.label, line.amount) for line in prices.lines]
    else:
        if prices.list_price > prices.price:
            rows.append(("原价", prices.list_price))
        if prices.presale:
            rows.append(("预售价", prices.presale.price))
            rows.append(("定金", prices.presale.deposit))
            rows.append(("尾款", prices.presale.balance))
        else:
            rows.append(("活动价" if rows else "售价", prices.price))
    if prices.member_price is not None and not prices.presale and "会员价" not in (label for label, _ in rows):
        rows.append(("会员价", prices.member_price))
    tags = [f"{coupon.title} 已减{short_yuan(coupon.amount)}" for coupon in prices.coupons]
    if prices.presale:
        tags.append("预售")
        if explained:
            tags.append(f"{clock(prices.presale.balance_from)}到{clock(prices.presale.balance_until)}付尾款")
    if prices.is_range:
        tags.append("不同规格价格不同")
    return {
        "type": "product",
        "no": product.no,
        "name": product.name,
        "picture": _picture(product.no),
        "url": _page(product.no),
        "tags": tags,
        "prices": [{"label": label, "amount": yuan(amount)} for label, amount in rows],
        "final_price": yuan(prices.final_price),
    }


def order_card(order: Order, answer: OrderAnswer, now: datetime) -> Card:
    """An order with its lines, its state and what can be done."""
    parcel = leading_parcel(order, now)
    trace = latest_trace(parcel) if parcel else None
    return {
        "type": "order",
        "no": order.no,
        "headline": answer.headline,
        "lines": [
            {
                "name": line.name,
                "sku": line.sku_text,
                "quantity": line.quantity,
                "picture": _picture(line.product_no),
            }
            for line in order.lines
        ],
        "paid": yuan(order.paid_amount),
        "details": list(answer.details),
        "next_steps": list(answer.next_steps),
        "parcel": {
            "carrier": parcel.carrier,
            "no": parcel.no,
            "at": clock(trace.at) if trace else "",
            "text": trace.text if trace else "",
        }
        if parcel
        else None,
    }


def orders_card(orders: Iterable[tuple[Order, OrderAnswer]]) -> Card:
    """Several orders to choose from."""
    return {
        "type": "orders",
        "orders": [
            {
                "no": order.no,
                "headline": answer.headline,
                "name": order.lines[0].name if order.lines else "",
                "picture": _picture(order.lines[0].product_no) if order.lines else "",
                "title": f"看{order.lines[0].name}这单" if order.lines else f"看尾号{order.no[-4:]}这单",
                "payload": f'/inform{{"order_no":"{order.no}"}}',
            }
            for order, answer in orders
        ],
    }


def suggestions_card(title: str, kind: str, suggestions: Sequence[tuple[Suggestion, PriceCard]]) -> Card:
    """Products that are suggested, each with what speaks for it."""
    items = []
    for suggestion, prices in suggestions:
        card = product_card(suggestion.product, prices)
        payload = json.dumps({"product": suggestion.product.no}, ensure_ascii=False)
        items.append(
            {
                **card,
                "name": _named(suggestion),
                "final_price": yuan(suggestion.final_price),
                "reason": suggestion.reason,
                "difference": _difference(suggestion),
                "action": {"title": "看这款", "payload": f"/inform{payload}"},
            }
        )
    refuse = {"title": "换一批", "payload": '/recommend_product{"wish":"换一批"}'} if len(items) > 1 else None
    return {"type": "suggestions", "title": title, "kind": kind, "items": items, "refuse": refuse}


def _named(suggestion: Suggestion) -> str:
    """The product; with its spec where it is the spec that is suggested."""
    spec = suggestion.sku.spec if suggestion.kind == "upgrade" else None
    return f"{suggestion.product.name} {spec}" if spec else suggestion.product.name


def _difference(suggestion: Suggestion) -> str | None:
    """What an upgrade costs more, or what all costs more with what fills the basket; it may be less."""
    if suggestion.extra is None:
        return None
    amount = f"¥{yuan(abs(suggestion.extra))}"
    return f"再加{amount}" if suggestion.extra >= 0 else f"反而少付{amount}"


def benefit_card(
    kind: str, title: str, text: str, amount: Decimal | None, until: datetime | None, *, granted: bool
) -> Card:
    """Something that is given: offered, or granted already."""
    return {
        "type": "benefit",
        "kind": kind,
        "title": title,
        "text": text,
        "amount": yuan(amount) if amount is not None else None,
        "until": clock(until) if until is not None else None,
        "state": "granted" if granted else "offered",
        "action": None if granted else {"title": "帮我领", "payload": "/affirm"},
    }


def own_channel_card(drawn: Card) -> Card:
    """A way into the shop's own channels, as `sixty.shop.own_channels` has drawn it."""
    invites = drawn["kind"] == "membership"
    action = {"title": "马上入会", "payload": '/ask_membership{"service":"入会"}'} if invites else None
    return {**drawn, "action": action}


def bundle_card(bundle: Bundle, prices: dict[str, PriceCard], picture: str | None = None) -> Card:
    """What goes with a product, and the coupon for taking it together; `picture` shows all of it worn together."""
    items = []
    for item in bundle.items:
        card = product_card(item.product, prices[item.product.no])
        card["reason"] = item.reason
        items.append(card)
    return {
        "type": "bundle",
        "title": f"{bundle.product.kind or bundle.product.name}这样搭",
        "picture": picture,
        "picture_alt": "、".join((bundle.product.name, *(item.product.name for item in bundle.items))),
        "items": items,
        "coupon": {"title": bundle.coupon.title, "amount": yuan(bundle.saving)} if bundle.coupon else None,
        "bundle_price": yuan(bundle.bundle_price),
        "saving": yuan(bundle.saving),
    }
