"""What the bot remembers of a reminder, and what it says to the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.conversations import begin
from sixty.ledger.models import Message
from sixty.ledger.unsaid import REMINDED
from sixty.outreach.scenes_file import shop_book
from sixty.outreach.telling_the_bot import Answers, tell_the_bot
from sixty.shop.database import shop_session
from sixty.shop.models import Order, Sku
from sixty.shop.wording import say_amount
from tests.actions.conftest import CONVERSATION

Begin = Callable[..., Any]
NOW = datetime(2026, 11, 11, 9, tzinfo=timezone.utc)


def order_of(session: Session, state: str) -> Order:
    query = select(Order).where(Order.state == state, Order.customer_id.is_not(None)).order_by(Order.no)
    return session.scalars(query).first()


def told(answers: Answers, **about: Any) -> int:
    """The event, as the engine writes it; its id."""
    with shop_session() as session:
        assert tell_the_bot(session, CONVERSATION, "r1", answers, NOW, **about)
        # Once for each reminder.
        assert not tell_the_bot(session, CONVERSATION, "r1", answers, NOW, **about)
        return session.scalars(select(Message.id).where(Message.kind == REMINDED)).one()


async def remind(talk: Any, answers: Answers, **about: Any) -> Any:
    """Runs the event; the conversation then waits for an answer."""
    talk.come_in()
    number = told(answers, **about)
    return await talk.act("action_reminded", {**talk.user("reminded", "/reminded"), "message_id": str(number)})


@pytest.mark.parametrize(
    ("answers", "awaiting"),
    [
        ("buy", "reminder_buy"),
        ("pay", "reminder_pay"),
        ("address", "reminder_address"),
        ("parcel", "reminder_news"),
        ("review", "reminder_news"),
    ],
)
async def test_the_bot_remembers_and_says_nothing(chat: Begin, answers: Answers, awaiting: str) -> None:
    talk = chat(customer="C001", slots={"awaiting": "deed", "flow": {"name": "after_sales"}}, loop="deed_form")
    said = await remind(talk, answers, order_no="202611180000012345", product_no="GZ2101", case=7)
    assert said.messages == []
    assert said.events[-1]["name"] == "action_listen"
    assert [said.slot(name) for name in ("awaiting", "flow", "requested_slot")] == [awaiting, None, None]
    assert (said.slot("order_no"), said.slot("product_no")) == ("202611180000012345", "GZ2101")
    assert said.slot("reminder")["case"] == 7


async def test_who_says_so_without_an_event_is_not_believed(chat: Begin) -> None:
    talk = chat(customer="C001")
    for number in ("", "nonsense", "999999"):
        said = await talk.act("action_reminded", {**talk.user("reminded"), "message_id": number})
        assert said.slot("reminder") == "not set"


async def test_an_event_of_another_conversation_is_not_believed(chat: Begin) -> None:
    talk = chat(customer="C001")
    talk.come_in()
    with shop_session() as session:
        other = begin(session, "web", NOW)[0].id
        tell_the_bot(session, other, "r1", "pay", NOW, order_no="1")
        number = session.scalars(select(Message.id).where(Message.kind == REMINDED)).one()
    said = await talk.act("action_reminded", {**talk.user("reminded"), "message_id": str(number)})
    assert said.slot("reminder") == "not set"


async def test_a_yes_leads_to_the_payment(shop: Session, chat: Begin) -> None:
    order = order_of(shop, "unpaid")
    talk = chat(customer=order.customer_id)
    await remind(talk, "pay", order_no=order.no)
    said = await talk.run("action_answer_reminder", "ask_payment", "怎么付")
    assert said.known("utter_faq_reminder_pay")["link"].endswith(f"/my/orders/{order.no}/pay")
    assert [card["no"] for card in said.cards] == [order.no]
    assert (said.slot("awaiting"), said.slot("reminder")) == (None, None)


@pytest.mark.parametrize(
    ("state", "response"), [("paid", "utter_faq_reminder_paid"), ("closed", "utter_faq_reminder_closed")]
)
async def test_what_has_happened_meanwhile_is_said(shop: Session, chat: Begin, state: str, response: str) -> None:
    order = order_of(shop, state)
    talk = chat(customer=order.customer_id)
    await remind(talk, "pay", order_no=order.no)
    assert (await talk.run("action_answer_reminder", "affirm", "好的")).responses == [response]


async def test_somebody_elses_order_is_not_shown(shop: Session, chat: Begin) -> None:
    order = order_of(shop, "unpaid")
    talk = chat(customer="C003" if order.customer_id != "C003" else "C001")
    await remind(talk, "pay", order_no=order.no)
    said = await talk.run("action_answer_reminder", "affirm", "好的")
    assert (said.cards, said.responses) == ([], ["utter_faq_ask_payment"])


async def test_a_yes_leads_to_the_product_or_to_the_doubts_answer(chat: Begin) -> None:
    talk = chat(customer="C003")
    await remind(talk, "buy", product_no="GZ2101", why="unknown")
    said = await talk.run("action_answer_reminder", "affirm", "好的")
    assert said.responses == ["utter_faq_reminder_buy"]
    assert [card["no"] for card in said.cards] == ["GZ2101"]
    doubting = chat(customer="C003", slots={"product_no": "GZ2101"})
    doubting.slots |= {"reminder": {"answers": "buy", "product_no": "GZ2101", "why": "quality"}}
    said = await doubting.run("action_answer_reminder", "affirm", "好的")
    assert "质量问题" in said.text
    assert said.cards == []


@pytest.mark.parametrize(
    ("answers", "response", "page"),
    [
        ("receipt", "utter_faq_reminder_receipt", "/confirm"),
        ("review", "utter_faq_reminder_review", "/review"),
    ],
)
async def test_a_yes_leads_to_the_page(chat: Begin, answers: Answers, response: str, page: str) -> None:
    talk = chat(customer="C001")
    await remind(talk, answers, order_no="202611180000012345")
    said = await talk.run("action_answer_reminder", "affirm", "好的")
    assert said.known(response)["link"].endswith(page)


@pytest.mark.parametrize(
    ("state", "response", "buttons"),
    [
        ("unpaid", "utter_social_reminder_unpaid_dropped", ["取消订单"]),
        ("paid", "utter_social_reminder_order_dropped", ["取消订单"]),
        ("delivered", "utter_social_reminder_order_dropped", ["申请退货"]),
        ("closed", "utter_social_reminder_dropped", []),
    ],
)
async def test_who_does_not_want_it_is_left_alone(
    shop: Session, chat: Begin, state: str, response: str, buttons: list[str]
) -> None:
    order = order_of(shop, state)
    talk = chat(customer=order.customer_id)
    await remind(talk, "pay", order_no=order.no)
    said = await talk.run("action_drop_reminder", "abandon_purchase", "不想要了")
    assert said.responses == [response]
    assert [button["title"] for button in said.buttons] == buttons
    assert said.slot("awaiting") is None


@pytest.mark.parametrize("text", ["已经付了", "付过啦", "钱付掉了"])
async def test_nobody_who_says_that_they_have_paid_is_asked_to_pay_again(shop: Session, chat: Begin, text: str) -> None:
    order = order_of(shop, "unpaid")
    talk = chat(customer=order.customer_id)
    await remind(talk, "pay", order_no=order.no)
    said = await talk.run("action_answer_reminder", "inform", text)
    assert said.responses == ["utter_faq_reminder_payment_unseen"]
    assert said.cards == []
    paid = order_of(shop, "paid")
    talk = chat(customer=paid.customer_id)
    talk.slots |= {"reminder": {"answers": "pay", "order_no": paid.no}}
    assert (await talk.run("action_answer_reminder", "inform", text)).responses == ["utter_faq_reminder_paid"]


async def test_what_is_due_is_told(shop: Session, chat: Begin) -> None:
    unpaid, ordered = order_of(shop, "unpaid"), order_of(shop, "deposit_paid")
    talk = chat(customer=unpaid.customer_id, slots={"reminder": {"answers": "pay", "order_no": unpaid.no}})
    said = await talk.run("action_answer_reminder", "ask_price", "一共多少钱")
    assert say_amount(unpaid.goods_amount - unpaid.discount + unpaid.postage) in said.text
    assert [card["no"] for card in said.cards] == [unpaid.no]
    talk = chat(customer=ordered.customer_id, slots={"reminder": {"answers": "pay", "order_no": ordered.no}})
    assert "尾款" in (await talk.run("action_answer_reminder", "ask_price", "还差多少")).text


@pytest.mark.parametrize(
    ("answers", "text", "response"),
    [
        ("buy", "已经拍了", "utter_faq_reminder_bought"),
        ("receipt", "确认过了", "utter_faq_reminder_confirmed"),
        ("review", "评完了", "utter_faq_reminder_reviewed"),
        ("receipt", "收到了", "utter_faq_reminder_receipt"),
    ],
)
async def test_what_is_done_is_not_asked_for_again(
    shop: Session, chat: Begin, answers: Answers, text: str, response: str
) -> None:
    order = order_of(shop, "delivered")
    talk = chat(customer=order.customer_id)
    await remind(talk, answers, order_no=order.no, product_no="GZ2101")
    said = await talk.run("action_answer_reminder", "inform", text)
    assert said.responses == [response]
    assert said.slot("awaiting") is None


async def test_how_to_buy_is_told_with_the_product(chat: Begin) -> None:
    talk = chat(customer="C003")
    await remind(talk, "buy", product_no="GZ2101")
    said = await talk.run("action_answer_reminder", "order_help", "怎么买")
    assert said.responses == ["utter_faq_order_help"]
    assert [card["no"] for card in said.cards] == ["GZ2101"]


async def test_a_new_address_begins_the_change(shop: Session, chat: Begin) -> None:
    order = order_of(shop, "paid")
    talk = chat(customer=order.customer_id)
    await remind(talk, "address", order_no=order.no)
    said = await talk.run("action_answer_reminder", "inform", "浙江省杭州市西湖区文三路8号2栋301")
    assert (said.slot("awaiting"), said.events[-1]["name"]) == ("deed", "deed_form")
    assert said.slot("flow")["name"] == "change_order"
    talk.loop = "deed_form"
    heard = await talk.act("validate_deed_form", talk.latest)
    assert heard.slot("flow")["end"] == "ready"
    assert "文三路8号" in str(heard.slot("detail"))


@pytest.mark.parametrize(
    ("intent", "text", "response"),
    [
        ("deny", "不用改", "utter_faq_reminder_address"),
        ("deny", "没错，就这样", "utter_faq_reminder_address"),
        ("deny", "不对", "utter_ask_reminder_address"),
        ("hesitate", "晚点看", "utter_social_reminder_address_later"),
    ],
)
async def test_an_address_stays_unless_it_is_wrong(chat: Begin, intent: str, text: str, response: str) -> None:
    talk = chat(customer="C001")
    await remind(talk, "address", order_no="202611180000012345")
    assert (await talk.run("action_drop_reminder", intent, text)).responses == [response]


async def test_a_fact_beside_the_address_promises_nothing(chat: Begin) -> None:
    talk = chat(customer="C001")
    await remind(talk, "address", order_no="202611180000012345")
    said = await talk.run("action_answer_reminder", "inform", "搬家了")
    assert said.responses == ["utter_faq_reminder_address_either"]


@pytest.mark.parametrize(
    ("awaiting", "text", "response"),
    [
        ("reminder_pay", "晚上再付", "utter_social_reminder_pay_later"),
        ("reminder_pay", "发工资再说", "utter_social_reminder_pay_later"),
        ("reminder_buy", "下班再看", "utter_social_reminder_later"),
    ],
)
async def test_who_does_it_later_is_not_asked_for_doubts(chat: Begin, awaiting: str, text: str, response: str) -> None:
    talk = chat(customer="C003", slots={"awaiting": awaiting, "product_no": "GZ2101"})
    said = await talk.run("action_reassure", "hesitate", text)
    assert said.responses == [response]
    assert (said.slot("awaiting"), said.buttons) == (None, [])


async def test_a_price_worry_is_still_met_when_it_is_for_later(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"awaiting": "reminder_buy", "product_no": "GZ2101"})
    said = await talk.run("action_reassure", "hesitate", "有点贵，晚点再看")
    assert "utter_social_reminder_later" not in said.responses
    assert said.messages


@pytest.mark.parametrize(
    ("state", "titles"),
    [("paid", ["催发货", "取消订单", "转人工"]), ("shipped", ["催快递", "申请退款", "转人工"])],
)
async def test_who_will_not_wait_for_what_is_late_gets_the_ways_out(
    shop: Session, chat: Begin, state: str, titles: list[str]
) -> None:
    order = order_of(shop, state)
    talk = chat(customer=order.customer_id)
    await remind(talk, "parcel", order_no=order.no, scene="delayed")
    said = await talk.run("action_drop_reminder", "abandon_purchase", "等不及了")
    assert said.responses == ["utter_ask_reminder_late"]
    assert [button["title"] for button in said.buttons] == titles


async def test_who_is_patient_is_thanked(chat: Begin) -> None:
    talk = chat(customer="C001")
    await remind(talk, "parcel", order_no="202611180000012345", scene="delayed")
    assert (await talk.run("action_drop_reminder", "deny", "没事，慢慢来")).responses == [
        "utter_social_reminder_patient"
    ]


async def test_a_deposit_is_not_let_go_unsaid(shop: Session, chat: Begin) -> None:
    order = order_of(shop, "deposit_paid")
    talk = chat(customer=order.customer_id)
    await remind(talk, "pay", order_no=order.no)
    said = await talk.run("action_drop_reminder", "abandon_purchase", "尾款不想付了")
    assert said.responses == ["utter_social_reminder_balance_dropped"]


async def test_no_and_no_more(chat: Begin) -> None:
    for intent, answers, response in (
        ("deny", "buy", "utter_social_reminder_dropped"),
        ("deny", "address", "utter_ask_reminder_address"),
        ("stop_reminders", "pay", "utter_faq_stop_reminders"),
    ):
        talk = chat(customer="C001", slots={"reminder": {"answers": answers}})
        assert (await talk.run("action_drop_reminder", intent, "不")).responses == [response]


async def test_what_is_on_its_way_is_not_noted_on_another_order(shop: Session, chat: Begin) -> None:
    paid = {each.customer_id for each in shop.scalars(select(Order).where(Order.state == "paid"))}
    shipped = shop.scalars(select(Order).where(Order.state == "shipped").order_by(Order.no))
    order = next(each for each in shipped if each.customer_id in paid)
    talk = chat(customer=order.customer_id)
    await remind(talk, "parcel", order_no=order.no, scene="out_for_delivery")
    said = await talk.run("action_begin_deed", "order_note", "放门口吧")
    assert "已经发出" in said.text
    assert said.slot("awaiting") is None
    assert "/schedule_delivery" in [button["payload"] for button in said.buttons]


def sell_out(product_no: str) -> None:
    with shop_session() as session:
        for sku in session.scalars(select(Sku).where(Sku.product_no == product_no)):
            sku.stock = 0


def capsules_of(title: str) -> list[tuple[str, str]]:
    """The capsules of all scenes that are called so, with their scenes."""
    scenes = shop_book().scenes.values()
    return [
        (scene.id, payload)
        for scene in scenes
        for each in scene.variants
        for name, payload in each.capsules
        if name == title
    ]


@pytest.mark.parametrize(("scene", "payload"), sorted(set(capsules_of("到货通知我"))))
async def test_the_capsule_notes_the_wish(chat: Begin, scene: str, payload: str) -> None:
    sell_out("GZ2101")
    talk = chat(customer="C001")
    await remind(talk, shop_book().scenes[scene].answers, product_no="GZ2101", case=7)
    intent, _, entities = payload.removeprefix("/").partition("{")
    said = await talk.act("action_answer_stock", talk.user(intent, payload, **json.loads("{" + entities)))
    assert said.slot("flow")["name"] == "back_in_stock"
    assert "要我到货时在这里告诉您吗" not in said.text


async def test_what_has_sold_out_meanwhile_is_wished_for_by_a_tap(chat: Begin) -> None:
    sell_out("GZ2101")
    talk = chat(customer="C001")
    await remind(talk, "buy", product_no="GZ2101")
    said = await talk.run("action_answer_reminder", "affirm", "好的")
    assert '"service":"到货通知"' in said.buttons[0]["payload"]
