"""Stock and prices of a merchant's system: told while it answers, with their age while it doesn't."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.handoffs import HandOff
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from sixty.shop.gateways import chosen
from sixty.shop.gateways.normal_form import CatalogueProduct
from sixty.shop.gateways.sql import SqlCatalogue
from sixty.shop.models import CatalogueImport
from tests.shop.gateways.reference_server import TOKEN, ReferenceServer, running

Begin = Callable[..., Any]
PRODUCT = "GZ2101"
DOWN = "库存和价格系统这会儿连不上"


@pytest.fixture
def system(shop: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReferenceServer]:
    """The merchant's system, which the settings name."""
    now = datetime.now(timezone.utc)
    with running(ReferenceServer(products=list(SqlCatalogue(shop, now).products(limit=1000)))) as served:
        monkeypatch.setenv("SIXTY_SHOP_GATEWAY", "http")
        monkeypatch.setenv("SIXTY_SHOP_API_URL", served.url)
        monkeypatch.setenv("SIXTY_SHOP_API_TOKEN", TOKEN)
        get_settings.cache_clear()
        chosen._client_of.cache_clear()
        chosen._cache.cache_clear()
        yield served


def change(system: ReferenceServer, **differing: Any) -> CatalogueProduct:
    """Changes every variant of the product in the merchant's system."""
    index = next(place for place, each in enumerate(system.products) if each.no == PRODUCT)
    found = system.products[index]
    changed = replace(found, skus=tuple(replace(sku, **differing) for sku in found.skus))
    system.products[index] = changed
    return changed


def fail(system: ReferenceServer) -> None:
    system.instead = [(500, b"")]


def handed_over() -> list[HandOff]:
    with shop_session() as session:
        return list(session.scalars(select(HandOff)))


async def test_stock_is_the_systems(chat: Begin, system: ReferenceServer) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    change(system, stock=0)
    assert "断货" in (await talk.run("action_answer_stock", "ask_stock", "还有货吗")).text
    chosen._cache.cache_clear()
    change(system, stock=2)
    said = await talk.run("action_answer_stock", "ask_stock", "M还有货吗", size="M")
    assert "有现货" in said.text
    assert DOWN not in said.text
    assert said.slot("product_no") == PRODUCT


async def test_the_price_is_the_systems(chat: Begin, system: ReferenceServer) -> None:
    change(system, price=Decimal("66.60"), list_price=Decimal("99.90"), member_price=None)
    said = await chat(slots={"product_no": PRODUCT}).run("action_product_card", "ask_price", "多少钱")
    (card,) = said.cards
    assert {row["label"]: row["amount"] for row in card["prices"]}["活动价"] == "66.60"
    assert Decimal(card["final_price"]) <= Decimal("66.60")


async def test_what_the_system_has_taken_off_sale_is_not_offered(chat: Begin, system: ReferenceServer) -> None:
    index = next(place for place, each in enumerate(system.products) if each.no == PRODUCT)
    system.products[index] = replace(system.products[index], status="off_sale")
    said = await chat(slots={"product_no": PRODUCT}).run("action_answer_stock", "ask_stock", "还有货吗")
    assert "已经下架" in said.text


@pytest.mark.parametrize(
    ("action", "intent"), [("action_answer_stock", "ask_stock"), ("action_product_card", "ask_price")]
)
async def test_while_it_is_down_our_tables_are_told_as_such(
    chat: Begin, system: ReferenceServer, action: str, intent: str
) -> None:
    fail(system)
    said = await chat(slots={"product_no": PRODUCT}).run(action, intent)
    assert said.texts[0] == f"{DOWN}，先按店里登记的跟您说，最终以下单页面为准～"
    assert len(said.texts) > 1
    assert handed_over() == []


async def test_the_age_of_our_tables_is_told_where_it_is_known(chat: Begin, system: ReferenceServer) -> None:
    with shop_session() as session:
        at = datetime.now(timezone.utc) - timedelta(hours=3)
        session.add(CatalogueImport(kind="catalogue", at=at, rows=1, whole=True))
    fail(system)
    said = await chat(slots={"product_no": PRODUCT}).run("action_answer_stock", "ask_stock")
    assert said.texts[0] == f"{DOWN}，先按3小时前的信息跟您说，最终以下单页面为准～"


async def test_what_it_said_before_is_told_with_its_age(
    chat: Begin, system: ReferenceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    change(system, stock=0)
    await talk.run("action_answer_stock", "ask_stock")
    fail(system)
    later = datetime.now(timezone.utc) + timedelta(minutes=10)
    monkeypatch.setattr("actions.action._now", lambda: later)
    said = await talk.run("action_answer_stock", "ask_stock")
    assert said.texts[0] == f"{DOWN}，先按10分钟前的信息跟您说，最终以下单页面为准～"
    assert "断货" in said.text


async def test_lists_do_not_ask_for_each_of_their_products(chat: Begin, system: ReferenceServer) -> None:
    await chat(slots={"product_no": PRODUCT}).run("action_recommend_bundle", "ask_matching", "怎么搭配")
    assert not [request for request in system.requests if "/products/" in request.path]
