"""What a customer looks for: heard in whatever they say, asked for with at most three questions (F18)."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from rasa_sdk.events import EventType, SlotSet

from actions.action import Turn
from actions.closing import wants_no_selling
from actions.flows.room import in_form
from actions.situation import Asked, Talk, situation_of
from sixty.dialogue.suggesting import WISH
from sixty.shop.recommendations import Wish, answered, next_question, wish_in
from sixty.shop.recommendations.situation import QuestionKey
from sixty.shop.suggestion_wishes import leaves_it_open

_KEYS: dict[str, QuestionKey] = {key: key for key in get_args(QuestionKey)}
_ONE_CHARACTER = frozenset("爸妈哥姐")
_OWN = frozenset({"自己", "我自己", "本人", "自用"})


def words_of(turn: Turn) -> str:
    """What the customer said, or what the button that they tapped says for them; with the sort of thing by its name."""
    tapped = turn.text.startswith("/")
    words = (turn.entity("wish") or turn.entity("attribute") or "") if tapped else turn.text
    kind = turn.entity("kind")
    return words if kind is None or kind in words else f"{words} {kind}".strip()


def heard(turn: Turn, talk: Talk) -> Talk:
    """What is known of the wish after this message; another sort of thing is another wish for the same person."""
    session, before, words = turn.session, talk.wish, words_of(turn)
    tapped, _, answer = words.partition("=")
    if turn.text.startswith("/") and tapped in _KEYS:
        return replace(talk, wish=answered(session, before, _KEYS[tapped], answer), asked=None, shown=())
    asked = talk.asked if turn.slot("awaiting") == WISH else None
    position = turn.entity("ordinal")
    if asked is not None and position is not None and 0 < int(position) <= len(asked.options):
        chosen = asked.options[int(position) - 1]
        return replace(talk, wish=answered(session, before, asked.key, chosen), asked=None)
    what = turn.entity("kind") or talk.what
    fresh = wish_in(session, words)
    if not fresh.kinds and not before.kinds and not is_said(before):
        # "便宜点的有吗" after "想给我爸买个手机".
        before = wish_in(session, _kind_before(turn))
        what = what or _kind_before(turn)
    if fresh.kinds and before.kinds and not {*fresh.kinds} & {*before.kinds}:
        before = Wish(recipient=before.recipient, asked=tuple(key for key in before.asked if key == "recipient"))
        what = turn.entity("kind") or ""
    wish = wish_in(session, words, before)
    if asked is not None and wish == talk.wish:
        wish = answered(session, before, asked.key, words)
    return talk if wish == talk.wish else replace(talk, wish=wish, what=what, asked=None, shown=())


def narrow(turn: Turn, talk: Talk) -> list[EventType] | None:
    """Puts the question that narrows a wish best; None where enough is known, or the customer leaves it open."""
    if in_form(turn) or turn.question is not None or leaves_it_open(words_of(turn).partition("=")[2] or turn.text):
        return None
    question = next_question(turn.session, situation_of(turn, talk))
    if question is None:
        return None
    asked = Asked(question.key, question.text, tuple(option.text for option in question.options))
    wish = replace(talk.wish, asked=tuple(dict.fromkeys((*talk.wish.asked, question.key))))
    return _ask(turn, replace(talk, wish=wish, asked=asked, shown=()))


def ask_again(turn: Turn) -> list[EventType] | None:
    """Puts the open question about a wish again, once, behind the answer to what was asked between."""
    talk = Talk.kept(turn)
    if talk.asked is None or talk.asked.again or in_form(turn) or wants_no_selling(turn):
        return None
    if turn.slot("awaiting") not in (None, WISH) or _was_said(turn, talk.asked.text):
        return None
    return _ask(turn, replace(talk, asked=replace(talk.asked, again=True)))


def _kind_before(turn: Turn) -> str:
    """The sort of thing that the message before named; empty where it named none."""
    messages = [event for event in turn.tracker.events if event.get("event") == "user"]
    before = (messages[-2].get("parse_data") or {}).get("entities") or [] if len(messages) > 1 else []
    kinds = [str(entity["value"]) for entity in before if entity.get("entity") == "kind"]
    return kinds[-1] if kinds else ""


def _was_said(turn: Turn, text: str) -> bool:
    """Whether this turn has said that line already."""
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "bot" and event.get("text") == text:
            return True
    return False


def is_said(wish: Wish) -> bool:
    """Whether anything is known of a wish."""
    return bool(wish.words or wish.kinds or wish.category or wish.recipient or wish.use or wish.high or wish.low)


def whom(wish: Wish) -> str:
    """For whom it is, as the customer calls them; empty where nobody said."""
    word = wish.recipient.word if wish.recipient is not None else ""
    if word in _OWN:
        return "您自己"
    # "给我爸买": the shop says 爸爸.
    return word * 2 if word in _ONE_CHARACTER else word


def title_of(talk: Talk) -> str:
    """What suggestions for a wish are called: `给老婆挑的外套`."""
    kinds = talk.wish.kinds
    what = talk.what or (kinds[0] if len(kinds) == 1 else "好物")
    return f"给{whom(talk.wish)}挑的{what}" if whom(talk.wish) else f"为您挑的{what}"


def _ask(turn: Turn, talk: Talk) -> list[EventType]:
    asked = talk.asked
    assert asked is not None  # the callers have one
    buttons = [
        {"title": option, "payload": f'/recommend_product{{"wish":"{asked.key}={option}"}}'} for option in asked.options
    ]
    turn.say(asked.text, outcome="asked_back", buttons=buttons)
    return [talk.as_slot(turn.now), SlotSet("awaiting", WISH)]
