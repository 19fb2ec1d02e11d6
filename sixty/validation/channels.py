"""The front door is the only way in, and its playbook can be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sixty.channels.door_options import FILE, read_door_options
from sixty.channels.stock_channels import stock_channels
from sixty.validation.problem import Place, Problem
from sixty.validation.project import Project


def check_channels(project: Project) -> Iterator[Problem]:
    """Warns of connectors beside the front door, and checks `playbook/front_door.yml`."""
    for channel in stock_channels(project.root / "credentials.yml"):
        place = Place(Path("credentials.yml"), channel.line)
        yield Problem(place, channel.trouble, channel.remedy, only_warns=True)
    file = project.playbook / FILE
    shown = file.relative_to(project.root) if file.is_relative_to(project.root) else file
    for problem in read_door_options(file)[1]:
        yield Problem(Place(shown, problem.line), problem.message, problem.remedy)
