"""Answers what customers ask about a campaign: when it is, what it brings, how its presale works, what adds up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Product
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.models import PromotionRow
from sixty.shop.pricing.offers import line_of, presales_at, promotion_of
from sixty.shop.pricing.phases import Campaign, PhaseName, PhaseWindow, campaign_named, phases_at
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.presale import PresaleTerms
from sixty.shop.pricing.promotions import ITEM_KINDS, KINDS, PromotionKind
from sixty.shop.pricing.questions import latest_presale
from sixty.shop.pricing.rules import Rules
from sixty.shop.wording import say_amount, say_moment
from sixty.tables import column

# A campaign that is farther away than that is spoken of only when it is asked for by name.
NEAR = timedelta(days=45)

_MOST_OFFERS = 3
# Phases of one round follow each other at once; the next round is months away.
_BETWEEN_ROUNDS = timedelta(days=30)
_MINOR = frozenset({"warm_up", "after"})
_YEAR = re.compile(r"\d{4}年")
# What concerns most customers where several phases run at once.
_PRESSING: tuple[PhaseName, ...] = ("sale", "balance", "presale", "warm_up", "after")
_SAID: dict[PhaseName, tuple[str, str]] = {
    "presale": ("付定金", "正在预售付定金"),
    "warm_up": ("预热", "正在预热"),
    "sale": ("开卖", "正在开卖"),
    "balance": ("付尾款", "正在付尾款"),
    "after": ("返场", "正在返场"),
}


def phase_for(
    session: Session, now: datetime, product: Product | None = None, rules: Rules | None = None
) -> PhaseName | None:
    """Says which phase decides what a customer is told.

    A product's own presale comes before the campaigns': it may run at any time. Without one, the product has no
    deposit and no balance, whatever a campaign's calendar says.

    Args:
        session: The shop's database.
        now: The moment.
        product: What the conversation is about.
        rules: The shop's rules, for its campaigns; as the playbook says when left out.
    """
    running = {window.phase for window in phases_at((rules or shop_rules()).campaigns.values(), now)}
    if product is not None:
        terms = latest_presale(session, product, now)
        if terms is not None and terms.takes_deposits(now):
            return "presale"
        if terms is not None and terms.balance_stage(now) == "open":
            return "balance"
        running -= {"presale", "balance"}
    return most_pressing(running)


def most_pressing(running: Collection[PhaseName]) -> PhaseName | None:
    """Of phases that run at the same time, the one that decides what a customer is told; None of none."""
    return next((phase for phase in _PRESSING if phase in running), None)


def announce(
    session: Session, now: datetime, about: str = "", product: Product | None = None, rules: Rules | None = None
) -> str | None:
    """Tells of a campaign: its phases from now on, and what it brings.

    Args:
        session: The shop's database.
        now: The moment.
        about: What was said; a campaign that it names counts, else the one that runs or is near.
        product: The product in question: what doesn't count for it is left out.
        rules: The shop's rules; as the playbook says when left out.

    Returns:
        The answer, or None when no campaign is named, runs or is near.
    """
    told = rules or shop_rules()
    campaigns = told.campaigns.values()
    campaign = campaign_named(campaigns, about) or _nearest(campaigns, now)
    if campaign is None:
        return None
    windows = _season(campaign, now)
    if not windows:
        return None
    offers = _offers(session, campaign, {window.phase for window in windows}, product)
    brings = f"；活动有{'、'.join(offers[:_MOST_OFFERS])}" if offers else ""
    return f"{campaign.name}：{_say_windows(windows, now)}{brings}～"


def counts_in(session: Session, campaign: str, quote: Quote) -> bool:
    """Tells whether a price counts on what a campaign brings: only then it is the campaign's price."""
    query = select(PromotionRow.code).where(column(PromotionRow.campaign) == campaign)
    return not {step.code for step in quote.steps}.isdisjoint(session.scalars(query))


def how_presale_works(session: Session, now: datetime, product: Product | None = None) -> str:
    """Explains deposit and balance, with the figures of a product that is on presale."""
    usual = "预售就是先付一点定金，把预售价订下来，到时间再付尾款，付完尾款按约定时间发货"
    terms = presales_at(session, [product.no], now).get(product.no) if product is not None else None
    if product is None or terms is None:
        return f"{usual}；定金一般能抵更多钱，具体以商品页为准～"
    return (
        f"{usual}。{product.name}预售价{say_amount(terms.price)}，定金{_say_deposit(terms)}，"
        f"{say_moment(terms.ends_at, now)}前付；尾款{say_moment(terms.balance_from, now)}到"
        f"{say_moment(terms.balance_until, now)}付，最晚{say_moment(terms.ships_by, now)}前发货～"
    )


def when_presale_ships(session: Session, now: datetime, product: Product) -> str | None:
    """Answers `预售什么时候发货`; None for a product that is in no presale, or whose balance is over."""
    terms = latest_presale(session, product, now)
    if terms is None or terms.balance_stage(now) == "over":
        return None
    return (
        f"{product.name}是预售，{say_moment(terms.balance_from, now)}到{say_moment(terms.balance_until, now)}付尾款，"
        f"付完尾款最晚{say_moment(terms.ships_by, now)}前发货～"
    )


def what_adds_up(quote: Quote | None = None, name: str = "", rules: Rules | None = None) -> str:
    """Answers whether offers add up: for an article by what its price counts on, else by the shop's rules.

    Args:
        quote: The price of the article in question.
        name: What it is called.
        rules: The shop's rules; as the playbook says when left out.
    """
    stacking = (rules or shop_rules()).stacking
    steps = [step for step in quote.steps if step.amount < 0 and step.kind != "sale_price"] if quote else []
    if quote is not None and steps:
        counted = "、".join(dict.fromkeys(step.label for step in steps))
        together = "可以一起用" if len(steps) > 1 else "能用"
        text = f"{name}现在{together}的是{counted}，算下来到手{say_amount(quote.goods)}"
        not_with = [each for each in quote.unused if each.reason == "excluded" and each.instead]
        if not_with:
            text += f"；{not_with[0].title}不能和{not_with[0].instead}一起用，已经按最划算的算了"
        return text + "～"
    whole = [kind for kind in stacking.order if kind not in ITEM_KINDS and kind != "gift"]
    one_of = next((group for group in stacking.exclusive if len(group) > 1 and group <= set(whole)), frozenset())
    rest = _say_kinds(kind for kind in whole if kind not in one_of)
    if not one_of:
        return f"{rest}可以叠着用，结算时自动按最划算的算～"
    return f"{_say_kinds(kind for kind in whole if kind in one_of)}挑一张用，可以再叠{rest}，结算时自动按最划算的算～"


def _say_kinds(kinds: Iterable[PromotionKind]) -> str:
    return "、".join(KINDS[kind] for kind in kinds)


def _say_deposit(terms: PresaleTerms) -> str:
    deposit = say_amount(terms.deposit)
    return f"{deposit}抵{say_amount(terms.deposit_worth)}" if terms.deposit_worth > terms.deposit else deposit


def _nearest(campaigns: Iterable[Campaign], now: datetime) -> Campaign | None:
    """The campaign that runs or whose first phase begins next, if that is soon."""
    found = [
        (window.starts_at, window.campaign, campaign)
        for campaign in campaigns
        for window in campaign.windows(now)
        if now < window.ends_at and window.starts_at <= now + NEAR
    ]
    return min(found, key=lambda each: each[:2])[2] if found else None


def _season(campaign: Campaign, now: datetime) -> list[PhaseWindow]:
    """The phases of the campaign's present or next round that are not over."""
    found: list[PhaseWindow] = []
    for window in campaign.windows(now):
        if now >= window.ends_at:
            continue
        if found and window.starts_at - max(each.ends_at for each in found) > _BETWEEN_ROUNDS:
            break
        found.append(window)
    # Before its sale nobody needs to know of a campaign's beginnings and ends.
    return [window for window in found if window.holds(now) or window.phase not in _MINOR] or found


def _say_windows(windows: Sequence[PhaseWindow], now: datetime) -> str:
    said = "，".join(_say_window(window, now) for window in windows)
    # The year is said once.
    first = _YEAR.search(said)
    return said if first is None else said[: first.end()] + said[first.end() :].replace(first.group(), "")


def _say_window(window: PhaseWindow, now: datetime) -> str:
    begins, runs = _SAID[window.phase]
    ends = say_moment(window.ends_at, now)
    if window.holds(now):
        return f"{runs}（到{ends}）"
    return f"{say_moment(window.starts_at, now)}到{ends}{begins}"


def _offers(session: Session, campaign: Campaign, phases: set[PhaseName], product: Product | None) -> list[str]:
    query = select(PromotionRow).where(column(PromotionRow.campaign) == campaign.name).order_by(PromotionRow.code)
    promotions = [each for row in session.scalars(query) if phases.intersection((each := promotion_of(row)).phases)]
    if product is not None and product.skus:
        line = line_of(product.skus[0], product)
        promotions = [each for each in promotions if each.scope.covers(line)]
    return list(dict.fromkeys(each.title for each in promotions))
