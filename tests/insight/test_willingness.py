"""Willingness to buy: a score with its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.insight.rules import Rule, ScoreRules, WillingnessRules, willingness_rules
from sixty.insight.turns import Said, Turn, turns_of
from sixty.insight.willingness import FADING, Deed, willingness_of
from tests.insight.written import GOODS, Script, at, meaning

RULES = willingness_rules()
MOMENTS = st.floats(0, 300).map(at)
DEEDS = st.lists(
    st.builds(Deed, MOMENTS, st.sampled_from(["cart", "favourite", "own_channel", "ordered"]), st.sampled_from("abc")),
    max_size=5,
)
TURNS = st.lists(
    st.builds(
        Turn,
        message_id=st.just(0),
        ordinal=st.just(0),
        at=MOMENTS,
        intent=st.sampled_from(["ask_price", "hesitate", "complain", "abandon_purchase", "thank", "order_help", ""]),
        mood=st.sampled_from([None, "negative", "angry", "abandoning"]),
        outcome=st.sampled_from([None, "answered", "missed", "apologised", "handed_over", "to_person"]),
        replied_at=st.none() | MOMENTS,
        tapped=st.booleans(),
        answered_already=st.booleans(),
    ),
    max_size=12,
).map(lambda turns: [replace(turn, message_id=place + 1, ordinal=place) for place, turn in enumerate(turns)])


@given(TURNS, DEEDS, st.sampled_from(["shop", "product", "order", None]))
def test_the_score_and_every_step_stay_within_0_and_1(turns: list[Turn], deeds: list[Deed], entry: str | None) -> None:
    found = willingness_of(turns, deeds, RULES, entry)
    assert 0 < found.start < 1
    assert all(0 <= reason.score <= 1 for reason in found.reasons)
    assert all(reason.seconds >= 0 for reason in found.reasons)
    if found.reasons:
        assert found.score == pytest.approx(found.reasons[-1].score, abs=0.002)


@given(TURNS, DEEDS, st.randoms(use_true_random=False))
def test_the_order_in_which_deeds_are_heard_of_does_not_matter(
    turns: list[Turn], deeds: list[Deed], random: Random
) -> None:
    shuffled = list(deeds)
    random.shuffle(shuffled)
    one, other = willingness_of(turns, deeds, RULES), willingness_of(turns, shuffled, RULES)
    assert one.score == pytest.approx(other.score)
    assert [each.at for each in one.reasons] == [each.at for each in other.reasons]
    assert [each.score for each in one.reasons] == pytest.approx([each.score for each in other.reasons])


@given(st.lists(st.tuples(st.floats(0.5, 60), st.sampled_from(["ask_price", "hesitate", "thank", ""])), max_size=8))
def test_what_comes_later_changes_nothing_of_what_was(steps: list[tuple[float, str]]) -> None:
    script, moment = Script(), 0.0
    for gap, intent in steps:
        moment += gap
        script.customer(moment, intent, reply_after=0.2)
    whole = willingness_of(turns_of(script.said), (), RULES)
    for place, each in enumerate(script.said):
        if each.author == "customer":
            # As it was known when the message came: it waits, and what is behind it is not there.
            so_far = [*script.said[:place], replace(each, state="handling")]
            assert willingness_of(turns_of(so_far), (), RULES).score == pytest.approx(whole.after(each.at), abs=0.002)


def test_it_starts_above_zero_and_by_the_entry() -> None:
    starts = [willingness_of((), (), RULES, entry).score for entry in ("order", "shop", "product")]
    assert 0 < starts[0] < starts[1] < starts[2] < 0.5
    assert willingness_of((), (), RULES, None).score == starts[1]


def test_every_step_has_its_reason() -> None:
    script = Script().customer(0, "ask_price").customer(10, "complain", ("mood", "angry"), outcome="missed")
    found = willingness_of(turns_of(script.said), (), RULES)
    names = [reason.rule for reason in found.reasons]
    assert names == ["price", "answered", FADING, "complaining", "angry", "missed"]
    before = found.start
    for reason in found.reasons:
        assert reason.delta == pytest.approx(reason.score - before)
        before = reason.score
    assert found.score < 0.15
    assert {reason.message_id for reason in found.reasons} == {1, 3}


def test_waiting_repeating_and_slow_answers_cost() -> None:
    def score(script: Script) -> float:
        return willingness_of(turns_of(script.said, GOODS), (), RULES).score

    quick = Script().customer(0, "ask_price").customer(20, "ask_stock")
    slow = Script().customer(0, "ask_price", reply_after=9).customer(20, "ask_stock")
    waited = Script().customer(0, "ask_price", reply_after=30).customer(20, "ask_stock")
    again = Script().customer(0, "ask_stock").customer(20, "ask_stock")
    assert score(quick) > score(slow) > score(waited)
    assert score(again) < score(quick)


def test_words_count_in_what_was_typed_only() -> None:
    typed = Said(1, "customer", at(0), text="那我要了", understood=meaning("inform"))
    tapped = replace(typed, payload={"tap": {"payload": "/inform"}})
    assert "taking" in [reason.rule for reason in willingness_of(turns_of([typed]), (), RULES).reasons]
    assert "taking" not in [reason.rule for reason in willingness_of(turns_of([tapped]), (), RULES).reasons]


def test_a_deed_counts_when_it_was_done() -> None:
    script = Script().customer(0, "ask_price").customer(60, "thank")
    found = willingness_of(turns_of(script.said), [Deed(at(30), "cart"), Deed(at(90), "ordered", "1")], RULES)
    assert [reason.rule for reason in found.reasons if reason.message_id is None] == ["cart", "ordered"]
    assert found.after(at(29)) < found.after(at(31))
    assert found.score > 0.9
    assert found.after_turn(1) == found.after(at(31))


def test_what_was_said_last_counts_most() -> None:
    rules = WillingnessRules(
        score=ScoreRules(kept=0.5),
        rules={
            "bad": Rule(points=-10, words="坏", intents=("complain",)),
            "ok": Rule(points=10, words="好", intents=("thank",)),
        },
    )
    good_last = Script().customer(0, "complain").customer(9, "thank")
    bad_last = Script().customer(0, "thank").customer(9, "complain")
    assert willingness_of(turns_of(good_last.said), (), rules).score > 0.5
    assert willingness_of(turns_of(bad_last.said), (), rules).score < 0.5


def test_a_clock_that_was_put_back_harms_nothing() -> None:
    script = Script().customer(10, "ask_price").customer(5, "thank")
    found = willingness_of(turns_of(script.said), (), RULES)
    assert [reason.at for reason in found.reasons] == sorted(reason.at for reason in found.reasons)
    assert found.reasons[-1].at - at(0) <= timedelta(seconds=11)
