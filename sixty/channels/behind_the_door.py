"""Puts any of Rasa's own connectors behind the front door, by one small subclass.

    class SlackChannel(BehindTheDoor, SlackInput):
        shows = frozenset({"capsules", "pictures"})

The connector goes on receiving and sending as it always has; between the two stands the door. See `docs/channels.md`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint
from sqlalchemy.orm import Session

from sixty.channels.arrival import Arrival
from sixty.channels.delivery import Delivery, Showing
from sixty.channels.front_door import FrontDoor, front_door
from sixty.channels.refusal import Refused
from sixty.channels.turns import OnNewMessage
from sixty.desk.conversations import Conversation, begin
from sixty.identity.capsule_tokens import read_tap
from sixty.settings import get_settings

_REMEMBERED = 20_000
_LONGEST_SENDER = 160
# Rasa's channels send buttons only below a text.
_LEAD = "您可能还想问："

_log = structlog.get_logger(__name__)


class BehindTheDoor(InputChannel):
    """A mixin, named before the connector that it goes in front of.

    Attributes:
        shows: What the connector can draw. Where nothing is said, everything is put into words, which every channel
            can say.
        known_by_id: Whether the platform shows a message that it is sent twice only once.
    """

    shows: frozenset[Showing] = frozenset()
    known_by_id: bool = False

    _door: FrontDoor
    _way_out: PlatformDelivery

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The connector's own routes, with the door in the place of Rasa."""
        self._door = front_door(on_new_message)
        self._way_out = PlatformDelivery(self, self._door)
        self._door.serve(self.name(), self._way_out)
        routes: Blueprint = super().blueprint(self.let_in)
        self._door.attach(routes)
        return routes

    async def let_in(self, message: UserMessage) -> None:
        """Takes what the connector has received, in the place of Rasa's handler.

        Raises:
            Refused: The database is away, and the platform will send the message again.
        """
        arrival = await self.arrival(message)
        if arrival is None:
            return
        self._way_out.remember(arrival.conversation_id, message.output_channel)
        try:
            await self._door.take(arrival)
        except Refused as refused:
            if refused.code == "busy" and arrival.client_id is not None:
                raise
            await self._way_out.say(arrival.conversation_id, refused.text)

    async def arrival(self, message: UserMessage) -> Arrival | None:
        """What the connector has received, as the door takes it; a subclass may know better.

        Args:
            message: As the connector made it: text, or the payload of a tapped button, which is one of our tokens.

        Returns:
            The arrival; None for what is nothing to answer.
        """
        sender = str(message.sender_id)
        if len(sender) > _LONGEST_SENDER:
            return None
        conversation_id = await self.conversation(sender)
        text = message.text or ""
        # Whatever else the connector's metadata may say, nobody trusts it.
        client_id = (message.metadata or {}).get("client_id")
        if read_tap(get_settings().secret, conversation_id, text) is not None:
            return Arrival(conversation_id, tap=text, client_id=client_id)
        return Arrival(conversation_id, text, client_id=client_id)

    async def conversation(self, sender: str) -> str:
        """Our own name of the conversation that the platform calls so."""
        return await self._way_out.conversation(sender)

    def response(self, message: dict[str, Any]) -> dict[str, Any]:
        """A message as Rasa's output channels take it; a subclass may add what its platform understands.

        Args:
            message: As in `sixty/channels/wire_form.py`, with no more than what the channel `shows`.
        """
        response: dict[str, Any] = {}
        buttons = [{"title": each["title"], "payload": each["tap"]} for each in message.get("capsules") or ()]
        if message.get("text") or buttons:
            response["text"] = message.get("text") or _LEAD
        if buttons:
            response["buttons"] = buttons
        if message.get("image"):
            response["image"] = message["image"]
        return response


class PlatformDelivery(Delivery):
    """The way out through a connector's own output channel."""

    def __init__(self, channel: BehindTheDoor, door: FrontDoor) -> None:
        """Makes the way out of a channel."""
        self.shows = channel.shows
        self.known_by_id = channel.known_by_id
        self._channel = channel
        self._door = door
        self._ours: OrderedDict[str, str] = OrderedDict()
        self._theirs: OrderedDict[str, str] = OrderedDict()
        self._outputs: OrderedDict[str, OutputChannel] = OrderedDict()

    async def conversation(self, sender: str) -> str:
        """Our name of a conversation; it begins with its first message."""
        known = self._ours.get(sender)
        if known is not None:
            return known
        name, now = self._channel.name(), self._door.now()

        def found(session: Session) -> str:
            return begin(session, name, now, external_id=sender)[0].id

        conversation_id = await self._door.write(found)
        _keep(self._ours, sender, conversation_id)
        _keep(self._theirs, conversation_id, sender)
        return conversation_id

    def remember(self, conversation_id: str, output: OutputChannel | None) -> None:
        """Keeps the output channel that came with a message, for connectors that make none by themselves."""
        if output is not None:
            _keep(self._outputs, conversation_id, output)

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> bool:
        """Sends a message as the connector does.

        Raises:
            ConnectionError: The connector can only answer, and nothing has come in since the server began.
        """
        output = self._outputs.get(conversation_id) or self._channel.get_output_channel()
        if output is None:
            raise ConnectionError(f"{self._channel.name()} can only answer")
        response = self._channel.response(message)
        if response:
            await output.send_response(await self._sender(conversation_id), response)
        return True

    async def say(self, conversation_id: str, text: str) -> None:
        """Says a line that is in no ledger, such as why a message was not taken."""
        try:
            await self.deliver(conversation_id, {"text": text})
        except Exception as error:
            _log.warning("channel.not_told", channel=self._channel.name(), error=type(error).__name__)

    async def _sender(self, conversation_id: str) -> str:
        known = self._theirs.get(conversation_id)
        if known is not None:
            return known

        def found(session: Session) -> str | None:
            conversation: Conversation | None = session.get(Conversation, conversation_id)
            return conversation.external_id if conversation else None

        sender = await self._door.read(found)
        if sender is None:
            raise ConnectionError("the platform has no such conversation")
        _keep(self._theirs, conversation_id, sender)
        return sender


def _keep(memory: OrderedDict[str, Any], key: str, value: Any) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)
