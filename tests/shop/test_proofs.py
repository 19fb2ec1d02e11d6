from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.shop.database import shop_session
from sixty.shop.demo import seed
from sixty.shop.models import OrderProof, ProofAttempt
from sixty.shop.proofs import PROOF_LASTS, TRIES, Proof, forget_old_proofs, prove_order, proved_orders

from .conftest import SMALL_SHOP

ORDER = "202600000000000002"
OTHER = "202600000000000001"
TAIL = "9999"


@pytest.mark.parametrize("tail", [TAIL, " 9999 ", "９９９９", "13800009999", "138-0000-9999"])
def test_the_right_tail_proves_an_order(shop: Session, now: datetime, tail: str) -> None:
    assert prove_order(shop, "chat", ORDER, tail, now) == Proof("proved", TRIES)
    assert proved_orders(shop, "chat", now) == [ORDER]


@pytest.mark.parametrize("tail", ["", "0000", "999", "99999", "13900009999", "尾号", "xxxx", "9999999999999999999"])
def test_anything_else_does_not(shop: Session, now: datetime, tail: str) -> None:
    assert prove_order(shop, "chat", ORDER, tail, now) == Proof("wrong", TRIES - 1)
    assert proved_orders(shop, "chat", now) == []


@pytest.mark.parametrize("number", ["202699999999999999", "1", "9" * 40, "这个单号"])
def test_an_unknown_order_is_answered_like_a_wrong_tail(shop: Session, now: datetime, number: str) -> None:
    unknown = [prove_order(shop, "one", number, TAIL, now) for _ in range(4)]
    wrong = [prove_order(shop, "two", ORDER, "0000", now) for _ in range(4)]
    assert unknown == wrong
    assert [proof.outcome for proof in wrong] == ["wrong", "wrong", "locked", "locked"]
    assert [proof.tries_left for proof in wrong] == [2, 1, 0, 0]


def test_when_locked_even_the_right_tail_is_refused(shop: Session, now: datetime) -> None:
    for _ in range(TRIES):
        prove_order(shop, "chat", ORDER, "0000", now)
    assert prove_order(shop, "chat", ORDER, TAIL, now) == Proof("locked", 0)
    assert proved_orders(shop, "chat", now) == []


def test_many_orders_cannot_be_tried_from_one_chat(shop: Session, now: datetime) -> None:
    for number in range(TRIES):
        prove_order(shop, "chat", f"20269999999999999{number}", "0000", now)
    assert prove_order(shop, "chat", ORDER, TAIL, now).outcome == "locked"


def test_one_order_cannot_be_tried_from_many_chats(shop: Session, now: datetime) -> None:
    for number in range(TRIES):
        prove_order(shop, f"chat {number}", ORDER, "0000", now)
    assert prove_order(shop, "another chat", ORDER, TAIL, now).outcome == "locked"
    assert prove_order(shop, "another chat", OTHER, "1001", now).outcome == "proved"


def test_mistyping_everything_locks_out_nobody_else(shop: Session, now: datetime) -> None:
    for _ in range(TRIES):
        prove_order(shop, "chat", "没有单号", "0000", now)
    assert prove_order(shop, "another", "没有单号", "0000", now).outcome == "wrong"


def test_after_an_hour_there_are_new_tries(shop: Session, now: datetime) -> None:
    for _ in range(TRIES):
        prove_order(shop, "chat", ORDER, "0000", now)
    assert prove_order(shop, "chat", ORDER, TAIL, now + timedelta(minutes=59)).outcome == "locked"
    assert prove_order(shop, "chat", ORDER, TAIL, now + timedelta(minutes=61)).outcome == "proved"


def test_a_proof_counts_for_its_chat_and_its_time_only(shop: Session, now: datetime) -> None:
    prove_order(shop, "chat", ORDER, TAIL, now)
    assert proved_orders(shop, "another", now) == []
    assert proved_orders(shop, "chat", now + PROOF_LASTS - timedelta(seconds=1)) == [ORDER]
    assert proved_orders(shop, "chat", now + PROOF_LASTS) == []
    prove_order(shop, "chat", ORDER, TAIL, now + PROOF_LASTS)
    assert proved_orders(shop, "chat", now + PROOF_LASTS) == [ORDER]


def test_what_no_longer_counts_can_be_forgotten(shop: Session, now: datetime) -> None:
    prove_order(shop, "chat", ORDER, "0000", now)
    prove_order(shop, "chat", ORDER, TAIL, now)
    assert forget_old_proofs(shop, now) == 0
    assert forget_old_proofs(shop, now + timedelta(hours=2)) == 2
    assert shop.scalar(select(func.count()).select_from(OrderProof)) == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tries=st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from([ORDER, OTHER]), st.integers(0, 59)), max_size=12
    )
)
def test_there_are_never_more_than_three_tries_an_hour(
    shop: Session, now: datetime, tries: list[tuple[str, str, int]]
) -> None:
    nested = shop.begin_nested()
    wrong: list[tuple[str, str]] = []
    for chat, order, minute in sorted(tries, key=lambda each: each[2]):
        before = shop.scalar(select(func.count()).select_from(ProofAttempt))
        prove_order(shop, chat, order, "0000", now + timedelta(minutes=minute))
        if shop.scalar(select(func.count()).select_from(ProofAttempt)) != before:
            wrong.append((chat, order))
    nested.rollback()
    for which in (0, 1):
        names = [each[which] for each in wrong]
        assert all(names.count(name) <= TRIES for name in names)


def test_tries_at_the_same_moment_are_all_counted(database_url: str, now: datetime) -> None:
    with shop_session(database_url) as session:
        seed(session, now, path=SMALL_SHOP)
    together = 6
    barrier = Barrier(together)

    def attempt(number: int) -> str:
        barrier.wait()
        with shop_session(database_url) as session:
            return prove_order(session, f"chat {number}", ORDER, "0000", now).outcome

    with ThreadPoolExecutor(together) as pool:
        outcomes = list(pool.map(attempt, range(together)))
    assert outcomes.count("wrong") == TRIES - 1
    with shop_session(database_url) as session:
        assert session.scalar(select(func.count()).select_from(ProofAttempt)) == TRIES
