"""Compares what the tables say was said first with what should have been said."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bench.outreach_book import Book
from bench.outreach_month import Life
from bench.outreach_oracle import UNSAYABLE, Expected, Oracle
from sixty.ledger.models import Message, OutboxRow
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.shop.order_events.models import OrderEvent
from sixty.tables import column

BY = "outreach"
SAMPLES = 5
"""How many examples of each kind of difference are kept."""

_A_PAGE = 2_000


@dataclass(frozen=True)
class Happened:
    """What became of one rung, as the tables say."""

    who: str
    scene: str
    subject: str
    way: str
    state: str
    at: datetime | None
    why: str


@dataclass
class Verdict:
    """What the comparison has found.

    Attributes:
        rungs: Rungs said and held back that should have been, by scene.
        wrong: Said, or held back, and should not have been.
        missed: Should have been said or held back, and was not.
        moments: Said or held back as it should have been, at another moment.
        unsayable: Rightly due, but there was nothing to say, such as no substitute, by scene.
        reasons: Both say nothing was said, and differ in why; no fault, but worth a look.
        doubled: Said more than once.
        in_quiet: Said in quiet hours.
        over_caps: Said though the customer had heard enough.
    """

    customers: int = 0
    rungs: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unsayable: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    doubled: int = 0
    in_quiet: int = 0
    over_caps: int = 0

    def sample(self, kind: str, text: str) -> None:
        """Keeps an example."""
        if len(self.samples[kind]) < SAMPLES:
            self.samples[kind].append(text)

    def figures(self, scenes: Sequence[str]) -> dict[str, Any]:
        """The result, for people and machines."""
        fired = {scene: self.rungs[scene] for scene in scenes}
        return {
            "customers": self.customers,
            "scenes": len(scenes),
            "scenes_fired": sum(count > 0 for count in fired.values()),
            "fired": fired,
            "right": sum(self.rungs.values()),
            "wrong_fires": sum(self.wrong.values()),
            "at_another_moment": sum(self.moments.values()),
            "nothing_to_say": dict(self.unsayable),
            "missed_fires": sum(self.missed.values()),
            "doubled": self.doubled,
            "in_quiet_hours": self.in_quiet,
            "over_caps": self.over_caps,
            "other_reasons": sum(self.reasons.values()),
            "wrong": dict(self.wrong.most_common()),
            "moments": dict(self.moments.most_common()),
            "missed": dict(self.missed.most_common()),
            "reasons": dict(self.reasons.most_common(20)),
            "samples": dict(self.samples),
        }


def compare(session: Session, oracle: Oracle, lives: Iterable[Life]) -> Verdict:
    """Compares customer by customer.

    Args:
        session: A session that reads the database in which the month has happened.
        oracle: What should have been.
        lives: All customers whose month it was, in order of `who`.
    """
    verdict = Verdict()
    found = _Found(_happened(session))
    for life in lives:
        if life.who is None:
            continue
        verdict.customers += 1
        happened = found.of(life.who)
        unsayable = {(each.scene, each.subject) for each in happened if each.why == UNSAYABLE} if happened else set()
        verdict.unsayable.update(scene for scene, _ in unsayable)
        _judge(verdict, life.who, oracle.fates(life, unsayable), happened)
    for nobodys in found.rest():
        if _fired(nobodys.state):
            verdict.wrong[f"{nobodys.scene}: nobody's"] += 1
            verdict.sample("wrong", str(nobodys))
    _look_at_what_was_said(session, oracle.book, verdict)
    return verdict


def _fired(state: str) -> bool:
    return state in ("sent", "queued", "held")


def _judge(verdict: Verdict, who: str, expected: Sequence[Expected], happened: Sequence[Happened]) -> None:
    should = {(each.scene, each.subject, each.way): each for each in expected}
    did = {(each.scene, each.subject, each.way): each for each in happened}
    for key in sorted({*should, *did}):
        _judge_one(verdict, who, key, should.get(key), did.get(key))


def _judge_one(
    verdict: Verdict, who: str, key: tuple[str, str, str], wanted: Expected | None, was: Happened | None
) -> None:
    scene, _, way = key
    fate = "none" if wanted is None else "skipped" if wanted.fate == "ended" else wanted.fate
    state = "none" if was is None else "sent" if was.state == "queued" else was.state
    why, because = wanted.why if wanted else "", was.why if was else ""
    label = f"{scene} {way}: should be {fate} {why}, is {state} {because}"
    fires, fired = fate in ("sent", "held"), state in ("sent", "held")
    told = f"{who}: should {wanted} | did {was}"
    if fires and fate == state and wanted is not None and was is not None:
        if wanted.at == was.at:
            verdict.rungs[scene] += 1
        else:
            verdict.moments[f"{scene} {way}: {fate} at another time"] += 1
            verdict.sample(f"time {scene} {way}", told)
    elif fires or fired:
        if fired:
            verdict.wrong[label] += 1
            verdict.sample(f"wrong {label}", told)
        if fires:
            verdict.missed[label] += 1
            verdict.sample(f"missed {label}", told)
    elif why != because:
        verdict.reasons[label] += 1
        verdict.sample(f"reason {label}", told)


class _Found:
    """What happened, customer by customer, from rows in the order of `who`."""

    def __init__(self, rows: Iterator[Happened]) -> None:
        self._groups = groupby(rows, key=lambda each: each.who)
        self._next: tuple[str, list[Happened]] | None = self._read()
        self._stray: list[Happened] = []

    def _read(self) -> tuple[str, list[Happened]] | None:
        group = next(self._groups, None)
        return None if group is None else (group[0], list(group[1]))

    def of(self, who: str) -> list[Happened]:
        """What happened to a customer; those asked for come in order."""
        while self._next is not None and self._next[0] < who:
            self._stray += self._next[1]
            self._next = self._read()
        if self._next is None or self._next[0] != who:
            return []
        rows = self._next[1]
        self._next = self._read()
        return rows

    def rest(self) -> list[Happened]:
        """What happened to nobody whom we know."""
        while self._next is not None:
            self._stray += self._next[1]
            self._next = self._read()
        return self._stray


def _happened(session: Session) -> Iterator[Happened]:
    """All rungs that were decided on, in the order of `who`, with subjects as the oracle names them."""
    query = (
        select(
            OutreachCase.who,
            OutreachCase.id,
            OutreachCase.scene,
            OutreachCase.subject_kind,
            OutreachCase.subject_id,
            OutreachCase.ended_because,
            OutreachRung.rung,
            OutreachRung.way,
            OutreachRung.state,
            OutreachRung.reason,
            OutreachRung.sent_at,
            OutreachRung.decided_at,
        )
        .join(OutreachRung, column(OutreachRung.case_id) == OutreachCase.id)
        .where(column(OutreachRung.state) != "planned")
        .order_by(OutreachCase.who, OutreachCase.id, OutreachRung.rung)
    )
    who, case_id, rung = column(OutreachCase.who), column(OutreachCase.id), column(OutreachRung.rung)
    rows: Sequence[Any] = ()
    while True:
        page = query
        if rows:
            last = rows[-1]
            # The first condition is one that an index is entered by.
            behind = or_(who > last.who, case_id > last.id, (case_id == last.id) & (rung > last.rung))
            page = query.where(who >= last.who, behind)
        rows = session.execute(page.limit(_A_PAGE)).all()
        if not rows:
            return
        begun = _begun(session, rows)
        for row in rows:
            yield Happened(
                who=row.who,
                scene=row.scene,
                subject=_subject(row, begun),
                way=row.way,
                state=row.state,
                at=row.sent_at or row.decided_at,
                why=row.reason or "",
            )


def _begun(session: Session, rows: Sequence[Any]) -> Mapping[tuple[str, int], datetime]:
    """When visits, carts and marks began, by their ids."""
    found: dict[tuple[str, int], datetime] = {}
    for kind, table, moment in (("visit", Message, Message.at), ("cart", OrderEvent, OrderEvent.occurred_at)):
        ids = sorted({int(row.subject_id) for row in rows if row.subject_kind == kind})
        for begin in range(0, len(ids), 500):
            query = select(table.id, moment).where(column(table.id).in_(ids[begin : begin + 500]))
            found |= {(kind, number): at for number, at in session.execute(query)}
    return found


def _subject(row: Any, begun: Mapping[tuple[str, int], datetime]) -> str:
    if row.subject_kind in ("visit", "cart"):
        at = begun.get((row.subject_kind, int(row.subject_id)))
        return f"{row.who}@{int(at.timestamp())}" if at is not None else f"{row.subject_kind} {row.subject_id}?"
    return str(row.subject_id)


# ------------------------------------------------------------------------------------------------- what was really said


def _look_at_what_was_said(session: Session, book: Book, verdict: Verdict) -> None:
    """Looks at messages, SMS and calls alone: nothing twice, not at night, not too often."""
    said = select(OutboxRow.message_id, func.count()).where(
        column(OutboxRow.by) == BY, column(OutboxRow.message_id).is_not(None)
    )
    twice = session.execute(said.group_by(OutboxRow.message_id).having(func.count() > 1)).all()
    verdict.doubled += len(twice)
    per_rung = (
        select(OutreachRung.message_id, func.count())
        .where(column(OutreachRung.message_id).is_not(None))
        .group_by(OutreachRung.message_id)
        .having(func.count() > 1)
    )
    verdict.doubled += len(session.execute(per_rung).all())
    messages = session.scalar(
        select(func.count()).select_from(OutboxRow).where(column(OutboxRow.by) == BY, column(OutboxRow.state) == "sent")
    )
    rungs = session.scalar(
        select(func.count())
        .select_from(OutreachRung)
        .where(column(OutreachRung.way) == "chat", column(OutreachRung.state) == "sent")
    )
    # A message that no rung knows of has been said besides.
    verdict.doubled += max(0, messages - rungs)
    capped = {scene.name for scene in book.scenes if scene.capped}
    spoken = (
        select(OutreachRung.who, OutreachRung.scene, Message.at)
        .join(Message, column(Message.id) == OutreachRung.message_id)
        .order_by(OutreachRung.who, Message.at)
        .execution_options(yield_per=5_000)
    )
    for who, rows in groupby(session.execute(spoken), key=lambda row: row.who):
        last: deque[datetime] = deque()
        for row in rows:
            verdict.in_quiet += book.is_quiet(row.at)
            if row.scene not in capped:
                continue
            last.append(row.at)
            while last[0] <= row.at - timedelta(days=1):
                last.popleft()
            if len(last) > book.per_day:
                verdict.over_caps += 1
                verdict.sample("over_caps", f"{who} {row.scene} {row.at}")
    contacts = select(OutreachContact.created_at).execution_options(yield_per=5_000)
    verdict.in_quiet += sum(book.is_quiet(at) for at in session.scalars(contacts))
