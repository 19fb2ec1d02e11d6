"""Answers what customers ask about when to buy and when to pay, with figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.gateways.normal_form import Order
from sixty.shop.models import Presale, Product, Sku
from sixty.shop.pricing.basket import Basket, BasketLine, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.offers import buyer_of, cheapest, line_of, presales_at, promotions_for, terms_of
from sixty.shop.pricing.phases import Campaign, PhaseWindow, campaign_named, next_sale
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.presale import BalanceStage, PresaleTerms
from sixty.shop.pricing.promotions import Promotion
from sixty.shop.pricing.rules import Rules
from sixty.shop.wording import say_amount, say_moment, say_span
from sixty.tables import column

Choice = Literal["now", "wait", "same", "deposit"]


@dataclass(frozen=True)
class BalanceAnswer:
    """When a balance is paid, and how much it is.

    Attributes:
        name: What it is for: an article, or a campaign where no article is known.
        stage: Whether the time is still to come, here, or over.
        opens: From here on it can be paid …
        closes: … until just before here.
        balance: How much, everything taken off that counts then; None where it isn't known
            for which article, or it cannot be paid any more.
        deposit: What is paid before, for one piece or the whole order.
        ordered: Whether only those are meant who have paid the deposit: an order, or a presale that takes no more.
    """

    name: str
    stage: BalanceStage
    opens: datetime
    closes: datetime
    balance: Decimal | None
    deposit: Decimal | None
    ordered: bool = False

    def text(self, now: datetime) -> str:
        """The answer, as it is said to the customer."""
        opens, closes = say_moment(self.opens, now), say_moment(self.closes, now)
        amount = f"，尾款{say_amount(self.balance)}" if self.balance is not None else ""
        if self.stage == "before":
            ahead = f"先付定金{say_amount(self.deposit)}，" if self.deposit is not None and not self.ordered else ""
            due = f"尾款{say_amount(self.balance)}" if self.balance is not None else "尾款"
            return f"{self.name}{ahead or '的'}{due}{opens}开始付，{closes}截止，到点在“我的订单”里付就行～"
        if self.stage == "open":
            left = say_span(self.closes - now)
            return f"{self.name}的尾款现在就能付{amount}，{closes}截止，还有{left}，在“我的订单”里点一下就好～"
        return f"{self.name}的尾款{closes}已经截止了，这单要是没付上，我帮您转人工看看还能怎么处理～"


def latest_presale(session: Session, product: Product, now: datetime) -> PresaleTerms | None:
    """Finds the presale that questions about an article mean.

    Of several the one counts that takes deposits, else the one whose balance is due, else the
    one that was over last; one that has not begun is none yet.
    """
    query = select(Presale).where(column(Presale.product_no) == product.no, column(Presale.starts_at) <= now)
    presales = [terms_of(each) for each in session.scalars(query)]
    return min(presales, key=lambda each: (not each.takes_deposits(now), -each.balance_until.timestamp()), default=None)


def balance_of_product(
    session: Session, product: Product, now: datetime, customer_id: str | None = None
) -> BalanceAnswer | None:
    """Answers "when is the balance of this article paid?".

    Args:
        session: The shop's database.
        product: The article.
        now: The moment.
        customer_id: Who asks; the balance counts on what they hold.

    Returns:
        The answer, or None when it is not sold in a presale.
    """
    terms = latest_presale(session, product, now)
    if terms is None:
        return None
    stage = terms.balance_stage(now)
    balance = None
    sku = _quoted(session, product.no)
    if stage != "over" and sku is not None:
        quote = _priced(session, [_held(sku, product, terms, now)], now, customer_id)
        balance = quote.payments[0].goods - (quote.payments[0].deposit.amount if quote.payments[0].deposit else 0)
    return BalanceAnswer(
        product.name,
        stage,
        terms.balance_from,
        terms.balance_until,
        balance,
        terms.deposit,
        # Who has not paid a deposit by its end has no balance to pay.
        ordered=not terms.takes_deposits(now),
    )


def balance_of_order(order: Order, now: datetime) -> BalanceAnswer | None:
    """Answers "when do I pay the balance?" for an order whose deposit is paid.

    Whose the order is has been checked where it was read. What is left to pay is what the
    order says: its goods, less its discount and the deposit, with postage.

    Args:
        order: The order, as any shop system tells it.
        now: The moment.

    Returns:
        The answer, or None when no balance is to be paid.
    """
    if order.state != "deposit_paid" or not order.lines:
        return None
    # A repeated presale has its own times: the one that ran when the order was placed.
    running = ([each for each in line.presales if each.starts_at <= order.placed_at] for line in order.lines)
    presales = [max(each, key=lambda presale: presale.starts_at) for each in running if each]
    if not presales:
        return None
    # An order is paid at once: when the last of its windows opens, before the first of them closes.
    opens = max(each.balance_from for each in presales)
    closes = min(each.balance_until for each in presales)
    stage: BalanceStage = "before" if now < opens else "open" if now < closes else "over"
    deposit = order.deposit_paid or Decimal(0)
    balance = None if stage == "over" else order.goods_amount - order.discount + order.postage - deposit
    name = order.lines[0].name + (f"等{len(order.lines)}件" if len(order.lines) > 1 else "")
    return BalanceAnswer(name, stage, opens, closes, balance, deposit, ordered=True)


def balance_of_campaign(now: datetime, about: str = "", rules: Rules | None = None) -> BalanceAnswer | None:
    """Answers "when is the balance paid?" where neither an article nor an order is known.

    Args:
        now: The moment.
        about: What was said; a campaign that it names counts, else the one whose balance is next.
        rules: The shop's rules; as the playbook says when left out.
    """
    campaigns = (rules or shop_rules()).campaigns.values()
    named = campaign_named(campaigns, about)
    windows = [
        window
        for campaign in ([named] if named else campaigns)
        if (window := campaign.upcoming("balance", now)) is not None
    ]
    if not windows:
        return None
    window = min(windows, key=lambda each: each.starts_at)
    stage: BalanceStage = "open" if window.holds(now) else "before"
    return BalanceAnswer(f"{window.campaign}预售", stage, window.starts_at, window.ends_at, None, None, ordered=True)


@dataclass(frozen=True)
class BuyingAdvice:
    """What an article costs now and in a campaign, and which is better.

    Attributes:
        campaign: The name of the campaign.
        sale: When its sale is.
        running: Whether it runs now already.
        now_price: The final price now; in a running presale, deposit and balance together.
        then_price: The final price when its sale begins, by the promotions that are known now.
        choice: `deposit` stands for joining the presale that runs now.
    """

    name: str
    campaign: str
    sale: PhaseWindow
    running: bool
    now_price: Decimal
    then_price: Decimal
    choice: Choice
    now_quote: Quote
    then_quote: Quote

    @property
    def difference(self) -> Decimal:
        """How much the better choice saves."""
        return abs(self.now_price - self.then_price)

    def text(self, now: datetime) -> str:
        """The answer, as it is said to the customer."""
        price = say_amount(self.now_price)
        if self.running:
            ends = say_moment(self.sale.ends_at, now)
            return f"现在就是{self.campaign}价，{self.name}到手{price}，{ends}结束，喜欢就可以下单啦～"
        begins = say_moment(self.sale.starts_at, now)
        then = say_amount(self.then_price)
        saved = say_amount(self.difference)
        known = f"按现在公布的活动算，{self.campaign}（{begins}开始）到手{then}"
        if self.choice == "wait":
            return f"{self.name}现在到手{price}；{known}，不急用的话等等能省{saved}～"
        if self.choice == "deposit":
            deposit = say_amount(self.now_quote.due_now)
            return f"建议现在就付定金{deposit}：{self.name}预售到手{price}；{known}，现在订能省{saved}～"
        if self.choice == "now":
            return f"建议现在买：{self.name}到手{price}；{known}，现在买能省{saved}，还早点拿到手～"
        return f"{self.name}现在到手{price}；{known}，两边一个价，想早点用现在就可以下单～"


def now_or_campaign(
    session: Session,
    product: Product,
    now: datetime,
    customer_id: str | None = None,
    level: str | None = None,
    about: str = "",
    rules: Rules | None = None,
) -> BuyingAdvice | None:
    """Answers "现在买还是双11买划算".

    Both prices are the engine's, of the variant that is quoted: now, and at the moment when the
    campaign's sale begins, by the promotions that are known now and run then. Coupons that end
    before are not counted for then, however likely new ones are.

    Args:
        session: The shop's database.
        product: The article.
        now: The moment.
        customer_id: Who asks; a stranger when left out.
        level: The level of a stranger whose level is known.
        about: What was said; a campaign that it names counts, else the next sale.
        rules: The shop's rules; as the playbook says when left out.

    Returns:
        The advice, or None when no campaign is known or nothing of the article can be bought.
    """
    told = rules or shop_rules()
    sale = _sale(told.campaigns.values(), now, about)
    sku = _quoted(session, product.no)
    if sale is None or sku is None:
        return None
    running = sale.holds(now)
    presales = presales_at(session, [product.no], now)
    today = _priced(session, [line_of(sku, product, presales.get(product.no))], now, customer_id, level, told)
    if running:
        later = today
    else:
        coming = presales_at(session, [product.no], sale.starts_at)
        line = line_of(sku, product, coming.get(product.no))
        later = _priced(session, [line], sale.starts_at, customer_id, level, told)
    choice: Choice = "same"
    if later.goods < today.goods:
        choice = "wait"
    elif today.goods < later.goods:
        choice = "deposit" if product.no in presales else "now"
    return BuyingAdvice(product.name, sale.campaign, sale, running, today.goods, later.goods, choice, today, later)


def _sale(campaigns: Collection[Campaign], now: datetime, about: str) -> PhaseWindow | None:
    named = campaign_named(campaigns, about)
    return named.upcoming("sale", now) if named is not None else next_sale(campaigns, now)


def _quoted(session: Session, product_no: str) -> Sku | None:
    skus = list(session.scalars(select(Sku).where(column(Sku.product_no) == product_no)))
    return cheapest(skus) if skus else None


def _held(sku: Sku, product: Product, terms: PresaleTerms, now: datetime) -> BasketLine:
    return replace(line_of(sku, product, terms), deposit_paid=not terms.takes_deposits(now))


def _priced(
    session: Session,
    lines: list[BasketLine],
    at: datetime,
    customer_id: str | None,
    level: str | None = None,
    rules: Rules | None = None,
) -> Quote:
    buyer, packets = buyer_of(session, customer_id)
    if customer_id is None:
        buyer = Buyer(level)
    promotions: tuple[Promotion, ...] = (*promotions_for(session, lines, at), *packets)
    return price_basket(Basket.of(lines), at, promotions, buyer, rules or shop_rules())
