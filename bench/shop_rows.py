"""A shop of any size, row by row: the same rows every time, and as much of everything to each customer and product.

A larger shop has more products, customers, orders and promotions, and a longer past; what one basket, one product and
one customer have to do with stays the same. So a figure that grows with the size grows because of the size.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from bench.catalogue import products as named_products
from sixty.shop.catalogue import ATTRIBUTE_KEYS

Value = str | int | None
Row = tuple[Value, ...]

AT = datetime(2026, 11, 11, 4, 0, tzinfo=timezone.utc)
"""The moment of every question: noon of 双11 in the shop's zone, when most promotions run."""

SKUS_A_PRODUCT = 10
ATTRIBUTES_A_PRODUCT = 8
CATEGORIES = tuple(f"类目{number:02}" for number in range(40))

_COLORS = ("黑色", "卡其")
_SIZES = ("S", "M", "L", "XL", "2XL")
# How many orders ten customers have: most a few, some many.
_ORDERS_OF_TEN = (1, 1, 2, 2, 3, 4, 6, 8, 10, 13)
_GROUP = sum(_ORDERS_OF_TEN)
_OWNERS = [owner for owner, orders in enumerate(_ORDERS_OF_TEN) for _ in range(orders)]
_OWNER_IN_GROUP = random.Random(60).sample(_OWNERS, _GROUP)
_PAST_DAYS = 730
_PER_TEN_PRODUCTS = 10
_STATES = ("paid", "shipped", "delivered", "confirmed", "confirmed", "confirmed", "confirmed", "closed")
_REGIONS = ("浙江", "广东", "江苏", "四川", "北京", "新疆")


class Table(NamedTuple):
    """A table's name, the columns that are filled, and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[Row]


@dataclass(frozen=True)
class Scale:
    """How large a shop is."""

    skus: int
    orders: int

    def __post_init__(self) -> None:
        if self.skus % (SKUS_A_PRODUCT * _PER_TEN_PRODUCTS) or self.orders % _GROUP:
            raise ValueError(f"SKUs come by {SKUS_A_PRODUCT * _PER_TEN_PRODUCTS}, orders by {_GROUP}: {self}")

    @property
    def products(self) -> int:
        """How many products there are."""
        return self.skus // SKUS_A_PRODUCT

    @property
    def customers(self) -> int:
        """How many customers there are; each has ordered."""
        return self.orders // _GROUP * len(_ORDERS_OF_TEN)


def product_no(index: int) -> str:
    """The number of a product."""
    return f"P{index:07}"


def sku_code(index: int) -> str:
    """The code of a variant; the first ten belong to the first product."""
    return f"P{index // SKUS_A_PRODUCT:07}-{index % SKUS_A_PRODUCT:02}"


def customer_id(index: int) -> str:
    """The id of a customer."""
    return f"C{index:08}"


def orders_of_customer(index: int) -> int:
    """How many orders a customer has."""
    return _ORDERS_OF_TEN[index % len(_ORDERS_OF_TEN)]


def tables(scale: Scale) -> Iterator[Table]:
    """All tables with their rows, in an order in which nothing refers to what comes later."""
    yield Table("product", _PRODUCT, _products(scale))
    yield Table("listing", ("platform", "external_id", "product_no"), _listings(scale))
    yield Table("sku", _SKU, _skus(scale))
    yield Table("attribute", _ATTRIBUTE, _attributes(scale))
    yield Table("presale", _PRESALE, _presales(scale))
    yield Table("coupon", _COUPON, _coupons(scale))
    yield Table("pairing", ("product_no", "with_no", "reason", "coupon_code", "ordinal"), _pairings(scale))
    yield Table("promotion", _PROMOTION, _promotions(scale))
    yield Table("promotion_scope", ("promotion_code", "field", "value"), _scopes(scale))
    yield Table("customer", ("id", "nickname", "phone", "level", "region"), _customers(scale))
    yield Table("credit", _CREDIT, _credits(scale))
    yield Table("customer_order", _ORDER, _orders(scale))
    yield Table("order_line", _LINE, _lines(scale))
    yield Table("parcel", ("no", "order_no", "carrier", "state"), _parcels(scale))
    yield Table("parcel_trace", ("id", "parcel_no", "at", "place", "text"), _traces(scale))
    yield Table("refund", _REFUND, _refunds(scale))


def _mix(number: int) -> int:
    """A number that follows from another one and looks drawn."""
    number = (number ^ 0x5BD1E995) * 0x9E3779B1 & 0xFFFFFFFF
    return (number ^ number >> 15) * 0x85EBCA6B & 0xFFFFFFFF


def _moment(moment: datetime) -> str:
    # As SQLite's driver writes it; PostgreSQL reads it as a moment of the connection's zone, which is UTC.
    return f"{moment:%Y-%m-%d %H:%M:%S}.000000"


def _from_now(**span: float) -> str:
    return _moment(AT + timedelta(**span))


_PRODUCT = ("no", "name", "category", "kind", "brand", "status", "successor_no", "aliases", "runs")


def _products(scale: Scale) -> Iterator[Row]:
    for index, each in enumerate(named_products(scale.products)):
        aliases = json.dumps(each["aliases"], ensure_ascii=False)
        category = CATEGORIES[index % len(CATEGORIES)]
        yield product_no(index), each["name"], category, each["kind"], each["brand"], "on_sale", None, aliases, "正常"


def _listings(scale: Scale) -> Iterator[Row]:
    for index in range(scale.products):
        yield "jd", str(100_000_000_000 + index), product_no(index)


_SKU = ("code", "product_no", "color", "size", "spec", "stock", "list_price", "price", "member_price")


def price_of(index: int) -> int:
    """What a variant costs without any promotion, in fen."""
    return 1_990 + _mix(index // SKUS_A_PRODUCT) % 50_000 // 100 * 100


def _skus(scale: Scale) -> Iterator[Row]:
    for index in range(scale.skus):
        variant = index % SKUS_A_PRODUCT
        price = price_of(index)
        member = price * 95 // 100 if index // SKUS_A_PRODUCT % 3 == 0 else None
        color, size = _COLORS[variant // len(_SIZES)], _SIZES[variant % len(_SIZES)]
        stock = _mix(index + 7) % 50
        number, listed = product_no(index // SKUS_A_PRODUCT), price * 5 // 4
        yield sku_code(index), number, color, size, "", stock, listed, price, member


_ATTRIBUTE = ("product_no", "key", "value", "selling_point", "doubt", "ordinal")


def _attributes(scale: Scale) -> Iterator[Row]:
    for index in range(scale.products):
        for ordinal, key in enumerate(ATTRIBUTE_KEYS[:ATTRIBUTES_A_PRODUCT]):
            value = f"第{index}款的{key}，九成七棉加三分弹力"
            yield product_no(index), key, value, f"{key}比同价位的都好，穿过的都说值", "quality", ordinal


_PRESALE = (
    "product_no",
    "starts_at",
    "ends_at",
    "price",
    "deposit",
    "deposit_worth",
    "balance_from",
    "balance_until",
    "ships_by",
)


def _presales(scale: Scale) -> Iterator[Row]:
    """One product in fifty is in a presale, each with one that was over long ago."""
    days = ((-5, 5, 6, 9, 12), (-170, -160, -159, -155, -150))
    moments = [tuple(_from_now(days=day) for day in each) for each in days]
    for index in range(7, scale.products, 50):
        for begins, ends, opens, closes, ships in moments:
            yield product_no(index), begins, ends, 1_800, 300, 600, opens, closes, ships


_COUPON = ("code", "title", "kind", "threshold", "amount", "category", "starts_at", "ends_at")


def _coupons(scale: Scale) -> Iterator[Row]:
    """Three of the store and one of each category can be used; those of the past grow with the shop."""
    now, past = (_from_now(days=-3), _from_now(days=3)), (_from_now(days=-90), _from_now(days=-60))
    for number in range(3 + scale.products // 50):
        threshold = (number % 3 + 1) * 10_000
        yield f"STORE-{number}", "店铺券", "store", threshold, threshold // 10, None, *(now if number < 3 else past)
    for number in range(len(CATEGORIES) + scale.products // 20):
        running = number < len(CATEGORIES)
        category = CATEGORIES[number % len(CATEGORIES)]
        yield f"CAT-{number}", "品类券", "category", 20_000, 1_500, category, *(now if running else past)
    for index in range(0, scale.products, _PER_TEN_PRODUCTS):
        yield f"BUNDLE-{index}", "搭配券", "bundle", 0, 500, None, *now
        yield f"BUNDLE-{index}-OLD", "搭配券", "bundle", 0, 500, None, *past


def _pairings(scale: Scale) -> Iterator[Row]:
    """Every product goes with the next one; one pair in ten has a coupon."""
    for index in range(scale.products):
        coupon = f"BUNDLE-{index}" if index % _PER_TEN_PRODUCTS == 0 else None
        yield product_no(index), product_no((index + 1) % scale.products), "同系列，颜色也搭", coupon, 0


_PROMOTION = (
    "code",
    "kind",
    "title",
    "starts_at",
    "ends_at",
    "campaign",
    "phases",
    "levels",
    "everywhere",
    "threshold",
    "amount",
    "rate",
    "pieces",
    "which",
    "repeats",
    "gift",
)


def _promotions(scale: Scale) -> Iterator[Row]:
    now, past = (_from_now(days=-1), _from_now(days=1)), (_from_now(days=-90), _from_now(days=-60))
    without = (None, None, None)
    of_campaign = (None, None, "双11", '["sale"]', "[]", 1)
    yield "CROSS", "cross_shop_cut", "满300减50", *of_campaign, 30_000, 5_000, *without, 1, None
    yield "ALLOWANCE", "allowance", "购物津贴", *of_campaign, 20_000, 2_500, *without, 0, None
    yield "GIFT", "gift", "满500送袜子", *now, None, "[]", "[]", 1, 50_000, None, *without, 0, "中筒袜一双"
    for number in range(1 + scale.products // 100):
        times = now if number == 0 else past
        yield f"CUT-{number}", "store_cut", "满500减60", *times, None, "[]", "[]", 1, 50_000, 6_000, *without, 1, None
    for number in range(0, len(CATEGORIES), 4):
        pieces = (None, 900, 2, "all", 0, None)
        yield f"PIECES-{number}", "pieces", "两件九折", *now, None, "[]", "[]", 0, 0, *pieces
    for index in range(0, scale.products, _PER_TEN_PRODUCTS):
        for number in range(4):
            times = now if number == 0 else past
            rate = (None, 880, None, None, 0, None)
            yield f"TIMED-{index}-{number}", "timed_discount", "限时88折", *times, None, "[]", "[]", 0, 0, *rate


def _scopes(scale: Scale) -> Iterator[Row]:
    for number in range(0, len(CATEGORIES), 4):
        yield f"PIECES-{number}", "category", CATEGORIES[number]
    for index in range(0, scale.products, _PER_TEN_PRODUCTS):
        for number in range(4):
            yield f"TIMED-{index}-{number}", "product", product_no(index)


def _customers(scale: Scale) -> Iterator[Row]:
    levels = ("普通", "普通", "银卡", "金卡", "PLUS")
    for index in range(scale.customers):
        phone = f"13{_mix(index) % 10**9:09}"
        yield customer_id(index), f"顾客{index}", phone, levels[index % len(levels)], _REGIONS[index % len(_REGIONS)]


_CREDIT = ("code", "customer_id", "kind", "title", "amount", "threshold", "starts_at", "ends_at")


def _credits(scale: Scale) -> Iterator[Row]:
    now, past = (_from_now(days=-3), _from_now(days=3)), (_from_now(days=-90), _from_now(days=-60))
    for index in range(0, scale.customers, 3):
        yield f"RED-{index}", customer_id(index), "red_packet", "双11红包", 800, 0, *now
        yield f"RED-{index}-OLD", customer_id(index), "red_packet", "618红包", 500, 0, *past
        if index % 2 == 0:
            yield f"ALLOW-{index}", customer_id(index), "allowance", "购物津贴", 10_000, 0, *now


_ORDER = (
    "no",
    "customer_id",
    "state",
    "placed_at",
    "paid_at",
    "shipped_at",
    "delivered_at",
    "confirmed_at",
    "closed_at",
    "receiver",
    "phone",
    "address",
    "region",
    "goods_amount",
    "discount",
    "postage",
    "paid_amount",
)


def _order_no(index: int) -> str:
    return f"E{index:015}"


def _owner(index: int, orders: int) -> int:
    """Whose the order at a place in time is: a customer's orders lie far apart, as they do in a shop's table."""
    groups = orders // _GROUP
    return index % groups * len(_ORDERS_OF_TEN) + _OWNER_IN_GROUP[index // groups]


class _Days:
    """Moments of the past two years as text, spread evenly over so many things."""

    def __init__(self, count: int) -> None:
        first = AT - timedelta(days=_PAST_DAYS)
        self._days = [f"{first + timedelta(days=day):%Y-%m-%d}" for day in range(_PAST_DAYS + 8)]
        self._count = count

    def after(self, index: int, days: int) -> str:
        clock = index * 7_919 % 86_400
        day = self._days[index * _PAST_DAYS // self._count + days]
        return f"{day} {clock // 3_600:02}:{clock // 60 % 60:02}:{clock % 60:02}.000000"


def _state(index: int, scale: Scale) -> str:
    # What was bought in the last weeks is still under way.
    recent = index > scale.orders * 24 // 25
    return _STATES[_mix(index) % 3] if recent else _STATES[2 + _mix(index) % 6]


def _amount(index: int, scale: Scale) -> int:
    return sum(price_of(sku) for sku in _bought(index, scale))


def _bought(index: int, scale: Scale) -> tuple[int, ...]:
    first = _mix(index + 3) % scale.skus
    return (first,) if index % 2 else (first, _mix(index + 5) % scale.skus)


def _orders(scale: Scale) -> Iterator[Row]:
    days = _Days(scale.orders)
    for index in range(scale.orders):
        state, owner, goods = _state(index, scale), _owner(index, scale.orders), _amount(index, scale)
        placed = days.after(index, 0)
        shipped = days.after(index, 1) if state not in ("paid", "closed") else None
        delivered = days.after(index, 4) if state in ("delivered", "confirmed") else None
        confirmed = days.after(index, 6) if state == "confirmed" else None
        closed = days.after(index, 2) if state == "closed" else None
        phone = f"13{_mix(owner) % 10**9:09}"
        address = f"{_REGIONS[owner % 6]}省某某市某某区幸福路{index % 900 + 1}号{index % 30 + 1}幢{index % 12 + 1}01室"
        yield (
            _order_no(index),
            customer_id(owner),
            state,
            placed,
            placed,
            shipped,
            delivered,
            confirmed,
            closed,
            f"顾客{owner}",
            phone,
            address,
            _REGIONS[owner % 6],
            goods,
            goods // 10,
            0,
            goods - goods // 10,
        )


_LINE = ("order_no", "ordinal", "sku_code", "product_no", "name", "sku_text", "quantity", "unit_price", "share")


def _lines(scale: Scale) -> Iterator[Row]:
    for index in range(scale.orders):
        for ordinal, sku in enumerate(_bought(index, scale)):
            price = price_of(sku)
            variant = f"{_COLORS[sku % 10 // 5]} {_SIZES[sku % 5]}"
            number = sku // SKUS_A_PRODUCT
            name = f"第{number}款多口袋工装裤"
            share = price - price // 10
            yield _order_no(index), ordinal, sku_code(sku), product_no(number), name, variant, 1, price, share


def _sent(scale: Scale) -> Iterator[tuple[int, str]]:
    for index in range(scale.orders):
        state = _state(index, scale)
        if state not in ("paid", "closed"):
            yield index, state


def _parcels(scale: Scale) -> Iterator[Row]:
    for index, state in _sent(scale):
        yield f"SF{index:013}", _order_no(index), "顺丰速运", "in_transit" if state == "shipped" else "signed"


def _traces(scale: Scale) -> Iterator[Row]:
    days = _Days(scale.orders)
    number = 0
    for index, state in _sent(scale):
        number += 1
        parcel = f"SF{index:013}"
        yield number, parcel, days.after(index, 1), "杭州", "【杭州转运中心】快件已发出，下一站【上海集散中心】"
        number += 1
        text = "快件正在运往下一站" if state == "shipped" else "已签收，签收人：本人，感谢使用顺丰"
        yield number, parcel, days.after(index, 3), "上海", text


_REFUND = ("no", "order_no", "kind", "state", "amount", "reason", "asked_at", "updated_at", "promised_at")


def _refunds(scale: Scale) -> Iterator[Row]:
    """One order in sixteen."""
    days = _Days(scale.orders)
    for index in range(0, scale.orders, 16):
        asked = days.after(index, 5)
        yield f"R{index:013}", _order_no(index), "退货退款", "done", 1_000, "尺码不合适", asked, asked, None
