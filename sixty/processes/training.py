"""``sixty train``: Rasa's training, with the name of the model fixed and the noise left out."""

from __future__ import annotations

import os
import subprocess
import sys

from sixty.logs import environment_of_children
from sixty.settings import Settings, project_root


def train(settings: Settings) -> int:
    """Trains the model and returns Rasa's exit code."""
    code = subprocess.call(
        [
            *(sys.executable, "-m", "sixty.processes.quietly", "rasa", "train"),
            *("--out", str(settings.model.parent)),
            *("--fixed-model-name", settings.model.name.removesuffix(".tar.gz")),
            # Rules and stories say everything; gluing them together at random takes minutes and adds nothing.
            *("--augmentation", "0"),
            # `sixty validate` is stricter, and says nothing where nothing is wrong.
            "--skip-validation",
        ],
        cwd=project_root(),
        env={**os.environ, **environment_of_children(settings)},
        stdin=subprocess.DEVNULL,
    )
    if code == 0:
        # Rasa leaves a model alone that would come out the same; its age says when it was last up to date.
        os.utime(settings.model)
    return code
