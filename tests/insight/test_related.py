from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sixty.insight.related import (
    ALL,
    LEAST_EVIDENCE,
    START,
    Counted,
    Effects,
    Related,
    State,
    Tally,
    blended,
    common_strength,
    pooled_difference,
    relate,
    shrunken,
)
from sixty.related_rules import RelatedRules

RULES = RelatedRules(min_count=5, smoothing=20, order_smoothing=50, least_weight=0.02)


def visits(
    question: str,
    following: str | None,
    number: int,
    *,
    state: State = "settled",
    ordered: float = 0,
    category: str = ALL,
    place: int = 1,
) -> Counted:
    return Counted(category, question, state, place, following, number, number, number, ordered)


def after(rows: Sequence[Related], question: str, category: str = ALL, place: int = 1) -> dict[str, Related]:
    return {
        row.following: row for row in rows if (row.question, row.category, row.place) == (question, category, place)
    }


def ranked(rows: Sequence[Related], question: str, category: str = ALL) -> list[str]:
    return list(after(rows, question, category))


def test_shares_are_of_all_visits_with_the_question() -> None:
    rules = RULES.copy(update={"smoothing": 0})
    rows = relate([visits("colour", "size", 10), visits("colour", "coupon", 13), visits("colour", None, 77)], rules)
    found = after(rows, "colour")
    assert found["size"].share == pytest.approx(0.10)
    assert found["coupon"].share == pytest.approx(0.13)
    assert (found["size"].count, found["coupon"].count) == (10, 13)


def test_a_small_category_is_smoothed_by_what_all_show() -> None:
    rows = relate(
        [
            visits("price", "stock", 500, category="工装"),
            visits("price", None, 500, category="工装"),
            visits("price", "size", 5, category="母婴"),
        ],
        RULES,
    )
    assert after(rows, "price")["stock"].share == pytest.approx(500 / 1005, rel=0.02)
    small = after(rows, "price", "母婴")
    # Five visits against the twenty that smoothing adds: the five have a fifth of the word.
    assert small["size"].share == pytest.approx((5 + 20 * after(rows, "price")["size"].share) / 25)
    assert small["stock"].share == pytest.approx(20 * after(rows, "price")["stock"].share / 25)


def test_what_is_rare_is_not_believed() -> None:
    rows = relate([visits("price", "stock", 4), visits("price", "size", 5), visits("price", None, 50)], RULES)
    assert ranked(rows, "price") == ["size"]
    assert relate([visits("price", "size", 4)], RULES) == []


def test_the_question_before_the_last_one_counts_half() -> None:
    def at(place: int, following: str, rank: float) -> Related:
        return Related("price", ALL, place, following, 9, rank, 1.0, rank)

    assert blended([at(1, "size", 0.3), at(1, "stock", 0.25), at(2, "stock", 0.2), at(2, "gift", 0.1)]) == [
        "stock",
        "size",
        "gift",
    ]
    assert blended([at(1, "size", 0.3), at(1, "stock", 0.25), at(2, "stock", 0.08)])[0] == "size"
    assert blended([]) == []


def test_what_everybody_asks_fills_a_short_list_up() -> None:
    counted = [
        visits("price", "size", 9),
        visits("price", None, 41),
        visits("stock", "coupon", 90),
        visits("stock", "gift", 4),
    ]
    found = after(relate(counted, RULES), "price")
    assert list(found) == ["coupon", "size"]  # and no gift, which was asked four times
    assert found["coupon"].count == 0
    assert found["coupon"].share == pytest.approx(20 * (90 / 144) / 70)


def test_a_category_with_little_has_no_list_of_its_own() -> None:
    rows = relate([visits("price", "size", 50, category="工装"), visits("price", "size", 4, category="母婴")], RULES)
    assert after(rows, "price", "母婴") == {}
    assert set(after(rows, "price", "工装")) == {"size"}


def test_the_beginning_leads_to_first_questions_only() -> None:
    rows = relate([visits(START, "price", 30), visits("price", "size", 30), visits(START, None, 10)], RULES)
    assert ranked(rows, START) == ["price"]
    assert after(rows, START)["price"].share == pytest.approx(30 / 40)


def test_a_rare_question_before_which_customers_leave_comes_before_a_frequent_harmless_one() -> None:
    counted = [
        visits("price", "gift", 400, ordered=120),
        visits("price", "warranty", 60, ordered=18),
        visits("price", None, 540, ordered=160),
        # Gifts: who got no answer ordered as often. Warranty: who got no answer left.
        visits("gift", None, 300, ordered=90),
        visits("gift", None, 200, state="open", ordered=60),
        visits("warranty", None, 100, ordered=40),
        visits("warranty", None, 100, state="open", ordered=2),
    ]
    rows = relate(counted, RULES)
    found = after(rows, "price")
    assert found["gift"].share > 4 * found["warranty"].share
    assert ranked(rows, "price")[:2] == ["warranty", "gift"]
    assert found["gift"].weight < 0.1 < 0.2 < found["warranty"].weight


def test_without_orders_shares_alone_decide() -> None:
    counted = [
        visits("price", "size", 30),
        visits("price", "stock", 50),
        visits("price", "gift", 20),
        visits("size", None, 50, state="open"),
    ]
    rows = relate(counted, RULES)
    assert ranked(rows, "price") == ["stock", "size", "gift"]
    assert {row.weight for row in rows} == {RULES.least_weight}


def test_who_orders_anyway_says_nothing_of_an_open_question() -> None:
    # Who asks how to pay orders, settled or not; who asks for the price does not. Pooled over all visits an open
    # question would seem to help, because it is mostly the payers' that is left open.
    counted = [
        visits("pay", None, 100, ordered=80),
        visits("pay", None, 900, state="open", ordered=720),
        visits("price", None, 900, ordered=90),
        visits("price", None, 100, state="open", ordered=10),
    ]
    effects = Effects(counted, least_strength=50)
    assert effects.overall == pytest.approx(0)
    assert effects.of("pay") == pytest.approx(0)
    assert effects.of("price") == pytest.approx(0)


def test_categories_are_compared_each_with_itself() -> None:
    # Simpson's paradox: in either category settling helps by 0.1; thrown together it would seem to harm.
    counted = [
        visits("size", None, 100, ordered=90, category="贵"),
        visits("size", None, 900, state="open", ordered=720, category="贵"),
        visits("size", None, 900, ordered=180, category="便宜"),
        visits("size", None, 100, state="open", ordered=10, category="便宜"),
    ]
    assert Effects(counted, least_strength=0).of("size") == pytest.approx(0.1)


def test_a_single_lost_visit_is_no_proof() -> None:
    counted = [
        visits("gift", None, 1, state="open", ordered=0),
        visits("gift", None, 10, ordered=10),
        visits("price", None, 500, ordered=100),
        visits("price", None, 500, state="open", ordered=100),
    ]
    assert Effects(counted, least_strength=50).of("gift") < 0.03


def test_differences_that_chance_explains_are_no_differences() -> None:
    # Nine questions, each settled and open a few hundred times, with rates as chance scatters them around 0.3.
    scattered = (0.02, -0.03, 0.01, 0.04, -0.02, 0.0, -0.01, 0.03, -0.04)
    counted = [
        row
        for number, extra in enumerate(scattered)
        for row in (
            visits(f"question_{number}", None, 300, ordered=300 * (0.3 + extra)),
            visits(f"question_{number}", None, 300, state="open", ordered=90),
        )
    ]
    effects = Effects(counted, least_strength=50)
    assert effects.strength == math.inf
    assert {effects.of(f"question_{number}") for number in range(9)} == {effects.overall}


def test_one_question_that_differs_is_believed_and_the_others_are_not_moved_far() -> None:
    counted = [
        row
        for number in range(9)
        for row in (
            visits(f"question_{number}", None, 300, ordered=90),
            visits(f"question_{number}", None, 300, state="open", ordered=6 if number == 0 else 90),
        )
    ]
    effects = Effects(counted, least_strength=50)
    assert effects.strength < 100
    assert effects.of("question_0") > 0.18
    assert all(abs(effects.of(f"question_{number}")) < 0.02 for number in range(1, 9))


def test_a_rare_question_that_differs_is_believed_among_many_frequent_ones_that_do_not() -> None:
    frequent = [(0.0, 50_000.0)] * 79
    strength = common_strength([*frequent, (0.28, 800.0)], 0.2)
    assert 800 / (800 + strength) > 0.7


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1e5)), max_size=8), st.floats(0, 0.25))
@example([(0.0, 5e-324), (0.5, 5e-324)], 0.2)
def test_strength_is_what_makes_chance_explain_the_rest(strata: list[tuple[float, float]], variance: float) -> None:
    strength = common_strength(strata, variance)
    assert strength > 0
    if 1e-9 < strength < 1e9:
        known = [
            (value, variance / evidence + variance / strength)
            for value, evidence in strata
            if evidence >= LEAST_EVIDENCE
        ]
        mean = sum(value / spread for value, spread in known) / sum(1 / spread for _, spread in known)
        assert sum((value - mean) ** 2 / spread for value, spread in known) == pytest.approx(len(known) - 1, rel=1e-3)


counts = st.integers(0, 300)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    settled, left = draw(counts), draw(counts)
    return Tally(settled, draw(st.integers(0, settled)), left, draw(st.integers(0, left)))


@given(st.lists(tallies(), max_size=6))
def test_the_pooled_difference_lies_between_those_of_the_strata(strata: list[Tally]) -> None:
    pooled, evidence = pooled_difference(strata)
    told = [each.difference for each in strata if each.evidence > 0]
    if told:
        assert min(told) - 1e-9 <= pooled <= max(told) + 1e-9
    else:
        assert (pooled, evidence) == (0.0, 0.0)
    assert evidence == pytest.approx(sum(each.evidence for each in strata))


@given(st.floats(-1, 1), st.floats(0, 1e6), st.floats(-1, 1), st.floats(0, 1e3))
def test_shrinking_stays_between_both(value: float, evidence: float, towards: float, strength: float) -> None:
    found = shrunken(value, evidence, towards, strength)
    assert min(value, towards) - 1e-9 <= found <= max(value, towards) + 1e-9
    more = shrunken(value, evidence * 2, towards, strength)
    assert abs(more - value) <= abs(found - value) + 1e-9


questions = st.sampled_from(["price", "size", "stock", "gift"])


@st.composite
def counted_rows(draw: st.DrawFn) -> list[Counted]:
    rows = []
    for _ in range(draw(st.integers(1, 25))):
        question = draw(st.one_of(questions, st.just(START)))
        following = draw(st.one_of(st.none(), questions))
        following = None if following == question else following
        number = draw(st.integers(1, 60))
        category = draw(st.sampled_from([ALL, "工装", "母婴"]))
        state = draw(st.sampled_from(["settled", "open", "unknown"]))
        ordered = draw(st.integers(0, number))
        for place in (1, 2):
            rows.append(
                visits(question, following, number, state=state, ordered=ordered, category=category, place=place)
            )
    return rows


@given(counted_rows(), st.sampled_from([0.0, 1.0, 20.0]), st.sampled_from([0.0, 50.0]))
def test_shares_and_weights_are_what_they_claim(rows: list[Counted], smoothing: float, strength: float) -> None:
    rules = RULES.copy(update={"smoothing": smoothing, "order_smoothing": strength, "min_count": 1})
    found = relate(rows, rules)
    for each in found:
        assert 0 <= each.share <= 1 + 1e-9
        assert rules.least_weight <= each.weight <= 1 + 1e-9
        assert each.rank_score == pytest.approx(each.share * each.weight)
        assert each.following not in (each.question, START)
    for key in {(each.question, each.category, each.place) for each in found}:
        mates = [each for each in found if (each.question, each.category, each.place) == key]
        assert sum(each.share for each in mates) <= 1 + 1e-9
        assert mates == sorted(mates, key=lambda each: (-each.rank_score, each.following))
        assert len(mates) <= rules.keep


@given(counted_rows(), st.integers(2, 5))
def test_more_of_the_same_visits_changes_counts_only(rows: list[Counted], times: int) -> None:
    """Without smoothing, shares depend on rates and not on how many visits there are."""
    rules = RULES.copy(update={"smoothing": 0.0, "order_smoothing": 0.0, "min_count": 1})
    more = [
        Counted(
            each.category,
            each.question,
            each.state,
            each.place,
            each.following,
            each.visits * times,
            each.recency * times,
            each.weight * times,
            each.ordered * times,
        )
        for each in rows
    ]
    one = {(each.question, each.category, each.place, each.following): each for each in relate(rows, rules)}
    many = {(each.question, each.category, each.place, each.following): each for each in relate(more, rules)}
    assert one.keys() == many.keys()
    for key, each in one.items():
        assert many[key].share == pytest.approx(each.share)
        assert many[key].count == each.count * times


@given(
    shares=st.tuples(st.integers(20, 60), st.integers(200, 600)),
    lost=st.floats(0.3, 0.9),
    rate=st.floats(0.1, 0.5),
)
def test_leaving_customers_outweigh_frequency(shares: tuple[int, int], lost: float, rate: float) -> None:
    """However frequent the harmless one, up to thirty times: a lost third of the orders weighs more."""
    rare, frequent = shares
    settled, left = 4000, 4000
    counted = [
        visits("price", "rare", rare),
        visits("price", "harmless", frequent),
        visits("price", None, 5000),
        visits("rare", None, settled, ordered=settled * (lost + (1 - lost) * rate)),
        visits("rare", None, left, state="open", ordered=left * (1 - lost) * rate),
        visits("harmless", None, 40_000, ordered=40_000 * rate),
        visits("harmless", None, 40_000, state="open", ordered=40_000 * rate),
    ]
    found = after(relate(counted, RULES), "price")
    better = found["rare"].share * found["rare"].weight > found["harmless"].share * found["harmless"].weight
    assert better == (found["rare"].rank_score > found["harmless"].rank_score)
    assert found["harmless"].weight == pytest.approx(RULES.least_weight, abs=0.01)
    assert found["rare"].weight == pytest.approx(lost, abs=0.02)
    if frequent * RULES.least_weight * 1.5 < rare * lost:
        assert found["rare"].rank_score > found["harmless"].rank_score
