"""What a person who takes a conversation is handed, so that nothing the customer has given is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.bare_questions import full_question
from sixty.desk.conversation_reading import attachment_form, conversations_together, intent_title
from sixty.desk.conversations import Conversation
from sixty.desk.customer_names import customer_shown
from sixty.desk.demo_shop import picture_url
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.desk_words import reason_title
from sixty.desk.handoff_rows import HandOff
from sixty.desk.order_glances import orders_at_a_glance
from sixty.desk.packet_forms import (
    AttachmentGlance,
    EarlierHandOff,
    Given,
    OrderGlance,
    Packet,
    ProductGlance,
    SessionGlance,
    Understood,
    Willingness,
)
from sixty.insight.live import minute_of
from sixty.ledger.models import Message
from sixty.shop.catalogue import find_product
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.ports import OrderGateway
from sixty.shop.orders import Viewer
from sixty.shop.prices import NoPriceError, price_card
from sixty.tables import column

__all__ = ["SLOTS", "Packet", "one_line", "orders_at_a_glance", "packet_of"]

SLOTS = {
    "product_no": "商品货号",
    "height": "身高",
    "weight": "体重",
    "chest": "胸围",
    "waist": "腰围",
    "foot": "脚长",
    "age": "年龄",
    "fit": "喜欢的版型",
    "order_no": "订单号",
    "flow": "正在办",
    "article": "哪件商品",
    "service": "想要",
    "cause": "原因",
    "detail": "具体情况",
    "contact": "联系方式",
    "tax_no": "税号",
    "day": "日期",
    "picture": "图片",
}
"""What a customer may have given, and what it is called."""

_UNITS = {"height": "cm", "chest": "cm", "waist": "cm", "foot": "cm", "weight": "kg", "age": "岁"}
_ORDERS = 5
_UNDERSTOOD = 8
_SESSIONS = 10
_ATTACHMENTS = 20
_SAYS_NOTHING = frozenset(
    {*("nlu_fallback", "greet", "affirm", "deny", "inform", "ask_human", "thank", "goodbye", "chitchat"), "leave_queue"}
)

_log = structlog.get_logger(__name__)


def packet_of(
    session: Session,
    hand_off: HandOff,
    orders: OrderGateway,
    secret: str,
    now: datetime,
    *,
    clear: bool = False,
    rules: RoutingRules | None = None,
) -> Packet:
    """Puts together what whoever takes a conversation should know.

    Args:
        session: Any session.
        hand_off: The hand-off.
        orders: The orders of the shop's system, which checks whose they are.
        secret: Signs links to files.
        now: The present moment.
        clear: Whether names are shown in full.
        rules: The merchant's; those of the playbook when left out.

    Returns:
        The packet. What cannot be read now is named in `missing`, and the rest is there.
    """
    rules = rules or routing_rules()
    conversation: Conversation | None = session.get(Conversation, hand_off.conversation_id)
    customer_id = (conversation.customer_id if conversation else None) or hand_off.customer_id
    missing: list[str] = []
    glances, stale = _orders_of(orders, Viewer(hand_off.conversation_id, customer_id), now, missing)
    together = conversations_together(session, hand_off.conversation_id)
    slots = hand_off.context.get("slots") or {}
    product_no = slots.get("product_no") or (conversation.product_no if conversation else None)
    level = conversation.level if conversation else hand_off.context.get("level")
    segment, willingness = _minute(session, hand_off.conversation_id, now, missing)
    return Packet(
        hand_off=hand_off.id,
        reason=hand_off.reason,
        reason_title=reason_title(hand_off.reason),
        question=one_line(full_question(session, hand_off.conversation_id, hand_off.question, hand_off.created_at)),
        at=hand_off.created_at,
        understood=_understood(session, hand_off),
        slots=_given(slots),
        product=_product(session, product_no, level, now),
        orders=glances,
        orders_stale=stale,
        customer=customer_shown(session, conversation, customer_id, rules, clear=clear),
        segment=segment,
        willingness=willingness,
        attachments=_attachments(session, together, secret, now),
        sessions=_sessions(session, together),
        earlier=_earlier(session, hand_off, together),
        notes=[str(each.get("text")) for each in hand_off.context.get("notes", ())],
        missing=missing,
    )


def one_line(text: str, longest: int = 120) -> str:
    """A text in one line, cut where it is too long."""
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def _orders_of(
    gateway: OrderGateway, viewer: Viewer, now: datetime, missing: list[str]
) -> tuple[list[OrderGlance], bool]:
    try:
        reading = gateway.orders_of(viewer, _ORDERS)
    except GatewayError as error:
        _log.warning("packet.without_orders", kind=type(error).__name__)
        missing.append("orders")
        return [], False
    return orders_at_a_glance(reading.value, now), reading.stale


def _understood(session: Session, hand_off: HandOff) -> list[Understood]:
    query = (
        select(Message)
        .where(
            column(Message.conversation_id) == hand_off.conversation_id,
            column(Message.author) == "customer",
            column(Message.understood).isnot(None),
        )
        .order_by(column(Message.id).desc())
        .limit(5 * _UNDERSTOOD)
    )
    found: dict[str, Understood] = {}
    for message in session.scalars(query):
        intent = str((message.understood or {}).get("intent") or "")
        if intent and intent not in _SAYS_NOTHING and intent not in found:
            title = intent_title(intent)
            found[intent] = Understood(intent=intent, title=title, at=message.at, message_id=message.id)
    for intent in reversed(hand_off.context.get("intents") or ()):
        if intent not in found and intent not in _SAYS_NOTHING:
            found[intent] = Understood(intent=intent, title=intent_title(intent), at=None, message_id=None)
    newest = list(found.values())[:_UNDERSTOOD]
    return sorted(newest, key=lambda each: each.message_id or 0)


def _given(slots: Mapping[str, Any]) -> list[Given]:
    return [
        Given(name=name, title=SLOTS.get(name, name), value=_said(name, value))
        for name, value in slots.items()
        if value not in (None, "", [], {})
    ]


def _said(name: str, value: Any) -> str:
    if name == "flow" and isinstance(value, Mapping):
        return str(value.get("name") or "")
    text = "、".join(str(each) for each in value) if isinstance(value, list) else str(value)
    return f"{text}{_UNITS.get(name, '')}"


def _product(session: Session, product_no: Any, level: str | None, now: datetime) -> ProductGlance | None:
    product = find_product(session, str(product_no)) if product_no else None
    if product is None:
        return None
    try:
        price: str | None = f"{price_card(session, product, level, now).final_price:.2f}"
    except NoPriceError:
        price = None
    return ProductGlance(
        no=product.no,
        name=product.name,
        price=price,
        picture=picture_url(product.no),
        url=f"/?entry=product&product={product.no}",
    )


def _minute(
    session: Session, conversation_id: str, now: datetime, missing: list[str]
) -> tuple[str | None, Willingness | None]:
    try:
        minute = minute_of(session, conversation_id, now)
    except Exception as error:
        # What a reckoning cannot say keeps nobody waiting.
        _log.warning("packet.without_minute", error=type(error).__name__)
        missing.append("willingness")
        return None, None
    reasons = [each.words for each in minute.reasons][-_UNDERSTOOD:]
    return minute.segment, Willingness(score=round(minute.score, 3), line=minute.line, reasons=reasons)


def _attachments(session: Session, together: list[str], secret: str, now: datetime) -> list[AttachmentGlance]:
    query = (
        select(Message)
        .where(
            column(Message.conversation_id).in_(together),
            column(Message.author) == "customer",
            column(Message.kind).in_(("picture", "voice", "video", "file", "location")),
        )
        .order_by(column(Message.id).desc())
        .limit(_ATTACHMENTS)
    )
    found = []
    for message in session.scalars(query):
        shown = attachment_form(message, secret, now) or {}
        name = str(shown.get("name") or shown.get("label") or "")
        found.append(AttachmentGlance(message_id=message.id, kind=message.kind, name=name, url=shown.get("url")))
    return found[::-1]


def _sessions(session: Session, together: list[str]) -> list[SessionGlance]:
    query = (
        select(Message.conversation_id, func.min(Message.at), func.max(Message.at), func.count(Message.id))
        .where(column(Message.conversation_id).in_(together))
        .group_by(Message.conversation_id)
    )
    spans = {row[0]: (_aware(row[1]), _aware(row[2]), row[3]) for row in session.execute(query)}
    rows = session.scalars(select(Conversation).where(column(Conversation.id).in_(list(spans))))
    channels = {row.id: row.channel for row in rows}
    summaries: dict[str, str] = {}
    with_person: set[str] = set()
    for each in session.scalars(select(HandOff).where(column(HandOff.conversation_id).in_(together))):
        if each.assigned_at is not None:
            with_person.add(each.conversation_id)
        if each.summary:
            summaries[each.conversation_id] = each.summary
    newest = sorted(spans.items(), key=lambda item: item[1][1], reverse=True)[:_SESSIONS]
    return [
        SessionGlance(
            chat=chat,
            channel=channels.get(chat, ""),
            began=began,
            ended=ended,
            messages=count,
            with_person=chat in with_person,
            summary=summaries.get(chat, ""),
        )
        for chat, (began, ended, count) in newest
    ]


def _earlier(session: Session, hand_off: HandOff, together: list[str]) -> list[EarlierHandOff]:
    query = (
        select(HandOff)
        .where(column(HandOff.conversation_id).in_(together), column(HandOff.id) < hand_off.id)
        .order_by(column(HandOff.id).desc())
        .limit(_SESSIONS)
    )
    found = list(session.scalars(query))
    names = names_of(session, [each.agent_id for each in found])
    return [
        EarlierHandOff(
            at=each.created_at,
            agent=names.get(each.agent_id or ""),
            reason=each.reason,
            reason_title=reason_title(each.reason),
            summary=each.summary,
            tags=list(each.tags),
        )
        for each in found
    ]


def _aware(moment: Any) -> datetime:
    """What a function of the database has made of a moment: SQLite knows no zones."""
    assert isinstance(moment, datetime)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
