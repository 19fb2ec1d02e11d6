"""How far one flow is in a conversation: what has been given, the order it is about, and what the policy says of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import EventType, SlotSet

from actions.action import Turn
from sixty.shop.deeds.deed import DeedRecord
from sixty.shop.deeds.details import OF_ONE_ARTICLE
from sixty.shop.deeds.kinds import AFTER_SALES, DeedKind
from sixty.shop.gateways.normal_form import Order, OrderLine
from sixty.shop.policies.asking import verdict_for
from sixty.shop.policies.causes import CAUSES
from sixty.shop.policies.verdicts import Verdict

if TYPE_CHECKING:
    from actions.flows.flow import Flow

# The slots that hold factors, in the order of the domain. `order_no` outlives a flow: it is what the talk is about.
FACTOR_SLOTS = (
    "order_no",
    "phone_tail",
    "article",
    "service",
    "cause",
    "detail",
    "contact",
    "tax_no",
    "day",
    "picture",
    "confirmed",
)
_ORDERS_LOOKED_AT = 20


@dataclass
class Case:
    """A flow at work.

    Attributes:
        turn: The turn.
        flow: Which flow.
        values: What is known of its factors, by slot.
        serial: Tells this run of the flow from others of the conversation, so that a deed is done once.
        misses: Lines in a row that brought the flow nothing.
    """

    turn: Turn
    flow: Flow
    values: dict[str, Any]
    serial: str
    misses: int = 0
    # What the policy said before the deed; afterwards it may say that it was asked for already.
    granted: tuple[Verdict, ...] = field(default=(), init=False)
    _orders: tuple[Order, ...] | None = field(default=None, init=False)
    _order: Order | None = field(default=None, init=False)

    @classmethod
    def read(cls, turn: Turn) -> Case | None:
        """The flow that the conversation is in, from its slots; None when it is in none."""
        from actions.flows.known import flow_named  # the flows build on this module

        kept = turn.slot("flow")
        flow = flow_named(str(kept.get("name"))) if isinstance(kept, dict) else None
        if flow is None:
            return None
        values = {slot: turn.slot(slot) for slot in FACTOR_SLOTS}
        # Rasa fills the slot with any long number that is written; whether it is an order is for `WhichOrder` to say.
        values["order_no"] = kept.get("order_no", values["order_no"])
        # A list is a value of its own here: several articles.
        values["article"] = turn.tracker.get_slot("article")
        # Rasa fills this slot with any phone number that is written; what proves an order is for `Proof` to say.
        values["phone_tail"] = None
        return cls(turn, flow, values, str(kept.get("serial")), int(kept.get("misses") or 0))

    @classmethod
    def begin(cls, turn: Turn, flow: Flow) -> Case:
        """A fresh run of a flow; what the talk was about before stays known."""
        said = f"{turn.tracker.sender_id}|{turn.now.isoformat()}|{flow.name}"
        serial = hashlib.blake2s(said.encode(), digest_size=8).hexdigest()
        case = cls(turn, flow, dict.fromkeys(FACTOR_SLOTS), serial)
        kept = turn.slot("flow")
        if isinstance(kept, dict) and kept.get("name") == flow.name:
            case.values.update(kept.get("offered") or {})
        case.values["order_no"] = turn.slot("order_no")
        just_given = turn.entity("order_no") is not None
        if not just_given and not case._may_be_about(case.order):
            case.values["order_no"] = None
        return case

    def events(self) -> list[EventType]:
        """The slots as they are to be kept."""
        order_no = self.values["order_no"]
        kept = {"name": self.flow.name, "serial": self.serial, "misses": self.misses, "order_no": order_no}
        return [SlotSet("flow", kept), *(SlotSet(slot, value) for slot, value in self.values.items())]

    @staticmethod
    def offer(flow: Flow, **known: Any) -> list[EventType]:
        """A flow is offered with what is known of its factors already; the customer's yes begins it."""
        return [SlotSet("flow", {"name": flow.name, "offered": known}), SlotSet("awaiting", "deed_offer")]

    @staticmethod
    def forget() -> list[EventType]:
        """The flow is over: its slots are free for the next one."""
        return [SlotSet("flow", None), *(SlotSet(slot, None) for slot in FACTOR_SLOTS if slot != "order_no")]

    @property
    def orders(self) -> tuple[Order, ...]:
        """The viewer's orders, the newest first."""
        if self._orders is None:
            self._orders = self.turn.told(self.turn.orders.orders_of(self.turn.viewer, _ORDERS_LOOKED_AT))
        return self._orders

    @property
    def candidates(self) -> list[Order]:
        """Those of them that the flow suits, the likelier ones where there are any."""
        suiting = [order for order in self.orders if self.flow.suits(order, self.turn.now)]
        return [order for order in suiting if self.flow.prefers(order, self)] or suiting

    def _may_be_about(self, order: Order | None) -> bool:
        """Whether the order that the talk was about is likely to be meant: it suits, and no other is likelier."""
        if order is None or not self.flow.suits(order, self.turn.now):
            return False
        return self.flow.prefers(order, self) or order.no in [each.no for each in self.candidates]

    @property
    def order(self) -> Order | None:
        """The order that the flow is about, if it is the viewer's."""
        number = self.values["order_no"]
        if number is None:
            return None
        if self._order is None or self._order.no != number:
            self._order = self.turn.told(self.turn.orders.order_for(str(number), self.turn.viewer))
        return self._order

    @property
    def positions(self) -> tuple[int, ...]:
        """Positions of the lines that are meant, counted from 1; none where the whole order is."""
        order = self.order
        if order is None or not self.of_one_article:
            return ()
        if len(order.lines) == 1:
            return (1,)
        chosen = self.values["article"]
        return tuple(int(position) for position in chosen) if isinstance(chosen, list) else ()

    @property
    def of_one_article(self) -> bool:
        """Whether the deed is about single articles of the order rather than the whole of it."""
        return self.kind in OF_ONE_ARTICLE | AFTER_SALES

    @property
    def lines(self) -> tuple[OrderLine, ...]:
        """The lines that are meant; all of them where the whole order is."""
        order = self.order
        if order is None:
            return ()
        return tuple(order.lines[position - 1] for position in self.positions) or order.lines

    @property
    def goods(self) -> str:
        """What the flow is about, in words: 卡其工装裤 L."""
        names = [f"{line.name}{' ' + line.sku_text if line.sku_text else ''}" for line in self.lines]
        return names[0] if len(names) == 1 else f"{names[0]}等{len(names)}件" if names else ""

    @property
    def kind(self) -> DeedKind:
        """The deed that this case ends in."""
        return self.flow.kind(self)

    @property
    def cause(self) -> str:
        """Why, in a word of the policies; `other` where the customer told it in words of their own."""
        given = str(self.values["cause"] or "")
        return given if given in CAUSES or not given else "other"

    def verdicts(self) -> list[Verdict]:
        """What the policy says, for every article that is meant; nothing before the order is known."""
        if self.flow.needs_order and self.order is None:
            return []
        turn = self.turn
        return [
            verdict_for(turn.session, self.kind, self.order, turn.now, position, self.cause, details, turn.viewer)
            for details in self.flow.each(self)
            for position in self.positions or (None,)
        ]

    @property
    def asked_before(self) -> tuple[DeedRecord, ...]:
        """The deeds of this kind that people carry out for this order, or article, already; the newest first."""
        order = self.order
        if not self.flow.followed_up or (self.flow.needs_order and order is None):
            return ()
        wanted: tuple[int | None, ...] = (None, *self.positions)
        records = self.turn.orders.deeds_of(self.turn.viewer, order.no if order is not None else None)
        return tuple(
            each
            for each in records
            if each.kind == self.kind and each.state == "accepted" and (each.line in wanted or not self.positions)
        )

    @property
    def under_way(self) -> DeedRecord | None:
        """The newest of them, while the time that was promised for it has not passed."""
        newest = next(iter(self.asked_before), None)
        running = newest is not None and (newest.promised_at is None or newest.promised_at >= self.turn.now)
        return newest if running else None

    @property
    def broken_promise(self) -> DeedRecord | None:
        """The newest of them, when the time that was promised for it has passed."""
        newest = next(iter(self.asked_before), None)
        return newest if newest is not None and self.under_way is None else None

    def key(self, position: int | None, number: int = 0) -> str:
        """By which the shop's system does this case's deed once, however often it is asked."""
        return f"{self.serial}-{position or 0}{f'-{number}' if number else ''}"
