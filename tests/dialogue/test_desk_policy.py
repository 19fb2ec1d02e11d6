"""Events at the desk come before forms, rules and stories."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from yaml import safe_load

from sixty.dialogue.desk_policy import EVENTS, DeskPolicy
from sixty.dialogue.soothing_policy import SoothingPolicy

LISTEN = ActionExecuted("action_listen")


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.from_path("domain.yml")


@pytest.fixture
def policy(tmp_path: Path) -> DeskPolicy:
    storage = LocalModelStorage(tmp_path)
    return DeskPolicy.create(
        DeskPolicy.get_default_config(), storage, Resource("policy"), ExecutionContext(GraphSchema({}))
    )


def decision(policy: DeskPolicy, domain: Domain, *events: Event) -> str | None:
    tracker = DialogueStateTracker.from_events("conversation", list(events), slots=domain.slots)
    prediction = policy.predict_action_probabilities(tracker, domain)
    if max(prediction.probabilities) == 0.0:
        return None
    assert prediction.is_no_user_prediction
    return str(domain.action_names_or_texts[prediction.probabilities.index(1.0)])


def said(intent: str) -> UserUttered:
    return UserUttered(f"/{intent}", {"name": intent}, input_channel="web")


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_an_event_has_its_action_also_in_a_form(policy: DeskPolicy, domain: Domain, event: str) -> None:
    assert decision(policy, domain, LISTEN, said(event)) == f"action_{event}"
    assert decision(policy, domain, ActiveLoop("size_form"), LISTEN, said(event)) == f"action_{event}"


def test_the_customer_has_the_word_after_it(policy: DeskPolicy, domain: Domain) -> None:
    done = ActionExecuted("action_return_to_bot")
    assert decision(policy, domain, LISTEN, said("return_to_bot"), done) == "action_listen"
    assert decision(policy, domain, LISTEN, said("return_to_bot"), done, LISTEN) is not None


@pytest.mark.parametrize("intent", ["ask_size", "ask_human", "deny", "nlu_fallback"])
def test_what_customers_say_is_left_alone(policy: DeskPolicy, domain: Domain, intent: str) -> None:
    assert decision(policy, domain, LISTEN, said(intent)) is None


def test_it_stands_in_the_config_above_rules() -> None:
    policies = {each["name"]: each for each in safe_load(Path("config.yml").read_text(encoding="utf-8"))["policies"]}
    desk = policies[f"{DeskPolicy.__module__}.{DeskPolicy.__name__}"]["priority"]
    soothing = policies[f"{SoothingPolicy.__module__}.{SoothingPolicy.__name__}"]["priority"]
    # Rasa warns of equal ones.
    assert desk > soothing
    assert desk > max(each.get("priority", 6) for name, each in policies.items() if name.endswith("LeaningPolicy"))
