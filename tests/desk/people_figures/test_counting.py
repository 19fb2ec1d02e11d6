"""What a talk comes to: responses, raw and in office hours; how much goes on at once."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.desk.claims import claim
from sixty.desk.ending import close, finish_wrap_up
from sixty.desk.office_hours import ALWAYS, OfficeHours, Period
from sixty.desk.people_figures.concurrency import concurrency_of
from sixty.desk.people_figures.counting import Line, count_talks, response_of, uncounted
from sixty.desk.people_figures.office_seconds import office_seconds
from sixty.desk.people_figures.talk_rows import TalkFigure
from sixty.desk.speaking import say
from sixty.desk.transfer import ToAgent, transfer
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.ledger.unsaid import RATED
from tests.desk.desk_world import NOW, RULES, Desk

HOURS = OfficeHours(ZoneInfo("Asia/Shanghai"), ((Period(9 * 60, 21 * 60),),) * 7, (Period(12 * 60, 13 * 60),))
# A Monday at ten in China.
TEN = datetime(2026, 11, 23, 2, 0, tzinfo=timezone.utc)


def after(seconds: float, who: str | None) -> Line:
    return Line(TEN + timedelta(seconds=seconds), who)


def test_the_first_line_and_the_answers() -> None:
    lines = [after(20, "li"), after(60, None), after(70, None), after(100, "li"), after(110, "li")]
    found = response_of(TEN, "li", lines, ALWAYS)
    assert (found.first, found.replies, found.seconds, found.lines) == (20, 2, 60, 3)


def test_what_a_guest_answers_counts_for_nobody_here() -> None:
    lines = [after(20, "li"), after(60, None), after(90, "boss"), after(100, "li")]
    assert response_of(TEN, "li", lines, ALWAYS).replies == 1


def test_who_said_nothing_has_no_first_response() -> None:
    found = response_of(TEN, "li", [after(5, None)], ALWAYS)
    assert (found.first, found.first_office, found.replies) == (None, None, 0)


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("10:00", "10:05", 300),
        ("11:50", "13:10", 1200),
        ("12:10", "12:50", 0),
        ("20:55", "21:30", 300),
        ("22:00", "23:00", 0),
        ("13:10", "11:50", 0),
    ],
)
def test_seconds_in_office_hours(start: str, end: str, seconds: float) -> None:
    def at(clock: str) -> datetime:
        hour, minute = clock.split(":")
        return datetime(2026, 11, 23, int(hour), int(minute), tzinfo=ZoneInfo("Asia/Shanghai"))

    assert office_seconds(HOURS, at(start), at(end)) == seconds


@given(start=st.integers(0, 5 * 86400), first=st.integers(0, 2 * 86400), second=st.integers(0, 2 * 86400))
def test_stretches_add_up_and_are_never_longer_than_the_clock_says(start: int, first: int, second: int) -> None:
    one = TEN + timedelta(seconds=start)
    two = one + timedelta(seconds=first)
    three = two + timedelta(seconds=second)
    whole = office_seconds(HOURS, one, three)
    assert whole == pytest.approx(office_seconds(HOURS, one, two) + office_seconds(HOURS, two, three))
    assert 0 <= whole <= (three - one).total_seconds()
    assert office_seconds(ALWAYS, one, three) == (three - one).total_seconds()


def test_how_much_goes_on_at_once() -> None:
    def span(start: int, end: int) -> tuple[datetime, datetime]:
        return TEN + timedelta(minutes=start), TEN + timedelta(minutes=end)

    found = concurrency_of([span(0, 10), span(5, 10), span(10, 20), span(40, 50), span(3, 3)])
    assert found.most == 2
    assert found.busy_seconds == 1800
    assert found.mean == pytest.approx((5 + 10 + 10 + 10) / 30)
    assert concurrency_of([]).mean == 0


def test_talks_are_counted_once_they_are_over(session: Session) -> None:
    desk = Desk(session)
    desk.agent("li")
    desk.agent("zhou")
    hand_off = desk.wants(intent="request_after_sales")
    chat = hand_off.conversation_id
    desk.later(awake=["li", "zhou"], seconds=30)
    claim(session, chat, "li", desk.now)
    desk.later(awake=["li", "zhou"], seconds=40)
    say(session, chat, "li", "1", {"text": "您好"}, desk.now)
    assert uncounted(session) == []
    desk.later(awake=["li", "zhou"], seconds=20)
    transfer(session, chat, "li", ToAgent("zhou"), "", desk.now, rules=RULES)
    desk.later(seconds=10)
    say(session, chat, "zhou", "2", {"text": "我来"}, desk.now)
    desk.later(seconds=50)
    close(session, chat, "zhou", desk.now)
    finish_wrap_up(session, chat, "zhou", "好", (), desk.now)
    assert count_talks(session, RULES) == 2
    assert count_talks(session, RULES) == 0
    first, second = session.query(TalkFigure).order_by(TalkFigure.assignment_id)
    assert (first.agent_id, first.first_reply, first.left_for, first.group_id) == ("li", 40, "transferred", "aftersale")
    assert (second.agent_id, second.first_reply, second.left_for) == ("zhou", 10, "ended")
    assert (second.ended_at - second.began_at).total_seconds() == 60
    assert first.first_reply_office == 40
    assert first.began_at > NOW


def test_a_tap_that_rates_waits_for_no_answer(session: Session) -> None:
    desk = Desk(session)
    desk.agent("li")
    chat = desk.wants(intent="request_after_sales").conversation_id
    claim(session, chat, "li", desk.now)
    desk.later(awake=["li"], seconds=10)
    say(session, chat, "li", "1", {"text": "您好"}, desk.now)
    desk.later(awake=["li"], seconds=10)
    tap = {"conversation_id": chat, "author": "customer", "channel": "web", "kind": RATED, "text": "5"}
    session.add(Message(**blank_message(**tap, state="to_person", at=desk.now)))
    desk.later(awake=["li"], seconds=300)
    say(session, chat, "li", "2", {"text": "谢谢您"}, desk.now)
    close(session, chat, "li", desk.now)
    finish_wrap_up(session, chat, "li", "好", (), desk.now)
    count_talks(session, RULES)
    (talk,) = session.query(TalkFigure)
    assert (talk.replies, talk.reply_seconds) == (1, 10)
