from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bench.peers.nearest_example import NearestExample, confidences

_LINES = {
    "ask_price": ["这个多少钱", "多少钱一件", "价格是多少", "到手多少钱"],
    "ask_stock": ["有货吗", "还有现货吗", "黑色有没有货", "有现货没"],
    "greet": ["你好", "您好呀", "哈喽"],
}
_CONTEXT = ExecutionContext(GraphSchema({}))
_RESOURCE = Resource("nearest")


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    (tmp_path / "model").mkdir()
    return LocalModelStorage(tmp_path / "model")


@pytest.fixture
def trained(storage: LocalModelStorage) -> NearestExample:
    component = NearestExample.create(NearestExample.get_default_config(), storage, _RESOURCE, _CONTEXT)
    component.train(
        TrainingData([Message({TEXT: text, INTENT: intent}) for intent, texts in _LINES.items() for text in texts])
    )
    return component


def _ranking(component: NearestExample, text: str, **before: Any) -> list[dict[str, Any]]:
    message = Message({TEXT: text, **before})
    component.process([message])
    assert message.get(INTENT) == message.get("intent_ranking")[0]
    return message.get("intent_ranking")


def test_the_intent_of_the_lines_most_alike_wins(trained: NearestExample) -> None:
    for text, intent in (("这 多少钱啊", "ask_price"), ("现货还有吗", "ask_stock"), ("你好啊", "greet")):
        ranking = _ranking(trained, text)
        assert ranking[0]["name"] == intent
        assert sum(guess["confidence"] for guess in ranking) == pytest.approx(1)


def test_a_message_like_no_line_is_nobodys(trained: NearestExample) -> None:
    assert [guess["confidence"] for guess in _ranking(trained, "zzz")] == pytest.approx([1 / 3] * 3)


def test_it_reads_the_same_after_loading(trained: NearestExample, storage: LocalModelStorage) -> None:
    loaded = NearestExample.load(NearestExample.get_default_config(), storage, _RESOURCE, _CONTEXT)

    assert _ranking(loaded, "多少钱呀") == _ranking(trained, "多少钱呀")


def test_what_a_classifier_before_it_found_counts_for_its_share(
    trained: NearestExample, storage: LocalModelStorage
) -> None:
    alone = {guess["name"]: guess["confidence"] for guess in _ranking(trained, "多少钱呀")}
    half = NearestExample.load({**NearestExample.get_default_config(), "share": 0.5}, storage, _RESOURCE, _CONTEXT)

    mixed = {
        guess["name"]: guess["confidence"]
        for guess in _ranking(
            half,
            "多少钱呀",
            intent_ranking=[{"name": "greet", "confidence": 0.8}, {"name": "ask_price", "confidence": 0.2}],
        )
    }

    assert mixed["greet"] == pytest.approx(0.5 * alone["greet"] + 0.4)
    assert mixed["ask_price"] == pytest.approx(0.5 * alone["ask_price"] + 0.1)
    assert mixed["ask_stock"] == pytest.approx(0.5 * alone["ask_stock"])


def test_votes_grow_with_similarity() -> None:
    shares = confidences(np.array([0.0, 1.0]), np.array([0, 1]), 3, sharpness=np.log(4))

    # One vote each to begin with; then 1 and 4.
    assert shares == pytest.approx([2 / 8, 5 / 8, 1 / 8])
