from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.pricing.phases import Campaign, CampaignTime, PlannedPhase, campaign_named, next_sale, phases_at
from sixty.shop.pricing.playbook import read_rules
from sixty.shop.wording import SHOP_ZONE
from tests.shop.pricing.making import line, price, promotion

PLAYBOOK = Path(__file__).parents[3] / "playbook"
CAMPAIGNS = read_rules(PLAYBOOK).campaigns


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHOP_ZONE)


@pytest.mark.parametrize(
    ("moment", "phases"),
    [
        ("2026-10-20T19:59", []),
        ("2026-10-20T20:00", ["presale"]),
        ("2026-10-29T00:00", ["presale", "warm_up"]),
        ("2026-10-31T18:00", ["warm_up"]),
        ("2026-10-31T20:00", ["balance", "sale"]),
        ("2026-11-04T00:00", ["sale"]),
        ("2026-11-12T00:00", ["after"]),
        ("2026-11-16T00:00", []),
        ("2031-11-11T11:11", ["sale"]),
    ],
)
def test_phases_of_the_shops_own_campaign(moment: str, phases: list[str]) -> None:
    assert [window.phase for window in phases_at(CAMPAIGNS.values(), at(moment))] == phases


def test_the_clock_is_that_of_the_zone() -> None:
    abroad = at("2026-10-31T20:00").astimezone(None)
    assert {window.phase for window in CAMPAIGNS["双11"].running(abroad)} == {"balance", "sale"}


def test_a_campaign_may_go_on_beyond_new_year() -> None:
    feast = CAMPAIGNS["年货节"]
    for year in (2026, 2027):
        assert [each.phase for each in feast.running(at(f"{year}-12-30T12:00"))] == ["warm_up"]
        assert [each.phase for each in feast.running(at(f"{year}-01-05T12:00"))] == ["sale"]
    upcoming = feast.upcoming("sale", at("2026-11-11T00:00"))
    assert upcoming is not None
    assert upcoming.starts_at == at("2027-01-03T20:00")


@pytest.mark.parametrize(
    ("moment", "campaign", "starts"),
    [
        ("2026-02-01T00:00", "618", "2026-05-31T20:00"),
        ("2026-07-01T00:00", "双11", "2026-10-31T20:00"),
        ("2026-11-05T00:00", "双11", "2026-10-31T20:00"),
        ("2026-12-31T00:00", "年货节", "2027-01-03T20:00"),
    ],
)
def test_the_next_sale(moment: str, campaign: str, starts: str) -> None:
    sale = next_sale(CAMPAIGNS.values(), at(moment))
    assert sale is not None
    assert (sale.campaign, sale.starts_at) == (campaign, at(starts))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("现在买还是双11买划算", "双11"),
        ("双十一会降价吗", "双11"),
        ("618再买呢", "618"),
        ("年货节有活动吗", "年货节"),
        ("订单202606180001", None),
        ("有活动吗", None),
    ],
)
def test_a_campaign_is_known_by_its_names(text: str, name: str | None) -> None:
    found = campaign_named(CAMPAIGNS.values(), text)
    assert (found.name if found else None) == name


@given(st.integers(0, 4000), st.integers(0, 364), st.integers(1, 200))
def test_a_yearly_phase_takes_place_every_year_and_lasts_the_same(later: int, begins: int, days: int) -> None:
    first = at("2023-01-01") + timedelta(days=begins)
    last = first + timedelta(days=days)
    planned = PlannedPhase("sale", CampaignTime(first.month, first.day, 0, 0), CampaignTime(last.month, last.day, 0, 0))
    campaign = Campaign("x", (planned,))
    now = at("2024-01-01T09:30") + timedelta(days=later)
    coming = campaign.upcoming("sale", now)
    assert coming is not None
    assert now < coming.ends_at
    assert coming.starts_at - now <= timedelta(days=366)
    assert abs((coming.ends_at - coming.starts_at) - timedelta(days=days)) <= timedelta(days=1)


@pytest.mark.parametrize(
    "text", ["", "10-20", "20:00", "13-01 00:00", "02-29 10:00", "2026-02-29 10:00", "10-20 24:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        CampaignTime.parse(text)


def test_one_year_only() -> None:
    assert CampaignTime.parse("2028-02-29 10:00").year == 2028
    planned = PlannedPhase("sale", CampaignTime.parse("2026-10-01 00:00"), CampaignTime.parse("2026-10-08 00:00"))
    campaign = Campaign("国庆", (planned,))
    assert campaign.upcoming("sale", at("2025-12-01T00:00")) is not None
    assert campaign.upcoming("sale", at("2026-10-08T00:00")) is None


@pytest.mark.parametrize(
    ("moment", "paid"), [("2026-10-31T19:59", 320), ("2026-10-31T20:00", 270), ("2026-11-12T00:00", 320)]
)
def test_a_phase_decides_the_price(moment: str, paid: int) -> None:
    cut = promotion("X", "cross_shop_cut", threshold=300, amount=50, campaign="双11", phases=("sale", "balance"))
    assert price([line("A", 320)], [cut], at=at(moment), campaigns=CAMPAIGNS).goods == paid


def test_a_campaign_that_nobody_knows_never_runs() -> None:
    cut = promotion("X", "cross_shop_cut", threshold=300, amount=50, campaign="双99", phases=("sale",))
    assert price([line("A", 320)], [cut], campaigns=CAMPAIGNS).goods == 320
