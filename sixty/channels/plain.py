"""Rich replies for channels that cannot draw them: cards in words with their links, capsules as numbered choices."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from sixty.card_text import as_text, choices_listed
from sixty.channels.delivery import Showing

_NUMBER = re.compile(r"(?:回复|选|选择|第)?\s*([1-9][0-9]?)\s*(?:号|个)?[。.!！~～、]?")


def plain(message: dict[str, Any], shows: Collection[Showing], first: int = 1) -> dict[str, Any]:
    """A message as a channel can show it.

    Args:
        message: As in `sixty/channels/wire_form.py`.
        shows: What the channel can draw.
        first: The number of this message's first choice; further ones of the same turn count on.

    Returns:
        The same message; what cannot be drawn has become `text`, and the choices of a card that became text are
        capsules of the message where the channel has those.
    """
    form = dict(message)
    card = form.get("card") if "cards" not in shows else None
    lines = [str(form["text"])] if form.get("text") else []
    choices = list(form.get("capsules") or [])
    numbered: set[int] = set()
    if card is not None:
        del form["card"]
        listed = range(len(choices), len(choices) + choices_listed(card))
        lines.append(as_text(card, first + len(choices)))
        numbered.update(listed)
        choices += _choices_in(card)
    if form.get("image") and "pictures" not in shows:
        lines.append(str(form.pop("image")))
    if "capsules" in shows:
        if choices:
            form["capsules"] = choices
    elif choices:
        form.pop("capsules", None)
        lines += [
            f"{first + place}. {choice['title']}" for place, choice in enumerate(choices) if place not in numbered
        ]
        lines.append("回复数字就可以选哦～" if len(choices) > 1 else f"回复{first}就可以选哦～")
    if lines:
        form["text"] = "\n".join(lines)
    return form


def number_in(text: str) -> int | None:
    """The choice that a line such as `1`, `１。` or `回复2` names; None for every other line."""
    match = _NUMBER.fullmatch(text.translate(_FULL_WIDTH).strip())
    return int(match[1]) if match else None


_FULL_WIDTH = {ord(wide): str(digit) for digit, wide in enumerate("０１２３４５６７８９")} | {ord("．"): "."}


def _choices_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("title"), str) and isinstance(value.get("tap"), str):
            yield {"title": value["title"], "tap": value["tap"]}
        for each in value.values():
            yield from _choices_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _choices_in(each)
