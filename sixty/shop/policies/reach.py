"""Finds rows that can never decide, because rows before them decide first.

Every condition only tells a few values of its fact apart, so each fact can stand for all its values by one of each
sort: for a range those at and next to its ends, for a list those named and one that isn't. What a row decides is then
a box – a set of values for each fact – and it can be reached when something of its box is left after the boxes before
it are cut out. That is exact as long as the facts are free of each other; that an unpaid order has no parcel isn't
known here, so such a row is not found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

from sixty.shop.policies import facts as facts_module
from sixty.shop.policies.deciding import Policy
from sixty.shop.policies.facts import Facts
from sixty.shop.policies.rows import Range, When, condition_holds, fact_of

Box = dict[str, frozenset[Any]]

_FEN = Decimal("0.01")
_DECIMALS = ("amount",)


def witness(policy: Policy, number: int) -> Facts | None:
    """Makes facts on which a row decides; `None` when there are none.

    Args:
        policy: The policy.
        number: The row's position from 0.
    """
    values = _values(policy)
    whole: Box = {name: frozenset(range(len(each))) for name, each in values.items()}
    left = [_box(policy.rows[number].when, values, whole)]
    for row in policy.rows[:number]:
        earlier = _box(row.when, values, whole)
        left = [piece for each in left for piece in _without(each, earlier)]
    if not left or any(not each for each in left[0].values()):
        return None
    # Unremarkable values come first in each fact, so that the facts look as they do in life.
    return Facts(**{name: values[name][min(chosen)] for name, chosen in left[0].items()})


def unreachable(policy: Policy) -> tuple[int, ...]:
    """The positions of the rows that can never decide, from 0."""
    return tuple(number for number in range(len(policy.rows)) if witness(policy, number) is None)


def _values(policy: Policy) -> dict[str, tuple[Any, ...]]:
    """One value of each sort that the policy tells apart, by fact."""
    named: dict[str, list[Any]] = {"kind": []}
    for row in policy.rows:
        for name, wanted in row.when.conditions() if row.when is not None else []:
            named.setdefault(fact_of(name), []).append(wanted)
    return {name: policy.kinds if name == "kind" else _sorts(name, wanted) for name, wanted in named.items()}


def _sorts(name: str, wanted: Sequence[Any]) -> tuple[Any, ...]:
    if isinstance(wanted[0], Range):
        ends = {end for each in wanted for end in (each.at_least, each.at_most) if end is not None}
        step = _FEN if name in _DECIMALS else Decimal(1)
        numbers = sorted({value for end in ends for value in (end - step, end, end + step) if value >= 0})
        plain = numbers if name in _DECIMALS else [int(value) for value in numbers]
        return (*plain, None) if _is_optional(name) else tuple(plain)
    if isinstance(wanted[0], bool):
        return (False, True, None) if _is_optional(name) else (False, True)
    known = _literals(name)
    if known:
        return (*known, None) if _is_optional(name) else known
    others = sorted({value for each in wanted for value in each})
    return ("", *others)


def _box(when: When | None, values: Mapping[str, tuple[Any, ...]], whole: Box) -> Box:
    box = dict(whole)
    for name, wanted in when.conditions() if when is not None else []:
        fact = fact_of(name)
        fitting = (place for place in box[fact] if condition_holds(name, wanted, values[fact][place]))
        box[fact] = frozenset(fitting)
    return box


def _without(box: Box, taken: Box) -> list[Box]:
    """What of a box another one leaves, as boxes that don't overlap."""
    if any(not box[name] & taken[name] for name in box):
        return [box]
    pieces: list[Box] = []
    rest = dict(box)
    for name in box:
        outside = rest[name] - taken[name]
        if outside:
            pieces.append({**rest, name: outside})
        rest[name] = rest[name] & taken[name]
    return pieces


_HINTS = get_type_hints(Facts, vars(facts_module))


def _is_optional(name: str) -> bool:
    return type(None) in get_args(_HINTS[name])


def _literals(name: str) -> tuple[Any, ...]:
    hint = _HINTS[name]
    for each in (hint, *get_args(hint)):
        if get_origin(each) is not None and str(get_origin(each)) == "typing.Literal":
            return get_args(each)
    return ()
