"""What a customer's messages were: what each asked, about what, in which mood, and what came of it.

Pure: rows of the ledger in, `Turn`s out. What is known of the goods is handed in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sixty.insight.models import Outcome
from sixty.ledger.models import OPEN_STATES, Author, Message
from sixty.ledger.replying import OFFERED
from sixty.ledger.unsaid import SILENT
from sixty.shop.pricing.asked import TOPICS, asked_about

NO_QUESTIONS = frozenset(
    {
        "",
        "abandon_purchase",
        "affirm",
        "ask_human",
        "chitchat",
        "complain",
        "deny",
        "goodbye",
        "greet",
        "hesitate",
        "inform",
        "keyword",
        "nlu_fallback",
        "out_of_scope",
        "stop_reminders",
        "thank",
    }
)
"""Intents that move a conversation but ask nothing that another customer could be expected to ask next."""

REFUSALS = frozenset({"abandon_purchase", "deny", "stop_reminders"})
"""Intents that say no: to an offer, to buying, to being written to."""

_PAYLOAD = re.compile(r"/(?P<intent>[a-z0-9_]+)(?:/[a-z0-9_]+)?\s*(?P<entities>\{.*\})?", re.DOTALL)
_READ_WITH = "read_with"
_PROMOTION = "ask_promotion"
_TOPIC_WORDS = {topic: words for words, topic in TOPICS.items()}
_MOODS = ("angry", "abandoning", "negative")
# Of several things that one turn did, which one it counts as.
_WEIGHTIEST: tuple[Outcome, ...] = ("handed_over", "answered", "missed", "asked_back")
_LONGEST_TOPIC = 32


@dataclass(frozen=True)
class Said:
    """One message of the ledger, as far as it is needed here; see `sixty.ledger.models.Message`."""

    id: int
    author: Author
    at: datetime
    kind: str = "text"
    text: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    understood: Mapping[str, Any] | None = None
    state: str = "received"
    answers_id: int | None = None
    channel: str = ""


@dataclass(frozen=True)
class Goods:
    """What is known of the goods that some messages name.

    Attributes:
        categories: The category of each product, by its number.
        kinds: The category of each kind.
    """

    categories: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """From which message on a conversation stood open on which page."""

    from_id: int = 0
    entry: str | None = None
    product_no: str | None = None


@dataclass(frozen=True)
class Turn:
    """One message of a customer, as in `sixty.insight.models.ChatTurn`.

    Attributes:
        seconds: Since the customer's first message of the visit.
        replied_at: When its first reply was written, by the bot or a person.
    """

    message_id: int
    ordinal: int
    at: datetime
    seconds: float = 0.0
    text: str = ""
    intent: str = ""
    topic: str | None = None
    question: str | None = None
    category: str | None = None
    product_no: str | None = None
    mood: str | None = None
    confidence: float | None = None
    tapped: bool = False
    pushed: bool = False
    answered_already: bool = False
    outcome: Outcome | None = None
    replied_at: datetime | None = None

    @property
    def was_answered(self) -> bool:
        """Whether the bot answered it, or a person did."""
        return self.outcome == "answered" or (self.outcome == "to_person" and self.replied_at is not None)

    @property
    def response_ms(self) -> int | None:
        """Milliseconds from its arrival to the first reply."""
        if self.replied_at is None:
            return None
        return max(0, round((self.replied_at - self.at).total_seconds() * 1000))


def said_of(message: Message) -> Said:
    """What is needed of a row of the ledger."""
    return Said(
        id=message.id,
        author=message.author,
        at=message.at,
        kind=message.kind,
        text=message.text,
        payload=message.payload,
        understood=message.understood,
        state=message.state,
        answers_id=message.answers_id,
        channel=message.channel,
    )


def question_of(intent: str, entities: Iterable[Mapping[str, Any]] = (), text: str = "") -> str | None:
    """What is asked, in the spelling of `playbook/capsules.yml`.

    Args:
        intent: What was understood.
        entities: What was found in the message; the last `attribute` is the topic.
        text: The customer's words, which tell what they want to know of a campaign.

    Returns:
        `intent` or `intent.topic`; None where nothing is asked.
    """
    if intent in NO_QUESTIONS:
        return None
    topic = topic_of(intent, entities, text)
    return intent if topic is None else f"{intent}.{topic}"


def topic_of(intent: str, entities: Iterable[Mapping[str, Any]] = (), text: str = "") -> str | None:
    """The attribute or the topic that is asked for; None where the intent says all."""
    named = [str(each["value"]) for each in entities if each.get("entity") == "attribute" and each.get("value")]
    if named:
        return named[-1][:_LONGEST_TOPIC]
    if intent == _PROMOTION and text and not text.startswith("/"):
        topic = asked_about(text)
        return None if topic is None else _TOPIC_WORDS[topic]
    return None


def question_of_payload(payload: str) -> str | None:
    """What a tap on a capsule asks.

    Args:
        payload: As in `/ask_attribute{"attribute": "材质"}`.

    Returns:
        As `question_of`; None also for what is no such payload.
    """
    match = _PAYLOAD.fullmatch(payload.strip())
    if match is None:
        return None
    try:
        values = json.loads(match["entities"] or "{}")
    except (ValueError, RecursionError):
        return None
    named = values.get("attribute")
    listed = named if isinstance(named, list) else [named]
    return question_of(match["intent"], [{"entity": "attribute", "value": each} for each in listed if each])


def is_turn(said: Said) -> bool:
    """Whether a message is a turn: neither what asks nothing nor a line that was read with a later one."""
    return said.author == "customer" and said.kind not in SILENT and _READ_WITH not in said.payload


def shown_questions(said: Said, only_pushed: bool = True) -> list[str]:
    """The questions among the capsules that a message showed.

    Args:
        said: The message.
        only_pushed: Leaves out the bot's own choices, such as which of two meanings was meant.
    """
    if only_pushed and not said.payload.get(OFFERED):
        return []
    capsules = [each for each in said.payload.get("capsules") or () if isinstance(each, Mapping)]
    questions = (question_of_payload(str(each.get("payload") or "")) for each in capsules)
    return [question for question in questions if question is not None]


def turns_of(said: Sequence[Said], goods: Goods = Goods(), pages: Sequence[Page] = ()) -> tuple[Turn, ...]:
    """The turns of one visit.

    Args:
        said: All messages of the visit, in order of their ids, whoever wrote them.
        goods: What is known of the products and kinds they name.
        pages: On which pages the conversation stood open, the first first.

    Returns:
        The turns, in order. An outcome is None while a message waits for its answer.
    """
    replies = _replies(said)
    turns: list[Turn] = []
    product: str | None = None
    category: str | None = None
    waiting_pages = list(pages)
    shown: set[str] = set()
    answered: set[tuple[str, str | None]] = set()
    for each in said:
        while waiting_pages and waiting_pages[0].from_id <= each.id:
            page = waiting_pages.pop(0)
            if page.product_no in goods.categories:
                product, category = page.product_no, goods.categories[str(page.product_no)]
        if each.author != "customer":
            shown.update(shown_questions(each))
            product = _carded(each, goods) or product
            category = goods.categories.get(product or "", category)
            continue
        if not is_turn(each):
            continue
        meaning = each.understood or {}
        entities = [entity for entity in meaning.get("entities") or () if isinstance(entity, Mapping)]
        named = _last(entities, "product", goods.categories)
        if named is not None:
            product, category = named, goods.categories[named]
        else:
            about = _category(entities, goods)
            if about is not None and about != category:
                product, category = None, about
        intent = str(meaning.get("intent") or "").partition("/")[0]
        text = each.text
        question = question_of(intent, entities, text)
        own = replies.get(each.id, [])
        turn = Turn(
            message_id=each.id,
            ordinal=len(turns),
            at=each.at,
            seconds=max(0.0, (each.at - turns[0].at).total_seconds()) if turns else 0.0,
            text=text,
            intent=intent,
            topic=topic_of(intent, entities, text),
            question=question,
            category=category,
            product_no=product,
            mood=_mood(entities),
            confidence=_number(meaning.get("confidence")),
            tapped="tap" in each.payload,
            pushed=question is not None and question in shown,
            answered_already=question is not None and (question, product) in answered,
            outcome=_outcome(each, own),
            replied_at=own[0].at if own else None,
        )
        turns.append(turn)
        if question is not None and turn.was_answered:
            answered.add((question, product))
        shown.clear()
    return tuple(turns)


def _replies(said: Sequence[Said]) -> dict[int, list[Said]]:
    """The replies to each turn: those that say what they answer; else, a person's, to all that waited for one."""
    found: dict[int, list[Said]] = {}
    waiting: list[int] = []
    for each in said:
        if is_turn(each):
            waiting.append(each.id)
        elif each.author in ("bot", "agent") and each.answers_id is not None:
            found.setdefault(each.answers_id, []).append(each)
        elif each.author == "agent":
            for message_id in waiting:
                found.setdefault(message_id, []).append(each)
        if each.author == "agent":
            waiting.clear()
    return found


def _outcome(said: Said, replies: Sequence[Said]) -> Outcome | None:
    if said.state in OPEN_STATES:
        return None
    if said.state == "apologised":
        return "apologised"
    if said.state == "handed_over":
        return "handed_over"
    if said.state == "to_person":
        return "to_person"
    told = {str(each.payload.get("outcome")) for each in replies}
    return next((outcome for outcome in _WEIGHTIEST if outcome in told), "answered")


def _carded(said: Said, goods: Goods) -> str | None:
    """The product whose card a message shows; what the customer says next is about it."""
    card = said.payload.get("card")
    if isinstance(card, Mapping) and card.get("type") == "product" and card.get("no") in goods.categories:
        return str(card["no"])
    return None


def _last(entities: Iterable[Mapping[str, Any]], name: str, known: Mapping[str, str]) -> str | None:
    values = [str(each.get("value")) for each in entities if each.get("entity") == name]
    return next((value for value in reversed(values) if value in known), None)


def _category(entities: Sequence[Mapping[str, Any]], goods: Goods) -> str | None:
    shelves = set(goods.kinds.values()) | set(goods.categories.values())
    named = [str(each.get("value")) for each in entities if each.get("entity") == "category"]
    shelf = next((value for value in reversed(named) if value in shelves), None)
    kind = _last(entities, "kind", goods.kinds)
    return shelf or (goods.kinds[kind] if kind is not None else None)


def _mood(entities: Iterable[Mapping[str, Any]]) -> str | None:
    """The weightiest mood of a message."""
    found = {str(each.get("value")) for each in entities if each.get("entity") == "mood"}
    return next((mood for mood in _MOODS if mood in found), None)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
