"""Which of the playbook's situations hold in a turn: the phase, the kind of customer, the page they came by."""

from __future__ import annotations

from functools import cached_property

from actions.action import Turn
from sixty.shop.customer_kinds import CUSTOMER_KINDS, OF_ORDERS, kinds_of
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Order
from sixty.shop.pricing.phases import PhaseName


class Moment:
    """Answers whether a situation holds; a customer's orders are read once, and only where they decide."""

    def __init__(self, turn: Turn, phase: PhaseName | None) -> None:
        """Looks at nothing yet.

        Args:
            turn: The turn.
            phase: The phase of a campaign that it is in.
        """
        self._turn = turn
        self.phase = phase

    def __call__(self, situation: str) -> bool:
        """Whether it holds; a kind of customer that nobody can tell now does not."""
        if situation == self.phase:
            return True
        if situation == f"{self.entry}_page":
            return True
        if situation in OF_ORDERS and self._orders is None:
            return False
        return situation in CUSTOMER_KINDS and situation in kinds_of(self._turn.level, self._orders or ())

    @property
    def entry(self) -> str:
        """The page by which the customer came in."""
        return self._turn.context.entry if self._turn.context else "shop"

    @property
    def has_no_orders(self) -> bool:
        """Whether this is a customer who is known, and known to have none."""
        return self._turn.viewer.customer_id is not None and self._orders == ()

    @cached_property
    def _orders(self) -> tuple[Order, ...] | None:
        """The customer's newest orders; None where the shop's system gives no answer."""
        try:
            return self._turn.orders.orders_of(self._turn.viewer).value
        except GatewayError:
            # A button more or less is worth no apology.
            return None
