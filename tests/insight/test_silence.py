"""Silence after an answer: followed up once, and only who may want it; everything is looked at again when it is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from sixty.desk.conversations import move
from sixty.desk.handoffs import open_handoff
from sixty.insight.silence import FOLLOW_UP, SILENCE, follow_up_on, last_look, was_followed_up
from sixty.ledger.models import OutboxRow
from sixty.ledger.outbox import claim_due, sent, withdraw, write_message
from sixty.ledger.receiving import Incoming, receive
from sixty.shop.models import Customer, Order, OrderLine, Product, Sku
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.recommendations import Situation, refuse_all
from tests.insight.silent_visit import CUSTOMER, NOW, PRODUCT, Silence, stock_shelf

WAIT = timedelta(minutes=3)
LEASE = timedelta(minutes=1)


def rows(session: Session) -> list[OutboxRow]:
    session.expire_all()
    return list(session.query(OutboxRow).filter(OutboxRow.by == SILENCE).order_by(OutboxRow.id))


def due(session: Session, silence: Silence, after: timedelta = WAIT) -> Mapping[str, Any] | None:
    """What the courier would say now, from the row that it has claimed."""
    now = silence.at + after
    (row,) = claim_due(session, "courier", now + LEASE, now)
    return last_look(session, row, now)


@pytest.fixture
def silence(session: Session) -> Silence:
    stock_shelf(session)
    talk = Silence(session)
    talk.ask(attribute="材质")
    talk.visited()
    return talk


def known(session: Session) -> Silence:
    """The same of a customer who is known."""
    stock_shelf(session)
    talk = Silence(session, customer=CUSTOMER)
    talk.ask()
    talk.visited()
    assert follow_up_on(session, [talk.conversation.id], talk.at) == 1
    return talk


def test_an_answer_without_another_word_is_followed_up(session: Session, silence: Silence) -> None:
    assert follow_up_on(session, [silence.conversation.id], silence.at) == 1
    (row,) = rows(session)
    assert (row.due_at, row.author, row.state) == (silence.at + WAIT, "bot", "waiting")
    assert claim_due(session, "courier", NOW + LEASE, silence.at + WAIT - timedelta(seconds=1)) == []
    said = due(session, silence)
    assert said is not None
    assert "静音工装裤" in said["text"]
    assert said["push"] == FOLLOW_UP
    titles = [each["title"] for each in said["capsules"]]
    # What was answered is not asked for again; a person is one tap away.
    assert titles == ["版型合不合身", "价格高了点", "转人工"]
    assert said["capsules"][0]["payload"] == '/hesitate{"attribute": "版型合不合身"}'


def test_it_is_put_there_once_however_often_the_follower_comes_by(session: Session, silence: Silence) -> None:
    for _ in range(3):
        follow_up_on(session, [silence.conversation.id], silence.at)
    assert len(rows(session)) == 1


def test_with_every_further_answer_it_waits_anew(session: Session, silence: Silence) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    silence.ask("会起球吗", "ask_quality")
    silence.visited()
    assert follow_up_on(session, [silence.conversation.id], silence.at) == 1
    (row,) = rows(session)
    assert row.due_at == silence.at + WAIT
    assert row.payload["after"] == silence.messages[-1].id


def send(session: Session, silence: Silence) -> None:
    now = silence.at + WAIT
    (row,) = claim_due(session, "courier", now + LEASE, now)
    said = last_look(session, row, now)
    assert said is not None
    row.payload = dict(said)
    message, _ = write_message(session, row, "web", now)
    sent(session, row.id, message.id, now)
    silence.at = now


def test_once_a_visit_and_again_in_the_next(session: Session, silence: Silence) -> None:
    assert not was_followed_up(session, silence.conversation.id)
    follow_up_on(session, [silence.conversation.id], silence.at)
    send(session, silence)
    assert was_followed_up(session, silence.conversation.id)
    silence.ask("包邮吗", "ask_shipping_fee")
    silence.visited()
    assert follow_up_on(session, [silence.conversation.id], silence.at) == 0
    assert [row.state for row in rows(session)] == ["sent"]
    # Should visits be cut differently later, the one that was sent still counts.
    (first, _, *_) = silence.messages
    silence.messages = silence.messages[2:]
    silence.visited()
    follow_up_on(session, [silence.conversation.id], silence.at)
    silence.messages = [first, *silence.messages]
    silence.at += timedelta(hours=2)
    silence.messages = []
    silence.ask("还有黑色吗", "ask_stock")
    silence.visited()
    assert follow_up_on(session, [silence.conversation.id], silence.at) == 1


def test_a_word_of_the_customers_takes_it_back(session: Session, silence: Silence) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    at = silence.at + timedelta(minutes=2)
    receive(session, Incoming(silence.conversation.id, "web", text="嗯"), at)
    assert due(session, silence) is None


def test_what_a_person_or_a_deed_says_takes_it_back(session: Session, silence: Silence) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    receive(session, Incoming(silence.conversation.id, "web", author="agent", text="您好"), silence.at)
    assert due(session, silence) is None


@pytest.mark.parametrize("state", ["queued", "assigned", "closed"])
def test_never_with_a_person(session: Session, silence: Silence, state: Any) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    move(session, silence.conversation.id, state, "agent-7", "test", silence.at)
    assert due(session, silence) is None


def test_never_while_a_person_is_waited_for(session: Session, silence: Silence) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    identity = silence.conversation.id
    open_handoff(session, identity, "asked_for", "在吗", {}, "web", None, silence.at)
    move(session, identity, "bot", "agent-7", "test", silence.at)
    assert due(session, silence) is None


@pytest.mark.parametrize("hour", [22, 23, 0, 3, 8])
def test_never_at_quiet_hours(session: Session, hour: int) -> None:
    stock_shelf(session)
    night = Silence(session, at=NOW.replace(hour=hour, minute=0))
    night.ask()
    night.visited()
    follow_up_on(session, [night.conversation.id], night.at)
    assert due(session, night) is None


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [
        ("不买了", "abandon_purchase", {}),
        ("不用了", "deny", {}),
        ("别再发了", "stop_reminders", {}),
        ("转人工", "ask_human", {}),
        ("我要投诉", "complain", {}),
        ("什么破东西", "ask_quality", {"mood": "angry"}),
        ("怎么这样", "ask_quality", {"mood": "negative"}),
        ("我已经拍好了", "inform", {}),
    ],
)
def test_never_after_a_refusal_anger_or_an_order_that_was_told(
    session: Session, silence: Silence, text: str, intent: str, entities: dict[str, str]
) -> None:
    silence.ask(text, intent, **entities)
    silence.ask("包邮吗", "ask_shipping_fee")
    silence.visited()
    follow_up_on(session, [silence.conversation.id], silence.at)
    assert due(session, silence) is None


def test_who_wanted_no_messages_in_an_earlier_visit_gets_none_later(session: Session, silence: Silence) -> None:
    silence.ask("别再发了", "stop_reminders")
    silence.at += timedelta(days=1)
    silence.messages = []
    silence.ask()
    silence.visited()
    follow_up_on(session, [silence.conversation.id], silence.at)
    assert due(session, silence) is None


def test_who_wants_nothing_suggested_is_left_alone(session: Session) -> None:
    talk = known(session)
    refuse_all(session, Situation(talk.at, CUSTOMER, "another-conversation"))
    assert due(session, talk) is None


@pytest.mark.parametrize(
    ("intent", "outcome", "state", "actions", "followed"),
    [
        ("ask_price", "answered", "answered", (), True),
        ("inform", "answered", "answered", ("action_recommend_size", "action_push_capsules"), True),
        ("inform", "answered", "answered", ("action_order_status",), False),
        ("hesitate", "asked_back", "answered", (), False),
        ("thank", "social", "answered", (), False),
        ("track_order", "answered", "answered", (), False),
        ("ask_price", "missed", "answered", (), False),
        ("ask_price", "asked_back", "answered", (), False),
        ("ask_price", "answered", "apologised", (), False),
        ("", "answered", "answered", (), False),
    ],
)
def test_only_behind_an_answer_about_goods(
    session: Session, silence: Silence, intent: str, outcome: str, state: str, actions: tuple[str, ...], followed: bool
) -> None:
    silence.ask("……", intent, outcome, state, actions)
    silence.visited()
    follow_up_on(session, [silence.conversation.id], silence.at)
    assert (due(session, silence) is not None) == followed


def ordered(session: Session, silence: Silence, ago: timedelta, state: Any = "paid") -> None:
    at = silence.at - ago
    number = "202605200000009001"
    line = {"sku_code": f"{PRODUCT}-1", "product_no": PRODUCT, "name": "静音工装裤", "sku_text": "黑色 L"}
    money = {"unit_price": Decimal(259), "share": Decimal(259)}
    session.add(Customer(id=CUSTOMER, nickname="静静", phone="13800000000"))
    session.flush()
    total = {"goods_amount": Decimal(259), "discount": Decimal(0), "postage": Decimal(0), "paid_amount": Decimal(259)}
    to = {"receiver": "静**", "phone": "13800000000", "address": "浙江省杭州市"}
    session.add(Order(no=number, customer_id=CUSTOMER, state=state, placed_at=at, **total, **to))
    session.flush()
    session.add(OrderLine(order_no=number, ordinal=0, quantity=1, **line, **money))
    session.flush()


def test_never_after_an_order(session: Session) -> None:
    talk = known(session)
    ordered(session, talk, -timedelta(minutes=1))
    assert due(session, talk) is None


def test_never_who_has_it_already(session: Session) -> None:
    talk = known(session)
    ordered(session, talk, timedelta(days=20))
    assert due(session, talk) is None


def test_an_order_that_came_to_nothing_long_ago_does_not_count(session: Session) -> None:
    talk = known(session)
    ordered(session, talk, timedelta(days=20), state="closed")
    assert due(session, talk) is not None


def test_never_after_an_order_that_only_the_shops_system_has_told(session: Session) -> None:
    talk = known(session)
    session.add(
        OrderEvent(
            source="shop",
            external_id="e-1",
            kind="order",
            object_id="o-1",
            order_no="o-1",
            customer_id=CUSTOMER,
            occurred_at=talk.at + timedelta(minutes=1),
            received_at=talk.at + timedelta(minutes=1),
            way="webhook",
            payload={},
        )
    )
    session.flush()
    assert due(session, talk) is None


def nothing(session: Session, silence: Silence) -> None:
    """Changes nothing."""


def sold_out(session: Session, silence: Silence) -> None:
    session.execute(update(Sku).where(Sku.product_no == PRODUCT).values(stock=0))
    session.expire_all()


def taken_off(session: Session, silence: Silence) -> None:
    session.execute(update(Product).where(Product.no == PRODUCT).values(status="off_sale"))
    session.expire_all()


@pytest.mark.parametrize("change", [sold_out, taken_off])
def test_never_for_what_cannot_be_bought(
    session: Session, silence: Silence, change: Callable[[Session, Silence], None]
) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    change(session, silence)
    assert due(session, silence) is None


def test_what_comes_much_too_late_is_left_unsaid(session: Session, silence: Silence) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    assert due(session, silence, timedelta(hours=2)) is None
    assert follow_up_on(session, [silence.conversation.id], silence.at + timedelta(hours=2)) == 0


@pytest.mark.parametrize(
    "more",
    [{"arm": "quiet"}, {"entry": "order"}, {"handed_over": True}, {"ordered_at": NOW}],
)
def test_for_these_visits_nothing_is_put_there(session: Session, silence: Silence, more: dict[str, Any]) -> None:
    silence.visited(**more)
    assert follow_up_on(session, [silence.conversation.id], silence.at) == 0
    assert rows(session) == []


def test_a_control_group_that_grew_meanwhile_is_left_alone(session: Session, silence: Silence) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    silence.visited(arm="quiet")
    assert due(session, silence) is None


def test_what_was_taken_back_may_come_behind_a_later_answer(session: Session, silence: Silence) -> None:
    follow_up_on(session, [silence.conversation.id], silence.at)
    receive(session, Incoming(silence.conversation.id, "web", text="嗯嗯"), silence.at)
    now = silence.at + WAIT
    (row,) = claim_due(session, "courier", now + LEASE, now)
    assert last_look(session, row, now) is None
    withdraw(session, row)
    silence.at = now
    silence.ask("有黑色吗", "ask_stock")
    silence.visited()
    assert follow_up_on(session, [silence.conversation.id], silence.at) == 1
    assert due(session, silence) is not None


def test_a_conversation_without_visits_is_no_mistake(session: Session) -> None:
    assert follow_up_on(session, ["nobody"], NOW) == 0
