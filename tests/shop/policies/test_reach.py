"""Rows that can never decide are found, and only those."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.shop.policies.deciding import Policy, decide
from sixty.shop.policies.facts import Facts
from sixty.shop.policies.reach import unreachable, witness
from sixty.shop.policies.rows import RowEntry

SOURCE = {"kind": "shop", "name": "本店"}


def policy_of(*conditions: dict[str, Any] | None) -> Policy:
    rows = [
        RowEntry(id=f"row_{number}", when=when, allow=True, say="好的", source=SOURCE)
        for number, when in enumerate(conditions)
    ]
    return Policy(
        "test", ("return", "exchange"), (*rows, RowEntry(id="the_rest", allow=False, say="不行", source=SOURCE))
    )


@pytest.mark.parametrize(
    ("conditions", "lost"),
    [
        ([{"state": ["paid"]}, {"state": ["paid"], "opened": "true"}], (1,)),
        ([{"state": ["paid"], "opened": "true"}, {"state": ["paid"]}], ()),
        # Two rows together, neither alone.
        ([{"overdue": "true"}, {"overdue": "false"}, {"state": ["paid"]}], (2, 3)),
        # What may be unknown is left over, though both answers are taken.
        ([{"opened": "true"}, {"opened": "false"}, {"state": ["paid"]}], ()),
        ([{"days_since_receipt": {"at_most": 7}}, {"days_since_receipt": {"at_most": 5}}], (1,)),
        ([{"days_since_receipt": {"at_most": 7}}, {"days_since_receipt": {"at_least": 8}}], ()),
        ([{"days_since_receipt": {"at_most": 7}}, {"days_since_receipt": {"at_least": 7, "at_most": 8}}], ()),
        ([{"category": ["工装"]}, {"category_not": ["工装"]}, {"opened": "true"}], (2, 3)),
        ([{"category_not": ["工装"]}, {"category": ["母婴"]}], (1,)),
        ([{"kind": ["return"]}, {"kind": ["exchange"]}], (2,)),
        ([{"amount": {"at_most": "9.99"}}, {"amount": {"at_least": "10"}}], (2,)),
        ([{"amount": {"at_most": "9.98"}}, {"amount": {"at_least": "10"}}], ()),
    ],
)
def test_what_rows_before_decide_is_lost(conditions: list[dict[str, Any]], lost: tuple[int, ...]) -> None:
    assert unreachable(policy_of(*conditions)) == lost


_conditions = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from([["return"], ["exchange"]]),
        "category": st.lists(st.sampled_from("甲乙丙"), min_size=1, max_size=2, unique=True),
        "opened": st.sampled_from(["true", "false"]),
        "days_since_receipt": st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
            lambda ends: {"at_least": min(ends), "at_most": max(ends)}
        ),
        "state": st.sampled_from([["paid"], ["shipped", "delivered"]]),
    },
).filter(bool)


@settings(max_examples=150, deadline=None)
@given(st.lists(_conditions, min_size=1, max_size=6))
def test_it_is_exact(conditions: list[dict[str, Any]]) -> None:
    policy = policy_of(*conditions)
    everything = (
        Facts(kind=kind, category=category, opened=opened, days_since_receipt=days, state=state)
        for kind, category, opened, days, state in product(
            policy.kinds,
            ("甲", "乙", "丙", "丁"),
            (None, True, False),
            (None, 0, 1, 2, 3, 4),
            ("paid", "shipped", "closed"),
        )
    )
    decided = {decide(policy, facts).row_id for facts in everything}
    reachable = {row.id for number, row in enumerate(policy.rows) if witness(policy, number) is not None}
    assert reachable == decided
