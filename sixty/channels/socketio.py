"""Conversations in the browser: Rasa's Socket.IO channel, answering in Sixty's one form."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import structlog
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.channels.socketio import SocketBlueprint, SocketIOInput
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json
from socketio import AsyncServer

from sixty.channels.never_silent import OnNewMessage, never_silent

_REMEMBERED_MESSAGES = 10_000
_log = structlog.get_logger(__name__)


class SocketIODelivery(OutputChannel):
    """Emits to every browser window that has the conversation open."""

    def __init__(self, server: AsyncServer, event: str) -> None:
        """Keeps the server and the name of the event that carries replies."""
        self._server = server
        self._event = event

    @classmethod
    def name(cls) -> str:
        """The channel's name in trackers and conditional responses."""
        return "socketio"

    async def deliver(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Sends one reply."""
        await self._server.emit(self._event, message, room=recipient_id)


class SeenMessages:
    """The ids of the latest messages, so that a resend after a reconnect is not answered twice."""

    def __init__(self, limit: int = _REMEMBERED_MESSAGES) -> None:
        """Remembers at most `limit` messages."""
        self._limit = limit
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def is_new(self, conversation_id: str, message_id: str | None) -> bool:
        """True the first time; a message without an id is always new."""
        if not message_id:
            return True
        key = (conversation_id, message_id)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > self._limit:
            self._seen.popitem(last=False)
        return True


class SocketIOChannel(SocketIOInput):
    """Rasa's events and options; acknowledges what arrived and drops what arrived twice."""

    def get_output_channel(self) -> OutputChannel | None:
        """The way to a conversation from outside a turn; None before the server has started."""
        return SocketIODelivery(self.sio, self.bot_message_evt) if self.sio else None

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Registers the events of the contract with the page."""
        # An empty list leaves the answer about origins to Sanic's CORS, as in Rasa's own channel.
        server = AsyncServer(async_mode="sanic", cors_allowed_origins=[], max_http_buffer_size=200_000)
        webhook: Blueprint = SocketBlueprint(server, self.socketio_path, "socketio_webhook", __name__)
        self.sio = server
        delivery = SocketIODelivery(server, self.bot_message_evt)
        handle = never_silent(on_new_message)
        seen = SeenMessages()

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @server.on("session_request", namespace=self.namespace)
        async def session_request(sid: str, data: Any) -> None:
            conversation = data.get("session_id") if isinstance(data, dict) else None
            if not isinstance(conversation, str) or not 16 <= len(conversation) <= 64:
                _log.warning("socketio.session_without_id")
                return
            server.enter_room(sid, conversation)
            await server.emit("session_confirm", conversation, room=sid)

        @server.on(self.user_message_evt, namespace=self.namespace)
        async def user_uttered(sid: str, data: Any) -> dict[str, Any]:
            if not isinstance(data, dict):
                return {"ok": False, "error": "a message is an object with session_id and message"}
            conversation, text = data.get("session_id"), data.get("message")
            metadata = data.get(self.metadata_key)
            known = conversation if isinstance(conversation, str) and conversation in server.rooms(sid) else None
            if known is None or not isinstance(text, str) or not text.strip():
                return {"ok": False, "error": "session_request comes first, and a message has a text"}
            message_id = data.get("id")
            if seen.is_new(known, message_id if isinstance(message_id, str) else None):
                message = UserMessage(
                    text,
                    delivery,
                    known,
                    input_channel=self.name(),
                    metadata=metadata if isinstance(metadata, dict) else {},
                )
                # The acknowledgement says "arrived"; the reply follows on its own.
                server.start_background_task(handle, message)
            return {"ok": True}

        return webhook
