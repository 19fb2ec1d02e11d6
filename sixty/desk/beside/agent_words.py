"""Makes of what the bot would say what a person can say: no bot's name, no call for a person, nothing to tap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SENTENCE = re.compile(r"[^。！？!?；;～~\n]*[。！？!?；;～~\n]*")
_CLAUSE = re.compile(r"[^，,]*[，,]?")
# A person who reads this would send the customer away, or be taken for a bot.
_BOTS_OWN = re.compile(r"转人工|智能客服|机器人|小六|转给同事|转过去|请同事|同事帮您|同事专门|同事核实|随时问我就行")
_TO_TAP = re.compile(r"点下面|下面(?:的|点)|点一下就行|点一下“|点“")
_BESIDES = ("也", "或", "还")
# Where an order's card says something in words.
_LINES = ("details", "next_steps")
_OPEN_END = re.compile(r"[；;，,、：:]+\s*$")


def as_a_person(text: str) -> str:
    """What of a bot's text an agent can send as their own words.

    Sentences in which the bot calls for a person or speaks of itself are left out, and clauses that point at buttons,
    which an agent's line has not.

    Args:
        text: What the bot would say.

    Returns:
        The rest, ending as a sentence does; empty where nothing is left.
    """
    kept = []
    for sentence in _SENTENCE.findall(text):
        if not sentence or _BOTS_OWN.search(sentence):
            continue
        if _TO_TAP.search(sentence):
            sentence = _without_buttons(sentence)
        kept.append(sentence)
    said = "".join(kept).strip()
    return _OPEN_END.sub("。", said)


def card_as_a_person(card: Mapping[str, Any]) -> dict[str, Any]:
    """A card without the lines that only a bot can say: an order's details and next steps may call for a person.

    Args:
        card: As the bot draws it.
    """
    lists = {name: [as_a_person(str(line)) for line in card[name]] for name in _LINES if card.get(name)}
    return {**card, **{name: [line for line in lines if line] for name, lines in lists.items()}}


def _without_buttons(sentence: str) -> str:
    end = re.search(r"[。！？!?；;～~\n]*$", sentence)
    mark = end[0] if end else ""
    clauses = [each for each in _CLAUSE.findall(sentence[: len(sentence) - len(mark)]) if each]
    if any(_TO_TAP.search(each) and not each.startswith(_BESIDES) for each in clauses):
        # The clauses in front of it only lead up to the button.
        return ""
    rest = "".join(each for each in clauses if not _TO_TAP.search(each)).rstrip("，,")
    return f"{rest}{mark or '～'}" if rest.strip() else ""
