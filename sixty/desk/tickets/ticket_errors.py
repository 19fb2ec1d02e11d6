"""Why a ticket is not changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sixty.desk.desk_errors import DeskError


class TicketChangedError(DeskError):
    """Somebody else has changed it since."""

    code = "ticket_changed"

    def __init__(self, ticket_id: int, version: int) -> None:
        super().__init__(ticket_id, version)
        self.ticket_id = ticket_id
        self.version = version
        """The newest one."""


class ForbiddenTransitionError(DeskError):
    """The rules know no way from where it is to there."""

    code = "not_that_way"

    def __init__(self, before: str, after: str, possible: Sequence[str]) -> None:
        super().__init__(before, after)
        self.before, self.after, self.possible = before, after, list(possible)

    def extra(self) -> dict[str, Any]:
        """Where it may go."""
        return {"possible": self.possible}


class OnlySupervisorsError(DeskError):
    """Only a supervisor takes it that way."""

    code = "only_supervisors"


class WhyMissingError(DeskError):
    """That way needs a reason."""

    code = "why_missing"


class FieldsMissingError(DeskError):
    """Something has to be filled in first, or is wrong."""

    code = "fields"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(problems)
        self.problems = dict(problems)
        """What is wrong, in Chinese, by the field's id."""

    def extra(self) -> dict[str, Any]:
        """What is wrong."""
        return {"problems": self.problems}


class SettledError(DeskError):
    """The promise has been kept or dropped already."""

    code = "settled"
