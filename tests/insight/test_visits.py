"""A conversation is cut where nobody wrote for long."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sixty.insight.turns import Said
from sixty.insight.visits import split
from tests.insight.written import at

PAUSE = timedelta(minutes=30)


def conversation(gaps: list[int]) -> list[Said]:
    moment, said = 0, []
    for number, gap in enumerate(gaps):
        moment += gap
        said.append(Said(number + 1, "customer" if number % 2 else "bot", at(moment)))
    return said


def test_a_pause_of_just_that_length_is_none() -> None:
    assert len(split(conversation([0, 1800, 10]), PAUSE)) == 1
    assert [len(visit) for visit in split(conversation([0, 1801, 10]), PAUSE)] == [1, 2]
    assert split([], PAUSE) == []


gaps = st.lists(st.integers(0, 4000), max_size=40)


@given(gaps)
def test_nothing_is_lost_and_nothing_turned_round(given_gaps: list[int]) -> None:
    said = conversation(given_gaps)
    assert [each for visit in split(said, PAUSE) for each in visit] == said


@given(gaps, st.integers(0, 40))
def test_cutting_on_from_a_visit_is_cutting_it_all(given_gaps: list[int], place: int) -> None:
    said = conversation(given_gaps)
    whole = split(said, PAUSE)
    known = split(said[:place], PAUSE)
    # What a follower does when more is said: the last visit that it knows is cut again, with what has come.
    begin = known[-1][0].id if known else 0
    again = split([each for each in said if each.id >= begin], PAUSE)
    assert known[:-1] + again == whole
