from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from bench import minute_scale
from bench.minute_scale import RARE, measure, pieces, question_name


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minute_scale, "VISITS_A_PIECE", 500)


def test_there_are_as_many_messages_as_asked_for_whatever_the_pieces() -> None:
    found = list(pieces(6_000))
    assert len(found) > 2
    assert sum(len(each.turns["message_id"]) for each in found) == 6_000
    assert list(chain.from_iterable(each.turns["message_id"] for each in found)) == list(range(1, 6_001))
    visits = list(chain.from_iterable(each.visits["id"] for each in found))
    assert visits == list(range(1, len(visits) + 1))


def test_visits_and_turns_fit() -> None:
    for piece in pieces(3_000):
        ids, counts = np.unique(piece.turns["visit_id"], return_counts=True)
        assert list(ids) == list(piece.visits["id"])
        assert list(counts) == list(piece.visits["turns"])
        asked = np.bincount(piece.turns["visit_id"] - ids[0], weights=piece.turns["question"] != "")
        assert list(asked) == list(piece.visits["questions"])


def test_they_are_the_same_every_time() -> None:
    for one, other in zip(pieces(2_000), pieces(2_000), strict=True):
        for name, values in one.turns.items():
            assert np.array_equal(values, other.turns[name]), name


def test_who_misses_the_answer_to_the_rare_question_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minute_scale, "MISSED", 0.5)
    lost: list[bool] = []
    others: list[bool] = []
    for piece in pieces(60_000):
        left = (piece.turns["question"] == question_name(RARE)) & (piece.turns["outcome"] == "missed")
        visits = set(piece.turns["visit_id"][left])
        for number, ordered in zip(piece.visits["id"], ~np.isnat(piece.visits["ordered_at"]), strict=True):
            (lost if number in visits else others).append(bool(ordered))
    assert np.mean(lost) < 0.1 < 0.25 < np.mean(others)


def test_all_messages_are_written_and_mined(tmp_path: Path) -> None:
    found = measure(20_000, tmp_path)
    assert found["messages"] == 20_000
    assert found["related"] > 1_000
    assert found["mined_messages_per_s"] > 0
    assert found["weight_harmless"] == 0.02
