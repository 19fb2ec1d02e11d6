"""Whether the score tells bad turns from good ones, on real dialogs whose turns people have rated.

The score of a turn is worked out from what was known when the customer wrote it: their words up to then, and the
answers before them. The rating is looked at only afterwards. Those dialogs tell no times, so none plays a part.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import rankdata

from bench.errors import BenchError
from bench.understood_lines import understood_lines
from sixty.insight.rules import WillingnessRules, willingness_rules
from sixty.insight.turns import Said, turns_of
from sixty.insight.willingness import willingness_of
from sixty.settings import get_settings, project_root

DATA = project_root() / "../shared/data/real/jd_satisfaction_dialogs_valid.jsonl"
"""Where the rated dialogs are kept, beside the project."""

BAD, GOOD = 0, 2
_OVERALL = "OVERALL"
_APART = timedelta(seconds=10)
_BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
_RESAMPLES = 2000
_QUICK = 400
_SEED = 60


@dataclass(frozen=True)
class RatedTurn:
    """A customer's turn: which dialog it is of, what people said of it, and the score."""

    dialog: str
    rating: int
    score: float


@dataclass(frozen=True)
class Auc:
    """The chance that a good turn scores higher than a bad one, with its 95 % interval over dialogs."""

    auc: float
    low: float
    high: float
    bad: int
    good: int
    dialogs: int


def read_dialogs(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Reads the dialogs: one turn a line, with `dialog`, `turn`, `user`, `agent_reply` and the rating `sat3`.

    Raises:
        BenchError: There is no such file, or it has other columns.
    """
    if not path.is_file():
        raise BenchError(f"there are no rated dialogs at {path}")
    dialogs: dict[str, list[dict[str, Any]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not {"dialog", "user", "agent_reply", "sat3"} <= row.keys():
            raise BenchError(f"{path} has a line without dialog, user, agent_reply and sat3")
        if row["user"] != _OVERALL:
            dialogs.setdefault(row["dialog"], []).append(row)
    return dialogs


def rated_turns(
    dialogs: Mapping[str, Sequence[Mapping[str, Any]]],
    understood: Mapping[str, Mapping[str, Any] | None],
    rules: WillingnessRules,
) -> list[RatedTurn]:
    """Scores every turn that is rated bad or good."""
    found = []
    for name, rows in dialogs.items():
        for place, score in scores_of(rows, understood, rules).items():
            if rows[place]["sat3"] in (BAD, GOOD):
                found.append(RatedTurn(name, rows[place]["sat3"], score))
    return found


def scores_of(
    rows: Sequence[Mapping[str, Any]], understood: Mapping[str, Mapping[str, Any] | None], rules: WillingnessRules
) -> dict[int, float]:
    """The score at each turn of a dialog, as it was when the customer's message came."""
    said: list[Said] = []
    for place, row in enumerate(rows):
        at = _BEGIN + place * _APART
        meaning = understood.get(row["user"])
        said.append(Said(2 * place, "customer", at, text=row["user"], understood=meaning, state="to_person"))
        if row["agent_reply"]:
            said.append(Said(2 * place + 1, "agent", at + _APART / 2, text=row["agent_reply"], state="written"))
    # What came later than a message is left out of its score: its own answer, and all behind it.
    willingness = willingness_of(turns_of(said), (), rules)
    return {place: willingness.after(_BEGIN + place * _APART) for place in range(len(rows))}


def auc_of(bad: Sequence[float], good: Sequence[float]) -> float:
    """The chance that a good turn scores higher than a bad one; ties count half (Mann-Whitney U over all pairs)."""
    ranks = rankdata(np.concatenate([np.asarray(good), np.asarray(bad)]))
    over = ranks[: len(good)].sum() - len(good) * (len(good) + 1) / 2
    return float(over / (len(good) * len(bad)))


def measure(turns: Sequence[RatedTurn], resamples: int = _RESAMPLES) -> Auc:
    """The AUC, with a percentile interval from whole dialogs drawn anew: turns of one dialog are no draws of their own.

    Raises:
        BenchError: There is no bad or no good turn.
    """
    by_dialog: dict[str, tuple[list[float], list[float]]] = {}
    for turn in turns:
        by_dialog.setdefault(turn.dialog, ([], []))[turn.rating == GOOD].append(turn.score)
    groups = list(by_dialog.values())
    bad = [score for group in groups for score in group[0]]
    good = [score for group in groups for score in group[1]]
    if not bad or not good:
        raise BenchError("the dialogs have no turns rated bad, or none rated good")
    random = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(resamples):
        some = [groups[place] for place in random.integers(0, len(groups), len(groups))]
        one, other = [s for g in some for s in g[0]], [s for g in some for s in g[1]]
        if one and other:
            drawn.append(auc_of(one, other))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Auc(auc_of(bad, good), float(low), float(high), len(bad), len(good), len(groups))


def run(
    data: Path, model: Path | None = None, tell: Callable[[int], None] = lambda left: None, resamples: int = _RESAMPLES
) -> Auc:
    """Measures the deployment's rules on rated dialogs, understood by the trained model.

    Raises:
        BenchError: The data or the model is missing.
    """
    dialogs = read_dialogs(data)
    lines = (row["user"] for rows in dialogs.values() for row in rows)
    understood = understood_lines(lines, model or get_settings().model, tell=tell)
    return measure(rated_turns(dialogs, understood, willingness_rules()), resamples)


def as_json(found: Auc) -> dict[str, Any]:
    """The figures, by the names under which they are collected."""
    return {
        "auc_bad": round(found.auc, 4),
        "auc_bad_low": round(found.low, 4),
        "auc_bad_high": round(found.high, 4),
        "bad": found.bad,
        "good": found.good,
        "dialogs": found.dialogs,
    }


def main() -> None:
    """Prints the AUC."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help=f"rated dialogs; {DATA} when left out")
    parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")
    parser.add_argument("--quick", action="store_true", help="fewer resamples: a rougher interval")
    options = parser.parse_args()
    try:
        found = run(
            options.data,
            tell=lambda left: print(f"{left} lines to read", file=sys.stderr, flush=True),
            resamples=_QUICK if options.quick else _RESAMPLES,
        )
    except BenchError as error:
        print(json.dumps({"missing": str(error)}) if options.json else f"not measured: {error}")
        return
    if options.json:
        print(json.dumps(as_json(found)))
        return
    print(
        f"AUC {found.auc:.3f} [{found.low:.3f}, {found.high:.3f}] "
        f"for {found.good} good against {found.bad} bad turns of {found.dialogs} dialogs"
    )


if __name__ == "__main__":
    main()
