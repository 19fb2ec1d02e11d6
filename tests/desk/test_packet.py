"""Whoever takes a conversation knows all that the customer has said and given, and sees nobody else's orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.desk.claims import claim
from sixty.desk.conversation_reading import desk_messages
from sixty.desk.ending import to_bot
from sixty.desk.packet import Packet, packet_of
from sixty.desk.speaking import say
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import write_reply
from sixty.shop.demo import seed
from sixty.shop.gateways.chosen import order_gateway
from sixty.shop.gateways.errors import GatewayError
from tests.desk.desk_world import NOW, RULES, Desk

SECRET = "s" * 40


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    seed(session, NOW)
    made.agent("li")
    return made


def heard(desk: Desk, chat: str, text: str, intent: str | None = None, kind: str = "text", **payload: Any) -> Message:
    said = receive(desk.session, Incoming(chat, "web", kind, text, payload), desk.now).message
    if intent:
        said.understood = {"intent": intent, "confidence": 0.9, "entities": []}
    desk.session.flush()
    return said


def packet(desk: Desk, chat: str, **changed: Any) -> Packet:
    hand_off = desk.waits(chat)
    assert hand_off is not None
    orders = changed.pop("orders", order_gateway(desk.session, desk.now))
    return packet_of(desk.session, hand_off, orders, SECRET, desk.now, rules=RULES, **changed)


def test_what_was_asked_given_and_bought(desk: Desk) -> None:
    chat = desk.customer(level="PLUS", customer_id="C001")
    heard(desk, chat, "你好", "greet")
    heard(desk, chat, "我穿多大", "ask_size")
    heard(desk, chat, "退货怎么退", "request_after_sales")
    heard(desk, chat, "真的要退", "request_after_sales")
    desk.wants(chat, slots={"product_no": "GZ2101", "height": "175", "article": ["上衣", "裤子"]})
    found = packet(desk, chat)
    assert [each.intent for each in found.understood] == ["ask_size", "request_after_sales"]
    assert all(each.title != each.intent for each in found.understood)
    given = {each.name: (each.title, each.value) for each in found.slots}
    assert given["height"] == ("身高", "175cm")
    assert given["article"] == ("哪件商品", "上衣、裤子")
    assert found.product is not None
    assert (found.product.no, bool(found.product.price)) == ("GZ2101", True)
    assert found.orders
    assert all(order.items and order.state_title for order in found.orders)
    assert (found.customer.vip, found.customer.name.endswith("**"), found.missing) == (True, True, [])
    assert found.question == "有没有货"


def test_names_are_clear_only_for_who_may_see_them(desk: Desk) -> None:
    chat = desk.customer(customer_id="C001")
    desk.wants(chat)
    assert packet(desk, chat).customer.name.endswith("**")
    assert "**" not in packet(desk, chat, clear=True).customer.name


def test_an_unknown_visitor_has_no_orders(desk: Desk) -> None:
    chat = desk.visitor()
    desk.wants(chat, slots={"order_no": packet_order(desk)})
    found = packet(desk, chat)
    assert (found.orders, found.customer.id) == ([], None)
    assert found.customer.name.startswith("访客")


def packet_order(desk: Desk) -> str:
    """The number of somebody's order."""
    chat = desk.customer(customer_id="C001")
    desk.wants(chat)
    return packet(desk, chat).orders[0].no


def test_without_the_shops_system_the_rest_is_there(desk: Desk) -> None:
    class Away:
        def orders_of(self, *_: Any) -> Any:
            raise GatewayError("no answer")

    chat = desk.customer(customer_id="C001")
    heard(desk, chat, "我穿多大", "ask_size")
    desk.wants(chat)
    found = packet(desk, chat, orders=Away())
    assert (found.orders, found.missing) == ([], ["orders"])
    assert [each.intent for each in found.understood] == ["ask_size"]


def test_nothing_that_was_sent_or_settled_before_is_missing(desk: Desk) -> None:
    earlier = desk.customer(customer_id="C001")
    heard(desk, earlier, "", kind="picture", attachment={"kind": "picture", "id": "up1", "name": "破了.jpg"})
    desk.wants(earlier)
    claim(desk.session, earlier, "li", desk.now)
    desk.later(awake=["li"], minutes=3)
    to_bot(desk.session, earlier, "li", "已补发", ["物流"], desk.now)
    desk.later(awake=["li"], days=1)
    chat = desk.customer(customer_id="C001")
    heard(desk, chat, "补发的还没到")
    desk.wants(chat)
    found = packet(desk, chat)
    assert [(each.kind, each.name) for each in found.attachments] == [("picture", "破了.jpg")]
    assert (found.attachments[0].url or "").startswith("/api/uploads/up1?key=")
    assert [each.chat for each in found.sessions] == [chat, earlier]
    assert (found.sessions[1].with_person, found.sessions[1].summary) == (True, "已补发")
    assert [(each.agent, each.summary, each.tags) for each in found.earlier] == [("小li", "已补发", ["物流"])]


def test_the_whole_conversation_over_all_sessions(desk: Desk) -> None:
    earlier = desk.customer(customer_id="C001")
    asked = heard(desk, earlier, "有货吗", "ask_stock")
    capsules = [{"title": "到手多少钱", "payload": "/ask_price"}, {"title": "转人工", "payload": "/ask_human"}]
    reply, _ = write_reply(
        desk.session, asked.id, 0, earlier, "web", "bot", {"text": "有的～", "capsules": capsules}, desk.now
    )
    heard(desk, earlier, "转人工", kind="tap", tap={"title": "转人工", "payload": "/ask_human", "shown": [reply.id, 1]})
    desk.wants(earlier)
    claim(desk.session, earlier, "li", desk.now + timedelta(seconds=1))
    desk.later(awake=["li"], seconds=5)
    say(desk.session, earlier, "li", "m1", {"text": "我在"}, desk.now)
    desk.later(awake=["li"], minutes=1)
    to_bot(desk.session, earlier, "li", "", (), desk.now)
    desk.later(awake=["li"], hours=2)
    chat = desk.customer(customer_id="C001")
    heard(desk, chat, "还在吗")
    other = desk.customer(customer_id="C002")
    heard(desk, other, "别人的话")

    shown = desk_messages(desk.session, chat, SECRET, desk.now, span="customer")
    texts = [each["text"] for each in shown["messages"]]
    assert texts[:3] == ["有货吗", "有的～", "转人工"]
    assert texts[-1] == "还在吗"
    assert "别人的话" not in texts
    assert not shown["more"]
    said = {each["text"]: each for each in shown["messages"]}
    assert said["有的～"]["capsules"] == [
        {"title": "到手多少钱", "taken": False},
        {"title": "转人工", "taken": True},
    ]
    assert said["有货吗"]["understood"]["title"] != "ask_stock"
    assert (said["我在"]["name"], said["我在"]["client_id"], said["我在"]["stretch"]) == ("小li", "m1", "person")
    assert said["有的～"]["stretch"] == "bot"
    runs = [(each["who"], each["agent_id"]) for each in shown["stretches"]]
    assert ("person", "li") in runs
    assert runs[0] == ("bot", None)

    page = desk_messages(desk.session, chat, SECRET, desk.now, span="customer", limit=2)
    before = desk_messages(
        desk.session, chat, SECRET, desk.now, span="customer", limit=100, before=page["messages"][0]["id"]
    )
    assert page["more"]
    assert [each["text"] for each in before["messages"] + page["messages"]] == texts
    after = desk_messages(desk.session, earlier, SECRET, desk.now, after=asked.id, limit=1)
    assert [each["text"] for each in after["messages"]] == ["有的～"]
    assert after["more"]
