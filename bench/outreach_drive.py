"""Lets the simulated month pass before the worker: what happens is written, the clock moves on, the worker ticks.

The worker is called as its process calls it, by its tick and with the present moment; whatever it learns it reads in
the tables. The courier of the chats, which lives in Rasa's process, is played here: it takes what is due out of the
outbox, has it looked at once more, writes the message and says that it was delivered. A provider of SMS is played too.
"""

from __future__ import annotations

import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from bench.outreach_happenings import Happening, Unsubscribed
from bench.outreach_month import BEGINS, ENDS, OWN_SALE, ZONE
from bench.outreach_oracle import COURIER
from bench.outreach_rows import CHANNEL, Quick
from sixty.ledger.outbox import claim_due, sent, withdraw, write_message
from sixty.ledger.replying import mark_delivered
from sixty.shop.database import shop_session

AWAY_FROM = BEGINS + timedelta(days=9, hours=10)
AWAY_UNTIL = BEGINS + timedelta(days=10, hours=6)
"""The worker's machine is down for most of a day."""

_LEASE = timedelta(minutes=5)
_AT_A_TIME = 200


def ticks(step: timedelta = timedelta(minutes=10), at_night: timedelta = timedelta(hours=2)) -> list[datetime]:
    """When the worker looks: all the month but while its machine is down, at night more rarely."""
    found = []
    at = BEGINS + step
    while at < ENDS - COURIER:
        if not AWAY_FROM <= at < AWAY_UNTIL:
            found.append(at)
        hour = at.astimezone(ZONE).hour
        at += at_night if hour >= 22 or hour < 8 else step
    return found


def playbook_with_campaign(original: Path, folder: Path) -> Path:
    """Copies a playbook and adds the shop's own campaign; returns the copy."""
    copy = folder / "playbook"
    shutil.copytree(original, copy)
    begins, ends = (at.strftime("%Y-%m-%d %H:%M") for at in OWN_SALE)
    own = f"  - name: 周年庆\n    phases:\n      sale: {{from: {begins}, until: {ends}}}\n"
    calendar = copy / "campaigns.yml"
    calendar.write_text(calendar.read_text(encoding="utf-8").rstrip() + "\n" + own, encoding="utf-8")
    return copy


@dataclass
class Spent:
    """Where the time went, in seconds, and how much was done."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Counts the time of the block."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - begun


@dataclass(frozen=True)
class Worker:
    """What the worker's process and the courier call.

    Attributes:
        tick: Does what is due at a moment.
        last_look: What is said of a row of the outbox; None when it isn't any more.
        unsubscribe: Takes in that a number wants no more SMS.
        make_calls: Makes the calls that are on the list at a moment; nobody answers.
    """

    tick: Callable[[str, datetime, Spent], None]
    last_look: Callable[..., object]
    unsubscribe: Callable[[Session, str, datetime], object]
    make_calls: Callable[[datetime], object]


def pass_month(
    url: str,
    writer: Quick,
    worker: Worker,
    happenings: Iterable[Happening],
    moments: Sequence[datetime],
    watch: Callable[[datetime], None] = lambda now: None,
) -> Spent:
    """Lets the month pass.

    Args:
        url: The database, with shelves stocked and customers signed up.
        writer: Writes what happens.
        worker: The worker.
        happenings: What happens, in order.
        moments: When the worker looks.
        watch: Called with each of these moments when it is over.
    """
    spent = Spent()
    stream = _Stream(happenings)
    for now in moments:
        _write(url, writer, worker, stream.until(now), spent)
        worker.tick(url, now, spent)
        _write(url, writer, worker, stream.until(now + COURIER), spent)
        with spent.on("courier"):
            deliver(url, worker, now + COURIER)
            worker.make_calls(now + COURIER)
        watch(now)
    _write(url, writer, worker, stream.until(ENDS), spent)
    return spent


def _write(url: str, writer: Quick, worker: Worker, happened: Sequence[Happening], spent: Spent) -> None:
    if not happened:
        return
    with spent.on("world"), shop_session(url) as session:
        spent.counts["happenings"] += writer.write(session, happened)
        for each in happened:
            if isinstance(each, Unsubscribed):
                worker.unsubscribe(session, each.phone, each.at)


class _Stream:
    """Happenings in order, taken bit by bit."""

    def __init__(self, happenings: Iterable[Happening]) -> None:
        self._rest = iter(happenings)
        self._next = next(self._rest, None)

    def until(self, moment: datetime) -> list[Happening]:
        """What happens up to a moment and was not taken yet."""
        taken = []
        while self._next is not None and self._next.at <= moment:
            taken.append(self._next)
            self._next = next(self._rest, None)
        return taken


def deliver(url: str, worker: Worker, now: datetime) -> int:
    """Delivers all that is due in the outbox, as the courier does; returns how much that was."""
    done = 0
    while True:
        with shop_session(url) as session:
            rows = claim_due(session, "month", now + _LEASE, now, _AT_A_TIME)
            arrived = []
            for row in rows:
                said = worker.last_look(session, row, now)
                if said is None:
                    withdraw(session, row)
                    continue
                row.payload = dict(said)  # type: ignore[call-overload]
                message, _ = write_message(session, row, CHANNEL, now)
                arrived.append((row.id, message.id))
            for outbox_id, message_id in arrived:
                sent(session, outbox_id, message_id, now)
            if arrived:
                mark_delivered(session, [message_id for _, message_id in arrived], now)
        if not rows:
            return done
        done += len(rows)
