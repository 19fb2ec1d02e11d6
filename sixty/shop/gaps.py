"""Which doubts a product leaves open, the most expensive ones first.

A customer has six kinds of doubt (`sixty.shop.models.Doubt`). A product answers one when an attribute is written down
for it. How often something was asked, and how often the asker left without ordering, comes through the port
`AskedQuestions`; what counts it is not the shop's business.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.shop.catalogue import CANONICAL_KEYS
from sixty.shop.models import Attribute, Doubt, Product
from sixty.shop.relink import predecessors
from sixty.shop.size_guides import guide_of
from sixty.tables import column

DOUBTS: tuple[Doubt, ...] = get_args(Doubt)
DOUBT_NAMES: dict[Doubt, str] = {
    "fit": "适不适合",
    "quality": "质量",
    "size": "尺码",
    "date": "时间",
    "comfort": "舒适",
    "use": "使用",
}

# Which doubt speaks from a question after an attribute; what isn't here says none.
DOUBT_OF_KEY: dict[str, Doubt] = {
    **dict.fromkeys(("版型", "适用人群", "适用年龄", "适合体型", "兼容"), "fit"),
    **dict.fromkeys(
        ("材质", "缩水", "起球", "褪色", "产地", "正品", "安全认证", "成分", "配料", "保修", "能效"), "quality"
    ),
    **dict.fromkeys(("尺码偏向", "容量", "规格", "尺寸"), "size"),
    **dict.fromkeys(("保质期", "生产日期", "发货地"), "date"),
    **dict.fromkeys(("厚薄", "弹力", "透气", "气味", "噪音", "口味", "甜度"), "comfort"),
    **dict.fromkeys(
        ("护理", "功能", "功率", "续航", "接口", "安装", "用法", "储存", "防水", "适用场景", "包装清单"), "use"
    ),
}
_FIELDS = ("product", "doubt", "attribute", "asked", "left")


class AskedFileError(OperatorError):
    """A file of counted questions can't be used."""


@dataclass(frozen=True)
class AskedCount:
    """How often something was asked about a product.

    Attributes:
        product_no: The product.
        doubt: Which kind of doubt it shows.
        attribute: What was asked for, when it was one attribute.
        asked: How many times.
        left: How many of the askers left without ordering.
    """

    product_no: str
    doubt: Doubt
    attribute: str | None
    asked: int
    left: int


class AskedQuestions(Protocol):
    """Whoever counts what customers ask."""

    def counts(self) -> Iterable[AskedCount]:
        """Gives the counts; a product and doubt may come more than once."""
        ...


@dataclass(frozen=True)
class Gap:
    """One kind of doubt that a product leaves open.

    Attributes:
        product: The product.
        doubt: The doubt.
        asked: How often customers had it, about the product and those that it takes the place of.
        left: How many of them left without ordering.
        unanswered: Attributes that were asked for and nobody has written down, the most asked first.
    """

    product: Product
    doubt: Doubt
    asked: int
    left: int
    unanswered: tuple[str, ...]


@dataclass(frozen=True)
class CountedInFile:
    """Counted questions from a CSV or JSON file with the fields product, doubt, attribute, asked and left.

    `doubt` may be left out where the attribute tells it, and `attribute` where the doubt is given.
    """

    path: Path

    def counts(self) -> Iterator[AskedCount]:
        """Reads the file.

        Raises:
            AskedFileError: A row is wrong; says which and what to do.
        """
        for row, values in self._rows():
            yield _count_of(values, f"{self.path}:{row}")

    def _rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise AskedFileError(f"{self.path} can't be read: {error.strerror}; name a CSV or JSON file") from None
        except UnicodeDecodeError:
            raise AskedFileError(f"{self.path} isn't UTF-8; save it as UTF-8") from None
        if self.path.suffix.lower() == ".json":
            try:
                rows = json.loads(text)
            except json.JSONDecodeError as error:
                raise AskedFileError(f"{self.path}:{error.lineno}: isn't JSON: {error.msg}; mend it") from None
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise AskedFileError(f"{self.path} must be a list of objects with {', '.join(_FIELDS)}")
            yield from enumerate(rows, start=1)
            return
        reader = csv.DictReader(text.splitlines())
        missing = [each for each in ("product", "asked", "left") if each not in (reader.fieldnames or ())]
        if missing:
            raise AskedFileError(f"{self.path}:1: has no column {missing[0]}; the columns are {', '.join(_FIELDS)}")
        for values in reader:
            yield reader.line_num, values


def find_gaps(session: Session, asked: AskedQuestions | None = None, product_no: str | None = None) -> list[Gap]:
    """Lists the doubts that products on sale leave open.

    A doubt is open when no attribute answers it, or when an attribute was asked for that nobody has written down.
    What a predecessor knows counts, and what was asked about it counts for its successor. A size chart, be it for
    the product's kind or category, and the sizes of shoes answer the doubt of size.

    Args:
        session: The shop's database.
        asked: Who counts the questions; without one, nothing was asked.
        product_no: Only this product.

    Returns:
        Gaps by how often they were asked, then by how often the asker left, then by product.

    Raises:
        OperatorError: The counted questions can't be read.
    """
    query = select(Product).where(column(Product.status) == "on_sale").order_by(Product.no)
    if product_no is not None:
        query = query.where(column(Product.no) == product_no)
    products = list(session.scalars(query))
    counts: defaultdict[str, list[AskedCount]] = defaultdict(list)
    for each in asked.counts() if asked is not None else ():
        counts[each.product_no].append(each)
    heirs = set(
        session.scalars(select(Product.successor_no).where(column(Product.successor_no).is_not(None)).distinct())
    )
    attributes = select(Attribute.product_no, Attribute.key, Attribute.doubt)
    known: defaultdict[str, dict[str, Doubt | None]] = defaultdict(dict)
    for number, key, doubt in session.execute(attributes):
        known[number][key] = doubt
    found: list[Gap] = []
    for product in products:
        line = [product, *(predecessors(session, product.no) if product.no in heirs else ())]
        facts: dict[str, Doubt | None] = {}
        for each in line:
            facts = {**known.get(each.no, {}), **facts}
        found += _gaps_of(session, product, facts, [count for each in line for count in counts.get(each.no, ())])
    return sorted(found, key=lambda gap: (-gap.asked, -gap.left, gap.product.no, DOUBTS.index(gap.doubt)))


def _gaps_of(
    session: Session, product: Product, facts: dict[str, Doubt | None], counts: list[AskedCount]
) -> Iterator[Gap]:
    answered = {doubt if doubt is not None else DOUBT_OF_KEY.get(key) for key, doubt in facts.items()}
    # A chart of its own, one for its kind or category, or sizes that shoes are made in.
    if "size" not in answered and (product.size_chart_id is not None or guide_of(session, product) is not None):
        answered.add("size")
    for doubt in DOUBTS:
        of_doubt = [each for each in counts if each.doubt == doubt]
        missing: defaultdict[str, int] = defaultdict(int)
        for each in of_doubt:
            key = None if each.attribute is None else CANONICAL_KEYS.get(each.attribute, each.attribute)
            if key is not None and key not in facts:
                missing[key] += each.asked
        if doubt in answered and not missing:
            continue
        # Where the doubt is answered on the whole, only the questions without an answer count.
        counting = [
            each
            for each in of_doubt
            if doubt not in answered
            or (each.attribute is not None and CANONICAL_KEYS.get(each.attribute, each.attribute) in missing)
        ]
        yield Gap(
            product,
            doubt,
            sum(each.asked for each in counting),
            sum(each.left for each in counting),
            tuple(sorted(missing, key=lambda key: (-missing[key], key))),
        )


def _count_of(values: dict[str, Any], place: str) -> AskedCount:
    product = str(values.get("product") or "").strip().upper()
    if not product:
        raise AskedFileError(f"{place}: names no product; write its number, such as GZ2101")
    attribute = str(values.get("attribute") or "").strip() or None
    said = str(values.get("doubt") or "").strip()
    doubt = next((each for each in DOUBTS if said in (each, DOUBT_NAMES[each])), None)
    if said and doubt is None:
        raise AskedFileError(f"{place}: {said!r} is no kind of doubt; use one of {', '.join(DOUBTS)}")
    if doubt is None and attribute is not None:
        doubt = DOUBT_OF_KEY.get(CANONICAL_KEYS.get(attribute, attribute))
    if doubt is None:
        raise AskedFileError(f"{place}: shows no doubt; add one of {', '.join(DOUBTS)}")
    asked, left = (_whole(values.get(name), name, place) for name in ("asked", "left"))
    if left > asked:
        raise AskedFileError(f"{place}: {left} left, but only {asked} asked; mend the numbers")
    return AskedCount(product, doubt, attribute, asked, left)


def _whole(value: Any, name: str, place: str) -> int:
    text = str(value if value is not None else "").strip()
    if not (text.isascii() and text.isdigit()):
        raise AskedFileError(f"{place}: {name} is {text!r}; write a whole number such as 12")
    return int(text)
