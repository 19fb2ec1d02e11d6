"""Counts from the orders what is bought together, in SQL, whole or as an addition to what was counted before.

Two products say something of each other when they were together in enough orders (support), and clearly more often
than by chance (lift). What goes with a product is then ranked by how many *more* of its buyers take the other than of
all buyers, P(b|a) − P(b): what everybody buys anyway goes with nothing, and a pair that is rare does not win by its
lift alone. Orders that were closed, and those of dealers with very many lines, are not counted.

An addition counts the orders paid since the run before. An order that was closed after it was counted, or paid before
the last run and brought in later, is only put right by counting the whole, which should be done from time to time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.shop.database import READ_ONLY, engine_for
from sixty.shop.recommendations import shelf
from sixty.shop.recommendations.models import MiningRun, PairCount, ProductSales
from sixty.shop.recommendations.rules import RecommendationRules, shop_recommendation_rules
from sixty.tables import UtcDateTime, column

MOST_PARTNERS = 30
"""How many products are kept for each: nobody is shown more, whatever they refuse or have."""

MOST_KINDS = 12

SETTLING = timedelta(minutes=5)
"""Orders paid that shortly ago wait for the next addition: transactions that began before them may still commit."""


@dataclass(frozen=True)
class Mined:
    """What a run found.

    Attributes:
        whole: Whether everything was counted anew.
        orders: How many orders it counted.
        pairs: How many pairs of products say something now.
        places: How many places the shelves have.
    """

    whole: bool
    orders: int
    pairs: int
    places: int


def mine_pairs(
    url: str,
    now: datetime | None = None,
    *,
    whole: bool = False,
    rules: RecommendationRules | None = None,
    tell: Callable[[str], None] = lambda step: None,
) -> Mined:
    """Counts what is bought together, and puts the shelves in order.

    Counting, which takes longest, holds up nobody; SQLite's other writers wait while the result is brought in.

    Args:
        url: The shop's database, migrated.
        now: The moment; this one when left out.
        whole: Counts everything anew; else what was paid since the last run, if there was one.
        rules: What the merchant set; as the playbook says when left out.
        tell: Is told of each step.
    """
    miner = _Miner(now or datetime.now(timezone.utc), whole, rules or shop_recommendation_rules())
    with engine_for(url).connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        tell("counting")
        if is_sqlite:
            connection.execution_options(**{READ_ONLY: True})
        with connection.begin():
            if is_sqlite:
                # It begins as a reader of the shop; only that keeps it from writing temporary tables too.
                connection.execute(text("PRAGMA query_only=OFF"))
            miner.count(connection)
        if is_sqlite:
            connection.execution_options(**{READ_ONLY: False})
        tell("bringing in")
        with Session(bind=connection, future=True) as session, session.begin():
            found = miner.bring_in(session)
        with connection.begin():
            miner.drop(connection)
            if is_sqlite:
                connection.execute(text("PRAGMA analysis_limit=1000"))
        for table in ("co_purchase", "shelf_place", "pair_count"):
            with connection.begin():
                connection.execute(text(f"ANALYZE {table}"))
    return found


def mine_pairs_in(session: Session, now: datetime, rules: RecommendationRules | None = None) -> Mined:
    """Counts everything anew within a transaction of the caller's: for a shop that is small, or being set up."""
    miner = _Miner(now, True, rules or shop_recommendation_rules())
    session.flush()
    connection = session.connection()
    miner.drop(connection)
    miner.count(connection)
    found = miner.bring_in(session)
    miner.drop(connection)
    return found


_LAST = select(MiningRun.mined_until).order_by(column(MiningRun.id).desc()).limit(1)


class _Miner:
    def __init__(self, now: datetime, whole: bool, rules: RecommendationRules) -> None:
        self._now = now
        self._whole = whole
        self._rules = rules
        self._since = now - timedelta(days=rules.window_days)
        self._until = now
        self._orders = 0
        self._last: datetime | None = None

    def count(self, connection: Connection) -> None:
        """Counts into temporary tables."""
        self.drop(connection)
        last = self._last = connection.execute(_LAST).scalar()
        if last is None:
            self._whole = True
        if not self._whole and last is not None:
            self._since = last
        self._until = max(self._since, self._now if self._whole else self._now - SETTLING)
        wanted = {"since": self._since, "until": self._until, "most": self._rules.most_lines}
        for statement in _COUNT:
            connection.execute(_timed(statement), wanted if ":since" in statement else {})
        self._orders = int(connection.execute(text("SELECT count(*) FROM mined_order")).scalar() or 0)

    def bring_in(self, session: Session) -> Mined:
        """Brings the counts into the shop's tables.

        Raises:
            OperatorError: Another run has counted meanwhile, so that orders would count twice.
        """
        if session.connection().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE mining_run IN EXCLUSIVE MODE"))
        if session.execute(_LAST).scalar() != self._last:
            raise OperatorError("another run has counted these orders meanwhile; nothing was changed, run it again")
        if self._whole:
            session.execute(delete(PairCount).execution_options(synchronize_session=False))
            session.execute(delete(ProductSales).execution_options(synchronize_session=False))
        for statement in _ADD:
            session.execute(text(statement))
        whole = self._whole
        number = int(session.scalar(select(func.coalesce(func.max(MiningRun.id), 0))) or 0) + 1
        session.add(
            MiningRun(
                id=number,
                at=self._now,
                mined_from=self._since,
                mined_until=self._until,
                whole=whole,
                orders=self._orders,
            )
        )
        session.flush()
        given = {
            "total": self._total(session),
            "support": self._rules.support,
            "lift": float(self._rules.least_lift),
            "partners": MOST_PARTNERS,
            "kinds": MOST_KINDS,
        }
        for statement in _CONCLUDE:
            names = {name: value for name, value in given.items() if f":{name}" in statement}
            session.execute(text(statement), names)
        places = shelf.put_in_order(session)
        pairs = int(session.execute(text("SELECT count(*) FROM co_purchase")).scalar() or 0)
        return Mined(self._whole, self._orders, pairs // 2, places)

    @staticmethod
    def drop(connection: Connection) -> None:
        """Leaves nothing behind."""
        for name in ("mined_order", "mined_line", "mined_pair"):
            connection.execute(text(f"DROP TABLE IF EXISTS {name}"))

    @staticmethod
    def _total(session: Session) -> int:
        """All orders counted since everything was counted anew."""
        total = 0
        runs = session.execute(select(MiningRun.whole, MiningRun.orders).order_by(column(MiningRun.id).desc()))
        for whole, orders in runs:
            total += orders
            if whole:
                break
        return max(1, total)


def _timed(statement: str) -> Any:
    found = text(statement)
    if ":since" in statement:
        found = found.bindparams(bindparam("since", type_=UtcDateTime()), bindparam("until", type_=UtcDateTime()))
    return found


_COUNT = (
    "CREATE TEMPORARY TABLE mined_order AS "
    "SELECT o.no FROM customer_order o WHERE o.paid_at > :since AND o.paid_at <= :until AND o.state <> 'closed' "
    "AND (SELECT count(*) FROM order_line l WHERE l.order_no = o.no) BETWEEN 1 AND :most",
    # Two variants of a product are one product.
    "CREATE TEMPORARY TABLE mined_line AS "
    "SELECT DISTINCT l.order_no, l.product_no FROM mined_order o JOIN order_line l ON l.order_no = o.no",
    "CREATE INDEX ix_mined_line ON mined_line (order_no, product_no)",
    "CREATE TEMPORARY TABLE mined_pair AS "
    "SELECT a.product_no, b.product_no AS with_no, count(*) AS orders FROM mined_line a "
    "JOIN mined_line b ON b.order_no = a.order_no AND b.product_no > a.product_no GROUP BY a.product_no, b.product_no",
)

_ADD = (
    "INSERT INTO product_sales (product_no, orders) SELECT product_no, count(*) FROM mined_line WHERE true "
    "GROUP BY product_no ON CONFLICT (product_no) DO UPDATE SET orders = product_sales.orders + excluded.orders",
    "INSERT INTO pair_count (product_no, with_no, orders) SELECT product_no, with_no, orders FROM mined_pair "
    "WHERE true ORDER BY product_no, with_no "
    "ON CONFLICT (product_no, with_no) DO UPDATE SET orders = pair_count.orders + excluded.orders",
)

_CONCLUDE = (
    "DELETE FROM co_purchase",
    "INSERT INTO co_purchase (product_no, with_no, orders, lift, score, share) "
    "SELECT product_no, with_no, orders, lift, score, share FROM ("
    "SELECT p.product_no, p.with_no, p.orders, 1.0 * p.orders * :total / (1.0 * a.orders * b.orders) AS lift, "
    "1.0 * p.orders / a.orders - 1.0 * b.orders / :total AS score, 1.0 * p.orders / a.orders AS share, "
    "row_number() OVER (PARTITION BY p.product_no "
    "ORDER BY 1.0 * p.orders / a.orders - 1.0 * b.orders / :total DESC, p.with_no) AS place "
    # A pair is seen from either side.
    "FROM (SELECT product_no, with_no, orders FROM pair_count WHERE orders >= :support "
    "UNION ALL SELECT with_no, product_no, orders FROM pair_count WHERE orders >= :support) p "
    "JOIN product_sales a ON a.product_no = p.product_no "
    "JOIN product_sales b ON b.product_no = p.with_no "
    "WHERE 1.0 * p.orders * :total >= :lift * a.orders * b.orders) ranked WHERE place <= :partners",
    "DELETE FROM kind_pair",
    # Of all pairs with a kind, how many are with the other kind, less how many of all pairs are.
    "INSERT INTO kind_pair (category, kind, with_category, with_kind, orders, score) "
    "WITH seen AS (SELECT a.category, a.kind, b.category AS with_category, b.kind AS with_kind, "
    "sum(p.orders) AS orders FROM (SELECT product_no, with_no, orders FROM pair_count "
    "UNION ALL SELECT with_no, product_no, orders FROM pair_count) p "
    "JOIN product a ON a.no = p.product_no JOIN product b ON b.no = p.with_no "
    "GROUP BY a.category, a.kind, b.category, b.kind), "
    "sides AS (SELECT category, kind, sum(orders) AS orders FROM seen GROUP BY category, kind), "
    "everything AS (SELECT sum(orders) AS orders FROM seen) "
    "SELECT category, kind, with_category, with_kind, orders, score FROM ("
    "SELECT s.category, s.kind, s.with_category, s.with_kind, s.orders, "
    "1.0 * s.orders / x.orders - 1.0 * y.orders / e.orders AS score, "
    "row_number() OVER (PARTITION BY s.category, s.kind "
    "ORDER BY 1.0 * s.orders / x.orders - 1.0 * y.orders / e.orders DESC, s.with_category, s.with_kind) AS place "
    "FROM seen s JOIN sides x ON x.category = s.category AND x.kind = s.kind "
    "JOIN sides y ON y.category = s.with_category AND y.kind = s.with_kind CROSS JOIN everything e "
    "WHERE NOT (s.category = s.with_category AND s.kind = s.with_kind) AND s.orders >= :support) ranked "
    "WHERE place <= :kinds AND score > 0",
)
