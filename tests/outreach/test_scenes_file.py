"""How `playbook/outreach.yml` is read, and what is said of mistakes in it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from sixty.outreach.models import OutreachCase
from sixty.outreach.scenes_file import OutreachFileError, check_outreach, read_scenes
from sixty.outreach.triggers import TRIGGERS
from sixty.outreach.words import FILLERS, Gaps, NothingToSayError
from sixty.shop.located import Problem

OUTREACH = """\
zone: Asia/Shanghai
quiet: {from: "22:00", until: "08:00"}
late: 30m
caps: {per_day: 2, per_week: 5, apart: 1h}
rest: {angry: 7d, abandoned: 3d}
talking: 5m
chat_within: 30d
campaign_phases: [sale]
cost: {chat: 0, sms: 0.05, phone: 1.50}
sms_signature: 小店
link: https://shop.example/m
scenes:
  unpaid:
    title: 未付款
    on: [unpaid]
    kind: selling
    wait: {default: 20m}
    at: ["09:00", "15:00"]
    in_campaigns: 10m
    audiences:
      dear: {at_least: 500}
      all: {}
    variants:
      - {id: dear, for: dear, text: "{product}给您留着", capsules: [{title: 有点贵, payload: /ask_price}]}
      - {id: plain, text: "{product}还没付款", card: order}
    ladder:
      - {way: chat}
      - {way: sms, wait: 2h, template: t1, text: "{product}还没付款，点 {link}"}
      - {way: phone, wait: 3h, at_least: 800, text: "提醒付款"}
    control: 0.1
    goal: paid
    attributed_within: 24h
    answers: pay
"""


def said(folder: Path, text: str) -> list[str]:
    (folder / "outreach.yml").write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    check_outreach(folder, problems)
    return [str(problem) for problem in problems]


def test_a_file_that_fits_is_no_problem(tmp_path: Path) -> None:
    assert said(tmp_path, OUTREACH) == []


def test_without_the_file_the_bot_never_speaks_first(tmp_path: Path) -> None:
    assert read_scenes(tmp_path).scenes == {}


def test_a_wrong_file_names_every_place(tmp_path: Path) -> None:
    (tmp_path / "outreach.yml").write_text(OUTREACH.replace("20m", "20").replace("30m", "x"), encoding="utf-8")
    with pytest.raises(OutreachFileError, match=r"outreach.yml:3: .*\n.*outreach.yml:17: "):
        read_scenes(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("on: [unpaid]", "on: [umpaid]", 15, "unexpected value"),
        ("default: 20m", "default: 20", 17, "is no time such as"),
        ('at: ["09:00"', 'at: ["07:00"', 18, "lies in the quiet hours"),
        ("in_campaigns: 10m", "in_campaigns: 40m", 19, "within 30 minutes"),
        ("{product}给您留着", "{carrier}给您留着", 24, "nothing is known as {carrier}"),
        ("{product}给您留着", "全网最低价", 24, "may not be said in an advertisement"),
        ("{product}给您留着", "{product给您留着", 24, "a brace is left open"),
        ("{product}给您留着", "product}给您留着", 24, "a brace is left open"),
        ("{product}给您留着", "{amount:.2f}元", 24, "a brace is left open or misused"),
        ("{product}给您留着", "{product!x}给您留着", 24, "a brace is left open or misused"),
        ("{product}给您留着", "{product:{amount}}", 24, "a brace is left open or misused"),
        ("{product}给您留着", "{}给您留着", 24, "nothing is known as {}"),
        ("{product}给您留着", "{0}给您留着", 24, "nothing is known as {0}"),
        ("{product}给您留着", "{product.name}", 24, "nothing is known as {product.name}"),
        ("点 {link}", "点 {link:x}", 28, "a brace is left open or misused"),
        ("提醒付款", "提醒付款{amount:d}", 29, "a brace is left open or misused"),
        ("title: 有点贵", 'title: "{product}有点贵"', 24, "what is tapped is shown as it is written"),
        ("template: t1", f"template: {'t' * 65}", 28, "no provider's template has so long a name"),
        ("for: dear", "for: dera", 24, "there is no audience dera"),
        ("- {id: dear, for: dear", "- {id: dear, for: all", 21, "nothing is said to dear"),
        ("id: plain", "id: dear", 25, "dear stands here twice"),
        ("wait: 2h, template: t1,", "template: t1,", 28, "a further step waits first"),
        ("template: t1, ", "", 28, "needs the provider's template"),
        ("at_least: 800, ", "", 29, "a call is for high amounts"),
        ("goal: paid", "goal: ordered", 31, "ordered cannot come of unpaid"),
        ("    attributed_within: 24h\n", "", 13, "nobody says how long the goal counts"),
        ("control: 0.1", "control: 0.9", 30, "less than or equal to 0.5"),
        ("per_day: 2", "per_day: 9", 4, "more than a week's"),
        ("zone: Asia/Shanghai", "zone: Asia/Shangai", 1, "is no time zone"),
        ("cost: {chat: 0, ", "cost: {", 9, "say what each way costs"),
        ("answers: pay", "answers: paid", 33, "unexpected value"),
    ],
)
def test_a_mistake_is_said_with_file_and_line(tmp_path: Path, old: str, new: str, line: int, wrong: str) -> None:
    assert old in OUTREACH
    found = [each for each in said(tmp_path, OUTREACH.replace(old, new, 1)) if wrong in each]
    assert len(found) == 1
    assert f"outreach.yml:{line}:" in found[0]


@pytest.mark.parametrize(
    "text",
    ["{product", "product}", "{amount:.2f}", "{amount:d}", "{product!x}", "{}", "{0}", "{product.name}", "{nobody}"],
)
def test_words_that_are_broken_raise_nothing_else_when_they_are_to_be_said(text: str) -> None:
    case = OutreachCase(scene="unpaid", who="C1", order_no="O1", product_no="P1", amount=Decimal(259))
    standing = SimpleNamespace(
        lines={"O1": [SimpleNamespace(name="夹克", share=Decimal(259), product_no="P1", quantity=1)]},
        orders={
            "O1": SimpleNamespace(state="paid", goods_amount=Decimal(259), discount=Decimal(0), postage=Decimal(0))
        },
    )
    gaps = Gaps(None, standing, None, case)  # type: ignore[arg-type]
    assert gaps.fill("{product}，{amount}元") == "夹克，259元"
    with suppress(NothingToSayError):
        assert gaps.fill(text) in ("259", "夹克")


def test_all_that_words_may_name_can_be_filled() -> None:
    named = frozenset[str]().union(*(each.variables for each in TRIGGERS.values()))
    assert named | {"shop", "link"} <= FILLERS.keys()


def test_the_follow_up_has_its_words_elsewhere(tmp_path: Path) -> None:
    more = "  follow_up: {title: 跟进, on: [silence], kind: selling, wait: {default: 1m}}\n"
    assert len([each for each in said(tmp_path, OUTREACH + more) if "minutes.yml" in each]) == 1


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        # 20 minutes later, then the next of nine and three o'clock.
        ("2026-03-18 07:00", "2026-03-18 09:00"),
        ("2026-03-18 08:40", "2026-03-18 09:00"),
        ("2026-03-18 08:41", "2026-03-18 15:00"),
        ("2026-03-18 15:00", "2026-03-19 09:00"),
        # 双11 is on sale: ten minutes later, but not at night.
        ("2026-11-01 12:00", "2026-11-01 12:10"),
        ("2026-11-01 21:55", "2026-11-02 08:00"),
        ("2026-11-02 03:00", "2026-11-02 08:00"),
    ],
)
def test_when_the_first_step_is_due(tmp_path: Path, moment: str, due: str) -> None:
    real = Path(__file__).resolve().parents[2] / "playbook" / "campaigns.yml"
    (tmp_path / "campaigns.yml").write_text(real.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "outreach.yml").write_text(OUTREACH, encoding="utf-8")
    book = read_scenes(tmp_path)
    china = timezone(timedelta(hours=8))

    def at(text: str) -> datetime:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=china)

    assert book.due(book.scenes["unpaid"], at(moment), "工装") == at(due)
