"""Who a customer is and where the conversation began, signed so that a client cannot change it.

The page is given a signed context by its own server and hands it on with every message. Whoever acts on it verifies it
first; a claim that is not signed, or was signed for another conversation, is the same as none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal, cast

import jwt

Entry = Literal["shop", "product", "order"]

_ENTRIES = ("shop", "product", "order")
_ALGORITHM = "HS256"
# Other things are signed with the same secret; none of them may pass for a context.
_AUDIENCE = "sixty:context"
_LONGEST_TOKEN = 4096


@dataclass(frozen=True)
class Context:
    """What is known of a conversation.

    Attributes:
        conversation_id: The conversation it was made for, and good for no other.
        customer_id: The customer, or None for an unknown visitor.
        level: Their membership level.
        region: Where they live.
        entry: Where the conversation was opened: the shop front, a product's page or an order's page.
        product_no: The product whose page it was.
        order_no: The order whose page it was. Saying so proves nothing; the owner is checked where the order is read.
        expires_at: The end of its life, an aware time, kept to the second.
    """

    conversation_id: str
    customer_id: str | None
    level: str | None
    region: str | None
    entry: Entry
    product_no: str | None
    order_no: str | None
    expires_at: datetime

    def __post_init__(self) -> None:
        """Refuses what could not be signed and read back.

        Raises:
            ValueError: No conversation, an unknown entry or a time without a zone.
        """
        if not self.conversation_id:
            raise ValueError("a context belongs to a conversation")
        if self.entry not in _ENTRIES:
            raise ValueError(f"unknown entry: {self.entry!r}")
        if self.expires_at.tzinfo is None:
            raise ValueError("expires_at needs a zone")


def sign_context(context: Context, secret: str) -> str:
    """Makes the token that carries a context.

    Raises:
        ValueError: The secret is empty.
    """
    if not secret:
        raise ValueError("a context cannot be signed without a secret")
    claims: dict[str, Any] = {
        "aud": _AUDIENCE,
        "sub": context.conversation_id,
        "exp": int(context.expires_at.timestamp()),
        "entry": context.entry,
    }
    for name in ("customer_id", "level", "region", "product_no", "order_no"):
        value = getattr(context, name)
        if value is not None:
            claims[name] = value
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def read_context(token: object, secret: str, conversation_id: str, now: datetime) -> Context | None:
    """Verifies a token and returns what it says.

    Args:
        token: What the client sent, which can be anything.
        secret: The deployment's secret.
        conversation_id: The conversation in which it was sent.
        now: The time, with its zone.

    Returns:
        The context, or None when it is absent, forged, expired or made for another conversation.
    """
    if not isinstance(token, str) or not token or len(token) > _LONGEST_TOKEN or not secret:
        return None
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            # The time is the caller's, so that tests and replays decide it.
            options={"require": ["aud", "sub", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        expires_at = datetime.fromtimestamp(int(claims["exp"]), timezone.utc)
        context = Context(
            conversation_id=_text(claims["sub"]),
            customer_id=_optional_text(claims.get("customer_id")),
            level=_optional_text(claims.get("level")),
            region=_optional_text(claims.get("region")),
            entry=cast(Entry, claims.get("entry")),
            product_no=_optional_text(claims.get("product_no")),
            order_no=_optional_text(claims.get("order_no")),
            expires_at=expires_at,
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError):
        return None
    if context.conversation_id != conversation_id or now >= context.expires_at:
        return None
    return context


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _optional_text(value: object) -> str | None:
    return None if value is None else _text(value)
