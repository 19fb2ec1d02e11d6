"""The parts of a product's name, some of which customers leave out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache

import jieba

_LONGEST_COUNTER = 2  # "20片", "12双装"


def parts_of(name: str, brand: str = "") -> tuple[str, ...]:
    """Cuts a folded name into words.

    Args:
        name: A product's name, folded.
        brand: Stays in one piece where the name begins with it; folded too.

    Returns:
        Words of two characters and more, which together are the name; a lone character stays with its neighbour.
    """
    words = [brand] if brand and name.startswith(brand) else []
    waiting = ""
    for word in _jieba().cut(name[len(brand) if words else 0 :]):
        is_mark = not any(map(str.isalnum, word))
        of_count = bool(words) and words[-1][-1].isdigit() and not waiting
        if words and (is_mark or (of_count and len(word) <= _LONGEST_COUNTER)) and not waiting:
            words[-1] += word
        elif len(word) == 1 and not word.isdigit():
            waiting += word
        else:
            words.append(waiting + word)
            waiting = ""
    if waiting:
        words = [*words[:-1], "".join((*words[-1:], waiting))]
    return tuple(words)


def head_of(parts: Sequence[str], said: Sequence[str]) -> int:
    """Which part of a name says what the product is.

    Args:
        parts: The words of the name, at least one.
        said: Its kind and nicknames, folded.

    Returns:
        The last that is in one of those, or holds one; otherwise the last that is no count.
    """
    for number in reversed(range(len(parts))):
        if len(parts[number]) > 1 and any(parts[number] in name or name in parts[number] for name in said):
            return number
    # "…面膜20片"
    return next((n for n in reversed(range(len(parts))) if not any(map(str.isdigit, parts[n]))), len(parts) - 1)


@lru_cache(maxsize=1)
def _jieba() -> jieba.Tokenizer:
    # It tells of its dictionary otherwise, in the middle of a training.
    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()
