"""A/B from the start: which conversations go without pushes, so that it can be seen what the pushes do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from sixty.desk.conversations import state_of
from sixty.insight.models import Arm
from sixty.insight.turns import Said
from sixty.ledger.replying import OFFERED

_SALT = "arm\0"
# As many bits as a float holds exactly, so that every place is below 1.
_BITS = 53


def place_of(salt: str, name: str) -> float:
    """Where somebody or something stands between 0 and 1: anywhere, equally likely, and always the same.

    Args:
        salt: What is drawn; places of different draws have nothing to do with each other.
        name: Who or what is placed.

    Returns:
        At least 0 and below 1.
    """
    digest = hashlib.sha256((salt + name).encode()).digest()
    return float((int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / 2**_BITS)


def arm_of(conversation_id: str, share: float) -> Arm:
    """The arm of a conversation: the same one whenever and wherever it is asked.

    Args:
        conversation_id: The conversation.
        share: Of all conversations, how large a share is `quiet`, 0 … 1. Where it grows, quiet ones stay quiet.
    """
    return "quiet" if place_of(_SALT, conversation_id) < share else "pushes"


def arm(session: Session, conversation_id: str, share: float | None = None) -> Arm:
    """The arm of a conversation that came through the front door; any other, such as `rasa shell`, gets pushes.

    Args:
        session: An open session.
        conversation_id: The conversation.
        share: As in `arm_of`; the deployment's when left out.
    """
    if state_of(session, conversation_id) is None:
        return "pushes"
    return arm_of(conversation_id, control_share() if share is None else share)


def offered_arm(said: Iterable[Said]) -> Arm | None:
    """The arm that a conversation really had when something was offered in it; None where nothing was."""
    for each in said:
        offered = each.payload.get(OFFERED)
        named = offered.get("arm") if isinstance(offered, Mapping) else None
        if named == "quiet":
            return "quiet"
        if named == "pushes":
            return "pushes"
    return None


def control_share() -> float:
    """The share of quiet conversations that the deployment has set."""
    from sixty.settings import get_settings

    return get_settings().control_share
