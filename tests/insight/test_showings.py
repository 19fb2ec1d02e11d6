from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.insight.models import CapsuleShowing, Visit
from sixty.insight.showings import asked_by, follow_showings
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
CAPSULES = [
    {"title": "多少钱", "payload": "/ask_price"},
    {"title": "什么面料", "payload": '/ask_attribute{"attribute": "材质"}'},
    {"title": "转人工", "payload": "/ask_human"},
]
OFFERED = {
    "sources": ["mined", "pinned", "playbook"],
    "after": "ask_stock",
    "category": "工装",
    "entry": "product",
    "phase": "presale",
    "arm": "pushes",
}


def said(session: Session, second: int, payload: dict[str, Any], *, by: Any = "bot", chat: str = "chat") -> Message:
    incoming = Incoming(chat, "web", text="…", author=by, payload=payload)
    return receive(session, incoming, NOW + timedelta(seconds=second)).message


def push(session: Session, second: int = 0, chat: str = "chat", **offered: Any) -> Message:
    return said(session, second, {"capsules": CAPSULES, "offered": {**OFFERED, **offered}}, chat=chat)


def tap(session: Session, second: int, message: Message, place: int, chat: str = "chat") -> Message:
    chosen = {"title": "…", "payload": "…", "shown": [message.id, place]}
    return said(session, second, {"tap": chosen}, by="customer", chat=chat)


def visit(session: Session, first: Message, ordered: int | None = None) -> Visit:
    row = Visit(
        conversation_id=first.conversation_id,
        first_message_id=first.id,
        started_at=first.at,
        ended_at=first.at,
        channel="web",
        arm="pushes",
        segment="ask",
        score=0.5,
        ordered_at=None if ordered is None else NOW + timedelta(seconds=ordered),
        updated_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def rows(session: Session) -> list[CapsuleShowing]:
    query = select(CapsuleShowing).order_by(CapsuleShowing.message_id, CapsuleShowing.position)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_what_is_pushed_is_written_down_with_its_place_and_source(session: Session) -> None:
    message = push(session)
    assert follow_showings(session, ["chat"]) == 3
    found = rows(session)
    assert [(row.position, row.question, row.title, row.source) for row in found] == [
        (0, "ask_price", "多少钱", "mined"),
        (1, "ask_attribute.材质", "什么面料", "pinned"),
        (2, "ask_human", "转人工", "playbook"),
    ]
    first = found[0]
    assert (first.message_id, first.conversation_id, first.shown_at) == (message.id, "chat", message.at)
    assert (first.after, first.category, first.entry, first.phase, first.arm) == (
        *("ask_stock", "工装", "product", "presale", "pushes"),
    )
    assert (first.tapped_at, first.ordered_at) == (None, None)


def test_choices_of_the_bots_own_are_no_pushes(session: Session) -> None:
    said(session, 0, {"capsules": CAPSULES})
    assert follow_showings(session, ["chat"]) == 0
    assert rows(session) == []


def test_a_tap_belongs_to_the_showing_that_was_tapped_and_the_first_counts(session: Session) -> None:
    early, late = push(session, 0), push(session, 10)
    first = tap(session, 20, early, 1)
    tap(session, 30, early, 1)
    follow_showings(session, ["chat"])
    tapped = {(row.message_id, row.position): row.tapped_message_id for row in rows(session) if row.tapped_at}
    assert tapped == {(early.id, 1): first.id}
    assert rows(session)[1].tapped_at == first.at
    assert late.id in {row.message_id for row in rows(session)}


def test_following_again_changes_nothing_and_what_is_new_comes_in(session: Session) -> None:
    message = push(session, 0)
    beginning = visit(session, message)
    follow_showings(session, ["chat"])
    before = [(row.id, row.visit_id) for row in rows(session)]
    follow_showings(session, ["chat"])
    assert [(row.id, row.visit_id) for row in rows(session)] == before
    assert {visit_id for _, visit_id in before} == {beginning.id}
    tapped = tap(session, 20, message, 0)
    # Only what was said since; the showing is an older message's.
    follow_showings(session, ["chat"], from_id=tapped.id)
    assert rows(session)[0].tapped_message_id == tapped.id


@pytest.mark.parametrize(("ordered", "counts"), [(-5, False), (0, True), (60, True), (None, False)])
def test_an_order_counts_for_what_was_shown_before_it(session: Session, ordered: int | None, counts: bool) -> None:
    opened = said(session, -10, {}, by="customer")
    push(session, 0)
    visit(session, opened, ordered)
    follow_showings(session, ["chat"])
    assert all((row.ordered_at is not None) == counts for row in rows(session))


def test_each_showing_belongs_to_the_visit_that_it_was_shown_in(session: Session) -> None:
    first, second, other = push(session, 0), push(session, 7200), push(session, 0, chat="another")
    earlier, later = visit(session, first, ordered=60), visit(session, second)
    follow_showings(session, ["chat", "another"])
    found = {row.message_id: row for row in rows(session)}
    assert (found[first.id].visit_id, found[second.id].visit_id) == (earlier.id, later.id)
    assert found[first.id].ordered_at is not None
    assert found[second.id].ordered_at is None
    assert found[other.id].visit_id is None
    # An order is attributed later: the same rows say so then.
    later.ordered_at = NOW + timedelta(seconds=9000)
    session.flush()
    follow_showings(session, ["chat"])
    assert {row.message_id: row for row in rows(session)}[second.id].ordered_at == later.ordered_at


@pytest.mark.parametrize(
    "offered",
    [
        None,
        "mined",
        {},
        {"sources": None},
        {"sources": ["mined"], "arm": "loud", "category": 7, "after": None},
        {"sources": ["somebody", 3, None]},
    ],
)
def test_strange_payloads_never_stop_the_follower(session: Session, offered: Any) -> None:
    said(session, 0, {"capsules": [*CAPSULES[:1], {"title": None}], "offered": offered})
    tapped = said(session, 1, {"tap": {"title": "…", "payload": "…", "shown": "1"}}, by="customer")
    assert tapped.id
    assert follow_showings(session, ["chat"]) <= 1
    assert all((row.arm, row.category, row.after) == ("pushes", None, "") for row in rows(session))


@pytest.mark.parametrize(
    ("payload", "question"),
    [
        ("/ask_price", "ask_price"),
        ('/ask_attribute{"attribute": "材质"}', "ask_attribute.材质"),
        ("/ask_human", "ask_human"),
        ("多少钱", None),
        ("", None),
        ("/", None),
    ],
)
def test_a_capsules_question_is_read_from_its_payload(payload: str, question: str | None) -> None:
    assert asked_by(payload) == question
