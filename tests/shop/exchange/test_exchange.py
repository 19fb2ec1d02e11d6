"""What is exported can be imported; what is wrong in a file is told, and then nothing is imported."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text
from typer.testing import CliRunner

from sixty.cli import app
from sixty.errors import OperatorError
from sixty.settings import get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.demo import seed
from sixty.shop.exchange import importing
from sixty.shop.exchange.exporting import export_file
from sixty.shop.exchange.importing import Imported, import_file
from sixty.shop.exchange.kinds import KINDS, KindName, kind_named, kind_of
from sixty.shop.exchange.sheets import read_rows, write_rows
from sixty.shop.models import Attribute, CatalogueImport, Pairing, Product, SizeChart, SizeRow, Sku
from tests.shop.conftest import SMALL_SHOP

_FILES = count(1)
Import = Callable[..., Imported]


@pytest.fixture
def url(database_url: str, now: datetime) -> str:
    """A database of its own with the small shop: an import commits."""
    with shop_session(database_url) as session:
        seed(session, now, path=SMALL_SHOP)
    return database_url


@pytest.fixture
def import_rows(url: str, tmp_path: Path) -> Import:
    def run(rows: Iterable[str], kind: KindName | None = None, **options: Any) -> Imported:
        path = tmp_path / f"{next(_FILES)}.csv"
        path.write_text("\n".join(rows), encoding="gbk")
        return import_file(url, path, KINDS[kind] if kind else None, **options)

    return run


def exported(url: str, path: Path, kind: KindName) -> list[list[str]]:
    export_file(url, path, KINDS[kind])
    return [row for _, row in read_rows(path)]


def skus(url: str) -> dict[str, Sku]:
    with shop_session(url) as session:
        return {sku.code: sku for sku in session.scalars(select(Sku))}


def said(found: Imported) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.problem) for each in found.problems]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_importing_an_export_changes_nothing(url: str, tmp_path: Path, kind: KindName, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    before = exported(url, path, kind)
    assert len(before) > 1
    assert kind_of(before[0]) == KINDS[kind]
    found = import_file(url, path)
    assert (found.problems, found.merged, found.rows, found.unknown) == ([], True, len(before) - 1, [])
    assert exported(url, tmp_path / f"b.{ending}", kind) == before


def test_a_whole_shop_moves_into_an_empty_database(url: str, tmp_path: Path) -> None:
    kinds: tuple[KindName, ...] = ("size_charts", "catalogue", "attributes", "prices", "stock")
    before = {kind: exported(url, tmp_path / f"{kind}.csv", kind) for kind in kinds}
    with shop_session(url) as session:
        for table in (Pairing, Attribute):
            session.execute(delete(table))
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    upgrade_database(fresh)
    for kind in kinds:
        assert import_file(fresh, tmp_path / f"{kind}.csv").problems == []
    assert {kind: exported(fresh, tmp_path / "again.csv", kind) for kind in kinds} == before
    engine_for(fresh).dispose()


WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12)
NAMES = WORDS.map(str.strip).filter(bool)
EMPTY_OR_NAMES = NAMES | st.just("")
FEN = st.integers(0, 10**7)


@st.composite
def variants(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    parts = draw(st.lists(st.tuples(*[EMPTY_OR_NAMES] * 3), min_size=1, max_size=4, unique=True))
    for number, (color, size, spec) in enumerate(parts):
        member, price, listed = sorted(draw(st.tuples(FEN, FEN, FEN)))
        rows.append(
            {
                "code": f"{draw(st.sampled_from(['0', '=', '-', '𠮷', 'A']))}{number}",
                "color": color,
                "size": size,
                "spec": spec,
                "stock": draw(st.integers(0, 2**31 - 1)),
                "list_price": Decimal(listed).scaleb(-2),
                "price": Decimal(price).scaleb(-2),
                "member_price": draw(st.sampled_from([None, Decimal(member).scaleb(-2)])),
            }
        )
    return rows


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=NAMES,
    others=st.tuples(EMPTY_OR_NAMES, EMPTY_OR_NAMES, EMPTY_OR_NAMES),
    aliases=st.lists(NAMES.filter(lambda name: "、" not in name), max_size=3),
    rows=variants(),
    value=NAMES,
    point=EMPTY_OR_NAMES,
    ending=st.sampled_from(["csv", "xlsx"]),
)
def test_whatever_a_shop_holds_comes_back_as_it_was(
    database_url: str,
    tmp_path: Path,
    name: str,
    others: tuple[str, str, str],
    aliases: list[str],
    rows: list[dict[str, Any]],
    value: str,
    point: str,
    ending: str,
) -> None:
    category, kind, brand = others
    with shop_session(database_url) as session:
        for table in (Attribute, Sku, Product):
            session.execute(delete(table))
        session.add(Product(no="P1", name=name, category=category, kind=kind, brand=brand, aliases=aliases))
        session.add(Product(no="P0", name="没有规格的", category="", kind="", brand="", aliases=[]))
        session.flush()
        session.add_all(Sku(product_no="P1", **row) for row in rows)
        session.add(Attribute(product_no="P1", key="材质", value=value, selling_point=point, ordinal=3))
    kinds: tuple[KindName, ...] = ("catalogue", "attributes")
    before = {each: exported(database_url, tmp_path / f"{each}.{ending}", each) for each in kinds}
    held = _held(database_url)
    with shop_session(database_url) as session:
        for table in (Attribute, Sku, Product):
            session.execute(delete(table))
    for each in kinds:
        assert import_file(database_url, tmp_path / f"{each}.{ending}").problems == []
    assert _held(database_url) == held
    assert {each: exported(database_url, tmp_path / f"again.{ending}", each) for each in kinds} == before


def _held(url: str) -> str:
    with shop_session(url) as session:
        tables = (Product, Sku, Attribute)
        rows = [
            [list(row) for row in session.execute(select(table.__table__).order_by(text("1, 2")))] for table in tables
        ]
    return json.dumps(rows, default=str, ensure_ascii=False)


def test_a_file_as_a_shop_exports_it(import_rows: Import, url: str) -> None:
    found = import_rows(
        [
            "店铺商品导出 2026-05-20,,,,,,,",
            "货号,宝贝标题,商家编码,颜色分类,尺码,库存数量,市场价,一口价,商品状态,店铺备注",
            'GZ7001,新款工装裤,="0070010",卡其,M,5,￥329.00,￥299,出售中,无',
            "gz7001,,0070011,卡其,L,0,,259,,",
            ",,,,,,,,,",
            "GZ2101,,GZ2101-01,卡其,M,8,329,249,,",
        ]
    )
    assert said(found) == []
    assert (found.kind.name, found.rows, found.unknown, found.merged) == ("catalogue", 3, ["店铺备注"], True)
    known = skus(url)
    new = known["0070010"]
    assert (new.product_no, new.color, new.size, new.stock, new.list_price, new.price) == (
        "GZ7001",
        "卡其",
        "M",
        5,
        Decimal(329),
        Decimal(299),
    )
    # Without a 吊牌价 the price is the list price; a column that the file lacks stays as it was.
    assert known["0070011"].list_price == Decimal(259)
    assert (known["GZ2101-01"].stock, known["GZ2101-01"].member_price) == (8, Decimal(249))
    with shop_session(url) as session:
        product = session.get(Product, "GZ2101")
        assert product is not None
        assert (product.name, product.aliases, product.runs) == ("多口袋工装裤", ["多口袋裤"], "偏大")


def test_prices_and_stock_alone(import_rows: Import, url: str) -> None:
    assert import_rows(["SKU编码,价格", "GZ2101-01,399"]).kind.name == "prices"
    risen = skus(url)["GZ2101-01"]
    assert (risen.price, risen.list_price, risen.member_price) == (Decimal(399), Decimal(399), Decimal(249))
    assert import_rows(["SKU编码,库存", "GZ2101-01,77"]).kind.name == "stock"
    assert skus(url)["GZ2101-01"].stock == 77
    assert import_rows(["SKU编码,价格,会员价", "GZ2101-01,399,"]).merged
    assert skus(url)["GZ2101-01"].member_price is None


def test_a_chart_is_what_its_file_says(import_rows: Import, url: str) -> None:
    rows = ["尺码表编号,尺码,身高起(cm),身高止(cm),体重起(kg),体重止(kg)", "trousers,XS,150,155,40,45"]
    assert import_rows([*rows, "new,均码,150,175.5,40,62.5"]).merged
    with shop_session(url) as session:
        trousers, new = session.get(SizeChart, "trousers"), session.get(SizeChart, "new")
        assert trousers is not None
        assert new is not None
        assert [row.size for row in trousers.rows] == ["XS"]
        assert (new.name, new.rows[0].height_max) == ("new", Decimal("175.5"))


CATALOGUE = "商品编码,标题,SKU编码,颜色,尺码,库存,吊牌价,价格,会员价,状态,替代款,尺码表"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["N1,新,S1,,,1,,9,,,,", "N1,新,S1,红,,1,,9,,,,"], [(3, "SKU编码", "stands in an earlier row already")]),
        (["N1,新,S1,红,,1,,9,,,,", "N1,新,S2,红,,1,,9,,,,"], [(3, "SKU编码", "has the same 颜色")]),
        (["GZ2101,,S1,卡其,M,1,,9,,,,"], [(2, "SKU编码", "has the same 颜色")]),
        (["GZ2102,,GZ2101-01,,,1,,9,,,,"], [(2, "SKU编码", "belongs to another product")]),
        (["N1,,S1,,,1,,9,,,,"], [(2, "标题", "is missing for a new product")]),
        (["N1,新,S1,红,,1,,9,,,,", "N1,旧,S2,蓝,,1,,9,,,,"], [(2, "标题", "is not the same")]),
        (["N1,新,S1,,,1,8,9,,,,"], [(2, "价格", "is above the 吊牌价")]),
        (["N1,新,S1,,,1,,9,10,,,"], [(2, "会员价", "is above the 价格")]),
        (["N1,新,S1,,,,,9,,,,"], [(2, "库存", "is empty")]),
        (["N1,新,S1,,,1,,,,,,"], [(2, "价格", "is empty")]),
        (["N1,新,,红,,1,,9,,,,"], [(2, "SKU编码", "is empty")]),
        ([",新,S1,,,1,,9,,,,"], [(2, "商品编码", "is empty")]),
        (["N1,新,S1,,,两箱,,9,,,,"], [(2, "库存", "is not a whole number")]),
        (["N1,新,S1,,,1,,面议,,,,"], [(2, "价格", "is not an amount")]),
        (["N1,新,6.88E+12,,,1,,9,,,,"], [(2, "SKU编码", "is a number that the spreadsheet has shortened")]),
        (["N1,新,S1,,,1,,9,,卖完,,"], [(2, "状态", "is none of 在售")]),
        (["N1,新,S1,,,1,,9,,,N9,"], [(2, "替代款", "is no product")]),
        (["N1,新,S1,,,1,,9,,,,none"], [(2, "尺码表", "is no size chart")]),
        (["N1,新,S1,,,x,,y,,,,"], [(2, "库存", "is not a whole number"), (2, "价格", "is not an amount")]),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_imported(
    import_rows: Import, url: str, rows: list[str], expected: list[tuple[int, str, str]]
) -> None:
    before = skus(url).keys()
    found = import_rows([CATALOGUE, *rows, "N2,另一款,OK-1,,,1,,9,,,,"])
    assert [(row, column) for row, column, _ in said(found)] == [(row, column) for row, column, _ in expected]
    assert all(problem.startswith(begin) for (*_, problem), (*_, begin) in zip(said(found), expected, strict=True))
    assert all(each.remedy for each in found.problems)
    assert not found.merged
    assert skus(url).keys() == before


@pytest.mark.parametrize(
    ("rows", "column", "problem"),
    [
        (["SKU编码,价格", "NONE,9"], "SKU编码", "is no variant"),
        (["SKU编码,库存", "GZ2101-01,1", "GZ2101-01,2"], "SKU编码", "stands in an earlier row"),
        (["SKU编码,价格", "GZ2101-01,9"], "价格", "is below the 会员价"),
        (["商品编码,属性,属性值", "NONE,材质,棉"], "商品编码", "is no product"),
        (["商品编码,属性,属性值", "GZ2101,面料,棉", "GZ2101,材质,棉"], "属性", "stands in an earlier row"),
        (["商品编码,属性,属性值,疑虑", "GZ2101,材质,棉,贵"], "疑虑", "is none of 版型"),
        (["尺码表编号,尺码,身高起(cm),身高止(cm)", "t,M,170,160"], "身高起(cm)", "is above the end"),
        (["商品编码,搭配商品编码,搭配理由", "GZ2101,NONE,好看"], "搭配商品编码", "is no product"),
        (["商品编码,搭配商品编码,搭配理由", "GZ2101,GZ2101,好看"], "搭配商品编码", "is the product itself"),
        (["商品编码,搭配商品编码,搭配理由,搭配券", "GZ2101,GZ2102,好看,NONE"], "搭配券", "is no coupon"),
    ],
)
def test_the_other_kinds_are_checked_as_well(
    import_rows: Import, url: str, rows: list[str], column: str, problem: str
) -> None:
    found = import_rows(rows)
    assert not found.merged
    assert found.problems[0].column in (column, "商品编码")
    assert found.problems[0].problem.startswith(problem)


def test_a_dry_run_changes_nothing(import_rows: Import, url: str) -> None:
    found = import_rows(["SKU编码,库存", "GZ2101-01,77"], dry_run=True)
    assert (found.problems, found.merged, found.rows) == ([], False, 1)
    assert skus(url)["GZ2101-01"].stock == 10


def test_what_breaks_off_in_the_middle_leaves_nothing(
    import_rows: Import, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = importing.Staging.merge

    def die_after_merging(staging: Any, *arguments: Any) -> None:
        connection = staging._connection
        with monkeypatch.context() as patch:
            # The last that is written.
            patch.setattr(type(connection), "execute", _dies_on("catalogue_import", type(connection).execute))
            merge(staging, *arguments)

    monkeypatch.setattr(importing.Staging, "merge", die_after_merging)
    with pytest.raises(KeyboardInterrupt):
        import_rows(["SKU编码,库存", "GZ2101-01,77"])
    monkeypatch.undo()
    assert skus(url)["GZ2101-01"].stock == 10
    assert import_rows(["SKU编码,库存", "GZ2101-01,78"]).merged
    assert skus(url)["GZ2101-01"].stock == 78


def _dies_on(word: str, execute: Callable[..., Any]) -> Callable[..., Any]:
    def run(connection: Any, statement: Any, *arguments: Any, **options: Any) -> Any:
        if word in str(statement):
            raise KeyboardInterrupt
        return execute(connection, statement, *arguments, **options)

    return run


@pytest.fixture
def file_url(tmp_path: Path, now: datetime) -> Iterator[str]:
    """The small shop in SQLite, which has one writer at a time."""
    url = f"sqlite:///{tmp_path / 'one_writer.db'}"
    upgrade_database(url)
    with shop_session(url) as session:
        seed(session, now, path=SMALL_SHOP)
    yield url
    engine_for(url).dispose()


def test_who_writes_while_a_file_is_read_and_checked_need_not_wait(file_url: str, tmp_path: Path) -> None:
    written: list[str] = []

    def write(step: str, share: float) -> None:
        other = sqlite3.connect(file_url.removeprefix("sqlite:///"), timeout=0)
        other.execute("UPDATE customer SET nickname = ?", [f"{step} {share}"])
        other.commit()
        other.close()
        written.append(step)

    path = tmp_path / "stock.csv"
    path.write_text("SKU编码,库存\nGZ2101-01,77\n", encoding="utf-8")
    assert import_file(file_url, path, tell=write).merged
    assert {"read", "check", "merge"} <= set(written)
    assert skus(file_url)["GZ2101-01"].stock == 77


def test_only_what_differs_is_written(file_url: str, tmp_path: Path) -> None:
    with engine_for(file_url).begin() as connection:
        connection.execute(text("CREATE TABLE touched (code TEXT)"))
        for table, key in (("sku", "code"), ("product", "no")):
            trigger = (
                f"CREATE TRIGGER touch_{table} AFTER UPDATE ON {table} BEGIN INSERT INTO touched VALUES (new.{key})"
            )
            connection.execute(text(f"{trigger}; END"))
    path = tmp_path / "catalogue.csv"
    export_file(file_url, path, KINDS["catalogue"])
    headings, *rows = ([*row] for _, row in read_rows(path))
    rows[3][headings.index("库存")] = "12345"

    def touched() -> list[str]:
        assert import_file(file_url, path).merged
        with engine_for(file_url).connect() as connection:
            return list(connection.execute(text("SELECT code FROM touched")).scalars())

    assert touched() == []
    write_rows(path, headings, rows)
    changed = rows[3][headings.index("SKU编码")]
    assert touched() == [changed]
    for row in rows:
        if row[0] == rows[0][0]:
            row[headings.index("品牌")] = "另一个牌子"
    write_rows(path, headings, rows)
    assert touched() == [changed, rows[0][0]]


def test_it_is_marked_what_came_when_and_whether_it_was_everything(
    import_rows: Import, url: str, now: datetime
) -> None:
    def marks() -> list[tuple[str, int, bool]]:
        with shop_session(url) as session:
            found = session.scalars(select(CatalogueImport).order_by(CatalogueImport.id))
            assert all(each.at == now for each in found)
            found = session.scalars(select(CatalogueImport).order_by(CatalogueImport.id))
            return [(each.kind, each.rows, each.whole) for each in found]

    import_rows(["SKU编码,库存", "GZ2101-01,77"], now=now)
    assert marks() == [("stock", 1, False)]
    import_rows(["SKU编码,库存", *(f"{code},7" for code in skus(url))], now=now)
    assert marks()[-1] == ("stock", len(skus(url)), True)
    import_rows(["商品编码,属性,属性值", "GZ2101,面料,棉"], now=now)
    assert marks()[-1] == ("attributes", 1, False)
    import_rows(["SKU编码,库存", "GZ2101-01,7"], now=now, dry_run=True)
    import_rows(["SKU编码,库存", "NONE,7"], now=now)
    assert len(marks()) == 3


def test_variants_that_exchange_their_colours_are_refused_whole(import_rows: Import, url: str) -> None:
    known = skus(url)
    one, other = known["GZ2101-01"], known["GZ2101-05"]
    rows = [CATALOGUE]
    for sku, color, size in ((one, other.color, other.size), (other, one.color, one.size)):
        rows.append(f"GZ2101,,{sku.code},{color},{size},1,{sku.list_price},{sku.price},,,,")
    with pytest.raises(OperatorError, match="two steps"):
        import_rows(rows)
    assert skus(url)["GZ2101-01"].color == one.color


def test_a_file_of_no_kind_says_what_would_be_one(import_rows: Import) -> None:
    with pytest.raises(OperatorError, match="catalogue: 商品编码、标题"):
        import_rows(["甲,乙", "1,2"])
    with pytest.raises(OperatorError, match="no column 库存"):
        import_rows(["SKU编码,价格", "a,1"], kind="stock")
    with pytest.raises(OperatorError, match="two columns that mean 库存"):
        import_rows(["SKU编码,库存,库存数量", "a,1,1"])
    with pytest.raises(OperatorError, match="use one of"):
        kind_named("customers")
    assert kind_named("size-charts") == KINDS["size_charts"]


def test_a_flood_of_errors_is_cut_off(import_rows: Import) -> None:
    found = import_rows(["SKU编码,库存", *(f"S{number},x" for number in range(1_200))])
    assert (len(found.problems), found.more_problems) == (1_000, True)


def test_an_empty_file_changes_nothing(import_rows: Import, url: str) -> None:
    assert import_rows(["SKU编码,库存"]).rows == 0
    with pytest.raises(OperatorError):
        import_rows([""])


def test_the_commands(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_DATABASE_URL", url)
    monkeypatch.setenv("SIXTY_SECRET", "k" * 40)
    get_settings.cache_clear()
    run, path, errors = CliRunner(), tmp_path / "a.xlsx", tmp_path / "errors.csv"
    assert "15 rows" in run.invoke(app, ["shop", "export", str(path)]).output
    assert "could be imported" in run.invoke(app, ["shop", "import", str(path), "--dry-run"]).output
    assert "15 rows" in run.invoke(app, ["shop", "import", str(path), "--kind", "catalogue"]).output
    write_rows(tmp_path / "b.csv", ["SKU编码", "库存"], [["NONE", 1], ["GZ2101-01", 3]])
    wrong = run.invoke(app, ["shop", "import", str(tmp_path / "b.csv"), "--errors", str(errors)])
    get_settings.cache_clear()
    assert wrong.exit_code == 1
    assert "Nothing was imported: 1 errors" in wrong.output
    assert [row for _, row in read_rows(errors)] == [
        ["row", "column", "value", "problem", "remedy"],
        ["2", "SKU编码", "NONE", "is no variant of the shop", "mend it, or import the variant first"],
    ]
    with shop_session(url) as session:
        assert session.scalar(select(func.count()).select_from(SizeRow)) == 6


def test_every_kind_has_headings_of_its_own() -> None:
    for kind in KINDS.values():
        headings = [column.title for column in kind.columns]
        assert kind_of(headings) == kind
        assert kind.missing(headings) == []
        for column in kind.columns:
            for name in (column.title, *column.also):
                assert kind.column_of(f" {name}* ") == column
    assert replace(KINDS["stock"], columns=()).missing([]) == []
