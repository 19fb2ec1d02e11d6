"""A bot that speaks the page's wire and answers from a script, for tests and for work on the page.

It takes the tokens that the real desk gives, keeps its record in memory – also while it is stopped – and does what the
front door does for the page: ids, tokens for what can be tapped, marks, typing. Run it by hand beside a desk of the
same settings with `python -m tests.web.fake_bot [PORT]`.
"""

from __future__ import annotations

import asyncio
import copy
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

import socketio
from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as NotTakenError

from sixty.desk.conversations import context_of
from sixty.identity.refusal import RefusedTokenError
from sixty.identity.upload_links import upload_link
from sixty.identity.visitor_tokens import read_visitor_token
from sixty.shop.database import shop_session
from tests.web.scripted_replies import REPLIES, WELCOME, WELCOME_CAPSULES, Form

PAGE = 200


class FakeBot:
    """The server. Its switches may be changed while it runs."""

    def __init__(self, port: int, secret: str, entry_of: Callable[[str], str]) -> None:
        """Makes a bot that is not started yet.

        Args:
            port: Where it listens.
            secret: That of the desk, whose tokens it takes.
            entry_of: Where a conversation was opened: shop, product or order.
        """
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.received: list[Form] = []
        """What came with `say`, each time."""
        self.opened: list[str] = []
        """The conversations of the connections that asked for what was said."""
        self.read_to: dict[str, int] = {}
        self.typed: list[bool] = []
        self.renewed: list[str] = []
        self.acknowledges = True
        self.replies = True
        self.delay = 0.15
        self.refusals: list[tuple[str, str]] = []
        """Codes and words with which the next messages are refused."""
        self.record: dict[str, list[Form]] = {}
        self.states: dict[str, str] = {}
        self._secret = secret
        self._entry_of = entry_of
        self._taps: dict[str, tuple[str, str]] = {}
        self._seats: dict[str, str] = {}
        self._last_id = 0
        self._sio: Any = None
        self._runner: web.AppRunner | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def said(self) -> list[str]:
        """What the customer said, in order, taps as their payload; what was sent twice is there twice."""
        return [self._meaning(each) for each in self.received if not each.get("opened")]

    @property
    def conversations(self) -> list[str]:
        """The conversations, in the order in which they were first opened."""
        return list(dict.fromkeys(self.opened))

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        started = threading.Event()
        loop = asyncio.new_event_loop()

        async def serve() -> None:
            self._runner = web.AppRunner(self._application(), shutdown_timeout=0.5)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
            started.set()

        def run() -> None:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(serve())
            loop.run_forever()
            loop.close()

        self._loop = loop
        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert started.wait(10)

    def stop(self) -> None:
        """Hangs up on everybody and frees the port."""
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop = self._thread = None
        self._seats.clear()

    def speak(self, text: str, author: str = "bot", conversation: str | None = None) -> Form:
        """Says something of its own accord, into the conversation that was opened last."""
        into = conversation or self.opened[-1]
        message = self._write(into, author, {"text": text})
        self._now(self._sio.emit("message", self._wire(message), room=into))
        return message

    def write_only(self, text: str) -> None:
        """Says something that is not delivered, as while nobody is connected."""
        self._write(self.opened[-1], "bot", {"text": text})

    def move(self, state: str) -> None:
        """Moves the conversation that was opened last."""
        self.states[self.opened[-1]] = state
        self._now(self._sio.emit("state", {"state": state}, room=self.opened[-1]))

    def type(self, on: bool, author: str) -> None:
        """Somebody types."""
        self._now(self._sio.emit("typing", {"on": on, "author": author}, room=self.opened[-1]))

    def _now(self, what: Coroutine[Any, Any, Any]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(what, self._loop).result(5)

    async def _hang_up(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _application(self) -> web.Application:
        sio = self._sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
        for name in ("connect", "open", "say", "read", "typing", "renew"):
            sio.on(name, getattr(self, f"_on_{name}"))
        application = web.Application()
        sio.attach(application)
        return application

    async def _on_connect(self, sid: str, environ: Form, auth: Any = None) -> None:
        try:
            token = read_visitor_token((auth or {}).get("token"), self._secret, datetime.now(timezone.utc))
        except RefusedTokenError as refused:
            raise NotTakenError(refused.code, {"code": refused.code}) from None
        self._seats[sid] = token.conversation_id
        self._sio.enter_room(sid, token.conversation_id)

    async def _on_open(self, sid: str, data: Form) -> Form:
        conversation = self._seats[sid]
        self.opened.append(conversation)
        rows = self.record.get(conversation, [])
        after, before = data.get("after") or 0, data.get("before")
        found = [row for row in rows if row["id"] > after and (not before or row["id"] < before)]
        page = found[:PAGE] if after else found[-PAGE:]
        return {
            "ok": True,
            "conversation_id": conversation,
            "state": self.states.get(conversation, "bot"),
            "messages": [self._wire(row) for row in page if not row.get("opened")],
            "more": len(found) > len(page),
            "marks": {"delivered_to": 0, "read_to": 0},
        }

    async def _on_say(self, sid: str, data: Form) -> Form:
        conversation = self._seats[sid]
        self.received.append({**data, "conversation": conversation})
        if self.refusals:
            code, words = self.refusals.pop(0)
            return {"ok": False, "code": code, "message": words}
        known = next((row for row in self.record.get(conversation, []) if row.get("client_id") == data["id"]), None)
        if known is None:
            if data.get("opened") and self.record.get(conversation):
                return {"ok": False, "code": "opened_already", "message": "已经打过招呼了"}
            known = self._write(conversation, "customer", self._said(data, conversation))
            if self.replies:
                self._sio.start_background_task(self._reply, conversation, data, known["id"])
        while not self.acknowledges:
            # The client asked for an acknowledgement; one that never comes is all that can be withheld.
            await asyncio.sleep(0.05)
        return {"ok": True, "message": self._wire(known)}

    async def _on_read(self, sid: str, data: Form) -> Form:
        self.read_to[self._seats[sid]] = data["to"]
        return {"ok": True}

    async def _on_typing(self, sid: str, data: Form) -> Form:
        self.typed.append(data["on"])
        return {"ok": True}

    async def _on_renew(self, sid: str, data: Form) -> Form:
        self.renewed.append(data["token"])
        return {"ok": True}

    async def _reply(self, conversation: str, data: Form, message_id: int) -> None:
        marks = {"delivered_to": message_id, "read_to": message_id}
        await self._sio.emit("marks", marks, room=conversation)
        await self._sio.emit("typing", {"on": True, "author": "bot"}, room=conversation)
        await asyncio.sleep(self.delay)
        for reply in self._replies_to(conversation, data):
            message = self._write(conversation, "bot", copy.deepcopy(reply))
            await self._sio.emit("message", self._wire(message), room=conversation)
        await self._sio.emit("typing", {"on": False, "author": "bot"}, room=conversation)

    def _replies_to(self, conversation: str, data: Form) -> list[Form]:
        if data.get("opened"):
            entry = self._entry_of(conversation)
            capsules = [{"title": title, "payload": title} for title in WELCOME_CAPSULES[entry]]
            return [{"text": WELCOME[entry], "capsules": capsules, "outcome": "social"}]
        if data.get("attachment"):
            return [{"text": "图片收到啦，我请同事帮您看看～"}]
        meaning = self._meaning(data)
        return REPLIES.get(meaning, [{"text": f"收到：{meaning}", "outcome": "answered"}])

    def _meaning(self, data: Form) -> str:
        if "tap" in data:
            return self._taps[data["tap"]][1]
        return str(data.get("text") or data.get("attachment"))

    def _said(self, data: Form, conversation: str) -> Form:
        said: Form = {"client_id": data["id"]}
        if data.get("opened"):
            return {**said, "opened": True}
        if "tap" in data:
            return {**said, "text": self._taps[data["tap"]][0]}
        if "attachment" in data:
            url = upload_link("", self._secret, conversation, data["attachment"], datetime.now(timezone.utc))
            return {**said, "attachment": {"id": data["attachment"], "kind": "picture", "name": "", "url": url}}
        return {**said, "text": data["text"]}

    def _write(self, conversation: str, author: str, form: Form) -> Form:
        self._last_id += 1
        message = {**form, "id": self._last_id, "author": author, "at": datetime.now(timezone.utc).isoformat()}
        self.record.setdefault(conversation, []).append(message)
        return message

    def _wire(self, message: Form) -> Form:
        """The message with a token for each thing that can be tapped, the same each time it is sent."""
        sent = copy.deepcopy({key: value for key, value in message.items() if key != "opened"})
        for index, choice in enumerate(_choices(sent)):
            tap = f"{message['id']}.{index}.mac"
            self._taps[tap] = (choice["title"], choice.pop("payload"))
            choice["tap"] = tap
        return sent


def _choices(found: Any) -> Iterator[Form]:
    if isinstance(found, dict):
        if "payload" in found and "title" in found:
            yield found
        for value in list(found.values()):
            yield from _choices(value)
    elif isinstance(found, list):
        for value in found:
            yield from _choices(value)


def entry_in(database_url: str) -> Callable[[str], str]:
    """Where conversations were opened, as the desk has written it down."""

    def entry_of(conversation_id: str) -> str:
        with shop_session(database_url, read_only=True) as session:
            context = context_of(session, conversation_id, datetime.now(timezone.utc))
        return context.entry if context else "shop"

    return entry_of


@contextmanager
def running_bot(port: int, secret: str, entry_of: Callable[[str], str]) -> Iterator[FakeBot]:
    """A started bot, stopped afterwards."""
    bot = FakeBot(port, secret, entry_of)
    bot.start()
    try:
        yield bot
    finally:
        bot.stop()


if __name__ == "__main__":
    from sixty.settings import get_settings

    settings = get_settings()
    chosen = int(sys.argv[1]) if len(sys.argv) > 1 else settings.rasa_port
    with running_bot(chosen, settings.secret, entry_in(settings.database_url)):
        threading.Event().wait()
