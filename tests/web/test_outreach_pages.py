"""The pages on reminders in a browser, over a real desk: words by two at once, SMS with receipts, calls."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sixty.outreach.scenes_file import OUTREACH_FILE, read_scenes
from sixty.settings import project_root
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import World, now
from tests.outreach.outreach_rows import a_call, a_case, a_contact, a_rung, an_unpaid_order, no_night, reminded
from tests.web.served_desk import LAPTOP, Open, served_desk, windows

WIDE = (1920, 1080)
API = "/api/desk/outreach"
PLAIN, SMS = "variants.plain.text", "ladder.2.text"

Shoot = Callable[[Page, str], None]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A desk with a playbook of its own, served."""
    with served_desk(tmp_path) as (served, address):
        folder = Path(shutil.copytree(project_root() / "playbook", tmp_path / "playbook"))
        settings = served.settings.copy(update={"playbook": folder, "public_desk_url": address})
        served.app.state.workbench = replace(served.app.state.workbench, settings=settings)
        served.settings = settings
        yield served


@pytest.fixture
def open_desk(browser: Browser, world: World) -> Iterator[Open]:
    expect.set_options(timeout=30_000)
    with windows(browser, world.settings.public_desk_url) as open_it:
        yield open_it


def words(world: World, place: str = PLAIN) -> str:
    scene = read_scenes(world.settings.playbook).scenes["unpaid"]
    return scene.ladder[1].text if place == SMS else next(each.text for each in scene.variants if each.id == "plain")


def drawer(page: Page) -> Locator:
    """The scene of unpaid orders with its words."""
    page.locator(".Outreach-scenes").get_by_role("button", name="下单未付款").click()
    opened = page.locator(".ant-drawer-content")
    expect(opened.locator(".Wordings li").first).to_be_visible()
    return opened


def edit(opened: Locator, text: str) -> Locator:
    """Begins to change the words that stand there; gives the field."""
    opened.locator(".Wordings li").filter(has_text=text).get_by_role("button", name="修改").click()
    return opened.get_by_label("话术")


def test_what_is_wrong_is_said_at_the_field(world: World, open_desk: Open, shoot: Shoot) -> None:
    world.person("boss", "supervisor")
    page = open_desk("boss", "#/outreach")
    shoot(page, "outreach-today-1366")
    opened = drawer(page)
    field = edit(opened, words(world))
    faults, save = opened.locator(".WordsEditor-faults"), opened.get_by_role("button", name="保存")
    for text, said in (
        ("{prodct}还没付款", "没有变量 {prodct}：是不是想写 {product}（商品名）？"),
        ("{product还没付款", "花括号没有配对"),
        ("史上最低的{product}", "“史上最低”是广告里不能用的说法"),
        ("", "话术不能空着"),
    ):
        field.fill(text)
        expect(faults).to_contain_text(said)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(save).to_be_disabled()
    field.fill("{prodct}还没付款，全网最低{pric}")
    expect(faults.locator("li")).to_have_count(3)
    shoot(page, "outreach-faults-1366")
    field.fill("还没付款")
    field.press("Home")
    opened.get_by_role("button", name="商品名").click()
    expect(field).to_have_value("{product}还没付款")
    expect(opened.locator(".WordsEditor-preview")).to_contain_text("多口袋耐磨工装裤还没付款")
    expect(faults.locator("li")).to_have_count(0)
    save.click()
    expect(opened.locator(".Wordings del")).to_have_count(1)
    assert words(world) == "{product}还没付款"
    expect(opened.locator(".Wordings li").last).to_contain_text("boss")


def test_an_sms_is_shown_as_it_is_sent(world: World, open_desk: Open, shoot: Shoot) -> None:
    world.person("boss", "supervisor")
    page = open_desk("boss", "#/outreach", WIDE)
    shoot(page, "outreach-today-1920")
    opened = drawer(page)
    field = edit(opened, words(world, SMS))
    shown = opened.locator(".WordsEditor-preview")
    expect(shown).to_contain_text("【六拾优选】您拍下的多口袋耐磨工装裤还没付款")
    expect(shown).to_contain_text("按 2 条短信计费")
    expect(shown).to_contain_text("没写怎么退订，发出时会在句末加上“拒收请回复R”")
    shoot(page, "outreach-sms-1920")
    field.fill("{product}还没付款，退订回R")
    expect(shown).to_contain_text("按 1 条短信计费")
    expect(shown).not_to_contain_text("没写怎么退订")
    field.fill("【六拾优选】{product}还没付款")
    expect(opened.locator(".WordsEditor-faults")).to_contain_text("短信里又写了签名")


def test_words_that_are_not_saved_are_there_again(world: World, open_desk: Open, shoot: Shoot) -> None:
    world.person("boss", "supervisor")
    page = open_desk("boss", "#/outreach")
    before = words(world)
    edit(drawer(page), before).fill("{product}给您留到今晚～")
    page.keyboard.press("Escape")
    expect(page.locator(".ant-drawer-content")).to_have_count(0)
    page.get_by_role("tab", name="发送记录").click()
    page.reload()
    expect(page.locator(".Outreach-scenes tr").filter(has_text="下单未付款")).to_contain_text("有没保存的修改")
    opened = drawer(page)
    mine = opened.locator(".Wordings li").filter(has_text=before)
    expect(mine).to_contain_text("有没保存的修改")
    shoot(page, "outreach-kept-1366")
    field = edit(opened, before)
    expect(field).to_have_value("{product}给您留到今晚～")
    opened.get_by_role("button", name="放弃修改").click()
    expect(opened.get_by_text("有没保存的修改")).to_have_count(0)
    expect(edit(opened, before)).to_have_value(before)
    assert words(world) == before


def test_who_comes_second_sees_what_stands_there(world: World, open_desk: Open, shoot: Shoot) -> None:
    world.person("boss", "supervisor")
    other = world.person("wang", "supervisor")
    page = open_desk("boss", "#/outreach")
    opened, before = drawer(page), words(world)
    edit(opened, before).fill("{product}给您留到今晚～")
    expect(opened.locator(".WordsEditor-preview")).to_be_visible()
    change = {"scene": "unpaid", "place": PLAIN, "before": before, "after": "{product}还在等您～"}
    assert other.post(f"{API}/words", json=change).status_code == 201
    opened.get_by_role("button", name="保存").click()
    told = opened.get_by_role("alert").filter(has_text="改过，现在是")
    expect(told).to_contain_text("被 wang 在")
    expect(told).to_contain_text("{product}还在等您～")
    expect(opened.get_by_label("话术")).to_have_value("{product}给您留到今晚～")
    expect(opened.get_by_role("button", name="保存")).to_be_disabled()
    shoot(page, "outreach-overtaken-1366")
    assert words(world) == "{product}还在等您～"
    told.get_by_role("button", name="用我写的替换").click()
    opened.get_by_role("button", name="保存").click()
    expect(opened.locator(".Wordings del")).to_have_count(2)
    assert words(world) == "{product}给您留到今晚～"
    history = opened.locator(".Wordings").last
    expect(history).to_contain_text("wang")
    history.get_by_role("button", name="撤销").click()
    expect(opened.locator(".Wordings del")).to_have_count(3)
    assert words(world) == "{product}还在等您～"
    assert "wang" not in (world.settings.playbook / OUTREACH_FILE).read_text(encoding="utf-8")


def test_lists_that_are_empty_say_what_to_do(world: World, open_desk: Open, shoot: Shoot) -> None:
    world.person("boss", "supervisor")
    page = open_desk("boss", "#/outreach")
    expect(page.locator(".Outreach-plan")).to_contain_text("到时候会自己排进来")
    for tab, said in (
        ("发送记录", "看看“今天”里的场景是不是都在运行"),
        ("效果", "换个更长的时间看看"),
        ("短信与电话", "才会轮到短信和电话"),
        ("外呼名单", "大额又没动静的顾客会排到这里"),
    ):
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(".State").filter(has_text=said)).to_be_visible()
        shoot(page, f"outreach-empty-{tab}")


def test_somebody_is_looked_up_with_what_they_would_hear(world: World, open_desk: Open, shoot: Shoot) -> None:
    no_night(world.settings.playbook / OUTREACH_FILE)
    with shop_session(world.url) as session:
        an_unpaid_order(session, reminded("unpaid", 0.1), "2026111900001", now())
    world.person("boss", "supervisor")
    page = open_desk("boss", "#/outreach")
    page.get_by_role("tab", name="发送记录").click()
    expect(page.locator(".Outreach-foreseen")).to_have_count(0)
    page.get_by_label("顾客号或订单号").fill("2026111900001")
    page.get_by_label("顾客号或订单号").press("Enter")
    coming = page.locator(".Outreach-foreseen")
    expect(coming.get_by_role("row").filter(has_text="聊天").first).to_contain_text("夹克P1")
    expect(coming.get_by_role("row").filter(has_text="短信")).to_contain_text("付款")
    shoot(page, "outreach-foreseen")
    page.get_by_label("顾客号或订单号").fill("K404")
    page.get_by_label("顾客号或订单号").press("Enter")
    expect(coming.locator(".State")).to_contain_text("没有找到这位顾客")


@pytest.mark.parametrize("size", [LAPTOP, WIDE], ids=["1366", "1920"])
def test_numbers_are_shown_to_who_has_taken_the_call(
    world: World, open_desk: Open, shoot: Shoot, size: tuple[int, int]
) -> None:
    with shop_session(world.url) as session:
        case = a_case(session, "C001", now(), amount=Decimal("900.00"), product_no="GZ2101", order_no="60012")
        long = "【六拾优选】您拍下的多口袋耐磨工装裤还没付款，共259元，点 https://shop.example/m 就能付。 拒收请回复R"
        sent = {"way": "sms", "text": long, "template": "unpaid_order", "provider": "mas", "sent_at": now()}
        a_contact(
            session,
            a_rung(session, case, now(), rung=2, way="sms"),
            now(),
            state="delivered",
            delivered_at=now() + timedelta(minutes=1),
            provider_ref="m1",
            **sent,
        )
        other = a_case(session, "C002", now(), product_no="GZ1101")
        a_contact(
            session,
            a_rung(session, other, now(), rung=2, way="sms", state="failed"),
            now(),
            state="failed",
            problem="服务商回执：没有送到",
            provider_ref="m2",
            **sent,
        )
        third = a_case(session, "C003", now())
        state = {"state": "sent", "provider_ref": "m3", **sent}
        a_contact(session, a_rung(session, third, now(), rung=2, way="sms"), now(), **state)
        a_call(session, "K1", "900.00", now())
    no_night(world.settings.playbook / OUTREACH_FILE)
    world.person("boss", "supervisor")
    page = open_desk("boss", "#/outreach", size)
    page.get_by_role("tab", name="短信与电话").click()
    rows = page.locator(".Outreach tbody tr[data-row-key]")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="已送达")).to_have_count(1)
    expect(rows.filter(has_text="还没有回执")).to_have_count(1)
    expect(rows.filter(has_text="服务商回执：没有送到")).to_have_count(1)
    shoot(page, f"outreach-outbox-{size[0]}")
    assert "13800001001" not in page.content()

    page.get_by_role("tab", name="外呼名单").click()
    card = page.locator(".CallCard")
    expect(card).to_contain_text("138****1001")
    assert "13800001001" not in page.content()
    card.get_by_role("button", name="我来打").click()
    expect(card.get_by_role("link", name="+8613800001001")).to_be_visible()
    shoot(page, f"outreach-call-{size[0]}")
    card.get_by_text("会来买").click()
    card.get_by_role("button", name="记下结果").click()
    expect(page.locator(".CallCard")).to_have_count(0)
    assert "13800001001" not in page.content()
    page.get_by_role("tab", name="短信与电话").click()
    expect(rows.filter(has_text="打过了")).to_contain_text("会来买")
    assert "13800001001" not in page.content()
