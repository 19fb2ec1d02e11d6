"""Chooses who carries SMS, by the setting `SIXTY_SMS_PROVIDER`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from sixty.outreach.contacts import OUTBOX, OutboxProvider, SmsProvider
from sixty.settings import SettingsError, project_root

_LONGEST_NAME = 32


def sms_provider(chosen: str) -> SmsProvider:
    """Makes the provider that a deployment has chosen.

    Args:
        chosen: `outbox`, or `package.module:factory`: a function without arguments that makes one. Modules are looked
            for where Python finds them, and in the project's folder.

    Raises:
        SettingsError: It cannot be made, or what was made is no provider.
    """
    if chosen == OUTBOX:
        return OutboxProvider()
    module, _, factory = chosen.partition(":")
    root = str(project_root())
    if root not in sys.path:
        # An installed command does not look into the project by itself.
        sys.path.append(root)
    try:
        made = getattr(import_module(module), factory)()
    except Exception as error:
        # It is somebody else's code, so anything may go wrong in it.
        raise SettingsError(f"SIXTY_SMS_PROVIDER {chosen} cannot be made: {type(error).__name__}: {error}") from error
    lacks = _lacks(made)
    if lacks:
        raise SettingsError(f"SIXTY_SMS_PROVIDER {chosen} makes no provider: {lacks}; see docs/outreach.md")
    provider: SmsProvider = made
    return provider


def _lacks(made: Any) -> str:
    """What is missing for a provider; empty where nothing is."""
    name = getattr(made, "name", None)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or name == OUTBOX:
        return f"its name must be a text of 1 to {_LONGEST_NAME} characters other than {OUTBOX!r}"
    if not isinstance(getattr(made, "knows_keys", None), bool):
        return "its knows_keys must be True or False"
    return "" if callable(getattr(made, "send", None)) else "it has no send"
