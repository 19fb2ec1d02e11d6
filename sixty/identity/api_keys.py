"""The keys of the servers that may speak for customers."""

from __future__ import annotations

from collections.abc import Mapping

from sixty.identity.derived_keys import derived_key

LOCAL = "local"
"""The key of this project's own tools, on a developer's machine only."""


def local_api_secret(secret: str) -> str:
    """The secret of the key `local`, which every process of a deployment can make for itself."""
    return derived_key(secret, "sixty:api:local").hex()


def all_api_keys(given: Mapping[str, str], secret: str, development: bool) -> dict[str, str]:
    """The keys that count.

    Args:
        given: Those of the settings: name to secret, or to two secrets with a blank between.
        secret: The deployment's secret.
        development: Whether the project's own tools may speak, too.
    """
    return {**given, LOCAL: local_api_secret(secret)} if development else dict(given)
