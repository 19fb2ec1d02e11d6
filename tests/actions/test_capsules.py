"""Which capsules follow an answer: mined, pinned and banned, by customer and page, in both arms, by taps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sixty.insight.models import CapsuleShowing, RelatedQuestion
from sixty.ledger.receiving import Incoming, receive
from sixty.playbook import CapsulePlan, capsule_plan
from sixty.related_rules import RelatedRules
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Order
from sixty.tables import column

Begin = Callable[..., Any]

PRODUCT = "GZ2101"
CATEGORY = "工装"


def learned(question: str, *following: str, category: str = "", place: int = 1) -> None:
    """Puts what was mined into the shop, the best first."""
    with shop_session(get_settings().database_url) as session:
        for ordinal, each in enumerate(following, 1):
            session.add(
                RelatedQuestion(
                    question=question,
                    category=category,
                    place=place,
                    following=each,
                    count=50,
                    share=0.5 / ordinal,
                    weight=0.5,
                    rank_score=0.25 / ordinal,
                    mined_at=datetime.now(timezone.utc),
                )
            )


def titles(said: Any) -> list[str]:
    return [button["title"] for button in said.buttons]


def offered(said: Any) -> dict[str, Any]:
    (message,) = (message for message in said.messages if message.get("offered"))
    return dict(message["offered"])


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every conversation is one of the control group."""
    for module in ("sixty.insight.arms", "sixty.insight.live"):
        monkeypatch.setattr(f"{module}.control_share", lambda: 1.0)


@pytest.fixture(autouse=True)
def no_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever day the tests run on, it is an ordinary one."""
    monkeypatch.setattr("actions.capsules.phase_for", lambda *_: None)


def with_plan(monkeypatch: pytest.MonkeyPatch, **sections: Any) -> None:
    changed: CapsulePlan = capsule_plan().copy(update=sections)
    monkeypatch.setattr("actions.capsules.capsule_plan", lambda: changed)


async def after(chat: Begin, intent: str = "ask_shipping_fee", **about: Any) -> Any:
    talk = chat(**{"slots": {"product_no": PRODUCT}, **about})
    return await talk.run("action_push_capsules", intent)


async def test_before_anything_is_mined_the_playbook_decides(chat: Begin) -> None:
    said = await after(chat)
    assert titles(said) == ["什么时候发货", "几天能到", "发什么快递"]
    assert offered(said) == {
        "sources": ["playbook"] * 3,
        "after": "ask_shipping_fee",
        "category": CATEGORY,
        "entry": "shop",
        "phase": None,
        "arm": "pushes",
    }


async def test_what_customers_ask_next_comes_before_the_playbook(chat: Begin) -> None:
    learned("ask_shipping_fee", "ask_gift", "ask_attribute.续航", "ask_delivery_time")
    said = await after(chat)
    # Trousers have no battery.
    assert titles(said) == ["有赠品吗", "几天能到", "什么时候发货"]
    assert offered(said)["sources"] == ["mined", "mined", "playbook"]


async def test_a_category_has_a_list_of_its_own(chat: Begin) -> None:
    learned("ask_shipping_fee", "ask_gift")
    learned("ask_shipping_fee", "ask_invoice", category=CATEGORY)
    assert titles(await after(chat))[0] == "开发票"
    assert titles(await after(chat, slots={}))[0] == "有赠品吗"


async def test_what_was_asked_is_not_asked_again(chat: Begin) -> None:
    learned("ask_shipping_fee", "ask_gift", "ask_invoice")
    talk = chat(slots={"product_no": PRODUCT})
    await talk.run("action_push_capsules", "ask_gift")
    assert titles(await talk.run("action_push_capsules", "ask_shipping_fee"))[0] == "开发票"


async def test_the_question_before_counts_too(chat: Begin) -> None:
    learned("ask_gift", "ask_payment", place=2)
    talk = chat(slots={"product_no": PRODUCT})
    await talk.run("action_push_capsules", "ask_gift")
    assert titles(await talk.run("action_push_capsules", "ask_shipping_fee"))[0] == "怎么付款"


async def test_pins_and_bans_are_the_merchants(chat: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    learned("ask_shipping_fee", "ask_gift", "ask_invoice")
    rules = RelatedRules(pin={f"ask_shipping_fee/{CATEGORY}": ["pay"]}, ban={"default": ["gift", "ship_time"]})
    with_plan(monkeypatch, related=rules)
    said = await after(chat)
    assert titles(said) == ["怎么付款", "开发票", "几天能到"]
    assert offered(said)["sources"] == ["pinned", "mined", "playbook"]


async def test_a_customer_without_orders_is_not_asked_about_one(chat: Begin) -> None:
    learned("ask_shipping_fee", "refund_status", "ask_gift")
    with shop_session(get_settings().database_url) as session:
        assert session.scalars(select(Order).where(column(Order.customer_id) == "C004")).first() is not None
    assert titles(await after(chat, customer="C004"))[0] == "退款到哪了"
    # Who they are, nobody knows: they may have ordered.
    assert titles(await after(chat))[0] == "退款到哪了"
    assert titles(await after(chat, customer="a-new-one"))[0] == "有赠品吗"


async def test_members_and_those_who_wait_for_an_order_are_offered_their_own(chat: Begin, shop: Session) -> None:
    assert titles(await after(chat, "ask_discount", customer="C004", level="PLUS"))[0] == "会员有什么优惠"
    assert "会员有什么优惠" not in titles(await after(chat, "ask_discount", customer="C003", level="普通"))
    waiting = shop.scalars(select(Order).where(column(Order.state).notin_(["confirmed", "closed"]))).first()
    assert waiting is not None
    said = await chat(entry="shop", customer=waiting.customer_id).run("action_welcome", "greet")
    assert titles(said)[0] == "查我的订单"
    assert offered(said)["sources"] == ["welcome"] * len(said.buttons)
    assert offered(said)["after"] == ""
    new = await chat(entry="shop", customer="a-new-one").run("action_welcome", "greet")
    assert titles(new)[:2] == ["推荐几款", "有什么优惠券"]


async def test_who_comes_from_their_order_is_led_to_returns(chat: Begin) -> None:
    assert titles(await after(chat, "ask_size", entry="order"))[0] == "能退换吗"
    assert titles(await after(chat, "ask_size", entry="product", product_no=PRODUCT))[0] != "能退换吗"


async def test_a_shop_system_out_of_reach_costs_a_capsule_and_no_answer(
    chat: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OutOfReachError("away")

    monkeypatch.setattr("sixty.shop.gateways.sql.SqlOrders.orders_of", away)
    said = await chat(entry="shop", customer="C004").run("action_welcome", "greet")
    assert titles(said) == ["推荐几款", "最近有活动吗", "查我的订单", "包邮吗"]


async def test_what_the_phase_suggests_comes_before_what_was_mined(
    chat: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.capsules.phase_for", lambda *_: "sale")
    learned("ask_coupon", "ask_gift")
    said = await after(chat, "ask_coupon")
    assert titles(said)[:2] == ["优惠能叠加吗", "有赠品吗"]
    assert (offered(said)["phase"], offered(said)["sources"][:2]) == ("sale", ["playbook", "mined"])


async def test_a_quiet_conversation_gets_no_capsules_but_the_same_welcome(chat: Begin, quiet: None) -> None:
    learned("ask_shipping_fee", "ask_gift")
    assert (await after(chat)).buttons == []
    welcome = await chat(entry="shop").run("action_welcome", "greet")
    assert len(welcome.buttons) == 4
    assert offered(welcome)["arm"] == "quiet"


async def test_in_a_quiet_conversation_a_person_is_still_one_tap_away(chat: Begin, quiet: None) -> None:
    # The playbook itself lists a person behind an order that was looked up.
    said = await after(chat, "ask_payment", slots={})
    assert said.buttons == []
    listed = await after(chat, "cancel_after_sales", slots={})
    assert titles(listed) == ["转人工"]
    talk = chat(slots={"product_no": PRODUCT})
    angry = await talk.run("action_push_capsules", "ask_shipping_fee", mood="angry")
    assert titles(angry) == ["转人工"]


async def test_a_question_about_a_campaign_is_named_by_its_words(chat: Begin) -> None:
    learned("ask_promotion.尾款时间", "ask_invoice")
    talk = chat()
    said = await talk.run("action_push_capsules", "ask_promotion", "尾款什么时候付")
    assert offered(said)["after"] == "ask_promotion.尾款时间"
    assert titles(said)[0] == "开发票"


def tapped(question: str, shown: int, taps: int, after: str = "ask_shipping_fee") -> None:
    now = datetime.now(timezone.utc) - timedelta(hours=1)
    with shop_session(get_settings().database_url) as session:
        message = receive(session, Incoming("another", "web", text="…", author="bot"), now).message
        for position in range(shown):
            session.add(
                CapsuleShowing(
                    message_id=message.id,
                    position=position,
                    conversation_id="another",
                    question=question,
                    title="…",
                    source="playbook",
                    arm="pushes",
                    category=CATEGORY,
                    after=after,
                    shown_at=now,
                    tapped_at=now if position < taps else None,
                )
            )


async def test_what_is_tapped_is_shown_first_where_the_merchant_wants_that(
    chat: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for question, taps in (("ask_ship_time", 2), ("ask_delivery_time", 3), ("ask_delivery_method", 120)):
        tapped(question, 300, taps)
    assert titles(await after(chat))[0] == "什么时候发货"
    rules = capsule_plan().taps
    with_plan(monkeypatch, taps=rules.copy(update={"sample": True}))
    assert titles(await after(chat))[0] == "发什么快递"
    # The same turn, handled again, shows the same.
    assert titles(await after(chat)) == titles(await after(chat))
    with_plan(monkeypatch, taps=rules.copy(update={"sample": True, "least": 10_000}))
    assert titles(await after(chat))[0] == "什么时候发货"
    with shop_session(get_settings().database_url) as session:
        session.execute(delete(CapsuleShowing))
