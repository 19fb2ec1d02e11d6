"""Rasa's own validation, without the warnings that every project such as ours gets."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.validator import Validator

from sixty.dialogue.desk_policy import EVENTS
from sixty.keywords import INTENT as KEYWORD
from sixty.validation.actions_and_responses import responses_in_use
from sixty.validation.located_yaml import items, part
from sixty.validation.problem import Place, Problem
from sixty.validation.project import Project

# Said whatever the domain holds.
_ABOUT_EVERY_DOMAIN = re.compile(r"Slot auto-fill has been removed in 3\.0")
_QUOTED = re.compile(r"'([^'\n]+)'")
_LINE = re.compile(r"\bline (\d+)")
# Deprecations are between Rasa and its libraries; what somebody forgot to close turns up whenever memory is tidied.
_NOT_OF_THE_PROJECT = (DeprecationWarning, PendingDeprecationWarning, ResourceWarning)


def check_with_rasa(project: Project, said: Iterable[Problem]) -> Iterator[Problem]:
    """Asks Rasa's validator and leaves out what is expected.

    Args:
        project: The project.
        said: What was found already. Rasa's word on the same name is left out, because it knows no lines.
    """
    expected = expected_warnings(project)
    said_already = " ".join(problem.wrong for problem in said)
    for warning in _warnings_of_rasa(project):
        quoted = _QUOTED.findall(warning)
        if _ABOUT_EVERY_DOMAIN.search(warning) or is_expected(warning, expected):
            continue
        if any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said_already) for name in quoted):
            continue
        yield Problem(
            _place_of(warning, quoted, project),
            f"Rasa warns: {_without_link(warning)}",
            "Mend it as Rasa says; `rasa data validate` shows it in full",
        )


def expected_warnings(project: Project) -> list[tuple[re.Pattern[str], frozenset[str]]]:
    """What Rasa warns of though nothing is wrong: forms of warnings, each with the names it is expected for.

    Rasa sees only what rules and stories name plainly. It knows neither which responses forms ask with and actions
    say, nor the intents inside `or`, nor those that a policy of its own takes.
    """
    return [
        (re.compile(r"The utterance '([^']+)' is not used in any story or rule"), responses_in_use(project)),
        (
            re.compile(r"The intent '([^']+)' is not used in any story or rule"),
            frozenset(map(str, project.flows.names.intents)) | EVENTS,
        ),
        (
            re.compile(r"The intent '([^']+)' is listed in the domain file, but is not found in the NLU training data"),
            frozenset({DEFAULT_NLU_FALLBACK_INTENT_NAME, KEYWORD, *EVENTS}),
        ),
    ]


def is_expected(warning: str, expected: Iterable[tuple[re.Pattern[str], frozenset[str]]]) -> bool:
    """Whether a warning is one of the expected, about one of its names."""
    flat = " ".join(warning.split())
    return any((match := form.search(flat)) is not None and match[1] in names for form, names in expected)


def _warnings_of_rasa(project: Project) -> list[str]:
    with _listening() as heard:
        try:
            validator = Validator.from_importer(_importer(project))
            validator.warn_if_config_mandatory_keys_are_not_set()
            if not validator.verify_domain_validity():
                heard.append("The domain is empty or made for an older Rasa.")
            validator.verify_nlu(ignore_warnings=False)
            validator.verify_form_slots()
            validator.verify_slot_mappings()
            validator.verify_forms_in_stories_rules()
            validator.verify_actions_in_stories_rules()
            validator.verify_story_structure(ignore_warnings=False, max_history=_max_history(project))
        except RasaException as error:
            heard.append(f"Rasa can't read the project: {error}")
    return list(dict.fromkeys(heard))


def _importer(project: Project) -> TrainingDataImporter:
    files = str(project.root / "config.yml"), str(project.root / "domain.yml"), [str(project.root / "data")]
    if any("/" in intent for intent in project.training.intents):
        return TrainingDataImporter.load_from_config(*files)
    # Reads every file once. The other joins responses of retrieval intents to the domain, which takes twice as long.
    return RasaFileImporter(*files)


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Collects what Rasa warns of, by Python's warnings or by its log, in place of showing it."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    logger = logging.getLogger("rasa")
    before = logger.propagate, logger.level
    ear = Ear(logging.WARNING)
    logger.addHandler(ear)
    logger.propagate = False
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield heard
        heard += [str(warning.message) for warning in caught if not issubclass(warning.category, _NOT_OF_THE_PROJECT)]
    finally:
        logger.removeHandler(ear)
        logger.propagate, level = before
        logger.setLevel(level)


def _max_history(project: Project) -> int | None:
    """The shortest memory of a policy that learns stories: what it can't tell apart is a conflict."""
    given = [part(policy, "max_history") for policy in items(part(project.config, "policies"))]
    return min((int(history) for history in given if history is not None and history.isdigit()), default=None)


def _place_of(warning: str, quoted: list[str], project: Project) -> Place:
    for file in [*sorted((project.root / "data").rglob("*.yml")), project.root / "config.yml"]:
        if str(file) in warning:
            line = _LINE.search(warning)
            return Place(file.relative_to(project.root), int(line[1]) if line else 1)
    places = _places(project)
    known = {name: places[name] for name in quoted if name in places}
    # A story is a better place than what happens in it.
    stories = {str(flow.name) for flow in project.flows.flows}
    return min(
        [place for name, place in known.items() if name in stories] or list(known.values()),
        default=Place(Path("domain.yml"), 1),
    )


def _places(project: Project) -> dict[str, Place]:
    domain, names = project.domain, project.flows.names
    found: dict[str, Place] = {}
    for name in (
        *domain.intents,
        *domain.entities,
        *(slot.name for slot in domain.slots.values()),
        *(form.name for form in domain.forms.values()),
        *(response.name for response in domain.responses.values()),
        *domain.actions,
        *(flow.name for flow in project.flows.flows),
        *names.actions,
        *names.intents,
    ):
        found.setdefault(str(name), name.place)
    return found


def _without_link(warning: str) -> str:
    return re.split(r"\s*More info at https?://", warning)[0].strip()
