from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from threading import Barrier

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.handoffs import HandOff, current_handoff, open_handoff
from sixty.shop.database import shop_session

NOW = datetime(2026, 5, 20, 7, 0, tzinfo=timezone.utc)


def open_one(session: Session, conversation: str = "chat", reason: str = "asked") -> tuple[HandOff, bool]:
    return open_handoff(session, conversation, reason, "转人工", {"商品": ["GZ2101"]}, "socketio", "C001", NOW)


def test_a_conversation_is_put_into_the_queue(session: Session) -> None:
    made, created = open_one(session)
    assert created
    session.expire_all()
    assert (made.state, made.reason, made.context, made.created_at) == ("queued", "asked", {"商品": ["GZ2101"]}, NOW)


def test_a_second_time_changes_nothing(session: Session) -> None:
    first, _ = open_one(session)
    second, created = open_one(session, reason="misunderstood")
    assert not created
    assert (second.id, second.reason) == (first.id, "asked")


def test_conversations_are_apart(session: Session) -> None:
    open_one(session)
    assert current_handoff(session, "another") is None
    assert open_one(session, "another")[1]


def test_a_closed_one_makes_room_for_the_next(session: Session) -> None:
    first, _ = open_one(session)
    first.state = "closed"
    session.flush()
    second, created = open_one(session)
    assert created
    assert second.id != first.id


def test_two_at_the_same_moment_make_one(database_url: str) -> None:
    together = 4
    barrier = Barrier(together)

    def ask(_: int) -> bool:
        barrier.wait()
        with shop_session(database_url) as session:
            return open_one(session)[1]

    with ThreadPoolExecutor(together) as pool:
        created = list(pool.map(ask, range(together)))
    assert created.count(True) == 1
    with shop_session(database_url) as session:
        assert session.scalar(select(func.count()).select_from(HandOff)) == 1
