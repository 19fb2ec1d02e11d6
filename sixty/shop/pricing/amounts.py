"""Amounts in whole fen, which the engine counts in, and how they are rounded and shared.

Prices come in and go out as `Decimal` yuan. In between the engine counts fen as whole
numbers: exact, and fast enough for many combinations.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache


# Amounts come again and again, and never change.
@lru_cache(maxsize=1 << 16)
def fen(amount: Decimal) -> int:
    """Returns an amount in yuan as whole fen.

    Raises:
        ValueError: The amount is finer than a fen, or no number.
    """
    scaled = amount.scaleb(2) if amount.is_finite() else amount
    if not amount.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is no amount in whole fen")
    return int(scaled)


@lru_cache(maxsize=1 << 16)
def yuan(count: int) -> Decimal:
    """Returns whole fen as an amount in yuan, with two decimals."""
    return Decimal(count).scaleb(-2)


def at_rate(amount: int, rate: Decimal) -> int:
    """Takes a price to a rate (0.85 is 8.5折), rounded to the fen, half a fen up.

    It is rounded once a piece, as shops show it: two pieces at 0.5 折 of 0.33 cost twice
    the rounded price, not the rounded double.
    """
    return int((Decimal(amount) * rate).quantize(Decimal(1), ROUND_HALF_UP))


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Spreads an amount over lines in proportion to their weights, to the last fen.

    The method of the largest remainder (Hamilton's): everybody gets the whole fen of their
    quota `total × weight ÷ sum`; the fen that are left over go to the largest remainders, of
    equal ones to the larger weight, then to the earlier line. As a share is never above its
    quota rounded up, a total up to the sum of the weights gives nobody more than their weight.

    Args:
        total: What is to be spread, in fen, not negative.
        weights: What each line counts, not negative.

    Returns:
        A share a line, which add up to `total`; nothing for anybody when all weights are zero.
    """
    whole = sum(weights)
    if not whole or not total:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    if left:
        order = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), -weights[at], at))
        for at in order[:left]:
            shares[at] += 1
    return shares


def spread_yuan(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Spreads an amount in yuan; see `spread`."""
    return [yuan(share) for share in spread(fen(total), [fen(weight) for weight in weights])]


def share_of_pieces(share: Decimal, quantity: int, pieces: int, returned_before: int = 0) -> Decimal:
    """What is paid back for some pieces of a line.

    The pieces of a line are paid back one after the other, each for the difference that it
    makes to the rounded-down running sum; so all of them together give exactly the share.

    Args:
        share: What was paid for the whole line.
        quantity: How many pieces the line has.
        pieces: How many come back now.
        returned_before: How many have come back already.

    Raises:
        ValueError: More pieces than the line has.
    """
    if pieces < 0 or returned_before < 0 or returned_before + pieces > quantity:
        raise ValueError(f"{pieces} after {returned_before} of {quantity} pieces cannot come back")
    paid = fen(share)
    return yuan(paid * (returned_before + pieces) // quantity - paid * returned_before // quantity)
