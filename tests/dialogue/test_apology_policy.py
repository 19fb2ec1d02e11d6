from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from yaml import safe_load

from sixty.dialogue.apology_policy import APOLOGY, ApologyPolicy, failed_action

USER = UserUttered("多少钱", {"name": "ask_price"}, input_channel="rest")
LISTEN = ActionExecuted("action_listen")
FEATURES = DefinePrevUserUtteredFeaturization(use_text_for_featurization=False)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.from_path("domain.yml")


@pytest.fixture
def policy(tmp_path: Path) -> ApologyPolicy:
    storage = LocalModelStorage(tmp_path)
    return ApologyPolicy.create(
        ApologyPolicy.get_default_config(), storage, Resource("policy"), ExecutionContext(GraphSchema({}))
    )


def tracker_of(domain: Domain, *events: Event) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("conversation", list(events), slots=domain.slots)


def decision(policy: ApologyPolicy, domain: Domain, *events: Event) -> str | None:
    """The action that the policy insists on; None when it leaves the turn to others."""
    prediction = policy.predict_action_probabilities(tracker_of(domain, *events), domain)
    certainty = max(prediction.probabilities)
    assert certainty in (0.0, 1.0)
    if certainty == 0.0:
        return None
    # Only such a prediction overrules those of forms and rules.
    assert prediction.is_no_user_prediction
    return str(domain.action_names_or_texts[prediction.probabilities.index(certainty)])


@pytest.mark.parametrize("action", ["action_product_card", "size_form", "order_lookup_form", "action_default_fallback"])
def test_an_action_without_a_trace_has_failed(policy: ApologyPolicy, domain: Domain, action: str) -> None:
    events = (LISTEN, USER, FEATURES, ActionExecuted(action))
    assert failed_action(tracker_of(domain, *events), domain) == action
    assert failed_action(tracker_of(domain, *events, FEATURES), domain) == action
    assert decision(policy, domain, *events) == APOLOGY


@pytest.mark.parametrize(
    "events",
    [
        (),
        (LISTEN, USER),
        (LISTEN, USER, ActionExecuted("action_product_card"), SlotSet("awaiting", None)),
        (LISTEN, USER, ActionExecuted("size_form"), ActiveLoop("size_form")),
        (LISTEN, USER, ActionExecuted("action_product_card"), BotUttered("49元")),
        (LISTEN, USER, ActionExecuted("utter_faq_order_help")),
        (LISTEN, USER, ActionExecuted("action_deactivate_loop")),
        (LISTEN, USER, ActionExecuted("action_session_start")),
        (LISTEN, USER, ActionExecuted(action_text="好的", confidence=1.0)),
    ],
)
def test_all_is_well(policy: ApologyPolicy, domain: Domain, events: tuple[Event, ...]) -> None:
    assert failed_action(tracker_of(domain, *events), domain) is None
    assert decision(policy, domain, *events) is None


def test_after_the_apology_the_turn_ends(policy: ApologyPolicy, domain: Domain) -> None:
    failed = (LISTEN, USER, ActionExecuted("action_product_card"), ActionExecuted(APOLOGY))
    assert decision(policy, domain, *failed) == "action_listen"
    assert decision(policy, domain, *failed, BotUttered("抱歉")) == "action_listen"


def test_the_next_message_is_for_the_other_policies(policy: ApologyPolicy, domain: Domain) -> None:
    before = (LISTEN, USER, ActionExecuted("action_product_card"), ActionExecuted(APOLOGY), BotUttered("抱歉"))
    assert decision(policy, domain, *before, LISTEN, USER, FEATURES) is None


def test_stories_are_tested_without_actions_so_nothing_has_failed_there(policy: ApologyPolicy, domain: Domain) -> None:
    in_a_story = UserUttered("多少钱", {"name": "ask_price"})
    assert decision(policy, domain, LISTEN, in_a_story, ActionExecuted("action_product_card")) is None
    assert decision(policy, domain, ActionExecuted("action_product_card")) is None


def test_it_stands_above_every_other_policy() -> None:
    policies = safe_load(Path("config.yml").read_text(encoding="utf-8"))["policies"]
    priorities = {policy["name"].rsplit(".", 1)[-1]: policy.get("priority", 6) for policy in policies}
    own = priorities.pop("ApologyPolicy")
    assert own > max(priorities.values())
    assert ApologyPolicy.get_default_config()["priority"] == own


def test_training_it_learns_nothing(policy: ApologyPolicy, domain: Domain) -> None:
    assert policy.train([], domain) == Resource("policy")
