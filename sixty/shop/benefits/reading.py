"""Reads `playbook/benefits.yml`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from sixty.errors import OperatorError
from sixty.shop.benefits.benefit import Benefit, BenefitPlan
from sixty.shop.benefits.entries import BargainEntry, BenefitEntry, BenefitsEntry
from sixty.shop.benefits.kinds import AUTHORITIES, SITUATIONS, may_act_as
from sixty.shop.located import Located, Problem, read_document, read_soundly

BENEFITS_FILE = "benefits.yml"
NO_BENEFITS = BenefitPlan()
"""A shop that gives nothing."""

_GROUPS = ("goods", "services", "coupons")


class BenefitsError(OperatorError):
    """The playbook's benefits can't be used; the message names every place."""


def check_benefits(folder: Path, problems: list[Problem]) -> BenefitPlan:
    """Reads the benefits of a playbook; what is wrong goes into `problems`, and a missing file gives nothing."""
    file = folder / BENEFITS_FILE
    if not file.exists():
        return NO_BENEFITS
    before = len(problems)
    found = read_document(file, BenefitsEntry, problems)
    if found is None:
        return NO_BENEFITS
    _check_names(found, problems)
    benefits = _benefits(found.entry)
    _check_benefits(found, benefits, problems)
    _check_rules(found, benefits, problems)
    return _plan(found.entry, benefits) if len(problems) == before else NO_BENEFITS


def read_benefits(folder: Path) -> BenefitPlan:
    """Reads the benefits of a playbook.

    Raises:
        BenefitsError: The file is wrong; names every place.
    """
    return read_soundly(check_benefits, folder, BenefitsError)


@lru_cache(maxsize=4)
def _kept_benefits(folder: Path) -> BenefitPlan:
    return read_benefits(folder)


def shop_benefits() -> BenefitPlan:
    """The benefits of this deployment, read once.

    Raises:
        BenefitsError: The file is wrong.
    """
    from sixty.settings import get_settings

    return _kept_benefits(get_settings().playbook)


def _groups(entry: BenefitsEntry) -> Iterator[tuple[str, str, BenefitEntry]]:
    for group in _GROUPS:
        for name, each in getattr(entry, group).items():
            yield group, str(name), each


def _benefits(entry: BenefitsEntry) -> dict[str, Benefit]:
    made: dict[str, Benefit] = {}
    for name, goods in entry.goods.items():
        made[str(name)] = goods.made(str(name), entry.budgets)
    for name, service in entry.services.items():
        made[str(name)] = service.made(str(name), entry.budgets)
    for name, coupon in entry.coupons.items():
        made[str(name)] = coupon.made(str(name), entry.budgets)
    return made


def _plan(entry: BenefitsEntry, benefits: dict[str, Benefit]) -> BenefitPlan:
    return BenefitPlan(
        benefits=benefits,
        rules={situation: tuple(each.made() for each in entry.situations.of(situation)) for situation in SITUATIONS},
        authorities={authority: each.made() for authority, each in entry.authorities.items()},
        floors=entry.floors.made(),
        hold=entry.hold,
        again_after=entry.again_after,
        resume_after=entry.resume_after,
        memory=entry.memory,
    )


def _check_names(found: Located[BenefitsEntry], problems: list[Problem]) -> None:
    homes: dict[str, str] = {}
    for group, name, _ in _groups(found.entry):
        if name in homes:
            problems.append(
                found.problem(f"{name} is the name of one of the {homes[name]} already", "rename one", group, name)
            )
        homes[name] = group


def _check_benefits(found: Located[BenefitsEntry], benefits: dict[str, Benefit], problems: list[Problem]) -> None:
    entry = found.entry
    for group, name, each in _groups(entry):
        if each.budget is not None and each.budget not in entry.budgets:
            known = ", ".join(entry.budgets) or "none"
            problems.append(
                found.problem(
                    f"there is no budget {each.budget}",
                    f"add it to budgets, or use one of: {known}",
                    group,
                    name,
                    "budget",
                )
            )
        cost = benefits[name].cost
        givers = [who for who in AUTHORITIES if who in entry.authorities and may_act_as(who, each.authority)]
        most = max((entry.authorities[who].each for who in givers), default=None)
        if most is None or cost > most:
            problems.append(
                found.problem(
                    f"{name} costs {cost} yuan, and nobody from {each.authority} on may give that much",
                    f"raise authorities.{each.authority}.each, or name a higher authority",
                    group,
                    name,
                )
            )
    for name, service in entry.services.items():
        for prize in service.prizes:
            if prize not in benefits:
                problems.append(_unknown(found, prize, benefits, "services", str(name), "prizes", prize))
            elif benefits[prize].service == "draw":
                problems.append(
                    found.problem(
                        f"{prize} is a draw itself", "let it win something", "services", str(name), "prizes", prize
                    )
                )


def _check_rules(found: Located[BenefitsEntry], benefits: dict[str, Benefit], problems: list[Problem]) -> None:
    for situation in SITUATIONS:
        ids: set[str] = set()
        rules = found.entry.situations.of(situation)
        for number, rule in enumerate(rules):
            here = ("situations", situation, number)
            if rule.id in ids:
                problems.append(found.problem(f"two rules of {situation} are called {rule.id}", "rename one", *here))
            ids.add(rule.id)
            if rule.when is None and number < len(rules) - 1:
                problems.append(
                    found.problem(
                        f"{rule.id} has no conditions, so no rule of {situation} after it ever holds",
                        "give it a when, or move it to the end",
                        *here,
                    )
                )
            if isinstance(rule, BargainEntry):
                _check_steps(found, number, rule, benefits, problems)
                continue
            for place, name in enumerate(rule.offer):
                if name not in benefits:
                    problems.append(_unknown(found, name, benefits, *here, "offer", place))


def _check_steps(
    found: Located[BenefitsEntry],
    number: int,
    rule: BargainEntry,
    benefits: dict[str, Benefit],
    problems: list[Problem],
) -> None:
    before = None
    for place, step in enumerate(rule.steps):
        here = ("situations", "bargaining", number, "steps", place)
        names = step.offer or []
        for index, name in enumerate(names):
            if name not in benefits:
                problems.append(_unknown(found, name, benefits, *here, "offer", index))
        costs = [benefits[name].cost for name in names if name in benefits]
        if costs and before is not None and min(costs) < before:
            problems.append(
                found.problem(
                    f"this step may give something for {min(costs)} yuan, after one for {before} yuan at most",
                    "order the steps from the smallest benefit to the largest",
                    *here,
                )
            )
        before = max(costs) if costs else before


def _unknown(found: Located[BenefitsEntry], name: str, benefits: dict[str, Benefit], *path: str | int) -> Problem:
    known = ", ".join(benefits) or "none"
    return found.problem(
        f"there is no benefit {name}", f"add it to goods, services or coupons; known are {known}", *path
    )
