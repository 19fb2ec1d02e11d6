"""The keys with which a merchant's site signs who its customer is.

Several may be there at once, each under its key id (`kid`), so that one can be replaced without a moment in which
nobody is known: add the new one here, sign with it there, then take the old one away. What a key is decides how it is
used: a public RSA key verifies RS256, everything else is a shared secret for HS256. The token has no say in it, so
neither `alg: none` nor a public key abused as a shared secret gets anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

MINIMUM_SECRET_LENGTH = 32
MINIMUM_RSA_BITS = 2048

_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class UnusableKeyError(ValueError):
    """A key with which nothing can be verified safely. Says which, and what to do; never the key itself."""


@dataclass(frozen=True)
class MerchantKey:
    """One key.

    Attributes:
        kid: Its id, as in the header of the tokens that it signs.
        algorithm: The only algorithm it is used with.
        key: The shared secret or the public key.
    """

    kid: str
    algorithm: Literal["HS256", "RS256"]
    key: bytes | RSAPublicKey

    def __repr__(self) -> str:
        return f"MerchantKey(kid={self.kid!r}, algorithm={self.algorithm!r})"


def read_merchant_keys(given: Mapping[str, str]) -> dict[str, MerchantKey]:
    """Reads the keys of the settings.

    Args:
        given: Key id to shared secret, or to public key in PEM form.

    Raises:
        UnusableKeyError: One of them is too weak, broken, or a private key.
    """
    return {kid: _read(kid, text) for kid, text in given.items()}


def _read(kid: str, text: str) -> MerchantKey:
    if not _KID.fullmatch(kid):
        raise UnusableKeyError("a key id has 1 to 64 letters, digits, dots, hyphens or underscores")
    text = text.strip()
    if "-----BEGIN" not in text:
        if len(text) < MINIMUM_SECRET_LENGTH:
            raise UnusableKeyError(f"the secret {kid!r} is shorter than {MINIMUM_SECRET_LENGTH} characters")
        return MerchantKey(kid, "HS256", text.encode())
    if "PRIVATE KEY" in text:
        raise UnusableKeyError(f"{kid!r} is a private key: keep it on the shop's own server and give the public one")
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKeyError(
            f"{kid!r} is no public key in PEM form; `openssl rsa -in private.pem -pubout` makes one"
        ) from None
    if not isinstance(key, RSAPublicKey):
        raise UnusableKeyError(f"{kid!r} is no RSA key, and RS256 needs one")
    if key.key_size < MINIMUM_RSA_BITS:
        raise UnusableKeyError(f"the RSA key {kid!r} is shorter than {MINIMUM_RSA_BITS} bits")
    return MerchantKey(kid, "RS256", key)
