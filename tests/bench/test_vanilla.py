from __future__ import annotations

import copy
from typing import Any

from bench.conversations import SCRIPTS
from bench.report import table
from bench.vanilla import FULL, QUICK, summarise

_LOAD = {"users": 1, "turns": 9, "failures": {}, "turns_per_second": 20.0, "p50_ms": 10.0, "others_cpu_percent": 1.0}
_FIGURES: dict[str, Any] = {
    "training": {"seconds": 60.0, "cpu_seconds": 50.0, "reused": False, "others_cpu_percent": 2.0},
    "model_mb": 10.0,
    "actions": {name: [["utter_social_thank"]] for name in SCRIPTS},
    "turn": {"without_action": _LOAD, "with_action": _LOAD},
    "load": {"1": _LOAD},
    "understanding": {"lines": 4, "right": 2, "accuracy": 0.5},
}


def _both() -> dict[str, Any]:
    theirs = copy.deepcopy(_FIGURES)
    theirs["model_mb"] = 40.0
    return {"sixty": copy.deepcopy(_FIGURES), "vanilla": theirs}


def test_a_full_run_compares_everything() -> None:
    result = summarise(_both(), FULL, {})

    assert result["quick"] is False
    assert result["not_comparable"] == result["notes"] == []
    assert result["ratios"] == {
        "training": {"seconds": 1.0, "cpu_seconds": 1.0},
        "model_mb": 0.25,
        "turn": {name: {"turns_per_second": 1.0, "p50_ms": 1.0} for name in ("without_action", "with_action")},
        "load": {"1": {"turns_per_second": 1.0, "p50_ms": 1.0}},
        "understanding": {"accuracy": 1.0},
    }


def test_a_quick_run_claims_nothing_of_training_and_accuracy() -> None:
    result = summarise(_both(), QUICK, {})

    assert result["quick"] is True
    assert result["not_comparable"] == ["training", "understanding"]
    assert not {"training", "understanding"} & result["ratios"].keys()
    assert any("epochs" in note for note in result["notes"])


def test_different_work_and_a_busy_machine_are_said() -> None:
    figures = _both()
    figures["vanilla"]["actions"]["visit"] = [["action_default_fallback"]]
    figures["vanilla"]["load"]["1"]["others_cpu_percent"] = 48.0

    result = summarise(figures, FULL, {})

    assert result["same_work"] == {"without_action": True, "with_action": True, "visit": False}
    assert result["machine_was_loaded"]
    assert len(result["notes"]) == 2


def test_the_table_shows_what_is_there_and_dashes_for_the_rest() -> None:
    lines = table(summarise(_both(), FULL, {}), "sixty", "vanilla").splitlines()

    assert "| model, MB | 10.0 | 40.0 | 0.25 |" in lines
    assert "| 32 at once, p95, ms | – | – | – |" in lines
