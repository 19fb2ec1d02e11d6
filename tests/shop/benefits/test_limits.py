"""Whatever happens in whatever order: stock, budget and limits are never overdrawn, and counters say what rows say."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from sixty.shop.benefits import Granted, expire_due, grant, mark_used, revoke, settle
from sixty.shop.benefits.benefit import AuthorityLimit, Benefit, BenefitPlan, Budget, CouponTerms, Often, span_of
from sixty.shop.benefits.kinds import Authority
from sixty.shop.benefits.models import BenefitCounter, BenefitGrant
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.deeds.models import CustomerCoupon
from sixty.shop.models import Customer
from sixty.shop.orders import Viewer
from sixty.shop.pricing.models import Credit

DAYS = timedelta(days=10)
START = datetime(2026, 5, 1, tzinfo=timezone.utc)
BUDGET = Budget("shared", Decimal(12), "month")
CUSTOMERS = ("A", "B", "C")
BENEFITS: dict[str, Benefit] = {
    each.id: each
    for each in (
        Benefit("gift", "goods", "赠品", Decimal(3), "{title}", "{title}", stock=3, budget=BUDGET, valid=DAYS / 2),
        Benefit(
            *("packet", "coupon", "红包", Decimal(2), "{title}", "{title}"),
            budget=BUDGET,
            per_customer=Often(2, DAYS),
            coupon=CouponTerms("red_packet", Decimal(0), Decimal(2)),
            valid=DAYS / 5,
        ),
        Benefit(
            *("coupon", "coupon", "券", Decimal(4), "{title}", "{title}"),
            stock=2,
            stock_per="week",
            coupon=CouponTerms("store", Decimal(10), Decimal(4)),
            valid=DAYS / 5,
        ),
    )
}
PLAN = BenefitPlan(
    BENEFITS,
    authorities={
        "bot": AuthorityLimit(Decimal(3), Decimal(5), DAYS),
        "agent": AuthorityLimit(Decimal(9), Decimal(20), DAYS),
    },
    hold=timedelta(days=1),
)


class Limits(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="sixty-limits-")
        self.url = f"sqlite:///{Path(self.folder.name) / 'shop.db'}"
        self.now = START
        self.given: dict[str, str] = {}
        self.references: list[str] = []
        self.visitors = 0

    @initialize()
    def open_the_shop(self) -> None:
        upgrade_database(self.url)
        with shop_session(self.url) as session:
            session.add_all(Customer(id=each, nickname=each, phone="13800000000") for each in CUSTOMERS[:2])

    @rule(
        benefit=st.sampled_from(sorted(BENEFITS)),
        customer=st.sampled_from((*CUSTOMERS, None)),
        conversation=st.sampled_from(("one", "two", "three")),
        key=st.integers(0, 30),
        authority=st.sampled_from(("bot", "agent", "supervisor")),
    )
    def give(self, benefit: str, customer: str | None, conversation: str, key: int, authority: Authority) -> None:
        self._grant(benefit, Viewer(conversation, customer), f"k{key}", authority)

    @rule(benefit=st.sampled_from(sorted(BENEFITS)))
    def many_want_it(self, benefit: str) -> None:
        for _ in range(6):
            self.visitors += 1
            self._grant(benefit, Viewer(f"visitor {self.visitors}", None), f"v{self.visitors}", "agent")

    @rule(benefit=st.sampled_from(sorted(BENEFITS)), customer=st.sampled_from(CUSTOMERS))
    def one_wants_it_again_and_again(self, benefit: str, customer: str) -> None:
        for _ in range(4):
            self.visitors += 1
            self.now += timedelta(hours=30)
            self._grant(benefit, Viewer("one", customer), f"v{self.visitors}", "agent")

    def _grant(self, benefit: str, viewer: Viewer, key: str, authority: Authority) -> None:
        with shop_session(self.url) as session:
            found = grant(session, benefit, viewer, key, authority, self.now, direct=True, plan=PLAN)
        if not isinstance(found, Granted):
            return
        if found.repeated:
            assert self.given[key] == found.reference
        else:
            assert key not in self.given
            assert authority != "supervisor"
            self.given[key] = found.reference
            self.references.append(found.reference)

    @rule(customer=st.sampled_from(CUSTOMERS), conversation=st.sampled_from(("one", "two", "three")))
    def sign_in(self, customer: str, conversation: str) -> None:
        with shop_session(self.url) as session:
            settle(session, Viewer(conversation, customer), self.now, PLAN)

    @precondition(lambda self: bool(self.references))
    @rule(number=st.integers(0, 10**6), used=st.booleans())
    def end(self, number: int, used: bool) -> None:
        reference = self.references[number % len(self.references)]
        with shop_session(self.url) as session:
            if used:
                mark_used(session, reference, self.now)
            else:
                revoke(session, reference, self.now)

    @rule(hours=st.sampled_from((1, 12, 30, 24 * 8, 24 * 25)))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def clear_up(self) -> None:
        with shop_session(self.url) as session:
            expire_due(session, self.now)

    @invariant()
    def nothing_is_overdrawn(self) -> None:
        if not Path(self.url.removeprefix("sqlite:///")).exists():
            return
        with shop_session(self.url, read_only=True) as session:
            rows = list(session.scalars(select(BenefitGrant)))
            counters = {(row.name, row.span): (row.taken, row.spent) for row in session.scalars(select(BenefitCounter))}
            held = {(row.customer_id, row.coupon_code) for row in session.scalars(select(CustomerCoupon))}
            packets = {row.code for row in session.scalars(select(Credit))}
        counting = [row for row in rows if row.state in ("held", "granted", "used")]
        expected: Counter[tuple[str, str]] = Counter()
        spent: Counter[tuple[str, str]] = Counter()
        for row in counting:
            for name in ((f"benefit:{row.benefit_id}", row.stock_span), (f"budget:{row.budget}", row.budget_span)):
                expected[name] += 1
                spent[name] += int(row.cost * 100)
        for name, (taken, money) in counters.items():
            assert (taken, int(money * 100)) == (expected[name], spent[name]), name
        for (name, _), (taken, money) in counters.items():
            limit = BENEFITS[name.partition(":")[2]].stock if name.startswith("benefit:") else None
            assert limit is None or taken <= limit
            assert not name.startswith("budget:") or money <= BUDGET.amount
        for customer in CUSTOMERS:
            self._a_customers_limits([row for row in counting if row.customer_id == customer])
        # What lies in accounts is what was granted and has not ended.
        granted = [row for row in rows if row.state == "granted" and row.coupon_code is not None]
        assert held == {(row.customer_id, row.coupon_code) for row in granted if row.benefit_id == "coupon"}
        assert packets == {row.coupon_code for row in granted if row.benefit_id == "packet"}
        assert all(row.stock_span == span_of(BENEFITS[row.benefit_id].stock_per, row.granted_at) for row in rows)

    def _a_customers_limits(self, rows: list[BenefitGrant]) -> None:
        for row in rows:
            within = [each for each in rows if row.granted_at - DAYS < each.granted_at <= row.granted_at]
            same = [each for each in within if each.benefit_id == row.benefit_id]
            often = BENEFITS[row.benefit_id].per_customer
            times = [each for each in same if row.granted_at - often.within < each.granted_at]
            assert len(times) <= often.times, row.benefit_id

    def teardown(self) -> None:
        engine_for(self.url).dispose()
        self.folder.cleanup()


TestLimits = Limits.TestCase
TestLimits.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
