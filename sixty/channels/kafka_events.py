"""Reads Rasa's events from Kafka: every event at least once, and committed when it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from sixty.channels.event_recorder import EventRecorder
from sixty.channels.event_stream import EventStream
from sixty.channels.patience import written_at_last
from sixty.channels.rabbitmq_events import read_event
from sixty.errors import OperatorError

_log = structlog.get_logger(__name__)

GROUP = "sixty-ledger"
_MOST_AT_ONCE = 200
_POLL_SECONDS = 0.5
_SASL = ("sasl_username", "sasl_password", "sasl_mechanism")
_TLS = {
    "ssl_cafile": "ssl.ca.location",
    "ssl_certfile": "ssl.certificate.location",
    "ssl_keyfile": "ssl.key.location",
}


def client_settings(stream: EventStream, group: str = GROUP) -> dict[str, Any]:
    """The client's settings for the options that Rasa's broker has in the endpoints.

    Raises:
        OperatorError: The security protocol is none.
    """
    options = stream.options
    protocol = str(options.get("security_protocol") or "SASL_PLAINTEXT").upper()
    if protocol not in ("PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL"):
        raise OperatorError(
            f"security_protocol {protocol!r} of the event_broker is none of PLAINTEXT, SASL_PLAINTEXT, SSL, SASL_SSL"
        )
    address = stream.address
    settings: dict[str, Any] = {
        "bootstrap.servers": address if isinstance(address, str) else ",".join(address),
        "group.id": group,
        "security.protocol": protocol,
        "auto.offset.reset": "earliest",
        # An offset is committed when its event is written, not when it has been fetched.
        "enable.auto.commit": False,
    }
    if protocol.startswith("SASL"):
        settings |= {name.replace("_", "."): options[name] for name in _SASL if options.get(name) is not None}
        settings.setdefault("sasl.mechanism", "PLAIN")
    if protocol.endswith("SSL"):
        settings |= {known: options[name] for name, known in _TLS.items() if options.get(name) is not None}
        if options.get("ssl_check_hostname"):
            settings["ssl.endpoint.identification.algorithm"] = "https"
        else:
            settings["ssl.endpoint.identification.algorithm"] = "none"
    return settings


def connect(settings: Mapping[str, Any]) -> Any:
    """Makes a client of Kafka."""
    import confluent_kafka

    return confluent_kafka.Consumer(dict(settings))


async def consume_kafka(
    stream: EventStream,
    recorder: EventRecorder,
    stop: asyncio.Event,
    idle: float | None = None,
    connecting: Callable[[Mapping[str, Any]], Any] = connect,
) -> int:
    """Writes events as they come, until it is stopped.

    Args:
        stream: Where Kafka is.
        recorder: Writes the events.
        stop: Ends it; what is not yet written comes again.
        idle: Ends it also after so many seconds without an event.
        connecting: Makes the client.

    Returns:
        How many events were new.
    """
    client = connecting(client_settings(stream))
    client.subscribe([stream.source])
    new, quiet = 0, 0.0
    try:
        while not stop.is_set() and (idle is None or quiet < idle):
            records = await asyncio.to_thread(client.consume, _MOST_AT_ONCE, _POLL_SECONDS)
            events = []
            for record in records:
                if record.error() is not None:
                    # The client goes on by itself after all that it can mend.
                    _log.warning("ledger.kafka", error=str(record.error()))
                elif (event := read_event(record.value())) is not None:
                    events.append(event)
            quiet = 0.0 if records else quiet + _POLL_SECONDS
            written = await written_at_last(recorder, events, stop) if events else 0
            if written is None:
                break
            new += written
            if any(record.error() is None for record in records):
                await asyncio.to_thread(_commit, client)
    finally:
        await asyncio.to_thread(client.close)
    return new


def _commit(client: Any) -> None:
    from confluent_kafka import KafkaException

    try:
        client.commit(asynchronous=False)
    except KafkaException as error:
        _log.warning("ledger.kafka_not_committed", error=str(error))  # They come again, and are known.
