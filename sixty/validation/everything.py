"""All checks, one after the other."""

from __future__ import annotations

from pathlib import Path

from sixty.validation.actions_and_responses import check_actions_and_responses
from sixty.validation.channels import check_channels
from sixty.validation.concepts import check_concepts
from sixty.validation.forms import check_forms
from sixty.validation.intents_and_lines import check_intents_and_lines
from sixty.validation.names import check_names
from sixty.validation.playbook_files import check_playbook
from sixty.validation.problem import Problem
from sixty.validation.project import Project, read_project
from sixty.validation.rasas_own import check_with_rasa
from sixty.validation.variations import check_variations
from sixty.validation.vocabulary import check_vocabulary

_CHECKS = (
    check_intents_and_lines,
    check_vocabulary,
    check_concepts,
    check_names,
    check_forms,
    check_actions_and_responses,
    check_variations,
    check_playbook,
    check_channels,
)


def find_problems(root: Path, playbook: Path) -> tuple[Project, list[Problem]]:
    """Reads a project and checks it.

    Args:
        root: The folder of `config.yml`, `domain.yml`, `data` and `actions`.
        playbook: The merchant's files.

    Returns:
        The project as read, and what is wrong, by file and line.
    """
    project = read_project(root, playbook)
    if project.problems:
        # Whatever an unreadable file declares would seem to be missing everywhere else.
        return project, sorted(project.problems)
    found = {problem for check in _CHECKS for problem in check(project)}
    found.update(check_with_rasa(project, found))
    return project, sorted(found)


def summary(project: Project) -> str:
    """What was checked, in a line."""
    rules = sum(flow.is_rule for flow in project.flows.flows)
    return (
        f"{len(project.domain.intents)} intents, {len(project.training.lines)} lines, "
        f"{rules} rules, {len(project.flows.flows) - rules} stories, {len(project.domain.responses)} responses, "
        f"{len(project.actions.actions)} actions"
    )
