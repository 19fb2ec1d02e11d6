"""Rasa's rules, found by an index.

Rasa compares every rule with the conversation, twice in each turn, and reads each of them from JSON for that – of which
it remembers a thousand. With as many rules as a shop's bot has that was a third of a turn. Which action ran last and
what the customer meant leave a handful; only those are compared.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import State
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

_Place = tuple[str | None, str | None]


@dataclass
class RuleIndex:
    """The rules of a lookup, by the last state of each: the action that ran before it, and the intent where it has one.

    Attributes:
        lookup: Rasa's rules: their states as JSON, and the action that follows.
        size: How many it had when it was read.
    """

    lookup: dict[str, str]
    size: int = field(init=False)
    _keys: dict[_Place, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Reads every rule once."""
        self.size = len(self.lookup)
        self._keys = defaultdict(list)
        for key in self.lookup:
            states = json.loads(key)
            self._keys[_place(states[-1]) if states else (None, None)].append(key)

    def is_of(self, lookup: dict[str, str]) -> bool:
        """Whether it was made of this lookup, as it is now."""
        return self.lookup is lookup and self.size == len(lookup)

    def candidates(self, state: State) -> Iterable[str]:
        """Every rule that may apply in this state of a conversation, and few that don't."""
        action, intent = _place(state)
        # A rule that says nothing of the intent may apply whatever it is.
        for place in {(action, intent), (action, None)}:
            yield from self._keys.get(place, ())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class IndexedRulePolicy(RulePolicy):
    """`RulePolicy` that decides the same, faster."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Creates the policy, without any index yet."""
        super().__init__(*args, **kwargs)
        self._indices: list[RuleIndex] = []

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        if not states:
            return set(super()._get_possible_keys(lookup, states))
        likely = {key: lookup[key] for key in self._index_of(lookup).candidates(states[-1])}
        return set(super()._get_possible_keys(likely, states))

    def _index_of(self, lookup: dict[str, str]) -> RuleIndex:
        known = next((index for index in self._indices if index.is_of(lookup)), None)
        if known is None:
            # While it is trained, its lookups grow and are replaced.
            self._indices = [each for each in self._indices if each.lookup is not lookup][-3:]
            known = RuleIndex(lookup)
            self._indices.append(known)
        return known


def _place(state: State) -> _Place:
    action = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    if not action:
        # Before the first action only that counts.
        return None, None
    intent = state.get(USER, {}).get(INTENT)
    return str(action), None if not intent or intent == SHOULD_NOT_BE_SET else str(intent)
