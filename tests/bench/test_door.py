from __future__ import annotations

import os
from typing import Any

import pytest

from bench.bots import SIXTY, VANILLA, kept_model
from bench.conversations import SCRIPTS
from bench.door import FULL, QUICK, Side, summarise
from bench.ways import APOLOGIES, customer
from sixty.desk.trouble import apology


def load(turns_per_second: float) -> dict[str, Any]:
    return {"turns": 100, "turns_per_second": turns_per_second, "failures": {}}


def test_the_ratio_is_that_of_eight_at_once() -> None:
    figures = {
        "channels": {"added_ms_p50": 2.5},
        "sixty": {"1": load(10), "8": load(24), "32": load(30)},
        "vanilla": {"1": load(5), "8": load(6), "32": load(0)},
    }
    result = summarise(figures, FULL)
    assert (result["added_ms_p50"], result["turns_ratio"]) == (2.5, 4.0)
    assert result["turns_ratios"] == {"1": 2.0, "8": 4.0}
    assert result["notes"] == []
    few = {name: {"2": load(12), "1": load(3)} for name in ("sixty", "vanilla")}
    assert summarise({"channels": figures["channels"], **few}, QUICK)["turns_ratio"] == 1.0


def test_a_bot_that_answers_nobody_is_told() -> None:
    nobody = {"8": {"turns": 0, "turns_per_second": 0.0, "failures": {}}}
    result = summarise({"channels": {"added_ms_p50": 1.0}, "sixty": {"8": load(5)}, "vanilla": nobody}, QUICK)
    assert result["turns_ratio"] is None
    assert "vanilla answered nobody with 8 at once" in result["notes"][0]


def test_a_side_counts_processor_time_by_turn() -> None:
    side = Side([10.0, 20.0, 30.0], processor=0.3)
    assert side.figures() == {"turns": 3, "p50_ms": 20.0, "p95_ms": 30.0, "p99_ms": 30.0, "rasa_cpu_ms": 100.0}


def test_the_newest_model_that_is_kept_is_taken(tmp_path: Any) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    assert kept_model(VANILLA, kept, tmp_path, quick=True) is None
    for number, name in enumerate(("vanilla-quick.b.tar.gz", "vanilla-quick.a.tar.gz", "sixty.c.tar.gz")):
        (kept / name).write_text(name)
        os.utime(kept / name, (number, number))
    found = kept_model(VANILLA, kept, tmp_path, quick=True)
    assert found is not None
    assert found.path.read_text() == "vanilla-quick.a.tar.gz"
    assert found.training["of_the_same_files"] is False
    assert (SIXTY.way, VANILLA.way) == ("api", "rest")


@pytest.mark.parametrize("way", ["api", "rest"])
def test_silence_and_apologies_are_no_answers(way: Any) -> None:
    voice = customer(way, SCRIPTS["visit"], "s" * 40, "sqlite://")

    def problem(replies: list[Any]) -> str | None:
        return voice.problem(replies if way == "rest" else {"conversation_id": "1", "replies": replies})

    assert problem([]) == "no reply"
    assert problem([{"text": apology()}]) == "an apology"
    assert problem([{"text": "您好"}]) is None
    assert any(each in apology() for each in APOLOGIES)
