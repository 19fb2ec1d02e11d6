from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sixty.settings import project_root
from sixty.shop.benefits import BenefitPlan
from sixty.shop.benefits.benefit import span_of
from sixty.shop.benefits.reading import BenefitsError, check_benefits, read_benefits
from sixty.shop.located import Problem
from sixty.shop.wording import SHOP_ZONE
from tests.shop.benefits.conftest import BENEFITS


def problems_of(tmp_path: Path, text: str) -> list[Problem]:
    (tmp_path / "benefits.yml").write_text(text, encoding="utf-8")
    found: list[Problem] = []
    check_benefits(tmp_path, found)
    return found


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_shipped_benefits_are_valid() -> None:
    plan = read_benefits(project_root() / "playbook")
    assert {each.kind for each in plan.benefits.values()} == {"goods", "service", "coupon"}
    assert all(plan.rules[situation] for situation in plan.rules)


def test_a_playbook_without_the_file_gives_nothing(tmp_path: Path) -> None:
    assert read_benefits(tmp_path).benefits == {}


def test_what_is_written_is_read(plan: BenefitPlan) -> None:
    packet = plan.benefits["packet10"]
    assert (packet.title, packet.cost, packet.valid) == ("满200减10红包", Decimal(10), timedelta(days=3))
    assert plan.benefits["socks"].budget is not None
    assert plan.benefits["store60"].cost == Decimal(30)
    assert plan.benefits["seasonal"].starts_at == datetime(2026, 12, 20, tzinfo=SHOP_ZONE)
    assert [step.kind for step in plan.rules["bargaining"][0].steps] == [
        *("reasons", "benefit", "benefit", "benefit", "last_word")
    ]


@pytest.mark.parametrize(
    ("old", "new", "message", "at"),
    [
        ("cost: 4, stock: 3", "cost: 4.001, stock: 3", "decimal places", "socks"),
        ("cost: 4, stock: 3", "cost: 4, stock: 0", "greater than or equal to 1", "socks"),
        ("budget: small", "budget: large", "no budget large", "socks"),
        ("cost: 25, authority: agent", "cost: 250, authority: agent", "nobody", "box"),
        ("prizes: {packet5: 1}", "prizes: {packet6: 1}", "no benefit packet6", "sure_draw"),
        ("prizes: {packet5: 1}", "prizes: {sure_draw: 1}", "a draw itself", "sure_draw"),
        ("prizes: {packet5: 1}, ", "", "needs prizes", "sure_draw"),
        ("amount: 60, threshold: 200", "amount: 60, threshold: 20", "takes 60 off", "store60"),
        ("offer: [insurance]", "offer: [insurence]", "no benefit insurence", "offer: [insurence]"),
        ("offer: [packet10]", "offer: [insurance, socks]", "may give something", "offer: [insurance, socks]"),
        ("        - last_word: [真的到底啦～]\n", "", "last step is the last word", "steps"),
        (
            '        - reasons: ["{product}{points}，到手{price}，很值～", 这个价很实在了～]\n',
            "",
            "first step",
            "steps",
        ),
        ("{points}", "{moon}", "nothing is known as {moon}", "moon"),
        ("when: {category: [工装]}\n", "when: {category: [工装], category_not: [美妆]}\n", "either", "category_not"),
        ("      when: {value: {at_least: 300}}\n", "", "no rule of hesitating after it", "- id: dear"),
        ("phase: [sale]", "phase: [sail]", "unexpected value", "sail"),
        ("bot: {each: 10, together: 15", "bot: {each: 10, together: 5", "less than 10", "bot:"),
        ("memory: 30d", "memory: 30 days", "no span", "memory"),
        ("from: 2026-12-20", "from: soon", "no day or time", "seasonal"),
        ("hold: 2d", "hold: 2d\nbonus: 1", "extra fields", "bonus"),
        ("packet5: {amount: 5", "socks: {amount: 5", "one of the goods already", "socks: {amount"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str, at: str) -> None:
    assert old in BENEFITS
    text = BENEFITS.replace(old, new, 1)
    found = [each for each in problems_of(tmp_path, text) if message in each.message]
    assert found, [str(each) for each in problems_of(tmp_path, text)]
    assert abs(found[0].line - line_of(text, at)) <= 1
    assert found[0].remedy
    with pytest.raises(BenefitsError, match=r"benefits\.yml"):
        read_benefits(tmp_path)


@pytest.mark.parametrize(
    ("per", "span"), [("ever", ""), ("month", "2027-01"), ("week", "2026-W53"), ("day", "2027-01-01")]
)
def test_spans_are_those_of_the_shops_clock(per: str, span: str) -> None:
    # Still the last day of the year in UTC.
    at = datetime(2027, 1, 1, 0, 30, tzinfo=SHOP_ZONE)
    assert span_of(per, at) == span  # type: ignore[arg-type]
