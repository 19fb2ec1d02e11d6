"""What things cost, and why: a pure engine, and what it is told by the shop's tables and playbook."""

from sixty.shop.pricing.basket import MEMBER_LEVELS, STRANGER, Allowance, Basket, BasketLine, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.explanation import Payment, Quote, Step, Unused, rows
from sixty.shop.pricing.presale import PresaleTerms
from sixty.shop.pricing.promotions import Promotion, Scope
from sixty.shop.pricing.rules import Rules
from sixty.shop.pricing.stacking import Stacking

__all__ = [
    "MEMBER_LEVELS",
    "STRANGER",
    "Allowance",
    "Basket",
    "BasketLine",
    "Buyer",
    "Payment",
    "PresaleTerms",
    "Promotion",
    "Quote",
    "Rules",
    "Scope",
    "Stacking",
    "Step",
    "Unused",
    "price_basket",
    "rows",
]
