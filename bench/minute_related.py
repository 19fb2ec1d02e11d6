"""How often what customers ask next is among the three questions that would be offered.

Real dialogs, understood by the trained model as the bot would, and split by dialog: what was mined from four fifths of
them is asked of the last fifth, five times. Mining is the product's own, its SQL on an SQLite database. Dialogs that
share lines, and so may be one, are in one fifth. Of the dialogs nothing but figures leaves this module.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from bench.errors import BenchError
from bench.machine import describe_machine
from bench.report import progress, store
from bench.understood_lines import understood_lines
from sixty.insight.mining import count_in_database, keep
from sixty.insight.models import ChatTurn, RelatedQuestion, Visit
from sixty.insight.next_questions import Spot, followings, ranked
from sixty.insight.related import START, blended, relate
from sixty.insight.turns import Said, turns_of
from sixty.logs import configure_logging
from sixty.playbook import capsule_plan
from sixty.related_rules import RelatedRules
from sixty.settings import get_settings, project_root

DATA = project_root().parent / "shared" / "data" / "real"
FOLDS = 5
SHOWN = 3
RESAMPLES = 2_000
SEED = 60
# Lines that two dialogs share by chance are short.
_LONG_LINE = 8
_SHARED_LINES = 2
_NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)
_TABLES = [each.__table__ for each in (Visit, ChatTurn, RelatedQuestion)]

Asked = tuple[str, ...]
"""The questions of a dialog, in order, each the first time it was asked."""

Ranking = Callable[[Asked], Sequence[str]]
"""What would be offered after these questions, the likeliest first."""


@dataclass(frozen=True)
class Dialog:
    """A customer's lines, and what they asked."""

    source: str
    lines: tuple[str, ...]
    asked: Asked = ()


def read_dialogs(folder: Path) -> list[Dialog]:
    """Reads the dialogs whose speakers are known.

    Raises:
        BenchError: They are not there.
    """
    whole = folder / "jd_dialogs_2019.jsonl"
    by_turn = folder / "jd_satisfaction_dialogs_valid.jsonl"
    if not whole.is_file() or not by_turn.is_file():
        raise BenchError(f"there are no dialogs in {folder}")
    found = [
        Dialog("2019", tuple(turn["text"] for turn in each["turns"] if turn["role"] == "user"))
        for each in map(json.loads, whole.read_text(encoding="utf-8").splitlines())
    ]
    turns: dict[str, list[str]] = defaultdict(list)
    for row in map(json.loads, by_turn.read_text(encoding="utf-8").splitlines()):
        if not row["overall"]:
            turns[row["dialog"]].append(row["user"])
    return [*found, *(Dialog("satisfaction", tuple(lines)) for lines in turns.values())]


def folds_of(dialogs: Sequence[Dialog], folds: int = FOLDS) -> list[int]:
    """Draws a fold for each dialog; dialogs that share lines, and so may be one, are in the same."""
    owner = list(range(len(dialogs)))

    def root(number: int) -> int:
        while owner[number] != number:
            number = owner[number]
        return number

    by_line: dict[str, list[int]] = defaultdict(list)
    for number, dialog in enumerate(dialogs):
        for line in {line for line in dialog.lines if len(line) >= _LONG_LINE}:
            by_line[line].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in by_line.values():
        # What half the shop says, such as a platform's own phrase, tells nothing.
        if len(numbers) <= 5:
            shared.update((one, other) for one in numbers for other in numbers if one < other)
    for (one, other), lines in shared.items():
        if lines >= _SHARED_LINES:
            owner[root(one)] = root(other)
    drawn = np.random.default_rng(SEED).integers(folds, size=len(dialogs))
    return [int(drawn[root(number)]) for number in range(len(dialogs))]


def asked_in(dialog: Dialog, understood: Mapping[str, Mapping[str, Any] | None]) -> Asked:
    """The questions of a dialog."""
    said = [
        Said(place, "customer", _NOW + timedelta(seconds=place), text=line, understood=understood.get(line))
        for place, line in enumerate(dialog.lines, 1)
    ]
    return tuple(dict.fromkeys(turn.question for turn in turns_of(said) if turn.question is not None))


def mined(dialogs: Iterable[Dialog], rules: RelatedRules, session: Session) -> None:
    """Mines dialogs, as if each were a visit of yesterday, and keeps the result in the session's table."""
    visits, turns, number = [], [], 0
    started = _NOW - timedelta(days=1)
    for visit, dialog in enumerate(dialogs, 1):
        about = {"conversation_id": str(visit), "segment": "ask", "score": 0.5}
        visits.append(
            {
                **about,
                "id": visit,
                "first_message_id": number + 1,
                "started_at": started,
                "ended_at": started,
                "channel": "web",
                "arm": "quiet",
                "turns": len(dialog.asked),
                "questions": len(dialog.asked),
                "updated_at": _NOW,
            }
        )
        for ordinal, question in enumerate(dialog.asked):
            number += 1
            turns.append(
                {
                    **about,
                    "message_id": number,
                    "visit_id": visit,
                    "ordinal": ordinal,
                    "at": started,
                    "intent": question.partition(".")[0],
                    "question": question,
                }
            )
    session.execute(insert(Visit.__table__), visits)
    session.execute(insert(ChatTurn.__table__), turns)
    keep(session, relate(count_in_database(session, _NOW, rules), rules), _NOW)


def rankings(train: Sequence[Dialog], session: Session) -> dict[str, Ranking]:
    """What may be compared, all of it known from the training dialogs only."""
    frequent = [name for name, _ in Counter(name for dialog in train for name in dialog.asked).most_common()]
    plan = capsule_plan()

    def spot(asked: Asked) -> Spot:
        return Spot(asked[-1] if asked else START, asked[-2] if len(asked) > 1 else None)

    def popular(asked: Asked) -> Sequence[str]:
        return frequent

    def next_only(asked: Asked) -> Sequence[str]:
        return [each.following for each in followings(session, spot(asked)) if each.place == 1]

    def both_places(asked: Asked) -> Sequence[str]:
        return blended(followings(session, spot(asked)))

    def playbook(asked: Asked) -> Sequence[str]:
        return [each.capsule.question for each in ranked(plan, spot(asked), [])]

    def offered(asked: Asked) -> Sequence[str]:
        return [each.capsule.question for each in ranked(plan, spot(asked), followings(session, spot(asked)))]

    return {
        "popular": popular,
        "mined": both_places,
        "mined_last_question_only": next_only,
        "playbook": playbook,
        "offered": offered,
    }


@dataclass
class Hits:
    """Of one dialog: how many next questions there were, and how many were among those offered.

    Attributes:
        next: Offered just before it was asked.
        ahead: Offered after any question before it.
    """

    questions: int = 0
    next: int = 0
    ahead: int = 0


def hits_of(asked: Asked, ranking: Ranking) -> Hits:
    """Goes through a dialog, offering three questions that are not asked yet after each question."""
    hits, seen = Hits(), set()
    for place in range(1, len(asked)):
        before = asked[:place]
        shown = [name for name in ranking(before) if name not in before][:SHOWN]
        seen.update(shown)
        hits.questions += 1
        hits.next += asked[place] in shown
        hits.ahead += asked[place] in seen
    return hits


def share_with_interval(hits: Sequence[int], questions: Sequence[int], drawn: Any) -> list[float]:
    """A share, and its 95 % interval over dialogs drawn anew.

    Args:
        hits: Of each dialog.
        questions: Of each dialog.
        drawn: Numbers of dialogs, one row a sample.
    """
    hit, whole = np.asarray(hits), np.asarray(questions)
    shares = hit[drawn].sum(axis=1) / whole[drawn].sum(axis=1)
    low, high = np.percentile(shares, [2.5, 97.5])
    return [round(float(value), 4) for value in (hit.sum() / whole.sum(), low, high)]


def measure(dialogs: Sequence[Dialog], folds: Sequence[int], rules: RelatedRules) -> dict[str, Any]:
    """All figures.

    Args:
        dialogs: With what was asked in them.
        folds: The fold of each dialog.
        rules: How to mine.
    """
    found: dict[str, list[Hits]] = defaultdict(list)
    for fold in sorted(set(folds)):
        train = [dialog for dialog, its in zip(dialogs, folds, strict=True) if its != fold and dialog.asked]
        test = [dialog for dialog, its in zip(dialogs, folds, strict=True) if its == fold and len(dialog.asked) > 1]
        engine = create_engine("sqlite://", future=True)
        Visit.metadata.create_all(engine, tables=_TABLES)
        with Session(engine, future=True) as session:
            mined(train, rules, session)
            for name, ranking in rankings(train, session).items():
                found[name] += [hits_of(dialog.asked, ranking) for dialog in test]
        engine.dispose()
    of_all = found["popular"]
    if not of_all:
        raise BenchError("no dialog has two questions")
    questions = [each.questions for each in of_all]
    drawn = np.random.default_rng(SEED).integers(len(of_all), size=(RESAMPLES, len(of_all)))
    figures: dict[str, Any] = {"dialogs": len(of_all), "next_questions": sum(questions)}
    for name, hits in found.items():
        figures[name] = {
            "hit3": share_with_interval([each.next for each in hits], questions, drawn),
            "already_there": share_with_interval([each.ahead for each in hits], questions, drawn),
        }
    ahead = [one.next - other.next for one, other in zip(found["mined"], of_all, strict=True)]
    figures["mined_over_popular"] = share_with_interval(ahead, questions, drawn)
    return figures


def run(folder: Path, model: Path) -> dict[str, Any]:
    """Reads, understands, mines and measures.

    Raises:
        BenchError: The dialogs or the model are not there.
    """
    dialogs = read_dialogs(folder)
    lines = (line for dialog in dialogs for line in dialog.lines)
    understood = understood_lines(lines, model, tell=lambda left: progress(f"{left} lines to read"))
    dialogs = [Dialog(each.source, each.lines, asked_in(each, understood)) for each in dialogs]
    figures = measure(dialogs, folds_of(dialogs), capsule_plan().related)
    return {
        "bench": "minute_related",
        "hit3": figures["mined"]["hit3"][0],
        "hit3_popular": figures["popular"]["hit3"][0],
        "already_there": figures["mined"]["already_there"][0],
        **figures,
        "different_questions": len({name for dialog in dialogs for name in dialog.asked}),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, writes the result down and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.minute_related", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the dialogs")
    parser.add_argument("--model", type=Path, default=get_settings().model)
    parser.add_argument("--quick", action="store_true", help="the same: reading the lines once takes longest")
    parser.add_argument("--json", action="store_true", help="only the JSON object")
    given = parser.parse_args(arguments)
    configure_logging(get_settings())
    try:
        result = {**run(given.data, given.model), "machine": describe_machine()}
    except BenchError as error:
        result = {"bench": "minute_related", "missing": str(error)}
    store(result, "minute_related")
    if not given.json:
        sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
