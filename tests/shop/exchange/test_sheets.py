from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from sixty.errors import OperatorError
from sixty.shop.exchange import sheets
from sixty.shop.exchange.sheets import encoding_of, read_rows, write_rows

ROWS = [["商品编码", "标题"], ["GZ1", "多口袋\n工装裤，“卡其”"], ["GZ2", 'say "hi", ok']]


def csv_in(path: Path, encoding: str, delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(ROWS)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_however_it_was_saved(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = csv_in(tmp_path / "a.csv", encoding, delimiter)
    assert list(read_rows(path)) == list(enumerate(ROWS, start=1))


def test_an_encoding_is_not_guessed_from_the_beginning_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"code,name\n" * 200_000 + "裤".encode("gbk"))
    assert encoding_of(path) == "gb18030"
    path.write_bytes(b"code,name\n" + b"\xff\xff\x00")
    with pytest.raises(OperatorError, match="UTF-8 nor GBK"):
        encoding_of(path)


def test_a_letter_that_lies_across_two_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_CHUNK", 7)
    assert encoding_of(csv_in(tmp_path / "a.csv", "utf-8")) == "utf-8"
    assert encoding_of(csv_in(tmp_path / "b.csv", "gbk")) == "gb18030"


def test_xlsx_is_read_as_what_is_shown(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["货号", "价格", "库存", "备注"])
    sheet.append(["GZ1", 19.9, 20, None])
    sheet.append([123456789012, 259.0, "20", True])
    sheet.append([6880012345678901234, 0.1, 0, "x"])
    book.save(tmp_path / "a.xlsx")
    assert [row for _, row in read_rows(tmp_path / "a.xlsx")] == [
        ["货号", "价格", "库存", "备注"],
        ["GZ1", "19.9", "20"],
        ["123456789012", "259", "20", "TRUE"],
        ["6.880012E+18", "0.1", "0", "x"],
    ]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"no zip")
    (tmp_path / "a.xls").write_bytes(b"old")
    (tmp_path / "a.csv").write_bytes(b'a,b\n"' + b"x" * 200_000)
    for name, said in (("a.xlsx", "save it anew"), ("a.xls", "neither CSV"), ("none.csv", "no file")):
        with pytest.raises(OperatorError, match=said):
            list(read_rows(tmp_path / name))
    with pytest.raises(OperatorError, match="line"):
        list(read_rows(tmp_path / "a.csv"))


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_rows(path, ["a"], [["before"]])

    def broken() -> object:
        yield ["after"]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_rows(path, ["a"], broken())  # type: ignore[arg-type]
    assert [row for _, row in read_rows(path)] == [["a"], ["before"]]
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperatorError, match=r"\.csv or \.xlsx"):
        write_rows(tmp_path / "a.txt", [], [])
    with pytest.raises(OperatorError, match="cannot be written"):
        write_rows(tmp_path / "none" / "a.csv", [], [])
    monkeypatch.setattr(sheets, "XLSX_ROWS", 3)
    with pytest.raises(OperatorError, match=r"\.csv"):
        write_rows(tmp_path / "a.xlsx", ["a"], [["1"]] * 3)
    with pytest.raises(OperatorError, match="row 2"):
        write_rows(tmp_path / "a.xlsx", ["a"], [["\x01"]])


def test_amounts_are_numbers_in_xlsx_and_codes_are_text(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.xlsx", ["SKU", "价格"], [["0012", Decimal("19.90")]])
    row = next(load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2, values_only=True))
    assert row == ("0012", 19.9)


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_rows(path, ["a"], [["x"]] * 12_000)
    shares: list[float] = []
    assert len(list(read_rows(path, shares.append))) == 12_001
    assert shares == sorted(shares)
    assert (len(shares), shares[-1]) == (3, 1.0)
