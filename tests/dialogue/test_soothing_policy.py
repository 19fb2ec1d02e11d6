from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionReverted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from yaml import safe_load

from sixty.dialogue.soothing_policy import SOOTHE, SoothingPolicy

LISTEN = ActionExecuted("action_listen")


def said(*moods: str, channel: str | None = "rest") -> UserUttered:
    entities: list[dict[str, Any]] = [{"entity": "mood", "value": mood, "start": 0, "end": 2} for mood in moods]
    return UserUttered("骗子，多少钱", {"name": "ask_price"}, entities, input_channel=channel)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.from_path("domain.yml")


@pytest.fixture
def policy(tmp_path: Path) -> SoothingPolicy:
    storage = LocalModelStorage(tmp_path)
    return SoothingPolicy.create(
        SoothingPolicy.get_default_config(), storage, Resource("policy"), ExecutionContext(GraphSchema({}))
    )


def tracker_of(domain: Domain, *events: Event) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("conversation", list(events), slots=domain.slots)


def decision(policy: SoothingPolicy, domain: Domain, *events: Event) -> str | None:
    """The action that the policy insists on; None when it leaves the turn to others."""
    prediction = policy.predict_action_probabilities(tracker_of(domain, *events), domain)
    certainty = max(prediction.probabilities)
    if certainty == 0.0:
        return None
    assert prediction.is_no_user_prediction
    return str(domain.action_names_or_texts[prediction.probabilities.index(certainty)])


def test_anger_comes_first(policy: SoothingPolicy, domain: Domain) -> None:
    assert decision(policy, domain, LISTEN, said("angry")) == SOOTHE
    assert decision(policy, domain, LISTEN, said("angry", "abandoning", "negative")) == SOOTHE


@pytest.mark.parametrize("moods", [(), ("negative",), ("abandoning",), ("abandoning", "negative")])
def test_other_moods_are_left_alone(policy: SoothingPolicy, domain: Domain, moods: tuple[str, ...]) -> None:
    assert decision(policy, domain, LISTEN, said(*moods)) is None


def test_once_a_message(policy: SoothingPolicy, domain: Domain) -> None:
    soothed = (ActionExecuted(SOOTHE), BotUttered("抱歉"), SlotSet("awaiting", None), ActionReverted())
    assert decision(policy, domain, LISTEN, said("angry"), *soothed) is None
    answered = (*soothed, ActionExecuted("action_product_card"), SlotSet("awaiting", None), LISTEN)
    assert decision(policy, domain, LISTEN, said("angry"), *answered, said("angry")) == SOOTHE
    assert decision(policy, domain, LISTEN, said("angry"), *answered, said()) is None


def test_an_undone_apology_is_nothing_to_rules_and_stories(domain: Domain) -> None:
    before = (LISTEN, said("angry"))
    soothed = (ActionExecuted(SOOTHE), BotUttered("抱歉"), SlotSet("awaiting", None), ActionReverted())
    with_it, without = tracker_of(domain, *before, *soothed), tracker_of(domain, *before)
    assert with_it.past_states(domain) == without.past_states(domain)
    assert with_it.latest_action_name == without.latest_action_name == "action_listen"
    assert "抱歉" in [event.text for event in with_it.events if isinstance(event, BotUttered)]


def test_in_the_middle_of_an_answer_and_in_story_tests_it_keeps_still(policy: SoothingPolicy, domain: Domain) -> None:
    assert decision(policy, domain, LISTEN, said("angry"), ActionExecuted("action_product_card")) is None
    assert decision(policy, domain, LISTEN, said("angry", channel=None)) is None
    assert decision(policy, domain) is None


def test_a_domain_without_the_action_is_no_error(policy: SoothingPolicy) -> None:
    other = Domain.from_dict({"intents": ["ask_price"], "entities": ["mood"]})
    assert decision(policy, other, LISTEN, said("angry")) is None


def test_the_project_runs_it_between_apology_and_rules() -> None:
    policies = safe_load(Path("config.yml").read_text(encoding="utf-8"))["policies"]
    priority = {policy["name"].rsplit(".", 1)[-1]: policy.get("priority") for policy in policies}
    assert priority["ApologyPolicy"] > priority["SoothingPolicy"] > 6  # RulePolicy's own
