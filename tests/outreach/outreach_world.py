"""A small shop at moments that the test decides: customers, chats, orders, and the courier that would deliver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation, Who, begin
from sixty.ledger.models import Message, OutboxRow
from sixty.ledger.outbox import claim_due, sent, withdraw, write_message
from sixty.ledger.receiving import blank_message
from sixty.outreach.looking import last_look
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.planning import plan_new
from sixty.outreach.scenes import Book
from sixty.outreach.scenes_file import read_scenes
from sixty.outreach.sending import Done, send_due
from sixty.outreach.settling import settle
from sixty.shop.models import Customer, Order, OrderLine, Parcel, ParcelTrace, Presale, Product, Refund, Sku
from sixty.shop.order_events.models import OrderEvent

PLAYBOOK = Path(__file__).resolve().parents[2] / "playbook"
# A Wednesday at ten in China, far from every campaign.
NOW = datetime(2026, 3, 18, 2, 0, tzinfo=timezone.utc)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def book() -> Book:
    """The scenes that come with the project."""
    return read_scenes(PLAYBOOK)


@dataclass
class World:
    """The shop, by short words."""

    session: Session
    book: Book = field(default_factory=book)
    now: datetime = NOW
    numbers: int = 0

    def product(self, no: str = "P1", stock: int = 10, category: str = "工装", price: str = "259", **of: Any) -> str:
        self.session.add(
            Product(no=no, name=of.get("name", f"夹克{no}"), category=category, kind="夹克", brand="本店", aliases=[])
        )
        self.session.flush()
        for size in of.get("sizes", ("M", "L")):
            amount = Decimal(price)
            self.session.add(
                Sku(
                    code=f"{no}-{size}",
                    product_no=no,
                    color="卡其",
                    size=size,
                    stock=stock,
                    list_price=amount,
                    price=amount,
                )
            )
        self.session.flush()
        return no

    def customer(self, name: str = "C1", phone: str = "13800138000", region: str = "浙江省", chat: bool = True) -> str:
        self.session.add(Customer(id=name, nickname=name, phone=phone, level="普通", region=region))
        self.session.flush()
        if chat:
            self.chat(name)
        return name

    def chat(self, customer: str | None, state: str = "bot", visitor: str | None = None) -> str:
        who = Who(customer, "普通", "浙江省", self.now + 30 * DAY) if customer else Who()
        made = begin(self.session, "web", self.now, visitor_id=visitor or f"v-{customer}", who=who)[0]
        made.state = state
        self.session.flush()
        return str(made.id)

    def room(self, customer: str) -> str:
        query = select(Conversation.id).where(Conversation.customer_id == customer)  # type: ignore[arg-type]
        return str(self.session.scalars(query).first())

    def order(
        self,
        customer: str,
        state: str = "unpaid",
        product: str = "P1",
        at: datetime | None = None,
        amount: str = "259",
        **of: Any,
    ) -> str:
        self.numbers += 1
        no = of.pop("no", f"60{self.numbers:06d}")
        at = at or self.now
        bought = Decimal(amount)
        owner = self.session.get(Customer, customer)
        self.session.add(
            Order(
                no=no,
                customer_id=customer,
                state=state,
                placed_at=at,
                receiver="张三",
                phone=owner.phone,
                address="浙江省杭州市西湖区文三路1号",
                region=owner.region,
                goods_amount=bought,
                discount=Decimal(0),
                postage=Decimal(0),
                paid_amount=of.pop("paid_amount", Decimal(0) if state == "unpaid" else bought),
                **of,
            )
        )
        self.session.flush()
        self.session.add(
            OrderLine(
                order_no=no,
                ordinal=0,
                sku_code=f"{product}-M",
                product_no=product,
                name=f"夹克{product}",
                sku_text="卡其 M",
                quantity=1,
                unit_price=bought,
                share=bought,
            )
        )
        self.session.flush()
        return no

    def set(self, no: str, **values: Any) -> None:
        order = self.session.get(Order, no)
        for name, value in values.items():
            setattr(order, name, value)
        self.session.flush()

    def parcel(self, order: str, state: str, at: datetime | None = None) -> str:
        no = f"SF{order}"
        self.session.add(Parcel(no=no, order_no=order, carrier="顺丰", state=state, since=at or self.now))
        self.session.flush()
        self.session.add(ParcelTrace(parcel_no=no, at=at or self.now, place="杭州", text="到了"))
        self.session.flush()
        return no

    def refund(self, order: str, state: str, at: datetime | None = None) -> str:
        no = f"R{order}"
        at = at or self.now
        self.session.add(
            Refund(
                no=no,
                order_no=order,
                kind="退货退款",
                state=state,
                amount=Decimal(100),
                reason="",
                asked_at=at,
                updated_at=at,
            )
        )
        self.session.flush()
        return no

    def presale(self, product: str, balance_from: datetime, balance_until: datetime) -> None:
        self.session.add(
            Presale(
                product_no=product,
                starts_at=balance_from - 10 * DAY,
                ends_at=balance_from - DAY,
                price=Decimal(259),
                deposit=Decimal(50),
                deposit_worth=Decimal(50),
                balance_from=balance_from,
                balance_until=balance_until,
                ships_by=balance_until + 5 * DAY,
            )
        )
        self.session.flush()

    def event(self, customer: str, kind: str, payload: Mapping[str, Any], at: datetime | None = None) -> int:
        self.numbers += 1
        made = OrderEvent(
            source="shop",
            external_id=f"e{self.numbers}",
            kind=kind,
            object_id=str(payload.get("product_no") or customer),
            customer_id=customer,
            occurred_at=at or self.now,
            received_at=at or self.now,
            way="webhook",
            payload=dict(payload),
            applied_at=at or self.now,
        )
        self.session.add(made)
        self.session.flush()
        return made.id

    def says(self, customer: str, text: str, intent: str = "inform", mood: str = "", at: datetime | None = None) -> int:
        entities = [{"entity": "mood", "value": mood}] if mood else []
        self.numbers += 1
        values = blank_message(
            conversation_id=self.room(customer),
            author="customer",
            channel="web",
            kind="text",
            client_id=f"m{self.numbers}",
            text=text,
            payload={},
            state="answered",
            at=at or self.now,
        )
        values["understood"] = {"intent": {"name": intent}, "entities": entities}
        message = Message(**values)
        self.session.add(message)
        self.session.flush()
        return message.id

    def go(self, span: timedelta) -> World:
        self.now += span
        return self

    def plan(self) -> None:
        plan_new(self.session, self.book, self.now, far=True)

    def decide(self) -> Done:
        return send_due(self.session, self.book, self.now)

    def deliver(self) -> list[str]:
        """As the courier does."""
        said = []
        for row in claim_due(self.session, "test", self.now + MINUTE, self.now):
            payload = last_look(self.session, row, self.now, self.book)
            if payload is None:
                withdraw(self.session, row)
                continue
            row.payload = dict(payload)
            message, _ = write_message(self.session, row, "web", self.now)
            sent(self.session, row.id, message.id, self.now)
            said.append(message.text)
        return said

    def tick(self, span: timedelta = timedelta(0)) -> list[str]:
        """Goes on for a while and does one round of everything; gives what was said."""
        self.go(span)
        self.plan()
        self.decide()
        said = self.deliver()
        settle(self.session, self.book, self.now)
        self.session.expire_all()
        return said

    def cases(self, scene: str) -> Sequence[OutreachCase]:
        query = select(OutreachCase).where(OutreachCase.scene == scene)  # type: ignore[arg-type]
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    def rungs(self, scene: str) -> list[tuple[int, str, str, str | None]]:
        query = (
            select(OutreachRung).where(OutreachRung.scene == scene).order_by(OutreachRung.case_id, OutreachRung.rung)
        )  # type: ignore[arg-type]
        rows = self.session.scalars(query.execution_options(populate_existing=True))
        return [(each.rung, each.way, each.state, each.reason) for each in rows]

    @contextmanager
    def open(self) -> Iterator[Session]:
        """The world's session, where a function wants to open one."""
        yield self.session
        self.session.flush()

    def outbox(self) -> list[OutboxRow]:
        return list(self.session.scalars(select(OutboxRow)))
