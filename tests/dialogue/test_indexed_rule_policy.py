from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource

from sixty.dialogue.indexed_rule_policy import IndexedRulePolicy, RuleIndex

ACTIONS = ["action_listen", "utter_a", "form", "..."]
INTENTS = ["ask", "affirm", "should_not_be_set"]

a_state = st.fixed_dictionaries(
    {},
    optional={
        "prev_action": st.sampled_from(ACTIONS).map(lambda name: {"action_name": name}),
        "user": st.sampled_from(INTENTS).map(lambda name: {"intent": name}) | st.just({"text": "hello"}),
        "active_loop": st.sampled_from(["form", "should_not_be_set"]).map(lambda name: {"name": name}),
        "slots": st.sampled_from([[0.0, 1.0], [1.0, 0.0]]).map(lambda value: {"awaiting": value}),
    },
)
rules = st.lists(st.lists(a_state, min_size=1, max_size=4), max_size=30)


def policy(kind: type[RulePolicy], folder: Path) -> RulePolicy:
    config = {**kind.get_default_config(), "core_fallback_action_name": "action_default_fallback"}
    return kind(config, LocalModelStorage(folder), Resource("rules"), ExecutionContext(GraphSchema({})))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[RulePolicy, RulePolicy]:
    folder = tmp_path_factory.mktemp("policies")
    return policy(RulePolicy, folder), policy(IndexedRulePolicy, folder)


def as_lookup(many: list[list[dict[str, Any]]]) -> dict[str, str]:
    return {json.dumps(states, sort_keys=True): "utter_a" for states in many}


def in_a_conversation(states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A rule's states as a conversation has them: slots are tuples, and nothing says that it should not be set."""
    return [
        {
            kind: {name: tuple(value) if isinstance(value, list) else value for name, value in part.items()}
            for kind, part in state.items()
            if "should_not_be_set" not in part.values()
        }
        for state in states
    ]


@given(many=rules, conversation=st.lists(a_state, max_size=5))
@settings(max_examples=300, deadline=None)
def test_finds_what_rasa_finds(
    both: tuple[RulePolicy, RulePolicy], many: list[list[dict[str, Any]]], conversation: list[dict[str, Any]]
) -> None:
    plain, indexed = both
    lookup = as_lookup(many)
    for states in [conversation, *many]:
        spoken = in_a_conversation(states)
        assert indexed._get_possible_keys(lookup, spoken) == plain._get_possible_keys(lookup, spoken)


def test_a_lookup_that_grows_is_read_again(both: tuple[RulePolicy, RulePolicy]) -> None:
    _, indexed = both
    first = [{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "ask"}}]
    second = [{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "affirm"}}]
    lookup = as_lookup([first])
    assert len(indexed._get_possible_keys(lookup, second)) == 0

    lookup.update(as_lookup([second]))

    assert len(indexed._get_possible_keys(lookup, second)) == 1


def test_only_a_handful_is_compared() -> None:
    many = [
        [{"prev_action": {"action_name": "action_listen"}, "user": {"intent": f"intent_{number}"}}]
        for number in range(1000)
    ]
    random.Random(1).shuffle(many)

    index = RuleIndex(as_lookup(many))

    assert len([*index.candidates(many[0][0])]) == 1
