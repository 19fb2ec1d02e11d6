"""Orders of a merchant's system: shown while it answers, and honest words with a person's help while it doesn't."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.handoffs import HandOff
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from sixty.shop.gateways import chosen
from sixty.shop.models import Customer, Order, ProofAttempt
from sixty.shop.orders import Viewer, orders_of
from tests.shop.gateways.reference_server import TOKEN, ReferenceServer, running

Begin = Callable[..., Any]
OWNER = "C001"


@pytest.fixture
def system(shop: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReferenceServer]:
    """The merchant's system, which the settings name."""
    now = datetime.now(timezone.utc)
    customers = list(shop.scalars(select(Customer.id)))
    orders = [order for customer in customers for order in orders_of(shop, Viewer("", customer), 100, now)]
    with running(ReferenceServer(orders=orders)) as served:
        monkeypatch.setenv("SIXTY_SHOP_GATEWAY", "http")
        monkeypatch.setenv("SIXTY_SHOP_API_URL", served.url)
        monkeypatch.setenv("SIXTY_SHOP_API_TOKEN", TOKEN)
        get_settings.cache_clear()
        chosen._client_of.cache_clear()
        chosen._cache.cache_clear()
        yield served


def handed_over() -> list[HandOff]:
    with shop_session() as session:
        return list(session.scalars(select(HandOff)))


def fail(system: ReferenceServer) -> None:
    system.instead = [(500, b"")]


async def test_orders_come_from_the_merchants_system(chat: Begin, system: ReferenceServer) -> None:
    mine = [order for order in system.orders if order.customer_id == OWNER]
    said = await chat(customer=OWNER).run("action_order_status", "track_order")
    assert {order["no"] for order in said.cards[0]["orders"]} <= {order.no for order in mine}
    one = await chat(customer=OWNER).run("action_order_status", "inform", order_no=mine[0].no)
    assert one.cards[0]["no"] == mine[0].no
    assert system.requests


@pytest.mark.parametrize("intent", ["track_order", "refund_status", "ask_ship_time"])
async def test_a_system_that_is_down_is_admitted_and_a_person_takes_over(
    chat: Begin, system: ReferenceServer, intent: str
) -> None:
    fail(system)
    said = await chat(customer=OWNER).run("action_order_status", intent, "我的快递到哪了")
    assert said.outcomes == ["handed_over"]
    assert "查不到最新的信息" in said.text
    assert "同事" in said.text
    assert said.cards == []
    assert (said.slot("awaiting"), said.slot("proof")) == (None, None)
    (row,) = handed_over()
    assert (row.reason, row.question, row.customer_id) == ("shop_out_of_reach", "我的快递到哪了", OWNER)


async def test_while_it_is_down_what_was_known_is_told_with_its_age(
    chat: Begin, system: ReferenceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = chat(customer=OWNER)
    mine = next(order for order in system.orders if order.customer_id == OWNER)
    await talk.run("action_order_status", "inform", order_no=mine.no)
    fail(system)
    later = datetime.now(timezone.utc) + timedelta(minutes=10)
    monkeypatch.setattr("actions.action._now", lambda: later)
    said = await talk.run("action_order_status", "inform", order_no=mine.no)
    assert said.texts[0] == "订单系统这会儿连不上，以下是10分钟前的信息，最新情况稍后再帮您看～"
    assert sum("以下是" in text for text in said.texts) == 1
    assert said.cards[0]["no"] == mine.no
    assert handed_over() == []


async def test_a_proof_that_cannot_be_checked_costs_no_try(
    chat: Begin, registry: dict[str, Any], system: ReferenceServer
) -> None:
    fail(system)
    talk = chat(loop="order_lookup_form", slots={"order_no": system.orders[0].no})
    dispatcher = CollectingDispatcher()
    form = registry["validate_order_lookup_form"]
    slots = await form.validate_phone_tail("1234", dispatcher, talk.tracker(talk.user("inform")), {})
    assert "查不到最新的信息" in dispatcher.messages[0]["text"]
    assert {name: slots[name] for name in ("order_no", "phone_tail", "proof", "requested_slot")} == {
        "order_no": None,
        "phone_tail": None,
        "proof": "out_of_reach",
        "requested_slot": None,
    }
    with shop_session() as session:
        assert session.scalars(select(ProofAttempt)).first() is None
    assert [row.reason for row in handed_over()] == ["shop_out_of_reach"]
    # The form has ended; it does not begin anew by itself.
    talk.slots.update(slots)
    said = await talk.run("action_order_status", "inform")
    assert (said.messages, said.slot("awaiting"), said.slot("proof")) == ([], None, None)


async def test_a_greeting_and_a_choice_of_products_do_without_it(
    chat: Begin, shop: Session, system: ReferenceServer
) -> None:
    order = shop.scalars(select(Order).where(Order.customer_id == OWNER)).first()
    assert order is not None
    fail(system)
    welcome = await chat(customer=OWNER, entry="order", order_no=order.no).run("action_welcome", "greet")
    assert welcome.responses == ["utter_social_welcome"]
    asked = await chat(customer=OWNER).run("action_answer_stock", "ask_stock")
    assert asked.buttons
    assert handed_over() == []
