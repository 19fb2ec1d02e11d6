"""The widget on a shop's own site: another origin, a strict policy, and nothing of ours but the script tag."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jwt
import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from sixty.desk.app import PAGE
from sixty.settings import project_root
from tests.web.conftest import CHROMIUM, CHROMIUM_FLAGS, MERCHANT_SECRET, PHONE, chat_of, watch
from tests.web.scripted_replies import WELCOME
from tests.web.test_chat_page import capsule, log, say

BUILT = project_root() / PAGE


def launcher(page: Page) -> Locator:
    return page.locator("#sixty-widget button")


def merchant_token(customer: str) -> str:
    until = datetime.now(timezone.utc) + timedelta(minutes=10)
    claims = {"sub": customer, "level": "金卡", "aud": "sixty", "exp": int(until.timestamp())}
    return jwt.encode(claims, MERCHANT_SECRET, algorithm="HS256", headers={"kid": "k1"})


def gzipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def first_load(page: str) -> dict[str, int]:
    """Everything that a page fetches before it can be used, with its size as it is sent."""
    wanted = [page, "icon.svg"]
    for name in wanted:
        if name.endswith((".html", ".js")):
            text = (BUILT / name).read_text(encoding="utf-8")
            found = re.findall(r'(?:src|href)="/(assets/[^"]+)"', text)
            found += [f"assets/{each}" for each in re.findall(r'(?:from|import)\s*[`"\']\./([\w.-]+\.js)[`"\']', text)]
            wanted += [each for each in found if each not in wanted]
    return {name: gzipped(BUILT / name) for name in wanted}


def test_the_first_load_is_small(browser):
    sizes = first_load("chat.html")
    assert any(name.endswith(".css") for name in sizes)
    assert sum(name.endswith(".js") for name in sizes) >= 1
    assert sum(sizes.values()) < 200_000, sizes
    assert gzipped(BUILT / "widget.js") < 6_000


def test_nothing_is_fetched_from_strangers(browser):
    for path in BUILT.rglob("*"):
        if path.suffix in (".html", ".css"):
            text = path.read_text(encoding="utf-8")
            assert not re.findall(r"(?:src|href)=\"(?:https?:)?//|url\(['\"]?(?:https?:)?//|@import", text), path


def test_one_script_tag_is_enough(open_page, merchant, desk, bot, shoot):
    merchant.attributes = 'data-product="GZ2101" data-color="#0b57d0" data-text-title="小店客服" data-position="left"'
    page = open_page(merchant.origin)
    assert not bot.opened
    expect(page.locator("#sixty-widget iframe")).to_have_count(0)
    launcher(page).click()
    expect(page.get_by_role("region", name="小店客服")).to_be_visible()
    expect(log(page)).to_contain_text(WELCOME["product"])
    expect(chat_of(page).get_by_role("heading", name="小店客服")).to_be_visible()
    brand = "getComputedStyle(document.documentElement).getPropertyValue('--brand-1')"
    assert chat_of(page).locator("html").evaluate(f"() => {brand}") == "#0b57d0"
    box = page.get_by_role("region", name="小店客服").bounding_box()
    assert box
    assert box["x"] < 40
    say(page, "有货吗")
    expect(log(page)).to_contain_text("收到：有货吗")
    shoot(page, "merchant-blue")


def test_the_token_is_kept_by_the_shops_page(open_page, merchant, desk, bot):
    page = open_page(merchant.origin)
    launcher(page).click()
    expect(log(page)).to_contain_text(WELCOME["shop"])
    say(page, "你好")
    expect(log(page)).to_contain_text("收到：你好")
    keys = page.evaluate("Object.keys(localStorage)")
    assert keys == [f"sixty:{desk}:chat.visitor"]
    own = "() => { try { return localStorage.length } catch { return 0 } }"
    assert chat_of(page).locator("html").evaluate(own) == 0
    assert page.context.cookies() == []
    # Another page of the shop: the chat stands open where it was left.
    page.goto(f"{merchant.origin}/cart")
    expect(log(page)).to_contain_text("收到：你好")
    assert len(bot.conversations) == 1


def test_works_where_third_party_storage_is_blocked(merchant, desk, bot, tmp_path, trouble, browser):
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(
        '{"profile": {"block_third_party_cookies": true, "cookie_controls_mode": 1}}', encoding="utf-8"
    )
    # A browser of its own, as this is a setting of the whole browser; two of them cannot run in one thread's loop.
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, headless=True, args=CHROMIUM_FLAGS
    )
    try:
        page = context.new_page()
        watch(page, trouble)
        page.goto(merchant.origin)
        launcher(page).click()
        expect(log(page)).to_contain_text(WELCOME["shop"])
        blocked = "() => { try { localStorage.length; return false } catch { return true } }"
        assert chat_of(page).locator("html").evaluate(blocked), "this browser blocks nothing, so nothing is shown"
        say(page, "记得我吗")
        expect(log(page)).to_contain_text("收到：记得我吗")
        page.reload()
        expect(log(page)).to_contain_text("收到：记得我吗")
        assert len(bot.conversations) == 1
    finally:
        context.close()


def test_works_where_the_shop_itself_may_keep_nothing(open_page, merchant, desk, bot):
    merchant.before = """
        for (const name of ['localStorage', 'sessionStorage'])
            Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } });"""
    page = open_page(merchant.origin)
    launcher(page).click()
    expect(log(page)).to_contain_text(WELCOME["shop"])
    launcher(page).click()
    launcher(page).click()
    say(page, "还是我")
    expect(log(page)).to_contain_text("收到：还是我")
    assert len(bot.conversations) == 1


def test_a_site_that_is_not_allowed_shows_nothing(open_page, merchant, settings, desk, trouble, bot):
    # 127.0.0.1 is not on the list, localhost is.
    stranger = merchant.origin.replace("localhost", "127.0.0.1")
    page = open_page(stranger)
    launcher(page).click()
    page.wait_for_timeout(800)
    assert not bot.opened
    assert any("frame-ancestors" in line for line in trouble)
    trouble.clear()


def test_a_frame_that_pretends_gets_no_token(open_page, merchant, desk, bot):
    # It announces itself as the chat does, and listens to whatever it is told.
    merchant.frame = """
        window.heard = [];
        addEventListener('message', (event) => heard.push(JSON.stringify(event.data)));
        window.said = 0;
        setInterval(() => { parent.postMessage({ sixty: 'ready' }, '*'); said += 1 }, 20);"""
    merchant.before = """
        addEventListener('DOMContentLoaded', () => {
            const liar = document.createElement('iframe');
            liar.src = '/frame';
            document.body.append(liar);
        });"""
    merchant.attributes = f'data-merchant-token="{merchant_token("C002")}"'
    page = open_page(merchant.origin)
    launcher(page).click()
    expect(log(page)).to_contain_text(WELCOME["shop"])
    liar = page.frame(url=f"{merchant.origin}/frame")
    assert liar
    liar.wait_for_function("said > 20")
    assert liar.evaluate("heard") == []


def test_the_chat_takes_orders_from_the_page_around_it_only(open_page, merchant, desk, bot):
    page = open_page(merchant.origin)
    launcher(page).click()
    expect(log(page)).to_contain_text(WELCOME["shop"])
    # After the handshake, whatever is posted to the frame is nobody's.
    page.evaluate(
        """() => document.querySelector('#sixty-widget').shadowRoot.querySelector('iframe').contentWindow
            .postMessage({ sixty: 'hello', settings: {}, placement: {} }, '*', [new MessageChannel().port2])"""
    )
    page.wait_for_timeout(200)
    say(page, "还在吗")
    expect(log(page)).to_contain_text("收到：还在吗")


def test_the_shops_customer_is_known_by_the_shops_token(open_page, merchant, desk, bot, settings):
    token = merchant_token("C002")
    merchant.before = f"window.Sixty = {{ merchantToken: async () => '{token}' }};"
    page = open_page(merchant.origin)
    launcher(page).click()
    expect(log(page)).to_contain_text(WELCOME["shop"])
    assert page.evaluate("Object.keys(localStorage)") == [f"sixty:{desk}:chat.customer.C002"]
    say(page, "我是谁")
    expect(log(page)).to_contain_text("收到：我是谁")
    page.evaluate("Sixty.forget()")
    expect(page.locator("#sixty-widget iframe")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage)") == []
    before = bot.conversations[0]
    page.evaluate("Sixty.update({ merchantToken: null })")
    page.evaluate("Sixty.open()")
    expect(log(page)).to_contain_text(WELCOME["shop"])
    expect(log(page)).not_to_contain_text("我是谁")
    assert bot.opened[-1] != before


def test_a_visitor_who_signs_in_goes_on(open_page, merchant, desk, bot):
    page = open_page(merchant.origin)
    launcher(page).click()
    expect(log(page)).to_contain_text(WELCOME["shop"])
    say(page, "还没登录时问的")
    expect(log(page)).to_contain_text("收到：还没登录时问的")
    page.evaluate("token => Sixty.update({ merchantToken: () => token })", merchant_token("C002"))
    expect(log(page)).to_contain_text("收到：还没登录时问的")
    say(page, "登录后问的")
    expect(log(page)).to_contain_text("收到：登录后问的")
    assert len(bot.conversations) == 1
    # Somebody else signs in at the same computer.
    page.evaluate("token => Sixty.update({ merchantToken: () => token })", merchant_token("C003"))
    expect(log(page)).to_contain_text(WELCOME["shop"])
    expect(log(page)).not_to_contain_text("登录后问的")
    assert len(bot.conversations) == 2


def test_a_token_that_proves_nothing_makes_a_visitor(open_page, merchant, desk, bot, trouble):
    merchant.attributes = 'data-merchant-token="no.such.token"'
    page = open_page(merchant.origin)
    warnings: list[str] = []
    page.on("console", lambda said: warnings.append(said.text) if said.type == "warning" else None)
    launcher(page).click()
    expect(log(page)).to_contain_text(WELCOME["shop"])
    assert any("merchant token was refused" in line for line in warnings)
    trouble[:] = [line for line in trouble if "status of 401" not in line]


def test_messages_that_come_while_it_is_closed_are_counted(open_page, merchant, desk, bot, shoot):
    page = open_page(merchant.origin)
    launcher(page).click()
    expect(log(page)).to_contain_text(WELCOME["shop"])
    page.evaluate("window.counted = []; void Sixty.on('unread', (count) => counted.push(count))")
    launcher(page).click()
    expect(page.locator("#sixty-widget .frame")).to_be_hidden()
    bot.speak("您关注的裤子到货啦")
    bot.speak("要帮您留一条吗")
    expect(page.get_by_role("button", name="打开在线客服，2 条新消息")).to_be_visible()
    expect(page.locator("#sixty-widget").get_by_role("status")).to_have_text("2 条新消息")
    assert page.evaluate("[counted.at(-1), Sixty.unread]") == [2, 2]
    shoot(page, "merchant-unread")
    # On the shop's next page, too, without a click.
    page.goto(f"{merchant.origin}/cart")
    expect(page.get_by_role("button", name="打开在线客服，2 条新消息")).to_be_visible()
    launcher(page).click()
    expect(log(page)).to_contain_text("要帮您留一条吗")
    expect(page.get_by_role("button", name="收起在线客服", exact=True)).to_be_visible()
    page.wait_for_timeout(300)
    assert bot.read_to[bot.opened[-1]] == bot.record[bot.opened[-1]][-1]["id"]


def test_the_page_can_open_close_and_speak(open_page, merchant, desk, bot):
    merchant.before = """
        window.events = [];
        window.Sixty = {
            launcher: false,
            onReady(chat) { for (const name of ['open', 'close']) chat.on(name, () => events.push(name)) },
        };"""
    page = open_page(merchant.origin)
    expect(launcher(page)).to_be_hidden()
    page.evaluate("Sixty.say('从商品页问的')")
    expect(log(page)).to_contain_text("收到：从商品页问的")
    assert page.evaluate("Sixty.isOpen")
    page.evaluate("Sixty.close()")
    page.evaluate("Sixty.toggle()")
    assert page.evaluate("events") == ["open", "close", "open"]
    page.evaluate("Sixty.update({ product: 'GZ1101', productName: '复古帆布工装夹克' })")
    expect(chat_of(page).get_by_text("正在看：复古帆布工装夹克")).to_be_visible()


def test_a_shops_own_page_opens_in_the_shop(open_page, merchant, desk, bot, monkeypatch):
    from tests.web import scripted_replies

    card = {**scripted_replies.PRODUCT, "url": f"{merchant.origin}/item?id=7"}
    monkeypatch.setitem(scripted_replies.REPLIES, "GZ2101", [{"card": card}])
    page = open_page(merchant.origin)
    launcher(page).click()
    capsule(page, "GZ2101").click()
    log(page).get_by_role("button", name="看看宝贝").click()
    expect(page).to_have_url(f"{merchant.origin}/item?id=7")
    expect(log(page).get_by_role("article", name="多口袋耐磨工装裤")).to_be_visible()


def test_another_sites_page_opens_beside(open_page, merchant, desk, bot):
    page = open_page(merchant.origin)
    launcher(page).click()
    capsule(page, "GZ2101").click()
    with page.expect_popup() as opened:
        log(page).get_by_role("button", name="看看宝贝").click()
    assert opened.value.url.startswith(desk)
    assert opened.value.evaluate("window.opener") is None
    assert page.url.rstrip("/") == merchant.origin


def test_wrong_options_are_told_and_left_out(open_page, merchant, desk, bot):
    merchant.attributes = 'data-color="red;}" data-theme="pink" data-open="sometimes"'
    merchant.before = """
        window.warned = [];
        const warn = console.warn; console.warn = (...words) => { warned.push(words.join(' ')); warn(...words) };"""
    page = open_page(merchant.origin)
    expect(launcher(page)).to_be_visible()
    assert len(page.evaluate("warned.filter((line) => line.startsWith('Sixty:'))")) == 3


def test_the_script_twice_is_one_chat(open_page, merchant, desk, bot):
    page = open_page(merchant.origin)
    page.evaluate(
        """() => new Promise((done) => {
            const again = document.createElement('script');
            again.src = document.querySelector('script[src$="widget.js"]').src;
            again.onload = done;
            document.body.append(again);
        })"""
    )
    expect(page.locator("#sixty-widget")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1366, 768), PHONE], ids=["desktop", "phone"])
def test_light_and_dark_on_both_sizes(open_page, merchant, desk, bot, shoot, theme, size):
    merchant.attributes = 'data-text-title="小店客服" data-product="GZ2101" data-product-name="多口袋耐磨工装裤"'
    page = open_page(merchant.origin, size=size, color_scheme=theme)
    launcher(page).click()
    capsule(page, "什么面料").click()
    expect(log(page)).to_contain_text("膝盖双层加固")
    say(page, "GZ2101")
    expect(capsule(page, "我该穿多大")).to_be_visible()
    expect(chat_of(page).locator("html")).to_have_attribute("data-color-scheme", theme)
    shoot(page, f"{theme}-{'phone' if size == PHONE else 'desktop'}")
    for line, name in (("推荐外套", "给您挑的外套"), ("加微信", "加店铺顾问，领新人券")):
        say(page, line)
        expect(log(page).get_by_text(name).first).to_be_visible()
        shoot(page, f"{theme}-{'phone' if size == PHONE else 'desktop'}-{line}")


def test_the_loader_is_what_other_sites_may_load(desk):
    script = requests.get(f"{desk}/widget.js", timeout=5)
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "客服" in script.content.decode("utf-8")


def test_motion_is_left_out_for_who_wants_none(open_page, merchant, desk, bot):
    page = open_page(merchant.origin, reduced_motion="reduce")
    launcher(page).click()
    frame = page.locator("#sixty-widget .frame")
    assert frame.evaluate("element => getComputedStyle(element).animationName") == "none"
