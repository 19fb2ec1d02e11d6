"""What a price and a stock answer need to know of a variant, whichever system told it."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol


class Stocked(Protocol):
    """What a stock answer needs of a variant; colour, size and spec are empty where they don't apply."""

    @property
    def color(self) -> str:
        """The colour."""

    @property
    def size(self) -> str:
        """The size."""

    @property
    def spec(self) -> str:
        """Capacity, length, flavour."""

    @property
    def stock(self) -> int:
        """How many pieces there are."""


class Variant(Stocked, Protocol):
    """One buyable variant: a row of our tables, or what the merchant's system says of it; amounts are yuan."""

    @property
    def code(self) -> str:
        """Its SKU."""

    @property
    def list_price(self) -> Decimal:
        """What it costs by its label, at least the price."""

    @property
    def price(self) -> Decimal:
        """What it costs without any promotion."""

    @property
    def member_price(self) -> Decimal | None:
        """What members pay, at most the price."""


class Article(Protocol):
    """What a price needs to know of a product."""

    @property
    def no(self) -> str:
        """Its number (货号)."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def category(self) -> str:
        """Its category."""


def variant_text(variant: Variant) -> str:
    """The variant as shown on an order: `卡其 L`."""
    return " ".join(part for part in (variant.color, variant.size, variant.spec) if part)
