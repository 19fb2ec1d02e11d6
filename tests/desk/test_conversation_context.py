from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.orm import Session

from sixty.context import Context, read_context, sign_context
from sixty.desk.conversation_context import LIFETIME, RENEWABLE_FOR, UnknownCustomerError, Wish, issue_context
from sixty.shop.database import shop_session
from tests.web.small_shop import small_shop

SECRET = "k" * 40
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return small_shop(tmp_path_factory.mktemp("shop"), NOW)


@pytest.fixture
def session(shop_url: str) -> Iterator[Session]:
    with shop_session(shop_url, read_only=True) as opened:
        yield opened


def issue(session: Session, wish: Wish, now: datetime = NOW, demo: bool = True) -> tuple[Context, Wish]:
    """The context, and the wish with which the page comes back for the next one."""
    context, token = issue_context(session, wish, SECRET, demo, now)
    assert read_context(token, SECRET, context.conversation_id, now) == context
    return context, replace(wish, conversation_id=context.conversation_id, token=token)


def test_a_visitor_gets_a_conversation_nobody_can_guess(session: Session) -> None:
    ids = {issue(session, Wish())[0].conversation_id for _ in range(50)}
    assert len(ids) == 50
    assert min(map(len, ids)) >= 32


def test_it_lives_half_an_hour(session: Session) -> None:
    assert issue(session, Wish())[0].expires_at == NOW + LIFETIME


@pytest.mark.parametrize("late", [timedelta(0), LIFETIME, LIFETIME + RENEWABLE_FOR - timedelta(seconds=1)])
def test_it_is_renewed_for_its_own_conversation(session: Session, late: timedelta) -> None:
    first, back = issue(session, Wish(customer_id="C001"))
    second, _ = issue(session, back, NOW + late)
    assert second.conversation_id == first.conversation_id
    assert second.expires_at == NOW + late + LIFETIME


def test_it_is_not_renewed_for_ever(session: Session) -> None:
    first, back = issue(session, Wish())
    second, _ = issue(session, back, NOW + LIFETIME + RENEWABLE_FOR)
    assert second.conversation_id != first.conversation_id


def test_a_claimed_conversation_is_not_given(session: Session) -> None:
    other, other_back = issue(session, Wish())
    mine, back = issue(session, Wish())
    claims = (
        replace(back, token=None),
        replace(back, token="nonsense"),
        replace(back, token=sign_context(mine, "x" * 40)),
        replace(back, token=other_back.token),
        replace(back, conversation_id=None),
    )
    for claim in claims:
        assert issue(session, claim)[0].conversation_id not in (mine.conversation_id, other.conversation_id)


def test_another_customer_is_another_conversation(session: Session) -> None:
    first, back = issue(session, Wish(customer_id="C001"))
    for customer_id in ("C002", None):
        second, _ = issue(session, replace(back, customer_id=customer_id))
        assert second.customer_id == customer_id
        assert second.conversation_id != first.conversation_id


def test_production_keeps_who_the_token_names_and_believes_no_wish(session: Session) -> None:
    known, back = issue(session, Wish(customer_id="C001"))
    renewed, _ = issue(session, replace(back, customer_id="C002"), demo=False)
    assert (renewed.customer_id, renewed.level, renewed.region) == ("C001", "金卡", "浙江")
    assert renewed.conversation_id == known.conversation_id
    assert issue(session, Wish(customer_id="C001"), demo=False)[0].customer_id is None


def test_an_unknown_demo_customer_is_an_error(session: Session) -> None:
    with pytest.raises(UnknownCustomerError):
        issue(session, Wish(customer_id="C999"))


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        (Wish(entry="product", product_no=" gz2101"), ("product", "GZ2101", None)),
        (Wish(entry="product"), ("shop", None, None)),
        (Wish(entry="product", product_no="GZ 21;--"), ("shop", None, None)),
        (Wish(entry="order", order_no="2026111800010001"), ("order", None, "2026111800010001")),
        (Wish(entry="order", order_no="１２３"), ("order", None, None)),
        (Wish(entry="order"), ("order", None, None)),
        (Wish(entry="shop", product_no="GZ2101", order_no="2026111800010001"), ("shop", None, None)),
    ],
)
def test_the_entry_is_signed_as_far_as_it_makes_sense(
    session: Session, wish: Wish, place: tuple[str, str | None, str | None]
) -> None:
    context, _ = issue(session, wish)
    assert (context.entry, context.product_no, context.order_no) == place
