"""Asks the policies about an order of the shop: gathers what is so, and decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.deeds.kinds import AFTER_SALES, OF_ARTICLE_OR_ORDER, OF_ONE_ARTICLE, DeedKind
from sixty.shop.deeds.models import CustomerCoupon, DeedRow
from sixty.shop.gateways.normal_form import Order
from sixty.shop.models import Coupon, Customer, Product, Sku
from sixty.shop.orders import Viewer
from sixty.shop.policies.deciding import decide
from sixty.shop.policies.facts import CouponNow, Facts, PriceNow, StockNow
from sixty.shop.policies.reading import Policies, shop_policies
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.pricing.basket import Basket, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.offers import line_of, promotions_for
from sixty.shop.pricing.playbook import shop_rules
from sixty.tables import column

_NOTHING = Decimal(0)
_DONE = ("accepted", "done")
_INVOICES = ("issue_invoice", "reissue_invoice")


def verdict_for(
    session: Session,
    kind: DeedKind,
    order: Order | None,
    now: datetime,
    line: int | None = None,
    cause: str | None = None,
    details: Mapping[str, str] | None = None,
    viewer: Viewer | None = None,
    policies: Policies | None = None,
    key: str | None = None,
) -> Verdict:
    """Decides whether a deed may be done.

    Args:
        session: Our own database: the catalogue, customers, coupons and the deeds done before.
        kind: The deed.
        order: The order as its owner's gateway gave it; `None` for what belongs to none.
        now: The present moment.
        line: The article's position in the order's lines, from 1. Of an order with one article it is that one.
        cause: Why, in a word of the policies.
        details: What is known of the wish, as in `Deed.details`: `opened`, `picture`, `coupon`, `sku`, `product`.
        viewer: Who asks, for what belongs to no order.
        policies: The shop's policies; those of this deployment when left out.
        key: The deed's, when it may be asked for again: what it did itself doesn't count against it.

    Raises:
        LookupError: The order has no such line.
        PoliciesError: The playbook's policies are wrong.
    """
    facts = facts_for(session, kind, order, now, line, cause, details, viewer, key)
    return decide((policies or shop_policies()).about(kind), facts)


def facts_for(
    session: Session,
    kind: DeedKind,
    order: Order | None,
    now: datetime,
    line: int | None = None,
    cause: str | None = None,
    details: Mapping[str, str] | None = None,
    viewer: Viewer | None = None,
    key: str | None = None,
) -> Facts:
    """Gathers what is so; arguments as of :func:`verdict_for`."""
    told = details or {}
    customer_id = order.customer_id if order is not None else viewer.customer_id if viewer is not None else None
    customer = session.get(Customer, customer_id) if customer_id else None
    level = customer.level if customer is not None else ""
    if order is None:
        facts = Facts(kind=kind, cause=cause or "", level=level)
    else:
        facts = _of_order(session, kind, order, now, line, cause, level, key)
    return replace(
        facts,
        opened=_yes_or_no(told.get("opened")),
        has_picture=bool(told.get("picture")) if "picture" in told else None,
        coupon=_coupon_now(session, told["coupon"], customer_id, now) if "coupon" in told else None,
        stock=_stock_now(session, told) if "sku" in told or "product" in told else None,
    )


def the_line(order: Order, line: int | None) -> int | None:
    """The article that is meant: the one named, or the only one."""
    return 1 if line is None and len(order.lines) == 1 else line


def _line_for(kind: DeedKind, order: Order, line: int | None) -> int | None:
    return the_line(order, line) if kind in OF_ONE_ARTICLE | OF_ARTICLE_OR_ORDER else None


def price_difference(
    session: Session, order: Order, line: int, level: str, now: datetime, key: str | None = None
) -> tuple[PriceNow, Decimal]:
    """Compares what an article costs now with what was paid for it.

    The price now is what the engine asks of this customer without coupons and offers of the order; a timed discount
    that runs now is told apart, because price protection leaves it out. What is paid back is never more than was
    paid, nor is anything paid twice.

    Returns:
        What the price is now, and the difference for all pieces in yuan, zero unless it is lower.
    """
    article = order.lines[line - 1]
    sku = session.get(Sku, article.sku_code) if article.sku_code else None
    product = session.get(Product, article.product_no)
    if sku is None or product is None:
        return "same", _NOTHING
    basket = Basket.of([line_of(sku, product, None)])
    buyer, rules = Buyer(level or None), shop_rules()
    usual = price_basket(basket, now, (), buyer, rules).goods
    timed = [each for each in promotions_for(session, list(basket), now) if each.kind == "timed_discount"]
    lowest = price_basket(basket, now, timed, buyer, rules).goods
    left = min((article.unit_price - usual) * article.quantity, article.share) - paid_before(
        session, order.no, line, ("price_protection",), key
    )
    if left > 0:
        return "lower", left
    return ("flash" if lowest < min(usual, article.unit_price) else "same"), _NOTHING


def paid_before(
    session: Session, order_no: str, line: int | None, kinds: tuple[DeedKind, ...], but: str | None = None
) -> Decimal:
    """What deeds of some kinds have paid back for an article, or for an order, in yuan.

    What may have been paid counts too: that a system gave no answer doesn't mean that it did nothing.

    Args:
        session: Our own database.
        order_no: The order.
        line: The article; `None` for all that was paid for the order.
        kinds: Which deeds.
        but: The key of a deed that doesn't count.
    """
    query = select(DeedRow).where(
        column(DeedRow.order_no) == order_no,
        column(DeedRow.kind).in_(kinds),
        column(DeedRow.state).in_((*_DONE, "asked")),
        column(DeedRow.amount).is_not(None),
        column(DeedRow.key) != (but or ""),
    )
    rows = session.scalars(query)
    return sum((each.amount or _NOTHING for each in rows if line is None or each.line in (None, line)), _NOTHING)


def others_cases(session: Session, order_no: str, line: int | None) -> frozenset[str]:
    """Numbers of after-sales cases of an order that are about other articles than this one."""
    if line is None:
        return frozenset()
    query = select(DeedRow.external_ref).where(
        column(DeedRow.order_no) == order_no,
        column(DeedRow.kind).in_(AFTER_SALES),
        column(DeedRow.state).in_(_DONE),
        column(DeedRow.external_ref).is_not(None),
        column(DeedRow.line).is_not(None),
        column(DeedRow.line) != line,
    )
    return frozenset(session.scalars(query))


def _of_order(
    session: Session,
    kind: DeedKind,
    order: Order,
    now: datetime,
    line: int | None,
    cause: str | None,
    level: str,
    key: str | None,
) -> Facts:
    line = _line_for(kind, order, line)
    product = find_product(session, order.lines[line - 1].product_no) if line is not None else None
    deeds = list(session.scalars(select(DeedRow).where(column(DeedRow.order_no) == order.no)))
    facts = Facts.of(
        kind,
        order,
        line,
        now,
        cause,
        category=product.category if product is not None else "",
        product_kind=product.kind if product is not None else "",
        level=level,
        others_cases=others_cases(session, order.no, line),
    )
    price_now, difference = (None, _NOTHING)
    if kind == "price_protection" and line is not None:
        price_now, difference = price_difference(session, order, line, level, now, key)
    invoices = [each.state for each in deeds if each.kind in _INVOICES and each.state in _DONE]
    # Before anything is sent, the only article is the whole order, postage and all.
    whole = kind == "refund_only" and len(order.lines) == 1 and not facts.shipped
    return replace(
        facts,
        amount=order.paid_amount if whole else facts.amount,
        price_now=price_now,
        difference=difference,
        invoice="issued" if "done" in invoices else "asked" if invoices else "none",
        asked_before=any(each.kind == kind and each.line in (None, line) and _pending(each, now) for each in deeds),
        compensated=paid_before(session, order.no, line, ("compensate",), key),
    )


def _pending(deed: DeedRow, now: datetime) -> bool:
    """Whether it is being done: what is later than was promised may be asked for again."""
    return deed.state == "accepted" and (deed.promised_at is None or deed.promised_at >= now)


def _coupon_now(session: Session, code: str, customer_id: str | None, now: datetime) -> CouponNow:
    coupon = session.get(Coupon, code)
    held = session.get(CustomerCoupon, (customer_id, code)) if customer_id is not None else None
    if coupon is None or (coupon.personal and held is None):
        # What was given to others cannot be claimed, nor that there is such a coupon be learned.
        return "unknown"
    if now >= coupon.ends_at:
        return "over"
    if now < coupon.starts_at:
        return "not_yet"
    return "claimed" if held is not None else "running"


def _stock_now(session: Session, told: Mapping[str, str]) -> StockNow:
    sku = session.get(Sku, told["sku"]) if told.get("sku") else None
    product = sku.product if sku is not None else find_product(session, told.get("product", ""))
    if product is None:
        return "unknown"
    if product.status != "on_sale":
        return "off_sale"
    wanted = [sku] if sku is not None else product.skus
    return "in_stock" if any(each.stock > 0 for each in wanted) else "sold_out"


def _yes_or_no(told: str | None) -> bool | None:
    return {"true": True, "false": False}.get(told or "")
