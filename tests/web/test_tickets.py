"""Tickets and promises in a browser, over a real desk: from a chat in one step, along the board, by two at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sixty.desk.tickets.rows import Promise, Ticket
from sixty.desk.tickets.searching import warm_up
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import World, now
from tests.web.served_desk import Open, served_desk, windows

WIDE = (1920, 1080)
API = "/api/desk"

Shoot = Callable[[Page, str], None]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """A desk with the real playbook, served."""
    with served_desk(tmp_path) as served:
        warm_up()
        yield served


@pytest.fixture
def open_desk(browser: Browser, world: tuple[World, str]) -> Iterator[Open]:
    # The desk behind it is a real one, and does all that it does beside.
    expect.set_options(timeout=30_000)
    with windows(browser, world[1]) as open_it:
        yield open_it


def talk(world: World, login: str, text: str) -> str:
    """Somebody whom that agent talks to; their conversation."""
    chat = world.customer("aftersale", text)
    client = world.signed_in(login)
    assert client.post(f"{API}/chats/{chat}/claim", json={}).status_code == 200
    return chat


def raised(world: World, login: str, key: str, type_id: str, title: str, **fields: str) -> int:
    client = world.signed_in(login)
    body = {"key": key, "type": type_id, "title": title, "fields": {"order_no": "2026111800010001", **fields}}
    answer = client.post(f"{API}/tickets", json=body)
    assert answer.status_code == 201, answer.text
    made: int = answer.json()["ticket"]["id"]
    return made


def test_from_a_chat_in_one_step_and_along_to_the_end(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    desk.person("li")
    chat = talk(desk, "li", "我要退款，退货仓库上周就签收了，一直没到账")
    page = open_desk("li", f"#/chat/{chat}")
    expect(page.locator(".Composer textarea")).to_be_visible()
    page.keyboard.press("Alt+G")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("标题")).to_have_value(re.compile("退款：.*没到账"))
    expect(dialog.get_by_label("说明")).to_have_value(re.compile("仓库上周就签收了"))
    expect(dialog.get_by_text("已按聊天内容填好")).to_be_visible()
    shoot(page, "tickets-raise")
    dialog.get_by_role("button", name="提交工单").click()
    expect(dialog.get_by_text("必填")).to_be_visible()
    dialog.get_by_label("订单号").fill("2026111800010001")
    dialog.get_by_role("button", name="提交工单").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("log")).to_contain_text("退款已经登记好啦，工单号 GD000001")
    page.get_by_role("tab", name="工单").click()
    card = page.locator(".CustomerTickets .TicketCard")
    expect(card).to_contain_text("GD000001")
    expect(card).to_contain_text("还剩")
    shoot(page, "tickets-panel")
    card.click()
    drawer = page.locator(".TicketDrawer")
    expect(drawer.get_by_role("heading", name=re.compile("没到账"))).to_be_visible()
    drawer.get_by_role("button", name="转到「处理中」").click()
    page.get_by_role("dialog").last.get_by_role("button", name="转到「处理中」").click()
    expect(drawer.locator(".Mark--state")).to_have_text("处理中")
    expect(drawer.get_by_role("button", name="转到「已解决」")).to_be_visible()
    drawer.get_by_role("button", name="转到「已解决」").click()
    solving = page.get_by_role("dialog").last
    solving.get_by_label("退款金额").fill("259")
    solving.get_by_label("原因或结果").fill("259 元已原路退回")
    expect(solving.locator(".TicketPreview")).to_contain_text("259 元已原路退回")
    shoot(page, "tickets-solve")
    solving.get_by_role("button", name="转到「已解决」").click()
    expect(drawer.locator(".Mark--state")).to_have_text("已解决")
    expect(drawer.locator(".TicketHistory")).to_contain_text("已告诉顾客")
    shoot(page, "tickets-drawer")
    told = [each.text for each in desk.said(chat, "system") if (each.payload or {}).get("notice") == "ticket"]
    assert [("GD000001" in each, "259 元已原路退回" in each) for each in told] == [
        (True, False),
        (True, False),
        (True, True),
    ]


def test_the_board_moves_by_mouse_and_by_key(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    desk.person("li")
    first = raised(desk, "li", "a", "logistics", "快递三天没更新")
    second = raised(desk, "li", "b", "missing", "少发了一件围嘴", what="围嘴")
    page = open_desk("li", "#/tickets", WIDE)
    new = page.locator(".Board-column[data-state=new]")
    doing = page.locator(".Board-column[data-state=doing]")
    expect(new.locator(".TicketCard")).to_have_count(2)
    new.locator(f".TicketCard[data-ticket='{first}']").drag_to(doing.locator(".Board-cards"))
    expect(doing.locator(f".TicketCard[data-ticket='{first}']")).to_be_visible()
    new.locator(f".TicketCard[data-ticket='{second}']").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(doing.locator(".TicketCard")).to_have_count(2)
    shoot(page, "tickets-board")
    doing.locator(f".TicketCard[data-ticket='{second}']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".TicketDrawer")).to_contain_text("少发了一件围嘴")
    with shop_session(desk.url, read_only=True) as session:
        assert {each.state for each in session.query(Ticket)} == {"doing"}


def test_of_two_windows_the_slower_one_is_shown_the_newer_one(
    world: tuple[World, str], open_desk: Open, shoot: Shoot
) -> None:
    desk, _ = world
    desk.person("li")
    desk.person("wang")
    made = raised(desk, "li", "a", "logistics", "快递三天没更新")
    page = open_desk("li", f"#/tickets/{made}")
    drawer = page.locator(".TicketDrawer")
    drawer.get_by_role("button", name="修改").click()
    drawer.get_by_label("标题").fill("快递一周没更新")
    theirs = desk.signed_in("wang").patch(f"{API}/tickets/{made}", json={"version": 1, "title": "快递丢了"})
    assert theirs.status_code == 200
    drawer.get_by_role("button", name="保存").click()
    # Either the stream was faster, and what is saved is a change of the newest; or the refusal shows the newest.
    expect(drawer.get_by_role("heading", name=re.compile("快递(丢了|一周没更新)"))).to_be_visible()
    drawer.get_by_label("添加备注").fill("已联系网点")
    drawer.get_by_role("button", name="添加备注").click()
    expect(drawer.locator(".TicketHistory")).to_contain_text("已联系网点")
    drawer.locator("input[type=file]").set_input_files(
        {"name": "面单.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}
    )
    expect(drawer.locator(".TicketHistory")).to_contain_text("上传了文件")


def test_a_promise_is_watched_and_a_doubtful_one_asked_about(
    world: tuple[World, str], open_desk: Open, shoot: Shoot
) -> None:
    desk, _ = world
    desk.person("li")
    chat = talk(desk, "li", "退款怎么还没到")
    page = open_desk("li", f"#/chat/{chat}")
    field = page.locator(".Composer textarea")
    field.fill("您放心，24小时内给您退款")
    field.press("Enter")
    strip = page.locator(".PromiseStrip li")
    expect(strip).to_have_count(1)
    expect(strip).to_contain_text("24小时内给您退款")
    expect(strip.locator(".DueClock")).to_contain_text("还剩")
    field.fill("另外今天给您补一张优惠券")
    field.press("Enter")
    proposed = page.locator(".PromiseStrip li[data-state=proposed]")
    expect(proposed).to_contain_text("今天给您补一张")
    shoot(page, "tickets-promise")
    page.keyboard.press("Alt+K")
    expect(page.locator(".PromiseStrip li[data-state=open]")).to_have_count(2)
    page.goto(re.sub(r"#.*", "#/tickets", page.url))
    page.locator(".TicketsPage").get_by_text("承诺", exact=True).click()
    expect(page.locator(".PromiseList > li")).to_have_count(2)
    shoot(page, "tickets-promises")
    page.locator(".PromiseList > li", has_text="补一张").get_by_role("button", name="办好了").click()
    expect(page.locator(".PromiseList > li")).to_have_count(1)


def test_what_is_overdue_is_told_and_shown(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    desk.person("li")
    chat = talk(desk, "li", "退款怎么还没到")
    made = raised(desk, "li", "a", "refund", "退款两周没到账")
    page = open_desk("li", "#/tickets", WIDE)
    expect(page.locator(".TicketCard")).to_have_count(1)
    with shop_session(desk.url) as session:
        ticket = session.get(Ticket, made)
        assert ticket is not None
        ticket.due_at = ticket.watch_at = now() - timedelta(minutes=5)
        session.add(
            Promise(
                key="k",
                conversation_id=chat,
                kind="call",
                words="稍后给您回电",
                agent_id="li",
                group_id="general",
                state="open",
                said_at=now() - timedelta(hours=1),
                due_at=now() - timedelta(minutes=1),
                watch_at=now() - timedelta(minutes=1),
            )
        )
    expect(page.get_by_text(re.compile("工单已经超时：GD000001"))).to_be_visible()
    expect(page.locator(".TicketCard[data-overdue=true] .DueClock[data-is=late]")).to_contain_text("超时")
    shoot(page, "tickets-overdue")
    with shop_session(desk.url, read_only=True) as session:
        found = session.get(Ticket, made)
        assert found is not None
        assert found.overdue_since == found.due_at


def test_list_search_and_what_is_shown_of_nothing(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    desk.person("li")
    page = open_desk("li", "#/tickets")
    expect(page.get_by_text("没有工单")).to_be_visible()
    raised(desk, "li", "a", "logistics", "羽绒服快递三天没更新")
    raised(desk, "li", "b", "invoice", "发票抬头开错了")
    # The stream tells that there is something now.
    expect(page.locator(".TicketCard")).to_have_count(2)
    page.get_by_text("列表", exact=True).click()
    expect(page.locator(".TicketsPage-list tbody tr.ant-table-row")).to_have_count(2)
    page.get_by_label("搜工单号、标题、内容、订单号").fill("羽绒服快递")
    expect(page.locator(".TicketsPage-list tbody tr.ant-table-row")).to_have_count(1)
    shoot(page, "tickets-list")
    page.get_by_label("搜工单号、标题、内容、订单号").fill("火箭发射")
    expect(page.get_by_text("没有符合的工单")).to_be_visible()
