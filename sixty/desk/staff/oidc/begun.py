"""A sign-in that has begun: what the browser must bring back with the provider's answer, in a signed cookie.

The cookie ties the answer to the browser that asked for it, whichever desk process it comes back to.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import jwt
from fastapi import Response

from sixty.identity.derived_keys import derived_key

COOKIE = "sixty_oidc"
PATH = "/api/desk/oidc"
GOOD_FOR = timedelta(minutes=10)

_AUDIENCE = "sixty:oidc"
_ALGORITHM = "HS256"
# RFC 7636, 4.1 wants 43 to 128 characters.
_VERIFIER_BYTES = 48


@dataclass(frozen=True)
class Begun:
    """One sign-in.

    Attributes:
        state: Comes back with the answer (RFC 6749, 10.12).
        nonce: Comes back in the id token.
        verifier: Proves to the provider that whoever brings the code has asked for it (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str = field(repr=False)


def begin() -> Begun:
    """Makes what one sign-in needs, all of it random."""
    return Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(_VERIFIER_BYTES))


def written(begun: Begun, secret: str, now: datetime) -> str:
    """The cookie."""
    claims = {
        "aud": _AUDIENCE,
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "exp": int((now + GOOD_FOR).timestamp()),
    }
    return jwt.encode(claims, derived_key(secret, _AUDIENCE), algorithm=_ALGORITHM)


def read(cookie: str, secret: str, now: datetime) -> Begun | None:
    """What a cookie says; None when it was not made here, or is too old."""
    try:
        claims = jwt.decode(
            cookie,
            derived_key(secret, _AUDIENCE),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["aud", "exp"], "verify_exp": False},
        )
        until = datetime.fromtimestamp(int(claims["exp"]), timezone.utc)
        begun = Begun(str(claims["state"]), str(claims["nonce"]), str(claims["verifier"]))
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError, OSError, RecursionError):
        return None
    return begun if now < until else None


def set_cookie(response: Response, cookie: str, secure: bool) -> None:
    """Gives it to the browser. Lax: the provider's own page sends the browser back with it."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(GOOD_FOR.total_seconds()),
        path=PATH,
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, secure: bool) -> None:
    """Takes it away: an answer counts once."""
    response.delete_cookie(COOKIE, path=PATH, secure=secure, httponly=True, samesite="lax")
