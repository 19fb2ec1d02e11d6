"""The tables of the recommendations: what was mined from orders, the shelves as they stand, and what was refused.

What is mined has no foreign keys: it is made anew from the orders as a whole, and whoever reads it reads the products
themselves as well.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Column, Float, Index, Integer, String

from sixty.tables import Base, Money, UtcDateTime


class MiningRun(Base):
    """One reading of the orders: which of them it counted.

    Attributes:
        mined_from: Orders paid after this …
        mined_until: … and up to this were counted.
        whole: Whether it began anew; else it added to the runs before it.
        orders: How many orders it counted.
    """

    __tablename__ = "mining_run"

    id: int = Column(Integer, primary_key=True)
    at: datetime = Column(UtcDateTime, nullable=False)
    mined_from: datetime = Column(UtcDateTime, nullable=False)
    mined_until: datetime = Column(UtcDateTime, nullable=False)
    whole: bool = Column(Boolean, nullable=False)
    orders: int = Column(Integer, nullable=False)


class ProductSales(Base):
    """In how many of the counted orders a product was."""

    __tablename__ = "product_sales"

    product_no: str = Column(String(32), primary_key=True)
    orders: int = Column(Integer, nullable=False)


class PairCount(Base):
    """In how many of the counted orders two products were together; the lesser number comes first."""

    __tablename__ = "pair_count"
    __table_args__ = (CheckConstraint("product_no < with_no", name="order"),)

    product_no: str = Column(String(32), primary_key=True)
    with_no: str = Column(String(32), primary_key=True)
    orders: int = Column(Integer, nullable=False)


class CoPurchase(Base):
    """A product that is bought with another one more often than by chance.

    Attributes:
        orders: In how many orders both were.
        lift: How many times as often as by chance.
        score: Of those who bought the first, how large a share bought the second, less the share of all who did.
        share: Of those who bought the first, how large a share bought the second.
    """

    __tablename__ = "co_purchase"
    __table_args__ = (Index("ix_co_purchase_product_no_score", "product_no", "score"),)

    product_no: str = Column(String(32), primary_key=True)
    with_no: str = Column(String(32), primary_key=True)
    orders: int = Column(Integer, nullable=False)
    lift: float = Column(Float, nullable=False)
    score: float = Column(Float, nullable=False)
    share: float = Column(Float, nullable=False)


class KindPair(Base):
    """A kind of products that is bought with another kind more often than by chance; figures as of `CoPurchase`."""

    __tablename__ = "kind_pair"

    category: str = Column(String(32), primary_key=True)
    kind: str = Column(String(32), primary_key=True)
    with_category: str = Column(String(32), primary_key=True)
    with_kind: str = Column(String(32), primary_key=True)
    orders: int = Column(Integer, nullable=False)
    score: float = Column(Float, nullable=False)


class ShelfPlace(Base):
    """A product that can be bought, at one of the prices that its variants have.

    As it was when the shelves were last put in order: it finds candidates, and says nothing of stock or price now.

    Attributes:
        sold: In how many of the counted orders the product was.
        first: Whether this is the product's lowest price.
    """

    __tablename__ = "shelf_place"
    __table_args__ = (
        # Each ends in the product, so that places of one price, or never sold, come in their order without sorting.
        Index("ix_shelf_place_category_kind_price", "category", "kind", "price", "product_no"),
        Index("ix_shelf_place_category_kind_sold", "category", "kind", "sold", "product_no"),
        Index("ix_shelf_place_category_price", "category", "price", "product_no"),
        Index("ix_shelf_place_category_sold", "category", "sold", "product_no"),
        Index("ix_shelf_place_price", "price", "product_no"),
        Index("ix_shelf_place_sold", "sold", "product_no"),
    )

    product_no: str = Column(String(32), primary_key=True)
    price: Decimal = Column(Money, primary_key=True)
    category: str = Column(String(32), nullable=False)
    kind: str = Column(String(32), nullable=False)
    sold: int = Column(Integer, nullable=False)
    first: bool = Column(Boolean, nullable=False)


class ShelfKind(Base):
    """A kind of products that can be bought: how many there are, and how often they were bought."""

    __tablename__ = "shelf_kind"

    category: str = Column(String(32), primary_key=True)
    kind: str = Column(String(32), primary_key=True)
    products: int = Column(Integer, nullable=False)
    sold: int = Column(Integer, nullable=False)


class SuggestionRefusal(Base):
    """What a customer does not want to be shown again.

    Attributes:
        refuser: The customer's id, or the conversation's of a visitor whom we don't know.
        product_no: The product; empty for everything that nobody asked for.
    """

    __tablename__ = "suggestion_refusal"

    refuser: str = Column(String(80), primary_key=True)
    product_no: str = Column(String(32), primary_key=True, default="")
    refused_at: datetime = Column(UtcDateTime, nullable=False)
