"""No state of a conversation leaves the bot without a next step.

The stories are samples. Here every intent is said in every state that decisions depend on (what is awaited, which form
runs, what was given), with every outcome that the actions can have. Where rules and stories know no next step, Rasa's
fallback would run until its limit, and the customer would read nothing or the same line ten times.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import structlog

FORMS = ("size_form", "order_lookup_form", "deed_form")
# Hears every message itself, but for the wish for a person.
HEARS_ALL = "deed_form"
FALLBACK = "action_default_fallback"
MOST_STEPS = 8
# What an action can leave the bot waiting for. The others leave things as they are.
AS_BEFORE = "as before"
LEAVES_AWAITING: dict[str, tuple[str | None, ...]] = {
    "action_product_card": (None, "product_price", "suggestion"),
    "action_answer_attribute": (None, "product_attribute"),
    "action_answer_stock": (None, "product_stock", "deed_offer"),
    "action_recommend_bundle": (None, "product_matching", "bundle", "suggestion"),
    "action_answer_promotions": (AS_BEFORE, "product_price", "deed_offer", "suggestion"),
    "action_order_status": (None, "order", "proof", "deed", "suggestion"),
    "action_push_capsules": (AS_BEFORE, None, "wish", "bundle", "benefit"),
    "action_begin_deed": (None, "deed", "deed_offer"),
    "action_perform_deed": (None, "benefit"),
    "action_continue": (AS_BEFORE, None, "product_stock", "deed_offer", "wish", "suggestion", "benefit"),
    "action_welcome": (AS_BEFORE, None),
    "action_accept_bundle": (None,),
    "action_decline_bundle": (None,),
    "action_let_go": (None,),
    "action_handoff": (None,),
    "action_recommend_products": (None, "product_price", "wish", "suggestion"),
    "action_bargain": (None, AS_BEFORE, "product_price", "benefit"),
    "action_grant_benefit": (None,),
    "action_decline_benefit": (None,),
    "action_reassure": (AS_BEFORE, None, "doubt", "benefit"),
    "action_win_back": (None, "doubt", "benefit"),
    "action_recommend_size": (None,),
    "action_answer_keyword": (AS_BEFORE,),
    "action_reminded": ("reminder_buy", "reminder_pay", "reminder_address", "reminder_news"),
    "action_answer_reminder": (None, "deed"),
    "action_drop_reminder": (None,),
}
GIVEN = ("product", "product_link", "height", "weight", "order_no", "ordinal")
# More than these are seldom given together; to own up to not understanding them is good enough.
OFTEN_GIVEN = (
    *((entity,) for entity in GIVEN),
    ("height", "weight"),
    ("height", "product"),
    ("product", "weight"),
    ("height", "product", "weight"),
    ("height", "ordinal", "weight"),
    ("order_no", "ordinal"),
)


@dataclass
class Walk:
    """Follows one message through everything that can come of it."""

    processor: Any
    domain: Any
    troubles: list[str] = field(default_factory=list)

    def after(self, events: list[Any], path: tuple[str, ...], fallback_is_fine: bool) -> None:
        """Takes the next step from a state, in all ways that it can end."""
        from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, ActiveLoop, SlotSet, UserUttered
        from rasa.shared.core.trackers import DialogueStateTracker

        tracker = DialogueStateTracker.from_events("walk", events, self.domain.slots)
        action, _ = self.processor.predict_next_with_tracker_if_should(tracker)
        name = action.name()
        if name == "action_listen":
            if any(step.startswith(FALLBACK) for step in path) and not fallback_is_fine:
                self.troubles.append(f"not understood: {' → '.join(path)}")
            return
        if len(path) == MOST_STEPS or (name == FALLBACK and any(step.startswith(FALLBACK) for step in path)):
            self.troubles.append(f"never ends: {' → '.join((*path, name))}")
            return
        done = [*events, ActionExecuted(name)]
        if name in FORMS:
            asked = events[-1] if isinstance(events[-1], UserUttered) else None
            rejects = name != HEARS_ALL or (asked is not None and asked.intent_name == "ask_human")
            if tracker.active_loop_name == name and asked is not None and rejects:
                self.after([*events, ActionExecutionRejected(name)], (*path, f"{name} gets nothing"), fallback_is_fine)
            active = [] if tracker.active_loop_name == name else [ActiveLoop(name)]
            asks = [*done, *active, SlotSet("requested_slot", "any")]
            self.after(asks, (*path, f"{name} asks"), fallback_is_fine)
            filled = [*done, *active, ActiveLoop(None), SlotSet("requested_slot", None)]
            self.after(filled, (*path, f"{name} is filled"), fallback_is_fine)
        elif name == "action_deactivate_loop":
            ended = [*done, ActiveLoop(None), SlotSet("requested_slot", None)]
            self.after(ended, (*path, name), fallback_is_fine)
        elif name.startswith("utter_"):
            self.after(done, (*path, name), fallback_is_fine)
        else:
            for awaiting in self._outcomes(name, tracker, path):
                step = f"{name} (awaiting {awaiting})"
                self.after([*done, SlotSet("awaiting", awaiting)], (*path, step), fallback_is_fine)

    @staticmethod
    def _outcomes(name: str, tracker: Any, path: tuple[str, ...]) -> tuple[str | None, ...]:
        before = tracker.get_slot("awaiting")
        if name == "action_order_status":
            if path and path[-1] == "order_lookup_form is filled":
                return (None, "deed")  # Proved, or locked; what is late is urged.
            if tracker.active_loop_name:
                return (None,)  # The form goes on, so nothing else is waited for.
        left = LEAVES_AWAITING.get(name, (AS_BEFORE,))
        return tuple(dict.fromkeys(before if awaiting == AS_BEFORE else awaiting for awaiting in left))


@pytest.fixture(scope="module")
def bot(model: Path) -> Iterator[Any]:
    """The trained model's policies."""
    from rasa.core.agent import Agent

    before = structlog.get_config()
    # Rasa makes dozens of debug lines a step, which would take most of the time.
    structlog.configure(**{**before, "wrapper_class": structlog.make_filtering_bound_logger(logging.ERROR)})
    yield Agent.load(str(model))
    structlog.configure(**before)


# The others differ from `product_attribute` in their action only: what stories speak of is enough there.
ALIKE = ("product_stock", "product_price", "product_matching")
BRANCHED_ON = ("affirm", "deny", "hesitate", "abandon_purchase", "inform")


def states(domain: Any) -> Iterator[tuple[str | None, str | None]]:
    """What may be awaited, and the form that may be running."""
    (awaiting,) = (slot for slot in domain.slots if slot.name == "awaiting")
    for value in (None, *(value for value in awaiting.values if value not in ("__other__", "deed"))):
        yield value, None
    yield None, "size_form"
    yield "proof", "order_lookup_form"
    yield "deed", HEARS_ALL


def messages(domain: Any, awaiting: str | None) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Every intent, and `inform` with what may be given; whether not understanding it is fine."""
    for intent in BRANCHED_ON if awaiting in ALIKE else domain.intents:
        if intent not in ("restart", "back", "session_start"):
            yield intent, (), intent == "nlu_fallback"
    pairs: set[tuple[str, ...]] = set() if awaiting in ALIKE else set(combinations(sorted(GIVEN), 2))
    for given in sorted(pairs | set(OFTEN_GIVEN)):
        yield "inform", given, given not in OFTEN_GIVEN


def test_there_is_always_a_next_step(bot: Any) -> None:
    from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered

    troubles = []
    for awaiting, form in states(bot.domain):
        before: list[Any] = [
            ActionExecuted("action_listen"),
            UserUttered("你好", {"name": "greet", "confidence": 1.0}, input_channel="rest"),
            ActionExecuted("action_welcome"),
            SlotSet("awaiting", awaiting),
        ]
        if form:
            before += [ActionExecuted(form), ActiveLoop(form), SlotSet("requested_slot", "any")]
        before.append(ActionExecuted("action_listen"))
        for intent, given, fallback_is_fine in messages(bot.domain, awaiting):
            walk = Walk(bot.processor, bot.domain)
            entities = [{"entity": entity, "value": "1"} for entity in given]
            said = UserUttered("…", {"name": intent, "confidence": 1.0}, entities, input_channel="rest")
            walk.after([*before, said], (), fallback_is_fine)
            where = f"awaiting {awaiting}, form {form}: {intent}{list(given) or ''}"
            troubles += [f"{where}: {trouble}" for trouble in walk.troubles]
    assert troubles == []
