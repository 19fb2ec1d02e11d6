"""Inspection in a browser, over a real desk: marked lines, scores by keyboard, an appeal and its decision, results."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from sixty.desk.desk_rules import read_routing
from sixty.desk.inspection.inspecting import InspectionTicker
from sixty.desk.inspection.inspector import Inspector
from sixty.desk.inspection.mood_ear import MoodEar
from sixty.desk.inspection.plans import week_of
from sixty.desk.inspection.rules import read_inspection
from sixty.desk.inspection.stretch_reading import Reading
from sixty.desk.tickets.rules import read_tickets
from sixty.settings import project_root
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import World, now
from tests.web.served_desk import LAPTOP, Open, served_desk, windows

WIDE = (1920, 1080)
API = "/api/desk"
POINTS = {"understood": 20, "right": 30, "solved": 10, "warm": 15, "brief": 10, "written": 5}

Shoot = Callable[[Page, str], None]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """A desk with the real playbook, served."""
    with served_desk(tmp_path) as served:
        yield served


@pytest.fixture
def open_desk(browser: Browser, world: tuple[World, str]) -> Iterator[Open]:
    with windows(browser, world[1]) as open_it:
        yield open_it


def chat_of(world: World, client: TestClient, asks: str, *said: str) -> str:
    """A chat that somebody had with a customer, and closed."""
    chat = world.customer("aftersale", asks)
    assert client.post(f"{API}/chats/{chat}/claim", json={}).status_code == 200
    for number, text in enumerate(said):
        sent = client.post(f"{API}/chats/{chat}/messages", json={"client_id": f"{chat[:8]}-{number}", "text": text})
        assert sent.status_code == 201, sent.text
    assert client.post(f"{API}/chats/{chat}/close", json={"then": "done"}).status_code == 200
    return chat


def inspect(world: World) -> None:
    """What the desk's own thread does, a little later."""
    playbook = project_root() / "playbook"
    rules = read_inspection(playbook)
    assert rules is not None
    reading = Reading(rules, read_routing(playbook), read_tickets(playbook), MoodEar(project_root()))
    opening = partial(shop_session, world.url)
    InspectionTicker(opening, Inspector(opening, reading), clock=lambda: now() + timedelta(minutes=3)).tick()


def a_day(world: World) -> tuple[TestClient, TestClient]:
    """An agent with three chats, two of them with something wrong; the agent, and who leads."""
    agent, lead = world.person("an"), world.person("lead", "supervisor", online=False)
    chat_of(world, agent, "能便宜点吗", "您好，在的", "加我微信私聊，给您最低价", "祝您生活愉快，再见")
    chat_of(world, agent, "洗坏了怎么办", "亲，这是您自己不会洗，怪不了我们哦", "有问题随时找我，再见")
    chat_of(world, agent, "什么时候发货", "您好，付款后48小时内出库哦", "感谢您的支持，再见")
    inspect(world)
    return agent, lead


def plan(world: World, lead: TestClient, **changes: Any) -> None:
    inspectors = [world.account("lead").id, *(world.account(each).id for each in changes.pop("also", ()))]
    body = {
        "title": "每周抽检",
        "form": "service",
        "share": 1.0,
        "double_share": 0.0,
        "inspectors": inspectors,
        "seed": 1,
        **changes,
    }
    made = lead.post(f"{API}/inspection/plans", json=body)
    assert made.status_code == 201, made.text
    zone = read_routing(project_root() / "playbook").groups[-1].hours.zone
    week = week_of(now(), zone)
    drawn = lead.post(f"{API}/inspection/plans/{made.json()['plan']['id']}/draw", json={"week": week})
    assert drawn.status_code == 200, drawn.text


def rows(page: Page) -> Any:
    return page.locator(".InspectedRows > li > button:not(.ant-btn)")


def test_findings_are_marked_in_the_chat_and_filtered(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    a_day(desk)
    page = open_desk("lead", "#/inspection")
    expect(rows(page)).to_have_count(3)
    rows(page).filter(has_text="引导站外").click()
    line = page.locator(".MarkedLine[data-found=true]")
    expect(line.locator("mark").first).to_have_text(re.compile("加我微信"))
    expect(page.locator(".FindingList > li").first).to_contain_text("致命")
    page.get_by_role("button", name=re.compile("引导站外")).last.click()
    expect(page.locator(".MarkedLine[data-chosen=true]")).to_contain_text("加我微信")
    shoot(page, "inspection-chat")
    page.locator(".Inspection-filters .ant-select", has_text="全部规则").click()
    page.locator(".ant-select-item-option", has_text="指责推责").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("指责推责")


def test_scoring_by_keyboard_alone(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    _, lead = a_day(desk)
    plan(desk, lead)
    page = open_desk("lead", "#/inspection/tasks")
    sheet = page.locator(".ScoreSheet")
    expect(sheet).to_be_focused()
    expect(page.get_by_role("tab", name="待打分 3")).to_be_visible()
    expect(sheet.get_by_role("button", name="还有 6 项没打")).to_be_disabled()
    for digit in "543333":
        page.keyboard.press(digit)
    # The last one has two levels: a third is none.
    expect(sheet.get_by_role("button", name="还有 1 项没打")).to_be_disabled()
    page.keyboard.press("2")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("4")
    expect(sheet.locator("output")).to_have_text("100")
    shoot(page, "inspection-scoring")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("已提交，100 分")).to_be_visible()
    expect(page.get_by_role("tab", name="待打分 2")).to_be_visible()
    expect(page.locator(".ScoreSheet output")).to_have_text("0")
    assert [each["score"] for each in lead.get(f"{API}/inspection/tasks?state=scored").json()["tasks"]] == [100]


def test_an_agent_appeals_and_somebody_else_decides(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    a_day(desk)
    other = desk.person("bo")
    chat_of(desk, other, "在吗", "您好，您真是没素质，再见")
    inspect(desk)
    page = open_desk("an", "#/inspection")
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_role("tab", name="抽检方案")).to_have_count(0)
    rows(page).filter(has_text="指责推责").click()
    finding = page.locator(".FindingList > li", has_text="指责推责")
    finding.get_by_role("button", name="申诉").click()
    page.get_by_role("dialog").get_by_label("说说为什么不对").fill("顾客自己说的，我只是复述")
    page.get_by_role("dialog").get_by_role("button", name="提交").click()
    expect(finding).to_contain_text("申诉中")

    deciding = open_desk("lead", "#/inspection/appeals")
    deciding.get_by_role("button", name="处理").click()
    dialog = deciding.get_by_role("dialog")
    expect(dialog).to_contain_text("我只是复述")
    expect(dialog.get_by_role("button", name="撤销")).to_be_disabled()
    dialog.get_by_label("理由").fill("听了前后文，确实是复述")
    shoot(deciding, "inspection-appeal")
    dialog.get_by_role("button", name="撤销").click()
    expect(deciding.get_by_text("没有申诉")).to_be_visible()

    page.get_by_role("tab", name="申诉").click()
    expect(page.locator(".ant-table")).to_contain_text("听了前后文，确实是复述")
    page.get_by_role("tab", name="会话").click()
    expect(rows(page).filter(has_text="指责推责")).to_have_count(0)


def test_results_over_time_with_a_plot(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    _, lead = a_day(desk)
    plan(desk, lead)
    for task in lead.get(f"{API}/inspection/tasks").json()["tasks"]:
        assert lead.post(f"{API}/inspection/tasks/{task['id']}/score", json={"points": POINTS}).status_code == 200
    page = open_desk("lead", "#/inspection/agents", WIDE)
    row = page.locator(".ant-table-row", has_text="小an")
    expect(row).to_contain_text("90（3）")
    expect(row).to_contain_text("引导站外 1")
    expect(page.get_by_role("img", name="小an 的每周得分").locator("canvas")).to_be_visible()
    shoot(page, "inspection-results")


def test_a_plan_is_made_and_drawn_in_the_page(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    a_day(desk)
    page = open_desk("lead", "#/inspection/plans")
    expect(page.get_by_text("还没有抽检方案")).to_be_visible()
    page.get_by_role("button", name="新建方案").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill("新人抽检")
    dialog.get_by_label("质检员").click()
    page.locator(".ant-select-item-option", has_text="小lead").click()
    dialog.locator(".ant-modal-title").click()
    shoot(page, "inspection-plan")
    dialog.get_by_role("button", name="保存").click()
    expect(page.locator(".ant-table-row", has_text="新人抽检")).to_contain_text("每周一抽上一周")
    page.get_by_role("button", name="现在抽本周").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".ant-table-row", has_text="新人抽检")).to_contain_text("抽了 2 个会话")
    expect(page.get_by_role("button", name="现在抽本周")).to_have_count(0)


def test_it_reads_english_and_in_the_dark(world: tuple[World, str], open_desk: Open, shoot: Shoot) -> None:
    desk, _ = world
    agent, _ = a_day(desk)
    assert agent.patch(f"{API}/me", json={"language": "en"}).status_code == 200
    page = open_desk("an", "#/inspection", LAPTOP, color_scheme="dark")
    expect(page.get_by_role("tab", name="My results")).to_be_visible()
    rows(page).first.click()
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, "inspection-dark")
