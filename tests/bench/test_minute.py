"""The golden minute's benchmark: the generated shop, what it says of others, and how results are read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import Connection

from bench.errors import BenchError
from bench.minute import PARTS, last_object
from bench.minute_customers import OFFERED, Offering, Talk, Tally, best, capsules, draw_law, nothing, talk
from bench.minute_lines import outcomes_in
from bench.minute_shop import UNTIL, Size, coverage, holds, in_rows, reach
from sixty.insight.experiment import Estimate, compare
from sixty.insight.mining import mine
from sixty.insight.models import ChatTurn, Visit
from sixty.insight.next_questions import followings
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.shop.database import shop_session

LAW = draw_law(60)


def test_the_shop_in_rows_is_the_one_that_was_drawn(database_url: str) -> None:
    found = in_rows(database_url, LAW, Size(weeks=2, a_week=25, later=200, drawn=0), 60)
    # Messages, taps, answers and orders went through the ledger, the webhook and the follower: not one is lost.
    assert found["weeks_exact"] == 2
    assert found["mined_from_visits"] == 50
    assert found["reach"]["playbook"] <= found["reach"]["mined"] <= found["reach"]["best"]


def test_what_is_mined_reaches_what_customers_do_ask(database_url: str) -> None:
    draw = random.Random(4)
    talks = [talk(draw, LAW, nothing, "quiet") for _ in range(6_000)]
    with shop_session(database_url) as session:
        write_visits(session.connection(), talks)
    mine(database_url, UNTIL, capsules().related)
    with shop_session(database_url, read_only=True) as session:
        found = reach(LAW, 2_000, 60, Offering(lambda spot: followings(session, spot)))
    assert found["playbook"] < 0.3
    assert found["of_the_best"] > 0.85


def write_visits(connection: Connection, talks: Sequence[Talk]) -> None:
    """Writes the rows of visits as the follower leaves them, without the way there."""
    at = UNTIL - timedelta(days=3)
    ids = count(1)
    messages, visits, turns = [], [], []
    for place, told in enumerate(talks, start=1):
        own = [next(ids) for _ in told.questions]
        frame = {"conversation_id": f"c{place}", "category": told.category}
        messages += [
            blank_message(
                id=each, conversation_id=f"c{place}", author="customer", channel="web", state="answered", at=at
            )
            for each in own
        ]
        visits.append(
            {
                **frame,
                "id": place,
                "first_message_id": own[0],
                "channel": "web",
                "arm": "quiet",
                "turns": len(own),
                "questions": len(own),
                "segment": "ask",
                "score": 0.5,
                "order_no": f"{place}" if told.ordered else None,
                "ordered_at": at if told.ordered else None,
                **dict.fromkeys(("started_at", "ended_at", "updated_at"), at),
                **{name: [] for name in ("reasons", "curve", "next_questions", "pages")},
            }
        )
        turns += [
            {
                **frame,
                "message_id": each,
                "visit_id": place,
                "ordinal": ordinal,
                "at": at,
                "intent": question.partition(".")[0],
                "question": question,
                "outcome": "answered" if answered else "missed",
                "score": 0.5,
                "segment": "ask",
            }
            for ordinal, (each, question, answered) in enumerate(zip(own, told.questions, told.answered, strict=True))
        ]
    for table, rows in ((Message, messages), (Visit, visits), (ChatTurn, turns)):
        connection.execute(insert(table.__table__), rows)


def test_the_true_lift_lies_in_as_many_intervals_as_it_should() -> None:
    found = coverage(LAW, 12, 60)
    assert found["experiments"] == 108
    # So few experiments are sure of it up to some hundredths.
    assert found["low"] <= 0.95 <= found["high"]
    assert 0.9 <= found["lift_coverage"] <= 0.99


def test_customers_are_as_their_law_says() -> None:
    draw = random.Random(1)
    arms = {"pushes": Tally(), "quiet": Tally()}
    for arm, tally in arms.items():
        for _ in range(20_000):
            tally.add(talk(draw, LAW, nothing, arm))
    found = compare(arms["pushes"].counts(), arms["quiet"].counts())
    assert found.difference is not None
    assert found.difference.low <= LAW.lift <= found.difference.high
    assert found.pushes.taps == 0


def test_what_is_offered_is_new_and_who_knows_offers_best() -> None:
    draw, playbook, knowing = random.Random(2), Offering(), best(LAW)
    foreseen = {"playbook": 0, "knowing": 0}
    for _ in range(2_000):
        seed = draw.random()
        for name, choose in (("playbook", playbook), ("knowing", knowing)):
            told = talk(random.Random(seed), LAW, choose, "pushes")
            foreseen[name] += told.foreseen
            for place, offered in enumerate(told.offered):
                assert len(offered) <= OFFERED
                assert not set(offered) & set(told.questions[: place + 1])
    assert foreseen["playbook"] < foreseen["knowing"]


def test_an_interval_holds_its_ends() -> None:
    assert holds(Estimate(0.1, 0.0, 0.2), 0.2)
    assert not holds(Estimate(0.1, 0.0, 0.2), 0.21)


@pytest.mark.parametrize("printed", ["", "\n", "done\n", "[1]\n", '{"a": 1}\nend\n'])
def test_what_is_no_result_is_none(printed: str) -> None:
    with pytest.raises(BenchError):
        last_object(printed)


def test_the_result_is_the_last_line() -> None:
    assert last_object('so far\n{"a": 1}\n{"a": 2}\n\n') == {"a": 2}


def test_lines_are_read_off_pytests_summary() -> None:
    printed = """
.F.s                                                     [100%]
PASSED tests/servers/test_minute_lines.py::test_each_line_is_reached[A]
PASSED tests/servers/test_minute_lines.py::test_each_line_is_reached[C+]
SKIPPED [1] tests/servers/conftest.py:3: no servers
FAILED tests/servers/test_minute_lines.py::test_each_line_is_reached[Z] - AssertionError: [B]
PASSED tests/servers/test_minute_lines.py::test_each_line_is_reached[other]
ERROR tests/servers/test_minute_lines.py::test_each_line_is_reached[A] - teardown
"""
    assert outcomes_in(printed) == {"A": "error", "C+": "passed", "Z": "failed"}


def test_all_figures_that_are_promised_have_a_module() -> None:
    figures = {name for names in PARTS.values() for name in names}
    promised = {"hit3", "hit3_popular", "mined_messages_per_s", "auc_bad", "lines_reached", "lift_coverage"}
    assert figures == promised
