"""What a turn comes to."""

from __future__ import annotations

import pytest

from sixty.talk.client import Reply
from sixty.talk.outcomes import outcome_of_turn


@pytest.mark.parametrize(
    ("marks", "outcome"),
    [
        ([], "empty"),
        ([None], "unmarked"),
        (["something new"], "unmarked"),
        (["social"], "social"),
        (["social", "answered", None], "answered"),
        (["answered", "asked_back"], "asked_back"),
        (["asked_back", "missed", "answered"], "missed"),
        (["missed", "handed_over"], "handed_over"),
    ],
)
def test_the_gravest_mark_counts(marks: list[str | None], outcome: str) -> None:
    assert outcome_of_turn([Reply(text="好的", outcome=mark) for mark in marks]) == outcome
