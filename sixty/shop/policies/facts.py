"""What is so, as far as a policy asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order, Refund
from sixty.shop.models import OrderState, ParcelState
from sixty.shop.order_answers import DISPATCH_PROMISE, latest_trace, leading_parcel, presale_of
from sixty.shop.wording import SHOP_ZONE

Case = Literal["none", "requested", "agreed", "returning", "rejected", "withdrawn", "done"]
Invoice = Literal["none", "asked", "issued"]
BoughtAs = Literal["usual", "presale"]
PriceNow = Literal["lower", "flash", "same"]
CouponNow = Literal["running", "over", "not_yet", "claimed", "unknown"]
StockNow = Literal["in_stock", "sold_out", "off_sale", "unknown"]

_NOTHING = Decimal(0)
_HOUR = timedelta(hours=1)
_OPEN = ("requested", "agreed", "returning")
_SENT = ("part_shipped", "shipped", "delivered", "confirmed")
_CUSTOM = ("定制", "刻字", "来图", "订制")


@dataclass(frozen=True)
class Facts:
    """What a policy decides on. What isn't known is `None` or empty, and fits no condition about it.

    Attributes:
        kind: The deed asked for.
        state: Where the order is.
        cause: Why it is asked for.
        category: The article's category.
        product_kind: The article's kind within it.
        level: The customer's level; empty for a stranger.
        parcel: Where the parcel that matters is: one in trouble, else the nearest.
        case: How far the article's after-sales case is: the newest open one, else the newest.
        overdue_case: Whether that case is later than was promised.
        invoice: Whether there is an invoice.
        bought_as: How it was bought.
        price_now: What the article costs now against what was paid: `flash` when only a timed offer is lower.
        coupon: Whether the coupon asked for can be claimed.
        stock: Whether the variant asked for can be bought.
        paid: Whether anything was paid.
        shipped: Whether anything has left the warehouse.
        overdue: Whether it should have left and hasn't.
        opened: Whether the article was opened or used.
        custom_made: Whether it was made to order.
        asked_before: Whether the same was asked for and is being done.
        has_picture: Whether the customer sent a picture.
        days_since_receipt: Days since it was signed for, the day of receipt being 0, by the shop's calendar.
        days_since_order: Days since it was ordered, by the shop's calendar.
        hours_since_order: Whole hours since it was ordered.
        hours_since_paid: Whole hours since it was paid.
        hours_since_closed: Whole hours since the order was closed.
        hours_since_trace: Whole hours since the parcel was last seen.
        hours_since_signed: Whole hours since the parcel was signed for.
        amount: What was really paid for the article, or the whole order; before payment, what is due.
        difference: What price protection is about: how much less all pieces cost now, what it paid before taken off.
        compensated: What has been compensated for the article or order before.
        article: Its name.
    """

    kind: DeedKind
    state: OrderState | None = None
    cause: str = ""
    category: str = ""
    product_kind: str = ""
    level: str = ""
    parcel: ParcelState | None = None
    case: Case = "none"
    overdue_case: bool = False
    invoice: Invoice = "none"
    bought_as: BoughtAs = "usual"
    price_now: PriceNow | None = None
    coupon: CouponNow | None = None
    stock: StockNow | None = None
    paid: bool = False
    shipped: bool = False
    overdue: bool = False
    opened: bool | None = None
    custom_made: bool = False
    asked_before: bool = False
    has_picture: bool | None = None
    days_since_receipt: int | None = None
    days_since_order: int | None = None
    hours_since_order: int | None = None
    hours_since_paid: int | None = None
    hours_since_closed: int | None = None
    hours_since_trace: int | None = None
    hours_since_signed: int | None = None
    amount: Decimal = _NOTHING
    difference: Decimal = _NOTHING
    compensated: Decimal = _NOTHING
    article: str = ""

    @classmethod
    def of(
        cls,
        kind: DeedKind,
        order: Order,
        line: int | None,
        now: datetime,
        cause: str | None = None,
        category: str = "",
        product_kind: str = "",
        level: str = "",
        others_cases: frozenset[str] = frozenset(),
    ) -> Facts:
        """Says what an order says by itself; `sixty.shop.policies.asking` adds what the shop knows.

        Args:
            kind: The deed.
            order: The order, in the normal form.
            line: The article's position in its lines, from 1; `None` for the whole order.
            now: The present moment.
            cause: Why.
            category: The article's category.
            product_kind: Its kind.
            level: The customer's level.
            others_cases: Numbers of after-sales cases that are about other articles of the order.

        Raises:
            LookupError: The order has no such line.
        """
        if line is not None and not 1 <= line <= len(order.lines):
            raise LookupError(f"the order has no line {line}")
        article = order.lines[line - 1] if line is not None else None
        parcel = leading_parcel(order, now)
        trace = latest_trace(parcel) if parcel is not None else None
        case = the_case(order, others_cases)
        received = order.delivered_at or order.confirmed_at
        due = order.goods_amount - order.discount + order.postage
        paid = order.paid_amount if order.state != "unpaid" else due
        return cls(
            kind=kind,
            state=order.state,
            cause=cause or "",
            category=category,
            product_kind=product_kind,
            level=level,
            parcel=parcel.state if parcel is not None else None,
            case=case.state if case is not None else "none",
            overdue_case=case is not None and case.promised_at is not None and case.promised_at < now,
            bought_as="presale" if order.deposit_paid else "usual",
            paid=order.paid_amount > 0,
            shipped=order.state in _SENT or order.shipped_at is not None,
            overdue=order.state in ("paid", "part_shipped") and now > dispatch_due(order),
            custom_made=any(
                word in text
                for each in ([article] if article is not None else order.lines)
                for text in (each.name, each.sku_text)
                for word in _CUSTOM
            ),
            days_since_receipt=_days(received, now),
            days_since_order=_days(order.placed_at, now),
            hours_since_order=_hours(order.placed_at, now),
            hours_since_paid=_hours(order.paid_at, now),
            hours_since_closed=_hours(order.closed_at, now),
            hours_since_trace=_hours(trace.at, now) if trace is not None else None,
            hours_since_signed=_hours(order.delivered_at, now),
            amount=article.share if article is not None else paid,
            article=article.name if article is not None else (order.lines[0].name if order.lines else ""),
        )


def dispatch_due(order: Order) -> datetime:
    """By when an order leaves as promised: a presale's own date, else the shop's usual time after payment."""
    presale = presale_of(order) if order.deposit_paid else None
    return presale.ships_by if presale is not None else (order.paid_at or order.placed_at) + DISPATCH_PROMISE


def the_case(order: Order, others_cases: frozenset[str] = frozenset()) -> Refund | None:
    """Picks the after-sales case that counts: the newest open one, else the newest."""
    own = [each for each in order.refunds if each.no not in others_cases]
    own.sort(key=lambda each: (each.state in _OPEN, each.asked_at))
    return own[-1] if own else None


def _days(since: datetime | None, now: datetime) -> int | None:
    # The seven days of the law begin on the day after receipt (网络购买商品七日无理由退货暂行办法第八条).
    if since is None:
        return None
    return max(0, (now.astimezone(SHOP_ZONE).date() - since.astimezone(SHOP_ZONE).date()).days)


def _hours(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else max(0, (now - since) // _HOUR)
