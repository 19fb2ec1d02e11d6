"""The token with which a browser speaks for its conversation: signed, short-lived, made anew at every renewal.

It says which visitor it is and which conversation is theirs, and nothing else: who the customer is stands on the
server, in the conversation's row.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import jwt

from sixty.identity.derived_keys import derived_key
from sixty.identity.refusal import RefusedTokenError

LIFETIME = timedelta(minutes=30)
# A page that slept, or was closed over night, goes on with its conversation; after that it begins another.
RENEWABLE_FOR = timedelta(hours=24)

AUDIENCE = "sixty:visitor"
_ALGORITHM = "HS256"
_LONGEST_TOKEN = 2048
_LONGEST_ID = 64
_ID_BYTES = 24


@dataclass(frozen=True)
class VisitorToken:
    """What a visitor's token says.

    Attributes:
        visitor_id: The browser, for as long as it renews its tokens.
        conversation_id: The one conversation that the token opens.
        expires_at: The end of its life, an aware time, kept to the second.
    """

    visitor_id: str
    conversation_id: str
    expires_at: datetime

    def __post_init__(self) -> None:
        """Refuses what could not be signed and read back.

        Raises:
            ValueError: An id is missing or too long, or the time has no zone.
        """
        if not (0 < len(self.visitor_id) <= _LONGEST_ID and 0 < len(self.conversation_id) <= _LONGEST_ID):
            raise ValueError("a visitor's token needs a visitor and a conversation")
        if self.expires_at.tzinfo is None:
            raise ValueError("expires_at needs a zone")


def unguessable_id() -> str:
    """A name that nobody can guess, for a conversation or a visitor: 192 random bits, 32 URL-safe characters."""
    return secrets.token_urlsafe(_ID_BYTES)


def issue_visitor_token(visitor: VisitorToken, secret: str) -> str:
    """Makes the token. Two of them are never the same, so that each renewal is a rotation.

    Raises:
        ValueError: The secret is empty.
    """
    claims = {
        "aud": AUDIENCE,
        "sub": visitor.visitor_id,
        "conversation": visitor.conversation_id,
        "exp": int(visitor.expires_at.timestamp()),
        "jti": secrets.token_urlsafe(9),
    }
    return jwt.encode(claims, derived_key(secret, AUDIENCE), algorithm=_ALGORITHM)


def read_visitor_token(token: object, secret: str, now: datetime, grace: timedelta = timedelta(0)) -> VisitorToken:
    """Verifies a token.

    Args:
        token: What the client sent, which can be anything.
        secret: The deployment's secret.
        now: The time, with its zone.
        grace: How long after its end it still counts, as for a renewal.

    Returns:
        What it says.

    Raises:
        RefusedTokenError: `expired`, or `invalid` for everything else: a client is not told how its forgery failed.
    """
    invalid = RefusedTokenError("invalid", "this token was not made here; ask for a new session")
    if not isinstance(token, str) or not token.isascii() or not 0 < len(token) <= _LONGEST_TOKEN or not secret:
        raise invalid
    try:
        claims = jwt.decode(
            token,
            derived_key(secret, AUDIENCE),
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            # The time is the caller's, so that tests and replays decide it.
            options={"require": ["aud", "sub", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        visitor = VisitorToken(
            visitor_id=_text(claims["sub"]),
            conversation_id=_text(claims.get("conversation")),
            expires_at=datetime.fromtimestamp(int(claims["exp"]), timezone.utc),
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError, RecursionError):
        raise invalid from None
    if now >= visitor.expires_at + grace:
        raise RefusedTokenError("expired", "this token has expired; ask for a new session with it")
    return visitor


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
