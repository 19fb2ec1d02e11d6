"""Who may see and do what in a conversation."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent
from sixty.desk.chat_rows import Viewing
from sixty.desk.handoff_rows import HandOff, latest_handoff
from sixty.desk.refusals import RefusedError
from sixty.desk.staff.signed_in import Staff
from sixty.desk.tickets.reading import may_see
from sixty.desk.tickets.rows import Ticket
from sixty.tables import column


def agent_of(staff: Staff) -> str:
    """As whom somebody talks to customers.

    Raises:
        RefusedError: They don't.
    """
    staff.needs("chat.take")
    if staff.agent_id is None:
        raise RefusedError(403, "not_allowed", "您的账号不接待顾客，请重新登录或找管理员开通", "no agent")
    return staff.agent_id


def viewing_of(session: Session, staff: Staff) -> Viewing:
    """What somebody may see in lists."""
    agent: Agent | None = session.get(Agent, staff.agent_id) if staff.agent_id else None
    takes = agent is not None and "chat.take" in staff.may
    return Viewing(
        agent_id=staff.agent_id if takes else None,
        groups=(frozenset(agent.groups) or None) if takes and agent is not None else frozenset(),
        everything="chat.all" in staff.may,
        clear="customer.clear" in staff.may,
    )


def learns_only(staff: Staff) -> bool:
    """Whether somebody reads what is over, to learn from it, and takes no part in what goes on."""
    return "chat.take" not in staff.may


def reachable(session: Session, staff: Staff, conversation_id: str, *, to_read: bool = False) -> HandOff:
    """The newest hand-off of a conversation that somebody may see.

    Args:
        session: Any session.
        staff: Who.
        conversation_id: The conversation.
        to_read: Whether it is only read: then whoever may see a ticket of it may see it as well.

    Raises:
        RefusedError: There is none, or it is none of their business.
    """
    hand_off = latest_handoff(session, conversation_id)
    if hand_off is None:
        raise RefusedError(404, "unknown", "没有这个会话，可能已经删除了")
    viewing = viewing_of(session, staff)
    allowed = viewing.sees(hand_off) or _was_theirs(session, staff, conversation_id)
    allowed = allowed or (to_read and _has_their_ticket(session, viewing, conversation_id))
    if not allowed or (learns_only(staff) and hand_off.state != "closed"):
        raise RefusedError(403, "not_allowed", "这个会话由别的组接待，您不能查看")
    return hand_off


def _was_theirs(session: Session, staff: Staff, conversation_id: str) -> bool:
    """Whether they have had the conversation themselves once."""
    if staff.agent_id is None:
        return False
    query = select(HandOff.id).where(
        column(HandOff.conversation_id) == conversation_id,
        column(HandOff.agent_id) == staff.agent_id,
        column(HandOff.state) == "closed",
    )
    return session.scalar(query.limit(1)) is not None


def _has_their_ticket(session: Session, viewing: Viewing, conversation_id: str) -> bool:
    """Whether they see a ticket that was raised from the conversation: who solves it reads what it is about."""
    query = select(Ticket).where(column(Ticket.conversation_id) == conversation_id)
    return viewing.agent_id is not None and any(may_see(viewing, each) for each in session.scalars(query))
