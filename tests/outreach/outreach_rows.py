"""Cases and rungs as the engine writes them, by short words."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from sixty.insight.models import Visit
from sixty.outreach.control import arm_of
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.shop.models import Product
from tests.outreach.outreach_world import World

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


def visit(world: World, customer: str, product: str = "P1", at: datetime | None = None) -> int:
    """A visit that asked for a product and did not order."""
    at = at or world.now
    first = world.says(customer, "这件怎么样", "ask_quality", at=at)
    row = Visit(
        conversation_id=world.room(customer),
        first_message_id=first,
        started_at=at,
        ended_at=at,
        category="工装",
        product_no=product,
        entry="product",
        pages=[],
        channel="web",
        arm="pushes",
        customer_id=customer,
        turns=1,
        questions=1,
        segment="win_back",
        score=0.5,
        line="B",
        updated_at=at,
    )
    world.session.add(row)
    world.session.flush()
    return first


def reminded(scene: str, share: float) -> str:
    """A customer who is not in the scene's control group of this share."""
    return next(name for number in count(1) if arm_of(scene, name := f"K{number}", share) == "reminded")


def an_unpaid_order(session: Session, who: str, no: str, now: datetime, *, chat: bool = True) -> str:
    """A new customer with an order that nothing was said about yet."""
    shop = World(session, now=now)
    if session.get(Product, "P1") is None:
        shop.product()
    shop.customer(who, phone="13800001001", chat=chat)
    return shop.order(who, no=no)


def a_call(session: Session, who: str, amount: str, now: datetime) -> int:
    """A call about an order that is still unpaid; what was put on the list is `queued`."""
    shop = World(session, now=now)
    if session.get(Product, "P1") is None:
        shop.product()
    shop.customer(who, phone="13800001001", chat=False)
    no = shop.order(who, amount=amount, no=f"2026{who}")
    case = a_case(session, who, now, order_no=no, amount=Decimal(amount))
    on_the_list = {"rung": 3, "way": "phone", "state": "queued", "sent_at": None, "cost": None}
    return int(a_contact(session, a_rung(session, case, now, **on_the_list), now).id)


def no_night(file: Path) -> None:
    """Lets no night come in a playbook's file, whenever this runs."""
    written = file.read_text(encoding="utf-8")
    assert '{from: "22:00", until: "08:30"}' in written
    file.write_text(
        written.replace('{from: "22:00", until: "08:30"}', '{from: "00:00", until: "00:00"}'), encoding="utf-8"
    )
