"""Scores: examples counted by hand, and what holds for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.evaluation.scores import EXPLAINED, Understood, calibration_error, confusions, intent_scores, summary
from tests.evaluation.lines import understood

INTENTS = ("ask_price", "ask_stock", "greet", "out_of_scope")


def test_figures_counted_by_hand() -> None:
    figures = summary(
        [
            understood("ask_price", "ask_price", milliseconds=1),
            understood("ask_stock", "ask_price", others=("ask_price",), milliseconds=2),
            understood("ask_stock", "greet", direct=False, offered=("ask_stock", "greet"), milliseconds=3),
            understood("greet", "ask_stock", "greet", milliseconds=4),
            understood("ask_price", clear=False, milliseconds=50),
        ]
    )
    assert (figures["n"], figures["clear"]) == (5, 4)
    assert figures["accuracy"] == 0.5
    assert figures["top3"] == 0.75
    assert figures["direct_right"] == 0.5
    assert figures["capsule_right"] == 0.25
    # The second line, and the one that nobody could have decided alone.
    assert figures["direct_wrong"] == 0.4
    assert figures["oos_recall"] is None
    assert figures["parse_ms_p50"] == 3


def test_the_answering_point_is_the_models_own() -> None:
    assert summary([understood("greet", "greet", answering_point=0.62)])["answering_point"] == 0.62
    assert summary([understood("greet", "greet")])["answering_point"] is None
    assert summary([understood("greet", "greet", answering_point=0.0)])["answering_point"] == 0.0


def test_every_figure_is_explained() -> None:
    assert list(EXPLAINED) == list(summary([]))


def test_intents_counted_by_hand() -> None:
    scores = intent_scores(
        [
            understood("ask_price", "ask_price"),
            understood("ask_price", "ask_price"),
            understood("ask_stock", "ask_price"),
            understood("ask_price", "ask_stock"),
            understood("ask_stock", "ask_price", "ask_stock"),
            understood("greet", "greet", clear=False),
        ]
    )
    # The second label counts for itself: ask_stock has two lines, one of them found, and is predicted twice.
    assert [(score.intent, score.lines) for score in scores] == [("ask_price", 3), ("ask_stock", 2)]
    price, stock = scores
    assert (price.precision, price.recall, price.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (stock.precision, stock.recall, stock.f1) == pytest.approx((1 / 2, 1 / 2, 1 / 2))


def test_an_intent_that_is_never_found_scores_nothing() -> None:
    (score,) = intent_scores([understood("greet", "ask_price")])
    assert (score.precision, score.recall, score.f1) == (0, 0, 0)


def test_the_most_frequent_confusion_comes_first() -> None:
    results = [
        understood("ask_stock", "greet"),
        understood("ask_price", "ask_stock", "greet"),
        understood("ask_price", "ask_stock"),
        understood("ask_price", "ask_price"),
        understood("ask_price", clear=False),
    ]
    groups = [(truth, guess, len(lines)) for truth, guess, lines in confusions(results)]
    assert groups == [("ask_stock", "ask_price", 2), ("greet", "ask_stock", 1)]


def test_what_is_beyond_the_shop_is_declined_or_asked_back() -> None:
    results = [
        understood("out_of_scope", "out_of_scope"),
        understood("greet", "out_of_scope", direct=False),
        understood("greet", "out_of_scope"),
        understood("greet", "out_of_scope"),
    ]
    assert summary(results)["oos_recall"] == 0.5


def test_honest_confidence_has_no_error() -> None:
    honest = [understood("greet", "greet", confidence=0.75)] * 3 + [understood("greet", "ask_price", confidence=0.75)]
    assert calibration_error(honest) == pytest.approx(0)
    boasting = [understood("greet", "ask_price", confidence=1.0), understood("greet", "greet", confidence=0.0)]
    assert calibration_error(boasting) == pytest.approx(1)


def test_no_lines_have_no_figures() -> None:
    figures = summary([])
    assert (figures.pop("n"), figures.pop("clear")) == (0, 0)
    assert set(figures.values()) == {None}
    assert calibration_error([]) is None
    assert intent_scores([]) == confusions([]) == []


@st.composite
def results(draw: st.DrawFn) -> Understood:
    ranking = draw(st.lists(st.sampled_from(INTENTS), unique=True))
    clear = draw(st.booleans())
    labels = draw(st.lists(st.sampled_from(INTENTS), unique=True, min_size=int(clear), max_size=2))
    return understood(
        ranking[0] if ranking else "",
        *labels,
        others=tuple(ranking[1:]),
        confidence=draw(st.floats(0, 1)),
        direct=draw(st.booleans()),
        offered=tuple(draw(st.lists(st.sampled_from(INTENTS), max_size=3))),
        clear=clear,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(results(), max_size=12))
def test_shares_are_shares(lines: list[Understood]) -> None:
    figures = summary(lines)
    shares = {name: value for name, value in figures.items() if name not in ("n", "clear", "parse_ms_p50")}
    assert all(value is None or 0 <= value <= 1 for value in shares.values())
    assert figures["clear"] == sum(line.line.clear for line in lines)
    for score in intent_scores(lines):
        assert all(0 <= value <= 1 for value in (score.precision, score.recall, score.f1))
        assert min(score.precision, score.recall) - 1e-9 <= score.f1 <= max(score.precision, score.recall) + 1e-9
    wrong = sum(len(group) for _, _, group in confusions(lines))
    assert wrong == sum(line.line.clear and not line.right for line in lines)
    if figures["clear"]:
        assert shares["top3"] >= shares["accuracy"] >= shares["direct_right"]  # type: ignore[operator]
        assert shares["direct_right"] + shares["capsule_right"] <= 1 + 1e-9  # type: ignore[operator]
