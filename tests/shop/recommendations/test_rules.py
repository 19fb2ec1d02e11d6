"""`playbook/recommendations.yml`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sixty.shop.located import Problem
from sixty.shop.recommendations.rules import (
    RECOMMENDATIONS_FILE,
    RecommendationRulesError,
    check_recommendations,
    read_recommendations,
)

PLAYBOOK = Path(__file__).parents[3] / "playbook"


def test_the_demo_shops_rules() -> None:
    rules = read_recommendations(PLAYBOOK)
    families = {
        "女工装裤": "裤子",
        "纸尿裤": "尿裤",
        "手机壳": "手机配件",
        "老人手机": "手机",
        "工装夹克": "外套",
        "书包": "包包",
        "电饭煲": "电饭煲",
    }
    assert {kind: rules.family_of(kind) for kind in families} == families
    assert rules.families_in("推荐一件衣服") == ("外套", "上衣", "裤子")
    assert rules.families_in("配条裤子") == ("裤子",)
    assert rules.is_consumable("母婴", "湿巾")
    assert not rules.is_consumable("工装", "工装裤")


def test_without_a_file_the_usual_rules_hold(tmp_path: Path) -> None:
    problems: list[Problem] = []
    rules = check_recommendations(tmp_path, problems)
    assert not problems
    assert (rules.least_margin, rules.support) == (Decimal(0), 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("families: {外套: []}", "外套 needs words"),
        ("groups: {衣服: [外套]}", "which is no family"),
        ("outfit: [外套]", "which is no family"),
        ("families: {外套: [夹克]}\ngroups: {外套: [外套]}", "a family and a group"),
        ("consumables: ['']", "an empty word"),
        ("support: 0", "support"),
        ("least_margin: 1.5", "least_margin"),
        ("least_lift: 0.5", "least_lift"),
        ("colour: red", "colour"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / RECOMMENDATIONS_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(RecommendationRulesError) as caught:
        read_recommendations(tmp_path)
    assert said in str(caught.value)
    assert f"{RECOMMENDATIONS_FILE}:" in str(caught.value)
