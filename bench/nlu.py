"""``python -m bench.nlu``: ways to understand intents, compared on the same lines, in one run on one machine.

Every candidate is a pipeline of Rasa (`candidates.py`), trained and read through Rasa's own graph. The last line of
standard output is the result as one JSON object, which is kept under bench/results/ too. See bench/nlu.md.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import nlu_tables, report
from bench.bots import quiet_environment
from bench.candidates import CANDIDATES, QUICK, SIXTY, VANILLA, Candidate
from bench.errors import BenchError
from bench.machine import CpuClock, describe_machine
from bench.operating_points import along_thresholds, mean_and_spread
from bench.race import race
from bench.samples import draw, folds, hold_out, near_duplicates, write_labelled_lines, write_training_data
from bench.snapshot import fingerprint, take_snapshot
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
from bench.understanding import GoldLine, seen_in_training
from sixty.errors import OperatorError
from sixty.evaluation.labelled_lines import read_labelled_lines
from sixty.evaluation.sources import TrainingLine, read_training_lines
from sixty.settings import Settings, project_root

_GOLD = (Path("../shared/data/real/gold_look.tsv"), Path("../shared/data/real/gold_check.tsv"))
_OWN = "own_lines"
_ALL = "all_lines"
_TIMEOUT = 24 * 3600.0
# What a model is made of beside config and data.
_SOURCES = ("sixty/nlu", "playbook/demo/products", "bench/peers/nearest_example.py")
_SCORES = ("accuracy", "macro_f1", "top3", "ece")
# Others' share of the machine, in percent, from which figures are worth less than their ratios.
_BUSY_PERCENT = 10.0


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        quick: Whether slow candidates are trained on a draw of lines only.
        few_shot: Lines an intent of the few-shot trainings.
        draws: How often lines are drawn for each of them; once for costly candidates.
        costly_few_shot: Lines an intent with which costly candidates are trained, too.
        folds: Parts of the cross-validation; 0 for none. Costly candidates have none.
        fold_lines: How many held-out lines of each part are read.
        own_lines: How many of our own lines are held out of few-shot training and read.
    """

    quick: bool
    few_shot: tuple[int, ...]
    draws: int
    costly_few_shot: int
    folds: int
    fold_lines: int
    own_lines: int


FULL = Plan(quick=False, few_shot=(5, 10, 20), draws=3, costly_few_shot=10, folds=3, fold_lines=1500, own_lines=600)
QUICK_PLAN = Plan(quick=True, few_shot=(10,), draws=1, costly_few_shot=10, folds=0, fold_lines=0, own_lines=300)


def _name(plan: Plan) -> str:
    return "nlu-quick" if plan.quick else "nlu"


@dataclass(frozen=True)
class Bench:
    """What all candidates share.

    Attributes:
        plan: How much is measured.
        project: The project, a snapshot.
        work: A folder for what is written meanwhile.
        gold: Labelled lines of real customers, by name.
        few_shot: Draws of training data by lines an intent, the same for all candidates.
        folds: Training data and held-out lines of each part.
        own: Own lines that are in no draw.
    """

    plan: Plan
    project: Path
    work: Path
    gold: Mapping[str, Path]
    few_shot: Mapping[int, Sequence[Path]]
    folds: Sequence[tuple[Path, Path]]
    own: Path

    def environment(self) -> dict[str, str]:
        """Variables of every process that trains or reads."""
        return quiet_environment(Settings(var=self.work / "var", secret=secrets.token_urlsafe(48)))

    def log(self, name: str) -> Path:
        """Where such a process logs to."""
        return report.RESULTS / "logs" / _name(self.plan) / f"{name}.log"

    def trials(self, candidate: Candidate, model: Path | None) -> list[Trial]:
        """What is trained and read for a candidate, all lines first.

        Args:
            candidate: The candidate.
            model: Its model of all lines when there is one already.
        """
        trials = []
        if model or not (self.plan.quick and candidate.slow):
            # Without real lines, our own at least show how long a parse takes.
            tests = self.gold or {_OWN: self.own}
            trials.append(Trial(_ALL, self.project / "data" / "nlu", tests, model))
        for lines, draws in self.few_shot.items():
            if candidate.costly and lines != self.plan.costly_few_shot:
                continue
            for number, data in enumerate(draws[:1] if candidate.costly else draws, 1):
                trials.append(Trial(f"few-{lines}-{number}", data, {**self.gold, _OWN: self.own}))
        if not candidate.costly:
            for number, (data, held_out) in enumerate(self.folds, 1):
                trials.append(Trial(f"fold-{number}", data, {_OWN: held_out}))
        return trials


def prepare(plan: Plan, project: Path, work: Path, gold: Mapping[str, Path]) -> tuple[Bench, dict[str, Any]]:
    """Splits our own lines once for all candidates, and says what there is.

    Args:
        plan: How much is measured.
        project: The project, a snapshot.
        work: A folder for what is written meanwhile.
        gold: Labelled lines of real customers, by name.

    Returns:
        The bench, and a description of the lines.
    """
    data = project / "data" / "nlu"
    lines = read_training_lines(data)
    # Lookups, synonyms and regular expressions belong to every training.
    words = sorted(set(data.rglob("*.yml")) - {line.path for line in lines})
    groups = near_duplicates(lines)
    left, own = hold_out(lines, groups, plan.own_lines)
    few_shot = {
        number: [
            write_training_data(draw(left, number, seed), words, work / f"few-{number}-{seed}")
            for seed in range(1, plan.draws + 1)
        ]
        for number in plan.few_shot
    }
    parts = []
    for number, (trained, held_out) in enumerate(folds(lines, groups, plan.folds) if plan.folds else [], 1):
        part = write_training_data(trained, words, work / f"fold-{number}")
        parts.append((part, write_labelled_lines(_some(held_out, plan.fold_lines), work / f"fold-{number}.tsv")))
    bench = Bench(plan, project, work, gold, few_shot, parts, write_labelled_lines(own, work / "own.tsv"))
    real = {
        name: [GoldLine(line.text, line.intents) for line in read_labelled_lines(path)] for name, path in gold.items()
    }
    return bench, {
        "lines": len(lines),
        "intents": len({line.intent for line in lines}),
        "groups_of_near_duplicates": int(groups.max()) + 1,
        "own_lines_held_out_of_few_shot": len(own),
        "gold": {
            name: {"lines": len(found), "also_in_training_data": seen_in_training(found, data)}
            for name, found in real.items()
        },
    }


def _some(lines: Sequence[TrainingLine], number: int) -> list[TrainingLine]:
    """Lines at even distances, so of all topics."""
    return list(lines[:: max(1, len(lines) // number)])


def measure(
    candidate: Candidate, bench: Bench, given: Path | None, *, reuse: bool
) -> tuple[dict[str, Any], dict[str, Path]]:
    """Trains a candidate and has it read.

    Args:
        candidate: The candidate.
        bench: What all candidates share.
        given: A model of all lines that is trained already, of understanding only or of a whole bot.
        reuse: Take a model of all lines from an earlier run that was made of the same files.

    Returns:
        Its figures, and its models by trial, of which all but those that are compared further are gone.
    """
    key = fingerprint(
        bench.project,
        [candidate.config, "data/nlu", *_SOURCES],
        candidate.name,
        version("rasa"),
        version("scikit-learn"),
    )
    kept = report.RESULTS / "models"
    old = kept / f"nlu-{candidate.name}.{key}.tar.gz"
    model = given or (old if reuse and old.is_file() and record_of(old).is_file() else None)
    before = CpuClock.read()
    outcomes = run_trials(
        candidate.config,
        bench.trials(candidate, model),
        bench.project,
        bench.work / candidate.name,
        bench.environment(),
        bench.log(candidate.name),
        _TIMEOUT,
    )
    figures: dict[str, Any] = {
        "what": candidate.what,
        "config": str(candidate.config),
        "others_cpu_percent": before.others_percent(CpuClock.read()),
        **summarise(outcomes),
    }
    if model:
        figures[_ALL]["training"] = {**_recorded(model), "reused": True}
    elif _ALL in outcomes:
        keep(outcomes[_ALL].model, figures[_ALL]["training"], kept, f"nlu-{candidate.name}", key)
    if candidate not in (SIXTY, VANILLA):
        # Hundreds of megabytes each, and not needed any more.
        shutil.rmtree(bench.work / candidate.name)
    return figures, {name: outcome.model for name, outcome in outcomes.items()}


def _recorded(model: Path) -> dict[str, Any]:
    """What the training of a model took, where that is known."""
    record = record_of(model)
    training = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    return {"seconds": None, "cpu_seconds": None, **training, "of": training_scope(model)}


def summarise(outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The figures of a candidate's trials: of all lines, few-shot, cross-validation."""
    figures: dict[str, Any] = {}
    few: dict[str, list[dict[str, Any]]] = {}
    held_out = [each for name, outcome in outcomes.items() if name.startswith("fold-") for each in outcome.read[_OWN]]
    for name, outcome in outcomes.items():
        if name == _ALL:
            # Own lines were trained on and tell nothing.
            figures[_ALL] = _figures(outcome, but=_OWN)
        elif name.startswith("few-"):
            few.setdefault(name.split("-")[1], []).append(_figures(outcome))
    if few:
        figures["few_shot"] = {lines: _several(draws) for lines, draws in few.items()}
    if held_out:
        scores = along_thresholds(held_out)
        scores.pop("thresholds")
        figures["cross_validation"] = scores
    return figures


def _figures(outcome: Outcome, but: str | None = None) -> dict[str, Any]:
    return {
        "training": {"seconds": outcome.seconds, "cpu_seconds": outcome.cpu_seconds, "of": "nlu", "reused": False},
        "model_mb": understanding_megabytes(outcome.model),
        "parse": outcome.parse_figures(),
        "scores": {name: along_thresholds(results) for name, results in outcome.read.items() if name != but},
    }


def _several(draws: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean and spread of the scores; time and size of the first draw, which all candidates have in common."""
    sets = draws[0]["scores"]
    return {
        "draws": len(draws),
        "scores": {name: mean_and_spread([each["scores"][name] for each in draws], _SCORES) for name in sets},
        "first_draw": {
            **{name: draws[0][name] for name in ("training", "model_mb", "parse")},
            "scores": {name: {figure: scores[figure] for figure in _SCORES} for name, scores in sets.items()},
        },
    }


def common_ground(candidates: Mapping[str, Any], plan: Plan) -> str | None:
    """The trial whose training lines this bot and vanilla Rasa have in common: all lines, or else the first draw.

    Args:
        candidates: The figures of all candidates.
        plan: How much was measured.

    Returns:
        Its name; None when one of the two was not measured.
    """
    both = [candidates[bot.name] for bot in (SIXTY, VANILLA) if bot.name in candidates]
    if len(both) < 2:
        return None
    return _ALL if all(_ALL in figures for figures in both) else f"few-{plan.costly_few_shot}-1"


def compared(
    candidates: Mapping[str, Any], plan: Plan, raced: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """This bot against vanilla Rasa, trained on the same lines.

    Args:
        candidates: The figures of all candidates.
        plan: How much was measured.
        raced: Times of a parse of both, read in turns.

    Returns:
        Quotients ours/vanilla, accuracy as a difference in points, and what they are made of (`on`); and notes on
        what could not be compared. No quotients when one of the two was not measured.
    """
    ground = common_ground(candidates, plan)
    if ground is None:
        return {}, ["without both sixty and vanilla there is nothing to compare"]
    notes = []
    ours, theirs = candidates[SIXTY.name], candidates[VANILLA.name]
    if ground == _ALL:
        on, ours, theirs = "all lines", ours[_ALL], theirs[_ALL]
    else:
        lines = str(plan.costly_few_shot)
        on = f"{lines} lines an intent, one draw"
        ours, theirs = (figures["few_shot"][lines]["first_draw"] for figures in (ours, theirs))
        notes.append(
            f"vanilla Rasa was trained, with all its epochs, on {on}, and the ratios are of this bot trained on the "
            "same; its model of all lines is bigger and slower and knows more"
        )
    found: dict[str, Any] = {"on": on}
    for figure in ("p50", "p95", "cpu_p50", "cpu_p95"):
        times = (raced[bot.name][f"{figure}_ms"] for bot in (SIXTY, VANILLA))
        found[f"parse_{figure}"] = _quotient(*times)
    same_scope = ours["training"]["of"] == theirs["training"]["of"]
    for figure in ("seconds", "cpu_seconds"):
        spent = ours["training"][figure], theirs["training"][figure]
        found[f"training_{figure}"] = _quotient(*spent) if same_scope else None
    if found["training_seconds"] is None:
        notes.append("no ratio of training times: a model was given whose training was of a whole bot, or not timed")
    found["model_mb"] = _quotient(ours["model_mb"], theirs["model_mb"])
    found["accuracy_points"] = {
        name: round(100 * (scores["accuracy"] - theirs["scores"][name]["accuracy"]), 1)
        for name, scores in ours["scores"].items()
    }
    return found, notes


def _quotient(ours: float | None, theirs: float | None) -> float | None:
    return round(ours / theirs, 4) if ours is not None and theirs else None


def run(
    plan: Plan, candidates: Sequence[Candidate], gold: Sequence[Path], models: Mapping[str, Path], *, reuse: bool
) -> dict[str, Any]:
    """Measures candidates one after the other and returns everything as one object."""
    begun, started_at = time.monotonic(), datetime.now(timezone.utc)
    machine, clock = describe_machine(), CpuClock.read()
    figures: dict[str, Any] = {}
    trained: dict[str, dict[str, Path]] = {}
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-nlu-") as folder:
        project = take_snapshot(project_root(), Path(folder) / "project")
        work = Path(folder) / "work"
        work.mkdir()
        report.progress("splitting our own lines")
        bench, data = prepare(plan, project, work, {path.stem: path for path in gold})
        if not gold:
            notes.append("no lines of real customers: accuracy is that of our own lines, held out")
        for candidate in candidates:
            report.progress(f"{candidate.name}: {candidate.what}")
            try:
                figures[candidate.name], trained[candidate.name] = measure(
                    candidate, bench, models.get(candidate.name), reuse=reuse
                )
            except UnknownOptionError as error:
                notes.append(f"{candidate.name} is left out, there is no such option: {error}")
        raced = {}
        ground = common_ground(figures, plan)
        if ground:
            report.progress("sixty and vanilla in turns")
            raced = race(
                {bot.name: trained[bot.name][ground] for bot in (SIXTY, VANILLA)},
                bench.gold.values() or [bench.own],
                project,
                work / "race",
                bench.environment(),
                bench.log("race"),
                _TIMEOUT,
            )
    ratios, further = compared(figures, plan, raced)
    others = clock.others_percent(CpuClock.read())
    if others >= _BUSY_PERCENT:
        notes.append(f"others used {others:.0f} % of the processors meanwhile: read the ratios, not the times")
    return {
        "bench": "nlu",
        "quick": plan.quick,
        "machine": machine,
        "others_cpu_percent": others,
        "machine_was_loaded": others >= _BUSY_PERCENT,
        "notes": notes + further,
        "data": data,
        "candidates": figures,
        "race": raced,
        "ratios": ratios,
        "started_at": started_at.isoformat(timespec="seconds"),
        "took_seconds": round(time.monotonic() - begun, 1),
    }


def chosen(names: Sequence[str] | None, *, quick: bool) -> list[Candidate]:
    """Candidates by their names, in the order of the table.

    Raises:
        BenchError: There is no such candidate.
    """
    wanted = list(names or (QUICK if quick else [candidate.name for candidate in CANDIDATES]))
    _check_names(wanted)
    return [candidate for candidate in CANDIDATES if candidate.name in wanted]


def given_models(pairs: Sequence[str]) -> dict[str, Path]:
    """Models from the command line, as NAME=FILE.

    Raises:
        BenchError: There is no such candidate, or no such file.
    """
    models = {}
    for pair in pairs:
        name, _, file = pair.partition("=")
        _check_names([name])
        if not Path(file).is_file():
            raise BenchError(f"There is no model {file or '(no name)'}; say --model NAME=FILE")
        models[name] = Path(file).resolve()
    return models


def _check_names(names: Sequence[str]) -> None:
    known = [candidate.name for candidate in CANDIDATES]
    for name in names:
        if name not in known:
            raise BenchError(f"There is no candidate {name}; there are {', '.join(known)}")


def gold_files(named: Sequence[Path] | None) -> list[Path]:
    """The labelled files that were named; otherwise those that lie beside the project, if any.

    Raises:
        BenchError: A named file is missing, or two have one name.
    """
    if named is None:
        return [path.resolve() for path in (project_root() / each for each in _GOLD) if path.is_file()]
    missing = [str(path) for path in named if not path.is_file()]
    if missing:
        raise BenchError(f"There is no file {missing[0]}")
    names = [path.stem for path in named]
    if len(set(names) | {_OWN}) <= len(names):
        raise BenchError(f"Labelled files need different names, other than {_OWN}: {', '.join(names)}")
    return [path.resolve() for path in named]


def main() -> int:
    """Reads the options, runs the comparison and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.nlu", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few candidates; vanilla Rasa on 10 lines an intent only")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--gold", type=Path, nargs="+", metavar="FILE", help="labelled lines of real customers")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="candidates to measure")
    parser.add_argument("--reuse", action="store_true", help="take models of an earlier run made of the same files")
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME=FILE", help="take this model as one trained on all lines"
    )
    options = parser.parse_args()
    # As Ctrl-C does: leaves every block, and so ends every process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = QUICK_PLAN if options.quick else FULL
    try:
        result = run(
            plan,
            chosen(options.only, quick=options.quick),
            gold_files(options.gold),
            given_models(options.model),
            reuse=options.reuse,
        )
    except (BenchError, OperatorError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: ended before its time\n")
        return 130
    # A part never takes the place of the whole.
    path = report.store(result, _name(plan) + ("-part" if options.only else ""))
    if not options.json:
        print(nlu_tables.tables(result), end="\n\n")
        for note in result["notes"]:
            print(f"- {note}")
        print(f"- all figures: {path.relative_to(project_root())}\n")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
