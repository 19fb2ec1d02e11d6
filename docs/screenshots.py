"""Takes the pictures of the documentation from the running bot: ``make screenshots`` beside ``make run``.

Nothing is staged: the script types into the page, taps what the bot offers, and photographs what comes back.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from sixty.desk.staff.accounts import add_account, change_password, change_role, find_account, new_one_time_password
from sixty.desk.staff.own_agents import follow_account, own_agent
from sixty.errors import OperatorError
from sixty.settings import get_settings
from sixty.shop.database import shop_session

IMAGES = Path(__file__).parent / "images"
_PROJECT = Path(__file__).parents[1]
DESKTOP = (1440, 1000)
PHONE = (390, 844)
LAPTOP = (1366, 768)
WIDE = (1920, 1080)
AGENT = "xiaoli"
LINK = "https://item.taobao.com/item.htm?id=681203457712"

# Without a sandbox it runs as root, too; the other switches keep it from talking to anybody but the bot.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
_LONGEST_REPLY_MS = 15_000
# A turn's replies arrive one after the other; so long a silence ends it.
_SILENCE_MS = 1_200


class Chat:
    """The chat of an open page, as a customer uses it."""

    def __init__(self, page: Page) -> None:
        """Waits until the welcome is there, in the widget's frame or on the chat's own page."""
        self.page = page
        alone = urlsplit(page.url).path == "/chat"
        self._chat: FrameLocator | Page = page if alone else page.frame_locator("#sixty-widget iframe")
        self._shop_lines = self._chat.locator(".Said--shop:not(.Said--typing)")
        expect(self._shop_lines.first).to_be_visible(timeout=_LONGEST_REPLY_MS)
        page.wait_for_timeout(_SILENCE_MS)

    def say(self, line: str) -> None:
        """Types a line and waits for the end of the turn."""
        field = self._chat.get_by_label("输入消息")
        field.fill(line)
        self._until_answered(lambda: field.press("Enter"))

    def write(self, line: str) -> None:
        """Types a line to a person, who answers when they do."""
        field = self._chat.get_by_label("输入消息")
        field.fill(line)
        field.press("Enter")

    def tap(self, title: str) -> None:
        """Taps a capsule."""
        self._until_answered(self._chat.locator(".QuickReplies").get_by_text(title, exact=True).click)

    def _until_answered(self, act: Callable[[], object]) -> None:
        before = self._shop_lines.count()
        act()
        expect(self._shop_lines.nth(before)).to_be_visible(timeout=_LONGEST_REPLY_MS)
        count = 0
        while count != self._shop_lines.count():
            count = self._shop_lines.count()
            self.page.wait_for_timeout(_SILENCE_MS)


@contextmanager
def opened(
    browser: Browser,
    path: str,
    size: tuple[int, int],
    customer: str | None = None,
    scale: float = 1,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Page]:
    """Opens a page of the shop in a window of its own, as a visitor or as one of the demo's customers."""
    width, height = size
    phone = width < 600
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        is_mobile=phone,
        has_touch=phone,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        color_scheme=scheme,
    )
    try:
        if customer:
            context.add_init_script(f"localStorage.setItem('sixty.customer', '{customer}')")
        page = context.new_page()
        page.goto(get_settings().public_desk_url + path)
        if phone and not path.startswith("/chat"):
            page.wait_for_load_state("networkidle")
            page.locator("button:visible", has_text="客服").first.click()
        yield page
    finally:
        context.close()


def shop_with_chat(browser: Browser) -> None:
    """A link, its card, a question about the material, a size and what goes with it."""
    with opened(browser, "/", DESKTOP) as page:
        chat = Chat(page)
        chat.say(f"这条裤子到手多少钱 {LINK}")
        chat.tap("什么面料")
        photograph(page, "shop")
        chat.say("我175，140斤，穿多大码")
        chat.tap("合身就好")
        photograph(page, "size")


def on_a_phone(browser: Browser) -> None:
    """The same shop on a phone, opened from a product's page."""
    with opened(browser, "/?entry=product&product=GZ2101", PHONE, scale=2) as page:
        chat = Chat(page)
        chat.tap("到手多少钱")
        chat.say("会缩水吗")
        photograph(page, "phone")


def in_the_dark(browser: Browser) -> None:
    """The chat by itself, as an app or a link in a message shows it, on a device that is dark."""
    with opened(browser, "/chat?entry=product&product=GZ2101", PHONE, scale=2, scheme="dark") as page:
        chat = Chat(page)
        chat.tap("到手多少钱")
        photograph(page, "dark")


def order_of_a_customer(browser: Browser) -> None:
    """A known customer's orders, and one of them."""
    with opened(browser, "/?entry=order", DESKTOP, customer="C001") as page:
        chat = Chat(page)
        chat.say("我的快递到哪了")
        chat.say("第二个")
        photograph(page, "order")


def at_the_desk(browser: Browser) -> None:
    """Customers ask for a person, and the workbench of the agent who answers: on a laptop, a deed, wide and dark."""
    with ExitStack() as open_pages, at_work() as password:

        def page_of(path: str, size: tuple[int, int], **options: Any) -> Page:
            return open_pages.enter_context(opened(browser, path, size, **options))

        desk = signed_in(page_of("/desk", LAPTOP), password)
        presence(desk, "在线")
        talked = Chat(page_of("/?entry=order", LAPTOP, customer="C001"))
        for line in ("我的快递到哪了", "第二个", "转人工"):
            talked.say(line)
        take(desk)
        # The others wait, so that there is a queue to be seen.
        presence(desk, "忙碌")
        for path, customer, lines in (
            ("/?entry=order", "C002", ("包裹怎么三天没动了", "转人工")),
            ("/?entry=product&product=GZ2101", None, ("会缩水吗", "转人工")),
        ):
            waiting = Chat(page_of(path, LAPTOP, customer=customer))
            for line in lines:
                waiting.say(line)
        desk.locator(".Composer textarea").fill("您好，我是小李，这就帮您看这笔订单～")
        desk.keyboard.press("Enter")
        expect(desk.locator(".Bubble[data-own=true] [data-mark=read]")).to_be_visible(timeout=_LONGEST_REPLY_MS)
        talked.write("好的，收到以后不合适可以退吗")
        expect(desk.locator(".Bubble[data-id]", has_text="不合适可以退吗")).to_be_visible(timeout=_LONGEST_REPLY_MS)
        desk.wait_for_timeout(_SILENCE_MS)
        expect(desk.locator(".Suggestions [role=status]")).to_have_count(0, timeout=_LONGEST_REPLY_MS)
        expect(desk.locator(".Suggestions li").first).to_be_visible(timeout=_LONGEST_REPLY_MS)
        desk.locator("[data-box=queue]").click()
        expect(desk.locator(".ChatRow").nth(1)).to_be_visible()
        photograph(desk, "workbench")
        desk.get_by_role("button", name="申请售后").click()
        desk.wait_for_timeout(_SILENCE_MS)
        photograph(desk, "workbench-deed")

        dark = signed_in(page_of("/desk", WIDE, scheme="dark"), password)
        dark.locator(".ChatRow").first.click()
        dark.locator(".Panel-tabs").get_by_role("tab", name="订单").click()
        expect(dark.locator(".OrderSheet").first).to_be_visible()
        expect(dark.locator(".Suggestions li").first).to_be_visible(timeout=_LONGEST_REPLY_MS)
        photograph(dark, "workbench-dark")


@contextmanager
def at_work() -> Iterator[str]:
    """Somebody who works at the desk while the pictures are taken; yields the password, which nobody else gets."""
    now, own = datetime.now(timezone.utc), secrets.token_urlsafe(16)
    url = get_settings().database_url
    with shop_session(url) as session:
        account = find_account(session, AGENT)
        if account is None:
            account, once = add_account(session, AGENT, "小李", "supervisor", now)
        else:
            change_role(session, account, "supervisor", True)
            once = new_one_time_password(account)
        change_password(account, once, own)
        follow_account(session, account, now)
        own_agent(session, account, now, capacity=5)
    try:
        yield own
    finally:
        with shop_session(url) as session:
            account = find_account(session, AGENT)
            if account is not None:
                change_role(session, account, "supervisor", False)
                follow_account(session, account, datetime.now(timezone.utc))


def signed_in(page: Page, password: str) -> Page:
    """Signs in at the workbench."""
    page.get_by_label("账号").fill(AGENT)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".Rail-presence")).to_be_visible(timeout=_LONGEST_REPLY_MS)
    return page


def presence(page: Page, word: str) -> None:
    """Says at the workbench whether one is there."""
    page.locator(".Rail-presence").click()
    page.get_by_role("menuitem", name=re.compile(word)).click()
    expect(page.locator(".Rail-state")).to_have_text(word)


def take(page: Page) -> None:
    """Opens the conversation that has come; out of hours it is a message left, which is answered by hand."""
    given = page.locator(".ChatRow")
    try:
        expect(given.first).to_be_visible(timeout=_LONGEST_REPLY_MS)
    except AssertionError:
        page.locator("[data-box=left]").click()
        given.last.click()
        page.locator(".ReadOnly").get_by_role("button", name="接待").click()
    else:
        given.first.click()
    expect(page.locator(".Composer")).to_be_visible(timeout=_LONGEST_REPLY_MS)


def evaluation_of_example_lines(browser: Browser) -> None:
    """What `sixty eval` shows a trainer: the heat map and the lines behind it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        lines = Path(__file__).parent / "example_lines.tsv"
        subprocess.run(
            [sys.executable, "-m", "sixty", "eval", lines, "--json", "--report", report],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        page = browser.new_page(viewport={"width": 900, "height": 760})
        page.goto(report.as_uri())
        page.locator(".heat").evaluate("table => window.scrollTo(0, table.previousElementSibling.offsetTop - 16)")
        photograph(page, "evaluation")
        page.close()


def minute_of_a_generated_shop(browser: Browser) -> None:
    """What `sixty report minute` shows of customers whose ways are known, written into rows as the bot writes them."""
    with tempfile.TemporaryDirectory() as folder:
        url, report = f"sqlite:///{Path(folder) / 'shop.db'}", Path(folder) / "minute.html"
        own = {**os.environ, "SIXTY_DATABASE_URL": url, "SIXTY_CONTROL_SHARE": "0.3"}
        for command in (
            ("bench.minute_shop", "--quick", "--json", "--only-rows", "--database", url),
            ("sixty", "report", "minute", "--out", report),
        ):
            subprocess.run(
                [sys.executable, "-m", *command], check=True, stdout=subprocess.DEVNULL, env=own, cwd=_PROJECT
            )
        page = browser.new_page(viewport={"width": 1180, "height": 1000}, locale="zh-CN")
        page.goto(report.as_uri())
        path = IMAGES / "minute.png"
        page.screenshot(path=path, full_page=True, animations="disabled")
        sys.stdout.write(f"{path}\n")
        page.close()


def photograph(page: Page, name: str) -> None:
    """Writes a picture of what is seen."""
    IMAGES.mkdir(exist_ok=True)
    page.mouse.move(0, 0)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    sys.stdout.write(f"{path}\n")


def main() -> None:
    """Takes all pictures."""
    address = get_settings().public_desk_url
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise OperatorError("there is no Chromium on the PATH: apt install chromium")
    try:
        requests.get(f"{address}/healthz", timeout=5).raise_for_status()
    except requests.RequestException:
        raise OperatorError(f"nothing answers at {address}: make run starts the bot") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        for take in (
            shop_with_chat,
            on_a_phone,
            in_the_dark,
            order_of_a_customer,
            at_the_desk,
            evaluation_of_example_lines,
            minute_of_a_generated_shop,
        ):
            take(browser)
        browser.close()


if __name__ == "__main__":
    try:
        main()
    except OperatorError as error:
        sys.exit(f"screenshots: {error}")
