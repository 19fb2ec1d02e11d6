"""Too few, or something else than was ordered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actions.flows.account import tells_anew
from actions.flows.case import Case
from actions.flows.factors import Choice, Confirmation, Picture, Proof, WhichArticles, WhichOrder
from actions.flows.remedies import TITLES, Mending, WhichRemedy, arrived, costs_the_customer
from sixty.shop.mishaps import mishap_in


@dataclass(frozen=True)
class _WhatIsWrong(Choice):
    """Wrong or missing, by the words that tell it."""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """As every choice; else what the line tells."""
        told = super().take(case, asked=asked)
        return told or (mishap_in(case.turn.text) if tells_anew(case, self.slot, asked=asked) else None)


class WrongOrMissing(Mending):
    """发错、少发."""

    name = "wrong_or_missing"
    title = "处理错发少发"
    deeds = ("resend", "exchange", "compensate", "return", "refund_only")
    intents = ("wrong_or_missing",)
    factors = (
        WhichOrder(),
        Proof(),
        _WhatIsWrong(
            "cause",
            question="真不好意思！是少了东西，还是发错了呢？",
            options={"missing": "少了东西", "wrong_item": "发错了"},
            only_if=arrived,
        ),
        WhichArticles(),
        WhichRemedy(
            question="是我们的疏忽，想怎么处理呢？",
            options={name: TITLES[name] for name in ("补发", "换货", "赔付", "退款", "退货")},
        ),
        Picture(only_if=arrived, courtesy=True),
        Confirmation(only_if=costs_the_customer),
    )

    def fault(self, case: Case) -> str | None:
        """The warehouse's."""
        return "没给您发对，是我们仓库的失误，对不起。"
