"""What happens to tickets and promises when their time comes: once each, with several desks, after an outage too."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.assignments import begin_assignment, end_assignment
from sixty.desk.chat_rows import Viewing
from sixty.desk.feed import DeskEvent
from sixty.desk.tickets.flow import Wanted, change, move, raise_ticket
from sixty.desk.tickets.promises import promises_of
from sixty.desk.tickets.reading import Filters, find_tickets, promise_forms
from sixty.desk.tickets.rows import Promise, Ticket, TicketEntry
from sixty.desk.tickets.rules import read_tickets
from sixty.desk.tickets.watching import ALERTS_EACH, is_due, watch
from sixty.settings import project_root
from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.tables import column
from tests.desk.desk_world import NOW, RULES, Desk

TICKETS = read_tickets(project_root() / "playbook")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def raised(session: Session, key: str = "k", type_id: str = "refund", agent: str | None = None) -> Ticket:
    fields = {"order_no": "SO1"} if type_id == "refund" else {}
    wanted = Wanted(key=key, type=type_id, title=key, fields=fields, agent=agent)
    return raise_ticket(session, wanted, "li", NOW, rules=TICKETS, routing=RULES)[0]


def look(session: Session, now: datetime) -> int:
    return watch(session, now, TICKETS, RULES).done


def alerts(session: Session) -> list[dict[str, object]]:
    query = select(DeskEvent).where(column(DeskEvent.kind) == "ticket_alert").order_by(DeskEvent.id)
    return [each.data for each in session.scalars(query)]


def kinds(session: Session, ticket: Ticket) -> list[str]:
    query = select(TicketEntry.kind).where(column(TicketEntry.ticket_id) == ticket.id).order_by(TicketEntry.id)
    return list(session.scalars(query))


def test_each_step_is_taken_once(session: Session) -> None:
    Desk(session).agent("li")
    ticket = raised(session, agent="li")
    assert ticket.due_at == NOW + 24 * HOUR
    assert not is_due(session, NOW + 23 * HOUR, TICKETS)
    soon = NOW + 24 * HOUR - 30 * MINUTE
    assert look(session, soon) == 1
    assert look(session, soon) == 0
    assert [(each["what"], each["to"]) for each in alerts(session)] == [("due_soon", "agent")]
    late = NOW + 24 * HOUR
    assert look(session, late) == 2
    assert ticket.overdue_since == ticket.due_at
    assert look(session, late + MINUTE) == 0
    assert look(session, late + 2 * HOUR) == 1
    assert look(session, late + 9 * HOUR) == 1
    assert [each["to"] for each in alerts(session)] == ["agent", "agent", "group", "supervisor"]
    assert ticket.watch_at is None
    assert kinds(session, ticket) == ["created", "escalated", "overdue", "escalated", "escalated", "escalated"]


def test_after_an_outage_one_alert_tells_all(session: Session) -> None:
    Desk(session).agent("li")
    tickets = [raised(session, f"k{number}") for number in range(ALERTS_EACH + 7)]
    back = NOW + timedelta(days=3)
    watched = watch(session, back, TICKETS, RULES)
    assert (watched.overdue, watched.escalated) == (len(tickets), len(tickets))
    told = alerts(session)
    assert [(each["to"], each["what"], each["count"]) for each in told] == [("supervisor", "overdue", len(tickets))]
    assert look(session, back) == 0


def test_the_clock_stands_still_while_the_customer_is_waited_for(session: Session) -> None:
    Desk(session).agent("li")
    ticket = raised(session)
    move(session, ticket.id, 1, "doing", "li", NOW, rules=TICKETS, routing=RULES)
    asked = NOW + 4 * HOUR
    move(session, ticket.id, 2, "waiting", "li", asked, why="缺照片", rules=TICKETS, routing=RULES)
    assert (ticket.due_at, ticket.watch_at, ticket.seconds_left) == (None, None, 20 * 3600)
    answered = NOW + timedelta(days=5)
    assert look(session, answered) == 0
    move(session, ticket.id, 3, "doing", "li", answered, rules=TICKETS, routing=RULES)
    assert ticket.due_at == answered + 20 * HOUR
    assert ticket.overdue_since is None


def test_office_hours_of_the_group_that_solves_it_count(session: Session) -> None:
    Desk(session).agent("li")
    # From nine to nine with a break at noon: of four hours from eleven on, one lies before the break.
    ticket = raised(session, type_id="complaint")
    assert ticket.due_at == NOW + 5 * HOUR
    change(
        session,
        ticket.id,
        1,
        "li",
        NOW,
        {"type": "callback", "fields": {"phone": "13812345678"}},
        rules=TICKETS,
        routing=RULES,
    )
    assert (ticket.due_at, ticket.group_id) == (NOW + 3 * HOUR, "general")


def test_what_is_done_too_late_says_so(session: Session) -> None:
    Desk(session).agent("li")
    ticket = raised(session, type_id="other")
    move(session, ticket.id, 1, "doing", "li", NOW, rules=TICKETS, routing=RULES)
    late = NOW + timedelta(days=4)
    move(session, ticket.id, 2, "done", "li", late, why="好了", rules=TICKETS, routing=RULES)
    assert ticket.overdue_since == ticket.due_at
    assert look(session, late) == 0
    move(session, ticket.id, 3, "doing", "li", late, why="又坏了", rules=TICKETS, routing=RULES)
    assert ticket.closed_at is None
    assert ticket.due_at is not None
    assert ticket.due_at > late


def test_a_deed_of_the_bot_is_watched_until_it_is_done(session: Session) -> None:
    deed = DeedRow(
        key="d1",
        kind="return",
        conversation_id="c1",
        by="customer",
        state="accepted",
        reference="D1",
        amount=Decimal("9.90"),
        asked_at=NOW,
        promised_at=NOW + 48 * HOUR,
    )
    session.add(deed)
    session.flush()
    assert is_due(session, NOW, TICKETS)
    look(session, NOW)
    promise = session.scalars(select(Promise)).one()
    assert (promise.state, promise.due_at, promise.agent_id) == ("open", NOW + 48 * HOUR, None)
    assert [each["words"] for each in promise_forms(session, [promise], TICKETS, NOW)] == ["退货（D1）"]
    look(session, NOW + 49 * HOUR)
    assert promise.overdue_since == promise.due_at
    deed.state = "done"
    session.flush()
    look(session, NOW + 50 * HOUR)
    assert promise.state == "kept"
    assert not is_due(session, NOW + timedelta(days=9), TICKETS)


def test_what_an_agent_has_done_for_the_customer_is_the_agents_promise(session: Session) -> None:
    desk = Desk(session)
    desk.agent("li")
    desk.agent("wu")
    hand_off = desk.wants()
    begin_assignment(session, hand_off.id, hand_off.conversation_id, "li", "system", "routed", NOW - HOUR)
    end_assignment(session, hand_off.id, "transferred", NOW + HOUR)
    begin_assignment(session, hand_off.id, hand_off.conversation_id, "wu", "li", "transferred", NOW + HOUR)
    for by in ("agent", "customer"):
        session.add(
            DeedRow(
                key=by,
                kind="return",
                conversation_id=hand_off.conversation_id,
                by=by,
                state="accepted",
                reference=by,
                asked_at=NOW,
                promised_at=NOW + 48 * HOUR,
            )
        )
    session.flush()
    look(session, NOW + 2 * HOUR)
    assert {each.key: each.agent_id for each in session.scalars(select(Promise))} == {
        "deed:agent": "li",
        "deed:customer": None,
    }


def test_what_a_deed_promises_is_told_by_its_title(session: Session) -> None:
    common = {"conversation_id": "c", "kind": "deed", "state": "open", "said_at": NOW, "due_at": NOW + HOUR}
    session.add(Promise(key="deed:old", words="price_protection", watch_at=NOW + HOUR, **common))
    session.add(
        DeedRow(
            key="d2",
            kind="urge_refund",
            order_no="SO9",
            conversation_id="c",
            by="customer",
            state="accepted",
            reference="D2",
            asked_at=NOW,
            promised_at=NOW + HOUR,
        )
    )
    session.flush()
    look(session, NOW)
    shown = [each["words"] for each in promise_forms(session, promises_of(session, "c"), TICKETS, NOW)]
    assert shown == ["催退款（订单 SO9）", "价保"]
    look(session, NOW + HOUR)
    told = [each["title"] for alert in alerts(session) for each in alert["promises"]]  # type: ignore[attr-defined]
    assert sorted(told) == ["价保", "催退款（订单 SO9）"]


def test_a_proposed_promise_nobody_said_yes_to_lapses(session: Session) -> None:
    promise = Promise(
        key="k", conversation_id="c", kind="coupon", words="今天补券", state="proposed", said_at=NOW, due_at=NOW + HOUR,
        watch_at=NOW + HOUR,
    )  # fmt: skip
    session.add(promise)
    session.flush()
    look(session, NOW + HOUR)
    assert promise.state == "dropped"
    assert alerts(session) == []


def test_what_is_due_within_a_day_is_found(session: Session) -> None:
    Desk(session).agent("li")
    soon = raised(session, "a")
    everybody = Viewing(None, None, True, True)
    now = NOW + timedelta(minutes=1)
    assert soon in find_tickets(session, everybody, Filters(late="today"), now)[0]
    assert find_tickets(session, everybody, Filters(late="today"), now - 2 * timedelta(days=1))[0] == []
    assert find_tickets(session, everybody, Filters(late="overdue"), now)[0] == []


def test_two_desks_at_once_do_each_once(database_url: str) -> None:
    with shop_session(database_url) as session:
        Desk(session).agent("li")
        for number in range(40):
            raised(session, f"k{number}")
    late = NOW + 26 * HOUR
    troubles: list[BaseException] = []
    at_once = threading.Barrier(2)

    def desk() -> None:
        try:
            at_once.wait(30)
            for _ in range(3):
                with shop_session(database_url) as session:
                    watch(session, late, TICKETS, RULES)
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=desk) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert troubles == []
    with shop_session(database_url, read_only=True) as session:
        query = select(TicketEntry.kind, func.count()).group_by(TicketEntry.kind)
        counted = dict(session.execute(query).all())
        assert (counted["overdue"], counted["escalated"]) == (40, 40)
        assert sum(int(str(each["count"])) for each in alerts(session)) == 40
