"""Training lines with their places, and which of them is most like another line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.evaluation.sources import NearestLines, TrainingLine, read_training_lines
from sixty.settings import project_root

NLU = """version: "3.1"
nlu:
# --- ask_stock ---
# 颜色还有吗
- intent: ask_stock
  examples: |
    # 颜色
    - [军绿](color)有货吗
    - 还有现货没
- lookup: color
  examples: |
    - 军绿
- intent: greet
  examples: |
    - 在吗
"""


@pytest.fixture
def lines(tmp_path: Path) -> list[TrainingLine]:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "nlu.yml").write_text(NLU, encoding="utf-8")
    return read_training_lines(tmp_path)


def test_lines_are_read_without_marks_and_with_their_places(lines: list[TrainingLine], tmp_path: Path) -> None:
    assert [(line.intent, line.number, line.text) for line in lines] == [
        ("ask_stock", 8, "军绿有货吗"),
        ("ask_stock", 9, "还有现货没"),
        ("greet", 15, "在吗"),
    ]
    assert lines[0].place == f"{tmp_path}/deeper/nlu.yml:8"
    assert [line.situation for line in lines] == ["颜色还有吗", "颜色还有吗", ""]


def test_places_below_the_current_folder_are_short(
    lines: list[TrainingLine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lines[0].place == "deeper/nlu.yml:8"


def test_the_projects_own_lines_are_found_where_they_stand() -> None:
    for line in read_training_lines(project_root() / "data" / "nlu")[::500]:
        row = line.path.read_text(encoding="utf-8").splitlines()[line.number - 1]
        assert row.strip().startswith("- ")
        assert line.text[-1] in row


def test_the_nearest_line_shares_most(lines: list[TrainingLine]) -> None:
    nearest = NearestLines(lines)
    for text, expected in (("黑色有货吗", "军绿有货吗"), ("现货没了吗", "还有现货没"), ("軍綠　有貨嗎", "军绿有货吗")):
        found = nearest.nearest(text, "ask_stock")
        assert found is not None
        assert found.text == expected
    assert nearest.nearest("有货吗", "ask_price") is None
    assert NearestLines([]).nearest("有货吗", "ask_stock") is None


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_any_text_has_a_nearest_line(text: str) -> None:
    line = TrainingLine(Path("nlu.yml"), 1, "greet", "在吗")
    assert NearestLines([line]).nearest(text, "greet") == line
    same = TrainingLine(Path("nlu.yml"), 2, "greet", text)
    found = NearestLines([line, same]).nearest(text, "greet")
    assert found is not None
    assert found.text == text or set(text) <= set("在吗 \n\t")
