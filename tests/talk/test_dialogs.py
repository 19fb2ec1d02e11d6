"""Reading published dialogs. All lines here are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sixty.talk.dialogs import Dialog, DialogFile, DialogsError


def _file(folder: Path, *rows: Any) -> Path:
    path = folder / "dialogs.jsonl"
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    return path


def _read(path: Path) -> list[Dialog]:
    return list(DialogFile(path).dialogs())


def test_turns_with_roles(tmp_path: Path) -> None:
    turns = [("user", "这裤子缩水吗"), ("agent", "不会的"), ("user", " 那拍了 "), ("user", "")]
    rows = {"session": "a1", "turns": [{"role": role, "text": text} for role, text in turns]}
    assert _read(_file(tmp_path, rows)) == [Dialog("a1", ("这裤子缩水吗", "那拍了"))]


def test_turn_by_turn_without_the_rating(tmp_path: Path) -> None:
    rows = [
        {"dialog": "v-1", "turn": 0, "user": "奶瓶多大", "overall": False},
        {"dialog": "v-1", "turn": 1, "user": "有粉色吗", "overall": False},
        {"dialog": "v-1", "turn": 2, "user": "OVERALL", "overall": True},
        {"dialog": "v-2", "turn": 0, "user": "在吗", "overall": False},
    ]
    assert _read(_file(tmp_path, *rows)) == [Dialog("v-1", ("奶瓶多大", "有粉色吗")), Dialog("v-2", ("在吗",))]


def test_senders(tmp_path: Path) -> None:
    said = [("用户", "推荐个洗衣机"), ("客服", "预算多少呢"), ("用户", "两千")]
    row = {"sid": "s1", "dialogue": [{"sender_type": who, "send_content": text} for who, text in said]}
    assert _read(_file(tmp_path, row)) == [Dialog("s1", ("推荐个洗衣机", "两千"))]


def test_without_roles_the_agents_phrases_are_left_out(tmp_path: Path) -> None:
    """A line such as agents use in their replies is not the customer's; a line such as contexts end with is."""
    agent, customer = "请稍等，小店正在为您查看", "我的笔记本怎么没到"
    examples = [{"context": ["你好", customer], "reply": [agent]} for _ in range(8)]
    row = {"context": [customer, agent, customer, agent, "嗯"], "reply": ["久等了"]}
    assert _read(_file(tmp_path, *examples, row))[-1] == Dialog("line-9", (customer, customer, "嗯"))


def test_the_last_line_of_a_context_is_the_customers(tmp_path: Path) -> None:
    rows = [{"context": ["您好"], "reply": ["您好"]} for _ in range(9)]
    assert _read(_file(tmp_path, *rows))[0].lines == ("您好",)


def test_dialogs_in_which_no_customer_speaks_do_not_count(tmp_path: Path) -> None:
    silent = {"session": "a", "turns": [{"role": "agent", "text": "在吗"}]}
    loud = {"session": "b", "turns": [{"role": "user", "text": "在"}]}
    assert list(DialogFile(_file(tmp_path, silent, loud)).dialogs(limit=1)) == [Dialog("b", ("在",))]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "holds no dialog"),
        (b"\n\n", "holds no dialog"),
        (b'{"question": "?"}\n', ":1: not a form"),
        (b"question,answer\n", ":1: not JSON"),
        (b"[1]\n", ":1: not a JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"turns": [{"role": "user", "text": "1"}]}\n{"turns": [{"role": "user"}]}\n', ":2: not what"),
        (b'{"turns": [{"role": "user", "text": 3}]}\n', ":1: not what"),
        (b'{"context": [], "reply": []}\n', ":1: not what"),
    ],
)
def test_what_cannot_be_played_is_said_with_its_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "dialogs.jsonl"
    path.write_bytes(content)
    with pytest.raises(DialogsError, match=complaint) as caught:
        _read(path)
    assert "\n" not in str(caught.value)


def test_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DialogsError, match="cannot be read"):
        DialogFile(tmp_path / "none.jsonl")
