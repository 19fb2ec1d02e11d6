"""What is bought, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sixty.shop.pricing.presale import PresaleTerms

MEMBER_LEVELS = frozenset({"银卡", "金卡", "PLUS"})


@dataclass(frozen=True)
class BasketLine:
    """Some pieces of one variant.

    Attributes:
        sku: The variant's code; two lines of one variant are one line.
        price: What it costs without any promotion (活动价), at most the list price.
        member_price: What members pay, at most the price.
        shop: Whose it is, where a basket spans several shops; empty for one's own.
        presale: The presale that it is bought in, if there is one.
        deposit_paid: Whether the deposit has been paid: then the presale's price holds
            while the balance is due, and only the balance is left to pay.
    """

    sku: str
    product_no: str
    name: str
    category: str
    quantity: int
    list_price: Decimal
    price: Decimal
    member_price: Decimal | None = None
    shop: str = ""
    presale: PresaleTerms | None = None
    deposit_paid: bool = False

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"{self.sku}: a line has at least one piece, not {self.quantity}")
        if not 0 <= self.price <= self.list_price:
            raise ValueError(f"{self.sku}: the price {self.price} is not between zero and {self.list_price}")
        if self.member_price is not None and not 0 <= self.member_price <= self.price:
            raise ValueError(f"{self.sku}: the member price {self.member_price} is not between zero and {self.price}")


@dataclass(frozen=True)
class Basket:
    """Lines in a fixed order, so that no result depends on how they were put in."""

    lines: tuple[BasketLine, ...]

    @classmethod
    def of(cls, lines: Iterable[BasketLine]) -> Basket:
        """Puts lines together; those of one variant become one.

        Raises:
            ValueError: Two lines of one variant disagree about it.
        """
        merged: dict[str, BasketLine] = {}
        for line in lines:
            known = merged.get(line.sku)
            if known is None:
                merged[line.sku] = line
            elif replace(known, quantity=line.quantity) == line:
                merged[line.sku] = replace(known, quantity=known.quantity + line.quantity)
            else:
                raise ValueError(f"two lines of {line.sku} disagree about it")
        return cls(tuple(merged[sku] for sku in sorted(merged)))

    def __iter__(self) -> Iterator[BasketLine]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Allowance:
    """Shopping allowance (购物津贴) that a customer holds: spent in steps, and only while it is valid."""

    amount: Decimal
    starts_at: datetime
    ends_at: datetime

    def valid(self, at: datetime) -> bool:
        """Tells whether it can be spent at a moment."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class Buyer:
    """What a price depends on in a customer.

    Attributes:
        level: The level of membership; None for a stranger.
        region: The province that is delivered to, for the postage; empty when unknown.
    """

    level: str | None = None
    region: str = ""
    allowances: tuple[Allowance, ...] = ()

    @property
    def is_member(self) -> bool:
        """Whether member prices hold."""
        return self.level in MEMBER_LEVELS


STRANGER = Buyer()
