"""Runs Rasa's story tests in a process of their own and reads what failed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

from sixty.logs import environment_of_children
from sixty.processes.services import QUIETLY
from sixty.settings import get_settings, project_root

STORIES = Path(__file__).parent

_WITHIN_SECONDS = 400
# The story's name, with the file behind it, as Rasa writes it; behind it, its steps with what was predicted instead.
_FAILED_STORY = re.compile(r"^- story: (?P<name>.+?) \(.*?\)$\n(?P<steps>(?:(?!^- story:).*\n?)*)", re.MULTILINE)


@dataclass(frozen=True)
class StoryTest:
    """A story as it stands in its file; Rasa's own account of a failure leaves out what the customer said."""

    name: str
    place: str
    text: str


def stories_in(path: Path) -> list[StoryTest]:
    """The test stories of a file, or of all files below a folder."""
    found = []
    for file in [path] if path.is_file() else sorted(path.rglob("test_*.yml")):
        names = [story["story"] for story in yaml.safe_load(file.read_text(encoding="utf-8"))["stories"]]
        texts = file.read_text(encoding="utf-8").split("\n- story: ")[1:]
        topic = f"{file.parent.name}/{file.stem.removeprefix('test_')}"
        found += [
            StoryTest(name, f"{topic}-{number}", text.rstrip())
            for number, (name, text) in enumerate(zip(names, texts, strict=True), 1)
        ]
    return found


def run_rasa(*arguments: str) -> None:
    """Runs a command of Rasa's, quietly."""
    settings = get_settings()
    done = subprocess.run(
        [*QUIETLY, "rasa", *arguments],
        cwd=project_root(),
        env={**os.environ, **environment_of_children(settings)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_WITHIN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"rasa {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-4000:]}"


def failed_stories(model: Path, stories: Path, results: Path) -> dict[str, str]:
    """Tests stories against a model.

    Args:
        model: The trained model.
        stories: A file or a folder of test stories.
        results: Where Rasa writes its reports.

    Returns:
        The names of the stories that failed, and their steps with what was predicted instead.
    """
    run_rasa(
        *("test", "core", "--e2e", "--no-plot"),
        *("--model", str(model), "--stories", str(stories), "--out", str(results)),
    )
    # Rasa ends with 0 whatever came out. That it ran at all, and ran everything, is seen from its reports only.
    report = json.loads((results / "story_report.json").read_text(encoding="utf-8"))
    failures = (results / "failed_test_stories.yml").read_text(encoding="utf-8")
    failed = {found["name"].strip(): found["steps"] for found in _FAILED_STORY.finditer(failures)}
    counted = report["conversation_accuracy"]
    assert counted["total"] == len(stories_in(stories)), "Rasa did not run every story"
    assert counted["total"] - counted["correct"] == len(failed), f"a failure was not read:\n{failures}"
    return failed
