"""What Rasa publishes to Kafka reaches the ledger; Kafka itself is played at its client's edge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import partial
from typing import Any

import confluent_kafka
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from sixty.channels.event_recorder import EventRecorder
from sixty.channels.event_stream import EventStream
from sixty.channels.kafka_events import GROUP, client_settings, connect, consume_kafka
from sixty.errors import OperatorError
from sixty.ledger.models import LedgerEvent, Message
from sixty.ledger.receiving import Incoming, receive
from sixty.shop.database import shop_session

PLAIN = {"security_protocol": "PLAINTEXT", "topic": "events"}


class FakeRecord:
    def __init__(self, value: bytes | None, error: str | None = None) -> None:
        self._value, self._error = value, error

    def value(self) -> bytes | None:
        return self._value

    def error(self) -> str | None:
        return self._error


class FakeKafka:
    """A topic with one partition: hands out from the offset that was committed last."""

    def __init__(self, records: Sequence[FakeRecord], refuse_commits: int = 0) -> None:
        self.records = list(records)
        self.committed = self.position = 0
        self.refuse_commits = refuse_commits
        self.topics: list[str] = []
        self.closed = 0
        self.settings: Mapping[str, Any] = {}

    def connect(self, settings: Mapping[str, Any]) -> FakeKafka:
        self.settings = settings
        self.position = self.committed
        return self

    def subscribe(self, topics: list[str]) -> None:
        self.topics = topics

    def consume(self, num_messages: int, timeout: float) -> list[FakeRecord]:
        found = self.records[self.position : self.position + min(num_messages, 2)]
        self.position += len(found)
        return found

    def commit(self, *, asynchronous: bool) -> None:
        assert not asynchronous
        if self.refuse_commits:
            self.refuse_commits -= 1
            raise confluent_kafka.KafkaException(confluent_kafka.KafkaError(confluent_kafka.KafkaError._NO_OFFSET))
        self.committed = self.position

    def close(self) -> None:
        self.closed += 1


def turn(message_id: int) -> list[FakeRecord]:
    frame = {"sender_id": "chat", "timestamp": 1_800_000_000.0}
    parsed = {"intent": {"name": "ask_price", "confidence": 0.9}, "entities": []}
    events = [
        {**frame, "event": "user", "text": "多少钱", "message_id": str(message_id), "parse_data": parsed},
        {**frame, "event": "action", "timestamp": 1_800_000_001.0, "name": "action_tell_price"},
        {**frame, "event": "slot", "timestamp": 1_800_000_002.0, "name": "product_no", "value": "GZ2101"},
    ]
    return [FakeRecord(json.dumps(each).encode()) for each in events]


@pytest.fixture
def message_id(database_url: str) -> int:
    with shop_session(database_url) as session:
        return receive(session, Incoming("chat", "web", text="多少钱"), datetime.now(timezone.utc)).message.id


async def consume(kafka: FakeKafka, url: str, recorder: Any = None) -> int:
    stream = EventStream("kafka", "localhost:9092", PLAIN)
    recorder = recorder or EventRecorder(partial(shop_session, url))
    work = consume_kafka(stream, recorder, asyncio.Event(), idle=1.0, connecting=kafka.connect)
    return await asyncio.wait_for(work, 60)


def written(url: str) -> list[str]:
    with shop_session(url) as session:
        return [each.kind for each in session.scalars(select(LedgerEvent).order_by(LedgerEvent.at))]


async def test_what_rasa_publishes_reaches_the_ledger(database_url: str, message_id: int) -> None:
    odd = [FakeRecord(None), FakeRecord(b"no json"), FakeRecord(None, error="a broker is away")]
    kafka = FakeKafka([*turn(message_id), *odd, *turn(message_id)])
    assert await consume(kafka, database_url) == 3
    assert (kafka.topics, kafka.closed, kafka.committed) == (["events"], 1, len(kafka.records))
    with shop_session(database_url) as session:
        told = session.get(Message, message_id)
        assert told is not None
        assert told.actions == ["action_tell_price"]
    assert await consume(kafka, database_url) == 0


async def test_what_could_not_be_committed_comes_again_and_is_known(database_url: str, message_id: int) -> None:
    kafka = FakeKafka(turn(message_id), refuse_commits=99)
    assert await consume(kafka, database_url) == 3
    assert kafka.committed == 0
    kafka.refuse_commits = 0
    assert await consume(kafka, database_url) == 0
    assert kafka.committed == 3
    assert written(database_url) == ["user", "action", "slot"]


async def test_nothing_is_committed_before_it_is_written(database_url: str, message_id: int) -> None:
    class Away:
        def record(self, events: object) -> int:
            raise OperationalError("INSERT", {}, Exception("away"))

    kafka = FakeKafka(turn(message_id))
    stop = asyncio.Event()
    stream = EventStream("kafka", "localhost:9092", PLAIN)
    consuming = asyncio.ensure_future(consume_kafka(stream, Away(), stop, connecting=kafka.connect))  # type: ignore[arg-type]
    while kafka.position == 0:
        await asyncio.sleep(0.02)
    stop.set()
    assert await asyncio.wait_for(consuming, 30) == 0
    assert (kafka.committed, kafka.closed) == (0, 1)
    assert await consume(kafka, database_url) == 3


def test_the_options_of_rasas_broker_become_the_clients() -> None:
    options = {"security_protocol": "sasl_ssl", "sasl_username": "u", "sasl_password": "p", "ssl_cafile": "ca.pem"}
    settings = client_settings(EventStream("kafka", ["a:1", "b:2"], options))
    assert settings["bootstrap.servers"] == "a:1,b:2"
    assert (settings["security.protocol"], settings["sasl.mechanism"]) == ("SASL_SSL", "PLAIN")
    assert (settings["sasl.username"], settings["sasl.password"]) == ("u", "p")
    assert settings["ssl.ca.location"] == "ca.pem"
    assert (settings["group.id"], settings["enable.auto.commit"]) == (GROUP, False)


def test_a_wrong_security_protocol_is_told() -> None:
    with pytest.raises(OperatorError, match="PLAINTXT"):
        client_settings(EventStream("kafka", "a:1", {"security_protocol": "plaintxt"}))


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL"])
@pytest.mark.parametrize("check", [True, False])
def test_the_real_client_takes_the_settings(protocol: str, check: bool) -> None:
    options = {"security_protocol": protocol, "sasl_username": "u", "sasl_password": "p", "ssl_check_hostname": check}
    client = connect(client_settings(EventStream("kafka", "127.0.0.1:1", options)))
    client.close()
