"""Greeting at the beginning, goodbye at the end."""

from __future__ import annotations

from sixty.desk.inspection.chat import Chat, Found
from sixty.desk.inspection.questions import asks
from sixty.desk.inspection.rules import MannersRule
from sixty.nlu.normal_form import normal_form


def greeting(rule: MannersRule, chat: Chat) -> list[Found]:
    """The first words, where none of them greets."""
    said = [line for line in chat.own if line.text.strip()]
    if not said or _any_word(rule, [line.plain for line in said[: rule.within]]):
        return []
    return [Found(said[0], key="greeting")]


def closing(rule: MannersRule, chat: Chat) -> list[Found]:
    """The last words, where none of them says goodbye; only where the person has ended the chat.

    Where the customer had the last word, asking or angry, the fault is another one: nobody answered.
    """
    said = [line for line in chat.own if line.text.strip()]
    if not said or chat.end != "solved" or _any_word(rule, [line.plain for line in said[-rule.within :]]):
        return []
    behind = [line for line in chat.customers if line.id > said[-1].id]
    if any(line.mood or asks(line.plain) for line in behind):
        return []
    return [Found(said[-1], key="closing")]


def _any_word(rule: MannersRule, texts: list[str]) -> bool:
    words = [normal_form(str(each)).lower() for each in rule.words]
    return any(word in text.lower() for text in texts for word in words)
