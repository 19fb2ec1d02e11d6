"""How the files of `playbook/policies` are written."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConstrainedStr, Extra, Field, root_validator, validator

from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.models import Level, OrderState, ParcelState
from sixty.shop.policies.causes import Cause
from sixty.shop.policies.facts import BoughtAs, Case, CouponNow, Facts, Invoice, PriceNow, StockNow
from sixty.shop.policies.verdicts import Freight, Source, SourceKind
from sixty.shop.written_values import Amount, Share, Span, Text

_FEN = Decimal("0.01")

# Words that a row may put into its text, and what the row must have for them to be known.
PLACEHOLDERS: dict[str, str | None] = {
    "amount": None,
    "article": None,
    "days": "days_since_receipt",
    "difference": "price_now",
    "level": "level",
    "limit": "limit",
    "promise": "promise",
    "receipt": "days_since_receipt",
}


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class RowId(ConstrainedStr):
    """A name such as `return_within_seven_days`."""

    regex = r"^[a-z][a-z0-9_]{2,63}$"


class Range(_Entry):
    """From and to, both included; one of them at least."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None

    @root_validator(skip_on_failure=True)
    def _is_a_range(cls, values: dict[str, Any]) -> dict[str, Any]:
        least, most = values["at_least"], values["at_most"]
        if least is None and most is None:
            raise ValueError("give at_least, at_most or both")
        if least is not None and most is not None and least > most:
            raise ValueError(f"nothing is at least {least} and at most {most}")
        return values

    def holds(self, value: Decimal | int) -> bool:
        """Tells whether a number lies in it."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


class When(_Entry):
    """On which facts a row decides; what it doesn't name may be anything. See `Facts` for what they mean."""

    kind: list[DeedKind] | None = Field(None, min_items=1)
    state: list[OrderState] | None = Field(None, min_items=1)
    cause: list[Cause] | None = Field(None, min_items=1)
    cause_not: list[Cause] | None = Field(None, min_items=1)
    category: list[Text] | None = Field(None, min_items=1)
    category_not: list[Text] | None = Field(None, min_items=1)
    product_kind: list[Text] | None = Field(None, min_items=1)
    product_kind_not: list[Text] | None = Field(None, min_items=1)
    level: list[Level] | None = Field(None, min_items=1)
    parcel: list[ParcelState] | None = Field(None, min_items=1)
    case: list[Case] | None = Field(None, min_items=1)
    invoice: list[Invoice] | None = Field(None, min_items=1)
    bought_as: list[BoughtAs] | None = Field(None, min_items=1)
    price_now: list[PriceNow] | None = Field(None, min_items=1)
    coupon: list[CouponNow] | None = Field(None, min_items=1)
    stock: list[StockNow] | None = Field(None, min_items=1)
    overdue_case: bool | None = None
    paid: bool | None = None
    shipped: bool | None = None
    overdue: bool | None = None
    opened: bool | None = None
    custom_made: bool | None = None
    asked_before: bool | None = None
    has_picture: bool | None = None
    days_since_receipt: Range | None = None
    days_since_order: Range | None = None
    hours_since_order: Range | None = None
    hours_since_paid: Range | None = None
    hours_since_closed: Range | None = None
    hours_since_trace: Range | None = None
    hours_since_signed: Range | None = None
    amount: Range | None = None

    @root_validator(skip_on_failure=True)
    def _says_something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if all(value is None for value in values.values()):
            raise ValueError("has no condition")
        for name in ("cause", "category", "product_kind"):
            if values[name] is not None and values[f"{name}_not"] is not None:
                raise ValueError(f"give either {name} or {name}_not")
        return values

    def fits(self, facts: Facts) -> bool:
        """Tells whether all conditions hold."""
        return all(condition_holds(name, wanted, getattr(facts, fact_of(name))) for name, wanted in self.conditions())

    def conditions(self) -> list[tuple[str, Any]]:
        """The conditions that it names, with what they want."""
        return [(name, wanted) for name, wanted in self if wanted is not None]


def fact_of(condition: str) -> str:
    """The fact that a condition is about: `category` for `category_not`."""
    return condition.removesuffix("_not")


def condition_holds(condition: str, wanted: Any, fact: Any) -> bool:
    """Tells whether a fact is as a condition wants it; an unknown one is only what it isn't said to be."""
    if condition.endswith("_not"):
        return fact not in wanted
    if fact is None:
        return False
    if isinstance(wanted, Range):
        return wanted.holds(fact)
    return bool(fact == wanted) if isinstance(wanted, bool) else fact in wanted


class LimitEntry(_Entry):
    """The most that is paid: an amount, a share of what was paid, the price difference; the least of what is named."""

    yuan: Amount | None = None
    share: Share | None = None
    of: Literal["paid", "difference"] = "paid"

    @root_validator(skip_on_failure=True)
    def _limits(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["yuan"] is None and values["share"] is None and values["of"] == "paid":
            raise ValueError("give yuan, share or both")
        return values

    def of_facts(self, facts: Facts) -> Decimal:
        """Works it out; what was compensated before is taken off, and fractions of a fen go down."""
        base = facts.difference if self.of == "difference" else facts.amount
        most = (base * (self.share or 1)).quantize(_FEN, ROUND_DOWN)
        if self.yuan is not None:
            most = min(most, self.yuan)
        # A price difference is already what is left of it.
        before = Decimal(0) if self.of == "difference" else facts.compensated
        return max(Decimal(0), most - before)


class SourceEntry(_Entry):
    """Where a rule comes from."""

    kind: SourceKind
    name: Text

    def made(self) -> Source:
        """The source that it says."""
        return Source(self.kind, self.name)


class RowEntry(_Entry):
    """One row: on which facts it decides, and what."""

    id: RowId
    when: When | None = None
    allow: bool
    say: Text
    instead: list[DeedKind] = []
    source: SourceEntry
    freight: Freight | None = None
    promise: Span | None = None
    limit: LimitEntry | None = None
    page: Text | None = None
    person: bool = False

    @validator("instead")
    def _are_others(cls, instead: list[DeedKind]) -> list[DeedKind]:
        twice = [kind for kind in instead if instead.count(kind) > 1]
        if twice:
            raise ValueError(f"{twice[0]} stands here twice")
        return instead

    @root_validator(skip_on_failure=True)
    def _fits_together(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values["allow"]:
            useless = [name for name in ("freight", "promise", "limit") if values[name] is not None]
            if useless:
                raise ValueError(f"{useless[0]} goes with allow: true only")
        named = values["when"].conditions() if values["when"] is not None else []
        known = {name for name, _ in named} | {name for name in ("limit", "promise") if values[name] is not None}
        try:
            words = [name for _, name, _, _ in Formatter().parse(values["say"]) if name is not None]
        except ValueError as error:
            raise ValueError(f"say has a brace that belongs to nothing: {error}") from error
        for word in words:
            if word not in PLACEHOLDERS:
                raise ValueError(f"say has {{{word}}}; known are {', '.join(PLACEHOLDERS)}")
            needed = PLACEHOLDERS[word]
            if needed is not None and needed not in known:
                raise ValueError(f"say has {{{word}}}, which only a row with {needed} knows")
        return values


class PolicyEntry(_Entry):
    """A file: the deeds that it is about, and the rows that decide, the first fitting one."""

    kinds: list[DeedKind] = Field(min_items=1)
    rows: list[RowEntry] = Field(min_items=1)
