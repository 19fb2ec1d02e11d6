"""The page on the real web channel: sockets, tokens, front door and ledger as they run, with an echo for a bot."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from sixty.ledger.models import Message
from sixty.settings import Settings
from sixty.shop.database import shop_session, upgrade_database
from tests.servers.running import started, wait_until_healthy
from tests.web.conftest import SECRET, chat_of, free_port
from tests.web.small_shop import small_shop
from tests.web.test_chat_page import PNG, log, say

Door = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    upgrade_database(f"sqlite:///{tmp_path / 'shop.db'}")
    return Settings(
        database_url=small_shop(tmp_path, datetime.now(timezone.utc)),
        secret=SECRET,
        var=tmp_path,
        public_rasa_url=f"http://127.0.0.1:{free_port()}",
        demo=True,
    )


@pytest.fixture
def door(settings: Settings, tmp_path: Path) -> Door:
    """The channel's server, to be started and ended by the test."""
    url = settings.public_rasa_url
    environment = {
        "SIXTY_VAR": str(settings.var),
        "SIXTY_SECRET": SECRET,
        "SIXTY_DATABASE_URL": settings.database_url,
    }

    @contextmanager
    def running() -> Iterator[None]:
        out = tmp_path / "door.log"
        port = url.rpartition(":")[2]
        with started([sys.executable, "-m", "tests.servers.web_door", port], environment, out) as process:
            wait_until_healthy(process, out, f"{url}/webhooks/web/")
            yield

    return running


def ledger(settings: Settings, author: str) -> list[str]:
    with shop_session(settings.database_url, read_only=True) as session:
        rows = session.scalars(select(Message).order_by(Message.id))
        return [row.text for row in rows if row.author == author and row.kind != "opened"]


def test_the_page_and_the_channel_understand_each_other(open_page, door: Door, settings: Settings, tmp_path: Path):
    with door():
        page = open_page("/")
        expect(log(page)).to_contain_text("then /greet", timeout=20_000)
        say(page, "在吗")
        expect(log(page)).to_contain_text("then 在吗")
        expect(chat_of(page).locator(".Said--customer[data-status=read]")).to_have_count(1)
        page.reload()
        expect(log(page)).to_contain_text("then 在吗")
        assert log(page).locator(".Said--shop").count() == 4
        photo = tmp_path / "a.png"
        photo.write_bytes(PNG)
        chat_of(page).get_by_label("选择图片").set_input_files(photo)
        picture = chat_of(page).locator(".Said--customer .Attached img")
        expect(picture).to_have_attribute("src", re.compile("^/api/uploads/"))
        expect(chat_of(page).locator(".Said--customer[data-status=pending]")).to_have_count(0)
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
        say(page, "/restart")
        expect(log(page)).to_contain_text("/restart")
    assert ledger(settings, "customer")[0] == "在吗"


def test_a_server_that_dies_loses_nothing(open_page, door: Door, settings: Settings):
    with door():
        page = open_page("/")
        expect(log(page)).to_contain_text("then /greet", timeout=20_000)
        say(page, "死之前说的")
        expect(log(page)).to_contain_text("then 死之前说的")
    expect(chat_of(page).locator(".ChatPanel-lost")).to_contain_text("正在重连")
    say(page, "死了以后说的")
    say(page, "又说了一句")
    with door():
        expect(log(page)).to_contain_text("then 又说了一句", timeout=60_000)
        expect(chat_of(page).locator(".Said--customer[data-status=pending]")).to_have_count(0)
    assert ledger(settings, "customer") == ["死之前说的", "死了以后说的", "又说了一句"]
