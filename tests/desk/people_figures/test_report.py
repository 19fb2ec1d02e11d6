"""People's figures: talks with what came of them, orders once each, and the files they are exported to."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from sixty.desk.board.supervision_rules import SavedRules, ScheduleRules, SupervisionRules
from sixty.desk.claims import claim
from sixty.desk.ending import close, finish_wrap_up
from sixty.desk.people_figures.counting import count_talks
from sixty.desk.people_figures.report import Row, Span, people_rows, results_of, row_form, total_of
from sixty.desk.people_figures.saved import _worked_out
from sixty.desk.people_figures.schedule import observe, schedule_advice, wished
from sixty.desk.people_figures.sheets import COLUMNS, csv_of, xlsx_of
from sixty.desk.speaking import say
from sixty.desk.transfer import ToAgent, transfer
from sixty.shop.models import Customer, Order
from tests.desk.desk_world import RULES, Desk

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 23)
SPAN = Span(DAY, DAY, ZONE)


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    made.agent("li", capacity=9)
    made.agent("zhou", capacity=9)
    return made


def talk(desk: Desk, agent: str = "li", customer_id: str | None = None, first: float = 20, lasts: float = 300) -> str:
    chat = desk.customer(customer_id=customer_id)
    desk.wants(chat)
    claim(desk.session, chat, agent, desk.now)
    desk.later(awake=["li", "zhou"], seconds=first)
    say(desk.session, chat, agent, "1", {"text": "您好"}, desk.now)
    desk.later(awake=["li", "zhou"], seconds=lasts - first)
    close(desk.session, chat, agent, desk.now)
    desk.later(awake=["li", "zhou"], seconds=30)
    finish_wrap_up(desk.session, chat, agent, "好", (), desk.now)
    return chat


def order(desk: Desk, no: str, customer_id: str, after: timedelta, amount: str = "199.00", state: str = "paid") -> None:
    if desk.session.get(Customer, customer_id) is None:
        values = {
            "id": customer_id,
            "nickname": "王",
            "level": "普通",
            "region": "浙江省",
            "phone": "13800138000",
            "created_at": desk.now,
        }
        known = {each.name for each in Customer.__table__.columns}
        desk.session.add(Customer(**{name: value for name, value in values.items() if name in known}))
        desk.session.flush()
    desk.session.add(
        Order(
            no=no,
            customer_id=customer_id,
            state=state,
            placed_at=desk.now + after,
            receiver="王",
            phone="13800138000",
            address="某路1号",
            goods_amount=Decimal(amount),
            discount=Decimal(0),
            postage=Decimal(0),
            paid_amount=Decimal(amount),
        )
    )
    desk.session.flush()


def rows(desk: Desk, by: str = "agent", rules: SupervisionRules | None = None) -> list[Row]:
    count_talks(desk.session, RULES)
    results = results_of(desk.session, SPAN, rules or SupervisionRules())
    return people_rows(desk.session, results, by, RULES)  # type: ignore[arg-type]


def test_an_agents_row(desk: Desk) -> None:
    talk(desk, first=20)
    talk(desk, first=80)
    talk(desk, "zhou")
    li, zhou = rows(desk)
    assert (li.agent_name, li.talks, li.first_response, li.in_time, li.handling) == ("小li", 2, 50, 0.5, 330)
    assert (li.finished, li.resolution, li.at_once, li.at_once_most) == (2, 1.0, 1.0, 1)
    assert (zhou.talks, zhou.first_response) == (1, 20)
    (group,) = rows(desk, "group")
    assert (group.group_title, group.talks) == ("在线客服", 3)
    assert {each.day for each in rows(desk, "agent_day")} == {DAY}


def test_who_comes_again_was_not_helped(desk: Desk) -> None:
    chat = talk(desk)
    talk(desk)
    desk.later(hours=1)
    desk.wants(chat)
    (li,) = rows(desk)
    assert (li.finished, li.resolved, li.resolution) == (2, 1, 0.5)
    (strict,) = rows(desk, rules=SupervisionRules(again_within=timedelta(minutes=5)))
    assert strict.resolved == 2


def test_an_order_counts_once_for_the_last_talk_before_it(desk: Desk) -> None:
    talk(desk, "zhou", "C1")
    talk(desk, "li", "C1")
    order(desk, "A1", "C1", timedelta(hours=1))
    order(desk, "A2", "C1", timedelta(hours=2), "1.00", state="closed")
    order(desk, "A3", "C1", timedelta(hours=30))
    li, zhou = rows(desk)
    assert (li.orders, li.order_amount, li.conversion) == (1, Decimal("199.00"), 1.0)
    assert (zhou.orders, zhou.order_amount, zhou.conversion) == (0, Decimal(0), 0.0)
    longer = rows(desk, rules=SupervisionRules(orders_within=timedelta(hours=48)))
    assert longer[0].orders == 2


def test_an_order_after_a_talk_of_the_next_day_is_none_of_the_day_before(desk: Desk) -> None:
    talk(desk, "zhou", "C1")
    desk.later(awake=["li", "zhou"], hours=23)
    talk(desk, "li", "C1")
    order(desk, "A1", "C1", timedelta(minutes=20))
    (zhou,) = rows(desk)
    assert (zhou.agent, zhou.orders, zhou.conversion) == ("zhou", 0, 0.0)
    tomorrow = Span(DAY + timedelta(days=1), DAY + timedelta(days=1), ZONE)
    (li,) = people_rows(desk.session, results_of(desk.session, tomorrow, SupervisionRules()), "agent", RULES)
    assert (li.agent, li.orders) == ("li", 1)
    both = Span(DAY, DAY + timedelta(days=1), ZONE)
    assert sum(each.orders == (Decimal("199.00"),) for each in results_of(desk.session, both, SupervisionRules())) == 1


def test_whoever_is_never_answered_was_not_answered_in_time(desk: Desk) -> None:
    talk(desk, first=20)
    ignored = desk.customer()
    desk.wants(ignored)
    claim(desk.session, ignored, "li", desk.now)
    desk.later(awake=["li", "zhou"], minutes=10)
    close(desk.session, ignored, "li", desk.now)
    finish_wrap_up(desk.session, ignored, "li", "", (), desk.now)
    passed_on = desk.customer()
    desk.wants(passed_on)
    claim(desk.session, passed_on, "zhou", desk.now)
    transfer(desk.session, passed_on, "zhou", ToAgent("li"), "", desk.now, rules=RULES)
    li, zhou = rows(desk)
    assert (li.talks, li.first_response, li.unanswered, li.in_time) == (2, 20, 1, 0.5)
    # What was passed on is for the next one to answer.
    assert (zhou.talks, zhou.unanswered, zhou.in_time) == (1, 0, None)


def test_a_day_without_talks(desk: Desk) -> None:
    assert rows(desk) == []
    total = row_form(total_of([], RULES))
    assert (total["talks"], total["first_response"], total["order_amount"]) == (0, None, "0.00")


@pytest.mark.parametrize("last", [DAY - timedelta(days=1), DAY + timedelta(days=92)])
def test_days_that_cannot_be(last: date) -> None:
    with pytest.raises(ValueError, match="92 days"):
        Span(DAY, last, ZONE)


def test_files_hold_the_same(desk: Desk) -> None:
    talk(desk)
    found = rows(desk, "agent_day")
    table = list(csv.reader(io.StringIO(csv_of(found, {"=1+1": "口径"}).decode("utf-8-sig"))))
    assert table[0] == [title for title, _ in COLUMNS]
    assert table[1][:4] == ["2026-11-23", "小li", "", "1"]
    # Nothing is a formula to whoever opens it.
    assert table[-1] == ["'=1+1", "口径"]
    book = load_workbook(io.BytesIO(xlsx_of(found, {"首次响应": "口径"})))
    sheet = book["客服数据"]
    assert [cell.value for cell in sheet[2]][:4] == ["2026-11-23", "小li", None, 1]
    assert sheet["G2"].value == 20
    assert book["口径"]["B1"].value == "口径"


def test_what_the_bot_saved_is_worked_out_from_its_assumptions() -> None:
    rules = SavedRules(hour_costs=Decimal(40), needs_person=Decimal("0.7"))
    found = _worked_out(1000, 600, Decimal("5.50"), True, rules)
    assert (found.hours, found.amount) == (Decimal("38.50"), Decimal("1540.00"))
    unknown = _worked_out(1000, 600, None, False, rules)
    assert (unknown.hours, unknown.amount) == (None, None)


def test_the_schedule_follows_what_was_observed(desk: Desk) -> None:
    for _ in range(12):
        talk(desk, lasts=200)
    count_talks(desk.session, RULES)
    tomorrow = desk.now + timedelta(days=1)
    observed = observe(desk.session, "general", 4, ZONE, RULES, tomorrow)
    assert (observed.talks, observed.seconds, observed.days[0]) == (12, 230, 1)
    assert sum(observed.arrivals.values()) == 12
    rules = ScheduleRules(at_once=2, slower=0.0, absent=0.2)
    advice = schedule_advice(observed, "general", rules, RULES, tomorrow)
    busy = [
        (weekday, half) for weekday, day in enumerate(advice["days"]) for half, cell in enumerate(day) if cell["agents"]
    ]
    # It was a Monday between eleven and twelve; the break after it and the other days need nobody.
    assert {weekday for weekday, _ in busy} == {0}
    assert {half for _, half in busy} <= {22, 23}
    for weekday, half in busy:
        cell = advice["days"][weekday][half]
        assert cell["in_time"] >= 0.8
        assert cell["on_duty"] > cell["agents"]
    assert advice["assumptions"]["observed_arrivals"] == 12


@pytest.mark.parametrize("wish", [{"share": 1.0}, {"within": timedelta(0)}, {"at_once": 0}])
def test_wishes_that_cannot_be(wish: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wish))):
        wished(ScheduleRules(), **wish)
