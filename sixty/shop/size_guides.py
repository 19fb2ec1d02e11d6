"""How the size of a product is found: by its chart, or by the sizes that its shoes are made in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, select
from sqlalchemy.orm import Session, selectinload

from sixty.shop.models import BodyPart, Product, Runs
from sixty.shop.shoe_sizes import advise_shoe_size, shoe_sizes_of
from sixty.shop.size_charts import Body, Chart, chart_of
from sixty.shop.sizes import Fit, SizeAdvice, advise_size
from sixty.shop.stock import plain_size
from sixty.tables import column

# So many products like it are looked through for one that fits.
_CANDIDATES = 60


@dataclass(frozen=True)
class SizeGuide:
    """What a product's size is found with.

    Attributes:
        chart: Its size chart; `None` for shoes without one.
        shoe_sizes: The sizes of shoes without a chart, the smallest first.
        runs: How it is cut.
    """

    chart: Chart | None
    shoe_sizes: tuple[int, ...]
    runs: Runs

    @property
    def asks_for_fit(self) -> bool:
        """Whether the customer is asked how they like to wear it."""
        return self.chart is not None and self.chart.asks_for_fit

    @property
    def is_for_children(self) -> bool:
        """Whether an age may be told instead of a height."""
        return self.chart is not None and self.chart.is_for_children

    @property
    def sort(self) -> tuple[bool, bool]:
        """Tells whether it is for shoes, and whether for children."""
        is_for_shoes = self.chart is None or "foot" in self.chart.parts
        return is_for_shoes, self.is_for_children

    def missing(self, body: Body) -> tuple[BodyPart, ...]:
        """Lists what still has to be asked for."""
        if self.chart is not None:
            return self.chart.missing(body)
        return ("foot",) if body.foot is None else ()

    def advise(self, body: Body, fit: Fit = "regular") -> SizeAdvice:
        """Advises on the size; gives an answer for every body."""
        if self.chart is not None:
            return advise_size(self.chart, body, fit, self.runs)
        return advise_shoe_size(self.shoe_sizes, body.foot, fit, self.runs)


def guide_of(session: Session, product: Product) -> SizeGuide | None:
    """Finds what a product's size is found with; `None` where sizes don't apply."""
    chart = chart_of(session, product)
    sizes = () if chart is not None else shoe_sizes_of(product)
    return SizeGuide(chart, sizes, product.runs) if chart is not None or sizes else None


def has_size(product: Product, size: str) -> bool:
    """Tells whether a size is in stock, in whatever colour."""
    wanted = plain_size(size)
    return any(sku.stock > 0 and plain_size(sku.size) == wanted for sku in product.skus)


def substitute_for(session: Session, product: Product, body: Body) -> Product | None:
    """Finds another product that fits a body that this one doesn't fit.

    Of the same kind rather than of the same category, and close in price; its size is found by the same measures and
    is in stock.
    """
    own = guide_of(session, product)
    if own is None:
        return None
    query = (
        select(Product)
        .where(
            column(Product.category) == product.category,
            column(Product.status) == "on_sale",
            column(Product.no) != product.no,
        )
        .order_by(case((column(Product.kind) == product.kind, 0), else_=1), Product.no)
        .limit(_CANDIDATES)
        .options(selectinload(Product.skus))
    )
    price = _lowest_price(product)
    candidates: list[Product] = sorted(
        session.scalars(query),
        key=lambda each: (each.kind != product.kind, abs(_lowest_price(each) - price), each.no),
    )
    for candidate in candidates:
        guide = guide_of(session, candidate)
        # Shoes are no substitute for trousers, a child's coat none for its mother's.
        if guide is None or guide.sort != own.sort:
            continue
        advice = guide.advise(body)
        if advice.size is not None and has_size(candidate, advice.size):
            return candidate
    return None


def _lowest_price(product: Product) -> Decimal:
    return min((sku.price for sku in product.skus), default=Decimal(0))
