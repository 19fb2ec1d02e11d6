"""Customers of a month whose lives are known beforehand: what they order, pay, leave lying, ask and say, and when.

Nothing that they do hangs on what the shop sends them. So an oracle can tell from a life alone what should have been
sent, whoever sends it. A customer's life follows from the seed and the customer's number: it can be had again at any
time, in any order, without keeping those of others.

The month begins some days before the presale of 双11 and ends after a second campaign of the shop's own. Times are
whole seconds, amounts yuan.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from sixty.shop.models import OrderState, ParcelState, RefundKind, RefundState

ZONE = ZoneInfo("Asia/Shanghai")
BEGINS = datetime(2026, 10, 19, tzinfo=ZONE)
DAYS = 31
ENDS = BEGINS + timedelta(days=DAYS)
SALE_FROM = datetime(2026, 10, 31, 20, tzinfo=ZONE)
"""When 双11 goes on sale and balances may be paid."""
PRESALE_FROM = datetime(2026, 10, 20, 20, tzinfo=ZONE)
PRESALE_UNTIL = datetime(2026, 10, 31, 18, tzinfo=ZONE)
BALANCE_UNTIL = datetime(2026, 11, 4, tzinfo=ZONE)
SHIPS_BY = datetime(2026, 11, 9, tzinfo=ZONE)
SALE_UNTIL = datetime(2026, 11, 12, tzinfo=ZONE)
OWN_SALE = (datetime(2026, 11, 15, 20, tzinfo=ZONE), datetime(2026, 11, 17, tzinfo=ZONE))
"""The second campaign."""

REGIONS = ("广东", "浙江", "江苏", "上海", "北京", "四川", "山东", "新疆", "西藏", "湖北")
_REGION_WEIGHTS = (18, 12, 12, 8, 8, 10, 12, 3, 1, 10)
_CARRIERS = ("顺丰速运", "中通快递", "圆通速递", "京东物流")
_ORDERS = ((0, 5), (1, 15), (2, 20), (3, 25), (4, 20), (5, 10), (6, 5))
_LEVELS = (("普通", 70), ("银卡", 18), ("金卡", 9), ("PLUS", 3))
ANSWERED_AFTER = timedelta(seconds=1)
"""How long the bot takes to answer a line."""
PAUSE = timedelta(minutes=30)
"""After so long a silence another visit begins: `pause_minutes` of `playbook/willingness.yml`."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

_State = TypeVar("_State", bound=str)
Mood = Literal["angry", "abandoning", "negative"]
WhoAnswers = Literal["bot", "queued", "assigned", "closed"]


# ---------------------------------------------------------------------------------------------------------------- shop


@dataclass(frozen=True)
class Article:
    """A variant on the shelves.

    Attributes:
        outages: Spans in which none is there; none of them touches another.
    """

    code: str
    size: str
    outages: tuple[tuple[datetime, datetime], ...] = ()

    def there(self, at: datetime) -> bool:
        """Whether it can be bought at a moment."""
        return not any(gone <= at < back for gone, back in self.outages)


@dataclass(frozen=True)
class Goods:
    """A product, with its variants.

    Attributes:
        deposit: Of a presale; None for what is sold at once.
        off_sale_at: When it is taken off sale for good.
    """

    no: str
    name: str
    category: str
    kind: str
    price: Decimal
    articles: tuple[Article, ...]
    deposit: Decimal | None = None
    off_sale_at: datetime | None = None

    def on_sale(self, at: datetime) -> bool:
        """Whether it is offered at a moment, there or not."""
        return self.off_sale_at is None or at < self.off_sale_at


_RANGES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("工装", "工装裤", (169, 239, 399)),
    ("工装", "T恤", (49, 79)),
    ("工装", "羽绒外套", (699, 1299)),
    ("母婴", "奶瓶", (59, 129)),
    ("母婴", "纸尿裤", (89, 169)),
    ("美妆", "精华", (199, 459)),
    ("美妆", "口红", (129, 259)),
    ("数码家电", "手机", (1999, 3299, 5999)),
    ("数码家电", "洗衣机", (1599, 2899)),
    ("数码家电", "蓝牙耳机", (199, 599)),
    ("生鲜食品", "水果", (39, 69)),
    ("生鲜食品", "大米", (49, 89)),
    ("文具", "中性笔", (9, 19)),
    ("文具", "书包", (139, 219)),
)


@dataclass(frozen=True)
class Shop:
    """All that is sold in the month."""

    goods: tuple[Goods, ...]

    @cached_property
    def by_no(self) -> dict[str, Goods]:
        """The products by their numbers."""
        return {each.no: each for each in self.goods}

    @cached_property
    def articles(self) -> dict[str, Article]:
        """The variants by their codes."""
        return {article.code: article for each in self.goods for article in each.articles}

    def there(self, product_no: str, at: datetime) -> bool:
        """Whether anything of a product can be bought at a moment."""
        goods = self.by_no[product_no]
        return goods.on_sale(at) and any(article.there(at) for article in goods.articles)


def open_shop(seed: int) -> Shop:
    """Stocks the shop; the same for the same seed."""
    draw = random.Random(f"{seed} shop")
    goods = []
    for place, (category, kind, prices) in enumerate(_RANGES):
        for number, price in enumerate(prices):
            no = f"P{place:02d}{number}"
            articles = tuple(_article(draw, no, size) for size in ("S", "M", "L")[: draw.randint(1, 3)])
            presale = kind in ("手机", "羽绒外套", "精华") and number == len(prices) - 1
            deposit = Decimal(max(20, price // 10)) if presale else None
            gone = _between(draw, BEGINS + timedelta(days=8), ENDS) if kind == "书包" and number == 0 else None
            goods.append(Goods(no, f"{kind}{number + 1}号", category, kind, Decimal(price), articles, deposit, gone))
    return Shop(tuple(goods))


def _article(draw: random.Random, no: str, size: str) -> Article:
    outages = []
    at = BEGINS + timedelta(seconds=draw.randrange(20 * _DAY))
    # A third of them sell out, some twice, for hours or for a week.
    while draw.random() < 0.35 and at < ENDS:
        back = at + timedelta(seconds=draw.choice((draw.randrange(2 * _HOUR, _DAY), draw.randrange(_DAY, 6 * _DAY))))
        outages.append((at, back))
        at = back + timedelta(seconds=draw.randrange(_DAY, 8 * _DAY))
    return Article(f"{no}-{size}", size, tuple(outages))


# --------------------------------------------------------------------------------------------------------------- lives


@dataclass(frozen=True)
class Line:
    """One article of an order or a cart."""

    product_no: str
    sku_code: str
    quantity: int
    price: Decimal


@dataclass(frozen=True)
class ParcelLife:
    """A parcel and its steps: when it became what, in order."""

    no: str
    carrier: str
    steps: tuple[tuple[datetime, ParcelState], ...]

    def state(self, at: datetime) -> ParcelState | None:
        """What it is at a moment; None before it was sent."""
        return _latest(self.steps, at)

    def since(self, at: datetime) -> datetime | None:
        """Since when it is what it is at a moment."""
        return max((moment for moment, _ in self.steps if moment <= at), default=None)

    @property
    def signed_at(self) -> datetime | None:
        """When the customer has it."""
        return next((at for at, state in self.steps if state == "signed"), None)


@dataclass(frozen=True)
class RefundLife:
    """A refund and its steps."""

    no: str
    kind: RefundKind
    amount: Decimal
    reason: str
    steps: tuple[tuple[datetime, RefundState], ...]

    def state(self, at: datetime) -> RefundState | None:
        """What it is at a moment; None before it was asked for."""
        return _latest(self.steps, at)


@dataclass(frozen=True)
class OrderLife:
    """An order and all that becomes of it. What never happens is None, also where it would happen after the month.

    Attributes:
        deposit: Of a presale: what is paid first.
        paid_at: When all of it was paid; of a presale the balance.
        closed_at: When it was closed: not paid in time, cancelled, or paid back before it was sent.
    """

    no: str
    placed_at: datetime
    lines: tuple[Line, ...]
    region: str
    phone: str
    goods_amount: Decimal
    discount: Decimal
    deposit: Decimal | None = None
    deposit_at: datetime | None = None
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    confirmed_at: datetime | None = None
    parcels: tuple[ParcelLife, ...] = ()
    refunds: tuple[RefundLife, ...] = ()

    @property
    def amount(self) -> Decimal:
        """What is to be paid for it."""
        return self.goods_amount - self.discount

    @cached_property
    def shares(self) -> tuple[Decimal, ...]:
        """What is paid for each line: the discount is the first one's."""
        whole = [line.price * line.quantity for line in self.lines]
        return (whole[0] - self.discount, *whole[1:])

    @cached_property
    def shipped_at(self) -> datetime | None:
        """When its first parcel was collected."""
        return min((parcel.steps[0][0] for parcel in self.parcels), default=None)

    @cached_property
    def delivered_at(self) -> datetime | None:
        """When its last parcel was signed for; None while one is on its way or came back."""
        signed = [parcel.signed_at for parcel in self.parcels]
        return max(filter(None, signed)) if signed and all(signed) else None

    def state(self, at: datetime) -> OrderState | None:
        """What it is at a moment; None before it was placed."""
        if at < self.placed_at:
            return None
        steps: list[tuple[datetime | None, OrderState]] = [
            (self.closed_at, "closed"),
            (self.confirmed_at, "confirmed"),
            (self.delivered_at, "delivered"),
            (self.shipped_at, "shipped"),
            (self.paid_at, "paid"),
            (self.deposit_at, "deposit_paid"),
        ]
        return next((state for moment, state in steps if moment is not None and moment <= at), "unpaid")


@dataclass(frozen=True)
class Said:
    """One line of a customer in their chat, with what the bot understands of it.

    Attributes:
        product_no: The product that it names or that its page shows.
        asks: Whether it is a question that leads to buying.
        doubt: Which of the six doubts it shows.
    """

    at: datetime
    text: str
    intent: str
    product_no: str | None = None
    order_no: str | None = None
    attribute: str | None = None
    mood: Mood | None = None
    asks: bool = False
    doubt: str | None = None


@dataclass(frozen=True)
class Kept:
    """Something put into the cart or marked, and when it was bought, taken out or unmarked."""

    kind: Literal["cart", "favourite"]
    at: datetime
    line: Line
    gone_at: datetime | None

    def there(self, at: datetime) -> bool:
        """Whether it lies there at a moment."""
        return self.at <= at and (self.gone_at is None or at < self.gone_at)


@dataclass(frozen=True)
class Wish:
    """That the customer wants to hear when a variant is back."""

    at: datetime
    sku_code: str


@dataclass(frozen=True)
class Life:
    """One customer's month.

    Attributes:
        number: Which customer.
        customer_id: The shop's number; None for a visitor who never signs in.
        phone: As the shop has it; not every one can be called.
        chat_from: When the chat was opened; None for who never chats.
        page: The product of the page where the chat was opened.
        people: Who answers the chat since when, beside the bot.
        unsubscribes_at: When the customer answers an SMS with "T".
    """

    number: int
    customer_id: str | None
    phone: str
    level: str
    region: str
    orders: tuple[OrderLife, ...] = ()
    chat_from: datetime | None = None
    page: str | None = None
    said: tuple[Said, ...] = ()
    people: tuple[tuple[datetime, WhoAnswers], ...] = ()
    kept: tuple[Kept, ...] = ()
    wishes: tuple[Wish, ...] = ()
    unsubscribes_at: datetime | None = None

    @property
    def conversation_id(self) -> str | None:
        """The chat."""
        return None if self.chat_from is None else f"month-{self.number:07d}"

    @property
    def who(self) -> str | None:
        """Whom reminders count by: the customer, else the conversation of an unknown visitor."""
        return self.customer_id or self.conversation_id

    @cached_property
    def cart_changes(self) -> list[datetime]:
        """When something was put into the cart or taken out."""
        carts = [kept for kept in self.kept if kept.kind == "cart"]
        return sorted({at for kept in carts for at in (kept.at, kept.gone_at) if at is not None})

    def cart_at(self, at: datetime) -> list[Line]:
        """What lies in the cart at a moment, what was put in first in front."""
        return [kept.line for kept in self.kept if kept.kind == "cart" and kept.there(at)]

    @cached_property
    def visits(self) -> tuple[tuple[Said, ...], ...]:
        """The lines of the chat, cut where nobody wrote for long."""
        cut: list[list[Said]] = []
        for each in self.said:
            if cut and each.at - cut[-1][-1].at - ANSWERED_AFTER <= PAUSE:
                cut[-1].append(each)
            else:
                cut.append([each])
        return tuple(map(tuple, cut))

    def answered_by(self, at: datetime) -> WhoAnswers:
        """Who answers the chat at a moment."""
        return _latest(self.people, at) or "bot"


def lives(shop: Shop, seed: int, customers: int, first: int = 0) -> Iterator[Life]:
    """The lives of so many customers, one after the other."""
    for number in range(first, first + customers):
        yield life(shop, seed, number)


def life(shop: Shop, seed: int, number: int) -> Life:
    """The life of one customer: the same for the same shop, seed and number."""
    return _Living(shop, random.Random(f"{seed} customer {number}"), number).live()


@dataclass
class _Living:
    """Draws one life."""

    shop: Shop
    draw: random.Random
    number: int
    orders: list[OrderLife] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    people: list[tuple[datetime, WhoAnswers]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)

    def live(self) -> Life:
        draw = self.draw
        stranger = draw.random() < 0.06
        self.chats = stranger or draw.random() < 0.72
        self.region = draw.choices(REGIONS, _REGION_WEIGHTS)[0]
        self.phone = _phone(draw)
        level = draw.choices([name for name, _ in _LEVELS], [weight for _, weight in _LEVELS])[0]
        if not stranger:
            for ordinal in range(draw.choices([n for n, _ in _ORDERS], [weight for _, weight in _ORDERS])[0]):
                self.orders.append(self._order(ordinal))
            for _ in range(draw.choices((0, 1, 2), (60, 30, 10))[0]):
                self._keep()
        if self.chats:
            self._chat(stranger)
        said = tuple(sorted(self.said, key=lambda each: each.at))
        return Life(
            number=self.number,
            customer_id=None if stranger else f"M{self.number:07d}",
            phone=self.phone,
            level=level,
            region=self.region,
            orders=tuple(sorted(self.orders, key=lambda each: (each.placed_at, each.no))),
            chat_from=said[0].at if said else None,
            page=said[0].product_no if said else None,
            said=said,
            people=tuple(sorted(self.people)),
            kept=tuple(sorted(self.kept, key=lambda each: each.at)),
            wishes=tuple(self.wishes) if said else (),
            unsubscribes_at=_between(draw, BEGINS, ENDS) if self._answers_sms(stranger) else None,
        )

    def _answers_sms(self, stranger: bool) -> bool:
        return not stranger and self.phone.isdigit() and self.draw.random() < 0.02

    # ------------------------------------------------------------------------------------------------------- buying

    def _order(self, ordinal: int) -> OrderLife:
        draw = self.draw
        placed = _shopping_time(draw)
        goods = self._choose(placed)
        presale = goods.deposit is not None and PRESALE_FROM <= placed < PRESALE_UNTIL
        lines = [self._line(goods, placed)]
        if not presale and draw.random() < 0.25:
            other = self._choose(placed)
            if other.no != goods.no and other.deposit is None:
                lines.append(self._line(other, placed))
        amount = sum((line.price * line.quantity for line in lines), Decimal(0))
        discount = Decimal(draw.choice((0, 0, 0, 5, 10))) if amount > 50 else Decimal(0)
        bare = OrderLife(
            no=f"N{self.number:07d}{ordinal}",
            placed_at=placed,
            lines=tuple(lines),
            region=self.region if draw.random() < 0.9 else draw.choice(REGIONS),
            phone=self.phone if draw.random() < 0.95 else _phone(draw),
            goods_amount=amount,
            discount=discount,
            deposit=goods.deposit if presale else None,
        )
        return self._pay(bare)

    def _pay(self, order: OrderLife) -> OrderLife:
        draw, placed = self.draw, order.placed_at
        if order.deposit is not None:
            if draw.random() < 0.1:
                return _with(order, closed_at=_later(placed, _HOUR), close_reason="超时未支付")
            deposit_at = _later(placed, draw.randrange(20, 40 * _MINUTE))
            lot = draw.random()
            wait = draw.randrange(10, 2 * _HOUR) if lot < 0.45 else draw.randrange(2 * _HOUR, 76 * _HOUR)
            paid = SALE_FROM + timedelta(seconds=wait)
            if lot > 0.85 or paid >= BALANCE_UNTIL:
                return _with(
                    order, deposit_at=deposit_at, closed_at=BALANCE_UNTIL + timedelta(hours=1), close_reason="未付尾款"
                )
            return self._send(_with(order, deposit_at=deposit_at, paid_at=paid))
        lot = draw.random()
        if lot < 0.58:
            return self._send(_with(order, paid_at=_later(placed, draw.randrange(5, 5 * _MINUTE))))
        if lot < 0.74:
            return self._send(_with(order, paid_at=_later(placed, draw.randrange(5 * _MINUTE, 4 * _HOUR))))
        if lot < 0.82:
            return self._send(_with(order, paid_at=_later(placed, draw.randrange(4 * _HOUR, 46 * _HOUR))))
        if lot < 0.88:
            gone = _later(placed, draw.randrange(_MINUTE, 20 * _HOUR))
            return _with(order, closed_at=gone, close_reason="买家取消")
        return _with(order, closed_at=_later(placed, 2 * _DAY), close_reason="超时未支付")

    def _send(self, order: OrderLife) -> OrderLife:
        draw, paid = self.draw, order.paid_at
        assert paid is not None
        lot = draw.random()
        if lot < 0.03:
            # Wants the money back before anything was sent, and gets it.
            asked = _later(paid, draw.randrange(10 * _MINUTE, 4 * _HOUR))
            done = _later(asked, draw.randrange(_HOUR, 6 * _HOUR))
            refund = RefundLife(
                f"R{order.no}", "仅退款", order.amount, "不想要了", ((asked, "requested"), (done, "done"))
            )
            return _with(order, refunds=(refund,), closed_at=_later(done, 5), close_reason="退款成功")
        late = lot > 0.92
        wait = draw.randrange(72 * _HOUR, 130 * _HOUR) if late else draw.randrange(5 * _HOUR, 50 * _HOUR)
        pieces = 2 if len(order.lines) > 1 and draw.random() < 0.15 else 1
        parcels = tuple(
            self._parcel(f"T{order.no}{piece}", _later(paid, wait + piece * draw.randrange(0, 10 * _HOUR)))
            for piece in range(pieces)
        )
        sent = _with(order, parcels=parcels)
        delivered = sent.delivered_at
        if delivered is None:
            return sent
        return self._receive(sent, delivered)

    def _parcel(self, no: str, collected: datetime) -> ParcelLife:
        draw = self.draw
        at = collected
        steps: list[tuple[datetime, ParcelState]] = [(at, "collected")]
        for _ in range(draw.randint(1, 3)):
            at = _later(at, draw.randrange(5 * _HOUR, 22 * _HOUR))
            steps.append((at, "in_transit"))
        lot = draw.random()
        if lot < 0.05:
            at = _later(at, draw.randrange(4 * _HOUR, 20 * _HOUR))
            steps.append((at, "stuck"))
            at = _later(at, draw.randrange(20 * _HOUR, 90 * _HOUR))
            steps.append((at, "in_transit"))
        elif lot < 0.09:
            # Nothing is heard of it for days.
            at = _later(at, draw.randrange(60 * _HOUR, 110 * _HOUR))
            steps.append((at, "in_transit"))
        morning = at.astimezone(ZONE).replace(hour=7, minute=0, second=0) + timedelta(days=1)
        at = _later(morning, draw.randrange(0, 5 * _HOUR))
        steps.append((at, "out_for_delivery"))
        at = _later(at, draw.randrange(20 * _MINUTE, 9 * _HOUR))
        steps.append((at, "rejected" if lot > 0.985 else "signed"))
        return ParcelLife(no, draw.choice(_CARRIERS), tuple(steps))

    def _receive(self, order: OrderLife, delivered: datetime) -> OrderLife:
        draw = self.draw
        if draw.random() < 0.06:
            asked = _later(delivered, draw.randrange(_HOUR, 4 * _DAY))
            return _with(order, refunds=(self._refund(order, asked),))
        wait = draw.randrange(_HOUR, 3 * _DAY) if draw.random() < 0.4 else 10 * _DAY
        return _with(order, confirmed_at=_later(delivered, wait))

    def _refund(self, order: OrderLife, asked: datetime) -> RefundLife:
        draw = self.draw
        at = asked
        steps: list[tuple[datetime, RefundState]] = [(at, "requested")]
        lot = draw.random()
        way: tuple[RefundState, ...] = ("agreed", "returning", "done")
        if lot < 0.1:
            way = ("rejected",)
        elif lot < 0.2:
            way = ("agreed", "withdrawn")
        for state in way:
            at = _later(at, draw.randrange(2 * _HOUR, 60 * _HOUR))
            steps.append((at, state))
        line = order.lines[0]
        reason = draw.choice(("尺码不合适", "质量问题", "不喜欢"))
        return RefundLife(f"R{order.no}", "退货退款", line.price * line.quantity, reason, tuple(steps))

    def _choose(self, at: datetime) -> Goods:
        """Something that can be bought at that moment."""
        while True:
            goods = self.draw.choice(self.shop.goods)
            if self.shop.there(goods.no, at):
                return goods

    def _line(self, goods: Goods, at: datetime) -> Line:
        there = [article for article in goods.articles if article.there(at)] or list(goods.articles)
        quantity = 1 if goods.price > 100 else self.draw.choice((1, 1, 2, 3))
        return Line(goods.no, self.draw.choice(there).code, quantity, goods.price)

    def _keep(self) -> None:
        draw = self.draw
        at = _shopping_time(draw)
        goods = self._choose(at)
        kind: Literal["cart", "favourite"] = "cart" if draw.random() < 0.65 else "favourite"
        gone = _later(at, draw.randrange(_MINUTE, 5 * _DAY)) if draw.random() < 0.5 else None
        self.kept.append(Kept(kind, at, self._line(goods, at), gone))

    # ------------------------------------------------------------------------------------------------------- talking

    def _chat(self, stranger: bool) -> None:
        draw = self.draw
        for _ in range(draw.choices((0, 1, 2), (25, 50, 25))[0] + stranger):
            self._ask()
        for order in self.orders:
            if draw.random() < 0.35:
                self._ask_before(order)
            if draw.random() < 0.3:
                self._write_after(order)
        if self.said and draw.random() < 0.06:
            self._lose_patience()

    def _ask(self) -> None:
        """Asks about something, and does not buy it there and then."""
        draw = self.draw
        at = _shopping_time(draw)
        goods = draw.choice([each for each in self.shop.goods if each.on_sale(at)])
        self._questions(at, goods)
        gone = [article for article in goods.articles if not article.there(at)]
        if gone and draw.random() < 0.7:
            article = draw.choice(gone)
            told = _later(at, 100)
            self.said.append(Said(told, f"{article.size}到货了告诉我一声", "ask_stock", goods.no))
            self.wishes.append(Wish(_later(told, 1), article.code))

    def _ask_before(self, order: OrderLife) -> None:
        """Asks, and orders soon after."""
        before = order.placed_at - timedelta(seconds=self.draw.randrange(3 * _MINUTE, 3 * _HOUR))
        if before > BEGINS:
            self._questions(before, self.shop.by_no[order.lines[0].product_no])

    def _questions(self, at: datetime, goods: Goods) -> None:
        draw = self.draw
        for text, intent, attribute, doubt in draw.sample(_QUESTIONS, draw.randint(1, 3)):
            self.said.append(Said(at, text, intent, goods.no, attribute=attribute, asks=True, doubt=doubt))
            at = _later(at, draw.randrange(8, 28))
        lot = draw.random()
        if lot < 0.06:
            self.said.append(Said(at, "算了，不买了", "abandon_purchase", goods.no, mood="abandoning"))
        elif lot < 0.16:
            self.said.append(Said(at, "有点贵，我再想想", "hesitate", goods.no))
        elif lot < 0.22:
            self.said.append(Said(at, "谢谢", "thank"))
        elif lot < 0.25:
            self._call_a_person(at)

    def _write_after(self, order: OrderLife) -> None:
        """Writes at some moment of an order's life: to ask, to say no, or in anger."""
        draw = self.draw
        moments = [
            each for each in (order.placed_at, order.paid_at, order.shipped_at, order.delivered_at) if each is not None
        ]
        at = _later(draw.choice(moments), draw.randrange(10 * _MINUTE, 20 * _HOUR))
        lot = draw.random()
        if lot < 0.55:
            text, intent = draw.choice(_ABOUT_ORDERS)
            self.said.append(Said(at, text, intent, order_no=order.no))
        elif lot < 0.67:
            self.said.append(Said(at, "不想要了，算了", "abandon_purchase", order_no=order.no, mood="abandoning"))
        elif lot < 0.8:
            self.said.append(Said(at, "太慢了！气死我了", "complain", order_no=order.no, mood="angry"))
        elif lot < 0.9:
            self.said.append(Said(at, "转人工", "ask_human", order_no=order.no))
            self._call_a_person(at)
        else:
            self.said.append(Said(at, "好的", "affirm"))

    def _call_a_person(self, at: datetime) -> None:
        draw = self.draw
        taken = _later(at, draw.randrange(5, 4 * _MINUTE))
        ended = _later(taken, draw.randrange(3 * _MINUTE, 3 * _HOUR))
        if any(taken - timedelta(hours=5) < other < ended + timedelta(hours=5) for other, _ in self.people):
            return
        self.people += [(_later(at, 2), "queued"), (taken, "assigned"), (ended, draw.choice(("bot", "closed")))]

    def _lose_patience(self) -> None:
        at = _shopping_time(self.draw)
        self.said.append(Said(at, "别再给我发消息了", "stop_reminders"))


_QUESTIONS = (
    ("多少钱", "ask_price", None, None),
    ("会起球吗", "ask_attribute", "pilling", "quality"),
    ("质量怎么样", "ask_quality", None, "quality"),
    ("我穿什么码", "ask_size", None, "size"),
    ("今天能发货吗", "ask_ship_time", None, "date"),
    ("有优惠吗", "ask_discount", None, None),
    ("有货吗", "ask_stock", None, None),
)
_ABOUT_ORDERS = (
    ("到哪了", "order_status"),
    ("怎么付款", "ask_payment"),
    ("什么时候发货", "ask_ship_time"),
    ("地址写错了", "change_address"),
)


def _with(order: OrderLife, **values: object) -> OrderLife:
    # `cached_property` leaves its values in the instance, so a changed copy is made from the fields alone.
    fields = {name: getattr(order, name) for name in OrderLife.__dataclass_fields__}
    return OrderLife(**{**fields, **values})


def _latest(steps: Sequence[tuple[datetime, _State]], at: datetime) -> _State | None:
    place = bisect_right([moment for moment, _ in steps], at)
    return steps[place - 1][1] if place else None


def _later(at: datetime, seconds: int) -> datetime:
    return at + timedelta(seconds=seconds)


def _between(draw: random.Random, begin: datetime, end: datetime) -> datetime:
    return begin + timedelta(seconds=draw.randrange(int((end - begin).total_seconds())))


_BY_HOUR = (2, 1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 7, 7, 6, 6, 6, 6, 6, 6, 8, 10, 10, 8, 4)


def _shopping_time(draw: random.Random) -> datetime:
    """When somebody shops: more in the evening, more on the first evening of a sale, few at night."""
    lot = draw.random()
    if lot < 0.06:
        return SALE_FROM + timedelta(seconds=int(draw.expovariate(1 / 7_000)))
    if lot < 0.09:
        return BEGINS + timedelta(days=27, hours=20, seconds=int(draw.expovariate(1 / 7_000)))
    day = draw.randrange(DAYS)
    hour = draw.choices(range(24), _BY_HOUR)[0]
    return BEGINS + timedelta(days=day, hours=hour, seconds=draw.randrange(_HOUR))


def _phone(draw: random.Random) -> str:
    lot = draw.random()
    if lot < 0.04:
        return "138****" + f"{draw.randrange(10_000):04d}"
    if lot < 0.07:
        return "0755-2690" + f"{draw.randrange(10_000):04d}"
    return draw.choice(("138", "139", "150", "186")) + f"{draw.randrange(10**8):08d}"
