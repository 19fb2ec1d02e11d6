"""The words in which benefits are spoken of."""

from __future__ import annotations

from typing import Literal, get_args

BenefitKind = Literal["goods", "service", "coupon"]
SituationKind = Literal["bargaining", "hesitating", "won_back", "complaint", "silence"]
Authority = Literal["bot", "agent", "supervisor"]
GrantState = Literal["held", "granted", "used", "revoked", "expired"]
Answer = Literal["open", "taken", "declined"]
StepKind = Literal["reasons", "benefit", "last_word"]
Span = Literal["ever", "month", "week", "day"]

BENEFIT_KINDS: tuple[BenefitKind, ...] = get_args(BenefitKind)

SITUATIONS: dict[SituationKind, str] = {
    "bargaining": "讨价还价",
    "hesitating": "犹豫",
    "won_back": "挽回",
    "complaint": "投诉",
    "silence": "沉默",
}
"""When a benefit is thought of, and how a merchant calls it."""

AUTHORITIES: tuple[Authority, ...] = get_args(Authority)
"""Who gives, the one who may give least in front."""

LIVE: tuple[GrantState, ...] = ("held", "granted", "used")
"""States in which a grant counts against limits: what was revoked or ran out unused does not."""

VISITOR = "访客"
"""The level, in rules, of who isn't signed in."""


def may_act_as(authority: Authority, least: Authority) -> bool:
    """Tells whether somebody may do what takes at least an authority."""
    return AUTHORITIES.index(authority) >= AUTHORITIES.index(least)
