"""Presales: a deposit now, the balance in its window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

BalanceStage = Literal["before", "open", "over"]


@dataclass(frozen=True)
class PresaleTerms:
    """What a piece costs in a presale, and when what is paid.

    Attributes:
        price: The presale price (预售价) of a piece, before the deposit's extra worth.
        deposit: What is paid at once.
        deposit_worth: What the deposit counts for; more than itself where it expands (定金膨胀).
        starts_at: Deposits are taken from here on …
        ends_at: … until just before here.
        balance_from: The balance can be paid from here on …
        balance_until: … until just before here.
    """

    price: Decimal
    deposit: Decimal
    deposit_worth: Decimal
    starts_at: datetime
    ends_at: datetime
    balance_from: datetime
    balance_until: datetime
    ships_by: datetime

    def takes_deposits(self, at: datetime) -> bool:
        """Tells whether somebody can join at a moment."""
        return self.starts_at <= at < self.ends_at

    def balance_stage(self, at: datetime) -> BalanceStage:
        """Tells whether the balance is not yet due, due, or too late."""
        if at < self.balance_from:
            return "before"
        return "open" if at < self.balance_until else "over"

    def within(self, usual_price: Decimal) -> PresaleTerms:
        """The same terms, none of whose amounts is above another that it must not exceed.

        A presale is of a product, of which some variants may be cheaper than others: none
        costs more in it than without it.

        Args:
            usual_price: What the variant costs without the presale.
        """
        price = min(self.price, usual_price)
        worth = min(self.deposit_worth, price)
        deposit = min(self.deposit, worth)
        if (price, deposit, worth) == (self.price, self.deposit, self.deposit_worth):
            return self
        return PresaleTerms(
            price,
            deposit,
            worth,
            self.starts_at,
            self.ends_at,
            self.balance_from,
            self.balance_until,
            self.ships_by,
        )
