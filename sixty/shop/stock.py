"""Says what is in stock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Sku
from sixty.shop.variants import Stocked
from sixty.tables import column

# "XXL" and "2XL" are one size.
_SHORT_FORM = re.compile(r"[A-Z]+\d+(?=[^A-Z0-9])")
_REPEATED_X = re.compile(r"^(X{2,6})(L|S)$")


@dataclass(frozen=True)
class SkuStock:
    """How many pieces of one variant there are."""

    color: str
    size: str
    spec: str
    stock: int


@dataclass(frozen=True)
class StockAnswer:
    """What a product has of the variant asked for.

    Attributes:
        matches: The variants that fit the question, whether in stock or not.
        in_stock: Whether any of them can be bought now.
        unknown_color: The colour asked for was never made.
        unknown_size: The size asked for was never made.
        unknown_spec: The spec asked for was never made.
        available_colors: What can be bought now, in the size and spec asked for if known.
        available_sizes: What can be bought now, in the colour and spec asked for if known.
    """

    matches: tuple[SkuStock, ...]
    in_stock: bool
    unknown_color: bool
    unknown_size: bool
    unknown_spec: bool
    available_colors: tuple[str, ...]
    available_sizes: tuple[str, ...]


def stock_of(
    session: Session,
    product_no: str,
    color: str | None = None,
    size: str | None = None,
    spec: str | None = None,
) -> StockAnswer:
    """Looks up the stock of a product, or of one colour, size or spec of it.

    Colours match as customers say them (`黑` and `黑色` are one, `蓝` finds `藏蓝`), an exact
    match before a partial one; sizes match with or without `码`, `XXL` as `2XL`.
    """
    query = select(Sku).where(column(Sku.product_no) == product_no).order_by(Sku.code)
    return stock_among(list(session.scalars(query)), color, size, spec)


def stock_among(
    skus: Sequence[Stocked], color: str | None = None, size: str | None = None, spec: str | None = None
) -> StockAnswer:
    """Looks up the stock among the variants of a product; arguments and answer as of :func:`stock_of`."""
    colors = _matching({sku.color for sku in skus}, color, _plain_color, partial=True)
    sizes = _matching({sku.size for sku in skus}, size, _plain_size, partial=False)
    specs = _matching({sku.spec for sku in skus}, spec, _plain, partial=True)

    def available(sku: Stocked, *, of_color: bool = True, of_size: bool = True) -> bool:
        # What nobody makes can't narrow the choice that is offered instead.
        return (
            sku.stock > 0
            and (not of_color or not colors or sku.color in colors)
            and (not of_size or not sizes or sku.size in sizes)
            and (not specs or sku.spec in specs)
        )

    matches = [sku for sku in skus if sku.color in colors and sku.size in sizes and sku.spec in specs]
    return StockAnswer(
        matches=tuple(SkuStock(sku.color, sku.size, sku.spec, sku.stock) for sku in matches),
        in_stock=any(sku.stock > 0 for sku in matches),
        unknown_color=not colors and bool(skus),
        unknown_size=not sizes and bool(skus),
        unknown_spec=not specs and bool(skus),
        available_colors=_distinct(sku.color for sku in skus if available(sku, of_color=False)),
        available_sizes=_distinct(sku.size for sku in skus if available(sku, of_size=False)),
    )


def variant_named(session: Session, product_no: str, text: str) -> dict[str, str]:
    """Finds the variant that a customer's words name, with the names of this product's own variants.

    A name with a short form in front (`N40小麦色`) is also found by that.

    Returns:
        Some of `color`, `size` and `spec`, as the shop writes them; the longest name wins.
    """
    said = _plain(text)
    skus = list(session.scalars(select(Sku).where(column(Sku.product_no) == product_no)))
    found: dict[str, str] = {}
    for kind in ("color", "size", "spec"):
        values = {getattr(sku, kind) for sku in skus} - {""}
        named = [value for value in values if any(_says(said, name) for name in _names(value))]
        if named:
            found[kind] = max(named, key=lambda value: (len(value), value))
    return found


def plain_size(size: str) -> str:
    """Writes a size in the one way that sizes are compared in: `xxl码` is `2XL`."""
    return _plain_size(size)


def _matching(known: set[str], asked: str | None, plain: Callable[[str], str], *, partial: bool) -> set[str]:
    if asked is None or not plain(asked):
        return known
    wanted = plain(asked)
    exact = {value for value in known if plain(value) == wanted}
    if exact or not partial:
        return exact
    return {value for value in known if plain(value) and (wanted in plain(value) or plain(value) in wanted)}


def _names(value: str) -> Iterator[str]:
    plain = _plain(value)
    yield plain
    short = _SHORT_FORM.match(plain)
    if short:
        yield short.group()


def _says(said: str, name: str) -> bool:
    """Whether a name stands in a text by itself: `M` not in `MM`, `4升` not in `14升`."""
    edge = r"[A-Z0-9.]"
    before = rf"(?<!{edge})" if re.match(edge, name) else ""
    after = rf"(?!{edge})" if re.match(edge, name[-1:]) else ""
    return re.search(f"{before}{re.escape(name)}{after}", said) is not None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def _plain_color(color: str) -> str:
    plain = _plain(color)
    return plain[:-1] if len(plain) > 1 and plain.endswith("色") else plain


@lru_cache(maxsize=4096)
def _plain_size(size: str) -> str:
    plain = _plain(size)
    if len(plain) > 1 and plain[-1] in "码号":
        plain = plain[:-1]
    found = _REPEATED_X.match(plain)
    return f"{len(found.group(1))}X{found.group(2)}" if found else plain


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
