"""Bargaining, hesitating, giving up: reasons first, benefits where the rules have them, and nobody is pressed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from sixty.settings import get_settings
from sixty.shop.benefits.models import BenefitGrant, BenefitOffer
from sixty.shop.database import shop_session
from sixty.shop.models import Order, Sku
from sixty.shop.recommendations import Situation, after_order

Begin = Callable[..., Any]

JACKET, PHONE = "GZ1101", "SM1102"


def rows(kind: type[Any]) -> list[Any]:
    with shop_session(get_settings().database_url) as session:
        return list(session.query(kind))


def benefits(said: Any) -> list[dict[str, Any]]:
    return [card for card in said.cards if card["type"] == "benefit"]


def channels(said: Any) -> list[dict[str, Any]]:
    return [card for card in said.cards if card["type"] == "own_channel"]


# --- bargaining ---


async def test_bargaining_goes_in_steps_from_reasons_to_an_honest_last_word(chat: Begin) -> None:
    talk = chat(slots={"product_no": JACKET})
    said = await talk.run("action_bargain", "ask_discount", "能便宜点吗")
    assert benefits(said) == []
    assert said.slot("awaiting") is None
    offers = []
    for _ in range(9):
        said = await talk.run("action_bargain", "ask_discount", "再便宜点")
        if said.slot("awaiting") != "benefit":
            break
        offers.append(benefits(said)[0]["title"])
    assert offers
    assert len(set(offers)) == len(offers)
    # A colleague may do what the bot may not.
    assert "/ask_human" in [button["payload"] for button in said.buttons]
    again = await talk.run("action_bargain", "ask_discount", "真的不能再少了吗")
    assert again.slot("awaiting") is None


async def test_a_yes_gives_what_was_offered_once(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"product_no": JACKET})
    await talk.run("action_bargain", "ask_discount", "便宜点吧")
    offered = benefits(await talk.run("action_bargain", "ask_discount", "再少点"))[0]
    yes = await talk.run("action_grant_benefit", "affirm", "好的")
    (card,) = benefits(yes)
    assert (card["title"], card["state"], card["action"]) == (offered["title"], "granted", None)
    assert len(rows(BenefitGrant)) == 1
    # The same turn, told again after a restart, gives nothing more.
    await talk.act("action_grant_benefit", talk.latest)
    assert len(rows(BenefitGrant)) == 1


async def test_a_no_is_remembered(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"product_no": JACKET})
    await talk.run("action_bargain", "ask_discount", "便宜点吧")
    await talk.run("action_bargain", "ask_discount", "再少点")
    said = await talk.run("action_decline_benefit", "deny", "不用了")
    assert said.slot("awaiting") is None
    assert "declined" in [row.answer for row in rows(BenefitOffer)]
    assert rows(BenefitGrant) == []


async def test_a_sum_that_cannot_be_is_answered_with_what_can(chat: Begin) -> None:
    said = await chat(slots={"product_no": JACKET}).run("action_bargain", "ask_discount", "五十卖不卖")
    assert said.text.startswith("50元确实做不到")
    met = await chat(slots={"product_no": JACKET}).run("action_bargain", "ask_discount", "900行不行")
    assert "比您说的还便宜" in met.text
    assert benefits(met) == []


async def test_a_sum_above_the_price_uses_up_nothing_and_an_offer_stays(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"product_no": JACKET})
    above = await talk.run("action_bargain", "ask_discount", "3000卖不卖")
    assert "没问题" not in above.text
    assert rows(BenefitOffer) == []
    await talk.run("action_bargain", "ask_discount", "便宜点吧")
    assert (await talk.run("action_bargain", "ask_discount", "再少点")).slot("awaiting") == "benefit"
    steps = len(rows(BenefitOffer))
    again = await talk.run("action_bargain", "ask_discount", "3000卖不卖")
    assert again.slot("awaiting") == "benefit"
    assert len(rows(BenefitOffer)) == steps


async def test_a_price_changed_by_hand_is_honestly_refused(chat: Begin) -> None:
    said = await chat(slots={"product_no": JACKET}).run("action_bargain", "ask_discount", "我拍了 帮我改价")
    assert "手动改不了" in said.text


async def test_without_a_product_there_are_words(chat: Begin) -> None:
    assert (await chat().run("action_bargain", "ask_discount", "能便宜点吗")).texts


async def test_in_a_form_and_beside_another_question_only_facts(chat: Begin) -> None:
    said = await chat(slots={"product_no": JACKET}, loop="size_form").run("action_bargain", "ask_discount", "便宜点")
    assert benefits(said) == []
    assert rows(BenefitOffer) == []


async def test_invalid_a_yes_to_nothing_gives_nothing(chat: Begin) -> None:
    said = await chat(customer="C003").run("action_grant_benefit", "affirm", "好的")
    assert said.responses == ["utter_social_affirm"]
    assert rows(BenefitGrant) == []


# --- hesitating and giving up ---


async def test_who_hesitates_is_asked_for_the_doubt(chat: Begin) -> None:
    said = await chat(slots={"product_no": JACKET}).run("action_reassure", "hesitate", "我再看看")
    assert "您主要是担心…？" in said.text
    assert said.outcomes == ["asked_back"]
    titles = [button["title"] for button in said.buttons]
    assert titles == ["版型合不合身", "怕尺码不合适", "起球缩水", "价格高了点", "转人工"]
    assert said.slot("awaiting") == "doubt"


async def test_a_doubt_about_the_price_is_met_where_the_rules_say_so(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"product_no": JACKET})
    await talk.run("action_reassure", "hesitate", "我再看看")
    said = await talk.run("action_reassure", "hesitate", "有点贵")
    assert said.slot("awaiting") == "benefit"
    assert len(benefits(said)) == 1


@pytest.mark.parametrize(("text", "word"), [("怕尺码不合适", "尺码"), ("质量信不过", "质量"), ("怕来不及", None)])
async def test_a_doubt_is_answered_with_what_is_true(chat: Begin, text: str, word: str | None) -> None:
    talk = chat(slots={"product_no": JACKET})
    await talk.run("action_reassure", "hesitate", "我再看看")
    said = await talk.run("action_reassure", "inform", text)
    assert word in said.text if word else said.responses == ["utter_faq_ask_ship_time"]
    assert said.slot("awaiting") is None


async def test_who_gives_up_is_asked_why_once(chat: Begin) -> None:
    talk = chat(slots={"product_no": JACKET})
    said = await talk.run("action_win_back", "abandon_purchase", "不买了")
    assert said.slot("awaiting") == "doubt"
    assert len(said.buttons) == 4
    again = await talk.run("action_win_back", "abandon_purchase", "说了不买了")
    assert again.slot("awaiting") is None
    assert again.responses == ["utter_social_abandon_purchase"]


async def test_a_price_too_high_is_met_and_a_need_that_is_gone_is_not(chat: Begin) -> None:
    said = await chat(slots={"product_no": JACKET}).run("action_win_back", "abandon_purchase", "太贵了不要了")
    assert said.slot("awaiting") == "benefit"
    gone = await chat(slots={"product_no": JACKET}).run("action_win_back", "abandon_purchase", "不需要了")
    assert (gone.cards, gone.responses) == ([], ["utter_social_abandon_purchase"])


async def test_the_shops_own_channel_is_offered_once(chat: Begin) -> None:
    talk = chat(slots={"product_no": PHONE})
    shown = []
    for text in ("考虑一下", "还是再想想", "再看看吧", "再说吧"):
        shown += channels(await talk.run("action_reassure", "hesitate", text))
    assert len(shown) == 1
    assert shown[0]["link"].startswith("http")
    assert shown[0]["kind"] in ("qr", "membership", "wechat")


@pytest.mark.parametrize("action", ["action_bargain", "action_reassure", "action_win_back"])
@pytest.mark.parametrize(
    ("intent", "mood"), [("ask_human", None), ("ask_attribute", "angry"), ("stop_reminders", None)]
)
async def test_who_wants_no_selling_is_given_nothing(chat: Begin, action: str, intent: str, mood: str | None) -> None:
    talk = chat(customer="C003", slots={"product_no": JACKET})
    talk.user(intent, "……", **({"mood": mood} if mood else {}))
    for _ in range(3):
        said = await talk.run(action, "hesitate", "太贵了")
        assert said.cards == []
    assert rows(BenefitOffer) == []


# --- after an order, and what is out of stock ---


def moments_ago() -> datetime:
    return datetime.now(timezone.utc) - timedelta(minutes=3)


def just_paid(shop: Session) -> Order:
    """An order that something goes with, paid minutes ago."""
    paid = shop.query(Order).filter(Order.state == "paid", Order.customer_id.is_not(None)).all()
    order = next(each for each in paid if after_order(shop, Situation(moments_ago(), each.customer_id), each.no))
    with shop_session(get_settings().database_url) as session:
        times = {"paid_at": moments_ago(), "placed_at": moments_ago()}
        session.execute(update(Order).where(Order.no == order.no).values(**times))
    return order


async def test_after_an_order_what_goes_with_it_is_suggested_once(chat: Begin, shop: Session) -> None:
    order = just_paid(shop)
    talk = chat(customer=order.customer_id)
    said = await talk.run("action_continue", "inform", "拍好了")
    assert "谢谢" in said.text
    bought = {line.product_no for line in order.lines}
    shown = [item["no"] for card in said.cards for item in card["items"]]
    assert shown
    assert not bought & {*shown}
    assert said.slot("awaiting") == "suggestion"
    again = await talk.run("action_continue", "inform", "已经付款了")
    assert again.cards == []


async def test_after_an_order_who_wants_none_is_left_in_peace(chat: Begin, shop: Session) -> None:
    order = just_paid(shop)
    talk = chat(customer=order.customer_id)
    await talk.run("action_recommend_products", "deny", "别推荐了")
    assert (await talk.run("action_continue", "inform", "拍好了")).cards == []


async def test_after_an_order_the_control_group_is_thanked_and_no_more(
    chat: Begin, shop: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sixty.insight.arms.control_share", lambda: 1.0)
    order = just_paid(shop)
    said = await chat(customer=order.customer_id).run("action_continue", "inform", "拍好了")
    assert "谢谢" in said.text
    assert said.cards == []


async def test_a_report_of_an_order_that_is_not_there_is_thanked_for(chat: Begin) -> None:
    said = await chat().run("action_continue", "inform", "付好了")
    assert said.texts
    assert said.cards == []


async def test_what_is_sold_out_is_answered_with_what_is_there(chat: Begin) -> None:
    with shop_session(get_settings().database_url) as session:
        session.execute(update(Sku).where(Sku.product_no == JACKET).values(stock=0))
    said = await chat(slots={"product_no": JACKET}).run("action_answer_stock", "ask_stock", "还有货吗")
    (card,) = (card for card in said.cards if card["type"] == "suggestions")
    assert JACKET not in [item["no"] for item in card["items"]]
    # The question comes last, and a yes means it.
    assert said.texts[-1].endswith("告诉您吗？")
    assert said.slot("awaiting") == "deed_offer"


async def test_an_outfit_comes_unasked_once(chat: Begin) -> None:
    talk = chat(slots={"product_no": JACKET, "height": "175", "weight": "70"})
    talk.asked_earlier(45, ("ask_attribute", "材质"), ("ask_stock", None), ("ask_price", None))
    first = await talk.run("action_recommend_bundle", "ask_size", "我穿多大")
    assert first.slot("awaiting") == "bundle"
    assert first.cards[0]["picture"]
    assert (await talk.run("action_recommend_bundle", "ask_size", "那偏大吗")).cards == []
    # Asked for, it is shown again.
    assert (await talk.run("action_recommend_bundle", "ask_matching", "配什么好")).cards


async def test_an_outfit_that_was_refused_does_not_come_back(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"product_no": JACKET, "height": "175", "weight": "70"})
    talk.asked_earlier(45, ("ask_attribute", "材质"), ("ask_stock", None), ("ask_price", None))
    first = await talk.run("action_recommend_bundle", "ask_size", "我穿多大")
    await talk.run("action_decline_bundle", "deny", "先不用")
    refused = {item["no"] for item in first.cards[0]["items"]}
    later = chat(customer="C003", slots={"product_no": JACKET, "height": "175", "weight": "70"})
    again = await later.run("action_recommend_bundle", "ask_size", "我穿多大")
    assert not refused & {item["no"] for card in again.cards for item in card["items"]}
