"""How chaos is judged: whatever is wrong is seen, and nothing else is."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.chaos import ENOUGH, Plan, judge, saved_turns, verdict
from sixty.ledger.models import Message

NOW = datetime(2026, 11, 11, tzinfo=timezone.utc)
GOOD = {"lost": 0, "doubled": 0, "out_of_order": 0, "refused": 0, "refusals": [], "properly_answered": 1.0}


class Ledger:
    """A ledger as it stands after a conversation, to break one thing in it."""

    def __init__(self, lines: int = 3) -> None:
        self.rows: list[Message] = []
        self.turns: Counter[tuple[str, str]] = Counter()
        self.handed_over: set[str] = set()
        self.spoken = {"theirs": [f"m{number}" for number in range(lines)]}
        for client_id in self.spoken["theirs"]:
            said = self.add("customer", client_id=client_id, state="answered")
            self.turns["ours", str(said.id)] = 1
            for ordinal in range(2):
                self.reply(said, ordinal)

    def add(self, author: str, **given: Any) -> Message:
        row = Message(
            **{
                "id": len(self.rows) + 1,
                "conversation_id": "ours",
                "author": author,
                "payload": {},
                "text": "",
                "attempts": 1,
                **given,
            }
        )
        self.rows.append(row)
        return row

    def reply(self, to: Message, ordinal: int, text: str | None = None) -> Message:
        return self.add("bot", answers_id=to.id, ordinal=ordinal, text=text or f"{to.id}/{ordinal}")

    def said(self, number: int) -> Message:
        return [row for row in self.rows if row.author == "customer"][number]

    def judged(self) -> dict[str, Any]:
        return judge(self.spoken, {"theirs": "ours"}, self.rows, self.handed_over, self.turns)


def test_all_is_well() -> None:
    assert Ledger(3).judged() == {
        "sent": 3,
        "in_ledger": 3,
        "answered": 3,
        "apologised": 0,
        "handed_over": 0,
        "lost": 0,
        "doubled": 0,
        "out_of_order": 0,
        "repeated": 0,
        "properly_answered": 1.0,
        "troubles": {},
        "examples": [],
    }


def test_a_message_that_is_not_there_is_lost() -> None:
    ledger = Ledger()
    ledger.spoken["theirs"].append("never arrived")
    found = ledger.judged()
    assert (found["sent"], found["in_ledger"], found["lost"]) == (4, 3, 1)
    assert judge({"unknown": ["m0"]}, {}, [], set(), Counter())["lost"] == 1


@pytest.mark.parametrize("state", ["received", "handling"])
def test_a_message_that_still_waits_is_lost(state: Any) -> None:
    ledger = Ledger()
    ledger.said(1).state = state
    assert ledger.judged()["lost"] == 1


def test_answered_without_an_answer_is_lost() -> None:
    ledger = Ledger()
    ledger.rows = [row for row in ledger.rows if row.answers_id != ledger.said(1).id]
    assert ledger.judged()["lost"] == 1


@pytest.mark.parametrize("state", ["apologised", "handed_over"])
def test_an_apology_needs_a_person(state: Any) -> None:
    ledger = Ledger()
    ledger.said(2).state = state
    found = ledger.judged()
    assert (found[state], found["answered"], found["lost"]) == (1, 2, 1)
    ledger.handed_over = {"ours"}
    assert ledger.judged()["lost"] == 0


def test_a_line_that_was_read_with_the_next_has_its_answer() -> None:
    ledger = Ledger()
    first, second = ledger.said(0), ledger.said(1)
    first.payload = {"read_with": second.id}
    ledger.rows = [row for row in ledger.rows if row.answers_id != first.id]
    found = ledger.judged()
    assert (found["lost"], found["doubled"], found["out_of_order"]) == (0, 0, 0)


def test_the_same_message_twice_is_doubled() -> None:
    ledger = Ledger()
    ledger.add("customer", client_id="m1", state="answered")
    assert ledger.judged()["doubled"] == 1


def test_the_same_reply_of_another_try_is_doubled() -> None:
    ledger = Ledger()
    ledger.said(1).attempts = 2
    ledger.reply(ledger.said(1), 2, text=f"{ledger.said(1).id}/0")
    assert (ledger.judged()["doubled"], ledger.judged()["repeated"]) == (1, 0)


def test_a_bot_that_repeats_itself_is_told_apart() -> None:
    ledger = Ledger()
    ledger.said(1).text = "多少钱"
    ledger.reply(ledger.said(1), 2, text=f"{ledger.said(1).id}/0")
    found = ledger.judged()
    assert (found["doubled"], found["repeated"]) == (0, 1)
    assert "多少钱" in found["examples"][0]


def test_a_turn_that_was_saved_twice_is_doubled() -> None:
    ledger = Ledger()
    ledger.turns["ours", str(ledger.said(1).id)] = 2
    found = ledger.judged()
    assert found["doubled"] == 1
    assert "saved by Rasa" in found["examples"][0]


def test_what_went_wrong_is_told() -> None:
    ledger = Ledger()
    ledger.said(1).state = "apologised"
    ledger.handed_over = {"ours"}
    ledger.reply(ledger.said(1), 2).payload = {"trouble": "turn_too_slow"}
    assert ledger.judged()["troubles"] == {"turn_too_slow": 1}


def test_answers_in_another_order_are_seen() -> None:
    ledger = Ledger()
    late = ledger.reply(ledger.said(0), 2)
    assert ledger.judged()["out_of_order"] == 2, "both later messages were answered before the first one was"
    ledger.rows.remove(late)
    ledger.spoken["theirs"].reverse()
    assert ledger.judged()["out_of_order"] > 0


def test_turns_are_counted_in_rasas_own_store(tmp_path: Path) -> None:
    store = sqlite3.connect(tmp_path / "tracker.db")
    store.execute("CREATE TABLE events (sender_id TEXT, type_name TEXT, data TEXT)")
    rows = [("a", "user", {"message_id": "1"}), ("a", "user", {"message_id": "1"}), ("a", "user", {}), ("b", "bot", {})]
    store.executemany("INSERT INTO events VALUES (?, ?, ?)", [(*row[:2], json.dumps(row[2])) for row in rows])
    store.commit()
    store.close()
    assert saved_turns(tmp_path / "tracker.db") == {("a", "1"): 2}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, None),
        ({"lost": 1}, "1 lost"),
        ({"doubled": 2}, "2 doubled"),
        ({"out_of_order": 1}, "out of order"),
        ({"refused": 1, "refusals": ["409: no"]}, "409: no"),
        ({"properly_answered": ENOUGH - 0.001}, "94.9%"),
        ({"properly_answered": ENOUGH}, None),
    ],
)
def test_the_verdict(wrong: dict[str, Any], said: str | None) -> None:
    found = verdict({**GOOD, **wrong})
    assert (found is None) == (said is None)
    assert said is None or said in str(found)


@given(st.integers(1, 20_000), st.integers(0, 1000))
def test_everything_dies_while_there_is_still_something_to_say(messages: int, seed: int) -> None:
    plan = Plan.of(messages, seed, 4.0)
    moments = plan.moments()
    assert Counter(name for _, name in moments) == plan.deaths
    assert set(plan.deaths) == {"rasa", "actions", "database"}
    assert moments == sorted(moments)
    assert all(0 <= at < max(1, messages) for at, _ in moments)
    assert moments == Plan.of(messages, seed, 4.0).moments()
