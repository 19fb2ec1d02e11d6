"""The page's channel: Socket.IO, opened with a visitor's token.

The socket belongs to the one conversation that its token names; nothing a client sends says otherwise. What the client
may send and what it hears is told in `docs/web-channel.md`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import wraps
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.channels.socketio import SocketBlueprint
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json
from socketio import AsyncRedisManager
from socketio.exceptions import ConnectionRefusedError as ConnectionNotTakenError
from sqlalchemy.orm import Session

from sixty.channels.client_address import client_address
from sixty.channels.delivery import Delivery
from sixty.channels.front_door import FrontDoor, front_door
from sixty.channels.limits import Allowance, TokenBuckets
from sixty.channels.refusal import Refused
from sixty.channels.web_frames import CarefulServer
from sixty.channels.web_messages import UnreadableError, read_say
from sixty.channels.wire_form import wire_form
from sixty.desk.conversations import WITH_A_PERSON, state_of
from sixty.desk.sessions import CHANNEL
from sixty.desk.typing_marks import CUSTOMER, type_in
from sixty.desk.upload_routes import upload_store
from sixty.desk.upload_store import UploadStore
from sixty.identity.refusal import RefusedTokenError
from sixty.identity.visitor_tokens import VisitorToken, read_visitor_token
from sixty.ledger.models import Message
from sixty.ledger.reading import Marks, history, marks, undelivered
from sixty.ledger.replying import mark_delivered, mark_read
from sixty.ledger.unsaid import NOT_SHOWN
from sixty.settings import Settings, get_settings

PATH = "/socket.io"
EVENTS = frozenset({"open", "say", "read", "typing", "renew"})
PAGE_OF_HISTORY = 200
MOST_SOCKETS = 16
"""Windows with one conversation; more is no customer."""

PACE = Allowance(at_once=60, per_minute=600)
"""Events of one socket, whatever they are. What is said is limited by the door besides."""

# A page that renews its token a moment late keeps its socket.
_GRACE = timedelta(minutes=2)
_HIGHEST_ID = 2**53 - 1
# A mark lasts six seconds.
_TYPING_AGAIN = timedelta(seconds=3)

_log = structlog.get_logger(__name__)

Answer = dict[str, Any]
Handler = Callable[["_Counter", str, Mapping[str, Any]], Awaitable[Answer]]


class WebChannel(InputChannel):
    """Rasa's connector for the page; see `docs/web-channel.md`."""

    @classmethod
    def name(cls) -> str:
        """The channel's name in trackers and conditional responses."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChannel:
        """Takes no options: what there is to decide is a setting."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The web socket, beside a route that tells whether it is there."""
        settings = get_settings()
        manager = AsyncRedisManager(settings.redis_url, channel="sixty:web") if settings.redis_url else None
        # An empty list leaves the answer about origins to Sanic's CORS, as in Rasa's own channel. A foreign page gains
        # nothing by it: there is no cookie, and a token opens its own conversation only.
        server = CarefulServer(EVENTS, cors_allowed_origins=[], client_manager=manager)
        door = front_door(on_new_message)
        counter = _Counter(server, door, settings, upload_store(settings))
        door.serve(self.name(), counter)
        webhook: Blueprint = SocketBlueprint(server, PATH, "web_webhook", __name__)
        door.attach(webhook)

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        return webhook


@dataclass
class _Seat:
    """One open socket, and what its token says."""

    visitor: VisitorToken
    address: str
    leave: asyncio.TimerHandle | None = None

    @property
    def conversation_id(self) -> str:
        return self.visitor.conversation_id


def _answered(handler: Handler) -> Handler:
    """Gives every event an answer, whatever happens; nothing raises into the server."""

    @wraps(handler)
    async def answer(self: _Counter, sid: str, data: Mapping[str, Any]) -> Answer:
        if sid not in self.seats:
            return _no("invalid", "会话已失效，请刷新页面再试")
        if self.pace.wait(sid) > 0:
            return _no("too_fast", Refused("too_fast").text)
        self.pace.take(sid)
        try:
            return await handler(self, sid, data)
        except Refused as refused:
            return _no(refused.code, refused.text)
        except RefusedTokenError as refused:
            return _no(refused.code, "会话已过期，请刷新页面再试")
        except UnreadableError as error:
            return {**_no("malformed", "这条消息的格式有误，请刷新页面再试"), "detail": str(error)}
        except Exception as error:
            # What was said stays out of the log.
            _log.error("web.event_failed", kind=handler.__name__, error=type(error).__name__)
            return _no("busy", Refused("busy").text)

    return answer


class _Counter(Delivery):
    """Everything that happens at the sockets of one server."""

    def __init__(self, server: CarefulServer, door: FrontDoor, settings: Settings, uploads: UploadStore) -> None:
        self._server = server
        self._door = door
        self._secret = settings.secret
        self._proxies = settings.proxies
        self._uploads = uploads
        self.seats: dict[str, _Seat] = {}
        self._present: Counter[str] = Counter()
        self._typing: dict[str, tuple[datetime, bool]] = {}
        self.pace = TokenBuckets(PACE)
        server.on("connect", self.connect)
        server.on("disconnect", self.disconnect)
        server.on("open", self.open)
        server.on("say", self.say)
        server.on("read", self.read)
        server.on("typing", self.typing)
        server.on("renew", self.renew)

    async def connect(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> None:
        """Lets a socket in whose token is good."""
        token = auth.get("token") if isinstance(auth, Mapping) else None
        try:
            visitor = read_visitor_token(token, self._secret, _now())
        except RefusedTokenError as refused:
            raise ConnectionNotTakenError(refused.code, {"code": refused.code}) from None
        if not await self._there_is(visitor):
            raise ConnectionNotTakenError("invalid", {"code": "invalid"})
        if self._present[visitor.conversation_id] >= MOST_SOCKETS:
            raise ConnectionNotTakenError("too_many", {"code": "too_many"})
        address = client_address(environ["sanic.request"], self._proxies)
        self.seats[sid] = _Seat(visitor, address)
        self._present[visitor.conversation_id] += 1
        self._leave_in_time(sid)
        self._server.enter_room(sid, visitor.conversation_id)

    async def disconnect(self, sid: str) -> None:
        """Forgets a socket."""
        seat = self.seats.pop(sid, None)
        if seat is None:
            return
        if seat.leave:
            seat.leave.cancel()
        self._present[seat.conversation_id] -= 1
        if self._present[seat.conversation_id] <= 0:
            del self._present[seat.conversation_id]
            self._typing.pop(seat.conversation_id, None)

    @_answered
    async def open(self, sid: str, data: Mapping[str, Any]) -> Answer:
        """Tells what was said: after a message, before one, or last."""
        seat = self._seat(sid)
        after, before = _message_id(data, "after"), _message_id(data, "before")

        def look(session: Session) -> tuple[str | None, list[Message], list[Message], Marks]:
            found = history(session, seat.conversation_id, after, PAGE_OF_HISTORY + 1, before or None)
            # A page knows a message by its id, so what has come after all comes twice and is shown once.
            missed = undelivered(session, seat.conversation_id, after) if after else []
            return state_of(session, seat.conversation_id), missed, found, marks(session, seat.conversation_id)

        state, missed, found, seen = await self._door.read(look)
        if state is None:
            raise Refused("unknown_conversation")
        more = len(found) > PAGE_OF_HISTORY
        found = [*missed, *found[:PAGE_OF_HISTORY]] if after else found[-PAGE_OF_HISTORY:]
        late = [each.id for each in found if each.author != "customer" and each.state == "written"]
        if late:
            await self._door.write(lambda session: mark_delivered(session, late, _now()))
        return {
            "ok": True,
            "conversation_id": seat.conversation_id,
            "state": state,
            "messages": [wire_form(each, self._secret) for each in found if each.kind not in NOT_SHOWN],
            "more": more,
            "marks": {"delivered_to": seen.delivered_to, "read_to": seen.read_to},
        }

    @_answered
    async def say(self, sid: str, data: Mapping[str, Any]) -> Answer:
        """Takes in what the customer says; the answer follows by itself."""
        seat = self._seat(sid)
        upload_id = data.get("attachment")
        attachment = None
        if isinstance(upload_id, str):
            upload = await asyncio.to_thread(self._uploads.find, seat.conversation_id, upload_id)
            attachment = upload.attachment if upload else None
        arrival = read_say(data, seat.visitor, seat.address, attachment)
        receipt = await self._door.take(arrival)
        form = wire_form(receipt.message, self._secret)
        if receipt.new and receipt.message.kind not in NOT_SHOWN:
            # The customer's other windows.
            await self._server.emit("message", form, room=seat.conversation_id, skip_sid=sid)
        return {"ok": True, "message": form}

    @_answered
    async def read(self, sid: str, data: Mapping[str, Any]) -> Answer:
        """Writes down how far the customer has read."""
        seat = self._seat(sid)
        to = _message_id(data, "to")
        await self._door.write(lambda session: mark_read(session, seat.conversation_id, to, _now()))
        return {"ok": True}

    @_answered
    async def typing(self, sid: str, data: Mapping[str, Any]) -> Answer:
        """Shows in the customer's other windows, and to whoever watches, that they are typing."""
        seat = self._seat(sid)
        if not isinstance(data.get("on"), bool):
            raise UnreadableError("on is true or false")
        shown = {"on": data["on"], "author": "customer"}
        await self._server.emit("typing", shown, room=seat.conversation_id, skip_sid=sid)
        await self._tell_the_desk(seat.conversation_id, bool(data["on"]))
        return {"ok": True}

    @_answered
    async def renew(self, sid: str, data: Mapping[str, Any]) -> Answer:
        """Takes the next token of the same conversation, so that the socket may stay open."""
        seat = self.seats[sid]
        visitor = read_visitor_token(data.get("token"), self._secret, _now())
        if (visitor.conversation_id, visitor.visitor_id) != (seat.conversation_id, seat.visitor.visitor_id):
            raise RefusedTokenError("invalid", "this token is another conversation's")
        if visitor.expires_at > seat.visitor.expires_at:
            seat.visitor = visitor
            self._leave_in_time(sid)
        return {"ok": True, "expires_at": seat.visitor.expires_at.isoformat()}

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> bool:
        """Sends a message to every window of the conversation, also those at other servers."""
        await self._server.emit("message", message, room=conversation_id)
        return self._present[conversation_id] > 0

    async def turn_began(self, conversation_id: str, message_id: int) -> None:
        """Shows that the bot has read the message and is typing."""
        seen = {"delivered_to": message_id, "read_to": message_id}
        await self._server.emit("marks", seen, room=conversation_id)
        await self._server.emit("typing", {"on": True, "author": "bot"}, room=conversation_id)

    async def turn_ended(self, conversation_id: str, message_id: int) -> None:
        """Shows that the bot has said what it had to say."""
        await self._server.emit("typing", {"on": False, "author": "bot"}, room=conversation_id)

    async def person_types(self, conversation_id: str, on: bool) -> None:
        """Shows that a person is writing."""
        await self._server.emit("typing", {"on": on, "author": "agent"}, room=conversation_id)

    async def state_changed(self, conversation_id: str, state: str) -> None:
        """Tells who answers now."""
        await self._server.emit("state", {"state": state}, room=conversation_id)

    async def _there_is(self, visitor: VisitorToken) -> bool:
        """Whether the conversation is still there; one that was forgotten, in the sense of the law, is not."""
        try:
            return await self._door.read(lambda session: state_of(session, visitor.conversation_id)) is not None
        except Exception as error:
            # Whoever speaks meanwhile is told to try again.
            _log.error("web.connection_not_checked", error=type(error).__name__)
            return True

    async def _tell_the_desk(self, conversation_id: str, on: bool) -> None:
        """Lets a person who has the conversation see that the customer is writing; not with every key."""
        now = _now()
        looked, with_a_person = self._typing.get(conversation_id, (None, False))
        if on and looked is not None and now - looked < _TYPING_AGAIN:
            return
        if on:
            state = await self._door.read(lambda session: state_of(session, conversation_id))
            with_a_person = state == WITH_A_PERSON
            self._typing[conversation_id] = (now, with_a_person)
        else:
            self._typing.pop(conversation_id, None)
        if with_a_person:
            await self._door.write(lambda session: type_in(session, conversation_id, CUSTOMER, on, now))

    def _seat(self, sid: str) -> _Seat:
        seat = self.seats[sid]
        if _now() >= seat.visitor.expires_at:
            raise RefusedTokenError("expired", "renew the token")
        return seat

    def _leave_in_time(self, sid: str) -> None:
        """Hangs up when the token has run out: what is said after that is not for this socket."""
        seat = self.seats[sid]
        if seat.leave:
            seat.leave.cancel()
        seconds = (seat.visitor.expires_at + _GRACE - _now()).total_seconds()
        seat.leave = asyncio.get_running_loop().call_later(
            max(0.0, seconds), self._server.start_background_task, self._hang_up, sid
        )

    async def _hang_up(self, sid: str) -> None:
        await self._server.disconnect(sid)
        # Also where the socket itself was gone before its seat was taken.
        await self.disconnect(sid)


def _no(code: str, message: str) -> Answer:
    return {"ok": False, "code": code, "message": message}


def _message_id(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name, 0)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _HIGHEST_ID:
        raise UnreadableError(f"{name} is the id of a message, or 0")
    return value


def _now() -> datetime:
    return datetime.now(timezone.utc)
