"""What a recommendation is asked for with, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from sixty.shop.models import Product, Sku
from sixty.shop.recommendations.audience import Recipient

SuggestionKind = Literal["complementary", "similar", "substitute", "upgrade", "filler", "wish"]
Source = Literal["pairing", "bought_together", "kinds_together", "attributes", "popular", "price_engine"]
QuestionKey = Literal["recipient", "kind", "use", "budget"]


@dataclass(frozen=True)
class Wish:
    """What a customer looks for, as far as it was said.

    Attributes:
        words: What else was said of it: `加绒`, `骑行`.
        kinds: The kinds that will do; empty for any.
        category: Only of this category; empty for any.
        recipient: Whom it is for; None where nobody said.
        low: Not below, in yuan.
        high: Not above, in yuan.
        color: The colour, as it was said.
        use: What for: `骑行通勤`.
        asked: What they were asked already, answered or not.
    """

    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    category: str = ""
    recipient: Recipient | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    color: str = ""
    use: str = ""
    asked: tuple[QuestionKey, ...] = ()

    def allows(self, price: Decimal, final_price: Decimal) -> bool:
        """Whether something is within the budget: not cheaper by its price, not dearer than that by what is paid."""
        return (self.low is None or price >= self.low) and (self.high is None or final_price <= self.high)

    def as_slot(self) -> dict[str, Any]:
        """The wish as JSON, for a slot; what was not said is left out."""
        written = {name: value for name, value in asdict(self).items() if value not in (None, "", ())}
        for name in ("low", "high"):
            if name in written:
                written[name] = str(written[name])
        return {name: list(value) if isinstance(value, tuple) else value for name, value in written.items()}

    @classmethod
    def of_slot(cls, written: Mapping[str, Any] | None) -> Wish:
        """Reads what `as_slot` wrote; what cannot be read is left out, because slots come from outside."""
        given = dict(written) if isinstance(written, Mapping) else {}

        def texts(name: str) -> tuple[str, ...]:
            value = given.get(name)
            return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()

        def amount(name: str) -> Decimal | None:
            try:
                value = Decimal(str(given[name]))
            except (KeyError, ArithmeticError):
                return None
            return value if value.is_finite() and value >= 0 else None

        whom = given.get("recipient")
        recipient = None
        if isinstance(whom, Mapping) and whom.get("word"):
            months = whom.get("months")
            gender, group = whom.get("gender"), whom.get("group")
            recipient = Recipient(
                str(whom["word"]),
                gender if gender in ("女", "男") else "",
                group if group in ("baby", "child", "adult", "elder") else "",
                months if isinstance(months, int) and months >= 0 else None,
            )
        asked: list[QuestionKey] = [key for key in get_args(QuestionKey) if key in texts("asked")]
        return cls(
            words=texts("words"),
            kinds=texts("kinds"),
            category=str(given.get("category") or ""),
            recipient=recipient,
            low=amount("low"),
            high=amount("high"),
            color=str(given.get("color") or ""),
            use=str(given.get("use") or ""),
            asked=tuple(asked),
        )


@dataclass(frozen=True)
class Situation:
    """Who is advised, and on what.

    Attributes:
        now: The moment.
        customer_id: The customer, as the server knows them; None for a visitor.
        conversation_id: The conversation; a visitor's refusals hang on it.
        level: A visitor's level of membership, for prices; a customer's own counts.
        region: Where it is worn or used, for the season; empty when unknown.
        product_no: What the talk is about.
        color: The variant that is looked at or wanted, as far as it is known …
        size: … its size …
        spec: … its spec.
        basket: What they are about to buy, in pieces by SKU.
        wish: What was said of whom it is for, what it may cost and so on.
        seen: Products that were suggested already.
    """

    now: datetime
    customer_id: str | None = None
    conversation_id: str = ""
    level: str | None = None
    region: str = ""
    product_no: str | None = None
    color: str = ""
    size: str = ""
    spec: str = ""
    basket: Mapping[str, int] = field(default_factory=dict)
    wish: Wish = field(default_factory=Wish)
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A product that is suggested, in a variant that can be bought.

    Attributes:
        kind: What for.
        product: The product.
        sku: The variant that is meant; in stock.
        reason: Why, in the customer's words, without a full stop.
        score: How well it fits, among suggestions of the same kind.
        source: What the suggestion rests on most.
        final_price: What this customer pays for one piece (到手价), postage apart.
        extra: How much more is paid: than for what was looked at (upgrade), or for the whole basket (filler), which
            may be less than nothing.
        pieces: How many pieces are meant.
    """

    kind: SuggestionKind
    product: Product
    sku: Sku
    reason: str
    score: float
    source: Source
    final_price: Decimal
    extra: Decimal | None = None
    pieces: int = 1
