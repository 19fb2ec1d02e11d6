"""What a tapped capsule sends: a token that only this server makes, and that only its own conversation can use.

`<message id>.<place in the message>.<signature>`; the signature covers the conversation, so that another visitor's
capsule is worth nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from functools import lru_cache

from sixty.identity.derived_keys import derived_key

_PURPOSE = "sixty:capsule"
_TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([0-9]{1,3})\.([A-Za-z0-9_-]{22})", re.ASCII)
# 128 bits: nobody can try that many against a server.
_SIGNATURE_BYTES = 16

_key = lru_cache(maxsize=4)(derived_key)


def tap_token(secret: str, conversation_id: str, message_id: int, index: int) -> str:
    """Makes the token of a capsule.

    Args:
        secret: The deployment's secret.
        conversation_id: The conversation in which it is shown.
        message_id: The message that shows it.
        index: Its place in that message, from 0.
    """
    return f"{message_id}.{index}.{_signature(secret, conversation_id, message_id, index)}"


def read_tap(secret: str, conversation_id: str, token: object) -> tuple[int, int] | None:
    """Reads a tapped capsule.

    Args:
        secret: The deployment's secret.
        conversation_id: The conversation in which it was tapped.
        token: What the client sent, which can be anything.

    Returns:
        The message that showed it and its place there; None when the token was not made here for this conversation.
    """
    match = _TOKEN.fullmatch(token) if isinstance(token, str) and token.isascii() else None
    if match is None:
        return None
    message_id, index = int(match[1]), int(match[2])
    right = _signature(secret, conversation_id, message_id, index)
    return (message_id, index) if hmac.compare_digest(right, match[3]) else None


def _signature(secret: str, conversation_id: str, message_id: int, index: int) -> str:
    said = f"{conversation_id}\n{message_id}\n{index}".encode()
    digest = hmac.new(_key(secret, _PURPOSE), said, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
    return urlsafe_b64encode(digest).decode().rstrip("=")
