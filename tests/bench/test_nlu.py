from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.candidates import CANDIDATES, QUICK, SIXTY, VANILLA, Candidate
from bench.errors import BenchError
from bench.nlu import (
    FULL,
    QUICK_PLAN,
    Bench,
    Plan,
    chosen,
    common_ground,
    compared,
    given_models,
    gold_files,
    prepare,
    summarise,
)
from bench.nlu_tables import tables
from bench.trials import Outcome, Trial
from tests.bench.test_trials import _model
from tests.evaluation.lines import understood

_CHEAP = Candidate("cheap", "", Path("config.yml"))
_RACED = {
    bot.name: dict.fromkeys(("p50_ms", "p95_ms", "cpu_p50_ms", "cpu_p95_ms"), time)
    for bot, time in ((SIXTY, 3.0), (VANILLA, 12.0))
}
_SMALL = Plan(quick=False, few_shot=(1, 2), draws=2, costly_few_shot=2, folds=2, fold_lines=3, own_lines=2)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    nlu = tmp_path / "project/data/nlu"
    nlu.mkdir(parents=True)
    (nlu / "lines.yml").write_text(
        "nlu:\n- intent: ask_price\n  examples: |\n"
        "    - 这个多少钱\n    - 价格能便宜点吗\n    - 单价报一下\n    - 卖几块\n"
        "- intent: greet\n  examples: |\n    - 你好\n    - 哈喽\n    - 在不在呀\n    - 有人没\n",
        encoding="utf-8",
    )
    (nlu / "vocabulary.yml").write_text("nlu:\n- lookup: colour\n  examples: |\n    - 黑色\n", encoding="utf-8")
    gold = tmp_path / "gold.tsv"
    gold.write_text("id\ttext\tintent\talso\n1\t你好\tgreet\t-\n2\t？\tunclear\t-\n", encoding="utf-8")
    made, described = prepare(_SMALL, tmp_path / "project", tmp_path, {"gold": gold})
    assert described == {
        "lines": 8,
        "intents": 2,
        "groups_of_near_duplicates": 8,
        "own_lines_held_out_of_few_shot": 2,
        "gold": {"gold": {"lines": 2, "also_in_training_data": 1}},
    }
    return made


def _names(trials: list[Trial]) -> list[str]:
    return [trial.name for trial in trials]


def test_every_training_has_the_vocabulary_and_none_the_lines_it_is_judged_by(bench: Bench) -> None:
    own = {row.split("\t")[1] for row in bench.own.read_text(encoding="utf-8").splitlines()[1:]}
    assert any(len({(data / "lines.yml").read_text() for data in draws}) == 2 for draws in bench.few_shot.values())
    for draws in bench.few_shot.values():
        assert len(draws) == 2
        for data in draws:
            assert (data / "vocabulary.yml").is_file()
            assert not any(text in (data / "lines.yml").read_text(encoding="utf-8") for text in own)
    for data, held_out in bench.folds:
        read = {row.split("\t")[1] for row in held_out.read_text(encoding="utf-8").splitlines()[1:]}
        assert read
        assert not any(f"- {text}\n" in (data / "lines.yml").read_text(encoding="utf-8") for text in read)


def test_costly_candidates_are_trained_seldom(bench: Bench) -> None:
    assert _names(bench.trials(_CHEAP, None)) == [
        "all_lines",
        *(f"few-{lines}-{number}" for lines in (1, 2) for number in (1, 2)),
        "fold-1",
        "fold-2",
    ]
    assert _names(bench.trials(VANILLA, None)) == ["all_lines", "few-2-1"]


def test_a_quick_run_trains_slow_candidates_on_a_draw_and_takes_a_given_model(bench: Bench, tmp_path: Path) -> None:
    quick = Bench(QUICK_PLAN, bench.project, bench.work, {}, {10: [tmp_path / "few"]}, [], bench.own)

    assert _names(quick.trials(VANILLA, None)) == ["few-10-1"]
    assert _names(quick.trials(_CHEAP, None)) == ["all_lines", "few-10-1"]
    first = quick.trials(VANILLA, tmp_path / "model.tar.gz")[0]
    assert (first.name, first.model, dict(first.tests)) == (
        "all_lines",
        tmp_path / "model.tar.gz",
        {"own_lines": bench.own},
    )


def _outcome(model: Path, right: int, milliseconds: float, seconds: float | None, *tests: str) -> Outcome:
    results = [understood("a", "a" if i < right else "b", milliseconds=milliseconds) for i in range(4)]
    return Outcome(model, seconds, seconds, dict.fromkeys(tests, results), [milliseconds] * 3)


@pytest.fixture
def candidates(tmp_path: Path) -> dict[str, Any]:
    model = _model(tmp_path / "m.tar.gz", "nlu")
    ours = {
        "all_lines": _outcome(model, 3, 2, 10, "gold"),
        "few-10-1": _outcome(model, 2, 2, 3, "gold", "own_lines"),
        "few-10-2": _outcome(model, 4, 2, 3, "gold", "own_lines"),
        "fold-1": _outcome(model, 4, 2, 3, "own_lines"),
        "fold-2": _outcome(model, 2, 2, 3, "own_lines"),
    }
    theirs = {
        "all_lines": _outcome(model, 2, 8, 40, "gold"),
        "few-10-1": _outcome(model, 1, 5, 30, "gold", "own_lines"),
    }
    return {name: {"what": "", **summarise(made)} for name, made in ((SIXTY.name, ours), (VANILLA.name, theirs))}


def test_draws_and_folds_are_put_together(candidates: dict[str, Any]) -> None:
    ours = candidates["sixty"]

    assert ours["few_shot"]["10"]["draws"] == 2
    assert ours["few_shot"]["10"]["scores"]["gold"]["accuracy"] == {"mean": 0.75, "spread": pytest.approx(0.3536)}
    assert ours["few_shot"]["10"]["first_draw"]["scores"]["gold"]["accuracy"] == 0.5
    assert (ours["cross_validation"]["n"], ours["cross_validation"]["accuracy"]) == (8, 0.75)
    assert "cross_validation" not in candidates["vanilla"]


def test_common_ground_is_all_lines_or_the_draw_that_both_have(candidates: dict[str, Any]) -> None:
    assert common_ground(candidates, FULL) == "all_lines"
    del candidates["vanilla"]["all_lines"]
    assert common_ground(candidates, FULL) == "few-10-1"
    assert common_ground({"vanilla": candidates["vanilla"]}, FULL) is None


def test_both_trained_on_all_lines_are_compared_on_those(candidates: dict[str, Any]) -> None:
    ratios, notes = compared(candidates, FULL, _RACED)

    assert notes == []
    assert ratios == {
        "on": "all lines",
        **{f"parse_{figure}": 0.25 for figure in ("p50", "p95", "cpu_p50", "cpu_p95")},
        "training_seconds": 0.25,
        "training_cpu_seconds": 0.25,
        "model_mb": 1.0,
        "accuracy_points": {"gold": 25.0},
    }


def test_a_quick_run_compares_what_both_learned_from_the_same_draw(candidates: dict[str, Any]) -> None:
    del candidates["vanilla"]["all_lines"]

    ratios, notes = compared(candidates, QUICK_PLAN, _RACED)

    assert ratios["on"] == "10 lines an intent, one draw"
    assert (ratios["parse_p50"], ratios["training_seconds"]) == (0.25, 0.1)
    assert ratios["accuracy_points"] == {"gold": 25.0, "own_lines": 25.0}
    assert len(notes) == 1


def test_the_training_of_a_whole_bot_is_not_compared_with_one_of_understanding(candidates: dict[str, Any]) -> None:
    candidates["vanilla"]["all_lines"]["training"]["of"] = "both"

    ratios, notes = compared(candidates, FULL, _RACED)

    assert ratios["training_seconds"] is None
    assert ratios["parse_p50"] == 0.25
    assert len(notes) == 1


def test_one_bot_alone_is_not_compared(candidates: dict[str, Any]) -> None:
    del candidates["vanilla"]

    assert compared(candidates, FULL, _RACED)[0] == {}


def test_tables_show_what_was_measured(candidates: dict[str, Any]) -> None:
    shown = tables(
        {"candidates": candidates, "data": {"gold": {"gold": {}}}, "ratios": compared(candidates, FULL, _RACED)[0]}
    )

    assert "| sixty | 2.00 | 2.00 | 2.00 | 0.7 | 10 | 10 |" in shown
    assert "| vanilla | 1 | 0.250 |" in shown
    assert "± 0.354" in shown
    assert "**sixty along the threshold, gold**" in shown
    assert "| accuracy, points more, gold | 25.0 |" in shown
    # Every row has as many cells as its heading.
    widths = [row.count("|") for row in shown.splitlines() if row.startswith("|")]
    heads = [i for i, row in enumerate(r for r in shown.splitlines() if r.startswith("|")) if row.startswith("|---")]
    for start, end in zip(heads, [*(head - 1 for head in heads[1:]), len(widths)], strict=True):
        assert len(set(widths[start - 1 : end])) == 1


def test_candidates_are_chosen_by_name() -> None:
    assert chosen(None, quick=False) == list(CANDIDATES)
    assert [each.name for each in chosen(None, quick=True)] == list(QUICK)
    assert chosen(["vanilla", "sixty"], quick=True) == [SIXTY, VANILLA]
    with pytest.raises(BenchError, match=r"bert.*sixty"):
        chosen(["bert"], quick=False)


def test_given_models_are_files_of_candidates(tmp_path: Path) -> None:
    model = tmp_path / "m.tar.gz"
    model.touch()

    assert given_models([f"vanilla={model}"]) == {"vanilla": model}
    for wrong in (f"bert={model}", "vanilla", f"vanilla={tmp_path / 'none'}"):
        with pytest.raises(BenchError):
            given_models([wrong])


def test_gold_files_have_different_names(tmp_path: Path) -> None:
    files = [tmp_path / "a/gold.tsv", tmp_path / "b/gold.tsv", tmp_path / "own_lines.tsv"]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.touch()

    assert gold_files(files[:1]) == files[:1]
    for wrong in (files[:2], files[2:], [tmp_path / "none.tsv"]):
        with pytest.raises(BenchError):
            gold_files(wrong)
