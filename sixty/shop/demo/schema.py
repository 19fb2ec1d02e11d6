"""What may stand in the files of the demo shop."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from itertools import product as every_combination
from typing import Any

from pydantic import BaseModel, ConstrainedDecimal, ConstrainedStr, Extra, Field, root_validator, validator

from sixty.shop.demo.moments import Moment
from sixty.shop.links import Platform
from sixty.shop.models import (
    BODY_PARTS,
    CouponKind,
    Doubt,
    Level,
    OrderState,
    ParcelState,
    ProductStatus,
    RefundKind,
    RefundState,
    Runs,
)
from sixty.shop.pricing.models import CreditKind
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.pricing.promotions import PARTS, MerchantKind, Which, wrong_part
from sixty.shop.written_values import Amount, Text


class Rate(ConstrainedDecimal):
    """What is left to pay: 0.85 for 8.5折."""

    gt = Decimal(0)
    lt = Decimal(1)
    decimal_places = 3


class BodyMeasure(ConstrainedDecimal):
    """Centimetres, kilograms or years, to a tenth."""

    ge = Decimal(0)
    decimal_places = 1


MeasureRange = tuple[BodyMeasure, BodyMeasure]


class ProductNo(ConstrainedStr):
    """A product number: capitals, digits and hyphens."""

    regex = r"^[A-Z0-9][A-Z0-9-]{1,23}$"


class OrderNo(ConstrainedStr):
    """An order number: 16 to 18 digits."""

    regex = r"^[1-9]\d{15,17}$"


class Phone(ConstrainedStr):
    """A mobile number."""

    regex = r"^1\d{10}$"


class Entry(BaseModel):
    """Refuses keys that nobody reads: they are misspelt ones."""

    class Config:
        """How pydantic reads it."""

        extra = Extra.forbid
        allow_mutation = False


class SkuEntry(Entry):
    """One variant, written out."""

    color: str = ""
    size: str = ""
    spec: str = ""
    stock: int = Field(ge=0)
    list_price: Amount
    price: Amount
    member_price: Amount | None = None
    cost: Amount | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """What tells the variant from others, the empty parts left out."""
        return tuple(part for part in (self.color, self.size, self.spec) if part)

    @root_validator(skip_on_failure=True)
    def _prices_descend(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["price"] > values["list_price"]:
            raise ValueError(f"price {values['price']} is above list_price {values['list_price']}")
        if values["member_price"] is not None and values["member_price"] > values["price"]:
            raise ValueError(f"member_price {values['member_price']} is above price {values['price']}")
        return values


class VariantsEntry(Entry):
    """Variants in short form: every colour in every size in every spec.

    Keys of `stock_of` and `price_of` name a variant or a group of them by its parts:
    `黑色/XL`, `XL`, `256GB`; the one that names most parts counts. A price of its own
    shifts list and member price by the same amount, unless they are given as well.
    """

    colors: list[Text] = []
    sizes: list[Text] = []
    specs: list[Text] = []
    price: Amount
    list_price: Amount
    member_price: Amount | None = None
    cost: Amount | None = None
    stock: int = Field(ge=0)
    stock_of: dict[str, int] = {}
    price_of: dict[str, Amount] = {}
    list_price_of: dict[str, Amount] = {}
    member_price_of: dict[str, Amount] = {}

    def written_out(self) -> list[SkuEntry]:
        """Makes the variants, in the order of the lists.

        Raises:
            ValueError: A key names nothing, or the prices contradict each other.
        """
        axes: list[list[str]] = [list(each) or [""] for each in (self.colors, self.sizes, self.specs)]
        combinations = list(every_combination(*axes))
        for overrides in (self.stock_of, self.price_of, self.list_price_of, self.member_price_of):
            for key in overrides:
                if not any(_names(key, combination) for combination in combinations):
                    raise ValueError(f"{key!r} names none of the variants")
        return [self._variant(*combination) for combination in combinations]

    def _variant(self, color: str, size: str, spec: str) -> SkuEntry:
        parts = (color, size, spec)
        price = _pick(self.price_of, parts, self.price)
        shift = price - self.price
        list_price = _pick(self.list_price_of, parts, self.list_price + shift)
        member = self.member_price
        if member is not None:
            member = _pick(self.member_price_of, parts, max(Decimal(0), member + shift))
        return SkuEntry(
            color=color,
            size=size,
            spec=spec,
            stock=_pick(self.stock_of, parts, self.stock),
            list_price=list_price,
            price=price,
            member_price=member,
            cost=self.cost,
        )


class AttributeEntry(Entry):
    """A fact, its selling point and the doubt that it answers."""

    value: Text
    selling_point: str = ""
    doubt: Doubt | None = None


class ProductEntry(Entry):
    """A product with its variants and facts."""

    no: ProductNo
    name: Text
    brand: Text
    category: Text
    kind: Text
    status: ProductStatus = "on_sale"
    successor: ProductNo | None = None
    aliases: list[Text] = []
    picture: str | None = None
    listings: dict[Platform, Text] = {}
    size_chart: Text | None = None
    runs: Runs = "正常"
    skus: list[SkuEntry] = []
    variants: VariantsEntry | None = None
    attributes: dict[str, AttributeEntry] = {}

    @validator("skus", pre=True)
    def _none_is_empty(cls, value: Any) -> Any:
        return [] if value is None else value

    @root_validator(skip_on_failure=True)
    def _has_variants(cls, values: dict[str, Any]) -> dict[str, Any]:
        written, short = values["skus"], values["variants"]
        if bool(written) == bool(short):
            raise ValueError("give either skus or variants, and one of them")
        if short is not None:
            values["skus"] = short.written_out()
        parts = [(sku.color, sku.size, sku.spec) for sku in values["skus"]]
        twice = {each for each in parts if parts.count(each) > 1}
        if twice:
            raise ValueError(f"the same variant twice: {'/'.join(sorted(twice)[0])}")
        return values


class SizeRowEntry(Entry):
    """One size and the bodies it fits."""

    size: Text
    height: MeasureRange | None = None
    weight: MeasureRange | None = None
    chest: MeasureRange | None = None
    waist: MeasureRange | None = None
    foot: MeasureRange | None = None
    age: MeasureRange | None = None

    @validator(*BODY_PARTS)
    def _ascends(cls, value: MeasureRange | None) -> MeasureRange | None:
        if value is not None and value[0] > value[1]:
            raise ValueError("must be [from, to]")
        return value


class SizeChartEntry(Entry):
    """A size chart, the smallest size first.

    With a `category` it is also for the products of that category or kind that name no chart themselves.
    """

    id: Text
    name: Text
    category: Text | None = None
    rows: list[SizeRowEntry] = Field(min_items=1)

    @validator("rows")
    def _grows(cls, rows: list[SizeRowEntry]) -> list[SizeRowEntry]:
        for measure in BODY_PARTS:
            ranges = [getattr(row, measure) for row in rows]
            if any(each is None for each in ranges):
                if any(each is not None for each in ranges):
                    raise ValueError(f"{measure} must be given for every size or for none")
                continue
            for number, (smaller, larger) in enumerate(pairwise(ranges), start=1):
                if larger[1] < smaller[1]:
                    raise ValueError(f"{rows[number].size} has less {measure} than the size before it")
        if all(getattr(rows[0], measure) is None for measure in BODY_PARTS):
            raise ValueError(f"give at least one of {', '.join(BODY_PARTS)}")
        return rows


class CouponEntry(Entry):
    """A coupon."""

    code: Text
    title: Text
    kind: CouponKind
    threshold: Amount
    amount: Amount
    category: Text | None = None
    starts: Moment
    ends: Moment

    @validator("amount")
    def _is_worth_something(cls, value: Decimal) -> Decimal:
        if value == 0:
            raise ValueError("must be above zero")
        return value

    @root_validator(skip_on_failure=True)
    def _category_goes_with_its_kind(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["kind"] == "category") != (values["category"] is not None):
            raise ValueError("category is for coupons of kind category, and they need it")
        return values


class PromotionEntry(Entry):
    """A promotion that is no coupon: see `sixty.shop.pricing.promotions` for what its parts mean.

    It has either times of its own or phases of a campaign; `products`, `categories` and
    `levels` limit it, `without` leaves products out.
    """

    code: Text
    kind: MerchantKind
    title: Text
    starts: Moment | None = None
    ends: Moment | None = None
    campaign: Text | None = None
    phases: list[PhaseName] = []
    categories: list[Text] = []
    products: list[ProductNo] = []
    without: list[ProductNo] = []
    levels: list[Level] = []
    threshold: Amount = Amount(0)
    amount: Amount | None = None
    rate: Rate | None = None
    price: Amount | None = None
    pieces: int | None = Field(None, ge=1)
    which: Which | None = None
    repeats: bool = False
    gift: Text | None = None

    @root_validator(skip_on_failure=True)
    def _fits_its_kind(cls, values: dict[str, Any]) -> dict[str, Any]:
        wrong = wrong_part(values["kind"], {name: values[name] for name in PARTS})
        if wrong is not None:
            raise ValueError(wrong[1])
        if values["kind"] == "bundle_price" and len(set(values["products"])) < 2:
            raise ValueError("a bundle_price needs products, two at least")
        return values

    @root_validator(skip_on_failure=True)
    def _has_its_time(cls, values: dict[str, Any]) -> dict[str, Any]:
        own = values["starts"] is not None and values["ends"] is not None
        half = (values["starts"] is None) != (values["ends"] is None)
        if half or own == (values["campaign"] is not None):
            raise ValueError("give either starts and ends, or campaign and phases")
        if (values["campaign"] is None) == bool(values["phases"]):
            raise ValueError("campaign and phases go together")
        return values


class CreditEntry(Entry):
    """What a customer holds: allowance or a red packet."""

    code: Text
    customer: Text
    kind: CreditKind
    title: Text
    amount: Amount
    threshold: Amount = Amount(0)
    starts: Moment
    ends: Moment

    @root_validator(skip_on_failure=True)
    def _is_worth_something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values["amount"]:
            raise ValueError("amount must be above zero")
        if values["kind"] == "allowance" and values["threshold"]:
            raise ValueError("an allowance has no threshold of its own: the promotion of kind allowance says it")
        return values


class PairingEntry(Entry):
    """Two products that go together."""

    product: ProductNo
    with_: ProductNo = Field(alias="with")
    reason: Text
    coupon: Text | None = None


class PresaleEntry(Entry):
    """A presale."""

    product: ProductNo
    price: Amount
    deposit: Amount
    deposit_worth: Amount
    starts: Moment
    ends: Moment
    balance_from: Moment
    balance_until: Moment
    ships_by: Moment

    @root_validator(skip_on_failure=True)
    def _amounts_ascend(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values["deposit"] <= values["deposit_worth"] <= values["price"]:
            raise ValueError("must hold: deposit <= deposit_worth <= price")
        return values


class CustomerEntry(Entry):
    """A customer."""

    id: Text
    nickname: Text
    phone: Phone
    level: Level = "普通"
    region: str = ""


class OrderLineEntry(Entry):
    """An article of an order; its price is the customer's of today unless it is given."""

    product: ProductNo
    color: str = ""
    size: str = ""
    spec: str = ""
    quantity: int = Field(1, ge=1)
    price: Amount | None = None


class TraceEntry(Entry):
    """A line of a parcel's tracking."""

    at: Moment
    place: str = ""
    text: Text


class ParcelEntry(Entry):
    """A parcel."""

    no: Text
    carrier: Text
    state: ParcelState
    traces: list[TraceEntry] = []


class RefundEntry(Entry):
    """A refund; without an amount it is for everything that was paid."""

    no: Text | None = None
    kind: RefundKind
    state: RefundState
    amount: Amount | None = None
    reason: str = ""
    asked: Moment
    updated: Moment | None = None
    promised: Moment | None = None


class OrderEntry(Entry):
    """An order. Amounts follow from its lines, coupon and postage."""

    no: OrderNo
    customer: Text
    state: OrderState
    placed: Moment
    paid: Moment | None = None
    shipped: Moment | None = None
    delivered: Moment | None = None
    confirmed: Moment | None = None
    closed: Moment | None = None
    close_reason: str | None = None
    lines: list[OrderLineEntry] = Field(min_items=1)
    coupon: Text | None = None
    presale: bool = False
    postage: Amount = Amount(0)
    receiver: Text
    phone: Phone | None = None
    address: Text
    region: str | None = None
    note: str | None = None
    parcels: list[ParcelEntry] = []
    refunds: list[RefundEntry] = []

    @validator("parcels", "refunds", pre=True)
    def _none_is_empty(cls, value: Any) -> Any:
        return [] if value is None else value


def _names(key: str, parts: tuple[str, ...]) -> bool:
    # A part may hold a slash itself ("1/2"), so the whole is tried first.
    present = [part for part in parts if part]
    if key in present or key == "/".join(present):
        return True
    return all(name in present for name in key.split("/"))


def _pick(overrides: dict[str, Any], parts: tuple[str, str, str], otherwise: Any) -> Any:
    fitting = [key for key in overrides if _names(key, parts)]
    return overrides[max(fitting, key=lambda key: key.count("/"))] if fitting else otherwise
