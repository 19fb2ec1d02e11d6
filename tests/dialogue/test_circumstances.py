from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
import yaml

from sixty.context import Context, Entry
from sixty.dialogue.circumstances import CIRCUMSTANCES, circumstances, named_in, phase_at
from sixty.nlu.product_names import read_product_names
from sixty.shop.models import Level
from sixty.shop.pricing.phases import PHASES
from sixty.shop.pricing.playbook import read_rules
from sixty.shop.regions import PROVINCES, province
from sixty.shop.shelves import Shelf

SLOTS: dict[str, Any] = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))["slots"]
CAMPAIGNS = read_rules(Path("playbook")).campaigns.values()
LATER = datetime(2099, 1, 1, tzinfo=timezone.utc)


def context(region: str | None = "浙江省杭州市", level: str | None = "金卡", entry: Entry = "product") -> Context:
    return Context("conversation", "C001", level, region, entry, "GZ2101", None, LATER)


def test_the_domain_knows_the_slots_and_their_values() -> None:
    for slot in CIRCUMSTANCES:
        assert SLOTS[slot]["influence_conversation"] is False
    assert SLOTS["region"]["values"] == list(PROVINCES)
    assert SLOTS["phase"]["values"] == list(PHASES)
    assert SLOTS["entry"]["values"] == list(get_args(Entry))
    assert SLOTS["customer_level"]["values"] == list(get_args(Level))
    sold = {product.category for product in read_product_names(Path("playbook/demo/products"))}
    assert set(SLOTS["category"]["values"]) == sold


def test_all_that_is_known_becomes_a_slot() -> None:
    assert circumstances(context(), "sale", Shelf("数码家电", "空调")) == {
        "entry": "product",
        "customer_level": "金卡",
        "region": "浙江",
        "phase": "sale",
        "category": "数码家电",
        "kind": "空调",
    }


def test_of_a_stranger_nothing_is_known() -> None:
    assert set(circumstances(None, None, None).values()) == {None}
    assert circumstances(context(region=None, level=None, entry="shop"), None, None)["region"] is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("新疆维吾尔自治区", "新疆"),
        ("内蒙古自治区 呼和浩特", "内蒙古"),
        ("广西", "广西"),
        (" 上海市", "上海"),
        ("火星", None),
        ("", None),
        (None, None),
    ],
)
def test_a_province_has_one_name(written: str | None, name: str | None) -> None:
    assert province(written) == name


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        ("2026-09-09 12:00", None),
        ("2026-10-25 12:00", "presale"),
        # Presale and warm-up, then sale and payment of balances, at the same time.
        ("2026-10-30 12:00", "presale"),
        ("2026-11-01 12:00", "sale"),
        ("2026-11-11 23:59", "sale"),
        ("2026-11-12 00:00", "after"),
        ("2026-12-30 12:00", "warm_up"),
    ],
)
def test_one_phase_at_a_time(at: str, phase: str | None) -> None:
    moment = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert phase_at(CAMPAIGNS, moment) == phase


def test_what_a_message_names() -> None:
    entities = [
        {"entity": "kind", "value": "空调"},
        {"entity": "product", "value": "GZ2101"},
        {"entity": "color", "value": "黑色"},
        {"entity": "product", "value": "GZ2102"},
        {"entity": "category", "value": ""},
    ]
    assert named_in(entities) == {"kind": "空调", "product": "GZ2102"}
