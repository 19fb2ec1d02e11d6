"""What Rasa's process reads of the shop, on the demo shop."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.dialogue.shop_reader import ShopReader
from sixty.shop.models import Presale, Product
from sixty.shop.shelves import Shelf


def test_a_product_stands_on_its_shelf_and_a_presale_is_its_phase(shop: Session) -> None:
    now = datetime.now(timezone.utc)
    reader = ShopReader(wait=10)
    sale = shop.scalars(select(Presale).where(Presale.starts_at <= now, Presale.ends_at > now)).first()
    assert sale is not None
    product = shop.get(Product, sale.product_no)
    assert product is not None
    known = reader.of_product(product.no, now)
    assert known is not None
    assert known.shelf == Shelf(product.category, product.kind)
    assert known.phase == "presale"
    assert reader.of_product("XX0000", now) is None
    assert reader.of_kind("空调") == Shelf("数码家电", "空调")
    assert reader.of_kind("飞机") is None


def test_outside_of_every_campaign_and_presale_there_is_no_phase(shop: Session) -> None:
    product = shop.scalars(select(Product).where(~select(Presale).where(Presale.product_no == Product.no).exists()))
    everyday = datetime(2026, 9, 9, 4, tzinfo=timezone.utc)
    known = ShopReader(wait=10).of_product(product.first().no, everyday)
    assert known is not None
    assert known.phase is None
