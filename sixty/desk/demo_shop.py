"""What the pages of the demo shop show; a merchant's own shop has pages of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sixty.shop.models import Attribute, Customer, Presale, Product, Sku
from sixty.shop.orders import Viewer, describe_order, orders_of
from sixty.shop.prices import NoPriceError, price_card
from sixty.tables import column

DEMO_CUSTOMERS = ("C001", "C002", "C003", "C051", "C052")
CATEGORIES = ("工装", "母婴", "美妆", "数码家电", "生鲜食品", "文具")
SHELF_LENGTH = 120
ORDERS_SHOWN = 20
_SHELF_OF_CATEGORY = {category: place for place, category in enumerate(CATEGORIES)}
_CHINA = timezone(timedelta(hours=8))


def picture_url(product_no: str) -> str:
    """Where the desk serves a product's picture."""
    return f"/pictures/{product_no}.svg"


def shop_front(session: Session, now: datetime) -> dict[str, Any]:
    """The products on the shelf and the customers that the page may play."""
    prices = (
        select(
            Sku.product_no,
            func.min(Sku.price).label("price"),
            func.min(Sku.list_price).label("list_price"),
        )
        .group_by(Sku.product_no)
        .subquery()
    )
    in_presale = select(Presale.product_no).where(column(Presale.starts_at) <= now, column(Presale.ends_at) > now)
    rows = session.execute(
        select(Product, prices.c.price, prices.c.list_price, column(Product.no).in_(in_presale))
        .join(prices, prices.c.product_no == Product.no)
        .where(column(Product.status) == "on_sale")
        .order_by(case(_SHELF_OF_CATEGORY, value=Product.category, else_=len(CATEGORIES)), Product.no)
        .limit(SHELF_LENGTH)
    )
    products = [
        {
            "no": product.no,
            "name": product.name,
            "category": product.category,
            "price": _amount(price),
            "list_price": _amount(list_price),
            "picture": picture_url(product.no),
            "presale": bool(presale),
        }
        for product, price, list_price, presale in rows
    ]
    customers = session.scalars(select(Customer).where(column(Customer.id).in_(DEMO_CUSTOMERS)).order_by(Customer.id))
    return {
        "products": products,
        "customers": [
            {"id": each.id, "nickname": each.nickname, "level": each.level, "region": each.region} for each in customers
        ],
    }


def product_page(session: Session, product: Product, now: datetime) -> dict[str, Any] | None:
    """What a product's page shows, or None when nothing of it can be bought."""
    try:
        card = price_card(session, product, None, now)
    except NoPriceError:
        return None
    skus = session.scalars(select(Sku).where(column(Sku.product_no) == product.no).order_by(Sku.code)).all()
    attributes = session.scalars(
        select(Attribute).where(column(Attribute.product_no) == product.no).order_by(Attribute.ordinal)
    )
    presale = card.presale
    return {
        "no": product.no,
        "name": product.name,
        "brand": product.brand,
        "category": product.category,
        "kind": product.kind,
        "picture": picture_url(product.no),
        "price": _amount(card.price),
        "list_price": _amount(card.list_price),
        "presale": presale
        and {
            "price": _amount(presale.price),
            "deposit": _amount(presale.deposit),
            "deposit_worth": _amount(presale.deposit_worth),
        },
        "colors": _distinct(sku.color for sku in skus),
        "sizes": _distinct(sku.size for sku in skus),
        "specs": _distinct(sku.spec for sku in skus),
        "attributes": [
            {"key": each.key, "value": each.value, "selling_point": each.selling_point} for each in attributes
        ],
    }


def order_list(session: Session, customer_id: str, now: datetime) -> dict[str, Any]:
    """A demo customer's orders, as their order page shows them."""
    # The page of orders belongs to no conversation, and so sees only what is the customer's own.
    viewer = Viewer(conversation_id="", customer_id=customer_id)
    return {
        "orders": [
            {
                "no": order.no,
                "headline": describe_order(order, now).headline,
                "placed_at": order.placed_at.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M"),
                "paid": _amount(order.paid_amount),
                "lines": [
                    {
                        "product_no": line.product_no,
                        "name": line.name,
                        "sku": line.sku_text,
                        "quantity": line.quantity,
                        "unit_price": _amount(line.unit_price),
                        "picture": picture_url(line.product_no),
                    }
                    for line in order.lines
                ],
            }
            for order in orders_of(session, viewer, ORDERS_SHOWN, now)
        ]
    }


def _distinct(values: Iterable[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]


def _amount(amount: Decimal) -> str:
    return f"{amount:.2f}"
