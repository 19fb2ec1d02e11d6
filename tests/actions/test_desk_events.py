"""What the bot says and keeps when a person is called, not waited for any more, or has given the conversation back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import add_agent
from sixty.desk.claims import claim
from sixty.desk.conversations import state_of
from sixty.desk.desk_rules import RoutingRules, Thresholds, read_routing
from sixty.desk.ending import to_bot
from sixty.desk.handoffs import HandOff
from sixty.desk.office_hours import ALWAYS as ALWAYS_OPEN
from sixty.desk.presence import set_presence
from sixty.settings import project_root
from sixty.shop.database import shop_session
from tests.actions.conftest import CONVERSATION

Begin = Callable[..., Any]
# Somebody is at work at whatever hour this runs.
ALWAYS = RoutingRules(vip_levels=frozenset({"PLUS"}), for_vips=Thresholds(misses=1, angry=1))


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sixty.desk.handoffs", "actions.miss", "actions.soothe"):
        monkeypatch.setattr(f"{module}.routing_rules", lambda: ALWAYS)


def employ(presence: Any = "online", capacity: int = 1) -> None:
    now = datetime.now(timezone.utc)
    with shop_session() as session:
        add_agent(session, "li", "小李", now, capacity=capacity)
        if presence != "offline":
            set_presence(session, "li", presence, now, "li")


def handoffs() -> list[HandOff]:
    with shop_session() as session:
        return list(session.scalars(select(HandOff)))


def state() -> str | None:
    with shop_session() as session:
        return state_of(session, CONVERSATION)


async def test_the_place_in_the_queue_is_said_with_a_way_out(shop: Session, chat: Begin) -> None:
    employ()
    said = await chat().run("action_handoff", "ask_human", "转人工")
    assert "下一位" in said.text
    assert [button["payload"] for button in said.buttons] == ["/leave_queue"]
    assert (said.outcomes, state()) == (["handed_over"], "queued")


async def test_asked_twice_the_place_is_said_again(shop: Session, chat: Begin) -> None:
    employ()
    talk = chat()
    first = await talk.run("action_handoff", "ask_human", "转人工")
    second = await talk.run("action_handoff", "ask_human", "人呢")
    assert first.text != second.text
    assert "下一位" in second.text
    assert len(handoffs()) == 1


async def test_where_nobody_is_there_nothing_is_promised(shop: Session, chat: Begin) -> None:
    employ("offline")
    talk = chat()
    said = await talk.run("action_handoff", "ask_human", "转人工")
    assert "没有同事在线" in said.text
    assert said.buttons == []
    assert ([each.state for each in handoffs()], state()) == (["left"], "bot")
    again = await talk.run("action_handoff", "ask_human", "转人工")
    assert "留言已经记下" in again.text


async def test_anger_is_answered_honestly_as_well(shop: Session, chat: Begin) -> None:
    employ("offline")
    talk = chat(slots={"product_no": "GZ2101"})
    for _ in range(2):
        message = talk.user("ask_price", "骗子", mood="angry")
        said = await talk.act("action_soothe", message)
    assert "没有同事在线" in said.text
    assert said.outcomes == ["handed_over"]


async def test_where_nobody_works_nobody_is_announced(shop: Session, chat: Begin) -> None:
    talk = chat(slots={"product_no": "GZ2101"})
    for _ in range(2):
        said = await talk.act("action_soothe", talk.user("ask_price", "骗子", mood="angry"))
    assert said.outcomes == ["handed_over"]
    assert "没有同事在线" in said.text
    assert "按顺序" not in said.text


@pytest.mark.parametrize(("level", "at_once"), [("金卡", True), ("PLUS", True), ("普通", False)])
async def test_the_playbook_hands_a_vip_over_at_the_first_anger(
    shop: Session, chat: Begin, monkeypatch: pytest.MonkeyPatch, level: str, at_once: bool
) -> None:
    employ()
    shipped = read_routing(project_root() / "playbook")
    assert (shipped.for_vips.misses, shipped.for_vips.angry) == (2, 1)
    # At whatever hour this runs, somebody is at work.
    rules = replace(shipped, groups=tuple(replace(each, hours=ALWAYS_OPEN) for each in shipped.groups))
    for module in ("sixty.desk.handoffs", "actions.miss", "actions.soothe"):
        monkeypatch.setattr(f"{module}.routing_rules", lambda: rules)
    talk = chat(customer="C001", level=level, slots={"product_no": "GZ2101"})
    said = await talk.act("action_soothe", talk.user("ask_price", "骗子，多少钱", mood="angry"))
    assert ("handed_over" in said.outcomes) is at_once
    assert [(each.reason, each.raised_by) for each in handoffs()] == ([("angry", ["vip", "angry"])] if at_once else [])
    # One miss is not enough for anybody.
    missed = await chat(customer="C001", level=level).run("action_default_fallback", "nlu_fallback", "阿巴")
    assert missed.outcomes != ["handed_over"]


async def test_a_vip_gets_a_person_at_the_first_miss(shop: Session, chat: Begin) -> None:
    vip = await chat(customer="C001", level="PLUS").run("action_default_fallback", "nlu_fallback", "阿巴")
    assert vip.outcomes == ["handed_over"]


async def test_who_does_not_want_to_wait_does_not(shop: Session, chat: Begin) -> None:
    employ()
    talk = chat(slots={"awaiting": "bundle"})
    await talk.run("action_handoff", "ask_human", "转人工")
    talk.slots["awaiting"] = "bundle"
    said = await talk.run("action_leave_queue", "leave_queue")
    assert "取消排队" in said.text
    assert ([each.end for each in handoffs()], state()) == (["given_up"], "bot")
    assert said.slot("awaiting") == "bundle"
    again = await talk.run("action_leave_queue", "leave_queue")
    assert again.responses == ["utter_social_leave_queue"]


async def test_the_intents_and_the_mood_go_along(shop: Session, chat: Begin) -> None:
    talk = chat(slots={"product_no": "GZ2101"})
    for intent in ("greet", "ask_size", "request_after_sales", "affirm"):
        talk.user(intent, intent)
    talk.user("ask_price", "骗子", mood="angry")
    await talk.run("action_handoff", "ask_human", "转人工")
    (hand_off,) = handoffs()
    assert hand_off.context["intents"] == ["ask_size", "request_after_sales", "ask_price"]
    assert hand_off.context["angry"] is True


async def test_back_with_the_bot_nothing_is_waited_for_and_all_is_known(shop: Session, chat: Begin) -> None:
    employ()
    talk = chat(slots={"product_no": "GZ2101", "height": "175", "awaiting": "deed_offer"}, loop="deed_form")
    await talk.run("action_handoff", "ask_human", "转人工")
    talk.slots |= {"flow": {"name": "after_sales"}, "cause": "破损", "awaiting": "deed"}
    now = datetime.now(timezone.utc)
    with shop_session() as session:
        claim(session, CONVERSATION, "li", now)
        to_bot(session, CONVERSATION, "li", "已申请换货", ["退换货"], now + timedelta(minutes=3))
    said = await talk.run("action_return_to_bot", "return_to_bot")
    assert said.messages == []
    assert {"event": "active_loop", "timestamp": None, "name": None} in [dict(each) for each in said.events]
    assert said.events[-1]["name"] == "action_listen"
    assert [said.slot(name) for name in ("flow", "cause", "requested_slot", "awaiting")] == [None] * 4
    assert said.slot("product_no") == said.slot("height") == "not set"
    stretch = said.slot("person_stretch")
    assert (stretch["agent"], stretch["summary"], stretch["tags"]) == ("li", "已申请换货", ["退换货"])


async def test_without_a_person_before_nothing_is_kept(shop: Session, chat: Begin) -> None:
    said = await chat().run("action_return_to_bot", "return_to_bot")
    assert said.slot("person_stretch") is None


def test_the_rules_of_this_test_differ_from_the_shops_only_in_hours() -> None:
    assert replace(ALWAYS, vip_levels=frozenset(), for_vips=Thresholds()) == RoutingRules()
