"""Who is left alone, and who reads which wording."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.outreach.control import arm_of, variant_of

CUSTOMERS = [f"C{number:06d}" for number in range(20_000)]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
@pytest.mark.parametrize("scene", ["unpaid", "back_in_stock"])
def test_the_draw_is_balanced(scene: str, share: float) -> None:
    held = sum(arm_of(scene, each, share) == "control" for each in CUSTOMERS)
    # Five standard deviations of a binomial count.
    assert abs(held - share * len(CUSTOMERS)) < 5 * (len(CUSTOMERS) * share * (1 - share)) ** 0.5


def test_draws_of_different_scenes_have_nothing_to_do_with_each_other() -> None:
    both = sum(
        arm_of("unpaid", each, 0.5) == "control" and arm_of("review", each, 0.5) == "control" for each in CUSTOMERS
    )
    assert abs(both - 0.25 * len(CUSTOMERS)) < 5 * (len(CUSTOMERS) * 0.25 * 0.75) ** 0.5


@given(st.text(max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_who_is_left_alone_stays_so_where_the_share_grows(who: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    if arm_of("unpaid", who, small) == "control":
        assert arm_of("unpaid", who, large) == "control"
    assert arm_of("unpaid", who, 0) == "reminded"
    assert arm_of("unpaid", who, 1) == "control"


def test_wordings_are_read_in_proportion_to_their_weights() -> None:
    read = Counter(variant_of("unpaid", each, {"a": 1, "b": 2, "c": 1}) for each in CUSTOMERS)
    assert abs(read["b"] - len(CUSTOMERS) / 2) < 5 * (len(CUSTOMERS) / 4) ** 0.5
    assert abs(read["a"] - len(CUSTOMERS) / 4) < 5 * (len(CUSTOMERS) * 3 / 16) ** 0.5


def test_a_new_wording_changes_only_who_gets_it() -> None:
    for each in CUSTOMERS[:2000]:
        after = variant_of("unpaid", each, {"a": 1, "b": 2, "new": 1})
        assert after in (variant_of("unpaid", each, {"b": 2, "a": 1}), "new")


def test_the_wording_has_nothing_to_do_with_the_group() -> None:
    for arm in ("reminded", "control"):
        of_arm = [each for each in CUSTOMERS if arm_of("unpaid", each, 0.5) == arm]
        read = sum(variant_of("unpaid", each, {"a": 1, "b": 1}) == "a" for each in of_arm)
        assert abs(read - len(of_arm) / 2) < 5 * (len(of_arm) / 4) ** 0.5


def test_a_scene_without_wordings_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="unpaid"):
        variant_of("unpaid", "C1", {"a": 0})
