"""Which lines mean something only after the one before: "多久", "军绿呢", "那如果是你们发错了呢"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LONGEST = 20
# So few characters can hardly name a topic of their own.
_SHORT, _TERSE = 10, 6
# How far down its guesses the question may be found, for a line that may have a topic of its own and for a terse one.
_LIKELIEST, _POSSIBLE = 2, 6
_MISUNDERSTOOD = "nlu_fallback"
# Said to anything, and complete by themselves.
_COMPLETE = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "ask_human", "hesitate", "abandon_purchase", "stop_reminders"}
)
_EDGE = " ,。!?;…~、\n，！？；～"
# A question word, and about it nothing that names what is asked.
_QUESTION = r"怎么|咋|如何|哪里|哪儿|哪天|哪|几天|几号|几点|多久|多长时间|什么时候|啥时候|多少|为什么|为啥|最"
_FILLING = (
    r"那|大概|大约|一般|得|需要|要|能|可以|会|是|在|去|来|从|弄|办|操作|申请|搞|快|慢|早|晚|吗|嘛|呢|呀|啊|哦|的|了|我"
)
_BARE = re.compile(rf"(?:{_FILLING})*(?:{_QUESTION})(?:{_FILLING}|{_QUESTION})*")
_CASE = re.compile(r"(?:那|那么)?(?:如果|要是|万一|假如|假设).+")
_WHICH_OF_THEM = re.compile(r"(?:那)?(?:哪个|哪款|哪种|哪条|哪件|哪双|哪一)[^买推荐]{0,5}(?:一?点|一?些|[么好])?")
_SIZE, _MEASURES = "ask_size", frozenset({"height", "weight", "chest", "waist", "foot", "age", "fit"})
# An answer of the merchant's own has nothing in it to go on with.
_OF_THE_MERCHANT = "keyword"
_ANOTHER = frozenset({"product", "color", "size"})
_GIVING = frozenset({"product", "color", "size", "attribute", "kind"})


def leans_on(message: Mapping[str, Any], question: str) -> bool:
    """Whether a message is about the question before it rather than about what its own words were taken for.

    Args:
        message: What Rasa understood: `text`, `intent`, `intent_ranking`, `entities`.
        question: The intent of the question that was answered last.
    """
    text = str(message.get("text") or "").strip(_EDGE)
    intent = str((message.get("intent") or {}).get("name") or "")
    if not text or text.startswith("/") or len(text) > _LONGEST or intent in _COMPLETE:
        return False
    if question in (intent, _OF_THE_MERCHANT):
        return False
    if _BARE.fullmatch(text) or (question == "compare_products" and _WHICH_OF_THEM.fullmatch(text)):
        return True
    if text.endswith("呢") and (_CASE.fullmatch(text) or _is_another_one(message)):
        return True
    entities = {str(entity.get("entity")) for entity in message.get("entities") or []}
    given = entities & _GIVING
    if intent == "inform":
        return text.endswith("呢") and bool(given)
    if intent != _MISUNDERSTOOD:
        return False
    if question == _SIZE and entities & _MEASURES:
        return True
    guesses = [str(guess.get("name")) for guess in message.get("intent_ranking") or []]
    likeliest = [guess for guess in guesses if guess != _MISUNDERSTOOD]
    if len(text) <= _SHORT and text.endswith("呢"):
        return True
    if len(text) <= _TERSE and (given or question in likeliest[:_POSSIBLE]):
        return True
    return question in likeliest[:_LIKELIEST]


def _is_another_one(message: Mapping[str, Any]) -> bool:
    """Whether it names other goods, another colour or another size and nothing else ("那军绿2XL呢")."""
    text = str(message.get("text") or "")
    if not text.rstrip(_EDGE).endswith("呢"):
        return False
    rest = [*text]
    for entity in message.get("entities") or []:
        if entity.get("entity") in _ANOTHER:
            start, end = int(entity.get("start", 0)), int(entity.get("end", 0))
            rest[start:end] = [""] * (end - start)
    left = "".join(rest)
    return left != text and not left.strip(_EDGE + "那么的码呢")
