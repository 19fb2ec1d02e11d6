"""Takes the pictures of the documentation from the running bot: ``make screenshots`` beside ``make run``.

Nothing is staged: the script types into the page, taps what the bot offers, and photographs what comes back.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sixty.errors import OperatorError
from sixty.settings import get_settings

IMAGES = Path(__file__).parent / "images"
DESKTOP = (1440, 1000)
PHONE = (390, 844)
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
        """Waits until the welcome is there."""
        self.page = page
        self._shop_lines = page.locator(".Said--shop")
        expect(self._shop_lines.first).to_be_visible(timeout=_LONGEST_REPLY_MS)
        page.wait_for_timeout(_SILENCE_MS)

    def say(self, line: str) -> None:
        """Types a line and waits for the end of the turn."""
        field = self.page.get_by_label("输入消息")
        field.fill(line)
        self._until_answered(lambda: field.press("Enter"))

    def tap(self, title: str) -> None:
        """Taps a capsule."""
        self._until_answered(self.page.locator(".QuickReplies").get_by_text(title, exact=True).click)

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
    browser: Browser, path: str, size: tuple[int, int], customer: str | None = None, scale: float = 1
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
    )
    try:
        if customer:
            context.add_init_script(f"localStorage.setItem('sixty.customer', '{customer}')")
        page = context.new_page()
        page.goto(get_settings().public_desk_url + path)
        if phone:
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


def order_of_a_customer(browser: Browser) -> None:
    """A known customer's orders, and one of them."""
    with opened(browser, "/?entry=order", DESKTOP, customer="C001") as page:
        chat = Chat(page)
        chat.say("我的快递到哪了")
        chat.say("第二个")
        photograph(page, "order")


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
        for take in (shop_with_chat, on_a_phone, order_of_a_customer, evaluation_of_example_lines):
            take(browser)
        browser.close()


if __name__ == "__main__":
    try:
        main()
    except OperatorError as error:
        sys.exit(f"screenshots: {error}")
