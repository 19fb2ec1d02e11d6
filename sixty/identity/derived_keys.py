"""One secret, many keys: what is signed for one purpose never passes for another."""

from __future__ import annotations

import hashlib
import hmac


def derived_key(secret: str, purpose: str) -> bytes:
    """Makes the key of one purpose from the deployment's secret.

    Args:
        secret: The deployment's secret.
        purpose: What the key is for, such as `sixty:visitor`.

    Returns:
        32 bytes: the HMAC-SHA256 of the purpose under the secret, which is HKDF-Expand (RFC 5869) with one block and
        the secret as its key.

    Raises:
        ValueError: The secret is empty.
    """
    if not secret:
        raise ValueError("without a secret nothing can be signed")
    return hmac.new(secret.encode(), purpose.encode() + b"\x01", hashlib.sha256).digest()
