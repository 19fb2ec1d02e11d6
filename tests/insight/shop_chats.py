"""Conversations and orders in the database, written as the front door and the shop write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Where, Who, begin
from sixty.insight.follower import VisitFollower
from sixty.insight.following import Setting
from sixty.insight.models import ChatTurn, Visit
from sixty.insight.rules import willingness_rules
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, write_reply
from sixty.playbook import capsule_plan
from sixty.shop.models import Customer, Order, OrderLine, Product, Sku
from sixty.shop.own_channels.models import OwnChannelMark, OwnChannelVisit
from sixty.tables import column
from tests.insight.written import at, meaning

SETTING = Setting(willingness_rules(), 0.0, capsule_plan())
CUSTOMER = "K1"


def open_shop(session: Session) -> None:
    """Two products and a customer."""
    for no, category in (("P1", "工装"), ("P2", "工装")):
        product = Product(no=no, name=f"测试{no}", brand="测", category=category, kind="工装裤", status="on_sale")
        sku = {"code": f"{no}-1", "color": "黑", "size": "L", "stock": 9}
        product.skus = [Sku(list_price=Decimal(300), price=Decimal(259), **sku)]
        session.add(product)
    session.add(Customer(id=CUSTOMER, nickname="小测", phone="13800000000"))
    session.flush()


def open_chat(session: Session, customer: str | None = CUSTOMER, product: str | None = "P1", seconds: float = 0) -> str:
    """A conversation; returns its id."""
    who = Who(customer, known_until=at(seconds + 7200)) if customer else Who()
    where = Where("product", product) if product else Where()
    return begin(session, "web", at(seconds), who=who, where=where)[0].id


def ask(session: Session, chat: str, seconds: float, intent: str = "ask_price", **more: Any) -> Message:
    """A customer's message; it is understood, and answered a second later, unless told otherwise."""
    message = receive(session, Incoming(chat, "web", text=more.get("text", "")), at(seconds)).message
    if more.get("understood", True):
        understand(message, intent, *more.get("entities", ()))
    outcome = more.get("outcome", "answered")
    if outcome is not None:
        answer(session, message, seconds + 1, outcome)
    session.flush()
    return message


def understand(message: Message, intent: str, *entities: tuple[str, str]) -> None:
    message.understood = meaning(intent, *entities)


def answer(session: Session, message: Message, seconds: float, outcome: str = "answered") -> None:
    form = {"text": "好的", "outcome": outcome}
    write_reply(session, message.id, 0, message.conversation_id, "web", "bot", form, at(seconds))
    finish(session, message.id, "answered", at(seconds))


def place_order(session: Session, no: str, seconds: float, *products: str) -> Order:
    order = Order(
        no=no,
        customer_id=CUSTOMER,
        state="paid",
        placed_at=at(seconds),
        paid_at=at(seconds),
        receiver="小测",
        phone="13800000000",
        address="杭州",
        goods_amount=Decimal(259 * len(products)),
        discount=Decimal(9),
        postage=Decimal(0),
        paid_amount=Decimal(250),
    )
    order.lines = [
        OrderLine(
            ordinal=place,
            sku_code=f"{product}-1",
            product_no=product,
            name=product,
            quantity=1,
            unit_price=Decimal(259),
            share=Decimal(250),
        )
        for place, product in enumerate(products)
    ]
    session.add(order)
    session.flush()
    return order


def join_channel(session: Session, chat: str, seconds: float) -> None:
    mark = OwnChannelMark(mark=f"m{chat}"[:40], channel_id="group", conversation_id=chat, made_at=at(seconds - 1))
    session.add(mark)
    session.flush()
    joined = {"channel_id": "group", "kind": "joined", "visitor": "v", "at": at(seconds)}
    session.add(OwnChannelVisit(mark=mark.mark, **joined))
    session.flush()


class Clock:
    """A clock that a test sets, in seconds since noon."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds

    def __call__(self) -> datetime:
        return at(self.seconds)


def follower(session: Session, clock: Clock | None = None, setting: Setting = SETTING) -> VisitFollower:
    """A follower that reads and writes by the test's own session."""

    @contextmanager
    def same() -> Iterator[Session]:
        yield session
        session.flush()

    return VisitFollower(same, same, setting, clock or Clock(), follows_up=False)


def follow_all(session: Session, seconds: float = 0) -> None:
    one = follower(session, Clock(seconds))
    while one.follow_new():
        pass
    one.catch_up()


def kept(session: Session) -> list[dict[str, Any]]:
    """All visits and turns, without what only tells when and in which row they were written."""
    session.expire_all()
    found = []
    for visit in session.scalars(select(Visit).order_by(Visit.first_message_id)):
        turns = session.scalars(
            select(ChatTurn).where(column(ChatTurn.visit_id) == visit.id).order_by(ChatTurn.message_id)
        )
        values = _values(visit)
        values["turns_of_it"] = [_values(turn) for turn in turns]
        found.append(values)
    return found


def _values(row: Any) -> dict[str, Any]:
    left_out = {"id", "visit_id", "updated_at"}
    return {each.name: getattr(row, each.name) for each in row.__table__.columns if each.name not in left_out}
