"""The six lines, each reached by a written conversation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.insight.attribution import Bought
from sixty.insight.models import LINES
from sixty.insight.rules import willingness_rules
from sixty.insight.willingness import Deed
from sixty.insight.working_out import Known, work_out
from tests.insight.written import GOODS, Script, at, bought

RULES = willingness_rules()


def line(script: Script, *orders: Bought, deeds: tuple[Deed, ...] = ()) -> str | None:
    known = Known(script.pages, GOODS, orders, deeds)
    found: str | None = work_out(script.said, known, RULES).visit["line"]
    return found


def decided() -> Script:
    return Script().customer(0, "ask_size").customer(15, "ask_ship_time")


def hesitant() -> Script:
    return Script().customer(0, "ask_price").customer(12, "hesitate").customer(30, "affirm")


def won_back() -> Script:
    script = (
        Script().customer(0, "ask_price").customer(30, "ask_discount").customer(50, "hesitate", outcome="asked_back")
    )
    return script.customer(120, "ask_coupon").customer(160, "affirm")


def lost() -> Script:
    script = Script().customer(0, "ask_attribute", ("attribute", "材质"), outcome="missed")
    return script.customer(12, "complain", ("mood", "angry"), outcome="missed")


def test_a_decides_at_once() -> None:
    assert line(decided(), bought(28, "P1")) == "A"


def test_b_hesitates_and_buys_within_the_minute() -> None:
    assert line(hesitant(), bought(50, "P1")) == "B"


def test_b_plus_buys_a_matching_thing_too() -> None:
    assert line(hesitant(), bought(50, "P1", "P2")) == "B+"
    assert line(hesitant(), bought(45, "P1", no="1"), bought(55, "P2", no="2")) == "B+"


def test_c_is_won_back_and_buys_after_the_minute() -> None:
    assert line(won_back(), bought(240, "P1")) == "C"


def test_c_plus_is_kept_in_an_own_channel() -> None:
    assert line(won_back(), bought(240, "P1"), deeds=(Deed(at(180), "own_channel"),)) == "C+"


def test_z_is_lost_because_the_answer_was_bad() -> None:
    assert line(lost()) == "Z"


def test_who_orders_after_all_is_not_lost() -> None:
    assert line(lost(), bought(40, "P1")) == "B"


def test_who_has_not_ordered_is_on_the_line_that_an_order_would_complete() -> None:
    assert line(decided()) == "A"
    assert line(hesitant()) == "B"
    assert line(won_back()) == "C"
    assert line(won_back(), deeds=(Deed(at(100), "own_channel"),)) == "C+"


def test_two_things_at_once_without_a_doubt_are_still_a() -> None:
    assert line(decided(), bought(28, "P1", "P2")) == "A"


def test_dear_goods_have_a_longer_minute() -> None:
    workwear = Script().customer(0, "ask_price").customer(100, "ask_stock")
    laptop = Script().customer(0, "ask_price", ("product", "P3")).customer(100, "ask_stock")
    assert line(workwear, bought(110, "P1")) == "C"
    assert line(laptop, bought(110, "P3")) == "A"


@pytest.mark.parametrize("intents", [["greet"], ["track_order", "thank"], ["ask_human"], []])
def test_without_a_question_that_leads_to_buying_there_is_no_line(intents: list[str]) -> None:
    script = Script().bot(0)
    for number, intent in enumerate(intents):
        script.customer(number + 1, intent)
    assert line(script) is None


def test_a_hesitation_after_the_order_is_none() -> None:
    assert line(decided().customer(40, "hesitate"), bought(28, "P1")) == "A"


@given(
    st.lists(
        st.tuples(
            st.floats(0, 90),
            st.sampled_from(["ask_price", "hesitate", "thank", "complain", "track_order", ""]),
            st.sampled_from(["answered", "missed", "asked_back", None]),
        ),
        max_size=6,
    ),
    st.floats(0, 300) | st.none(),
)
def test_every_visit_with_an_order_has_a_line_and_z_never_has_one(
    steps: list[tuple[float, str, str | None]], order: float | None
) -> None:
    script, moment = Script(), 0.0
    for gap, intent, outcome in steps:
        moment += gap
        script.customer(moment, intent, outcome=outcome)
    script.bot(moment)
    orders = () if order is None or not steps else (bought(steps[0][0] + order, "P1"),)
    found = line(script, *orders)
    assert found is None or found in LINES
    if orders:
        assert found not in (None, "Z")
