"""What the bot tells a customer of their own tickets."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sixty.desk.tickets.rows import Ticket
from sixty.desk.tickets.rules import TicketRules, ticket_rules
from sixty.desk.tickets.unanswered import was_left_unanswered
from sixty.shop.wording import say_moment
from sixty.tables import column

_DONE_WITHIN = timedelta(days=7)
_MOST = 3


def tickets_told(
    session: Session, conversation_id: str, customer_id: str | None, now: datetime, rules: TicketRules | None = None
) -> str:
    """Says where somebody's tickets stand.

    Args:
        session: Any session.
        conversation_id: The conversation in which they ask.
        customer_id: Who they are, as far as that was proved; else only this conversation's tickets are theirs.
        now: The present moment.
        rules: The merchant's; those of the playbook when left out.

    Returns:
        A line for each of the newest that are open, or have been done within a week; empty where there are none.
    """
    ticket = Ticket.__table__.c
    here = ticket.conversation_id == conversation_id
    theirs = or_(here, ticket.customer_id == customer_id) if customer_id is not None else here
    recent = or_(ticket.closed_at.is_(None), ticket.closed_at > now - _DONE_WITHIN)
    query = select(Ticket).where(theirs, recent).order_by(column(Ticket.id).desc()).limit(_MOST)
    found = list(session.scalars(query))
    rules = rules or ticket_rules() if found else TicketRules()
    return "\n".join(_line(session, each, now, rules) for each in found)


def _line(session: Session, ticket: Ticket, now: datetime, rules: TicketRules) -> str:
    name = f"您的{rules.type(ticket.type).title}（{ticket.no}）"
    kind = rules.state(ticket.state).kind
    if kind == "done" and was_left_unanswered(session, ticket):
        return f"{name}一直没有收到您补充的资料，先结掉了；现在发给我也行，同事接着给您办～"
    # What was put away after it had been solved has been in its state for less time than it is done.
    if kind == "done" and not rules.is_solved(ticket.state) and ticket.state_since == ticket.closed_at:
        return f"{name}先结掉了，还要办的话直接发给我，同事接着给您办～"
    if kind == "done":
        return f"{name}已经处理完了，{say_moment(ticket.closed_at or ticket.updated_at, now)}办结～"
    if kind == "waiting":
        return f"{name}在等您补充资料，直接在这里发给我就行～"
    if ticket.due_at is None:
        return f"{name}同事正在处理，有进展马上在这里告诉您～"
    if ticket.due_at < now:
        return f"{name}比说好的时间晚了，真抱歉，同事正在加急处理，有结果马上在这里告诉您～"
    return f"{name}同事正在处理，预计{say_moment(ticket.due_at, now)}前给您结果～"
