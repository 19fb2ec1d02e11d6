"""Counts impressions whose time to bring something is over.

An impression counts when nothing can come of it any more, not before: what is shown now would look worse than what was
shown yesterday if it counted as a failure at once, and better if only successes counted early. Until then
it is neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import literal, select, update
from sqlalchemy.orm import Session

from sixty.shop.adding import add_once
from sixty.shop.models import Order, OrderLine
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.orders import Viewer
from sixty.shop.trials.models import OutcomeKind, TrialArm, TrialImpression, TrialOutcome
from sixty.shop.trials.outcomes import attribute
from sixty.shop.trials.sampling import Arm, compared
from sixty.shop.trials.trial import Trial
from sixty.tables import column

AT_ONCE = 50


def arms_of(session: Session, trial: Trial) -> tuple[Arm, ...]:
    """How the candidates of a trial stand, in its order."""
    query = select(TrialArm).where(
        column(TrialArm.trial_id) == trial.id, column(TrialArm.product_no).in_(trial.products)
    )
    rows: Sequence[TrialArm] = session.scalars(query.execution_options(populate_existing=True)).all()
    known = {
        row.product_no: Arm(row.product_no, row.settled, float(row.reward), row.shown, float(row.squares))
        for row in rows
    }
    return compared([known.get(product) or Arm(product, 0, 0.0) for product in trial.products])


def settle_due(session: Session, trial: Trial, now: datetime, at_once: int = AT_ONCE) -> int:
    """Counts the oldest impressions whose time is over; what another transaction is counting is left to it.

    Args:
        session: A session that may write.
        trial: The trial.
        now: The present moment.
        at_once: How many at most.

    Returns:
        How many were counted.
    """
    query = (
        select(TrialImpression)
        .where(
            column(TrialImpression.trial_id) == trial.id,
            column(TrialImpression.settled_at).is_(None),
            column(TrialImpression.shown_at) <= now - trial.wait - trial.late,
        )
        .order_by(TrialImpression.shown_at, TrialImpression.key)
        .limit(at_once)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    due: Sequence[TrialImpression] = session.scalars(query).all()
    if not due:
        return 0
    _look_for_outcomes(session, trial, due)
    worth = _worth(session, trial, due)
    worths: dict[str, list[Decimal]] = defaultdict(list)
    for row in due:
        row.settled_at, row.reward = now, worth[row.key]
        worths[row.product_no].append(worth[row.key])
    # In one order, so that two transactions never wait for each other.
    for product_no, each in sorted(worths.items()):
        squares = sum((one * one for one in each), Decimal(0))
        _change_arm(session, trial.id, product_no, settled=len(each), reward=sum(each, Decimal(0)), squares=squares)
    session.flush()
    return len(due)


def count_shown(session: Session, trial_id: str, product_no: str) -> None:
    """Counts that a candidate was shown."""
    nothing = {"shown": 0, "settled": 0, "reward": Decimal(0), "squares": Decimal(0)}
    add_once(session, TrialArm, {"trial_id": trial_id, "product_no": product_no, **nothing})
    _change_arm(session, trial_id, product_no, shown=1)


def _change_arm(session: Session, trial_id: str, product_no: str, **by: int | Decimal) -> None:
    session.execute(
        update(TrialArm)
        .where(column(TrialArm.trial_id) == trial_id, column(TrialArm.product_no) == product_no)
        .values({name: _plus(getattr(TrialArm, name), more) for name, more in by.items()})
        .execution_options(synchronize_session=False)
    )


def _plus(attribute: Any, more: int | Decimal) -> Any:
    # Said with its type, or a decimal would not be counted in the column's units.
    return attribute + literal(more, attribute.type)


def _worth(session: Session, trial: Trial, due: Sequence[TrialImpression]) -> dict[str, Decimal]:
    """What each impression was worth: the best that came of it in its time."""
    query = select(TrialOutcome.impression_key, TrialOutcome.kind).where(
        column(TrialOutcome.impression_key).in_([row.key for row in due])
    )
    worth = {row.key: Decimal(0) for row in due}
    for key, kind in session.execute(query):
        worth[key] = max(worth[key], trial.reward.get(cast(OutcomeKind, kind), Decimal(0)))
    return worth


def _look_for_outcomes(session: Session, trial: Trial, due: Sequence[TrialImpression]) -> None:
    """Finds what the shop itself knows of: orders, carts and favourites of customers who were shown something."""
    customers = {row.customer_id for row in due if row.customer_id is not None}
    if not customers:
        return
    since, until = min(row.shown_at for row in due), max(row.shown_at for row in due) + trial.wait
    for kind, customer, product, at, key in (
        *_orders(session, customers, set(trial.products), since, until),
        *_events(session, customers, set(trial.products), since, until),
    ):
        # No conversation: what somebody ordered is theirs wherever they were shown it.
        attribute(session, (trial,), kind, Viewer("", customer), product, at, key)


_Found = tuple[OutcomeKind, str, str, datetime, str]


def _orders(
    session: Session, customers: set[str], products: set[str], since: datetime, until: datetime
) -> Iterator[_Found]:
    query = (
        select(Order.no, Order.customer_id, OrderLine.product_no, Order.placed_at)
        .join(OrderLine, column(OrderLine.order_no) == Order.no)
        .where(
            column(Order.customer_id).in_(customers),
            column(OrderLine.product_no).in_(products),
            column(Order.placed_at) >= since,
            column(Order.placed_at) <= until,
            column(Order.state) != "closed",
        )
        .order_by(Order.placed_at)
    )
    for no, customer, product, at in session.execute(query):
        yield "order", customer, product, at, f"order:{no}:{product}"


def _events(
    session: Session, customers: set[str], products: set[str], since: datetime, until: datetime
) -> Iterator[_Found]:
    query = (
        select(OrderEvent)
        .where(
            column(OrderEvent.customer_id).in_(customers),
            column(OrderEvent.kind).in_(("cart", "favourite")),
            column(OrderEvent.occurred_at) >= since,
            column(OrderEvent.occurred_at) <= until,
        )
        .order_by(OrderEvent.occurred_at, OrderEvent.id)
    )
    rows: Sequence[OrderEvent] = session.scalars(query).all()
    for row in rows:
        for product in _named(row.kind, row.payload) & products:
            kind: OutcomeKind = "cart" if row.kind == "cart" else "favourite"
            yield kind, str(row.customer_id), product, row.occurred_at, f"event:{row.id}:{product}"


def _named(kind: str, payload: dict[str, Any]) -> set[str]:
    if kind == "favourite":
        return {str(payload.get("product_no"))} if payload.get("added", True) else set()
    lines = payload.get("lines") or ()
    return {str(line.get("product_no")) for line in lines if line.get("quantity", 1)}
