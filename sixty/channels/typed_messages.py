"""Pictures, voice, video, files and places: what may come in, and in which form it goes into the ledger."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sixty.channels.lines import cleaned
from sixty.channels.links import is_public_address
from sixty.channels.refusal import Refused

KINDS = ("picture", "voice", "video", "file", "location")

_MEGABYTE = 1_000_000
_LONGEST_NAME = 120
_LONGEST_ID = 512


def attachment(given: Mapping[str, Any], largest_file: float) -> dict[str, Any]:
    """Checks what came with a message.

    Args:
        given: `kind` and, as far as the channel knows them: `id` (an upload to our desk), `platform_id` (what the
            platform calls the file), `url`, `name`, `size` (bytes), `content_type`; for a place `latitude`,
            `longitude` (degrees), `label`.
        largest_file: Megabytes.

    Returns:
        The same keys, clean, and no others.

    Raises:
        Refused: It is of another kind, too big, has an unsafe address, or is nowhere.
    """
    kind = given.get("kind")
    if kind not in KINDS:
        raise Refused("wrong_kind")
    if kind == "location":
        return {"kind": kind, **_place(given)}
    checked = {"kind": kind, **_size(given.get("size"), largest_file), **_where(given)}
    for name in ("name", "content_type"):
        value = given.get(name)
        if isinstance(value, str) and cleaned(value):
            checked[name] = cleaned(value).replace("\n", " ")[:_LONGEST_NAME]
    return checked


def _size(size: object, largest_file: float) -> dict[str, int]:
    if isinstance(size, bool) or not isinstance(size, int | float):
        return {}
    if size > largest_file * _MEGABYTE:
        raise Refused("too_big")
    return {"size": int(size)} if size >= 0 else {}


def _where(given: Mapping[str, Any]) -> dict[str, str]:
    """Where the file can be looked at."""
    where: dict[str, str] = {}
    url = given.get("url")
    if url is not None:
        if not is_public_address(url):
            raise Refused("wrong_link")
        where["url"] = url
    for name in ("id", "platform_id"):
        file_id = given.get(name)
        if isinstance(file_id, str) and 0 < len(file_id) <= _LONGEST_ID and file_id.isascii() and file_id.isprintable():
            where[name] = file_id
    if not where:
        # Nobody could ever look at it.
        raise Refused("wrong_kind")
    return where


def _place(given: Mapping[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = {}
    for name, most in (("latitude", 90), ("longitude", 180)):
        value = given.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise Refused("wrong_kind")
        if abs(value) > most:
            raise Refused("wrong_kind")
        place[name] = float(value)
    label = given.get("label")
    if isinstance(label, str) and cleaned(label):
        place["label"] = cleaned(label)[:_LONGEST_NAME]
    return place
