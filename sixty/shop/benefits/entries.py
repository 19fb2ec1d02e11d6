"""How `playbook/benefits.yml` is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConstrainedInt, ConstrainedStr, Extra, Field, root_validator, validator

from sixty.shop.benefits.benefit import (
    ALWAYS,
    AuthorityLimit,
    BargainStep,
    Benefit,
    Budget,
    Condition,
    CouponTerms,
    Floors,
    Often,
    Rule,
    ServiceKind,
)
from sixty.shop.benefits.kinds import VISITOR, Authority, BenefitKind, SituationKind, Span
from sixty.shop.models import Level
from sixty.shop.policies.rows import Range
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.wording import SHOP_ZONE
from sixty.shop.written_values import Amount, Share, Text
from sixty.shop.written_values import Span as Lasting

NO_CAMPAIGN = "平时"

_OFFER_WORDS = frozenset({"title", "price", "saving", "until"})
_GIVEN_WORDS = frozenset({"title", "until"})
_STEP_WORDS = frozenset({"product", "points", "price", "list"})
_LEAD_WORDS: frozenset[str] = frozenset()

_SAY: dict[BenefitKind, str] = {
    "goods": "给您申请到一份{title}，跟着这单一起送您，要不要留一份？",
    "service": "给您申请到{title}，需要的话我现在就给您安排上，要吗？",
    "coupon": "给您申请到{title}，用上到手{price}，要不要放进您的账户？",
}
_GIVEN: dict[BenefitKind, str] = {
    "goods": "{title}给您记上了，{until}之前下单，跟着包裹一起送到～",
    "service": "{title}给您安排好了，{until}之前都有效～",
    "coupon": "{title}放进您的账户了，下单自动抵扣，{until}之前都能用～",
}


def words_in(text: str) -> list[str]:
    """The words in braces of a text.

    Raises:
        ValueError: A brace is left open.
    """
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


def _checked_words(text: str, known: frozenset[str]) -> str:
    try:
        found = words_in(text)
    except ValueError:
        raise ValueError(f"a brace is left open in {text!r}") from None
    for name in found:
        if name not in known:
            named = ", ".join(f"{{{each}}}" for each in sorted(known)) or "none here"
            raise ValueError(f"nothing is known as {{{name}}}; what can be filled in: {named}")
    return text


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Name(ConstrainedStr):
    """A name such as `bib_gift`."""

    regex = re.compile(r"^[a-z][a-z0-9_]{1,39}$")


class Title(ConstrainedStr):
    """What customers call something."""

    min_length = 1
    max_length = 64
    strip_whitespace = True


class Count(ConstrainedInt):
    """How many, one at least."""

    ge = 1


class Moment(datetime):
    """A day or a time of one year, on the shop's clock."""

    @classmethod
    def __get_validators__(cls) -> Any:
        """Lets pydantic read it."""
        yield cls._of

    @classmethod
    def _of(cls, value: Any) -> datetime:
        try:
            found = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise ValueError(f"{value!r} is no day or time: write 2026-11-01 or 2026-11-01 20:00") from None
        return found if found.tzinfo else found.replace(tzinfo=SHOP_ZONE)


class BudgetEntry(_Entry):
    """How much money there is, in all or in each month, week or day."""

    amount: Amount
    per: Span = "month"


class AuthorityEntry(_Entry):
    """How much somebody may give to one customer."""

    each: Amount
    together: Amount
    within: Lasting = timedelta(days=30)  # type: ignore[assignment]  # pydantic makes it one

    @root_validator(skip_on_failure=True)
    def _together_is_more(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["together"] < values["each"]:
            raise ValueError(f"together {values['together']} is less than {values['each']} for each")
        return values

    def made(self) -> AuthorityLimit:
        """The limit that it says."""
        return AuthorityLimit(self.each, self.together, self.within)


class FloorsEntry(_Entry):
    """Below what no benefit goes."""

    margin: Share | None = None
    price: Share | None = None
    products: dict[str, Amount] = {}

    def made(self) -> Floors:
        """The floors that it says."""
        return Floors(self.margin or Decimal(0), self.price or Decimal(0), dict(self.products))


class OftenEntry(_Entry):
    """How often a customer may have something."""

    times: Count = Count(1)
    within: Lasting = timedelta(days=30)  # type: ignore[assignment]


class BenefitEntry(_Entry):
    """What all benefits have."""

    title: Title
    say: Text | None = None
    given: Text | None = None
    authority: Authority = "bot"
    stock: Count | None = None
    stock_per: Span = "ever"
    budget: str | None = None
    per_customer: OftenEntry = OftenEntry()
    valid: Lasting = timedelta(days=7)  # type: ignore[assignment]
    starts: Moment | None = Field(None, alias="from")
    ends: Moment | None = Field(None, alias="until")

    @validator("say")
    def _can_be_said(cls, say: str | None) -> str | None:
        return None if say is None else _checked_words(say, _OFFER_WORDS)

    @validator("given")
    def _can_be_told(cls, given: str | None) -> str | None:
        return None if given is None else _checked_words(given, _GIVEN_WORDS)

    @root_validator(skip_on_failure=True)
    def _is_some_time(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["starts"] is not None and values["ends"] is not None and values["starts"] >= values["ends"]:
            raise ValueError("from is not before until")
        if values["stock"] is None and values["stock_per"] != "ever":
            raise ValueError("stock_per says how stock counts; give a stock, too")
        return values

    def _common(self, name: str, kind: BenefitKind, budgets: dict[str, BudgetEntry]) -> dict[str, Any]:
        pool = budgets.get(self.budget or "")
        return {
            "id": name,
            "kind": kind,
            "say": self.say or _SAY[kind],
            "given": self.given or _GIVEN[kind],
            "authority": self.authority,
            "stock": self.stock,
            "stock_per": self.stock_per,
            "budget": Budget(self.budget, pool.amount, pool.per) if pool is not None and self.budget else None,
            "per_customer": Often(self.per_customer.times, self.per_customer.within),
            "valid": self.valid,
            "starts_at": self.starts,
            "ends_at": self.ends,
        }


class GoodsEntry(BenefitEntry):
    """Something that is sent along."""

    cost: Amount
    product: str | None = None

    def made(self, name: str, budgets: dict[str, BudgetEntry]) -> Benefit:
        """The benefit that it says."""
        common = self._common(name, "goods", budgets)
        return Benefit(title=self.title, cost=self.cost, product_no=self.product, **common)


class ServiceEntry(BenefitEntry):
    """Something that is done for the customer."""

    service: ServiceKind = "other"
    cost: Amount
    prizes: dict[str, Share] = {}

    @root_validator(skip_on_failure=True)
    def _is_a_whole_service(cls, values: dict[str, Any]) -> dict[str, Any]:
        drawn = values["service"] == "draw"
        if drawn and not values["prizes"]:
            raise ValueError("a draw needs prizes: {a_benefit: 0.1}")
        if values["prizes"] and not drawn:
            raise ValueError(f"only a draw has prizes, and this is {values['service']}")
        if sum(values["prizes"].values()) > 1:
            raise ValueError("the chances of the prizes are more than 1 together")
        return values

    def made(self, name: str, budgets: dict[str, BudgetEntry]) -> Benefit:
        """The benefit that it says."""
        common = self._common(name, "service", budgets)
        return Benefit(title=self.title, cost=self.cost, service=self.service, prizes=dict(self.prizes), **common)


class CouponEntry(BenefitEntry):
    """Money off."""

    title: Title | None = None  # type: ignore[assignment]  # its terms are a title
    threshold: Amount = Amount(0)
    amount: Amount
    category: Text | None = None
    stacks: bool = False
    cost: Amount | None = None

    @validator("amount")
    def _takes_something_off(cls, amount: Decimal) -> Decimal:
        if amount <= 0:
            raise ValueError("a coupon takes something off")
        return amount

    @root_validator(skip_on_failure=True)
    def _is_no_more_than_its_threshold(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["threshold"] and values["amount"] > values["threshold"]:
            raise ValueError(f"takes {values['amount']} off what costs {values['threshold']}")
        if values["stacks"] and values["category"]:
            raise ValueError("what goes together with all other coupons is for the whole shop; leave out category")
        return values

    def made(self, name: str, budgets: dict[str, BudgetEntry]) -> Benefit:
        """The benefit that it says."""
        kind: Literal["store", "category"] = "category" if self.category else "store"
        terms = CouponTerms("red_packet" if self.stacks else kind, self.threshold, self.amount, self.category)
        cost = self.amount if self.cost is None else self.cost
        common = self._common(name, "coupon", budgets)
        return Benefit(title=self.title or terms.title, cost=cost, coupon=terms, **common)


class WhenEntry(_Entry):
    """When a rule holds."""

    phase: list[PhaseName | Literal["平时"]] | None = Field(None, min_items=1)
    category: list[Text] | None = Field(None, min_items=1)
    category_not: list[Text] | None = Field(None, min_items=1)
    product: list[Text] | None = Field(None, min_items=1)
    level: list[Level | Literal["访客"]] | None = Field(None, min_items=1)
    value: Range | None = None

    @root_validator(skip_on_failure=True)
    def _says_something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if all(value is None for value in values.values()):
            raise ValueError("has no condition; leave when out for a rule that always holds")
        if values["category"] is not None and values["category_not"] is not None:
            raise ValueError("give either category or category_not")
        return values

    def made(self) -> Condition:
        """The condition that it says."""
        return Condition(
            phases=None
            if self.phase is None
            else frozenset("" if each == NO_CAMPAIGN else each for each in self.phase),
            categories=None if self.category is None else frozenset(self.category),
            categories_not=frozenset(self.category_not or ()),
            products=None if self.product is None else frozenset(self.product),
            levels=None if self.level is None else frozenset(self.level),
            least=self.value.at_least if self.value else None,
            most=self.value.at_most if self.value else None,
        )


class RuleEntry(_Entry):
    """What is given in a situation."""

    id: Name
    when: WhenEntry | None = None
    lead: Text | None = None
    offer: list[str] = Field(min_items=1)

    @validator("lead")
    def _can_be_said(cls, lead: str | None) -> str | None:
        return None if lead is None else _checked_words(lead, _LEAD_WORDS)

    def made(self) -> Rule:
        """The rule that it says."""
        return Rule(self.id, self.when.made() if self.when else ALWAYS, self.lead or "", tuple(self.offer))


class StepEntry(_Entry):
    """One step of bargaining: words, benefits to choose from, or the last word."""

    reasons: list[Text] | None = Field(None, min_items=1)
    offer: list[str] | None = Field(None, min_items=1)
    last_word: list[Text] | None = Field(None, min_items=1)

    @validator("reasons", "last_word", each_item=True)
    def _can_be_said(cls, line: str) -> str:
        return _checked_words(line, _STEP_WORDS)

    @root_validator(skip_on_failure=True)
    def _is_one_thing(cls, values: dict[str, Any]) -> dict[str, Any]:
        if sum(value is not None for value in values.values()) != 1:
            raise ValueError("a step is one of reasons, offer and last_word")
        return values

    def made(self) -> BargainStep:
        """The step that it says."""
        if self.reasons is not None:
            return BargainStep("reasons", tuple(self.reasons))
        if self.last_word is not None:
            return BargainStep("last_word", tuple(self.last_word))
        return BargainStep("benefit", benefits=tuple(self.offer or ()))


class BargainEntry(_Entry):
    """How far one goes when a customer bargains."""

    id: Name
    when: WhenEntry | None = None
    steps: list[StepEntry] = Field(min_items=2)

    @validator("steps")
    def _begins_and_ends_with_words(cls, steps: list[StepEntry]) -> list[StepEntry]:
        if steps[0].reasons is None:
            raise ValueError("the first step gives reasons; write them as “- reasons: […]”")
        if steps[-1].last_word is None:
            raise ValueError("the last step is the last word; write it as “- last_word: […]”")
        if any(step.last_word is not None for step in steps[:-1]):
            raise ValueError("there is one last word, at the end")
        for step in (steps[0], steps[-1]):
            lines = step.reasons or step.last_word or []
            if all(words_in(line) for line in lines):
                raise ValueError("one line at least must need nothing filled in, for when it isn't known")
        return steps

    def made(self) -> Rule:
        """The rule that it says."""
        condition = self.when.made() if self.when else ALWAYS
        return Rule(self.id, condition, steps=tuple(each.made() for each in self.steps))


class SituationsEntry(_Entry):
    """What is given when."""

    bargaining: list[BargainEntry] = []
    hesitating: list[RuleEntry] = []
    won_back: list[RuleEntry] = []
    complaint: list[RuleEntry] = []
    silence: list[RuleEntry] = []

    def of(self, situation: SituationKind) -> Sequence[BargainEntry | RuleEntry]:
        """The rules of a situation."""
        found: Sequence[BargainEntry | RuleEntry] = getattr(self, situation)
        return found


class BenefitsEntry(_Entry):
    """`playbook/benefits.yml`."""

    hold: Lasting = timedelta(days=2)  # type: ignore[assignment]
    again_after: Lasting = timedelta(days=7)  # type: ignore[assignment]
    resume_after: Lasting = timedelta(hours=2)  # type: ignore[assignment]
    memory: Lasting = timedelta(days=30)  # type: ignore[assignment]
    budgets: dict[str, BudgetEntry] = {}
    authorities: dict[Authority, AuthorityEntry]
    floors: FloorsEntry = FloorsEntry()
    goods: dict[Name, GoodsEntry] = {}
    services: dict[Name, ServiceEntry] = {}
    coupons: dict[Name, CouponEntry] = {}
    situations: SituationsEntry = SituationsEntry()

    @validator("authorities")
    def _has_the_bot(cls, authorities: dict[Authority, AuthorityEntry]) -> dict[Authority, AuthorityEntry]:
        if "bot" not in authorities:
            raise ValueError("needs an entry bot: what the bot may give by itself")
        return authorities


__all__ = ["NO_CAMPAIGN", "VISITOR", "BenefitsEntry", "words_in"]
