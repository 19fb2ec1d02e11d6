"""``sixty validate``: what is wrong in training data, domain, actions and playbook, with file, line and remedy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sixty.logs import environment_of_children
from sixty.settings import get_settings, project_root


def validate() -> int:
    """Checks this project, says what is wrong, and returns the exit code."""
    settings = get_settings()
    return subprocess.call(
        # Importing Rasa is noisy unless it is prepared from the start.
        [sys.executable, "-m", "sixty.processes.quietly", "sixty.validation"],
        cwd=project_root(),
        env={**os.environ, **environment_of_children(settings)},
        stdin=subprocess.DEVNULL,
    )


def report(root: Path, playbook: Path) -> int:
    """Checks a project, writes one line a problem, or one that all is well, and returns the exit code.

    What has only grown old, and what is only a warning, is said and is no failure.
    """
    from sixty.validation.everything import find_problems, summary

    project, problems = find_problems(root, playbook)
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    to_mend = sum(not (problem.by_time or problem.only_warns) for problem in problems)
    if to_mend:
        sys.stdout.write(f"{to_mend} to mend\n")
        return 1
    sys.stdout.write(f"ok: {summary(project)}\n")
    return 0
