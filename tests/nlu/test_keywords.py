from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message

from sixty.keywords import read_keywords
from sixty.nlu.keywords import Keywords
from sixty.playbook import read_capsule_plan

PLAYBOOK = Path("playbook")


@pytest.fixture(scope="module")
def component() -> Keywords:
    return Keywords(read_keywords(PLAYBOOK / "keywords.yml", read_capsule_plan(PLAYBOOK / "capsules.yml")))


def understood(component: Keywords, text: str, **known: Any) -> dict[str, Any]:
    message = Message({"text": text, **known})
    component.process([message])
    return message.data


def entity(name: str, value: str) -> dict[str, Any]:
    return {"entity": name, "value": value, "start": 0, "end": 1}


def test_a_title_asks_what_its_capsule_asks(component: Keywords) -> None:
    guess = {"name": "ask_usage", "confidence": 0.6}
    found = understood(
        component,
        "怎么洗",
        intent=guess,
        intent_ranking=[guess, {"name": "ask_attribute", "confidence": 0.3}],
        entities=[
            entity("attribute", "材质"),
            entity("second_question", "ask_price"),
            entity("service", "洗"),
            entity("mood", "angry"),
        ],
    )
    assert found["intent"] == {"name": "ask_attribute", "confidence": 1.0}
    assert [each["name"] for each in found["intent_ranking"]] == ["ask_attribute", "ask_usage"]
    assert [(each["entity"], each["value"]) for each in found["entities"]] == [
        ("mood", "angry"),
        ("attribute", "护理"),
    ]


def test_an_answer_of_the_merchants_own_has_an_intent_of_its_own(component: Keywords) -> None:
    assert understood(component, "有实体店吗", intent={"name": "chitchat", "confidence": 0.9})["intent"] == {
        "name": "keyword",
        "confidence": 1.0,
    }


@pytest.mark.parametrize("text", ["怎么洗才不掉色", "/ask_price", "", None])
def test_everything_else_is_left_alone(component: Keywords, text: str | None) -> None:
    guess = {"name": "ask_usage", "confidence": 0.6}
    found = understood(component, text, intent=guess)  # type: ignore[arg-type]
    assert found == {"text": text, "intent": guess}
