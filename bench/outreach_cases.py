"""The oracle's cases: what in a customer's life calls for a word, since when, and for how long it stays so.

Written from what docs/outreach.md says of each `on:`, and from lives; it knows neither tables nor the code that plans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bench.outreach_book import Book, Scene
from bench.outreach_month import (
    ANSWERED_AFTER,
    BALANCE_UNTIL,
    SALE_FROM,
    SHIPS_BY,
    Life,
    Line,
    OrderLife,
    ParcelLife,
    Said,
    Shop,
    Wish,
)
from sixty.shop.models import ParcelState

Standing = str
"""Empty while it is still so; else why the case has ended: `done`, `over`, `gone`, `superseded`."""

SEND_WITHIN = timedelta(hours=48)
"""After the payment; what takes longer is late."""

_STILL_NEW = timedelta(days=30)
_OPEN_REFUNDS = ("requested", "agreed", "returning")
_MEMBERS = ("银卡", "金卡", "PLUS")


@dataclass(frozen=True)
class Case:
    """That a scene is about something in a life.

    Attributes:
        subject: What it is about: an order's or parcel's number, `refund no:state`, else whose and since when.
        standing: Whether it is still so at a moment.
        arises: Whether a case is made of it by who sees it at a moment; what is only over later is looked at when due.
        why: Why the customer did not buy, as far as shelves tell: `out_of_stock`, `no_size`, else empty.
        began: When what it is about began: a visit has its moment at its end, an order's reminders come long after it.
        before: The same as it stood before each further line of a visit, with when that line came: who decides until
            then knows no better.
        wish: Of what is back in stock: what was wished for. Its moment is the tick that sees it.
    """

    scene: Scene
    subject: str
    moment: datetime
    category: str
    amount: Decimal | None
    product_no: str | None
    region: str
    phone: str
    standing: Callable[[datetime], Standing]
    arises: Callable[[datetime], bool]
    why: Callable[[datetime], str]
    began: datetime
    before: tuple[tuple[Case, datetime], ...] = ()
    wish: Wish | None = None


@dataclass(frozen=True)
class _Trigger:
    """What calls for a word, whichever scene says it."""

    subject: str
    moment: datetime
    standing: Callable[[datetime], Standing]
    line: Line
    amount: Decimal
    order: OrderLife | None = None
    sized: bool = False
    arises: Callable[[datetime], bool] = lambda at: True
    began: datetime | None = None
    before: tuple[tuple[_Trigger, datetime], ...] = ()
    wish: Wish | None = None


def cases_of(life: Life, shop: Shop, book: Book) -> list[Case]:
    """All cases of a life, in no order; also those that are for nobody."""
    found = []
    for scene in book.scenes:
        for name in scene.on:
            found += [_case(life, shop, scene, trigger) for trigger in _TRIGGERS[name](life, shop)]
    return found


def _arises(trigger: _Trigger, order: OrderLife, at: datetime) -> bool:
    """Whether an order calls for a word; a refund that is wanted may be withdrawn before that is said."""
    standing = trigger.standing(at)
    return not standing or (standing == "over" and order.state(at) != "closed" and _refunding(order, at, "done"))


def _case(life: Life, shop: Shop, scene: Scene, trigger: _Trigger) -> Case:
    goods = shop.by_no[trigger.line.product_no]
    order = trigger.order

    def standing(at: datetime) -> Standing:
        found = trigger.standing(at)
        if found or scene.goal != "ordered" or order is None:
            return found
        # To be bought again: over when that has been done, or cannot be.
        if any(goods.no in _products(each) for each in _orders_since(life, trigger.moment, at)):
            return "done"
        return "" if shop.there(goods.no, at) else "gone"

    def why(at: datetime) -> str:
        if not shop.there(goods.no, at):
            return "out_of_stock"
        return "no_size" if trigger.sized and not shop.articles[trigger.line.sku_code].there(at) else ""

    return Case(
        scene=scene,
        subject=trigger.subject,
        moment=trigger.moment,
        category=goods.category,
        amount=trigger.amount,
        product_no=goods.no,
        region=order.region if order is not None else life.region if life.customer_id else "",
        phone=order.phone if order is not None else life.phone if life.customer_id else "",
        standing=standing,
        arises=(lambda at: _arises(trigger, order, at)) if order is not None else trigger.arises,
        why=why,
        # Who does not want an order any more is left alone with all about it that need not be said.
        began=order.placed_at if order is not None and scene.capped else trigger.began or trigger.moment,
        before=tuple((_case(life, shop, scene, each), until) for each, until in trigger.before),
        wish=trigger.wish,
    )


def audience_of(case: Case, life: Life, at: datetime) -> str | None:
    """The first audience that fits a case at a moment; None when it is for nobody."""
    why = case.why(at)
    return next((name for name, wants in case.scene.audiences.items() if _fits(life, wants, case, why)), None)


def asks_why(scene: Scene) -> bool:
    """Whether it is for somebody by why they did not buy."""
    return any("why" in wants for wants in scene.audiences.values())


def _fits(life: Life, wants: Mapping[str, Any], case: Case, why: str) -> bool:
    amount = case.amount
    checks: dict[str, Callable[[Any], bool]] = {
        "at_least": lambda value: amount is not None and amount >= Decimal(str(value)),
        "below": lambda value: amount is not None and amount < Decimal(str(value)),
        "products": lambda value: case.product_no in value,
        "categories": lambda value: case.category in value,
        "regions": lambda value: case.region in value,
        "not_regions": lambda value: case.region not in value,
        "levels": lambda value: life.level in value,
        "crowds": lambda value: "member" in value and life.customer_id is not None and life.level in _MEMBERS,
        "why": lambda value: why in value,
    }
    return all(checks[name](value) for name, value in wants.items())


# -------------------------------------------------------------------------------------------------------------- orders


def _by(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at


def _not_after(later: datetime | None) -> Callable[[datetime], bool]:
    return lambda at: not _by(later, at)


def _products(order: OrderLife) -> set[str]:
    return {line.product_no for line in order.lines}


def _orders_since(life: Life, since: datetime, at: datetime) -> list[OrderLife]:
    """Orders placed since a moment that are not closed."""
    return [each for each in life.orders if since <= each.placed_at <= at and not _by(each.closed_at, at)]


def _has(life: Life, product_no: str, at: datetime) -> bool:
    """Whether a customer has a product on its way, or has had it for less than a month."""
    return any(
        product_no in _products(each) and not _by(each.closed_at, at) and not _by(each.confirmed_at, at - _STILL_NEW)
        for each in life.orders
        if each.placed_at <= at
    )


def _refunding(order: OrderLife, at: datetime, *also: str) -> bool:
    return any(refund.state(at) in (*_OPEN_REFUNDS, *also) for refund in order.refunds)


def _of_order(
    order: OrderLife, moment: datetime | None, standing: Callable[[datetime], Standing], subject: str = ""
) -> Iterator[_Trigger]:
    if moment is not None:
        # Of equally dear articles the one that stands first.
        line = max(zip(order.shares, order.lines, strict=True), key=lambda each: each[0])[1]
        yield _Trigger(subject or order.no, moment, standing, line, order.amount, order)


def _stays(order: OrderLife, *states: str, refunded: Sequence[str] = ()) -> Callable[[datetime], Standing]:
    """Over when the order is in none of these states, or money is wanted back."""
    return lambda at: "over" if order.state(at) not in states or _refunding(order, at, *refunded) else ""


def _unpaid(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for order in life.orders:

        def standing(at: datetime, order: OrderLife = order) -> Standing:
            if order.state(at) == "closed":
                return "over"
            if order.state(at) != "unpaid":
                return "done"
            there = all(
                shop.by_no[line.product_no].on_sale(at) and shop.articles[line.sku_code].there(at)
                for line in order.lines
            )
            return "" if there else "gone"

        yield from _of_order(order, order.placed_at, standing)


def _balance_due(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for order in life.orders:
        if order.deposit_at is None:
            continue

        def standing(at: datetime, order: OrderLife = order) -> Standing:
            if order.state(at) == "deposit_paid":
                return "" if at < BALANCE_UNTIL else "over"
            return "over" if order.state(at) in ("closed", "unpaid") else "done"

        yield from _of_order(order, max(SALE_FROM, order.placed_at), standing)


def _paid(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for order in life.orders:
        yield from _of_order(order, order.paid_at, _stays(order, "paid"))


def _dispatched(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for order in life.orders:
        yield from _of_order(order, order.shipped_at, _stays(order, "shipped"))


def _dispatch_late(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for order in life.orders:
        if order.paid_at is not None:
            promised = order.paid_at + SEND_WITHIN if order.deposit is None else max(SHIPS_BY, order.paid_at)
            yield from _of_order(order, promised, _stays(order, "paid"))


def _delivered(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for order in life.orders:

        def standing(at: datetime, order: OrderLife = order) -> Standing:
            return "done" if order.state(at) == "confirmed" else _stays(order, "delivered")(at)

        yield from _of_order(order, order.delivered_at, standing)


def _confirmed(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for order in life.orders:
        yield from _of_order(order, order.confirmed_at, _stays(order, "confirmed", refunded=("done",)))


def _of_parcels(wanted: ParcelState) -> Callable[[Life, Shop], Iterator[_Trigger]]:
    def triggers(life: Life, shop: Shop) -> Iterator[_Trigger]:
        for order in life.orders:
            for parcel in order.parcels:
                for at, state in parcel.steps:
                    if state == wanted:
                        yield from _of_order(
                            order, at, _parcel_stays(order, parcel, wanted), f"{parcel.no}:{int(at.timestamp())}"
                        )

    return triggers


def _parcel_stays(order: OrderLife, parcel: ParcelLife, wanted: ParcelState) -> Callable[[datetime], Standing]:
    order_stays = _stays(order, "shipped")
    return lambda at: "over" if parcel.state(at) != wanted else order_stays(at)


def _refund_moved(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for order in life.orders:
        for refund in order.refunds:
            for at, state in refund.steps:
                if state in ("agreed", "returning", "rejected", "done"):

                    def standing(now: datetime, refund: Any = refund, state: str = state) -> Standing:
                        return "" if refund.state(now) == state else "superseded"

                    yield from _of_order(order, at, standing, f"{refund.no}:{state}")


# ------------------------------------------------------------------------------------------------- before there is one


def _asked(life: Life, shop: Shop) -> Iterator[_Trigger]:
    for place, visit in enumerate(life.visits):
        begun = visit[0].at
        later = life.visits[place + 1][0].at if place + 1 < len(life.visits) else None

        def standing(at: datetime, begun: datetime = begun, later: datetime | None = later) -> Standing:
            if _orders_since(life, begun, at):
                return "done"
            return "superseded" if _by(later, at) else ""

        def as_far_as(lines: int, visit: Sequence[Said] = visit, standing: Any = standing) -> _Trigger | None:
            said = visit[:lines]
            product = next((each.product_no for each in reversed(said) if each.product_no is not None), None)
            handed_over = any(each.intent == "ask_human" for each in said)
            if product is None or handed_over or not any(each.asks for each in said):
                return None
            goods, begun = shop.by_no[product], said[0].at
            line = Line(product, goods.articles[0].code, 1, goods.price)
            subject = f"{life.who}@{int(begun.timestamp())}"

            def unless_had(at: datetime, product: str = product) -> Standing:
                return "done" if _has(life, product, at) else str(standing(at))

            return _Trigger(subject, said[-1].at + ANSWERED_AFTER, unless_had, line, goods.price, began=begun)

        whole = as_far_as(len(visit))
        if whole is not None:
            before = ((as_far_as(lines), visit[lines].at) for lines in range(1, len(visit)))
            yield replace(whole, before=tuple((each, until) for each, until in before if each is not None))


def _cart_left(life: Life, shop: Shop) -> Iterator[_Trigger]:
    changes = life.cart_changes
    for place, at in enumerate(changes):
        lines = life.cart_at(at)
        if not lines:
            continue
        later = changes[place + 1] if place + 1 < len(changes) else None

        def standing(now: datetime, at: datetime = at, later: datetime | None = later) -> Standing:
            if _by(later, now):
                return "superseded"
            return "done" if _orders_since(life, at, now) else ""

        subject = f"{life.who}@{int(at.timestamp())}"
        price = shop.by_no[lines[0].product_no].price
        is_newest = _not_after(later)
        yield _Trigger(subject, at, standing, lines[0], price, sized=True, arises=is_newest)


def _favourite_left(life: Life, shop: Shop) -> Iterator[_Trigger]:
    marks = [each for each in life.kept if each.kind == "favourite"]
    for mark in marks:
        product = mark.line.product_no
        others = [each for each in marks if each.line.product_no == product]
        later = [at for each in others for at in (each.at, each.gone_at) if at is not None and at > mark.at]

        def standing(
            now: datetime, mark: Any = mark, later: Sequence[datetime] = later, product: str = product
        ) -> Standing:
            if any(at <= now for at in later):
                return "superseded"
            bought = any(product in _products(each) for each in _orders_since(life, mark.at, now))
            return "done" if bought else ""

        subject = f"{life.who}@{int(mark.at.timestamp())}"
        price, is_newest = shop.by_no[product].price, _not_after(min(later, default=None))
        yield _Trigger(subject, mark.at, standing, mark.line, price, arises=is_newest)


def _back_in_stock(life: Life, shop: Shop) -> Iterator[_Trigger]:
    noted: set[str] = set()
    for wish in sorted(life.wishes, key=lambda each: each.at):
        # Wished for once; a second time says nothing new.
        if wish.sku_code in noted:
            continue
        noted.add(wish.sku_code)
        goods = shop.by_no[wish.sku_code.rsplit("-", 1)[0]]
        line = Line(goods.no, wish.sku_code, 1, goods.price)
        subject = f"{life.who}:{wish.sku_code}:{int(wish.at.timestamp())}"

        def standing(at: datetime, line: Line = line) -> Standing:
            there = shop.by_no[line.product_no].on_sale(at) and shop.articles[line.sku_code].there(at)
            return "" if there else "gone"

        yield _Trigger(subject, wish.at, standing, line, goods.price, wish=wish)


_TRIGGERS: dict[str, Callable[[Life, Shop], Iterator[_Trigger]]] = {
    "unpaid": _unpaid,
    "balance_due": _balance_due,
    "paid": _paid,
    "dispatched": _dispatched,
    "dispatch_late": _dispatch_late,
    "stuck": _of_parcels("stuck"),
    "out_for_delivery": _of_parcels("out_for_delivery"),
    "delivered": _delivered,
    "confirmed": _confirmed,
    "refund_moved": _refund_moved,
    "asked": _asked,
    "cart_left": _cart_left,
    "favourite_left": _favourite_left,
    "back_in_stock": _back_in_stock,
    "silence": lambda life, shop: iter(()),
}
