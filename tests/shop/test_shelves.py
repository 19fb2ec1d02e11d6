from __future__ import annotations

from sqlalchemy.orm import Session

from sixty.shop.models import Product
from sixty.shop.shelves import Shelf, shelf_of_kind


def test_a_kind_stands_on_one_shelf(session: Session) -> None:
    session.add_all(
        [
            Product(no="AC1", name="一级空调", category="数码家电", kind="空调", brand="恒朴"),
            Product(no="AC2", name="静音空调", category="数码家电", kind="空调", brand="恒朴"),
            Product(no="BT1", name="皮带", category="工装", kind="腰带", brand="拓野"),
            Product(no="BT2", name="安抚腰带", category="母婴", kind="腰带", brand="芽小满"),
        ]
    )
    session.flush()
    assert shelf_of_kind(session, "空调") == Shelf("数码家电", "空调")
    assert shelf_of_kind(session, "汽车") is None
    # What stands on two shelves may be either.
    assert shelf_of_kind(session, "腰带") is None
