"""Hands out what is kept of somebody's reminders, as they may ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from sixty.ledger.erasure import plain
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung, OutreachStop
from sixty.outreach.stopping import whose
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Order
from sixty.tables import column


def reminders_of(
    session: Session, conversation_ids: Collection[str], customer_id: str | None = None
) -> Iterator[dict[str, Any]]:
    """All that is kept of reminders, as objects that JSON can say, each with what `record` it is.

    Args:
        session: An open session.
        conversation_ids: Conversations: what was said in them, and what is about them.
        customer_id: A customer, of whom all is meant.
    """
    rooms = list(conversation_ids)
    customers = whose(customer_id, None) if customer_id is not None else false()
    cases = list(
        session.scalars(
            select(OutreachCase)
            .where(or_(customers, column(OutreachCase.conversation_id).in_(rooms)))
            .order_by(OutreachCase.id)
        )
    )
    for case in cases:
        yield {"record": "reminder", **plain(case)}
        steps = select(OutreachRung).where(column(OutreachRung.case_id) == case.id).order_by(OutreachRung.rung)
        for step in session.scalars(steps):
            yield {"record": "reminder_step", **plain(step)}
            contacts = select(OutreachContact).where(column(OutreachContact.rung_id) == step.id)
            for contact in session.scalars(contacts):
                yield {"record": "sms" if contact.way == "sms" else "call", **plain(contact)}
    stops = select(OutreachStop).where(_stops_of(rooms, customer_id)).order_by(OutreachStop.id)
    for stop in session.scalars(stops):
        yield {"record": "left_alone", **plain(stop)}
    wisher = or_(column(StockWish.wisher) == customer_id, column(StockWish.conversation_id).in_(rooms))
    for wish in session.scalars(select(StockWish).where(wisher).order_by(StockWish.asked_at, StockWish.sku_code)):
        yield {"record": "stock_wish", **plain(wish)}


def _stops_of(rooms: list[str], customer_id: str | None) -> Any:
    kind, subject = column(OutreachStop.kind), column(OutreachStop.subject)
    names = [*rooms] if customer_id is None else [customer_id, *rooms]
    products = (subject.startswith(f"{each}:", autoescape=True) for each in names)
    theirs = [(kind == "conversation") & subject.in_(rooms), (kind == "product") & or_(false(), *products)]
    if customer_id is not None:
        orders = select(Order.no).where(column(Order.customer_id) == customer_id)
        theirs += [(kind == "customer") & (subject == customer_id), (kind == "order") & subject.in_(orders)]
    return or_(*theirs)
