"""What was done for a customer, and who did it: they themselves through the bot, or which colleague for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.conversation_reading import conversations_together
from sixty.desk.deed_titles import DEED_TITLES
from sixty.desk.staff.accounts import Account
from sixty.desk.staff.audit import AuditEntry
from sixty.shop.deeds.deed import DeedState
from sixty.shop.deeds.recording import deeds_of
from sixty.shop.orders import Viewer
from sixty.tables import column

_STATES: Mapping[DeedState, str] = {
    "asked": "等系统答复",
    "accepted": "办理中",
    "done": "已办好",
    "refused": "按规则不能办",
    "failed": "没办成",
}
_WHO = {"customer": "顾客自助", "agent": "客服", "system": "系统"}
_MOST = 20

DEED = "deed_"
"""What the audit log's words for deeds begin with; their detail is the number under which people find the deed."""


def deed_history(session: Session, conversation_id: str, viewer: Viewer) -> list[dict[str, Any]]:
    """What was done for a customer, the newest first, as the workbench's API has it.

    Args:
        session: Any session.
        conversation_id: The conversation that is looked at.
        viewer: Whose deeds.
    """
    found = deeds_of(session, viewer, None)[:_MOST]
    names = doers(session, conversation_id, [each.reference for each in found if each.by == "agent"])
    return [
        {
            "no": each.reference,
            "kind": each.kind,
            "title": DEED_TITLES[each.kind],
            "order_no": each.order_no,
            "state": each.state,
            "state_title": _STATES[each.state],
            "at": each.asked_at.isoformat(),
            "by": each.by,
            "by_name": names.get(each.reference, _WHO[each.by]),
        }
        for each in found
    ]


def doers(session: Session, conversation_id: str, references: Collection[str]) -> dict[str, str]:
    """Which colleague did something for a customer, by the log; their names, by the deeds' numbers.

    Args:
        session: Any session.
        conversation_id: One of the customer's conversations.
        references: The numbers of the deeds.
    """
    if not references:
        return {}
    query = (
        select(AuditEntry.detail, Account.name)
        .join(Account, column(Account.id) == column(AuditEntry.account_id))
        .where(
            column(AuditEntry.conversation_id).in_(conversations_together(session, conversation_id)),
            column(AuditEntry.what).startswith(DEED, autoescape=True),
            column(AuditEntry.detail).in_(list(references)),
        )
        .order_by(AuditEntry.id)
    )
    return dict(session.execute(query).all())
