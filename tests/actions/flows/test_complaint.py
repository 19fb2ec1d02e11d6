"""A complaint is written down once, with its hour, and a person has it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from sixty.desk.handoffs import HandOff
from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.wording import say_moment
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

OVERDUE = "202663540115276113"  # of C046
ANOTHERS = "202628325948935491"  # of C012


def deeds() -> list[DeedRow]:
    with shop_session(read_only=True) as session:
        return list(session.query(DeedRow).order_by(DeedRow.asked_at))


def handoffs() -> list[str]:
    with shop_session(read_only=True) as session:
        return [row.reason for row in session.query(HandOff)]


async def test_one_sentence(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C014").say("complain", "投诉你们，发货太慢还不理人")

    (deed,) = deeds()
    assert (deed.kind, deed.order_no, deed.customer_id) == ("complain", None, "C014")
    assert deed.details == {"text": "投诉你们，发货太慢还不理人"}
    assert deed.promised_at is not None
    assert say_moment(deed.promised_at, datetime.now(timezone.utc)) in said.text
    assert deed.reference in said.text
    assert handoffs() == ["complaint"]
    assert said.outcomes[0] == "handed_over"


async def test_what_it_is_about_is_asked_where_nothing_was_said(flow_talk: Begin) -> None:
    talk = flow_talk()
    said = await talk.say("complain", "我要投诉你们！")
    assert talk.requested == "detail"
    assert handoffs() == []

    said = await talk.say("ask_delivery_method", "你们发什么快递？")
    assert said.responses == ["utter_faq_ask_delivery_method"]
    assert talk.requested == "detail"

    await talk.say("complain", "师傅把门撞坏了还不承认")
    (deed,) = deeds()
    assert deed.details["text"].endswith("师傅把门撞坏了还不承认")
    assert deed.customer_id is None
    assert handoffs() == ["complaint"]


async def test_the_order_that_is_talked_about_goes_with_it(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C046")
    talk.chat.slots["order_no"] = OVERDUE

    await talk.say("complain", "五天了都不发货，我要投诉")

    assert [deed.order_no for deed in deeds()] == [OVERDUE]


async def test_another_ones_order_does_not(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C046")
    talk.chat.slots["order_no"] = ANOTHERS

    await talk.say("complain", "五天了都不发货，我要投诉")

    assert [deed.order_no for deed in deeds()] == [None]


async def test_once(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014")
    await talk.say("complain", "投诉你们，发货太慢还不理人")

    said = await talk.say("complain", "投诉你们，客服态度太差了")

    (deed,) = deeds()
    assert deed.promised_at is not None
    assert f"最晚{say_moment(deed.promised_at, datetime.now(timezone.utc))}" in said.text
    assert handoffs() == ["complaint"]


async def test_an_angry_customer_is_asked_nothing_and_hears_the_fault(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C046")
    talk.chat.slots["order_no"] = OVERDUE

    said = await talk.say("complain", "骗子，投诉", mood="angry")

    assert talk.flow is None
    assert "是我们没做到，对不起" in said.texts[0]
    assert [deed.details["text"] for deed in deeds()] == ["骗子，投诉"]
    assert handoffs() == ["complaint"]


@pytest.mark.parametrize("line", ["不用了", "算了不投诉了"])
async def test_let_be(flow_talk: Begin, line: str) -> None:
    talk = flow_talk(customer="C014")
    await talk.say("complain", "我要投诉")

    said = await talk.say("deny", line)

    assert talk.flow is None
    assert "先不登记投诉" in said.text
    assert deeds() == []
    assert handoffs() == []


async def test_gibberish_is_asked_again(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014")
    await talk.say("complain", "我要投诉")

    await talk.say("nlu_fallback", "？？？")

    assert talk.requested == "detail"
    assert deeds() == []


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await flow_talk(customer="C014").say("complain", "投诉你们，发货太慢还不理人")

    assert said.outcomes == ["handed_over"]
