"""Customers who have an agent of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, delete
from sqlalchemy.orm import Session

from sixty.desk.agents import find_agent
from sixty.tables import Base, UtcDateTime, column


class NamedAgent(Base):
    """Whom a customer is sent to whenever they are there."""

    __tablename__ = "named_agent"

    customer_id: str = Column(String(64), primary_key=True)
    agent_id: str = Column(String(32), ForeignKey("agent.id"), nullable=False)
    since: datetime = Column(UtcDateTime, nullable=False)


def name_agent(session: Session, customer_id: str, agent_id: str | None, now: datetime) -> None:
    """Gives a customer an agent of their own, another one, or none.

    Raises:
        UnknownAgentError: There is no such agent.
    """
    if agent_id is None:
        statement = delete(NamedAgent).where(column(NamedAgent.customer_id) == customer_id)
        session.execute(statement.execution_options(synchronize_session=False))
        return
    find_agent(session, agent_id)
    session.merge(NamedAgent(customer_id=customer_id, agent_id=agent_id, since=now))
    session.flush()


def named_agent_of(session: Session, customer_id: str | None) -> str | None:
    """The id of a customer's own agent; None where they have none."""
    found: NamedAgent | None = session.get(NamedAgent, customer_id) if customer_id else None
    return found.agent_id if found else None
