"""Who does not want an order any more, or has bought already, is asked for nothing about it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from sixty.desk.conversations import Conversation, Who, recognise
from sixty.insight.models import Visit
from sixty.outreach.preview import preview
from sixty.outreach.stopping import hear
from tests.outreach.outreach_rows import visit
from tests.outreach.outreach_world import DAY, HOUR, World


def comes_by(shop: World) -> None:
    shop.session.get(Conversation, shop.room("C1")).last_at = shop.now
    shop.session.flush()


@pytest.mark.parametrize(("intent", "mood"), [("abandon_purchase", ""), ("inform", "angry")])
def test_what_is_asked_of_an_order_ends_with_a_line_that_comes_weeks_before(
    shop: World, intent: str, mood: str
) -> None:
    begins = shop.now + 6 * DAY
    shop.presale("P1", begins, begins + 5 * DAY)
    shop.order("C1", "deposit_paid", deposit_paid=Decimal(50), paid_amount=Decimal(50))
    shop.go(HOUR).says("C1", "这个我不想要了", intent, mood)
    hear(shop.session, shop.book, shop.now)
    shop.now = begins
    comes_by(shop)
    assert shop.tick() == []
    assert shop.tick(HOUR) == []
    assert shop.rungs("balance") == [(1, "chat", "skipped", mood or "abandoned")]


def test_a_review_is_not_asked_for_but_a_delay_is_told(shop: World) -> None:
    order = shop.order("C1", "paid", paid_at=shop.now)
    shop.go(HOUR).says("C1", "不想要了", "abandon_purchase")
    hear(shop.session, shop.book, shop.now)
    shop.go(48 * HOUR)
    comes_by(shop)
    assert any("耽搁" in each for each in shop.tick())
    shop.set(order, state="confirmed", confirmed_at=shop.now)
    shop.go(5 * DAY)
    comes_by(shop)
    assert shop.tick() == []
    assert shop.tick(10 * HOUR) == []
    assert {reason for _, _, _, reason in shop.rungs("review")} == {"abandoned"}


@pytest.mark.parametrize(
    ("state", "ago", "is_won"),
    [
        ("unpaid", timedelta(hours=2), False),
        ("shipped", 5 * DAY, False),
        ("confirmed", 20 * DAY, False),
        ("confirmed", 40 * DAY, True),
        ("closed", 5 * DAY, True),
    ],
)
def test_who_has_bought_a_thing_is_not_won_for_it(shop: World, state: str, ago: timedelta, is_won: bool) -> None:
    moment = shop.now - ago
    of = {"confirmed_at": moment} if state == "confirmed" else {"closed_at": moment} if state == "closed" else {}
    shop.order("C1", state, at=moment, **of)
    visit(shop, "C1")
    for _ in range(6):
        shop.tick(HOUR)
    assert [(state, reason) for _, _, state, reason in shop.rungs("asked")] == [
        ("sent", None) if is_won else ("skipped", "done")
    ]


def test_a_visitor_who_has_signed_in_is_one_person_for_the_caps(shop: World) -> None:
    room = shop.chat(None, visitor="someone")
    first = shop.session.get(Conversation, room)
    shop.says("C1", "在吗")
    case_of = visit(shop, "C1")
    row = shop.session.scalars(select(Visit).where(Visit.first_message_id == case_of)).one()
    row.conversation_id, row.customer_id = first.id, None
    shop.session.flush()
    shop.event("C1", "cart", {"lines": [{"product_no": "P1", "sku_code": "P1-M", "quantity": 1}]})
    shop.plan()
    recognise(shop.session, first.id, Who("C1", "普通", "浙江省", shop.now + 30 * DAY))
    said = [text for _ in range(6) for text in shop.tick(HOUR)]
    assert len(said) == 1
    assert {case.who for name in ("asked", "cart") for case in shop.cases(name)} == {"C1", room}
    foreseen = preview(shop.session, shop.book, "C1", shop.now)
    assert {each.scene for each in foreseen} >= {"asked", "cart"}
