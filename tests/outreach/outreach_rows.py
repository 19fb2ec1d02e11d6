"""Cases and rungs as the engine writes them, by short words."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung

_NUMBERS = count(1)
_DAY = timedelta(days=1)


def a_case(session: Session, who: str, now: datetime, **values: Any) -> OutreachCase:
    """A case of the scene `unpaid`; exposed now, unless said otherwise."""
    made = OutreachCase(
        **{
            "scene": "unpaid",
            "subject_kind": "order",
            "subject_id": f"subject-{next(_NUMBERS)}",
            "who": who,
            "customer_id": who,
            "audience": "all",
            "variant": "plain",
            "arm": "reminded",
            "moment": now,
            "exposed_at": now,
            "watch_until": now + _DAY,
            "amount": Decimal("259.00"),
            "created_at": now,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def a_rung(session: Session, case: OutreachCase, now: datetime, **values: Any) -> OutreachRung:
    """A rung of a case; sent now in the chat, unless said otherwise."""
    made = OutreachRung(
        **{
            "case_id": case.id,
            "rung": 1,
            "scene": case.scene,
            "who": case.who,
            "way": "chat",
            "state": "sent",
            "due_at": now,
            "latest_at": now + _DAY,
            "decided_at": now,
            "sent_at": now,
            "text": "您拍下的多口袋耐磨工装裤还没付款",
            "cost": Decimal("0.00"),
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def a_contact(session: Session, rung: OutreachRung, now: datetime, **values: Any) -> OutreachContact:
    """An SMS or a call; a call that waits, unless said otherwise."""
    made = OutreachContact(
        **{
            "rung_id": rung.id,
            "way": "phone",
            "number": "+8613800001001",
            "text": "提醒付款：多口袋耐磨工装裤，900元。",
            "due_at": now,
            "created_at": now,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made
