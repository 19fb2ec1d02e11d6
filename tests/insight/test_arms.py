"""A/B: the arm of a conversation."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sixty.desk.conversations import begin
from sixty.insight.arms import arm, arm_of
from tests.insight.written import NOON

NAMES = [f"conversation-{number}" for number in range(4000)]


def test_it_is_the_same_whenever_it_is_asked_and_grows_with_the_share() -> None:
    quiet = {name for name in NAMES if arm_of(name, 0.05) == "quiet"}
    assert quiet == {name for name in NAMES if arm_of(name, 0.05) == "quiet"}
    assert quiet < {name for name in NAMES if arm_of(name, 0.2) == "quiet"}
    # 200 are expected; five standard deviations are 69.
    assert 131 < len(quiet) < 269


def test_none_is_quiet_without_a_share_and_all_with_a_whole_one() -> None:
    assert {arm_of(name, 0) for name in NAMES} == {"pushes"}
    assert {arm_of(name, 1) for name in NAMES} == {"quiet"}


def test_who_never_came_through_the_door_gets_pushes(session: Session) -> None:
    known, _ = begin(session, "web", NOON)
    session.flush()
    assert arm(session, "nobody", 1) == "pushes"
    assert arm(session, known.id, 1) == "quiet"
    assert arm(session, known.id, 0) == "pushes"
