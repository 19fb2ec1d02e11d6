"""Silence after an answer is followed up once: a row in the ledger's outbox, looked at again before it goes out.

The follower puts the row there when an answer has been given, and moves it with every further answer of the visit. Its
key is the visit's, so a visit has one at most. Whether it may go out is not decided before it is due: by then the
customer may have written, ordered, refused, become angry, or may be with a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import desc, or_, select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.handoffs import current_handoff
from sixty.insight.minutes import FollowUp, Minutes, shop_minutes
from sixty.insight.models import Visit
from sixty.insight.worries import open_worries, worry_button
from sixty.ledger.models import Message, OutboxRow
from sixty.ledger.outbox import OutboxItem, put_or_move
from sixty.ledger.replying import PUSH
from sixty.ledger.unsaid import SILENT
from sixty.shop.catalogue import find_product
from sixty.shop.models import Order, OrderLine, Product
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.reasons import reasons_for
from sixty.shop.recommendations import Situation, wants_none
from sixty.shop.suggestion_wishes import reports_order
from sixty.tables import column

SILENCE = "silence"
"""Who wants it said, in the outbox."""

FOLLOW_UP = "follow_up"
"""What sort of offer it is, in the message's payload."""

# In the payload: the answer behind which nothing was said.
_AFTER = "after"
# So much later than it was due, the moment has passed: the courier or the follower was away.
_GRACE = timedelta(minutes=15)
_MOST_MESSAGES = 300
_MOST_WORRIES = 2
_HUMAN = {"title": "转人工", "payload": "/ask_human"}
_IN_A_SENTENCE = frozenset({"offer_ends", "stock_low", "in_stock"})

# Behind these a customer thinks about buying; who asks after an order does not.
_BEFORE_BUYING = frozenset(
    {
        *("ask_attribute", "ask_size", "ask_stock", "ask_quality", "ask_shelf_life", "ask_warranty", "ask_usage"),
        *("compare_products", "recommend_product", "ask_matching", "ask_price", "ask_discount", "ask_coupon"),
        *("ask_promotion", "ask_gift", "ask_shipping_fee", "ask_delivery_method"),
    }
)
# A line that only gives something is about buying when one of these has answered it.
_ANSWERED_ABOUT_GOODS = frozenset(
    {"action_product_card", "action_answer_attribute", "action_answer_stock", "action_recommend_size"}
)
_REFUSES = frozenset({"abandon_purchase", "stop_reminders", "deny"})
_WANTS_A_PERSON = frozenset({"ask_human", "complain"})
_BAD_MOODS = frozenset({"angry", "negative", "abandoning"})
_NO_ANSWER = frozenset({"missed", "asked_back", "handed_over"})

_log = structlog.get_logger(__name__)


def follow_up_on(
    session: Session, conversation_ids: Collection[str], now: datetime, minutes: Minutes | None = None
) -> int:
    """Puts a follow-up into the outbox for each conversation whose last word is an answer, or moves it there.

    Args:
        session: A session that may write, in which the visits of these conversations are up to date.
        conversation_ids: The conversations in which something was said.
        now: The present moment.
        minutes: The merchant's strategies; those of this deployment when left out.

    Returns:
        How many wait now.
    """
    plan = (minutes or shop_minutes()).follow_up
    return 0 if plan is None else sum(_follow_up(session, each, plan, now) for each in conversation_ids)


def _follow_up(session: Session, conversation_id: str, plan: FollowUp, now: datetime) -> bool:
    visit = _newest_visit(session, conversation_id)
    if visit is None or visit.arm == "quiet" or visit.entry == "order":
        return False
    if visit.handed_over or visit.ordered_at is not None:
        return False
    wait = plan.wait(visit.category)
    if visit.ended_at + wait + _GRACE < now:
        return False
    last: Message | None = session.scalars(
        select(Message)
        .where(column(Message.conversation_id) == conversation_id)
        .order_by(desc(Message.id))
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    if last is None or last.author != "bot" or last.answers_id is None or last.id < visit.first_message_id:
        return False
    due_at = last.at + wait
    if due_at + _GRACE < now:
        return False
    item = OutboxItem(
        key=f"{SILENCE}:{visit.first_message_id}",
        conversation_id=conversation_id,
        author="bot",
        payload={PUSH: FOLLOW_UP, _AFTER: last.id},
        due_at=due_at,
        by=SILENCE,
    )
    return put_or_move(session, item, now)


def last_look(session: Session, row: OutboxRow, now: datetime) -> Mapping[str, Any] | None:
    """What is said when a follow-up is due; None when it is better left unsaid.

    Args:
        session: A session that has claimed the row.
        row: The row of the outbox.
        now: The present moment.
    """
    minutes = shop_minutes()
    case = _case(session, row)
    why_not = "nothing to follow up" if case is None else _why_not(session, case, minutes, now)
    if case is None or why_not is not None:
        _log.info("silence.left_alone", conversation=row.conversation_id, why=why_not)
        return None
    return {**row.payload, **_words(session, case, minutes, now)}


def was_followed_up(session: Session, conversation_id: str) -> bool:
    """Whether the newest visit of a conversation has had its follow-up."""
    visit = _newest_visit(session, conversation_id)
    if visit is None:
        return False
    sent = select(OutboxRow.id).where(
        column(OutboxRow.key) == f"{SILENCE}:{visit.first_message_id}", column(OutboxRow.message_id).is_not(None)
    )
    return session.scalar(sent) is not None


@dataclass(frozen=True)
class _Case:
    """What is looked at before a follow-up goes out.

    Attributes:
        conversation: Its row.
        visit: The visit that has gone silent.
        answer: The answer behind which nothing was said.
        messages: The conversation's last messages, in order; those of this visit among them.
        product: What the visit was about.
    """

    conversation: Conversation
    visit: Visit
    answer: Message
    messages: Sequence[Message]
    product: Product

    @property
    def asked(self) -> Message | None:
        """The customer's message that was answered last."""
        return next((each for each in self.messages if each.id == self.answer.answers_id), None)

    @property
    def said(self) -> list[Message]:
        """What the customer has said in this visit."""
        return [each for each in self.of_visit if each.author == "customer" and each.kind not in SILENT]

    @property
    def of_visit(self) -> list[Message]:
        """All messages of this visit."""
        return [each for each in self.messages if each.id >= self.visit.first_message_id]


def _case(session: Session, row: OutboxRow) -> _Case | None:
    conversation: Conversation | None = session.get(Conversation, row.conversation_id, populate_existing=True)
    answer: Message | None = session.get(Message, row.payload.get(_AFTER))
    visit = _newest_visit(session, row.conversation_id)
    if conversation is None or answer is None or visit is None or answer.id < visit.first_message_id:
        return None
    product = find_product(session, visit.product_no) if visit.product_no else None
    if product is None:
        return None
    newest_first = session.scalars(
        select(Message)
        .where(column(Message.conversation_id) == conversation.id)
        .order_by(desc(Message.id))
        .limit(_MOST_MESSAGES)
        .execution_options(populate_existing=True)
    )
    return _Case(conversation, visit, answer, list(newest_first)[::-1], product)


def _why_not(session: Session, case: _Case, minutes: Minutes, now: datetime) -> str | None:
    """Why nothing is said; None when it may be."""
    plan, asked = minutes.follow_up, case.asked
    if plan is None or now > case.answer.at + plan.wait(case.visit.category) + _GRACE:
        return "the moment has passed"
    if plan.is_quiet(now):
        return "quiet hours"
    if case.messages[-1].id > case.answer.id:
        return "something was said"
    if case.conversation.state != "bot" or current_handoff(session, case.conversation.id) is not None:
        return "with a person"
    if case.visit.entry == "order" or case.visit.arm == "quiet":
        return "nothing is pushed here"
    if any(each.payload.get(PUSH) == FOLLOW_UP for each in case.of_visit):
        return "followed up already"
    if asked is None or not _thinks_about_buying(asked) or not _was_answered(case):
        return "no answer about goods"
    return _minds(session, case, now) or _has_bought(session, case)


def _minds(session: Session, case: _Case, now: datetime) -> str | None:
    """Whether the customer would rather be left alone."""
    # Who wants no messages wants none in a later visit either.
    if any(_intent(each) == "stop_reminders" for each in case.messages if each.author == "customer"):
        return "wants no messages"
    for each in case.said:
        if each.understood is None and each.state == "answered" and not each.payload.get("read_with"):
            return "not known what was said"
        if _intent(each) in _REFUSES:
            return "refused"
        if _intent(each) in _WANTS_A_PERSON:
            return "with a person"
        if _moods(each) & _BAD_MOODS:
            return "in a bad mood"
    situation = Situation(now, case.conversation.customer_id, case.conversation.id)
    return "wants nothing suggested" if wants_none(session, situation) else None


def _has_bought(session: Session, case: _Case) -> str | None:
    """Whether there is an order of this visit, or of this product before; or nothing left to buy."""
    if any(reports_order(each.text) for each in case.said):
        return "ordered"
    if case.product.status != "on_sale" or not any(sku.stock for sku in case.product.skus):
        return "cannot be bought"
    customer = case.conversation.customer_id
    if customer is None:
        return None
    since = case.visit.started_at
    ordered = select(Order.no).where(column(Order.customer_id) == customer, column(Order.placed_at) >= since)
    told = select(OrderEvent.id).where(
        column(OrderEvent.customer_id) == customer,
        column(OrderEvent.kind).in_(("order", "payment")),
        column(OrderEvent.occurred_at) >= since,
    )
    had = (
        select(Order.no)
        .join(OrderLine, column(OrderLine.order_no) == column(Order.no))
        .where(
            column(Order.customer_id) == customer,
            column(OrderLine.product_no) == case.product.no,
            or_(column(Order.state) != "closed", column(Order.placed_at) >= since),
        )
    )
    if session.scalar(ordered.limit(1)) is not None or session.scalar(told.limit(1)) is not None:
        return "ordered"
    return "has it already" if session.scalar(had.limit(1)) is not None else None


def _words(session: Session, case: _Case, minutes: Minutes, now: datetime) -> dict[str, Any]:
    product = case.product
    level = case.conversation.level
    strategy = minutes.strategy(product.category)
    reason = next((each.text for each in reasons_for(session, product, now, level) if each.kind in _IN_A_SENTENCE), "")
    assert minutes.follow_up is not None  # it was looked at before
    questions = [(_intent(each), attribute) for each in case.said for attribute in (*_attributes(each), None)]
    worries = open_worries(session, product, questions, minutes)
    price = worries.pop("price", None)
    titles = list(worries.values())[:_MOST_WORRIES]
    if price is not None and strategy.offer_benefit:
        titles.append(price)
    capsules = [worry_button(title) for title in titles]
    if strategy.person:
        capsules.append(dict(_HUMAN))
    return {"text": minutes.follow_up.line(product.category, product.name, reason), "capsules": capsules}


def _newest_visit(session: Session, conversation_id: str) -> Visit | None:
    found: Visit | None = session.scalars(
        select(Visit)
        .where(column(Visit.conversation_id) == conversation_id)
        .order_by(desc(Visit.started_at), desc(Visit.id))
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    return found


def _thinks_about_buying(asked: Message) -> bool:
    if _intent(asked) == "inform":
        return not _ANSWERED_ABOUT_GOODS.isdisjoint(asked.actions or ())
    return _intent(asked) in _BEFORE_BUYING


def _was_answered(case: _Case) -> bool:
    asked = case.asked
    replies = [each for each in case.messages if asked is not None and each.answers_id == asked.id]
    outcomes = {str(each.payload.get("outcome") or "") for each in replies}
    return asked is not None and asked.state == "answered" and not outcomes & _NO_ANSWER


def _intent(message: Message) -> str:
    intent = (message.understood or {}).get("intent")
    return str(intent.get("name") if isinstance(intent, Mapping) else intent or "")


def _entities(message: Message, name: str) -> list[str]:
    found = (message.understood or {}).get("entities") or []
    return [str(each.get("value")) for each in found if each.get("entity") == name]


def _attributes(message: Message) -> list[str]:
    return _entities(message, "attribute")


def _moods(message: Message) -> frozenset[str]:
    return frozenset(_entities(message, "mood"))
