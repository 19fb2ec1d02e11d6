"""Files with labelled lines: what they mean, and how their mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from sixty.errors import OperatorError
from sixty.evaluation.labelled_lines import LabelledLine, read_labelled_lines

HEAD = "id\ttext\tintent\talso\n"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "lines.tsv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_lines_are_read_with_both_labels(tmp_path: Path) -> None:
    content = (
        HEAD + "a\t包邮吗\task_shipping_fee\t-\nb\t多少钱包邮吗\task_price\task_shipping_fee\nc\t那个呢\tunclear\t-\n"
    )
    assert read_labelled_lines(written(tmp_path, content)) == [
        LabelledLine(2, "a", "包邮吗", ("ask_shipping_fee",), True),
        LabelledLine(3, "b", "多少钱包邮吗", ("ask_price", "ask_shipping_fee"), True),
        LabelledLine(4, "c", "那个呢", (), False),
    ]


def test_columns_may_stand_in_any_order_beside_others(tmp_path: Path) -> None:
    (line,) = read_labelled_lines(written(tmp_path, "intent\tnote\talso\ttext\tid\ngreet\tx\t\t在吗\t7\n"))
    assert (line.identifier, line.text, line.intents) == ("7", "在吗", ("greet",))


def test_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    content = HEAD + "\na\t包邮吗\task_shipping_fee\t-\n\nb\t\tgreet\t-\nc\t在吗\tgreet\t-\n"
    assert [line.number for line in read_labelled_lines(written(tmp_path, content))] == [3, 6]


def test_quotation_marks_are_what_customers_wrote(tmp_path: Path) -> None:
    (line,) = read_labelled_lines(written(tmp_path, HEAD + 'a\t"L"码有吗\task_stock\t-\n'))
    assert line.text == '"L"码有吗'


def test_a_file_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    content = (HEAD + "a\t在吗\tgreet\t-\n").replace("\n", "\r\n").encode("utf-8-sig")
    (line,) = read_labelled_lines(written(tmp_path, content))
    assert (line.identifier, line.intents) == ("a", ("greet",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "lacks the column id"),
        ("id,text,intent,also\n", "lacks the column id"),
        ("id\ttext\tintent\n", "lacks the column also"),
        (HEAD, "holds no line"),
        (HEAD + "a\t\tgreet\t-\n", "holds no line"),
        (HEAD + "a\t在吗\tgreet\t-\nb\t包邮吗\n", ":3 has no intent"),
        (HEAD + "a\t在吗\t-\tgreet\n", ":2 has no intent"),
        ("id\ttext\n价格".encode("gbk"), "cannot be read"),
        (HEAD + "a\t\0\tgreet\t-\n", "cannot be read"),
        (HEAD + f"a\t{'在' * 140_000}\tgreet\t-\n", "cannot be read"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(OperatorError, match=message) as error:
        read_labelled_lines(path)
    assert str(error.value).startswith(str(path))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.tsv", tmp_path):
        with pytest.raises(OperatorError, match="cannot be read"):
            read_labelled_lines(path)
