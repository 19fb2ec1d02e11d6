"""Who is left alone, so that it can be seen what reminders bring about, and who reads which wording (F29).

The draw is a customer's, of each scene: whoever is left alone in a scene stays so for all their orders, so nobody is in
both groups, and the draws of different scenes have nothing to do with each other. It is a hash, so nothing is kept of
it, it is the same in every process, and where the share grows, those who were left alone stay so.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, log
from typing import Literal

from sixty.insight.arms import place_of

Arm = Literal["reminded", "control"]

_ARM, _VARIANT = "outreach\0", "wording\0"


def arm_of(scene: str, who: str, share: float) -> Arm:
    """The group of a customer in a scene.

    Args:
        scene: The scene's name in the playbook.
        who: The customer's id; the conversation's where nobody knows who it is.
        share: How large a share of all customers is left alone, 0 … 1.
    """
    return "control" if place_of(f"{_ARM}{scene}\0", who) < share else "reminded"


def variant_of(scene: str, who: str, weights: Mapping[str, float]) -> str:
    """Which of several wordings a customer reads in a scene.

    Weighted rendezvous hashing (Schindelhauer and Schomaker, "Weighted distributed hash tables", SPAA 2005): with a new
    wording only those change who get it, with one that is gone only those who had it.

    Args:
        scene: The scene's name in the playbook.
        who: As in `arm_of`.
        weights: Of each wording, how often it is to be read in proportion to the others.

    Raises:
        ValueError: There is none, or none with a weight above 0.
    """
    drawn = {name: weight for name, weight in weights.items() if weight > 0}
    if not drawn:
        raise ValueError(f"the scene {scene} has no wording to choose from")
    return max(drawn, key=lambda name: (_pull(place_of(f"{_VARIANT}{scene}\0{name}\0", who), drawn[name]), name))


def _pull(place: float, weight: float) -> float:
    """How strongly a wording draws somebody: exponential with its weight, so that the strongest is the one to read."""
    return -weight / log(place) if place > 0 else -inf
