"""The page of `sixty report minute` in a browser."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sixty.insight.minute_report.gathering import gather
from sixty.insight.minute_report.page import page_of
from sixty.insight.minute_report.scope import Scope
from sixty.insight.minute_report.titles import Titles
from sixty.insight.models import Arm
from sixty.insight.rules import WillingnessRules
from sixty.playbook import capsule_plan
from sixty.shop.database import shop_session, upgrade_database
from tests.insight.report_rows import NOW, YESTERDAY, Asked, add_visit
from tests.web.conftest import DESKTOP, PHONE, watch
from tests.web.test_accessibility import violations

OpenReport = Callable[..., Page]
COURSES = [("A", True), ("B", True), ("B+", True), ("C", True), ("C+", True), ("A", False), ("Z", False)]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    url, draw = f"sqlite:///{folder / 'shop.db'}", random.Random(1)
    upgrade_database(url)
    outcomes = ["answered", "answered", "answered", "missed", "asked_back", "handed_over", "to_person", None]
    with shop_session(url) as session:
        for place in range(140):
            line, ordered = COURSES[place % len(COURSES)]
            quiet = place % 4 == 0
            questions = draw.sample(["ask_price", "ask_size", "ask_attribute.材质", "ask_stock", "ask_warranty"], 3)
            turns = [
                Asked(each, draw.choice(outcomes), pushed=not quiet and draw.random() < 0.5, tapped=draw.random() < 0.3)
                for each in questions
            ]
            curve = [(0.0, 0.5), (12.0, 0.5 + place / 500), (40.0, 0.9 if ordered else 0.2)]
            category = ("工装裤", "奶瓶", "蓝牙耳机", None)[place % 9 % 4]
            at = YESTERDAY - timedelta(hours=place)
            arm: Arm = "quiet" if quiet else "pushes"
            rest = {"line": line, "ordered": ordered, "category": category, "curve": curve}
            add_visit(session, f"c{place}", turns, at=at, arm=arm, **rest)
    rules = WillingnessRules()
    with shop_session(url, read_only=True) as session:
        found = gather(session, Scope(NOW, timedelta(minutes=30)), rules.clock, 0.25)
    page = folder / "minute.html"
    page.write_text(page_of(found, Titles(capsule_plan()), rules), encoding="utf-8")
    return page


@pytest.fixture
def open_report(browser: Browser, report: Path, trouble: list[str]) -> Iterator[OpenReport]:
    """Opens the page from its file; whatever it fetches besides itself fails the test."""
    contexts = []

    def open_it(size: tuple[int, int] = DESKTOP, **options: object) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        watch(page, trouble)
        page.on("request", lambda request: trouble.append(request.url) if request.url != report.as_uri() else None)
        page.goto(report.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()


def shown(page: Page):
    return page.locator(".view:visible")


def test_all_cards_are_there_and_tabs_choose_a_category(open_report: OpenReport):
    page = open_report()
    expect(shown(page)).to_have_count(1)
    expect(shown(page).locator("section.card h2")).to_have_text(
        ["意愿曲线", "走了哪条线", "顾客在哪儿走掉", "推题做了什么", "答案已经在那儿", "等多久"]
    )
    expect(shown(page).locator(".lines tbody tr")).to_have_count(5)
    page.get_by_role("tab", name="奶瓶").click()
    expect(shown(page)).to_have_attribute("aria-labelledby", "tab-2")
    expect(shown(page).locator(".lines tbody tr")).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="工装裤")).to_have_attribute("aria-selected", "true")
    page.reload()
    expect(page.get_by_role("tab", name="工装裤")).to_have_attribute("aria-selected", "true")


def test_curves_tell_their_figures_and_can_be_switched_off(open_report: OpenReport):
    page = open_report()
    plot = shown(page).locator("svg.curves:visible")
    expect(plot).to_have_count(1)
    expect(plot.locator("polyline.line")).to_have_count(len(COURSES))
    plot.hover()
    tip = shown(page).locator(".tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("A 当下就买")
    expect(tip).to_contain_text("秒")
    shown(page).locator(".legend button", has_text="Z 没留住").click()
    expect(plot.locator('polyline[data-course="Z"]')).to_be_hidden()
    plot.hover()
    expect(tip).to_be_visible()
    expect(tip).not_to_contain_text("Z 没留住")
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()


def test_on_a_phone_nothing_is_wider_than_it(open_report: OpenReport):
    page = open_report(PHONE, is_mobile=True, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    plot = shown(page).locator("svg.curves:visible")
    expect(plot).to_have_count(1)
    # Letters of a plot are as large as those around it, and not shrunk with it.
    scale = plot.evaluate("svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")
    assert 0.8 <= scale <= 1.2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_finds_nothing(open_report: OpenReport, scheme: str, size: tuple[int, int]):
    assert violations(open_report(size, color_scheme=scheme)) == []


def test_light_and_dark_follow_the_device_and_the_button(open_report: OpenReport):
    page = open_report(color_scheme="dark")

    def brightness() -> int:
        return int(page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"))

    assert brightness() < 60
    page.get_by_role("button", name="切换深浅色").click()
    assert brightness() > 200
    page.get_by_role("button", name="切换深浅色").click()
    assert brightness() < 60


def test_paper_is_light_and_has_no_buttons(open_report: OpenReport):
    page = open_report(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".chips")).to_be_hidden()
    expect(shown(page).locator(".print-name")).to_be_visible()
    ink = page.evaluate("Number(getComputedStyle(document.body).color.match(/\\d+/)[0])")
    assert ink < 60
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_without_scripts_the_whole_is_there(browser: Browser, report: Path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    expect(shown(page)).to_have_count(1)
    expect(page.get_by_role("button", name="切换深浅色")).to_be_hidden()
    context.close()
