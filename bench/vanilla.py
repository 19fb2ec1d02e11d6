"""``python -m bench.vanilla``: this bot and vanilla Rasa, one after the other, in one run on one machine.

Both get the same training data, domain, rules, stories and actions. They differ in pipeline and policies (config.yml,
bench/peers/vanilla/config.yml), in their channels' class and in what else is in their endpoints. The last line of
standard output is the result as one JSON object, which is kept under bench/results/ too.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bench import report, ways
from bench.bots import SIXTY, VANILLA, Bot, Model, Served, serving, train
from bench.conversations import SCRIPTS
from bench.errors import BenchError
from bench.figures import ratios
from bench.machine import CpuClock, describe_machine
from bench.servers import Command, direct_session, run_to_end
from bench.snapshot import take_snapshot
from bench.understanding import GoldLine, measure_understanding, read_gold, seen_in_training
from sixty.errors import OperatorError
from sixty.settings import project_root

_BOTS = (SIXTY, VANILLA)
_TRAINING_TIMEOUT = 12 * 3600.0
_TURN_TIMEOUT = 60.0
_LOAD_SLACK = 120.0
_GOLD = Path("../shared/data/real/gold_check.tsv")
# Others' share of the machine, in percent, from which figures are worth less than their ratios.
_BUSY_PERCENT = 10.0


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        quick: Whether training is shortened, too.
        starts: How often a bot is started; the median counts.
        turn_seconds: How long single turns are timed, with one customer.
        load_seconds: How long each number of customers talks.
        warm_up: Seconds of every load that do not count.
        users: Conversations at once.
    """

    quick: bool
    starts: int
    turn_seconds: float
    load_seconds: float
    warm_up: float
    users: tuple[int, ...] = (1, 8, 32)


FULL = Plan(quick=False, starts=3, turn_seconds=60, load_seconds=40, warm_up=5)
QUICK = Plan(quick=True, starts=1, turn_seconds=12, load_seconds=10, warm_up=3)


def _name(plan: Plan) -> str:
    return "vanilla-quick" if plan.quick else "vanilla"


def _logs(plan: Plan) -> Path:
    return report.RESULTS / "logs" / _name(plan)


def measure(bot: Bot, model: Model, plan: Plan, project: Path, work: Path, gold: Sequence[GoldLine]) -> dict[str, Any]:
    """Starts a bot, measures it and ends it.

    Args:
        bot: The bot.
        model: Its trained model.
        plan: How much is measured.
        project: The project, a snapshot.
        work: A folder for what it writes.
        gold: Labelled lines.

    Returns:
        Its figures.
    """
    logs = _logs(plan)
    for log in logs.glob(f"{bot.name}-run*.log"):
        log.unlink()
    figures: dict[str, Any] = {"training": model.training, "model_mb": model.megabytes}
    starts: list[float] = []
    for number in range(1, plan.starts + 1):
        label = f"{bot.name}-run{number}"
        report.progress(f"{bot.name}: starting ({number} of {plan.starts})")
        with serving(bot, model, project, work / label, logs, label) as served:
            starts.append(served.start_seconds)
            if number == plan.starts:
                figures["startup"] = {
                    "seconds": round(statistics.median(starts), 2),
                    "all_seconds": starts,
                    "cpu_seconds": served.start_cpu_seconds,
                }
                _measure_running(bot, served, plan, project, logs, gold, figures)
    return figures


def _measure_running(
    bot: Bot,
    served: Served,
    plan: Plan,
    project: Path,
    logs: Path,
    gold: Sequence[GoldLine],
    figures: dict[str, Any],
) -> None:
    memory_after_start = served.resident()
    figures["startup"]["first_turn_ms"] = _first_turn(bot, served)
    report.progress(f"{bot.name}: ready after {served.start_seconds} s, what do its turns run?")
    figures["actions"] = {name: actions_of(bot, served, name) for name in SCRIPTS}
    figures["turn"] = {}
    for name in ("without_action", "with_action"):
        report.progress(f"{bot.name}: single turns, {name}")
        figures["turn"][name] = load_of(bot, served, project, logs, name, 1, plan.turn_seconds, plan.warm_up)
    figures["load"] = {}
    for users in plan.users:
        report.progress(f"{bot.name}: {users} at once")
        figures["load"][str(users)] = load_of(
            bot, served, project, logs, "visit", users, plan.load_seconds, plan.warm_up
        )
    figures["rss_mb"] = {**served.resident(), "after_start": memory_after_start}
    if gold:
        report.progress(f"{bot.name}: {len(gold)} real lines")
        figures["understanding"] = measure_understanding(served.url, gold)


def _first_turn(bot: Bot, served: Served) -> float:
    """The very first turn, which pays for what is loaded late."""
    script = SCRIPTS["without_action"]
    voice = _voice(bot, served, script.name)
    conversation = next(voice.conversations)
    begun = time.perf_counter()
    _say(served, voice, conversation, script.lines[0])
    return round((time.perf_counter() - begun) * 1000, 1)


def _voice(bot: Bot, served: Served, script: str) -> ways.Customer:
    environment = served.environment
    return ways.customer(bot.way, SCRIPTS[script], environment["SIXTY_SECRET"], environment["SIXTY_DATABASE_URL"])


def _say(served: Served, voice: ways.Customer, conversation: str, line: str) -> Any:
    post = voice.post(conversation, line)
    with direct_session() as session:
        answer = session.post(
            f"{served.url}{post.path}", data=post.body, headers=dict(post.headers), timeout=_TURN_TIMEOUT
        )
    answer.raise_for_status()
    return answer.json()


def actions_of(bot: Bot, served: Served, script: str) -> list[list[str]]:
    """What a bot runs in each turn of a script, which shows whether two bots did the same work."""
    voice = _voice(bot, served, script)
    name = next(voice.conversations)
    answers = [_say(served, voice, name, line) for line in SCRIPTS[script].lines]
    conversation = voice.id_of(name, answers[-1])
    with direct_session() as session:
        answer = session.get(f"{served.url}/conversations/{conversation}/tracker", timeout=_TURN_TIMEOUT)
    answer.raise_for_status()
    turns: list[list[str]] = []
    for event in answer.json()["events"]:
        if event["event"] == "user":
            turns.append([])
        elif event["event"] == "action" and turns and event["name"] != "action_listen":
            turns[-1].append(event["name"])
    return turns


def load_of(
    bot: Bot, served: Served, project: Path, logs: Path, script: str, users: int, seconds: float, warm_up: float
) -> dict[str, Any]:
    """Lets customers talk to a running bot for a while, and says what came of it and what it cost."""
    output = logs / f"load-{script}-{users}.log"
    output.unlink(missing_ok=True)
    command = Command(
        [
            *(sys.executable, "-W", "ignore", "-m", "bench.load", "--host", served.url, "--way", bot.way),
            *("--script", script),
            *("--users", str(users), "--seconds", str(seconds), "--warm-up", str(warm_up)),
        ],
        project,
        served.environment,
        output,
    )
    before, used_before = CpuClock.read(), served.cpu_seconds()
    run_to_end(command, seconds + warm_up + _LOAD_SLACK)
    others, used = before.others_percent(CpuClock.read()), served.cpu_seconds()
    lines = output.read_text(encoding="utf-8").splitlines()
    figures: dict[str, Any] = json.loads(lines[-1])
    figures["others_cpu_percent"] = others
    turns = figures.pop("turns_with_warm_up")
    if turns:
        # What a turn costs however busy the machine is.
        figures["cpu_ms_per_turn"] = {name: round(1000 * (used[name] - used_before[name]) / turns, 2) for name in used}
    if figures["failures"]:
        report.progress(f"  failures: {figures['failures']}")
    return figures


def compare(plan: Plan, gold_path: Path, *, reuse: bool) -> dict[str, Any]:
    """Trains both bots, then measures one after the other, and returns everything as one object."""
    begun, started_at = time.monotonic(), datetime.now(timezone.utc)
    root = project_root()
    gold_file = gold_path if gold_path.is_absolute() else root / gold_path
    gold = read_gold(gold_file) if gold_file.is_file() else []
    machine = describe_machine()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = take_snapshot(root, Path(folder) / "project")
        models: dict[str, Model] = {}
        # Training first, so that on a machine whose load changes both bots are measured soon after each other.
        for bot in _BOTS:
            report.progress(f"{bot.name}: training")
            before = CpuClock.read()
            models[bot.name] = train(
                bot,
                project,
                report.RESULTS / "models",
                _logs(plan),
                quick=plan.quick,
                reuse=reuse,
                timeout=_TRAINING_TIMEOUT,
            )
            if not models[bot.name].training["reused"]:
                models[bot.name].training["others_cpu_percent"] = before.others_percent(CpuClock.read())
            report.progress(f"{bot.name}: trained, {models[bot.name].training}")
        for bot in _BOTS:
            figures[bot.name] = measure(bot, models[bot.name], plan, project, Path(folder) / "runs", gold)
        seen = seen_in_training(gold, project / "data")
    return summarise(figures, plan, machine) | {
        "gold": {"file": gold_path.name, "lines": len(gold), "lines_also_in_training_data": seen} if gold else None,
        "started_at": started_at.isoformat(timespec="seconds"),
        "took_seconds": round(time.monotonic() - begun, 1),
    }


def summarise(figures: dict[str, Any], plan: Plan, machine: dict[str, Any]) -> dict[str, Any]:
    """Puts the figures of both bots, their ratios and what to think of them into one object."""
    ours, theirs = figures[SIXTY.name], figures[VANILLA.name]
    compared = ratios(_plain(ours), _plain(theirs))
    notes = []
    not_comparable: list[str] = []
    if plan.quick:
        not_comparable = ["training", "understanding"]
        notes.append(
            "quick: vanilla Rasa was trained with a few epochs on all lines, so neither its training time nor its "
            "accuracy is comparable with anything"
        )
        for name in not_comparable:
            compared.pop(name, None)
    same_work = {name: ours["actions"][name] == theirs["actions"][name] for name in SCRIPTS}
    if not all(same_work.values()):
        notes.append("the bots did not run the same actions in every turn (see actions), so their turns differ in work")
    busy = _others(ours) + _others(theirs)
    loaded = bool(busy) and max(busy) >= _BUSY_PERCENT
    if loaded:
        notes.append(
            f"others used up to {max(busy):.0f} % of the processors meanwhile: read the ratios, not the figures"
        )
    return {
        "bench": "vanilla",
        "quick": plan.quick,
        "machine": machine,
        "machine_was_loaded": loaded,
        "notes": notes,
        "not_comparable": not_comparable,
        "same_work": same_work,
        "sixty": ours,
        "vanilla": theirs,
        "ratios": compared,
    }


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    """Without the numbers that describe a measurement and are no result of it."""
    described = {"users", "turns", "others_cpu_percent", "lines", "right", "declined"}
    return {
        name: _plain(value) if isinstance(value, dict) else value
        for name, value in figures.items()
        if name not in described
    }


def _others(figures: dict[str, Any]) -> list[float]:
    loads = [*figures["turn"].values(), *figures["load"].values(), figures["training"]]
    return [load["others_cpu_percent"] for load in loads if "others_cpu_percent" in load]


def main() -> int:
    """Reads the options, runs the comparison and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.vanilla", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="train vanilla Rasa a little only, and measure briefly")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--reuse", action="store_true", help="take models of an earlier run made of the same files")
    parser.add_argument("--gold", type=Path, default=_GOLD, metavar="FILE", help="labelled lines (%(default)s)")
    options = parser.parse_args()
    # As Ctrl-C does: leaves every block, and so ends every process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = QUICK if options.quick else FULL
    try:
        result = compare(plan, options.gold, reuse=options.reuse)
    except (BenchError, OperatorError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: ended before its time\n")
        return 130
    path = report.store(result, _name(plan))
    if not options.json:
        print(report.table(result, SIXTY.name, VANILLA.name), end="\n\n")
        for note in result["notes"]:
            print(f"- {note}")
        print(f"- all figures: {path.relative_to(project_root())}\n")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
