"""Slots are true before a session's first answer and whenever something changes, and no action is called for it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.policy import PolicyPrediction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from yaml import safe_load

from sixty.context import Context
from sixty.dialogue.circumstances import CIRCUMSTANCES
from sixty.dialogue.circumstances_policy import CircumstancesPolicy
from sixty.dialogue.shop_reader import ProductNow
from sixty.errors import OperatorError
from sixty.shop.shelves import Shelf

LISTEN = ActionExecuted("action_listen")
CONVERSATION = "a-conversation"
EVERYDAY = datetime(2026, 9, 9, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
SALE = datetime(2026, 11, 11, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
SOLD = {
    "GZ2101": ProductNow(Shelf("工装", "工装裤"), None),
    "JD5001": ProductNow(Shelf("数码家电", "空调"), "presale"),
}


class Shop:
    """What is sold, how it is sold at any moment, and who is talking."""

    def __init__(self) -> None:
        self.contexts: dict[str, Context] = {}

    def context_of(self, conversation_id: str, now: datetime) -> Context | None:
        return self.contexts.get(conversation_id)

    def of_product(self, no: str, now: datetime) -> ProductNow | None:
        return SOLD.get(no)

    def of_kind(self, kind: str) -> Shelf | None:
        return next((product.shelf for product in SOLD.values() if product.shelf.kind == kind), None)


@lru_cache(maxsize=1)
def domain() -> Domain:
    return Domain.from_path("domain.yml")


@pytest.fixture
def policy(tmp_path: Path) -> CircumstancesPolicy:
    made = CircumstancesPolicy.create(
        CircumstancesPolicy.get_default_config(),
        LocalModelStorage(tmp_path),
        Resource("policy"),
        ExecutionContext(GraphSchema({})),
    )
    made.shop = Shop()
    made.clock = lambda: EVERYDAY
    return made


def known(conversation: str = CONVERSATION, **given: Any) -> Context:
    values = {"customer_id": "C001", "level": "金卡", "region": "新疆", "entry": "shop", "product_no": None, **given}
    return Context(conversation, order_no=None, expires_at=EVERYDAY + timedelta(minutes=30), **values)


def said(channel: str | None = "web", external: bool = False, **entities: str) -> UserUttered:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    metadata: dict[str, Any] = {"is_external": True} if external else {}
    return UserUttered("包邮吗", {"name": "ask_shipping_fee"}, found, input_channel=channel, metadata=metadata)


def come_in(policy: CircumstancesPolicy, context: Context | None = None) -> None:
    """Somebody comes in through the front door."""
    context = context or known()
    policy.shop.contexts[context.conversation_id] = context


def changes(policy: CircumstancesPolicy, *events: Event) -> dict[str, Any]:
    tracker = DialogueStateTracker.from_events(CONVERSATION, list(events), slots=domain().slots)
    prediction = policy.predict_action_probabilities(tracker, domain())
    assert not any(prediction.probabilities)
    assert all(isinstance(event, SlotSet) for event in prediction.events)
    return {event.key: event.value for event in prediction.events}


def test_a_sessions_first_message_sets_what_is_known_of_the_conversation(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    assert changes(policy, LISTEN, said()) == {"entry": "shop", "customer_level": "金卡", "region": "新疆"}


def test_what_has_not_changed_is_not_set_again(policy: CircumstancesPolicy) -> None:
    before = [SlotSet("entry", "shop"), SlotSet("customer_level", "金卡"), SlotSet("region", "新疆")]
    come_in(policy)
    assert changes(policy, LISTEN, *before, said()) == {}
    come_in(policy, known(level="PLUS"))
    assert changes(policy, LISTEN, *before, said()) == {"customer_level": "PLUS"}


def test_a_product_named_in_this_message_counts_for_its_answer(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    first = changes(policy, LISTEN, said(product="GZ2101"), SlotSet("product_no", "GZ2101"))
    assert (first["category"], first["kind"]) == ("工装", "工装裤")
    now = [SlotSet("product_no", "GZ2101"), *(SlotSet(slot, value) for slot, value in first.items())]
    changed = changes(policy, LISTEN, *now, said(product="JD5001"), SlotSet("product_no", "JD5001"))
    assert changed == {"category": "数码家电", "kind": "空调", "phase": "presale"}
    # Several of one message: the last counts, as in actions.
    both = changes(policy, LISTEN, *now, said(), SlotSet("product_no", ["GZ2101", "JD5001"]))
    assert both == changed


def test_a_kind_or_a_category_counts_for_the_message_that_names_it(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    about = [SlotSet("product_no", "GZ2101"), SlotSet("category", "工装"), SlotSet("kind", "工装裤")]
    by_kind = changes(policy, LISTEN, *about, said(kind="空调"))
    assert (by_kind["category"], by_kind["kind"]) == ("数码家电", "空调")
    by_category = changes(policy, LISTEN, *about, said(category="生鲜食品"))
    assert (by_category["category"], by_category["kind"]) == ("生鲜食品", None)
    then = [*about, SlotSet("category", "生鲜食品"), SlotSet("kind", None)]
    back = changes(policy, LISTEN, *then, said())
    assert (back["category"], back["kind"]) == ("工装", "工装裤")


def test_a_place_that_is_named_counts_for_its_message(policy: CircumstancesPolicy) -> None:
    come_in(policy, known(region="上海"))
    asked = UserUttered("几天到成都", {"name": "ask_delivery_time"}, [], input_channel="web")
    assert changes(policy, LISTEN, asked)["region"] == "四川"
    assert changes(policy, LISTEN, SlotSet("region", "四川"), said())["region"] == "上海"


def test_the_page_is_the_topic_until_a_product_is_named(policy: CircumstancesPolicy) -> None:
    come_in(policy, known(entry="product", product_no="JD5001"))
    assert changes(policy, LISTEN, said())["category"] == "数码家电"
    assert changes(policy, LISTEN, SlotSet("product_no", "GZ2101"), said())["category"] == "工装"


def test_an_unknown_product_is_no_category(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    before = [SlotSet("category", "工装"), SlotSet("kind", "工装裤"), SlotSet("product_no", "XX1")]
    changed = changes(policy, LISTEN, *before, said())
    assert (changed["category"], changed["kind"]) == (None, None)


def test_the_phase_follows_the_calendar(policy: CircumstancesPolicy) -> None:
    policy.clock = lambda: SALE
    assert changes(policy, LISTEN, said()) == {"phase": "sale"}
    # A product may be on sale in its own way: this one in none.
    assert "phase" not in changes(policy, LISTEN, said(), SlotSet("product_no", "GZ2101"))
    policy.clock = lambda: EVERYDAY
    assert changes(policy, LISTEN, SlotSet("phase", "sale"), said()) == {"phase": None}


def test_who_did_not_come_through_the_front_door_is_a_stranger(policy: CircumstancesPolicy) -> None:
    come_in(policy, known(conversation="another"))
    assert changes(policy, LISTEN, said()) == {}
    before = [SlotSet("entry", "shop"), SlotSet("customer_level", "金卡"), SlotSet("region", "新疆")]
    assert changes(policy, LISTEN, *before, said()) == {"entry": None, "customer_level": None, "region": None}


def test_what_comes_along_with_a_message_is_not_believed(policy: CircumstancesPolicy) -> None:
    message = said()
    message.metadata = {"context": "x", "customer_id": "C001", "level": "PLUS", "region": "新疆"}
    assert changes(policy, LISTEN, message) == {}


def test_an_event_from_outside_knows_the_conversation_too(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    assert changes(policy, LISTEN, said(external=True))["region"] == "新疆"


def test_a_tested_story_leaves_all_as_it_is(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    assert changes(policy, LISTEN, SlotSet("region", "浙江"), SlotSet("phase", "sale"), said(channel=None)) == {}
    assert changes(policy) == {}


def test_only_before_the_first_action_of_a_turn(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    assert changes(policy, LISTEN, said(), ActionExecuted("utter_faq_ask_shipping_fee")) == {}


def test_rasa_applies_it_whichever_policy_decides(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    tracker = DialogueStateTracker.from_events(CONVERSATION, [LISTEN, said()], slots=domain().slots)
    decided = PolicyPrediction.for_action_name(domain(), "utter_faq_ask_shipping_fee", "RulePolicy")
    certain = PolicyPrediction.for_action_name(domain(), "action_soothe", "SoothingPolicy")
    certain.is_no_user_prediction = True
    own = policy.predict_action_probabilities(tracker, domain())
    for others in ([decided], [decided, certain], [certain, decided]):
        combined = DefaultPolicyPredictionEnsemble().combine_predictions([*others, own], tracker, domain())
        assert combined.policy_name != "CircumstancesPolicy"
        assert SlotSet("region", "新疆") in combined.events


def test_campaigns_that_cannot_be_read_are_no_phase(
    policy: CircumstancesPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Any:
        raise OperatorError("campaigns.yml:3: no")

    monkeypatch.setattr("sixty.dialogue.circumstances_policy.shop_rules", broken)
    come_in(policy)
    assert changes(policy, LISTEN, said())["region"] == "新疆"


def test_a_domain_without_the_slots_is_no_error(policy: CircumstancesPolicy) -> None:
    come_in(policy)
    other = Domain.from_dict({"intents": ["ask_shipping_fee"]})
    tracker = DialogueStateTracker.from_events(CONVERSATION, [LISTEN, said()], slots=other.slots)
    assert policy.predict_action_probabilities(tracker, other).events == []


def test_the_project_runs_it() -> None:
    policies = [each["name"] for each in safe_load(Path("config.yml").read_text(encoding="utf-8"))["policies"]]
    assert "sixty.dialogue.circumstances_policy.CircumstancesPolicy" in policies
    assert {*CIRCUMSTANCES} <= domain().as_dict()["slots"].keys()


def test_now_is_an_aware_time(tmp_path: Path) -> None:
    made = CircumstancesPolicy(
        CircumstancesPolicy.get_default_config(),
        LocalModelStorage(tmp_path),
        Resource("policy"),
        ExecutionContext(GraphSchema({})),
    )
    assert made.clock().utcoffset() == timezone.utc.utcoffset(None)
