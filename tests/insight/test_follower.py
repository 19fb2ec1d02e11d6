"""Visits follow the ledger: whenever they are worked out, in whatever order things become known, they are the same."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Where, Who, opened_on, recognise
from sixty.desk.forgetting import forget
from sixty.insight.follower import FOLLOWED, VisitFollower, follow
from sixty.insight.following import OutpacedError, cursor_of, read_visits, write_visits
from sixty.insight.models import ChatTurn, Visit
from sixty.ledger.replying import finish, write_reply
from sixty.shop.database import engine_for, shop_session, upgrade_database
from tests.insight.shop_chats import (
    CUSTOMER,
    SETTING,
    Clock,
    answer,
    ask,
    follow_all,
    follower,
    join_channel,
    kept,
    open_chat,
    open_shop,
    place_order,
    understand,
)
from tests.insight.written import at

DAY = 24 * 3600.0


@pytest.fixture
def chat(session: Session) -> str:
    open_shop(session)
    return open_chat(session)


def test_a_conversation_becomes_its_visits(session: Session, chat: str) -> None:
    ask(session, chat, 0, "ask_attribute", entities=[("attribute", "材质")])
    ask(session, chat, 20, "ask_price")
    follow_all(session, 20)
    ask(session, chat, 4000, "thank")
    follow_all(session, 4000)
    first, second = kept(session)
    assert (first["turns"], first["questions"], first["category"], first["product_no"]) == (2, 2, "工装", "P1")
    assert (first["entry"], first["channel"], first["customer_id"], first["line"]) == ("product", "web", CUSTOMER, "A")
    assert [turn["question"] for turn in first["turns_of_it"]] == ["ask_attribute.材质", "ask_price"]
    assert [turn["response_ms"] for turn in first["turns_of_it"]] == [1000, 1000]
    assert first["curve"][0] == [0.0, pytest.approx(0.4256, abs=1e-4)]
    assert first["score"] == first["turns_of_it"][-1]["score"]
    assert {each["question"] for each in first["next_questions"]}.isdisjoint({"ask_attribute.材质", "ask_price"})
    assert (second["turns"], second["questions"], second["line"]) == (1, 0, None)


def test_nobody_who_wrote_nothing_has_a_line(session: Session, chat: str) -> None:
    write_reply(session, None, None, chat, "web", "bot", {"text": "您好"}, at(0))
    follow_all(session)
    (visit,) = kept(session)
    assert (visit["turns"], visit["line"], visit["turns_of_it"]) == (0, None, [])


def test_an_answer_that_comes_later_is_seen(session: Session, chat: str) -> None:
    message = ask(session, chat, 0, understood=False, outcome=None)
    follow_all(session)
    (visit,) = kept(session)
    assert (visit["turns_of_it"][0]["intent"], visit["turns_of_it"][0]["outcome"]) == ("", None)
    finish(session, message.id, "answered", at(2))
    follow_all(session, 10)
    assert kept(session)[0]["turns_of_it"][0]["outcome"] == "answered"
    understand(message, "ask_price")
    session.flush()
    follow_all(session, 3600)
    assert kept(session)[0]["turns_of_it"][0]["question"] == "ask_price"
    assert kept(session)[0]["line"] == "A"


def test_an_order_counts_for_its_visit_and_can_be_taken_back(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    follow_all(session)
    order = place_order(session, "N1", 30, "P1", "P2")
    follow_all(session, 40)
    (visit,) = kept(session)
    assert (visit["order_no"], visit["order_lines"], visit["ordered_at"], visit["line"]) == ("N1", 2, at(30), "A")
    assert visit["order_amount"] == 509
    order.state, order.paid_at, order.closed_at = "closed", None, at(100)
    session.flush()
    follow_all(session, 110)
    (visit,) = kept(session)
    assert (visit["order_no"], visit["order_amount"], visit["order_lines"]) == (None, None, None)


def test_an_order_goes_over_to_a_later_visit_about_its_product(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    place_order(session, "N1", 2 * DAY, "P1")
    follow_all(session, 2 * DAY)
    assert [visit["order_no"] for visit in kept(session)] == ["N1"]
    # What was said on another channel is heard of late.
    other = open_chat(session, seconds=DAY)
    ask(session, other, DAY)
    follow_all(session, 2 * DAY + 10)
    assert [visit["order_no"] for visit in kept(session)] == [None, "N1"]


def test_who_joins_an_own_channel_is_kept(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    ask(session, chat, 100)
    place_order(session, "N1", 150, "P1")
    follow_all(session, 150)
    assert kept(session)[0]["line"] == "C"
    join_channel(session, chat, 200)
    follow_all(session, 210)
    assert kept(session)[0]["line"] == "C+"


def test_a_visitor_who_turns_out_to_be_a_customer_was_that_customer(session: Session) -> None:
    open_shop(session)
    chat = open_chat(session, customer=None)
    ask(session, chat, 0)
    place_order(session, "N1", 60, "P1")
    follow_all(session, 60)
    assert [(visit["customer_id"], visit["order_no"]) for visit in kept(session)] == [(None, None)]
    recognise(session, chat, Who(CUSTOMER, known_until=at(9000)))
    ask(session, chat, 5000)
    follow_all(session, 5000)
    assert [(visit["customer_id"], visit["order_no"]) for visit in kept(session)] == [
        (CUSTOMER, "N1"),
        (CUSTOMER, None),
    ]


def test_the_page_of_each_visit_is_kept_when_it_is_worked_out_again(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    follow_all(session)
    opened_on(session, chat, Where("product", "P2"))
    ask(session, chat, 10)
    follow_all(session, 10)
    opened_on(session, chat, Where("shop"))
    ask(session, chat, 9000)
    follow_all(session, 9000)
    before = kept(session)
    assert [(visit["entry"], visit["product_no"]) for visit in before] == [("product", "P2"), ("shop", None)]
    assert [turn["product_no"] for turn in before[0]["turns_of_it"]] == ["P1", "P2"]
    assert follower(session, Clock(9000)).work_out({chat: 0})
    assert kept(session) == before


def test_lines_that_are_read_as_one_are_one_turn(session: Session, chat: str) -> None:
    first = ask(session, chat, 0, understood=False, outcome=None)
    follow_all(session)
    assert kept(session)[0]["turns"] == 1
    second = ask(session, chat, 1)
    first.payload = {"read_with": second.id}
    finish(session, first.id, "answered", at(2))
    follow_all(session, 3)
    assert [turn["message_id"] for turn in kept(session)[0]["turns_of_it"]] == [second.id]


def test_other_pauses_make_other_visits(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    ask(session, chat, 1000)
    follow_all(session, 1000)
    assert len(kept(session)) == 1
    rules = SETTING.rules.copy(update={"pause_minutes": 10})
    shorter = type(SETTING)(rules, SETTING.share, SETTING.plan)
    assert follower(session, Clock(1000), shorter).work_out({chat: 0})
    assert [visit["turns"] for visit in kept(session)] == [1, 1]
    assert follower(session, Clock(1000)).work_out({chat: 0})
    assert [visit["turns"] for visit in kept(session)] == [2]


def test_what_is_forgotten_is_forgotten_here(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    follow_all(session)
    forget(session, [chat], datetime.now(timezone.utc))
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Visit)) == 0
    assert session.scalar(select(func.count()).select_from(ChatTurn)) == 0
    follow_all(session, 10)
    assert kept(session) == []


def test_the_arm_is_drawn_once(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    quiet = type(SETTING)(SETTING.rules, 1.0, SETTING.plan)
    assert follower(session, Clock(), quiet).work_out({chat: 0})
    assert follower(session, Clock()).work_out({chat: 0})
    assert [visit["arm"] for visit in kept(session)] == ["quiet"]


def test_the_arm_is_what_the_conversation_had(session: Session, chat: str) -> None:
    message = ask(session, chat, 0)
    offered = {"offered": {"sources": [], "after": "", "arm": "quiet"}}
    write_reply(session, message.id, 1, chat, "web", "bot", {"text": "～", **offered}, at(2))
    follow_all(session, 5)
    # The share says that nobody is quiet; the message says that this one was.
    assert [visit["arm"] for visit in kept(session)] == ["quiet"]


def test_who_was_outpaced_writes_nothing(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    slow = read_visits(session, {chat: 0}, SETTING, at(0))
    quick = read_visits(session, {chat: 0}, SETTING, at(0))
    write_visits(session, quick)
    with pytest.raises(OutpacedError):
        write_visits(session, slow)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([1.0, 20.0, 1700.0, 1900.0]),
        st.sampled_from(["ask_price", "hesitate", "thank", "track_order", "complain"]),
        st.sampled_from(["answered", "missed", None]),
    ),
    min_size=1,
    max_size=7,
)


@pytest.fixture(scope="module")
def quick_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('follower') / 'shop.db'}"
    upgrade_database(url)
    return url


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=STEPS,
    orders=st.lists(st.floats(-100, 6000), max_size=2),
    stops=st.sets(st.integers(0, 6)),
    late=st.booleans(),
)
def test_following_bit_by_bit_is_working_it_all_out(
    quick_database: str, steps: list[tuple[float, str, str | None]], orders: list[float], stops: set[int], late: bool
) -> None:
    with engine_for(quick_database).connect() as connection:
        transaction = connection.begin()
        with Session(connection, future=True, expire_on_commit=False) as session:
            open_shop(session)
            chat = open_chat(session, product=None)
            if not late:
                _order(session, orders)
            moment, waiting = 0.0, []
            for place, (gap, intent, outcome) in enumerate(steps):
                moment += gap
                message = ask(session, chat, moment, intent, understood=not late, outcome=None)
                waiting.append((message, moment, intent, outcome))
                if place in stops:
                    follow_all(session, moment)
            for message, when, intent, outcome in waiting:
                understand(message, intent)
                if outcome is not None:
                    answer(session, message, when + 1, outcome)
            session.flush()
            if late:
                _order(session, orders)
            follow_all(session, moment + 60)
            followed = kept(session)
            session.execute(delete(Visit))
            session.expire_all()
            assert follower(session, Clock(moment + 60)).work_out({chat: 0})
            again = kept(session)
            assert [_without_pages(visit) for visit in followed] == [_without_pages(visit) for visit in again]
            assert follower(session, Clock(moment + 60)).work_out({chat: 0})
            twice = kept(session)
            assert [_without_pages(visit) for visit in twice] == [_without_pages(visit) for visit in again]
        transaction.rollback()


def _order(session: Session, moments: list[float]) -> None:
    for number, moment in enumerate(moments):
        place_order(session, f"N{number}", moment, "P1")


def _without_pages(visit: dict[str, object]) -> dict[str, object]:
    """All but what only those can tell who saw on which page an earlier visit stood open."""
    return {name: value for name, value in visit.items() if name not in ("pages", "entry")}


def test_several_followers_do_the_work_once(database_url: str) -> None:
    with shop_session(database_url) as session:
        open_shop(session)
        for number in range(6):
            chat = open_chat(session, seconds=number)
            ask(session, chat, number)
            ask(session, chat, number + 10)
    reading, writing = partial(shop_session, database_url, read_only=True), partial(shop_session, database_url)
    stop = threading.Event()
    several = [VisitFollower(reading, writing, SETTING, Clock(60), follows_up=False) for _ in range(3)]
    threads = [threading.Thread(target=follow, args=(each, stop)) for each in several]
    for thread in threads:
        thread.start()
    done = threading.Event()
    for _ in range(600):
        with reading() as session:
            if cursor_of(session, FOLLOWED) and session.scalar(select(func.count()).select_from(ChatTurn)) == 12:
                break
        done.wait(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    with reading() as session:
        visits = kept(session)
    assert [visit["turns"] for visit in visits] == [2] * 6


def test_trouble_is_waited_out(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    stop = threading.Event()
    waits: list[float] = []

    class Once(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            self.set()
            return True

    stop = Once()
    # A database without tables: the desk goes on, and so does its follower.
    follow(VisitFollower(partial(shop_session, url), partial(shop_session, url), SETTING), stop)
    assert waits
    assert waits[0] > 1
    assert timedelta(seconds=waits[0]) < timedelta(minutes=2)
