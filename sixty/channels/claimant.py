"""Which process has a message, and whether that process still lives."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sixty.channels.settling import Claimant
from sixty.ledger.claiming import release
from sixty.ledger.models import OPEN_STATES, Message
from sixty.tables import column

_NAME = re.compile(r"(?P<host>.{1,32}):(?P<pid>\d{1,10}):[0-9a-f]{12}")


def this_process(lease: timedelta) -> Claimant:
    """A name that tells host and process, and is another one after a restart."""
    return Claimant(f"{_host()}:{os.getpid()}:{secrets.token_hex(6)}", lease)


def release_dead(session: Session, me: Claimant) -> int:
    """Gives back at once what processes of this machine had when they died, without waiting for their leases to end.

    Returns:
        How many messages.
    """
    query = select(Message.id, Message.claimed_by).where(
        column(Message.state).in_(OPEN_STATES), column(Message.claimed_by).isnot(None)
    )
    found = session.execute(query).all()
    dead = {name for name in {row.claimed_by for row in found} if name != me.name and is_dead(name)}
    return sum(release(session, row.id, row.claimed_by) for row in found if row.claimed_by in dead)


def is_dead(name: str) -> bool:
    """Whether a process of this machine, by its claimant's name, is no more."""
    match = _NAME.fullmatch(name)
    if match is None or match["host"] != _host():
        return False
    pid = int(match["pid"])
    if pid == os.getpid():
        # Ours now, so not that one's any more: in a container every process has the same number.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def give_back(session: Session, me: Claimant, ids: Iterable[int]) -> None:
    """Lets others answer what this process had, as when it ends."""
    for message_id in ids:
        release(session, message_id, me.name)


def not_tried(session: Session, me: Claimant, ids: Iterable[int]) -> None:
    """Gives messages back that could not even be tried, as when Rasa cannot be asked what became of them."""
    for message_id in ids:
        if release(session, message_id, me.name):
            earlier = column(Message.attempts) - 1
            session.execute(update(Message).where(column(Message.id) == message_id).values(attempts=earlier))


def _host() -> str:
    return socket.gethostname()[:32] or "localhost"
