"""Lines that are about what was just suggested, or answer a question about a wish, whatever they were taken for.

"换一批" alone asks for an exchange of goods, "还有别的吗" for stock, "太贵了" for nothing; behind suggestions they ask
for other ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sixty.shop.recommendations.additions import only_adds
from sixty.shop.suggestion_wishes import leaves_it_open, suggestion_wish

# What the bot waits for after a question about a wish, and after suggestions (the slot `awaiting`).
WISH, SUGGESTION = "wish", "suggestion"
_LONGEST = 20
_EDGE = " ,。!?;…~、\n，！？；～"
# What such words mean here.
_ABOUT_THEM = frozenset({"none", "cheaper", "refused", "others"})
# Said with such words and still what they are: a price to bargain for, an order to send back, a person to talk to.
_OF_THEIR_OWN = frozenset(
    {"ask_discount", "ask_coupon", "ask_human", "complain", "abandon_purchase", "stop_reminders", "compare_products"}
)
_SENDS_BACK = "退"
# Who names one of them, or something else by its number, talks of that one.
_NAMES_ONE = frozenset({"product", "product_link", "order_no", "ordinal"})
# Given for a wish that was talked about before: whom it is for, what it may cost.
_UNCLEAR = frozenset({"inform", "nlu_fallback"})
_GIVES = re.compile(
    r"(?:给|送|帮|替)(?:我|我家|俺)?[\u4e00-\u9fff]{1,4}?(?:买|穿|用|戴|吃|挑|选|的)的?$|预算"
    r"|[\d一二两三四五六七八九十百千]+(?:元|块|块钱)?(?:左右|以内|之内|以下|上下|以上|出头)"
)


def is_about_suggestions(message: Mapping[str, Any], awaiting: Any, kept: Any, *, just_now: bool = False) -> bool:
    """Whether a message goes on with a wish or with suggestions.

    Args:
        message: What Rasa understood: `text`, `intent`, `entities`.
        awaiting: What the bot waits for.
        kept: The slot `wish`: the question that was put, with its answers to tap; what was shown.
        just_now: Whether that was one turn ago at most, with one between that led nowhere: one line that was not
            understood makes nobody forget what was shown.
    """
    text = str(message.get("text") or "").strip(_EDGE)
    intent = str((message.get("intent") or {}).get("name") or "")
    if not text or text.startswith("/") or len(text) > _LONGEST:
        return False
    if awaiting is None and intent in _UNCLEAR and _was_talked_about(kept) and _GIVES.search(text):
        return True
    lingers = just_now and _asks_which(awaiting) and _was_talked_about(kept)
    if awaiting not in (WISH, SUGGESTION) and not lingers:
        return False
    if awaiting == WISH and (leaves_it_open(text) or text in _answers(kept)):
        return True
    if intent in _OF_THEIR_OWN or _SENDS_BACK in text:
        return False
    if suggestion_wish(text) in _ABOUT_THEM:
        return True
    said = {str(entity.get("entity")): str(entity.get("value")) for entity in message.get("entities") or []}
    return not said.keys() & _NAMES_ONE and only_adds(text, said.get("kind", ""))


def _asks_which(awaiting: Any) -> bool:
    """Whether nothing is waited for but which product was meant."""
    return awaiting is None or str(awaiting).startswith("product_")


def _was_talked_about(kept: Any) -> bool:
    return isinstance(kept, Mapping) and bool(kept.get("asked") or kept.get("shown"))


def _answers(kept: Any) -> frozenset[str]:
    asked = kept.get("asked") if isinstance(kept, Mapping) else None
    options = asked.get("options") if isinstance(asked, Mapping) else None
    return frozenset(str(option) for option in options or ())
