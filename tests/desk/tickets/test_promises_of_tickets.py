"""Which promises a ticket keeps, and what becomes of them when it is solved, closed, opened again or changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.inspection.stretch_reading import _fate
from sixty.desk.speaking import write
from sixty.desk.tickets.answering import tickets_told
from sixty.desk.tickets.flow import Wanted, change, move, raise_ticket
from sixty.desk.tickets.promises import note_promises
from sixty.desk.tickets.rows import Promise, Ticket
from sixty.desk.tickets.rules import read_tickets
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive
from sixty.settings import project_root
from tests.desk.desk_world import NOW, RULES, Desk

TICKETS = read_tickets(project_root() / "playbook")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def says(session: Session, chat: str, text: str, now: datetime) -> Message:
    conversation = session.get(Conversation, chat)
    assert conversation is not None
    return write(session, conversation, "agent", {"text": text}, text, "li", now)[0]


def promised(session: Session, kind: str = "refund", due: datetime = NOW + 2 * HOUR) -> Promise:
    promise = Promise(
        key=kind, conversation_id="c", kind=kind, words="2小时内退款", state="open", said_at=NOW, due_at=due,
        watch_at=due,
    )  # fmt: skip
    session.add(promise)
    session.flush()
    return promise


def raised(session: Session, promise: Promise, type_id: str = "refund") -> Ticket:
    Desk(session).agent("li")
    wanted = Wanted(
        key="k", type=type_id, title="没到账", fields={"order_no": "SO1"}, promise_id=promise.id, agent="li"
    )
    return raise_ticket(session, wanted, "li", NOW, rules=TICKETS, routing=RULES)[0]


@pytest.mark.parametrize(("kind", "type_id"), [("deed", "complaint"), ("deed", "refund"), ("refund", "complaint")])
def test_a_ticket_leaves_alone_what_it_does_not_keep(session: Session, kind: str, type_id: str) -> None:
    promise = promised(session, kind, NOW + 3 * DAY)
    ticket = raised(session, promise, type_id)
    assert promise.ticket_id is None
    assert ticket.due_at == NOW + (5 * HOUR if type_id == "complaint" else DAY)


@pytest.mark.parametrize(("promised_in", "due_in"), [(2 * HOUR, 2 * HOUR), (3 * DAY, DAY)])
def test_a_ticket_is_due_by_its_promise_or_by_its_type_whichever_is_sooner(
    session: Session, promised_in: timedelta, due_in: timedelta
) -> None:
    promise = promised(session, due=NOW + promised_in)
    ticket = raised(session, promise)
    assert (ticket.due_at, promise.ticket_id) == (NOW + due_in, ticket.id)


@pytest.mark.parametrize(("kind", "type_id"), [("coupon", "price_difference"), ("reply", "other")])
def test_a_ticket_of_the_type_that_a_promise_names_keeps_it(session: Session, kind: str, type_id: str) -> None:
    promise = promised(session, kind)
    ticket = raised(session, promise, type_id)
    assert promise.ticket_id == ticket.id


def moved(session: Session, ticket: Ticket, to: str, now: datetime = NOW, why: str = "说明") -> None:
    fields = {"amount": "9.90"} if to == "done" else None
    move(session, ticket.id, ticket.version, to, "li", now, why=why, fields=fields, supervisor=True, rules=TICKETS,
         routing=RULES)  # fmt: skip


def test_a_ticket_closed_unsolved_leaves_its_promise_open(session: Session) -> None:
    promise = promised(session)
    ticket = raised(session, promise)
    moved(session, ticket, "closed")
    assert (promise.state, promise.ticket_id, promise.watch_at) == ("open", None, promise.due_at - HOUR / 4)


def test_a_ticket_opened_again_has_its_promise_open_again(session: Session) -> None:
    promise = promised(session)
    ticket = raised(session, promise)
    moved(session, ticket, "doing")
    moved(session, ticket, "done", NOW + HOUR)
    assert (promise.state, promise.settled_at) == ("kept", NOW + HOUR)
    moved(session, ticket, "closed", NOW + 2 * HOUR)
    assert promise.state == "kept"
    moved(session, ticket, "doing", NOW + 3 * HOUR)
    assert (promise.state, promise.settled_at, promise.ticket_id) == ("open", None, ticket.id)
    assert promise.watch_at is not None
    moved(session, ticket, "done", NOW + 4 * HOUR)
    assert (promise.state, promise.overdue_since) == ("kept", promise.due_at)


@pytest.mark.parametrize(("ways", "told"), [(["closed"], True), (["doing", "done", "closed"], False)])
def test_the_customer_hears_of_an_end_unless_it_was_solved_before(
    session: Session, ways: list[str], told: bool
) -> None:
    desk = Desk(session)
    desk.agent("li")
    chat = desk.customer(customer_id="K1")
    wanted = Wanted(key="k", type="refund", title="没到账", fields={"order_no": "SO1"}, conversation_id=chat)
    ticket = raise_ticket(session, wanted, "li", NOW, rules=TICKETS, routing=RULES)[0]
    for hours, each in enumerate(ways):
        moved(session, ticket, each, NOW + hours * HOUR, why="和另一张重复了")
    assert any("结掉" in each.text for each in desk.said(chat)) is told
    assert ("先结掉了" in tickets_told(session, chat, None, NOW + 3 * HOUR, TICKETS)) is told


@pytest.mark.parametrize(
    ("changes", "due_in"),
    # A complaint has four hours of work and has used one: after the break at noon there are three more.
    [({"group": "general"}, 4 * HOUR), ({"type": "exchange", "fields": {"wanted": "XL"}}, DAY + 5 * HOUR)],
)
def test_who_gets_a_ticket_late_has_the_time_that_is_left(
    session: Session, changes: dict[str, Any], due_in: timedelta
) -> None:
    Desk(session).agent("li")
    wanted = Wanted(key="k", type="complaint", title="态度差", fields={"about": "客服", "order_no": "SO1"})
    ticket = raise_ticket(session, wanted, "li", NOW, rules=TICKETS, routing=RULES)[0]
    moved(session, ticket, "doing")
    moved(session, ticket, "waiting", NOW + HOUR)
    answered = NOW + 5 * DAY
    moved(session, ticket, "doing", answered)
    change(session, ticket.id, ticket.version, "li", answered, changes, rules=TICKETS, routing=RULES)
    assert (ticket.due_at, ticket.overdue_since) == (answered + due_in, None)


def test_who_gets_a_ticket_keeps_what_was_promised(session: Session) -> None:
    promise = promised(session)
    ticket = raised(session, promise)
    change(session, ticket.id, 1, "li", NOW + HOUR, {"group": "general"}, rules=TICKETS, routing=RULES)
    assert ticket.due_at == promise.due_at


@pytest.mark.parametrize(
    ("asks", "text", "after", "state"),
    [
        (False, "请您不要着急哦", timedelta(seconds=3), "proposed"),
        (True, "好的，谢谢您", timedelta(minutes=20), "proposed"),
        (True, "仓库说已经找到了", timedelta(seconds=40), "kept"),
        (False, "仓库说已经找到了", timedelta(minutes=20), "kept"),
    ],
)
def test_only_an_answer_keeps_what_was_to_be_answered(
    session: Session, asks: bool, text: str, after: timedelta, state: str
) -> None:
    chat = Desk(session).customer()
    said = says(session, chat, "两小时内给您回复", NOW)
    noted = note_promises(session, said, None, NOW, TICKETS, RULES)
    assert [each.kind for each in noted] == ["reply"]
    if asks:
        receive(session, Incoming(conversation_id=chat, channel="web", kind="text", text="找到了吗"), NOW + after / 2)
    note_promises(session, says(session, chat, text, NOW + after), None, NOW + after, TICKETS, RULES)
    assert noted[0].state == state


@pytest.mark.parametrize(("by", "fate"), [("system", "open"), ("li", "dropped")])
def test_inspection_looks_for_what_nobody_said_no_to(by: str, fate: str) -> None:
    assert _fate(Promise(state="dropped", settled_by=by)) == fate
