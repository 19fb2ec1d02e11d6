"""How servers sign what they say to each other.

Two headers come with a request:

- `X-Sixty-Timestamp`: when it was signed, in seconds since 1970;
- `X-Sixty-Signature`: `v1=` and the hexadecimal HMAC-SHA256 of timestamp, a dot and the signed content – the raw body,
  or the raw query string where there is no body. Several, parted by commas, may stand there while a secret is changed.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

TIMESTAMP_HEADER = "X-Sixty-Timestamp"
SIGNATURE_HEADER = "X-Sixty-Signature"
REPLAY_WINDOW = timedelta(minutes=5)

# Compared with where there is no secret, so that an unknown sender takes as long as a wrong signature.
_NOBODYS_SECRET = "-" * 32
_MOST_SIGNATURES = 4


@dataclass(frozen=True)
class UnsignedError(Exception):
    """Why a request does not count as signed; said to the sender, who can mend it.

    Attributes:
        status: The HTTP status that fits.
        detail: The reason.
    """

    status: int
    detail: str


def sign(secret: str, timestamp: str, content: bytes) -> str:
    """Signs a request, as its sender does."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    return f"v1={digest}"


def signed_headers(secret: str, content: bytes, now: datetime) -> dict[str, str]:
    """The headers of a request that is signed now, with the first of several secrets."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: sign(secret.split()[0], timestamp, content)}


def check_signature(secrets: str, timestamp: str, signatures: str, content: bytes, now: datetime) -> None:
    """Checks that a request comes from whom it says, and was signed just now.

    Args:
        secrets: The sender's secrets with blanks between; empty for a sender that is not known.
        timestamp: As in the header.
        signatures: As in the header.
        content: What was signed.
        now: The present moment.

    Raises:
        UnsignedError: It does not, or too long ago; an unknown sender and a wrong signature are told alike.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise UnsignedError(400, f"{TIMESTAMP_HEADER} is missing, or not in whole seconds since 1970")
    given = [each.strip() for each in signatures.split(",")]
    if not all(each.startswith("v1=") for each in given):
        raise UnsignedError(400, f"{SIGNATURE_HEADER} is missing, or does not begin with v1=")
    # All are compared, and as bytes: text beyond ASCII would raise.
    matches = [
        hmac.compare_digest(sign(secret, timestamp, content).encode(), each.encode(errors="surrogateescape"))
        for secret in secrets.split() or [_NOBODYS_SECRET]
        for each in given[:_MOST_SIGNATURES]
    ]
    if not (any(matches) and secrets):
        raise UnsignedError(401, "the signature is not that of a known sender")
    if abs(now.timestamp() - int(timestamp)) > REPLAY_WINDOW.total_seconds():
        raise UnsignedError(401, "signed too long ago or in the future; sign it anew, and look at the clock")
