"""The usual way to share out conversations: in turn, whoever is there, without a look at what they have on their hands.

Two of them. `plain` gives each customer to the next agent of the group at once, where they wait until that one has
room. `with_room` keeps one queue for all and gives the first in it to the next agent who has room.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from bench.desk_day import GROUPS, Coming, Days, Rotation, Worker

Way = Literal["plain", "with_room"]
_LOOK_EVERY = 5.0


@dataclass
class Course:
    """How days went.

    Attributes:
        waits: Seconds until a person took a customer, or until they gave up.
        given_up: How many did.
        served: How many parts of conversations each agent had.
    """

    waits: list[float] = field(default_factory=list)
    given_up: int = 0
    served: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class _Waiting:
    customer: Coming
    leg: int
    since: float


def share_out(days: Days, way: Way) -> Course:
    """Shares out the days' customers."""
    return _RoundRobin(days, way).run()


class _RoundRobin:
    def __init__(self, days: Days, way: Way) -> None:
        self._days = days
        self._way = way
        self._course = Course()
        self._load: dict[str, int] = defaultdict(int)
        self._own: dict[str, deque[_Waiting]] = defaultdict(deque)
        self._shared: list[_Waiting] = []
        self._groups = {group: [each for each in days.workers if group in each.groups] for group in GROUPS}
        self._turns = {group: Rotation([each.id for each in workers]) for group, workers in self._groups.items()}
        self._workers = {worker.id: worker for worker in days.workers}
        self._numbers = count()

    def run(self) -> Course:
        ends: list[tuple[float, int, str, _Waiting]] = []
        coming = deque(self._days.customers)
        now = 0.0
        while coming or ends or self._shared or any(self._own.values()):
            now += _LOOK_EVERY
            if now > self._days.ends + 86400:
                break
            while ends and ends[0][0] <= now:
                at, _, worker_id, done = heapq.heappop(ends)
                self._load[worker_id] -= 1
                if done.leg + 1 < len(done.customer.legs):
                    self._take_in(_Waiting(done.customer, done.leg + 1, at))
            while coming and coming[0].at <= now:
                customer = coming.popleft()
                self._take_in(_Waiting(customer, 0, customer.at))
            for worker_id, waiting in self._begin(now):
                seconds = waiting.customer.legs[waiting.leg].seconds
                heapq.heappush(ends, (now + seconds, next(self._numbers), worker_id, waiting))
        return self._course

    def _of(self, group: str) -> Sequence[Worker]:
        return self._groups[group]

    def _take_in(self, waiting: _Waiting) -> None:
        group = waiting.customer.legs[waiting.leg].group
        if self._way == "plain":
            there = [worker.id for worker in self._of(group) if worker.there(waiting.since)]
            chosen = self._turns[group].next_of(there)
            if chosen is not None:
                self._own[chosen].append(waiting)
                return
        self._shared.append(waiting)

    def _begin(self, now: float) -> list[tuple[str, _Waiting]]:
        begun = []
        if self._way == "plain":
            for worker_id, queue in self._own.items():
                worker = self._workers[worker_id]
                while queue and worker.there(now) and self._load[worker_id] < worker.capacity:
                    if (started := self._start(queue.popleft(), worker_id, now)) is not None:
                        begun.append(started)
        left: list[_Waiting] = []
        for waiting in self._shared:
            group = waiting.customer.legs[waiting.leg].group
            able = [each for each in self._of(group) if each.there(now)]
            if self._way == "with_room":
                able = [each for each in able if self._load[each.id] < each.capacity]
            chosen = self._turns[group].next_of([each.id for each in able])
            if chosen is None:
                left.append(waiting)
            elif self._way == "plain":
                self._own[chosen].append(waiting)
            elif (started := self._start(waiting, chosen, now)) is not None:
                begun.append(started)
        self._shared = left
        return begun

    def _start(self, waiting: _Waiting, worker_id: str, now: float) -> tuple[str, _Waiting] | None:
        waited = now - waiting.since
        first = waiting.leg == 0
        if first and waited > waiting.customer.patience and _by_day(waiting.customer.at):
            self._course.waits.append(waiting.customer.patience)
            self._course.given_up += 1
            return None
        if first and _by_day(waiting.customer.at):
            self._course.waits.append(waited)
        self._load[worker_id] += 1
        self._course.served[worker_id] += 1
        return worker_id, waiting


def _by_day(at: float) -> bool:
    """Whether somebody has come while people were at work; who comes at night leaves a message."""
    return 9 * 3600 <= at % 86400 < 22 * 3600
