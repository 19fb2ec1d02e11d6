"""Which product the customer may mean, when they have not said."""

from __future__ import annotations

from contextlib import suppress

from actions.action import Turn, latest
from actions.handoff import HUMAN
from sixty.shop.catalogue import find_product, search_products
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.models import Product

_OFFERED = 3
_WITHOUT_PRODUCTS = [
    {"title": "推荐几款", "payload": "/recommend_product"},
    HUMAN,
]


def recent_products(turn: Turn) -> list[Product]:
    """Products that this conversation or this customer's orders were about, newest first."""
    suggested = turn.slot("wish")
    numbers: list[str] = list((suggested.get("shown") if isinstance(suggested, dict) else None) or ())
    for event in reversed(turn.tracker.events):
        if event.get("event") == "slot" and event.get("name") == "product_no" and event.get("value"):
            numbers.append(str(latest(event["value"])))
    if turn.context and turn.context.product_no:
        numbers.append(turn.context.product_no)
    # Only a likely choice: without the orders there are others.
    with suppress(GatewayError):
        for order in turn.orders.orders_of(turn.viewer).value:
            numbers += [line.product_no for line in order.lines]
    products = []
    for number in dict.fromkeys(numbers):
        product = find_product(turn.session, number)
        if product:
            products.append(product)
        if len(products) == _OFFERED:
            return products
    return products


def choices(products: list[Product]) -> list[dict[str, str]]:
    """A button for each product; a tap makes it the topic."""
    kinds = [product.kind for product in products]
    return [
        {
            "title": product.kind if product.kind and kinds.count(product.kind) == 1 else product.name,
            "payload": f'/inform{{"product":"{product.no}"}}',
        }
        for product in products
    ]


def ask_which(turn: Turn) -> None:
    """Asks which product is meant, and offers those of the sort that was named, else the likely ones."""
    kind = turn.entity("kind")
    of_kind = search_products(turn.session, [kind], limit=_OFFERED) if kind else []
    text = (
        f"{kind}有这几款，您问的是哪一款？"
        if of_kind
        else "您问的是哪一款呢？把商品链接或货号发我就行，也可以直接点下面的～"
    )
    turn.say(text, outcome="asked_back", buttons=choices(of_kind or recent_products(turn)) or _WITHOUT_PRODUCTS)


def unknown_reference(turn: Turn) -> str | None:
    """The 货号 or link in the latest message that the shop does not have; None when there is none."""
    number = turn.entity("product")
    if number and find_product(turn.session, number) is None:
        return number
    return turn.entity("product_link")


def say_unknown(turn: Turn) -> None:
    """Says honestly that the link or number is not one of ours."""
    turn.say(
        "这个链接或货号我在店里没找到，可能不是咱们家的，或者少了几位。换个链接发我，或者从下面挑一款看看？",
        outcome="asked_back",
        buttons=choices(search_products(turn.session, [], limit=_OFFERED)),
    )
