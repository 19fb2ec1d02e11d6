"""A shop small enough to know by heart, for tests of the desk and of the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

import sixty.desk.handoffs
from sixty.shop.database import engine_for, shop_session
from sixty.shop.models import Attribute, Customer, Order, OrderLine, Parcel, ParcelTrace, Presale, Product, Sku
from sixty.tables import Base

ORDER_OF_C001 = "2026111800010001"
ORDER_OF_C002 = "2026111800020002"

_PRODUCTS = (
    ("GZ2101", "多口袋耐磨工装裤", "工装", "工装裤", "拓野", ("卡其", "黑色"), ("M", "L", "XL"), "259", "329"),
    ("GZ1101", "复古帆布工装夹克", "工装", "工装夹克", "拓野", ("军绿", "卡其"), ("L", "XL"), "399", "499"),
    ("GZ5101", "防砸透气劳保鞋", "工装", "劳保鞋", "铁砧", ("黑色",), ("41", "42", "43"), "219", "219"),
    ("MY1001", "宽口径玻璃奶瓶", "母婴", "奶瓶", "小橡果", ("薄荷绿",), (), "69", "89"),
    ("MY2001", "纯棉防水围嘴", "母婴", "围嘴", "小橡果", ("云朵白",), (), "29.9", "39.9"),
    ("MZ1001", "水润保湿精华", "美妆", "精华", "澄露", (), (), "168", "198"),
    ("SM1001", "轻音真无线蓝牙耳机", "数码家电", "蓝牙耳机", "声屿", ("白色",), (), "299", "399"),
    ("SM2001", "家用智能电饭煲", "数码家电", "电饭煲", "暖灶", ("奶白",), (), "459", "599"),
    ("SX1001", "赣南脐橙 5斤", "生鲜食品", "水果", "山野集", (), (), "39.9", "49.9"),
    ("WJ1001", "速干中性笔 12支", "文具", "中性笔", "青竹", ("黑色",), (), "19.9", "25"),
)


def small_shop(folder: Path, now: datetime) -> str:
    """Makes the database and returns its address."""
    assert sixty.desk.handoffs  # its table belongs to the same base
    url = f"sqlite:///{folder / 'shop.db'}"
    Base.metadata.create_all(engine_for(url))
    with shop_session(url) as session:
        _fill(session, now)
    return url


def _fill(session: Session, now: datetime) -> None:
    session.add_all(
        [
            Customer(id="C001", nickname="阿澈", phone="13800001001", level="金卡", region="浙江"),
            Customer(id="C002", nickname="豆苗妈妈", phone="13800001002", level="银卡", region="四川"),
            Customer(id="C003", nickname="随便看看", phone="13800001003", level="普通", region="上海"),
            Customer(id="C004", nickname="老周", phone="13800001004", level="PLUS", region="江苏"),
        ]
    )
    for no, name, category, kind, brand, colors, sizes, price, list_price in _PRODUCTS:
        session.add(Product(no=no, name=name, category=category, kind=kind, brand=brand, aliases=[]))
        session.flush()
        variants = [(color, size) for color in colors or ("",) for size in sizes or ("",)]
        session.add_all(
            Sku(
                code=f"{no}-{number}",
                product_no=no,
                color=color,
                size=size,
                spec="",
                stock=20,
                price=Decimal(price),
                list_price=Decimal(list_price),
            )
            for number, (color, size) in enumerate(variants, 1)
        )
    session.add_all(
        [
            Attribute(
                product_no="GZ2101",
                key="材质",
                value="98%棉 2%氨纶",
                selling_point="12盎司斜纹布，膝盖双层加固，干活蹲下不绷",
                ordinal=1,
            ),
            Attribute(
                product_no="GZ2101",
                key="厚薄",
                value="中厚",
                selling_point="适合5到22度，春秋单穿、冬天里面套秋裤",
                ordinal=2,
            ),
            Presale(
                product_no="SM2001",
                starts_at=now - timedelta(days=2),
                ends_at=now + timedelta(days=2),
                price=Decimal("399"),
                deposit=Decimal("50"),
                deposit_worth=Decimal("80"),
                balance_from=now + timedelta(days=3),
                balance_until=now + timedelta(days=5),
                ships_by=now + timedelta(days=8),
            ),
        ]
    )
    for no, customer_id in ((ORDER_OF_C001, "C001"), (ORDER_OF_C002, "C002")):
        session.add(_order(no, customer_id, now))


def _order(no: str, customer_id: str, now: datetime) -> Order:
    return Order(
        no=no,
        customer_id=customer_id,
        state="shipped",
        placed_at=now - timedelta(days=3),
        paid_at=now - timedelta(days=3),
        shipped_at=now - timedelta(days=2),
        receiver="陈**",
        phone="13800001001",
        address="浙江省杭州市西湖区某某路1号",
        region="浙江",
        goods_amount=Decimal("259"),
        discount=Decimal("30"),
        postage=Decimal("0"),
        paid_amount=Decimal("229"),
        lines=[
            OrderLine(
                ordinal=1,
                sku_code="GZ2101-2",
                product_no="GZ2101",
                name="多口袋耐磨工装裤",
                sku_text="卡其 L",
                quantity=1,
                unit_price=Decimal("259"),
                share=Decimal("229"),
            )
        ],
        parcels=[
            Parcel(
                no=f"ZT{no}",
                carrier="中通快递",
                state="in_transit",
                traces=[ParcelTrace(at=now - timedelta(hours=5), place="杭州", text="快件已到达杭州转运中心")],
            )
        ],
    )
