"""Web sockets that stay up whatever is sent to them: only well-formed frames come through, all others get an answer.

Socket.IO's own server lets a frame that is no JSON end in an exception: the client hears nothing, and the log gets a
traceback. Here every frame is looked at first. The methods that begin with an underscore are those of python-socketio
5.9 and python-engineio 4.12, the versions that Rasa 3.6 works with.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import engineio
import structlog
from engineio.async_drivers.sanic import WebSocket
from sanic.response import HTTPResponse
from socketio import AsyncServer, packet

LARGEST_FRAME = 64 * 1024
"""Bytes; enough for the longest text and far from what could hurt."""

MOST_WRONG_FRAMES = 20
"""After so many, whoever sends them is no client of ours."""

SECONDS_TO_CONNECT = 20.0
"""How long a socket may stay open without saying who it is."""

_REFUSALS = {
    "malformed": "这条消息的格式有误，请刷新页面再试",
    "too_big": "这条消息太大了，请分几次发送",
    "unknown_event": "暂不支持这个操作，请刷新页面再试",
    "invalid": "会话已失效，请刷新页面再试",
}

# <type>[<namespace>,][<ack id>][<data>]
_FRAME = re.compile(
    r"(?P<type>[0-4])(?:(?P<namespace>/[^,]{0,80}),?)?(?P<ack>[0-9]{1,9})?(?P<data>[\[{].*)?", re.ASCII | re.DOTALL
)
_ENGINE_FRAMES = frozenset("123456")

_log = structlog.get_logger(__name__)


class FrameJson:
    """JSON as frames carry it. What is nested too deeply to be read is a `ValueError` like any other."""

    @staticmethod
    def loads(text: str | bytes) -> Any:
        """Reads a frame.

        Raises:
            ValueError: It is no JSON.
        """
        try:
            return json.loads(text, parse_constant=_no_such_number)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        """Writes a frame, Chinese as it is."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _no_such_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


@dataclass(frozen=True)
class Frame:
    """A well-formed frame.

    Attributes:
        type: Of Socket.IO: 0 connect, 1 disconnect, 2 event, 3 acknowledgement.
        ack: The number under which an answer is waited for.
        event: The event's name.
        data: What came with it.
    """

    type: int
    ack: int | None
    event: str
    data: Mapping[str, Any]


class WrongFrameError(Exception):
    """A frame that is not taken, and the number under which an answer is waited for."""

    def __init__(self, code: str, ack: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.ack = ack


def refusal(code: str) -> dict[str, Any]:
    """What a client reads when its frame is not taken."""
    return {"ok": False, "code": code, "message": _REFUSALS[code]}


def read_frame(raw: object) -> Frame:
    """Reads a frame of Socket.IO.

    Args:
        raw: What came over the wire: text, bytes, or what Engine.IO has already made of it.

    Raises:
        WrongFrameError: It is none that a client of ours would send.
    """
    if not isinstance(raw, str):
        raise WrongFrameError("malformed")
    if len(raw) > LARGEST_FRAME or len(raw.encode(errors="replace")) > LARGEST_FRAME:
        raise WrongFrameError("too_big", _ack_of(raw[:100]))
    match = _FRAME.fullmatch(raw)
    if match is None or match["type"] == "4" or match["namespace"] not in (None, "/"):
        raise WrongFrameError("malformed", _ack_of(raw))
    kind, ack = int(match["type"]), int(match["ack"]) if match["ack"] else None
    try:
        data = FrameJson.loads(match["data"]) if match["data"] else None
    except ValueError:
        raise WrongFrameError("malformed", ack) from None
    if kind != packet.EVENT:
        return Frame(kind, ack, "", data if isinstance(data, dict) else {})
    if not isinstance(data, list) or not 1 <= len(data) <= 2 or not isinstance(data[0], str):
        raise WrongFrameError("malformed", ack)
    said = data[1] if len(data) == 2 else {}
    if not isinstance(said, dict) or not all(map(_flat, said.values())):
        raise WrongFrameError("malformed", ack)
    return Frame(kind, ack, data[0], said)


def _flat(value: object) -> bool:
    """Whether a value is simple, or an object of simple ones: nothing that we understand is nested any deeper."""
    if isinstance(value, dict):
        return not any(isinstance(each, (dict, list)) for each in value.values())
    return not isinstance(value, list)


def _ack_of(raw: str) -> int | None:
    match = re.match(r"2(?:/[^,]{0,80},)?([0-9]{1,9})(?![0-9])", raw, re.ASCII)
    return int(match[1]) if match else None


class _Gone(HTTPResponse):
    """What is left to say on a web socket that is closed: nothing. Sanic would try, and log that it failed."""

    async def send(self, *_: Any, **__: Any) -> None:
        """Sends nothing."""


class _CarefulWebSocket(WebSocket):
    """Answers what is no frame of Engine.IO, and hangs up on whoever does not stop."""

    wrong = 0

    async def __call__(self, environ: dict[str, Any]) -> HTTPResponse:
        await super().__call__(environ)
        return _Gone()

    async def wait(self) -> str:
        while True:
            data = await super().wait()
            if isinstance(data, str) and data[:1] in _ENGINE_FRAMES and len(data) <= 4 * LARGEST_FRAME:
                return data
            self.wrong += 1
            if self.wrong > MOST_WRONG_FRAMES:
                raise OSError("nothing but wrong frames")
            code = "too_big" if isinstance(data, str) and data[:1] in _ENGINE_FRAMES else "malformed"
            await self.send("42" + FrameJson.dumps(["refused", refusal(code)]))


class _CarefulEngine(engineio.AsyncServer):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async: dict[str, Any] = {**self._async, "websocket": _CarefulWebSocket}


class CarefulServer(AsyncServer):
    """A Socket.IO server for one namespace, whose events have one object each.

    Handlers are called one after the other for each socket, so that what is sent first is taken first.
    """

    def __init__(self, events: frozenset[str], **options: Any) -> None:
        """Makes a server that knows these events; `options` are those of `AsyncServer`."""
        self._events = events
        self._wrong: dict[str, int] = {}
        self._deadlines: dict[str, asyncio.TimerHandle] = {}
        super().__init__(
            async_mode="sanic",
            async_handlers=False,
            json=FrameJson,
            max_http_buffer_size=4 * LARGEST_FRAME,
            **options,
        )

    def _engineio_server_class(self) -> type[engineio.AsyncServer]:
        return _CarefulEngine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        loop = asyncio.get_running_loop()
        self._deadlines[eio_sid] = loop.call_later(SECONDS_TO_CONNECT, self._give_up, eio_sid)

    async def _handle_eio_disconnect(self, eio_sid: str) -> None:
        self._wrong.pop(eio_sid, None)
        self._forget_deadline(eio_sid)
        await super()._handle_eio_disconnect(eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        try:
            frame = read_frame(data)
            if frame.type == packet.CONNECT:
                self._forget_deadline(eio_sid)
                await self._handle_connect(eio_sid, "/", frame.data)
            elif self.manager.sid_from_eio_sid(eio_sid, "/") is None:
                raise WrongFrameError("invalid", frame.ack)
            elif frame.type == packet.DISCONNECT:
                await self._handle_disconnect(eio_sid, "/")
            elif frame.type == packet.EVENT:
                if frame.event not in self._events:
                    raise WrongFrameError("unknown_event", frame.ack)
                await self._handle_event(eio_sid, "/", frame.ack, [frame.event, frame.data])
        except WrongFrameError as wrong:
            await self._answer_wrong(eio_sid, wrong)

    async def _answer_wrong(self, eio_sid: str, wrong: WrongFrameError) -> None:
        answer = refusal(wrong.code)
        if wrong.ack is None:
            reply = self.packet_class(packet.EVENT, namespace="/", data=["refused", answer])
        else:
            reply = self.packet_class(packet.ACK, namespace="/", id=wrong.ack, data=[answer])
        await self._send_packet(eio_sid, reply)
        self._wrong[eio_sid] = self._wrong.get(eio_sid, 0) + 1
        if self._wrong[eio_sid] > MOST_WRONG_FRAMES:
            _log.warning("web.wrong_frames", code=wrong.code)
            self._give_up(eio_sid)

    def _give_up(self, eio_sid: str) -> None:
        # Beside whatever runs now: hanging up waits for the socket's own handler.
        self.start_background_task(self.eio.disconnect, eio_sid)

    def _forget_deadline(self, eio_sid: str) -> None:
        deadline = self._deadlines.pop(eio_sid, None)
        if deadline is not None:
            deadline.cancel()
