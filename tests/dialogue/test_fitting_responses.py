"""The generator as Rasa makes and asks it, on responses of its own and on those of the project."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.dialogue.fitting_responses import FittingResponses
from sixty.dialogue.variations import read_period
from sixty.shop.pricing.playbook import read_rules
from sixty.shop.regions import PROVINCES

EVERYDAY = datetime(2026, 9, 9, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
RESPONSES: dict[str, list[dict[str, Any]]] = {
    "utter_fee": [
        {"text": "满99包邮"},
        {"text": "{region}满199包邮", "condition": [{"type": "slot", "name": "region", "value": ["新疆", "西藏"]}]},
        {"text": "扫码领券", "channel": "rest"},
    ],
}


def generator(responses: dict[str, Any], at: datetime = EVERYDAY) -> FittingResponses:
    made = FittingResponses(clock=lambda: at)
    made.responses = responses
    return made


@lru_cache(maxsize=1)
def project_domain() -> Domain:
    return Domain.from_path("domain.yml")


def tracker(channel: str | None = "socketio", **slots: Any) -> DialogueStateTracker:
    events = [
        ActionExecuted("action_listen"),
        UserUttered("包邮吗", {"name": "ask_shipping_fee"}, input_channel=channel),
        *(SlotSet(name, value) for name, value in slots.items()),
    ]
    return DialogueStateTracker.from_events("conversation", events, slots=project_domain().slots)


async def text(made: FittingResponses, response: str, asked: DialogueStateTracker, **known: Any) -> str | None:
    message = await made.generate(response, asked, "socketio", **known)
    return None if message is None else message["text"]


@pytest.fixture(scope="module")
def domain() -> Domain:
    return project_domain()


async def test_rasa_makes_it_of_the_projects_endpoints(domain: Domain) -> None:
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    made = NaturalLanguageGenerator.create(endpoints.nlg, domain)
    assert isinstance(made, FittingResponses)
    assert (await made.generate("utter_social_deny", tracker(), "socketio")) is not None


async def test_gaps_are_filled_and_nobody_is_left_without() -> None:
    made = generator(RESPONSES)
    assert await text(made, "utter_fee", tracker(region="西藏")) == "西藏满199包邮"
    assert await text(made, "utter_fee", tracker(region="四川")) == "满99包邮"
    assert await text(made, "utter_fee", tracker()) == "满99包邮"
    assert await text(made, "utter_unknown", tracker()) is None
    # The domain's own stays as it is, however often it is said.
    assert RESPONSES["utter_fee"][1]["text"] == "{region}满199包邮"


async def test_the_channel_is_the_one_that_the_customer_writes_in() -> None:
    made = generator(RESPONSES)
    assert await text(made, "utter_fee", tracker("rest")) == "扫码领券"
    assert await text(made, "utter_fee", tracker("rest", region="新疆")) == "新疆满199包邮"
    assert await text(made, "utter_fee", tracker(None)) == "满99包邮"


async def test_what_an_action_knows_of_the_matter_outweighs_the_slots() -> None:
    made = generator(RESPONSES)
    assert await text(made, "utter_fee", tracker(region="四川"), region="新疆") == "新疆满199包邮"
    assert await text(made, "utter_fee", tracker(region="新疆"), region="") == "满99包邮"


async def test_a_period_that_cannot_be_read_costs_that_variation_only() -> None:
    broken = {"utter_fee": [*RESPONSES["utter_fee"], {"text": "坏", "metadata": {"valid_until": "2026-11-11"}}]}
    assert await text(generator(broken), "utter_fee", tracker()) == "满99包邮"


async def test_a_new_models_responses_are_the_ones_that_count() -> None:
    made = generator(RESPONSES)
    made.responses = {"utter_fee": [{"text": "全场包邮"}]}
    assert await text(made, "utter_fee", tracker(region="新疆")) == "全场包邮"


# --- the project's own answers ---


async def every_text(domain: Domain, response: str, slot: str, values: Any) -> dict[str, str]:
    made = generator(domain.responses)
    return {value: str(await text(made, response, tracker(**{slot: value}))) for value in values}


async def test_every_province_has_its_postage_and_the_playbooks_amounts(domain: Domain) -> None:
    postage = read_rules(Path("playbook")).postage
    said = await every_text(domain, "utter_faq_ask_shipping_fee", "region", PROVINCES)
    for region, line in said.items():
        rule = postage.rule_for(region)
        assert f"满{rule.free_from}元" in line
        assert f"收{rule.fee}元" in line
        assert rule == postage.usual or line.startswith(f"寄{region}")


async def test_delivery_takes_as_long_as_the_region_is_far(domain: Domain) -> None:
    said = await every_text(domain, "utter_faq_ask_delivery_time", "region", PROVINCES)
    assert "1到2天" in said["浙江"]
    assert "2到4天" in said["广东"]
    assert "5到7天" in said["新疆"]
    abroad = {"香港", "澳门", "台湾"}
    assert {region for region, line in said.items() if region not in line} - abroad == set()
    assert str(await text(generator(domain.responses), "utter_faq_ask_delivery_time", tracker())).count("天") == 3


@pytest.mark.parametrize(
    ("response", "slot", "different"),
    [
        ("utter_faq_ask_membership", "customer_level", ["普通", "银卡", "金卡", "PLUS", None]),
        ("utter_faq_ask_return_policy", "category", ["工装", "数码家电", "生鲜食品", "美妆", "母婴", None]),
        ("utter_faq_ask_installation", "category", ["工装", "数码家电"]),
        ("utter_faq_ask_warranty", "category", ["工装", "数码家电"]),
        ("utter_faq_ask_invoice", "category", ["数码家电", "工装"]),
        ("utter_faq_ask_payment", "phase", ["presale", "balance", None]),
        ("utter_faq_order_help", "entry", ["product", "shop"]),
    ],
)
async def test_who_differs_is_answered_differently(
    domain: Domain, response: str, slot: str, different: list[str | None]
) -> None:
    said = await every_text(domain, response, slot, different)
    assert len(set(said.values())) == len(different)
    for level in ("普通", "银卡", "金卡", "PLUS"):
        assert slot != "customer_level" or level in said[level]


async def test_a_kind_is_nearer_than_its_category(domain: Domain) -> None:
    made = generator(domain.responses)
    socks = tracker(category="工装", kind="袜子")
    trousers = tracker(category="工装", kind="工装裤")
    assert "贴身" in str(await text(made, "utter_faq_ask_return_policy", socks))
    assert "贴身" not in str(await text(made, "utter_faq_ask_return_policy", trousers))


async def test_notices_are_said_while_they_are_true(domain: Domain) -> None:
    minute = timedelta(minutes=1)
    dated = [
        (name, content["text"], read_period(content["metadata"]))
        for name, contents in domain.responses.items()
        for content in contents
        if content.get("metadata") and not content.get("condition")
    ]
    for name, notice, period in dated:
        assert period.starts is not None
        assert period.ends is not None
        moments = ((period.starts - minute, False), (period.starts, True), (period.ends, False))
        for at, is_said in moments:
            line = await text(generator(domain.responses, at), name, tracker())
            assert (line == notice) == is_said


async def test_every_gap_is_filled_by_what_its_condition_asks_for(domain: Domain) -> None:
    """A gap without a value would be said as None, or in its braces."""
    given = {"product": "工装裤", "order_tail": "4417", "link": "https://shop.example/m"}
    made = generator(domain.responses)
    for name, contents in domain.responses.items():
        for content in contents:
            asked = {each["name"]: each["value"] for each in content.get("condition") or []}
            slots = {slot: value[0] if isinstance(value, list) else value for slot, value in asked.items()}
            line = str(await text(made, name, tracker(**slots), **given))
            assert "None" not in line, name
            assert "{" not in line.replace("{{", ""), name
