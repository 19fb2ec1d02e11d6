"""The ways to understand intents that are compared, each a pipeline of Rasa."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_PEERS = Path("bench/peers/nlu")


@dataclass(frozen=True)
class Candidate:
    """A pipeline.

    Attributes:
        name: Names it in results.
        what: What it is, for the table.
        config: Its file, relative to the project.
        slow: Whether training takes minutes on all lines, so that a quick run trains it on few lines only.
        costly: Whether training takes minutes on few lines and hours on all, so that it is trained seldom.
    """

    name: str
    what: str
    config: Path
    slow: bool = False
    costly: bool = False


SIXTY = Candidate("sixty", "this bot, entities included", Path("config.yml"))
VANILLA = Candidate(
    "vanilla",
    "Rasa's default: Jieba, CountVectors, DIET",
    Path("bench/peers/vanilla/config.yml"),
    slow=True,
    costly=True,
)
CANDIDATES = (
    SIXTY,
    Candidate("linear", "this bot's classifier alone", _PEERS / "linear.yml"),
    Candidate("linear_pairs", "… on 1–2 characters", _PEERS / "linear_pairs.yml"),
    Candidate("linear_fours", "… on 1–4 characters", _PEERS / "linear_fours.yml"),
    Candidate("logistic_words", "logistic regression on words, char_wb", _PEERS / "logistic_words.yml", slow=True),
    Candidate(
        "logistic_characters", "logistic regression on 1–3 characters", _PEERS / "logistic_characters.yml", slow=True
    ),
    Candidate("nearest", "nearest lines", _PEERS / "nearest.yml"),
    Candidate("linear_and_nearest", "mean of linear and nearest", _PEERS / "linear_and_nearest.yml"),
    VANILLA,
)
QUICK = ("sixty", "logistic_characters", "nearest", "vanilla")


def unknown_options(config: Path) -> list[str]:
    """Options that this bot's own components do not have; Rasa would pass over them silently.

    Args:
        config: A pipeline.

    Returns:
        Each as "component: option".
    """
    from rasa.shared.utils.common import class_from_module_path

    pipeline: list[dict[str, Any]] = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    unknown = []
    for entry in pipeline:
        if "." in entry["name"]:
            component = class_from_module_path(entry["name"])
            known = component.get_default_config().keys() | {"name"}
            unknown += [f"{component.__name__}: {option}" for option in sorted(entry.keys() - known)]
    return unknown
