"""The chat, in a real browser against a bot that answers from a script."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import PHONE
from tests.web.fake_bot import WELCOME
from tests.web.small_shop import ORDER_OF_C001


def say(page: Page, text: str) -> None:
    page.get_by_label("输入消息").fill(text)
    page.get_by_label("输入消息").press("Enter")


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="聊天记录")


def capsule(page: Page, title: str) -> Locator:
    return page.locator(".QuickReply", has_text=title)


def test_welcome_depends_on_the_entry(open_page, bot, shoot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    expect(page.locator(".ChatPanel-line")).to_contain_text("在线")
    expect(log(page)).not_to_contain_text("/greet")
    shoot(page, "desktop-shop")
    page = open_page("/?entry=product&product=GZ2101")
    expect(log(page)).to_contain_text(WELCOME["product"])
    shoot(page, "desktop-product")
    page = open_page(f"/?entry=order&order={ORDER_OF_C001}", customer="C001")
    expect(log(page)).to_contain_text(WELCOME["order"])
    expect(page.get_by_role("main")).to_contain_text("多口袋耐磨工装裤")
    shoot(page, "desktop-order")


def test_text_is_answered(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    say(page, "有没有耐脏的裤子")
    expect(log(page)).to_contain_text("收到：有没有耐脏的裤子")
    expect(page.get_by_label("输入消息")).to_have_value("")
    sent = bot.received[-1]
    assert set(sent) == {"session_id", "message", "metadata", "id"}
    assert re.fullmatch(r"[0-9a-f-]{36}", sent["id"])
    assert sent["session_id"] == bot.sessions[-1]["session_id"]
    page.get_by_label("输入消息").fill("还有别的吗")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(log(page)).to_contain_text("收到：还有别的吗")


def test_a_capsule_is_a_question_asked(open_page, bot):
    page = open_page("/")
    capsule(page, "GZ2101").click()
    expect(page.get_by_role("article", name="多口袋耐磨工装裤").first).to_be_visible()
    capsule(page, "有搭配推荐吗").click()
    expect(log(page)).to_contain_text("有搭配推荐吗")
    expect(page.get_by_role("article", name="拓野工装搭配")).to_be_visible()
    expect(log(page)).not_to_contain_text("/ask_matching")
    assert bot.said == ["GZ2101", "/ask_matching"]
    expect(capsule(page, "有搭配推荐吗")).to_have_count(0)


def test_cards_show_what_they_carry(open_page, bot, shoot):
    page = open_page("/", customer="C001")
    expect(log(page)).to_contain_text(WELCOME["shop"])

    say(page, "GZ2101")
    product = log(page).get_by_role("article", name="多口袋耐磨工装裤")
    expect(product).to_contain_text("货号 GZ2101")
    expect(product).to_contain_text("-¥20")
    expect(product.get_by_text("¥229", exact=True)).to_be_visible()
    shoot(page, "desktop-card-product")

    say(page, "/ask_matching")
    bundle = page.get_by_role("article", name="拓野工装搭配")
    expect(bundle).to_contain_text("搭配立减100")
    expect(bundle).to_contain_text("立省 ¥100")
    shoot(page, "desktop-card-bundle")

    say(page, "查订单")
    orders = page.get_by_role("region", name="选一笔订单")
    orders.get_by_role("button").first.click()
    expect(log(page)).to_contain_text("工装裤那笔")
    assert bot.said[-1] == "/order{1}"
    order = page.get_by_role("article", name="订单 2026111800010001")
    for words in ("派送", "中通快递", "75312345678901", "卡其 L", "¥229", "请保持电话畅通"):
        expect(order).to_contain_text(words)
    shoot(page, "desktop-card-order")
    say(page, "查订单")
    expect(orders).to_have_count(2)
    shoot(page, "desktop-card-orders")


def test_a_product_card_leads_to_its_page_or_asks(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    say(page, "/ask_matching")
    # Without an address of its own, a tap asks about the product.
    page.get_by_role("article", name="拓野工装搭配").get_by_role("button", name="复古帆布工装夹克").click()
    expect(log(page)).to_contain_text("收到：GZ1101")
    say(page, "GZ2101")
    log(page).get_by_role("button", name="看看宝贝").click()
    expect(page.get_by_role("main").get_by_role("heading", name="多口袋耐磨工装裤")).to_be_visible()


def test_what_the_bot_sends_is_never_run(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    say(page, "坏消息")
    expect(log(page)).to_contain_text("<img src=x onerror=alert(1)>点我")
    expect(log(page).get_by_role("button", name="问问这款")).to_be_visible()
    expect(page.locator(".ShopCard img").last).to_have_attribute("src", "/pictures/none.svg")


def test_typing_is_shown_until_the_reply_comes(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    bot.delay = 1.2
    say(page, "在吗")
    expect(page.get_by_text("客服正在输入")).to_be_attached()
    expect(log(page)).to_contain_text("收到：在吗")
    expect(page.get_by_text("客服正在输入")).not_to_be_attached()


def test_a_reload_keeps_the_conversation(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    say(page, "GZ2101")
    expect(capsule(page, "什么面料")).to_be_visible()
    before = bot.sessions[-1]["session_id"]
    page.reload()
    expect(page.get_by_role("article", name="多口袋耐磨工装裤").first).to_be_visible()
    expect(page.locator(".ChatPanel-line")).to_contain_text("在线")
    capsule(page, "什么面料").click()
    expect(log(page)).to_contain_text("膝盖双层加固")
    assert bot.received[-1]["session_id"] == before
    assert [message["message"] for message in bot.received].count("/greet") == 1


def test_a_new_conversation_begins_anew(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    say(page, "你好")
    expect(log(page)).to_contain_text("收到：你好")
    before = bot.sessions[-1]["session_id"]
    page.get_by_role("button", name="新对话").click()
    expect(log(page)).not_to_contain_text("收到：你好")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    assert bot.sessions[-1]["session_id"] != before


def test_a_lost_line_is_said_and_what_waited_is_sent_once(open_page, bot, shoot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    bot.stop()
    expect(page.locator(".ChatPanel-lost")).to_contain_text("连接断开，正在重连…")
    say(page, "断线时说的话")
    expect(page.locator(".Said--customer[data-status=pending]")).to_have_count(1)
    shoot(page, "desktop-lost")
    bot.start()
    expect(log(page)).to_contain_text("收到：断线时说的话", timeout=20_000)
    expect(page.locator(".ChatPanel-lost")).to_be_empty()
    expect(page.locator(".Said--customer[data-status=sent]")).to_have_count(1)
    assert bot.said == ["断线时说的话"]


def test_what_was_not_acknowledged_is_sent_again_under_its_id(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    bot.acknowledges = False
    bot.replies = False
    say(page, "听得到吗")
    expect(page.locator(".Said--customer[data-status=pending]")).to_have_count(1)
    page.wait_for_timeout(300)
    bot.stop()
    expect(page.locator(".ChatPanel-lost")).to_contain_text("正在重连")
    bot.acknowledges = True
    bot.start()
    expect(page.locator(".Said--customer[data-status=sent]")).to_have_count(1, timeout=20_000)
    assert bot.said == ["听得到吗", "听得到吗"]
    assert bot.received[-1]["id"] == bot.received[-2]["id"]


def test_what_waits_survives_a_reload(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    bot.stop()
    expect(page.locator(".ChatPanel-lost")).to_contain_text("正在重连")
    say(page, "先记着")
    page.reload()
    expect(page.locator(".Said--customer[data-status=pending]")).to_have_count(1)
    bot.start()
    expect(log(page)).to_contain_text("收到：先记着", timeout=20_000)


def test_silence_is_a_failure_that_can_be_sent_again(open_page, bot, shoot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    page.clock.install()
    bot.acknowledges = False
    bot.replies = False
    say(page, "有人吗")
    page.clock.run_for(25_000)
    again = page.get_by_role("button", name="没发出去，点我重发")
    expect(again).to_be_visible()
    page.clock.resume()
    shoot(page, "desktop-failed")
    bot.replies = True
    bot.seen.clear()
    again.click()
    expect(log(page)).to_contain_text("收到：有人吗")
    expect(again).to_have_count(0)
    assert bot.said == ["有人吗", "有人吗"]


def test_each_customer_has_a_conversation_of_their_own(open_page, bot):
    page = open_page("/", customer=None)
    expect(log(page)).to_contain_text(WELCOME["shop"])
    say(page, "访客说的")
    expect(log(page)).to_contain_text("收到：访客说的")
    visitor = bot.sessions[-1]["session_id"]
    page.get_by_label("演示身份").select_option("C002")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    expect(log(page)).not_to_contain_text("访客说的")
    assert bot.sessions[-1]["session_id"] != visitor
    page.get_by_label("演示身份").select_option("")
    expect(log(page)).to_contain_text("收到：访客说的")


def test_the_product_looked_at_comes_along(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    page.get_by_role("link", name="多口袋耐磨工装裤").click()
    page.get_by_role("button", name="发给客服").click()
    expect(log(page)).to_contain_text("到手 229 元")
    page.get_by_role("region", name="大家都在问").get_by_role("button").first.click()
    expect(log(page)).to_contain_text("收到：什么面料的？")
    assert bot.said == ["GZ2101", "什么面料的？"]


def test_a_phone_gives_the_chat_the_whole_screen(open_page, bot, shoot):
    page = open_page("/", size=PHONE)
    expect(page.get_by_role("link", name="多口袋耐磨工装裤")).to_be_visible()
    assert not bot.sessions
    shoot(page, "phone-shop")
    page.get_by_role("button", name="客服").click()
    chat = page.get_by_role("dialog", name="在线客服")
    expect(chat).to_contain_text(WELCOME["shop"])
    box = chat.bounding_box()
    assert box
    assert (box["width"], box["height"]) == PHONE
    shoot(page, "phone-chat")
    capsule(page, "GZ2101").click()
    expect(page.get_by_role("article", name="多口袋耐磨工装裤").first).to_be_visible()
    expect(page.get_by_text("您想先了解哪方面")).to_be_in_viewport()
    shoot(page, "phone-card")
    say(page, "查订单")
    page.get_by_role("region", name="选一笔订单").get_by_role("button").first.click()
    expect(page.get_by_role("article", name="订单 2026111800010001")).to_be_visible()
    shoot(page, "phone-order")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE[0]
    chat.press("Escape")
    expect(chat).to_have_count(0)
    expect(page.get_by_role("link", name="多口袋耐磨工装裤")).to_be_visible()
    page.get_by_role("link", name="多口袋耐磨工装裤").click()
    expect(page.get_by_role("button", name="客服")).to_be_visible()
    shoot(page, "phone-product")


def test_the_keyboard_is_enough(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    page.get_by_label("输入消息").focus()
    page.keyboard.type("只用键盘")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="发送", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("收到：只用键盘")
    capsule_button = capsule(page, "查订单")
    say(page, "查订单")
    expect(capsule_button).to_have_count(0)
    page.get_by_role("region", name="选一笔订单").get_by_role("button").last.focus()
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("奶瓶那笔")


def test_a_long_conversation_stays_at_its_end_unless_scrolled_away(open_page, bot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    for number in range(12):
        say(page, f"第{number}句")
        expect(log(page)).to_contain_text(f"收到：第{number}句")
    expect(page.get_by_text("收到：第11句")).to_be_in_viewport()
    bot.delay = 0.8
    say(page, "最后一句")
    page.locator(".Talk-scroller").evaluate("element => { element.scrollTop = 0 }")
    expect(page.get_by_role("button", name="有新消息")).to_be_visible()
    page.get_by_role("button", name="有新消息").click()
    expect(page.get_by_text("收到：最后一句")).to_be_in_viewport()
