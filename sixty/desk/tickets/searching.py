"""Finds tickets by words: the text is kept cut into words; a ticket that holds most of what is looked for counts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import case, literal

from sixty.desk.beside.search_words import SearchWords
from sixty.desk.tickets.rows import Ticket
from sixty.nlu.normal_form import normal_form
from sixty.tables import column

_NO = re.compile(r"(?:gd)?0*(\d{1,9})", re.IGNORECASE)
_LONGEST = 8000
# So much of what is looked for, long words counting more, has to stand in a ticket.
_ENOUGH = 0.6
_MOST_WORDS = 16


@lru_cache(maxsize=1)
def _words() -> SearchWords:
    return SearchWords()


def warm_up() -> None:
    """Loads the dictionary, so that nobody waits for it who holds the database."""
    _words().words("工单")


def searched_text(*texts: str) -> str:
    """What a ticket is found by: each word between blanks, and the text as it is behind them."""
    whole = " ".join(each for each in texts if each)
    words = dict.fromkeys(_words().words(whole))
    return f" {' '.join(words)} \n{normal_form(whole).casefold()}"[:_LONGEST]


def score_of(typed: str) -> Any:
    """How well a ticket fits what is looked for, as an expression of SQL; None where nothing is looked for.

    The whole of it, as it was typed, weighs most; then each of its words by its length.
    """
    plain = " ".join(normal_form(typed).casefold().split())
    if not plain:
        return None
    found = _NO.fullmatch(plain)
    whole = case((column(Ticket.searched).contains(plain, autoescape=True), 2.0), else_=0.0)
    if found is not None:
        whole = whole + case((column(Ticket.id) == int(found[1]), 4.0), else_=0.0)
    words = _words().wanted(plain)[:_MOST_WORDS]
    weight = sum(len(word) for word in words) or 1
    parts: Any = literal(0.0)
    for word in words:
        parts = parts + case(
            (column(Ticket.searched).contains(f" {word} ", autoescape=True), len(word) / weight), else_=0.0
        )
    return whole + parts


ENOUGH = _ENOUGH
"""From which score on a ticket is found."""
