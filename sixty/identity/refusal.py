"""Why a token is not taken."""

from __future__ import annotations

from typing import Literal

RefusalCode = Literal[
    "expired",
    "invalid",
    "unknown_key",
    "wrong_algorithm",
    "wrong_signature",
    "wrong_audience",
    "not_yet_valid",
    "lives_too_long",
    "wrong_claim",
]


class RefusedTokenError(Exception):
    """A token that proves nothing.

    Attributes:
        code: The reason, for programs.
        detail: The reason and what to do about it, for whoever made the token. It never holds the token or a claim.
    """

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: RefusalCode = code
        self.detail = detail
