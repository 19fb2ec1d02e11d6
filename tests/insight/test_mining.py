from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.insight.mining import STILL_RUNNING, count_in_database, mine, parameters
from sixty.insight.models import ChatTurn, RelatedQuestion, Visit
from sixty.insight.parquet import counted_in_parquet, export
from sixty.insight.related import START, Counted, relate
from sixty.ledger.models import Message
from sixty.related_rules import RelatedRules
from sixty.shop.database import shop_session
from tests.insight.chats import NOW, Asked, Chat, chat, put

RULES = RelatedRules(half_life_days=10, window_days=60, min_count=1, tap_weight=0.25)


def state_by_hand(each: Chat, question: str) -> str:
    places = [place for place, turn in enumerate(each.turns) if turn.question == question]
    outcome = each.turns[places[-1]].outcome if places else None
    if outcome == "answered":
        return "settled"
    unheard = outcome == "asked_back" and places[-1] == len(each.turns) - 1
    return "open" if unheard or outcome in ("missed", "apologised") else "unknown"


def counted_by_hand(chats: Sequence[Chat], rules: RelatedRules) -> dict[tuple[object, ...], tuple[float, ...]]:
    """The same counts, worked out visit by visit."""
    found: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0, 0.0, 0.0, 0.0])
    for each in chats:
        if not any(turn.question for turn in each.turns):
            continue
        if each.started_at < NOW - timedelta(days=rules.window_days) or each.ended_at > NOW - STILL_RUNNING:
            continue
        recency = 0.5 ** (each.days_ago / rules.half_life_days)
        first = {turn.question: turn for turn in reversed(each.turns) if turn.question is not None}
        order = [START, *dict.fromkeys(turn.question for turn in each.turns if turn.question is not None)]
        for place_of, question in enumerate(order):
            state = state_by_hand(each, question)
            for place in (1, 2):
                following = order[place_of + place] if place_of + place < len(order) else None
                tapped = following is not None and first[following].tapped
                sums = found[each.category or "", question, state, place, following]
                sums[0] += 1
                sums[1] += recency
                sums[2] += recency * (rules.tap_weight if tapped else 1)
                sums[3] += recency * each.ordered
    return {key: tuple(sums) for key, sums in found.items()}


def as_table(counted: Sequence[Counted]) -> dict[tuple[object, ...], tuple[float, ...]]:
    table = {
        (each.category, each.question, each.state, each.place, each.following): (
            each.visits,
            each.recency,
            each.weight,
            each.ordered,
        )
        for each in counted
    }
    assert len(table) == len(counted)
    return table


def assert_same(counted: Sequence[Counted], expected: dict[tuple[object, ...], tuple[float, ...]]) -> None:
    table = as_table(counted)
    assert table.keys() == expected.keys()
    for key, sums in expected.items():
        assert table[key] == pytest.approx(sums, rel=1e-4), key


outcomes = st.sampled_from(["answered", "missed", "apologised", "asked_back", "handed_over", "to_person", None])
turns = st.builds(
    Asked, st.sampled_from([None, "ask_price", "ask_size", "ask_attribute.材质", "ask_stock"]), outcomes, st.booleans()
)
chats = st.builds(
    Chat,
    st.lists(turns, min_size=1, max_size=6).map(tuple),
    st.sampled_from([0.01, 1.0, 10.0, 59.0, 61.0]),
    st.sampled_from([None, "工装", "母婴"]),
    st.booleans(),
)
_FIRST = count(1, 100_000)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(chats, min_size=1, max_size=12))
def test_the_database_counts_as_one_would_by_hand(session: Session, some: list[Chat]) -> None:
    for model in (ChatTurn, Visit, Message):
        session.execute(delete(model))
    put(session, some, first=next(_FIRST))
    assert_same(count_in_database(session, NOW, RULES), counted_by_hand(some, RULES))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, deadline=None)
@given(st.lists(chats, max_size=12))
def test_exported_files_count_the_same(session: Session, tmp_path: Path, some: list[Chat]) -> None:
    for model in (ChatTurn, Visit, Message):
        session.execute(delete(model))
    put(session, some, first=next(_FIRST))
    assert export(session, tmp_path) == {"visit": len(some), "chat_turn": sum(len(each.turns) for each in some)}
    assert_same(counted_in_parquet(tmp_path, parameters(NOW, RULES), threads=1), counted_by_hand(some, RULES))


def test_a_question_asked_again_is_no_next_question(session: Session) -> None:
    put(session, [chat("ask_price", "ask_price", None, "ask_size", "ask_price", "ask_stock")])
    found = {(each.question, each.place, each.following) for each in count_in_database(session, NOW, RULES)}
    assert found == {
        (START, 1, "ask_price"),
        (START, 2, "ask_size"),
        ("ask_price", 1, "ask_size"),
        ("ask_price", 2, "ask_stock"),
        ("ask_size", 1, "ask_stock"),
        ("ask_size", 2, None),
        ("ask_stock", 1, None),
        ("ask_stock", 2, None),
    }


def test_the_last_word_on_a_question_tells_whether_it_was_settled(session: Session) -> None:
    put(
        session,
        [
            chat(Asked("ask_price", "missed"), Asked("ask_price", "answered")),
            chat(Asked("ask_size", "answered"), Asked("ask_size", "missed")),
            chat(Asked("ask_stock", "asked_back"), Asked(None, "answered")),
            chat(Asked("ask_gift", "asked_back")),
            chat(Asked("ask_coupon", "to_person")),
        ],
    )
    states = {each.question: each.state for each in count_in_database(session, NOW, RULES) if each.question != START}
    assert states == {
        "ask_price": "settled",
        "ask_size": "open",
        "ask_stock": "unknown",
        "ask_gift": "open",
        "ask_coupon": "unknown",
    }


def test_mining_twice_is_mining_once(database_url: str) -> None:
    with shop_session(database_url) as session:
        put(session, [chat("ask_price", "ask_size", ordered=True)] * 6 + [chat("ask_price", "ask_stock")] * 7)
    first = mine(database_url, NOW, RULES)
    again = mine(database_url, NOW, RULES)
    assert again == first
    assert first.visits == 13
    with shop_session(database_url, read_only=True) as session:
        kept = session.execute(select(RelatedQuestion)).scalars().all()
    assert {(row.question, row.category, row.place, row.following, row.count) for row in kept} == {
        (row.question, row.category, row.place, row.following, row.count) for row in first.rows
    }
    assert {(row.following, row.count) for row in kept if row.question == "ask_price" and row.place == 1} == {
        ("ask_size", 6),
        ("ask_stock", 7),
    }


def test_what_is_no_longer_asked_goes(database_url: str) -> None:
    with shop_session(database_url) as session:
        put(session, [chat("ask_price", "ask_size", days_ago=2)] * 6)
    assert mine(database_url, NOW, RULES).rows
    assert mine(database_url, NOW + timedelta(days=61), RULES).rows == []
    with shop_session(database_url, read_only=True) as session:
        assert session.execute(select(RelatedQuestion)).first() is None


def test_a_dry_run_keeps_nothing(database_url: str) -> None:
    with shop_session(database_url) as session:
        put(session, [chat("ask_price", "ask_size")] * 6)
    assert mine(database_url, NOW, RULES, store=False).rows
    with shop_session(database_url, read_only=True) as session:
        assert session.execute(select(RelatedQuestion)).first() is None


def test_what_was_asked_lately_counts_more(session: Session) -> None:
    put(session, [chat("ask_price", "ask_size", days_ago=41)] * 10 + [chat("ask_price", "ask_stock", days_ago=1)] * 5)
    rules = RULES.copy(update={"smoothing": 0})
    rows = {
        row.following: row
        for row in relate(count_in_database(session, NOW, rules), rules)
        if (row.question, row.category, row.place) == ("ask_price", "", 1)
    }
    # Ten visits four half-lives older are worth less than one of them.
    assert rows["ask_stock"].share / rows["ask_size"].share == pytest.approx(5 / (10 / 16))
    assert (rows["ask_size"].count, rows["ask_stock"].count) == (10, 5)


def test_files_hold_nothing_of_who_it_was_and_what_they_wrote(session: Session, tmp_path: Path) -> None:
    import duckdb

    put(session, [chat("ask_price", category="工装")])
    export(session, tmp_path)
    for kind, columns in (("visit", Visit), ("chat_turn", ChatTurn)):
        described = duckdb.sql(f"DESCRIBE SELECT * FROM '{tmp_path / kind}/*.parquet'").fetchall()
        names = {row[0] for row in described}
        assert names < set(columns.__table__.c.keys())
        assert not names & {"conversation_id", "customer_id", "text", "order_no", "order_amount"}


def test_an_export_takes_the_place_of_the_one_before_and_of_nothing_else(session: Session, tmp_path: Path) -> None:
    put(session, [chat("ask_price", days_ago=30), chat("ask_size", days_ago=1)])
    assert export(session, tmp_path) == {"visit": 2, "chat_turn": 2}
    assert export(session, tmp_path, NOW - timedelta(days=7)) == {"visit": 1, "chat_turn": 1}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["chat_turn", "visit"]
    (tmp_path / "visit" / "notes.txt").write_text("mine")
    with pytest.raises(OperatorError, match=r"notes\.txt"):
        export(session, tmp_path)
    assert (tmp_path / "visit" / "notes.txt").exists()


def test_files_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="sixty mine export"):
        counted_in_parquet(tmp_path, parameters(NOW, RULES))
