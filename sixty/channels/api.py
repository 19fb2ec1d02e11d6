"""The merchants' channel: their own server speaks for their customers, in signed requests.

How it is used is told in `docs/api.md`; what it takes and answers, in `/webhooks/api/openapi.json`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from datetime import datetime, timezone
from functools import wraps
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sqlalchemy.orm import Session

from sixty.channels.api_conversations import CHANNEL, ApiConversations, find_conversation
from sixty.channels.api_document import api_document
from sixty.channels.api_replies import ApiReplies, ReplyAddress, with_whole_links
from sixty.channels.api_requests import (
    LARGEST_BODY,
    ApiMessage,
    ApiRefusalError,
    HistoryWish,
    check_signed,
    read_history_wish,
    read_message,
)
from sixty.channels.arrival import Arrival, Receipt
from sixty.channels.front_door import FrontDoor, front_door
from sixty.channels.refusal import Refused
from sixty.channels.wire_form import wire_form
from sixty.desk.conversations import ConversationState
from sixty.identity.api_keys import all_api_keys
from sixty.identity.signatures import TIMESTAMP_HEADER
from sixty.ledger.models import Message
from sixty.ledger.reading import history
from sixty.ledger.replying import mark_delivered
from sixty.ledger.unsaid import NOT_SHOWN
from sixty.settings import Settings, get_settings

WAIT_SECONDS = 20.0
"""How long an answer waits for the replies; a turn that takes longer has got its apology by then."""

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

_log = structlog.get_logger(__name__)

Route = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


class ApiChannel(InputChannel):
    """Rasa's connector for merchants' servers."""

    @classmethod
    def name(cls) -> str:
        """The channel's name in trackers and conditional responses."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> ApiChannel:
        """Takes no options: keys and addresses are settings."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes below `/webhooks/api`."""
        settings = get_settings()
        door = front_door(on_new_message)
        replies = ApiReplies(door, _reply_addresses(settings), settings.public_desk_url)
        door.serve(self.name(), replies)
        webhook = Blueprint("api_webhook", __name__)
        door.attach(webhook)
        counter = _Counter(door, replies, settings)

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @webhook.route("/openapi.json", methods=["GET"])
        async def document(_: Request) -> HTTPResponse:
            return json(api_document(f"{settings.public_rasa_url}/webhooks/{CHANNEL}"))

        webhook.add_route(_answered(counter.say), "/messages", methods=["POST"], stream=True, name="say")
        webhook.add_route(_answered(counter.messages), "/messages", methods=["GET"], name="messages")

        @webhook.listener("after_server_stop")
        async def close(*_: Any) -> None:
            await replies.close()

        return webhook


class _Counter:
    """What merchants' servers ask for."""

    def __init__(self, door: FrontDoor, replies: ApiReplies, settings: Settings) -> None:
        self._door = door
        self._replies = replies
        self._secret = settings.secret
        self._desk_url = settings.public_desk_url
        self._keys = all_api_keys(settings.api_keys, settings.secret, settings.environment == "development")
        self._conversations = ApiConversations(door)

    async def say(self, request: Request) -> HTTPResponse:
        """Takes in what a customer says, and answers with the replies if they are waited for."""
        body = await _body(request)
        now = _now()
        key = check_signed(request.headers, body, self._keys, now)
        message = read_message(body, request.headers.get(TIMESTAMP_HEADER, ""))
        with ExitStack() as waiting:
            receipt = await self._taken(key, message, now, waiting)
            replies = await self._door.replies_to(receipt.message.id, WAIT_SECONDS) if message.wait else []
        if not receipt.new:
            # Those of a first request whose answer may never have arrived.
            await self._mark_delivered(replies)
        said: dict[str, Any] = {
            "conversation_id": receipt.message.conversation_id,
            "message": self._form(receipt.message),
            "replies": [self._form(reply) for reply in replies],
        }
        return json(said, status=200 if replies else 202, headers=_HEADERS)

    async def messages(self, request: Request) -> HTTPResponse:
        """Tells what was said in a conversation."""
        key = check_signed(request.headers, request.query_string.encode(), self._keys, _now())
        wish = read_history_wish(request.query_string)
        found = await self._door.read(lambda session: _look(session, key, wish))
        if found is None:
            raise ApiRefusalError(404, "unknown_conversation", "nothing was said in a conversation of that name")
        conversation_id, state, messages = found
        more = len(messages) > wish.limit
        shown = messages[: wish.limit] if wish.after else messages[-wish.limit :]
        await self._mark_delivered(shown)
        said = {
            "conversation_id": conversation_id,
            "state": state,
            "messages": [self._form(each) for each in shown if each.kind not in NOT_SHOWN],
            "more": more,
        }
        return json(said, headers=_HEADERS)

    async def _taken(self, key: str, message: ApiMessage, now: datetime, waiting: ExitStack) -> Receipt:
        for last_try in (False, True):
            conversation_id = await self._conversations.of(key, message, now)
            if message.wait:
                # Before the message is taken: its reply may be delivered at once.
                waiting.enter_context(self._replies.awaited(conversation_id))
            arrival = Arrival(
                conversation_id,
                text=message.text,
                tap=message.tap,
                attachment=message.attachment,
                opened=bool(message.opened),
                client_id=message.id,
            )
            try:
                return await self._door.take(arrival)
            except Refused as refused:
                if refused.code != "unknown_conversation" or last_try:
                    raise
                # It was forgotten, in the sense of the law, since the last message.
                self._conversations.forget(key, message)
        raise AssertionError("the second try returns or raises")  # pragma: no cover

    async def _mark_delivered(self, messages: list[Message]) -> None:
        late = [each.id for each in messages if each.author != "customer" and each.state == "written"]
        if late:
            await self._door.write(lambda session: mark_delivered(session, late, _now()))

    def _form(self, message: Message) -> dict[str, Any]:
        return with_whole_links(wire_form(message, self._secret), self._desk_url)


def _look(session: Session, key: str, wish: HistoryWish) -> tuple[str, ConversationState, list[Message]] | None:
    conversation = find_conversation(session, key, wish.conversation)
    if conversation is None:
        return None
    return conversation.id, conversation.state, history(session, conversation.id, wish.after, wish.limit + 1)


def _answered(route: Route) -> Route:
    """Gives every request an answer in the channel's own form; what was said never gets into an error or a log."""

    @wraps(route)
    async def answer(request: Request) -> HTTPResponse:
        try:
            return await route(request)
        except ApiRefusalError as refusal:
            return _refused(refusal)
        except Refused as refused:
            return _refused(ApiRefusalError.of(refused))
        except Exception as error:
            _log.error("api.request_failed", error=type(error).__name__)
            return _refused(ApiRefusalError(503, "busy", Refused("busy").text, 2.0))

    return answer


def _refused(refusal: ApiRefusalError) -> HTTPResponse:
    said: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    headers = dict(_HEADERS)
    if refusal.retry_after is not None:
        said["retry_after"] = refusal.retry_after
        headers["Retry-After"] = str(max(1, round(refusal.retry_after)))
    return json(said, status=refusal.status, headers=headers)


async def _body(request: Request) -> bytes:
    too_large = ApiRefusalError(413, "too_big", f"the body has at most {LARGEST_BODY} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise too_large
    body = bytearray()
    stream = request.stream
    assert stream is not None  # the route is a streaming one
    while True:
        chunk = await stream.read()
        if chunk is None:
            return bytes(body)
        body += chunk
        if len(body) > LARGEST_BODY:
            raise too_large


def _reply_addresses(settings: Settings) -> dict[str, ReplyAddress]:
    keys = settings.api_keys
    return {name: ReplyAddress(url, keys[name].split()[0]) for name, url in settings.api_reply_urls.items()}


def _now() -> datetime:
    return datetime.now(timezone.utc)
