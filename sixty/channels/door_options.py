"""What a merchant decides about the front door: `playbook/front_door.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, Extra, Field

from sixty.channels.limits import Allowance
from sixty.errors import OperatorError
from sixty.settings import get_settings
from sixty.shop.located import Problem, read_document

FILE = "front_door.yml"
_ACKNOWLEDGEMENT = Field(min_length=4, max_length=200)


class _Part(BaseModel):
    class Config:
        """Unknown keys are mistakes."""

        extra = Extra.forbid
        frozen = True


class Bursts(_Part):
    """Several short lines that are read as one.

    Attributes:
        wait: Seconds to wait for the next line; 0 waits for none.
        at_most: Seconds from the first line on.
        lines: Lines at most.
        shortest: Characters beyond which a line is whole by itself.
        while_busy: Whether lines that came in during the turn before are read as one.
    """

    wait: float = Field(0, ge=0, le=10)
    at_most: float = Field(4, ge=0, le=20)
    lines: int = Field(4, ge=1, le=10)
    shortest: int = Field(24, ge=1, le=200)
    while_busy: bool = False


class Allowed(_Part):
    """How much one sender may send."""

    at_once: float = Field(..., ge=1, le=10_000)
    per_minute: float = Field(..., gt=0, le=100_000)

    @property
    def allowance(self) -> Allowance:
        """The same for the limits."""
        return Allowance(self.at_once, self.per_minute)


class DoorLimits(_Part):
    """What is too much.

    Attributes:
        visitor: Messages of one visitor.
        address: Messages from one network address.
        longest_text: Characters of a message.
        waiting: Messages of one conversation that may wait for their turn.
        largest_file: Megabytes.
    """

    visitor: Allowed = Allowed(at_once=12, per_minute=40)
    address: Allowed = Allowed(at_once=120, per_minute=600)
    longest_text: int = Field(2000, ge=50, le=8000)
    waiting: int = Field(20, ge=1, le=200)
    largest_file: float = Field(20, gt=0, le=200)


class Acknowledgements(_Part):
    """What is said to a message that the bot cannot look at."""

    picture: str = _ACKNOWLEDGEMENT
    voice: str = _ACKNOWLEDGEMENT
    video: str = _ACKNOWLEDGEMENT
    file: str = _ACKNOWLEDGEMENT
    location: str = _ACKNOWLEDGEMENT


class DoorOptions(_Part):
    """`playbook/front_door.yml`, and what only tests change.

    Attributes:
        deadline: Seconds that a turn may take before the customer gets an apology.
        parallel: Turns at the same time.
        lease: Seconds for which a message belongs to the process that deals with it.
        attempts: How often a message that a dying process left behind is tried.
        too_old: Seconds after which such a message is handed over to a person instead.
        tick: Seconds between two looks at the outbox.
        delivered_within: Seconds that one delivery may take.
    """

    bursts: Bursts = Field(default_factory=lambda: Bursts.parse_obj({}))
    limits: DoorLimits = Field(default_factory=lambda: DoorLimits.parse_obj({}))
    acknowledgements: Acknowledgements
    deadline: float = 12
    parallel: int = 256
    lease: float = 30
    attempts: int = 3
    too_old: float = 600
    tick: float = 0.5
    delivered_within: float = 5


# What does not belong into the merchant's file.
_OURS = {"deadline", "parallel", "lease", "attempts", "too_old", "tick", "delivered_within"}


def read_door_options(file: Path) -> tuple[DoorOptions | None, list[Problem]]:
    """Reads the file; what is wrong in it is said with its line."""
    problems: list[Problem] = []
    located = read_document(file, DoorOptions, problems)
    if located is None:
        return None, problems
    for name in _OURS & located.entry.__fields_set__:
        problems.append(located.problem(f"{name} is not for the playbook", "remove it", name))
    bursts = located.entry.bursts
    if bursts.wait > bursts.at_most:
        problems.append(
            located.problem("the wait for one line is longer than for all of them", "raise at_most", "bursts", "wait")
        )
    return located.entry, problems


@lru_cache(maxsize=1)
def door_options() -> DoorOptions:
    """The options of this deployment, read once.

    Raises:
        OperatorError: The file cannot be used.
    """
    options, problems = read_door_options(get_settings().playbook / FILE)
    if options is None or problems:
        raise OperatorError(str(problems[0]))
    return options
