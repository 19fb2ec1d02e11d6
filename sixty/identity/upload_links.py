"""Links that show an uploaded file to whoever may see its conversation, for a while.

A picture on a page cannot send a token along; the link carries a key for this one file instead.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import jwt

from sixty.identity.derived_keys import derived_key

GOOD_FOR = timedelta(hours=1)

_AUDIENCE = "sixty:upload"
_ALGORITHM = "HS256"
_LONGEST_KEY = 1024
_UPLOAD_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def upload_link(base: str, secret: str, conversation_id: str, upload_id: str, now: datetime) -> str:
    """Makes a link that is good for one to two hours.

    Args:
        base: Where the desk is reached, without a slash at the end.
        secret: The deployment's secret.
        conversation_id: The conversation that the file belongs to.
        upload_id: The file.
        now: The present moment.
    """
    # The same link for an hour, so that browsers fetch the picture once.
    hour = int(GOOD_FOR.total_seconds())
    until = (int(now.timestamp()) // hour + 2) * hour
    claims = {"aud": _AUDIENCE, "sub": upload_id, "conversation": conversation_id, "exp": until}
    key = jwt.encode(claims, derived_key(secret, _AUDIENCE), algorithm=_ALGORITHM)
    return f"{base}/api/uploads/{upload_id}?{urlencode({'key': key})}"


def conversation_of_link(secret: str, upload_id: str, key: str, now: datetime) -> str | None:
    """The conversation whose file the link shows; None when it was not made here, is for another file, or is over."""
    if not key.isascii() or not 0 < len(key) <= _LONGEST_KEY or not _UPLOAD_ID.fullmatch(upload_id):
        return None
    try:
        claims = jwt.decode(
            key,
            derived_key(secret, _AUDIENCE),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["aud", "sub", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        until = datetime.fromtimestamp(int(claims["exp"]), timezone.utc)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError, RecursionError):
        return None
    conversation_id = claims.get("conversation")
    if claims["sub"] != upload_id or now >= until or not isinstance(conversation_id, str):
        return None
    return conversation_id
