from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn

import pytest
import uvicorn
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from sixty.desk.app import PAGE, create_app
from sixty.settings import Settings, project_root
from tests.app_server import serving
from tests.web.fake_bot import FakeBot, entry_in, running_bot
from tests.web.merchant_site import MerchantSite, running_site
from tests.web.small_shop import small_shop

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = (1366, 768)
PHONE = (390, 844)
SECRET = "s" * 40
MERCHANT_SECRET = "m" * 40

OpenPage = Callable[..., Page]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cannot_run(reason: str) -> NoReturn:
    if os.environ.get("SIXTY_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


# For a module, not longer: Playwright's loop must be gone before asyncio tests of other folders begin.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        cannot_run(f"Chromium is not at {CHROMIUM}")
    if not (project_root() / PAGE / "index.html").is_file():
        cannot_run("the page is not built: `npm ci && npm run build` in web/")
    expect.set_options(timeout=8000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return small_shop(tmp_path_factory.mktemp("shop"), datetime.now(timezone.utc))


@pytest.fixture
def bot(shop_url: str) -> Iterator[FakeBot]:
    with running_bot(free_port(), SECRET, entry_in(shop_url)) as running:
        yield running


@pytest.fixture
def merchant() -> Iterator[MerchantSite]:
    with running_site(free_port()) as site:
        yield site


@pytest.fixture
def settings(bot: FakeBot, merchant: MerchantSite, shop_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=shop_url,
        secret=SECRET,
        var=tmp_path,
        public_rasa_url=bot.url,
        widget_origins=merchant.origin,
        merchant_keys={"k1": MERCHANT_SECRET},
        demo=True,
    )


@pytest.fixture
def desk(settings: Settings, merchant: MerchantSite) -> Iterator[str]:
    port = free_port()
    merchant.desk = f"http://127.0.0.1:{port}"
    with serving(create_app(settings), port):
        yield merchant.desk


@pytest.fixture
def trouble() -> Iterator[list[str]]:
    """Whatever goes wrong in a page fails the test; what is about to may be taken out by the test."""
    heard: list[str] = []
    yield heard
    # A lost line is what some of the tests are about.
    unexpected = [line for line in heard if "WebSocket" not in line and "ERR_CONNECTION_REFUSED" not in line]
    assert not unexpected, unexpected


@pytest.fixture
def open_page(browser: Browser, desk: str, trouble: list[str]) -> Iterator[OpenPage]:
    """Opens a page of the desk, or of any site, in a window of its own."""
    contexts = []

    def open_it(path: str = "/", size: tuple[int, int] = DESKTOP, customer: str | None = None, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=size == PHONE, locale="zh-CN", **options
        )
        contexts.append(context)
        if customer:
            context.add_init_script(f"localStorage.setItem('sixty.customer', '{customer}')")
        page = context.new_page()
        watch(page, trouble)
        page.goto(path if "://" in path else desk + path)
        return page

    yield open_it
    for context in contexts:
        context.close()


def watch(page: Page, trouble: list[str]) -> None:
    """Writes down what goes wrong in a page and its frames."""
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)


def chat_of(page: Page) -> FrameLocator:
    """The chat in the widget's frame."""
    return page.frame_locator("#sixty-widget iframe")


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Photographs a page, when SIXTY_SCREENSHOTS names a folder."""
    named = os.environ.get("SIXTY_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if named:
            page.wait_for_timeout(900)
            page.screenshot(path=Path(named) / f"{name}.png")

    return take
