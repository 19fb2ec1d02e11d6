"""Of the variations that fit the most specific one is said, whatever there is beside it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.dialogue.variations import ALWAYS, Period, Variation, fitting, read_period, read_variation

NOON = datetime(2026, 11, 11, 12, tzinfo=timezone.utc)
SHANGHAI = ZoneInfo("Asia/Shanghai")
SLOTS = {"region": ["新疆", "西藏", "浙江"], "customer_level": ["普通", "PLUS"], "phase": ["sale", None]}

moments = st.integers(-4, 4).map(lambda hours: NOON + timedelta(hours=hours))
periods = st.builds(
    lambda starts, ends: Period(starts, ends if starts is None or ends is None or starts < ends else None),
    st.none() | moments,
    st.none() | moments,
)


@st.composite
def variations(draw: Any) -> Variation:
    asked = draw(st.lists(st.sampled_from(sorted(SLOTS)), unique=True, max_size=3))
    conditions = tuple(
        (slot, tuple(draw(st.lists(st.sampled_from(SLOTS[slot]), unique=True, min_size=1)))) for slot in asked
    )
    return Variation(conditions, draw(st.sampled_from([None, "rest", "socketio"])), draw(periods))


known = st.fixed_dictionaries({slot: st.sampled_from([*values, None]) for slot, values in SLOTS.items()})


def said(*contents: dict[str, Any], at: datetime = NOON, channel: str | None = "rest", **slots: Any) -> list[str]:
    return [
        each.content["text"] for each in fitting([read_variation(content) for content in contents], slots, channel, at)
    ]


def only(slot: str, *values: Any) -> list[dict[str, Any]]:
    return [{"type": "slot", "name": slot, "value": list(values) if len(values) > 1 else values[0]}]


@given(st.lists(variations(), max_size=6), known, st.sampled_from(["rest", "socketio", None]), moments)
def test_what_is_said_fits_and_nothing_that_fits_is_more_specific(
    written: list[Variation], slots: dict[str, Any], channel: str | None, at: datetime
) -> None:
    chosen = fitting(written, slots, channel, at)
    fit = [each for each in written if each.fits(slots, channel, at)]
    assert bool(chosen) == bool(fit)
    assert all(each.fits(slots, channel, at) for each in chosen)
    assert all(each.rank <= chosen[0].rank for each in fit)
    # Only words are left to chance: never for whom, where and when.
    assert all(each.says_instead_of(chosen[0]) for each in chosen)


@given(st.lists(variations(), max_size=6), known, st.sampled_from(["rest", None]), moments)
def test_with_a_default_there_is_always_an_answer(
    written: list[Variation], slots: dict[str, Any], channel: str | None, at: datetime
) -> None:
    assert fitting([*written, Variation()], slots, channel, at)


@given(periods, periods, moments)
def test_periods_meet_where_both_hold(one: Period, other: Period, at: datetime) -> None:
    if one.holds(at) and other.holds(at):
        assert one.meets(other)
    assert one.meets(other) == other.meets(one)


@given(periods, periods, moments, moments)
def test_a_period_that_covers_another_holds_whenever_that_does(
    one: Period, other: Period, since: datetime, at: datetime
) -> None:
    if one.covers(other, since) and at >= since and other.holds(at):
        assert one.holds(at)


def test_the_channels_default_gives_way_to_what_was_written_for_the_customer() -> None:
    everybody, here, mine = (
        {"text": "default"},
        {"text": "channel", "channel": "rest"},
        {"text": "region", "condition": only("region", "新疆")},
    )
    assert said(everybody, here, mine, region="新疆") == ["region"]
    assert said(everybody, here, mine, region="浙江") == ["channel"]
    assert said(everybody, here, mine, region="新疆", channel="socketio") == ["region"]
    assert said(everybody, here, mine, region=None, channel="socketio") == ["default"]


def test_several_values_mean_any_and_conditions_mean_all() -> None:
    near = {"text": "near", "condition": only("region", "江苏", "浙江", "上海")}
    both = {"text": "both", "condition": [*only("region", "浙江", "江苏"), *only("customer_level", "PLUS")]}
    default = {"text": "default"}
    assert said(default, near, both, region="浙江", customer_level="普通") == ["near"]
    assert said(default, near, both, region="浙江", customer_level="plus") == ["both"]
    assert said(default, near, both, region="上海", customer_level="PLUS") == ["near"]
    assert said(default, near, both, customer_level="PLUS") == ["default"]


def test_a_slot_that_is_not_set_can_be_asked_for() -> None:
    assert said({"text": "default"}, {"text": "stranger", "condition": only("customer_level", None)}) == ["stranger"]


def test_words_vary_for_everybody_only() -> None:
    assert said({"text": "a"}, {"text": "b"}) == ["a", "b"]
    twice = [{"text": text, "condition": only("region", "新疆")} for text in ("first", "second")]
    assert said({"text": "default"}, *twice, region="新疆") == ["first", "second"]
    level = {"text": "level", "condition": only("customer_level", "PLUS")}
    assert said(level, *twice, region="新疆", customer_level="PLUS") == ["level"]


def test_what_is_true_now_only_outweighs_what_is_true_always() -> None:
    closed = {"text": "closed", "metadata": {"valid_from": "2027-02-02 00:00", "valid_until": "2027-02-13 00:00"}}
    default = {"text": "default"}
    before = datetime(2027, 2, 1, 23, 59, tzinfo=SHANGHAI)
    assert said(default, closed, at=before) == ["default"]
    assert said(default, closed, at=before + timedelta(minutes=1)) == ["closed"]
    assert said(default, closed, at=datetime(2027, 2, 12, 23, 59, tzinfo=SHANGHAI)) == ["closed"]
    assert said(default, closed, at=datetime(2027, 2, 13, tzinfo=SHANGHAI)) == ["default"]
    assert said(closed, at=before) == []


def test_a_period_is_on_the_clock_of_its_zone() -> None:
    there = read_period({"valid_from": "2026-11-11 00:00", "zone": "Asia/Urumqi"})
    here = read_period({"valid_from": "2026-11-11 00:00"})
    assert there.starts is not None
    assert here.starts is not None
    assert there.starts - here.starts == timedelta(hours=2)
    assert read_period(None) == read_period({"note": "of the merchant's"}) == ALWAYS


@pytest.mark.parametrize(
    "metadata",
    [
        {"valid_from": "2026-11-11"},
        {"valid_until": datetime(2026, 11, 11).date()},  # noqa: DTZ001
        {"valid_until": "2026-02-30 00:00"},
        {"valid_until": "2026-11-11 24:00"},
        {"valid_until": "soon"},
        {"valid_from": "2026-11-11 00:00", "zone": "Mars/Olympus"},
        {"valid_from": "2026-11-11 00:00", "zone": "../../etc/passwd"},
        {"valid_from": "2026-11-11 00:00", "valid_until": "2026-11-11 00:00"},
        {"valid_from": "2026-11-12 00:00", "valid_until": "2026-11-11 00:00"},
    ],
)
def test_a_period_that_cannot_be_read_is_an_error(metadata: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        read_period(metadata)
