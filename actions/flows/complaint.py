"""A complaint: written down with a promised hour, and a person at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from actions.flows.account import own_account
from actions.flows.case import Case
from actions.flows.factors import Words, own_words
from actions.flows.flow import Flow
from actions.flows.promised import say_terms
from actions.handoff import HUMAN
from sixty.shop.benefits import SituationKind
from sixty.shop.deeds.deed import DeedRecord, Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.lateness import fault_of
from sixty.shop.wording import say_moment

_SAYS_ONLY_THAT = re.compile(
    r"我|要|想|得|必须|你们?|这|家|店铺?|商家|卖家|客服|投诉|举报|差评|给|去|找|到|向|平台|小二|消协|工商|一定|就|了|的|吧|啊|哈|[\s，。！!,.~～]"
)
_TELLING = 4
_NOTHING_SAID = "顾客要投诉，没有细说"


@dataclass(frozen=True)
class _Matter(Words):
    """What it is about: told with the complaint, where that says more than that there is one, or when asked."""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """The line itself."""
        text = case.turn.text
        tells = case.turn.intent == "complain" and len(_SAYS_ONLY_THAT.sub("", text)) >= _TELLING
        return text if tells and not text.startswith("/") else own_words(case) if asked else None

    def ask(self, case: Case) -> None:
        """The question, and a person for who would rather tell one."""
        case.turn.say(self.question, outcome="asked_back", buttons=[HUMAN])


class Complaint(Flow):
    """投诉."""

    name = "complaint"
    title = "登记投诉"
    deeds = ("complain",)
    intents = ("complain",)
    needs_order = False
    explained_first = False
    followed_up = True
    makes_up_for: ClassVar[SituationKind | None] = "complaint"
    decided_by = ()
    factors = (
        _Matter(
            "detail",
            question="真的很抱歉给您添堵了。是哪件事没做好？您简单说两句，我马上登记给主管～",
            courtesy=True,
        ),
    )

    def kind(self, case: Case) -> DeedKind:
        """Always the same."""
        return "complain"

    def details(self, case: Case) -> Mapping[str, str]:
        """In the customer's own words; an angry one has been asked for none."""
        return {"text": own_account(case.turn) or _NOTHING_SAID}

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """Written down, by when there is an answer, and that a person has it already."""
        return f"{say_terms(case, done[0])}我也请人工同事接着跟进了，聊天记录都转过去了，您不用再说一遍。"

    def still(self, case: Case, record: DeedRecord) -> str:
        """The promised hour of the first one."""
        until = f"，最晚{say_moment(record.promised_at, case.turn.now)}给您答复" if record.promised_at else ""
        return f"您的投诉已经登记了{until}（编号{record.reference}），想补充的直接发，同事都看得到～"

    def wants_person(self, case: Case, done: Sequence[Done]) -> str | None:
        """Always; it is called once."""
        return "complaint"

    def fault(self, case: Case) -> str | None:
        """What is late of the order that is talked about."""
        return fault_of(case.order, case.turn.now) if case.order is not None else None
