"""What agents say: once, in order, and only where the conversation is theirs."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.claims import claim, take_over
from sixty.desk.desk_errors import EndedError, NotYoursError, TalkedMeanwhileError
from sixty.desk.ending import close, to_bot
from sixty.desk.speaking import say, tell
from sixty.desk.typing_marks import CUSTOMER, forget_typing, type_in, typing_now
from sixty.ledger.models import OutboxRow
from sixty.ledger.outbox import REDELIVERY
from sixty.tables import column
from tests.desk.desk_world import Desk


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    made.agent("li")
    made.agent("wang")
    return made


@pytest.fixture
def chat(desk: Desk) -> str:
    return claim(desk.session, desk.wants().conversation_id, "li", desk.now).conversation_id


def on_its_way(desk: Desk, chat: str) -> list[int]:
    query = select(OutboxRow).where(column(OutboxRow.conversation_id) == chat).order_by(OutboxRow.id)
    return [row.payload[REDELIVERY] for row in desk.session.scalars(query)]


def test_it_stands_in_the_ledger_at_once_and_is_on_its_way(desk: Desk, chat: str) -> None:
    message, new = say(desk.session, chat, "li", "m1", {"text": " 在的，您说 "}, desk.now)
    assert new
    assert (message.author, message.text, message.state, message.channel) == ("agent", "在的，您说", "written", "web")
    assert (message.payload["from"], message.payload["agent"]) == ({"name": "小li"}, "li")
    assert on_its_way(desk, chat)[-1] == message.id


def test_sent_again_it_is_the_same(desk: Desk, chat: str) -> None:
    first, _ = say(desk.session, chat, "li", "m1", {"text": "在的"}, desk.now)
    again, new = say(desk.session, chat, "li", "m1", {"text": "在的"}, desk.now)
    assert (again.id, new) == (first.id, False)
    assert on_its_way(desk, chat).count(first.id) == 1
    to_bot(desk.session, chat, "li", "", (), desk.now)
    # A page that has not heard of its message sends it again after the end.
    assert say(desk.session, chat, "li", "m1", {"text": "在的"}, desk.now)[0].id == first.id
    with pytest.raises(EndedError):
        say(desk.session, chat, "li", "m2", {"text": "还在吗"}, desk.now)


def test_only_who_has_it_speaks(desk: Desk, chat: str) -> None:
    with pytest.raises(NotYoursError) as error:
        say(desk.session, chat, "wang", "m1", {"text": "我来"}, desk.now)
    assert error.value.extra() == {"by": "li"}
    with pytest.raises(EndedError):
        say(desk.session, desk.customer(), "li", "m1", {"text": "您好"}, desk.now)


def test_after_goodbye_a_word_is_still_possible(desk: Desk, chat: str) -> None:
    close(desk.session, chat, "li", desk.now)
    assert say(desk.session, chat, "li", "m1", {"text": "对了，券发您了"}, desk.now)[1]


def test_what_a_colleague_has_said_meanwhile_is_read_first(desk: Desk, chat: str) -> None:
    seen, _ = say(desk.session, chat, "li", "m1", {"text": "稍等"}, desk.now)
    take_over(desk.session, chat, "wang", "代班", desk.now)
    theirs, _ = say(desk.session, chat, "wang", "w1", {"text": "我来看看"}, desk.now)
    take_over(desk.session, chat, "li", "回来了", desk.now)
    with pytest.raises(TalkedMeanwhileError) as error:
        say(desk.session, chat, "li", "m2", {"text": "好了"}, desk.now, seen=seen.id)
    assert error.value.extra() == {"messages": [theirs.id]}
    assert say(desk.session, chat, "li", "m2", {"text": "好了"}, desk.now, seen=theirs.id)[1]


def test_a_picture_is_something_to_say(desk: Desk, chat: str) -> None:
    attachment = {"kind": "picture", "id": "u1", "name": "尺码表.png"}
    message, _ = say(desk.session, chat, "li", "m1", {"attachment": attachment}, desk.now)
    assert (message.kind, message.payload["attachment"]) == ("picture", attachment)


@pytest.mark.parametrize(
    ("client_id", "form"),
    [
        ("m1", {"text": "  "}),
        ("m1", {}),
        ("m1", {"text": "长" * 2001}),
        ("", {"text": "好"}),
        ("号" * 3, {"text": "好"}),
    ],
)
def test_what_cannot_be_said(desk: Desk, chat: str, client_id: str, form: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"characters|nothing"):
        say(desk.session, chat, "li", client_id, form, desk.now)


def test_the_desk_tells_a_thing_once(desk: Desk, chat: str) -> None:
    first = tell(desk.session, chat, "place", "您是下一位", "7:place:1", desk.now, state="queued")
    assert first is not None
    assert tell(desk.session, chat, "place", "您是下一位", "7:place:1", desk.now) == first
    assert (first.author, first.payload["notice"], first.payload["state"]) == ("system", "place", "queued")
    assert tell(desk.session, "nobody-came-in", "place", "您是下一位", "7", desk.now) is None


def test_who_is_writing_is_seen_for_a_while(desk: Desk, chat: str) -> None:
    type_in(desk.session, chat, CUSTOMER, True, desk.now)
    type_in(desk.session, chat, "li", True, desk.now)
    assert {mark.who for mark in typing_now(desk.session, desk.now)} == {CUSTOMER, "li"}
    assert [mark.who for mark in typing_now(desk.session, desk.now, ["li"])] == ["li"]
    type_in(desk.session, chat, "li", False, desk.now)
    assert [mark.who for mark in typing_now(desk.session, desk.now)] == [CUSTOMER]
    desk.later(seconds=6)
    assert typing_now(desk.session, desk.now) == []
    desk.later(seconds=6)
    assert forget_typing(desk.session, desk.now) == 1
