from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from sixty.settings import project_root
from sixty.shop.located import Problem
from sixty.shop.models import Order, OrderLine, Sku
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.orders import Viewer
from sixty.shop.trials import (
    Candidate,
    Trial,
    candidate,
    outcome,
    products_on_trial,
    read_trials,
    settle_due,
    trial_report,
)
from sixty.shop.trials.models import TrialArm, TrialImpression, TrialOutcome
from sixty.shop.trials.reading import check_trials

TRIAL = Trial("both", "测两款", ("GZ2101", "GZ3101"), Decimal(1), least=2, wait=timedelta(hours=24))
LATER = timedelta(hours=26)


def show(session: Session, key: str, viewer: Viewer, at: datetime, trial: Trial = TRIAL, **more: object) -> Candidate:
    found = candidate(session, key, viewer, at, trials=[trial], **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def arm(session: Session, product: str) -> TrialArm:
    found = session.get(TrialArm, ("both", product), populate_existing=True)
    assert found is not None
    return found


def test_the_shipped_trials_are_valid() -> None:
    assert read_trials(project_root() / "playbook")


def test_a_place_is_shown_once(shop: Session, gold: Viewer, now: datetime) -> None:
    first = show(shop, "k", gold, now)
    assert show(shop, "k", gold, now + timedelta(minutes=1)) == first
    assert arm(shop, first.product_no).shown == 1
    assert shop.scalar(select(func.count()).select_from(TrialImpression)) == 1


def test_a_trial_has_its_share(shop: Session, gold: Viewer, now: datetime) -> None:
    some = replace(TRIAL, share=Decimal("0.25"))
    other = replace(TRIAL, id="other", products=("GZ2101", "GZ2102"), share=Decimal("0.5"))
    shown = Counter(
        found.trial_id if (found := candidate(shop, f"k{number}", gold, now, trials=[some, other])) else None
        for number in range(400)
    )
    assert 70 <= shown["both"] <= 130
    assert 160 <= shown["other"] <= 240


def test_a_trial_keeps_to_its_scenes_and_time(shop: Session, gold: Viewer, now: datetime) -> None:
    similar = replace(TRIAL, scenes=frozenset({"similar"}))
    assert candidate(shop, "k", gold, now, "wish", trials=[similar]) is None
    assert candidate(shop, "k", gold, now, "similar", trials=[similar]) is not None
    over = replace(TRIAL, ends_at=now)
    assert candidate(shop, "k2", gold, now, trials=[over]) is None
    assert products_on_trial(shop, now, "wish", [similar]) == frozenset()
    assert products_on_trial(shop, now, "similar", [similar]) == {"GZ2101", "GZ3101"}


def test_only_what_can_be_bought_and_may_be_shown_is(shop: Session, gold: Viewer, now: datetime) -> None:
    assert {show(shop, f"k{n}", gold, now, exclude=["GZ2101"]).product_no for n in range(8)} == {"GZ3101"}
    assert candidate(shop, "none", gold, now, exclude=TRIAL.products, trials=[TRIAL]) is None
    assert shop.get(TrialImpression, "none") is None
    shop.execute(update(Sku).where(Sku.product_no == "GZ3101").values(stock=0))
    assert {show(shop, f"s{n}", gold, now).product_no for n in range(8)} == {"GZ2101"}


def test_what_comes_of_an_impression_is_recorded_once(shop: Session, gold: Viewer, now: datetime) -> None:
    shown = show(shop, "k", gold, now).product_no
    soon = now + timedelta(minutes=5)
    assert outcome(shop, "tap", gold, shown, soon, "t1", [TRIAL])
    assert outcome(shop, "tap", gold, shown, soon, "t1", [TRIAL])
    assert outcome(shop, "tap", gold, shown, soon, "t2", [TRIAL])
    assert outcome(shop, "cart", gold, shown, soon, "c1", [TRIAL])
    assert not outcome(shop, "tap", Viewer("elsewhere", None), shown, soon, "t3", [TRIAL])
    assert not outcome(shop, "tap", gold, shown, now - timedelta(minutes=1), "t4", [TRIAL])
    assert not outcome(shop, "order", gold, shown, now + timedelta(hours=25), "o1", [TRIAL])
    assert not outcome(shop, "tap", gold, "GZ2102", soon, "t5", [TRIAL])
    kinds = shop.scalars(select(TrialOutcome.kind).order_by(TrialOutcome.kind)).all()
    assert kinds == ["cart", "tap"]


def test_an_impression_counts_when_its_time_is_over(shop: Session, gold: Viewer, now: datetime) -> None:
    shown = show(shop, "k", gold, now).product_no
    outcome(shop, "tap", gold, shown, now, "t", [TRIAL])
    outcome(shop, "cart", gold, shown, now, "c", [TRIAL])
    assert settle_due(shop, TRIAL, now + timedelta(hours=24, minutes=59)) == 0
    assert settle_due(shop, TRIAL, now + LATER) == 1
    assert settle_due(shop, TRIAL, now + LATER) == 0
    counted = arm(shop, shown)
    assert (counted.shown, counted.settled) == (1, 1)
    assert (counted.reward, counted.squares) == (Decimal("0.4"), Decimal("0.16"))
    # What comes later still does not count twice.
    outcome(shop, "order", gold, shown, now + timedelta(hours=2), "o", [TRIAL])
    settle_due(shop, TRIAL, now + LATER)
    assert arm(shop, shown).reward == Decimal("0.4")


def test_orders_carts_and_favourites_are_found_by_themselves(shop: Session, now: datetime) -> None:
    def event(number: int, kind: str, payload: dict[str, object], customer: str) -> OrderEvent:
        return OrderEvent(
            source="mall", external_id=f"e{number}", kind=kind, object_id=f"o{number}", customer_id=customer,
            occurred_at=now + timedelta(hours=1), received_at=now, way="webhook", payload=payload,
        )  # fmt: skip

    one = replace(TRIAL, products=("GZ2101", "GZ3101"), least=0)
    for customer in ("C001", "C002"):
        for place in range(2):
            show(shop, f"{customer}:{place}", Viewer(f"c {customer}", customer), now, one, exclude=["GZ3101"])
    shop.add(event(1, "favourite", {"product_no": "GZ2101"}, "C002"))
    shop.add(event(2, "cart", {"lines": [{"product_no": "GZ9999"}]}, "C002"))
    order = Order(
        no="T1", customer_id="C001", state="paid", placed_at=now + timedelta(hours=3), receiver="陈**", phone="1",
        address="浙江省", goods_amount=Decimal(259), discount=Decimal(0), postage=Decimal(0), paid_amount=Decimal(259),
    )  # fmt: skip
    order.lines.append(
        OrderLine(ordinal=0, sku_code="GZ2101-02", product_no="GZ2101", name="裤", quantity=1,
                  unit_price=Decimal(259), share=Decimal(259))
    )  # fmt: skip
    shop.add(order)
    shop.flush()
    assert settle_due(shop, one, now + LATER) == 4
    # An order and a favourite each belong to the last impression before them, and to no other.
    assert arm(shop, "GZ2101").reward == Decimal("1.3")
    rows = shop.execute(select(TrialOutcome.kind, TrialOutcome.impression_key).order_by(TrialOutcome.kind)).all()
    assert [(kind, key[:4]) for kind, key in rows] == [("favourite", "C002"), ("order", "C001")]


def test_the_report_says_who_earned_their_place(shop: Session, now: datetime) -> None:
    trial = replace(TRIAL, least=20, certainty=0.95)
    for number in range(400):
        viewer = Viewer(f"c{number}", None)
        found = candidate(shop, f"k{number}", viewer, now + timedelta(seconds=number), trials=[trial])
        if found is None:
            break
        if number % (2 if found.product_no == "GZ3101" else 20) == 0:
            outcome(shop, "order", viewer, found.product_no, now + timedelta(minutes=10), f"o{number}", [trial])
    open_yet = trial_report(shop, trial, now)
    assert not open_yet.decided
    assert {each.verdict for each in open_yet.candidates} == {"open"}
    late = now + timedelta(days=2)
    while settle_due(shop, trial, late):
        pass
    found_out = trial_report(shop, trial, late)
    assert found_out.decided
    best, other = found_out.candidates
    assert (best.product_no, best.verdict, other.verdict) == ("GZ3101", "earned", "not")
    assert best.place > 0.95
    assert best.worth.low > other.worth.high
    assert best.shown == best.settled
    assert best.orders > 0
    assert best.order_rate.low < best.orders / best.shown < best.order_rate.high
    # What is decided takes no more places.
    assert candidate(shop, "after", Viewer("c", None), late, trials=[trial]) is None
    assert products_on_trial(shop, late, "", [trial]) == frozenset()


YAML = """trials:
  - id: coats
    title: 外套
    products: [A1, A2, A3]
    share: 0.2
    winners: 2
"""


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("winners: 2", "winners: 3", "all would win", 2),
        ("share: 0.2", "share: 1.2", "less than or equal to 1", 5),
        ("[A1, A2, A3]", "[A1]", "at least 2 items", 4),
        ("[A1, A2, A3]", "[A1, A1]", "twice", 4),
        ("[A1, A2, A3]", "[A1, A2, B9]", "no product B9", 4),
        ("winners: 2", "certainty: 1", "less than 1", 6),
        ("winners: 2", "reward: {order: 2}", "less than or equal to 1", 6),
        ("winners: 2", "reward: {smile: 1}", "unexpected value", 6),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str, line: int) -> None:
    (tmp_path / "trials.yml").write_text(YAML.replace(old, new), encoding="utf-8")
    found: list[Problem] = []
    check_trials(tmp_path, found, {"A1", "A2", "A3"})
    assert (line, True) in [(each.line, message in each.message) for each in found], [str(each) for each in found]


def test_trials_share_what_there_is(tmp_path: Path) -> None:
    twice = YAML.replace("0.2", "0.6") + YAML.replace("trials:\n", "").replace("0.2", "0.6").replace("coats", "more")
    (tmp_path / "trials.yml").write_text(twice, encoding="utf-8")
    found: list[Problem] = []
    check_trials(tmp_path, found)
    assert [each.line for each in found] == [10]
