"""The widget and its chat without a mouse and without eyes, and what axe finds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Frame, FrameLocator, Page, expect

from sixty.settings import project_root
from tests.web.conftest import PHONE, chat_of
from tests.web.scripted_replies import WELCOME
from tests.web.test_chat_page import capsule, log, say
from tests.web.test_widget import launcher

AXE = project_root() / "web" / "node_modules" / "axe-core" / "axe.min.js"


def focused(page: Page) -> str:
    """What has the keyboard: its role's tag and name, through shadow trees and into the frame."""
    chat = chat_frame(page)
    inside = chat.evaluate("document.hasFocus() && document.activeElement !== document.body")
    if inside:
        return str(
            chat.evaluate(
                """() => { const at = document.activeElement;
                    return at.getAttribute('aria-label') ?? at.textContent.trim().slice(0, 40) }"""
            )
        )
    return str(
        page.evaluate(
            """() => { const host = document.querySelector('#sixty-widget');
                const at = host.shadowRoot.activeElement ?? document.activeElement;
                return at.getAttribute('aria-label') ?? at.tagName }"""
        )
    )


def chat_frame(page: Page) -> Frame:
    handle = page.locator("#sixty-widget iframe").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame
    return frame


def violations(frame: Frame | Page) -> list[str]:
    """What axe has to say against the rules of WCAG 2.1, levels A and AA."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in web/")
    frame.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}, "iframes": False}
    found: dict[str, Any] = frame.evaluate(f"() => axe.run(document, {json.dumps(options)})")
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def welcomed(page: Page) -> FrameLocator:
    expect(log(page)).to_contain_text(WELCOME["shop"])
    return chat_of(page)


def test_the_keyboard_opens_speaks_chooses_and_closes(open_page, merchant, desk, bot):
    page = open_page(merchant.origin)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused_on_launcher(page)
    page.keyboard.press("Enter")
    welcomed(page)
    assert focused(page) == "输入消息"
    page.keyboard.type("只用键盘")
    page.keyboard.press("Tab")
    assert focused(page) == "发送"
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("收到：只用键盘")
    assert focused(page) == "输入消息"

    page.keyboard.type("查订单")
    page.keyboard.press("Enter")
    orders = log(page).get_by_role("region", name="选一笔订单")
    expect(orders).to_be_visible()
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
        if "宽口径玻璃奶瓶" in focused(page):
            break
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("奶瓶那笔")

    page.keyboard.press("Escape")
    expect(page.locator("#sixty-widget .frame")).to_be_hidden()
    assert focused_on_launcher(page)


def focused_on_launcher(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('#sixty-widget').shadowRoot.activeElement?.tagName === 'BUTTON'"))


def test_on_a_phone_the_keyboard_stays_in_the_chat(open_page, merchant, desk, bot):
    page = open_page(merchant.origin, size=PHONE)
    launcher(page).click()
    welcomed(page)
    covering = page.get_by_role("dialog", name="在线客服")
    expect(covering).to_have_attribute("aria-modal", "true")
    seen = set()
    for _ in range(24):
        page.keyboard.press("Tab")
        seen.add(focused(page))
    assert {"输入消息", "返回店铺", "发图片"} <= seen
    assert not {"搜索", "A", "BUTTON", "INPUT"} & seen
    out_of_reach = "button => button.closest('[inert]') !== null"
    assert page.get_by_text("立即购买").evaluate(out_of_reach)
    chat_of(page).get_by_role("button", name="返回店铺").click()
    expect(covering).to_have_count(0)
    assert not page.get_by_text("立即购买").evaluate(out_of_reach)
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") != "hidden"


def test_a_page_that_opens_the_chat_by_itself_keeps_its_keyboard(open_page, merchant, desk, bot):
    merchant.attributes = 'data-open="wide"'
    page = open_page(merchant.origin)
    page.get_by_label("搜索").focus()
    welcomed(page)
    page.wait_for_timeout(300)
    expect(page.get_by_label("搜索")).to_be_focused()


def test_new_messages_are_announced_and_history_is_not(open_page, merchant, desk, bot):
    page = open_page(merchant.origin)
    launcher(page).click()
    welcomed(page)
    expect(log(page)).to_have_attribute("aria-live", "polite")
    say(page, "你好")
    expect(log(page)).to_contain_text("收到：你好")
    page.add_init_script(
        """if (window !== top) addEventListener('DOMContentLoaded', () => {
            window.loud = [];
            new MutationObserver((changes) => changes.forEach((change) => {
                const log = change.target.closest?.('[role=log]');
                if (log?.getAttribute('aria-live') === 'polite' && change.addedNodes.length)
                    change.addedNodes.forEach((node) => loud.push(node.textContent));
            })).observe(document.body, { childList: true, subtree: true });
        });"""
    )
    page.reload()
    expect(log(page)).to_contain_text("收到：你好")
    expect(log(page)).to_have_attribute("aria-live", "polite")
    assert chat_frame(page).evaluate("loud.join('')") == ""
    bot.speak("刚说的")
    expect(log(page)).to_contain_text("刚说的")
    assert "客服：刚说的" in chat_frame(page).evaluate("loud.join('')")


def test_a_capsule_gives_the_keyboard_back(open_page, merchant, desk, bot):
    page = open_page(merchant.origin)
    launcher(page).click()
    welcomed(page)
    capsule(page, "GZ2101").focus()
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("您想先了解哪方面")
    assert focused(page) == "输入消息"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("color", [None, "#ffd400"])
def test_axe_finds_nothing(open_page, merchant, desk, bot, theme, color):
    merchant.attributes = f'data-color="{color}"' if color else ""
    page = open_page(merchant.origin, color_scheme=theme)
    launcher(page).click()
    welcomed(page)
    for count, line in enumerate(("GZ2101", "查订单", "推荐外套", "有券吗", "加微信"), 1):
        say(page, line)
        expect(log(page).locator(".ShopCard")).to_have_count(count)
    bot.refusals = [("wrong_link", "这个链接打不开")]
    say(page, "看这个")
    expect(chat_of(page).locator(".Delivery--failed")).to_be_visible()
    chat_of(page).get_by_label("输入消息").press_sequentially("什么")
    expect(chat_of(page).get_by_role("listbox")).to_be_visible()
    page.wait_for_timeout(300)
    assert violations(chat_frame(page)) == []
    assert violations(page) == []
