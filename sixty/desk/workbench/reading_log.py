"""Writes down who reads about which customer."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from sixty.desk.handoff_rows import HandOff
from sixty.desk.staff.audit import AuditEntry, note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.bench import Workbench
from sixty.tables import column

_AUDITED_EVERY = timedelta(minutes=10)


def audit_reading(bench: Workbench, staff: Staff, what: str, hand_off: HandOff, detail: str = "") -> None:
    """Writes down that somebody has read about a customer; once in some minutes for the same thing."""
    now = bench.now()
    query = select(AuditEntry.id).where(
        column(AuditEntry.account_id) == staff.account_id,
        column(AuditEntry.what) == what,
        column(AuditEntry.conversation_id) == hand_off.conversation_id,
        column(AuditEntry.detail) == detail,
        column(AuditEntry.at) > now - _AUDITED_EVERY,
    )
    with bench.reading() as session:
        if session.scalar(query.limit(1)) is not None:
            return
    with bench.writing() as session:
        note(
            session,
            staff.account_id,
            what,
            now,
            conversation_id=hand_off.conversation_id,
            customer_id=hand_off.customer_id,
            detail=detail,
        )
