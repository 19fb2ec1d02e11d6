from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin
from sqlalchemy.exc import OperationalError

from sixty.desk.suggestions import MOST, PopularSuggestions, Suggestions, add_suggestions
from sixty.keywords import read_keywords
from sixty.playbook import read_capsule_plan
from sixty.settings import Settings
from sixty.shop.database import shop_session

PLAYBOOK = Path("playbook")
PLAN = read_capsule_plan(PLAYBOOK / "capsules.yml")
DEMO = Suggestions.of(PLAN, read_keywords(PLAYBOOK / "keywords.yml", PLAN))
FEW = Suggestions(["包邮吗", "开发票", "退款到哪了", "退货怎么寄", "多少钱", "便宜点吗", "有长款吗"])


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    app = FastAPI()
    add_suggestions(app, Settings(var=tmp_path), partial(shop_session, f"sqlite:///{tmp_path / 'none.db'}"))
    return TestClient(app)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("退", ["退款到哪了", "退货怎么寄"]),
        ("發票", ["开发票"]),
        ("ＢＹ", ["包邮吗", "便宜点吗"]),
        ("by", ["包邮吗", "便宜点吗"]),
        ("kfp", ["开发票"]),
        ("fp", ["开发票"]),
        ("fapiao", ["开发票"]),
        ("fapi", ["开发票"]),
        ("开fp", ["开发票"]),
        ("tuihuo", ["退货怎么寄"]),
        ("thzmj", ["退货怎么寄"]),
        ("ychang", ["有长款吗"]),
        ("duo s q", ["多少钱"]),
        ("q", []),
        ("包邮吗", []),
        ("", []),
        ("  ", []),
        ("xxxx", []),
        ("邮费", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(typed: str, found: list[str]) -> None:
    assert FEW.for_typed(typed) == found


def test_what_begins_so_comes_before_what_holds_it_before_what_sounds_so() -> None:
    suggestions = Suggestions(["货发了吗", "怎么发货", "发货时间", "法国货吗"])
    assert suggestions.for_typed("发") == ["发货时间", "货发了吗", "怎么发货"]
    assert suggestions.for_typed("fa")[:2] == ["发货时间", "法国货吗"]


@pytest.mark.parametrize("capsule", PLAN.capsules.values(), ids=lambda each: each.title)
def test_every_capsule_is_found_by_its_sounds(capsule: object) -> None:
    title = capsule.title  # type: ignore[attr-defined]
    initials = "".join(lazy_pinyin(title, style=Style.FIRST_LETTER))
    assert title in Suggestions([title]).for_typed(initials)
    assert title in Suggestions([title]).for_typed("".join(lazy_pinyin(title)))


@given(st.text(max_size=64))
def test_nothing_that_is_typed_does_harm(typed: str) -> None:
    found = DEMO.for_typed(typed)
    assert len(found) <= MOST
    assert len(set(found)) == len(found)


def test_the_desk_suggests(client: TestClient) -> None:
    answer = client.get("/api/suggestions", params={"q": "wl", "limit": 3})
    assert answer.status_code == 200
    assert answer.json() == {"suggestions": [{"text": text} for text in DEMO.for_typed("wl", 3)]}
    assert client.get("/api/suggestions", params={"q": "什么"}).json()["suggestions"][0] == {"text": "什么面料"}
    assert client.get("/api/suggestions").json() == {"suggestions": []}
    assert client.get("/api/suggestions", params={"q": "x" * 65}).status_code == 422


def titles(asked: Mapping[str, int]) -> list[str]:
    ordered = Suggestions.of(PLAN, read_keywords(PLAYBOOK / "keywords.yml", PLAN), asked)
    return ordered.for_typed("退")


def test_what_customers_ask_more_comes_first_and_the_rest_keeps_its_place() -> None:
    usual = DEMO.for_typed("退")
    assert titles({"refund_status": 90, "ask_return_shipping": 20})[:2] == ["退款到哪了", "退货怎么寄"]
    assert titles({"refund_status": 20, "ask_return_shipping": 90})[:2] == ["退货怎么寄", "退款到哪了"]
    assert sorted(titles({"refund_status": 20})) == sorted(usual)
    assert titles({}) == usual


def test_the_order_is_read_anew_now_and_then_and_kept_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = [{"refund_status": 9}, OperationalError("away", None, Exception()), {"ask_return_shipping": 9}]
    read: list[int] = []

    def popular(session: object) -> Mapping[str, int]:
        read.append(len(read))
        answer = asked[len(read) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    @contextmanager
    def opened() -> Any:
        yield None

    monkeypatch.setattr("sixty.desk.suggestions.popularity", popular)
    seconds = [0.0]
    suggestions = PopularSuggestions(PLAN, read_keywords(PLAYBOOK / "keywords.yml", PLAN), opened, lambda: seconds[0])
    firsts = []
    for moment in (0.0, 599.0, 600.0, 1200.0):
        seconds[0] = moment
        firsts.append(suggestions.now().for_typed("退")[0])
    assert firsts == ["退款到哪了", "退款到哪了", "退款到哪了", "退货怎么寄"]
    assert len(read) == 3
