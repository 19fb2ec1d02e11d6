"""What the bot says when a customer asks how far their matter is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from sixty.desk.tickets.answering import tickets_told
from sixty.desk.tickets.flow import Wanted, move, raise_ticket
from sixty.desk.tickets.rules import read_tickets
from sixty.settings import project_root
from tests.desk.desk_world import NOW, RULES, Desk

TICKETS = read_tickets(project_root() / "playbook")


def test_their_own_tickets_and_nobody_elses(session: Session) -> None:
    desk = Desk(session)
    desk.agent("li")
    mine, other = desk.customer(customer_id="K1"), desk.customer(customer_id="K2")
    wanted = Wanted(key="k", type="complaint", title="态度差", conversation_id=mine, customer_id="K1", channel="web")
    made, _ = raise_ticket(session, wanted, "li", NOW, rules=TICKETS, routing=RULES)
    said = tickets_told(session, mine, "K1", NOW, TICKETS)
    assert made.no in said
    assert "今天16:00前" in said
    assert tickets_told(session, other, "K2", NOW, TICKETS) == ""
    assert tickets_told(session, "another", None, NOW, TICKETS) == ""
    # In another conversation of theirs, too.
    assert made.no in tickets_told(session, desk.customer(customer_id="K1"), "K1", NOW, TICKETS)
    assert "晚了" in tickets_told(session, mine, "K1", NOW + timedelta(days=1), TICKETS)
    fields = {"about": "客服", "result": "已道歉"}
    move(session, made.id, 1, "doing", "li", NOW, fields=fields, rules=TICKETS, routing=RULES)
    move(session, made.id, 2, "done", "li", NOW, why="已道歉", rules=TICKETS, routing=RULES)
    assert "处理完了" in tickets_told(session, mine, "K1", NOW, TICKETS)
    assert tickets_told(session, mine, "K1", NOW + timedelta(days=8), TICKETS) == ""


def test_the_customer_is_told_in_the_newest_conversation_of_the_same_channel(session: Session) -> None:
    desk = Desk(session)
    desk.agent("li")
    old = desk.customer(customer_id="K1")
    wanted = Wanted(key="k", type="other", title="问问", conversation_id=old, customer_id="K1", channel="web")
    made, _ = raise_ticket(session, wanted, "li", NOW, rules=TICKETS, routing=RULES)
    assert [each.text for each in desk.said(old) if made.no in each.text]
    desk.later(days=2)
    new = desk.customer(customer_id="K1")
    move(session, made.id, 1, "doing", "li", desk.now, rules=TICKETS, routing=RULES)
    latest = desk.said(new) or desk.said(old)[1:]
    assert [each.text for each in latest if made.no in each.text and "比说好的时间晚了" in each.text]
