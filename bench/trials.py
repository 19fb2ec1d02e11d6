"""Training a pipeline and having it read lines, through Rasa's own graph, in a process of its own.

``python -m bench.trials JOB`` is that process; `run_trials` starts it and reads what it has written.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import sys
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.candidates import unknown_options
from bench.errors import BenchError
from bench.race import times_of
from bench.servers import Command, run_to_end
from sixty.evaluation.labelled_lines import read_labelled_lines
from sixty.evaluation.scores import Understood

_METADATA = "metadata.json"
_UNKNOWN = "unknown.json"
_NLU = "nlu"


class UnknownOptionError(BenchError):
    """A pipeline has an option that its component does not know."""


@dataclass(frozen=True)
class Trial:
    """One training and what is then read.

    Attributes:
        name: Names it within its candidate.
        data: Training data, a file or a folder.
        tests: Labelled lines to read, by name.
        model: A model that is trained already; `data` is not looked at then.
    """

    name: str
    data: Path
    tests: Mapping[str, Path]
    model: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """What a trial gave.

    Attributes:
        model: The trained model; gone with the folder of the run unless it was there before.
        seconds: Of training by the clock; None when the model was there already.
        cpu_seconds: Of training in processor time.
        read: What was made of each line, by test.
        cpu_milliseconds: Processor time of each parse but the first.
    """

    model: Path
    seconds: float | None
    cpu_seconds: float | None
    read: Mapping[str, list[Understood]]
    cpu_milliseconds: list[float]

    def parse_figures(self) -> dict[str, float | int | None]:
        """Times of a parse: percentiles by the clock and in processor time, and of how many lines."""
        milliseconds = [result.milliseconds for results in self.read.values() for result in results]
        return times_of(milliseconds, self.cpu_milliseconds)


def run_trials(
    config: Path,
    trials: Sequence[Trial],
    project: Path,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    timeout: float,
) -> dict[str, Outcome]:
    """Runs trials of one pipeline, one after the other, in a process that ends afterwards.

    Args:
        config: The pipeline, relative to the project.
        trials: What to run.
        project: The project, a snapshot.
        folder: A new folder for models and answers.
        environment: Variables of the process.
        log: Where it logs to.
        timeout: Seconds after which it is given up.

    Returns:
        The outcome of each trial by its name.

    Raises:
        UnknownOptionError: The pipeline was not tried at all.
        BenchError: Training or reading failed.
    """
    folder.mkdir(parents=True)
    job = folder / "job.json"
    job.write_text(
        json.dumps(
            {
                "config": str(config),
                "folder": str(folder),
                "trials": [
                    {
                        "name": trial.name,
                        "data": str(trial.data),
                        "tests": {name: str(path) for name, path in trial.tests.items()},
                        "model": str(trial.model) if trial.model else None,
                    }
                    for trial in trials
                ],
            }
        ),
        encoding="utf-8",
    )
    log.unlink(missing_ok=True)
    # Without a cache, so that nothing of one trial helps another.
    quiet = {**environment, "RASA_MAX_CACHE_SIZE": "0", "RASA_CACHE_DIRECTORY": str(folder / "cache")}
    arguments = [sys.executable, "-W", "ignore", "-m", "bench.trials", str(job)]
    run_to_end(Command(arguments, project, quiet, log), timeout)
    if (folder / _UNKNOWN).is_file():
        raise UnknownOptionError(", ".join(json.loads((folder / _UNKNOWN).read_text(encoding="utf-8"))))
    return {trial.name: _outcome(trial, folder / f"{trial.name}.json") for trial in trials}


def _outcome(trial: Trial, written: Path) -> Outcome:
    answers: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    read = {}
    for name, path in trial.tests.items():
        lines = read_labelled_lines(path)
        read[name] = [
            Understood(line, tuple(ranking), confidence, direct, tuple(offered), milliseconds)
            for line, (ranking, confidence, direct, offered, milliseconds) in zip(
                lines, answers["read"][name], strict=True
            )
        ]
    return Outcome(
        Path(answers["model"]), answers["seconds"], answers["cpu_seconds"], read, answers["cpu_milliseconds"]
    )


def training_scope(model: Path) -> str:
    """What a model can do: "nlu", or "both" for understanding and dialogue."""
    return str(_metadata(model)["training_type"])


def understanding_megabytes(model: Path) -> float:
    """Size of a model; of one that holds policies too, the size without them."""
    if training_scope(model) == _NLU:
        return round(model.stat().st_size / 1024**2, 2)
    metadata = _metadata(model)
    nodes = metadata["predict_schema"]["nodes"]
    wanted, resources = [metadata["nlu_target"]], set()
    while wanted:
        node = nodes.get(wanted.pop())
        if node:
            wanted += node["needs"].values()
            resources |= {node["resource"]["name"]} if node.get("resource") else set()
    packed = io.BytesIO()
    with tarfile.open(model) as whole, tarfile.open(fileobj=packed, mode="w:gz") as part:
        for member in whole:
            components = Path(member.name).parts
            if "components" in components and resources & set(components):
                part.addfile(member, whole.extractfile(member) if member.isfile() else None)
    return round(len(packed.getbuffer()) / 1024**2, 2)


def _metadata(model: Path) -> dict[str, Any]:
    try:
        with tarfile.open(model) as archive:
            for member in archive:
                file = archive.extractfile(member) if Path(member.name).name == _METADATA else None
                if file:
                    metadata: dict[str, Any] = json.load(file)
                    return metadata
    except (OSError, tarfile.TarError) as error:
        raise BenchError(f"{model} cannot be read as a model: {error}") from None
    raise BenchError(f"{model} is not a model of Rasa: it has no {_METADATA}")


def _run(job: Mapping[str, Any]) -> None:
    """In the child: every trial of the job."""
    from rasa.model_training import train_nlu

    folder = Path(job["folder"])
    # Asked here because importing Rasa's components takes seconds, and this process does so anyway.
    unknown = unknown_options(Path(job["config"]))
    if unknown:
        (folder / _UNKNOWN).write_text(json.dumps(unknown), encoding="utf-8")
        return
    for trial in job["trials"]:
        seconds = cpu_seconds = None
        model = trial["model"]
        if not model:
            begun, cpu_begun = time.perf_counter(), time.process_time()
            model = train_nlu(
                config=job["config"],
                nlu_data=trial["data"],
                output=str(folder / "models"),
                fixed_model_name=trial["name"],
            )
            seconds = round(time.perf_counter() - begun, 2)
            cpu_seconds = round(time.process_time() - cpu_begun, 2)
        if not model:
            raise BenchError(f"Rasa trained no model from {trial['data']}")
        read, cpu_milliseconds = _read(Path(model), trial["tests"])
        written = folder / f"{trial['name']}.json"
        answers = {"model": str(model), "seconds": seconds, "cpu_seconds": cpu_seconds}
        written.write_text(
            json.dumps({**answers, "read": read, "cpu_milliseconds": cpu_milliseconds}), encoding="utf-8"
        )


def _read(model: Path, tests: Mapping[str, str]) -> tuple[dict[str, list[Any]], list[float]]:
    from sixty.evaluation.understanding import understand

    lines = {name: read_labelled_lines(Path(path)) for name, path in tests.items()}
    clock: list[float] = []
    # All tests at once: loading a model takes longer than reading hundreds of lines.
    results = iter(understand(model, list(itertools.chain(*lines.values())), lambda: clock.append(time.process_time())))
    read = {}
    for name, wanted in lines.items():
        read[name] = [
            (each.ranking, each.confidence, each.direct, each.offered, each.milliseconds)
            for each in (next(results) for _ in wanted)
        ]
    return read, [(after - before) * 1000 for before, after in itertools.pairwise(clock)]


def keep(model: Path, training: Mapping[str, Any], kept: Path, name: str, key: str) -> Path:
    """Keeps a model for later runs, instead of older ones of that name.

    Returns:
        Where it lies.
    """
    kept.mkdir(parents=True, exist_ok=True)
    for old in kept.glob(f"{name}.*"):
        old.unlink()
    path = kept / f"{name}.{key}.tar.gz"
    shutil.copy2(model, path)
    record_of(path).write_text(json.dumps(training), encoding="utf-8")
    return path


def record_of(model: Path) -> Path:
    """The file beside a kept model that says what its training took."""
    return model.with_name(model.name.removesuffix(".tar.gz") + ".json")


if __name__ == "__main__":
    from sixty.logs import silence_dependencies

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    silence_dependencies()
    _run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
