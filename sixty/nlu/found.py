"""What a reader of messages hands back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """A value found in a text.

    Attributes:
        entity: Name of the Rasa entity.
        start: Index of the first character.
        end: Index behind the last one.
        value: Normalised: a 货号, centimetres, kilograms, years, yuan, bare digits, upper-case sizes, or a position
            counted from 1 (-1 for the last, -2 for the one before it).
    """

    entity: str
    start: int
    end: int
    value: str
