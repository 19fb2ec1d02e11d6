"""How the score is measured against turns that people have rated."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import asdict
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from bench.errors import BenchError
from bench.minute_satisfaction import (
    BAD,
    GOOD,
    RatedTurn,
    auc_of,
    main,
    measure,
    rated_turns,
    read_dialogs,
    scores_of,
)
from bench.understood_lines import understood_lines
from sixty.insight.rules import willingness_rules
from tests.insight.written import meaning

RULES = willingness_rules()
UNDERSTOOD = {
    "多少钱": meaning("ask_price"),
    "谢谢": meaning("thank"),
    "你们太差了": meaning("complain", ("mood", "negative")),
}


def row(dialog: str, user: str, rating: int | None, reply: str = "好的") -> dict[str, object]:
    return {"dialog": dialog, "turn": 0, "user": user, "sat3": rating, "agent_reply": reply}


def test_the_overall_rating_is_no_turn(tmp_path: Path) -> None:
    file = tmp_path / "rated.jsonl"
    lines = [row("a", "多少钱", None), row("a", "谢谢", 2), row("a", "OVERALL", 2)]
    file.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in lines), encoding="utf-8")
    dialogs = read_dialogs(file)
    assert [each["user"] for each in dialogs["a"]] == ["多少钱", "谢谢"]
    assert [turn.rating for turn in rated_turns(dialogs, UNDERSTOOD, RULES)] == [2]
    file.write_text('{"dialog": "a"}', encoding="utf-8")
    with pytest.raises(BenchError, match="without dialog, user"):
        read_dialogs(file)


def test_a_turn_is_scored_by_what_was_known_when_it_came() -> None:
    rows = [row("a", "多少钱", None), row("a", "你们太差了", 0), row("a", "谢谢", 2)]
    whole = scores_of(rows, UNDERSTOOD, RULES)
    for place in whole:
        # Neither what comes later, nor its own answer, nor any rating.
        so_far = [{**each, "sat3": None} for each in rows[: place + 1]]
        so_far[-1]["agent_reply"] = ""
        assert scores_of(so_far, UNDERSTOOD, RULES)[place] == pytest.approx(whole[place])
    assert whole[1] < whole[0]
    assert whole[1] < whole[2]


def test_the_auc_is_the_usual_one() -> None:
    bad, good = [0.1, 0.4, 0.4, 0.7], [0.4, 0.8, 0.9]
    expected = roc_auc_score([0] * len(bad) + [1] * len(good), bad + good)
    assert auc_of(bad, good) == pytest.approx(expected)


def test_the_interval_is_over_dialogs() -> None:
    apart = [RatedTurn(f"d{n}", GOOD if n % 2 else BAD, 0.5 + (0.3 if n % 2 else -0.3)) for n in range(40)]
    same = [RatedTurn(f"d{n}", GOOD if n % 3 else BAD, (n * 7 % 10) / 10) for n in range(60)]
    certain, doubtful = measure(apart, 200), measure(same, 200)
    assert (certain.auc, certain.low, certain.dialogs) == (1.0, 1.0, 40)
    assert doubtful.low < 0.5 < doubtful.high
    assert asdict(measure(same, 200)) == asdict(doubtful)
    with pytest.raises(BenchError, match="no turns rated bad"):
        measure([turn for turn in apart if turn.rating == GOOD])


def test_without_data_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "--json", str(tmp_path / "none.jsonl")])
    main()
    assert "no rated dialogs" in json.loads(capsys.readouterr().out)["missing"]


def test_what_was_read_once_is_not_read_again(tmp_path: Path) -> None:
    model, cache = tmp_path / "model.tar.gz", tmp_path / "lines.db"
    with pytest.raises(BenchError, match="no trained model"):
        understood_lines(["在吗"], model, cache)
    model.write_bytes(b"a model")
    digest = hashlib.sha256(b"a model").hexdigest()[:16]
    assert understood_lines([" "], model, cache) == {}
    with sqlite3.connect(cache) as kept:
        kept.execute("INSERT INTO line VALUES (?, ?, ?)", (digest, "在吗", json.dumps(meaning("greet"))))
    assert understood_lines(["在吗", "在吗", ""], model, cache) == {"在吗": meaning("greet")}
