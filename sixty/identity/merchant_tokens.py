"""The token with which a merchant's site says who its customer is: a JWT that its own server signs.

Claims: `aud` is `sixty`; `sub` the shop's customer id; `exp` until when the customer counts as known here, a day away
at most; and, as far as they are known, `level`, `region`, `entry` (`shop`, `product`, `order`), `product`, `order`.
The header names the key (`kid`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import jwt

from sixty.context import ENTRIES, Entry
from sixty.identity.merchant_keys import MerchantKey
from sixty.identity.refusal import RefusedTokenError

AUDIENCE = "sixty"
LEEWAY = timedelta(seconds=60)
"""How far the clocks of two servers may be apart."""

LONGEST_LIFE = timedelta(hours=24)

_LONGEST_TOKEN = 4096
_LONGEST_ID = 64
_LONGEST_LEVEL = 16
_LONGEST_REGION = 64


@dataclass(frozen=True)
class MerchantClaims:
    """What the merchant vouches for.

    Attributes:
        customer_id: The customer, by the shop's own number.
        level: Their membership level, if it was said.
        region: Where they live, if it was said.
        entry: Where the chat was opened, if it was said.
        product_no: The product whose page it is.
        order_no: The order whose page it is.
        expires_at: Until when all this counts.
    """

    customer_id: str
    level: str | None
    region: str | None
    entry: Entry | None
    product_no: str | None
    order_no: str | None
    expires_at: datetime


def read_merchant_token(token: object, keys: Mapping[str, MerchantKey], now: datetime) -> MerchantClaims:
    """Verifies what a merchant's site says of its customer.

    Args:
        token: What came with the request, which can be anything.
        keys: The merchant's keys by their id.
        now: The time, with its zone.

    Returns:
        What it says.

    Raises:
        RefusedTokenError: It proves nothing. The code and the detail say why, to the merchant's developer.
    """
    if not isinstance(token, str) or not token.isascii() or not 0 < len(token) <= _LONGEST_TOKEN:
        raise RefusedTokenError("invalid", f"merchant_token is no JWT of at most {_LONGEST_TOKEN} characters")
    key = _key_of(token, keys)
    claims = _verified(token, key)
    expires_at = _moment(claims, "exp")
    if now >= expires_at + LEEWAY:
        raise RefusedTokenError("expired", "exp is over; sign a new token, and look at the clock")
    for name in ("nbf", "iat"):
        if name in claims and now < _moment(claims, name) - LEEWAY:
            raise RefusedTokenError("not_yet_valid", f"{name} lies in the future; look at the clock")
    if expires_at > now + LONGEST_LIFE + LEEWAY:
        raise RefusedTokenError("lives_too_long", "exp is more than 24 hours away; sign a token for each visit")
    entry = claims.get("entry")
    if entry is not None and entry not in ENTRIES:
        raise RefusedTokenError("wrong_claim", f"entry must be one of {', '.join(ENTRIES)}")
    customer_id = _word(claims, "sub", _LONGEST_ID)
    if customer_id is None:
        raise RefusedTokenError("wrong_claim", "sub, the shop's customer id, is missing")
    return MerchantClaims(
        customer_id=customer_id,
        level=_word(claims, "level", _LONGEST_LEVEL),
        region=_word(claims, "region", _LONGEST_REGION),
        entry=cast("Entry | None", entry),
        product_no=_word(claims, "product", _LONGEST_ID),
        order_no=_word(claims, "order", _LONGEST_ID),
        expires_at=expires_at,
    )


def _key_of(token: str, keys: Mapping[str, MerchantKey]) -> MerchantKey:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise RefusedTokenError("invalid", "merchant_token is no JWT") from None
    kid = header.get("kid")
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise RefusedTokenError("unknown_key", "the header's kid names no key of SIXTY_MERCHANT_KEYS")
    if header.get("alg") != key.algorithm:
        raise RefusedTokenError("wrong_algorithm", f"the key of this kid is used with {key.algorithm} only")
    return key


def _verified(token: str, key: MerchantKey) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm],
            audience=AUDIENCE,
            # The time is the caller's.
            options={"require": ["aud", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.InvalidSignatureError:
        raise RefusedTokenError("wrong_signature", "the signature is not that of the key which kid names") from None
    except jwt.InvalidAudienceError:
        raise RefusedTokenError("wrong_audience", f"aud must be {AUDIENCE!r}") from None
    except jwt.MissingRequiredClaimError as error:
        raise RefusedTokenError("wrong_claim", f"{error.claim} is missing") from None
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise RefusedTokenError("invalid", "merchant_token is no JWT that can be read") from None
    return claims


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims[name]
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(name)
        return datetime.fromtimestamp(value, timezone.utc)
    except (ValueError, TypeError, OverflowError, OSError):
        raise RefusedTokenError("wrong_claim", f"{name} must be in seconds since 1970") from None


def _word(claims: Mapping[str, Any], name: str, longest: int) -> str | None:
    value = claims.get(name)
    if value is None or value == "":
        return None
    # What is not printable would reach the database, which takes no NUL and no half emoji.
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise RefusedTokenError("wrong_claim", f"{name} must be a text of at most {longest} printable characters")
    return value
