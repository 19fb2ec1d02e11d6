"""How a conversation with a person ends, and the bot goes on."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sixty.desk.agents import load_of
from sixty.desk.claims import claim
from sixty.desk.desk_errors import EndedError, NotInWrapUpError, NotWaitingError, NotYoursError
from sixty.desk.ending import close, finish_wrap_up, leave_queue, to_bot
from sixty.desk.handoffs import HandOff
from sixty.ledger.unsaid import RETURNED
from tests.desk.desk_world import Desk


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    made.agent("li")
    return made


def taken(desk: Desk) -> HandOff:
    return claim(desk.session, desk.wants().conversation_id, "li", desk.now)


def returned(desk: Desk, conversation: str) -> list[str]:
    return [each.state for each in desk.said(conversation) if each.kind == RETURNED]


def test_back_to_the_bot(desk: Desk) -> None:
    hand_off = taken(desk)
    desk.later(minutes=4)
    to_bot(desk.session, hand_off.conversation_id, "li", "已改地址", ["物流"], desk.now)
    assert (hand_off.state, hand_off.end, hand_off.ended_at) == ("closed", "to_bot", desk.now)
    assert (hand_off.summary, hand_off.tags) == ("已改地址", ["物流"])
    assert desk.state(hand_off.conversation_id) == "bot"
    assert desk.notices(hand_off.conversation_id) == ["claimed", "to_bot"]
    assert returned(desk, hand_off.conversation_id) == ["received"]
    assert load_of(desk.session, "li") == 0


def test_goodbye_leaves_time_to_write(desk: Desk) -> None:
    hand_off = taken(desk)
    conversation = hand_off.conversation_id
    with pytest.raises(NotInWrapUpError):
        finish_wrap_up(desk.session, conversation, "li", "", (), desk.now)
    close(desk.session, conversation, "li", desk.now)
    assert (desk.state(conversation), hand_off.state, load_of(desk.session, "li")) == ("wrap_up", "taken", 0)
    close(desk.session, conversation, "li", desk.now)
    assert desk.notices(conversation) == ["claimed", "ended"]
    assert returned(desk, conversation) == []
    finish_wrap_up(desk.session, conversation, "li", "问尺码，已答复", ["尺码"], desk.now)
    assert (desk.state(conversation), hand_off.state, hand_off.end) == ("closed", "closed", "solved")
    assert (hand_off.summary, hand_off.tags) == ("问尺码，已答复", ["尺码"])
    assert returned(desk, conversation) == ["received"]
    with pytest.raises(EndedError):
        finish_wrap_up(desk.session, conversation, "li", "", (), desk.now)


def test_goodbye_at_once(desk: Desk) -> None:
    hand_off = taken(desk)
    close(desk.session, hand_off.conversation_id, "li", desk.now, "好了", (), "done")
    assert (hand_off.state, desk.state(hand_off.conversation_id)) == ("closed", "closed")


def test_nobody_else_ends_it(desk: Desk) -> None:
    desk.agent("wang")
    hand_off = taken(desk)
    with pytest.raises(NotYoursError):
        close(desk.session, hand_off.conversation_id, "wang", desk.now)
    with pytest.raises(NotYoursError):
        to_bot(desk.session, hand_off.conversation_id, "wang", "", (), desk.now)


def test_who_wants_a_person_again_during_the_wrap_up_gets_the_same_one(desk: Desk) -> None:
    hand_off = taken(desk)
    close(desk.session, hand_off.conversation_id, "li", desk.now)
    again = desk.wants(hand_off.conversation_id)
    assert again.id != hand_off.id
    assert (hand_off.state, hand_off.end) == ("closed", "replaced")
    assert (again.state, again.wanted_agent_id, desk.state(hand_off.conversation_id)) == ("queued", "li", "queued")


def test_who_does_not_want_to_wait_goes_on_with_the_bot(desk: Desk) -> None:
    hand_off = desk.wants()
    leave_queue(desk.session, hand_off.conversation_id, desk.now)
    assert (hand_off.state, hand_off.end, desk.state(hand_off.conversation_id)) == ("closed", "given_up", "bot")
    assert desk.notices(hand_off.conversation_id) == ["given_up"]
    with pytest.raises(NotWaitingError):
        leave_queue(desk.session, hand_off.conversation_id, desk.now)


def test_whom_a_person_has_cannot_leave_the_queue(desk: Desk) -> None:
    hand_off = taken(desk)
    with pytest.raises(NotWaitingError):
        leave_queue(desk.session, hand_off.conversation_id, desk.now)


def test_a_summary_has_its_limits(desk: Desk) -> None:
    hand_off = taken(desk)
    with pytest.raises(ValueError, match="2000"):
        to_bot(desk.session, hand_off.conversation_id, "li", "长" * 2001, (), desk.now)
    assert hand_off.state == "taken"
