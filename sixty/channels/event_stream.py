"""Which of Rasa's own event brokers a deployment has, as its endpoints say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sixty.errors import OperatorError

DEFAULT_QUEUE = "sixty_ledger"
DEFAULT_TOPIC = "rasa_core_events"


@dataclass(frozen=True)
class EventStream:
    """Where events can be read.

    Attributes:
        kind: RabbitMQ, which Rasa calls pika, or Kafka.
        address: The broker's `url` of the endpoints.
        options: All other keys of `event_broker`, as Rasa's broker takes them.
    """

    kind: Literal["pika", "kafka"]
    address: Any
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The queue or topic that is read."""
        if self.kind == "kafka":
            return str(self.options.get("topic") or DEFAULT_TOPIC)
        queues = self.options.get("queues") or [DEFAULT_QUEUE]
        names = [queues] if isinstance(queues, str) else [str(each) for each in queues]
        return DEFAULT_QUEUE if DEFAULT_QUEUE in names else names[0]


def read_event_stream(endpoints: Path) -> EventStream:
    """Reads the `event_broker` of the endpoints, with its variables filled in as Rasa does.

    Raises:
        OperatorError: There is none that can be read from outside.
    """
    from rasa.shared.exceptions import RasaException
    from rasa.utils.endpoints import read_endpoint_config

    try:
        config = read_endpoint_config(str(endpoints), "event_broker")
    except (RasaException, ValueError, OSError) as error:
        raise OperatorError(f"{endpoints.name} cannot be read: {' '.join(str(error).split())}") from None
    if config is None:
        raise OperatorError(f"{endpoints.name} has no event_broker: give it one of type pika or kafka")
    kind = (config.type or "pika").lower()
    if kind not in ("pika", "kafka"):
        raise OperatorError(
            f"The event_broker of {endpoints.name} is {config.type}, which has no events to be read from outside. "
            "LedgerBroker writes them itself; for a consumer, let type be pika or kafka"
        )
    if not config.url:
        raise OperatorError(f"The event_broker of {endpoints.name} has no url: say where the broker is")
    return EventStream("pika" if kind == "pika" else "kafka", config.url, config.kwargs)
