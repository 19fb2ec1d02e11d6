"""Reads the whole demo shop and checks that its files agree with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from sixty.shop.catalogue import ATTRIBUTE_KEYS
from sixty.shop.demo.moments import Moment
from sixty.shop.demo.schema import (
    CouponEntry,
    CreditEntry,
    CustomerEntry,
    OrderEntry,
    OrderLineEntry,
    PairingEntry,
    PresaleEntry,
    ProductEntry,
    PromotionEntry,
    SizeChartEntry,
    SkuEntry,
)
from sixty.shop.located import FilesError, Located, Problem, read_entries
from sixty.shop.pricing.playbook import check_rules
from sixty.shop.wording import SHOP_ZONE

ModelT = TypeVar("ModelT", bound=BaseModel)


class DemoError(FilesError):
    """The demo files can't be used; says all that is wrong with them at once."""


# Which times an order in a state has; the files may leave out none of them.
_TIMES_OF_STATE: dict[str, tuple[str, ...]] = {
    "unpaid": (),
    "deposit_paid": ("paid",),
    "paid": ("paid",),
    "part_shipped": ("paid", "shipped"),
    "shipped": ("paid", "shipped"),
    "delivered": ("paid", "shipped", "delivered"),
    "confirmed": ("paid", "shipped", "delivered", "confirmed"),
    "closed": ("closed",),
}
_TIMES_IN_ORDER = ("placed", "paid", "shipped", "delivered", "confirmed")

# Files have to make sense whenever they are seeded: at night, in the morning, in the evening.
_HOURS_TO_TRY = (0, 6, 12, 18, 23)


@dataclass(frozen=True)
class DemoShop:
    """Everything that the files say, checked."""

    products: tuple[ProductEntry, ...]
    size_charts: tuple[SizeChartEntry, ...]
    coupons: tuple[CouponEntry, ...]
    pairings: tuple[PairingEntry, ...]
    presales: tuple[PresaleEntry, ...]
    customers: tuple[CustomerEntry, ...]
    orders: tuple[OrderEntry, ...]
    promotions: tuple[PromotionEntry, ...] = ()
    credits_held: tuple[CreditEntry, ...] = ()


def load_demo(path: Path) -> DemoShop:
    """Reads the files of the demo shop.

    Args:
        path: The folder, `playbook/demo` in the project.

    Raises:
        DemoError: Something is missing, misspelt or contradictory; names every place.
    """
    problems: list[Problem] = []

    def read(name: str, model: type[ModelT], *, optional: bool = False) -> list[Located[ModelT]]:
        files = sorted(path.glob(f"{name}/*.yml")) if (path / name).is_dir() else []
        if not files:
            files = [path / f"{name}.yml"]
            if optional and not files[0].exists():
                return []
        return [entry for file in files for entry in read_entries(file, model, problems)]

    files = _Files(
        products=read("products", ProductEntry),
        size_charts=read("size_charts", SizeChartEntry),
        coupons=read("coupons", CouponEntry),
        pairings=read("pairings", PairingEntry),
        presales=read("presales", PresaleEntry),
        customers=read("customers", CustomerEntry),
        orders=read("orders", OrderEntry),
        promotions=read("promotions", PromotionEntry, optional=True),
        credits_held=read("credits", CreditEntry, optional=True),
    )
    # What is wrong with the playbook itself is said where that is checked.
    campaigns = set(check_rules(path.parent, []).campaigns)
    if not problems:
        # References are checked only in files that could be read: the rest would be noise.
        problems.extend(_check(files, campaigns))
    if problems:
        raise DemoError(problems)
    return DemoShop(
        products=tuple(each.entry for each in files.products),
        size_charts=tuple(each.entry for each in files.size_charts),
        coupons=tuple(each.entry for each in files.coupons),
        pairings=tuple(each.entry for each in files.pairings),
        presales=tuple(each.entry for each in files.presales),
        customers=tuple(each.entry for each in files.customers),
        orders=tuple(each.entry for each in files.orders),
        promotions=tuple(each.entry for each in files.promotions),
        credits_held=tuple(each.entry for each in files.credits_held),
    )


def sku_of(product: ProductEntry, line: OrderLineEntry) -> SkuEntry | None:
    """Finds the variant that a line of an order means.

    Parts that the product has only one of may be left out.
    """
    fitting = [
        sku
        for sku in product.skus
        if (not line.color or sku.color == line.color)
        and (not line.size or sku.size == line.size)
        and (not line.spec or sku.spec == line.spec)
    ]
    return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True)
class _Files:
    products: list[Located[ProductEntry]]
    size_charts: list[Located[SizeChartEntry]]
    coupons: list[Located[CouponEntry]]
    pairings: list[Located[PairingEntry]]
    presales: list[Located[PresaleEntry]]
    customers: list[Located[CustomerEntry]]
    orders: list[Located[OrderEntry]]
    promotions: list[Located[PromotionEntry]]
    credits_held: list[Located[CreditEntry]]


def _check(files: _Files, campaigns: set[str]) -> Iterable[Problem]:
    yield from _unique(files.products, "product", lambda each: each.no, "no")
    yield from _unique(files.size_charts, "size chart", lambda each: each.id, "id")
    yield from _unique(files.coupons, "coupon", lambda each: each.code, "code")
    yield from _unique(files.customers, "customer", lambda each: each.id, "id")
    yield from _unique(files.orders, "order", lambda each: each.no, "no")
    yield from _unique(files.promotions, "promotion", lambda each: each.code, "code")
    yield from _unique(files.credits_held, "credit", lambda each: each.code, "code")
    yield from _unique(files.pairings, "pairing", lambda each: f"{each.product} with {each.with_}", "with")
    yield from _unique_inside(files)
    products: dict[str, ProductEntry] = {each.entry.no: each.entry for each in files.products}
    coupons: dict[str, CouponEntry] = {each.entry.code: each.entry for each in files.coupons}
    charts: dict[str, SizeChartEntry] = {each.entry.id: each.entry for each in files.size_charts}
    for product in files.products:
        yield from _check_product(product, products, charts)
    categories: set[str] = {product.category for product in products.values()}
    kinds: set[str] = {product.kind for product in products.values()}
    yield from _check_charts_for_categories(files.size_charts, categories | kinds)
    for coupon in files.coupons:
        yield from _check_coupon(coupon, categories)
    for promotion in files.promotions:
        yield from _check_promotion(promotion, products, categories, campaigns)
    for pairing in files.pairings:
        yield from _check_pairing(pairing, products, coupons)
    for presale in files.presales:
        yield from _check_presale(presale, products)
    on_presale: set[str] = {each.entry.product for each in files.presales}
    customers: set[str] = {each.entry.id for each in files.customers}
    for order in files.orders:
        yield from _check_order(order, products, coupons, customers, on_presale)
    for credit in files.credits_held:
        yield from _check_credit(credit, customers)


def _unique(entries: list[Located[ModelT]], what: str, key: Callable[[ModelT], str], field: str) -> Iterable[Problem]:
    first: dict[str, Located[ModelT]] = {}
    for each in entries:
        name = key(each.entry)
        if name in first:
            place = first[name].problem("", "", field)
            yield each.problem(
                f"{what} {name} exists already at {place.file.name}:{place.line}",
                "give one of them another number or remove it",
                field,
            )
        first.setdefault(name, each)


def _unique_inside(files: _Files) -> Iterable[Problem]:
    seen: defaultdict[str, set[str]] = defaultdict(set)

    def taken(what: str, number: str) -> bool:
        known = number in seen[what]
        seen[what].add(number)
        return known

    for product in files.products:
        for platform, number in product.entry.listings.items():
            if taken(platform, number):
                yield product.problem(
                    f"the {platform} listing {number} belongs to another product already",
                    "give it a number of its own",
                    "listings",
                    platform,
                )
    for order in files.orders:
        for ordinal, parcel in enumerate(order.entry.parcels):
            if taken("parcel", parcel.no):
                yield order.problem(
                    f"parcel {parcel.no} exists already",
                    "give it a number of its own",
                    "parcels",
                    ordinal,
                    "no",
                )
        for ordinal, refund in enumerate(order.entry.refunds):
            if refund.no is not None and taken("refund", refund.no):
                yield order.problem(
                    f"refund {refund.no} exists already",
                    "give it a number of its own, or leave it out",
                    "refunds",
                    ordinal,
                    "no",
                )


def _check_product(
    located: Located[ProductEntry],
    products: dict[str, ProductEntry],
    charts: dict[str, SizeChartEntry],
) -> Iterable[Problem]:
    product = located.entry
    if product.successor is not None and product.successor not in products:
        yield located.problem(f"unknown successor {product.successor}", "name a product that exists", "successor")
    for key in product.attributes:
        if key not in ATTRIBUTE_KEYS:
            yield located.problem(
                f"nobody asks for {key!r}",
                f"use one of {'、'.join(ATTRIBUTE_KEYS)}",
                "attributes",
                key,
            )
    if product.size_chart is None:
        return
    chart = charts.get(product.size_chart)
    if chart is None:
        yield located.problem(
            f"unknown size chart {product.size_chart}",
            "add it to size_charts.yml or mend the name",
            "size_chart",
        )
        return
    made = {sku.size for sku in product.skus}
    strange = sorted(made - {row.size for row in chart.rows})
    if strange:
        yield located.problem(
            f"size {strange[0]!r} isn't in the size chart {chart.id}",
            "add it to the chart or mend the size",
            "size_chart",
        )


def _check_charts_for_categories(charts: list[Located[SizeChartEntry]], known: set[str]) -> Iterable[Problem]:
    yield from _unique(
        [each for each in charts if each.entry.category is not None],
        "size chart for",
        lambda each: str(each.category),
        "category",
    )
    for each in charts:
        if each.entry.category is not None and each.entry.category not in known:
            yield each.problem(
                f"no product is of the category or kind {each.entry.category}",
                f"use one of {'、'.join(sorted(known))}",
                "category",
            )


def _check_coupon(located: Located[CouponEntry], categories: set[str]) -> Iterable[Problem]:
    coupon = located.entry
    if coupon.category is not None and coupon.category not in categories:
        yield located.problem(
            f"no product is of the category {coupon.category}",
            f"use one of {'、'.join(sorted(categories))}",
            "category",
        )
    if coupon.kind != "bundle" and coupon.amount > coupon.threshold:
        yield located.problem(
            f"takes off more ({coupon.amount}) than has to be spent ({coupon.threshold})",
            "raise the threshold",
            "amount",
        )
    if not _ascend(coupon.starts, coupon.ends):
        yield located.problem("ends before it starts", "mend starts or ends", "ends")


def _check_promotion(
    located: Located[PromotionEntry],
    products: dict[str, ProductEntry],
    categories: set[str],
    campaigns: set[str],
) -> Iterable[Problem]:
    promotion = located.entry
    for field in ("products", "without"):
        for ordinal, number in enumerate(getattr(promotion, field)):
            if number not in products:
                yield located.problem(f"unknown product {number}", "name a product that exists", field, ordinal)
    for ordinal, category in enumerate(promotion.categories):
        if category not in categories:
            yield located.problem(
                f"no product is of the category {category}",
                f"use one of {'、'.join(sorted(categories))}",
                "categories",
                ordinal,
            )
    if promotion.campaign is not None and promotion.campaign not in campaigns:
        known = "、".join(sorted(campaigns)) or "none"
        yield located.problem(
            f"unknown campaign {promotion.campaign}",
            f"add it to campaigns.yml in the playbook, or use one of those there: {known}",
            "campaign",
        )
    if promotion.starts is not None and promotion.ends is not None and not _ascend(promotion.starts, promotion.ends):
        yield located.problem("ends before it starts", "mend starts or ends", "ends")


def _check_credit(located: Located[CreditEntry], customers: set[str]) -> Iterable[Problem]:
    credit = located.entry
    if credit.customer not in customers:
        yield located.problem(
            f"unknown customer {credit.customer}", "add them to customers.yml or mend the id", "customer"
        )
    if not _ascend(credit.starts, credit.ends):
        yield located.problem("ends before it starts", "mend starts or ends", "ends")


def _check_pairing(
    located: Located[PairingEntry],
    products: dict[str, ProductEntry],
    coupons: dict[str, CouponEntry],
) -> Iterable[Problem]:
    pairing = located.entry
    for field, number in (("product", pairing.product), ("with", pairing.with_)):
        if number not in products:
            yield located.problem(f"unknown product {number}", "name a product that exists", field)
    if pairing.product == pairing.with_:
        yield located.problem("a product doesn't go with itself", "name another one", "with")
    if pairing.coupon is None:
        return
    if pairing.coupon not in coupons:
        yield located.problem(f"unknown coupon {pairing.coupon}", "add it to coupons.yml or mend it", "coupon")
    elif coupons[pairing.coupon].kind != "bundle":
        yield located.problem(f"coupon {pairing.coupon} isn't of kind bundle", "use a bundle coupon", "coupon")


def _check_presale(located: Located[PresaleEntry], products: dict[str, ProductEntry]) -> Iterable[Problem]:
    presale = located.entry
    if presale.product not in products:
        yield located.problem(f"unknown product {presale.product}", "name a product that exists", "product")
    elif presale.price > min(sku.list_price for sku in products[presale.product].skus):
        yield located.problem("the presale price is above the list price", "lower it", "price")
    if not _ascend(presale.starts, presale.ends):
        yield located.problem("ends before it starts", "mend starts or ends", "ends")
    if not _ascend(presale.balance_from, presale.balance_until):
        yield located.problem(
            "the balance is due before it can be paid",
            "mend balance_from or balance_until",
            "balance_until",
        )
    if not _ascend(presale.ends, presale.balance_from, may_be_equal=True):
        yield located.problem("the balance can be paid before the presale ends", "begin it later", "balance_from")


def _check_order(
    located: Located[OrderEntry],
    products: dict[str, ProductEntry],
    coupons: dict[str, CouponEntry],
    customers: set[str],
    on_presale: set[str],
) -> Iterable[Problem]:
    order = located.entry
    if order.customer not in customers:
        yield located.problem(
            f"unknown customer {order.customer}",
            "add them to customers.yml or mend the id",
            "customer",
        )
    if order.coupon is not None and order.coupon not in coupons:
        yield located.problem(f"unknown coupon {order.coupon}", "add it to coupons.yml or mend it", "coupon")
    for ordinal, line in enumerate(order.lines):
        product = products.get(line.product)
        if product is None:
            yield located.problem(
                f"unknown product {line.product}",
                "name a product that exists",
                "lines",
                ordinal,
                "product",
            )
        elif sku_of(product, line) is None:
            made = "、".join("/".join(sku.parts) or "(one variant)" for sku in product.skus)
            yield located.problem(
                f"{line.product} has no such variant, or several that fit",
                f"use one of {made}",
                "lines",
                ordinal,
            )
        if (order.presale or order.state == "deposit_paid") and line.product not in on_presale:
            yield located.problem(
                f"{line.product} has no presale, so no deposit can be paid for it",
                "add it to presales.yml or use another product",
                "lines",
                ordinal,
                "product",
            )
    yield from _check_times(located)


def _check_times(located: Located[OrderEntry]) -> Iterable[Problem]:
    order = located.entry
    for name in _TIMES_OF_STATE[order.state]:
        if getattr(order, name) is None:
            yield located.problem(f"an order in state {order.state} needs the time {name!r}", f"add {name}", "state")
    if order.state in ("part_shipped", "shipped", "delivered") and not order.parcels:
        yield located.problem(f"an order in state {order.state} needs a parcel", "add parcels", "state")
    if order.state == "closed" and not order.close_reason:
        yield located.problem("a closed order needs its reason", "add close_reason", "state")
    given: list[tuple[str, Moment]] = [
        (name, moment) for name in _TIMES_IN_ORDER if (moment := getattr(order, name)) is not None
    ]
    for (earlier, one), (later, other) in pairwise(given):
        if not _ascend(one, other, may_be_equal=True):
            yield located.problem(
                f"{later} is, or at some hours of the day may be, before {earlier}",
                "mend one of the times",
                later,
            )
    placed = order.placed
    for path, moment in _past_moments(order):
        if not _is_past(moment):
            yield located.problem(
                f"{path[-1]} is, or at some hours of the day may be, in the future",
                "use an earlier time",
                *path,
            )
        elif not _ascend(placed, moment, may_be_equal=True):
            yield located.problem(
                f"{path[-1]} is, or at some hours of the day may be, before the order was placed",
                "mend the time",
                *path,
            )


def _past_moments(order: OrderEntry) -> Iterable[tuple[tuple[str | int, ...], Moment]]:
    for name in (*_TIMES_IN_ORDER, "closed"):
        moment = getattr(order, name)
        if moment is not None:
            yield (name,), moment
    for ordinal, parcel in enumerate(order.parcels):
        for step, trace in enumerate(parcel.traces):
            yield ("parcels", ordinal, "traces", step, "at"), trace.at
    for ordinal, refund in enumerate(order.refunds):
        yield ("refunds", ordinal, "asked"), refund.asked
        if refund.updated is not None:
            yield ("refunds", ordinal, "updated"), refund.updated


def _clocks() -> list[datetime]:
    day = datetime(2026, 3, 1, tzinfo=SHOP_ZONE)
    return [day + timedelta(hours=hour, minutes=1) for hour in _HOURS_TO_TRY]


def _ascend(one: Moment, other: Moment, *, may_be_equal: bool = False) -> bool:
    return all(one.at(now) < other.at(now) or (may_be_equal and one.at(now) == other.at(now)) for now in _clocks())


def _is_past(moment: Moment) -> bool:
    return all(moment.at(now) <= now for now in _clocks())
