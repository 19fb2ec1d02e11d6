"""A customer and the people at the desk, each in a browser of their own, over everything that really runs.

Rasa with the trained model, the action server, the desk, sockets, live stream and databases: started once, and killed
in the middle where that is what a test is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.servers.running import trained_model
from tests.servers.whole_stack import PASSWORD, Stack, whole_stack
from tests.web.conftest import DESKTOP, chat_of, watch
from tests.web.test_chat_page import PNG, log, say

# Somebody else's tests may have the processor, and a bot that is asked for the first time loads what it needs.
PATIENT_MS = 30_000
AGENTS: dict[str, tuple[Any, ...]] = {
    # So few that there is a queue.
    "xiaoli": ("小李", "agent", 1),
    "azhen": ("阿珍",),
    "dawei": ("大伟",),
    "xiaomei": ("小美",),
    "laozhou": ("老周",),
}

OpenWindow = Callable[..., Page]


@pytest.fixture(scope="module")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with whole_stack(trained_model(), tmp_path_factory.mktemp("together")) as running:
        for login, about in AGENTS.items():
            running.employ(login, *about)
        expect.set_options(timeout=PATIENT_MS)
        yield running


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What goes wrong in the pages fails the test; a line that is lost is what some of them are about."""
    said: list[str] = []
    yield said
    unexpected = [
        line for line in said if not re.search(r"WebSocket|ERR_|status of (401|403|409|503)|EventSource", line)
    ]
    assert not unexpected, unexpected


@pytest.fixture
def open_window(browser: Browser, stack: Stack, heard: list[str]) -> Iterator[OpenWindow]:
    """Opens a page in a browser of its own."""
    contexts = []

    def open_it(path: str, customer: str | None = None) -> Page:
        context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="zh-CN")
        contexts.append(context)
        if customer:
            context.add_init_script(f"localStorage.setItem('sixty.customer', '{customer}')")
        page = context.new_page()
        page.set_default_timeout(PATIENT_MS)
        watch(page, heard)
        page.goto(f"{stack.settings.public_desk_url}{path}")
        return page

    yield open_it
    for context in contexts:
        context.close()
    stack.send_everybody_home()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "破洞.png"
    path.write_bytes(PNG)
    return path


def comes_to_work(open_window: OpenWindow, login: str) -> Page:
    """Signs in at the desk and goes online."""
    page = open_window("/desk")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="上线接待").click()
    expect(page.locator(".Rail-state")).to_have_text("在线")
    return page


def leaves(page: Page) -> None:
    """Goes offline, whatever there is still to be done."""
    page.locator(".Rail-presence").click()
    page.get_by_role("menuitem", name=re.compile("离线")).click()


def bubbles(page: Page, text: str) -> Locator:
    """The lines of a conversation at the desk that say something."""
    return page.locator(".Bubble[data-id] .Bubble-text", has_text=text)


def field(page: Page) -> Locator:
    return page.locator(".Composer textarea")


def writes(page: Page, text: str) -> None:
    """An agent writes to the customer."""
    field(page).fill(text)
    field(page).press("Enter")


def heard_once(page: Page, *lines: str) -> None:
    """The customer reads each of the lines, once."""
    for line in lines:
        expect(log(page).locator(".Said", has_text=line)).to_have_count(1)


def row(page: Page, chat: str) -> Locator:
    return page.locator(f".ChatRow[data-chat='{chat}']")


def sends_a_picture(page: Page, picture: Path) -> None:
    """The customer shows something."""
    chat_of(page).get_by_label("选择图片").set_input_files(picture)
    expect(chat_of(page).locator(".Said--customer .Attached img").last).to_be_visible()
    expect(chat_of(page).locator(".Said--customer[data-status=pending]")).to_have_count(0)


def state_words(page: Page) -> Locator:
    return chat_of(page).locator(".ChatPanel-line")


def test_from_the_call_to_the_rating(open_window: OpenWindow, stack: Stack, photo: Path) -> None:
    li = comes_to_work(open_window, "xiaoli")
    before = [stack.visitor(), stack.visitor()]
    for each in before:
        each.say("转人工")
    expect(row(li, before[0].id)).to_be_visible()

    customer = open_window("/?entry=order", "C002")
    expect(log(customer).locator(".Said--shop").first).to_be_visible()
    say(customer, "我的快递到哪了")
    expect(log(customer).get_by_role("article").first).to_be_visible()
    sends_a_picture(customer, photo)
    say(customer, "转人工")
    expect(log(customer)).to_contain_text("您前面还有1位，预计约")
    expect(state_words(customer)).to_have_text("正在为您接人工，请稍等")
    chat = stack.newest_conversation()

    # All is there before it is taken, and nothing has to be asked again.
    li.locator("[data-box=queue]").click()
    expect(row(li, chat).locator(".ChatRow-place")).to_contain_text("第 2 位")
    row(li, chat).click()
    expect(li.locator(".ReadOnly")).to_contain_text("接待后才能回复")
    expect(li.locator(".Packet")).to_contain_text("顾客要求人工")
    expect(li.locator(".Packet")).to_contain_text("我的快递到哪了")
    expect(bubbles(li, "我的快递到哪了")).to_have_count(1)
    shown = li.locator(".Bubble[data-author=customer] img.Bubble-picture")
    expect(shown).to_have_count(1)
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    li.locator(".Panel-tabs").get_by_role("tab", name="订单").click()
    expect(li.locator(".OrderSheet").first).to_be_visible()
    li.locator(".ReadOnly").get_by_role("button", name="接待").click()
    heard_once(customer, "客服小李来啦")
    expect(state_words(customer)).to_have_text("人工客服为您服务")

    writes(li, "豆苗妈妈您好，快递明天到您家")
    heard_once(customer, "豆苗妈妈您好，快递明天到您家")
    expect(chat_of(customer).locator(".Said-speaker", has_text="小李")).to_have_count(1)
    expect(li.locator(".Bubble[data-own=true] [data-mark=read]")).to_have_count(1)
    sends_a_picture(customer, photo)
    expect(shown).to_have_count(2)
    li.get_by_label("发图片").last.set_input_files(photo)
    expect(chat_of(customer).locator(".Said--shop .Attached img")).to_have_count(1)

    li.get_by_role("button", name="送优惠").click()
    li.get_by_label("送哪一样").click()
    li.locator(".ant-select-item-option", has_text="蜜香红茶").first.click()
    li.get_by_role("button", name="提交").click()
    expect(chat_of(customer).locator(".Said--shop").get_by_role("article")).to_have_count(2)

    zhen = comes_to_work(open_window, "azhen")
    li.get_by_role("button", name="转接").click()
    li.get_by_role("radio", name=re.compile("阿珍")).click()
    li.locator("#transfer-note").fill("包裹破了，已送券，请跟进补发")
    li.locator(".ant-modal-footer").get_by_role("button", name="转接").click()
    expect(row(li, chat)).to_have_count(0)
    heard_once(customer, "已经帮您转给同事阿珍")
    row(zhen, chat).click()
    expect(bubbles(zhen, "快递明天到您家")).to_have_count(1)
    zhen.locator(".Panel-tabs").get_by_role("tab", name="历史").click()
    expect(zhen.locator(".Panel")).to_contain_text("包裹破了，已送券，请跟进补发")
    say(customer, "破了一个口子")
    expect(bubbles(zhen, "破了一个口子")).to_have_count(1)
    writes(zhen, "给您补发一件，今天就出")
    heard_once(customer, "给您补发一件，今天就出")

    # To the group: it is not given back to who had it while somebody else is there, who is full and takes it by hand.
    zhen.get_by_role("button", name="转接").click()
    zhen.get_by_text("客服组", exact=True).click()
    zhen.get_by_role("radio", name=re.compile("售后客服")).click()
    zhen.locator("#transfer-note").fill("我去打包，哪位接着聊")
    zhen.locator(".ant-modal-footer").get_by_role("button", name="转接").click()
    expect(row(zhen, chat)).to_have_count(0)
    heard_once(customer, "已经帮您转到售后客服")
    row(li, chat).click()
    li.locator(".ReadOnly").get_by_role("button", name="接待").click()
    expect(field(li)).to_be_visible()
    expect(bubbles(li, "给您补发一件")).to_have_count(1)
    writes(li, "单号晚点发给您")
    heard_once(customer, "单号晚点发给您")

    li.keyboard.press("Alt+e")
    li.get_by_label("小结").fill("包裹破损，已补发")
    li.locator(".ant-modal-footer").get_by_role("button", name="结束", exact=True).click()
    expect(li.locator(".ReadOnly")).to_contain_text("会话已结束")
    rating = chat_of(customer).locator(".RatingCard")
    rating.get_by_role("button", name="非常满意", exact=True).click()
    rating.get_by_role("button", name="回复快", exact=True).click()
    heard_once(customer, "谢谢您的肯定")
    li.locator(".Panel-tabs").get_by_role("tab", name="概览").click()
    expect(li.locator(".Panel")).to_contain_text("回复快")

    say(customer, "包邮吗")
    expect(log(customer).locator(".Said--shop", has_text="邮").last).to_be_visible()
    expect(state_words(customer)).to_have_text("在线，马上回复您")
    assert stack.ledger(chat)[-1].author == "bot"
    assert stack.said(chat, "customer") == ["我的快递到哪了", "转人工", "破了一个口子", "包邮吗"]
    said = ["豆苗妈妈您好，快递明天到您家", "给您补发一件，今天就出", "单号晚点发给您"]
    assert stack.said(chat, "agent") == said


def talk_begins(stack: Stack, open_window: OpenWindow, agent: Page, customer_id: str = "C001") -> tuple[Page, str]:
    """A customer asks for somebody, and the one agent there is takes them; returns the page and the conversation."""
    customer = open_window("/?entry=shop", customer_id)
    expect(log(customer).locator(".Said--shop").first).to_be_visible()
    say(customer, "转人工")
    expect(state_words(customer)).to_have_text("人工客服为您服务")
    chat = stack.newest_conversation()
    row(agent, chat).click()
    expect(field(agent)).to_be_visible()
    return customer, chat


def test_an_agent_leaves_in_the_middle_and_another_ones_line_dies(open_window: OpenWindow, stack: Stack) -> None:
    mei = comes_to_work(open_window, "xiaomei")
    customer, chat = talk_begins(stack, open_window, mei)
    writes(mei, "您好，我是小美")
    heard_once(customer, "您好，我是小美")
    say(customer, "裤子缩水吗")
    expect(bubbles(mei, "裤子缩水吗")).to_have_count(1)

    wei = comes_to_work(open_window, "dawei")
    leaves(mei)
    mei.get_by_role("button", name="放回队列并离线").click()
    expect(mei.locator(".Rail-state")).to_have_text("离线")
    # Nobody else is there than the colleague, who gets all of it.
    row(wei, chat).click()
    expect(bubbles(wei, "裤子缩水吗")).to_have_count(1)
    expect(bubbles(wei, "您好，我是小美")).to_have_count(1)
    heard_once(customer, "客服小美今天先下班啦", "客服大伟来啦")
    say(customer, "还在吗")
    expect(bubbles(wei, "还在吗")).to_have_count(1)
    writes(wei, "在的，水洗过的缩得很少")
    heard_once(customer, "在的，水洗过的缩得很少")

    # A power cut: no word from the page, and no sign of life any more.
    zhou = comes_to_work(open_window, "laozhou")
    wei.context.close()
    say(customer, "那我拍一件")
    stack.fall_silent("dawei")
    row(zhou, chat).click()
    expect(bubbles(zhou, "那我拍一件")).to_have_count(1)
    heard_once(customer, "客服老周来啦")
    heard_once(customer, "刚才的同事那边断线了")
    writes(zhou, "好的，拍好跟我说一声")
    heard_once(customer, "好的，拍好跟我说一声")
    expect(bubbles(zhou, "在的，水洗过的缩得很少")).to_have_count(1)
    assert stack.said(chat, "customer") == ["转人工", "裤子缩水吗", "还在吗", "那我拍一件"]
    assert stack.said(chat, "agent") == ["您好，我是小美", "在的，水洗过的缩得很少", "好的，拍好跟我说一声"]


def test_the_servers_die_in_the_middle(open_window: OpenWindow, stack: Stack) -> None:
    zhou = comes_to_work(open_window, "laozhou")
    customer, chat = talk_begins(stack, open_window, zhou, "C003")
    writes(zhou, "断线前说的")
    heard_once(customer, "断线前说的")

    # The desk is gone: what the customer writes is kept, and so is what the agent writes.
    stack.desk.kill()
    expect(zhou.locator(".LineState")).to_contain_text("正在重连")
    say(customer, "工作台断线时顾客说的")
    expect(chat_of(customer).locator(".Said--customer[data-status=pending]")).to_have_count(0)
    writes(zhou, "断线时写的")
    expect(zhou.locator(".Bubble[data-pending=sending]")).to_contain_text("断线时写的")
    field(zhou).fill("还没写完的")
    stack.desk.start()
    stack.desk.wait()
    heard_once(customer, "断线时写的")
    expect(bubbles(zhou, "工作台断线时顾客说的")).to_have_count(1)
    expect(zhou.locator(".Bubble[data-pending]")).to_have_count(0)
    expect(bubbles(zhou, "断线时写的")).to_have_count(1)
    expect(zhou.locator(".LineState")).to_have_attribute("data-shown", "false")
    expect(field(zhou)).to_have_value("还没写完的")

    # Then the bot's server, to which customers' pages are connected.
    stack.rasa.kill()
    expect(chat_of(customer).locator(".ChatPanel-lost")).to_contain_text("正在重连")
    say(customer, "聊天断线时顾客说的")
    stack.rasa.start()
    field(zhou).press("Enter")
    expect(bubbles(zhou, "还没写完的")).to_have_count(1)
    stack.rasa.wait()
    heard_once(customer, "还没写完的")
    expect(bubbles(zhou, "聊天断线时顾客说的")).to_have_count(1)
    expect(chat_of(customer).locator(".Said--customer[data-status=pending]")).to_have_count(0)
    assert stack.said(chat, "customer") == ["转人工", "工作台断线时顾客说的", "聊天断线时顾客说的"]
    assert stack.said(chat, "agent") == ["断线前说的", "断线时写的", "还没写完的"]
    heard_once(customer, "断线前说的", "断线时写的", "还没写完的")
