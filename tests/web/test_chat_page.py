"""The chat in the demo shop, in a real browser, against a bot that answers from a script."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.web.conftest import PHONE, chat_of
from tests.web.scripted_replies import WELCOME
from tests.web.small_shop import ORDER_OF_C001

# A red dot, as a browser draws it.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)


def say(page: Page, text: str) -> None:
    chat_of(page).get_by_label("输入消息").fill(text)
    chat_of(page).get_by_label("输入消息").press("Enter")


def log(page: Page) -> Locator:
    return chat_of(page).get_by_role("log", name="聊天记录")


def capsule(page: Page, title: str) -> Locator:
    return chat_of(page).locator(".QuickReply", has_text=title)


def welcomed(page: Page) -> FrameLocator:
    expect(log(page)).to_contain_text(WELCOME["shop"])
    return chat_of(page)


def test_welcome_depends_on_the_entry(open_page, bot, shoot):
    page = open_page("/")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    expect(chat_of(page).locator(".ChatPanel-line")).to_contain_text("在线")
    assert [message for message in bot.received if message.get("opened")]
    shoot(page, "desktop-shop")
    page = open_page("/?entry=product&product=GZ2101")
    expect(log(page)).to_contain_text(WELCOME["product"])
    shoot(page, "desktop-product")
    page = open_page(f"/?entry=order&order={ORDER_OF_C001}", customer="C001")
    expect(log(page)).to_contain_text(WELCOME["order"])
    expect(page.get_by_role("main").first).to_contain_text("多口袋耐磨工装裤")
    shoot(page, "desktop-order")


def test_text_is_answered(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    say(page, "有没有耐脏的裤子")
    expect(log(page)).to_contain_text("收到：有没有耐脏的裤子")
    expect(chat.get_by_label("输入消息")).to_have_value("")
    sent = bot.received[-1]
    assert set(sent) == {"id", "text", "conversation"}
    assert re.fullmatch(r"[0-9a-f-]{36}", sent["id"])
    chat.get_by_label("输入消息").fill("还有别的吗")
    chat.get_by_role("button", name="发送", exact=True).click()
    expect(log(page)).to_contain_text("收到：还有别的吗")
    assert True in bot.typed


def test_a_capsule_is_a_question_asked(open_page, bot):
    page = open_page("/")
    capsule(page, "GZ2101").click()
    expect(log(page).get_by_role("article", name="多口袋耐磨工装裤").first).to_be_visible()
    capsule(page, "有搭配推荐吗").click()
    expect(log(page)).to_contain_text("有搭配推荐吗")
    expect(log(page).get_by_role("article", name="拓野工装搭配")).to_be_visible()
    expect(log(page)).not_to_contain_text("/ask_matching")
    assert bot.said == ["GZ2101", "/ask_matching"]
    assert all(set(message) == {"id", "tap", "conversation"} for message in bot.received[1:])
    expect(capsule(page, "有搭配推荐吗")).to_have_count(0)


def test_cards_show_what_they_carry(open_page, bot, shoot):
    page = open_page("/", customer="C001")
    welcomed(page)

    say(page, "GZ2101")
    product = log(page).get_by_role("article", name="多口袋耐磨工装裤")
    expect(product).to_contain_text("货号 GZ2101")
    expect(product).to_contain_text("-¥20")
    expect(product.get_by_text("¥229", exact=True)).to_be_visible()
    shoot(page, "desktop-card-product")

    capsule(page, "有搭配推荐吗").click()
    bundle = log(page).get_by_role("article", name="拓野工装搭配")
    expect(bundle).to_contain_text("搭配立减100")
    expect(bundle).to_contain_text("立省 ¥100")
    shoot(page, "desktop-card-bundle")

    say(page, "查订单")
    orders = log(page).get_by_role("region", name="选一笔订单")
    orders.get_by_role("button").first.click()
    expect(log(page)).to_contain_text("工装裤那笔")
    order = log(page).get_by_role("article", name="订单 2026111800010001")
    for words in ("派送", "中通快递", "75312345678901", "卡其 L", "¥229", "请保持电话畅通"):
        expect(order).to_contain_text(words)
    assert bot.said[-1] == "/order{1}"
    shoot(page, "desktop-card-order")


def test_suggestions_benefits_and_codes(open_page, bot, shoot):
    page = open_page("/")
    welcomed(page)
    say(page, "推荐外套")
    chosen = log(page).get_by_role("region", name="给您挑的外套")
    expect(chosen).to_contain_text("耐磨又挺括")
    expect(chosen).to_contain_text("再加¥150")
    shoot(page, "desktop-card-suggestions")
    chosen.get_by_role("button", name="看这款").click()
    expect(log(page)).to_contain_text("这件夹克到手 379 元")
    chosen.get_by_role("button", name="换一批").click()
    expect(log(page)).to_contain_text("换一批给您看看")

    say(page, "有券吗")
    log(page).get_by_role("article", name="满200减20专属券").get_by_role("button", name="帮我领").click()
    expect(log(page).get_by_text("已到账")).to_be_visible()
    expect(log(page).get_by_role("button", name="帮我领")).to_have_count(0)
    shoot(page, "desktop-card-benefit")

    say(page, "加微信")
    card = log(page).get_by_role("article", name="加店铺顾问，领新人券")
    code = card.get_by_role("img", name="加店铺顾问，领新人券（二维码）")
    box = code.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 160
    expect(card.get_by_role("link", name="点这里打开")).to_have_attribute("href", "https://work.weixin.qq.com/ca/demo")
    expect(card.get_by_role("button", name="复制微信号 sixty_vip")).to_be_visible()
    shoot(page, "desktop-card-own-channel")

    say(page, "没见过的卡片")
    expect(log(page)).to_contain_text("宜买新裤子")
    assert bot.said == ["推荐外套", "/inform{jacket}", "/another", "有券吗", "/affirm", "加微信", "没见过的卡片"]


def test_a_product_card_leads_to_its_page_or_asks(open_page, bot):
    page = open_page("/")
    welcomed(page)
    capsule(page, "GZ2101").click()
    capsule(page, "有搭配推荐吗").click()
    # Without an address of its own, a tap asks about the product.
    bundle = log(page).get_by_role("article", name="拓野工装搭配")
    bundle.get_by_role("button", name="复古帆布工装夹克").click()
    expect(log(page)).to_contain_text("收到：我在看复古帆布工装夹克 GZ1101")
    log(page).get_by_role("button", name="看看宝贝").click()
    expect(page.get_by_role("heading", name="多口袋耐磨工装裤")).to_be_visible()
    assert "product=GZ2101" in page.url


def test_what_the_bot_sends_is_never_run(open_page, bot):
    page = open_page("/")
    welcomed(page)
    say(page, "坏消息")
    expect(log(page)).to_contain_text("<img src=x onerror=alert(1)>点我")
    expect(log(page).get_by_role("button", name="问问这款")).to_be_visible()
    expect(chat_of(page).locator(".ShopCard img").last).to_have_attribute("src", "/pictures/none.svg")


def test_typing_is_shown_until_the_reply_comes(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    bot.delay = 1.2
    say(page, "在吗")
    expect(chat.get_by_text("客服正在输入")).to_be_attached()
    expect(log(page)).to_contain_text("收到：在吗")
    expect(chat.get_by_text("客服正在输入")).not_to_be_attached()


def test_marks_tell_how_far_a_message_came(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    bot.replies = False
    say(page, "看到了吗")
    expect(chat.locator(".Said-mark")).to_have_text("已发送")
    bot.replies = True
    say(page, "那这句呢")
    expect(chat.locator(".Said-mark")).to_have_text("已读")
    expect(log(page)).to_contain_text("收到：那这句呢")
    page.wait_for_timeout(300)
    assert bot.read_to[bot.opened[-1]] == bot.record[bot.opened[-1]][-1]["id"]


def test_a_person_takes_over(open_page, bot, shoot):
    page = open_page("/")
    chat = welcomed(page)
    bot.move("queued")
    expect(chat.locator(".ChatPanel-line")).to_have_text("正在为您接人工，请稍等")
    bot.move("assigned")
    bot.speak("人工客服小林已接入", author="system")
    expect(chat.locator(".Said-notice")).to_have_text("人工客服小林已接入")
    bot.type(True, "agent")
    expect(chat.get_by_text("人工客服正在输入")).to_be_attached()
    bot.speak("您好，我是小林，刚看了您的问题，稍等我查一下～", author="agent")
    expect(log(page)).to_contain_text("我是小林")
    expect(chat.locator(".ChatPanel-line")).to_have_text("人工客服为您服务")
    expect(chat.get_by_text("人工客服正在输入")).not_to_be_attached()
    shoot(page, "desktop-agent")


def test_a_reload_fetches_the_conversation(open_page, bot):
    page = open_page("/")
    welcomed(page)
    say(page, "GZ2101")
    expect(capsule(page, "什么面料")).to_be_visible()
    before = bot.opened[-1]
    page.reload()
    expect(log(page).get_by_role("article", name="多口袋耐磨工装裤").first).to_be_visible()
    capsule(page, "什么面料").click()
    expect(log(page)).to_contain_text("膝盖双层加固")
    assert bot.received[-1]["conversation"] == before
    assert len([message for message in bot.received if message.get("opened")]) == 1
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "GZ2101" not in kept


def test_a_new_conversation_begins_anew(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    say(page, "你好")
    expect(log(page)).to_contain_text("收到：你好")
    before = bot.opened[-1]
    chat.get_by_role("button", name="新对话").click()
    expect(log(page)).not_to_contain_text("收到：你好")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    assert bot.opened[-1] != before


def test_two_tabs_show_the_same(open_page, bot, trouble):
    page = open_page("/")
    welcomed(page)
    other = page.context.new_page()
    other.goto(page.url)
    expect(log(other)).to_contain_text(WELCOME["shop"])
    bot.speak("两个窗口都看得到")
    expect(log(page)).to_contain_text("两个窗口都看得到")
    expect(log(other)).to_contain_text("两个窗口都看得到")
    assert len(bot.conversations) == 1
    assert len([message for message in bot.received if message.get("opened")]) == 1


def test_a_lost_line_is_said_and_what_waited_is_sent_once(open_page, bot, shoot):
    page = open_page("/")
    chat = welcomed(page)
    bot.stop()
    expect(chat.locator(".ChatPanel-lost")).to_contain_text("连接断开，正在重连…")
    say(page, "断线时说的话")
    expect(chat.locator(".Said--customer[data-status=pending]")).to_have_count(1)
    bot.write_only("断线时店里说的话")
    shoot(page, "desktop-lost")
    bot.start()
    expect(log(page)).to_contain_text("收到：断线时说的话", timeout=20_000)
    expect(log(page)).to_contain_text("断线时店里说的话")
    expect(chat.locator(".ChatPanel-lost")).to_be_empty()
    expect(chat.locator(".Said--customer[data-status=read]")).to_have_count(1)
    assert bot.said == ["断线时说的话"]


def test_what_was_not_acknowledged_is_sent_again_under_its_id(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    bot.acknowledges = False
    bot.replies = False
    say(page, "听得到吗")
    expect(chat.locator(".Said--customer[data-status=pending]")).to_have_count(1)
    page.wait_for_timeout(300)
    # The server died before it had written anything down.
    bot.stop()
    bot.record[bot.opened[-1]].pop()
    expect(chat.locator(".ChatPanel-lost")).to_contain_text("正在重连")
    bot.acknowledges = True
    bot.start()
    expect(chat.locator(".Said--customer[data-status=sent]")).to_have_count(1, timeout=20_000)
    assert bot.said == ["听得到吗", "听得到吗"]
    assert bot.received[-1]["id"] == bot.received[-2]["id"]


def test_what_waits_survives_a_reload(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    bot.stop()
    expect(chat.locator(".ChatPanel-lost")).to_contain_text("正在重连")
    say(page, "先记着")
    page.reload()
    expect(chat.locator(".Said--customer[data-status=pending]")).to_have_count(1)
    bot.start()
    expect(log(page)).to_contain_text("收到：先记着", timeout=20_000)


def test_a_device_without_a_network_says_so(open_page, bot, trouble):
    page = open_page("/")
    chat = welcomed(page)
    page.context.set_offline(True)
    expect(chat.locator(".ChatPanel-lost")).to_contain_text("网络断开了，恢复后会自动发送")
    say(page, "电梯里说的")
    page.context.set_offline(False)
    expect(log(page)).to_contain_text("收到：电梯里说的", timeout=20_000)
    expect(chat.locator(".ChatPanel-lost")).to_be_empty()
    assert bot.said == ["电梯里说的"]
    trouble[:] = [line for line in trouble if "ERR_INTERNET_DISCONNECTED" not in line]


def test_what_is_refused_says_why_and_can_be_sent_again(open_page, bot, shoot):
    page = open_page("/")
    chat = welcomed(page)
    bot.refusals = [("wrong_link", "这个链接打不开，换一个试试吧。")]
    say(page, "看这个")
    again = chat.get_by_role("button", name="这个链接打不开，换一个试试吧，点我重发")
    expect(again).to_be_visible()
    shoot(page, "desktop-failed")
    again.click()
    expect(log(page)).to_contain_text("收到：看这个")
    expect(again).to_have_count(0)


def test_each_customer_has_a_conversation_of_their_own(open_page, bot):
    page = open_page("/", customer=None)
    welcomed(page)
    say(page, "访客说的")
    expect(log(page)).to_contain_text("收到：访客说的")
    visitor = bot.opened[-1]
    page.get_by_label("演示身份").select_option("C002")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    expect(log(page)).not_to_contain_text("访客说的")
    assert bot.opened[-1] != visitor
    page.get_by_label("演示身份").select_option("")
    expect(log(page)).to_contain_text("收到：访客说的")
    assert bot.opened[-1] == visitor


def test_the_product_looked_at_comes_along(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    page.get_by_role("link", name="多口袋耐磨工装裤").click()
    expect(chat.get_by_text("正在看：多口袋耐磨工装裤")).to_be_visible()
    chat.get_by_role("button", name="发给客服").click()
    expect(log(page)).to_contain_text("收到：我在看多口袋耐磨工装裤 GZ2101")
    page.get_by_role("region", name="大家都在问").get_by_role("button").first.click()
    expect(log(page)).to_contain_text("收到：什么面料的？")


def test_a_picture_is_chosen_pasted_and_sent(open_page, bot, shoot, tmp_path: Path):
    page = open_page("/")
    chat = welcomed(page)
    photo = tmp_path / "裤子.png"
    photo.write_bytes(PNG)
    chat.get_by_label("选择图片").set_input_files(photo)
    expect(log(page)).to_contain_text("图片收到啦")
    picture = chat.locator(".Said--customer .Attached img")
    expect(picture).to_have_attribute("src", re.compile(r"^/api/uploads/[\w-]+\?key="))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1

    chat.get_by_label("输入消息").evaluate(
        """async (field, hex) => {
            const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
            const data = new DataTransfer();
            data.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }));
            field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        PNG.hex(),
    )
    expect(chat.locator(".Said--customer .Attached img")).to_have_count(2)
    expect(chat.locator(".Said--customer[data-status=read]")).to_have_count(2)
    shoot(page, "desktop-picture")


def test_a_file_that_is_none_is_refused_with_words(open_page, bot, trouble, tmp_path: Path):
    page = open_page("/")
    chat = welcomed(page)
    fake = tmp_path / "photo.png"
    fake.write_bytes(b"<script>alert(1)</script>")
    chat.get_by_label("选择图片").set_input_files(fake)
    failed = chat.locator(".Delivery--failed")
    expect(failed).to_contain_text("点我重发")
    assert not [message for message in bot.received if message.get("attachment")]
    trouble[:] = [line for line in trouble if "the server responded with a status of 4" not in line]


def test_type_ahead_is_chosen_with_the_keyboard(open_page, bot, shoot):
    page = open_page("/")
    chat = welcomed(page)
    field = chat.get_by_label("输入消息")
    field.press_sequentially("什么")
    suggested = chat.get_by_role("listbox", name="猜您想问")
    expect(suggested).to_be_visible()
    options = suggested.get_by_role("option")
    first = options.first.inner_text()
    shoot(page, "desktop-suggestions")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    field.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "false")
    field.press("ArrowDown")
    field.press("Enter")
    expect(log(page)).to_contain_text(first)
    assert bot.said == [first]
    expect(suggested).to_have_count(0)

    field.press_sequentially("什么")
    expect(suggested).to_be_visible()
    field.press("Escape")
    expect(suggested).to_have_count(0)
    expect(field).to_be_visible()
    field.press("Enter")
    expect(log(page)).to_contain_text("收到：什么")


def test_a_phone_gives_the_chat_the_whole_screen(open_page, bot, shoot):
    page = open_page("/", size=PHONE)
    expect(page.get_by_role("link", name="多口袋耐磨工装裤")).to_be_visible()
    assert not bot.opened
    shoot(page, "phone-shop")
    page.get_by_role("button", name="打开在线客服").click()
    covering = page.get_by_role("dialog", name="六拾优选客服")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    page.wait_for_timeout(300)
    box = covering.bounding_box()
    assert box
    assert (box["width"], box["height"]) == PHONE
    shoot(page, "phone-chat")
    capsule(page, "GZ2101").click()
    expect(log(page).get_by_role("article", name="多口袋耐磨工装裤").first).to_be_visible()
    expect(chat_of(page).get_by_text("您想先了解哪方面")).to_be_in_viewport()
    shoot(page, "phone-card")
    say(page, "查订单")
    log(page).get_by_role("region", name="选一笔订单").get_by_role("button").first.click()
    expect(log(page).get_by_role("article", name="订单 2026111800010001")).to_be_visible()
    shoot(page, "phone-order")
    say(page, "推荐外套")
    expect(log(page).get_by_role("region", name="给您挑的外套")).to_be_visible()
    shoot(page, "phone-suggestions")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert chat_of(page).locator("html").evaluate("html => html.scrollWidth") == PHONE[0]
    chat_of(page).get_by_label("输入消息").press("Escape")
    expect(covering).to_have_count(0)
    page.get_by_role("link", name="多口袋耐磨工装裤").click()
    expect(page.get_by_role("button", name="客服", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="打开在线客服")).to_have_count(0)
    shoot(page, "phone-product")


def test_a_long_conversation_stays_at_its_end_unless_scrolled_away(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    for number in range(12):
        say(page, f"第{number}句")
        expect(log(page)).to_contain_text(f"收到：第{number}句")
    expect(chat.get_by_text("收到：第11句")).to_be_in_viewport()
    bot.delay = 0.8
    say(page, "最后一句")
    chat.locator(".Talk-scroller").evaluate("element => { element.scrollTop = 0 }")
    expect(chat.get_by_role("button", name="有新消息")).to_be_visible()
    chat.get_by_role("button", name="有新消息").click()
    expect(chat.get_by_text("收到：最后一句")).to_be_in_viewport()


def test_what_was_said_long_ago_is_fetched_when_wanted(open_page, bot):
    page = open_page("/")
    chat = welcomed(page)
    for number in range(230):
        bot.write_only(f"第{number}条")
    page.reload()
    expect(chat.get_by_text("第229条", exact=True)).to_be_in_viewport()
    expect(chat.get_by_text("第5条", exact=True)).to_have_count(0)
    chat.locator(".Talk-scroller").evaluate("element => { element.scrollTop = 0 }")
    chat.get_by_role("button", name="查看更早的消息").click()
    expect(chat.get_by_text("第5条", exact=True)).to_have_count(1)
    expect(chat.get_by_role("button", name="查看更早的消息")).to_have_count(0)
    # What was looked at stays where it was.
    expect(chat.get_by_text("第30条", exact=True)).to_be_in_viewport()


def test_the_chat_alone_is_a_page_too(open_page, bot, shoot):
    page = open_page("/chat?entry=product&product=GZ2101", color_scheme="dark")
    expect(page.get_by_role("log", name="聊天记录")).to_contain_text(WELCOME["product"])
    expect(page.get_by_role("button", name="收起客服")).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
    shoot(page, "alone-dark")
