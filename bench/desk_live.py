"""Two hundred open chats over what really runs: desk, front door, sockets, live streams, a database in a file.

Customers write over Socket.IO as their page does, and a bot that does nothing else calls a person. Agents sign in,
follow the live stream and answer each line over HTTP, as the workbench's page does. Afterwards what every customer and
every agent was shown is compared with what was said and with the ledger: nothing may be lost, doubled or out of order.
`screen_ms` is the time from a customer's send to the frame on the stream of the agent who has the chat.

    python -m bench.desk_live [--quick] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench import report
from bench.bots import quiet_environment
from bench.errors import BenchError
from bench.figures import percentile
from bench.live_agents import SimulatedAgent
from bench.live_customers import SimulatedCustomer
from bench.machine import cpu_seconds
from bench.open_hours import open_round_the_clock
from bench.servers import LOOPBACK, Command, running, wait_until_healthy
from sixty.desk.conversations import NOBODY, Where, Who, begin
from sixty.desk.staff.accounts import add_account, change_password
from sixty.desk.staff.own_agents import own_agent
from sixty.ledger.models import Message
from sixty.processes.database import seed_demo
from sixty.processes.ports import free_port
from sixty.settings import Settings, project_root
from sixty.shop.database import engine_for, shop_session
from sixty.shop.models import Customer
from sixty.tables import column

_START_SECONDS = 600.0
_SETTLE_SECONDS = 60.0
_KNOWN_FOR = timedelta(days=1)
_PRODUCT = "GZ2101"
# So many sockets connect and ask at a time: nobody's shop gets two hundred customers in one moment.
_AT_A_TIME = 10


@dataclass(frozen=True)
class Crowd:
    """How many are at it.

    Attributes:
        chats: Customers, each in a chat of their own.
        agents: Who answer them.
        lines: What each customer writes to a person.
        pause: Seconds from one line of a customer to the next, on average. An agent with ten chats who needs six
            seconds for a line cannot keep up with more than one a minute in each.
    """

    chats: int
    agents: int
    lines: int
    pause: float = 60.0


@dataclass(frozen=True)
class Servers:
    """What runs.

    Attributes:
        pids: The processes, by name.
    """

    settings: Settings
    desk_url: str
    door_url: str
    pids: dict[str, int]


@contextmanager
def served(folder: Path, logs: Path) -> Iterator[Servers]:
    """Starts a desk and a door over a demo shop of their own.

    Raises:
        BenchError: They did not start.
    """
    playbook = folder / "playbook"
    shutil.copytree(project_root() / "playbook", playbook)
    open_round_the_clock(playbook)
    settings = Settings(
        var=folder / "var",
        playbook=playbook,
        database_url=f"sqlite:///{folder / 'var' / 'sixty.db'}",
        secret=secrets.token_urlsafe(48),
        rasa_port=free_port(),
        actions_port=free_port(),
        desk_port=free_port(),
        demo=True,
        proxies=1,
        log_level="WARNING",
        log_format="text",
    )
    environment = {
        **quiet_environment(settings),
        "SIXTY_PLAYBOOK": str(playbook),
        "SIXTY_DESK_PORT": str(settings.desk_port),
        "SIXTY_PROXIES": "1",
        "SIXTY_LOG_LEVEL": "WARNING",
    }
    seed_demo(settings)
    root = project_root()
    desk = Command([sys.executable, "-m", "sixty", "desk"], root, environment, logs / "live-desk.log")
    door = Command(
        [sys.executable, "-m", "bench.live_door", str(settings.rasa_port)], root, environment, logs / "live-door.log"
    )
    desk_url, door_url = f"http://{LOOPBACK}:{settings.desk_port}", f"http://{LOOPBACK}:{settings.rasa_port}"
    with running(desk) as first, running(door) as second:
        wait_until_healthy(desk, first, f"{desk_url}/healthz", _START_SECONDS)
        wait_until_healthy(door, second, f"{door_url}/webhooks/web/", _START_SECONDS)
        yield Servers(settings, desk_url, door_url, {"desk": first.pid, "door": second.pid})
    engine_for(settings.database_url).dispose()


async def talk(crowd: Crowd, servers: Servers, seed: int) -> dict[str, Any]:
    """Lets them all talk, and says what came of it.

    Raises:
        BenchError: Somebody was refused, or customers were left without an agent.
    """
    agents = _agents(crowd, servers, seed)
    customers = _customers(crowd, servers, seed)
    try:
        for agent in agents:
            await agent.come()
        report.progress(f"desk_live: {len(agents)} agents are at work")
        for some in range(0, len(customers), _AT_A_TIME):
            await asyncio.gather(*(each.connect() for each in customers[some : some + _AT_A_TIME]))
        await asyncio.wait_for(asyncio.gather(*(each.with_a_person.wait() for each in customers)), _SETTLE_SECONDS)
        report.progress(f"desk_live: {len(customers)} chats are open")
        before, begun = {name: cpu_seconds(pid) for name, pid in servers.pids.items()}, time.monotonic()
        await asyncio.gather(*(each.talk(crowd.lines, crowd.pause) for each in customers))
        seconds = time.monotonic() - begun
        spent = {name: cpu_seconds(pid) - before[name] for name, pid in servers.pids.items()}
        await _settled(agents, customers, crowd)
    finally:
        for customer in customers:
            await customer.disconnect()
        for agent in agents:
            await agent.leave()
    with shop_session(servers.settings.database_url, read_only=True) as session:
        ledger = list(session.scalars(select(Message).order_by(Message.id)))
    lines = crowd.chats * crowd.lines
    return {
        "live_chats": crowd.chats,
        "live_agents": crowd.agents,
        "live_lines": lines,
        "live_lines_a_second": round(lines / seconds, 1),
        **judge(customers, agents, ledger),
        **_times(customers, agents),
        "told_to_wait": sum(each.told_to_wait for each in agents),
        **{f"{name}_cpu_percent": round(100 * used / seconds) for name, used in spent.items()},
    }


def judge(
    customers: Sequence[SimulatedCustomer], agents: Sequence[SimulatedAgent], ledger: Sequence[Message]
) -> dict[str, int]:
    """What was lost, doubled or out of order, in the ledger, on the agents' screens and on the customers' pages.

    Args:
        customers: With what they wrote and what they were shown.
        agents: With what they were shown and what they said.
        ledger: All messages, in order.
    """
    found = {"live_lost": 0, "doubled": 0, "out_of_order": 0}
    for customer in customers:
        chat = customer.conversation_id
        wrote = [line.text for line in customer.lines]
        said = [text for agent in agents for text in agent.said.get(chat, ())]
        stands = [row for row in ledger if row.conversation_id == chat]
        shown = [text for agent in agents for _, text in agent.screen.lines.get(chat, ())]
        numbers = [number for agent in agents for number, _ in agent.screen.lines.get(chat, ())]
        to_a_person = [row.text for row in stands if row.author == "customer" and row.text in set(wrote)]
        from_a_person = [row.text for row in stands if row.author == "agent"]
        for expected, came in (
            (wrote, to_a_person),
            (wrote, shown),
            (said, from_a_person),
            (said, customer.heard),
        ):
            for name, many in compare(expected, came).items():
                found[name] += many
        found["out_of_order"] += numbers != sorted(numbers)
    return found


def compare(expected: Sequence[str], came: Sequence[str]) -> dict[str, int]:
    """How many lines did not come, came again, or came in another order; every line is another one.

    Args:
        expected: What was said, in order.
        came: What arrived, in order.
    """
    first = list(dict.fromkeys(each for each in came if each in set(expected)))
    return {
        "live_lost": len(set(expected) - set(came)),
        "doubled": len(came) - len(set(came)),
        "out_of_order": int(first != [each for each in expected if each in set(first)]),
    }


def _times(customers: Sequence[SimulatedCustomer], agents: Sequence[SimulatedAgent]) -> dict[str, float | None]:
    shown_at = {text: at for agent in agents for text, at in agent.screen.shown_at.items()}
    lines = [line for customer in customers for line in customer.lines if line.text in shown_at]
    to_screen = [1000 * (shown_at[line.text] - line.sent_at) for line in lines]
    to_ledger = [1000 * (line.taken_at - line.sent_at) for line in lines]
    figures = {"screen_ms": to_screen, "taken_ms": to_ledger}
    return {
        f"{name}_p{percent}": _rounded(percentile(values, percent))
        for name, values in figures.items()
        for percent in (50, 95, 99)
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


async def _settled(agents: Sequence[SimulatedAgent], customers: Sequence[SimulatedCustomer], crowd: Crowd) -> None:
    """Waits until every line is answered and every answer has arrived, or for long enough: then they are lost."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        for agent in agents:
            agent.check()
        if all(agent.is_done for agent in agents) and all(len(each.heard) >= crowd.lines for each in customers):
            return
        await asyncio.sleep(0.2)


def _agents(crowd: Crowd, servers: Servers, seed: int) -> list[SimulatedAgent]:
    password, now = secrets.token_urlsafe(16), datetime.now(timezone.utc)
    capacity = -(-crowd.chats // crowd.agents)
    made = []
    with shop_session(servers.settings.database_url) as session:
        for number in range(1, crowd.agents + 1):
            login = f"agent-{number}"
            account, once = add_account(session, login, f"客服{number}", "agent", now)
            if not change_password(account, once, password):
                raise BenchError("a one-time password does not open its account")
            own_agent(session, account, now, ("presale", "aftersale", "general"), capacity=capacity)
            made.append(SimulatedAgent(servers.desk_url, login, password, seed * 1000 + number))
    return made


def _customers(crowd: Crowd, servers: Servers, seed: int) -> list[SimulatedCustomer]:
    lot, numbers = random.Random(seed), count(1)
    made: list[SimulatedCustomer] = []
    now = datetime.now(timezone.utc)
    with shop_session(servers.settings.database_url) as session:
        known = list(session.scalars(select(Customer).order_by(column(Customer.id))))
        while len(made) < crowd.chats:
            number = next(numbers)
            # Every second one is signed in, with orders that an agent's page shows.
            about = known[number // 2 % len(known)] if number % 2 else None
            who = Who(about.id, about.level, about.region, now + _KNOWN_FOR) if about is not None else NOBODY
            place = Where("product", product_no=_PRODUCT)
            conversation, _ = begin(session, "web", now, visitor_id=f"visitor-{number}", who=who, where=place)
            own_lot = random.Random(lot.random())
            made.append(SimulatedCustomer(number, conversation.id, servers.door_url, servers.settings.secret, own_lot))
    return made


def measure(crowd: Crowd, seed: int = 1) -> dict[str, Any]:
    """Starts everything, lets them talk, and ends it.

    Raises:
        BenchError: It could not be done.
    """
    with tempfile.TemporaryDirectory(prefix="sixty-live-") as folder, served(Path(folder), report.RESULTS) as servers:
        return asyncio.run(talk(crowd, servers, seed))


def crowd_of(quick: bool) -> Crowd:
    """Two hundred chats by twenty agents; for a quick run they write less."""
    return Crowd(chats=200, agents=20, lines=2 if quick else 10)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk_live", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two lines of each customer")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chats", type=int, help="how many customers; the agents in proportion")
    told = parser.parse_args(arguments)
    crowd = crowd_of(told.quick)
    if told.chats:
        crowd = Crowd(told.chats, max(1, told.chats // 10), crowd.lines)
    try:
        figures = measure(crowd, told.seed)
    except BenchError as error:
        print(f"desk_live: {error}", file=sys.stderr)
        return 1
    print(json.dumps(figures, ensure_ascii=False, indent=None if told.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
