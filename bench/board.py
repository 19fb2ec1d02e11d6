"""A day of simulated chats in which board, alarms, tickets, people's figures and inspections are counted a second time.

The day goes through the product's own functions, with a clock of its own: bots' chats, calls for a person, routing,
talks with planted silences, moods, bad scores and forgotten tickets. What the product says of it is compared with a
count made from the raw rows and the script alone (`bench.board_count`). Faults of chats are planted by
`bench.inspection_chats`. The board's lag is measured with a running desk and an open stream over that day's database.

    python -m bench.board [--quick] [--json]

`mismatches` is the number of differences: alarms with another beginning or end, tickets due at another time, figures of
the board and of people that differ, inspections missing or too many. `alarm_recall` is the share of the alarms that had
to be given which were, at the same tick.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.board_count import (
    Raw,
    alarms_expected,
    alarms_given,
    board_at,
    board_shown,
    due_of,
    people,
    read,
    slow_firsts,
)
from bench.board_day import BoardDay, alarm_rules, talking_rules, with_long_talks
from bench.board_lag import board_lag, p95
from bench.desk_day import CLOSES, OPENS, make_days, moment
from bench.inspection_chats import inspection_figures
from sixty.desk.inspection.inspector import Inspector
from sixty.desk.inspection.mood_ear import MoodEar
from sixty.desk.inspection.rows import Finding, Inspection
from sixty.desk.inspection.rules import read_inspection
from sixty.desk.inspection.stretch_reading import Reading
from sixty.desk.people_figures.counting import count_talks
from sixty.desk.people_figures.report import Span, people_rows, results_of
from sixty.desk.tickets.rows import Ticket
from sixty.desk.tickets.rules import read_tickets
from sixty.settings import project_root
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.tables import column

_TO_PEOPLE = 0.35


def measure(quick: bool, seed: int = 1, lag: bool = True) -> dict[str, Any]:
    """Measures all of it."""
    chats, agents, times = (1000, 5, 40) if quick else (10_000, 42, 120)
    with tempfile.TemporaryDirectory(prefix="sixty-board-", dir=_memory()) as folder:
        file = Path(folder) / "day.db"
        url = f"sqlite:///{file}"
        upgrade_database(url)
        day = make_day(url, chats, agents, seed)
        day.run()
        raw = read(str(file))
        differences = {
            **_alarms(raw, day),
            "board": _board(raw, day),
            "tickets": _tickets(url, raw),
            "people": _people(url, day, raw),
            "inspections": _inspections(url, day, raw),
        }
        given, expected = alarms_given(raw), alarms_expected(raw, day)
        engine_for(url).dispose()
        lags = board_lag(file, 10_000, times, _free_port(), seed) if lag else []
        engine_for(url).dispose()
    recall, precision, _ = inspection_figures(chats=200, seed=seed)
    return {
        "chats": len(day.talks) + len(day.bot_chats),
        "mismatches": sum(len(each) for each in differences.values()),
        "alarm_recall": _share(len(given & expected), len(expected)),
        "inspection_recall": recall,
        "inspection_precision": precision,
        "board_lag_s_p95": p95(lags) if lags else None,
        "handed_over": len(day.talks),
        "alarms": len(expected),
        "tickets": len(raw.tickets),
        "talks": len(raw.held),
        "differences": {name: [str(each) for each in found][:5] for name, found in differences.items() if found},
    }


def make_day(url: str, chats: int, agents: int, seed: int) -> BoardDay:
    """A day of so many chats, of which a part is for people."""
    to_people = int(chats * _TO_PEOPLE)
    days = with_long_talks(make_days(to_people, agents, 1, seed), seed)
    chance = random.Random(seed)
    bots = [chance.triangular(OPENS - 3600, CLOSES, 20.5 * 3600) for _ in range(chats - to_people)]
    return BoardDay(url, days, talking_rules(), bot_chats=bots, seed=seed)


def _alarms(raw: Raw, day: BoardDay) -> dict[str, list[Any]]:
    given, expected = alarms_given(raw), alarms_expected(raw, day)
    return {"alarms_missing": sorted(map(str, expected - given)), "alarms_too_many": sorted(map(str, given - expected))}


def _board(raw: Raw, day: BoardDay) -> list[Any]:
    found = []
    for at, figures in day.shown.items():
        shown, counted = board_shown(figures), board_at(raw, day, at)
        found += [(str(at), name, shown[name], value) for name, value in counted.items() if shown[name] != value]
    return found


def _tickets(url: str, raw: Raw) -> list[Any]:
    counted = {row["id"]: due_of(row["type"], _moment_of(row["created_at"])) for row in raw.tickets}
    with shop_session(url, read_only=True) as session:
        rows = list(session.scalars(select(Ticket)))
    wrong = [
        (each.id, each.type, str(each.due_at), str(counted[each.id]))
        for each in rows
        if each.due_at != counted[each.id]
    ]
    late = {each.id for each in rows if each.overdue_since is not None}
    last = moment(0)
    for row in raw.tickets:
        closed = row["closed_at"]
        ends = _moment_of(closed) if closed else None
        last = max(last, ends or last)
        must_be_late = ends is None or ends > counted[row["id"]]
        if must_be_late != (row["id"] in late):
            wrong.append((row["id"], row["type"], "late" if row["id"] in late else "in time", str(counted[row["id"]])))
    return wrong


def _people(url: str, day: BoardDay, raw: Raw) -> list[Any]:
    zone = day.rules.groups[0].hours.zone
    first, last = (at.astimezone(zone).date() for at in (moment(0), moment(day.now)))
    with shop_session(url) as session:
        while count_talks(session, day.rules):
            pass
        results = results_of(session, Span(first, last, zone), alarm_rules())
        rows = {row.agent: row for row in people_rows(session, results, "agent", day.rules)}
    counted = people(raw)
    found: list[Any] = sorted(set(counted) ^ {str(each) for each in rows})
    for agent, expected in counted.items():
        row = rows[agent]
        shown = {
            "talks": row.talks,
            "unanswered": row.unanswered,
            "first_response": None if row.first_response is None else round(row.first_response, 3),
            "mean_response": None if row.mean_response is None else round(row.mean_response, 3),
        }
        found += [(agent, name, shown[name], value) for name, value in expected.items() if shown[name] != value]
    return found


def _inspections(url: str, day: BoardDay, raw: Raw) -> list[Any]:
    """Each talk that is over has been looked at, once; and a slow first answer is found where there was one."""
    playbook = project_root() / "playbook"
    rules = read_inspection(playbook)
    assert rules is not None
    reading = Reading(rules, day.rules, read_tickets(playbook), MoodEar(project_root()))
    inspector = Inspector(partial(shop_session, url), reading)
    now = moment(day.now + 6 * 3600)
    while inspector.look(now, most=200):
        pass
    with shop_session(url, read_only=True) as session:
        looked = list(session.scalars(select(Inspection.key).where(column(Inspection.who) == "person")))
        slow = set(
            session.scalars(
                select(Inspection.key)
                .join(Finding, column(Finding.inspection_id) == column(Inspection.id))
                .where(column(Finding.rule) == "slow_first_answer", column(Inspection.who) == "person")
            )
        )
    over = {row["id"] for row in raw.hand_offs if row["state"] == "closed"}
    wanted = {f"person:{held.id}" for held in raw.held if held.hand_off in over}
    found: list[Any] = sorted(wanted ^ set(looked))
    found += [f"twice: {key}" for key in set(looked) if looked.count(key) > 1]
    expected = {f"person:{each}" for each in slow_firsts(raw, day.rules.first_reply.total_seconds())}
    found += [f"slow_first_answer: {key}" for key in sorted(expected ^ slow)]
    return found


def _moment_of(text: str) -> Any:
    from bench.board_count import _sure

    return _sure(text)


def _memory() -> str | None:
    """Where files lie in memory, if anywhere: a day in minutes commits a thousand times as often as a day does."""
    folder = Path("/dev/shm")  # noqa: S108
    return str(folder) if folder.is_dir() and os.access(folder, os.W_OK) else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.board", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a day of 1000 chats and 5 agents")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-lag", action="store_true", help="without the running desk")
    told = parser.parse_args(arguments)
    figures = measure(told.quick, told.seed, not told.no_lag)
    print(json.dumps(figures, ensure_ascii=False, indent=None if told.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
