"""Cards: what a channel draws with a picture, prices and buttons, and the same as plain text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sixty.settings import get_settings
from sixty.shop.gateways.normal_form import Order
from sixty.shop.models import Product
from sixty.shop.order_answers import OrderAnswer, latest_trace, leading_parcel
from sixty.shop.prices import PriceCard
from sixty.shop.recommendations import Bundle

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


def bundle_card(bundle: Bundle, prices: dict[str, PriceCard]) -> Card:
    """What goes with a product, and the coupon for taking it together."""
    items = []
    for item in bundle.items:
        card = product_card(item.product, prices[item.product.no])
        card["reason"] = item.reason
        items.append(card)
    return {
        "type": "bundle",
        "title": f"{bundle.product.kind or bundle.product.name}这样搭",
        "items": items,
        "coupon": {"title": bundle.coupon.title, "amount": yuan(bundle.saving)} if bundle.coupon else None,
        "bundle_price": yuan(bundle.bundle_price),
        "saving": yuan(bundle.saving),
    }


def _signed(amount: str) -> str:
    return f"−¥{amount[1:]}" if amount.startswith("-") else f"¥{amount}"


def as_text(card: Card) -> str:
    """The card in words, for channels that draw none."""
    if card["type"] == "product":
        prices = "，".join(f"{row['label']}{_signed(row['amount'])}" for row in card["prices"])
        return f"【{card['name']}】货号{card['no']}\n{prices}\n到手价¥{card['final_price']}\n{card['url']}"
    if card["type"] == "order":
        goods = "；".join(f"{line['name']} {line['sku']} ×{line['quantity']}" for line in card["lines"])
        return "\n".join([f"订单{card['no']}：{card['headline']}", goods, *card["details"], *card["next_steps"]])
    if card["type"] == "orders":
        return "\n".join(
            f"{position}. {order['name']}（尾号{order['no'][-4:]}）{order['headline']}"
            for position, order in enumerate(card["orders"], 1)
        )
    lines = [f"【{card['title']}】"]
    lines += [f"{item['name']} ¥{item['final_price']}：{item['reason']}" for item in card["items"]]
    if card["coupon"]:
        lines.append(f"一起买用“{card['coupon']['title']}”，共省¥{card['saving']}")
    return "\n".join(lines)
