"""Hears the mood of lines that were said to a person, and of which nothing was understood then.

The words are the trainers' (`data/nlu/mood.yml`), read once; no model is loaded for that.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sixty.nlu.normal_form import normal_form

MOOD_FILE = Path("data/nlu/mood.yml")


class MoodEar:
    """Hears moods by words."""

    def __init__(self, project: Path) -> None:
        """Names the project whose words count; they are read with the first line."""
        self._project = project

    def mood_of(self, text: str) -> str | None:
        """The mood of a customer's line, the strongest that is heard."""
        words = _words_of(self._project / MOOD_FILE)
        found = words.find(normal_form(text)) if words is not None and text else []
        return found[0].mood if found else None


@lru_cache(maxsize=4)
def _words_of(file: Path):  # type: ignore[no-untyped-def]
    # Rasa takes a second to load: only a desk that inspects does.
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    from sixty.nlu.mood_words import MoodWords

    return MoodWords.of(RasaYAMLReader().read(file)) if file.exists() else None
