"""A visit that has gone silent behind an answer, as rows; each test changes one thing about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation, Where, Who, begin
from sixty.insight.models import Visit
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, write_reply
from sixty.shop.models import Attribute, Product, Sku
from sixty.shop.wording import SHOP_ZONE

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=SHOP_ZONE)
PRODUCT, CUSTOMER = "ZZ9001", "C-silent"


def stock_shelf(session: Session, category: str = "工装", stock: int = 50) -> Product:
    """A product that can be bought."""
    product = Product(no=PRODUCT, name="静音工装裤", brand="静音", category=category, kind="工装裤", status="on_sale")
    sku = {"code": f"{PRODUCT}-1", "color": "黑色", "size": "L", "stock": stock}
    product.skus = [Sku(list_price=Decimal(329), price=Decimal(259), **sku)]
    session.add(product)
    session.flush()
    session.add(Attribute(product_no=PRODUCT, key="材质", value="98%棉", selling_point="耐磨", doubt="quality"))
    session.add(Attribute(product_no=PRODUCT, key="版型", value="宽松", selling_point="好活动", doubt="fit"))
    session.flush()
    return product


@dataclass
class Silence:
    """The conversation, with what was said in it."""

    session: Session
    entry: Any = "product"
    customer: str | None = None
    channel: str = "web"
    arm: Any = "pushes"
    category: str = "工装"
    at: datetime = NOW
    conversation: Conversation = field(init=False)
    messages: list[Message] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        who = Who(self.customer, "普通", "浙江", self.at + timedelta(hours=1)) if self.customer else Who()
        where = Where(self.entry, PRODUCT)
        self.conversation, _ = begin(self.session, self.channel, self.at, who=who, where=where)

    def ask(
        self,
        text: str = "什么面料",
        intent: str = "ask_attribute",
        outcome: str = "answered",
        state: Any = "answered",
        actions: tuple[str, ...] = (),
        **entities: str,
    ) -> Message:
        """A customer's message and the bot's answer to it, ten seconds after the last ones."""
        self.at += timedelta(seconds=10)
        asked = receive(self.session, Incoming(self.conversation.id, self.channel, text=text), self.at).message
        found = [{"entity": name, "value": value} for name, value in entities.items()]
        asked.understood = {"intent": intent, "confidence": 1.0, "entities": found} if intent else None
        asked.actions = list(actions)
        self.session.flush()
        form = {"text": "98%棉～", "outcome": outcome}
        reply, _ = write_reply(self.session, asked.id, 0, self.conversation.id, self.channel, "bot", form, self.at)
        finish(self.session, asked.id, state, self.at)
        self.session.refresh(asked)
        self.messages += [asked, reply]
        return reply

    def visited(self, **more: Any) -> Visit:
        """The row of the visit, as the follower keeps it."""
        values = {
            "conversation_id": self.conversation.id,
            "first_message_id": self.messages[0].id,
            "started_at": self.messages[0].at,
            "ended_at": self.messages[-1].at,
            "category": self.category,
            "product_no": PRODUCT,
            "entry": self.entry,
            "channel": self.channel,
            "arm": self.arm,
            "customer_id": self.customer,
            "turns": len(self.messages) // 2,
            "questions": len(self.messages) // 2,
            "segment": "answer",
            "score": 0.5,
            "line": "A",
            "updated_at": self.at,
            **more,
        }
        visit = self.session.query(Visit).filter(Visit.first_message_id == values["first_message_id"]).one_or_none()
        if visit is None:
            visit = Visit(**values)
            self.session.add(visit)
        for name, value in values.items():
            setattr(visit, name, value)
        self.session.flush()
        return visit
