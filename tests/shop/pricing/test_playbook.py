from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from sixty.shop.pricing.playbook import PricesPlaybookError, check_rules, read_rules
from sixty.shop.pricing.rules import USUAL_RULES
from sixty.shop.pricing.stacking import USUAL

PLAYBOOK = Path(__file__).parents[3] / "playbook"


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    for name in ("promotions.yml", "campaigns.yml"):
        shutil.copy(PLAYBOOK / name, tmp_path / name)
    return tmp_path


def test_the_shops_own_files_say_what_the_shop_answers() -> None:
    rules = read_rules(PLAYBOOK)
    assert rules.stacking == USUAL
    usual, far = rules.postage.rule_for("浙江"), rules.postage.rule_for("西藏自治区")
    assert (usual.fee, usual.free_from, far.free_from) == (8, 99, 199)
    answer = (PLAYBOOK.parent / "domain.yml").read_text(encoding="utf-8")
    assert "满99元包邮（新疆、西藏满199元），不满的话收8元运费" in answer
    assert set(rules.campaigns) == {"双11", "618", "年货节"}


def test_without_files_the_usual_holds(tmp_path: Path) -> None:
    assert read_rules(tmp_path) == USUAL_RULES


def test_what_is_written_is_what_holds(playbook: Path) -> None:
    file = playbook / "promotions.yml"
    text = file.read_text(encoding="utf-8").replace("mode: parallel", "mode: sequential")
    file.write_text(text.replace("several: [red_packet]", "several: []"), encoding="utf-8")
    rules = read_rules(playbook)
    assert rules.stacking.mode == "sequential"
    assert rules.stacking.exclude("red_packet", "red_packet")
    assert rules.stacking.exclude("store_coupon", "presale")
    assert not rules.stacking.exclude("category_coupon", "presale")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("promotions.yml", "mode: parallel", "mode: both", "stacking.mode: unexpected value"),
        ("promotions.yml", "    - allowance\n", "", "allowance missing"),
        ("promotions.yml", "    - allowance\n", "    - gift\n", "gift stands here twice"),
        ("promotions.yml", "    - presale\n    - member_price", "    - member_price\n    - presale", ""),
        ("promotions.yml", "    - pieces\n    - store_cut", "    - store_cut\n    - pieces", "pieces must come before"),
        ("promotions.yml", "[member_price, timed_discount]", "[member_price]", "two kinds at least"),
        ("promotions.yml", "several: [red_packet]", "several: [pieces]", "one pieces at most"),
        ("promotions.yml", "several: [red_packet]", "several: [hongbao]", "unexpected value"),
        ("promotions.yml", "fee: 8\n", "fee: -8\n", "postage.fee"),
        ("promotions.yml", "free_from: 99\n", "free: 99\n", "extra fields"),
        ("promotions.yml", "stacking:", "stack:", "field required"),
        ("promotions.yml", "mode: parallel", "mode: [parallel", "isn't YAML"),
        ("campaigns.yml", "Asia/Shanghai", "China", "is no zone"),
        ("campaigns.yml", "from: 10-20 20:00", "from: 10月20日", "is no time"),
        ("campaigns.yml", "from: 10-20 20:00", "from: 2026-10-20 20:00", "both times with a year"),
        ("campaigns.yml", "until: 10-31 18:00", "until: 10-20 20:00", "ends when it starts"),
        ("campaigns.yml", "presale: {from: 10-20", "pre_sale: {from: 10-20", "unexpected value"),
        ("campaigns.yml", "sale: {from: 01-03", "balance: {from: 01-03", "needs the phase “sale”"),
        ("campaigns.yml", "aliases: [办年货]", "aliases: [双11]", "two campaigns are called 双11"),
        ("campaigns.yml", "until: 11-16 00:00", "till: 11-16 00:00", "extra fields"),
    ],
)
def test_a_mistake_is_named_with_its_line(playbook: Path, file: str, old: str, new: str, message: str) -> None:
    text = (playbook / file).read_text(encoding="utf-8")
    assert old in text
    (playbook / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    problems: list = []
    check_rules(playbook, problems)
    if not message:
        assert problems == []
        return
    fitting = [each for each in problems if message in each.message]
    assert fitting, problems
    assert fitting[0].file == playbook / file
    assert 1 <= fitting[0].line <= len(text.splitlines())
    assert fitting[0].remedy
    with pytest.raises(PricesPlaybookError, match=file):
        read_rules(playbook)


@pytest.mark.parametrize("text", ["", "- 1", "words", "\x00", "a: &a [*a]"])
def test_odd_files_are_mistakes_not_crashes(playbook: Path, text: str) -> None:
    (playbook / "promotions.yml").write_text(text, encoding="utf-8")
    with pytest.raises(PricesPlaybookError, match=r"promotions\.yml:1: "):
        read_rules(playbook)


def test_amounts_are_exact(playbook: Path) -> None:
    file = playbook / "promotions.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("  fee: 8\n", "  fee: 8.35\n", 1), encoding="utf-8")
    assert read_rules(playbook).postage.usual.fee == Decimal("8.35")
