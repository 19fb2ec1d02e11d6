"""What a product costs this customer: with their level, their allowance and their red packets."""

from __future__ import annotations

from actions.action import Turn
from sixty.shop.models import Product
from sixty.shop.prices import PriceCard, price_card
from sixty.shop.pricing.offers import UnknownCustomerError


def prices_for(turn: Turn, product: Product, spec: str | None = None, *, current: bool = False) -> PriceCard:
    """The prices of a product for the customer of this turn.

    Args:
        turn: The turn; who is talking was signed by our own server.
        product: The product.
        spec: Only variants of this spec.
        current: Whether the merchant's system is asked for the prices that hold now: for the one product that was
            asked about. A list is not worth a call for each of its products.

    Raises:
        NoPriceError: The product has no variant.
    """
    # A product that the merchant's system does not know has the prices that our tables say.
    variants = turn.variants_of(product).variants or None if current else None
    try:
        return price_card(turn.session, product, turn.level, turn.now, customer_of(turn), spec, variants)
    except UnknownCustomerError:
        # Customers of the merchant's own system hold nothing here; their level was signed all the same.
        return price_card(turn.session, product, turn.level, turn.now, spec=spec, variants=variants)


def customer_of(turn: Turn) -> str | None:
    """Whose credits count; nobody's for a visitor."""
    return turn.viewer.customer_id
