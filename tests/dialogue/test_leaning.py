from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.dialogue.leaning import leans_on
from sixty.dialogue.leaning_policy import CONTINUE, RECOMMEND, LeaningPolicy

MISUNDERSTOOD = "nlu_fallback"


def message(text: str, intent: str, *guesses: str, **entities: str) -> dict[str, Any]:
    return {
        "text": text,
        "intent": {"name": intent},
        "intent_ranking": [{"name": name, "confidence": 0.1} for name in (intent, *guesses)],
        "entities": [{"entity": name, "value": value} for name, value in entities.items()],
    }


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (message("多久", "ask_delivery_time"), "ask_warranty"),
        (message("那要怎么弄呀？", "ask_usage"), "ask_membership"),
        (message("最快呢", "ask_delivery_time"), "ask_ship_time"),
        (message("那如果是坏的呢", "damaged_item"), "ask_return_shipping"),
        (message("哪个轻一点", "recommend_product"), "compare_products"),
        (message("那灰的呢", MISUNDERSTOOD, "affirm"), "ask_stock"),
        (message("GZ2102呢", "inform", product="GZ2102"), "ask_attribute"),
        (message("烘干", MISUNDERSTOOD, attribute="护理"), "ask_usage"),
        (message("能不能改成别家的快递", MISUNDERSTOOD, "change_order", "ask_delivery_method"), "ask_delivery_method"),
        (message("身高应该填178厘米", MISUNDERSTOOD, height="178"), "ask_size"),
        (message("海南", MISUNDERSTOOD, "a", "b", "c", "ask_shipping_fee"), "ask_shipping_fee"),
    ],
)
def test_leans(said: dict[str, Any], question: str) -> None:
    assert leans_on(said, question)


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (message("几天能到", "ask_delivery_time"), "ask_ship_time"),
        (message("多少钱", "ask_price"), "ask_attribute"),
        (message("多久", "ask_warranty"), "ask_warranty"),
        (message("好的呢", "affirm"), "ask_coupon"),
        (message("GZ2102", "inform", product="GZ2102"), "ask_attribute"),
        (message("170 130斤", "inform", height="170"), "ask_stock"),
        (message("哪个轻一点", "recommend_product"), "ask_stock"),
        (message("我的孩子把说明书撕了", MISUNDERSTOOD, "a", "b", "ask_price"), "ask_price"),
        (message("阿巴", MISUNDERSTOOD, "a", "b"), "ask_price"),
        (message("/ask_price", MISUNDERSTOOD, "ask_price"), "ask_price"),
        (message("那如果我明天下午三点在公司楼下等着你们来取可以吗呢", MISUNDERSTOOD, "ask_price"), "ask_price"),
        (message(" ？", MISUNDERSTOOD, "ask_price"), "ask_price"),
    ],
)
def test_stands_by_itself(said: dict[str, Any], question: str) -> None:
    assert not leans_on(said, question)


@given(st.text(max_size=60), st.sampled_from(["greet", "ask_price", "inform", MISUNDERSTOOD]))
def test_any_text_is_read(text: str, intent: str) -> None:
    leans = leans_on(message(text, intent), "ask_price")
    assert not leans or intent in ("inform", MISUNDERSTOOD)


@given(st.text(alphabet="多久怎么弄那要能可以去哪最快呢吗啊几天", max_size=5000))
def test_long_lines_are_read_at_once(text: str) -> None:
    assert leans_on(message(text, "ask_usage"), "ask_price") <= (len(text) <= 40)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.from_path("domain.yml")


@pytest.fixture
def policy(tmp_path: Path) -> LeaningPolicy:
    return LeaningPolicy.create(
        LeaningPolicy.get_default_config(),
        LocalModelStorage(tmp_path),
        Resource("policy"),
        ExecutionContext(GraphSchema({})),
    )


def decision(policy: LeaningPolicy, domain: Domain, *events: Event) -> str | None:
    tracker = DialogueStateTracker.from_events("conversation", list(events), slots=domain.slots)
    scores = policy.predict_action_probabilities(tracker, domain).probabilities
    return str(domain.action_names_or_texts[scores.index(1.0)]) if max(scores) else None


LISTEN = ActionExecuted("action_listen")
ASKED = SlotSet("last_question", {"intent": "ask_warranty"})
SAID = UserUttered("多久", {"name": MISUNDERSTOOD}, parse_data=message("多久", MISUNDERSTOOD), input_channel="rest")


def test_goes_on_with_the_last_question(policy: LeaningPolicy, domain: Domain) -> None:
    assert decision(policy, domain, ASKED, LISTEN, SAID) == CONTINUE


@pytest.mark.parametrize(
    "events",
    [
        (LISTEN, SAID),
        (LISTEN,),
        (ASKED, ActiveLoop("size_form"), LISTEN, SAID),
        (ASKED, LISTEN, SAID, ActionExecuted(CONTINUE)),
        (SlotSet("last_question", "gone wrong"), LISTEN, SAID),
    ],
)
def test_otherwise_the_turn_is_left_to_others(policy: LeaningPolicy, domain: Domain, events: tuple[Event, ...]) -> None:
    assert decision(policy, domain, *events) is None


def said(text: str, intent: str = MISUNDERSTOOD) -> UserUttered:
    return UserUttered(text, {"name": intent}, parse_data=message(text, intent), input_channel="rest")


SHOWN = SlotSet("wish", {"shown": ["GZ1101"], "asked": None})
ELSEWHERE = (said("嗯那个啥"), ActionExecuted("action_answer_attribute"), SlotSet("awaiting", "product_attribute"))
MISSED = (said("嗯那个啥"), ActionExecuted("action_default_fallback"), SlotSet("awaiting", None))
ANSWERED = (said("包邮吗"), ActionExecuted("action_answer_shipping_fee"), SlotSet("awaiting", None))


@pytest.mark.parametrize(
    ("between", "action"),
    [
        ((MISSED,), RECOMMEND),
        ((ELSEWHERE,), RECOMMEND),
        ((ANSWERED,), None),
        ((MISSED, MISSED), None),
    ],
)
def test_one_miss_makes_nobody_forget_suggestions(
    policy: LeaningPolicy, domain: Domain, between: tuple[tuple[Event, ...], ...], action: str | None
) -> None:
    turns = [event for turn in between for event in (LISTEN, *turn)]
    begun = (LISTEN, said("推荐一件外套"), ActionExecuted(RECOMMEND), SHOWN)
    assert decision(policy, domain, *begun, *turns, LISTEN, said("不喜欢这个")) == action


def spanned(text: str, intent: str, *entities: tuple[str, int, int]) -> dict[str, Any]:
    found = [{"entity": name, "value": text[start:end], "start": start, "end": end} for name, start, end in entities]
    return {**message(text, intent), "entities": found}


@pytest.mark.parametrize(
    ("said", "leans"),
    [
        (spanned("那军绿2XL呢", "ask_size", ("color", 1, 3), ("size", 3, 6)), True),
        (spanned("黑色的呢?", "ask_attribute", ("color", 0, 2)), True),
        (spanned("2XL码呢", "ask_size", ("size", 0, 3)), True),
        (spanned("那2XL会不会大呢", "ask_size", ("size", 1, 4)), False),
        (spanned("那军绿2XL", "ask_size", ("color", 1, 3), ("size", 3, 6)), False),
        (spanned("那呢", "ask_size"), False),
    ],
)
def test_another_colour_or_size_goes_on_with_the_question(said: dict[str, Any], leans: bool) -> None:
    assert leans_on(said, "ask_stock") is leans
