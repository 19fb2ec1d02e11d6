"""Price protection: what got cheaper is found, the difference worked out, and the conditions kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Order, Sku
from sixty.shop.wording import say_amount
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

RECEIVED = "202656721878701250"  # of C014, one article
JUST_PAID = "202638178057803704"  # of C014, one article
FRESH_FOOD = "202621889049953142"  # of C014
OF_C001 = "202601246690831754"  # of C001, two articles of food
OF_TWO = "202652000000000013"  # of C052; the first of its two articles costs less now
REFUNDING = "202663386490063915"


def cheaper(number: str, by: str, position: int = 1) -> None:
    """Lowers the price of an order's article, as the shop does."""
    with shop_session() as session:
        order = session.get(Order, number)
        assert order is not None
        line = order.lines[position - 1]
        sku = session.get(Sku, line.sku_code)
        assert sku is not None
        sku.price = line.unit_price - Decimal(by)
        sku.member_price = None


def deeds() -> list[tuple[str, str, Decimal | None]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.state, row.amount) for row in session.query(DeedRow)]


def reference() -> str:
    with shop_session(read_only=True) as session:
        return str(session.query(DeedRow).one().reference)


async def test_one_sentence_finds_the_order_that_got_cheaper(flow_talk: Begin) -> None:
    cheaper(RECEIVED, "10")
    talk = flow_talk(customer="C014")

    said = await talk.say("price_protection", "刚买就降价了，差价退我", cause="price")

    assert talk.flow is None
    assert deeds() == [("price_protection", "accepted", Decimal(10))]
    for part in ("您买时", "现在", "10元", "24小时内原路退出", "最晚明天", reference()):
        assert part in said.text


async def test_five_turns_of_a_visitor(flow_talk: Begin) -> None:
    cheaper(RECEIVED, "10")
    talk = flow_talk()

    said = await talk.say("price_protection", "支持价保吗")
    assert said.responses == ["utter_faq_price_protection"]
    assert said.slot("awaiting") == "deed_offer"
    await talk.say("affirm", "好的")
    assert talk.requested == "order_no"
    await talk.say("inform", RECEIVED, order_no=RECEIVED)
    assert talk.requested == "phone_tail"
    await talk.say("inform", "3907", number="3907")

    assert deeds() == [("price_protection", "accepted", Decimal(10))]


async def test_two_orders_got_cheaper(flow_talk: Begin) -> None:
    cheaper(RECEIVED, "10")
    cheaper(JUST_PAID, "5")
    talk = flow_talk(customer="C014")

    said = await talk.say("price_protection", "我要价保")
    assert talk.requested == "order_no"
    # What costs the same is not among them.
    assert {order["no"] for order in said.cards[0]["orders"]} == {RECEIVED, JUST_PAID}

    await talk.say("inform", "第一个", ordinal="1")
    assert deeds() == [("price_protection", "accepted", Decimal(5))]


async def test_only_what_got_cheaper_of_an_order_is_paid_back(flow_talk: Begin, shop: Session) -> None:
    order = shop.get(Order, OF_TWO)
    assert order is not None
    talk = flow_talk(customer=order.customer_id, order_no=OF_TWO, entry="order")

    said = await talk.say("price_protection", "这单降价了，补差价")

    ((kind, state, amount),) = deeds()
    assert (kind, state) == ("price_protection", "accepted")
    sku = shop.get(Sku, order.lines[0].sku_code)
    assert sku is not None
    assert amount == (order.lines[0].unit_price - sku.price) * order.lines[0].quantity
    assert order.lines[0].name in said.text
    assert order.lines[1].name not in said.text


async def test_all_that_got_cheaper_is_paid_back_at_once(flow_talk: Begin, shop: Session) -> None:
    cheaper(OF_TWO, "2", position=2)
    order = shop.get(Order, OF_TWO)
    assert order is not None
    talk = flow_talk(customer=order.customer_id, order_no=OF_TWO, entry="order")

    said = await talk.say("price_protection", "这单降价了，补差价")

    assert [state for _, state, _ in deeds()] == ["accepted", "accepted"]
    assert f"{say_amount(sum(amount or Decimal(0) for _, _, amount in deeds()))}" in said.text
    assert all(line.name in said.text for line in order.lines)


async def test_the_order_of_the_talk_gives_way_to_the_one_that_got_cheaper(flow_talk: Begin) -> None:
    cheaper(RECEIVED, "10")
    talk = flow_talk(customer="C014")
    talk.chat.slots["order_no"] = JUST_PAID

    await talk.say("price_protection", "降价了，差价退我")

    assert deeds() == [("price_protection", "accepted", Decimal(10))]


async def test_nothing_got_cheaper(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")

    said = await talk.say("price_protection", "申请价保")

    assert talk.flow is None
    assert "没有比您买的低" in said.text
    assert all(state == "refused" for _, state, _ in deeds())


@pytest.mark.parametrize(("number", "why"), [(FRESH_FOOD, "生鲜"), (REFUNDING, "退款")])
async def test_ineligible_says_why(flow_talk: Begin, number: str, why: str) -> None:
    cheaper(number, "1")
    talk = flow_talk(customer="C014")

    said = await talk.say("price_protection", f"{number}降价了", order_no=number)

    assert talk.flow is None
    assert why in said.text


async def test_too_late(flow_talk: Begin) -> None:
    cheaper(RECEIVED, "10")
    with shop_session() as session:
        order = session.get(Order, RECEIVED)
        assert order is not None
        order.placed_at -= timedelta(days=20)
    said = await flow_talk(customer="C014", order_no=RECEIVED, entry="order").say("price_protection", "申请价保")
    assert "十五天以内" in said.text


async def test_the_same_difference_is_paid_once(flow_talk: Begin) -> None:
    cheaper(RECEIVED, "10")
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("price_protection", "申请价保")

    said = await talk.say("price_protection", "申请价保")

    assert "已经在退" in said.text
    assert [state for _, state, _ in deeds()].count("accepted") == 1


async def test_how_far_it_is(flow_talk: Begin) -> None:
    cheaper(RECEIVED, "10")
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("price_protection", "申请价保")

    said = await talk.say("price_protection", "差价退了没有")
    assert "10元" in said.text
    assert reference() in said.text

    with shop_session() as session:
        for row in session.query(DeedRow):
            row.promised_at = row.asked_at - timedelta(hours=1)
    said = await talk.say("price_protection", "我申请过价保，怎么还没到账")
    assert "没做到" in said.text
    assert reference() in said.text


async def test_correction_another_order(flow_talk: Begin) -> None:
    cheaper(RECEIVED, "10")
    cheaper(JUST_PAID, "5")
    talk = flow_talk()
    await talk.say("price_protection", "我要价保")
    await talk.say("inform", JUST_PAID, order_no=JUST_PAID)
    assert talk.requested == "phone_tail"

    await talk.say("inform", f"不对，是{RECEIVED}", order_no=RECEIVED)
    await talk.say("inform", "3907", number="3907")

    assert deeds() == [("price_protection", "accepted", Decimal(10))]


@pytest.mark.parametrize("question", ["保价多久", "怎么申请价保", "我今天拍了 要是618更便宜给补吗", "30天价保是真的么"])
async def test_the_rule_is_told(flow_talk: Begin, question: str) -> None:
    said = await flow_talk(customer="C003").say("price_protection", question)
    assert said.responses == ["utter_faq_price_protection"]
    assert said.slot("awaiting") is None


async def test_digression(flow_talk: Begin) -> None:
    talk = flow_talk()
    await talk.say("price_protection", "我要价保")
    await talk.say("affirm", "好的")
    said = await talk.say("ask_invoice", "能开发票吗")
    assert said.responses == ["utter_faq_ask_invoice"]
    assert talk.flow == "price_protection"
    assert talk.requested == "order_no"


async def test_let_be(flow_talk: Begin) -> None:
    talk = flow_talk()
    await talk.say("price_protection", "我要价保")
    await talk.say("affirm", "好的")
    said = await talk.say("abandon_purchase", "算了")
    assert talk.flow is None
    assert "先不申请价保" in said.text


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (OF_C001, "202600000000000000"):
        talk = flow_talk(customer="C014")
        said = await talk.say("price_protection", f"{number}降价了", order_no=number)
        answers.append(said.texts)
        assert talk.requested == "order_no"
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    cheaper(RECEIVED, "10")
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")

    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await talk.say("price_protection", "申请价保")

    assert said.outcomes == ["handed_over"]
    assert deeds() == []
