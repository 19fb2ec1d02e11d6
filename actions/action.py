"""What every action has at hand: the turn, the shop's database, and a way to say things."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, TypeVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.cards import Card
from actions.offer import Offer
from sixty.card_text import as_text
from sixty.context import Context
from sixty.desk.conversations import context_of
from sixty.shop.catalogue import find_product
from sixty.shop.current_variants import CurrentVariants, current_variants
from sixty.shop.database import shop_session
from sixty.shop.gateways.chosen import catalogue_gateway, order_gateway
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.ports import CatalogueGateway, OrderGateway, Reading
from sixty.shop.models import Product
from sixty.shop.orders import Viewer
from sixty.shop.wording import say_span

_Read = TypeVar("_Read")

_PRODUCT_PAYLOAD = re.compile(r'/inform\{"product":"(?P<no>[^"]+)"\}')
# `rasa shell` shows a card as raw JSON; there it becomes text.
_CHANNELS_WITHOUT_CARDS = frozenset({"cmdline"})


def latest(value: Any) -> Any:
    """The last of several values that one message gave for a slot."""
    return value[-1] if isinstance(value, list) and value else value


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _within(entity: dict[str, Any], clause: dict[str, Any]) -> bool:
    """Whether an entity stands in the clause that another one spans."""
    return bool(clause.get("start", 0) <= entity.get("start", -1) < clause.get("end", 0))


@dataclass
class Turn:
    """One turn of a conversation, as an action sees it."""

    dispatcher: CollectingDispatcher
    tracker: Tracker
    session: Session
    now: datetime = field(default_factory=lambda: _now())
    # The question that is answered now, where a message holds two or leans on an earlier one.
    question: str | None = None
    # What was given for it in an earlier message, by entity.
    carried: Mapping[str, str] = field(default_factory=dict)
    # Whether the session may write.
    writes: bool = False
    _age_told: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Reads who is talking: only what the front door has written of the conversation counts."""
        self.context: Context | None = context_of(self.session, self.tracker.sender_id, self.now)
        self.viewer = Viewer(self.tracker.sender_id, self.context.customer_id if self.context else None)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that may write: the turn's own, else a short one beside it, so that reading takes no lock."""
        if self.writes:
            yield self.session
        else:
            with shop_session() as session:
                yield session

    @property
    def orders(self) -> OrderGateway:
        """The orders of the shop's system, our own tables or the merchant's."""
        return order_gateway(self.session, self.now)

    @property
    def catalogue(self) -> CatalogueGateway:
        """The stock and prices of the shop's system, our own tables or the merchant's."""
        return catalogue_gateway(self.session, self.now)

    def variants_of(self, product: Product) -> CurrentVariants:
        """A product's variants as they are now; how old they are, the customer is told once a turn where it matters."""
        found = current_variants(self.session, self.catalogue, product, self.now)
        if found.stale and not self._age_told:
            known = f"{say_span(self.now - found.as_of)}前的信息" if found.as_of else "店里登记的"
            self.say(f"库存和价格系统这会儿连不上，先按{known}跟您说，最终以下单页面为准～")
            self._age_told = True
        return found

    def told(self, reading: Reading[_Read]) -> _Read:
        """What a system has said; how old it is, the customer is told once a turn where it could not be asked now."""
        if reading.stale and not self._age_told:
            age = say_span(self.now - reading.read_at)
            self.say(f"订单系统这会儿连不上，以下是{age}前的信息，最新情况稍后再帮您看～")
            self._age_told = True
        return reading.value

    @property
    def channel(self) -> str:
        """Name of the channel that the customer is in."""
        return str(self.tracker.get_latest_input_channel() or "")

    @property
    def intent(self) -> str:
        """What the customer's latest message means, or the one of its two questions that is answered now."""
        if self.question is not None:
            return self.question
        return str((self.tracker.latest_message.get("intent") or {}).get("name") or "")

    @property
    def level(self) -> str | None:
        """The customer's level, for prices."""
        return self.context.level if self.context else None

    def slot(self, name: str) -> Any:
        """A slot's value, the last one where the customer gave several."""
        return latest(self.tracker.get_slot(name))

    @property
    def text(self) -> str:
        """The customer's latest message."""
        return str(self.tracker.latest_message.get("text") or "")

    def entity(self, name: str) -> str | None:
        """The last entity of that name that is given for the question answered now."""
        values = self.entities(name)
        return values[-1] if values else self.carried.get(name)

    def entities(self, name: str) -> list[str]:
        """The entities of that name in the latest message, where it holds two questions in the one answered now."""
        entities = self.tracker.latest_message.get("entities") or []
        named = [entity for entity in entities if entity.get("entity") == name]
        second = next((entity for entity in entities if entity.get("entity") == "second_question"), None)
        if second is not None and name != "second_question":
            of_second = self.question is not None
            own = [entity for entity in named if _within(entity, second) == of_second]
            # A product, a colour or a size may be meant for both; an attribute is one question's own.
            named = own if own or name == "attribute" else named
        return [str(entity["value"]) for entity in named]

    def product(self) -> Product | None:
        """The product that the conversation is about: named by the customer, else the page they came from."""
        number = self._chosen() or self.slot("product_no") or (self.context.product_no if self.context else None)
        return find_product(self.session, str(number)) if number else None

    def _chosen(self) -> str | None:
        """The product that "第二个" picks from those that the bot has just offered."""
        position = self.entity("ordinal")
        if position is None or not str(self.slot("awaiting") or "").startswith("product_"):
            return None
        for event in reversed(self.tracker.events):
            payloads = [button.get("payload", "") for button in (event.get("data") or {}).get("buttons") or []]
            offered = [found["no"] for payload in payloads if (found := _PRODUCT_PAYLOAD.fullmatch(payload))]
            if offered:
                index = int(position) - 1 if int(position) > 0 else len(offered) + int(position)
                return offered[index] if 0 <= index < len(offered) else None
        return None

    def say(self, text: str, outcome: str = "answered", buttons: Iterable[dict[str, str]] = (), **more: Any) -> None:
        """Says a line.

        Args:
            text: The line.
            outcome: What it counts as in replays and reports.
            buttons: What may be tapped.
            more: What is kept with the message, such as `push`: that the bot offers something by itself.
        """
        self.dispatcher.utter_message(text=text, buttons=list(buttons), outcome=outcome, question=self.question, **more)

    def respond(self, response: str, **known: str) -> None:
        """Says a response of the domain.

        Args:
            response: Its name.
            known: What fills its gaps, and what outweighs the slots of the same names in its conditions: the region of
                the order at hand rather than the customer's own.
        """
        self.dispatcher.utter_message(response=response, question=self.question, **known)

    def show(self, card: Card, **more: Any) -> None:
        """Shows a card, as text where the channel has none; what more is given is kept with the message."""
        if self.channel in _CHANNELS_WITHOUT_CARDS:
            self.dispatcher.utter_message(text=as_text(card), outcome="answered", question=self.question, **more)
        else:
            kept = {"outcome": "answered", "question": self.question, **more}
            self.dispatcher.utter_message(json_message={"card": card}, **kept)

    def push(self, offer: Offer) -> None:
        """Shows capsules that nobody asked for, where there are some to show."""
        if offer.questions:
            lead = "您可能还想问：" if self.channel in _CHANNELS_WITHOUT_CARDS else None
            self.dispatcher.utter_message(text=lead, **offer.said())


class ShopAction(Action, ABC):
    """An action that talks to the shop, off the action server's event loop.

    It always returns at least one event (`awaiting`), by which `ApologyPolicy` tells an action that ran from one
    that failed.
    """

    # Reading takes no lock; an action that writes says so.
    writes = False

    @abstractmethod
    def answer(self, turn: Turn) -> list[EventType]:
        """Says what there is to say.

        Returns:
            Events; one that sets `awaiting` when the bot now waits for something. Without it nothing is awaited.
        """

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Opens a session and answers; where the merchant's system gives no answer, says so and hands over."""
        try:
            return await asyncio.to_thread(self._run, dispatcher, tracker)
        except GatewayError as error:
            from actions.out_of_reach import shop_out_of_reach  # it builds on this module

            return await asyncio.to_thread(shop_out_of_reach, dispatcher, tracker, error)

    def _run(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        with shop_session(read_only=not self.writes) as session:
            events = self.answer(Turn(dispatcher, tracker, session, writes=self.writes))
        if any(event.get("event") == "slot" and event.get("name") == "awaiting" for event in events):
            return events
        return [*events, SlotSet("awaiting", None)]
