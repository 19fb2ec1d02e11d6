"""How messages reach the customers of a channel."""

from __future__ import annotations

from typing import Any, Literal

Showing = Literal["cards", "capsules", "pictures"]

EVERYTHING: frozenset[Showing] = frozenset({"cards", "capsules", "pictures"})


class Delivery:
    """A channel's way out.

    Attributes:
        shows: What the channel can draw; the rest is put into words before it is delivered.
        known_by_id: Whether a client shows a message that comes twice, under the same id, only once.
    """

    shows: frozenset[Showing] = EVERYTHING
    known_by_id: bool = True

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> bool:
        """Delivers one message.

        Args:
            conversation_id: Our name of the conversation.
            message: The message as clients know it, see `sixty/channels/wire_form.py`.

        Returns:
            False when nobody was there: the message waits in the ledger until the customer comes back.

        Raises:
            Exception: It could not be delivered, and shall be tried again.
        """
        raise NotImplementedError

    def in_an_answer(self, conversation_id: str) -> bool:
        """Whether what is said now goes out in the answer to a request that waits, and needs no delivery of its own."""
        return False

    def wants_to_hear(self, of: str) -> bool:
        """Whether the channel does anything when it is told of something, such as `turn_began`."""
        return getattr(type(self), of) is not getattr(Delivery, of)

    async def turn_began(self, conversation_id: str, message_id: int) -> None:
        """The bot has begun to answer a message."""

    async def turn_ended(self, conversation_id: str, message_id: int) -> None:
        """The bot has settled a message."""

    async def person_types(self, conversation_id: str, on: bool) -> None:
        """A person of the shop is writing in the conversation, or has stopped; said again while it goes on."""

    async def state_changed(self, conversation_id: str, state: str) -> None:
        """The conversation has gone to another state, such as `queued`."""
