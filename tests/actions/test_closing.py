"""The close: fit, material, then the invitation to order; once, and never to who wants no selling."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from sixty.playbook import CapsulePlan, capsule_plan, read_capsule_plan
from sixty.settings import get_settings
from sixty.shop.catalogue import find_product
from sixty.shop.database import shop_session
from sixty.shop.models import Sku
from sixty.shop.reasons import reasons_for

Begin = Callable[..., Any]

PRODUCT, ANOTHER, ON_PRESALE = "GZ2101", "GZ1101", "GZ1105"
LEFT_OPEN = "还差哪点没放心"


@pytest.fixture
def chat(chat: Begin) -> Begin:
    """Begins a conversation that is in the second half of its minute: before that nobody is asked for an order."""

    def begin(**known: Any) -> Any:
        talk = chat(**known)
        talk.asked_earlier(45, ("ask_shipping_fee", None))
        return talk

    return begin


async def answered(talk: Any, key: str, about: str | None = None, **more: Any) -> Any:
    """Asks for an attribute as the rules do: the answer, then what leads on."""
    message = talk.user("ask_attribute", f"{key}怎么样", attribute=key, **more)
    if about is not None:
        talk.slots["product_no"] = about
        talk.events.append({"event": "slot", "name": "product_no", "value": about})
    await talk.act("action_answer_attribute", message)
    return await talk.act("action_push_capsules", message)


async def test_fit_then_material_then_the_close(chat: Begin, shop: Session) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    first = await answered(talk, "版型")
    assert [button["title"] for button in first.buttons][:2] == ["什么面料", "我穿多大码"]
    assert LEFT_OPEN not in first.text
    last = await answered(talk, "材质")
    assert last.text.count(LEFT_OPEN) == 1
    assert last.buttons, "what may still be asked"
    product = find_product(shop, PRODUCT)
    assert product is not None
    assert any(each.text in last.text for each in reasons_for(shop, product, talk.now))


async def test_it_is_said_once_for_each_product(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    for key in ("版型", "材质"):
        await answered(talk, key)
    assert LEFT_OPEN not in (await answered(talk, "护理")).text
    assert LEFT_OPEN not in (await answered(talk, "材质", ANOTHER)).text
    assert LEFT_OPEN in (await answered(talk, "版型")).text


async def test_it_waits_for_the_doubts_that_matter(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    for key in ("材质", "缩水", "护理", "厚薄"):
        assert LEFT_OPEN not in (await answered(talk, key)).text, key
    assert LEFT_OPEN in (await answered(talk, "版型")).text


async def test_a_question_without_an_answer_settles_nothing(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    await answered(talk, "续航")
    assert LEFT_OPEN not in (await answered(talk, "材质")).text


async def test_digression_other_questions_come_between(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    await answered(talk, "版型")
    await talk.run("action_push_capsules", "ask_shipping_fee", "包邮吗")
    assert LEFT_OPEN in (await answered(talk, "材质")).text


async def test_correction_answers_about_another_product_do_not_count(chat: Begin) -> None:
    talk = chat(slots={"product_no": ANOTHER})
    await answered(talk, "版型")
    assert LEFT_OPEN not in (await answered(talk, "材质", PRODUCT)).text


async def test_who_is_or_was_angry_is_left_in_peace(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    await answered(talk, "版型", mood="angry")
    assert LEFT_OPEN not in (await answered(talk, "材质")).text
    now_angry = chat(slots={"product_no": PRODUCT})
    await answered(now_angry, "版型")
    assert LEFT_OPEN not in (await answered(now_angry, "材质", mood="angry")).text


async def test_who_asked_for_a_person_is_left_in_peace(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    await answered(talk, "版型")
    talk.user("ask_human", "转人工")
    assert LEFT_OPEN not in (await answered(talk, "材质")).text
    # A conversation that is taken up again is a new one.
    talk.events.append({"event": "session_started"})
    await answered(talk, "版型")
    assert LEFT_OPEN in (await answered(talk, "材质")).text


async def test_while_the_bot_waits_for_an_answer_nothing_is_closed(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    await answered(talk, "版型")
    message = talk.user("ask_attribute", "材质怎么样", attribute="材质")
    await talk.act("action_answer_attribute", message)
    talk.slots["awaiting"] = "bundle"
    assert (await talk.act("action_push_capsules", message)).messages == []


async def test_what_cannot_be_bought_is_not_closed(chat: Begin) -> None:
    with shop_session(get_settings().database_url) as session:
        session.execute(update(Sku).where(Sku.product_no == PRODUCT).values(stock=0))
    talk = chat(slots={"product_no": PRODUCT})
    for key in ("版型", "材质"):
        assert LEFT_OPEN not in (await answered(talk, key)).text


async def test_a_presale_is_closed_with_its_deposit(chat: Begin) -> None:
    talk = chat(slots={"product_no": ON_PRESALE})
    await answered(talk, "版型")
    assert "定金" in (await answered(talk, "材质")).text


def plan(close: str, tmp_path: Path) -> CapsulePlan:
    text = "capsules: {a: {title: 价, intent: ask_price}}\nwelcome: {shop: [a]}\nafter: {default: [a]}\nmeanings: {}\n"
    (tmp_path / "capsules.yml").write_text(text + close, encoding="utf-8")
    return read_capsule_plan(tmp_path / "capsules.yml")


async def test_a_merchant_may_do_without(chat: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    capsule_plan.cache_clear()
    monkeypatch.setattr("actions.closing.capsule_plan", lambda: plan("", tmp_path))
    talk = chat(slots={"product_no": PRODUCT})
    for key in ("版型", "材质"):
        assert LEFT_OPEN not in (await answered(talk, key)).text


async def test_a_merchant_decides_which_doubts_matter(
    chat: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = "close: {questions: 1, important: {default: [use]}, lines: {default: '拍吗？'}}\n"
    monkeypatch.setattr("actions.closing.capsule_plan", lambda: plan(close, tmp_path))
    talk = chat(slots={"product_no": PRODUCT})
    assert "拍吗" not in (await answered(talk, "版型")).text
    assert (await answered(talk, "护理")).text == "拍吗？"
