from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng
from sqlalchemy.orm import Session

from sixty.insight.models import CapsuleShowing
from sixty.insight.next_questions import NextQuestion
from sixty.insight.tap_order import ordered_by_taps
from sixty.insight.taps import NEWEST, Taps, taps_at
from sixty.ledger.receiving import Incoming, receive
from sixty.playbook import Capsule

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
QUESTIONS = ("ask_price", "ask_stock", "ask_size", "ask_coupon", "ask_gift")


def candidates(*pinned: str) -> list[NextQuestion]:
    first = [NextQuestion(Capsule(title=each, intent=each), "pinned") for each in pinned]
    others = [each for each in QUESTIONS if each not in pinned]
    return [*first, *(NextQuestion(Capsule(title=each, intent=each), "mined") for each in others)]


def intents(found: list[NextQuestion]) -> list[str]:
    return [each.capsule.intent for each in found]


COUNTS = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda both: Taps(max(both), min(both)))


@given(
    st.dictionaries(st.sampled_from(QUESTIONS), COUNTS),
    st.integers(0, 10_000),
    st.lists(st.sampled_from(QUESTIONS), max_size=2, unique=True),
)
def test_a_draw_keeps_all_candidates_and_the_pins_in_front(taps: dict[str, Taps], seed: int, pins: list[str]) -> None:
    stand = candidates(*pins)
    found = ordered_by_taps(stand, taps, 200, default_rng(seed))
    assert sorted(intents(found)) == sorted(intents(stand))
    assert intents(found)[: len(pins)] == pins
    assert found == ordered_by_taps(stand, taps, 200, default_rng(seed))
    if sum(each.shown for each in taps.values()) < 200:
        assert found == stand


def test_what_is_tapped_more_comes_first_nearly_always() -> None:
    taps = {each: Taps(2000, 20) for each in QUESTIONS} | {"ask_gift": Taps(2000, 400)}
    firsts = [intents(ordered_by_taps(candidates(), taps, 200, default_rng(seed)))[0] for seed in range(200)]
    assert firsts.count("ask_gift") == 200


def test_what_was_never_shown_gets_its_try_and_no_more() -> None:
    taps = {each: Taps(500, 50) for each in QUESTIONS if each != "ask_gift"}
    firsts = [intents(ordered_by_taps(candidates(), taps, 200, default_rng(seed)))[0] for seed in range(400)]
    assert 20 < firsts.count("ask_gift") < 280


def test_over_time_the_best_three_of_five_are_shown_and_the_others_hardly() -> None:
    """A shop whose customers tap by known chances: what is shown settles on what they like."""
    likes = dict(zip(QUESTIONS, (0.02, 0.15, 0.02, 0.2, 0.12), strict=True))
    chance = default_rng(7)
    counted = {each: Taps(0, 0) for each in QUESTIONS}
    shown_last: list[str] = []
    for turn in range(3000):
        shown = intents(ordered_by_taps(candidates(), counted, 200, default_rng(turn)))[:3]
        for each in shown:
            tapped = bool(chance.random() < likes[each])
            counted[each] = Taps(counted[each].shown + 1, counted[each].tapped + tapped)
        if turn >= 2500:
            shown_last += shown
    best = sum(shown_last.count(each) for each in ("ask_stock", "ask_coupon", "ask_gift"))
    assert best / len(shown_last) > 0.9
    # The order that it began with showed two of them that nobody taps.
    assert shown_last.count("ask_price") + shown_last.count("ask_size") < 0.1 * len(shown_last)


def show(
    session: Session,
    question: str,
    *,
    tapped: bool = False,
    after: str = "ask_price",
    category: str | None = None,
    ago: timedelta = timedelta(hours=1),
    times: int = 1,
) -> None:
    message = receive(session, Incoming("chat", "web", text="…", author="bot"), NOW - ago).message
    for position in range(times):
        session.add(
            CapsuleShowing(
                message_id=message.id,
                position=position,
                conversation_id="chat",
                question=question,
                title="…",
                source="playbook",
                arm="pushes",
                category=category,
                after=after,
                shown_at=NOW - ago,
                tapped_at=NOW if tapped else None,
            )
        )
    session.flush()


def test_taps_are_counted_at_the_place_and_not_elsewhere(session: Session) -> None:
    show(session, "ask_size", tapped=True)
    show(session, "ask_size", times=3)
    show(session, "ask_stock", after="ask_coupon")
    show(session, "ask_gift", ago=timedelta(days=90))
    assert taps_at(session, "ask_price", "", NOW - timedelta(days=60), 1) == {"ask_size": Taps(4, 1)}


@pytest.mark.parametrize(("least", "counted"), [(3, Taps(3, 0)), (4, Taps(5, 1))])
def test_a_category_with_few_showings_is_read_with_the_others(session: Session, least: int, counted: Taps) -> None:
    show(session, "ask_size", category="工装", times=3)
    show(session, "ask_size", category="美妆")
    show(session, "ask_size", tapped=True)
    assert taps_at(session, "ask_price", "工装", NOW - timedelta(days=1), least) == {"ask_size": counted}


def test_only_the_newest_showings_count(session: Session) -> None:
    show(session, "ask_gift", ago=timedelta(hours=2), times=5)
    show(session, "ask_size", times=NEWEST - 2)
    assert taps_at(session, "ask_price", "", NOW - timedelta(days=1), 1) == {
        "ask_size": Taps(NEWEST - 2, 0),
        "ask_gift": Taps(2, 0),
    }
