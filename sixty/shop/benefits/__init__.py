"""What a shop gives in order to win a customer (利益点): goods, services, coupons, within stock, budget and limits."""

from sixty.shop.benefits.about import About
from sixty.shop.benefits.bargaining import Said, Step, next_step, said_so_far
from sixty.shop.benefits.benefit import Benefit, BenefitPlan
from sixty.shop.benefits.choosing import Offer, choose
from sixty.shop.benefits.ending import expire_due, mark_used, revoke
from sixty.shop.benefits.granting import Granted, Refused, grant, settle
from sixty.shop.benefits.holding import Held, held_by
from sixty.shop.benefits.kinds import Authority, SituationKind
from sixty.shop.benefits.offers import accept, decline, offer, open_offer
from sixty.shop.benefits.reading import read_benefits, shop_benefits

__all__ = [
    "About",
    "Authority",
    "Benefit",
    "BenefitPlan",
    "Granted",
    "Held",
    "Offer",
    "Refused",
    "Said",
    "SituationKind",
    "Step",
    "accept",
    "choose",
    "decline",
    "expire_due",
    "grant",
    "held_by",
    "mark_used",
    "next_step",
    "offer",
    "open_offer",
    "read_benefits",
    "revoke",
    "said_so_far",
    "settle",
    "shop_benefits",
]
