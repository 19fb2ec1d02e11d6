"""Rasa's own warnings: those that every project such as ours gets are left out, the rest are told."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import pytest
from rasa.validator import Validator

from sixty.validation import report
from sixty.validation.everything import find_problems
from sixty.validation.rasas_own import check_with_rasa, expected_warnings, is_expected


def _said(project: Any) -> list[str]:
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def test_expected_is_what_forms_ask_actions_say_and_or_names(project: Any) -> None:
    read, _ = find_problems(project.root, project.root / "playbook")
    expected = expected_warnings(read)

    def unused(what: str, name: str) -> bool:
        return is_expected(f"The {what} '{name}' is not used in any\nstory or rule.", expected)

    assert unused("utterance", "utter_ask_fit")  # The form asks it.
    assert unused("utterance", "utter_faq_ask_price")  # An action says it, by the intent's name.
    assert unused("utterance", "utter_trouble")  # A policy says it.
    assert not unused("utterance", "utter_other")
    assert unused("intent", "ask_size")  # It stands in an `or`.
    assert not unused("intent", "ask_other")


def test_what_is_not_expected_is_told(project: Any) -> None:
    read, _ = find_problems(project.root, project.root / "playbook")
    project.replace("domain.yml", "  - nlu_fallback\n", "  - nlu_fallback\n  - ask_other\n")
    # As read before: only Rasa sees the new intent.
    told = [str(problem) for problem in check_with_rasa(read, [])]
    assert [line for line in told if "Rasa warns: The intent 'ask_other' is listed in the domain" in line], told


def test_a_conflict_of_stories_is_told_at_its_story(project: Any) -> None:
    story = """\
- story: {name}
  steps:
  - intent: inform
  - action: {action}
"""
    project.write(
        "data/stories/more.yml",
        'version: "3.1"\nstories:\n'
        + story.format(name="一种", action="utter_greet")
        + story.format(name="另一种", action="utter_ask_inform"),
    )
    said = [line for line in _said(project) if "Story structure conflict" in line]
    assert len(said) == 1, said
    assert said[0].startswith("data/stories/more.yml:3: Rasa warns: ")


def test_what_rasa_can_not_read_is_told(project: Any) -> None:
    project.replace("domain.yml", "    type: categorical\n", "    type: categoric\n")
    assert [line for line in _said(project) if "Rasa can't read the project" in line]


def test_rasa_does_not_repeat_what_is_said_already(project: Any) -> None:
    project.replace("data/rules/rules.yml", "  - action: action_answer\n", "  - action: action_other\n")
    assert not [line for line in _said(project) if "Rasa warns" in line and "action_other" in line]


def test_logging_and_warnings_are_as_before(project: Any) -> None:
    logger = logging.getLogger("rasa")
    before = logger.propagate, list(logger.handlers), list(warnings.filters)
    _said(project)
    assert (logger.propagate, logger.handlers, warnings.filters) == before


def test_what_somebody_forgot_to_close_is_not_rasas(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before, verify = _said(project), Validator.verify_nlu

    def beside(*of: Any, **more: Any) -> Any:
        warnings.warn("an unclosed connector", ResourceWarning, stacklevel=1)
        warnings.warn("a line is odd", UserWarning, stacklevel=1)
        return verify(*of, **more)

    monkeypatch.setattr(Validator, "verify_nlu", beside)
    assert [line for line in _said(project) if line not in before] == [
        "domain.yml:1: Rasa warns: a line is odd. Mend it as Rasa says; `rasa data validate` shows it in full."
    ]


def test_the_report_ends_with_a_count_or_ok(project: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(project.root, project.root / "playbook") == 0
    assert capsys.readouterr().out.startswith("ok: 5 intents, 80 lines, 4 rules, 1 stories, 5 responses, 2 actions")
    project.replace("data/rules/rules.yml", "  - action: utter_greet\n", "  - action: utter_hello\n")
    assert report(project.root, project.root / "playbook") == 1
    rows = capsys.readouterr().out.splitlines()
    assert rows[-1] == f"{len(rows) - 1} to mend"
    places = [(row.split(":")[0], int(row.split(":")[1])) for row in rows[:-1]]
    assert places == sorted(places)
