"""Each of the six lines through the golden minute is reached by a written conversation with the running bot.

The conversations stand in `tests/conversations/lines`. Nobody waits for the seconds that pass in them: all that was
said before is moved back by as much, in the ledger, which is where the minute is read from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.insight.live import minute_of
from sixty.insight.models import LINES
from sixty.ledger.models import Message
from sixty.ledger.replying import PUSH
from sixty.shop.catalogue import find_product
from sixty.shop.database import shop_session
from sixty.shop.models import Customer, Order, OrderLine
from sixty.shop.own_channels.models import OwnChannelMark
from sixty.shop.own_channels.visits import joined
from sixty.tables import column
from tests.servers.running import Answer, Product, Talk

FOLDER = Path(__file__).parents[1] / "conversations" / "lines"
WRITTEN = {
    story["line"]: story for file in sorted(FOLDER.glob("*.yml")) for story in [yaml.safe_load(file.read_text())]
}


@dataclass
class Played:
    """A written conversation while it is played."""

    product: Product
    story: dict[str, Any]
    talk: Talk

    def say(self, step: dict[str, Any]) -> None:
        """Says a line or taps a capsule, and looks at what the bot offers by itself."""
        if self.talk.said:
            self.talk.later(step.get("after", 0))
        if "tap" in step:
            offered = self.talk.said[-1][1].capsules
            answer = self.talk.tap(next(each for each in offered if each.title == step["tap"]))
        else:
            answer = self.talk.say(step["say"])
        shown = f"{self.story['line']}: {step}\n{answer}"
        assert self.pushes_in(answer) == step.get("pushes", []), shown
        assert step.get("asks", "") in answer.text, shown

    def pushes_in(self, answer: Answer) -> list[str]:
        """What the bot has offered by itself, as the ledger has it."""
        with shop_session(self.product.database_url, read_only=True) as session:
            rows = [session.get(Message, reply.id) for reply in answer.replies]
        return [row.payload[PUSH] for row in rows if row is not None and row.payload.get(PUSH)]

    def join(self) -> None:
        """The customer joins the channel whose card they were shown."""
        with shop_session(self.product.database_url) as session:
            mark = session.scalars(
                select(OwnChannelMark).where(column(OwnChannelMark.conversation_id) == self.talk.conversation_id)
            ).one()
            joined(session, mark.mark, "a-reader", datetime.now(timezone.utc), self.product.secret)

    def order(self, with_it: bool = False) -> None:
        """An order of the product comes in, and where they took the bundle, of what goes with it."""
        numbers = [self.story["product"]]
        if with_it:
            cards = [card for _, answer in self.talk.said for card in answer.cards("bundle")]
            numbers.append(cards[-1]["items"][0]["no"])
        with shop_session(self.product.database_url) as session:
            place_order(session, self.story["customer"], numbers, datetime.now(timezone.utc))

    def line(self) -> str | None:
        """The line that the conversation has taken."""
        self.talk.until_heard()
        with shop_session(self.product.database_url, read_only=True) as session:
            return minute_of(session, self.talk.conversation_id, datetime.now(timezone.utc)).line


def place_order(session: Session, customer_id: str, numbers: list[str], now: datetime) -> None:
    """Writes an order as the shop's system would."""
    customer = session.get(Customer, customer_id)
    assert customer is not None
    number = f"2026{now:%m%d%H%M%S%f}"
    skus = []
    for each in numbers:
        product = find_product(session, each)
        assert product is not None
        skus.append((product, next(sku for sku in product.skus if sku.stock)))
    total = sum((sku.price for _, sku in skus), Decimal(0))
    amounts = {"goods_amount": total, "discount": Decimal(0), "postage": Decimal(0), "paid_amount": total}
    receiver = {"receiver": "某**", "phone": customer.phone, "address": "某省某市", "region": customer.region}
    session.add(
        Order(no=number, customer_id=customer_id, state="paid", placed_at=now, paid_at=now, **amounts, **receiver)
    )
    session.flush()
    for ordinal, (product, sku) in enumerate(skus):
        price = {"unit_price": sku.price, "share": sku.price}
        line = {"sku_code": sku.code, "product_no": product.no, "name": product.name, "sku_text": sku.text or ""}
        session.add(OrderLine(order_no=number, ordinal=ordinal, quantity=1, **line, **price))


def test_there_is_a_conversation_for_each_line() -> None:
    assert set(WRITTEN) == set(LINES)


@pytest.mark.parametrize("line", LINES)
def test_each_line_is_reached(product: Product, line: str) -> None:
    story = WRITTEN[line]
    played = Played(product, story, product.visit("product", story["product"], customer=story["customer"]))
    for step in story["says"]:
        played.say(step)
    if "joins" in story:
        played.talk.later(story["joins"]["after"])
        played.join()
    if "order" in story:
        played.talk.later(story["order"]["after"])
        played.order(story["order"].get("with_it", False))
    assert played.line() == line, str(played.talk)
