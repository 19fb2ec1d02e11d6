"""Wrong, missing, damaged: what the policies allow is offered, the picture is kept, compensation has its limit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Order
from sixty.shop.wording import say_amount
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

TWO_ARTICLES = "202628325948935491"  # of C012, delivered five days ago
HUMIDIFIER = "202660213311145494"  # of C036, delivered two days ago, the only one
LOST = "202690047184807826"  # of C005, stuck for five days, the only one
OLD = "202601246690831754"  # of C001, delivered 19 days ago
PICTURE = "https://shop.example/p/1.jpg"


def deeds() -> list[DeedRow]:
    with shop_session(read_only=True) as session:
        return list(session.query(DeedRow).order_by(DeedRow.asked_at))


def paid_for(number: str) -> Decimal:
    with shop_session(read_only=True) as session:
        order = session.get(Order, number)
        assert order is not None
        return sum((line.share for line in order.lines), Decimal(0))


async def test_one_sentence_and_no_picture(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C036")

    await talk.say("wrong_or_missing", "颜色发错了，给我重新发一件", cause="wrong_item")
    assert talk.requested == "picture"
    said = await talk.say("deny", "没有图")

    (deed,) = deeds()
    assert (deed.kind, deed.order_no, deed.line, deed.cause) == ("resend", HUMIDIFIER, 1, "wrong_item")
    assert deed.details["text"].startswith("颜色发错了，给我重新发一件")
    assert "picture" not in deed.details
    assert "发错了是我们的不对" in said.text
    assert deed.reference in said.text


async def test_five_turns_of_an_order_with_two_articles(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C012")

    await talk.say("wrong_or_missing", "你们发的货有问题")
    assert talk.requested == "order_no"
    await talk.say("inform", TWO_ARTICLES, order_no=TWO_ARTICLES)
    assert talk.requested == "cause"
    await talk.say("inform", "包装里没有裤子，少了")
    assert talk.requested == "article"
    said = await talk.say("inform", "第二件", ordinal="2")
    assert talk.requested == "service"
    assert [button["title"] for button in said.buttons] == ["补发给我", "留着用，要补偿", "只退款"]
    await talk.say("inform", '/inform{"service":"补发"}', service="补发")
    assert talk.requested == "picture"
    await talk.say("inform", f"[图片]{PICTURE}")

    (deed,) = deeds()
    assert (deed.kind, deed.line, deed.cause) == ("resend", 2, "missing")
    assert deed.details["picture"] == PICTURE


async def test_compensation_is_read_out_before_it_is_granted_and_has_its_limit(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C036")
    await talk.say("damaged_item", "收到就有裂痕", cause="damaged")
    assert talk.requested == "service"
    await talk.say("inform", "留着用吧，补点钱")
    said = await talk.say("inform", f"[图片]{PICTURE}")
    assert talk.requested == "confirmed"
    limit = min(Decimal(100), paid_for(HUMIDIFIER) * Decimal("0.3")).quantize(Decimal("0.01"))
    assert f"补偿您{say_amount(limit)}" in said.text
    assert deeds() == []

    said = await talk.say("affirm", "可以")

    (deed,) = deeds()
    assert (deed.kind, deed.amount, deed.details["picture"]) == ("compensate", limit, PICTURE)
    assert say_amount(limit) in said.text

    # What was granted once is not granted again.
    await talk.say("damaged_item", "收到就有裂痕", cause="damaged")
    await talk.say("inform", '/inform{"service":"赔付"}', service="赔付")
    assert [each.kind for each in deeds()] == ["compensate"]


async def test_without_a_picture_the_limit_is_lower(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C036")
    await talk.say("damaged_item", "收到就碎了，赔我点钱吧", cause="damaged")
    said = await talk.say("deny", "没有")

    limit = min(Decimal(50), paid_for(HUMIDIFIER) * Decimal("0.2")).quantize(Decimal("0.01"))
    assert f"补偿您{say_amount(limit)}" in said.text


async def test_a_changed_wish_is_read_out_anew(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C036")
    await talk.say("damaged_item", "收到就碎了，赔我点钱吧", cause="damaged")
    await talk.say("deny", "没有")
    assert talk.requested == "confirmed"

    said = await talk.say("inform", '/inform{"service":"退货"}', service="退货")

    assert talk.requested == "confirmed"
    assert "退货退款" in said.text
    await talk.say("affirm", "确定")
    assert [(deed.kind, deed.cause) for deed in deeds()] == [("return", "damaged")]


async def test_what_broke_in_use_can_be_repaired(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C036")
    said = await talk.say("damaged_item", "用了两天就坏了", cause="damaged")
    assert talk.requested == "service"
    assert "维修" in [button["title"] for button in said.buttons]
    assert "补发给我" not in [button["title"] for button in said.buttons]

    await talk.say("inform", "第四个", ordinal="4")
    await talk.say("deny", "没有")
    await talk.say("affirm", "确定")

    assert [(deed.kind, deed.cause) for deed in deeds()] == [("repair", "quality")]


async def test_a_lost_parcel_is_sent_again_at_once(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C005").say("wrong_or_missing", "给我补发一个吧")

    assert [(deed.kind, deed.order_no) for deed in deeds()] == [("resend", LOST)]
    assert "按丢件给您补发" in said.text


async def test_a_question_between_and_no_after_all(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C036")
    await talk.say("damaged_item", "收到就碎了", cause="damaged")

    said = await talk.say("ask_return_policy", "能退换吗")
    assert said.responses == ["utter_faq_ask_return_policy"]
    assert talk.requested == "service"

    await talk.say("deny", "算了不用了")
    assert talk.flow is None
    assert deeds() == []


async def test_too_late_says_why_and_what_else(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C001")

    said = await talk.say("wrong_or_missing", f"{OLD}少发了", cause="missing", order_no=OLD)

    # Nobody is asked for the article when no remedy is left for any.
    assert talk.flow is None
    assert "收到有段时间了" in said.text
    assert said.buttons
    assert deeds() == []


async def test_an_article_that_is_not_there(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C012")
    await talk.say("wrong_or_missing", f"{TWO_ARTICLES}少发了", cause="missing", order_no=TWO_ARTICLES)

    said = await talk.say("inform", "第九件", ordinal="9")

    assert "一共2件" in said.text
    assert talk.requested == "article"


async def test_nothing_has_arrived(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C003").say("damaged_item", "收到的东西碎了", cause="damaged")
    assert said.responses == ["utter_faq_damaged_item"]


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (TWO_ARTICLES, "202600000000000000"):
        talk = flow_talk(customer="C036")
        said = await talk.say("wrong_or_missing", f"{number}少发了", cause="missing", order_no=number)
        answers.append(said.texts)
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = flow_talk(customer="C036")
    await talk.say("wrong_or_missing", "颜色发错了，给我重新发一件", cause="wrong_item")

    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await talk.say("deny", "没有图")

    assert said.outcomes == ["handed_over"]
    assert deeds() == []


async def test_an_angry_customer_is_asked_for_no_picture(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C036")

    said = await talk.say("wrong_or_missing", "垃圾店，颜色发错了，给我重新发", cause="wrong_item", mood="angry")

    assert said.texts[0] == "没给您发对，是我们仓库的失误，对不起。"
    assert [deed.kind for deed in deeds()] == ["resend"]
