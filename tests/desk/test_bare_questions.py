"""A line that only picks is shown behind the question that it answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from sixty.desk.bare_questions import full_question, is_bare
from sixty.ledger.receiving import Incoming, receive
from tests.desk.desk_world import NOW, Desk


@pytest.mark.parametrize(
    "line", ["第二个", "就第2款吧", "这个", "后面那个", "最后一款", "2", "B", "好的", "我要第一件～", "后者"]
)
def test_what_only_picks(line: str) -> None:
    assert is_bare(line)


@pytest.mark.parametrize("line", ["第二个什么时候发货", "这款有货吗", "退款", "2件包邮吗", "换大一码", "XL", "投诉"])
def test_what_says_something(line: str) -> None:
    assert not is_bare(line)


def test_the_question_comes_with_what_was_picked(session: Session) -> None:
    chat = Desk(session).customer()
    for number, text in enumerate(("这两款哪个更保暖", "好的", "第二个")):
        receive(session, Incoming(chat, "web", text=text), NOW + timedelta(minutes=number))
    last = NOW + timedelta(minutes=2)
    assert full_question(session, chat, "第二个", last) == "这两款哪个更保暖（选了：第二个）"
    assert full_question(session, chat, "好的", last) == "这两款哪个更保暖"
    assert full_question(session, chat, "什么时候发货", last) == "什么时候发货"
    # What was written after the hand-off is no part of it.
    assert full_question(session, chat, "第二个", NOW - timedelta(minutes=1)) == "第二个"
