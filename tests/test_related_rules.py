from __future__ import annotations

import pytest
from pydantic import ValidationError

from sixty.related_rules import RelatedRules


def test_what_a_merchant_pins_comes_from_the_narrowest_place_first() -> None:
    rules = RelatedRules(
        pin={
            "default": ["human"],
            "ask_attribute": ["size"],
            "ask_attribute.材质": ["care", "size"],
            "ask_attribute.材质/工装": ["shrink"],
        }
    )
    assert rules.pinned("ask_attribute.材质", "工装") == ["shrink", "care", "size", "human"]
    assert rules.pinned("ask_attribute.材质", "母婴") == ["care", "size", "human"]
    assert rules.pinned("ask_attribute.版型") == ["size", "human"]
    assert rules.pinned("ask_price") == ["human"]


def test_a_ban_counts_more_than_a_pin() -> None:
    rules = RelatedRules(pin={"ask_price": ["coupon", "stock"]}, ban={"default/母婴": ["coupon"]})
    assert rules.pinned("ask_price", "母婴") == ["stock"]
    assert rules.pinned("ask_price", "工装") == ["coupon", "stock"]
    assert not rules.shows("coupon", "ask_price", "母婴")
    assert rules.shows("coupon", "ask_price", "工装")


def test_with_approval_by_hand_only_what_is_approved_or_pinned_is_shown() -> None:
    rules = RelatedRules(
        approval="by_hand",
        approve={"ask_price/工装": ["stock"]},
        pin={"ask_price": ["size"]},
        ban={"ask_size": ["stock"]},
    )
    assert rules.shows("stock", "ask_price", "工装")
    assert not rules.shows("stock", "ask_price", "母婴")
    assert rules.shows("size", "ask_price")
    assert not rules.shows("coupon", "ask_price")


def test_approval_is_not_asked_for_otherwise() -> None:
    assert RelatedRules().shows("coupon", "ask_price")


def test_all_choices_are_told() -> None:
    rules = RelatedRules(pin={"ask_price": ["a"]}, approve={"ask_size": ["b"]}, ban={"default": ["c", "d"]})
    assert list(rules.choices()) == [
        ("pin", "ask_price", "a"),
        ("approve", "ask_size", "b"),
        ("ban", "default", "c"),
        ("ban", "default", "d"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"half_life_days": 0},
        {"window_days": 0},
        {"min_count": 0},
        {"least_weight": 0},
        {"tap_weight": 1.5},
        {"keep": 2},
        {"approval": "maybe"},
        {"half_live_days": 3},
        {"pin": {"ask_price": "coupon"}},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RelatedRules(**wrong)  # type: ignore[arg-type]
