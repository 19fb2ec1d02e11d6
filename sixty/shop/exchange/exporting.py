"""Writes what the shop holds into a file that can be imported again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from sixty.shop.database import shop_session
from sixty.shop.exchange.kinds import Kind, KindName
from sixty.shop.exchange.sheets import Cell, write_rows
from sixty.shop.models import Attribute, Pairing, Product, SizeChart, SizeRow, Sku
from sixty.tables import column

_AT_ONCE = 5_000


def export_file(url: str, path: Path, kind: Kind, tell: Callable[[float], None] = lambda share: None) -> int:
    """Writes a file with all that the shop has of a kind, and returns how many rows it has.

    Args:
        url: The shop's database.
        path: A `.csv` or `.xlsx` file; replaced when it is there.
        kind: What to write.
        tell: Is told from time to time which share is written.

    Raises:
        OperatorError: The file cannot be written.
    """
    with shop_session(url, read_only=True) as session:
        query = _QUERIES[kind.name](kind)
        total = max(1, int(session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0))
        found = session.execute(query.execution_options(stream_results=True, yield_per=_AT_ONCE))

        def rows() -> Iterator[Sequence[Cell]]:
            for number, row in enumerate(found, start=1):
                if number % _AT_ONCE == 0:
                    tell(number / total)
                yield [each.write(value) for each, value in zip(kind.columns, row, strict=True)]

        return write_rows(path, [each.title for each in kind.columns], rows())


def _catalogue(kind: Kind) -> Any:
    of_products = {"product_no": Product.no} | {
        name: getattr(Product, name)
        for name in ("name", "category", "kind", "brand", "status", "successor_no", "aliases", "picture")
    }
    of_products |= {"size_chart_id": Product.size_chart_id, "runs": Product.runs}
    wanted = [of_products.get(each.field, getattr(Sku, each.field, None)) for each in kind.columns]
    joined = column(Sku.product_no) == Product.no
    return select(*wanted).select_from(Product).outerjoin(Sku, joined).order_by(Product.no, Sku.code)


def _of_table(table: Any, *order: Any) -> Callable[[Kind], Any]:
    return lambda kind: select(*(getattr(table, each.field) for each in kind.columns)).order_by(*order)


def _size_charts(kind: Kind) -> Any:
    named = {"chart_id": SizeChart.id, "chart_name": SizeChart.name, "category": SizeChart.category}
    wanted = [named.get(each.field, getattr(SizeRow, each.field, None)) for each in kind.columns]
    joined = column(SizeRow.chart_id) == SizeChart.id
    return select(*wanted).select_from(SizeChart).join(SizeRow, joined).order_by(SizeChart.id, SizeRow.ordinal)


_QUERIES: dict[KindName, Callable[[Kind], Any]] = {
    "catalogue": _catalogue,
    "prices": _of_table(Sku, Sku.code),
    "stock": _of_table(Sku, Sku.code),
    "attributes": _of_table(Attribute, Attribute.product_no, Attribute.ordinal, Attribute.key),
    "size_charts": _size_charts,
    "pairings": _of_table(Pairing, Pairing.product_no, Pairing.ordinal, Pairing.with_no),
}
