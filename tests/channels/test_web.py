"""The page's channel over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import socketio
from sqlalchemy import select

from sixty.channels import web
from sixty.channels.web import WebChannel
from sixty.desk.conversations import begin, move
from sixty.desk.file_kinds import FileType
from sixty.desk.upload_routes import upload_store
from sixty.identity.visitor_tokens import VisitorToken, issue_visitor_token
from sixty.ledger.models import SETTLED_STATES, Message
from sixty.ledger.outbox import OutboxItem, put
from sixty.ledger.reading import history
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from tests.channels.real_server import Bot, Page, serving

pytestmark = pytest.mark.usefixtures("shop_url")


def now() -> datetime:
    return datetime.now(timezone.utc)


class Visitor:
    """A visitor with a conversation, and tokens for it."""

    def __init__(self, name: str = "visitor-1") -> None:
        self.name = name
        with shop_session() as session:
            self.conversation_id = begin(session, "web", now(), visitor_id=name)[0].id

    def token(self, life: timedelta = timedelta(minutes=30), **changes: Any) -> str:
        about = {"visitor_id": self.name, "conversation_id": self.conversation_id, **changes}
        return issue_visitor_token(VisitorToken(**about, expires_at=now() + life), get_settings().secret)

    def ledger(self) -> list[Message]:
        with shop_session(read_only=True) as session:
            return history(session, self.conversation_id)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def url(bot: Bot, visitor: Visitor) -> AsyncIterator[str]:
    async with serving([WebChannel.from_credentials(None)], bot) as address:
        yield address


@asynccontextmanager
async def page(url: str, visitor: Visitor, **options: Any) -> AsyncIterator[Page]:
    opened = await Page().come(url, visitor.token(), **options)
    try:
        yield opened
    finally:
        await opened.leave()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_conversation(url: str, visitor: Visitor, bot: Bot, transport: str) -> None:
    async with page(url, visitor, transports=[transport]) as one:
        opened = await one.call("open", after=0)
        assert opened == {
            "ok": True,
            "conversation_id": visitor.conversation_id,
            "state": "bot",
            "messages": [],
            "more": False,
            "marks": {"delivered_to": 0, "read_to": 0},
        }
        welcome = await one.say("m0", opened=True)
        assert (welcome["ok"], welcome["message"]["client_id"]) == (True, "m0")
        assert await one.replies(1) == ["欢迎光临"]
        said = await one.say("m1", text="包邮吗")
        assert said["message"]["text"] == "包邮吗"
        assert await one.replies(2) == ["欢迎光临", "收到包邮吗"]
        answer = one.of("message")[-1]
        assert (answer["author"], answer["outcome"]) == ("bot", "answered")
        assert answer["id"] > said["message"]["id"]
        await one.until(lambda: {"on": False, "author": "bot"} in one.of("typing")[2:])
        assert one.of("typing")[-2:] == [{"on": True, "author": "bot"}, {"on": False, "author": "bot"}]
        assert one.of("marks")[-1] == {"delivered_to": said["message"]["id"], "read_to": said["message"]["id"]}
    assert [(each.author, each.text) for each in visitor.ledger()][1:] == [
        ("bot", "欢迎光临"),
        ("customer", "包邮吗"),
        ("bot", "收到包邮吗"),
    ]
    assert {message.sender_id for message in bot.heard} == {visitor.conversation_id}
    assert {message.input_channel for message in bot.heard} == {"web"}
    assert all(message.metadata == {} for message in bot.heard)


async def test_what_was_said_is_there_after_a_reconnect(url: str, visitor: Visitor) -> None:
    async with page(url, visitor) as one:
        await one.say("m0", opened=True)
        said = await one.say("m1", text="在吗")
        await one.replies(2)
        # Then it also stands in the ledger that the line has been answered.
        await one.until(lambda: one.of("typing").count({"on": False, "author": "bot"}) == 2)
    async with page(url, visitor) as again:
        everything = await again.call("open", after=0)
        # That the chat was opened is nobody's line.
        assert [each["text"] for each in everything["messages"]] == ["欢迎光临", "在吗", "收到在吗"]
        assert everything["marks"] == {"delivered_to": said["message"]["id"], "read_to": said["message"]["id"]}
        new = await again.call("open", after=said["message"]["id"])
        assert [each["text"] for each in new["messages"]] == ["收到在吗"]
        earlier = await again.call("open", before=said["message"]["id"])
        assert [each["text"] for each in earlier["messages"]] == ["欢迎光临"]


async def test_a_reply_that_nobody_was_there_for_waits(url: str, visitor: Visitor, bot: Bot) -> None:
    bot.gate = asyncio.Event()
    async with page(url, visitor) as one:
        await one.say("m1", text="在吗")
    bot.gate.set()
    while len(visitor.ledger()) < 2:
        await asyncio.sleep(0.02)
    assert visitor.ledger()[-1].state == "written"
    async with page(url, visitor) as again:
        opened = await again.call("open", after=0)
        assert [each["text"] for each in opened["messages"]] == ["在吗", "收到在吗"]
        assert visitor.ledger()[-1].state == "delivered"
        await again.call("read", to=opened["messages"][-1]["id"])
    assert visitor.ledger()[-1].state == "read"


async def test_what_was_missed_comes_though_it_is_older_than_the_own_last_line(
    url: str, visitor: Visitor, bot: Bot
) -> None:
    bot.gate = asyncio.Event()
    async with page(url, visitor) as one:
        await one.say("m1", text="在吗")
    bot.gate.set()
    while len(visitor.ledger()) < 2:
        await asyncio.sleep(0.02)
    bot.gate = asyncio.Event()
    async with page(url, visitor) as again:
        said = await again.say("m2", text="多少钱")
        opened = await again.call("open", after=said["message"]["id"])
        assert [each["text"] for each in opened["messages"]] == ["收到在吗"]
        bot.gate.set()
        assert await again.replies(1) == ["收到多少钱"]


async def test_a_long_history_comes_in_pages(url: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAGE_OF_HISTORY", 3)
    async with page(url, visitor) as one:
        ids = [(await one.say(f"m{number}", text=f"第{number}句"))["message"]["id"] for number in range(4)]
        # Lines may be read together, so the number of replies is open; none comes any more once all are settled.
        await one.until(
            lambda: all(each.state in SETTLED_STATES for each in visitor.ledger() if each.author == "customer")
        )
        stored = [each.id for each in visitor.ledger()]
        last = await one.call("open", after=0)
        assert [each["id"] for each in last["messages"]] == stored[-3:]
        assert last["more"] is True
        behind = await one.call("open", after=ids[0])
        assert [each["id"] for each in behind["messages"]] == stored[1:4]


async def test_a_message_sent_again_is_one_message(url: str, visitor: Visitor, bot: Bot) -> None:
    async with page(url, visitor) as one:
        first = await one.say("m1", text="在吗")
        again = await one.say("m1", text="在吗")
        await one.replies(1)
    async with page(url, visitor) as later:
        third = await later.say("m1", text="在吗")
    assert first["message"]["id"] == again["message"]["id"] == third["message"]["id"]
    assert bot.texts == ["在吗"]
    assert [each.text for each in visitor.ledger()] == ["在吗", "收到在吗"]


async def test_two_windows_show_the_same(url: str, visitor: Visitor) -> None:
    async with page(url, visitor) as one, page(url, visitor) as other:
        said = await one.say("m1", text="在吗")
        assert await one.replies(1) == await other.replies(1) == ["收到在吗"]
        # The window that said it has the answer to its call; the other one hears it as a message.
        assert one.texts == ["收到在吗"]
        assert other.of("message")[0] == said["message"]
        await one.call("typing", on=True)
        await other.until(lambda: {"on": True, "author": "customer"} in other.of("typing"))
        assert {"on": True, "author": "customer"} not in one.of("typing")


async def test_a_tapped_capsule_says_its_title(url: str, visitor: Visitor, bot: Bot) -> None:
    async with page(url, visitor) as one:
        await one.say("m0", opened=True)
        await one.replies(1)
        capsules = one.of("message")[0]["capsules"]
        assert [set(each) for each in capsules] == [{"title", "tap"}, {"title", "tap"}]
        said = await one.say("m1", tap=capsules[1]["tap"])
        assert said["message"]["text"] == "看尺码"
        await one.replies(2)
        assert bot.texts[-1] == "/ask_size"
        await one.say("m2", text="订单")
        await one.replies(3)
        order = one.of("message")[-1]["card"]["orders"][0]
        assert order == {"no": "1", "title": "第一单", "tap": order["tap"]}
        assert (await one.say("m3", tap=order["tap"]))["message"]["text"] == "第一单"
        await one.replies(4)
        assert bot.texts[-1] == '/inform{"order_no": "1"}'


async def test_a_capsule_is_nobody_elses(url: str, visitor: Visitor, bot: Bot) -> None:
    async with page(url, visitor) as one:
        await one.say("m0", opened=True)
        await one.replies(1)
        tap = one.of("message")[0]["capsules"][0]["tap"]
        async with page(url, Visitor("visitor-2")) as other:
            assert (await other.say("m1", tap=tap))["code"] == "unknown_capsule"
        number, place, mac = tap.split(".")
        for forged in (f"{number}.{int(place) + 1}.{mac}", f"{number}.{place}.", "/ask_order", "1.0." + "a" * 22, ""):
            refused = await one.say("m2", tap=forged)
            assert (refused["ok"], refused["code"]) == (False, "unknown_capsule")
    assert bot.texts == ["/greet"]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        " /restart",
        "　/restart",
        "／restart",
        "/ restart",
        "/session_start",
        "/back",
        '/inform{"order_no": "202604718832650917"}',
        '／inform{"product": "GZ2101"}',
        "/ask_order",
        "\u200b/restart",
        "⁄restart",
    ],
)
async def test_what_is_typed_is_never_a_command(url: str, visitor: Visitor, bot: Bot, text: str) -> None:
    async with page(url, visitor) as one:
        assert (await one.say("m1", text=text))["ok"]
        await one.replies(1)
    (message,) = bot.heard
    assert message.parse_data is None
    assert not str(message.text).strip().startswith("/")


async def test_a_picture(url: str, visitor: Visitor, bot: Bot) -> None:
    store = upload_store(get_settings())
    draft = store.draft()
    draft.write(b"\x89PNG\r\n\x1a\n")
    draft.close()
    kind = FileType("picture", "image/png")
    upload = store.keep(Path(draft.name), visitor.conversation_id, kind, "破洞.png", 8, now())
    async with page(url, visitor) as one:
        said = await one.say("m1", attachment=upload.id)
        shown = said["message"]["attachment"]
        assert (shown["kind"], shown["name"], shown["size"]) == ("picture", "破洞.png", 8)
        assert shown["url"].startswith(f"/api/uploads/{upload.id}?key=")
        await one.replies(1)
        async with page(url, Visitor("visitor-2")) as other:
            assert (await other.say("m1", attachment=upload.id))["code"] == "malformed"
        place = {"kind": "location", "latitude": 30.2, "longitude": 120.2, "label": "杭州"}
        assert (await one.say("m2", attachment=place))["message"]["attachment"]["label"] == "杭州"
    # The bot itself cannot look at either; it says so.
    assert bot.heard == []
    assert {each.kind for each in visitor.ledger() if each.author == "customer"} == {"picture", "location"}


async def test_what_people_say_arrives_by_itself(url: str, visitor: Visitor) -> None:
    async with page(url, visitor) as one:
        item = OutboxItem("k1", visitor.conversation_id, "agent", {"text": "我是小林，来帮您"}, now(), "agent-7")
        with shop_session() as session:
            assert put(session, item)
            assert not put(session, item)
        await one.until(lambda: one.texts)
        assert [(each["author"], each["text"]) for each in one.of("message")] == [("agent", "我是小林，来帮您")]


async def test_a_person_has_the_conversation(url: str, visitor: Visitor, bot: Bot) -> None:
    with shop_session() as session:
        move(session, visitor.conversation_id, "queued", "bot", "asked", now())
        move(session, visitor.conversation_id, "assigned", "agent-7", "took", now())
    async with page(url, visitor) as one:
        assert (await one.call("open"))["state"] == "assigned"
        assert (await one.say("m1", text="在吗"))["ok"]
    assert bot.heard == []
    assert [(each.text, each.state) for each in visitor.ledger()] == [("在吗", "to_person")]


def forged() -> Iterator[Any]:
    good = VisitorToken("visitor-1", "c", now() + timedelta(minutes=30))
    yield issue_visitor_token(good, "x" * 40)
    yield from ("", "nonsense", None, 7, ["token"], {"token": "x"}, "a.b.c", "x" * 5000)


@pytest.mark.parametrize("token", [pytest.param(token, id=f"token {i}") for i, token in enumerate(forged())])
async def test_nobody_comes_in_without_a_token(url: str, token: Any) -> None:
    assert await Page().turned_away(url, token) == {"message": "invalid", "data": {"code": "invalid"}}


async def test_an_expired_token_is_told_so(url: str, visitor: Visitor) -> None:
    refusal = await Page().turned_away(url, visitor.token(-timedelta(seconds=1)))
    assert refusal == {"message": "expired", "data": {"code": "expired"}}


async def test_a_conversation_that_is_not_there_is_not_entered(url: str, visitor: Visitor) -> None:
    refusal = await Page().turned_away(url, visitor.token(conversation_id="no-such-conversation"))
    assert refusal["data"] == {"code": "invalid"}


async def test_another_conversations_name_in_a_message_changes_nothing(url: str, visitor: Visitor) -> None:
    other = Visitor("visitor-2")
    async with page(url, visitor) as one:
        await one.say("m1", text="在吗", conversation_id=other.conversation_id, sender=other.conversation_id)
        await one.replies(1)
        assert (await one.call("open", conversation_id=other.conversation_id))["conversation_id"] == (
            visitor.conversation_id
        )
    assert other.ledger() == []


async def test_marking_read_does_not_reach_into_another_conversation(url: str, visitor: Visitor) -> None:
    other = Visitor("visitor-2")
    async with page(url, other) as theirs:
        await theirs.say("m1", text="在吗")
        await theirs.replies(1)
    async with page(url, visitor) as one:
        assert await one.call("read", to=2**53 - 1) == {"ok": True}
    assert "read" not in {each.state for each in other.ledger()}


async def test_a_token_is_renewed_while_the_socket_stays_open(
    url: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with page(url, visitor) as one:
        longer = await one.call("renew", token=visitor.token(timedelta(minutes=60)))
        assert longer["ok"]
        for other in (Visitor("visitor-2").token(), visitor.token(visitor_id="visitor-3"), "nonsense", None):
            assert (await one.call("renew", token=other))["code"] == "invalid"
        monkeypatch.setattr(web, "_now", lambda: now() + timedelta(minutes=45))
        assert (await one.say("m1", text="在吗"))["ok"]
        monkeypatch.setattr(web, "_now", lambda: now() + timedelta(minutes=61))
        assert (await one.say("m2", text="在吗"))["code"] == "expired"
        assert (await one.call("open"))["code"] == "expired"


async def test_a_socket_whose_token_has_run_out_is_closed(
    url: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "_GRACE", timedelta(0))
    gone = asyncio.Event()
    short = Page()
    short.client.on("disconnect", gone.set)
    await short.come(url, visitor.token(timedelta(seconds=2)))
    await asyncio.wait_for(gone.wait(), 20)
    await short.leave()


async def test_only_so_many_windows(url: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MOST_SOCKETS", 2)
    async with page(url, visitor), page(url, visitor) as second:
        assert (await Page().turned_away(url, visitor.token()))["data"] == {"code": "too_many"}
        await second.leave()
        while True:
            try:
                third = await Page().come(url, visitor.token())
                break
            except socketio.exceptions.ConnectionError:
                await asyncio.sleep(0.05)
        await third.leave()


async def test_the_same_sender_cannot_flood(url: str, visitor: Visitor) -> None:
    async with page(url, visitor) as one, page(url, Visitor("visitor-2")) as other:
        answers = [await one.say(f"m{number}", text="在吗") for number in range(30)]
        refused = [each for each in answers if not each["ok"]]
        assert {each["code"] for each in refused} == {"too_fast"}
        assert refused[0]["message"]
        # It slows its sender only.
        assert (await other.say("m1", text="在吗"))["ok"]


async def test_events_of_any_kind_are_limited(url: str, visitor: Visitor) -> None:
    async with page(url, visitor) as one:
        answers = [await one.call("typing", on=True) for _ in range(int(web.PACE.at_once) + 10)]
        assert answers[-1]["code"] == "too_fast"


async def test_a_database_that_is_away_is_told_and_the_socket_stays(
    url: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with page(url, visitor) as one:

        def broken(*_: Any, **__: Any) -> Any:
            raise OSError("disk on fire")

        with monkeypatch.context() as patch:
            patch.setattr(web, "history", broken)
            assert (await one.call("open"))["code"] == "busy"
        assert (await one.call("open"))["ok"]


async def test_many_conversations_at_once_each_in_order(url: str, bot: Bot) -> None:
    visitors = [Visitor(f"visitor-{number}") for number in range(20)]

    async def talk(each: Visitor) -> list[str]:
        async with page(url, each) as one:
            for number in range(4):
                assert (await one.say(f"m{number}", text=f"{each.name}第{number}句"))["ok"]
                await one.replies(number + 1)
            return await one.replies(4)

    heard = await asyncio.gather(*map(talk, visitors))
    for each, texts in zip(visitors, heard, strict=True):
        assert texts == [f"收到{each.name}第{number}句" for number in range(4)]
    # A reply is delivered first and the message settled then.
    while unsettled():
        await asyncio.sleep(0.02)


def unsettled() -> list[str]:
    with shop_session(read_only=True) as session:
        states = session.scalars(select(Message.state).where(Message.author == "customer"))
        return [state for state in states if state != "answered"]
