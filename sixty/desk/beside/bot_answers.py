"""What the bot would say to a customer's line: its own actions answer, in a turn that only looks.

So a suggestion is never a second, slightly different way of answering: stock, prices, orders, sizes, policies and the
answers of `domain.yml` come from the same functions, by the same rules, for the same viewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog
from sqlalchemy.orm import Session

from actions.action import Turn
from actions.body import body_of
from actions.campaigns import answer_campaign
from actions.continuation import ActionContinue
from actions.flows.begin import ActionBeginDeed
from actions.flows.case import Case
from actions.flows.known import flow_begun_by
from actions.questions import SIZE, Question, answer_question
from actions.reassure import ActionReassure
from actions.said_already import leave_out_what_was_said
from actions.second_question import second_question
from actions.size import ActionAskHeight, ActionRecommendSize
from sixty.card_text import as_text
from sixty.desk.beside.agent_words import as_a_person, card_as_a_person
from sixty.desk.beside.chat_subject import Subject
from sixty.desk.beside.domain_responses import DomainResponses, domain_responses
from sixty.desk.beside.looking_turn import OpenSession, looking_turn
from sixty.desk.beside.told_so_far import tracker_at
from sixty.dialogue.circumstances import circumstances, named_in, phase_at
from sixty.ledger.models import Message
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.shelves import Shelf, shelf_of_kind
from sixty.shop.size_guides import guide_of

Source = Literal["answer", "product", "order", "policy", "quick_reply"]

_log = structlog.get_logger(__name__)

# Cards that an agent's message can carry by itself; others become words.
_CARDS = frozenset({"product", "order"})
_OF_ORDERS = frozenset({"track_order", "ask_ship_time", "ask_delivery_time", "refund_status", "after_sales_progress"})
_KEEPING_COMPANY: Mapping[str, str] = {
    "greet": "在的，您请说～",
    # Whoever reads a suggestion is one.
    "ask_human": "在的，我是人工客服，您请说，我来帮您～",
    "thank": "utter_social_thank",
    "goodbye": "utter_social_goodbye",
    "affirm": "utter_social_affirm",
    "deny": "utter_social_deny",
}
KEEPING_COMPANY = frozenset(_KEEPING_COMPANY)
"""What wants a kind word and no answer."""

# What an agent knows better than any function: the customer has them already, or speaks of what nobody sells.
_NOTHING_TO_SAY = frozenset(
    {
        *("leave_queue", "return_to_bot", "nlu_fallback", "out_of_scope", "chitchat", "complain"),
        *("opened", "session_start", "close_chat"),
    }
)


@dataclass(frozen=True)
class BotAnswer:
    """What the bot would say.

    Attributes:
        text: In words that a person can send; may be empty beside a card.
        card: A product or an order, as the customer's page draws it.
        source: Where it was taken from.
        source_title: That, for people.
        intent: What the line was taken to mean.
        asks: Whether it asks the customer for something instead of answering.
    """

    text: str
    card: Mapping[str, Any] | None
    source: Source
    source_title: str
    intent: str
    asks: bool = False


def bot_answers(
    session: Session,
    subject: Subject,
    message: Message,
    intent: str,
    now: datetime,
    trial: OpenSession | None = None,
    responses: DomainResponses | None = None,
) -> list[BotAnswer]:
    """What the bot would say to a line, the best first.

    Args:
        session: A session that reads.
        subject: What the conversation is about.
        message: The customer's line.
        intent: What it is taken to mean.
        now: The present moment.
        trial: Opens a session whose writing is taken back, for the few actions that keep count of what they offer.
        responses: The domain's; those of this deployment when left out.

    Returns:
        Nothing where the bot would have nothing to say either, or where its action fails.
    """
    if intent in _NOTHING_TO_SAY:
        return []
    known = responses or domain_responses()
    found: list[BotAnswer] = []
    for answering in (_company,) if intent in _KEEPING_COMPANY else (_first, _policy, _second):
        turn = looking_turn(session, tracker_at(session, message, intent), subject, trial, now)
        try:
            said = answering(turn, subject, intent, known)
        except GatewayError as error:
            _log.warning("suggestion.shop_out_of_reach", intent=intent, error=type(error).__name__)
            continue
        except Exception as error:
            # One way of answering that fails leaves the others; an agent can always write by hand.
            _log.warning("suggestion.failed", intent=intent, way=answering.__name__, error=repr(error)[:200])
            continue
        found += [each for each in said if each.text or each.card]
    return _ordered(found)


def _ordered(found: list[BotAnswer]) -> list[BotAnswer]:
    """What is true of this customer's own order says more than what is true in general."""
    return sorted(found, key=lambda each: (each.asks, {"policy": 0, "order": 1}.get(each.source, 2)))


def _company(turn: Turn, subject: Subject, intent: str, known: DomainResponses) -> list[BotAnswer]:
    words = _KEEPING_COMPANY[intent]
    text = known.say(words, _slots(turn), turn.channel, turn.now) if words.startswith("utter_") else words
    return [BotAnswer(as_a_person(text or ""), None, "answer", "寒暄", intent)]


def _first(turn: Turn, subject: Subject, intent: str, known: DomainResponses) -> list[BotAnswer]:
    """The answer as its own rule gives it."""
    _act(turn, intent)
    return _said(turn, intent, known)


def _second(turn: Turn, subject: Subject, intent: str, known: DomainResponses) -> list[BotAnswer]:
    """The answer to the other question of the same line."""
    other = second_question(turn)
    if other is None or other.intent == intent:
        return []
    if other.intent == SIZE:
        _size(turn)
    else:
        answer_question(turn, other)
    leave_out_what_was_said(turn)
    return _said(turn, other.intent, known)


def _policy(turn: Turn, subject: Subject, intent: str, known: DomainResponses) -> list[BotAnswer]:
    """What the shop's policy says of the deed that the line wants, for the order that is likely to be meant."""
    flow = flow_begun_by(turn)
    if flow is None or not flow.needs_order or flow.begun_by_action != ActionBeginDeed().name():
        return []
    case = Case.begin(turn, flow)
    if not case.orders:
        return []
    if case.order is None:
        candidates = case.candidates
        case.values["order_no"] = (candidates[0] if candidates else flow.likeliest(case.orders)).no
    verdicts = case.verdicts()
    order = case.order
    if not verdicts or order is None:
        return []
    verdict = verdicts[0]
    which = f"{case.goods}（尾号{order.no[-4:]}）：" if len(case.orders) > 1 else ""
    text = as_a_person(f"{which}{verdict.say}")
    return [BotAnswer(text, None, "policy", verdict.source.name, intent)]


def _act(turn: Turn, intent: str) -> None:
    if intent == SIZE:
        _size(turn)
    elif intent == "inform":
        _go_on(turn)
    elif intent in ("hesitate", "abandon_purchase"):
        ActionReassure().answer(turn)
    elif answer_campaign(turn) is None:
        flow = flow_begun_by(turn)
        deed = flow is not None and flow.begun_by_action == ActionBeginDeed().name()
        if deed:
            # How it is done in general; whether it may be done for this order, the policy says beside it.
            turn.respond(f"utter_faq_{intent}")
        else:
            answer_question(turn, Question.of(turn, intent))


def _go_on(turn: Turn) -> None:
    """A line that leans on the one before; where it asks for a size, the form's part is done here."""
    events = ActionContinue().answer(turn)
    if any(event.get("name") == "size_form" for event in events):
        _size(turn)


def _size(turn: Turn) -> None:
    """The size where it is known what the customer measures, else the form's question for that."""
    product = turn.product()
    guide = guide_of(turn.session, product) if product is not None else None
    if guide is not None and guide.missing(body_of(turn.tracker)):
        ActionAskHeight().answer(turn)
    else:
        ActionRecommendSize().answer(turn)


def _said(turn: Turn, intent: str, known: DomainResponses) -> list[BotAnswer]:
    """All that was said, as one message."""
    slots = _slots(turn)
    texts: list[str] = []
    cards: list[Mapping[str, Any]] = []
    asks, general = False, True
    for message in turn.dispatcher.messages:
        response = message.get("response")
        if response:
            text = known.say(str(response), {**slots, **_given(message)}, turn.channel, turn.now)
            asks = asks or str(response).startswith("utter_ask_")
        else:
            text, general = message.get("text"), False
            asks = asks or message.get("outcome") == "asked_back"
        if text:
            texts.append(as_a_person(str(text)))
        card = (message.get("custom") or {}).get("card")
        if isinstance(card, Mapping):
            general = False
            cards.append(card)
    card = next((each for each in cards if each.get("type") in _CARDS), None)
    texts += [as_a_person(as_text(each)) for each in cards if each is not card]
    card = card_as_a_person(card) if card is not None else None
    text = "\n".join(dict.fromkeys(each for each in texts if each))
    if not text and card is None:
        return []
    source: Source = "order" if intent in _OF_ORDERS and not general else "answer" if general else "product"
    return [BotAnswer(text, card, source, _TITLES[source], intent, asks)]


_TITLES: Mapping[Source, str] = {
    "answer": "店铺答案",
    "product": "商品资料",
    "order": "订单",
    "policy": "售后政策",
    "quick_reply": "快捷回复",
}


def _given(message: Mapping[str, Any]) -> dict[str, Any]:
    """What an action has said of the matter at hand, for a response's gaps and conditions."""
    frame = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}
    return {name: value for name, value in message.items() if name not in frame and isinstance(value, str) and value}


def _slots(turn: Turn) -> dict[str, Any]:
    """The slots on which variations of responses depend, as `CircumstancesPolicy` sets them."""
    phase = phase_at(shop_rules().campaigns.values(), turn.now)
    return {**turn.tracker.slots, **circumstances(turn.context, phase, _shelf(turn))}


def _shelf(turn: Turn) -> Shelf | None:
    named = named_in(turn.tracker.latest_message.get("entities") or [])
    if "product" not in named and "kind" in named:
        return shelf_of_kind(turn.session, named["kind"])
    if "product" not in named and "category" in named:
        return Shelf(named["category"])
    product = turn.product()
    return Shelf(product.category, product.kind) if product is not None else None
