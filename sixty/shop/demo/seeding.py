"""Fills a database with the demo shop, once or many times over.

All ids and amounts follow from the files and the number of the copy, all times from the
moment of seeding: the same files, moment and scale give the same rows.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from sixty.shop.deeds.models import CustomerCoupon, DeedRow, StockWish
from sixty.shop.demo.loading import DemoShop, load_demo, sku_of
from sixty.shop.demo.moments import Moment
from sixty.shop.demo.schema import (
    OrderEntry,
    OrderLineEntry,
    PresaleEntry,
    ProductEntry,
    PromotionEntry,
    SkuEntry,
)
from sixty.shop.models import (
    BODY_PARTS,
    Attribute,
    Coupon,
    Customer,
    Listing,
    Order,
    OrderLine,
    Pairing,
    Parcel,
    ParcelTrace,
    Presale,
    Product,
    Refund,
    SizeChart,
    SizeRow,
    Sku,
)
from sixty.shop.pricing.amounts import spread_yuan as spread
from sixty.shop.pricing.basket import MEMBER_LEVELS
from sixty.shop.pricing.models import Credit, PromotionRow, PromotionScopeRow
from sixty.shop.recommendations.mining import mine_pairs_in
from sixty.shop.recommendations.models import MiningRun, SuggestionRefusal
from sixty.tables import column

COPY_MARK = "X"
_COPY_SUFFIX = re.compile(rf"{COPY_MARK}\d+$")
Row = dict[str, Any]

# Parents before children; deleted the other way round.
_TABLES: tuple[type[Any], ...] = (
    SizeChart,
    SizeRow,
    Product,
    Listing,
    Sku,
    Attribute,
    Presale,
    Coupon,
    PromotionRow,
    PromotionScopeRow,
    Pairing,
    Customer,
    Credit,
    Order,
    OrderLine,
    Parcel,
    ParcelTrace,
    Refund,
    # Seeded empty: what was done to an earlier demo shop is gone with it.
    DeedRow,
    CustomerCoupon,
    StockWish,
    SuggestionRefusal,
    # Filled from the orders at the end.
    MiningRun,
)


class SeedRefusedError(Exception):
    """The database holds a real shop, which seeding would overwrite."""


@dataclass(frozen=True)
class SeedReport:
    """How much was put into the database."""

    products: int
    skus: int
    customers: int
    orders: int


def seed(session: Session, now: datetime, scale: int = 1, path: Path | None = None) -> SeedReport:
    """Puts the demo shop into the database, in place of an earlier one.

    Args:
        session: A session on a migrated database; committing is left to the caller.
        now: The moment that the times in the files are relative to.
        scale: How many shops: 1 is the files alone, every further one a copy of them with
            ids of its own (`GZ2101X2`).
        path: The folder of the files; that of the settings when left out.

    Raises:
        DemoError: The files are wrong.
        SeedRefusedError: There are products in the database that aren't of the demo shop.
    """
    if scale < 1:
        raise ValueError(f"scale must be at least 1, not {scale}")
    if path is None:
        from sixty.settings import get_settings

        path = get_settings().playbook / "demo"
    shop = load_demo(path)
    _refuse_real_shop(session, shop)
    for table in reversed(_TABLES):
        session.execute(delete(table).execution_options(synchronize_session=False))
    session.expire_all()
    rows: dict[type[Any], list[Row]] = {table: [] for table in _TABLES}
    _add_shared(rows, shop, now)
    for copy in range(1, scale + 1):
        _Copy(shop, copy, now, rows).add()
    # A successor may come later in the files than what it follows.
    successors = {row["no"]: row.pop("successor_no") for row in rows[Product]}
    for table in _TABLES:
        session.bulk_insert_mappings(table, rows[table])
    for no, successor_no in successors.items():
        if successor_no is not None:
            session.execute(
                update(Product)
                .where(column(Product.no) == no)
                .values(successor_no=successor_no)
                .execution_options(synchronize_session=False)
            )
    session.flush()
    mine_pairs_in(session, now)
    return SeedReport(
        products=len(rows[Product]),
        skus=len(rows[Sku]),
        customers=len(rows[Customer]),
        orders=len(rows[Order]),
    )


def _refuse_real_shop(session: Session, shop: DemoShop) -> None:
    ours = {product.no for product in shop.products}
    people = {customer.id for customer in shop.customers}
    for what, known, found in (
        ("product", ours, session.scalars(select(Product.no))),
        ("customer", people, session.scalars(select(Customer.id))),
    ):
        for each in found:
            if each not in known and _COPY_SUFFIX.sub("", each) not in known:
                raise SeedRefusedError(
                    f"the database holds {what} {each}, which isn't of the demo shop: "
                    "seed an empty database, or remove it first"
                )


def _add_shared(rows: dict[type[Any], list[Row]], shop: DemoShop, now: datetime) -> None:
    for chart in shop.size_charts:
        rows[SizeChart].append({"id": chart.id, "name": chart.name, "category": chart.category})
        for ordinal, row in enumerate(chart.rows):
            ends: Row = {}
            for measure in BODY_PARTS:
                low_high = getattr(row, measure)
                ends[f"{measure}_min"], ends[f"{measure}_max"] = low_high or (None, None)
            rows[SizeRow].append({"chart_id": chart.id, "ordinal": ordinal, "size": row.size, **ends})
    for coupon in shop.coupons:
        rows[Coupon].append(
            {
                "code": coupon.code,
                "title": coupon.title,
                "kind": coupon.kind,
                "threshold": coupon.threshold,
                "amount": coupon.amount,
                "category": coupon.category,
                "starts_at": coupon.starts.at(now),
                "ends_at": coupon.ends.at(now),
            }
        )


def _add_promotion(
    rows: dict[type[Any], list[Row]], promotion: PromotionEntry, code: str, named: dict[str, list[str]], now: datetime
) -> None:
    rows[PromotionRow].append(
        {
            "code": code,
            "kind": promotion.kind,
            "title": promotion.title,
            "starts_at": promotion.starts.at(now) if promotion.starts else None,
            "ends_at": promotion.ends.at(now) if promotion.ends else None,
            "campaign": promotion.campaign,
            "phases": list(promotion.phases),
            "levels": list(promotion.levels),
            "everywhere": not promotion.categories and not promotion.products,
            "threshold": promotion.threshold,
            "amount": promotion.amount,
            "rate": promotion.rate,
            "price": promotion.price,
            "pieces": promotion.pieces,
            "which": promotion.which,
            "repeats": promotion.repeats,
            "gift": promotion.gift,
        }
    )
    for field, values in named.items():
        for value in dict.fromkeys(values):
            rows[PromotionScopeRow].append({"promotion_code": code, "field": field, "value": value})


class _Copy:
    """Makes the rows of one copy of the shop; the first one is the shop itself."""

    def __init__(self, shop: DemoShop, number: int, now: datetime, rows: dict[type[Any], list[Row]]) -> None:
        self._shop = shop
        self._number = number
        self._now = now
        self._rows = rows
        self._products = {product.no: product for product in shop.products}
        # By identity: comparing entries costs most of the seeding.
        self._ordinals = {
            id(sku): ordinal for product in shop.products for ordinal, sku in enumerate(product.skus, start=1)
        }
        self._presales = {presale.product: presale for presale in shop.presales}
        self._coupons = {coupon.code: coupon for coupon in shop.coupons}
        self._customers = {customer.id: customer for customer in shop.customers}

    def add(self) -> None:
        for product in self._shop.products:
            self._add_product(product)
        for presale in self._shop.presales:
            self._add_presale(presale)
        ordinals: dict[str, int] = {}
        for pairing in self._shop.pairings:
            ordinal = ordinals[pairing.product] = ordinals.get(pairing.product, -1) + 1
            self._rows[Pairing].append(
                {
                    "product_no": self._id(pairing.product),
                    "with_no": self._id(pairing.with_),
                    "reason": pairing.reason,
                    "coupon_code": pairing.coupon,
                    "ordinal": ordinal,
                }
            )
        for customer in self._shop.customers:
            self._rows[Customer].append(
                {
                    "id": self._id(customer.id),
                    "nickname": customer.nickname,
                    "phone": customer.phone,
                    "level": customer.level,
                    "region": customer.region,
                }
            )
        for promotion in self._shop.promotions:
            # What is for the whole shop is there once; what is for products, once a copy.
            if promotion.products or self._number == 1:
                named: dict[str, list[str]] = {
                    "category": list(promotion.categories),
                    "product": [self._id(no) for no in promotion.products],
                    "without": [self._id(no) for no in promotion.without],
                }
                code = self._id(promotion.code) if promotion.products else promotion.code
                _add_promotion(self._rows, promotion, code, named, self._now)
        for credit in self._shop.credits_held:
            self._rows[Credit].append(
                {
                    "code": self._id(credit.code),
                    "customer_id": self._id(credit.customer),
                    "kind": credit.kind,
                    "title": credit.title,
                    "amount": credit.amount,
                    "threshold": credit.threshold,
                    "starts_at": self._at(credit.starts),
                    "ends_at": self._at(credit.ends),
                }
            )
        for order in self._shop.orders:
            self._add_order(order)

    def _id(self, original: str) -> str:
        return original if self._number == 1 else f"{original}{COPY_MARK}{self._number}"

    def _digits(self, original: str) -> str:
        """Derives a number of the same length that begins with no zero."""
        if self._number == 1:
            return original
        digest = hashlib.sha256(f"{original} {self._number}".encode()).hexdigest()
        first, rest = str(1 + int(digest[:8], 16) % 9), str(int(digest[8:], 16))
        return first + rest[: len(original) - 1]

    def _at(self, moment: Moment | None) -> datetime | None:
        return None if moment is None else moment.at(self._now)

    def _add_product(self, product: ProductEntry) -> None:
        no = self._id(product.no)
        self._rows[Product].append(
            {
                "no": no,
                "name": product.name,
                "category": product.category,
                "kind": product.kind,
                "brand": product.brand,
                "status": product.status,
                "successor_no": self._id(product.successor) if product.successor else None,
                "aliases": list(product.aliases),
                "picture": product.picture or f"/pictures/{no}.svg",
                "size_chart_id": product.size_chart,
                "runs": product.runs,
            }
        )
        for platform, number in product.listings.items():
            external = self._id(number) if platform == "shop" else self._digits(number)
            self._rows[Listing].append({"platform": platform, "external_id": external, "product_no": no})
        for sku in product.skus:
            self._rows[Sku].append(
                {
                    "code": self._code(product, sku),
                    "product_no": no,
                    "color": sku.color,
                    "size": sku.size,
                    "spec": sku.spec,
                    "stock": sku.stock,
                    "list_price": Decimal(sku.list_price),
                    "price": Decimal(sku.price),
                    "member_price": sku.member_price,
                    "cost": sku.cost,
                }
            )
        for ordinal, (key, attribute) in enumerate(product.attributes.items()):
            self._rows[Attribute].append(
                {
                    "product_no": no,
                    "key": key,
                    "value": attribute.value,
                    "selling_point": attribute.selling_point,
                    "doubt": attribute.doubt,
                    "ordinal": ordinal,
                }
            )

    def _code(self, product: ProductEntry, sku: SkuEntry) -> str:
        return f"{self._id(product.no)}-{self._ordinals[id(sku)]:02d}"

    def _add_presale(self, presale: PresaleEntry) -> None:
        self._rows[Presale].append(
            {
                "product_no": self._id(presale.product),
                "price": presale.price,
                "deposit": presale.deposit,
                "deposit_worth": presale.deposit_worth,
                "starts_at": self._at(presale.starts),
                "ends_at": self._at(presale.ends),
                "balance_from": self._at(presale.balance_from),
                "balance_until": self._at(presale.balance_until),
                "ships_by": self._at(presale.ships_by),
            }
        )

    def _add_order(self, order: OrderEntry) -> None:
        customer = self._customers[order.customer]
        no = self._digits(order.no)
        presale = order.presale or order.state == "deposit_paid"
        prices = [self._unit_price(order, line, presale=presale) for line in order.lines]
        amounts = [price * line.quantity for price, line in zip(prices, order.lines, strict=True)]
        goods = sum(amounts, Decimal(0))
        deposit, off = self._deposit(order) if presale else (None, Decimal(0))
        if order.coupon is not None:
            off += self._coupons[order.coupon].amount
        discount = min(off, goods)
        due = goods - discount + order.postage
        paid = self._paid(order, due, deposit)
        self._rows[Order].append(
            {
                "no": no,
                "customer_id": self._id(order.customer),
                "state": order.state,
                "placed_at": self._at(order.placed),
                "paid_at": self._at(order.paid),
                "shipped_at": self._at(order.shipped),
                "delivered_at": self._at(order.delivered),
                "confirmed_at": self._at(order.confirmed),
                "closed_at": self._at(order.closed),
                "close_reason": order.close_reason,
                "receiver": order.receiver,
                "phone": order.phone or customer.phone,
                "address": order.address,
                "region": order.region if order.region is not None else customer.region,
                "goods_amount": goods,
                "discount": discount,
                "postage": Decimal(order.postage),
                "paid_amount": paid,
                "deposit_paid": deposit if order.paid else None,
                "note": order.note,
            }
        )
        shares = spread(discount, amounts)
        for ordinal, line in enumerate(order.lines):
            product = self._products[line.product]
            sku = self._sku(line)
            self._rows[OrderLine].append(
                {
                    "order_no": no,
                    "ordinal": ordinal,
                    "sku_code": self._code(product, sku),
                    "product_no": self._id(line.product),
                    "name": product.name,
                    "sku_text": " ".join(sku.parts),
                    "quantity": line.quantity,
                    "unit_price": prices[ordinal],
                    "share": amounts[ordinal] - shares[ordinal],
                }
            )
        self._add_parcels(order, no)
        self._add_refunds(order, no, paid)

    def _add_parcels(self, order: OrderEntry, no: str) -> None:
        for parcel in order.parcels:
            parcel_no = self._id(parcel.no)
            self._rows[Parcel].append(
                {
                    "no": parcel_no,
                    "order_no": no,
                    "carrier": parcel.carrier,
                    "state": parcel.state,
                    "since": max(filter(None, (self._at(trace.at) for trace in parcel.traces)), default=None),
                }
            )
            for trace in parcel.traces:
                self._rows[ParcelTrace].append(
                    {
                        "parcel_no": parcel_no,
                        "at": self._at(trace.at),
                        "place": trace.place,
                        "text": trace.text,
                    }
                )

    def _add_refunds(self, order: OrderEntry, no: str, paid: Decimal) -> None:
        for ordinal, refund in enumerate(order.refunds):
            self._rows[Refund].append(
                {
                    "no": self._id(refund.no or f"TK{order.no}{ordinal + 1}"),
                    "order_no": no,
                    "kind": refund.kind,
                    "state": refund.state,
                    "amount": paid if refund.amount is None else refund.amount,
                    "reason": refund.reason,
                    "asked_at": self._at(refund.asked),
                    "updated_at": self._at(refund.updated or refund.asked),
                    "promised_at": self._at(refund.promised),
                }
            )

    def _sku(self, line: OrderLineEntry) -> SkuEntry:
        sku = sku_of(self._products[line.product], line)
        if sku is None:
            raise LookupError(f"{line.product} has no such variant")  # load_demo has checked it
        return sku

    def _unit_price(self, order: OrderEntry, line: OrderLineEntry, *, presale: bool) -> Decimal:
        if line.price is not None:
            return Decimal(line.price)
        if presale:
            return Decimal(self._presales[line.product].price)
        sku = self._sku(line)
        member = self._customers[order.customer].level in MEMBER_LEVELS
        return Decimal(sku.member_price if member and sku.member_price is not None else sku.price)

    def _deposit(self, order: OrderEntry) -> tuple[Decimal, Decimal]:
        """Returns the deposit of an order, and what it is worth beyond itself."""
        deposit = worth = Decimal(0)
        for line in order.lines:
            presale = self._presales[line.product]
            deposit += presale.deposit * line.quantity
            worth += presale.deposit_worth * line.quantity
        return deposit, worth - deposit

    def _paid(self, order: OrderEntry, due: Decimal, deposit: Decimal | None) -> Decimal:
        if order.paid is None:
            return Decimal(0)
        return deposit if order.state == "deposit_paid" and deposit is not None else due
