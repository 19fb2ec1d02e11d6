"""``python -m bench.door``: what the front door costs a message, and how the bot behind it compares with vanilla Rasa.

*What it costs.* One Rasa server with one model has both channels: api, behind the door, and Rasa's stock rest. A
customer makes the same visit over either, line by line in turns, so that whatever else the machine does falls on both
alike. A pair is the same line of the same visit; `added_ms_p50` is the median of the pairs' differences. `sockets` has
the same of a page: our web channel and Rasa's stock socketio, up to the first word of an answer.

*How it compares.* Customers by Locust visit the bot behind its door, then vanilla Rasa over its stock channel;
`turns_ratio` is ours by theirs.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bench import report, ways
from bench.bots import SIXTY, VANILLA, Bot, Model, Served, kept_model, serving, train
from bench.conversations import SCRIPTS
from bench.door_sockets import STOCK, Pages
from bench.errors import BenchError
from bench.figures import summary
from bench.machine import CpuClock, cpu_seconds, describe_machine
from bench.snapshot import take_snapshot
from bench.vanilla import load_of
from sixty.errors import OperatorError
from sixty.settings import get_settings, project_root

_SCRIPT = SCRIPTS["visit"]
_TRAINING_TIMEOUT = 12 * 3600.0
_TURN_TIMEOUT = 60.0
_BOTH_CHANNELS: dict[str, Any] = {
    "sixty.channels.api.ApiChannel": None,
    "rest": None,
    "sixty.channels.web.WebChannel": None,
    "socketio": STOCK,
}


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        visits: Visits over each channel, whose lines are compared in pairs.
        warm_up: Visits before that do not count.
        users: How many customers talk at once where turns are counted.
        seconds: How long.
        settling: Seconds of that before turns count.
        pages: Visits by a page, over each of the two channels with sockets.
    """

    quick: bool
    visits: int
    warm_up: int
    users: tuple[int, ...]
    seconds: float
    settling: float
    pages: int


FULL = Plan(quick=False, visits=300, warm_up=20, users=(1, 8, 32), seconds=40, settling=5, pages=100)
QUICK = Plan(quick=True, visits=60, warm_up=5, users=(8,), seconds=10, settling=3, pages=20)


@dataclass
class Side:
    """What was measured of one channel."""

    milliseconds: list[float] = field(default_factory=list)
    processor: float = 0.0
    actions: float = 0.0

    def figures(self) -> dict[str, Any]:
        """Percentiles by the clock, and milliseconds of processor time a turn, of Rasa and of the action server.

        Actions know more of a customer behind the door, whose talk stands in the ledger, and do more for them; that
        is no work of the door's, though it is in what a message takes longer.
        """
        a_turn = 1000 / len(self.milliseconds)
        figures = {"turns": len(self.milliseconds), **summary(self.milliseconds)}
        figures["rasa_cpu_ms"] = round(self.processor * a_turn, 2)
        if self.actions:
            figures["actions_cpu_ms"] = round(self.actions * a_turn, 2)
        return figures


def compare_channels(served: Served, plan: Plan) -> dict[str, Any]:
    """Makes the same visits over both channels of one server.

    Raises:
        BenchError: A turn brought no answer.
    """
    environment = served.environment
    secret, database = environment["SIXTY_SECRET"], environment["SIXTY_DATABASE_URL"]
    customers = {way: ways.customer(way, _SCRIPT, secret, database) for way in ("api", "rest")}
    lines = {way: _Line(served.url) for way in customers}
    sides: dict[str, Side] = {}
    try:
        for counted, visits in ((False, plan.warm_up), (True, plan.visits)):
            sides = {way: Side() for way in customers}
            for number in range(visits):
                # Neither is always the first.
                order = list(customers) if number % 2 else list(customers)[::-1]
                for way in order:
                    _visit(served, customers[way], lines[way], sides[way])
            if counted:
                report.progress(f"door: {visits} visits over each channel")
    finally:
        for line in lines.values():
            line.close()
    return _compared(sides, "api", "rest")


async def compare_sockets(served: Served, plan: Plan) -> dict[str, Any]:
    """Makes the same visits by pages over both channels with sockets of one server.

    Raises:
        BenchError: A line brought no answer.
    """
    pages = {way: Pages(way, _SCRIPT, served) for way in ("web", "socketio")}
    sides: dict[str, Side] = {}
    for counted, visits in ((False, plan.warm_up), (True, plan.pages)):
        sides = {way: Side() for way in pages}
        for number in range(visits):
            for way in list(pages) if number % 2 else list(pages)[::-1]:
                taken, processor = await pages[way].visit()
                sides[way].milliseconds += taken
                sides[way].processor += processor
        if counted:
            report.progress(f"door: {visits} visits by a page over each channel")
    return _compared(sides, "web", "socketio")


def _compared(sides: Mapping[str, Side], ours: str, stock: str) -> dict[str, Any]:
    """Figures of two sides whose turns are pairs, in order."""
    pairs = [a - b for a, b in zip(sides[ours].milliseconds, sides[stock].milliseconds, strict=True)]
    return {
        ours: sides[ours].figures(),
        stock: sides[stock].figures(),
        "pairs": len(pairs),
        "added_ms_p50": round(statistics.median(pairs), 2),
        "added_cpu_ms": round(1000 * (sides[ours].processor - sides[stock].processor) / len(pairs), 2),
    }


def _visit(served: Served, customer: ways.Customer, line: _Line, side: Side) -> None:
    conversation = next(customer.conversations)
    before, acted = cpu_seconds(served.rasa_pid), cpu_seconds(served.actions_pid)
    for said in _SCRIPT.lines:
        post = customer.post(conversation, said)
        begun = time.perf_counter()
        answer = line.say(post)
        side.milliseconds.append((time.perf_counter() - begun) * 1000)
        problem = customer.problem(answer)
        if problem:
            raise BenchError(f"{said} over {post.path}: {problem}")
    side.processor += cpu_seconds(served.rasa_pid) - before
    side.actions += cpu_seconds(served.actions_pid) - acted


class _Line:
    """A connection that stays open, with next to no cost of its own."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=_TURN_TIMEOUT)

    def say(self, post: ways.Post) -> Any:
        """Sends a message and reads the whole answer."""
        self._connection.request("POST", post.path, post.body, dict(post.headers))
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise BenchError(f"{post.path} answered {answer.status}: {body[:200]!r}")
        return json.loads(body)

    def close(self) -> None:
        """Hangs up."""
        self._connection.close()


def measure(plan: Plan, *, retrain: bool = False) -> dict[str, Any]:
    """Measures both and returns everything as one object.

    Args:
        plan: How much.
        retrain: Train vanilla Rasa anew even where a model of an earlier run is kept. Speed does not depend on a few
            changed lines, so otherwise the newest kept one is good enough.

    Raises:
        BenchError: There is no trained model of this bot, or a server failed.
    """
    begun, started_at = time.monotonic(), datetime.now(timezone.utc)
    machine, root = describe_machine(), project_root()
    logs = report.RESULTS / "logs" / "door"
    with tempfile.TemporaryDirectory(prefix="bench-door-") as folder:
        work = Path(folder)
        project = take_snapshot(root, work / "project")
        ours = _own_model(project)
        theirs = None if retrain else kept_model(VANILLA, report.RESULTS / "models", project, quick=True)
        if theirs is None:
            report.progress("vanilla: training, which takes a while")
            theirs = train(
                VANILLA,
                project,
                report.RESULTS / "models",
                logs,
                quick=True,
                reuse=not retrain,
                timeout=_TRAINING_TIMEOUT,
            )
        both = work / "both-channels.yml"
        both.write_text(yaml.safe_dump(_BOTH_CHANNELS), encoding="utf-8")
        report.progress("door: starting the bot with both channels")
        watched = CpuClock.read()
        beside = Bot("sixty-both", SIXTY.config, both, SIXTY.endpoints, "api")
        with serving(beside, ours, project, work / "both", logs, "both") as served:
            channels = compare_channels(served, plan)
            sockets = asyncio.run(compare_sockets(served, plan))
        figures: dict[str, Any] = {"channels": channels, "sockets": sockets}
        for bot, model in ((SIXTY, ours), (VANILLA, theirs)):
            report.progress(f"{bot.name}: starting")
            with serving(bot, model, project, work / bot.name, logs, bot.name) as served:
                figures[bot.name] = {
                    str(users): load_of(bot, served, project, logs, "visit", users, plan.seconds, plan.settling)
                    for users in plan.users
                }
        others = watched.others_percent(CpuClock.read())
    return summarise(figures, plan) | {
        "machine": machine,
        "others_cpu_percent": others,
        "vanilla_model": theirs.training,
        "started_at": started_at.isoformat(timespec="seconds"),
        "took_seconds": round(time.monotonic() - begun, 1),
    }


def summarise(figures: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Puts the figures into one object; the ratio is that of eight customers at once, or of the most there were."""
    ours, theirs = figures[SIXTY.name], figures[VANILLA.name]
    ratios = {
        users: round(ours[users]["turns_per_second"] / theirs[users]["turns_per_second"], 2)
        for users in ours
        if theirs[users]["turns_per_second"]
    }
    notes = [
        f"{name} answered nobody with {users} at once: {load['failures'] or 'no turn came to its end in time'}"
        for name in (SIXTY.name, VANILLA.name)
        for users, load in figures[name].items()
        if not load["turns"]
    ]
    chosen = ratios.get("8", ratios[max(ratios, key=int)] if ratios else None)
    return {
        "bench": "door",
        "quick": plan.quick,
        "added_ms_p50": figures["channels"]["added_ms_p50"],
        "turns_ratio": chosen,
        "turns_ratios": ratios,
        "notes": notes,
        **figures,
    }


def _own_model(project: Path) -> Model:
    trained = get_settings().model
    if not trained.is_file():
        raise BenchError(f"there is no model at {trained}; `sixty train` makes it")
    model = project / "models" / "sixty.tar.gz"
    model.parent.mkdir(exist_ok=True)
    model.write_bytes(trained.read_bytes())
    return Model(model, {"reused": True})


def main() -> int:
    """Reads the options, measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.door", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer visits, and only eight customers at once")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--retrain", action="store_true", help="train vanilla Rasa anew though a model of it is kept")
    options = parser.parse_args()
    # As Ctrl-C does: leaves every block, and so ends every process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = QUICK if options.quick else FULL
    try:
        result = measure(plan, retrain=options.retrain)
    except (BenchError, OperatorError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: ended before its time\n")
        return 130
    path = report.store(result, "door-quick" if plan.quick else "door")
    for note in result["notes"]:
        report.progress(note)
    if not options.json:
        channels = result["channels"]
        print(f"the door adds {channels['added_ms_p50']} ms a message ({channels['added_cpu_ms']} ms of processor):")
        for way in ("api", "rest"):
            print(f"  {way:<8} p50 {channels[way]['p50_ms']} ms, p95 {channels[way]['p95_ms']} ms")
        sockets = result["sockets"]
        print(f"to the first word that a page reads, {sockets['added_ms_p50']} ms:")
        for way in ("web", "socketio"):
            print(f"  {way:<8} p50 {sockets[way]['p50_ms']} ms, p95 {sockets[way]['p95_ms']} ms")
        for users, ratio in result["turns_ratios"].items():
            print(f"turns per second with {users} at once: {ratio} times vanilla's")
        print(f"all figures: {path.relative_to(project_root())}\n")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
