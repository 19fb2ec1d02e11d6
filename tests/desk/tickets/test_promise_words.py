"""What agents promise in what they say, and by when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.desk.office_hours import ALWAYS, OfficeHours, Period
from sixty.desk.tickets.promise_words import promises_in
from sixty.desk.tickets.rules import TicketRules, read_tickets
from sixty.nlu.normal_form import normal_form
from sixty.settings import project_root

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday at eleven.
NOW = datetime(2026, 11, 23, 11, tzinfo=SHANGHAI)
OFFICE = OfficeHours(SHANGHAI, ((Period(540, 1080),),) * 5 + ((),) * 2)


@pytest.fixture(scope="module")
def rules() -> TicketRules:
    return read_tickets(Path(project_root() / "playbook"))


@pytest.mark.parametrize(
    ("line", "kind", "due"),
    [
        ("24小时内退款", "refund", "11-24 11:00"),
        ("您放心，24小时内给您退款哦", "refund", "11-24 11:00"),
        ("明天12点前发货", "dispatch", "11-24 12:00"),
        ("稍后给您回电", "call", "11-23 13:00"),
        ("最晚三个工作日给您寄出", "dispatch", "11-27 00:00"),
        ("今天下午三点前给您答复", "reply", "11-23 15:00"),
        ("最迟周五给您发货", "dispatch", "11-28 00:00"),
        ("这边半小时内联系您", "reply", "11-23 11:30"),
        ("晚上8点半前给您打电话", "call", "11-23 20:30"),
        ("明早给您发出", "dispatch", "11-24 10:00"),
        ("尽快给您退款", "refund", "11-24 11:00"),
        ("1到3天内把钱退还给您", "refund", "11-26 11:00"),
        ("月底前给您寄出", "dispatch", "12-01 00:00"),
        ("18:00前发出", "dispatch", "11-23 18:00"),
        ("九点前给您发走", "dispatch", "11-23 21:00"),
        ("两个半小时内致电您", "call", "11-23 13:30"),
        ("11月25号前给您补发", "replacement", "11-26 00:00"),
        ("差价我帮您申请退回，两小时内到账", "refund", "11-23 13:00"),
        ("今天下班前把差价补给您", "refund", "11-24 00:00"),
        ("三天内把运费给您报销", "refund", "11-26 11:00"),
        ("送您一张30元无门槛券作为补偿，稍后到账", "coupon", "11-24 11:00"),
        ("优惠券24小时内退回您账户", "coupon", "11-24 11:00"),
        ("今天给您补一张20元的券", "coupon", "11-24 00:00"),
        ("明天给您换个新的", "replacement", "11-25 00:00"),
        ("我给您重新邮一件过去，三天内到", "replacement", "11-26 11:00"),
        ("再给您寄一件，明天就到", "replacement", "11-25 00:00"),
        ("明天上午专员和您电话联系", "call", "11-24 12:00"),
        ("半小时后给你回个电话", "call", "11-23 11:30"),
        ("明天中午前跟您联系", "reply", "11-24 13:00"),
        ("今晚给您一个答复", "reply", "11-24 00:00"),
    ],
)
def test_what_is_promised_by_when(rules: TicketRules, line: str, kind: str, due: str) -> None:
    found = promises_in(line, NOW, rules)
    assert [(each.kind, each.due_at and f"{each.due_at:%m-%d %H:%M}") for each in found] == [(kind, due)]
    assert normal_form(line)[found[0].start : found[0].end] == found[0].words


@pytest.mark.parametrize(
    "line",
    [
        "一般24小时内发货",
        "24小时内能退款吗？",
        "24小时内可以给您退款吗",
        "如果质量有问题24小时内退款",
        "不能保证24小时内退款",
        "今天已经给您退款了",
        "刚刚给您发货了，明天注意查收",
        "请您24小时内寄回",
        "支持7天无理由退款",
        "收到退货后48小时内给您退款",
        "您好，在的",
        "昨天12点前发货",
        "退款要看审核",
        "钱已经退给您了，今天就到",
        "钱我们不退，今天也一样",
        "以旧换新的补贴明天到账",
        "审核通过就给您退差价，两天内",
        "你先申请，24小时内把货寄回给我们",
        "稍等，我看一下",
    ],
)
def test_what_is_no_promise(rules: TicketRules, line: str) -> None:
    assert promises_in(line, NOW, rules) == []


def test_two_in_one_line(rules: TicketRules) -> None:
    found = promises_in("马上给您补发，明天12点前寄出", NOW, rules)
    assert [each.kind for each in found] == ["replacement", "dispatch"]
    both = promises_in("24小时内给您退款，有结果马上回复您。", NOW, rules)
    assert [each.kind for each in both] == ["refund", "reply"]


def test_what_is_said_twice_is_promised_once(rules: TicketRules) -> None:
    found = promises_in("差价退给您，补您的差价24小时内退到您的卡上", NOW, rules)
    assert [each.kind for each in found] == ["refund"]


@given(
    st.sampled_from(["差价", "钱", "运费"]),
    st.text(alphabet="我们这就", max_size=10),
    st.sampled_from("已没不别"),
)
def test_a_gap_holds_a_few_letters_and_no_no(rules: TicketRules, first: str, between: str, no: str) -> None:
    assert [each.kind for each in promises_in(f"24小时内{first}{between}退", NOW, rules)] == ["refund"]
    assert promises_in(f"24小时内{first}{no}{between[:5]}退", NOW, rules) == []
    assert promises_in(f"24小时内{first}{'这' * 11}退", NOW, rules) == []


def test_by_the_clock_of_who_says_it(rules: TicketRules) -> None:
    at_work = promises_in("今天下班前给您答复", NOW, rules, OFFICE)
    assert [each.due_at for each in at_work] == [NOW.replace(hour=18)]
    assert [each.due_at for each in promises_in("今天下班前给您答复", NOW, rules, ALWAYS)] == [
        NOW.replace(day=24, hour=0)
    ]
    evening = NOW.replace(hour=17)
    # Two hours of work: one today, one tomorrow.
    assert [each.due_at for each in promises_in("稍后给您回电", evening, rules, OFFICE)] == [
        NOW.replace(day=24, hour=10)
    ]


def test_soon_without_any_time_for_it_has_no_due_time(rules: TicketRules) -> None:
    assert [(each.kind, each.due_at) for each in promises_in("马上给您发货", NOW, rules)] == [("dispatch", None)]
