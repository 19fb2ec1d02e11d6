"""Whatever is sent to a web socket: a well-formed frame comes through, everything else gets an answer."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.channels import web_frames
from sixty.channels.web import EVENTS, WebChannel
from sixty.channels.web_frames import LARGEST_FRAME, MOST_WRONG_FRAMES, FrameJson, WrongFrameError, read_frame
from sixty.desk.conversations import begin
from sixty.identity.visitor_tokens import VisitorToken, issue_visitor_token
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from tests.channels.real_server import Bot, serving


def code_of(raw: object) -> tuple[str, int | None]:
    with pytest.raises(WrongFrameError) as caught:
        read_frame(raw)
    return caught.value.code, caught.value.ack


def test_well_formed_frames() -> None:
    connect = read_frame('0{"token":"x"}')
    assert (connect.type, connect.data) == (0, {"token": "x"})
    assert read_frame("0").data == {}
    assert read_frame("0/,{}").type == 0
    assert read_frame("1").type == 1
    event = read_frame('27["say",{"id":"m1","text":"你好"}]')
    assert (event.type, event.ack, event.event, event.data) == (2, 7, "say", {"id": "m1", "text": "你好"})
    assert read_frame('2["open"]').data == {}
    assert read_frame('2["say",{"attachment":{"kind":"location","latitude":30.5}}]').event == "say"


@pytest.mark.parametrize(
    ("raw", "code", "ack"),
    [
        ("", "malformed", None),
        ("2", "malformed", None),
        ("27", "malformed", 7),
        ("2{}", "malformed", None),
        ("27[]", "malformed", 7),
        ("27[1]", "malformed", 7),
        ('27["say"', "malformed", 7),
        ('27["say",1]', "malformed", 7),
        ('27["say",{},{}]', "malformed", 7),
        ('27["say",{"text":["x"]}]', "malformed", 7),
        ('27["say",{"attachment":{"kind":{"deep":1}}}]', "malformed", 7),
        ('27["say",{"text":NaN}]', "malformed", 7),
        ('27["say",' + "[" * 20_000 + "]", "malformed", 7),
        ('27["say",{"a":' + '{"a":' * 10_000 + "1" + "}" * 10_001 + "]", "malformed", 7),
        ('2/admin,7["say",{}]', "malformed", 7),
        ('51-["say",{"_placeholder":true,"num":0}]', "malformed", None),
        ('4{"message":"x"}', "malformed", None),
        ("9", "malformed", None),
        ("２７[]", "malformed", None),
        ("2" + "9" * 40 + '["say",{}]', "malformed", None),
        ('27["say",{"text":"' + "x" * LARGEST_FRAME + '"}]', "too_big", 7),
        ('27["say",{"text":"' + "长" * (LARGEST_FRAME // 3) + '"}]', "too_big", 7),
        (b"bytes", "malformed", None),
        ({"a": 1}, "malformed", None),
        (None, "malformed", None),
    ],
)
def test_other_frames_are_told_apart(raw: object, code: str, ack: int | None) -> None:
    assert code_of(raw) == (code, ack)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.one_of(st.text(), st.binary(), _json, st.builds(lambda number, data: f"2{number}{data}", _json, _json)))
def test_nothing_raises_anything_else(raw: object) -> None:
    try:
        frame = read_frame(raw)
    except WrongFrameError as wrong:
        assert wrong.code in ("malformed", "too_big")  # noqa: PT017 - one or the other
    else:
        assert frame.type in (0, 1, 2, 3)


@given(st.text(min_size=1, max_size=20), st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=4))
def test_what_is_written_is_read(event: str, data: dict[str, str]) -> None:
    frame = read_frame("25" + FrameJson.dumps([event, data]))
    assert (frame.event, frame.data, frame.ack) == (event, data, 5)


pytestmark = pytest.mark.usefixtures("shop_url")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving([WebChannel()], Bot()) as address:
        yield address


@pytest.fixture
def token() -> str:
    with shop_session() as session:
        conversation_id = begin(session, "web", datetime.now(timezone.utc), visitor_id="v")[0].id
    later = datetime.now(timezone.utc) + timedelta(minutes=5)
    return issue_visitor_token(VisitorToken("v", conversation_id, later), get_settings().secret)


class Wire:
    """A bare web socket, which sends whatever it likes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def next(self) -> str | None:
        """The next frame that is no ping; None when the server has hung up."""
        while True:
            heard = await self.socket.receive(timeout=30)
            if heard.type is not aiohttp.WSMsgType.TEXT:
                return None
            if heard.data == "2":
                await self.socket.send_str("3")
                continue
            return str(heard.data)

    async def ask(self, frame: str, number: int = 7) -> Any:
        """Sends a frame and reads the acknowledgement."""
        await self.socket.send_str(frame)
        while True:
            heard = await self.next()
            assert heard is not None, "the server has hung up"
            if heard.startswith(f"43{number}["):
                return json.loads(heard[len(f"43{number}") :])[0]
            if heard.startswith('42["refused"'):
                return json.loads(heard[2:])[1]

    async def alive(self) -> bool:
        return bool((await self.ask('4299["open",{"after":0}]', 99))["ok"])


@pytest.fixture
async def wire(url: str, token: str) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as http:
        address = url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address, max_msg_size=0) as socket:
            bare = Wire(socket)
            assert str(await bare.next()).startswith("0{")
            await socket.send_str(f'40{{"token":"{token}"}}')
            assert str(await bare.next()).startswith("40{")
            yield bare


WRONG = [
    "4",
    "42",
    "427[",
    '427["say"]]',
    '427["nothing",{}]',
    '427["connect",{}]',
    '427["disconnect",{}]',
    '427["say",{"id":"m","text":{"deep":{"deep":1}}}]',
    '427["say",' + "[" * 30_000,
    "4" + "[" * 30_000,
    "4" + '{"a":' * 10_000,
    '427["say",{"text":"' + "x" * LARGEST_FRAME + '"}]',
    "4" + "x" * (5 * LARGEST_FRAME),
    '451-["say",{"_placeholder":true,"num":0}]',
    "x",
    "b!!!",
    "９",
    "",
]


@pytest.mark.parametrize("frame", WRONG, ids=[re.sub(r"\W+", " ", each[:24]) for each in WRONG])
async def test_a_wrong_frame_is_answered_and_the_socket_stays(wire: Wire, frame: str) -> None:
    answer = await wire.ask(frame)
    assert (answer["ok"], answer["code"] in ("malformed", "too_big", "unknown_event")) == (False, True)
    assert re.search(r"[\u4e00-\u9fff]", answer["message"])
    assert await wire.alive()


async def test_bytes_are_answered_too(wire: Wire) -> None:
    await wire.socket.send_bytes(b"\x00\xff")
    assert '"malformed"' in str(await wire.next())
    assert await wire.alive()


async def test_whoever_sends_nothing_else_is_hung_up_on(wire: Wire) -> None:
    for _ in range(MOST_WRONG_FRAMES + 2):
        await wire.socket.send_str("427[")
    while await wire.next() is not None:
        pass


async def test_whoever_never_says_who_they_are_is_hung_up_on(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_frames, "SECONDS_TO_CONNECT", 0.3)
    async with aiohttp.ClientSession() as http:
        address = url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address) as socket:
            silent = Wire(socket)
            assert str(await silent.next()).startswith("0{")
            while await silent.next() is not None:
                pass


async def test_nothing_is_heard_before_the_token(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        address = url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address) as socket:
            stranger = Wire(socket)
            await stranger.next()
            assert (await stranger.ask('427["say",{"id":"m1","text":"x"}]'))["code"] == "invalid"


ODD = [
    {},
    {"id": "m1"},
    {"id": "", "text": "x"},
    {"id": "m" * 65, "text": "x"},
    {"id": "中文", "text": "x"},
    {"id": 7, "text": "x"},
    {"id": "m1", "text": 7},
    {"id": "m1", "tap": 7},
    {"id": "m1", "opened": "yes"},
    {"id": "m1", "opened": False},
    {"id": "m1", "text": "x", "tap": "y"},
    {"id": "m1", "attachment": "no-such-upload"},
    {"id": "m1", "attachment": {"kind": "picture", "url": "https://a.example/1.png"}},
    {"id": "m1", "attachment": {"kind": "location", "latitude": 1, "longitude": 1, "url": "x"}},
    {"id": "m1", "attachment": 7},
]


async def test_a_message_that_is_none_is_told_what_is_wrong(wire: Wire) -> None:
    for data in ODD:
        answer = await wire.ask("427" + FrameJson.dumps(["say", data]))
        assert (answer["ok"], answer["code"]) == (False, "malformed"), data
        assert answer["detail"]
    odd = [("open", {"after": -1}), ("open", {"after": "1"}), ("open", {"before": True}), ("read", {"to": 2**60})]
    for event, data in [*odd, ("typing", {}), ("typing", {"on": "yes"}), ("read", {"to": 1.5})]:
        assert (await wire.ask("427" + FrameJson.dumps([event, data])))["code"] == "malformed", (event, data)
    assert await wire.alive()


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "\ud800", "🙂" * 500, "\u202e\u2066", " ", "\r\n", "％s％n", "{{x}}"]
)
async def test_odd_characters_break_nothing(wire: Wire, text: str) -> None:
    said = json.dumps(["say", {"id": "m1", "text": text}])
    answer = await wire.ask(f"427{said}")
    assert answer["ok"] or answer["code"] in ("empty", "too_long")
    assert await wire.alive()


_values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=10), st.lists(st.integers(), max_size=2), st.just({})
)
_names = st.sampled_from(["id", "text", "tap", "attachment", "opened", "after", "before", "to", "on", "token"])


async def test_made_up_events_are_all_answered(wire: Wire) -> None:
    """Hypothesis makes up what the events carry; each is answered, and the socket lives."""
    events: list[tuple[str, dict[str, Any]]] = []

    @given(st.sampled_from(sorted(EVENTS)), st.dictionaries(_names, _values, max_size=4))
    def make_up(event: str, data: dict[str, Any]) -> None:
        events.append((event, data))

    make_up()
    answers = [await wire.ask("427" + json.dumps(list(each))) for each in events[:45]]
    assert all(isinstance(answer["ok"], bool) for answer in answers)
    assert all(answer["ok"] or answer["message"] for answer in answers)


async def test_the_log_knows_no_token_and_no_words(
    wire: Wire, token: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        await wire.ask('427["say",{"id":"m1","text":"我的手机是13800138000"}]')
        for frame in (
            "yx",
            '427["say"]]x',
            '427["x",{}]',
            '427["say",{"id":"m","text":["x"]}]',
            "4x",
            "4" + "x" * 9_000,
        ):
            await wire.socket.send_str(frame.replace("x", "13800138000"))
        await wire.ask(f'427["renew",{{"token":"{token}"}}]')
        await wire.ask('427["say",{"id":"m2","text":"13800138000"')
    said = caplog.text + "".join(capsys.readouterr())
    for private in ("13800138000", token, token.rpartition(".")[2]):
        assert private not in said
