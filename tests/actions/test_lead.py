"""What the bot offers by itself behind an answer: nothing in the first half of the minute, then one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from sixty.settings import get_settings
from sixty.shop.benefits.models import BenefitOffer
from sixty.shop.database import shop_session

Begin = Callable[..., Any]

TROUSERS, PHONE, ORANGES, BOTTLE = "GZ2101", "SM1101", "SX3101", "MY1101"
CURIOUS = (("ask_attribute", "材质"), ("ask_stock", None), ("ask_price", None))
WAVERING = (("ask_attribute", "续航"), ("hesitate", None), ("hesitate", None), ("ask_discount", None))


@pytest.fixture
def chat(chat: Begin, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Begins conversations in which no time passes but what a test says."""
    moment = datetime.now(timezone.utc)
    monkeypatch.setattr("actions.action._now", lambda: moment)
    return partial(chat, now=moment)


def pushes(said: Any) -> list[str]:
    return [message["push"] for message in said.messages if message.get("push")]


async def ask(talk: Any, key: str, **more: Any) -> Any:
    """Asks for an attribute as the rules do: the answer, then what leads on."""
    message = talk.user("ask_attribute", f"{key}怎么样", attribute=key, **more)
    await talk.act("action_answer_attribute", message)
    return await talk.act("action_push_capsules", message)


@pytest.mark.parametrize("seconds", [0, 10, 20, 34])
async def test_in_the_first_half_of_the_minute_questions_are_answered(chat: Begin, seconds: int) -> None:
    talk = chat(product_no=TROUSERS, entry="product", slots={"product_no": TROUSERS})
    talk.asked_earlier(seconds, *CURIOUS[:2])
    for key in ("版型", "材质"):
        said = await ask(talk, key)
        assert pushes(said) == []
        assert said.buttons, "what is likely to be asked next"


async def test_who_is_willing_is_offered_what_goes_with_it_once_the_doubts_are_settled(chat: Begin) -> None:
    talk = chat(product_no=TROUSERS, entry="product", slots={"product_no": TROUSERS})
    talk.asked_earlier(45, *CURIOUS)
    offered = []
    for key in ("护理", "版型", "材质", "厚薄", "缩水"):
        said = await ask(talk, key)
        offered.append(pushes(said))
    assert offered == [[], ["doubts"], ["close"], [], ["bundle"]]
    assert said.slot("awaiting") == "bundle"
    assert [button["payload"] for button in said.buttons] == ["/affirm", "/deny"]
    talk.slots["awaiting"] = None
    for key in ("弹力", "护理", "版型"):
        assert "bundle" not in pushes(await ask(talk, key))


async def test_who_is_not_yet_willing_is_not_sold_on(chat: Begin) -> None:
    talk = chat(product_no=TROUSERS, entry="product", slots={"product_no": TROUSERS})
    talk.asked_earlier(45, ("ask_attribute", "材质"), ("hesitate", None))
    for key in ("护理", "版型", "材质", "厚薄", "缩水"):
        assert "bundle" not in pushes(await ask(talk, key))


async def test_a_doubt_that_is_left_is_asked_for_then_settled_then_closed(chat: Begin) -> None:
    talk = chat(product_no=BOTTLE, entry="product", slots={"product_no": BOTTLE})
    talk.asked_earlier(90, ("ask_shipping_fee", None))
    assert pushes(await ask(talk, "材质")) == []
    left = await ask(talk, "护理")
    assert pushes(left) == ["doubts"]
    titles = [button["title"] for button in left.buttons]
    assert titles == ["适合多大宝宝", "转人工"]
    # The doubt that was tapped is the last: it is closed right behind its answer.
    assert pushes(await ask(talk, "适用年龄")) == ["close"]


async def test_familiar_goods_are_closed_fast(chat: Begin) -> None:
    talk = chat(product_no=ORANGES, entry="product", slots={"product_no": ORANGES})
    talk.asked_earlier(40, ("ask_shipping_fee", None))
    message = talk.user("ask_shelf_life", "新鲜吗")
    await talk.act("action_answer_attribute", message)
    said = await talk.act("action_push_capsules", message)
    assert pushes(said) in ([], ["close"])
    assert "close" in pushes(said) or pushes(await ask(talk, "产地")) == ["close"]


async def test_who_wavers_before_dear_goods_is_won_back_and_then_invited(chat: Begin) -> None:
    talk = chat(customer="C034", level="金卡", product_no=PHONE, entry="product", slots={"product_no": PHONE})
    talk.asked_earlier(150, *WAVERING)
    said = await ask(talk, "接口")
    assert pushes(said) == ["benefit"]
    assert said.slot("awaiting") == "benefit"
    with shop_session(get_settings().database_url) as session:
        assert session.query(BenefitOffer).count() == 1


@pytest.mark.parametrize(
    ("intent", "more"),
    [
        ("abandon_purchase", {}),
        ("ask_attribute", {"mood": "negative"}),
        ("ask_attribute", {"mood": "angry"}),
        ("ask_human", {}),
        ("stop_reminders", {}),
    ],
)
async def test_after_a_refusal_or_in_a_bad_mood_nothing_is_offered(
    chat: Begin, intent: str, more: dict[str, str]
) -> None:
    talk = chat(product_no=TROUSERS, entry="product", slots={"product_no": TROUSERS})
    talk.asked_earlier(45, *CURIOUS)
    talk.user(intent, "……", **more)
    for key in ("护理", "版型", "材质"):
        assert pushes(await ask(talk, key)) == []


async def test_what_was_declined_is_not_offered_again_and_there_is_quiet_for_a_while(chat: Begin) -> None:
    talk = chat(customer="C003", product_no=TROUSERS, entry="product", slots={"product_no": TROUSERS})
    talk.asked_earlier(40, *CURIOUS)
    assert pushes(await talk.run("action_recommend_bundle", "ask_size", "我穿多大")) == ["bundle"]
    await talk.run("action_decline_bundle", "deny", "先不用")
    said = [pushes(await ask(talk, key)) for key in ("版型", "材质", "弹力")]
    assert said == [[], [], []]
    later = [push for key in ("缩水", "护理", "厚薄") for push in pushes(await ask(talk, key))]
    assert later == ["close"]


async def test_there_are_no_two_offers_in_a_row(chat: Begin) -> None:
    talk = chat(product_no=TROUSERS, entry="product", slots={"product_no": TROUSERS})
    talk.asked_earlier(45, *CURIOUS)
    offered = []
    for key in ("护理", "版型", "材质", "厚薄", "缩水", "弹力", "透气"):
        offered.append(pushes(await ask(talk, key)))
        talk.slots["awaiting"] = None
    # Only the close follows at once, behind the doubt that stood before it.
    in_a_row = [(one, other) for one, other in pairwise(offered) if one and other]
    assert in_a_row in ([], [(["doubts"], ["close"])]), offered
    assert sum(map(len, offered)) <= 4


async def test_the_control_group_is_offered_nothing(chat: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sixty.insight.live.control_share", lambda: 1.0)
    talk = chat(product_no=TROUSERS, entry="product", slots={"product_no": TROUSERS, "height": "175", "weight": "70"})
    talk.asked_earlier(45, *CURIOUS)
    for key in ("护理", "版型", "材质"):
        assert pushes(await ask(talk, key)) == []
    said = await talk.run("action_recommend_bundle", "ask_size", "我穿多大")
    assert said.messages == []
    # What is asked for is shown to everybody.
    assert (await talk.run("action_recommend_bundle", "ask_matching", "配什么好")).cards


@pytest.mark.parametrize(("seconds", "offered"), [(5, []), (30, []), (40, ["bundle"])])
async def test_after_size_advice_the_outfit_waits_for_its_moment(chat: Begin, seconds: int, offered: list[str]) -> None:
    known = {"product_no": TROUSERS, "height": "175", "weight": "70"}
    talk = chat(product_no=TROUSERS, entry="product", slots=known)
    talk.asked_earlier(seconds, *CURIOUS[:2])
    assert pushes(await talk.run("action_recommend_bundle", "ask_size", "我穿多大")) == offered


async def test_where_nobody_came_through_the_door_the_bot_still_answers(chat: Begin) -> None:
    talk = chat(slots={"product_no": TROUSERS})
    said = await ask(talk, "材质")
    assert pushes(said) == []
