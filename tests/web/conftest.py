from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import NoReturn

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sixty.desk.app import PAGE, create_app
from sixty.settings import Settings, project_root
from tests.web.fake_bot import FakeBot, running_bot
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


@pytest.fixture
def bot() -> Iterator[FakeBot]:
    with running_bot(free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return small_shop(tmp_path_factory.mktemp("shop"), datetime.now(timezone.utc))


@pytest.fixture
def settings(bot: FakeBot, shop_url: str) -> Settings:
    return Settings(database_url=shop_url, secret="s" * 40, public_rasa_url=bot.url, demo=True)


@pytest.fixture
def desk(settings: Settings) -> Iterator[str]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), host="127.0.0.1", port=port, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def open_page(browser: Browser, desk: str) -> Iterator[OpenPage]:
    """Opens the page, anew or in a given context; whatever goes wrong in it fails the test."""
    trouble: list[str] = []
    contexts = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "console",
            # A lost line is what some of the tests are about.
            lambda said: trouble.append(said.text) if said.type == "error" and "WebSocket" not in said.text else None,
        )

    def open_it(path: str = "/", size: tuple[int, int] = DESKTOP, customer: str | None = None) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=size == PHONE, locale="zh-CN"
        )
        contexts.append(context)
        if customer:
            context.add_init_script(f"localStorage.setItem('sixty.customer', '{customer}')")
        page = context.new_page()
        watch(page)
        page.goto(desk + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    trouble = [line for line in trouble if "ERR_CONNECTION_REFUSED" not in line]
    assert not trouble, trouble


@pytest.fixture
def shoot(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Page, str], None]:
    folder = Path(os.environ.get("SIXTY_SCREENSHOTS") or tmp_path_factory.getbasetemp() / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.wait_for_timeout(900)
        page.screenshot(path=folder / f"{name}.png")

    return take
