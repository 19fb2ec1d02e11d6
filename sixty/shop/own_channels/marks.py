"""Source marks: short, signed, and the same for the same channel and conversation.

A mark is 32 letters and digits: 16 that are its own and 16 that sign them, 80 bits each. What is not signed by this
shop is turned away without looking into the database, so that nobody finds marks by trying.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_HALF = 16
_BYTES = 10
_FORM = re.compile(r"[a-z2-7]{32}")


def mark_of(secret: str, channel_id: str, conversation_id: str) -> str:
    """Makes the mark of a channel in a conversation."""
    own = _digest(secret, "own channel", channel_id, conversation_id)
    return own + _signature(secret, own)


def is_ours(mark: str, secret: str) -> bool:
    """Tells whether a mark was made with a secret; takes as long for a near miss as for a far one."""
    if _FORM.fullmatch(mark) is None:
        return False
    return hmac.compare_digest(_signature(secret, mark[:_HALF]), mark[_HALF:])


def visitor_digest(secret: str, *parts: str) -> str:
    """Keeps apart who came, without keeping who it was."""
    return hmac.new(secret.encode(), "\0".join(("visitor", *parts)).encode(), hashlib.sha256).hexdigest()


def _signature(secret: str, own: str) -> str:
    return _digest(secret, "own channel mark", own)


def _digest(secret: str, *parts: str) -> str:
    found = hmac.new(secret.encode(), "\0".join(parts).encode(), hashlib.sha256).digest()
    return base64.b32encode(found[:_BYTES]).decode().lower()
