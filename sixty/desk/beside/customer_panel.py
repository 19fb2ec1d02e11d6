"""Who the customer is, for whoever talks to them: profile, orders, parcels, refunds, history, willingness, benefits.

Everything of the shop's system is read through the same gateways as the bot's, as the conversation's own customer: an
order of somebody else is not there. What cannot be read now is named, and the rest is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Literal

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.beside.chat_subject import Subject
from sixty.desk.beside.deed_history import deed_history, doers
from sixty.desk.conversation_reading import conversations_together
from sixty.desk.conversations import Conversation
from sixty.desk.customer_names import customer_shown
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.named_agents import named_agent_of
from sixty.desk.notes import DeskNote, notes_of
from sixty.desk.packet import one_line, orders_at_a_glance
from sixty.insight.live import minute_of
from sixty.insight.models import Visit
from sixty.ledger.models import Message
from sixty.masking import mask_phone, mask_text
from sixty.shop.benefits.models import BenefitGrant
from sixty.shop.gateways.normal_form import Order
from sixty.shop.gateways.ports import OrderGateway
from sixty.shop.models import Customer
from sixty.shop.models import Order as OrderRow
from sixty.shop.recommendations import bundle_for
from sixty.shop.whose import whose
from sixty.tables import column

Clear = Literal["phone", "address"]

_PARCELS = 10
_STEPS = 20
_HISTORY = 20
_REASONS = 12
_BENEFITS = 10
_REFUND_STATES = {
    "requested": "审核中",
    "agreed": "已同意，等顾客寄回",
    "returning": "寄回途中",
    "rejected": "没有通过",
    "withdrawn": "顾客已撤销",
    "done": "已完成",
}

_log = structlog.get_logger(__name__)


def panel_of(
    session: Session, subject: Subject, rules: RoutingRules, now: datetime, *, clear: bool = False
) -> dict[str, Any]:
    """All that is shown beside a conversation, as the workbench's API has it.

    Args:
        session: Any session.
        subject: What the conversation is about.
        rules: The merchant's, which say who is a VIP.
        now: The present moment.
        clear: Whether names are shown in full.
    """
    missing = list(subject.missing)
    conversation, viewer = subject.conversation, subject.viewer
    shown = customer_shown(session, conversation, viewer.customer_id, rules, clear=clear)
    return {
        "customer": {
            **shown.dict(),
            "member_since": _since(session, viewer.customer_id),
            "phone_masked": _phone(session, subject),
            "tags": _tags(session, conversation.id),
            "named_agent": _named(session, viewer.customer_id),
        },
        "orders": [each.dict() for each in orders_at_a_glance(subject.orders, now)],
        "parcels": _parcels(subject.orders),
        "refunds": _refunds(subject.orders),
        "history": _history(session, conversation.id),
        "willingness": _willingness(session, conversation.id, now, missing),
        "deeds": deed_history(session, conversation.id, viewer),
        "benefits": _benefits(session, subject, now),
        "bundles": _bundles(session, subject, now),
        "notes": notes_shown(session, notes_of(session, conversation.id, viewer.customer_id)),
        "stale": ["orders"] if subject.stale else [],
        "missing": missing,
    }


def in_clear(session: Session, subject: Subject, orders: OrderGateway, what: Clear, order_no: str | None) -> str:
    """A customer's phone or address as it is; whoever asks has the permission, and it is written down who.

    Args:
        session: Any session.
        subject: What the conversation is about.
        orders: The orders of the shop's system.
        what: Which.
        order_no: Of which of their orders; for the phone, of the customer's own account when left out.

    Raises:
        LookupError: It is not known, or the order is not theirs.
        GatewayError: The shop's system gives no answer.
    """
    if order_no:
        order = orders.order_for(order_no, subject.viewer).value
        if order is None:
            raise LookupError(f"there is no order {order_no} of this customer")
        value = order.phone if what == "phone" else f"{order.region} {order.address}".strip()
    else:
        known: Customer | None = _customer(session, subject.viewer.customer_id)
        value = known.phone if known is not None and what == "phone" else ""
    if not value:
        raise LookupError(f"no {what} is known")
    return value


def notes_shown(session: Session, notes: Sequence[DeskNote]) -> list[dict[str, Any]]:
    """Notes as the workbench's API has them."""
    names = names_of(session, [each.agent_id for each in notes])
    return [
        {
            "id": each.id,
            "at": each.at.isoformat(),
            "by": each.agent_id,
            "by_name": names.get(each.agent_id, each.agent_id),
            "text": each.text,
            "about": each.about,
        }
        for each in notes
    ]


def _customer(session: Session, customer_id: str | None) -> Customer | None:
    return session.get(Customer, customer_id) if customer_id else None


def _since(session: Session, customer_id: str | None) -> str | None:
    """Since when they are known: their first order with us, as far as our own tables go."""
    if customer_id is None:
        return None
    first = session.scalar(select(func.min(OrderRow.placed_at)).where(column(OrderRow.customer_id) == customer_id))
    return _aware(first).isoformat() if first is not None else None


def _phone(session: Session, subject: Subject) -> str | None:
    known = _customer(session, subject.viewer.customer_id)
    phone = known.phone if known is not None else subject.order.phone if subject.order is not None else ""
    return mask_phone(phone) if phone else None


def _tags(session: Session, conversation_id: str) -> list[str]:
    """What earlier talks with people were closed as, the newest first."""
    query = (
        select(HandOff.tags)
        .where(column(HandOff.conversation_id).in_(conversations_together(session, conversation_id)))
        .order_by(column(HandOff.id).desc())
        .limit(_HISTORY)
    )
    return list(dict.fromkeys(tag for tags in session.scalars(query) for tag in tags))[:_BENEFITS]


def _named(session: Session, customer_id: str | None) -> dict[str, str] | None:
    agent_id = named_agent_of(session, customer_id)
    if agent_id is None:
        return None
    return {"id": agent_id, "name": names_of(session, [agent_id]).get(agent_id, agent_id)}


def _parcels(orders: Sequence[Order]) -> list[dict[str, Any]]:
    found = [
        {
            "order_no": order.no,
            "company": parcel.carrier,
            "no_masked": f"尾号{parcel.no[-4:]}",
            "state": parcel.state,
            "steps": [
                {"at": trace.at.isoformat(), "text": mask_text(trace.text)}
                for trace in sorted(parcel.traces, key=lambda each: each.at, reverse=True)[:_STEPS]
            ],
        }
        for order in orders
        for parcel in order.parcels
    ]
    return found[:_PARCELS]


def _refunds(orders: Sequence[Order]) -> list[dict[str, Any]]:
    found = [(order, refund) for order in orders for refund in order.refunds]
    found.sort(key=lambda each: each[1].updated_at, reverse=True)
    shown = []
    for order, refund in found[:_PARCELS]:
        steps = [{"at": refund.asked_at.isoformat(), "text": f"申请{refund.kind}：{refund.reason or '没有写原因'}"}]
        if refund.updated_at > refund.asked_at:
            steps.append({"at": refund.updated_at.isoformat(), "text": _REFUND_STATES[refund.state]})
        if refund.promised_at is not None and refund.state not in ("done", "withdrawn", "rejected"):
            steps.append({"at": refund.promised_at.isoformat(), "text": "答应最晚这时候办好"})
        shown.append(
            {
                "order_no": order.no,
                "kind": refund.kind,
                "state": refund.state,
                "state_title": _REFUND_STATES[refund.state],
                "amount": f"{refund.amount:.2f}",
                "steps": steps,
            }
        )
    return shown


def _history(session: Session, conversation_id: str) -> list[dict[str, Any]]:
    """The customer's conversations on all channels, the newest first."""
    together = conversations_together(session, conversation_id)
    spans = session.execute(
        select(Message.conversation_id, func.min(Message.at), func.max(Message.at), func.max(Message.id))
        .where(column(Message.conversation_id).in_(together))
        .group_by(Message.conversation_id)
    ).all()
    newest = sorted(spans, key=lambda row: _aware(row[2]), reverse=True)[:_HISTORY]
    last = {
        each.conversation_id: each
        for each in session.scalars(select(Message).where(column(Message.id).in_([row[3] for row in newest])))
    }
    channels = {
        each.id: each.channel
        for each in session.scalars(select(Conversation).where(column(Conversation.id).in_([row[0] for row in newest])))
    }
    summaries: dict[str, str] = {}
    with_person: set[str] = set()
    query = select(HandOff).where(column(HandOff.conversation_id).in_(together)).order_by(HandOff.id)
    for hand_off in session.scalars(query):
        if hand_off.assigned_at is not None:
            with_person.add(hand_off.conversation_id)
        if hand_off.summary:
            summaries[hand_off.conversation_id] = hand_off.summary
    return [
        {
            "chat": chat,
            "channel": channels.get(chat, ""),
            "began": _aware(began).isoformat(),
            "ended": _aware(ended).isoformat(),
            "last_text": one_line(last[chat].text, 80) if chat in last else "",
            "with_person": chat in with_person,
            "summary": summaries.get(chat, ""),
        }
        for chat, began, ended, _ in newest
    ]


def _willingness(session: Session, conversation_id: str, now: datetime, missing: list[str]) -> dict[str, Any] | None:
    try:
        minute = minute_of(session, conversation_id, now)
    except Exception as error:
        # What a reckoning cannot say keeps nobody waiting.
        _log.warning("panel.without_minute", error=type(error).__name__)
        missing.append("willingness")
        return None
    visit: Visit | None = session.get(Visit, minute.visit_id) if minute.visit_id is not None else None
    if not minute.turns and visit is None:
        return None
    curve = [[round(each.seconds, 1), round(each.score, 3)] for each in minute.reasons]
    return {
        "score": round(minute.score, 3),
        "line": minute.line,
        "segment": minute.segment,
        "reasons": [
            {"message_id": each.message_id, "words": each.words, "delta": round(each.delta, 3)}
            for each in minute.reasons[-_REASONS:]
        ],
        "curve": curve or list(visit.curve if visit is not None else []),
    }


def _benefits(session: Session, subject: Subject, now: datetime) -> list[dict[str, Any]]:
    """What they were given, the newest first, whether or not it is used."""
    query = (
        select(BenefitGrant)
        .where(whose(BenefitGrant, subject.viewer), column(BenefitGrant.state).in_(("held", "granted", "used")))
        .order_by(column(BenefitGrant.granted_at).desc())
        .limit(_BENEFITS)
    )
    found = list(session.scalars(query))
    names = doers(session, subject.conversation.id, [each.reference for each in found if each.authority != "bot"])
    return [
        {
            "reference": each.reference,
            "title": each.title,
            "by_name": names.get(each.reference),
            "kind": each.kind,
            "until": each.expires_at.isoformat(),
            "used": each.state == "used",
            "held": each.state == "held",
            "over": each.state != "used" and each.expires_at <= now,
        }
        for each in found
    ]


def _bundles(session: Session, subject: Subject, now: datetime) -> list[dict[str, Any]]:
    """What goes with the product that is talked about."""
    bundle = bundle_for(session, subject.product.no, now, level=subject.level) if subject.product else None
    if bundle is None:
        return []
    return [
        {
            "product_no": bundle.product.no,
            "title": f"{bundle.product.kind or bundle.product.name}这样搭",
            "items": [
                {"no": item.product.no, "name": item.product.name, "reason": item.reason} for item in bundle.items
            ],
            "bundle_price": f"{bundle.bundle_price:.2f}",
            "saving": f"{bundle.saving:.2f}",
            "coupon": bundle.coupon.title if bundle.coupon is not None else None,
        }
    ]


def _aware(moment: Any) -> datetime:
    """What a function of the database has made of a moment: SQLite knows no zones."""
    assert isinstance(moment, datetime)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
