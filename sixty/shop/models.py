"""The tables of the shop.

Attributes are annotated with what an instance holds. Amounts are yuan (`Money`), times
carry a zone (`UtcDateTime`).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import relationship

from sixty.shop.links import Platform
from sixty.tables import Base, Measure, Money, UtcDateTime

ProductStatus = Literal["on_sale", "off_sale"]
Runs = Literal["正常", "偏大", "偏小"]
BodyPart = Literal["height", "weight", "chest", "waist", "foot", "age"]
Doubt = Literal["fit", "quality", "size", "date", "comfort", "use"]
CouponKind = Literal["store", "category", "bundle"]
Level = Literal["普通", "银卡", "金卡", "PLUS"]
OrderState = Literal[
    "unpaid",
    "deposit_paid",
    "paid",
    "part_shipped",
    "shipped",
    "delivered",
    "confirmed",
    "closed",
]
ParcelState = Literal["collected", "in_transit", "stuck", "out_for_delivery", "signed", "rejected"]
RefundKind = Literal["仅退款", "退货退款", "换货", "维修"]
RefundState = Literal["requested", "agreed", "returning", "rejected", "withdrawn", "done"]

BODY_PARTS: tuple[BodyPart, ...] = get_args(BodyPart)
"""What a size chart may go by."""

# Conditions of partial indexes; a query that shall use one says it in the same words.
UNPAID = text("state IN ('unpaid', 'deposit_paid')")
UNDER_WAY = text("state IN ('part_shipped', 'shipped')")
DELIVERED = text("state = 'delivered'")
CONFIRMED = text("state = 'confirmed'")
NOTABLE = text("state IN ('stuck', 'out_for_delivery')")


def _one_of(name: str, *values: str, column: str | None = None) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column or name} IN ({listed})", name=name)


class SizeChart(Base):
    """Which body a size is made for; shared by products of one cut.

    `category` names the category or kind of products that it is for where they name no chart themselves.
    """

    __tablename__ = "size_chart"

    id: str = Column(String(64), primary_key=True)
    name: str = Column(String(64), nullable=False)
    category: str | None = Column(String(32), index=True)

    rows: list[SizeRow] = relationship(
        "SizeRow", order_by="SizeRow.ordinal", cascade="all, delete-orphan", lazy="selectin"
    )


class SizeRow(Base):
    """One size of a chart, the smallest first; both ends belong to it.

    Lengths are centimetres, weights kilograms, ages years. A chart has the measures that it goes by: weight alone
    (nappies), height and age (children), the length of the foot (shoes); the columns of others are empty.
    """

    __tablename__ = "size_row"
    __table_args__ = tuple(CheckConstraint(f"{measure}_min <= {measure}_max", name=measure) for measure in BODY_PARTS)

    chart_id: str = Column(String(64), ForeignKey("size_chart.id", ondelete="CASCADE"), primary_key=True)
    ordinal: int = Column(Integer, primary_key=True, autoincrement=False)
    size: str = Column(String(16), nullable=False)
    height_min: Decimal | None = Column(Measure)
    height_max: Decimal | None = Column(Measure)
    weight_min: Decimal | None = Column(Measure)
    weight_max: Decimal | None = Column(Measure)
    chest_min: Decimal | None = Column(Measure)
    chest_max: Decimal | None = Column(Measure)
    waist_min: Decimal | None = Column(Measure)
    waist_max: Decimal | None = Column(Measure)
    foot_min: Decimal | None = Column(Measure)
    foot_max: Decimal | None = Column(Measure)
    age_min: Decimal | None = Column(Measure)
    age_max: Decimal | None = Column(Measure)


class Product(Base):
    """What is sold under one product number (货号)."""

    __tablename__ = "product"
    __table_args__ = (
        _one_of("status", "on_sale", "off_sale"),
        _one_of("runs", "正常", "偏大", "偏小"),
        Index("ix_product_category_kind", "category", "kind"),
    )

    no: str = Column(String(32), primary_key=True)
    name: str = Column(String(128), nullable=False)
    category: str = Column(String(32), nullable=False)
    kind: str = Column(String(32), nullable=False)
    brand: str = Column(String(64), nullable=False)
    status: ProductStatus = Column(String(16), nullable=False, default="on_sale")
    successor_no: str | None = Column(String(32), ForeignKey("product.no", ondelete="SET NULL"), index=True)
    aliases: list[str] = Column(JSON, nullable=False, default=list)
    picture: str | None = Column(String(256))
    size_chart_id: str | None = Column(String(64), ForeignKey("size_chart.id"), index=True)
    runs: Runs = Column(String(8), nullable=False, default="正常")

    size_chart: SizeChart | None = relationship("SizeChart")
    skus: list[Sku] = relationship("Sku", order_by="Sku.code", back_populates="product")
    presales: list[Presale] = relationship("Presale", order_by="Presale.starts_at")


class Listing(Base):
    """Where a product is offered: its number on a marketplace or in the own shop."""

    __tablename__ = "listing"
    __table_args__ = (_one_of("platform", "taobao", "tmall", "jd", "shop"),)

    platform: Platform = Column(String(16), primary_key=True)
    external_id: str = Column(String(64), primary_key=True)
    product_no: str = Column(String(32), ForeignKey("product.no", ondelete="CASCADE"), nullable=False, index=True)


class Sku(Base):
    """One buyable variant; colour, size and spec are empty where they don't apply.

    `cost` is what the merchant pays for it, where that was told: it limits what is suggested and given away.
    """

    __tablename__ = "sku"
    __table_args__ = (
        UniqueConstraint("product_no", "color", "size", "spec"),
        CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint("stock >= 0", name="stock"),
        CheckConstraint("price >= 0 AND price <= list_price", name="price"),
        CheckConstraint("member_price >= 0 AND member_price <= price", name="member_price"),
    )

    code: str = Column(String(48), primary_key=True)
    product_no: str = Column(String(32), ForeignKey("product.no", ondelete="CASCADE"), nullable=False)
    color: str = Column(String(32), nullable=False, default="")
    size: str = Column(String(16), nullable=False, default="")
    spec: str = Column(String(64), nullable=False, default="")
    stock: int = Column(Integer, nullable=False)
    list_price: Decimal = Column(Money, nullable=False)
    price: Decimal = Column(Money, nullable=False)
    member_price: Decimal | None = Column(Money)
    cost: Decimal | None = Column(Money)

    product: Product = relationship("Product", back_populates="skus")

    @property
    def text(self) -> str:
        """The variant as shown on an order: `卡其 L`."""
        return " ".join(part for part in (self.color, self.size, self.spec) if part)


class Attribute(Base):
    """One fact about a product, with what is good about it and the doubt it answers."""

    __tablename__ = "attribute"
    __table_args__ = (_one_of("doubt", "fit", "quality", "size", "date", "comfort", "use"),)

    product_no: str = Column(String(32), ForeignKey("product.no", ondelete="CASCADE"), primary_key=True)
    key: str = Column(String(32), primary_key=True)
    value: str = Column(Text, nullable=False)
    selling_point: str = Column(Text, nullable=False, default="")
    doubt: Doubt | None = Column(String(16))
    ordinal: int = Column(Integer, nullable=False, default=0)


class Presale(Base):
    """A deposit now, the balance in its window, dispatch afterwards."""

    __tablename__ = "presale"
    __table_args__ = (
        CheckConstraint(
            "0 <= deposit AND deposit <= deposit_worth AND deposit_worth <= price",
            name="deposit",
        ),
        CheckConstraint(
            "starts_at < ends_at AND ends_at <= balance_from AND balance_from < balance_until",
            name="times",
        ),
    )

    product_no: str = Column(String(32), ForeignKey("product.no", ondelete="CASCADE"), primary_key=True)
    starts_at: datetime = Column(UtcDateTime, primary_key=True)
    ends_at: datetime = Column(UtcDateTime, nullable=False)
    price: Decimal = Column(Money, nullable=False)
    deposit: Decimal = Column(Money, nullable=False)
    deposit_worth: Decimal = Column(Money, nullable=False)
    balance_from: datetime = Column(UtcDateTime, nullable=False)
    balance_until: datetime = Column(UtcDateTime, nullable=False)
    ships_by: datetime = Column(UtcDateTime, nullable=False)


class Coupon(Base):
    """Money off above a threshold: in the whole store, a category, or for a bundle.

    A `personal` one counts only for those who were given it, and nobody can claim it.
    """

    __tablename__ = "coupon"
    __table_args__ = (
        _one_of("kind", "store", "category", "bundle"),
        CheckConstraint("threshold >= 0 AND amount > 0", name="amounts"),
        CheckConstraint("(kind = 'category') = (category IS NOT NULL)", name="category"),
        Index("ix_coupon_kind_category_ends_at", "kind", "category", "ends_at"),
    )

    code: str = Column(String(48), primary_key=True)
    title: str = Column(String(64), nullable=False)
    kind: CouponKind = Column(String(16), nullable=False)
    threshold: Decimal = Column(Money, nullable=False)
    amount: Decimal = Column(Money, nullable=False)
    category: str | None = Column(String(32))
    starts_at: datetime = Column(UtcDateTime, nullable=False)
    ends_at: datetime = Column(UtcDateTime, nullable=False)
    personal: bool = Column(Boolean, nullable=False, default=False, server_default=false())


class Pairing(Base):
    """A product that goes well with another one, and why."""

    __tablename__ = "pairing"

    product_no: str = Column(String(32), ForeignKey("product.no", ondelete="CASCADE"), primary_key=True)
    with_no: str = Column(String(32), ForeignKey("product.no", ondelete="CASCADE"), primary_key=True)
    reason: str = Column(String(128), nullable=False)
    coupon_code: str | None = Column(String(48), ForeignKey("coupon.code"))
    ordinal: int = Column(Integer, nullable=False)


class Customer(Base):
    """Somebody who has bought or signed up."""

    __tablename__ = "customer"
    __table_args__ = (_one_of("level", "普通", "银卡", "金卡", "PLUS", column="level"),)

    id: str = Column(String(64), primary_key=True)
    nickname: str = Column(String(64), nullable=False)
    phone: str = Column(String(20), nullable=False)
    level: Level = Column(String(16), nullable=False, default="普通")
    region: str = Column(String(32), nullable=False, default="")


class Order(Base):
    """One purchase. Where its parcels and refunds stand is their own state."""

    __tablename__ = "customer_order"
    __table_args__ = (
        _one_of(
            "state",
            "unpaid",
            "deposit_paid",
            "paid",
            "part_shipped",
            "shipped",
            "delivered",
            "confirmed",
            "closed",
        ),
        Index("ix_customer_order_customer_id_placed_at", "customer_id", "placed_at"),
        Index("ix_customer_order_paid_at", "paid_at"),
        # Of the millions of orders few are in one of these states at a time; reminders ask for them every few seconds.
        Index("ix_customer_order_unpaid", "placed_at", sqlite_where=UNPAID, postgresql_where=UNPAID),
        Index("ix_customer_order_under_way", "shipped_at", sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
        Index("ix_customer_order_delivered", "delivered_at", sqlite_where=DELIVERED, postgresql_where=DELIVERED),
        Index("ix_customer_order_confirmed", "confirmed_at", sqlite_where=CONFIRMED, postgresql_where=CONFIRMED),
    )

    no: str = Column(String(64), primary_key=True)
    customer_id: str = Column(String(64), ForeignKey("customer.id"), nullable=False)
    state: OrderState = Column(String(16), nullable=False)
    placed_at: datetime = Column(UtcDateTime, nullable=False)
    paid_at: datetime | None = Column(UtcDateTime)
    shipped_at: datetime | None = Column(UtcDateTime)
    delivered_at: datetime | None = Column(UtcDateTime)
    confirmed_at: datetime | None = Column(UtcDateTime)
    closed_at: datetime | None = Column(UtcDateTime)
    close_reason: str | None = Column(String(64))
    receiver: str = Column(String(64), nullable=False)
    phone: str = Column(String(20), nullable=False)
    address: str = Column(String(256), nullable=False)
    region: str = Column(String(32), nullable=False, default="")
    goods_amount: Decimal = Column(Money, nullable=False)
    discount: Decimal = Column(Money, nullable=False)
    postage: Decimal = Column(Money, nullable=False)
    paid_amount: Decimal = Column(Money, nullable=False)
    deposit_paid: Decimal | None = Column(Money)
    note: str | None = Column(String(256))

    customer: Customer = relationship("Customer")
    lines: list[OrderLine] = relationship(
        "OrderLine", order_by="OrderLine.ordinal", cascade="all, delete-orphan", lazy="selectin"
    )
    parcels: list[Parcel] = relationship("Parcel", order_by="Parcel.no", cascade="all, delete-orphan", lazy="selectin")
    refunds: list[Refund] = relationship(
        "Refund", order_by="Refund.asked_at", cascade="all, delete-orphan", lazy="selectin"
    )


class OrderLine(Base):
    """One article of an order, as it was when it was bought.

    `share` is what was really paid for the line: its part of the discount taken off.
    """

    __tablename__ = "order_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    order_no: str = Column(String(64), ForeignKey("customer_order.no", ondelete="CASCADE"), primary_key=True)
    ordinal: int = Column(Integer, primary_key=True, autoincrement=False)
    sku_code: str = Column(String(48), ForeignKey("sku.code"), nullable=False)
    product_no: str = Column(String(32), ForeignKey("product.no"), nullable=False, index=True)
    name: str = Column(String(128), nullable=False)
    sku_text: str = Column(String(128), nullable=False, default="")
    quantity: int = Column(Integer, nullable=False)
    unit_price: Decimal = Column(Money, nullable=False)
    share: Decimal = Column(Money, nullable=False)

    product: Product = relationship("Product")

    @property
    def presales(self) -> list[Presale]:
        """The presales that its product has had."""
        return self.product.presales


class Parcel(Base):
    """One parcel of an order; being stuck or out for delivery is its state.

    Attributes:
        since: Since when it is in its state; None where nobody has told.
    """

    __tablename__ = "parcel"
    __table_args__ = (
        _one_of(
            "state",
            "collected",
            "in_transit",
            "stuck",
            "out_for_delivery",
            "signed",
            "rejected",
        ),
        Index("ix_parcel_notable", "state", sqlite_where=NOTABLE, postgresql_where=NOTABLE),
    )

    no: str = Column(String(64), primary_key=True)
    order_no: str = Column(
        String(64),
        ForeignKey("customer_order.no", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )
    carrier: str = Column(String(32), nullable=False)
    state: ParcelState = Column(String(24), nullable=False)
    since: datetime | None = Column(UtcDateTime)

    traces: list[ParcelTrace] = relationship(
        "ParcelTrace", order_by="ParcelTrace.at", cascade="all, delete-orphan", lazy="selectin"
    )


class ParcelTrace(Base):
    """One line of a carrier's tracking."""

    __tablename__ = "parcel_trace"

    id: int = Column(Integer, primary_key=True)
    parcel_no: str = Column(String(64), ForeignKey("parcel.no", ondelete="CASCADE"), nullable=False, index=True)
    at: datetime = Column(UtcDateTime, nullable=False)
    place: str = Column(String(64), nullable=False, default="")
    text: str = Column(String(256), nullable=False)


class Refund(Base):
    """A customer's wish for money or another article, and how far it is."""

    __tablename__ = "refund"
    __table_args__ = (
        _one_of("kind", "仅退款", "退货退款", "换货", "维修"),
        _one_of("state", "requested", "agreed", "returning", "rejected", "withdrawn", "done"),
        Index("ix_refund_updated_at", "updated_at"),
    )

    no: str = Column(String(64), primary_key=True)
    order_no: str = Column(
        String(64),
        ForeignKey("customer_order.no", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )
    kind: RefundKind = Column(String(16), nullable=False)
    state: RefundState = Column(String(16), nullable=False)
    amount: Decimal = Column(Money, nullable=False)
    reason: str = Column(String(128), nullable=False, default="")
    asked_at: datetime = Column(UtcDateTime, nullable=False)
    updated_at: datetime = Column(UtcDateTime, nullable=False)
    promised_at: datetime | None = Column(UtcDateTime)


class CatalogueImport(Base):
    """One file that was brought in: the answer to "how old is what our tables say?".

    `whole` says that it named every variant of the shop; then nothing of its kind is older than `at`.
    """

    __tablename__ = "catalogue_import"
    __table_args__ = (Index("ix_catalogue_import_kind_at", "kind", "at"),)

    id: int = Column(Integer, primary_key=True)
    kind: str = Column(String(16), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)
    rows: int = Column(Integer, nullable=False)
    whole: bool = Column(Boolean, nullable=False)


class ProofAttempt(Base):
    """One wrong answer to "which four digits does the order's phone end in?".

    No foreign key: numbers of orders that don't exist are counted like all others.
    """

    __tablename__ = "proof_attempt"
    __table_args__ = (
        Index("ix_proof_attempt_conversation_id_at", "conversation_id", "at"),
        Index("ix_proof_attempt_order_no_at", "order_no", "at"),
    )

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    order_no: str = Column(String(32), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)


class OrderProof(Base):
    """An order that somebody proved to be theirs, in one conversation, for a while."""

    __tablename__ = "order_proof"

    conversation_id: str = Column(String(64), primary_key=True)
    order_no: str = Column(String(64), primary_key=True)
    proved_at: datetime = Column(UtcDateTime, nullable=False)
    expires_at: datetime = Column(UtcDateTime, nullable=False)
