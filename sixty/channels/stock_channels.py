"""Finds Rasa's own connectors where they are turned on as they come: they stand beside the front door."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yaml import MappingNode, SafeLoader, YAMLError, compose

# Those of Rasa 3.6, by the names under which credentials.yml turns them on.
_BUILT_IN = frozenset(
    {
        "botframework",
        "callback",
        "facebook",
        "hangouts",
        "mattermost",
        "rest",
        "rocketchat",
        "slack",
        "socketio",
        "telegram",
        "twilio",
        "twilio_voice",
        "webexteams",
    }
)
_INSTEAD = {
    "rest": "sixty.channels.api.ApiChannel",
    "socketio": "sixty.channels.web.WebChannel",
    "telegram": "sixty.channels.telegram.TelegramChannel",
}
# In these, the sender's name is whatever the client says.
_NAMELESS = frozenset({"callback", "rest", "socketio"})


@dataclass(frozen=True)
class StockChannel:
    """A connector that lets in whatever comes.

    Attributes:
        name: As credentials.yml has it.
        line: Where it stands there.
    """

    name: str
    line: int

    @property
    def _short(self) -> str:
        return self.name.rpartition(".")[2].lower().removesuffix("input") if "." in self.name else self.name

    @property
    def trouble(self) -> str:
        """What it means."""
        anybody = " and be anybody" if self._short in _NAMELESS else ""
        return (
            f"the channel {self.name} stands beside the front door: whoever writes there may set slots with /intent"
            f"{anybody}, and nothing of it is in the ledger"
        )

    @property
    def remedy(self) -> str:
        """What to do about it."""
        instead = _INSTEAD.get(self._short)
        if instead:
            return f"Use {instead} instead"
        return "Put it behind the door with a small subclass, as docs/channels.md tells, and name that instead"


def stock_channels(credentials: Path) -> list[StockChannel]:
    """The stock connectors that a credentials.yml turns on.

    Args:
        credentials: The file; one that cannot be read turns nothing on, and Rasa itself says so.
    """
    try:
        root = compose(credentials.read_text(encoding="utf-8"), Loader=SafeLoader)
    except (OSError, UnicodeDecodeError, YAMLError):
        return []
    if not isinstance(root, MappingNode):
        return []
    return [
        StockChannel(str(key.value), key.start_mark.line + 1)
        for key, _ in root.value
        if key.value in _BUILT_IN or str(key.value).startswith("rasa.")
    ]
