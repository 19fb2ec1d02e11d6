"""Finds what scenes are about, and plans the first step of each case.

Every look goes on where the last one ended, with an overlap for what is told late; now and then one goes back as far as
a first step may still be said. However often and by however many workers it is done, a case and a step are there once.

What breaks – a scene, or one candidate – keeps back no other, and is tried again at later looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from sixty.outreach.candidates import Candidate, Span, candidates
from sixty.outreach.case_facts import CaseFacts, facts_of_all
from sixty.outreach.control import arm_of, variant_of
from sixty.outreach.going_on import Patience, set_apart
from sixty.outreach.growth import Growth
from sixty.outreach.models import OutreachCase, OutreachCursor, OutreachRung
from sixty.outreach.nameless import without_forgotten
from sixty.outreach.reasons import BROKEN
from sixty.outreach.scenes import Book, Facts, Rung, Scene

HORIZON = timedelta(days=1)
"""How long before its first step a case is planned."""

OVERLAP = timedelta(minutes=15)
"""How far each look reaches back into the one before."""

CURSOR_EVERY = timedelta(minutes=5)
"""How often the cursor is moved: each look overlaps the one before by more, so nothing is passed over."""

LOOK_FAR_BACK_EVERY = timedelta(hours=1)

OpenSession = Callable[[], AbstractContextManager[Session]]

_A_DAY = timedelta(days=1)
_CASES: Any = OutreachCase.__table__
_RUNGS: Any = OutreachRung.__table__
_CURSORS: Any = OutreachCursor.__table__
_ONE_CASE = ("scene", "subject_kind", "subject_id")


@dataclass(frozen=True)
class Planned:
    """What a look has brought: cases that wait for their first step, and those that are for nobody."""

    cases: int = 0
    for_nobody: int = 0

    def __add__(self, other: Planned) -> Planned:
        """Counts both."""
        return Planned(self.cases + other.cases, self.for_nobody + other.for_nobody)


def plan_scene(
    session: Session,
    book: Book,
    scene: Scene,
    now: datetime,
    far: bool = False,
    writing: OpenSession | None = None,
    only: str | None = None,
) -> Planned:
    """Looks for new cases of a scene.

    Args:
        session: A session that may write; one that only reads where `writing` is given.
        book: The scenes.
        scene: The one to look for.
        now: The present moment.
        far: Whether to look back as far as a first step may still be said; the first look of a scene always does.
        writing: Opens a session for each page, so that a look at very many holds up nobody else who writes.
        only: Looks for one customer's cases alone, and remembers nothing of that look.
    """
    write = writing or (lambda: nullcontext(session))
    reached: dict[str, datetime] = {}
    planned = _look(session, book, scene, now, _Look(_cursors(session), far, write, only, reached, Patience()))
    if only is None:
        _move_cursors(write, reached, now)
    return planned


def plan_new(
    session: Session,
    book: Book,
    now: datetime,
    far: bool = False,
    writing: OpenSession | None = None,
    patience: Patience | None = None,
) -> Planned:
    """Looks for new cases of all scenes; arguments as of `plan_scene`, and what has broken at looks before."""
    write = writing or (lambda: nullcontext(session))
    look = _Look(_cursors(session), far, write, None, {}, patience or Patience())
    planned = Planned()
    for scene in book.scenes.values():
        with set_apart(session, "outreach.scene_broken", scene=scene.id):
            planned += _look(session, book, scene, now, look)
    # Where all scenes ended, in one transaction: a look that finds nothing new hardly writes.
    _move_cursors(write, look.reached, now)
    return planned


@dataclass(frozen=True)
class _Look:
    """One look over some scenes.

    Attributes:
        cursors: Where the looks before have ended, by scene.
        far: Whether it goes back as far as a first step may still be said.
        write: Opens a session that may write.
        only: One customer's cases alone.
        reached: How far cursors are to be moved, by scene; filled by the look.
        patience: What has broken at looks before.
    """

    cursors: Mapping[str, datetime]
    far: bool
    write: OpenSession
    only: str | None
    reached: dict[str, datetime]
    patience: Patience


def _look(session: Session, book: Book, scene: Scene, now: datetime, look: _Look) -> Planned:
    ahead = max(scene.shortest_wait - HORIZON, timedelta(0))
    until = now - ahead
    cursor = look.cursors.get(scene.id)
    farthest = now - scene.longest_wait - _A_DAY - scene.late
    since = farthest if cursor is None else cursor - OVERLAP
    if look.far:
        since = min(since, farthest)
    planned, growth = Planned(), Growth()
    for trigger in scene.triggers:
        for page in candidates(session, Span(scene.id, trigger, since, until, now, look.only)):
            with look.write() as session_of_page:
                planned += _plan_page(session_of_page, book, scene, page, now, look.patience)
            growth.add(len(page), look.write)
    if cursor is None or until - cursor >= CURSOR_EVERY:
        look.reached[scene.id] = until
    return planned


def next_rung(scene: Scene, after: int, amount: Any) -> tuple[int, Rung] | None:
    """The step after another one that a case takes: steps for higher amounts are left out.

    Args:
        scene: The scene.
        after: The step before it; 0 for the first one.
        amount: What is at stake, in yuan; None where that is not known.
    """
    for ordinal, rung in enumerate(scene.ladder, 1):
        if ordinal > after and (rung.at_least is None or (amount is not None and amount >= rung.at_least)):
            return ordinal, rung
    return None


def insert_new(session: Session, table: Any, rows: list[dict[str, Any]], key: tuple[str, ...]) -> None:
    """Writes rows that are not there yet."""
    if not rows:
        return
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(table).on_conflict_do_nothing(index_elements=list(key)), rows)


def drawn(scene: Scene, who: str, facts: Facts) -> tuple[str, str] | None:
    """The audience of somebody, and the variant that they read; None where the scene is not for them."""
    audience = scene.audience_of(facts)
    if audience is None:
        return None
    weights = {each.id: each.share for each in scene.variants_for(audience)}
    return audience, variant_of(f"{scene.id}/{audience}", who, weights)


def rung_row(case_id: int, who: str, scene: Scene, ordinal: int, rung: Rung, due_at: datetime) -> dict[str, Any]:
    """A planned step as a row."""
    return {
        "case_id": case_id,
        "rung": ordinal,
        "scene": scene.id,
        "who": who,
        "way": rung.way,
        "state": "planned",
        "priority": scene.place,
        "due_at": due_at,
        "latest_at": due_at + scene.late,
        "text": "",
    }


def _plan_page(
    session: Session, book: Book, scene: Scene, page: list[Candidate], now: datetime, patience: Patience
) -> Planned:
    """Plans the cases of a page: all together, or where that breaks each by itself."""
    page = [each for each in page if not patience.waits((scene.id, each.subject), now)]
    planned = Planned()
    with set_apart(session, "outreach.page_broken", scene=scene.id) as together:
        planned = _plan(session, book, scene, page, now)
    if not together.broken:
        return planned
    for each in page:
        with set_apart(session, "outreach.candidate_broken", scene=scene.id, subject=each.subject) as alone:
            planned += _plan(session, book, scene, [each], now)
        if alone.broken and patience.broke((scene.id, each.subject), now):
            insert_new(session, _CASES, [_given_up(scene, each, now)], _ONE_CASE)
    return planned


def _plan(session: Session, book: Book, scene: Scene, page: list[Candidate], now: datetime) -> Planned:
    page = without_forgotten(session, page)
    if not page:
        return Planned()
    facts = facts_of_all(session, book, scene, page)
    rows = [_case_row(scene, each, known, now) for each, known in zip(page, facts, strict=True)]
    insert_new(session, _CASES, rows, _ONE_CASE)
    ids = _ids(session, scene, page)
    dues = {each.subject: book.due(scene, each.moment, known.category) for each, known in zip(page, facts, strict=True)}
    rungs = []
    for row in rows:
        first = next_rung(scene, 0, row["amount"])
        if row["state"] == "open" and first is not None and row["subject_id"] in ids:
            case_id = ids[row["subject_id"]]
            rungs.append(rung_row(case_id, row["who"], scene, first[0], first[1], dues[row["subject_id"]]))
    insert_new(session, _RUNGS, rungs, ("case_id", "rung"))
    return Planned(len(rungs), len(rows) - len(rungs))


def _ids(session: Session, scene: Scene, page: Iterable[Candidate]) -> Mapping[str, int]:
    """The numbers of cases, by subject; of one kind, as a page is of one trigger."""
    found = list(page)
    query = select(_CASES.c.subject_id, _CASES.c.id).where(
        _CASES.c.scene == scene.id,
        _CASES.c.subject_kind == found[0].kind,
        _CASES.c.subject_id.in_([each.subject for each in found]),
    )
    return {row.subject_id: row.id for row in session.execute(query)}


def _case_row(scene: Scene, found: Candidate, known: CaseFacts, now: datetime) -> dict[str, Any]:
    # Why somebody did not buy is found out when the first step is due; until then the widest audience counts.
    facts = known.facts
    chosen = drawn(scene, found.who, facts)
    if chosen is None and any(each.whys for each in scene.audiences.values()):
        first = next(name for name, each in scene.audiences.items() if each.whys)
        chosen = (first, scene.variants_for(first)[0].id)
    is_open = chosen is not None and next_rung(scene, 0, facts.amount) is not None
    return {
        "scene": scene.id,
        "subject_kind": found.kind,
        "subject_id": found.subject,
        "who": found.who,
        "customer_id": found.customer_id,
        "conversation_id": found.conversation_id,
        "order_no": found.order_no,
        "product_no": known.product_no or found.product_no,
        "sku_code": found.sku_code,
        "category": known.category,
        "amount": facts.amount,
        "region": known.region,
        "audience": chosen[0] if chosen else "",
        "variant": chosen[1] if chosen else "",
        "arm": arm_of(scene.id, found.who, scene.control),
        "moment": found.moment,
        "state": "open" if is_open else "ended",
        "ended_at": None if is_open else now,
        "ended_because": None if is_open else "for_nobody",
        "settled_at": None if is_open else now,
        "created_at": now,
    }


def _given_up(scene: Scene, found: Candidate, now: datetime) -> dict[str, Any]:
    """A case of which nothing but what it is about could be found out."""
    return {
        "scene": scene.id,
        "subject_kind": found.kind,
        "subject_id": found.subject,
        "who": found.who,
        "customer_id": found.customer_id,
        "conversation_id": found.conversation_id,
        "order_no": found.order_no,
        "product_no": found.product_no,
        "sku_code": found.sku_code,
        "audience": "",
        "variant": "",
        "arm": arm_of(scene.id, found.who, scene.control),
        "moment": found.moment,
        "state": "ended",
        "ended_at": now,
        "ended_because": BROKEN,
        "settled_at": now,
        "created_at": now,
    }


def _cursors(session: Session) -> dict[str, datetime]:
    return {row.scene: row.until for row in session.execute(select(_CURSORS.c.scene, _CURSORS.c.until))}


def _move_cursors(write: OpenSession, reached: Mapping[str, datetime], now: datetime) -> None:
    if not reached:
        return
    with write() as session:
        there = set(session.scalars(select(_CURSORS.c.scene).where(_CURSORS.c.scene.in_(list(reached)))))
        new = [{"scene": each, "until": until, "seen_at": now} for each, until in reached.items() if each not in there]
        insert_new(session, _CURSORS, new, ("scene",))
        # Another worker may have gone further.
        further = update(_CURSORS).where(
            _CURSORS.c.scene == bindparam("of_scene"), _CURSORS.c.until < bindparam("reached")
        )
        moved = [{"of_scene": each, "reached": reached[each], "now": now} for each in sorted(there)]
        if moved:
            session.execute(further.values(until=bindparam("reached"), seen_at=bindparam("now")), moved)
