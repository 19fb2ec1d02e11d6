"""Stock and budgets: one row each, which can't be overdrawn however many give at once.

What is taken is taken by a single conditional update: the database looks at the limit and changes the row in one step,
under the row's lock, whatever other transactions do meanwhile. (In SQLite writers take turns anyway.)
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import literal, select, update
from sqlalchemy.orm import Session

from sixty.shop.adding import add_once
from sixty.shop.benefits.benefit import Benefit, Budget, span_of
from sixty.shop.benefits.models import BenefitCounter, BenefitGrant
from sixty.tables import Money, column

Shortage = Literal["out_of_stock", "over_budget"]

_TAKEN = column(BenefitCounter.taken)
_SPENT = column(BenefitCounter.spent)


def shortage(session: Session, benefit: Benefit, now: datetime) -> Shortage | None:
    """What is used up, as far as one can see without taking anything."""
    if benefit.stock is not None and _counted(session, *_stock(benefit, now))[0] >= benefit.stock:
        return "out_of_stock"
    budget = benefit.budget
    if budget is not None and _counted(session, *_money(budget, now))[1] + benefit.cost > budget.amount:
        return "over_budget"
    return None


def take(session: Session, benefit: Benefit, now: datetime) -> Shortage | None:
    """Takes one piece from the stock and its cost from the budget, both or nothing.

    Returns:
        What is used up; None when it was taken.
    """
    stock = _stock(benefit, now)
    if not _taken(
        session, stock, benefit.cost, column(BenefitCounter.taken) < benefit.stock if benefit.stock else None
    ):
        return "out_of_stock"
    budget = benefit.budget
    if budget is None:
        return None
    if _taken(session, _money(budget, now), benefit.cost, budget.amount - benefit.cost >= _SPENT):
        return None
    _back(session, stock, benefit.cost)
    return "over_budget"


def give_back(session: Session, row: BenefitGrant) -> None:
    """Puts back what was taken for a grant that has ended unused."""
    _back(session, (f"benefit:{row.benefit_id}", row.stock_span), row.cost)
    if row.budget is not None:
        _back(session, (f"budget:{row.budget}", row.budget_span), row.cost)


def used_of(session: Session, benefit: Benefit, now: datetime) -> int:
    """How many of a benefit are taken in the present span of its stock."""
    return _counted(session, *_stock(benefit, now))[0]


def spent_of(session: Session, budget: Budget, now: datetime) -> Decimal:
    """How much of a budget is taken in its present span."""
    return _counted(session, *_money(budget, now))[1]


def _stock(benefit: Benefit, now: datetime) -> tuple[str, str]:
    return f"benefit:{benefit.id}", span_of(benefit.stock_per, now)


def _money(budget: Budget, now: datetime) -> tuple[str, str]:
    return f"budget:{budget.name}", span_of(budget.per, now)


def _counted(session: Session, name: str, span: str) -> tuple[int, Decimal]:
    row = session.execute(
        select(_TAKEN, _SPENT).where(column(BenefitCounter.name) == name, column(BenefitCounter.span) == span)
    ).first()
    return (0, Decimal(0)) if row is None else (row.taken, row.spent)


def _taken(session: Session, counter: tuple[str, str], cost: Decimal, limit: Any | None) -> bool:
    add_once(session, BenefitCounter, {"name": counter[0], "span": counter[1], "taken": 0, "spent": Decimal(0)})
    return _changed(session, counter, 1, cost, limit)


def _back(session: Session, counter: tuple[str, str], cost: Decimal) -> None:
    _changed(session, counter, -1, -cost, _TAKEN > 0)


def _changed(session: Session, counter: tuple[str, str], pieces: int, cost: Decimal, limit: Any | None) -> bool:
    conditions = [column(BenefitCounter.name) == counter[0], column(BenefitCounter.span) == counter[1]]
    if limit is not None:
        conditions.append(limit)
    done: Any = session.execute(
        update(BenefitCounter)
        .where(*conditions)
        .values(taken=_TAKEN + pieces, spent=_SPENT + literal(cost, Money()))
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)
