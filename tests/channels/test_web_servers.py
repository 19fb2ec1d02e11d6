"""Two Rasa servers that share their web sockets over Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from sixty.channels.web import WebChannel
from sixty.ledger.outbox import OutboxItem, put
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from tests.channels.real_server import Bot, Page, serving
from tests.channels.test_web import Visitor
from tests.redis_server import running_redis

pytestmark = pytest.mark.usefixtures("shop_url")


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with running_redis(tmp_path) as url:
        yield url


@pytest.fixture
def shared(redis_url: str, shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_REDIS_URL", redis_url)
    get_settings.cache_clear()


async def test_a_window_at_each_server_hears_everything(shared: None) -> None:
    visitor, bot = Visitor(), Bot()
    async with serving([WebChannel()], bot) as first, serving([WebChannel()], bot) as second:
        one, other = await Page().come(first, visitor.token()), await Page().come(second, visitor.token())
        said = await one.say("m1", text="在吗")
        assert await other.replies(1) == await one.replies(1) == ["收到在吗"]
        assert other.of("message")[0] == said["message"]
        with shop_session() as session:
            now = datetime.now(timezone.utc)
            put(session, OutboxItem("k1", visitor.conversation_id, "agent", {"text": "我是小林"}, now, "agent-7"))
        for page in (one, other):
            await page.until(lambda page=page: "我是小林" in page.texts)
            assert page.texts.count("我是小林") == 1
        await one.leave()
        await other.leave()
    assert bot.texts == ["在吗"]
