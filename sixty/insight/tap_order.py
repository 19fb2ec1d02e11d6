"""Orders capsules by what customers tap: Thompson sampling, with the sampler of the product trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sixty.insight.next_questions import NextQuestion
from sixty.insight.taps import Taps
from sixty.shop.trials.sampling import Arm, compared, drawn_order

if TYPE_CHECKING:
    import numpy as np

_NEVER = Taps(0, 0)


def ordered_by_taps(
    candidates: Sequence[NextQuestion], taps: Mapping[str, Taps], least: int, chance: np.random.Generator
) -> list[NextQuestion]:
    """Draws the order in which capsules are shown.

    Pins stay where the merchant has put them. Of the others each is drawn from what is known of its taps, so that what
    is tapped more comes first nearly always, and what was shown little gets its try.

    Args:
        candidates: The likeliest first.
        taps: What became of each at this place, by question.
        least: With fewer showings than that at the place the candidates stay in their order.
        chance: Decides; the same chance decides the same.
    """
    if sum(each.shown for each in taps.values()) < least:
        return list(candidates)
    pinned = [each for each in candidates if each.source == "pinned"]
    others = {each.capsule.question: each for each in candidates if each.source != "pinned"}
    known = {question: taps.get(question, _NEVER) for question in others}
    arms = compared([Arm(name, each.shown, float(each.tapped), each.shown) for name, each in known.items()])
    return [*pinned, *(others[arm.product_no] for arm in drawn_order(arms, chance))] if arms else pinned
