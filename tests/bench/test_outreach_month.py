"""The simulated month: customers who are the same again, rows as the shop writes them, an oracle that is right."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.outreach_book import duration, read_book
from bench.outreach_drive import AWAY_FROM, AWAY_UNTIL, ticks
from bench.outreach_happenings import Days, Told, in_order, of_life, of_shelves
from bench.outreach_month import (
    BEGINS,
    ENDS,
    PAUSE,
    SALE_FROM,
    ZONE,
    Article,
    Goods,
    Life,
    Line,
    OrderLife,
    Said,
    Shop,
    life,
    lives,
    open_shop,
)
from bench.outreach_oracle import COURIER, Expected, Oracle
from bench.outreach_rows import Quick, faithful, sign_up, stock_shelves
from sixty.desk.conversations import Conversation
from sixty.ledger.models import Message
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Order, OrderLine, Parcel, ParcelTrace, Product, Refund, Sku
from sixty.shop.order_events.models import OrderEvent

SEED = 5
NOON = BEGINS + timedelta(days=2, hours=12)

# --------------------------------------------------------------------------------------------------------------- lives


def test_a_life_is_the_same_again_whoever_was_asked_for_before() -> None:
    shop = open_shop(SEED)
    together = list(lives(shop, SEED, 20))
    assert life(shop, SEED, 13) == together[13]
    assert life(open_shop(SEED), SEED, 13) == together[13]
    assert life(shop, SEED + 1, 13) != together[13]


def test_lives_hold_all_that_can_happen_to_an_order() -> None:
    shop = open_shop(SEED)
    crowd = list(lives(shop, SEED, 1_500))
    orders = [order for each in crowd for order in each.orders]
    assert 2.5 < len(orders) / len(crowd) < 3.2
    assert {order.state(ENDS) for order in orders} >= {"unpaid", "paid", "shipped", "delivered", "confirmed", "closed"}
    assert any(order.deposit_at for order in orders)
    parcels = Counter(state for order in orders for parcel in order.parcels for _, state in parcel.steps)
    assert min(parcels[state] for state in ("stuck", "rejected", "signed", "out_for_delivery")) > 0
    refunds = Counter(state for order in orders for refund in order.refunds for _, state in refund.steps)
    assert min(refunds[state] for state in ("requested", "agreed", "returning", "rejected", "withdrawn", "done")) > 0
    moods = Counter(said.mood for each in crowd for said in each.said)
    assert moods["angry"]
    assert moods["abandoning"]
    assert any(said.intent == "stop_reminders" for each in crowd for said in each.said)
    assert any(each.people for each in crowd)
    assert any(each.wishes for each in crowd)
    assert any(each.kept for each in crowd)
    assert any(each.customer_id is None for each in crowd)


def test_an_order_is_where_its_times_say() -> None:
    for each in lives(open_shop(SEED), SEED, 300):
        for order in each.orders:
            times = [order.placed_at, order.deposit_at, order.paid_at, order.shipped_at, order.delivered_at]
            there = [at for at in times if at is not None]
            assert there == sorted(there)
            assert order.state(order.placed_at - timedelta(seconds=1)) is None
            assert order.closed_at is None or order.state(order.closed_at) == "closed"


def test_visits_are_cut_where_nobody_wrote_for_long() -> None:
    lines = [Said(NOON + timedelta(minutes=minute), "在吗", "greet") for minute in (0, 10, 45, 46)]
    visits = _life(said=lines).visits
    assert [len(each) for each in visits] == [2, 2]
    assert lines[2].at - lines[1].at > PAUSE


def test_days_give_back_what_happened_in_order(tmp_path: Path) -> None:
    shop = open_shop(SEED)
    happened = [*of_shelves(shop), *(each for one in lives(shop, SEED, 30) for each in of_life(one))]
    days = Days(tmp_path)
    assert days.write(happened) == len(happened)
    assert [each.at for each in days.read()] == [each.at for each in in_order(happened)]


# ---------------------------------------------------------------------------------------------------------------- rows


def test_quick_rows_are_those_of_the_running_shop(tmp_path: Path) -> None:
    shop = open_shop(SEED)
    crowd = list(lives(shop, SEED, 14))
    happened = in_order([*of_shelves(shop), *(each for one in crowd for each in of_life(one))])
    assert sum(isinstance(each, Told) for each in happened) > 100

    found = []
    for name in ("faithful", "quick"):
        url = f"sqlite:///{tmp_path / name}.db"
        upgrade_database(url)
        with shop_session(url) as session:
            stock_shelves(session, shop)
            sign_up(session, crowd)
        writer = Quick(shop)
        for begin in range(0, len(happened), 60):
            with shop_session(url) as session:
                if name == "faithful":
                    faithful(session, happened[begin : begin + 60])
                else:
                    writer.write(session, happened[begin : begin + 60])
        with shop_session(url, read_only=True) as session:
            found.append(_rows(session))
        engine_for(url).dispose()
    assert found[0] == found[1]


_UNEQUAL = {"message": {"id", "answers_id", "timings"}, "parcel_trace": {"id"}, "order_event": {"id"}}


def _rows(session: Session) -> dict[str, list[str]]:
    tables: Sequence[Any] = (Order, OrderLine, Parcel, ParcelTrace, Refund, OrderEvent, Conversation, Message)
    found = {}
    for table in (*tables, StockWish, Sku, Product):
        name = table.__table__.name
        columns = [each for each in table.__table__.c if each.name not in _UNEQUAL.get(name, ())]
        # Whether a null stands in a payload or is left out says the same.
        rows = (
            {key: _bare(value) for key, value in row.items()} for row in session.execute(select(columns)).mappings()
        )
        found[name] = sorted(str(row) for row in rows)
    return found


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(value[name]) for name in sorted(value) if value[name] is not None}
    return value


# -------------------------------------------------------------------------------------------------------------- oracle

SCENES = """
zone: Asia/Shanghai
quiet: {from: "22:00", until: "08:30"}
late: 30m
caps: {per_day: 3, per_week: 5, apart: 1h}
rest: {angry: 7d, abandoned: 3d}
talking: 5m
chat_within: 30d
campaign_phases: [sale]
scenes:
  unpaid:
    on: [unpaid]
    kind: selling
    wait: {default: 20m, 家具: 1d}
    in_campaigns: 10m
    ladder: [{way: chat}, {way: sms, wait: 2h, at_least: 50}, {way: phone, wait: 3h, at_least: 800}]
    goal: paid
  waiting:
    on: [paid]
    kind: service
    capped: false
    wait: {default: 4h}
    at: ["09:00", "15:00", "20:00"]
    late: 2h
    ladder: [{way: chat}]
"""
TABLE = Goods("T1", "书桌", "家具", "书桌", Decimal(900), (Article("T1-M", "M"),))
SHIRT = Goods("S1", "衬衫", "工装", "衬衫", Decimal(100), (Article("S1-M", "M"),))
SHOP = Shop((TABLE, SHIRT))


def _life(**values: Any) -> Life:
    chat = {"chat_from": BEGINS, "page": None, **values}
    return Life(number=1, customer_id="M1", phone="13800138000", level="普通", region="广东", **chat)


def _order(goods: Goods = SHIRT, placed: datetime = NOON, **values: Any) -> OrderLife:
    line = Line(goods.no, goods.articles[0].code, 1, goods.price)
    bare: dict[str, Any] = {
        "region": "广东",
        "phone": "13800138000",
        "goods_amount": goods.price,
        "discount": Decimal(0),
    }
    return OrderLife(values.pop("no", "N1"), placed, (line,), **{**bare, **values})


@pytest.fixture
def oracle(tmp_path: Path) -> Oracle:
    (tmp_path / "outreach.yml").write_text(SCENES, encoding="utf-8")
    book = read_book(tmp_path, [("sale", SALE_FROM, SALE_FROM + timedelta(days=2))])
    every_minute = [BEGINS + timedelta(minutes=minute) for minute in range(1, 10 * 24 * 60)]
    return Oracle(book, SHOP, every_minute, lambda scene, who, share: "reminded")


def _told(found: Sequence[Expected]) -> list[tuple[str, str, str]]:
    return [(each.way, each.why or each.fate, f"{each.at.astimezone(ZONE):%d %H:%M}") for each in found]


def test_a_ladder_goes_on_while_nothing_comes_of_it(oracle: Oracle) -> None:
    order = _order(TABLE, placed=NOON)
    assert _told(oracle.fates(_life(orders=(order,)))) == [
        ("chat", "sent", "22 12:00"),
        ("sms", "sent", "22 14:01"),
        ("phone", "sent", "22 17:01"),
    ]


def test_an_amount_below_leaves_a_step_out(oracle: Oracle) -> None:
    order = dataclasses.replace(_order(placed=NOON), goods_amount=Decimal(40))
    assert _told(oracle.fates(_life(orders=(order,)))) == [("chat", "sent", "21 12:20")]


def test_who_has_paid_hears_nothing_also_between_claim_and_send(oracle: Oracle) -> None:
    paid_before = _order(paid_at=NOON + timedelta(minutes=19))
    assert _told(oracle.fates(_life(orders=(paid_before,))))[0] == ("chat", "done", "21 12:20")
    between = _order(paid_at=NOON + timedelta(minutes=20) + COURIER)
    first = oracle.fates(_life(orders=(between,)))[0]
    assert (first.fate, first.why, first.at) == ("ended", "done", NOON + timedelta(minutes=20) + COURIER)


def test_quiet_hours_put_off_and_times_of_day_too(oracle: Oracle) -> None:
    at_night = _order(placed=NOON + timedelta(hours=11))
    assert _told(oracle.fates(_life(orders=(at_night,))))[0] == ("chat", "sent", "22 08:30")
    paid = _order(placed=NOON, paid_at=NOON + timedelta(seconds=10))
    assert ("chat", "sent", "21 20:00") in _told(oracle.fates(_life(orders=(paid,))))


def test_a_stop_ends_what_began_before_it_and_rests_what_sells(oracle: Oracle) -> None:
    angry = Said(NOON + timedelta(minutes=5), "太慢了", "complain", mood="angry")
    later = _order(no="N2", placed=NOON + timedelta(days=1), paid_at=NOON + timedelta(days=1, hours=2))
    found = oracle.fates(_life(orders=(_order(), later), said=(angry,)))
    assert _told(found) == [
        ("chat", "angry", "21 12:20"),
        ("chat", "angry", "22 12:20"),
        ("chat", "sent", "22 20:00"),
    ]


def test_nothing_at_all_after_a_refusal_of_all(oracle: Oracle) -> None:
    refusal = Said(NOON - timedelta(days=1), "别再发了", "stop_reminders")
    found = oracle.fates(_life(orders=(_order(paid_at=NOON + timedelta(days=1)),), said=(refusal,)))
    assert {each.why for each in found} == {"asked"}


def test_caps_hold_within_a_day_and_apart(oracle: Oracle) -> None:
    orders = tuple(_order(no=f"N{n}", placed=NOON + timedelta(minutes=70 * n)) for n in range(4))
    chats = [each for each in oracle.fates(_life(orders=orders)) if each.way == "chat"]
    assert [each.why or each.fate for each in chats] == ["sent", "sent", "sent", "capped"]
    close = tuple(_order(no=f"N{n}", placed=NOON + timedelta(minutes=10 * n)) for n in range(2))
    chats = [each for each in oracle.fates(_life(orders=close)) if each.way == "chat"]
    assert [each.why or each.fate for each in chats] == ["sent", "capped"]


def test_a_person_or_a_talk_is_not_interrupted(oracle: Oracle) -> None:
    at = NOON + timedelta(minutes=18)
    with_a_person = _life(orders=(_order(),), people=((at, "assigned"), (at + timedelta(hours=1), "bot")))
    assert _told(oracle.fates(with_a_person))[0] == ("chat", "with_person", "21 12:20")
    talking = _life(orders=(_order(),), said=(Said(at, "在吗", "greet"),))
    assert _told(oracle.fates(talking))[0] == ("chat", "talking", "21 12:20")


def test_a_control_case_is_held_when_it_would_be_said(oracle: Oracle) -> None:
    left_alone = dataclasses.replace(oracle, arm_of=lambda scene, who, share: "control")
    assert _told(left_alone.fates(_life(orders=(_order(),)))) == [("chat", "held", "21 12:20")]


def test_what_a_worker_slept_through_is_not_said_late(oracle: Oracle) -> None:
    slept = [at for at in oracle.ticks if not NOON + timedelta(minutes=1) < at < NOON + timedelta(hours=1)]
    found = dataclasses.replace(oracle, ticks=slept).fates(_life(orders=(_order(),)))
    assert _told(found) == [("chat", "missed", "21 13:00"), ("sms", "sent", "21 14:20")]


def test_campaigns_hurry(oracle: Oracle) -> None:
    minutes = [SALE_FROM + timedelta(minutes=minute) for minute in range(1, 600)]
    order = _order(TABLE, placed=SALE_FROM + timedelta(minutes=5))
    found = dataclasses.replace(oracle, ticks=minutes).fates(_life(orders=(order,)))
    assert _told(found)[0] == ("chat", "sent", "31 20:15")


def test_durations_are_read() -> None:
    assert duration("1d") == timedelta(days=1)
    assert duration("90m") == timedelta(minutes=90)
    with pytest.raises(ValueError, match="no duration"):
        duration("bald")


def test_the_worker_is_away_for_most_of_a_day() -> None:
    moments = ticks(timedelta(minutes=10))
    assert not any(AWAY_FROM <= at < AWAY_UNTIL for at in moments)
    assert moments == sorted(set(moments))
