from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation, context_of, move
from sixty.desk.sessions import Doorkeeper, UnknownCustomerError, Wish
from sixty.identity.merchant_keys import read_merchant_keys
from sixty.identity.refusal import RefusedTokenError
from sixty.identity.visitor_tokens import LIFETIME, RENEWABLE_FOR, VisitorToken, issue_visitor_token, read_visitor_token
from sixty.shop.models import Customer

SECRET, MERCHANT = "k" * 40, "m" * 40
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=timezone.utc)
KEYS = read_merchant_keys({"site": MERCHANT})
SHOP = Doorkeeper(SECRET, KEYS)
DEMO = Doorkeeper(SECRET, {}, demo=True)


@pytest.fixture(autouse=True)
def customers(session: Session) -> None:
    session.add_all(
        [
            Customer(id="C001", nickname="阿澈", phone="13800001001", level="金卡", region="浙江"),
            Customer(id="C002", nickname="豆苗妈妈", phone="13800001002", level="银卡", region=""),
        ]
    )
    session.flush()


def says(customer_id: str = "C001", now: datetime = NOW, life: timedelta = timedelta(hours=2), **more: Any) -> str:
    """What the merchant's site says of its customer."""
    claims = {"aud": "sixty", "sub": customer_id, "exp": int((now + life).timestamp()), **more}
    return jwt.encode(claims, MERCHANT, algorithm="HS256", headers={"kid": "site"})


def come(session: Session, wish: Wish, now: datetime = NOW, door: Doorkeeper = SHOP) -> tuple[str, Wish]:
    """The conversation, and the wish with which the page comes back for the next token."""
    visitor, token = door.open_session(session, wish, now)
    session.flush()
    assert read_visitor_token(token, SECRET, now) == visitor
    assert visitor.expires_at == now + LIFETIME
    return visitor.conversation_id, replace(wish, token=token)


def who(session: Session, conversation_id: str, now: datetime = NOW) -> str | None:
    context = context_of(session, conversation_id, now)
    assert context is not None
    return context.customer_id


def test_a_visitor_gets_a_conversation_nobody_can_guess(session: Session) -> None:
    ids = {come(session, Wish())[0] for _ in range(20)}
    assert len(ids) == 20
    assert min(map(len, ids)) >= 32
    assert {who(session, each) for each in ids} == {None}


@pytest.mark.parametrize("late", [timedelta(0), LIFETIME, LIFETIME + RENEWABLE_FOR - timedelta(seconds=1)])
def test_it_is_gone_on_with_for_a_day(session: Session, late: timedelta) -> None:
    first, back = come(session, Wish())
    second, again = come(session, back, NOW + late)
    assert second == first
    assert again.token != back.token


def test_it_is_not_renewed_for_ever(session: Session) -> None:
    first, back = come(session, Wish())
    assert come(session, back, NOW + LIFETIME + RENEWABLE_FOR)[0] != first


def test_the_visitor_stays_the_same_when_the_conversation_does_not(session: Session) -> None:
    first, back = come(session, Wish(merchant_token=says("C001")))
    second, _ = come(session, replace(back, merchant_token=says("C002")))
    visitors = [session.get(Conversation, each).visitor_id for each in (first, second)]
    assert second != first
    assert visitors[0] == visitors[1]


def test_a_conversation_is_not_given_to_whoever_has_no_token_of_it(session: Session) -> None:
    mine, back = come(session, Wish())
    visitor = read_visitor_token(back.token, SECRET, NOW)
    for token in (
        None,
        "nonsense",
        issue_visitor_token(visitor, "x" * 40),
        issue_visitor_token(VisitorToken("somebody-else", mine, visitor.expires_at), SECRET),
        issue_visitor_token(VisitorToken(visitor.visitor_id, "no-such-conversation", visitor.expires_at), SECRET),
        says(),
    ):
        assert come(session, Wish(token=token))[0] != mine


def test_who_the_merchant_vouches_for_is_known(session: Session) -> None:
    conversation, _ = come(session, Wish(merchant_token=says("C001", level="PLUS", region="上海")))
    context = context_of(session, conversation, NOW)
    assert context is not None
    assert (context.customer_id, context.level, context.region) == ("C001", "PLUS", "上海")


def test_what_the_merchant_leaves_out_is_looked_up(session: Session) -> None:
    conversation, _ = come(session, Wish(merchant_token=says("C001")))
    context = context_of(session, conversation, NOW)
    assert context is not None
    assert (context.level, context.region) == ("金卡", "浙江")
    unheard, _ = come(session, Wish(merchant_token=says("new-here")))
    context = context_of(session, unheard, NOW)
    assert context is not None
    assert (context.customer_id, context.level, context.region) == ("new-here", None, None)


def test_a_visitor_who_signs_in_stays_in_the_conversation(session: Session) -> None:
    first, back = come(session, Wish())
    second, _ = come(session, replace(back, merchant_token=says("C001")))
    assert second == first
    assert who(session, second) == "C001"


def test_another_customer_never_sees_it(session: Session) -> None:
    first, back = come(session, Wish(merchant_token=says("C001")))
    second, _ = come(session, replace(back, merchant_token=says("C002")))
    assert second != first
    assert (who(session, first), who(session, second)) == ("C001", "C002")


def test_a_page_that_only_renews_stays_as_long_as_the_merchant_said(session: Session) -> None:
    first, back = come(session, Wish(merchant_token=says("C001", life=timedelta(hours=2))))
    back = replace(back, merchant_token=None)
    second, back = come(session, back, NOW + timedelta(minutes=119))
    assert second == first
    assert who(session, second, NOW + timedelta(minutes=119)) == "C001"
    third, _ = come(session, back, NOW + timedelta(hours=2))
    assert third != first
    assert who(session, third, NOW + timedelta(hours=2)) is None


def test_a_token_of_a_minute_means_the_sign_in_and_not_the_visit(session: Session) -> None:
    conversation, _ = come(session, Wish(merchant_token=says("C001", life=timedelta(minutes=1))))
    assert who(session, conversation, NOW + LIFETIME - timedelta(seconds=1)) == "C001"
    assert who(session, conversation, NOW + LIFETIME) is None


def test_the_same_customer_comes_back_to_it(session: Session) -> None:
    first, back = come(session, Wish(merchant_token=says("C001", life=timedelta(hours=2))))
    later = NOW + timedelta(hours=5)
    second, _ = come(session, replace(back, merchant_token=says("C001", later)), later)
    assert second == first
    assert who(session, second, later) == "C001"


def test_a_merchants_token_that_proves_nothing_is_an_error(session: Session) -> None:
    forged = jwt.encode({"aud": "sixty", "sub": "C001", "exp": 2_000_000_000}, "x" * 40, headers={"kid": "site"})
    for token, code in ((forged, "wrong_signature"), (says(life=-timedelta(hours=1)), "expired"), ("x", "invalid")):
        with pytest.raises(RefusedTokenError) as caught:
            SHOP.open_session(session, Wish(merchant_token=token), NOW)
        assert caught.value.code == code
    with pytest.raises(RefusedTokenError, match="unknown_key"):
        DEMO.open_session(session, Wish(merchant_token=says()), NOW)


def test_nobody_is_believed_who_says_who_they_are(session: Session) -> None:
    assert who(session, come(session, Wish(customer_id="C001"))[0]) is None


def test_the_demo_believes_everybody(session: Session) -> None:
    conversation, back = come(session, Wish(customer_id="C001"), door=DEMO)
    assert who(session, conversation) == "C001"
    assert come(session, back, NOW + timedelta(hours=1), door=DEMO)[0] == conversation
    for other in ("C002", None):
        assert come(session, replace(back, customer_id=other), door=DEMO)[0] != conversation
    with pytest.raises(UnknownCustomerError):
        DEMO.open_session(session, Wish(customer_id="C999"), NOW)


def test_the_demo_with_a_merchants_keys_renews_as_a_shop_does(session: Session) -> None:
    both = Doorkeeper(SECRET, KEYS, demo=True)
    first, back = come(session, Wish(merchant_token=says("C001")), door=both)
    assert come(session, replace(back, merchant_token=None), NOW + timedelta(minutes=20), door=both)[0] == first


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
        (Wish(merchant_token=says(entry="product", product="gz1101")), ("product", "GZ1101", None)),
        (
            Wish(entry="product", product_no="GZ2101", merchant_token=says(entry="order", order="2026111800010001")),
            ("order", None, "2026111800010001"),
        ),
        (Wish(entry="product", product_no="GZ2101", merchant_token=says()), ("product", "GZ2101", None)),
    ],
)
def test_where_it_was_opened_is_kept_as_far_as_it_makes_sense(
    session: Session, wish: Wish, place: tuple[str, str | None, str | None]
) -> None:
    made, _ = come(session, wish)
    moved, back = come(session, Wish())
    session.expire_all()
    again, _ = come(session, replace(wish, token=back.token))
    assert again == moved
    for conversation_id in (made, moved):
        row = session.get(Conversation, conversation_id)
        assert (row.entry, row.product_no, row.order_no) == place


def test_a_conversation_of_another_channel_is_not_opened_with_a_pages_token(session: Session) -> None:
    conversation, back = come(session, Wish())
    session.get(Conversation, conversation).channel = "api"
    session.flush()
    assert come(session, back)[0] != conversation


def test_who_has_it_now_does_not_matter_for_coming_back(session: Session) -> None:
    conversation, back = come(session, Wish())
    move(session, conversation, "queued", "bot", "asked", NOW)
    move(session, conversation, "assigned", "agent-7", "took", NOW)
    assert come(session, back)[0] == conversation
