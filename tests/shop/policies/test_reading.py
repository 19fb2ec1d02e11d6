"""What is wrong in a merchant's policies is said with file, line and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sixty.shop.located import Problem
from sixty.shop.policies.pages import Page
from sixty.shop.policies.reading import PoliciesError, check_policies, read_policies
from tests.shop.policies.conftest import PLAYBOOK


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    shutil.copytree(PLAYBOOK / "policies", tmp_path / "policies")
    shutil.copy(PLAYBOOK / "pages.yml", tmp_path)
    return tmp_path


def problems_of(playbook: Path) -> list[Problem]:
    problems: list[Problem] = []
    assert (check_policies(playbook, problems) is None) == bool(problems)
    return problems


def test_the_shops_own_are_well(playbook: Path) -> None:
    assert problems_of(playbook) == []


CASES = {
    "unknown condition": ("complaints.yml", "when: {asked_before: true}", "when: {asked: true}", "when.asked"),
    "unknown state": ("reviews.yml", "state: [delivered]}", "state: [received]}", "when.state"),
    "unknown cause": ("returns.yml", "cause: [size]", "cause: [too_small]", "when.cause"),
    "unknown kind of deed": ("reviews.yml", "kinds: [open_review]", "kinds: [open_reviews]", "kinds"),
    "no condition at all": ("complaints.yml", "when: {asked_before: true}", "when: {}", "has no condition"),
    "no source": ("complaints.yml", "    source: {kind: shop, name: 金卡和PLUS会员投诉优先}\n", "", "source"),
    "unknown source": (
        "membership.yml",
        "name: 会员章程}\n  - id: membership_open",
        "names: 章}\n  - id: membership_open",
        "source",
    ),
    "impossible range": (
        "reviews.yml",
        "days_since_receipt: {at_most: 180}",
        "days_since_receipt: {at_least: 9, at_most: 3}",
        "nothing is at least 9",
    ),
    "no span": ("complaints.yml", "promise: 4h", "promise: soon", "is no span"),
    "unknown word": ("membership.yml", "您已经是{level}会员", "您已经是{rank}会员", "{rank}"),
    "a word that the row cannot know": (
        "reviews.yml",
        "say: 收到货才能评价",
        "say: 第{days}天才能评价",
        "days_since_receipt",
    ),
    "a lone brace": ("membership.yml", "您已经是{level}会员", "您已经是{level会员", "brace"),
    "a refusal with a promise": (
        "reviews.yml",
        "    page: confirm_receipt\n",
        "    page: confirm_receipt\n  - id: reviews_hidden\n    when: {state: [confirmed], level: [PLUS]}\n"
        "    allow: false\n    say: 不行\n    source: {kind: shop, name: 本店}\n    promise: 4h\n",
        "goes with allow: true only",
    ),
    "a limit of nothing": (
        "wrong_missing_damaged.yml",
        "limit: {yuan: 20, share: 0.05}",
        "limit: {}",
        "give yuan, share",
    ),
    "a share above one": ("wrong_missing_damaged.yml", "limit: {share: 1}", "limit: {share: 1.5}", "limit.share"),
    "both lists": (
        "repairs.yml",
        "when: {category: [生鲜食品, 美妆]}",
        "when: {category: [生鲜食品], category_not: [美妆]}",
        "either category or category_not",
    ),
    "the same deed twice": (
        "complaints.yml",
        "    promise: 4h\n",
        "    promise: 4h\n    instead: [return, return]\n",
        "twice",
    ),
    "a page that isn't there": ("reviews.yml", "page: review\n", "page: reviews\n", "a page reviews"),
    "a row that decides all too early": (
        "complaints.yml",
        "    when: {asked_before: true}\n",
        "",
        "decides everything",
    ),
    "a last row with conditions": (
        "membership.yml",
        "  - id: membership_sign_in\n",
        "  - id: membership_sign_in\n    when: {coupon: [running]}\n",
        "last row",
    ),
    "a row that is never reached": (
        "complaints.yml",
        "  - id: complaint_members\n    when: {level: [金卡, PLUS]}",
        "  - id: complaint_members\n    when: {asked_before: true, level: [PLUS]}",
        "can never decide",
    ),
    "a kind of another file": (
        "complaints.yml",
        "when: {level: [金卡, PLUS]}",
        "when: {kind: [return]}",
        "isn't among the kinds",
    ),
    "a row's name used twice": ("complaints.yml", "id: complaint_members", "id: review_late", "name of a row in"),
}


@pytest.mark.parametrize(("file", "old", "new", "wrong"), CASES.values(), ids=CASES)
def test_a_mistake_is_said_where_it_is(playbook: Path, file: str, old: str, new: str, wrong: str) -> None:
    path = playbook / "policies" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = [each for each in problems_of(playbook) if wrong in each.message]
    assert found, problems_of(playbook)
    assert found[0].file.parent == path.parent
    assert found[0].remedy
    if found[0].file == path:
        # Near to what was changed: the value itself, or the row that it is in.
        line = text[: text.index(old)].count("\n") + 1
        assert line - 12 <= found[0].line <= line + 12


def test_every_kind_has_one_file(playbook: Path) -> None:
    (playbook / "policies" / "coupons.yml").unlink()
    assert ["claim_coupon" in each.message for each in problems_of(playbook)] == [True]
    shutil.copy(PLAYBOOK / "policies" / "coupons.yml", playbook / "policies")
    text = (playbook / "policies" / "coupons.yml").read_text(encoding="utf-8").replace("id: coupon", "id: other_coupon")
    (playbook / "policies" / "gifts.yml").write_text(text, encoding="utf-8")
    assert ["decided in coupons.yml already" in each.message for each in problems_of(playbook)] == [True]


def test_without_policies_nothing_is_decided(tmp_path: Path) -> None:
    with pytest.raises(PoliciesError, match="no file decides about cancel_order"):
        read_policies(tmp_path)


@pytest.mark.parametrize(
    ("link", "wrong"),
    [("http://shop.example/{order_no}", "https"), ("javascript:alert(1)", "https"), ("/o/{customer}", "{customer}")],
)
def test_a_page_has_an_address(playbook: Path, link: str, wrong: str) -> None:
    (playbook / "pages.yml").write_text(f'- {{name: review, title: 评价, link: "{link}"}}\n', encoding="utf-8")
    assert any(wrong in each.message and each.file.name == "pages.yml" for each in problems_of(playbook))


def test_a_page_is_of_its_order() -> None:
    page = Page(name="review", title="评价", link="https://shop.example/o/{order_no}?line={line}")
    assert page.needs_order
    assert page.address("E1/../2", 3) == "https://shop.example/o/E1%2F..%2F2?line=3"
    assert page.address(None) == "https://shop.example/o/?line="
