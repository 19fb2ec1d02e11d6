"""Decides what is due, and says it: into the ledger's outbox, the outbox of SMS, or onto the list of calls.

What is due is claimed, looked at, and settled in one transaction, so a worker that dies at any point has done all of it
or nothing. Two workers never decide on the same step – PostgreSQL passes over what another one has locked, SQLite lets
one writer in at a time – nor on steps of the same customer at once, so that caps hold.

A step that breaks keeps back no other: where deciding on all together raises, each is decided on by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.ledger.outbox import OutboxItem, put
from sixty.ledger.replying import PUSH
from sixty.outreach.candidates import Candidate
from sixty.outreach.case_facts import facts_of_all
from sixty.outreach.checking import FORGET, Against, against
from sixty.outreach.contacts import put_contact
from sixty.outreach.going_on import MOST_ATTEMPTS, delay_after, set_apart
from sixty.outreach.models import OutreachCase, OutreachRung, RungState
from sixty.outreach.numbers import dialable_number, mobile_number
from sixty.outreach.planning import drawn, insert_new, next_rung, rung_row
from sixty.outreach.reasons import BROKEN
from sixty.outreach.scenes import Book, Scene
from sixty.outreach.sms_words import whole_sms
from sixty.outreach.standing import Standing, trigger_of
from sixty.outreach.stopping import end_cases
from sixty.outreach.why_not_bought import why_not_bought
from sixty.outreach.wishes import put_off, take_back
from sixty.outreach.words import Gaps, NothingToSayError, chat_payload, contact_text
from sixty.tables import column

OUTREACH = "outreach"
"""Who wants it said, in the outbox."""

RUNG = "rung"
"""In the payload of a row of the outbox: the step that it is."""

CALL_WITHIN = timedelta(days=1)
"""How long a call may be made that lies on the list."""

AT_ONCE = 100
"""How many steps are decided on in one transaction."""


@dataclass
class Done:
    """What became of the steps that were due.

    Attributes:
        looked_at: How many there were.
        said: How many were said, or lie in an outbox.
        held: How many belong to the control group.
        reasons: How many were left unsaid, by reason.
    """

    looked_at: int = 0
    said: int = 0
    held: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: Done) -> Done:
        """Counts both."""
        names = {*self.reasons, *other.reasons}
        both = {name: self.reasons.get(name, 0) + other.reasons.get(name, 0) for name in names}
        return Done(self.looked_at + other.looked_at, self.said + other.said, self.held + other.held, both)

    def unsaid(self, reason: str) -> None:
        """Counts one more that was left unsaid."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


def outbox_key(case_id: int, rung: int) -> str:
    """The key of a step in the ledger's outbox: the same step is there once."""
    return f"{OUTREACH}:{case_id}:{rung}"


def send_due(session: Session, book: Book, now: datetime, limit: int = AT_ONCE) -> Done:
    """Decides on what is due now, in one transaction.

    Args:
        session: A session that may write; what it does counts when it commits.
        book: The scenes.
        now: The present moment.
        limit: How many steps at most.

    Returns:
        What became of them; with `looked_at` below `limit` nothing more is due.
    """
    claimed = _claim(session, now, limit)
    rungs = _of_free_cases(session, _only_free(session, claimed)) if claimed else []
    return Done(len(claimed)) + decide(session, book, rungs, now)


def decide(session: Session, book: Book, rungs: Sequence[OutreachRung], now: datetime) -> Done:
    """Decides on some steps as if they were due now, in their order.

    Args:
        session: A session that may write, and that holds the steps.
        book: The scenes.
        rungs: The steps, planned ones.
        now: The moment.
    """
    done = Done()
    if not rungs:
        return done
    with set_apart(session, "outreach.steps_broken") as together:
        decided = _decide_on(session, book, rungs, now)
    if not together.broken:
        return decided
    for rung in rungs:
        with set_apart(session, "outreach.step_broken", rung=rung.id, scene=rung.scene) as alone:
            done += _decide_on(session, book, [rung], now)
        if alone.broken:
            try_later(rung, now)
    session.flush()
    return done


def try_later(rung: OutreachRung, now: datetime) -> None:
    """Puts a step off of which something broke, longer each time; in the end it is given up when its turn comes."""
    rung.state, rung.decided_at = "planned", None
    rung.attempts += 1
    rung.not_before = now + delay_after(rung.attempts)


def _decide_on(session: Session, book: Book, rungs: Sequence[OutreachRung], now: datetime) -> Done:
    done = Done()
    query = select(OutreachCase).where(column(OutreachCase.id).in_([each.case_id for each in rungs]))
    cases = {each.id: each for each in session.scalars(query)}
    standing = Standing(session, book, list(cases.values()), now)
    for rung in rungs:
        _decide(session, standing, cases[rung.case_id], rung, done)
    session.flush()
    return done


def _claim(session: Session, now: datetime, limit: int) -> list[OutreachRung]:
    query = (
        select(OutreachRung)
        .where(
            text("outreach_rung.state = 'planned'"),
            column(OutreachRung.due_at) <= now,
            or_(column(OutreachRung.not_before).is_(None), column(OutreachRung.not_before) <= now),
        )
        .order_by(column(OutreachRung.due_at), column(OutreachRung.priority), column(OutreachRung.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return in_turn(session.scalars(query))


def in_turn(rungs: Iterable[OutreachRung]) -> list[OutreachRung]:
    """Steps in the order in which they have their turn: of what is due at one moment, the case planned first."""
    return sorted(rungs, key=lambda each: (each.due_at, each.priority, each.case_id, each.rung))


def _only_free(session: Session, rungs: list[OutreachRung]) -> list[OutreachRung]:
    """The steps of customers on whom no other worker decides at this moment; the others wait for the next round."""
    visitors = select(column(Conversation.id), column(Conversation.customer_id)).where(
        column(Conversation.id).in_({each.who for each in rungs}), column(Conversation.customer_id).is_not(None)
    )
    # Who was a visitor and has signed in since is one person.
    signed_in = {row.id: row.customer_id for row in session.execute(visitors)}
    people = {each.who: signed_in.get(each.who, each.who) for each in rungs}
    free = {person: lock_customer(session, person, wait=False) for person in sorted(set(people.values()))}
    return [each for each in rungs if free[people[each.who]]]


def lock_customer(session: Session, who: str, *, wait: bool = True) -> bool:
    """Lets nobody else decide on steps of a customer until the transaction ends, so that caps hold.

    Args:
        session: A session that may write.
        who: The customer.
        wait: Whether to wait for somebody else who does; without, False is what such a customer gives.
    """
    if session.get_bind().dialect.name != "postgresql":
        return True
    lock = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    locked = session.scalar(text(f"SELECT {lock}(hashtextextended(:key, 7))"), {"key": f"outreach to {who}"})
    return wait or bool(locked)


def _of_free_cases(session: Session, rungs: Sequence[OutreachRung]) -> list[OutreachRung]:
    """The steps whose cases nobody is about to end, whom waiting for would be a deadlock; they are locked with it."""
    query = select(OutreachCase).where(column(OutreachCase.id).in_([each.case_id for each in rungs]))
    locked = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    free = {each.id for each in session.scalars(locked)}
    return [each for each in rungs if each.case_id in free]


def _decide(
    session: Session,
    standing: Standing,
    case: OutreachCase,
    rung: OutreachRung,
    done: Done,
) -> None:
    scene = standing.book.scenes.get(case.scene)
    if scene is None:
        _end(session, case, rung, "withdrawn", standing.now, done)
        return
    if rung.attempts >= MOST_ATTEMPTS:
        give_up(session, standing.book, case, rung, "skipped", BROKEN, standing.now)
        done.unsaid(BROKEN)
        return
    if _has_moved(standing, scene, case, rung):
        return
    found = against(standing, scene, case, rung, counts=True)
    if found is not None:
        _leave_unsaid(session, standing, scene, case, rung, found, done)
        return
    choose_by_why(session, standing, scene, case)
    if not case.audience:
        _end(session, case, rung, "for_nobody", standing.now, done)
        return
    try:
        if case.arm == "control":
            # Of whom nothing could be said, nothing is compared either.
            words_for(session, standing, scene, case, rung, writes=False)
            _hold(scene, case, rung, standing.now, done)
        else:
            _say(session, standing, scene, case, rung)
            done.said += 1
    except NothingToSayError:
        _end(session, case, rung, "nothing_to_say", standing.now, done)


def _leave_unsaid(
    session: Session,
    standing: Standing,
    scene: Scene,
    case: OutreachCase,
    rung: OutreachRung,
    found: Against,
    done: Done,
) -> None:
    if found.ends and found.why != FORGET:
        _end(session, case, rung, found.why, standing.now, done)
        return
    if found.why == FORGET:
        take_back(session, case)
    elif not put_off(session, standing.book, case, rung, found.why, standing.now):
        _pass_over(session, standing.book, scene, case, rung, found.why, standing.now)
    done.unsaid(found.reason)


def _has_moved(standing: Standing, scene: Scene, case: OutreachCase, rung: OutreachRung) -> bool:
    """Puts a step off when what it waits for has begun anew: the customer has gone on with the chat."""
    visit = standing.visits.get(case.subject_id) if case.subject_kind == "visit" else None
    if visit is None or rung.rung != 1 or visit.ended_at <= case.moment:
        return False
    case.moment = visit.ended_at
    rung.due_at = standing.book.due(scene, case.moment, case.category)
    rung.latest_at = rung.due_at + scene.late
    return rung.due_at > standing.now


def choose_by_why(session: Session, standing: Standing, scene: Scene, case: OutreachCase) -> None:
    """Where it matters why they did not buy, that decides on audience and wording; in both arms alike.

    Args:
        session: Any session.
        standing: How things stand with the case.
        scene: Its scene.
        case: The case, whose `why`, `audience` and `variant` it sets; an empty audience is nobody.
    """
    if case.exposed_at is not None or not any(each.whys for each in scene.audiences.values()):
        return
    case.why = why_not_bought(session, standing, case)
    trigger, customer = trigger_of(scene, case), standing.stops.names.customer_of(case)
    about = Candidate(trigger, case.subject_id, case.moment, customer, product_no=case.product_no)
    (now_known,) = facts_of_all(session, standing.book, scene, [about])
    facts = replace(now_known.facts, amount=case.amount, why=case.why)
    chosen = drawn(scene, case.who, facts)
    case.audience, case.variant = chosen if chosen is not None else ("", "")


def _expose(scene: Scene, case: OutreachCase, now: datetime) -> None:
    if case.exposed_at is None:
        case.exposed_at = now
        case.watch_until = now + scene.attributed_within


def _hold(scene: Scene, case: OutreachCase, rung: OutreachRung, now: datetime, done: Done) -> None:
    _expose(scene, case, now)
    rung.state, rung.decided_at = "held", now
    case.state, case.ended_at, case.ended_because = "ended", now, "held"
    done.held += 1


def _end(session: Session, case: OutreachCase, rung: OutreachRung, why: str, now: datetime, done: Done) -> None:
    rung.state, rung.reason, rung.decided_at = "skipped", why, now
    if case.state == "open":
        session.flush()
        end_cases(session, [case.id], why, now)
    done.unsaid(why)


def give_up(
    session: Session, book: Book, case: OutreachCase, rung: OutreachRung, state: RungState, why: str, now: datetime
) -> None:
    """Gives a step up for good; the next one of the ladder has its turn as after one that was passed over."""
    rung.state, rung.reason, rung.decided_at = state, why, now
    session.flush()
    scene = book.scenes.get(case.scene)
    with set_apart(session, "outreach.ladder_broken", rung=rung.id) as following:
        if scene is not None:
            plan_next(session, book, scene, case, rung, rung.due_at, now)
    if scene is None or following.broken:
        end_cases(session, [case.id], why, now)


def _pass_over(
    session: Session,
    book: Book,
    scene: Scene,
    case: OutreachCase,
    rung: OutreachRung,
    why: str,
    now: datetime,
) -> None:
    rung.state, rung.reason, rung.decided_at = "skipped", why, now
    plan_next(session, book, scene, case, rung, rung.due_at, now)


def plan_next(
    session: Session, book: Book, scene: Scene, case: OutreachCase, rung: OutreachRung, base: datetime, now: datetime
) -> None:
    """Plans the step after one, or ends the case when that was the last.

    Args:
        session: A session that may write.
        book: The scenes, for the quiet hours.
        scene: The case's scene.
        case: The case.
        rung: The step before.
        base: What the wait counts from: when that step was said, or when it was due and not said.
        now: The present moment.
    """
    if case.state != "open":
        return
    following = next_rung(scene, rung.rung, case.amount)
    if following is None:
        case.state, case.ended_at, case.ended_because = "ended", now, "exhausted"
        return
    ordinal, step = following
    due_at = book.clock.out_of_quiet(base + step.wait)
    row = rung_row(case.id, case.who, scene, ordinal, step, due_at)
    session.flush()
    insert_new(session, OutreachRung.__table__, [row], ("case_id", "rung"))


def words_for(
    session: Session, standing: Standing, scene: Scene, case: OutreachCase, rung: OutreachRung, writes: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """What a step says, in the form of a reply, and what fills the gaps of an SMS.

    Where a gap of the wording cannot be filled, such as no substitute, one of those kept for that is the case's.

    Raises:
        NothingToSayError: None of them can be filled.
    """
    step = scene.rung(rung.rung)
    wordings = scene.wordings(case.audience, case.variant)
    if step is None or step.way != rung.way or not wordings:
        raise NothingToSayError("the scene has been rewritten")
    if rung.way == "chat":
        for place, variant in enumerate(wordings, start=1):
            gaps = Gaps(session, standing, scene, case, standing.chat_for(case), writes)
            try:
                payload = chat_payload(gaps, variant)
            except NothingToSayError:
                if place == len(wordings):
                    raise
                continue
            case.variant = variant.id
            return payload, {}
    text, variables = contact_text(Gaps(session, standing, scene, case, writes=writes), step)
    return {"text": text}, variables


def _say(session: Session, standing: Standing, scene: Scene, case: OutreachCase, rung: OutreachRung) -> None:
    now = standing.now
    payload, variables = words_for(session, standing, scene, case, rung, writes=True)
    rung.text = payload["text"]
    if rung.way == "chat":
        chat = standing.chat_for(case)
        assert chat is not None  # it was looked at before
        case.conversation_id = case.conversation_id or chat.id
        payload |= {PUSH: OUTREACH, RUNG: rung.id, "scene": scene.id, "case": case.id}
        put(session, OutboxItem(outbox_key(case.id, rung.rung), chat.id, "bot", payload, now, OUTREACH), now)
    else:
        phone = standing.phone_for(case)
        number = mobile_number(phone) if rung.way == "sms" else dialable_number(phone)
        step = scene.rung(rung.rung)
        assert number is not None  # it was looked at before
        assert step is not None
        if rung.way == "sms":
            rung.text = whole_sms(standing.book.sms_signature, rung.text)
        put_contact(session, rung, number, step.template, variables, rung.text, now)
        if rung.way == "phone":
            rung.latest_at = now + CALL_WITHIN
    rung.state, rung.decided_at = "queued", now
    _expose(scene, case, now)
    if scene.capped and rung.way != "phone":
        standing.heard(case)
