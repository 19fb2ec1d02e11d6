"""Makes lines and promotions for tests in few words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sixty.shop.pricing import Basket, BasketLine, Buyer, PresaleTerms, Promotion, Quote, Rules, Scope, price_basket
from sixty.shop.pricing.basket import STRANGER
from sixty.shop.pricing.stacking import USUAL, Mode, Stacking
from sixty.shop.wording import SHOP_ZONE

NOW = datetime(2026, 11, 11, 20, 0, tzinfo=SHOP_ZONE)
DAY = timedelta(days=1)


def line(sku: str, price: str | int, quantity: int = 1, **more: Any) -> BasketLine:
    amount = Decimal(price)
    more.setdefault("list_price", amount)
    more.setdefault("category", "")
    return BasketLine(sku, more.pop("product_no", sku), sku, more.pop("category"), quantity, price=amount, **more)


def promotion(code: str, kind: Any, title: str = "", **parts: Any) -> Promotion:
    for name in ("threshold", "amount", "price", "rate"):
        if name in parts:
            parts[name] = Decimal(str(parts[name]))
    if "campaign" not in parts:
        parts.setdefault("starts_at", NOW - DAY)
        parts.setdefault("ends_at", NOW + 30 * DAY)
    return Promotion(code, kind, title or code, **parts)


def only(*products: str, **more: Any) -> Scope:
    return Scope(products=frozenset(products), **more)


def presale(price: int, deposit: int, worth: int, **more: Any) -> PresaleTerms:
    return PresaleTerms(
        Decimal(price),
        Decimal(deposit),
        Decimal(worth),
        starts_at=more.get("starts_at", NOW - DAY),
        ends_at=more.get("ends_at", NOW + DAY),
        balance_from=more.get("balance_from", NOW + 2 * DAY),
        balance_until=more.get("balance_until", NOW + 4 * DAY),
        ships_by=more.get("ships_by", NOW + 9 * DAY),
    )


def rules(mode: Mode = "parallel", stacking: Stacking = USUAL, **more: Any) -> Rules:
    return Rules(replace(stacking, mode=mode), **more)


ALL_TOGETHER = replace(USUAL, exclusive=())
"""Every kind goes with every other one."""


def price(
    lines: Iterable[BasketLine],
    promotions: Iterable[Promotion] = (),
    mode: Mode = "parallel",
    buyer: Buyer = STRANGER,
    at: datetime = NOW,
    stacking: Stacking = USUAL,
    **more: Any,
) -> Quote:
    coupons = more.pop("coupons", None)
    return price_basket(Basket.of(lines), at, promotions, buyer, rules(mode, stacking, **more), coupons)


def steps(quote: Quote) -> list[tuple[str, Decimal]]:
    return [(step.label, step.amount) for step in quote.steps]


def reasons(quote: Quote) -> dict[str, str]:
    return {note.code: note.text for note in quote.unused}
