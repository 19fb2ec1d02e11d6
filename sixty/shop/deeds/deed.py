"""What a deed is, what comes of it, and why it may not be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.policies.verdicts import Verdict

DeedState = Literal["asked", "accepted", "done", "refused", "failed"]
By = Literal["customer", "agent", "system"]
"""Who does a deed: the customer through the bot, an agent for them, or the shop by itself."""

LONGEST_KEY = 128


@dataclass(frozen=True)
class Deed:
    """Something that a customer asks the shop to do.

    Attributes:
        key: Under which it is done once, however often it is asked for. Whoever asks makes one for each wish, such
            as the conversation, the kind and a number that a new wish changes.
        kind: What to do.
        order_no: The order; `None` for what belongs to none.
        line: Which article of it, its position in `order.lines` from 1; `None` for the whole order.
        details: What the kind needs to know: see `sixty.shop.deeds.details`.
        cause: Why, in a word of the policies (`quality`, `no_reason`, `wrong_item` …), or empty.
        by: Who does it.
    """

    key: str
    kind: DeedKind
    order_no: str | None = None
    line: int | None = None
    details: Mapping[str, str] = field(default_factory=dict, repr=False)
    cause: str = ""
    by: By = "customer"


@dataclass(frozen=True)
class Done:
    """What came of a deed.

    Attributes:
        reference: The number under which people find it again.
        state: `done` when it has taken effect, `accepted` when people carry it out by `promised_at`.
        promised_at: By when it will have been done.
        link: Where the customer goes on, when it is done on a page of the platform.
        amount: What is paid back or compensated, in yuan.
        repeated: Whether it had been done under this key before.
    """

    reference: str
    state: Literal["done", "accepted"]
    promised_at: datetime | None = None
    link: str | None = None
    amount: Decimal | None = None
    repeated: bool = False


@dataclass(frozen=True)
class DeedRecord:
    """A deed as it is kept, with where it stands."""

    kind: DeedKind
    order_no: str | None
    line: int | None
    state: DeedState
    asked_at: datetime
    promised_at: datetime | None
    done_at: datetime | None
    reference: str
    cause: str
    details: Mapping[str, str] = field(repr=False)
    amount: Decimal | None = None
    link: str | None = None
    by: By = "customer"


class DeedError(Exception):
    """A deed isn't done."""


class DeedRefused(DeedError):  # noqa: N818  (it is an answer, not a fault)
    """The policy forbids it; its verdict says why and what is possible instead.

    The refusal is recorded in the session, so catch this before the session's block ends.
    """

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"{verdict.kind} is refused by {verdict.row_id}")
        self.verdict = verdict


class NotTheOwner(DeedError):  # noqa: N818
    """There is no such order, or it is somebody else's: the two cannot be told apart."""


class IncompleteDeed(DeedError):  # noqa: N818
    """Details are missing or make no sense; `wrong` names each with what is wrong with it, for the log.

    Whoever fills a form asks for these again.
    """

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {why}" for name, why in wrong.items()))
        self.wrong = dict(wrong)
