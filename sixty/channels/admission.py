"""What a client may send in Rasa's own form: a tapped capsule, and no command.

Until capsules are tokens that the server issues, a tap arrives as `/intent{"entity": "value"}`. Everything else that
begins with a slash (`/restart`, `/session_start`, slots that no capsule carries) becomes plain text.
"""

from __future__ import annotations

import json
import re

from sixty.nlu.normal_form import without_command

_CAPSULE = re.compile(r"/(?P<intent>[a-z_]{2,40})(?P<entities>\{.{0,300}\})?")
_COMMANDS = frozenset({"restart", "session_start", "back", "nlu_fallback"})
_CARRIED = frozenset({"attribute", "product", "order_no", "fit", "ordinal", "service", "cause", "date"})
_LONGEST_VALUE = 64


def admitted(text: str) -> str:
    """Lets text and capsules through, and takes the power from everything else that looks like a command.

    Args:
        text: What a client sent as the customer's message.

    Returns:
        The same, or the same with a harmless slash in front.
    """
    # Rasa strips a message before it looks for a command, so blanks in front make no difference.
    if not text.lstrip().startswith("/"):
        return text
    capsule = _CAPSULE.fullmatch(text)
    if capsule is None or capsule["intent"] in _COMMANDS or not _carries_little(capsule["entities"]):
        return without_command(text)
    return text


def _carries_little(entities: str | None) -> bool:
    if entities is None:
        return True
    try:
        values = json.loads(entities)
    except ValueError:
        return False
    return all(
        # Half an emoji or a NUL, escaped, would reach the database, which takes neither.
        key in _CARRIED and isinstance(value, str) and len(value) <= _LONGEST_VALUE and value.isprintable()
        for key, value in values.items()
    )
