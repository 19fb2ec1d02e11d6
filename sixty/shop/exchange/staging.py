"""A table of its own for what a file says: filled row by row, checked as a whole, merged in one transaction.

It is temporary and belongs to one connection, so filling it for minutes holds up nobody, and whatever ends the import
leaves nothing behind. SQLite has one writer at a time, and while a file is merged a chat that wants to write waits. So
everything that can be done before is: what the shop has already is told apart without the lock, and only what is new or
different is written with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, insert, text
from sqlalchemy.engine import Connection

from sixty.shop.database import READ_ONLY
from sixty.shop.exchange.kinds import Kind, KindName, SheetColumn
from sixty.shop.models import CatalogueImport

MOST_PROBLEMS = 1_000
# What SQLite may keep in memory, in KiB; negative because positive numbers count pages.
_CACHE_KIB = -131_072
_USUAL_CACHE_KIB = -2_000


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file, where, and what to do about it."""

    row: int
    column: str
    value: str
    problem: str
    remedy: str


class Staging:
    """The staging table of one import.

    Args:
        connection: A connection of its own, outside a transaction.
        kind: What the file holds.
        present: The columns that it has; what it hasn't stays as it is in the shop.
    """

    def __init__(self, connection: Connection, kind: Kind, present: Sequence[SheetColumn]) -> None:
        self._connection = connection
        self._kind = kind
        self._present = {column.field for column in present}
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._whole = False
        self._titles = {column.field: column.title for column in kind.columns}
        self._table = Table(
            "import_stage",
            MetaData(),
            Column("row", Integer, primary_key=True, autoincrement=False),
            *(Column(each.field, BigInteger if each.is_number else Text) for each in kind.columns),
            # Whether the shop has to be changed for it.
            Column("differs", Integer, server_default="1", nullable=False),
            prefixes=["TEMPORARY"],
        )
        with self._apart():
            if self._is_sqlite:
                # The database's own size is two megabytes: then an index of a million rows is read and written over
                # and over again.
                connection.execute(text(f"PRAGMA main.cache_size={_CACHE_KIB}"))
                connection.execute(text(f"PRAGMA temp.cache_size={_CACHE_KIB}"))
                connection.execute(text("PRAGMA analysis_limit=1000"))
            self._drop_tables()
            self._table.create(connection)

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Adds rows."""
        if rows:
            with self._apart():
                self._connection.execute(insert(self._table), rows)

    def prepare(self) -> None:
        """Makes the questions of the checks quick."""
        columns = self._table.columns
        with self._apart():
            for name in ("product_no", "code", "chart_id"):
                if name in columns:
                    Index(f"ix_import_stage_{name}", columns[name]).create(self._connection)
            self._connection.execute(text("ANALYZE import_stage"))

    def problems(self) -> Iterator[Problem]:
        """Finds what is wrong between the rows of the file, and between them and the shop."""
        with self._apart():
            for field, query, problem, remedy in _CHECKS[self._kind.name](self._present):
                for row, value in self._connection.execute(text(f"{query} LIMIT {MOST_PROBLEMS}")):
                    shown = "" if value is None else str(value)
                    yield Problem(row, self._titles[field], shown, problem, remedy)

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """A transaction that reads the shop and writes the staging table: the shop's writers need not wait for it."""
        if not self._is_sqlite:
            with self._connection.begin():
                yield
            return
        self._connection.execution_options(**{READ_ONLY: True})
        try:
            with self._connection.begin():
                # It begins as a reader of the shop; only that keeps it from writing the temporary table too.
                self._connection.execute(text("PRAGMA query_only=OFF"))
                yield
        finally:
            self._connection.execution_options(**{READ_ONLY: False})

    def compare(self) -> None:
        """Tells what is new or different from what the shop has just so already; the shop's writers need not wait."""
        with self._apart():
            for statement in _COMPARISONS[self._kind.name](self._present, not self._is_sqlite):
                self._connection.execute(text(statement))
            # In the order in which the shop's tables are kept, and only what is to be written.
            key = next(name for name in ("code", "product_no", "chart_id") if name in self._table.columns)
            index = f"CREATE INDEX ix_import_stage_differs ON import_stage ({key}) WHERE differs = 1"
            self._connection.execute(text(index))
            self._connection.execute(text("ANALYZE import_stage"))
            self._whole = self._names_every_variant()

    def merge(self, at: datetime, rows: int) -> None:
        """Brings the shop up to the file, all of it or nothing; it has been compared.

        Args:
            at: The moment that the file is taken to be of.
            rows: How many rows it has.
        """
        with self._connection.begin():
            for statement in _MERGES[self._kind.name](self._present, not self._is_sqlite):
                self._connection.execute(text(statement))
            mark = {"kind": self._kind.name, "at": at, "rows": rows, "whole": self._whole}
            self._connection.execute(insert(CatalogueImport.__table__), mark)
        for table in _TOUCHED[self._kind.name]:
            # A shop that has grown a hundredfold is planned for as such.
            with self._connection.begin():
                self._connection.execute(text(f"ANALYZE {table}"))

    def _names_every_variant(self) -> bool:
        if self._kind.name not in ("catalogue", "prices", "stock"):
            return False
        missing = "SELECT 1 FROM sku t WHERE NOT EXISTS (SELECT 1 FROM import_stage s WHERE s.code = t.code) LIMIT 1"
        return self._connection.execute(text(missing)).first() is None

    def drop(self) -> None:
        """Leaves the connection as it was."""
        with self._apart():
            self._drop_tables()
            if self._is_sqlite:
                self._connection.execute(text(f"PRAGMA main.cache_size={_USUAL_CACHE_KIB}"))
                self._connection.execute(text(f"PRAGMA temp.cache_size={_USUAL_CACHE_KIB}"))

    def _drop_tables(self) -> None:
        for name in ("import_product", "import_stage"):
            self._connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


Check = tuple[str, str, str, str]
"""Title's field, query for row and value, problem, remedy."""

_TOUCHED: dict[KindName, tuple[str, ...]] = {
    "catalogue": ("product", "sku"),
    "prices": ("sku",),
    "stock": ("sku",),
    "attributes": ("attribute",),
    "size_charts": ("size_chart", "size_row"),
    "pairings": ("pairing",),
}


def _twice(field: str, *others: str) -> Check:
    key = ", ".join((field, *others))
    joined = " AND ".join(f"first.{name} = s.{name}" for name in (field, *others))
    return (
        field,
        # The first of several stays; each later one is told.
        f'SELECT s."row", s.{field} FROM import_stage s JOIN (SELECT {key}, min("row") AS first_row FROM import_stage '
        f"WHERE {field} IS NOT NULL GROUP BY {key} HAVING count(*) > 1) first ON {joined} "
        'WHERE s."row" > first.first_row ORDER BY s."row"',
        "stands in an earlier row already",
        "remove one of the two rows",
    )


def _unknown(field: str, table: str, key: str, what: str, *, may_be_in_file: str | None = None) -> Check:
    in_file = (
        f" AND NOT EXISTS (SELECT 1 FROM import_stage o WHERE o.{may_be_in_file} = s.{field})" if may_be_in_file else ""
    )
    return (
        field,
        f'SELECT s."row", s.{field} FROM import_stage s WHERE s.{field} IS NOT NULL '
        f'AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{key} = s.{field}){in_file} ORDER BY s."row"',
        f"is no {what} of the shop",
        f"mend it, or import the {what} first",
    )


def _price_checks(present: set[str]) -> Iterable[Check]:
    above = "write the smaller number, or raise the other"
    if "list_price" in present:
        yield (
            "price",
            'SELECT "row", price / 100.0 FROM import_stage WHERE price > list_price ORDER BY "row"',
            "is above the 吊牌价",
            above,
        )
    if "member_price" in present:
        yield (
            "member_price",
            'SELECT "row", member_price / 100.0 FROM import_stage WHERE member_price > price ORDER BY "row"',
            "is above the 价格",
            above,
        )
    else:
        yield (
            "price",
            'SELECT s."row", s.price / 100.0 FROM import_stage s JOIN sku t ON t.code = s.code '
            'WHERE t.member_price > s.price ORDER BY s."row"',
            "is below the 会员价 that the shop has",
            "add a column 会员价 with the new one, or an empty one for none",
        )


def _catalogue_checks(present: set[str]) -> Iterable[Check]:
    yield _twice("code")
    yield (
        "code",
        'SELECT s."row", s.code FROM import_stage s JOIN sku t ON t.code = s.code '
        'WHERE t.product_no <> s.product_no ORDER BY s."row"',
        "belongs to another product in the shop",
        "give it an SKU编码 of its own",
    )
    variant = "coalesce({0}.color, '') = coalesce({1}.color, '') AND coalesce({0}.size, '') = coalesce({1}.size, '') "
    variant += "AND coalesce({0}.spec, '') = coalesce({1}.spec, '')"
    yield (
        "code",
        'SELECT s."row", s.code FROM import_stage s JOIN import_stage o ON o.product_no = s.product_no AND '
        f'{variant.format("o", "s")} WHERE o.code <> s.code AND o."row" < s."row" ORDER BY s."row"',
        "has the same 颜色, 尺码 and 规格 as another variant of its product in this file",
        "tell them apart, or remove one",
    )
    yield (
        "code",
        'SELECT s."row", s.code FROM import_stage s JOIN sku t ON t.product_no = s.product_no AND '
        f"{variant.format('t', 's')} WHERE t.code <> s.code "
        'AND NOT EXISTS (SELECT 1 FROM import_stage o WHERE o.code = t.code) ORDER BY s."row"',
        "has the same 颜色, 尺码 and 规格 as another variant of its product in the shop",
        "use the SKU编码 that the shop has, or tell them apart",
    )
    for field in _PRODUCT_FIELDS:
        if field in present:
            yield (
                field,
                f'SELECT min(s."row"), max(s.{field}) FROM import_stage s WHERE s.{field} IS NOT NULL '
                f"GROUP BY s.product_no HAVING count(DISTINCT s.{field}) > 1 ORDER BY 1",
                "is not the same in all rows of the product",
                "write the same, or leave it empty in all but one",
            )
    yield (
        "name",
        'SELECT min(s."row"), s.product_no FROM import_stage s '
        "WHERE NOT EXISTS (SELECT 1 FROM product t WHERE t.no = s.product_no) "
        "GROUP BY s.product_no HAVING count(s.name) = 0 ORDER BY 1",
        "is missing for a new product",
        "fill it in",
    )
    yield _unknown("successor_no", "product", "no", "product", may_be_in_file="product_no")
    yield _unknown("size_chart_id", "size_chart", "id", "size chart")
    yield from _price_checks(present)


def _price_list_checks(present: set[str]) -> Iterable[Check]:
    yield _twice("code")
    yield _unknown("code", "sku", "code", "variant")
    yield from _price_checks(present)


def _stock_checks(present: set[str]) -> Iterable[Check]:
    yield _twice("code")
    yield _unknown("code", "sku", "code", "variant")


def _attribute_checks(present: set[str]) -> Iterable[Check]:
    yield _twice("product_no", "key")
    yield _unknown("product_no", "product", "no", "product")


def _chart_checks(present: set[str]) -> Iterable[Check]:
    yield _twice("chart_id", "size")
    for field in sorted(name for name in present if name.endswith("_min") and f"{name[:-4]}_max" in present):
        yield (
            field,
            f'SELECT "row", {field} / 10.0 FROM import_stage WHERE {field} > {field[:-4]}_max ORDER BY "row"',
            "is above the end of its range",
            "exchange the two",
        )


def _pairing_checks(present: set[str]) -> Iterable[Check]:
    yield _twice("product_no", "with_no")
    yield _unknown("product_no", "product", "no", "product")
    yield _unknown("with_no", "product", "no", "product")
    yield (
        "with_no",
        'SELECT "row", with_no FROM import_stage WHERE with_no = product_no ORDER BY "row"',
        "is the product itself",
        "name another one",
    )
    if "coupon_code" in present:
        yield _unknown("coupon_code", "coupon", "code", "coupon")


_CHECKS = {
    "catalogue": _catalogue_checks,
    "prices": _price_list_checks,
    "stock": _stock_checks,
    "attributes": _attribute_checks,
    "size_charts": _chart_checks,
    "pairings": _pairing_checks,
}

# With what a new product has where the file says nothing.
_PRODUCT_FIELDS = {
    "name": "''",
    "category": "''",
    "kind": "''",
    "brand": "''",
    "status": "'on_sale'",
    "successor_no": "NULL",
    "aliases": "'[]'",
    "picture": "NULL",
    "size_chart_id": "NULL",
    "runs": "'正常'",
}


def _unlike(is_postgres: bool, shop: str, file: str) -> str:
    """Whether two values are not the same, where neither, one or both may be missing."""
    return f"{shop} IS DISTINCT FROM {file}" if is_postgres else f"{shop} IS NOT {file}"


def _compare(is_postgres: bool, table: str, keys: dict[str, str], values: dict[str, str]) -> str:
    """Marks the rows that the shop has just so already.

    Args:
        is_postgres: Which words the database has for it.
        table: Where.
        keys: The table's key, and what the file calls it.
        values: The table's other columns, and what they would become.
    """
    found = " AND ".join(f"t.{name} = import_stage.{field}" for name, field in keys.items())
    same = " AND ".join(f"NOT ({_unlike(is_postgres, f't.{name}', value)})" for name, value in values.items())
    return f"UPDATE import_stage SET differs = 0 WHERE EXISTS (SELECT 1 FROM {table} t WHERE {found} AND {same})"


def _upsert(table: str, key: Sequence[str], values: dict[str, str], source: str, updated: Iterable[str]) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" if "=" not in name else name for name in updated)
    return (
        f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {source} "
        f"ON CONFLICT ({', '.join(key)}) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"
    )


def _product_changes(present: set[str]) -> list[str]:
    return [field for field in _PRODUCT_FIELDS if field in present and field != "name"]


def _compare_catalogue(present: set[str], is_postgres: bool) -> Iterable[str]:
    picked = ", ".join(f"coalesce(max({field}), {default}) AS {field}" for field, default in _PRODUCT_FIELDS.items())
    # Which products there are is found here, too: a million rows are not gathered while others wait.
    yield (
        f"CREATE TEMPORARY TABLE import_product AS SELECT product_no AS no, {picked} FROM import_stage "
        "WHERE product_no IS NOT NULL GROUP BY product_no ORDER BY product_no"
    )
    same = ["(p.name = '' OR p.name = t.name)"]
    for field in _product_changes(present):
        shop = f"CAST(t.{field} AS TEXT)" if field == "aliases" and is_postgres else f"t.{field}"
        same.append(f"NOT ({_unlike(is_postgres, shop, f'p.{field}')})")
    yield (
        "DELETE FROM import_product WHERE no IN "
        f"(SELECT p.no FROM import_product p JOIN product t ON t.no = p.no WHERE {' AND '.join(same)})"
    )
    texts = [name for name in ("color", "size", "spec") if name in present]
    values: dict[str, str] = {name: f"coalesce(import_stage.{name}, '')" for name in texts}
    yield _compare(
        is_postgres, "sku", {"code": "code"}, {"stock": "import_stage.stock", **_prices_become(present), **values}
    )


def _prices_become(present: set[str]) -> dict[str, str]:
    """What the prices of a variant become, said of the rows `t` of the shop."""
    price = "import_stage.price"
    become = {"price": price}
    if "list_price" in present:
        become["list_price"] = f"coalesce(import_stage.list_price, {price})"
    else:
        become["list_price"] = f"CASE WHEN t.list_price < {price} THEN {price} ELSE t.list_price END"
    if "member_price" in present:
        become["member_price"] = "import_stage.member_price"
    if "cost" in present:
        become["cost"] = "import_stage.cost"
    return become


def _compare_prices(present: set[str], is_postgres: bool) -> Iterable[str]:
    yield _compare(is_postgres, "sku", {"code": "code"}, _prices_become(present))


def _compare_stock(present: set[str], is_postgres: bool) -> Iterable[str]:
    yield _compare(is_postgres, "sku", {"code": "code"}, {"stock": "import_stage.stock"})


def _compare_attributes(present: set[str], is_postgres: bool) -> Iterable[str]:
    values = {"value": "import_stage.value"}
    if "selling_point" in present:
        values["selling_point"] = "coalesce(import_stage.selling_point, '')"
    values |= _as_in_file(present, "doubt")
    yield _compare(is_postgres, "attribute", {"product_no": "product_no", "key": "key"}, values)


def _compare_pairings(present: set[str], is_postgres: bool) -> Iterable[str]:
    values = {"reason": "import_stage.reason", **_as_in_file(present, "coupon_code")}
    yield _compare(is_postgres, "pairing", {"product_no": "product_no", "with_no": "with_no"}, values)


def _as_in_file(present: set[str], name: str) -> dict[str, str]:
    values = {name: f"import_stage.{name}"} if name in present else {}
    if "ordinal" in present:
        values["ordinal"] = 'coalesce(import_stage.ordinal, import_stage."row")'
    return values


_COMPARISONS = {
    "catalogue": _compare_catalogue,
    "prices": _compare_prices,
    "stock": _compare_stock,
    "attributes": _compare_attributes,
    # A few rows, which are replaced.
    "size_charts": lambda present, is_postgres: (),
    "pairings": _compare_pairings,
}


def _merge_catalogue(present: set[str], is_postgres: bool) -> Iterable[str]:
    products = {"no": "no", **{field: field for field in _PRODUCT_FIELDS}}
    if is_postgres:
        products["aliases"] = "CAST(aliases AS JSON)"
    yield _upsert(
        "product",
        ["no"],
        products,
        "import_product WHERE true ORDER BY no",
        # An empty title names nothing; what the shop has stays.
        [
            "name = CASE WHEN excluded.name = '' THEN product.name ELSE excluded.name END",
            *_product_changes(present),
        ],
    )
    skus = {"code": "code", "product_no": "product_no"}
    skus |= {field: f"coalesce({field}, '')" for field in ("color", "size", "spec")}
    skus |= {"stock": "stock", "list_price": "coalesce(list_price, price)", "price": "price"}
    skus |= {"member_price": "member_price", "cost": "cost"}
    changes = ["stock", *_price_changes(present), *(name for name in ("color", "size", "spec") if name in present)]
    yield _upsert("sku", ["code"], skus, "import_stage WHERE differs = 1 AND code IS NOT NULL ORDER BY code", changes)


def _price_changes(present: set[str]) -> list[str]:
    list_price = (
        "list_price"
        if "list_price" in present
        # A price that has risen above it makes it wrong.
        else "list_price = CASE WHEN sku.list_price < excluded.price THEN excluded.price ELSE sku.list_price END"
    )
    return ["price", list_price, *(name for name in ("member_price", "cost") if name in present)]


_OF_THE_SHOP = "import_stage s JOIN sku t ON t.code = s.code WHERE s.differs = 1 ORDER BY s.code"


def _merge_prices(present: set[str], is_postgres: bool) -> Iterable[str]:
    # Every variant is there, which was checked; what a new one would need is taken from the one that is updated.
    values = {name: f"t.{name}" for name in ("code", "product_no", "color", "size", "spec", "stock")}
    values |= {"price": "s.price", "list_price": "coalesce(s.list_price, s.price)", "member_price": "s.member_price"}
    values |= {"cost": "s.cost"}
    yield _upsert("sku", ["code"], values, _OF_THE_SHOP, _price_changes(present))


def _merge_stock(present: set[str], is_postgres: bool) -> Iterable[str]:
    names = ("code", "product_no", "color", "size", "spec", "price", "list_price", "member_price")
    values = {name: f"t.{name}" for name in names} | {"stock": "s.stock"}
    yield _upsert("sku", ["code"], values, _OF_THE_SHOP, ["stock"])


def _merge_attributes(present: set[str], is_postgres: bool) -> Iterable[str]:
    values = {
        "product_no": "product_no",
        "key": "key",
        "value": "value",
        "selling_point": "coalesce(selling_point, '')",
        "doubt": "doubt",
        "ordinal": 'coalesce(ordinal, "row")',
    }
    updated = ["value", *(name for name in ("selling_point", "doubt", "ordinal") if name in present)]
    source = "import_stage WHERE differs = 1 ORDER BY product_no"
    yield _upsert("attribute", ["product_no", "key"], values, source, updated)


def _merge_charts(present: set[str], is_postgres: bool) -> Iterable[str]:
    charts = {"id": "chart_id", "name": "coalesce(max(chart_name), chart_id)", "category": "max(category)"}
    source = "import_stage WHERE true GROUP BY chart_id ORDER BY chart_id"
    updated = [*(["name"] if "chart_name" in present else []), *(["category"] if "category" in present else [])]
    yield _upsert("size_chart", ["id"], charts, source, updated)
    # A chart is what its file says: a size that is no longer there is no longer made.
    yield "DELETE FROM size_row WHERE chart_id IN (SELECT chart_id FROM import_stage)"
    measures = sorted(name for name in present if name.endswith(("_min", "_max")))
    names = ", ".join(["chart_id", "ordinal", "size", *measures])
    picked = ", ".join(["chart_id", 'row_number() OVER (PARTITION BY chart_id ORDER BY "row") - 1', "size", *measures])
    yield f"INSERT INTO size_row ({names}) SELECT {picked} FROM import_stage"


def _merge_pairings(present: set[str], is_postgres: bool) -> Iterable[str]:
    values = {
        "product_no": "product_no",
        "with_no": "with_no",
        "reason": "reason",
        "coupon_code": "coupon_code",
        "ordinal": 'coalesce(ordinal, "row")',
    }
    updated = ["reason", *(name for name in ("coupon_code", "ordinal") if name in present)]
    source = "import_stage WHERE differs = 1 ORDER BY product_no, with_no"
    yield _upsert("pairing", ["product_no", "with_no"], values, source, updated)


_MERGES = {
    "catalogue": _merge_catalogue,
    "prices": _merge_prices,
    "stock": _merge_stock,
    "attributes": _merge_attributes,
    "size_charts": _merge_charts,
    "pairings": _merge_pairings,
}
