"""Tickets whose customers do not answer: one reminder, then the end; and who writes finds theirs open."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.claims import claim
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.ending import close
from sixty.desk.feed import DeskEvent
from sixty.desk.office_hours import OfficeHours
from sixty.desk.tickets.answering import tickets_told
from sixty.desk.tickets.flow import Wanted, move, raise_ticket
from sixty.desk.tickets.rows import Promise, Ticket, TicketEntry
from sixty.desk.tickets.rules import TicketRules, read_tickets
from sixty.desk.tickets.watching import is_due, listen, watch, written_about
from sixty.desk.tickets.working_time import days_after
from sixty.ledger.receiving import Incoming, receive
from sixty.settings import project_root
from sixty.shop.database import shop_session
from sixty.tables import column
from tests.desk.desk_world import NOW, RULES, Desk

TICKETS = read_tickets(project_root() / "playbook")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# A desk that is at work every day: of a Monday at eleven one day of work later is Tuesday at eleven.
REMINDED, CLOSED = NOW + DAY, NOW + 3 * DAY


@dataclass
class Waiting:
    """A ticket that waits for its customer since `NOW`."""

    session: Session
    desk: Desk
    chat: str
    ticket: Ticket
    rules: TicketRules = TICKETS
    routing: RoutingRules = RULES

    def look(self, now: datetime) -> tuple[int, int, int]:
        """How many were reminded, closed, taken back to work."""
        watched = watch(self.session, now, self.rules, self.routing)
        return watched.reminded, watched.closed, watched.answered

    def writes(self, text: str, now: datetime, kind: str = "text", chat: str | None = None) -> None:
        """The customer writes, and the desk hears of it."""
        said = Incoming(conversation_id=chat or self.chat, channel="web", kind=kind, text=text)
        receive(self.session, said, now)
        heard = written_about(self.session, now - MINUTE, now, self.rules, self.routing)
        listen(self.session, heard, now, self.rules, self.routing)

    def told(self) -> list[str]:
        """What the customer has read of it since it waits."""
        query = select(TicketEntry).where(column(TicketEntry.ticket_id) == self.ticket.id).order_by(TicketEntry.id)
        entries = list(self.session.scalars(query))
        waits = max(place for place, each in enumerate(entries) if each.after == "waiting" and each.kind == "moved")
        return [each.text for each in entries[waits + 2 :] if each.kind == "told"]


def waiting_one(session: Session, type_id: str = "refund", **wanted: Any) -> Waiting:
    desk = Desk(session)
    desk.agent("li")
    chat = desk.customer(customer_id="K1")
    fields = {"order_no": "SO1"} if type_id == "refund" else {"about": "客服"}
    asked = Wanted(
        key="k", type=type_id, title="没到账", fields=fields, conversation_id=chat, customer_id="K1", channel="web",
        agent="li", **wanted,
    )  # fmt: skip
    made = raise_ticket(session, asked, "li", NOW, rules=TICKETS, routing=RULES)[0]
    move(session, made.id, 1, "doing", "li", NOW, rules=TICKETS, routing=RULES)
    move(session, made.id, 2, "waiting", "li", NOW, why="收款账号的截图", rules=TICKETS, routing=RULES)
    return Waiting(session, desk, chat, made)


@pytest.fixture
def waiting(session: Session) -> Waiting:
    return waiting_one(session)


def test_one_reminder_and_then_the_end(waiting: Waiting) -> None:
    ticket, session = waiting.ticket, waiting.session
    assert not is_due(session, REMINDED - MINUTE, TICKETS)
    assert waiting.look(REMINDED) == (1, 0, 0)
    assert waiting.look(REMINDED) == (0, 0, 0)
    assert [
        ("收款账号的截图" in each, "明天" in each or "后天" in each or "周四" in each) for each in waiting.told()
    ] == [(True, True)]
    assert waiting.look(CLOSED - MINUTE) == (0, 0, 0)
    assert ticket.state == "waiting"
    assert waiting.look(CLOSED) == (0, 1, 0)
    assert (ticket.state, ticket.closed_at, ticket.watch_at) == ("closed", CLOSED, None)
    assert len(waiting.told()) == 2
    assert "结掉" in waiting.told()[1]
    # In the chat itself, too, by the courier.
    assert [each.text for each in waiting.desk.said(waiting.chat)][-2:] == waiting.told()
    assert not is_due(session, CLOSED + 30 * DAY, TICKETS)
    # The bot does not claim that it was solved.
    assert "处理完" not in tickets_told(session, waiting.chat, "K1", CLOSED, TICKETS)
    assert "没有收到您补充" in tickets_told(session, waiting.chat, "K1", CLOSED, TICKETS)


def test_after_an_outage_customers_are_reminded_first_and_have_all_their_time(waiting: Waiting) -> None:
    back = NOW + 10 * DAY
    assert waiting.look(back) == (1, 0, 0)
    assert waiting.look(back + 2 * DAY - MINUTE) == (0, 0, 0)
    assert waiting.look(back + 2 * DAY) == (0, 1, 0)


def test_who_answers_finds_theirs_in_work(waiting: Waiting) -> None:
    ticket = waiting.ticket
    waiting.look(REMINDED)
    answered = REMINDED + 5 * MINUTE
    waiting.writes("账号是支付宝，截图马上发", answered)
    assert (ticket.state, ticket.agent_id) == ("doing", "li")
    assert ticket.due_at == answered + DAY
    assert "接着办" in waiting.told()[-1]
    alerts = waiting.session.scalars(select(DeskEvent).where(column(DeskEvent.kind) == "ticket_alert")).all()
    assert [(each.data["what"], each.agent_id) for each in alerts] == [("answered", "li")]
    assert waiting.look(CLOSED) == (0, 0, 0)


def test_a_picture_from_another_conversation_of_theirs_is_an_answer(waiting: Waiting) -> None:
    other = waiting.desk.customer(customer_id="K1")
    waiting.writes("", NOW + MINUTE, kind="picture", chat=other)
    assert waiting.ticket.state == "doing"


@pytest.mark.parametrize(("text", "kind"), [("好的，谢谢", "text"), ("查物流", "tap")])
def test_a_courtesy_keeps_it_waiting_anew(waiting: Waiting, text: str, kind: str) -> None:
    waiting.look(REMINDED)
    said = REMINDED + 5 * MINUTE
    waiting.writes(text, said, kind)
    assert (waiting.ticket.state, waiting.ticket.watch_at) == ("waiting", said + DAY)
    assert written_about(waiting.session, said - MINUTE, said, TICKETS, RULES) == []
    assert waiting.look(CLOSED) == (1, 0, 0)
    assert waiting.look(CLOSED + 2 * DAY) == (0, 1, 0)


def test_what_others_write_is_no_answer(waiting: Waiting) -> None:
    stranger = waiting.desk.customer(customer_id="K2")
    waiting.writes("我的截图在这里", NOW + MINUTE, chat=stranger)
    assert waiting.ticket.state == "waiting"


def test_who_writes_after_the_end_finds_it_open_again_for_some_days(waiting: Waiting) -> None:
    ticket = waiting.ticket
    waiting.look(REMINDED)
    waiting.look(CLOSED)
    waiting.writes("好的", CLOSED + MINUTE)
    assert ticket.state == "closed"
    waiting.writes("不好意思才看到，截图发您", CLOSED + 6 * DAY)
    assert (ticket.state, ticket.closed_at, ticket.due_at) == ("doing", None, CLOSED + 7 * DAY)
    assert "接着办" in waiting.told()[-1]


def test_after_that_time_it_stays_closed(waiting: Waiting) -> None:
    waiting.look(REMINDED)
    waiting.look(CLOSED)
    waiting.writes("截图发您", CLOSED + 7 * DAY)
    assert waiting.ticket.state == "closed"


def test_what_somebody_has_closed_by_hand_stays_closed(waiting: Waiting) -> None:
    move(waiting.session, waiting.ticket.id, 3, "closed", "li", NOW, why="重复", rules=TICKETS, routing=RULES)
    waiting.writes("那我再问个事", NOW + MINUTE)
    assert waiting.ticket.state == "closed"


def test_who_talks_with_a_person_is_neither_reminded_nor_taken_for_an_answer(waiting: Waiting) -> None:
    session, desk = waiting.session, waiting.desk
    desk.now = NOW + MINUTE
    desk.wants(waiting.chat)
    claim(session, waiting.chat, "li", desk.now)
    waiting.writes("另外一件事，尺码怎么选", desk.now)
    assert waiting.ticket.state == "waiting"
    assert waiting.look(REMINDED) == (0, 0, 0)
    close(session, waiting.chat, "li", desk.now + MINUTE, then="done")
    # From the last line on: what was said to the person is their business, and no answer afterwards.
    assert waiting.look(desk.now + DAY) == (1, 0, 0)
    waiting.writes("收款账号发您了", desk.now + DAY + MINUTE)
    assert waiting.ticket.state == "doing"


def test_promises_of_a_ticket_that_nobody_answered_count_no_more(session: Session) -> None:
    promise = Promise(
        key="p", conversation_id="c", kind="refund", words="24小时内退款", state="open", said_at=NOW, due_at=NOW + DAY
    )
    session.add(promise)
    session.flush()
    waiting = waiting_one(session, promise_id=promise.id)
    waiting.look(REMINDED)
    waiting.look(CLOSED)
    assert promise.state == "dropped"


def test_a_type_may_wait_for_longer_or_for_as_long_as_it_takes(session: Session) -> None:
    waiting = waiting_one(session, "complaint")
    assert waiting.ticket.watch_at == NOW + 2 * DAY
    patient = TicketRules.parse_obj(
        {**TICKETS.dict(by_alias=True), "types": [{**TICKETS.type("complaint").dict(), "unanswered": {"close": False}}]}
    )
    waiting.rules = patient
    assert waiting.look(NOW + 90 * DAY) == (0, 0, 0)
    assert waiting.ticket.state == "waiting"


def test_what_waited_before_there_was_such_a_rule_is_looked_at_too(waiting: Waiting) -> None:
    session, ticket = waiting.session, waiting.ticket
    ticket.watch_at = None
    session.flush()
    later = NOW + 50 * DAY
    heard = written_about(session, later - MINUTE, later, TICKETS, RULES)
    assert heard == [ticket.id]
    listen(session, heard, later, TICKETS, RULES)
    assert waiting.look(later) == (1, 0, 0)


def test_nobody_is_closed_out_behind_their_back(session: Session) -> None:
    """A ticket that was raised by hand has no chat in which anybody could be told."""
    Desk(session).agent("li")
    wanted = Wanted(key="k", type="other", title="电话里问的")
    ticket = raise_ticket(session, wanted, "li", NOW, rules=TICKETS, routing=RULES)[0]
    move(session, ticket.id, 1, "doing", "li", NOW, rules=TICKETS, routing=RULES)
    move(session, ticket.id, 2, "waiting", "li", NOW, why="等地址", rules=TICKETS, routing=RULES)
    assert written_about(session, NOW, NOW + 9 * DAY, TICKETS, RULES) == []
    assert not is_due(session, NOW + 9 * DAY, TICKETS)


def test_two_desks_at_once_tell_each_customer_once(database_url: str) -> None:
    with shop_session(database_url) as session:
        waiting = waiting_one(session)
        ids = waiting.chat, waiting.ticket.id
    at_once = threading.Barrier(2)
    troubles: list[BaseException] = []

    def desk() -> None:
        try:
            at_once.wait(30)
            for now in (REMINDED, CLOSED):
                with shop_session(database_url) as session:
                    watch(session, now, TICKETS, RULES)
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=desk) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert troubles == []
    with shop_session(database_url) as session:
        watch(session, CLOSED, TICKETS, RULES)
        texts = [each.text for each in Desk(session).said(ids[0])]
        assert sum("还差一步" in each for each in texts) == 1
        assert session.get(Ticket, ids[1]).state == "closed" or sum("结掉" in each for each in texts) <= 1


@given(st.integers(1, 20), st.integers(0, 60 * 24 * 14))
@settings(max_examples=200, deadline=None)
def test_days_of_work_are_counted_by_the_calendar(days: int, minutes: int) -> None:
    week = OfficeHours(RULES.groups[0].hours.zone, (RULES.groups[0].hours.week[0],) * 5 + ((),) * 2)
    start = NOW + minutes * MINUTE
    end = days_after(week, start, days)
    assert week.is_open(end)
    first = start.astimezone(week.zone).date()
    between = [first + timedelta(days=ahead) for ahead in range(1, (end.date() - first).days + 1)]
    worked = sum(day.weekday() < 5 for day in between)
    # Work that has stopped for the day goes on with the next one's.
    assert worked in (days, days + 1)
    assert days_after(week, start, days) <= days_after(week, start, days + 1)
