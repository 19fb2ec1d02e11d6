"""Rasa's responses, by the variation that fits best (see `sixty/dialogue/variations.py`).

Named in `endpoints.yml` as `nlg`. Beyond what Rasa's own generator does, it leaves out what is not true yet or any
more, takes a list of values in a condition as "any of them", and prefers the most specific variation: with Rasa's own,
a channel's default beats an answer that was written for this customer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import structlog
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from sixty.dialogue.variations import Variation, fitting, read_variation

_log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(timezone.utc)


class FittingResponses(TemplatedNaturalLanguageGenerator):
    """Says the variation of a response that fits the customer, the channel and the moment."""

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,
        domain: Domain | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Creates the generator as Rasa does for a class that `endpoints.yml` names."""
        self._clock = clock
        super().__init__(domain.responses if domain else {})

    @property
    def responses(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The domain's responses; Rasa sets them again with every model that it loads."""
        return self._responses

    @responses.setter
    def responses(self, responses: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._responses = responses
        self._variations = {name: _read(name, variations) for name, variations in responses.items()}

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Generates a response.

        The channel is the one that the customer writes in, by the name that `credentials.yml` knows: behind Rasa's REST
        channel the output has another one.
        """
        channel = tracker.get_latest_input_channel() or output_channel
        generated: dict[str, Any] | None = await super().generate(utter_action, tracker, channel, **kwargs)
        return generated

    def generate_from_slots(
        self, utter_action: str, filled_slots: dict[str, Any], output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Generates a response; what an action says of the matter at hand outweighs what the slots know."""
        generated: dict[str, Any] | None = super().generate_from_slots(
            utter_action, {**filled_slots, **kwargs}, output_channel, **kwargs
        )
        return generated

    def _random_response_for(
        self, utter_action: str, output_channel: str, filled_slots: dict[str, Any]
    ) -> Mapping[str, Any] | None:
        fit = fitting(self._variations.get(utter_action, ()), filled_slots, output_channel, self._clock())
        return random.choice(fit).content if fit else None  # noqa: S311


def _read(name: str, contents: Sequence[Mapping[str, Any]]) -> tuple[Variation, ...]:
    found = []
    for content in contents:
        try:
            found.append(read_variation(content))
        except ValueError as error:
            # `sixty validate` says where. Until it is mended the response's other variations answer.
            _log.error("response.left_out", response=name, reason=str(error))
    return tuple(found)
