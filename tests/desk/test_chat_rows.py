"""The workbench's lists show each what is theirs, in the order in which it is dealt with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.desk.chat_rows import Box, ChatRow, Viewing, chat_row, chat_rows, counts, next_page
from sixty.desk.claims import claim
from sixty.desk.ending import close, finish_wrap_up
from sixty.desk.notes import add_note, notes_of
from sixty.desk.presence import set_presence
from sixty.desk.speaking import say
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, mark_read
from sixty.shop.demo import seed
from tests.desk.desk_world import NOW, RULES, Desk

LI = Viewing("li", frozenset({"presale"}))
BOSS = Viewing("boss", None, everything=True, clear=True)


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    made.agent("li", groups=["presale"])
    made.agent("wang", groups=["aftersale"], capacity=1)
    return made


def rows(desk: Desk, box: Box, viewing: Viewing = LI, **wish: Any) -> list[ChatRow]:
    return chat_rows(desk.session, box, viewing, desk.now, rules=RULES, **wish)[0]


def writes(desk: Desk, chat: str, text: str) -> int:
    """A customer's line to a person."""
    message = receive(desk.session, Incoming(chat, "web", text=text), desk.now).message
    finish(desk.session, message.id, "to_person", desk.now)
    return message.id


def test_each_group_sees_its_queue_in_its_order(desk: Desk) -> None:
    first = desk.wants(intent="ask_size")
    other = desk.wants(intent="request_after_sales")
    vip = desk.wants(desk.customer(level="PLUS"), intent="ask_size")
    assert [row.hand_off for row in rows(desk, "queue")] == [vip.id, first.id]
    assert [(row.position, row.why_first) for row in rows(desk, "queue")] == [(1, ["vip"]), (2, [])]
    assert {row.hand_off for row in rows(desk, "queue", BOSS)} == {first.id, other.id, vip.id}
    assert rows(desk, "queue")[0].customer.vip
    assert [row.hand_off for row in rows(desk, "queue", BOSS, group="aftersale")] == [other.id]


def test_pages_follow_each_other(desk: Desk) -> None:
    waiting = [desk.wants(intent="ask_size").id for _ in range(5)]
    first, more = chat_rows(desk.session, "queue", LI, desk.now, limit=2, rules=RULES)
    assert more
    second, more = chat_rows(desk.session, "queue", LI, desk.now, limit=2, before=first[-1].cursor, rules=RULES)
    third, last = chat_rows(desk.session, "queue", LI, desk.now, limit=2, before=second[-1].cursor, rules=RULES)
    assert (more, last) == (True, False)
    assert [row.hand_off for row in (*first, *second, *third)] == waiting
    with pytest.raises(ValueError, match="cursor"):
        chat_rows(desk.session, "queue", LI, desk.now, before="gestern", rules=RULES)


def test_whose_turn_it_is_comes_first_in_mine(desk: Desk) -> None:
    quiet, waits, waits_longer = (desk.wants(intent="ask_size").conversation_id for _ in range(3))
    for chat in (quiet, waits, waits_longer):
        claim(desk.session, chat, "li", desk.now)
        desk.later(awake=["li"], seconds=1)
        say(desk.session, chat, "li", f"hello-{chat[:8]}", {"text": "您好"}, desk.now)
    desk.later(awake=["li"], seconds=10)
    writes(desk, waits_longer, "在吗")
    long_ago = desk.now
    desk.later(awake=["li"], seconds=10)
    writes(desk, waits, "有货吗")
    writes(desk, waits_longer, "？？")
    mine = rows(desk, "mine")
    assert [row.id for row in mine] == [waits_longer, waits, quiet]
    assert [row.unread for row in mine] == [2, 1, 0]
    assert (mine[0].waiting_since, mine[2].waiting_since) == (long_ago, None)
    assert mine[0].first_reply_due == long_ago + RULES.first_reply
    assert mine[0].last is not None
    assert mine[0].last.text == "？？"


def test_pages_of_talks_leave_nobody_out(desk: Desk) -> None:
    desk.agent("wu", groups=["presale"], capacity=9)
    talks = [desk.wants(intent="ask_size").conversation_id for _ in range(5)]
    for chat in talks:
        claim(desk.session, chat, "wu", desk.now)
    desk.later(awake=["wu"], seconds=5)
    # Whoever came first waits for nothing: the talk is shown last on its page, and begins no page anew.
    say(desk.session, talks[0], "wu", "1", {"text": "您好"}, desk.now)
    seen: list[str] = []
    before, more = None, True
    while more:
        page, more = chat_rows(desk.session, "all", BOSS, desk.now, limit=2, before=before, rules=RULES)
        seen += [row.id for row in page]
        before = next_page("all", page)
    assert sorted(seen) == sorted(talks)


def test_what_is_read_is_not_unread(desk: Desk) -> None:
    chat = desk.wants(intent="ask_size").conversation_id
    claim(desk.session, chat, "li", desk.now)
    message_id = writes(desk, chat, "在吗")
    assert counts(desk.session, LI, desk.now).unread == 1
    mark_read(desk.session, chat, message_id, desk.now, "shop")
    assert counts(desk.session, LI, desk.now).unread == 0
    assert rows(desk, "mine")[0].unread == 0


def test_who_has_just_been_taken_waits_since_they_asked(desk: Desk) -> None:
    hand_off = desk.wants(intent="ask_size")
    desk.later(awake=["li"], minutes=4)
    claim(desk.session, hand_off.conversation_id, "li", desk.now)
    (row,) = rows(desk, "mine")
    assert (row.waiting_since, row.first_reply_due) == (NOW, desk.now + RULES.first_reply)


def test_others_conversations_are_nobody_s_business(desk: Desk) -> None:
    desk.agent("boss")
    hand_off = desk.wants(intent="ask_size")
    claim(desk.session, hand_off.conversation_id, "wang", desk.now)
    assert rows(desk, "mine") == rows(desk, "all") == []
    assert chat_row(desk.session, hand_off.conversation_id, LI, desk.now, RULES) is None
    assert [row.agent.id for row in rows(desk, "all", BOSS) if row.agent] == ["wang"]
    assert chat_row(desk.session, hand_off.conversation_id, BOSS, desk.now, RULES) is not None


def test_done_and_left(desk: Desk) -> None:
    done = []
    for _ in range(3):
        chat = desk.wants(intent="ask_size").conversation_id
        claim(desk.session, chat, "li", desk.now)
        desk.later(awake=["li"], minutes=1)
        close(desk.session, chat, "li", desk.now)
        finish_wrap_up(desk.session, chat, "li", "问尺码", ["尺码"], desk.now)
        done.append(chat)
    assert [row.id for row in rows(desk, "done")] == done[::-1]
    assert rows(desk, "done")[0].tags == ["尺码"]
    assert rows(desk, "done", Viewing("wang", frozenset({"aftersale"}))) == []
    set_presence(desk.session, "li", "offline", desk.now, "li")
    left = [desk.wants(intent="ask_size").conversation_id for _ in range(2)]
    assert [row.id for row in rows(desk, "left")] == left
    assert counts(desk.session, LI, desk.now).dict() == {"queue": 0, "left": 2, "mine": 0, "unread": 0, "all": None}


def test_the_wait_is_counted_with_all_who_share_the_agents(desk: Desk) -> None:
    claim(desk.session, desk.wants(intent="request_after_sales").conversation_id, "wang", desk.now)
    for _ in range(2):
        desk.wants(intent="request_after_sales")
    waiting = rows(desk, "queue", BOSS, group="aftersale")
    minutes = int(RULES.service_time / timedelta(seconds=1))
    assert [(row.position, row.expected_wait) for row in waiting] == [(1, minutes), (2, 2 * minutes)]


@pytest.mark.parametrize("words", ["C001", "有没有货", "小", "没有这样的"])
def test_what_is_looked_for_is_found(desk: Desk, words: str) -> None:
    seed(desk.session, NOW)
    chat = desk.customer(customer_id="C001")
    desk.wants(chat, intent="ask_size")
    found = rows(desk, "queue", words=words)
    named = chat_rows(desk.session, "queue", BOSS, desk.now, rules=RULES)[0][0].customer.name
    assert bool(found) == (words in ("C001", "有没有货") or words in named)


def test_notes_are_for_colleagues(desk: Desk) -> None:
    chat, later = desk.customer(customer_id="K5"), desk.customer(customer_id="K5")
    desk.wants(chat, intent="ask_size")
    add_note(desk.session, chat, "li", " 要发票 ", "chat", desk.now)
    add_note(desk.session, chat, "li", "老顾客，爱砍价", "customer", desk.now)
    assert [note.text for note in notes_of(desk.session, chat)] == ["要发票", "老顾客，爱砍价"]
    assert [note.text for note in notes_of(desk.session, later, "K5")] == ["老顾客，爱砍价"]
    assert rows(desk, "queue")[0].note_count == 2
    assert [each.author for each in desk.said(chat)] == []
    visitor = desk.visitor()
    assert add_note(desk.session, visitor, "li", "没登录", "customer", desk.now).about == "chat"
    with pytest.raises(ValueError, match="2000"):
        add_note(desk.session, chat, "li", "  ", "chat", desk.now)
    with pytest.raises(LookupError):
        add_note(desk.session, "nowhere", "li", "字", "chat", desk.now)
