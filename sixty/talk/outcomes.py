"""What a turn came to, by the marks on its replies."""

from __future__ import annotations

from collections.abc import Iterable

from sixty.talk.client import Reply

BY_PRIORITY = ("handed_over", "missed", "asked_back", "answered", "social")
"""The marks of a reply. Of several in one turn, the first of these counts."""

EMPTY = "empty"
"""No reply at all."""

ERRORS = "errors"
"""No answer over HTTP that could be read."""

UNMARKED = "unmarked"
"""Replies, and none of them carries a mark: they count as nothing, so that nothing is called answered by oversight."""

OUTCOMES = ("answered", "asked_back", "missed", "handed_over", "social", UNMARKED, EMPTY, ERRORS)
"""Everything that a turn can come to, in the order of reports."""


def outcome_of_turn(replies: Iterable[Reply]) -> str:
    """What a turn with these replies came to."""
    replies = tuple(replies)
    if not replies:
        return EMPTY
    marks = {reply.outcome for reply in replies}
    return next((outcome for outcome in BY_PRIORITY if outcome in marks), UNMARKED)
