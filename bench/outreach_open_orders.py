"""A shop with very many open orders, written by the database itself, so that it stands in seconds."""

# Every name in these statements is our own, and every number is bound or a constant.
# ruff: noqa: S608

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

NOW = datetime.fromisoformat("2026-03-18T02:00:00+00:00")
"""A Wednesday at ten in China, far from every campaign."""

_PRODUCTS = 200
_ORDERS_EACH = 4

# What part of the open orders is in which state, cumulative, out of 100.
_STATES = """
CASE WHEN n % 100 < 4 THEN 'unpaid' WHEN n % 100 < 24 THEN 'paid' WHEN n % 100 < 64 THEN 'shipped' ELSE 'delivered' END
"""


def fill(session: Session, orders: int) -> None:
    """Writes a shop with that many open orders, each with one article.

    Very many are spread over the last two months, few over ten days.

    Args:
        session: A session of an empty, migrated database.
        orders: How many.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    numbers = (
        "SELECT generate_series(0, :count - 1) AS n"
        if on_postgresql
        else "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < :count - 1) SELECT n FROM c"
    )

    def moment(seconds: str) -> str:
        if on_postgresql:
            return f"CAST('{NOW.isoformat()}' AS timestamptz) - ({seconds}) * interval '1 second'"
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', '{NOW:%Y-%m-%d %H:%M:%S}', '-' || ({seconds}) || ' seconds')"

    def write(statement: str, count: int) -> None:
        session.execute(text(statement.format(numbers=numbers)), {"count": count})

    write(
        "INSERT INTO product (no, name, category, kind, brand, status, aliases, runs)"
        " SELECT 'P' || n, '夹克' || n, '工装', '夹克', '本店', 'on_sale', '[]', '正常' FROM ({numbers}) AS x",
        _PRODUCTS,
    )
    write(
        "INSERT INTO sku (code, product_no, color, size, spec, stock, list_price, price)"
        " SELECT 'P' || n || '-M', 'P' || n, '卡其', 'M', '', 1000, 25900, 25900 FROM ({numbers}) AS x",
        _PRODUCTS,
    )
    customers = max(1, orders // _ORDERS_EACH)
    write(
        "INSERT INTO customer (id, nickname, phone, level, region)"
        " SELECT 'C' || n, '顾客', '1380013' || substr('0000' || (n % 10000), -4), '普通', '浙江省'"
        " FROM ({numbers}) AS x"
        if not on_postgresql
        else "INSERT INTO customer (id, nickname, phone, level, region)"
        " SELECT 'C' || n, '顾客', '1380013' || lpad((n % 10000)::text, 4, '0'), '普通', '浙江省'"
        " FROM ({numbers}) AS x",
        customers,
    )
    # The orders of one state lie evenly: 7919 is prime, so neighbours in number are not neighbours in time.
    age = "(n % 86400) * 60 + 7" if orders > 86400 else "(n * 7919) % 864000 + 7"
    since = moment(age)
    write(
        "INSERT INTO customer_order (no, customer_id, state, placed_at, paid_at, shipped_at, delivered_at, receiver,"
        " phone, address, region, goods_amount, discount, postage, paid_amount)"
        f" SELECT 'O' || n, 'C' || (n % {customers}), {_STATES}, {since},"
        f" CASE WHEN n % 100 < 4 THEN NULL ELSE {since} END,"
        f" CASE WHEN n % 100 < 24 THEN NULL ELSE {since} END,"
        f" CASE WHEN n % 100 < 64 THEN NULL ELSE {since} END,"
        " '张三', '13800138000', '浙江省杭州市', '浙江省', 4000, 0, 0, 4000 FROM ({numbers}) AS x",
        orders,
    )
    write(
        "INSERT INTO order_line (order_no, ordinal, sku_code, product_no, name, sku_text, quantity, unit_price, share)"
        f" SELECT 'O' || n, 0, 'P' || (n % {_PRODUCTS}) || '-M', 'P' || (n % {_PRODUCTS}), '夹克', '卡其 M', 1, 4000,"
        " 4000 FROM ({numbers}) AS x",
        orders,
    )
    write(
        "INSERT INTO conversation (id, channel, customer_id, entry, state, created_at, last_at)"
        f" SELECT 'chat-' || n, 'web', 'C' || n, 'shop', 'bot', {moment('86400')}, {moment('7200')}"
        " FROM ({numbers}) AS x",
        customers,
    )
    session.execute(text("ANALYZE"))
