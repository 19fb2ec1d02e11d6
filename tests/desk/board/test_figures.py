"""The board's figures: what is open, today beside yesterday, by region, channel, group; only what is new is read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.desk.beside.ratings import Satisfaction
from sixty.desk.board.board_routes import without_people
from sixty.desk.board.day import DaysOfChats
from sixty.desk.board.figures import board_figures
from sixty.desk.board.supervision_rules import SupervisionRules
from sixty.desk.claims import claim
from sixty.desk.conversations import Conversation
from sixty.desk.ending import close, finish_wrap_up
from sixty.desk.people_figures.counting import count_talks
from sixty.desk.speaking import say
from sixty.desk.transfer import ToGroup, transfer
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from tests.desk.desk_world import RULES, Desk

ZONE = RULES.groups[0].hours.zone


def said(desk: Desk, chat: str, author: str, outcome: str | None = None) -> None:
    state = "answered" if author == "customer" else "delivered"
    values = blank_message(conversation_id=chat, author=author, channel="web", text="在", state=state, at=desk.now)
    desk.session.add(Message(**{**values, "payload": {"outcome": outcome} if outcome else {}}))
    desk.session.flush()


def bots_chat(desk: Desk, outcome: str = "answered") -> str:
    chat = desk.customer()
    said(desk, chat, "customer")
    said(desk, chat, "bot", outcome)
    return chat


def peoples_chat(desk: Desk) -> str:
    chat = desk.customer()
    said(desk, chat, "customer")
    desk.wants(chat)
    return chat


def figures(desk: Desk, days: DaysOfChats | None = None) -> dict[str, Any]:
    return board_figures(desk.session, days or DaysOfChats(ZONE), RULES, SupervisionRules(), desk.now)


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    made.agent("li", presence="busy", capacity=4)
    return made


def test_what_is_open(desk: Desk) -> None:
    first = peoples_chat(desk)
    desk.later(awake=["li"], seconds=30)
    peoples_chat(desk)
    claim(desk.session, first, "li", desk.now)
    bots_chat(desk)
    desk.later(awake=["li"], seconds=10)
    now = figures(desk)["now"]
    assert (now["waiting"], now["longest_wait"], now["in_service"], now["with_bot"]) == (1, 10, 1, 2)
    assert (now["busy"], now["load"], now["slots"]) == (1, 1, 4)


def test_the_bots_share_and_what_it_solved(desk: Desk) -> None:
    bots_chat(desk)
    bots_chat(desk, "missed")
    left_open = desk.customer()
    said(desk, left_open, "customer")
    peoples_chat(desk)
    today = figures(desk)["today"]
    assert (today["chats"], today["handed_over"], today["bot_share"]) == (4, 1, 0.75)
    # Nothing is over yet.
    assert today["resolution"] is None
    desk.later(minutes=11)
    assert figures(desk)["today"]["resolution"] == 0.25


@pytest.mark.parametrize(
    ("outcomes", "resolution"),
    [
        (["answered"], 1.0),
        (["answered", "social"], 1.0),
        (["answered", None], 0.0),
        (["asked_back"], 0.0),
        (["social"], 0.0),
        ([None], 0.0),
        (["missed", "answered"], 1.0),
        (["answered", "missed", "social"], 0.0),
    ],
)
def test_only_an_answer_solves_anything(desk: Desk, outcomes: list[str | None], resolution: float) -> None:
    chat = desk.customer()
    for outcome in outcomes:
        said(desk, chat, "customer")
        said(desk, chat, "bot", outcome)
    desk.later(minutes=11)
    assert figures(desk)["today"]["resolution"] == resolution


def test_what_is_left_overnight_and_answered_in_the_morning_is_a_persons(desk: Desk) -> None:
    days = DaysOfChats(ZONE)
    chat = peoples_chat(desk)
    figures(desk, days)
    desk.later(awake=["li"], hours=22)
    claim(desk.session, chat, "li", desk.now)
    say(desk.session, chat, "li", "1", {"text": "您好，昨晚的留言看到了"}, desk.now)
    said(desk, chat, "customer")
    close(desk.session, chat, "li", desk.now)
    finish_wrap_up(desk.session, chat, "li", "", (), desk.now)
    said(desk, chat, "bot", "answered")
    bots_chat(desk)
    desk.later(minutes=11)
    for read in (days, DaysOfChats(ZONE)):
        today = figures(desk, read)["today"]
        assert (today["chats"], today["handed_over"]) == (2, 0)
        assert (today["bot_share"], today["resolution"]) == (0.5, 0.5)
    # On the next day it is nobody's any more.
    desk.later(hours=24)
    said(desk, chat, "customer")
    said(desk, chat, "bot", "answered")
    assert figures(desk, days)["today"]["bot_share"] == 1.0


def test_who_got_it_later_and_what_became_known_later_counts(desk: Desk) -> None:
    days = DaysOfChats(ZONE)
    desk.agent("wang", groups=("aftersale",), presence="busy")
    chat = desk.visitor()
    said(desk, chat, "customer")
    desk.wants(chat)
    claim(desk.session, chat, "li", desk.now)
    by = figures(desk, days)["by"]
    assert ([each["title"] for each in by["group"]], by["region"]) == (["在线客服"], [])
    transfer(desk.session, chat, "li", ToGroup("aftersale"), "退货", desk.now, rules=RULES)
    claim(desk.session, chat, "wang", desk.now)
    close(desk.session, chat, "wang", desk.now)
    finish_wrap_up(desk.session, chat, "wang", "", (), desk.now)
    desk.session.get(Conversation, chat).region = "浙江省"
    said(desk, chat, "customer")
    desk.session.flush()
    by = figures(desk, days)["by"]
    assert [(each["title"], each["handed_over"]) for each in by["group"]] == [("售后客服", 1)]
    assert [(each["title"], each["chats"]) for each in by["region"]] == [("浙江省", 1)]


def test_first_response_and_satisfaction(desk: Desk) -> None:
    for seconds in (20, 40, 120):
        chat = peoples_chat(desk)
        hand_off = claim(desk.session, chat, "li", desk.now)
        desk.later(awake=["li"], seconds=seconds)
        say(desk.session, chat, "li", f"{seconds}", {"text": "您好"}, desk.now)
        if seconds != 120:
            close(desk.session, chat, "li", desk.now)
            finish_wrap_up(desk.session, chat, "li", "", (), desk.now)
            desk.session.add(
                Satisfaction(
                    conversation_id=chat,
                    hand_off_id=hand_off.id,
                    agent_id="li",
                    by="agent",
                    asked_at=desk.now,
                    score=5 if seconds == 20 else 2,
                    rated_at=desk.now,
                    tags=[],
                    text="",
                )
            )
            desk.session.flush()
    count_talks(desk.session, RULES)
    found = figures(desk)
    # A talk that goes on counts as those that are over.
    assert found["today"]["first_response"] == 60
    assert found["today"]["in_time"] == pytest.approx(2 / 3)
    assert (found["today"]["satisfaction"], found["today"]["content"], found["today"]["ratings"]) == (3.5, 0.5, 2)
    (li,) = found["agents"]
    assert (li["talks"], li["first_response"], li["satisfaction"], li["load"]) == (2, 30, 3.5, 1)
    public = without_people(found)
    assert "satisfaction" not in public["agents"][0]


def test_by_what_it_is_counted(desk: Desk) -> None:
    peoples_chat(desk)
    bots_chat(desk)
    by = figures(desk)["by"]
    assert [(each["key"], each["chats"], each["waiting"]) for each in by["region"]] == [("浙江省", 2, 1)]
    assert [(each["title"], each["handed_over"]) for each in by["group"]] == [("在线客服", 1)]
    assert by["skill"] == by["category"] == []


def test_the_bots_share_where_the_customers_are(desk: Desk) -> None:
    bots_chat(desk)
    bots_chat(desk, "missed")
    peoples_chat(desk)
    desk.later(minutes=11)
    bots_chat(desk)
    by = figures(desk)["by"]
    assert [(each["title"], each["bot_share"], each["resolution"]) for each in by["channel"]] == [("网页", 0.75, 1 / 3)]
    assert [(each["key"], each["bot_share"], each["resolution"]) for each in by["region"]] == [("浙江省", 0.75, 1 / 3)]
    # Which group or skill it would have been is not known of whom nobody called for.
    assert [(each["bot_share"], each["resolution"]) for each in by["group"]] == [(None, None)]


def test_today_beside_yesterday_at_the_same_time(desk: Desk) -> None:
    bots_chat(desk)
    desk.later(hours=2)
    bots_chat(desk)
    desk.later(hours=23)
    bots_chat(desk)
    # Yesterday at this time only the first of yesterday's had begun.
    found = figures(desk)
    assert (found["today"]["chats"], found["yesterday"]["chats"]) == (1, 1)
    assert sum(chats for chats, _ in found["course"]["yesterday"]) == 2
    assert sum(chats for chats, _ in found["course"]["today"]) == 1


def test_what_was_read_is_not_read_again(desk: Desk) -> None:
    days = DaysOfChats(ZONE)
    bots_chat(desk)
    assert figures(desk, days)["today"]["chats"] == 1
    for _ in range(3):
        peoples_chat(desk)
        desk.later(awake=["li"], minutes=3)
        again, anew = figures(desk, days), figures(desk)
        assert again == anew


def test_a_new_day_begins_with_nothing(desk: Desk) -> None:
    days = DaysOfChats(ZONE)
    bots_chat(desk)
    figures(desk, days)
    desk.now += timedelta(days=3)
    found = figures(desk, days)
    assert (found["today"]["chats"], found["yesterday"]["chats"], found["today"]["bot_share"]) == (0, 0, None)
    assert days.days == {}
