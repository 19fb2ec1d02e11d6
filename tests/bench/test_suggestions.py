"""Judgements of suggestions are counted right, and no line of a real customer gets into the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.suggestions import KEY, SHEET, draw, score, write_sheet
from sixty.settings import project_root

FOUND = [
    {
        "id": f"{number:03d}",
        "source": "jd_dialogs_2019.jsonl",
        "shop": "",
        "before": [],
        "line": "什么时候发货",
        "suggestions": [{"text": f"第{place}句", "source": "answer"} for place in range(3)],
    }
    for number in range(4)
]


def judged(folder: Path, *rows: str) -> Path:
    file = folder / "judged.tsv"
    file.write_text("\n".join(rows), encoding="utf-8")
    return file


def test_what_judges_find_apt_is_counted(tmp_path: Path) -> None:
    write_sheet(FOUND, tmp_path)
    key = json.loads((tmp_path / KEY).read_text(encoding="utf-8"))
    letter = {number: {what["place"]: name for name, what in each["letters"].items()} for number, each in key.items()}
    rows = [f"000\t{letter['000'][1]}", f"001\t{letter['001'][3]}{letter['001'][2]}", "002\t-", "003\t-"]
    found = score(tmp_path, judged(tmp_path, *rows))
    assert (found["turns"], found["top1"], found["top3"]) == (4, 0.25, 0.5)
    assert found["top3_low"] < 0.5 < found["top3_high"]
    assert found["apt_by_source"] == {"answer": 0.25}


def test_judges_do_not_see_what_is_best(tmp_path: Path) -> None:
    write_sheet(FOUND, tmp_path)
    sheet = (tmp_path / SHEET).read_text(encoding="utf-8")
    assert "source" not in sheet
    assert "place" not in sheet
    firsts = {json.loads(row)["suggestions"][0]["text"] for row in sheet.splitlines()}
    assert len(firsts) > 1


@pytest.mark.parametrize(("rows", "said"), [(["000\tA"], "not judged"), ([f"00{n}\tZ" for n in range(4)], "letters")])
def test_a_mistake_in_the_judgements_is_named(tmp_path: Path, rows: list[str], said: str) -> None:
    write_sheet(FOUND, tmp_path)
    with pytest.raises(BenchError, match=said):
        score(tmp_path, judged(tmp_path, *rows))


def test_the_sheet_stays_out_of_the_project() -> None:
    with pytest.raises(BenchError, match="stay out"):
        write_sheet(FOUND, project_root() / "var" / "sheet")


def test_the_same_seed_draws_the_same_lines(tmp_path: Path) -> None:
    turns = [{"role": "user", "text": f"什么时候发货{number}"} for number in range(5)]
    for name in ("jd_dialogs_2019.jsonl", "uneed_presale_dialogs.jsonl"):
        (tmp_path / name).write_text("\n".join(json.dumps({"turns": turns}) for _ in range(30)), encoding="utf-8")
    assert draw(tmp_path, 20) == draw(tmp_path, 20)
    assert draw(tmp_path, 20) != draw(tmp_path, 20, seed=61)
    assert len(draw(tmp_path, 20)) == 20
    with pytest.raises(BenchError, match="no dialogs"):
        draw(tmp_path / "nowhere")
