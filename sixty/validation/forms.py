"""Every form asks for its slots and knows an answer to whatever customers say meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from sixty.dialogue.desk_policy import EVENTS
from sixty.validation.domain import Domain
from sixty.validation.problem import Problem
from sixty.validation.project import Project

_SHOWN = 6


def question_for(domain: Domain, form: str, slot: str) -> str | None:
    """The action or response with which Rasa asks for a slot: the first of these that exists."""
    asked = (f"action_ask_{form}_{slot}", f"utter_ask_{form}_{slot}", f"action_ask_{slot}", f"utter_ask_{slot}")
    known = {*domain.actions, *domain.responses}
    return next((name for name in asked if name in known), None)


def check_forms(project: Project) -> Iterator[Problem]:
    """Finds slots that no question asks for, and intents that a form leaves without an answer."""
    rules = [flow for flow in project.flows.flows if flow.is_rule]
    for form in project.domain.forms.values():
        if not form.required and f"validate_{form.name}" in project.domain.actions:
            # Its validation decides which slots it fills, asks for them, and answers what is said meanwhile.
            continue
        for slot in form.required:
            if question_for(project.domain, form.name, slot) is None:
                yield Problem(
                    slot.place,
                    f"{form.name} needs {slot}, and nothing asks for it",
                    f"Add utter_ask_{slot} to responses",
                )
        answered = {
            intent
            for rule in rules
            if form.name in rule.during_forms
            for turn in rule.turns[:1]
            for intent in turn.intents
        }
        # A policy of its own takes events out of every form's hands.
        missing = [intent for intent in project.domain.intents if intent not in answered and intent not in EVENTS]
        if missing:
            more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
            yield Problem(
                form.name.place,
                f"while {form.name} is active there is no answer to {', '.join(missing[:_SHOWN])}{more}",
                f"Add to data/rules what happens then, in a rule with the condition “active_loop: {form.name}”",
            )
