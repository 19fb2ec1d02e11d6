"""Finds products and what is known about them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import Any

from sqlalchemy import Text, case, cast, desc, exists, select
from sqlalchemy.orm import Session

from sixty.shop.models import Attribute, Listing, Product, Sku
from sixty.tables import column

# What customers ask about: the keys that files, training data and tables share.
ATTRIBUTE_KEYS = (
    "材质",
    "版型",
    "厚薄",
    "护理",
    "缩水",
    "起球",
    "褪色",
    "弹力",
    "透气",
    "尺码偏向",
    "适用人群",
    "适用年龄",
    "适合体型",
    "产地",
    "包装清单",
    "容量",
    "规格",
    "重量",
    "尺寸",
    "功能",
    "功率",
    "续航",
    "接口",
    "兼容",
    "噪音",
    "能效",
    "安装",
    "保修",
    "正品",
    "安全认证",
    "成分",
    "功效",
    "肤质",
    "用法",
    "保质期",
    "生产日期",
    "储存",
    "口味",
    "甜度",
    "发货地",
    "配料",
    "气味",
    "防水",
    "适用场景",
    "颜色",
    "包装",
)

# Words of customers and merchants for one and the same fact.
CANONICAL_KEYS = {
    "面料": "材质",
    "料子": "材质",
    "布料": "材质",
    "材料": "材质",
    "款式": "版型",
    "厚度": "厚薄",
    "洗涤": "护理",
    "清洗": "护理",
    "掉色": "褪色",
    "弹性": "弹力",
    "透气性": "透气",
    "尺码": "尺码偏向",
    "年龄": "适用年龄",
    "月龄": "适用年龄",
    "人群": "适用人群",
    "清单": "包装清单",
    "配件": "包装清单",
    "净含量": "规格",
    "大小": "尺寸",
    "电池": "续航",
    "耗电": "能效",
    "质保": "保修",
    "真伪": "正品",
    "认证": "安全认证",
    "成份": "成分",
    "功能性": "功能",
    "用途": "功能",
    "使用方法": "用法",
    "日期": "生产日期",
    "味道": "口味",
    "保存": "储存",
    "防泼水": "防水",
}

_MOST_STEPS_TO_SUCCESSOR = 8


@dataclass(frozen=True)
class AttributeAnswer:
    """One fact about a product; `selling_point` may be empty."""

    key: str
    value: str
    selling_point: str


def find_product(session: Session, no: str) -> Product | None:
    """Finds a product by its number, as customers type it (`ｇｚ2101 `)."""
    wanted = unicodedata.normalize("NFKC", no).strip().upper()
    found: Product | None = session.get(Product, wanted) if wanted else None
    return found


def product_of_listing(session: Session, platform: str, external_id: str) -> Product | None:
    """Finds the product behind a number of a marketplace or of the own shop."""
    listing: Listing | None = session.get(Listing, (platform, external_id.strip()))
    if listing is not None:
        return find_product(session, listing.product_no)
    return find_product(session, external_id) if platform == "shop" else None


def search_products(
    session: Session, words: Sequence[str], category: str | None = None, limit: int = 5
) -> list[Product]:
    """Searches products on sale by words, those in stock first, then the best matches.

    A word counts most in the name, kind or another name of a product, less in its brand or
    category, least in its attributes. Without words everything in the category is found.
    """
    wanted = [_stem(word.strip()) for word in words if word.strip()]
    in_stock = exists().where(column(Sku.product_no) == Product.no, column(Sku.stock) > 0)
    query = select(Product).where(column(Product.status) == "on_sale")
    if category:
        query = query.where(column(Product.category) == category)
    if not wanted:
        return list(session.scalars(query.order_by(desc(in_stock), Product.no).limit(limit)))
    score = reduce(add, (_score_of(word) for word in wanted))
    # Enough that are called so and in stock come first whatever is written in the attributes of others, of which a
    # large shop has a million to look through.
    called = reduce(or_, (_is_called(word) for word in wanted))
    found = list(session.scalars(query.where(called, in_stock).order_by(desc(score), Product.no).limit(limit)))
    if len(found) >= limit:
        return found
    return list(session.scalars(query.where(score > 0).order_by(desc(in_stock), desc(score), Product.no).limit(limit)))


def is_of_kind(product: Product, kind: str) -> bool:
    """Whether a product is the sort of thing that a customer says: `鞋子` is any shoe."""
    stem = _stem(kind.strip())
    return bool(stem) and (stem in product.kind or stem in product.name)


def attribute_answer(session: Session, product_no: str, key: str) -> AttributeAnswer | None:
    """Says what is known of one attribute, whichever word for it the customer used."""
    asked = key.strip()
    for candidate in (asked, CANONICAL_KEYS.get(asked)):
        found = session.get(Attribute, (product_no, candidate)) if candidate else None
        if found is not None:
            return AttributeAnswer(found.key, found.value, found.selling_point)
    return None


def attribute_keys(session: Session, product_no: str) -> list[str]:
    """Lists what is known about a product, in the order that its file gives."""
    query = (
        select(Attribute.key)
        .where(column(Attribute.product_no) == product_no)
        .order_by(Attribute.ordinal, Attribute.key)
    )
    return list(session.scalars(query))


def successor(session: Session, product: Product) -> Product | None:
    """Finds what is sold in place of a product taken off sale, over several steps."""
    seen = {product.no}
    current = product
    for _ in range(_MOST_STEPS_TO_SUCCESSOR):
        if current.successor_no is None or current.successor_no in seen:
            return None
        following: Product | None = session.get(Product, current.successor_no)
        if following is None or following.status == "on_sale":
            return following
        seen.add(following.no)
        current = following
    return None


def _stem(word: str) -> str:
    # "裤子" is what customers say, "工装裤" what the product is called.
    return word[0] if len(word) == 2 and word[1] in "子儿" else word


def _holds(text: Any, word: str) -> Any:
    return text.ilike(_pattern(word), escape="\\")


def _is_called(word: str) -> Any:
    """Whether a product's own names hold a word."""
    named = (column(Product.kind), column(Product.name), cast(Product.aliases, Text))
    return reduce(or_, (_holds(text, word) for text in (*named, column(Product.brand), column(Product.category))))


def _score_of(word: str) -> Any:
    of_attributes = exists().where(
        column(Attribute.product_no) == Product.no,
        _holds(column(Attribute.value), word) | _holds(column(Attribute.selling_point), word),
    )
    return (
        case((_holds(column(Product.kind), word), 4), else_=0)
        + case((_holds(column(Product.name), word), 4), else_=0)
        + case((_holds(cast(Product.aliases, Text), word), 3), else_=0)
        + case((_holds(column(Product.brand), word) | _holds(column(Product.category), word), 2), else_=0)
        + case((of_attributes, 1), else_=0)
    )


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
