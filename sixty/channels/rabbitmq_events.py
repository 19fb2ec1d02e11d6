"""Reads Rasa's events from RabbitMQ: every event at least once, and acknowledged when it is written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractRobustConnection
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from rasa.core.brokers.pika import PikaEventBroker

from sixty.channels.event_recorder import EventRecorder
from sixty.channels.event_stream import EventStream
from sixty.channels.patience import written_at_last

_log = structlog.get_logger(__name__)

_MOST_AT_ONCE = 200
_GATHERING_SECONDS = 0.05


class _Connecting(PikaEventBroker):
    """Rasa's broker knows how to reach RabbitMQ; as a reader we need only its connection."""

    async def open(self) -> AbstractRobustConnection:
        connection: AbstractRobustConnection = await self._connect()
        return connection

    async def bind(self, channel: AbstractChannel) -> None:
        await self._set_up_exchange(channel)


async def consume_rabbitmq(
    stream: EventStream, recorder: EventRecorder, stop: asyncio.Event, idle: float | None = None
) -> int:
    """Writes events as they come, until it is stopped.

    Exchange, queue and binding are made as Rasa makes them, so either may be started first.

    Args:
        stream: Where RabbitMQ is.
        recorder: Writes the events.
        stop: Ends it, after what has been taken is written.
        idle: Ends it also after so many seconds without an event.

    Returns:
        How many events were new.

    Raises:
        AMQPError: RabbitMQ refuses, or could not be reached for as long as the endpoints' `connection_attempts` say.
    """
    broker = _Connecting(stream.address, **{**stream.options, "queues": [stream.source]})
    connection = await broker.open()
    taken: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    new = 0
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=2 * _MOST_AT_ONCE)
        await broker.bind(channel)
        queue = await channel.declare_queue(stream.source, durable=True)
        await queue.consume(taken.put)
        while not stop.is_set():
            batch = await _next(taken, stop, idle)
            if not batch:
                if idle is not None:
                    break
                continue
            written = await written_at_last(recorder, _read(batch), stop)
            if written is None:
                break
            new += written
            try:
                for message in batch:
                    await message.ack()
            except (AMQPError, ChannelInvalidStateError, RuntimeError):
                _log.warning("ledger.connection_lost", unacknowledged=len(batch))  # They come again, and are known.
    return new


async def _next(
    taken: asyncio.Queue[AbstractIncomingMessage], stop: asyncio.Event, idle: float | None
) -> list[AbstractIncomingMessage]:
    waiting = asyncio.ensure_future(taken.get())
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({waiting, stopped}, timeout=idle, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not waiting.done():
        waiting.cancel()
        return []
    batch = [waiting.result()]
    await asyncio.sleep(_GATHERING_SECONDS)
    while len(batch) < _MOST_AT_ONCE and not taken.empty():
        batch.append(taken.get_nowait())
    return batch


def _read(batch: Sequence[AbstractIncomingMessage]) -> list[dict[str, Any]]:
    return [event for message in batch if (event := read_event(message.body)) is not None]


def read_event(body: bytes | str | None) -> dict[str, Any] | None:
    """Reads what a broker carries; None for what is no event, which would come again for ever if it were refused."""
    try:
        event = json.loads(body or b"")
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        _log.error("ledger.no_event", size=len(body or b""))
        return None
    return event
