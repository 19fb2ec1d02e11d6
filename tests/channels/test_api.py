"""The merchants' channel over real HTTP: signed requests, replies in the answer and by webhook."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest
import requests
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from yarl import URL

from sixty.channels import api, api_replies
from sixty.channels.api import ApiChannel
from sixty.channels.api_document import api_document
from sixty.channels.api_requests import KEY_HEADER, LARGEST_BODY
from sixty.desk.conversations import Conversation, context_of, find, move
from sixty.identity.api_keys import LOCAL, local_api_secret
from sixty.identity.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, check_signature, sign, signed_headers
from sixty.ledger.outbox import OutboxItem, put
from sixty.ledger.reading import history
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from sixty.shop.models import Customer
from tests.channels.real_server import Bot, serving

SECRET, OTHER = "a" * 40, "b" * 40
KEYS = {"app": SECRET, "pos": OTHER}


def now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Answer:
    status: int
    body: Any
    headers: Any


@dataclass
class Merchant:
    """A merchant's server that speaks for its customers."""

    url: str
    name: str = "app"
    secret: str = SECRET
    http: aiohttp.ClientSession = field(default_factory=lambda: aiohttp.ClientSession(trust_env=False))

    async def send(self, method: str, path: str, content: bytes, headers: dict[str, str], data: Any = None) -> Answer:
        # Encoded already: what is signed is what is sent.
        target = URL(f"{self.url}/webhooks/api{path}", encoded=True)
        async with self.http.request(method, target, data=data, headers=headers) as answer:
            return Answer(answer.status, await answer.json(), answer.headers)

    def headers(self, content: bytes, at: datetime | None = None) -> dict[str, str]:
        return {KEY_HEADER: self.name, **signed_headers(self.secret, content, at or now())}

    async def say(self, conversation: str = "c-1", **what: Any) -> Answer:
        return await self.post(json.dumps({"conversation": conversation, **what}, ensure_ascii=False).encode())

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        return await self.send("POST", "/messages", body, self.headers(body) if headers is None else headers, body)

    async def messages(self, conversation: str = "c-1", **more: Any) -> Answer:
        query = urlencode({"conversation": conversation, **more})
        return await self.send("GET", f"/messages?{query}", b"", self.headers(query.encode()))


@pytest.fixture(autouse=True)
def keys(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_API_KEYS", json.dumps(KEYS))
    get_settings.cache_clear()
    with shop_session() as session:
        session.add(Customer(id="C001", nickname="阿澈", phone="13800001001", level="金卡", region="浙江"))


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def url(bot: Bot) -> AsyncIterator[str]:
    async with serving([ApiChannel.from_credentials(None)], bot) as address:
        yield address


@pytest.fixture
async def merchant(url: str) -> AsyncIterator[Merchant]:
    server = Merchant(url)
    yield server
    await server.http.close()


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [each.get("text", "") for each in messages]


async def test_a_conversation(merchant: Merchant, bot: Bot) -> None:
    welcome = await merchant.say(opened=True)
    assert (welcome.status, texts(welcome.body["replies"])) == (200, ["欢迎光临"])
    answer = await merchant.say(id="m1", text="包邮吗")
    assert set(answer.body) == {"conversation_id", "message", "replies"}
    assert (answer.body["message"]["text"], answer.body["message"]["client_id"]) == ("包邮吗", "m1")
    assert texts(answer.body["replies"]) == ["收到包邮吗"]
    assert answer.body["replies"][0]["outcome"] == "answered"
    assert answer.headers["Cache-Control"] == "no-store"
    tapped = await merchant.say(tap=welcome.body["replies"][0]["capsules"][0]["tap"])
    assert tapped.body["message"]["text"] == "查订单"
    assert bot.texts == ["/greet", "包邮吗", "/ask_order"]
    assert {message.sender_id for message in bot.heard} == {welcome.body["conversation_id"]}
    assert {message.input_channel for message in bot.heard} == {"api"}


async def test_the_history(merchant: Merchant) -> None:
    said = [(await merchant.say(text=f"第{number}句")).body["message"]["id"] for number in range(3)]
    everything = await merchant.messages()
    assert (everything.status, everything.body["state"], everything.body["more"]) == (200, "bot", False)
    assert texts(everything.body["messages"]) == ["第0句", "收到第0句", "第1句", "收到第1句", "第2句", "收到第2句"]
    later = (await merchant.messages(after=said[1], limit=2)).body
    assert (texts(later["messages"]), later["more"]) == (["收到第1句", "第2句"], True)
    last = (await merchant.messages(limit=2)).body
    assert (texts(last["messages"]), last["more"]) == (["第2句", "收到第2句"], True)
    unknown = await merchant.messages("nobody's")
    assert (unknown.status, unknown.body["code"]) == (404, "unknown_conversation")


async def test_not_waiting(merchant: Merchant, bot: Bot) -> None:
    bot.gate = asyncio.Event()
    answer = await merchant.say(text="在吗", wait=False)
    assert (answer.status, answer.body["replies"]) == (202, [])
    bot.gate.set()
    while len((await merchant.messages()).body["messages"]) < 2:
        await asyncio.sleep(0.02)


async def test_what_was_in_the_answer_is_delivered_and_nothing_else(merchant: Merchant, bot: Bot) -> None:
    conversation_id = (await merchant.say(text="在吗")).body["conversation_id"]
    while ledger_states(conversation_id) != ["answered", "delivered"]:
        await asyncio.sleep(0.02)
    await merchant.say(text="在吗", wait=False)
    while ledger_states(conversation_id)[2:] != ["answered", "written"]:
        await asyncio.sleep(0.02)
    await merchant.messages()
    assert ledger_states(conversation_id)[-1] == "delivered"


async def test_waiting_ends(merchant: Merchant, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "WAIT_SECONDS", 0.1)
    bot.gate = asyncio.Event()
    answer = await merchant.say(text="在吗")
    assert (answer.status, answer.body["replies"]) == (202, [])
    bot.gate.set()


async def test_sent_again_it_is_the_same_message(merchant: Merchant, bot: Bot) -> None:
    first = await merchant.say(id="m1", text="在吗")
    again = await merchant.say(id="m1", text="在吗")
    assert again.body == first.body
    assert bot.texts == ["在吗"]


async def test_a_replayed_request_says_nothing_twice(merchant: Merchant, bot: Bot) -> None:
    body = json.dumps({"conversation": "c-1", "text": "在吗"}).encode()
    headers = merchant.headers(body)
    answers = [await merchant.post(body, headers) for _ in range(3)]
    assert {answer.body["message"]["id"] for answer in answers} == {answers[0].body["message"]["id"]}
    assert bot.texts == ["在吗"]
    # Another moment, another message.
    await merchant.post(body, merchant.headers(body, now() - timedelta(seconds=2)))
    assert bot.texts == ["在吗", "在吗"]


BODY = json.dumps({"conversation": "c-1", "text": "在吗"}).encode()
STAMP = int(time.time())


def signed(secret: str = SECRET, name: str = "app", at: int = STAMP, body: bytes = BODY) -> dict[str, str]:
    return {KEY_HEADER: name, TIMESTAMP_HEADER: str(at), SIGNATURE_HEADER: sign(secret, str(at), body)}


def without(name: str) -> dict[str, str]:
    return {each: value for each, value in signed().items() if each != name}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(dict, id="unsigned"),
        pytest.param(lambda: without(KEY_HEADER), id="no key"),
        pytest.param(lambda: without(TIMESTAMP_HEADER), id="no time"),
        pytest.param(lambda: without(SIGNATURE_HEADER), id="no signature"),
        pytest.param(lambda: signed("x" * 40), id="forged"),
        pytest.param(lambda: signed(OTHER), id="another key's secret"),
        pytest.param(lambda: signed(name="nobody"), id="an unknown key"),
        pytest.param(lambda: signed("", name="nobody"), id="an unknown key without a secret"),
        pytest.param(lambda: signed(body=BODY + b" "), id="another body"),
        pytest.param(lambda: signed(at=int(time.time()) - 301), id="expired"),
        pytest.param(lambda: signed(at=int(time.time()) + 301), id="of the future"),
        pytest.param(lambda: {**signed(), TIMESTAMP_HEADER: str(STAMP + 1)}, id="another time"),
        pytest.param(lambda: {**signed(), SIGNATURE_HEADER: "v1="}, id="an empty signature"),
        pytest.param(lambda: {**signed(), SIGNATURE_HEADER: "none"}, id="none"),
        pytest.param(lambda: {**signed(), KEY_HEADER: "app app"}, id="two keys"),
    ],
)
async def test_what_is_not_signed_is_not_heard(merchant: Merchant, bot: Bot, headers: Any) -> None:
    answer = await merchant.post(BODY, headers())
    assert (answer.status, answer.body["code"]) == (401, "unsigned")
    assert SECRET not in str(answer.body)
    assert bot.heard == []


async def test_a_question_cannot_be_changed_on_its_way(merchant: Merchant) -> None:
    await merchant.say("c-1", text="在吗")
    await merchant.say("c-2", text="在吗")
    headers = merchant.headers(b"conversation=c-1")
    assert (await merchant.send("GET", "/messages?conversation=c-1", b"", headers)).status == 200
    assert (await merchant.send("GET", "/messages?conversation=c-2", b"", headers)).status == 401
    assert (await merchant.send("GET", "/messages?conversation=c-1&limit=1", b"", headers)).status == 401


async def test_another_callers_conversation_is_another(merchant: Merchant, url: str) -> None:
    mine = await merchant.say("c-1", text="在吗")
    other = Merchant(url, "pos", OTHER)
    theirs = await other.say("c-1", text="你好")
    assert theirs.body["conversation_id"] != mine.body["conversation_id"]
    assert texts((await other.messages("c-1")).body["messages"]) == ["你好", "收到你好"]
    # Our own name of it opens nothing.
    assert (await other.messages(mine.body["conversation_id"])).status == 404
    tap = (await merchant.say("c-1", opened=True)).body
    await other.http.close()
    assert tap["code"] == "opened_already"


async def test_a_capsule_of_another_conversation_means_nothing(merchant: Merchant, bot: Bot) -> None:
    tap = (await merchant.say("c-1", opened=True)).body["replies"][0]["capsules"][0]["tap"]
    refused = await merchant.say("c-2", tap=tap)
    assert (refused.status, refused.body["code"]) == (422, "unknown_capsule")
    assert bot.texts == ["/greet"]


async def test_the_local_key_is_of_developers_only(shop_url: str, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    for environment, status in (("development", 200), ("production", 401)):
        monkeypatch.setenv("SIXTY_ENVIRONMENT", environment)
        monkeypatch.setenv("SIXTY_SECRET", "k" * 40)
        get_settings.cache_clear()
        async with serving([ApiChannel()], bot) as address:
            tools = Merchant(address, LOCAL, local_api_secret("k" * 40))
            assert (await tools.say(environment, text="在吗")).status == status
            await tools.http.close()


def who(conversation_id: str) -> tuple[str | None, str | None, str | None]:
    with shop_session(read_only=True) as session:
        context = context_of(session, conversation_id, now())
        assert context is not None
        return context.customer_id, context.level, context.region


async def test_who_the_customer_is(merchant: Merchant) -> None:
    unknown = (await merchant.say(text="在吗")).body["conversation_id"]
    assert who(unknown) == (None, None, None)
    known = (await merchant.say(text="在吗", customer={"id": "C001"})).body["conversation_id"]
    assert known == unknown
    assert who(known) == ("C001", "金卡", "浙江")
    await merchant.say(text="在吗", customer={"id": "C001", "level": "PLUS", "region": "上海"})
    assert who(known) == ("C001", "PLUS", "上海")
    await merchant.say(text="在吗")
    assert who(known)[0] == "C001"
    await merchant.say(text="在吗", customer=None)
    assert who(known) == (None, None, None)
    await merchant.say(text="在吗", customer={"id": "C001"})
    assert who(known)[0] == "C001"
    other = await merchant.say(text="在吗", customer={"id": "C002"})
    assert (other.status, other.body["code"]) == (409, "another_customer")


async def test_where_it_was_opened(merchant: Merchant) -> None:
    conversation_id = (await merchant.say(text="在吗", entry="product", product="GZ2101")).body["conversation_id"]

    def place() -> tuple[str, str | None, str | None]:
        with shop_session(read_only=True) as session:
            row = session.get(Conversation, conversation_id)
            return row.entry, row.product_no, row.order_no

    assert place() == ("product", "GZ2101", None)
    await merchant.say(text="在吗")
    assert place() == ("product", "GZ2101", None)
    await merchant.say(text="在吗", entry="order", order="2026111800010001", product="GZ2101")
    assert place() == ("order", None, "2026111800010001")


async def test_a_picture_comes_as_an_address(merchant: Merchant, bot: Bot) -> None:
    picture = {"kind": "picture", "url": "https://cdn.shop.example/1.jpg", "name": "破洞.jpg"}
    said = await merchant.say(attachment=picture)
    assert said.body["message"]["attachment"] == picture
    assert said.body["replies"]
    for url in ("javascript:alert(1)", "http://127.0.0.1/x", "file:///etc/passwd", "//evil"):
        refused = await merchant.say(attachment={**picture, "url": url})
        assert (refused.status, refused.body["code"]) == (422, "wrong_link")
    assert bot.heard == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 30_000, 400),
        (b'{"conversation": NaN}', 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"conversation": "c"}', 422),
        (b'{"conversation": "", "text": "x"}', 422),
        (b'{"conversation": "c\\u0000", "text": "x"}', 422),
        (b'{"conversation": "c", "text": "x", "tap": "y"}', 422),
        (b'{"conversation": "c", "text": "x", "sender": "me"}', 422),
        (b'{"conversation": "c", "text": "x", "metadata": {"customer": "C001"}}', 422),
        (b'{"conversation": "c", "text": "x", "customer": "C001"}', 422),
        (b'{"conversation": "c", "text": "x", "id": "\\u4e2d"}', 422),
        (b'{"conversation": "c", "text": "x", "entry": "moon"}', 422),
        (b'{"conversation": "c", "attachment": {"kind": "program"}}', 422),
        (b'{"conversation": "c", "attachment": {"kind": "picture", "id": "somebody-elses-upload"}}', 422),
        (b'{"conversation": "c", "text": "   "}', 422),
        (b'{"conversation": "c", "text": "' + b"x" * 60_000 + b'"}', 413),
        (b" " * (LARGEST_BODY + 1), 413),
    ],
)
async def test_what_is_wrong_is_said(merchant: Merchant, bot: Bot, body: bytes, status: int) -> None:
    answer = await merchant.post(body)
    assert answer.status == status
    assert {"code", "message"} <= set(answer.body)
    assert bot.heard == []


@pytest.mark.parametrize("text", ["/restart", "／restart", " /session_start", '/inform{"product": "x"}', "/ask_order"])
async def test_what_is_typed_is_never_a_command(merchant: Merchant, bot: Bot, text: str) -> None:
    await merchant.say(text=text)
    (message,) = bot.heard
    assert message.parse_data is None
    assert not str(message.text).strip().startswith("/")


@pytest.mark.parametrize(
    "query", ["", "conversation=", "conversation=c&after=-1", "conversation=c&x=1", "%ff", "a=1&&"]
)
async def test_a_wrong_question_is_told(merchant: Merchant, query: str) -> None:
    target = URL(f"{merchant.url}/webhooks/api/messages?{query}", encoded=True)
    async with merchant.http.get(target, headers=merchant.headers(query.encode())) as answer:
        assert (answer.status, (await answer.json())["code"]) == (422, "malformed")


async def test_a_sender_who_floods_is_slowed(merchant: Merchant) -> None:
    answers = [await merchant.say(text="在吗", wait=False) for _ in range(30)]
    slowed = [each for each in answers if each.status == 429]
    assert slowed
    assert int(slowed[0].headers["Retry-After"]) >= 1
    assert (await merchant.say("c-2", text="在吗")).status == 200


@dataclass
class Listener:
    """The merchant's own server, to which the bot's words are posted."""

    url: str
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body)["message"] for _, body in self.heard]

    async def until(self, number: int) -> None:
        async def wait() -> None:
            while len(self.heard) < number:
                await asyncio.sleep(0.02)

        await asyncio.wait_for(wait(), 30)


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener("")

    async def hear(request: web.Request) -> web.Response:
        status = listener.statuses.pop(0) if listener.statuses else 200
        if status == 200:
            listener.heard.append((dict(request.headers), await request.read()))
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:9/"} if status == 302 else {})

    app = web.Application()
    app.router.add_post("/sixty", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/sixty"
    try:
        yield listener
    finally:
        await runner.cleanup()


@pytest.fixture
async def listener(monkeypatch: pytest.MonkeyPatch, keys: None) -> AsyncIterator[Listener]:
    async with listening() as made:
        monkeypatch.setenv("SIXTY_API_REPLY_URLS", json.dumps({"app": made.url}))
        get_settings.cache_clear()
        yield made


@pytest.fixture
async def subscriber(listener: Listener, bot: Bot) -> AsyncIterator[Merchant]:
    async with serving([ApiChannel()], bot) as address:
        server = Merchant(address)
        yield server
        await server.http.close()


async def test_replies_are_posted_signed(listener: Listener, subscriber: Merchant) -> None:
    said = await subscriber.say("客户-7", text="在吗")
    await listener.until(1)
    headers, body = listener.heard[0]
    assert headers[KEY_HEADER] == "app"
    check_signature(SECRET, headers[TIMESTAMP_HEADER], headers[SIGNATURE_HEADER], body, now())
    posted = json.loads(body)
    assert (posted["conversation"], posted["conversation_id"]) == ("客户-7", said.body["conversation_id"])
    assert posted["message"] == said.body["replies"][0]


async def test_what_people_say_is_posted_once_and_again_when_it_fails(listener: Listener, subscriber: Merchant) -> None:
    conversation_id = (await subscriber.say(text="在吗")).body["conversation_id"]
    await listener.until(1)
    listener.statuses = [500, 302]
    with shop_session() as session:
        move(session, conversation_id, "queued", "bot", "asked", now())
        move(session, conversation_id, "assigned", "agent-7", "took", now())
        put(session, OutboxItem("k1", conversation_id, "agent", {"text": "我是小林"}, now(), "agent-7"))
    await listener.until(2)
    assert [(each["author"], each["text"]) for each in listener.messages] == [
        ("bot", "收到在吗"),
        ("agent", "我是小林"),
    ]
    assert listener.statuses == []
    while ledger_states(conversation_id)[-1] != "delivered":
        await asyncio.sleep(0.05)


def ledger_states(conversation_id: str) -> list[str]:
    with shop_session(read_only=True) as session:
        return [each.state for each in history(session, conversation_id)]


async def test_a_listener_that_sleeps_holds_up_no_turn(
    listener: Listener, subscriber: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_replies, "POSTED_WITHIN", 0.2)
    listener.statuses = [503]
    answer = await subscriber.say(text="在吗")
    assert texts(answer.body["replies"]) == ["收到在吗"]


async def test_nobody_is_told_who_did_not_ask(listener: Listener, subscriber: Merchant) -> None:
    other = Merchant(subscriber.url, "pos", OTHER)
    await other.say(text="在吗")
    await other.http.close()
    await subscriber.say(text="你好")
    await listener.until(1)
    assert texts(listener.messages) == ["收到你好"]


async def test_conversations_are_named_by_caller(merchant: Merchant) -> None:
    await merchant.say("c-1", text="在吗")
    with shop_session(read_only=True) as session:
        found = find(session, "api", "app:c-1")
        assert found is not None
        assert found.channel == "api"


async def test_the_document_is_there_for_everybody(merchant: Merchant) -> None:
    answer = await merchant.send("GET", "/openapi.json", b"", {})
    assert answer.status == 200
    assert answer.body == api_document("http://localhost:5005/webhooks/api")
    assert (await merchant.send("GET", "/", b"", {})).body == {"status": "ok"}


class Signer(requests.auth.AuthBase):
    """Signs what Schemathesis makes up."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        if request.method == "GET":
            content = urlsplit(str(request.url)).query.encode()
        for name, value in {KEY_HEADER: "app", **signed_headers(SECRET, content, now())}.items():
            request.headers[name] = value
        return request


async def test_the_interface_is_what_it_says(url: str) -> None:
    """Schemathesis makes up requests from the document, and compares the answers with it."""
    base = f"{url}/webhooks/api"
    interface = schemathesis.openapi.from_dict(api_document(base))
    seen: set[int] = set()
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    turns = count()

    def speak(body: Any, turn: int) -> Any:
        """Half of what is made up says one thing, as a schema can hardly demand."""
        if turn % 2 or not isinstance(body, dict):
            return body
        rest = {name: value for name, value in body.items() if name in ("entry", "wait")}
        return {**rest, "conversation": f"c-{turn}", "text": body.get("text") or "在吗"}

    def fulfils(operation: Any) -> None:
        @settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None, database=None)
        @given(case=operation.as_strategy())
        def each(case: Any) -> None:
            case.body = speak(case.body, next(turns))
            response = case.call(base_url=base, auth=Signer())
            seen.add(response.status_code)
            case.validate_response(response, checks=checks)

        each()

    for operation in interface.get_all_operations():
        await asyncio.to_thread(fulfils, operation.ok())
    assert {200, 404, 422} <= seen


def test_the_document_can_be_read_by_others() -> None:
    document = api_document("https://bot.example/webhooks/api")
    assert document["openapi"].startswith("3.")
    assert json.loads(json.dumps(document)) == document
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == {"say", "history"}
