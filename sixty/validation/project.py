"""Everything that is validated, read once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sixty.validation.action_code import ActionCode, read_code
from sixty.validation.domain import Domain, read_domain
from sixty.validation.flows import Flows, read_flows
from sixty.validation.located_yaml import Items, Table, UnreadableError, Word, read_yaml
from sixty.validation.problem import Problem
from sixty.validation.training_data import TrainingData, read_training_data

_COMPONENT = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


@dataclass(frozen=True)
class Project:
    """A Rasa project of ours, as it is written."""

    root: Path
    playbook: Path
    config: Any
    domain: Domain
    training: TrainingData
    flows: Flows
    actions: ActionCode
    components: ActionCode
    """The modules of this project that `config.yml` and `credentials.yml` name."""
    capsules: Any
    problems: tuple[Problem, ...] = ()
    """Files that can't be read. The rest of the project then looks wrong where it is not."""


def read_project(root: Path, playbook: Path) -> Project:
    """Reads a project; unreadable files are among its `problems`."""
    problems: list[Problem] = []

    def read(file: Path) -> Any:
        try:
            return read_yaml(file, root)
        except UnreadableError as error:
            problems.append(error.problem)
            return None

    config = read(root / "config.yml")
    contents = [read(file) for file in sorted((root / "data").rglob("*.yml"))]
    credentials = root / "credentials.yml"
    configured = [config, read(credentials) if credentials.exists() else None]
    training = read_training_data(contents)
    actions = read_code(sorted((root / "actions").rglob("*.py")), root)
    components = read_code(_component_files(configured, root), root)
    return Project(
        root=root,
        playbook=playbook,
        config=config,
        domain=read_domain(read(root / "domain.yml")),
        training=training,
        flows=read_flows(contents),
        actions=actions,
        components=components,
        capsules=read(playbook / "capsules.yml"),
        problems=(*problems, *training.problems, *actions.problems, *components.problems),
    )


def all_words(value: Any) -> Iterator[Word]:
    """Every word of a file, keys included."""
    if isinstance(value, Word):
        yield value
    elif isinstance(value, Items):
        for entry in value:
            yield from all_words(entry)
    elif isinstance(value, Table):
        for key, entry in value.items():
            yield key
            yield from all_words(entry)


def _component_files(contents: Iterable[Any], root: Path) -> list[Path]:
    """The files of components that the project's files name, and those beside them, which may hold their names."""
    folders = {
        root.joinpath(*word.split(".")[:-2])
        for content in contents
        for word in all_words(content)
        if _COMPONENT.fullmatch(word)
    }
    return sorted(file for folder in folders for file in folder.glob("*.py"))
