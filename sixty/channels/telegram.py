"""Telegram behind the front door: Rasa's own connector, and what it lacks for that.

Rasa's connector tells Telegram its address with a loop of its own whenever somebody asks for its output channel, which
breaks inside a running server; it asks Telegram who it is with each message; it takes whatever is posted to its
address for Telegram's; and it lets pictures and voice messages fall.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage
from rasa.core.channels.telegram import TelegramInput, TelegramOutput
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, text

from sixty.channels.arrival import Arrival
from sixty.channels.behind_the_door import BehindTheDoor
from sixty.channels.refusal import Refused
from sixty.channels.turns import OnNewMessage
from sixty.identity.derived_keys import derived_key
from sixty.settings import get_settings

_UPDATES = ["message", "edited_message", "callback_query"]
_OPENS = "/start"
_KINDS = {
    "photo": "picture",
    "voice": "voice",
    "audio": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "document": "file",
}
_PAUSES = (0.0, 5.0, 30.0, 120.0)

_log = structlog.get_logger(__name__)


class _Output(TelegramOutput):
    """Telegram's interface; one for the whole server."""

    def __init__(self, access_token: str, seal: str) -> None:
        super().__init__(access_token)
        self._seal = seal
        self._me: Any = None

    async def get_me(self) -> Any:
        if self._me is None:
            self._me = await super().get_me()
        return self._me

    async def set_webhook(self, url: str | None = None, **_: Any) -> Any:
        # Telegram sends the seal along with every update, so that nobody else's passes for one.
        values = {"url": url or "", "secret_token": self._seal, "allowed_updates": json.dumps(_UPDATES)}
        return await self.request("setWebhook", values)


class TelegramChannel(BehindTheDoor, TelegramInput):
    """`sixty.channels.telegram.TelegramChannel` in credentials.yml, with the options of Rasa's `telegram`."""

    shows = frozenset({"capsules", "pictures"})

    def __init__(self, access_token: str, verify: str, webhook_url: str) -> None:
        """Makes the channel; it talks to nobody yet.

        Args:
            access_token: The bot's token.
            verify: The bot's user name.
            webhook_url: Where Telegram finds this server.
        """
        super().__init__(access_token, verify, webhook_url)
        self._seal = urlsafe_b64encode(derived_key(get_settings().secret, "sixty:telegram")).decode().rstrip("=")
        self._output = _Output(access_token, self._seal)
        self._beside: set[asyncio.Future[None]] = set()

    def get_output_channel(self) -> TelegramOutput:
        """The one way to Telegram, also from inside the running server."""
        return self._output

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Telegram sends an update again until it is taken: by its number the second one is known."""
        number = (request.json or {}).get("update_id")
        return {"client_id": _client_id(number)} if isinstance(number, int) else {}

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Rasa's routes, behind a check of the seal; what they would let fall is taken here."""
        routes = super().blueprint(on_new_message)

        @routes.middleware("request")
        async def only_telegram(request: Request) -> HTTPResponse | None:
            if not request.path.endswith("/webhook") or request.method != "POST":
                return None
            given = request.headers.get("x-telegram-bot-api-secret-token", "")
            if not hmac.compare_digest(given.encode(), self._seal.encode()):
                return text("this is not Telegram", status=403)
            return await self._let_in_typed(request.json)

        async def announce(*_: Any) -> None:
            self._beside.add(asyncio.ensure_future(self._announce()))

        async def leave(*_: Any) -> None:
            for task in self._beside:
                task.cancel()
            await self._output.close()

        routes.listener("after_server_start")(announce)
        routes.listener("before_server_stop")(leave)
        return routes

    async def arrival(self, message: UserMessage) -> Arrival | None:
        """What Telegram sends when a chat is opened is no text."""
        arrival = await super().arrival(message)
        if arrival is not None and arrival.text == _OPENS:
            return Arrival(arrival.conversation_id, opened=True, client_id=arrival.client_id)
        return arrival

    def response(self, message: dict[str, Any]) -> dict[str, Any]:
        """One capsule a row: side by side their titles are cut."""
        return {**super().response(message), "button_type": "vertical"}

    async def _let_in_typed(self, update: Any) -> HTTPResponse | None:
        """Takes pictures, voice and the like; everything else is Rasa's to read."""
        if not isinstance(update, Mapping) or not isinstance(update.get("update_id"), int):
            return text("no update", status=400)
        pressed = update.get("callback_query")
        if isinstance(pressed, Mapping) and isinstance(pressed.get("id"), str):
            # The button goes on turning until this is said.
            settling = asyncio.ensure_future(self._settle(pressed["id"]))
            self._beside.add(settling)
            settling.add_done_callback(self._beside.discard)
        message = update.get("message")
        attachment = typed(message) if isinstance(message, Mapping) else None
        if attachment is None or not isinstance(message, Mapping):
            return None
        sender = str((message.get("chat") or {}).get("id") or "")
        if not sender:
            return text("no chat", status=400)
        conversation_id = await self.conversation(sender)
        arrival = Arrival(
            conversation_id,
            message.get("caption"),
            attachment=attachment,
            client_id=_client_id(update["update_id"]),
        )
        try:
            await self._door.take(arrival)
        except Refused as refused:
            if refused.code == "busy":
                return text("later", status=503)
            await self._way_out.say(conversation_id, refused.text)
        return text("success")

    async def _settle(self, query_id: str) -> None:
        try:
            await self._output.answer_callback_query(query_id)
        except Exception as error:
            _log.warning("telegram.button_not_settled", error=type(error).__name__)

    async def _announce(self) -> None:
        """Tells Telegram where to send its updates."""
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            try:
                await self._output.set_webhook(self.webhook_url)
                return
            except Exception as error:
                # Its words may hold the token.
                _log.warning("telegram.not_announced", error=type(error).__name__)
        _log.error("telegram.given_up")


def typed(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """The picture, voice, video, file or place in a message of Telegram's; None where there is none."""
    location = message.get("location")
    if isinstance(location, Mapping):
        venue = message.get("venue")
        label = venue.get("title") if isinstance(venue, Mapping) else None
        place = {name: location.get(name) for name in ("latitude", "longitude")}
        return {"kind": "location", **place, "label": label}
    for name, kind in _KINDS.items():
        file = message.get(name)
        if isinstance(file, list) and file:
            file = file[-1]  # the largest of its sizes
        if isinstance(file, Mapping):
            return {
                "kind": kind,
                "platform_id": file.get("file_id"),
                "name": file.get("file_name"),
                "size": file.get("file_size"),
                "content_type": file.get("mime_type"),
            }
    return None


def _client_id(update_id: int) -> str:
    return f"update:{update_id}"[:64]
