"""A ticket from a chat, with everything filled in that is known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.packet import Packet, one_line
from sixty.desk.packet_forms import OrderGlance
from sixty.desk.tickets.rows import Promise
from sixty.desk.tickets.rules import TicketRules, TypeEntry
from sixty.desk.topic import topic_of
from sixty.ledger.models import Message
from sixty.ledger.unsaid import RETURNED
from sixty.tables import column

_LINES = 6
_READ = 40
_LONGEST_LINE = 200
# What a customer has given, by what a ticket asks for.
_SLOTS = {"order": "order_no", "product": "product_no", "phone": "contact"}
_BY_NAME = {"tax_no": "tax_no", "what": "article", "wanted": "detail", "email": "email"}


@dataclass(frozen=True)
class DraftedFile:
    """A file that the customer has sent in the chat."""

    message_id: int
    kind: str
    name: str


@dataclass(frozen=True)
class DraftedOrder:
    """An order of the customer that may be meant."""

    no: str
    title: str


@dataclass(frozen=True)
class DraftedPromise:
    """What was promised, and such a ticket would keep."""

    id: int
    words: str
    due_at: datetime


@dataclass(frozen=True)
class Draft:
    """A ticket that an agent may raise as it is.

    Attributes:
        guessed: Whether the type was guessed from the chat, rather than chosen.
        summary_of: The messages that the text is made of.
    """

    type: str
    title: str
    text: str
    group: str
    urgent: bool
    fields: dict[str, str] = field(default_factory=dict)
    order_no: str | None = None
    product_no: str | None = None
    message_ids: list[int] = field(default_factory=list)
    files: list[DraftedFile] = field(default_factory=list)
    orders: list[DraftedOrder] = field(default_factory=list)
    promise: DraftedPromise | None = None
    guessed: bool = True


def draft_of(
    session: Session,
    hand_off: HandOff,
    packet: Packet,
    rules: TicketRules,
    routing: RoutingRules,
    now: datetime,
    type_id: str | None = None,
) -> Draft:
    """Fills a ticket in from a chat.

    Args:
        session: Any session.
        hand_off: The newest hand-off of the chat.
        packet: What whoever took the chat was handed.
        rules: The merchant's.
        routing: The merchant's.
        now: The present moment.
        type_id: The type; guessed from what the customer has asked, and why a person was called, when left out.
    """
    conversation: Conversation | None = session.get(Conversation, hand_off.conversation_id)
    topic = topic_of(
        session, hand_off.conversation_id, hand_off.reason, hand_off.question, hand_off.context, routing, now
    )
    promise = _promise_without_ticket(session, hand_off.conversation_id, rules, type_id)
    kind = _type(rules, type_id, promise) or rules.guess(topic)
    if promise is not None and not rules.keeps(kind.id, promise.kind):
        promise = None
    lines = _customers_lines(session, hand_off)
    slots = dict(hand_off.context.get("slots") or {})
    order_no = slots.get("order_no") or (conversation.order_no if conversation else None)
    if order_no is None and len(packet.orders) == 1:
        order_no = packet.orders[0].no
    product_no = slots.get("product_no") or (conversation.product_no if conversation else None)
    known = {**slots, "order_no": order_no, "product_no": product_no}
    question = one_line(hand_off.question, 60)
    return Draft(
        type=str(kind.id),
        title=f"{kind.title}：{question}" if question else kind.title,
        text=_text(hand_off, packet, lines),
        group=str(kind.group) if routing.knows(kind.group) else routing.groups[-1].id,
        urgent=kind.urgent,
        fields=_fields(kind, known),
        order_no=str(order_no) if order_no else None,
        product_no=str(product_no) if product_no else None,
        message_ids=[each.id for each in lines],
        files=[
            DraftedFile(each.message_id, each.kind, each.name)
            for each in packet.attachments
            if each.kind in ("picture", "file", "video") and each.url
        ],
        orders=[_order(each) for each in packet.orders],
        promise=DraftedPromise(promise.id, promise.words, promise.due_at) if promise is not None else None,
        guessed=type_id is None,
    )


def _order(order: OrderGlance) -> DraftedOrder:
    first = order.items[0].name if order.items else ""
    return DraftedOrder(order.no, f"{first} ¥{order.amount}".strip())


def _type(rules: TicketRules, type_id: str | None, promise: Promise | None) -> TypeEntry | None:
    """The type that was chosen; else that of what has just been promised."""
    if type_id is not None and rules.knows_type(type_id):
        return rules.type(type_id)
    entry = rules.promise(promise.kind) if promise is not None else None
    return rules.type(entry.type) if entry is not None and entry.type is not None else None


def _promise_without_ticket(
    session: Session, conversation_id: str, rules: TicketRules, type_id: str | None
) -> Promise | None:
    """What was promised last and a ticket of that type keeps; of any type where none was chosen."""
    types = [str(each.id) for each in rules.types if type_id in (None, each.id)]
    query = (
        select(Promise)
        .where(
            column(Promise.conversation_id) == conversation_id,
            column(Promise.kind).in_([str(each.id) for each in rules.promises]),
            column(Promise.state) == "open",
            column(Promise.ticket_id).is_(None),
        )
        .order_by(column(Promise.id).desc())
    )
    return next(
        (promise for promise in session.scalars(query) if any(rules.keeps(each, promise.kind) for each in types)), None
    )


def _customers_lines(session: Session, hand_off: HandOff) -> list[Message]:
    """What the customer has written last, without what only answers or greets."""
    query = (
        select(Message)
        .where(
            column(Message.conversation_id) == hand_off.conversation_id,
            column(Message.author) == "customer",
            column(Message.kind).notin_(("opened", RETURNED)),
        )
        .order_by(column(Message.id).desc())
        .limit(_READ)
    )
    said = [each for each in session.scalars(query) if len("".join(each.text.split())) > 3]
    return said[:_LINES][::-1]


def _text(hand_off: HandOff, packet: Packet, lines: Sequence[Message]) -> str:
    said = [one_line(each.text, _LONGEST_LINE) for each in lines]
    if hand_off.question and one_line(hand_off.question, _LONGEST_LINE) not in said:
        said.insert(0, one_line(hand_off.question, _LONGEST_LINE))
    parts = [f"顾客：{line}" for line in said]
    if packet.product is not None:
        parts.append(f"商品：{packet.product.name}（{packet.product.no}）")
    linked = ("order_no", "product_no", "contact")
    given = [f"{each.title}{each.value}" for each in packet.slots if each.name not in linked]
    if given:
        parts.append(f"已知：{'，'.join(given)}")
    return "\n".join(parts)


def _fields(kind: TypeEntry, known: dict[str, object]) -> dict[str, str]:
    filled: dict[str, str] = {}
    for each in kind.fields:
        value = known.get(_SLOTS.get(each.kind, "")) or known.get(_BY_NAME.get(str(each.id), ""))
        if each.kind == "choice" and value not in each.choices:
            value = None
        if value:
            filled[str(each.id)] = str(value)
    return filled
