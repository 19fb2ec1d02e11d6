"""From a basket, a customer and a moment to the final price with its explanation.

The engine is pure: it is given everything and asks nobody. A price comes about in this order:

1. Every line begins at its list price.
2. The articles' own prices (`item_prices`): the usual price, a presale with what its deposit
   is worth, the better of member price and timed discount, bundle prices, pieces at a
   discount. Prices are rounded to the fen for each piece.
3. What counts for the order (`combination`): cuts, coupons, allowance, red packets, in the
   shop's order and by its rules of stacking; of what the customer may use, the combination
   that takes off most. What each takes off is spread over its lines to the last fen.
4. Gifts, then postage, which depends on what is paid for the goods.

What is bought in a presale is paid when its balance is due, so the promotions of that moment
count for it, and it makes a payment of its own. A coupon that an earlier payment has used is
gone; so is the allowance that was spent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sixty.shop.pricing.basket import STRANGER, Basket, BasketLine, Buyer
from sixty.shop.pricing.explanation import Payment, Quote, Unused
from sixty.shop.pricing.payment import Spent, count_payment
from sixty.shop.pricing.promotions import Promotion
from sixty.shop.pricing.rules import USUAL_RULES, Rules


def price_basket(
    basket: Basket,
    at: datetime,
    promotions: Iterable[Promotion] = (),
    buyer: Buyer = STRANGER,
    rules: Rules = USUAL_RULES,
    coupons: Iterable[str] | None = None,
) -> Quote:
    """Works out what a basket costs.

    Args:
        basket: What is bought.
        at: When, with its zone.
        promotions: Everything that the shop offers, running or not, and the customer's own
            red packets.
        buyer: Who buys.
        rules: The shop's rules.
        coupons: The codes of the coupons and red packets that the customer insists on: those
            that can be used are, and no others. None leaves the choice to the engine.

    Returns:
        The final price. It is never below zero, nor are the goods ever above their list
        price; the lines' shares add up to the goods.

    Raises:
        ValueError: The moment has no zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"a moment needs its zone: {at!r}")
    offers = tuple(promotions)
    wanted = None if coupons is None else frozenset(coupons)
    strangers = (wanted or frozenset()) - {offer.code for offer in offers if offer.is_claimed}
    together: dict[tuple[datetime, bool, datetime], list[BasketLine]] = {}
    for line in basket:
        held = _in_presale(line, at)
        together.setdefault(_paid_with(held, at), []).append(held)
    payments: list[Payment] = []
    unused: dict[tuple[str, str], Unused] = {}
    spent = Spent()
    for (moment, *_), lines in sorted(together.items(), key=lambda item: item[0]):
        counted = count_payment(lines, at, moment, offers, buyer, rules, wanted, spent)
        payments.append(counted.payment)
        spent = counted.spent
        for note in counted.unused:
            # Nobody asked for what was only left out of the engine's own choice.
            if wanted is not None or note.reason not in ("not_running", "not_covered"):
                unused.setdefault((note.kind or "", note.code), note)
    used = {(step.kind, step.code) for payment in payments for step in payment.steps}
    return Quote(
        at,
        tuple(payments),
        (
            *(note for key, note in sorted(unused.items(), key=lambda item: item[0]) if key not in used),
            *(Unused(None, code, code, "unknown") for code in sorted(strangers)),
        ),
    )


def _in_presale(line: BasketLine, at: datetime) -> BasketLine:
    """The line with its presale where that holds, without it where it doesn't."""
    terms = line.presale
    if terms is None:
        return line
    if at < terms.balance_until if line.deposit_paid else terms.takes_deposits(at):
        return replace(line, presale=terms.within(line.price))
    return replace(line, presale=None, deposit_paid=False)


def _paid_with(line: BasketLine, at: datetime) -> tuple[datetime, bool, datetime]:
    """When a line is paid, whether its deposit is, until when: lines that agree are paid together."""
    terms = line.presale
    if terms is None:
        return at, False, at
    return max(at, terms.balance_from), line.deposit_paid, terms.balance_until
