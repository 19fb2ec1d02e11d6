"""Why the desk does not do what somebody at the workbench asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class DeskError(Exception):
    """What was asked for is not done; nothing has been changed.

    Attributes:
        code: The reason, for programs.
    """

    code = "not_possible"

    def extra(self) -> dict[str, Any]:
        """What else a program may want to know."""
        return {}


class UnknownAgentError(DeskError):
    """There is no such agent, or no longer."""

    code = "unknown_agent"


class UnknownGroupError(DeskError):
    """`playbook/routing.yml` has no such group."""

    code = "unknown_group"


class TakenError(DeskError):
    """Somebody else has the conversation."""

    code = "taken"

    def __init__(self, by: str | None) -> None:
        super().__init__(by)
        self.by = by
        """Their id; None where nobody has it any more."""

    def extra(self) -> dict[str, Any]:
        """Who has it."""
        return {"by": self.by}


class NotYoursError(TakenError):
    """The conversation is not with the agent who wants to do something in it."""

    code = "not_yours"


class NotWaitingError(DeskError):
    """Nobody waits in the conversation for a person."""

    code = "not_waiting"


class NotOnlineError(DeskError):
    """Who is not at work takes no conversations."""

    code = "not_online"


class FullError(DeskError):
    """The agent has as many conversations as they can hold."""

    code = "full"

    def __init__(self, load: int, capacity: int) -> None:
        super().__init__(load, capacity)
        self.load = load
        self.capacity = capacity

    def extra(self) -> dict[str, Any]:
        """How many, of how many."""
        return {"load": self.load, "capacity": self.capacity}


class NotReachableError(DeskError):
    """Whoever the conversation is to be passed to is not there, or has no room."""

    code = "not_reachable"


class SameError(DeskError):
    """The conversation is there already."""

    code = "same"


class NotInWrapUpError(DeskError):
    """There is nothing left to finish."""

    code = "not_in_wrap_up"


class EndedError(DeskError):
    """The conversation is not with a person any more."""

    code = "ended"


class TalkedMeanwhileError(DeskError):
    """Somebody else of the shop has written behind what the agent has seen."""

    code = "talked_meanwhile"

    def __init__(self, messages: Sequence[int]) -> None:
        super().__init__(list(messages))
        self.messages = list(messages)
        """Ids of what they have not seen."""

    def extra(self) -> dict[str, Any]:
        """What they have not seen."""
        return {"messages": self.messages}


class HasChatsError(DeskError):
    """Somebody who leaves still has conversations."""

    code = "has_chats"

    def __init__(self, chats: int) -> None:
        super().__init__(chats)
        self.chats = chats

    def extra(self) -> dict[str, Any]:
        """How many."""
        return {"chats": self.chats}
