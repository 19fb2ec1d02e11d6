"""Capsules that nobody asked for, with what is to be known of them when somebody asks what came of it (F5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sixty.insight.next_questions import NextQuestion
from sixty.ledger.replying import OFFERED
from sixty.playbook import Capsule
from sixty.shop.pricing.phases import PhaseName


@dataclass(frozen=True)
class Offer:
    """Capsules to show, in order.

    Attributes:
        questions: The capsules, with who chose them.
        place: Where they are shown, for the ledger: `after` (the answered question; empty for the welcome), `category`,
            `entry`, `phase`, `arm`.
    """

    questions: tuple[NextQuestion, ...] = ()
    place: Mapping[str, Any] = field(default_factory=dict)

    @property
    def capsules(self) -> list[Capsule]:
        """The capsules alone."""
        return [each.capsule for each in self.questions]

    @property
    def phase(self) -> PhaseName | None:
        """The phase of a campaign that they are offered in."""
        phase: PhaseName | None = self.place.get("phase")
        return phase

    def with_questions(self, questions: tuple[NextQuestion, ...]) -> Offer:
        """Others at the same place."""
        return replace(self, questions=questions)

    def said(self) -> dict[str, Any]:
        """What a message with them carries: the buttons, and what the ledger keeps of them."""
        if not self.questions:
            return {}
        sources = [each.source for each in self.questions]
        return {
            "buttons": [each.capsule.button() for each in self.questions],
            OFFERED: {"sources": sources, **self.place},
        }
