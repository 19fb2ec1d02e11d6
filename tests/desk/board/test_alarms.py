"""Alarms: each opens once, is seen to by somebody, and closes when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from sixty.desk.beside.ratings import Satisfaction
from sixty.desk.board.alarm_rows import Alarm, alarms_since, standing_alarms
from sixty.desk.board.alarms import acknowledge, is_news, measured_now, watch
from sixty.desk.board.supervision_rules import AlarmRule, SupervisionRules
from sixty.desk.claims import claim
from sixty.desk.ending import close
from sixty.desk.feed import events_since
from sixty.desk.handoffs import HandOff
from sixty.desk.speaking import say
from sixty.desk.staff.accounts import add_account
from sixty.desk.tickets.rows import Ticket
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from tests.desk.desk_world import NOW, Desk

ANGRY = {"intent": {"name": "complain"}, "entities": [{"entity": "mood", "value": "angry"}]}


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    made.agent("li", presence="busy")
    return made


def look(desk: Desk, *rules: AlarmRule) -> list[Alarm]:
    """What stands after the desk has looked."""
    found = SupervisionRules(alarms=tuple(rules))
    measured = measured_now(desk.session, desk.now, found)
    if is_news(desk.session, measured, found):
        watch(desk.session, measured, desk.now, found)
    return standing_alarms(desk.session)


def subjects(alarms: Sequence[Alarm]) -> list[str]:
    return [each.subject for each in alarms]


def writes(desk: Desk, chat: str, understood: object = None) -> None:
    values = blank_message(
        conversation_id=chat, author="customer", channel="web", text="在吗", state="to_person", at=desk.now
    )
    desk.session.add(Message(**{**values, "understood": understood}))
    desk.session.flush()


def taken(desk: Desk) -> HandOff:
    hand_off = desk.wants()
    return claim(desk.session, hand_off.conversation_id, "li", desk.now)


def test_an_alarm_opens_once_and_closes_when_it_is_over(desk: Desk) -> None:
    rule = AlarmRule("long", "waiting", "排队", 2, "group", timedelta(minutes=1))
    first = desk.wants(intent="ask_size")
    assert look(desk, rule) == []
    desk.wants(intent="ask_size")
    desk.wants()
    assert subjects(look(desk, rule)) == ["group:presale"]
    desk.later(seconds=2)
    desk.wants(intent="ask_size")
    assert [(each.opened_at, each.worst) for each in look(desk, rule)] == [(NOW, 3)]
    for hand_off in (first, desk.session.query(HandOff).filter_by(group_id="presale", state="queued")[1]):
        claim(desk.session, hand_off.conversation_id, "li", desk.now)
    # One that trembles around its threshold is one alarm.
    assert [each.state for each in look(desk, rule)] == ["open"]
    desk.later(seconds=50)
    assert len(look(desk, rule)) == 1
    desk.later(seconds=10)
    assert look(desk, rule) == []
    (alarm,) = alarms_since(desk.session, NOW)
    assert (alarm.state, alarm.closed_at, alarm.worst) == ("closed", desk.now, 3)
    told = [each.data["state"] for each in events_since(desk.session, 0) if each.kind == "alarm"]
    assert told == ["open", "closed"]


def test_what_comes_back_before_it_is_calm_goes_on(desk: Desk) -> None:
    rule = AlarmRule("wait", "longest_wait", "等太久", 60, "all", timedelta(minutes=5))
    first = desk.wants()
    desk.later(awake=["li"], seconds=70)
    look(desk, rule)
    claim(desk.session, first.conversation_id, "li", desk.now)
    desk.wants()
    look(desk, rule)
    desk.later(awake=["li"], seconds=70)
    (alarm,) = look(desk, rule)
    assert (alarm.calm_since, alarm.measured) == (None, 70)


def test_a_first_line_that_does_not_come(desk: Desk) -> None:
    rule = AlarmRule("first", "first_response", "没回第一句", 60, "chat")
    chat = taken(desk).conversation_id
    desk.later(seconds=59)
    assert look(desk, rule) == []
    desk.later(seconds=1)
    (alarm,) = look(desk, rule)
    assert (alarm.conversation_id, alarm.agent_id) == (chat, "li")
    say(desk.session, chat, "li", "1", {"text": "您好"}, desk.now)
    assert look(desk, rule) == []


def test_an_agent_who_is_silent(desk: Desk) -> None:
    rule = AlarmRule("silent", "agent_silent", "没人回", 120, "chat")
    chat = taken(desk).conversation_id
    desk.later(seconds=200)
    assert look(desk, rule) == []
    say(desk.session, chat, "li", "1", {"text": "您好"}, desk.now)
    desk.later(seconds=300)
    # It is the customer's turn.
    assert look(desk, rule) == []
    writes(desk, chat)
    desk.later(seconds=60)
    writes(desk, chat)
    desk.later(seconds=60)
    (alarm,) = look(desk, rule)
    assert alarm.measured == 120
    close(desk.session, chat, "li", desk.now)
    assert look(desk, rule) == []


def test_a_customer_who_is_angry(desk: Desk) -> None:
    rule = AlarmRule("upset", "negative_mood", "不高兴", 2, "chat")
    chat = desk.wants().conversation_id
    writes(desk, chat, ANGRY)
    writes(desk, chat)
    assert look(desk, rule) == []
    writes(desk, chat, ANGRY)
    assert subjects(look(desk, rule)) == [f"chat:{chat}"]


def test_scores_that_fall(desk: Desk) -> None:
    rule = AlarmRule("low", "low_score", "满意度低", 3.5, "agent", within=timedelta(hours=1), at_least=3)
    for number, score in enumerate((5, 2, 2)):
        hand_off = taken(desk)
        desk.session.add(
            Satisfaction(
                conversation_id=hand_off.conversation_id,
                hand_off_id=hand_off.id,
                agent_id="li",
                by="agent",
                asked_at=desk.now,
                score=score,
                rated_at=desk.now,
                tags=[],
                text="",
            )
        )
        desk.session.flush()
        assert bool(look(desk, rule)) is (number == 2)
    assert standing_alarms(desk.session)[0].subject == "agent:li"
    desk.later(minutes=61)
    assert look(desk, rule) == []


def test_tickets_that_are_late(desk: Desk) -> None:
    rule = AlarmRule("late", "overdue", "工单过期", 1)
    names = {each.name for each in Ticket.__table__.columns} - {"id"}
    values = {
        **dict.fromkeys(names),
        "key": "t",
        "type": "callback",
        "state": "new",
        "title": "回电",
        "text": "",
        "group_id": "general",
        "fields": {},
        "by": "li",
        "version": 1,
        "step": 0,
        "searched": "",
        "created_at": desk.now,
        "state_since": desk.now,
        "updated_at": desk.now,
        "urgent": False,
        "due_at": desk.now + timedelta(minutes=5),
    }
    known = {name: value for name, value in values.items() if name in names}
    desk.session.add(Ticket(**known))
    desk.session.flush()
    desk.later(minutes=5)
    assert look(desk, rule) == []
    desk.later(seconds=1)
    assert subjects(look(desk, rule)) == [""]


def test_who_sees_to_it_first_counts(desk: Desk) -> None:
    rule = AlarmRule("long", "waiting", "排队", 1)
    one, _ = add_account(desk.session, "wang", "王班长", "supervisor", desk.now)
    other, _ = add_account(desk.session, "zhao", "赵班长", "supervisor", desk.now)
    desk.wants()
    (alarm,) = look(desk, rule)
    acknowledge(desk.session, alarm.id, one.id, desk.now)
    desk.later(seconds=5)
    acknowledge(desk.session, alarm.id, other.id, desk.now)
    assert (alarm.state, alarm.acknowledged_by, alarm.acknowledged_at) == ("acknowledged", one.id, NOW)
    # It goes on to be the same alarm.
    assert [each.state for each in look(desk, rule)] == ["acknowledged"]
    with pytest.raises(LookupError):
        acknowledge(desk.session, 999, one.id, desk.now)


def test_an_alarm_whose_rule_is_gone_closes(desk: Desk) -> None:
    desk.wants()
    assert len(look(desk, AlarmRule("long", "waiting", "排队", 1, calm_for=timedelta(hours=9)))) == 1
    assert look(desk) == []


def test_nothing_is_written_where_nothing_is_amiss(desk: Desk) -> None:
    rules = SupervisionRules(alarms=(AlarmRule("long", "waiting", "排队", 5),))
    desk.wants()
    assert not is_news(desk.session, measured_now(desk.session, desk.now, rules), rules)
