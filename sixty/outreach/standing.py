"""How things stand with some cases at a moment: all that decides whether something is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.insight.models import Visit
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung, OutreachStop
from sixty.outreach.nameless import nameless_number
from sixty.outreach.pausing import paused
from sixty.outreach.scenes import Book, Scene
from sixty.outreach.stopping import Lines, Stops, lines_of, stops_for
from sixty.outreach.triggers import TRIGGERS, TriggerName
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Customer, Order, OrderLine, Parcel, Presale, Product, Refund, Sku
from sixty.shop.order_events.models import OrderEvent

WITH_A_PERSON = frozenset({"queued", "assigned", "wrap_up"})
_OPEN_REFUNDS = frozenset({"requested", "agreed", "returning"})
_WEEK = timedelta(days=7)

STILL_NEW = timedelta(days=30)
"""So long after its receipt is confirmed, who asks about a thing that they have bought is not won for it."""

_O: Any = Order.__table__.c
_U: Any = Customer.__table__.c
_L: Any = OrderLine.__table__.c
_P: Any = Product.__table__.c
_K: Any = Sku.__table__.c
_R: Any = Refund.__table__.c
_Q: Any = Parcel.__table__.c
_D: Any = Presale.__table__.c
_V: Any = Visit.__table__.c
_E: Any = OrderEvent.__table__.c
_W: Any = StockWish.__table__.c
_N: Any = Conversation.__table__.c
_G: Any = OutreachRung.__table__.c
_T: Any = OutreachContact.__table__.c
_S: Any = OutreachStop.__table__.c

_ORDER = (
    *(_O.no, _O.customer_id, _O.state, _O.placed_at, _O.paid_at, _O.confirmed_at, _O.phone, _O.region),
    *(_O.goods_amount, _O.discount, _O.postage, _O.paid_amount, _O.deposit_paid),
)


def trigger_of(scene: Scene, case: OutreachCase) -> TriggerName:
    """Which of a scene's triggers a case is of; they differ in what they are about."""
    return next((each for each in scene.triggers if TRIGGERS[each].subject == case.subject_kind), scene.triggers[0])


@dataclass(frozen=True, eq=False)
class Standing:
    """How things stand with some cases; each thing is read once for all of them, when it is first asked for.

    Attributes:
        session: Where it is read; what it reads is what counts.
        book: The scenes.
        cases: The cases.
        now: The moment.
    """

    session: Session
    book: Book
    cases: Sequence[OutreachCase]
    now: datetime

    @cached_property
    def paused(self) -> set[str]:
        """The scenes that are paused."""
        return paused(self.session)

    @cached_property
    def stops(self) -> Stops:
        """The stops that may be about any of the cases."""
        return stops_for(self.session, self.cases)

    @cached_property
    def orders(self) -> dict[str, Any]:
        """The orders that the cases are about, by number."""
        numbers = self._numbers
        query = select(*_ORDER).where(_O.no.in_(numbers))
        return {row.no: row for row in self.session.execute(query)} if numbers else {}

    @cached_property
    def orders_of(self) -> dict[str, list[Any]]:
        """Of customers those that were placed lately; who buys again needs no further word.

        Asked of those whose case is no order of itself, or is long past.
        """
        asked = [each for each in self.cases if _asks_for_orders(self.book, each)]
        customers = {who for each in asked if (who := self.stops.names.customer_of(each))}
        if not customers:
            return {}
        since = min(each.moment for each in asked) - timedelta(days=1)
        query = select(*_ORDER).where(_O.customer_id.in_(customers), _O.placed_at >= since)
        return _grouped(self.session.execute(query.order_by(_O.placed_at)), lambda row: row.customer_id)

    @cached_property
    def lines(self) -> dict[str, list[Any]]:
        """The articles of all these orders, by its number."""
        numbers = self._numbers | {row.no for rows in self.orders_of.values() for row in rows}
        if not numbers:
            return {}
        query = select(_L.order_no, _L.product_no, _L.sku_code, _L.name, _L.quantity, _L.share).where(
            _L.order_no.in_(numbers)
        )
        rows = self.session.execute(query.order_by(_L.order_no, _L.ordinal))
        return _grouped(rows, lambda row: row.order_no)

    @cached_property
    def refunds(self) -> dict[str, list[Any]]:
        """The refunds of the orders that the cases are about, by their number."""
        query = select(_R.no, _R.order_no, _R.kind, _R.state, _R.amount, _R.updated_at)
        return self._of_orders(query, _R.order_no)

    @cached_property
    def parcels(self) -> dict[str, list[Any]]:
        """The parcels of the orders that the cases are about, by their number."""
        return self._of_orders(select(_Q.no, _Q.order_no, _Q.carrier, _Q.state, _Q.since), _Q.order_no)

    @cached_property
    def products(self) -> dict[str, Any]:
        """The products of cases and orders, by number."""
        numbers = self._product_numbers
        query = select(_P.no, _P.name, _P.category, _P.status).where(_P.no.in_(numbers))
        return {row.no: row for row in self.session.execute(query)} if numbers else {}

    @cached_property
    def skus(self) -> dict[str, list[Any]]:
        """The variants of a product, by its number."""
        query = select(_K.code, _K.product_no, _K.size, _K.color, _K.spec, _K.stock, _K.price)
        return self._of_products(query.order_by(_K.code), _K.product_no)

    @cached_property
    def presales(self) -> dict[str, list[Any]]:
        """The presales of a product, by its number."""
        query = select(_D.product_no, _D.starts_at, _D.balance_from, _D.balance_until, _D.ships_by, _D.deposit)
        return self._of_products(query, _D.product_no)

    @cached_property
    def visits(self) -> dict[str, Any]:
        """The visits that cases are about, by their subject."""
        numbers = [int(each.subject_id) for each in self.cases if each.subject_kind == "visit"]
        if not numbers:
            return {}
        columns = (_V.first_message_id, _V.conversation_id, _V.started_at, _V.ended_at, _V.ordered_at, _V.handed_over)
        rows = self.session.execute(select(*columns, _V.id).where(_V.first_message_id.in_(numbers)))
        return {str(row.first_message_id): row for row in rows}

    def began(self, case: OutreachCase) -> datetime:
        """When what a case is about began, for what its customer said since: its moment, unless that comes late.

        Of a visit it is the first line, of a wish when it was wished. Of an order it is when it was placed, for scenes
        that can be left out: who did not want it any more, or was angry, is asked for nothing about it, while they
        are told where goods and money are as long as there are any.
        """
        began: datetime | None = None
        if case.subject_kind == "visit" and case.subject_id in self.visits:
            began = self.visits[case.subject_id].started_at
        elif case.subject_kind == "wish" and case.subject_id in self.wishes:
            began = self.wishes[case.subject_id].asked_at
        elif case.order_no in self.orders and case.scene in self.book.capped():
            began = self.orders[case.order_no].placed_at
        return case.moment if began is None else min(case.moment, began)

    @cached_property
    def newest_visit(self) -> dict[str, datetime]:
        """When the last visit of a conversation began."""
        rooms = {row.conversation_id for row in self.visits.values()}
        if not rooms:
            return {}
        query = (
            select(_V.conversation_id, func.max(_V.started_at).label("at"))
            .where(_V.conversation_id.in_(rooms), _V.turns > 0)
            .group_by(_V.conversation_id)
        )
        return {row.conversation_id: row.at for row in self.session.execute(query)}

    @cached_property
    def events(self) -> dict[str, Any]:
        """The carts and favourites that cases are about, by their subject."""
        numbers = [int(each.subject_id) for each in self.cases if each.subject_kind == "cart"]
        query = select(OrderEvent.__table__).where(_E.id.in_(numbers))
        return {str(row.id): row for row in self.session.execute(query)} if numbers else {}

    @cached_property
    def newest_event(self) -> dict[tuple[str, str, str], int]:
        """The last event of a cart, or of a marked product."""
        rows = self.events.values()
        if not rows:
            return {}
        later = (
            select(_E.id, _E.customer_id, _E.kind, _E.object_id, _E.occurred_at)
            .where(
                _E.customer_id.in_({row.customer_id for row in rows}),
                _E.occurred_at >= min(row.occurred_at for row in rows),
                _E.kind.in_(("cart", "favourite")),
            )
            .order_by(_E.occurred_at, _E.id)
        )
        return {event_key(row): row.id for row in self.session.execute(later)}

    @cached_property
    def wishes(self) -> dict[str, Any]:
        """The wishes that cases are about, by their subject."""
        wishes = [each for each in self.cases if each.subject_kind == "wish"]
        if not wishes:
            return {}
        about = [(_W.wisher == each.subject_id.rsplit(":", 2)[0]) & (_W.sku_code == each.sku_code) for each in wishes]
        rows = self.session.execute(select(StockWish.__table__).where(or_(*about)))
        return {f"{row.wisher}:{row.sku_code}:{int(row.asked_at.timestamp())}": row for row in rows}

    @cached_property
    def conversations(self) -> dict[str, list[Any]]:
        """The conversations of whom a case is of, by `who`, the last one first."""
        names = self.stops.names
        rooms = {each.conversation_id for each in self.cases if each.conversation_id}
        query = select(_N.id, _N.channel, _N.customer_id, _N.level, _N.state, _N.last_at, _N.known_until).where(
            or_(_N.customer_id.in_(list(names.rooms)), _N.id.in_(rooms))
        )
        rows = list(self.session.execute(query.order_by(_N.last_at.desc(), _N.id)))
        by_customer = _grouped([row for row in rows if row.customer_id], lambda row: row.customer_id)
        by_id = {row.id: row for row in rows}
        found = {}
        for case in self.cases:
            # Of a visitor who has signed in since, all that they have as a customer counts.
            own = list(by_customer.get(names.customer_of(case) or "", ()))
            room = by_id.get(case.conversation_id or "")
            if room is not None and all(each.id != room.id for each in own):
                own.append(room)
            found[case.who] = own
        return found

    @cached_property
    def said(self) -> dict[str, Lines]:
        """What customers have said lately, by `who`."""
        names = {who: [each.id for each in own] for who, own in self.conversations.items() if own}
        return lines_of(self.session, names, self.now)

    @cached_property
    def spoken(self) -> dict[str, list[datetime]]:
        """When something of the capped scenes was said to somebody in the last week, by `who`.

        What somebody heard as a visitor counts for the customer that they turned out to be, and the other way round.
        What lies in an outbox is about to be said; a call counts when somebody has taken it, and not on the list.
        """
        capped = self.book.capped()
        people = {each.who: self._names(each) for each in self.cases if each.scene in capped}
        if not people:
            return {}
        taken = select(_T.id).where(_T.rung_id == _G.id, _T.state == "taken").exists()
        said = and_(_G.state == "sent", _G.sent_at > self.now - _WEEK)
        about_to_be = and_(_G.state == "queued", or_(taken, and_(_G.way != "phone", _G.latest_at >= self.now)))
        query = select(_G.who, _G.state, _G.sent_at).where(
            _G.who.in_({name for names in people.values() for name in names}),
            _G.scene.in_(capped),
            or_(said, about_to_be),
        )
        heard: dict[str, list[datetime]] = defaultdict(list)
        for row in self.session.execute(query):
            heard[row.who].append(row.sent_at if row.state == "sent" else self.now)
        return {who: [at for name in sorted(names) for at in heard.get(name, ())] for who, names in people.items()}

    def heard(self, case: OutreachCase) -> None:
        """Counts what is said of a case just now, for whatever else its customer would hear in the same round."""
        names = self._names(case)
        for who in {each.who for each in self.cases if names & self._names(each)}:
            self.spoken.setdefault(who, []).append(self.now)

    def _names(self, case: OutreachCase) -> set[str]:
        """All that whoever a case is of is called by in cases: as a customer, and as a visitor of each conversation."""
        names = self.stops.names
        customer = names.customer_of(case)
        return {case.who} if customer is None else {case.who, customer, *names.rooms.get(customer, ())}

    @cached_property
    def phones(self) -> dict[str, str]:
        """The numbers that customers have left with the shop, of those whose case is about no order."""
        asked = {each.customer_id for each in self.cases if each.customer_id and not each.order_no}
        if not asked:
            return {}
        query = select(_U.id, _U.phone).where(_U.id.in_(asked))
        return {row.id: row.phone for row in self.session.execute(query)}

    def phone_for(self, case: OutreachCase) -> str:
        """The number under which a case's customer is reached: that of its order, else their own; empty without one."""
        order = self.orders.get(case.order_no or "")
        return order.phone if order is not None else self.phones.get(case.customer_id or "", "")

    @cached_property
    def wrong_numbers(self) -> set[tuple[str, str]]:
        """Numbers under which somebody else was reached, each with the customer whose it is not."""
        query = (
            select(_G.who, _T.number)
            .join(OutreachRung.__table__, _G.id == _T.rung_id)
            .where(_G.who.in_({each.who for each in self.cases}), _T.outcome == "wrong_number")
        )
        return {(row.who, row.number) for row in self.session.execute(query)}

    def is_refused(self, number: str) -> bool:
        """Whether somebody has answered an SMS to this number with R, whosever it was then."""
        subject = nameless_number(number)
        query = select(OutreachStop.id).where(_S.kind == "number", _S.subject == subject)
        return self.session.scalar(query.limit(1)) is not None

    @cached_property
    def steps_before(self) -> dict[int, OutreachRung]:
        """The last step that was said of a case, by its id."""
        query = (
            select(OutreachRung)
            .where(_G.case_id.in_([each.id for each in self.cases]), _G.sent_at.is_not(None))
            .order_by(_G.rung)
        )
        return {each.case_id: each for each in self.session.scalars(query)}

    @cached_property
    def _numbers(self) -> set[str]:
        return {each.order_no for each in self.cases if each.order_no}

    @cached_property
    def _product_numbers(self) -> set[str]:
        numbers = {each.product_no for each in self.cases if each.product_no}
        return numbers | {each.product_no for lines in self.lines.values() for each in lines}

    def _of_orders(self, query: Any, order_no: Any) -> dict[str, list[Any]]:
        if not self._numbers:
            return {}
        rows = self.session.execute(query.where(order_no.in_(self._numbers)))
        return _grouped(rows, lambda row: row.order_no)

    def _of_products(self, query: Any, product_no: Any) -> dict[str, list[Any]]:
        if not self._product_numbers:
            return {}
        rows = self.session.execute(query.where(product_no.in_(self._product_numbers)))
        return _grouped(rows, lambda row: row.product_no)

    def can_be_bought(self, product_no: str | None, sku_code: str | None = None) -> bool:
        """Whether a product is on sale and in stock, or one variant of it is."""
        product = self.products.get(product_no or "")
        if product is None or product.status != "on_sale":
            return False
        skus = self.skus.get(product.no, [])
        return any(each.stock > 0 for each in skus if not sku_code or each.code == sku_code)

    def has_refund(self, order_no: str | None, also: Collection[str] = ()) -> bool:
        """Whether an order has a refund that is open, or in one of some other states."""
        wanted = _OPEN_REFUNDS | set(also)
        return any(each.state in wanted for each in self.refunds.get(order_no or "", ()))

    def ordered_since(self, case: OutreachCase, since: datetime, product_no: str | None = None) -> bool:
        """Whether the customer of a case has placed another order since, of one product or of any."""
        for order in self.orders_of.get(self.stops.names.customer_of(case) or "", ()):
            if order.placed_at >= since and order.state != "closed" and order.no != case.order_no:
                numbers = {each.product_no for each in self.lines.get(order.no, ())}
                if product_no is None or product_no in numbers:
                    return True
        return False

    def has_it(self, case: OutreachCase) -> bool:
        """Whether the customer of a visit has an order of its product, on its way or still new."""
        return (self.stops.names.customer_of(case), case.product_no) in self._had

    @cached_property
    def _had(self) -> set[tuple[str, str]]:
        asked = [each for each in self.cases if each.subject_kind == "visit"]
        customers = {who for each in asked if (who := self.stops.names.customer_of(each))}
        if not customers:
            return set()
        query = (
            select(_O.customer_id, _L.product_no)
            .select_from(Order.__table__.join(OrderLine.__table__, _L.order_no == _O.no))
            .where(
                _O.customer_id.in_(customers),
                _L.product_no.in_({each.product_no for each in asked}),
                _O.state != "closed",
                or_(_O.state != "confirmed", _O.confirmed_at > self.now - STILL_NEW),
            )
        )
        return {(row.customer_id, row.product_no) for row in self.session.execute(query)}

    def presale_of(self, order_no: str) -> Any | None:
        """The presale that an order was placed in; of one that is repeated, the last that had begun by then."""
        order = self.orders.get(order_no)
        if order is None:
            return None
        running = [
            presale
            for line in self.lines.get(order_no, ())
            for presale in self.presales.get(line.product_no, ())
            if presale.starts_at <= order.placed_at < presale.balance_until
        ]
        return max(running, key=lambda presale: presale.starts_at, default=None)

    def chat_for(self, case: OutreachCase) -> Any | None:
        """The conversation in which something is said: where it began, else the customer's newest; None without one."""
        own = self.conversations.get(case.who, [])
        fresh = [each for each in own if each.last_at >= self.now - self.book.chat_within and each.state != "closed"]
        fresh += [each for each in own if each.last_at >= self.now - self.book.chat_within and each.state == "closed"]
        at_home = [each for each in fresh if each.id == case.conversation_id]
        return next(iter([*at_home, *fresh]), None)

    def is_with_a_person(self, case: OutreachCase) -> bool:
        """Whether a person talks with the customer, or is about to."""
        return any(each.state in WITH_A_PERSON for each in self.conversations.get(case.who, ()))


def _grouped(rows: Iterable[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _asks_for_orders(book: Book, case: OutreachCase) -> bool:
    scene = book.scenes.get(case.scene)
    return case.subject_kind in ("visit", "cart") or (scene is not None and scene.goal == "ordered")


def event_key(row: Any) -> tuple[str, str, str]:
    """What a later event of a cart, or of a marked product, takes the place of."""
    return row.customer_id, row.kind, row.object_id if row.kind == "favourite" else ""
