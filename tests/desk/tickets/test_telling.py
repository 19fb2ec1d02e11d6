"""What customers read of their tickets: no time that has passed, no mark twice, the tone of what they brought."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sixty.desk.tickets.rows import Ticket
from sixty.desk.tickets.rules import read_tickets
from sixty.desk.tickets.telling import words_for
from sixty.settings import project_root
from tests.desk.desk_world import NOW

TICKETS = read_tickets(project_root() / "playbook")
HOUR = timedelta(hours=1)
TYPES = [str(each.id) for each in TICKETS.types]
STATES = [str(each.id) for each in TICKETS.states]


def read(type_id: str, state: str, due: datetime | None = NOW + HOUR, why: str = "退回原卡。") -> str:
    return words_for(Ticket(id=7, type=type_id, state=state, due_at=due), why, NOW, TICKETS)


@pytest.mark.parametrize("type_id", TYPES)
@pytest.mark.parametrize("state", ["new", "doing"])
def test_no_time_is_named_that_has_passed_or_that_there_is_not(type_id: str, state: str) -> None:
    if not TICKETS.told(type_id, state):
        return
    assert "12:00前" in read(type_id, state)
    late = read(type_id, state, NOW - HOUR)
    assert "抱歉" in late
    assert "10:00" not in late
    undated = read(type_id, state, None)
    assert "前" not in undated.replace("前给您打电话", "")
    assert "GD000007" in undated


@pytest.mark.parametrize("type_id", TYPES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("why", ["退回原卡。", "退回原卡！", "退回原卡～ "])
def test_a_reason_ends_with_one_mark(type_id: str, state: str, why: str) -> None:
    text = read(type_id, state, why=why)
    assert ("退回原卡。" in text) is ("{why}" in TICKETS.told(type_id, state))
    assert "。。" not in text


@pytest.mark.parametrize("state", STATES)
def test_who_complains_is_not_told_in_high_spirits(state: str) -> None:
    text = read("complaint", state)
    assert text
    assert "啦" not in text
    assert "～" not in text
