"""What happens at the desk is heard of by whoever reads on, in order and all of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy.orm import Session

from sixty.desk.feed import KEPT_FOR, announce, events_since, newest_event, oldest_event, tidy_feed
from sixty.shop.database import shop_session
from tests.desk.desk_world import NOW


def test_it_is_read_in_order_and_in_pages(session: Session) -> None:
    begin = newest_event(session)
    for number in range(5):
        announce(session, "chat", f"c{number}", {"n": number}, NOW, agent_id="li", group="presale")
    first = events_since(session, begin, 3)
    rest = events_since(session, first[-1].id)
    assert [event.data["n"] for event in (*first, *rest)] == [0, 1, 2, 3, 4]
    assert (first[0].agent_id, first[0].group_id, first[0].conversation_id) == ("li", "presale", "c0")
    assert events_since(session, rest[-1].id) == []


def test_a_reader_beside_many_writers_misses_nothing(database_url: str) -> None:
    writers, each = 4, 25

    def write(number: int) -> None:
        for turn in range(each):
            with shop_session(database_url) as session:
                announce(session, "chat", f"c{number}", {"turn": turn}, NOW)

    seen: list[tuple[str | None, int]] = []
    cursor = 0
    with ThreadPoolExecutor(writers) as pool:
        writing = [pool.submit(write, number) for number in range(writers)]
        while True:
            over = all(job.done() for job in writing)
            with shop_session(database_url, read_only=True) as session:
                found = events_since(session, cursor, 7)
            seen += [(event.conversation_id, event.data["turn"]) for event in found]
            cursor = found[-1].id if found else cursor
            if over and not found:
                break
    for number in range(writers):
        assert [turn for name, turn in seen if name == f"c{number}"] == list(range(each))


def test_what_is_old_goes_but_never_the_last(session: Session) -> None:
    for number in range(3):
        announce(session, "chat", f"c{number}", {}, NOW)
    newest = newest_event(session)
    assert tidy_feed(session, NOW + KEPT_FOR) == 0
    assert tidy_feed(session, NOW + KEPT_FOR + timedelta(seconds=1)) >= 2
    assert (oldest_event(session), newest_event(session)) == (newest, newest)
