"""Every row of every policy can be reached, decides there, and speaks well."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.deeds.kinds import DEED_KINDS, DeedKind
from sixty.shop.policies.causes import CAUSES
from sixty.shop.policies.deciding import Policy, decide
from sixty.shop.policies.facts import Facts
from sixty.shop.policies.reach import witness
from sixty.shop.policies.reading import Policies, read_policies
from sixty.shop.policies.rows import RowEntry
from tests.shop.policies.conftest import PLAYBOOK

ALL = read_policies(PLAYBOOK)
ROWS = [(policy, number) for policy in ALL.policies for number in range(len(policy.rows))]
LONGEST_SAY = 60


def _name(value: object) -> str:
    return value.name if isinstance(value, Policy) else str(value)


@pytest.mark.parametrize(("policy", "number"), ROWS, ids=lambda value: _name(value))
def test_a_row_decides_on_facts_that_reach_it(policy: Policy, number: int) -> None:
    facts = witness(policy, number)
    assert facts is not None
    verdict, row = decide(policy, facts), policy.rows[number]
    assert (verdict.row_id, verdict.allowed, verdict.kind) == (row.id, row.allow, facts.kind)
    assert (verdict.freight, verdict.promise, verdict.page) == (row.freight, row.promise, row.page)
    assert verdict.kind not in verdict.instead
    # No row before it wants these facts, and without it they are decided otherwise.
    assert not any(each.when is not None and each.when.fits(facts) for each in policy.rows[:number])
    if number < len(policy.rows) - 1:
        rest = Policy(policy.name, policy.kinds, (*policy.rows[:number], *policy.rows[number + 1 :]))
        assert decide(rest, facts).row_id != row.id


@pytest.mark.parametrize("row", [row for policy in ALL.policies for row in policy.rows], ids=lambda row: str(row.id))
def test_a_row_speaks_as_good_staff_write(row: RowEntry) -> None:
    said = row.say.format(
        amount="259元",
        article="工装裤",
        days="12",
        difference="30元",
        level="金卡",
        limit="20元",
        promise="24小时内",
        receipt="签收第3天",
    )
    assert len(said) <= LONGEST_SAY, len(said)
    assert not re.search(r"[,.!?:;]|内内|  |。$|抱歉.*抱歉|亲", said), said
    # Terms are named in the text, so that nobody agrees to what they weren't told.
    assert row.freight != "customer" or ("您" in said and ("运费" in said or "寄来" in said))
    assert row.freight != "shop" or re.search(r"运费.{0,4}我们出|运费都我们出", said), said
    assert row.promise is None or "24小时内" in said, said
    assert row.limit is None or "20元" in said or "30元" in said, said


def test_a_refusal_says_what_is_possible_or_leads_somewhere() -> None:
    # Only where there is nothing to do, or what to do is said in words, may both be missing.
    silent = {
        row.id
        for policy in ALL.policies
        for row in policy.rows
        if not row.allow and not row.instead and row.page is None
    }
    assert silent == {
        "cancellation_otherwise",
        "repair_closed",
        "withdraw_nothing",
        "invoice_closed",
        "protection_closed",
        "mishap_not_paid",
        "installation_closed",
        "installation_not_needed",
        "installation_otherwise",
        "coupon_unknown",
        "coupon_over",
        "coupon_not_yet",
        "coupon_claimed",
        "coupon_otherwise",
        "wish_in_stock",
        "wish_off_sale",
        "wish_otherwise",
        "membership_joined",
        "complaint_asked",
    }


def test_every_kind_is_decided_and_can_be_allowed(policies: Policies) -> None:
    for kind in DEED_KINDS:
        policy = policies.about(kind)
        assert any(row.allow and (row.when is None or kind in (row.when.kind or [kind])) for row in policy.rows), kind


def test_laws_are_named_by_law_and_article() -> None:
    for policy in ALL.policies:
        for row in policy.rows:
            if row.source.kind == "law":
                assert re.search(r"(法|规定|办法|民法典)(第.+条.*|（.+）)?$|第.+条（.+）$", row.source.name), (
                    row.source.name
                )


facts_of_any_sort = st.builds(
    Facts,
    kind=st.sampled_from(DEED_KINDS),
    state=st.sampled_from(
        [None, "unpaid", "deposit_paid", "paid", "part_shipped", "shipped", "delivered", "confirmed", "closed"]
    ),
    cause=st.sampled_from(["", *CAUSES, "买错了"]),
    category=st.sampled_from(["", "工装", "母婴", "美妆", "数码家电", "生鲜食品", "文具", "玩具"]),
    product_kind=st.sampled_from(["", "水果", "袜子", "手机", "空调", "烤箱", "口红", "工装裤", "茶叶"]),
    level=st.sampled_from(["", "普通", "银卡", "金卡", "PLUS"]),
    parcel=st.sampled_from([None, "collected", "in_transit", "stuck", "out_for_delivery", "signed", "rejected"]),
    case=st.sampled_from(["none", "requested", "agreed", "returning", "rejected", "withdrawn", "done"]),
    overdue_case=st.booleans(),
    invoice=st.sampled_from(["none", "asked", "issued"]),
    bought_as=st.sampled_from(["usual", "presale"]),
    price_now=st.sampled_from([None, "lower", "flash", "same"]),
    coupon=st.sampled_from([None, "running", "over", "not_yet", "claimed", "unknown"]),
    stock=st.sampled_from([None, "in_stock", "sold_out", "off_sale", "unknown"]),
    paid=st.booleans(),
    shipped=st.booleans(),
    overdue=st.booleans(),
    opened=st.none() | st.booleans(),
    custom_made=st.booleans(),
    asked_before=st.booleans(),
    has_picture=st.none() | st.booleans(),
    days_since_receipt=st.none() | st.integers(0, 500),
    days_since_order=st.none() | st.integers(0, 500),
    hours_since_order=st.none() | st.integers(0, 12_000),
    hours_since_paid=st.none() | st.integers(0, 12_000),
    hours_since_closed=st.none() | st.integers(0, 12_000),
    hours_since_trace=st.none() | st.integers(0, 12_000),
    hours_since_signed=st.none() | st.integers(0, 12_000),
    amount=st.decimals(0, 99_999, places=2),
    difference=st.decimals(0, 9_999, places=2),
    compensated=st.decimals(0, 999, places=2),
    article=st.sampled_from(["", "多口袋工装裤"]),
)


@given(facts_of_any_sort)
def test_there_is_always_a_decision_and_its_text_is_whole(facts: Facts) -> None:
    verdict = decide(ALL.about(facts.kind), facts)
    assert verdict.kind == facts.kind
    assert not re.search(r"[{}]|None|签收第0天", verdict.say), verdict.say


@given(facts_of_any_sort)
def test_a_limit_is_never_above_what_was_paid_nor_below_zero(facts: Facts) -> None:
    verdict = decide(ALL.about(facts.kind), facts)
    if verdict.limit is not None:
        base = facts.difference if facts.kind == "price_protection" else facts.amount
        assert 0 <= verdict.limit <= base
        assert verdict.limit == verdict.limit.quantize(Decimal("0.01"))
        if facts.kind != "price_protection":
            assert verdict.limit == 0 or verdict.limit + facts.compensated <= base


@given(facts_of_any_sort)
def test_nothing_that_costs_money_is_allowed_before_anything_was_paid(facts: Facts) -> None:
    verdict = decide(ALL.about(facts.kind), facts)
    costly: tuple[DeedKind, ...] = ("return", "exchange", "refund_only", "compensate", "resend", "price_protection")
    if facts.state in ("unpaid", "deposit_paid") and facts.kind in costly:
        assert not verdict.allowed, verdict.row_id
