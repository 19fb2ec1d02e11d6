"""Whether the report on reminders can be trusted: simulated customers whose true lift is known, many times over.

Customers differ in how likely they are to buy by themselves (a beta distribution), have one to four cases each that
turn out alike, and are drawn into their group by the very hash that the engine draws with. Half of the simulations have
a true lift, half have none. A good interval covers the truth in 95 of 100 simulations, and where there is no lift none
is reported in as many.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sixty.outreach.control import Arm, arm_of
from sixty.outreach.lift import ArmSums, Lift, OfCustomer, lift, sums_of
from sixty.shop.intervals import wilson

SIMULATIONS = 200
_CUSTOMERS = 1200
_SHARE = 0.2
# Of a customer who is left alone: 0.15 on average, and rather different from one to another.
_WILLING = (1.5, 8.5)
_MOST_CASES = 4


@dataclass(frozen=True)
class Simulated:
    """One simulated month, and by how much reminders truly raised the share of cases that were converted."""

    truth: float
    found: Lift

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        difference = self.found.difference
        return difference is not None and difference.low <= self.truth <= difference.high

    @property
    def reported(self) -> bool:
        """Whether the report says that reminders raise the share."""
        return self.found.verdict == "more"


def simulate(true_lift: float, rng: random.Random, customers: int = _CUSTOMERS, share: float = _SHARE) -> Simulated:
    """Simulates one month of one scene.

    Args:
        true_lift: By how much a reminder raises each customer's chance, as a share of all cases.
        rng: Chance.
        customers: How many there are.
        share: How large a share of them is left alone.
    """
    scene = f"simulated-{rng.getrandbits(64):x}"
    of: dict[Arm, list[OfCustomer]] = {"reminded": [], "control": []}
    for number in range(customers):
        alone = rng.betavariate(*_WILLING)
        # Raised in proportion to what is missing, so that nobody's chance exceeds one and the mean rises by the lift.
        missing = 1 - _WILLING[0] / sum(_WILLING)
        arm = arm_of(scene, f"C{number}", share)
        chance = alone + (1 - alone) * true_lift / missing if arm == "reminded" else alone
        cases = min(_MOST_CASES, 1 + int(rng.expovariate(1.2)))
        converted = sum(rng.random() < chance for _ in range(cases))
        revenue = sum((Decimal(round(rng.lognormvariate(5, 0.8), 2)) for _ in range(converted)), Decimal(0))
        of[arm].append(OfCustomer(cases, converted, revenue))
    sums: Mapping[Arm, ArmSums] = {arm: sums_of(each) for arm, each in of.items()}
    return Simulated(true_lift, lift(sums, share=share))


def lift_coverage(simulations: int = SIMULATIONS, seed: int = 29, true_lift: float = 0.08) -> dict[str, Any]:
    """How often the interval holds the truth, and how often a lift is reported where there is none.

    Args:
        simulations: How many, half of them without any lift.
        seed: Of chance.
        true_lift: Of the other half.

    Returns:
        `lift_coverage`: the share of all simulations whose interval holds the truth; `coverage_low` and
        `coverage_high`, between which the true rate lies, counted so often; `false_lifts`: the share of simulations
        without a lift for which one is reported; `lifts_found`: of those with one; `nominal`: what an interval of 95%
        should come to.
    """
    rng = random.Random(seed)
    done = [simulate(true_lift if number % 2 else 0.0, rng) for number in range(simulations)]
    without, with_lift = [each for each in done if not each.truth], [each for each in done if each.truth]
    covered = wilson(sum(each.covered for each in done), len(done))
    return {
        "simulations": simulations,
        "nominal": 0.95,
        "lift_coverage": round(covered.rate, 4),
        "coverage_low": round(covered.low, 4),
        "coverage_high": round(covered.high, 4),
        "false_lifts": round(sum(each.reported for each in without) / max(1, len(without)), 4),
        "lifts_found": round(sum(each.reported for each in with_lift) / max(1, len(with_lift)), 4),
    }
