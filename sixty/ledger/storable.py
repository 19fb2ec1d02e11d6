"""Makes text that any database takes."""

from __future__ import annotations

from typing import Any


def storable(value: Any) -> Any:
    """Replaces what no database can keep: NUL, and halves of characters, as broken JSON from a client may hold.

    Args:
        value: Text, or lists and dictionaries of what JSON can say; everything else is returned as it is.
    """
    if isinstance(value, str):
        if "\0" not in value and value.isascii():
            return value
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {storable(name): storable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [storable(each) for each in value]
    return value
