"""What Rasa publishes to a real RabbitMQ reaches the ledger, at least once there and once here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from rasa.core.brokers.pika import PikaEventBroker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from sixty.channels.event_recorder import EventRecorder
from sixty.channels.event_stream import EventStream, read_event_stream
from sixty.channels.rabbitmq_events import consume_rabbitmq, read_event
from sixty.cli import app
from sixty.desk.handoffs import HandOff
from sixty.dialogue.apology import APOLOGY
from sixty.errors import OperatorError
from sixty.ledger.models import LedgerEvent, Message
from sixty.ledger.receiving import Incoming, receive
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from tests.channels.rabbitmq_server import missing_program, running_rabbitmq
from tests.conftest import _missing

IDLE = 1.5


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[int]:
    reason = missing_program()
    if reason is not None:
        _missing(reason)
    with running_rabbitmq() as port:
        yield port


@pytest.fixture
def stream(rabbitmq: int, tmp_path: Path) -> EventStream:
    """As the endpoints of a deployment say it; each test has a queue of its own."""
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(
        f"""
event_broker:
  type: pika
  url: 127.0.0.1
  port: {rabbitmq}
  username: guest
  password: guest
  exchange_name: {tmp_path.name}
  queues: [{tmp_path.name}]
"""
    )
    return read_event_stream(endpoints)


def event(kind: str, after: float, **more: Any) -> dict[str, Any]:
    return {"event": kind, "sender_id": "chat", "timestamp": 1_800_000_000.0 + after, **more}


def come_in(url: str) -> int:
    with shop_session(url) as session:
        return receive(session, Incoming("chat", "web", text="多少钱"), datetime.now(timezone.utc)).message.id


def turn(message_id: int) -> list[dict[str, Any]]:
    parsed = {"intent": {"name": "ask_price", "confidence": 0.9}, "entities": []}
    return [
        event("user", 0, text="多少钱", message_id=str(message_id), parse_data=parsed),
        event("action", 1, name="action_tell_price"),
        event("slot", 2, name="product_no", value="GZ2101"),
        event("action", 3, name=APOLOGY),
    ]


async def publish(stream: EventStream, events: Sequence[dict[str, Any]]) -> None:
    """As Rasa does it."""
    config = EndpointConfig(stream.address, type="pika", **stream.options)
    broker = await PikaEventBroker.from_endpoint_config(config)
    assert broker is not None
    for each in events:
        broker.publish(each)
    await asyncio.gather(*broker._background_tasks)
    await broker.close()


async def put_raw(stream: EventStream, body: bytes) -> None:
    connection = await aio_pika.connect(host="127.0.0.1", port=stream.options["port"], login="guest", password="guest")
    async with connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(body), stream.source)


async def consume(stream: EventStream, url: str, recorder: Any = None) -> int:
    recorder = recorder or EventRecorder(partial(shop_session, url))
    return await asyncio.wait_for(consume_rabbitmq(stream, recorder, asyncio.Event(), idle=IDLE), 60)


def rows(url: str) -> list[LedgerEvent]:
    with shop_session(url) as session:
        return list(session.scalars(select(LedgerEvent).order_by(LedgerEvent.at)))


async def test_what_rasa_publishes_reaches_the_ledger(stream: EventStream, database_url: str) -> None:
    message_id = come_in(database_url)
    await publish(stream, turn(message_id))
    assert await consume(stream, database_url) == 4
    with shop_session(database_url) as session:
        told = session.get(Message, message_id)
        assert told is not None
        assert told.actions == ["action_tell_price", APOLOGY]
        assert told.understood is not None
        handoff = session.scalars(select(HandOff)).one()
        assert (handoff.reason, handoff.question) == ("action_failed", "多少钱")


async def test_what_is_published_twice_and_what_is_no_event_does_no_harm(
    stream: EventStream, database_url: str
) -> None:
    message_id = come_in(database_url)
    await publish(stream, turn(message_id)[:2])
    for odd in (b"no json", b"[]", b"", b'{"event": 7}', json.dumps(turn(message_id)[0]).encode()):
        await put_raw(stream, odd)
    await publish(stream, turn(message_id)[:3])
    assert await consume(stream, database_url) == 3
    assert await consume(stream, database_url) == 0
    assert [each.kind for each in rows(database_url)] == ["user", "action", "slot"]


class Dying:
    """Writes and then dies before the broker is told."""

    def __init__(self, recorder: EventRecorder) -> None:
        self._recorder = recorder

    def record(self, events: Sequence[dict[str, Any]]) -> int:
        self._recorder.record(events)
        raise KeyError("the process is gone")


async def test_a_consumer_that_dies_after_writing_loses_and_doubles_nothing(
    stream: EventStream, database_url: str
) -> None:
    message_id = come_in(database_url)
    await publish(stream, turn(message_id))
    with pytest.raises(KeyError):
        await consume(stream, database_url, Dying(EventRecorder(partial(shop_session, database_url))))
    assert len(rows(database_url)) == 4
    # They were not acknowledged, so they come again, and are known.
    seen: list[dict[str, Any]] = []

    class Watching(EventRecorder):
        def record(self, events: Any) -> int:
            seen.extend(events)
            return super().record(events)

    assert await consume(stream, database_url, Watching(partial(shop_session, database_url))) == 0
    assert len(seen) == 4
    assert len(rows(database_url)) == 4
    with shop_session(database_url) as session:
        assert len(session.scalars(select(HandOff)).all()) == 1


class Away:
    """A database that is away for a moment."""

    def __init__(self, recorder: EventRecorder, failures: int) -> None:
        self._recorder, self.failures = recorder, failures

    def record(self, events: Sequence[dict[str, Any]]) -> int:
        if self.failures:
            self.failures -= 1
            raise OperationalError("INSERT", {}, Exception("away"))
        return self._recorder.record(events)


async def test_a_database_that_is_away_for_a_moment_loses_nothing(stream: EventStream, database_url: str) -> None:
    message_id = come_in(database_url)
    await publish(stream, turn(message_id))
    away = Away(EventRecorder(partial(shop_session, database_url)), failures=1)
    assert await consume(stream, database_url, away) == 4
    assert away.failures == 0


async def test_a_consumer_that_is_stopped_gives_back_what_it_could_not_write(
    stream: EventStream, database_url: str
) -> None:
    message_id = come_in(database_url)
    await publish(stream, turn(message_id))
    stop = asyncio.Event()
    away = Away(EventRecorder(partial(shop_session, database_url)), failures=10**6)
    consuming = asyncio.ensure_future(consume_rabbitmq(stream, away, stop))  # type: ignore[arg-type]
    while away.failures == 10**6:
        await asyncio.sleep(0.05)
    stop.set()
    assert await asyncio.wait_for(consuming, 30) == 0
    assert await consume(stream, database_url) == 4


async def test_a_connection_that_is_cut_is_made_anew_and_nothing_is_missing(
    stream: EventStream, database_url: str
) -> None:
    """The consumer reaches RabbitMQ through a line that is cut in the middle of the turn."""
    message_id = come_in(database_url)
    lines: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", stream.options["port"])
        lines.extend((writer, back))
        await asyncio.gather(carry(reader, back), carry(there, writer))

    async with await asyncio.start_server(connect, "127.0.0.1", 0) as line:
        port = line.sockets[0].getsockname()[1]
        through = EventStream("pika", stream.address, {**stream.options, "port": port})
        stop = asyncio.Event()
        recorder = EventRecorder(partial(shop_session, database_url))
        consuming = asyncio.ensure_future(consume_rabbitmq(through, recorder, stop))
        await publish(stream, turn(message_id)[:2])
        await until(lambda: len(rows(database_url)) == 2)
        for each in lines:
            each.transport.abort()
        await publish(stream, turn(message_id))
        await until(lambda: len(rows(database_url)) == 4)
        stop.set()
        assert await asyncio.wait_for(consuming, 30) == 4


async def until(done: Callable[[], bool]) -> None:
    for _ in range(600):
        if await asyncio.to_thread(done):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"{", b"[" * 100_000, "半".encode("gbk")])
def test_what_is_no_event_is_passed_over(body: bytes) -> None:
    assert read_event(body) is None


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("nlg: {type: x}", "no event_broker"),
        ("event_broker: {type: sixty.channels.ledger_broker.LedgerBroker}", "writes them itself"),
        ("event_broker: {type: sql, url: x}", "type be pika or kafka"),
        ("event_broker: {type: kafka}", "no url"),
        ("event_broker: [", "cannot be read"),
    ],
)
def test_endpoints_without_a_stream_are_told_what_is_missing(tmp_path: Path, said: str, wrong: str) -> None:
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(said)
    with pytest.raises(OperatorError, match=wrong):
        read_event_stream(endpoints)


@pytest.mark.parametrize(
    ("queues", "source"),
    [
        ("", "sixty_ledger"),
        ("queues: one", "one"),
        ("queues: [one, two]", "one"),
        ("queues: [one, sixty_ledger]", "sixty_ledger"),
    ],
)
def test_the_queue_is_its_own_where_it_has_one(tmp_path: Path, queues: str, source: str) -> None:
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(f"event_broker:\n  url: localhost\n  {queues}\n")
    assert read_event_stream(endpoints).source == source


def test_the_command_writes_what_has_come(
    stream: EventStream, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = come_in(database_url)
    asyncio.run(publish(stream, turn(message_id)))
    for name, value in (("DATABASE_URL", database_url), ("VAR", tmp_path), ("ENDPOINTS", tmp_path / "endpoints.yml")):
        monkeypatch.setenv(f"SIXTY_{name}", str(value))
    get_settings.cache_clear()
    try:
        result = CliRunner().invoke(app, ["ledger", "consume", "--idle", str(IDLE)])
    finally:
        get_settings.cache_clear()
    assert result.exit_code == 0, result.output
    assert "4 new events" in result.stdout
    assert len(rows(database_url)) == 4
