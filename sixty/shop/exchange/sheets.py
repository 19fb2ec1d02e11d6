"""Reads and writes tables as CSV and XLSX, a row at a time.

A CSV of a million rows needs no more memory than one of ten. An XLSX keeps its texts in a table apart, each once; that
has to be in memory while the rows are read.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from sixty.errors import OperatorError

Cell = str | Decimal | int
Rows = Iterator[tuple[int, list[str]]]
XLSX_ROWS = 1_048_576

_CHUNK = 1 << 20
_EXACT_DIGITS = 15
_DELIMITERS = (",", "\t", ";", "，")


def read_rows(path: Path, tell: Callable[[float], None] = lambda share: None) -> Rows:
    """Reads the rows of a file as text, each with the number that a spreadsheet shows for it.

    Args:
        path: A `.csv`, `.txt` or `.xlsx` file.
        tell: Is told from time to time which share of the file is read.

    Raises:
        OperatorError: The file is not there, of another format, or broken.
    """
    if not path.is_file():
        raise OperatorError(f"There is no file {path}")
    ending = path.suffix.lower()
    if ending in (".csv", ".txt", ".tsv"):
        return _read_csv(path, tell)
    if ending in (".xlsx", ".xlsm"):
        return _read_xlsx(path, tell)
    raise OperatorError(f"{path.name} is neither CSV nor XLSX: save it as one of these")


def encoding_of(path: Path) -> str:
    """Finds out how a text file is encoded: UTF-8 with or without its mark, UTF-16 with it, else GBK.

    Raises:
        OperatorError: It is none of them.
    """
    with path.open("rb") as file:
        begin = file.read(4)
    if begin.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise OperatorError(f"{path.name} is neither UTF-8 nor GBK: save it as CSV UTF-8")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _read_csv(path: Path, tell: Callable[[float], None]) -> Rows:
    encoding = encoding_of(path)
    size = max(1, path.stat().st_size)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        first = text.readline()
        reader = csv.reader(chain([first], text), delimiter=max(_DELIMITERS, key=first.count))
        try:
            for number, row in enumerate(reader, start=1):
                if number % 5_000 == 0:
                    tell(min(1.0, raw.tell() / size))
                yield number, row
        except csv.Error as error:
            raise OperatorError(f"{path.name} cannot be read as CSV at line {reader.line_num}: {error}") from None
    tell(1.0)


def _read_xlsx(path: Path, tell: Callable[[float], None]) -> Rows:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise OperatorError(f"{path.name} is no XLSX that can be read ({error}): save it anew") from None
    with closing(book):
        sheet = book.worksheets[0]
        total = max(1, sheet.max_row or 1)
        # What some programs write as a sheet's extent is wrong.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number % 5_000 == 0:
                tell(min(1.0, number / total))
            yield number, [_as_text(cell) for cell in row]
    tell(1.0)


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (int, float)):
        if abs(cell) >= 10**_EXACT_DIGITS:
            # A spreadsheet keeps fifteen digits; those of a longer number are lost.
            return f"{float(cell):E}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return str(cell)


def write_rows(path: Path, headings: Sequence[str], rows: Iterable[Iterable[Cell]]) -> int:
    """Writes a file whole or not at all, and returns how many rows it has below its headings.

    Args:
        path: A `.csv` (UTF-8 with the mark that spreadsheets look for) or `.xlsx` file; replaced when it is there.
        headings: The first row.
        rows: The others.

    Raises:
        OperatorError: It cannot be written, or does not fit the format.
    """
    ending = path.suffix.lower()
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx}
    if ending not in writers:
        raise OperatorError(f"{path.name} must end in .csv or .xlsx")
    try:
        with _draft(path) as draft:
            return writers[ending](draft, headings, rows)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}") from error


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _write_csv(path: Path, headings: Sequence[str], rows: Iterable[Iterable[Cell]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _write_xlsx(path: Path, headings: Sequence[str], rows: Iterable[Iterable[Cell]]) -> int:
    from openpyxl import Workbook
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    count = 0
    try:
        sheet.append(list(headings))
        for row in rows:
            count += 1
            if count >= XLSX_ROWS:
                raise OperatorError(f"XLSX holds {XLSX_ROWS} rows at most: export to a .csv file")
            sheet.append([None if cell == "" else cell for cell in row])
    except IllegalCharacterError:
        raise OperatorError(f"row {count + 1} holds a character that XLSX cannot: export to a .csv file") from None
    finally:
        sheet.close()
    book.save(path)
    return count
