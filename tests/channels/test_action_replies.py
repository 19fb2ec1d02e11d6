"""The quicker check of the action server's answers agrees with Rasa's own."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from sixty.channels.action_replies import check_answers_quickly

RASAS_OWN = RemoteAction._validate_action_result
GOOD: list[dict[str, Any]] = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "timestamp": None, "name": "awaiting", "value": None}], "responses": []},
    {"events": [], "responses": [{"text": "好的～", "buttons": [], "outcome": "answered"}]},
]
BAD: list[Any] = [
    {"events": [{"name": "awaiting"}], "responses": []},
    {"events": "none", "responses": []},
    {"events": [], "responses": {"text": "好的～"}},
    "not even an object",
]


@pytest.fixture(autouse=True)
def _put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RASAS_OWN)
    check_answers_quickly()


@pytest.mark.parametrize("answer", GOOD)
def test_a_good_answer_passes_both(answer: dict[str, Any]) -> None:
    action = RemoteAction("action_any", None)
    assert RASAS_OWN(action, answer)
    assert action._validate_action_result(answer)


@pytest.mark.parametrize("answer", BAD)
def test_a_bad_answer_fails_both(answer: Any) -> None:
    action = RemoteAction("action_any", None)
    for check in (RASAS_OWN, RemoteAction._validate_action_result):
        with pytest.raises(ValidationError):
            check(action, answer)
