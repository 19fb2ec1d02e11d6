"""Rasa's Telegram connector behind the door, spoken to as Telegram does; what it would send there is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sanic
from rasa.core.channels.channel import UserMessage
from sanic import Sanic
from sqlalchemy import select

from sixty.channels.front_door import front_door
from sixty.channels.telegram import TelegramChannel, typed
from sixty.desk.conversations import Conversation
from sixty.ledger.models import Message
from sixty.ledger.outbox import OutboxItem, put
from sixty.shop.database import shop_session
from tests.channels.rig import now, reply, until

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
CHAT = {"id": 4242, "type": "private"}


class Telegram:
    """Telegram's side: it posts updates and hears what the bot's server asks of it."""

    def __init__(self, app: Sanic, channel: TelegramChannel) -> None:
        self.app = app
        self.channel = channel
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.away = 0
        self.seal = channel._seal
        self._updates = 0
        channel._output.request = self._request  # type: ignore[method-assign]

    async def _request(self, method: str, data: dict[str, Any] | None = None, *_: Any, **__: Any) -> Any:
        if method == "getMe":
            return {"id": 1, "is_bot": True, "first_name": "六十", "username": "sixty_bot"}
        if self.away and method.startswith("send"):
            self.away -= 1
            raise ConnectionError("telegram is away")
        self.asked.append((method, dict(data or {})))
        if method.startswith("send"):
            return {"message_id": 1, "date": 0, "chat": CHAT}
        return True

    async def post(self, seal: str | None = None, **update: Any) -> httpx.Response:
        self._updates += 1
        body = {"update_id": self._updates, **update}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://rasa") as client:
            return await client.post(
                "/webhooks/telegram/webhook",
                json=body,
                headers={"X-Telegram-Bot-Api-Secret-Token": self.seal if seal is None else seal},
            )

    async def say(self, text: str | None = None, **more: Any) -> httpx.Response:
        number = more.pop("update_id", None)
        message = {"message_id": 7, "date": 0, "chat": CHAT, **more} | ({"text": text} if text else {})
        return await self.post(message=message, **({"update_id": number} if number else {}))

    def sent(self) -> list[dict[str, Any]]:
        return [data for method, data in self.asked if method in ("sendMessage", "sendPhoto")]

    async def quiet(self) -> None:
        await asyncio.sleep(0)
        assert await self.channel._door._lanes.empty(5)


async def bot(message: UserMessage) -> None:
    if message.text == "你好":
        buttons = [{"title": "有货吗", "payload": "/ask_stock"}, {"title": "材质", "payload": "/ask_material"}]
        await reply(message, "想了解什么", buttons=buttons)
    elif message.text == "看看":
        card = {
            "type": "suggestions",
            "title": "给您挑的",
            "items": [],
            "refuse": {"title": "换一批", "payload": "/more"},
        }
        await reply(message, "", custom={"card": card})
        await reply(message, "", image="https://shop.example/a.png")
    else:
        await reply(message, f"收到{message.text}")


@pytest.fixture
async def telegram(shop_url: str) -> AsyncIterator[Telegram]:
    front_door.cache_clear()
    sanic.app.Sanic.test_mode = True

    async def on_new_message(message: UserMessage) -> None:
        await bot(message)

    credentials = {"access_token": TOKEN, "verify": "sixty_bot", "webhook_url": "https://bot.example/webhooks/telegram"}
    channel = TelegramChannel.from_credentials(credentials)
    app = Sanic(f"telegram_{len(Sanic._app_registry)}")
    app.blueprint(channel.blueprint(on_new_message), url_prefix="/webhooks/telegram")
    await app._startup()
    yield Telegram(app, channel)
    await channel._door.close()


def rows() -> list[Message]:
    with shop_session() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


async def test_a_line_is_answered_in_its_chat(telegram: Telegram) -> None:
    assert (await telegram.say("包邮吗")).status_code == 200
    await telegram.quiet()
    assert [(each["chat_id"], each["text"]) for each in telegram.sent()] == [("4242", "收到包邮吗")]
    with shop_session() as session:
        (conversation,) = session.scalars(select(Conversation))
    assert (conversation.channel, conversation.external_id, conversation.customer_id) == ("telegram", "4242", None)
    assert conversation.id != "4242"
    assert [(row.author, row.state) for row in rows()] == [("customer", "answered"), ("bot", "delivered")]


async def test_what_telegram_sends_again_is_the_same(telegram: Telegram) -> None:
    for _ in range(3):
        await telegram.say("包邮吗", update_id=99)
    await telegram.quiet()
    assert len(telegram.sent()) == 1


@pytest.mark.parametrize("seal", ["", "guessed", "ü"])
async def test_what_is_not_from_telegram_is_refused(telegram: Telegram, seal: str) -> None:
    try:
        response = await telegram.post(seal=seal, message={"message_id": 7, "date": 0, "chat": CHAT, "text": "在吗"})
    except UnicodeEncodeError:
        return  # no client can send it
    assert response.status_code == 403
    assert rows() == []


async def test_a_pressed_button_means_what_the_ledger_holds(telegram: Telegram) -> None:
    await telegram.say("你好")
    await telegram.quiet()
    markup = telegram.sent()[0]["reply_markup"]
    assert "/ask_stock" not in str(markup)
    keyboard = (
        markup["inline_keyboard"] if isinstance(markup, dict) else __import__("json").loads(markup)["inline_keyboard"]
    )
    assert [len(row) for row in keyboard] == [1, 1]
    assert all(len(row[0]["callback_data"].encode()) <= 64 for row in keyboard)
    user = {"id": 1, "is_bot": False, "first_name": "客"}
    query = {
        "id": "77",
        "from": user,
        "chat_instance": "1",
        "data": keyboard[1][0]["callback_data"],
        "message": {"message_id": 8, "date": 0, "chat": CHAT},
    }
    await telegram.post(callback_query=query)
    await telegram.quiet()
    assert telegram.sent()[-1]["text"] == "收到/ask_material"
    tap = rows()[-2]
    assert (tap.kind, tap.text) == ("tap", "材质")
    await until(lambda: ("answerCallbackQuery", "77") in [(m, d.get("callback_query_id")) for m, d in telegram.asked])


async def test_cards_come_in_words_and_their_choices_as_buttons(telegram: Telegram) -> None:
    await telegram.say("看看")
    await telegram.quiet()
    card, picture = telegram.sent()
    assert card["text"] == "【给您挑的】"
    assert "换一批" in str(card["reply_markup"])
    assert picture["photo"] == "https://shop.example/a.png"


@pytest.mark.parametrize("typed_text", ["/restart", '/inform{"product":"GZ2101"}', "/ask_stock"])
async def test_commands_are_text_there_too(telegram: Telegram, typed_text: str) -> None:
    await telegram.say(typed_text)
    await telegram.quiet()
    assert telegram.sent()[0]["text"].startswith("收到∕")


async def test_who_opens_the_chat_is_welcomed(telegram: Telegram) -> None:
    await telegram.say("/start")
    await telegram.quiet()
    assert telegram.sent()[0]["text"] == "收到/greet"
    assert rows()[0].kind == "opened"


async def test_a_picture_is_acknowledged_and_kept(telegram: Telegram) -> None:
    photo = [{"file_id": "small", "file_size": 10}, {"file_id": "AgAD", "file_size": 9000}]
    assert (await telegram.say(photo=photo)).status_code == 200
    await telegram.quiet()
    assert "图片" in telegram.sent()[0]["text"]
    (row,) = [row for row in rows() if row.author == "customer"]
    assert row.payload["attachment"] == {"kind": "picture", "size": 9000, "platform_id": "AgAD"}


async def test_a_file_that_is_too_big_is_told_so(telegram: Telegram) -> None:
    assert (await telegram.say(document={"file_id": "x", "file_size": 50_000_000})).status_code == 200
    assert "压缩" in telegram.sent()[0]["text"]
    assert rows() == []


async def test_telegram_is_told_where_and_with_which_seal(telegram: Telegram) -> None:
    await telegram.channel._announce()
    (webhook,) = [data for method, data in telegram.asked if method == "setWebhook"][-1:]
    assert (webhook["url"], webhook["secret_token"]) == ("https://bot.example/webhooks/telegram", telegram.seal)
    assert telegram.channel.get_output_channel() is telegram.channel.get_output_channel()


async def test_what_a_reminder_says_finds_the_chat_after_a_restart(telegram: Telegram) -> None:
    await telegram.say("在吗")
    await telegram.quiet()
    way_out = telegram.channel._way_out
    for memory in (way_out._ours, way_out._theirs, way_out._outputs):
        memory.clear()
    with shop_session() as session:
        conversation = session.scalars(select(Conversation)).one().id
        put(session, OutboxItem("r:1", conversation, "bot", {"text": "尾款今晚截止"}, now()))
    await telegram.channel._door._courier.round()
    assert (telegram.sent()[-1]["chat_id"], telegram.sent()[-1]["text"]) == ("4242", "尾款今晚截止")


async def test_while_telegram_is_away_the_answer_waits(telegram: Telegram) -> None:
    telegram.away = 1
    await telegram.say("在吗")
    await telegram.quiet()
    assert telegram.sent() == []
    courier = telegram.channel._door._courier
    courier._clock = lambda: now().replace(year=2100)
    await courier.round()
    assert [each["text"] for each in telegram.sent()] == ["收到在吗"]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"voice": {"file_id": "a"}}, "voice"),
        ({"audio": {"file_id": "a"}}, "voice"),
        ({"video_note": {"file_id": "a"}}, "video"),
        ({"document": {"file_id": "a", "file_name": "发票.pdf"}}, "file"),
        ({"location": {"latitude": 30.2, "longitude": 120.1}, "venue": {"title": "西湖"}}, "location"),
        ({"text": "在吗"}, None),
        ({"photo": []}, None),
        ({}, None),
    ],
)
def test_what_is_typed(message: dict[str, Any], kind: str | None) -> None:
    found = typed(message)
    assert (found or {}).get("kind") == kind
