"""What is kept of one customer: found over all their conversations, handed out, and erased."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation, ConversationChange, Who, begin, move
from sixty.desk.forgetting import Forgotten, conversations_of, forget, hand_out, quiet
from sixty.desk.handoffs import HandOff, open_handoff
from sixty.ledger.erasure import Erased
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive

NOW = datetime(2026, 5, 20, 7, 0, tzinfo=timezone.utc)


def come_in(session: Session, customer_id: str | None, visitor_id: str = "v1", channel: str = "web") -> str:
    who = Who(customer_id, known_until=NOW + timedelta(hours=1)) if customer_id else Who()
    made, _ = begin(session, channel, NOW, visitor_id=visitor_id, who=who)
    receive(session, Incoming(made.id, channel, text="我的订单呢"), NOW)
    open_handoff(session, made.id, "asked", "转人工", {}, channel, customer_id, NOW)
    return made.id


def count(session: Session, table: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(table)))


def test_a_customer_has_conversations_on_all_channels(session: Session) -> None:
    first, second = come_in(session, "C001"), come_in(session, "C001", "v2", "telegram")
    come_in(session, "C002", "v2")
    unknown = come_in(session, None, "v9")
    open_handoff(session, "older", "asked", "", {}, "rest", "C001", NOW)
    assert set(conversations_of(session, "C001")) == {first, second, "older"}
    assert conversations_of(session, visitor_id="v9") == [unknown]
    assert conversations_of(session, "C009") == []


def test_one_customer_is_forgotten_and_no_other(session: Session) -> None:
    mine = [come_in(session, "C001"), come_in(session, "C001")]
    other = come_in(session, "C002")
    move(session, mine[0], "assigned", "agent", "taken", NOW)
    assert forget(session, conversations_of(session, "C001"), NOW) == Forgotten(2, 2, Erased(messages=2))
    assert conversations_of(session, "C001") == []
    left = [session.scalars(select(each)).all() for each in (Conversation.id, HandOff.conversation_id)]
    assert left == [[other], [other]]
    assert set(session.scalars(select(ConversationChange.conversation_id))) == {other}
    assert count(session, Message) == 1
    assert forget(session, [], NOW) == Forgotten(0, 0, Erased())


def test_all_that_is_kept_is_handed_out(session: Session) -> None:
    mine, other = come_in(session, "C001"), come_in(session, "C002")
    records = list(hand_out(session, [mine]))
    assert [each["record"] for each in records] == ["conversation", "change", "hand_off", "message"]
    assert (records[0]["customer_id"], records[3]["text"]) == ("C001", "我的订单呢")
    assert other not in json.dumps(records)


def test_a_conversation_is_quiet_when_nothing_was_said_lately(session: Session) -> None:
    old, lively = come_in(session, None), come_in(session, None)
    receive(session, Incoming(lively, "web"), NOW + timedelta(days=3))
    assert quiet(session, [old, lively, "never seen"], NOW + timedelta(days=1)) == [old]
    assert quiet(session, [], NOW) == []
