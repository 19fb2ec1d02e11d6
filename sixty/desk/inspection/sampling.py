"""Draws chats for people to score: a share of each agent's, more often those that look risky, the same ones each time.

Pure functions: what is drawn depends on the chats, the plan and its seed alone, not on the order in which they come.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sixty.desk.inspection.rules import RISKS, Risk


@dataclass(frozen=True)
class Candidate:
    """A chat that may be drawn."""

    id: int
    agent_id: str
    risk: Risk


@dataclass(frozen=True)
class Drawn:
    """A chat with those who score it, one or two of them."""

    id: int
    inspectors: tuple[int, ...]


def draw(
    candidates: Iterable[Candidate], share: float, at_least: int, by_risk: Mapping[str, float], seed: str
) -> list[int]:
    """Draws chats, a share of each agent's.

    Within an agent's chats every risk is a stratum. The places go to the strata in proportion to their size times how
    often that risk is to be drawn, by largest remainders (Hamilton's method); no stratum gets more than it has. Within
    one the chats with the smallest hashes of seed and id are drawn.

    Args:
        candidates: All chats.
        share: Of each agent's.
        at_least: So many of each agent, where there are.
        by_risk: How much more often a risk is drawn than one that is left out, which counts 1.
        seed: The same seed draws the same chats.

    Returns:
        Their ids, in order.
    """
    by_agent: dict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        by_agent[each.agent_id].append(each)
    drawn: list[int] = []
    for chats in by_agent.values():
        places = min(len(chats), max(at_least, math.ceil(share * len(chats) - 1e-9)))
        strata = {risk: sorted((c for c in chats if c.risk == risk), key=lambda c: _hash(seed, c.id)) for risk in RISKS}
        for risk, count in _places_of({risk: len(of) for risk, of in strata.items()}, by_risk, places).items():
            drawn += [each.id for each in strata[risk][:count]]
    return sorted(drawn)


def hand_out(
    drawn: Sequence[Candidate], inspectors: Mapping[int, str | None], double_share: float, seed: str
) -> list[Drawn]:
    """Gives drawn chats to those who score them: as many to each, nobody their own, some to two.

    Args:
        drawn: What was drawn.
        inspectors: The accounts that score, each with the agent that it talks to customers as.
        double_share: How many of the chats two score.
        seed: The same seed hands out the same way.

    Returns:
        Each chat with its inspectors; a chat that nobody may score is left out.
    """
    loads = dict.fromkeys(sorted(inspectors), 0)
    ordered = sorted(drawn, key=lambda each: _hash(f"{seed}:order", each.id))
    twice = {each.id for each in ordered[: round(double_share * len(ordered))]}
    handed: list[Drawn] = []
    for each in ordered:
        able = [account for account in loads if inspectors[account] is None or inspectors[account] != each.agent_id]
        able.sort(key=lambda account: (loads[account], _hash(f"{seed}:{account}", each.id)))
        chosen = tuple(able[: 2 if each.id in twice else 1])
        for account in chosen:
            loads[account] += 1
        if chosen:
            handed.append(Drawn(each.id, chosen))
    return sorted(handed, key=lambda each: each.id)


def _places_of(sizes: Mapping[Risk, int], by_risk: Mapping[str, float], places: int) -> dict[Risk, int]:
    given = dict.fromkeys(sizes, 0)
    open_strata = {risk for risk, size in sizes.items() if size}
    left = places
    while left and open_strata:
        weights = {risk: sizes[risk] * by_risk.get(risk, 1.0) for risk in open_strata}
        total = sum(weights.values())
        if total <= 0:
            # Every risk that is left is to be drawn never.
            break
        ideal = {risk: left * weights[risk] / total for risk in open_strata}
        whole = {risk: min(math.floor(ideal[risk]), sizes[risk] - given[risk]) for risk in open_strata}
        rest = left - sum(whole.values())
        for risk in sorted(open_strata, key=lambda each: (math.floor(ideal[each]) - ideal[each], RISKS.index(each))):
            if rest and whole[risk] + given[risk] < sizes[risk] and weights[risk] > 0:
                whole[risk] += 1
                rest -= 1
        for risk, count in whole.items():
            given[risk] += count
        left = rest
        full = {risk for risk in open_strata if given[risk] >= sizes[risk]}
        if not full and not any(whole.values()):
            break
        open_strata -= full
    return given


def _hash(seed: str, chat: int) -> str:
    return hashlib.sha256(f"{seed}:{chat}".encode()).hexdigest()
