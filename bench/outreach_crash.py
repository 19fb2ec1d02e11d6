"""Workers and couriers that are killed at random points: is every step there, and said once?

Two workers decide on the same steps and deliver what lies in the outbox, as the courier does; every few dozen
milliseconds one of them is killed with SIGKILL and another one begins. In the end each step must have been said exactly
once: one case, one step, one row of the outbox, one message.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sixty.ledger.models import Message
from sixty.ledger.outbox import claim_due, sent, withdraw, write_message
from sixty.outreach.looking import last_look
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.planning import plan_scene
from sixty.outreach.scenes import Book
from sixty.outreach.sending import RUNG, send_due
from sixty.outreach.ticking import Ticker
from sixty.shop.database import engine_for, shop_session
from sixty.tables import column

_LEASE = timedelta(milliseconds=400)
_SHORTEST, _LONGEST = 0.02, 30.0
_A_FEW = 10


@dataclass(frozen=True)
class Crashed:
    """What came of it.

    Attributes:
        kills: How many workers were killed.
        steps: How many steps there were to say.
        doubled: How many were said more than once, counted in messages.
        lost: How many were not said.
        by_killed: How many were said by workers that were killed later, and not in the end.
    """

    kills: int
    steps: int
    doubled: int
    lost: int
    by_killed: int


def crash(url: str, book: Book, at: datetime, kills: int, seed: int = 1, workers: int = 2) -> Crashed:
    """Kills workers at random points, and counts in the end.

    Args:
        url: A database with orders that are all due at `at`.
        book: The scenes.
        at: The moment of all rounds.
        kills: How many are killed.
        seed: Of the moments at which they are.
        workers: How many run at once.
    """
    draw = random.Random(seed)
    with shop_session(url) as session:
        _settled_plan(session, book, at)
    engine_for(url).dispose()
    running = [_start(url, book, at)]
    longest = 2 * _until_first_word(url)
    running += [_start(url, book, at) for _ in range(workers - 1)]
    for _ in range(kills):
        # By then some have only begun, some are in the middle of deciding, and some of delivering.
        time.sleep(draw.uniform(_SHORTEST, longest))
        victim = running.pop(draw.randrange(len(running)))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        running.append(_start(url, book, at))
    for each in running:
        os.kill(each, signal.SIGKILL)
        os.waitpid(each, 0)
    # What the last ones had claimed is free again.
    time.sleep(_LEASE.total_seconds())
    with shop_session(url, read_only=True) as session:
        meanwhile = len(list(session.scalars(select(Message.id).where(column(Message.author) == "bot"))))
    _work(url, book, at, lambda done: not done)
    with shop_session(url, read_only=True) as session:
        return _count(session, kills, meanwhile)


def _settled_plan(session: Session, book: Book, at: datetime) -> None:
    """Half of the cases are planned before the first worker starts; the other half is found by the workers."""
    first = next(iter(book.scenes.values()))
    plan_scene(session, book, first, at - timedelta(minutes=1))


def _until_first_word(url: str) -> float:
    """Seconds that a new worker takes on this machine until it has said something."""
    begun = time.monotonic()
    while time.monotonic() - begun < _LONGEST:
        with shop_session(url, read_only=True) as session:
            if session.scalar(select(Message.id).where(column(Message.author) == "bot").limit(1)) is not None:
                break
        time.sleep(0.02)
    # The connection must not be shared with the processes that are started now.
    engine_for(url).dispose()
    return time.monotonic() - begun


def _start(url: str, book: Book, at: datetime) -> int:
    child = os.fork()
    if child:
        return child
    try:
        engine_for.cache_clear()
        _work(url, book, at, lambda done: False)
    finally:
        os._exit(0)


def _work(url: str, book: Book, at: datetime, finished: Callable[[int], bool]) -> None:
    ticker = Ticker(partial(shop_session, url, read_only=True), partial(shop_session, url), lambda: book)
    planned = False
    while True:
        try:
            if not planned:
                ticker.plan(book, at)
                planned = True
            # As a round does it, a few at a time, so that a worker is killed before all is decided.
            with shop_session(url) as session:
                done = send_due(session, book, at, _A_FEW).looked_at
            # The courier's clock goes on, the same in all processes: what a killed one had claimed is free again.
            done += _deliver(url, book, at, at + timedelta(seconds=time.monotonic()))
        except OperationalError:
            # The database was busy; the next round does it.
            done = 1
        if finished(done):
            return


def _deliver(url: str, book: Book, at: datetime, clock: datetime) -> int:
    """As the courier does: claimed, looked at once more and written in one transaction, then delivered."""
    with shop_session(url) as session:
        rows = claim_due(session, "bench", clock + _LEASE, clock, 20)
        said = []
        for row in rows:
            if row.message_id is None:
                payload = last_look(session, row, at, book)
                if payload is None:
                    withdraw(session, row)
                    continue
                row.payload = dict(payload)
            message, _ = write_message(session, row, "web", at)
            said.append((row.id, message.id))
    with shop_session(url) as session:
        for row_id, message_id in said:
            sent(session, row_id, message_id, at)
    return len(rows)


def _count(session: Session, kills: int, by_killed: int) -> Crashed:
    cases = set(session.scalars(select(OutreachCase.id).where(column(OutreachCase.arm) == "reminded")))
    query = select(OutreachRung).where(column(OutreachRung.rung) == 1)
    steps = {each.case_id: each for each in session.scalars(query)}
    payloads = session.scalars(select(Message.payload).where(column(Message.author) == "bot"))
    said = Counter(payload[RUNG] for payload in payloads)
    lost = sum(each not in steps or steps[each].state != "sent" or not said[steps[each].id] for each in cases)
    return Crashed(kills, len(cases), sum(many - 1 for many in said.values()), lost, by_killed)
