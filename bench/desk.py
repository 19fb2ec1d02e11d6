"""How the desk shares out conversations, measured on made-up days: nobody lost, nobody held by two, waits, evenness.

The days go through the product's own code and database, with a clock of their own: hand-off, queue, routing, breaks,
lines that go dead, messages left at night. The same customers, agents and talks are then shared out by round-robin.
Besides, several desks and agents reach for the same conversations at once, on both databases; and two hundred chats go
over servers that really run (`bench.desk_live`).

    python -m bench.desk [--quick] [--json]
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import statistics
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from bench import desk_live, postgres_server
from bench.desk_day import CLOSES, INTENT, OPENS, SKILL, Coming, Days, Worker, make_days, moment
from bench.desk_round_robin import Course, share_out
from bench.figures import percentile
from sixty.desk.agents import Agent, Presence, add_agent, load_of
from sixty.desk.assignments import Assignment
from sixty.desk.claims import assign_waiting, claim, claim_next
from sixty.desk.conversations import Who, begin
from sixty.desk.desk_errors import DeskError
from sixty.desk.desk_rules import Condition, GroupRules, RoutingRules, SkillRule
from sixty.desk.ending import close, finish_wrap_up, leave_queue
from sixty.desk.handoff_rows import HandOff
from sixty.desk.handoffs import open_handoff
from sixty.desk.office_hours import OfficeHours, Period
from sixty.desk.presence import set_presence
from sixty.desk.queue import place_of
from sixty.desk.ticker import Ticker
from sixty.desk.transfer import ToGroup, transfer
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.tables import column

_TICK = 5.0
_BEAT = 60.0
_WRAP_UP_SECONDS = 20.0


def rules() -> RoutingRules:
    """A shop with three groups, one of which helps the others, and an evening."""
    hours = OfficeHours(ZoneInfo("Asia/Shanghai"), ((Period(OPENS // 60, CLOSES // 60),),) * 7)
    return RoutingRules(
        groups=(
            GroupRules(
                "aftersale",
                "售后",
                hours,
                Condition(intents=frozenset({INTENT["aftersale"]})),
                (),
                "general",
                timedelta(seconds=30),
            ),
            GroupRules(
                "presale",
                "售前",
                hours,
                Condition(intents=frozenset({INTENT["presale"]})),
                (),
                "general",
                timedelta(seconds=30),
            ),
            GroupRules("general", "在线", hours),
        ),
        skills=(SkillRule(SKILL, Condition(reasons=frozenset({"complaint"}))),),
        vip_levels=frozenset({"PLUS"}),
        ahead={"vip": timedelta(minutes=8)},
        longest_queue=10_000,
        longest_wait=timedelta(hours=2),
        idle=None,
        last_agent_within=timedelta(0),
    )


@dataclass
class _Talk:
    """A customer in the course of the days."""

    customer: Coming
    leg: int = 0
    waited: float | None = None
    told: float | None = None
    holder: str | None = None
    generation: int = 0


@dataclass
class Simulation:
    """The days, through the product."""

    url: str
    days: Days
    rules: RoutingRules
    now: float = 0.0
    talks: dict[str, _Talk] = field(default_factory=dict)
    events: list[tuple[float, int, str, str, int]] = field(default_factory=list)
    presence: dict[str, Presence] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def run(self) -> None:
        """Goes through them, tick by tick."""
        self._employ()
        ticker = self.make_ticker()
        coming = list(self.days.customers)[::-1]
        until, beat, queued = self.days.ends + 1, 0.0, False
        while self.now < until:
            self.now = self._next_tick(coming[-1].at if coming else None, beat, queued)
            heard = self.now >= beat
            if heard:
                self._beat()
                self._answer_left()
                # At night there is nobody to be heard of.
                beat = self.now + (_BEAT if OPENS - 600 <= self.now % 86400 < CLOSES + 3600 else 15 * _BEAT)
            while coming and coming[-1].at <= self.now:
                self._arrive(coming.pop())
            self._happen()
            ticker.tick()
            queued = self._begin_talks()
            if heard and not coming and not self._open():
                break

    def make_ticker(self) -> Ticker:
        """What ticks."""
        return Ticker(partial(shop_session, self.url), clock=lambda: moment(self.now), rules=self.rules)

    def _next_tick(self, arrival: float | None, beat: float, queued: bool) -> float:
        """The next moment at which something may happen; the desk ticks every few seconds while somebody waits."""
        soon = [beat, *([arrival] if arrival is not None else []), *(event[0] for event in self.events[:1])]
        at = self.now + _TICK if queued else max(self.now + _TICK, min(soon))
        return math.ceil(at / _TICK) * _TICK

    def _employ(self) -> None:
        with shop_session(self.url) as session:
            for worker in self.days.workers:
                skills = (SKILL,) if worker.skilled else ()
                add_agent(session, worker.id, worker.id, moment(0), worker.groups, skills, ("zh",), worker.capacity)

    def _beat(self) -> None:
        """Agents come, go, take breaks, and are heard of, or not."""
        with shop_session(self.url) as session:
            gone = set(session.scalars(select(Agent.id).where(column(Agent.presence) == "offline")))
            heard: list[str] = []
            for worker in self.days.workers:
                state = self._state_of(worker)
                if state is None:
                    continue
                sent_home = worker.id in gone and state != "offline"
                if self.presence.get(worker.id) != state or sent_home:
                    set_presence(session, worker.id, state, moment(self.now), worker.id, anyway=True)
                    self.presence[worker.id] = state
                if state != "offline":
                    heard.append(worker.id)
            # What `heartbeat` does, for all of them at once.
            session.execute(update(Agent).where(column(Agent.id).in_(heard)).values(heartbeat_at=moment(self.now)))

    def _state_of(self, worker: Worker) -> Presence | None:
        for shift in worker.shifts:
            if shift.start <= self.now < shift.end:
                if shift.dead(self.now):
                    return None
                if shift.break_start <= self.now < shift.break_end:
                    return "away"
                # Towards the end they go on with what they have.
                return "busy" if self.now > shift.end - 600 else "online"
        return "offline"

    def _arrive(self, customer: Coming) -> None:
        now = moment(max(customer.at, self.now - _TICK))
        with shop_session(self.url) as session:
            number = f"C{customer.number:06d}"
            level = "PLUS" if customer.vip else "普通"
            known = Who(number, level, "浙江省", now + timedelta(days=3))
            conversation, _ = begin(session, "web", now, visitor_id=number, who=known)
            self.talks[conversation.id] = _Talk(customer)
            reason = "complaint" if customer.skilled else "asked_for"
            context = {"intents": [INTENT[customer.legs[0].group]]}
            hand_off, _ = open_handoff(
                session, conversation.id, reason, "有问题", context, "web", number, now, told=True, rules=self.rules
            )
            place = place_of(session, hand_off, now, self.rules)
            if hand_off.state == "queued":
                self.talks[conversation.id].told = (
                    place.expected_wait.total_seconds() if place and place.expected_wait is not None else None
                )
                self._push(customer.at + customer.patience, "gives_up", conversation.id, 0)

    def _begin_talks(self) -> bool:
        """Sees who has been given to whom since the last tick; returns whether anybody waits."""
        with shop_session(self.url, read_only=True) as session:
            query = select(HandOff).where(column(HandOff.state) == "taken", column(HandOff.wrap_up_at).is_(None))
            taken = list(session.scalars(query))
            waits = session.scalar(select(HandOff.id).where(column(HandOff.state) == "queued").limit(1)) is not None
        for hand_off in taken:
            talk = self.talks[hand_off.conversation_id]
            assert hand_off.assigned_at is not None
            began = (hand_off.assigned_at - moment(0)).total_seconds()
            key = f"{hand_off.agent_id}@{began}"
            if talk.holder == key:
                continue
            talk.holder = key
            talk.generation += 1
            if talk.waited is None:
                talk.waited = began - talk.customer.at
            self._push(began + talk.customer.legs[talk.leg].seconds, "ends", hand_off.conversation_id, talk.generation)
        return waits

    def _happen(self) -> None:
        while self.events and self.events[0][0] <= self.now:
            at, _, kind, conversation_id, generation = heapq.heappop(self.events)
            talk = self.talks[conversation_id]
            if kind == "gives_up":
                if talk.waited is None:
                    self._give_up(conversation_id, talk, at)
            elif generation == talk.generation:
                self._end(conversation_id, talk, kind)

    def _give_up(self, conversation_id: str, talk: _Talk, at: float) -> None:
        with shop_session(self.url) as session:
            try:
                leave_queue(session, conversation_id, moment(self.now))
            except DeskError:
                return
        talk.waited = at - talk.customer.at

    def _end(self, conversation_id: str, talk: _Talk, kind: str) -> None:
        with shop_session(self.url) as session:
            agent_id = session.scalar(
                select(HandOff.agent_id).where(
                    column(HandOff.conversation_id) == conversation_id, column(HandOff.state) == "taken"
                )
            )
            if agent_id is None:
                # Their agent has gone meanwhile: the talk begins anew with the next one.
                return
            if kind == "wrapped_up":
                finish_wrap_up(session, conversation_id, agent_id, "办好了", (), moment(self.now))
            elif talk.leg + 1 < len(talk.customer.legs):
                talk.leg += 1
                to = ToGroup(talk.customer.legs[talk.leg].group)
                transfer(session, conversation_id, agent_id, to, "请接着看", moment(self.now), rules=self.rules)
            else:
                close(session, conversation_id, agent_id, moment(self.now))
                self._push(self.now + _WRAP_UP_SECONDS, "wrapped_up", conversation_id, talk.generation)

    def _answer_left(self) -> None:
        """Agents with room answer messages that were left."""
        with shop_session(self.url) as session:
            left = list(session.scalars(select(HandOff).where(column(HandOff.state) == "left").limit(5)))
            queued = session.scalar(select(func.count()).where(column(HandOff.state) == "queued"))
            if not left or queued:
                return
            there = [
                each for each in self.days.workers if self.presence.get(each.id) == "online" and each.there(self.now)
            ]
            for hand_off, worker in zip(left, there, strict=False):
                if load_of(session, worker.id) < worker.capacity:
                    claim(session, hand_off.conversation_id, worker.id, moment(self.now))

    def _open(self) -> bool:
        with shop_session(self.url, read_only=True) as session:
            return session.scalar(select(HandOff.id).where(column(HandOff.state) != "closed").limit(1)) is not None

    def _push(self, at: float, kind: str, conversation_id: str, generation: int) -> None:
        heapq.heappush(self.events, (at, next(self.numbers), kind, conversation_id, generation))


def figures_of(simulation: Simulation) -> dict[str, Any]:
    """What came of the days."""
    with shop_session(simulation.url, read_only=True) as session:
        hand_offs = list(session.scalars(select(HandOff)))
        assignments = list(session.scalars(select(Assignment).order_by(Assignment.at, Assignment.id)))
    ended = {each.conversation_id for each in hand_offs if each.state == "closed" and each.end is not None}
    by_day = [talk for talk in simulation.talks.values() if OPENS <= talk.customer.at % 86400 < CLOSES]
    waits = [talk.waited for talk in by_day if talk.waited is not None]
    served: dict[str, int] = defaultdict(int)
    for each in assignments:
        served[each.agent_id] += 1
    told = [
        abs(talk.told - talk.waited)
        for talk in by_day
        if talk.told is not None and talk.waited is not None and talk.waited < talk.customer.patience
    ]
    return {
        "chats": len(simulation.days.customers),
        "lost": len(simulation.days.customers) - len(ended & simulation.talks.keys()),
        "held_by_two": held_by_two(assignments),
        "given_up": sum(each.end == "given_up" for each in hand_offs),
        "messages_left": sum(not OPENS <= talk.customer.at % 86400 < CLOSES for talk in simulation.talks.values()),
        "assignments": len(assignments),
        "wait_p50": _seconds(waits, 50),
        "wait_p90": _seconds(waits, 90),
        "wait_p99": _seconds(waits, 99),
        "told_off_by_p50": _seconds(told, 50),
        "told_off_by_p90": _seconds(told, 90),
        "uneven": unevenness(simulation.days, served),
    }


def held_by_two(assignments: Sequence[Assignment]) -> int:
    """How many conversations were with two at the same moment."""
    spans: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for each in assignments:
        spans[each.conversation_id].append((each.at, each.until))
    return sum(
        any(before[1] is None or after[0] < before[1] for before, after in pairwise(sorted(held, key=lambda it: it[0])))
        for held in spans.values()
    )


def unevenness(days: Days, served: dict[str, int]) -> float:
    """How unevenly work is spread: the coefficient of variation, over agents, of talks by hour and slot."""
    shares = [
        served.get(worker.id, 0) / (worker.capacity * worker.seconds(days.ends) / 3600) for worker in days.workers
    ]
    return round(statistics.pstdev(shares) / statistics.mean(shares), 4)


def round_robin(days: Days) -> dict[str, Any]:
    """The same days by both ways of round-robin."""

    def figures(course: Course, name: str) -> dict[str, Any]:
        return {
            f"wait_p50_{name}": _seconds(course.waits, 50),
            f"wait_p90_{name}": _seconds(course.waits, 90),
            f"uneven_{name}": unevenness(days, course.served),
            f"given_up_{name}": course.given_up,
        }

    return {
        **figures(share_out(days, "plain"), "round_robin"),
        **figures(share_out(days, "with_room"), "round_robin_with_room"),
    }


def grabbed(url: str, chats: int, threads: int = 8, agents: int = 12) -> dict[str, int]:
    """Several desks and agents reach for the same conversations at once.

    Returns:
        `waiting`: how many were reached for; `given`: how many have somebody; `grabbed_twice`: how many had two.
    """
    now = moment(12 * 3600)
    some = replace(rules(), skills=())
    ids = [f"grabber-{number}" for number in range(agents)]
    with shop_session(url) as session:
        for agent_id in ids:
            add_agent(session, agent_id, "客服", now, capacity=99)
            set_presence(session, agent_id, "online", now, agent_id)
        for _ in range(chats):
            conversation, _ = begin(session, "web", now)
            open_handoff(session, conversation.id, "asked_for", "在吗", {}, "web", None, now, told=True, rules=some)
    barrier = threading.Barrier(threads)

    def reach(number: int) -> None:
        barrier.wait()
        for attempt in range(chats):
            with suppress(DeskError), shop_session(url) as session:
                if number % 2:
                    assign_waiting(session, now, 5, some)
                else:
                    claim_next(session, ids[(number + attempt) % agents], now, rules=some)

    workers = [threading.Thread(target=reach, args=(number,)) for number in range(threads)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    with shop_session(url, read_only=True) as session:
        assignments = list(session.scalars(select(Assignment)))
        taken = int(session.scalar(select(func.count()).where(column(HandOff.state) == "taken")) or 0)
    holders = Counter(each.conversation_id for each in assignments)
    return {"waiting": chats, "given": taken, "grabbed_twice": sum(many > 1 for many in holders.values())}


def databases(folder: Path) -> Iterator[tuple[str, str]]:
    """Empty, migrated databases of both kinds, PostgreSQL where it is installed."""
    url = f"sqlite:///{folder / 'grabbed.db'}"
    upgrade_database(url)
    yield "sqlite", url
    engine_for(url).dispose()
    reason = postgres_server.why_not()
    if reason is not None:
        print(f"no PostgreSQL: {reason}", file=sys.stderr)
        return
    with postgres_server.running() as server, server.database("desk") as address:
        upgrade_database(address)
        yield "postgresql", address
        engine_for(address).dispose()


def measure(quick: bool, seed: int = 1) -> dict[str, Any]:
    """Measures all of it."""
    chats, agents, days_count = (1300, 8, 1) if quick else (10_000, 50, 1)
    days = make_days(chats, agents, days_count, seed)
    with tempfile.TemporaryDirectory(prefix="sixty-desk-") as folder:
        url = f"sqlite:///{Path(folder) / 'days.db'}"
        upgrade_database(url)
        simulation = Simulation(url, days, rules())
        simulation.run()
        figures = {**figures_of(simulation), **round_robin(days)}
        engine_for(url).dispose()
        for name, address in databases(Path(folder)):
            came_of_it = grabbed(address, 60 if quick else 200)
            figures[f"grabbed_{name}"] = came_of_it
            figures["held_by_two"] += came_of_it["grabbed_twice"]
            figures["lost"] += came_of_it["waiting"] - came_of_it["given"]
    live = desk_live.measure(desk_live.crowd_of(quick), seed)
    figures["lost"] += live["live_lost"]
    return {**figures, **live}


def _seconds(values: Sequence[float], percent: float) -> float | None:
    value = percentile(values, percent)
    return None if value is None else round(value, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a day of 1300 chats and 8 agents")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args(arguments)
    figures = measure(told.quick, told.seed)
    print(json.dumps(figures, ensure_ascii=False, indent=None if told.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
