from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.race import race
from bench.samples import write_training_data
from bench.trials import (
    Outcome,
    Trial,
    UnknownOptionError,
    keep,
    record_of,
    run_trials,
    training_scope,
    understanding_megabytes,
)
from sixty.evaluation.sources import TrainingLine
from sixty.settings import project_root
from tests.evaluation.lines import understood

_CONFIG = """
recipe: default.v1
assistant_id: test
language: zh
pipeline:
- name: sixty.nlu.normalizer.Normalizer
- name: bench.peers.nearest_example.NearestExample
  {option}: 3
- name: FallbackClassifier
  threshold: 0.5
"""
_GOLD = "id\ttext\tintent\talso\n1\t这个多少钱呀\task_price\t-\n2\tqwerty\tout_of_scope\t-\n"


def _model(path: Path, training_type: str) -> Path:
    metadata = {
        "training_type": training_type,
        "nlu_target": "run_Fallback",
        "predict_schema": {
            "nodes": {
                "run_Fallback": {"needs": {"messages": "run_DIET"}, "resource": None},
                "run_DIET": {"needs": {"messages": "__message__"}, "resource": {"name": "train_DIET"}},
                "run_TED": {"needs": {}, "resource": {"name": "train_TED"}},
            }
        },
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, content in (
            ("components/train_DIET/weights", os.urandom(200_000)),
            ("components/train_TED/weights", os.urandom(500_000)),
            ("metadata.json", json.dumps(metadata).encode()),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_policies_do_not_count_for_the_size_of_understanding(tmp_path: Path) -> None:
    whole = _model(tmp_path / "whole.tar.gz", "both")

    assert training_scope(whole) == "both"
    assert understanding_megabytes(whole) == pytest.approx(0.19, abs=0.01)


def test_a_model_of_understanding_only_counts_as_it_is(tmp_path: Path) -> None:
    model = _model(tmp_path / "nlu.tar.gz", "nlu")

    assert training_scope(model) == "nlu"
    assert understanding_megabytes(model) == pytest.approx(0.67, abs=0.01)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_text("nothing")

    with pytest.raises(BenchError, match=r"broken\.tar\.gz"):
        training_scope(broken)


def test_a_kept_model_replaces_older_ones_of_its_name_only(tmp_path: Path) -> None:
    model = _model(tmp_path / "all_lines.tar.gz", "nlu")
    kept = tmp_path / "kept"

    keep(model, {"seconds": 1.0}, kept, "nlu-linear", "old")
    keep(model, {"seconds": 2.0}, kept, "nlu-linear_pairs", "old")
    path = keep(model, {"seconds": 3.0}, kept, "nlu-linear", "new")

    assert sorted(each.name for each in kept.iterdir()) == [
        "nlu-linear.new.json",
        "nlu-linear.new.tar.gz",
        "nlu-linear_pairs.old.json",
        "nlu-linear_pairs.old.tar.gz",
    ]
    assert json.loads(record_of(path).read_text()) == {"seconds": 3.0}


def test_times_are_those_of_all_tests_together() -> None:
    read = {"a": [understood("x", "x", milliseconds=ms) for ms in (1, 2)], "b": [understood("x", milliseconds=9)]}

    assert Outcome(Path("m"), 1.0, 1.0, read, [4.0, 5.0]).parse_figures() == {
        "lines": 3,
        "p50_ms": 2,
        "p95_ms": 9,
        "cpu_p50_ms": 4.0,
        "cpu_p95_ms": 5.0,
    }


@pytest.mark.slow
def test_a_pipeline_is_trained_and_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    said = {"ask_price": ["这个多少钱", "多少钱一件", "价格是多少"], "greet": ["你好", "您好呀", "哈喽"]}
    lines = [TrainingLine(Path("a.yml"), 1, intent, text) for intent, texts in said.items() for text in texts]
    data = write_training_data(lines, [], tmp_path / "data")
    gold, config = tmp_path / "gold.tsv", tmp_path / "config.yml"
    gold.write_text(_GOLD, encoding="utf-8")
    log = tmp_path / "log"

    def run(option: str, model: Path | None, folder: Path) -> Outcome:
        config.write_text(_CONFIG.format(option=option), encoding="utf-8")
        trial = Trial("all_lines", data, {"gold": gold}, model)
        return run_trials(config, [trial], project_root(), folder, os.environ, log, 300)["all_lines"]

    first = run("neighbours", None, tmp_path / "first")
    again = run("neighbours", first.model, tmp_path / "again")

    price, noise = first.read["gold"]
    assert (price.intent, price.right, price.direct) == ("ask_price", True, True)
    assert not noise.direct
    assert first.seconds is not None
    raced = race({"a": first.model, "b": first.model}, [gold], project_root(), tmp_path / "race", os.environ, log, 300)
    assert raced.keys() == {"a", "b"}
    assert all(times["lines"] == 2 and times["cpu_p50_ms"] > 0 for times in raced.values())
    assert again.seconds is None
    assert [each.ranking for each in again.read["gold"]] == [each.ranking for each in first.read["gold"]]
    with pytest.raises(UnknownOptionError, match="NearestExample: neighbors"):
        run("neighbors", None, tmp_path / "never")
