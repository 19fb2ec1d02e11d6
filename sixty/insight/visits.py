"""Cuts a conversation into visits: where nobody wrote anything for long, one ends and another begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sixty.insight.turns import Said


def split(said: Sequence[Said], pause: timedelta) -> list[tuple[Said, ...]]:
    """Cuts the messages of one conversation into visits.

    Whether a visit begins at a message depends on that message and the one before it alone: cutting from the beginning
    of any visit on gives the same visits as cutting the whole conversation.

    Args:
        said: The messages in order of their ids, whoever wrote them.
        pause: The longest time between two messages of one visit.

    Returns:
        The visits in order; none is empty.
    """
    visits: list[list[Said]] = []
    for each in said:
        if visits and each.at - visits[-1][-1].at <= pause:
            visits[-1].append(each)
        else:
            visits.append([each])
    return [tuple(visit) for visit in visits]
