"""A desk of its own behind a browser: really served, with the real playbook and a small shop."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, expect

from sixty.desk.app import PAGE, create_app
from sixty.desk.workbench.bench import Workbench
from sixty.settings import Settings, project_root
from tests.app_server import serving
from tests.desk.workbench.bench_world import PASSWORD, World, now
from tests.web.conftest import cannot_run, free_port, watch
from tests.web.small_shop import small_shop

LAPTOP = (1366, 768)

Open = Callable[..., Page]
"""Opens the workbench in a window of its own: login, then perhaps place and size."""


@contextmanager
def served_desk(folder: Path) -> Iterator[tuple[World, str]]:
    """Serves a desk while the block runs; gives its world and its address."""
    if not (project_root() / PAGE / "desk.html").is_file():
        cannot_run("the page is not built: `npm ci && npm run build` in web/")
    port = free_port()
    url = small_shop(folder, now())
    address = f"http://127.0.0.1:{port}"
    settings = Settings(secret="k" * 40, database_url=url, var=folder / "var", public_desk_url=address)
    app = create_app(settings)
    with serving(app, port):
        yield World(app, url, settings), address
        bench: Workbench = app.state.workbench
        bench.live.stop()


@contextmanager
def windows(browser: Browser, address: str) -> Iterator[Open]:
    """Lets people sign in, each in a window of their own; nothing unexpected may be said on any console."""
    contexts = []
    heard: list[str] = []

    def open_it(login: str, at: str = "", size: tuple[int, int] = LAPTOP, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        watch(page, heard)
        page.goto(f"{address}/desk{at}")
        page.get_by_label("账号").fill(login)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.locator(".Rail")).to_be_visible()
        return page

    yield open_it
    for context in contexts:
        context.close()
    unexpected = [line for line in heard if not re.search(r"status of (401|409|422)|ERR_|EventSource", line)]
    assert not unexpected, unexpected
