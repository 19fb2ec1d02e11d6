"""How lines are put to the model, here with an agent that answers from a table."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import rasa.core.agent

from actions import miss
from sixty.errors import OperatorError
from sixty.evaluation.labelled_lines import LabelledLine
from sixty.evaluation.understanding import LEAST_CONFIDENCE, MEANINGS_OFFERED, understand
from sixty.nlu.linear_intent_classifier import ANSWERING_POINT

RANKINGS: dict[str, list[tuple[str, float]]] = {
    "你好": [("greet", 0.9)],
    "包邮吗": [("ask_shipping_fee", 0.9), ("ask_price", 0.05)],
    "阿巴": [
        ("nlu_fallback", 0.6),
        ("greet", 0.35),
        ("ask_human", 0.2),
        ("ask_price", 0.15),
        ("ask_stock", 0.1),
        ("ask_size", 0.1),
        ("ask_coupon", 0.1),
    ],
    "包吗": [("nlu_fallback", 0.4), ("ask_gift", 0.3), ("ask_price", 0.05), ("ask_stock", 0.049)],
    "嗯": [],
}


class FakeAgent:
    """Reads as Rasa's agent does, and keeps what it was given."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def parse_message(self, text: str) -> dict[str, Any]:
        self.read.append(text)
        ranking = [{"name": name, "confidence": confidence} for name, confidence in RANKINGS[text]]
        understood = {"intent": ranking[0] if ranking else {"name": None}, "intent_ranking": ranking}
        return {"text": text, ANSWERING_POINT: 0.4, **understood}


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> FakeAgent:
    fake = FakeAgent()
    monkeypatch.setattr(rasa.core.agent, "Agent", SimpleNamespace(load=lambda _: fake))
    return fake


def lines(*texts: str) -> list[LabelledLine]:
    return [LabelledLine(number, str(number), text, ("greet",), True) for number, text in enumerate(texts, 2)]


def test_each_line_is_read_once_and_progress_is_told(agent: FakeAgent, tmp_path: Path) -> None:
    steps: list[None] = []
    results = understand(tmp_path, lines("包邮吗", "阿巴"), lambda: steps.append(None))
    assert agent.read[1:] == ["包邮吗", "阿巴"]
    assert len(steps) == 2
    assert [result.line.text for result in results] == ["包邮吗", "阿巴"]
    assert all(result.milliseconds >= 0 for result in results)


def test_a_line_that_is_understood_is_answered_at_once(agent: FakeAgent, tmp_path: Path) -> None:
    (result,) = understand(tmp_path, lines("包邮吗"), lambda: None)
    assert (result.intent, result.confidence, result.direct) == ("ask_shipping_fee", 0.9, True)


def test_a_line_that_is_not_understood_offers_meanings(agent: FakeAgent, tmp_path: Path) -> None:
    (result,) = understand(tmp_path, lines("阿巴"), lambda: None)
    assert (result.intent, result.confidence, result.direct) == ("greet", 0.35, False)
    assert "nlu_fallback" not in result.ranking
    # What `action_default_fallback` offers: three meanings with a capsule, and a person.
    assert result.offered == ("ask_price", "ask_stock", "ask_size", "ask_human")


def test_a_meaning_that_is_hardly_likely_is_not_offered(agent: FakeAgent, tmp_path: Path) -> None:
    (result,) = understand(tmp_path, lines("包吗"), lambda: None)
    assert result.offered == ("ask_gift", "ask_price", "ask_human")


def test_what_is_offered_is_what_the_bot_offers() -> None:
    assert (miss._MEANINGS, miss._LEAST_CONFIDENCE) == (MEANINGS_OFFERED, LEAST_CONFIDENCE)


def test_the_learned_point_is_read_from_the_parse(agent: FakeAgent, tmp_path: Path) -> None:
    (result,) = understand(tmp_path, lines("包邮吗"), lambda: None)
    assert result.answering_point == 0.4


def test_a_line_without_guesses_is_wrong(agent: FakeAgent, tmp_path: Path) -> None:
    (result,) = understand(tmp_path, lines("嗯"), lambda: None)
    assert (result.intent, result.right, result.confidence) == ("", False, 0.0)


def test_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="make train"):
        understand(tmp_path / "none.tar.gz", [], lambda: None)
