"""People's figures as files: CSV that spreadsheets open with the right characters, and XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from sixty.desk.people_figures.report import Row

# What spreadsheets would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _share(value: float | None) -> Any:
    return None if value is None else round(value, 4)


def _seconds(value: float | None) -> Any:
    return None if value is None else round(value, 1)


COLUMNS: Sequence[tuple[str, Callable[[Row], Any]]] = (
    ("日期", lambda row: row.day.isoformat() if row.day else None),
    ("客服", lambda row: row.agent_name),
    ("组", lambda row: row.group_title),
    ("接待量", lambda row: row.talks),
    ("同时接待（平均）", lambda row: round(row.at_once, 2)),
    ("同时接待（最多）", lambda row: row.at_once_most),
    ("首次响应（秒）", lambda row: _seconds(row.first_response)),
    ("首次响应（秒，只算上班时间）", lambda row: _seconds(row.first_response_office)),
    ("没有回复的会话", lambda row: row.unanswered),
    ("首次响应达标率", lambda row: _share(row.in_time)),
    ("平均响应（秒）", lambda row: _seconds(row.mean_response)),
    ("平均响应（秒，只算上班时间）", lambda row: _seconds(row.mean_response_office)),
    ("平均处理时长（秒）", lambda row: _seconds(row.handling)),
    ("结束的会话", lambda row: row.finished),
    ("解决的会话", lambda row: row.resolved),
    ("解决率", lambda row: _share(row.resolution)),
    ("评价数", lambda row: row.ratings),
    ("满意度（1–5）", lambda row: None if row.satisfaction is None else round(row.satisfaction, 2)),
    ("满意率（4–5 分）", lambda row: _share(row.content)),
    ("聊后下单的会话", lambda row: row.ordered),
    ("聊后订单", lambda row: row.orders),
    ("聊后订单金额（元）", lambda row: row.order_amount),
    ("聊后转化率", lambda row: _share(row.conversion)),
)


def csv_of(rows: Sequence[Row], notes: Mapping[str, str]) -> bytes:
    """A table with a line for each row; what has to be known to read it stands below.

    Args:
        rows: The rows.
        notes: What has to be known, by what it is of.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([title for title, _ in COLUMNS])
    for row in rows:
        writer.writerow([_plain(value(row)) for _, value in COLUMNS])
    writer.writerow([])
    for name, note in notes.items():
        writer.writerow([_plain(name), _plain(note)])
    # With its mark, by which spreadsheets know that it is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(rows: Sequence[Row], notes: Mapping[str, str]) -> bytes:
    """The same as a workbook, with numbers as numbers and a second sheet for what has to be known."""
    book = Workbook()
    sheet = book.active
    sheet.title = "客服数据"
    sheet.append([title for title, _ in COLUMNS])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([_plain(value(row)) for _, value in COLUMNS])
    sheet.freeze_panes = "A2"
    for number, (title, _) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(10, 2 * len(title))
        if title.endswith("率") or "满意率" in title:
            for cell in sheet[get_column_letter(number)][1:]:
                cell.number_format = "0.0%"
    told = book.create_sheet("口径")
    for name, note in notes.items():
        told.append([_plain(name), _plain(note)])
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = 20, 80
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
