"""The answers of `domain.yml`, read as the bot says them, without Rasa: the variation that fits, its gaps filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
import yaml

from sixty.dialogue.variations import Variation, fitting, read_variation
from sixty.settings import project_root

DOMAIN = "domain.yml"

_GAP = re.compile(r"\{([^{}\n]+)\}")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DomainResponses:
    """All responses, by name."""

    variations: Mapping[str, tuple[Variation, ...]]

    def __contains__(self, name: str) -> bool:
        return name in self.variations

    def say(self, name: str, known: Mapping[str, Any], channel: str | None, now: datetime) -> str | None:
        """The text of a response.

        Of variations that say the same in other words it is the first, so that a suggestion stays what it was.

        Args:
            name: The response.
            known: Slots, and what an action has said of the matter at hand.
            channel: Where the customer is.
            now: The present moment.

        Returns:
            The text; None where there is no such response, none that fits, or one whose gaps cannot be filled.
        """
        fit = fitting(self.variations.get(name, ()), known, channel, now)
        text = str(fit[0].content.get("text") or "") if fit else ""
        gaps = _GAP.findall(text)
        if not text or any(known.get(gap) in (None, "") for gap in gaps):
            return None
        return _GAP.sub(lambda found: str(known[found[1]]), text)

    def texts(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Every text of the responses whose names begin so, each with the name."""
        for name, variations in self.variations.items():
            if name.startswith(prefix):
                for each in variations:
                    text = str(each.content.get("text") or "")
                    if text and not _GAP.search(text):
                        yield name, text


def read_responses(path: Path) -> DomainResponses:
    """Reads a domain's responses; a variation whose period cannot be read is left out, as the bot does."""
    domain = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    found: dict[str, tuple[Variation, ...]] = {}
    for name, contents in (domain.get("responses") or {}).items():
        read = []
        for content in contents or ():
            try:
                read.append(read_variation(content))
            except ValueError as error:
                _log.error("response.left_out", response=name, reason=str(error))
        found[str(name)] = tuple(read)
    return DomainResponses(found)


def domain_responses() -> DomainResponses:
    """Those of this deployment, read again when the file has changed."""
    path = project_root() / DOMAIN
    return _kept(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _kept(path: Path, _changed: int) -> DomainResponses:
    return read_responses(path)
