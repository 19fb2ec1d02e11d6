"""How two products differ, and whom each of them suits.

What a merchant wrote by hand (`playbook/comparisons.yml`) wins over what the attributes tell.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, Extra, constr, validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.shop.located import Located, Problem, read_entries, read_soundly
from sixty.shop.models import Attribute, Product
from sixty.shop.pricing.offers import cheapest
from sixty.shop.wording import say_amount
from sixty.tables import column

COMPARISONS_FILE = "comparisons.yml"
MOST_DIFFERENCES = 5

# What tells products apart for a customer, the most telling first; the rest follows as the file of the product has it.
_TELLING = ("适合体型", "适用人群", "适用年龄", "适用场景", "版型", "厚薄", "材质", "功能", "容量", "规格", "尺码偏向")
_SAYS_WHO = ("适合体型", "适用人群", "适用年龄", "适用场景")
_ENDINGS = "。！～!~，,；; "


class ComparisonsError(OperatorError):
    """The file of comparisons can't be used."""


class ComparisonEntry(BaseModel):
    """A difference that a merchant wrote: the two products, how they differ, and whom each suits."""

    products: tuple[str, str]
    difference: constr(strip_whitespace=True, min_length=1)  # type: ignore[valid-type]
    suits: dict[str, str]

    class Config:
        """How pydantic reads it."""

        extra = Extra.forbid

    @validator("products")
    def _two(cls, products: tuple[str, str]) -> tuple[str, str]:
        if products[0] == products[1]:
            raise ValueError("a product doesn't differ from itself")
        return products

    @validator("suits")
    def _says_both(cls, suits: dict[str, str], values: dict[str, tuple[str, str]]) -> dict[str, str]:
        if "products" in values and set(suits) != set(values["products"]):
            raise ValueError(f"say whom each suits: {' and '.join(values['products'])}")
        if not all(text.strip() for text in suits.values()):
            raise ValueError("says nothing")
        return suits


@dataclass(frozen=True)
class Difference:
    """One attribute in which two products differ."""

    key: str
    first: str
    second: str


@dataclass(frozen=True)
class Comparison:
    """How two products differ.

    Attributes:
        by_hand: Whether a merchant wrote it.
        differences: Attribute by attribute; empty when written by hand.
        suits: Whom each suits, by product number; may lack one of which nothing is known.
        text: All of it, as a shop assistant would say it.
    """

    first: Product
    second: Product
    by_hand: bool
    differences: tuple[Difference, ...]
    suits: dict[str, str]
    text: str


HandWritten = dict[frozenset[str], ComparisonEntry]


def check_comparisons(
    file: Path, problems: list[Problem], known: Collection[str] | None = None
) -> list[Located[ComparisonEntry]]:
    """Reads a file of comparisons; what is wrong goes into `problems`.

    Args:
        file: The file; one that isn't there says nothing.
        problems: Gets what is wrong, with file, line and remedy.
        known: The numbers of the products there are; not checked when left out.
    """
    if not file.exists():
        return []
    entries = read_entries(file, ComparisonEntry, problems)
    seen: set[frozenset[str]] = set()
    for each in entries:
        pair = frozenset(each.entry.products)
        if pair in seen:
            problems.append(each.problem("these two are compared twice", "remove one", "products"))
        seen.add(pair)
        for ordinal, number in enumerate(each.entry.products):
            if known is not None and number not in known:
                problems.append(
                    each.problem(f"unknown product {number}", "name a product that exists", "products", ordinal)
                )
    return entries


@lru_cache(maxsize=4)
def read_comparisons(folder: Path) -> HandWritten:
    """Reads what a playbook says of pairs of products, once: its own file, else that of the demo shop.

    Raises:
        ComparisonsError: The file is wrong; names every place.
    """
    own = folder / COMPARISONS_FILE
    file = own if own.exists() else folder / "demo" / COMPARISONS_FILE
    entries = read_soundly(check_comparisons, file, ComparisonsError)
    return {frozenset(each.entry.products): each.entry for each in entries}


def shop_comparisons() -> HandWritten:
    """What this deployment's playbook says of pairs of products.

    Raises:
        ComparisonsError: The file is wrong.
    """
    from sixty.settings import get_settings

    return read_comparisons(get_settings().playbook)


def compare(session: Session, first: Product, second: Product, by_hand: HandWritten | None = None) -> Comparison:
    """Compares two products, in the order in which the customer named them.

    Args:
        session: The shop's database.
        first: One product.
        second: Another one.
        by_hand: What a merchant wrote; as the playbook says when left out.

    Raises:
        ValueError: Both are the same product.
    """
    if first.no == second.no:
        raise ValueError(f"{first.no} doesn't differ from itself")
    written = (shop_comparisons() if by_hand is None else by_hand).get(frozenset((first.no, second.no)))
    if written is not None:
        suits = {each.no: written.suits[each.no].strip(_ENDINGS) for each in (first, second)}
        text = "；".join((written.difference.strip(_ENDINGS), *_advice(first, second, suits)))
        return Comparison(first, second, True, (), suits, text)
    of_first, of_second = _attributes(session, first), _attributes(session, second)
    differences = tuple(_differences(first, second, of_first, of_second))
    suits = {
        each.no: said for each, known in ((first, of_first), (second, of_second)) if (said := _who(known)) is not None
    }
    parts = [
        f"{each.key}：{first.name}是{each.first}，{second.name}是{each.second}"
        for each in differences[:MOST_DIFFERENCES]
    ]
    if not parts:
        parts = [f"{first.name}和{second.name}，资料里写了的地方没有差别"]
    return Comparison(first, second, False, differences, suits, "；".join((*parts, *_advice(first, second, suits))))


def _attributes(session: Session, product: Product) -> dict[str, str]:
    query = (
        select(Attribute).where(column(Attribute.product_no) == product.no).order_by(Attribute.ordinal, Attribute.key)
    )
    return {each.key: "，".join(each.value.strip(_ENDINGS).split()) for each in session.scalars(query)}


def _differences(
    first: Product, second: Product, of_first: dict[str, str], of_second: dict[str, str]
) -> list[Difference]:
    # What only one of them says can't be compared: the other may be just the same.
    shared = [key for key in of_first if key in of_second and of_first[key] != of_second[key]]
    shared.sort(key=lambda key: _TELLING.index(key) if key in _TELLING else len(_TELLING))
    found = [Difference(key, of_first[key], of_second[key]) for key in shared]
    if first.skus and second.skus:
        prices = [cheapest(each.skus).price for each in (first, second)]
        if prices[0] != prices[1]:
            found.insert(0, Difference("价格", f"{say_amount(prices[0])}起", f"{say_amount(prices[1])}起"))
    return found


def _who(known: dict[str, str]) -> str | None:
    return next((known[key] for key in _SAYS_WHO if key in known), None)


def _advice(first: Product, second: Product, suits: dict[str, str]) -> list[str]:
    return [f"{each.name}更适合{suits[each.no]}" for each in (first, second) if each.no in suits]
