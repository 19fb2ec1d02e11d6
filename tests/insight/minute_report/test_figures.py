"""What a report counts, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from sixty.insight.minute_report.courses import courses_of
from sixty.insight.minute_report.curves import SECONDS, curves_of, scores_at
from sixty.insight.minute_report.foreseen import foreseen_of
from sixty.insight.minute_report.gathering import gather
from sixty.insight.minute_report.losses import losses_of
from sixty.insight.minute_report.offered import offered_of
from sixty.insight.minute_report.scope import Scope
from sixty.insight.minute_report.speed import speed, speed_of
from sixty.insight.models import CapsuleShowing
from sixty.insight.rules import ClockRules
from sixty.ledger.replying import write_reply
from tests.insight.report_rows import NOW, YESTERDAY, Asked, add_visit

SCOPE = Scope(NOW, timedelta(minutes=30))


def test_a_line_counts_with_its_order_and_else_is_undecided_or_lost(session: Session):
    for place, (line, ordered) in enumerate(
        [("A", True), ("A", False), ("B+", True), ("C", False), ("Z", False), ("A", True)]
    ):
        add_visit(session, f"c{place}", line=line, ordered=ordered, category="裤子" if place < 5 else None)
    found = courses_of(session, SCOPE)
    assert found[None].taken == {"A": 2, "B+": 1, "undecided": 2, "Z": 1}
    assert (found[None].visits, found[None].ordered) == (6, 3)
    assert found["裤子"].taken == {"A": 1, "B+": 1, "undecided": 2, "Z": 1}
    assert found[""].taken == {"A": 1}
    assert found["裤子"].share("Z").rate == pytest.approx(0.2)


def test_what_still_runs_and_what_is_not_about_buying_is_told_apart(session: Session):
    add_visit(session, "over")
    add_visit(session, "running", at=NOW - timedelta(minutes=10))
    add_visit(session, "parcel", line=None)
    add_visit(session, "silent", [], line=None)
    found = gather(session, SCOPE, ClockRules())
    assert (found.visits, found.running, found.other) == (3, 1, 1)
    assert found.whole.courses is not None
    assert found.whole.courses.visits == 1
    assert [each.category for each in found.categories] == ["裤子"]


def test_a_scope_ends_before_its_end(session: Session):
    add_visit(session, "one", at=YESTERDAY)
    add_visit(session, "two", at=YESTERDAY + timedelta(hours=1))
    within = Scope(NOW, timedelta(minutes=30), YESTERDAY, YESTERDAY + timedelta(hours=1))
    assert courses_of(session, within)[None].visits == 1
    assert gather(session, within, ClockRules()).visits == 1


def test_customers_are_lost_after_their_last_question(session: Session):
    add_visit(session, "a", [Asked("ask_size"), Asked("ask_price", "missed"), Asked(None, "answered")], line="Z")
    add_visit(session, "b", [Asked("ask_price", "handed_over")], line="B")
    add_visit(session, "c", [Asked("ask_price"), Asked("ask_size")], ordered=True)
    add_visit(session, "d", [Asked("ask_size", None)], line="B", category="奶瓶")
    # Nothing was asked, so no question lost them.
    add_visit(session, "e", [Asked(None)], line="B")
    found = losses_of(session, SCOPE)
    whole = {each.question: each for each in found[None].questions}
    assert (found[None].lost, found[None].visits) == (3, 4)
    assert (whole["ask_price"].lost, whole["ask_price"].asked) == (2, 3)
    assert whole["ask_price"].outcomes == {"missed": 1, "handed_over": 1}
    assert (whole["ask_size"].lost, whole["ask_size"].asked) == (1, 3)
    assert whole["ask_size"].outcomes == {None: 1}
    assert [each.question for each in found["奶瓶"].questions] == ["ask_size"]
    assert found[None].usual == pytest.approx(3 / 6)
    assert not whole["ask_price"].above


def test_a_question_after_which_many_leave_stands_out(session: Session):
    for place in range(40):
        add_visit(session, f"good{place}", [Asked("ask_size"), Asked("ask_stock")], ordered=True)
    for place in range(20):
        add_visit(session, f"bad{place}", [Asked("ask_size"), Asked("ask_warranty", "missed")], line="Z")
    (only,) = losses_of(session, SCOPE)[None].questions
    assert (only.question, only.lost, only.asked, only.above) == ("ask_warranty", 20, 20, True)


def test_next_questions_that_stood_there_are_counted_in_the_arm_with_pushes(session: Session):
    there, tapped = Asked("ask_price", pushed=True), Asked("ask_size", pushed=True, tapped=True)
    # The first question of a visit follows nothing.
    add_visit(session, "a", [Asked("ask_stock", pushed=True), there, tapped, Asked("ask_price", again=True)])
    add_visit(session, "b", [Asked("ask_stock"), Asked("ask_price")], category=None)
    add_visit(session, "quiet", [Asked("ask_stock"), there], arm="quiet")
    found = foreseen_of(session, SCOPE)
    total = found[None].total
    assert (total.questions, total.offered, total.tapped, total.again) == (4, 2, 1, 1)
    assert (total.visits, total.visits_offered) == (2, 1)
    assert [(each.question, each.asked, each.offered, each.tapped) for each in found[None].questions] == [
        ("ask_price", 3, 1, 0),
        ("ask_size", 1, 1, 1),
    ]
    assert found[""].total.questions == 1


def test_waiting_times_are_read_exactly(session: Session):
    for place, waited in enumerate([100, 200, 300, 6_000, None]):
        add_visit(session, f"c{place}", [Asked("ask_price", waited_ms=waited)])
    add_visit(session, "person", [Asked("ask_price", "to_person", waited_ms=45_000)])
    found = speed_of(session, SCOPE)[None]
    assert found.bot is not None
    assert found.people is not None
    assert (found.bot.answers, found.bot.median_ms, found.bot.p90_ms) == (4, 200, 6_000)
    assert found.bot.groups == (3, 0, 0, 0, 1, 0, 0)
    assert (found.people.answers, found.people.groups[-1]) == (1, 1)


def test_bounds_belong_to_the_group_below_them():
    found = speed({500: 1, 501: 2, 20_000: 3, 20_001: 4})
    assert found is not None
    assert found.groups == (1, 2, 0, 0, 0, 3, 4)
    assert speed({}) is None


def test_offers_are_counted_by_sort(session: Session):
    visit = add_visit(session, "a", [Asked("ask_price")], ordered=True)
    reply, _ = write_reply(
        session, visit.first_message_id, 0, "a", "web", "bot", {"text": "…", "push": "close"}, YESTERDAY
    )
    for place in range(3):
        session.add(
            CapsuleShowing(
                message_id=reply.id,
                position=place,
                conversation_id="a",
                visit_id=visit.id,
                question="ask_size",
                title="…",
                source="mined" if place else "pinned",
                arm="pushes",
                shown_at=YESTERDAY,
                tapped_at=YESTERDAY if place == 1 else None,
            )
        )
    add_visit(session, "b", [Asked("ask_price")], category="奶瓶")
    write_reply(
        session, None, None, "b", "web", "bot", {"text": "…", "push": "follow_up"}, YESTERDAY + timedelta(seconds=40)
    )
    # After the visit, so no part of it.
    write_reply(session, None, None, "b", "web", "bot", {"text": "…", "push": "close"}, NOW)
    session.flush()
    found = offered_of(session, SCOPE)
    assert {name: (each.shown, each.tapped, each.visits, each.ordered) for name, each in found[None].items()} == {
        "pinned": (1, 0, 1, 1),
        "mined": (2, 1, 1, 1),
        "close": (1, None, 1, 1),
        "follow_up": (1, None, 1, 0),
    }
    assert set(found["奶瓶"]) == {"follow_up"}


def test_a_curve_keeps_its_last_score_and_stretches_with_its_category(session: Session):
    scores = scores_at([(0, 0.5), (10, 0.7), (100, 0.2)])
    assert scores is not None
    at = dict(zip(SECONDS, scores, strict=True))
    assert (at[0], at[8], at[10], at[80], at[100], at[600]) == (0.5, 0.5, 0.7, 0.7, 0.2, 0.2)
    stretched = scores_at([(0, 0.5), (30, 0.7)], 3)
    assert stretched is not None
    assert dict(zip(SECONDS, stretched, strict=True))[10] == 0.7
    assert scores_at([]) is None
    assert scores_at([(5, 0.4)])[0] == 0.4  # type: ignore[index]


def test_a_mean_curve_has_the_interval_of_its_mean(session: Session):
    for place, score in enumerate((0.4, 0.5, 0.6)):
        add_visit(session, f"c{place}", ordered=True, line="A", curve=[(0, 0.5), (10, score)])
    add_visit(session, "z", line="Z", curve=[(0, 0.5), (10, 0.1)])
    add_visit(session, "none", line="B", curve=[])
    of_a, of_z = curves_of(session, SCOPE, ClockRules())[None]
    assert (of_a.course, of_a.visits, of_z.course, of_z.visits) == ("A", 3, "Z", 1)
    last = len(SECONDS) - 1
    assert of_a.mean[last] == pytest.approx(0.5)
    # Student's t with two degrees of freedom: 4.3027 · 0.1 / √3.
    assert of_a.high[last] - of_a.mean[last] == pytest.approx(0.24841, abs=1e-4)
    assert of_a.low[0] == of_a.high[0] == 0.5
    assert of_z.low == of_z.mean == of_z.high
