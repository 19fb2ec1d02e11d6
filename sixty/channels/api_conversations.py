"""Which conversation a merchant's server means, and who it says is in it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from sixty.channels.api_requests import ApiMessage, ApiRefusalError
from sixty.channels.front_door import FrontDoor
from sixty.desk.conversations import (
    NOBODY,
    AnotherCustomerError,
    Conversation,
    Where,
    Who,
    begin,
    find,
    opened_on,
    recognise,
)
from sixty.shop.models import Customer

CHANNEL = "api"
KNOWN_FOR = timedelta(hours=24)
"""How long a customer counts as known after the merchant's server has said who it is."""

_REMEMBERED = 10_000
# Another server may have written something else since.
_REMEMBERED_FOR = timedelta(seconds=30)


def external_id(key: str, conversation: str) -> str:
    """What the caller's conversation is called among those of all callers."""
    return f"{key}:{conversation}"


@dataclass(frozen=True)
class _Known:
    """What was written last of a conversation, so that the next message need not write it again."""

    conversation_id: str
    who: Who
    where: Where | None
    at: datetime


class ApiConversations:
    """Finds and begins the conversations of merchants' servers."""

    def __init__(self, door: FrontDoor) -> None:
        """Writes by way of that door."""
        self._door = door
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def of(self, key: str, message: ApiMessage, now: datetime) -> str:
        """The id of a message's conversation, which begins with its first message.

        Raises:
            ApiRefusalError: The conversation belongs to another customer.
        """
        name = external_id(key, message.conversation)
        known = self._known.get(name)
        if known is not None and _says_nothing_new(message, known, now):
            self._known.move_to_end(name)
            return known.conversation_id
        try:
            written = await self._door.write(lambda session: _write(session, name, message, now))
        except AnotherCustomerError:
            detail = "this conversation belongs to another customer; give each customer a conversation of their own"
            raise ApiRefusalError(409, "another_customer", detail) from None
        self._known[name] = written
        self._known.move_to_end(name)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return written.conversation_id

    def forget(self, key: str, message: ApiMessage) -> None:
        """Looks the conversation up anew next time."""
        self._known.pop(external_id(key, message.conversation), None)


def _says_nothing_new(message: ApiMessage, known: _Known, now: datetime) -> bool:
    if message.signed_out or now - known.at > _REMEMBERED_FOR:
        return False
    if message.entry is not None and _where(message) != known.where:
        return False
    if message.customer is None:
        return True
    who = known.who
    said = message.customer
    return said.id == who.customer_id and said.level in (None, who.level) and said.region in (None, who.region)


def _write(session: Session, name: str, message: ApiMessage, now: datetime) -> _Known:
    who = _who(session, message, now)
    where = _where(message) if message.entry is not None else None
    conversation, new = begin(session, CHANNEL, now, external_id=name, who=who, where=where or Where())
    if not new:
        if message.customer is not None or message.signed_out:
            recognise(session, conversation.id, who)
        if where is not None:
            opened_on(session, conversation.id, where)
        if message.customer is None and not message.signed_out:
            who = _who_is_there(conversation)
    return _Known(conversation.id, who, where, now)


def _who_is_there(conversation: Conversation) -> Who:
    if conversation.customer_id is None or conversation.known_until is None:
        return NOBODY
    return Who(conversation.customer_id, conversation.level, conversation.region, conversation.known_until)


def _who(session: Session, message: ApiMessage, now: datetime) -> Who:
    if message.customer is None:
        return NOBODY
    said = message.customer
    who = Who(said.id, said.level, said.region, now + KNOWN_FOR)
    if said.level and said.region:
        return who
    known: Customer | None = session.get(Customer, said.id)
    if known is None:
        return who
    return replace(who, level=said.level or known.level, region=said.region or known.region or None)


def _where(message: ApiMessage) -> Where:
    entry = message.entry or "shop"
    return Where(
        entry,
        product_no=message.product or None if entry == "product" else None,
        order_no=message.order or None if entry == "order" else None,
    )


def find_conversation(session: Session, key: str, conversation: str) -> Conversation | None:
    """The conversation that a caller calls so."""
    return find(session, CHANNEL, external_id(key, conversation))
