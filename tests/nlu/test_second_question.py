"""The second question of a line, found by a classifier that was trained on a handful of lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.linear_intent_classifier import LinearIntentClassifier

LINES = {
    "ask_delivery_method": ["发什么快递", "用的什么快递", "走哪家快递", "快递是哪家", "什么快递发货", "快递发哪个"],
    "ask_invoice": ["能开发票吗", "可以开发票不", "发票怎么开", "开发票吗", "有发票吗", "电子发票能开吗"],
    "ask_shipping_fee": ["包邮吗", "运费多少", "邮费要多少", "要运费吗", "包不包邮", "运费谁出"],
    "greet": ["你好呀", "在吗客服", "您好亲", "客服在不在", "哈喽你好", "有人在吗"],
}
QUESTIONS = ["ask_delivery_method", "ask_invoice", "ask_shipping_fee"]


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    (tmp_path / "model").mkdir()
    return LocalModelStorage(tmp_path / "model")


def trained(storage: LocalModelStorage, **config: Any) -> LinearIntentClassifier:
    settings = {**LinearIntentClassifier.get_default_config(), "questions": QUESTIONS, "wrong_at_most": 1.0, **config}
    context = ExecutionContext(GraphSchema({}))
    component = LinearIntentClassifier.create(settings, storage, Resource("component"), context)
    examples = [Message({TEXT: text, INTENT: intent}) for intent, texts in LINES.items() for text in texts]
    component.train(TrainingData(examples))
    return component


def read(component: LinearIntentClassifier, text: str, **data: Any) -> Message:
    message = Message({TEXT: text, **data})
    component.process([message])
    return message


@pytest.mark.parametrize(
    "text", ["发什么快递,能开发票吗", "包邮吗?能开发票吗", "能开发票吗 包邮吗", "包邮吗能开发票吗"]
)
def test_the_other_question_is_an_entity_at_its_place(storage: LocalModelStorage, text: str) -> None:
    message = read(trained(storage, sure_of_half=0.3, sure_of_unmarked_half=0.3), text)
    first = message.get(INTENT)["name"]
    (second,) = message.get(ENTITIES)
    assert second["entity"] == "second_question"
    assert second["extractor"] == "LinearIntentClassifier"
    assert {first, second["value"]} < set(QUESTIONS)
    assert first != second["value"]
    assert text[second["start"] : second["end"]] in LINES[second["value"]]


@pytest.mark.parametrize(
    "text",
    [
        "发什么快递",
        "发什么快递,用的什么快递",
        "你好呀,能开发票吗",
        "能开发票吗,qwxz",
        "包邮吗," * 13 + "能开发票吗",
    ],
)
def test_one_question_or_too_many_clauses_have_no_second(storage: LocalModelStorage, text: str) -> None:
    assert not read(trained(storage), text).get(ENTITIES)


def test_an_unsure_clause_is_no_question(storage: LocalModelStorage) -> None:
    assert not read(trained(storage, sure_of_half=1.01), "发什么快递,能开发票吗").get(ENTITIES)


def test_without_questions_there_is_never_a_second(storage: LocalModelStorage) -> None:
    assert not read(trained(storage, questions=[]), "发什么快递,能开发票吗").get(ENTITIES)


def test_other_entities_are_kept(storage: LocalModelStorage) -> None:
    color = {"entity": "color", "value": "黑色", "start": 0, "end": 2}
    message = read(
        trained(storage, sure_of_half=0.3, sure_of_unmarked_half=0.3), "发什么快递,能开发票吗", entities=[color]
    )
    assert [entity["entity"] for entity in message.get(ENTITIES)] == ["color", "second_question"]
