"""Orders: shown to their owner, proved by a visitor, unknown to everyone else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.masking import mask_phone
from sixty.shop.gateways import normal_form
from sixty.shop.lateness import what_is_late
from sixty.shop.models import Customer, Order
from sixty.shop.order_answers import describe_order
from sixty.shop.orders import Viewer, order_for, orders_of
from sixty.shop.proofs import TRIES
from sixty.shop.regions import province

Begin = Callable[..., Any]

OWNER, WITH_ONE_ORDER, WITHOUT_ORDERS = "C001", "C002", "C003"


def orders_of_customer(shop: Session, customer: str) -> list[normal_form.Order]:
    return orders_of(shop, Viewer("", customer), now=datetime.now(timezone.utc))


async def test_several_orders_are_offered_and_picked_by_position(chat: Begin, shop: Session) -> None:
    mine = orders_of_customer(shop, OWNER)
    assert len(mine) > 2
    talk = chat(customer=OWNER)
    said = await talk.run("action_order_status", "track_order")
    assert [order["no"] for order in said.cards[0]["orders"]] == [order.no for order in mine]
    assert said.slot("awaiting") == "order"
    for position, index in (("1", 0), ("2", 1), ("-1", -1), ("-2", -2)):
        talk.slots["awaiting"] = "order"
        picked = await talk.run("action_order_status", "inform", ordinal=position)
        assert (
            [card["no"] for card in picked.cards if card["type"] == "order"]
            == [mine[index].no]
            == [picked.slot("order_no")]
        )
    talk.slots["awaiting"] = "order"
    beyond = await talk.run("action_order_status", "inform", ordinal="9")
    assert beyond.cards[0]["type"] == "orders"
    yes = await talk.run("action_order_status", "affirm")
    assert yes.cards[0]["no"] == mine[0].no


async def test_a_position_counts_in_the_choice_that_was_shown(chat: Begin, shop: Session) -> None:
    mine = orders_of_customer(shop, OWNER)
    talk = chat(customer=OWNER)
    listed = await talk.run("action_order_status", "track_order", "帮我查下我的快递到哪了")
    shown = [order["no"] for card in listed.cards for order in card["orders"]]
    # Of a parcel is asked: what is done with, or not sent yet, is not meant.
    assert shown == [order.no for order in mine if order.state in ("part_shipped", "shipped")]
    assert 1 < len(shown) < len(mine)
    assert shown[-1] != mine[len(shown) - 1].no
    picked = await talk.run("action_order_status", "inform", ordinal=str(len(shown)))
    assert picked.slot("order_no") == shown[-1]


async def test_every_order_is_described_to_its_owner_in_the_shops_words(chat: Begin, shop: Session) -> None:
    seen: set[tuple[str, str]] = set()
    for order in shop.scalars(select(Order)):
        kind = (order.state, order.refunds[0].state if order.refunds else "")
        if kind in seen:
            continue
        seen.add(kind)
        said = await chat(customer=order.customer_id).run("action_order_status", "inform", order_no=order.no)
        answer = describe_order(order, datetime.now(timezone.utc))
        (card,) = (card for card in said.cards if card["type"] == "order")
        assert card["no"] == order.no
        assert said.texts[0] == card["headline"]
        assert len(card["details"]) == len(answer.details)
        whole = f"{said.messages}"
        if len(order.phone) == 11:
            assert order.phone not in whole
            assert mask_phone(order.phone) in whole or "收货：" not in whole
        assert order.address not in whole
        # What is late is urged at once.
        told = order_for(shop, order.no, Viewer("", order.customer_id))
        assert told is not None
        late = what_is_late(told, datetime.now(timezone.utc))
        # What goes with an order of just now is suggested behind it.
        assert said.slot("awaiting") in (("deed",) if late else (None, "suggestion"))


async def test_a_single_order_is_shown_at_once(chat: Begin, shop: Session) -> None:
    (order,) = orders_of_customer(shop, WITH_ONE_ORDER)
    said = await chat(customer=WITH_ONE_ORDER).run("action_order_status", "track_order")
    assert said.cards[0]["no"] == order.no


async def test_a_customer_without_orders_is_told_so(chat: Begin) -> None:
    said = await chat(customer=WITHOUT_ORDERS).run("action_order_status", "track_order")
    assert "还没有订单" in said.text
    assert said.slot("awaiting") is None


async def test_a_foreign_order_looks_like_none_at_all(chat: Begin, shop: Session) -> None:
    foreign = shop.scalars(select(Order).where(Order.customer_id == "C004")).first()
    assert foreign is not None
    theirs = await chat(customer=OWNER).run("action_order_status", "inform", order_no=foreign.no)
    unknown = await chat(customer=OWNER).run("action_order_status", "inform", order_no="999999999999999999")
    assert theirs.messages == unknown.messages
    assert theirs.events == unknown.events
    assert foreign.no not in str(theirs.messages)


async def test_the_order_page_and_a_claimed_owner_prove_nothing(chat: Begin, shop: Session) -> None:
    order = orders_of_customer(shop, OWNER)[0]
    talk = chat(entry="order", order_no=order.no, slots={"customer_id": OWNER})
    said = await talk.run("action_order_status", "track_order")
    assert (said.messages, said.slot("awaiting")) == ([], "proof")
    owner = await chat(customer=OWNER, entry="order", order_no=order.no).run("action_order_status", "track_order")
    assert owner.cards[0]["no"] == order.no
    welcome = await chat(entry="order", order_no=order.no).run("action_welcome", "greet")
    assert welcome.known("utter_social_welcome") == {"entry": "shop"}
    welcome = await chat(customer=OWNER, entry="order", order_no=order.no).run("action_welcome", "greet")
    assert welcome.known("utter_social_welcome") == {"entry": "order", "order_tail": order.no[-4:]}


@pytest.mark.parametrize("intent", ["ask_ship_time", "ask_delivery_time"])
async def test_questions_about_time_are_general_without_an_order(chat: Begin, intent: str) -> None:
    talk = chat()
    said = await talk.run("action_order_status", intent, "几天能到")
    assert (said.responses, said.slot("awaiting")) == ([f"utter_faq_{intent}"], None)
    # Who asks again means an order of their own: it is looked up.
    again = await talk.run("action_order_status", intent, "几天能到")
    assert (again.messages, again.slot("awaiting")) == ([], "proof")


@pytest.mark.parametrize("intent", ["ask_ship_time", "ask_delivery_time"])
async def test_a_visitors_own_order_is_looked_up(chat: Begin, intent: str) -> None:
    said = await chat().run("action_order_status", intent, "我昨天买的什么时候能到")
    assert (said.messages, said.slot("awaiting")) == ([], "proof")
    # In a form the general answer does: the form goes on.
    said = await chat(loop="size_form").run("action_order_status", intent, "我昨天买的什么时候能到")
    assert (said.responses, said.slot("awaiting")) == ([f"utter_faq_{intent}"], None)


@pytest.mark.parametrize(
    ("action", "intent", "line"),
    [
        ("action_digress", "track_order", "没有订单号"),
        ("action_digress", "inform", "我不记得订单号了"),
        ("action_default_fallback", "nlu_fallback", "订单号忘了"),
    ],
)
async def test_the_lookup_is_left_without_a_number(chat: Begin, action: str, intent: str, line: str) -> None:
    said = await chat(loop="order_lookup_form", slots={"awaiting": "proof"}).run(action, intent, line)
    assert "我的订单" in said.text
    assert [button["payload"] for button in said.buttons] == ["/ask_human"]
    assert {"event": "active_loop", "timestamp": None, "name": None} in said.events
    assert said.slot("awaiting") is None
    # Elsewhere such a line is nothing special.
    assert "我的订单" not in (await chat(loop="size_form").run(action, intent, line)).text


@pytest.mark.parametrize(
    ("action", "intent", "line"),
    [
        ("action_digress", "account_problem", "忘了手机号"),
        ("action_default_fallback", "nlu_fallback", "尾号多少来着"),
        ("action_default_fallback", "nlu_fallback", "那个号码早换了"),
    ],
)
async def test_who_cannot_tell_the_phone_is_told_what_else_proves_the_order(
    chat: Begin, action: str, intent: str, line: str
) -> None:
    asked = {"awaiting": "proof", "requested_slot": "phone_tail"}
    said = await chat(loop="order_lookup_form", slots=asked).run(action, intent, line)
    assert "登录" in said.text
    assert [button["payload"] for button in said.buttons] == ["/ask_human"]
    assert {"event": "active_loop", "timestamp": None, "name": None} in said.events
    # While the number is asked for, nobody speaks of phones.
    other = chat(loop="order_lookup_form", slots={**asked, "requested_slot": "order_no"})
    assert "收货手机号" not in (await other.run(action, intent, line)).text


async def test_the_usual_time_is_that_of_the_orders_region(chat: Begin, shop: Session) -> None:
    """Who lives in one province may have it sent to another."""
    told = set()
    for order in shop.scalars(select(Order).where(Order.state == "shipped")):
        talk = chat(customer=order.customer_id)
        said = await talk.run("action_order_status", "ask_delivery_time", order_no=order.no)
        assert said.cards[0]["no"] == order.no
        if said.responses:  # One that is late is urged instead.
            assert said.responses == ["utter_faq_ask_delivery_time"]
            assert said.known("utter_faq_ask_delivery_time") == {"region": province(order.region) or ""}
            told.add(province(order.region))
    assert len(told - {None}) > 1


async def test_refunds_come_first_when_asked_for(chat: Begin, shop: Session) -> None:
    customer = shop.scalars(select(Customer.id).join(Order).join(Order.refunds).where(Customer.id == OWNER)).first()
    assert customer == OWNER
    said = await chat(customer=OWNER).run("action_order_status", "refund_status")
    refunded = [order.no for order in orders_of_customer(shop, OWNER) if order.refunds]
    shown = said.cards[0]
    assert [shown["no"]] == refunded if shown["type"] == "order" else [o["no"] for o in shown["orders"]] == refunded


async def test_in_the_middle_of_the_size_form_no_second_form_begins(chat: Begin) -> None:
    said = await chat(loop="size_form").run("action_order_status", "track_order")
    assert said.texts
    assert said.slot("awaiting") is None


class Lookup:
    """The order form's validators, on the slots of one conversation."""

    def __init__(self, chat: Begin, registry: dict[str, Any]) -> None:
        self.form = registry["validate_order_lookup_form"]
        self.talk = chat(loop="order_lookup_form")

    async def give(self, slot: str, value: Any) -> tuple[dict[str, Any], str]:
        dispatcher = CollectingDispatcher()
        tracker = self.talk.tracker(self.talk.user("inform"))
        result: dict[str, Any] = await getattr(self.form, f"validate_{slot}")(value, dispatcher, tracker, {})
        self.talk.slots.update(result)
        return result, "".join(str(message["text"]) for message in dispatcher.messages)


async def test_a_visitor_proves_an_order_and_sees_it(chat: Begin, registry: dict[str, Any], shop: Session) -> None:
    order = orders_of_customer(shop, OWNER)[0]
    lookup = Lookup(chat, registry)
    assert await lookup.give("order_no", order.no) == ({"order_no": order.no}, "")
    kept, said = await lookup.give("phone_tail", order.phone[-4:])
    assert (kept["proof"], said) == ("proved", "")
    shown = await lookup.talk.run("action_order_status", "inform")
    assert shown.cards[0]["no"] == order.no
    assert (shown.slot("proof"), shown.slot("phone_tail")) == (None, None)
    foreign = shop.scalars(select(Order).where(Order.customer_id == "C004")).first()
    assert foreign is not None
    other = await lookup.talk.run("action_order_status", "inform", order_no=foreign.no)
    assert foreign.no not in str(other.messages)


@pytest.mark.parametrize("known", [True, False])
async def test_wrong_proofs_are_counted_and_then_locked(
    chat: Begin, registry: dict[str, Any], shop: Session, known: bool
) -> None:
    order = orders_of_customer(shop, OWNER)[0]
    number = order.no if known else "999999999999999999"
    wrong = "0000" if not order.phone.endswith("0000") else "1111"
    lookup = Lookup(chat, registry)
    for left in range(TRIES - 1, 0, -1):
        await lookup.give("order_no", number)
        kept, said = await lookup.give("phone_tail", wrong)
        assert kept == {"order_no": None, "phone_tail": None, "proof": None}
        assert f"还可以试{left}次" in said
    await lookup.give("order_no", number)
    kept, _ = await lookup.give("phone_tail", wrong)
    assert (kept["proof"], kept["requested_slot"]) == ("locked", None)
    await lookup.give("order_no", number)
    kept, _ = await lookup.give("phone_tail", order.phone[-4:])
    assert kept["proof"] == "locked"  # even the right answer is too late
    said_locked = await lookup.talk.run("action_order_status", "inform")
    assert said_locked.cards == []
    assert [button["payload"] for button in said_locked.buttons] == ["/ask_human"]
    assert said_locked.slot("proof") is None


@pytest.mark.parametrize("value", ["123", "订单", [], {}, "1" * 21, "", 0, ["12", "34"]])
async def test_what_is_no_order_number_is_asked_again(chat: Begin, registry: dict[str, Any], value: Any) -> None:
    kept, said = await Lookup(chat, registry).give("order_no", value)
    assert kept == {"order_no": None}
    assert "订单号" in said


@pytest.mark.parametrize("value", ["123", "12345", "尾号", [], {}, "１２３４", ["12"]])
async def test_what_is_no_phone_tail_is_asked_again(chat: Begin, registry: dict[str, Any], value: Any) -> None:
    kept, said = await Lookup(chat, registry).give("phone_tail", value)
    assert kept == {"phone_tail": None}
    assert "后四位" in said


@pytest.mark.parametrize("slot", ["order_no", "phone_tail"])
async def test_a_slot_that_was_taken_back_costs_no_try(chat: Begin, registry: dict[str, Any], slot: str) -> None:
    assert await Lookup(chat, registry).give(slot, None) == ({slot: None}, "")


async def test_a_tail_given_first_is_proved_when_the_number_comes(
    chat: Begin, registry: dict[str, Any], shop: Session
) -> None:
    order = orders_of_customer(shop, OWNER)[0]
    lookup = Lookup(chat, registry)
    assert await lookup.give("phone_tail", order.phone) == ({"phone_tail": order.phone}, "")
    kept, _ = await lookup.give("order_no", [f"订单{order.no}"])
    assert kept["proof"] == "proved"
