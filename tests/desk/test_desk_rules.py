"""`playbook/routing.yml`: what it says, and what is said of its mistakes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sixty.desk.desk_rules import RoutingRules, RoutingRulesError, Topic, check_routing, intents_of, read_routing
from sixty.shop.located import Problem

PLAYBOOK = Path(__file__).parents[2] / "playbook"

SMALL = """\
hours:
  - id: office
    week:
      - {days: [周一], open: [09:00-12:00]}
holidays:
  - {name: 节, from: 2026-10-01, to: 2026-10-03, open: []}
groups:
  - id: vip
    title: 专属
    takes: {levels: [PLUS]}
  - id: aftersale
    title: 售后
    hours: office
    sayings: [售后]
    takes: {intents: [refund_status, damaged_item]}
    overflow: {to: general, after: 3m}
  - id: east
    title: 华东
    takes: {intents: [ask_size], regions: [浙江, 江苏]}
  - id: general
    title: 在线
    sayings: [客服]
skills:
  - {skill: 投诉, when: {reasons: [complaint]}}
first:
  vip: {levels: [PLUS], ahead: 8m}
  angry: 5m
  amount: {at_least: 2000, ahead: 4m}
hand_off:
  vip: {misses: 1, angry: 1}
  sensitive:
    - {id: harmed, words: [过敏], say: 会有人联系您}
"""


def read(tmp_path: Path, text: str = SMALL) -> RoutingRules:
    (tmp_path / "routing.yml").write_text(text, encoding="utf-8")
    return read_routing(tmp_path)


def test_the_shops_own_file_can_be_used() -> None:
    problems: list[Problem] = []
    rules = check_routing(PLAYBOOK, problems)
    assert problems == []
    assert rules.group_for(Topic(intents=("ask_size",))).id == "presale"
    assert rules.group_for(Topic(intents=("ask_size", "request_after_sales"))).id == "aftersale"
    assert rules.group_for(Topic(intents=("request_after_sales", "ask_size", "thank"))).id == "presale"
    assert rules.group_for(Topic()).id == "general"
    assert rules.wished_group("帮我转售后客服") == "aftersale"


def test_without_a_file_there_is_one_group_that_is_always_there(tmp_path: Path) -> None:
    rules = read_routing(tmp_path)
    assert [group.id for group in rules.groups] == ["general"]
    assert rules == RoutingRules()


@pytest.mark.parametrize(
    ("topic", "group"),
    [
        (Topic(intents=("damaged_item",)), "aftersale"),
        (Topic(intents=("damaged_item",), level="PLUS"), "vip"),
        (Topic(level="PLUS"), "vip"),
        (Topic(intents=("ask_size",), region="浙江省杭州市"), "east"),
        (Topic(intents=("ask_size",), region="北京市"), "general"),
        (Topic(intents=("ask_size",), wanted_group="aftersale"), "aftersale"),
        (Topic(intents=("ask_size",), wanted_group="closed_down"), "general"),
    ],
)
def test_the_first_group_that_takes_it(tmp_path: Path, topic: Topic, group: str) -> None:
    assert read(tmp_path).group_for(topic).id == group


def test_what_puts_somebody_in_front_is_added_up(tmp_path: Path) -> None:
    rules = read(tmp_path)
    topic = Topic(reason="angry", level="PLUS", amount=Decimal(2000))
    assert rules.raised(topic) == {
        "vip": timedelta(minutes=8),
        "angry": timedelta(minutes=5),
        "amount": timedelta(minutes=4),
    }
    assert rules.raised(Topic(reason="asked_for", amount=Decimal("1999.99"))) == {}


def test_vips_get_a_person_sooner(tmp_path: Path) -> None:
    rules = read(tmp_path)
    assert (rules.thresholds("PLUS").misses, rules.thresholds("PLUS").angry) == (1, 1)
    assert (rules.thresholds("普通").misses, rules.thresholds(None).angry) == (2, 2)


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("hours: office\n", "hours: offize\n", 13, "there is no hours offize"),
        ("to: general,", "to: nobody,", 16, "there is no other group nobody"),
        ("to: general,", "to: aftersale,", 16, "there is no other group aftersale"),
        ("days: [周一]", "days: [星期一]", 4, "星期一 is no weekday"),
        ("[09:00-12:00]", "[9点到12点]", 4, "is no period"),
        ("after: 3m", "after: 三分钟", 16, "is no time such as"),
        ("to: 2026-10-03", "to: 2026-09-03", 6, "ends before it begins"),
        ("levels: [PLUS]}\n  - id: aftersale", "levels: [钻石]}\n  - id: aftersale", 10, "unexpected value"),
        ("  - id: east", "  - id: vip", 17, "vip stands here twice"),
        ("words: [过敏], ", "", 32, "everything would be sensitive"),
        ("    title: 在线\n", "    title: 在线\n    takes: {entries: [product]}\n", 22, "others would have nobody"),
        ("    takes: {levels: [PLUS]}\n", "", 8, "no group after it ever gets anybody"),
        ("  angry: 5m", "  angy: 5m", 27, "extra fields not permitted"),
        ("hours:\n", "zone: Asia/Atlantis\nhours:\n", 1, "there is no time zone"),
    ],
)
def test_a_mistake_is_said_with_its_line(tmp_path: Path, old: str, new: str, line: int, wrong: str) -> None:
    assert old in SMALL
    with pytest.raises(RoutingRulesError) as error:
        read(tmp_path, SMALL.replace(old, new, 1))
    said = str(error.value).splitlines()
    assert any(wrong in each and f"routing.yml:{line}:" in each for each in said), said


def test_intents_are_named_with_their_place(tmp_path: Path) -> None:
    read(tmp_path)
    named = {intent: problem.line for intent, problem in intents_of(tmp_path, [])}
    assert named == {"refund_status": 15, "damaged_item": 15, "ask_size": 19}


@pytest.mark.parametrize(
    ("queue", "seconds"),
    [
        ("{}", [60, 300]),
        ("{first_reply: 30s}", [30, 150]),
        ("{alert_after: [2m, 10m]}", [120, 600]),
        ("{alert_after: []}", []),
    ],
)
def test_when_a_wait_takes_too_long_is_the_merchants_to_say(tmp_path: Path, queue: str, seconds: list[int]) -> None:
    (tmp_path / "routing.yml").write_text(f"{SMALL}queue: {queue}\n", encoding="utf-8")
    problems: list[Problem] = []
    rules = check_routing(tmp_path, problems)
    assert problems == []
    assert [each.total_seconds() for each in rules.alert_after] == seconds


@pytest.mark.parametrize("waits", ["[5m, 1m]", "[1m, 1m]", "[0s, 1m]"])
def test_alerts_come_one_after_the_other(tmp_path: Path, waits: str) -> None:
    (tmp_path / "routing.yml").write_text(f"{SMALL}queue:\n  alert_after: {waits}\n", encoding="utf-8")
    problems: list[Problem] = []
    check_routing(tmp_path, problems)
    assert "must grow" in str(problems[0])
    assert problems[0].line == SMALL.count("\n") + 2
