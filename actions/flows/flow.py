"""What a flow is: which orders it suits, what it has to know, what it does, and its words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from actions.action import Turn
from actions.flows.case import Case
from actions.flows.factors import Factor
from sixty.shop.benefits import SituationKind
from sixty.shop.deeds.deed import DeedRecord, Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import say_moment


@dataclass(frozen=True)
class Aside:
    """What is said instead of a flow, and deeds that it leads on to.

    Attributes:
        text: What is said; empty where a response of the domain says it.
        offers: The deeds.
        response: The response's name.
        question: Asks behind it whether the flow is to begin after all; empty where nothing is offered.
        known: What outweighs the slots in the response's conditions, as of `Turn.respond`.
    """

    text: str = ""
    offers: tuple[DeedKind, ...] = ()
    response: str = ""
    question: str = ""
    known: Mapping[str, str] = field(default_factory=dict)


class Flow(ABC):
    """One flow of Q→A→D. Its texts are what a customer reads: short, warm, and true."""

    # Its name, as the slot `flow` and `sixty flows` have it.
    name: ClassVar[str]
    # What it does, as in "好的，那先不{title}了".
    title: ClassVar[str]
    # How it asks which order is meant, and how it asks a visitor for a number.
    which: ClassVar[str] = "是哪一笔订单呢？点一下就行～"
    number: ClassVar[str] = "好的，麻烦发一下订单号（订单详情页可以复制），我马上帮您办～"
    # The deeds that it may end in.
    deeds: ClassVar[tuple[DeedKind, ...]]
    # The intents that begin it.
    intents: ClassVar[tuple[str, ...]] = ()
    # Words by which a line wants this flow and is no answer to another one's question.
    named_by: ClassVar[str] = ""
    # The action of data/rules that begins it.
    begun_by_action: ClassVar[str] = "action_begin_deed"
    # What it has to know, in the order in which it asks; at most five of them decide.
    factors: ClassVar[tuple[Factor, ...]] = ()
    # The policy is asked as soon as these are known.
    decided_by: ClassVar[tuple[str, ...]] = ("order_no",)
    # Whether it needs an order at all.
    needs_order: ClassVar[bool] = True

    def suits(self, order: Order, now: datetime) -> bool:
        """Whether a customer who wants this may mean that order."""
        return True

    # Whether only its deeds' own records tell how far they are: then a second wish is answered by the first, and a
    # promise that was not kept is named. An after-sales case has a state of its own.
    followed_up: ClassVar[bool] = False
    # Why a small benefit may be offered behind its deed (playbook/benefits.yml); None where none is.
    makes_up_for: ClassVar[SituationKind | None] = None
    # Whether an unknown visitor who asks is told first how it is done in general.
    explained_first: ClassVar[bool] = True

    def begun_by(self, turn: Turn) -> bool:
        """Whether the latest message begins it."""
        return turn.intent in self.intents

    def aside(self, case: Case) -> Aside | None:
        """What is said instead of beginning, where the message wants no deed of this flow; None where it begins."""
        return None

    def beyond(self, case: Case) -> Aside | None:
        """What is said as soon as it is known that no deed of this flow fulfils the wish; None where one does."""
        return None

    def prefers(self, order: Order, case: Case) -> bool:
        """Whether, of the orders that suit, this is among the likelier ones; the others are left out then."""
        return True

    def likeliest(self, orders: Sequence[Order]) -> Order:
        """The one that is meant where none suits; `orders` has the newest first, and at least one."""
        return orders[0]

    @abstractmethod
    def kind(self, case: Case) -> DeedKind:
        """The deed, by what is known."""

    def confirmation(self, case: Case, verdicts: Sequence[Verdict]) -> str:
        """What is read out before a deed that cannot be undone, ending in a question."""
        return f"跟您确认一下：{self.title}（{case.goods}），对吗？"

    def details(self, case: Case) -> Mapping[str, str]:
        """What the shop's system has to know beside the order, by the names of `sixty.shop.deeds`."""
        return {}

    def each(self, case: Case) -> Sequence[Mapping[str, str]]:
        """The details of every deed, where one wish is for several of a kind."""
        return (self.details(case),)

    @abstractmethod
    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What has been done, what happens next and when."""

    def buttons(self, case: Case, done: Sequence[Done]) -> list[dict[str, str]]:
        """Offered below that."""
        return []

    def still(self, case: Case, record: DeedRecord) -> str:
        """What is said to who wants what is being done for them already."""
        until = f"，最晚{say_moment(record.promised_at, case.turn.now)}前给您结果" if record.promised_at else ""
        return f"这件事已经在帮您办了{until}（编号{record.reference}），不用重复提交，有进展马上告诉您～"

    def wants_person(self, case: Case, done: Sequence[Done]) -> str | None:
        """Why a person is called when it is done: a reason of `mark_for_a_person`; None where nobody is."""
        return None

    def fault(self, case: Case) -> str | None:
        """What went wrong on our side, for an apology that names it; None when nothing has."""
        return None
