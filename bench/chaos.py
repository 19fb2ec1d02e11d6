"""``python -m bench.chaos``: servers and database connections die at random while customers write.

Real processes: Rasa with the trained model, the action server, a database (PostgreSQL where it is installed). Customers
speak over the signed api channel and send each message, under its id, until it is taken. Rasa and the action server are
killed without warning and started again; connections to the database are cut, or, on SQLite, the file is locked. When
the dust has settled, every message that a customer has sent must stand in the ledger once and have an answer or a
hand-off, and no turn may have been done twice.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import secrets
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

import yaml
from sqlalchemy import select, text

from bench import postgres_server, report
from bench.bots import quiet_environment
from bench.chaos_customers import Crowd, Sent
from bench.errors import BenchError
from bench.machine import describe_machine
from bench.mortal import Mortal
from bench.servers import LOOPBACK, Command, run_to_end
from sixty.channels.settling import READ_WITH, TROUBLE
from sixty.desk.conversations import Conversation
from sixty.desk.handoffs import HandOff
from sixty.errors import OperatorError
from sixty.identity.api_keys import LOCAL
from sixty.ledger.models import OPEN_STATES, Message
from sixty.processes.ports import free_port
from sixty.settings import Settings, get_settings, project_root
from sixty.shop.database import engine_for, shop_session
from sixty.tables import column

Database = Literal["postgresql", "sqlite"]

_START_SECONDS = 600.0
_SEED_SECONDS = 300.0
_SETTLE_SECONDS = 240.0
_BREATH = 3.0
_LOCKED_SECONDS = 4.0
# Of all messages, so many at least must be properly answered.
ENOUGH = 0.95
_CHANNELS: dict[str, Any] = {"sixty.channels.api.ApiChannel": None}


@dataclass(frozen=True)
class Plan:
    """How much is said and how much dies.

    Attributes:
        messages: Messages of all customers.
        customers: Customers at once.
        a_second: Messages a second of all of them.
        deaths: How often Rasa, the action server and the database connections die.
        seed: Decides what happens when.
        minutes: After so long customers say no more, however much is left; None lets them say it all.
    """

    messages: int
    customers: int
    a_second: float
    deaths: dict[str, int]
    seed: int
    minutes: float | None = None

    @classmethod
    def of(cls, messages: int, seed: int, a_second: float, minutes: float | None = None) -> Plan:
        """What fits so many messages."""
        servers = max(1, round(messages / 250))
        deaths = {"rasa": servers, "actions": servers, "database": max(1, round(messages / 100))}
        return cls(messages, max(4, min(24, messages // 15)), a_second, deaths, seed, minutes)

    def moments(self) -> list[tuple[int, str]]:
        """After how many messages what dies: all in turns, evenly but not at even places."""
        lot = random.Random(self.seed)
        moments = []
        for name, deaths in self.deaths.items():
            stretch = self.messages * 0.9 / deaths
            moments += [(int(self.messages * 0.05 + stretch * (each + lot.random())), name) for each in range(deaths)]
        return sorted(moments)


@dataclass(frozen=True)
class Stage:
    """Where it happens."""

    database_url: str
    tracker: Path
    rasa_url: str
    secret: str
    servers: dict[str, Mortal]


@contextmanager
def stage(database_url: str, folder: Path, logs: Path) -> Iterator[Stage]:
    """Starts the servers on a database.

    Raises:
        BenchError: They did not start.
    """
    root, model = project_root(), get_settings().model
    if not model.is_file():
        raise BenchError(f"there is no model at {model}; `sixty train` makes it")
    settings = Settings(
        var=folder,
        database_url=database_url,
        secret=secrets.token_urlsafe(48),
        rasa_port=free_port(),
        actions_port=free_port(),
        log_level="WARNING",
        log_format="text",
    )
    environment = quiet_environment(settings)
    for log in logs.glob("chaos-*.log"):
        log.unlink()
    run_to_end(
        Command([sys.executable, "-m", "sixty", "seed"], root, environment, logs / "chaos-seed.log"), _SEED_SECONDS
    )
    endpoints = yaml.safe_load((root / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"http://{LOOPBACK}:{settings.actions_port}/webhook"
    endpoints["tracker_store"]["db"] = str(folder / "tracker.db")
    for name, content in (("endpoints.yml", endpoints), ("credentials.yml", _CHANNELS)):
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    actions = Command(
        [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(settings.actions_port)],
        root,
        {**environment, "SANIC_HOST": LOOPBACK},
        logs / "chaos-actions.log",
    )
    rasa = Command(
        [
            *(sys.executable, "-m", "rasa", "run", "--model", str(model)),
            *("--interface", LOOPBACK, "--port", str(settings.rasa_port)),
            *("--endpoints", str(folder / "endpoints.yml"), "--credentials", str(folder / "credentials.yml")),
        ],
        root,
        environment,
        logs / "chaos-rasa.log",
    )
    url = f"http://{LOOPBACK}:{settings.rasa_port}"
    servers = {
        "actions": Mortal("actions", actions, f"http://{LOOPBACK}:{settings.actions_port}/health"),
        "rasa": Mortal("rasa", rasa, f"{url}/webhooks/api/"),
    }
    try:
        for server in servers.values():
            server.start()
        for server in servers.values():
            server.wait(_START_SECONDS)
        yield Stage(database_url, folder / "tracker.db", url, settings.secret, servers)
    finally:
        for server in servers.values():
            server.close()
        engine_for(database_url).dispose()


def cut_connections(database_url: str) -> None:
    """Cuts every connection to the database; a file is locked for a while instead."""
    if database_url.startswith("sqlite"):
        path = database_url.partition(":///")[2]

        def hold() -> None:
            with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=20)) as connection:
                connection.isolation_level = None
                connection.execute("BEGIN EXCLUSIVE")
                time.sleep(_LOCKED_SECONDS)
                connection.execute("ROLLBACK")

        threading.Thread(target=hold, daemon=True).start()
        return
    with shop_session(database_url) as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def play(plan: Plan, here: Stage) -> tuple[Sent, dict[str, int]]:
    """Lets customers talk and things die; returns what was said and what has died."""
    sent = Sent()
    crowd = Crowd(here.rasa_url, here.secret, plan.messages, plan.customers, plan.a_second, plan.seed, sent)
    moments = plan.moments()
    died: Counter[str] = Counter()
    until = time.monotonic() + 60 * plan.minutes if plan.minutes is not None else float("inf")

    def kill_what_is_due() -> None:
        if time.monotonic() > until:
            crowd.stop()
            return
        while moments and sent.messages >= moments[0][0]:
            _, name = moments.pop(0)
            report.progress(f"chaos: {sent.messages} messages sent, {name} dies")
            if name == "database":
                cut_connections(here.database_url)
            else:
                # Who is still on its way up is not killed again: nothing would ever be answered.
                here.servers[name].wait(_START_SECONDS)
                here.servers[name].kill()
            died[name] += 1

    crowd.start()
    try:
        crowd.join(kill_what_is_due)
    finally:
        crowd.stop()
    return sent, dict(died)


def settled(here: Stage, seconds: float = _SETTLE_SECONDS) -> None:
    """Waits until nobody deals with any message any more, or for long enough."""
    for server in here.servers.values():
        server.wait(_START_SECONDS)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with shop_session(here.database_url, read_only=True) as session:
            waiting = session.scalars(select(Message.id).where(column(Message.state).in_(OPEN_STATES)).limit(1)).first()
        if waiting is None:
            break
        time.sleep(0.5)
    # A turn is saved, and the last rows are written, after the customer has read the reply.
    time.sleep(_BREATH)


def account(sent: Sent, here: Stage) -> dict[str, Any]:
    """What became of every message."""
    with shop_session(here.database_url, read_only=True) as session:
        names = {
            str(row.external_id).removeprefix(f"{LOCAL}:"): row.id
            for row in session.execute(select(Conversation.id, Conversation.external_id))
        }
        messages = list(session.scalars(select(Message).order_by(Message.id)))
        handed_over = set(session.scalars(select(HandOff.conversation_id)))
    return judge(sent.conversations, names, messages, handed_over, saved_turns(here.tracker)) | {
        "tries": sent.tries,
        "refused": len(sent.refused),
        "refusals": sorted(set(sent.refused))[:5],
    }


def saved_turns(tracker: Path) -> Counter[tuple[str, str]]:
    """How often Rasa has saved a turn of each message, by conversation and message."""
    found: Counter[tuple[str, str]] = Counter()
    with closing(sqlite3.connect(tracker)) as store:
        for sender, data in store.execute("SELECT sender_id, data FROM events WHERE type_name = 'user'"):
            message_id = json.loads(data).get("message_id")
            if message_id:
                found[sender, str(message_id)] += 1
    return found


def judge(
    spoken: dict[str, list[str]],
    names: dict[str, str],
    messages: Sequence[Message],
    handed_over: set[str],
    turns: Counter[tuple[str, str]],
) -> dict[str, Any]:
    """Compares what customers have sent with what stands there.

    Args:
        spoken: Ids of messages by the customer's name of the conversation, in the order in which they were sent.
        names: Our names of conversations, by theirs.
        messages: The whole ledger, in its order.
        handed_over: Conversations that a person has been asked to take.
        turns: How often a turn of each message was saved by Rasa.

    Returns:
        Counts. `lost` are messages that are not in the ledger, wait still, or have neither an answer nor a hand-off;
        `doubled` are messages that stand there twice, whose answer was said again by another try, or whose turn was
        saved twice; `repeated` are answers in which the bot says the same thing twice in one try, a fault of its own;
        `out_of_order` are those that stand before an earlier one, or were answered before it.
    """
    by_id: dict[tuple[str, str], list[Message]] = {}
    replies: dict[int, list[Message]] = {}
    for message in messages:
        if message.author == "customer":
            by_id.setdefault((message.conversation_id, str(message.client_id)), []).append(message)
        elif message.answers_id is not None:
            replies.setdefault(message.answers_id, []).append(message)
    count: Counter[str] = Counter()
    examples: list[str] = []
    for name, ids in spoken.items():
        conversation = names.get(name, "")
        latest = answered_until = 0
        for message_id in ids:
            count["sent"] += 1
            rows = by_id.get((conversation, message_id), [])
            if not rows:
                count["lost"] += 1
                continue
            count["in_ledger"] += 1
            row = rows[0]
            count[row.state] += 1
            answers = replies.get(row.payload.get(READ_WITH) or row.id, [])
            if row.state in OPEN_STATES or not _dealt_with(row, answers, handed_over):
                count["lost"] += 1
            lines = [json.dumps([each.text, each.payload], sort_keys=True, ensure_ascii=False) for each in answers]
            repeats = len(set(lines)) < len(lines)
            how = {
                "in the ledger": len(rows) > 1,
                # Who answers in one try and says a thing twice does so with nothing dying, too.
                "said again": repeats and row.attempts > 1,
                "saved by Rasa": turns[conversation, str(row.id)] > 1,
            }
            count["doubled"] += any(how.values())
            count["repeated"] += repeats and row.attempts <= 1
            if repeats or any(how.values()):
                why = ", ".join(name for name, so in how.items() if so) or "repeated"
                examples.append(f"{why}: {row.text!r}, {row.state} after {row.attempts} tries with {lines}")
            first = min((each.id for each in replies.get(row.id, [])), default=None)
            if row.id < latest or (first is not None and first < answered_until):
                count["out_of_order"] += 1
            latest = row.id
            answered_until = max([answered_until, *(each.id for each in replies.get(row.id, []))])
    named = (
        "sent",
        "in_ledger",
        "answered",
        "apologised",
        "handed_over",
        "lost",
        "doubled",
        "out_of_order",
        "repeated",
    )
    figures: dict[str, Any] = {each: count[each] for each in named}
    figures["properly_answered"] = round(count["answered"] / count["sent"], 4) if count["sent"] else 0.0
    reasons = Counter(str(each.payload[TROUBLE]) for each in messages if TROUBLE in (each.payload or {}))
    return figures | {"troubles": dict(reasons), "examples": examples[:5]}


def _dealt_with(row: Message, answers: Sequence[Message], handed_over: set[str]) -> bool:
    if row.state == "answered":
        return bool(answers)
    return row.conversation_id in handed_over


def run(plan: Plan, database: Database, folder: Path, logs: Path) -> dict[str, Any]:
    """Plays it through on a database of its own.

    Raises:
        BenchError: The servers did not start, or did not come back.
    """
    begun, started_at = time.monotonic(), datetime.now(timezone.utc)
    with contextlib.ExitStack() as stack:
        if database == "postgresql":
            url = stack.enter_context(stack.enter_context(postgres_server.running()).database("chaos"))
        else:
            url = f"sqlite:///{folder / 'sixty.db'}"
        report.progress(f"chaos: starting the bot on {database}")
        here = stack.enter_context(stage(url, folder, logs))
        sent, died = play(plan, here)
        report.progress("chaos: all is said, the dust settles")
        settled(here)
        figures = account(sent, here)
    return {
        "bench": "chaos",
        **figures,
        "died": died,
        "database": database,
        "customers": plan.customers,
        "seed": plan.seed,
        "machine": describe_machine(),
        "started_at": started_at.isoformat(timespec="seconds"),
        "took_seconds": round(time.monotonic() - begun, 1),
    }


def verdict(result: dict[str, Any]) -> str | None:
    """What is wrong with a result; None when all is well."""
    if result["lost"] or result["doubled"] or result["out_of_order"]:
        return f"{result['lost']} lost, {result['doubled']} doubled, {result['out_of_order']} out of order"
    if result["refused"]:
        return f"{result['refused']} messages were refused: {'; '.join(result['refusals'])}"
    if result["properly_answered"] < ENOUGH:
        return f"only {result['properly_answered']:.1%} properly answered"
    return None


def main() -> int:
    """Reads the options, plays it through and prints what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000, help="how much customers say (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--seed", type=int, default=7, help="decides who says what, and what dies when (%(default)s)")
    parser.add_argument("--a-second", type=float, default=4.0, help="messages a second of all customers (%(default)s)")
    parser.add_argument("--minutes", type=float, help="let customers say no more after so long")
    parser.add_argument(
        "--database",
        choices=("postgresql", "sqlite"),
        help="PostgreSQL where it is installed if left out",
    )
    options = parser.parse_args()
    # As Ctrl-C does: leaves every block, and so ends every process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    database: Database = options.database or ("postgresql" if postgres_server.why_not() is None else "sqlite")
    plan = Plan.of(options.messages, options.seed, options.a_second, options.minutes)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-chaos-") as folder:
            result = run(plan, database, Path(folder), report.RESULTS / "logs" / "chaos")
    except (BenchError, OperatorError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: ended before its time\n")
        return 130
    report.store(result, "chaos")
    wrong = verdict(result)
    if wrong:
        report.progress(f"chaos: {wrong}")
    if not options.json:
        for name in ("sent", "in_ledger", "answered", "apologised", "handed_over", "lost", "doubled"):
            print(f"{name:<12}{result[name]:>7}")
        print(f"died: {', '.join(f'{name} {times}' for name, times in result['died'].items())}\n")
    print(json.dumps(result, ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
