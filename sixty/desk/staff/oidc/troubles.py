"""Why somebody could not sign in at the identity provider."""

from __future__ import annotations

from typing import Literal

Trouble = Literal["down", "denied", "stale", "invalid", "stranger", "domain", "role", "login", "left"]
"""Told on the sign-in page, in words of its own.

- `down`: the provider does not answer; `denied`: it has not let them in
- `stale`: they have not begun in this browser, or too long ago
- `invalid`: what the provider says cannot be trusted
- `stranger`: there is no account for them; `left`: theirs is out of use
- `domain`: their address is none of the shop's, or not verified
- `role`: nothing at the provider says what they may do here
- `login`: they have no name there that can be a login, or somebody else has it
"""


class OidcError(Exception):
    """Somebody is not let in.

    Attributes:
        trouble: What they are told.
        detail: What the operator finds in the log; nothing secret, nothing personal.
    """

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(f"{trouble}: {detail}")
        self.trouble: Trouble = trouble
        self.detail = detail
