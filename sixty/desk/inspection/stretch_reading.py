"""Reads a closed stretch of a conversation with what the rules need to know of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.assignments import Assignment
from sixty.desk.conversations import Conversation, ConversationChange
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.inspection.chat import Chat, Done, Line
from sixty.desk.inspection.courtesy import is_courtesy
from sixty.desk.inspection.mood_ear import MoodEar
from sixty.desk.inspection.prices_named import speaks_of_money
from sixty.desk.inspection.product_prices import named_products, names_in, product_prices
from sixty.desk.inspection.promises_kept import Promised
from sixty.desk.inspection.rules import ForbiddenRule, InspectionRules, PriceRule, PromiseRule
from sixty.desk.speaking import NOTICE
from sixty.desk.stretches import whose
from sixty.desk.tickets.promise_words import promises_in
from sixty.desk.tickets.rows import Promise, Ticket
from sixty.desk.tickets.rules import TicketRules
from sixty.desk.topic import mood_of
from sixty.ledger.models import Message
from sixty.ledger.unsaid import RETURNED
from sixty.nlu.normal_form import normal_form
from sixty.shop.deeds.models import CustomerCoupon, DeedRow
from sixty.shop.models import Order, Parcel, ParcelTrace, Refund
from sixty.tables import column

# A conversation may last for years; what was said before that is not what the customer has just given.
_LOOK_BACK = timedelta(hours=24)
_MOST_LINES = 1000
_MOST_ANSWERS = 200
# A goodbye is said, and then the row is closed; a deed is done, and then it is told.
_LEEWAY = timedelta(minutes=5)
# Deeds are looked for from so long before the chat: the bot may have done what the agent then tells.
_DEEDS_BEFORE = timedelta(hours=1)
_NO_DEED = ("refused", "failed")


@dataclass(frozen=True)
class Reading:
    """What is needed beside the stretch.

    Attributes:
        rules: Of inspection.
        routing: By which a first word is promised.
        tickets: By whose words a promise is known.
        ear: Hears the mood of a line of which nothing was understood.
    """

    rules: InspectionRules
    routing: RoutingRules
    tickets: TicketRules
    ear: MoodEar


def persons_chat(session: Session, assignment: Assignment, hand_off: HandOff, reading: Reading, now: datetime) -> Chat:
    """The stretch in which a person had the conversation."""
    until = assignment.until or hand_off.ended_at or now
    lines = _lines(session, hand_off.conversation_id, assignment.at - _LOOK_BACK, until + _LEEWAY)
    read = []
    for message in lines:
        own = message.author == "agent" and (message.payload or {}).get("agent") == assignment.agent_id
        if message.at < assignment.at:
            place = "before"
        elif message.at <= until or own:
            # Words while wrapping up belong to it as well.
            place = "here"
        else:
            place = "behind"
        read.append(_line(message, place, reading.ear))
    return _chat(
        session,
        hand_off.conversation_id,
        read,
        reading,
        now,
        who="person",
        agent_id=assignment.agent_id,
        channel=hand_off.channel,
        began_at=assignment.at,
        ended_at=until,
        end=_end_of(session, assignment, hand_off),
        reason=hand_off.reason,
        group_id=hand_off.group_id,
        customer_id=hand_off.customer_id,
    )


def bots_chat(
    session: Session, conversation: Conversation, since: datetime | None, reading: Reading, now: datetime
) -> Chat:
    """What the bot had of a conversation since it was looked at last; without lines where that is nothing."""
    begin = max(filter(None, (since, conversation.last_at - _LOOK_BACK)))
    lines = _lines(session, conversation.id, begin, conversation.last_at + _LEEWAY)
    query = select(Assignment).where(column(Assignment.conversation_id) == conversation.id).order_by(Assignment.at)
    held = list(session.scalars(query))
    read = []
    for message in lines:
        fresh = since is None or message.at > since
        mine = fresh and whose(message, held)[0] == "bot"
        read.append(_line(message, "here" if mine else "before", reading.ear))
    here = [line for line in read if line.place == "here"]
    if not {"customer", "bot"} <= {line.author for line in here}:
        read, here = [], []
    # What a person went on with is not how the bot left it.
    went_on = bool(here) and any(each.at >= here[0].at for each in held)
    return _chat(
        session,
        conversation.id,
        read,
        reading,
        now,
        who="bot",
        agent_id=None,
        channel=conversation.channel,
        began_at=here[0].at if here else conversation.last_at,
        ended_at=conversation.last_at,
        end="passed_on" if went_on else "solved",
        reason="",
        group_id=None,
        customer_id=conversation.customer_id,
    )


def promised_in(session: Session, chat: Chat, reading: Reading) -> list[Promised]:
    """What whoever had the chat promised in it, with what the desk knows has become of it."""
    if not any(isinstance(each, PromiseRule) for each in reading.rules.for_whom(chat.who)):
        return []
    hours = reading.routing.group(chat.group_id).hours
    found = [
        (line, each)
        for line in chat.own
        if line.text
        for each in promises_in(line.text, line.at, reading.tickets, hours)
    ]
    if not found:
        return []
    query = select(Promise).where(column(Promise.message_id).in_({line.id for line, _ in found}))
    watched = {(each.message_id, each.kind): each for each in session.scalars(query)}
    return [
        Promised(line.id, each.kind, each.start, each.end, each.due_at, _fate(watched.get((line.id, each.kind))))
        for line, each in found
    ]


def _fate(row: Promise | None) -> Any:
    if row is None:
        return None
    if row.ticket_id is not None and row.state != "dropped":
        # The ticket has a due time of its own, and is watched.
        return "kept"
    if row.state == "dropped" and row.ticket_id is None and row.settled_by == "system":
        # Nobody has said that it was none: it was only not answered in time whether it is one.
        return "open"
    return row.state if row.state in ("kept", "dropped") else "open"


def _chat(
    session: Session,
    conversation_id: str,
    lines: Sequence[Line],
    reading: Reading,
    now: datetime,
    *,
    customer_id: str | None,
    **known: Any,
) -> Chat:
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    customer = customer_id or (conversation.customer_id if conversation is not None else None)
    chat = Chat(conversation_id=conversation_id, lines=lines, first_reply=reading.routing.first_reply, **known)
    for_whom = reading.rules.for_whom(chat.who)
    own_text = "\n".join(line.text for line in chat.own)
    page = conversation.product_no if conversation is not None else None
    extra: dict[str, Any] = {"done": _done(session, conversation_id, customer, chat.began_at)}
    if any(isinstance(each, PriceRule) for each in for_whom) and speaks_of_money(normal_form(own_text)):
        text = "\n".join(line.text for line in lines)
        shown = [line.product_no for line in lines if line.product_no]
        wanted = [each for each in (page, *shown, *_understood(session, lines), *named_products(session, text)) if each]
        level = conversation.level if conversation is not None else None
        extra["products"] = product_prices(session, wanted, min(chat.ended_at, now), level, customer)
    plain = normal_form(own_text)
    if any(isinstance(each, ForbiddenRule) and each.expression.search(plain) for each in for_whom):
        extra["names"] = names_in(session, own_text, [page] if page else [])
    return Chat(**{**chat.__dict__, **extra})


def _lines(session: Session, conversation_id: str, since: datetime, until: datetime) -> list[Message]:
    query = (
        select(Message)
        .where(
            column(Message.conversation_id) == conversation_id,
            column(Message.kind).notin_((RETURNED, "opened")),
            column(Message.at) >= since,
            column(Message.at) <= until,
        )
        .order_by(column(Message.id).desc())
        .limit(_MOST_LINES)
    )
    return list(session.scalars(query))[::-1]


def _line(message: Message, place: Any, ear: MoodEar) -> Line:
    payload = message.payload or {}
    card = payload.get("card")
    card = card if isinstance(card, Mapping) else {}
    is_customers = message.author == "customer"
    kind = "text"
    if payload.get("attachment") or payload.get("image"):
        kind = "picture"
    elif card and message.author != "customer":
        kind = "card" if not message.text else "text"
    elif message.kind == "tap":
        kind = "tap"
    return Line(
        id=message.id,
        author=message.author,
        text=message.text or "",
        at=message.at,
        place=place,
        kind=kind,
        agent_id=payload.get("agent"),
        product_no=str(card["no"]) if card.get("type") == "product" and card.get("no") else None,
        outcome=payload.get("outcome"),
        mood=(mood_of(message) or ear.mood_of(message.text or "")) if is_customers else None,
        notice=payload.get(NOTICE),
    )


def _understood(session: Session, lines: Sequence[Line]) -> list[str]:
    """The products that the customer was understood to mean."""
    ids = [line.id for line in lines if line.author == "customer"]
    if not ids:
        return []
    found = []
    for understood in session.scalars(select(Message.understood).where(column(Message.id).in_(ids))):
        for each in (understood or {}).get("entities") or ():
            if each.get("entity") in ("product", "product_link") and each.get("value"):
                found.append(str(each["value"]))
    return found


def _end_of(session: Session, assignment: Assignment, hand_off: HandOff) -> str:
    if assignment.left_for in ("transferred", "queue", "taken_over"):
        return "passed_on"
    if assignment.left_for == "gone":
        return "gone"
    idle = select(ConversationChange.id).where(
        column(ConversationChange.conversation_id) == hand_off.conversation_id,
        column(ConversationChange.at) == hand_off.ended_at,
        column(ConversationChange.why) == "idle",
    )
    return "idle" if session.scalar(idle.limit(1)) is not None else hand_off.end or "solved"


def _done(session: Session, conversation_id: str, customer_id: str | None, began: datetime) -> list[Done]:
    """What was done for the customer since shortly before that moment."""
    since = began - _DEEDS_BEFORE
    found = [
        Done("ticket", at)
        for at in session.scalars(
            select(Ticket.created_at).where(
                column(Ticket.conversation_id) == conversation_id, column(Ticket.created_at) >= since
            )
        )
    ]
    deeds = select(DeedRow.kind, DeedRow.asked_at).where(
        column(DeedRow.conversation_id) == conversation_id,
        column(DeedRow.asked_at) >= since,
        column(DeedRow.state).notin_(_NO_DEED),
    )
    found += [Done(kind, at) for kind, at in session.execute(deeds)]
    answers = (
        select(Message.text, Message.at)
        .where(
            column(Message.conversation_id) == conversation_id,
            column(Message.author) == "agent",
            column(Message.at) >= began,
        )
        .order_by(column(Message.id).desc())
        .limit(_MOST_ANSWERS)
    )
    # "稍后回复您" is kept by whatever is said then; a goodbye is no answer.
    found += [Done("reply", at) for text, at in session.execute(answers) if not is_courtesy(normal_form(text or ""))]
    return found + _done_in_the_shop(session, customer_id, since)


def _done_in_the_shop(session: Session, customer_id: str | None, since: datetime) -> list[Done]:
    if customer_id is None:
        return []
    orders: Collection[str] = list(
        session.scalars(select(Order.no).where(column(Order.customer_id) == customer_id).limit(_MOST_LINES))
    )
    coupons = select(CustomerCoupon.claimed_at).where(
        column(CustomerCoupon.customer_id) == customer_id, column(CustomerCoupon.claimed_at) >= since
    )
    found = [Done("coupon", at) for at in session.scalars(coupons)]
    if orders:
        # A parcel begins with its first trace; one that was on its way before is no answer to "今天发".
        shipped = (
            select(func.min(ParcelTrace.at))
            .join(Parcel, column(Parcel.no) == column(ParcelTrace.parcel_no))
            .where(column(Parcel.order_no).in_(orders))
            .group_by(ParcelTrace.parcel_no)
            .having(func.min(ParcelTrace.at) >= since)
        )
        found += [Done("parcel", at) for at in session.scalars(shipped)]
        paid_back = select(Refund.asked_at).where(column(Refund.order_no).in_(orders), column(Refund.asked_at) >= since)
        found += [Done("refund", at) for at in session.scalars(paid_back)]
    return found
