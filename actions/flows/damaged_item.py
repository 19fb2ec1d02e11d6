"""Broken on arrival, faulty in use, spoiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actions.flows.account import tells_anew
from actions.flows.case import Case
from actions.flows.factors import Choice, Confirmation, Picture, Proof, WhichArticles, WhichOrder
from actions.flows.remedies import TITLES, Mending, WhichRemedy, arrived, costs_the_customer
from sixty.shop.mishaps import damage_in


@dataclass(frozen=True)
class _SinceWhen(Choice):
    """Broken on arrival or in use, by the words that tell it."""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """What the line tells outweighs the word for the damage: `用了两天坏了` is no broken parcel."""
        told = damage_in(case.turn.text) if tells_anew(case, self.slot, asked=asked) else None
        return told or super().take(case, asked=asked)


class DamagedItem(Mending):
    """收到破损、用着坏了、变质."""

    name = "damaged_item"
    title = "处理破损"
    deeds = ("resend", "exchange", "compensate", "return", "repair", "refund_only")
    intents = ("damaged_item",)
    factors = (
        WhichOrder(),
        Proof(),
        _SinceWhen(
            "cause",
            question="实在抱歉！是收到时就这样，还是用了以后才坏的？",
            options={"damaged": "收到时就坏了", "quality": "用了以后坏的", "spoiled": "坏了、变质了"},
            only_if=arrived,
        ),
        WhichArticles(),
        WhichRemedy(
            question="让您收到这样的东西，真抱歉。想怎么处理呢？",
            options={name: TITLES[name] for name in ("补发", "换货", "赔付", "退货", "维修", "退款")},
        ),
        Picture(only_if=arrived, courtesy=True),
        Confirmation(only_if=costs_the_customer),
    )

    def fault(self, case: Case) -> str | None:
        """What the customer holds in their hands."""
        return "让您收到这样的东西，是我们没把好关，对不起。"
