from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bench.errors import BenchError
from bench.shop_files import _HEADINGS, catalogue_rows, import_here, table
from sixty.shop.database import engine_for, shop_session
from sixty.shop.exchange.kinds import KINDS
from sixty.shop.exchange.sheets import write_rows
from sixty.shop.models import Customer, Sku

ROWS = 200


def test_a_catalogue_file_has_every_column_that_it_needs() -> None:
    assert KINDS["catalogue"].missing(_HEADINGS) == []
    first, changed = (list(catalogue_rows(ROWS, changed=each)) for each in (False, True))
    assert len(first) == len(changed) == ROWS
    assert {len(row) for row in (*first, *changed)} == {len(_HEADINGS)}
    stock = _HEADINGS.index("库存")
    # Everything differs that a price list and a stock list change, and nothing else.
    assert all(int(a[stock]) + 5 == int(b[stock]) for a, b in zip(first, changed, strict=True))
    assert [row[:stock] for row in first] == [row[:stock] for row in changed]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_import_is_measured_while_somebody_writes(database_url: str, tmp_path: Path, ending: str) -> None:
    paths = {name: tmp_path / f"{name}.{ending}" for name in ("first", "changed")}
    for name, path in paths.items():
        write_rows(path, _HEADINGS, catalogue_rows(ROWS, changed=name == "changed"))
    runs: dict[str, Any] = {name: import_here(database_url, str(path)) for name, path in paths.items()}
    for figures in runs.values():
        assert (figures["rows"], figures["refused"]) == (ROWS, 0)
        assert figures["longest_wait_seconds"] >= 0
    with shop_session(database_url) as session:
        changed = session.scalar(select(func.sum(Sku.stock)))
        assert session.scalars(select(Customer)).all() == []
    stock = _HEADINGS.index("库存")
    assert changed == sum(int(row[stock]) for row in catalogue_rows(ROWS, changed=True))
    assert f"| x | {ending} | first |" in table({"imports": {"x": {ending: runs}}})
    engine_for(database_url).dispose()


def test_a_file_that_is_not_imported_is_no_measurement(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_rows(path, ["SKU编码", "库存"], [["NONE", 1]])
    with pytest.raises(BenchError, match="was not imported"):
        import_here(database_url, str(path))
