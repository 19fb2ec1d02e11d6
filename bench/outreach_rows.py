"""Writes what happens in the simulated month into the shop's tables and the ledger, as the running shop does.

Two writers write the same rows. `faithful` calls what the webhook, the front door, the event broker and the desk call.
`quick` writes many rows at once, for a month of hundreds of thousands of orders; a test compares what they leave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.orm import Session

from bench.outreach_happenings import Happening, Opened, Passed, Shelved, Spoken, Told, Wished
from bench.outreach_month import (
    ANSWERED_AFTER,
    BALANCE_UNTIL,
    PRESALE_FROM,
    PRESALE_UNTIL,
    SALE_FROM,
    SHIPS_BY,
    Life,
    Said,
    Shop,
)
from sixty.desk.conversations import Conversation, move
from sixty.insight.models import Visit
from sixty.ledger.enriching import enrich_all
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, blank_message, receive
from sixty.ledger.replying import finish, write_reply
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import (
    Customer,
    Order,
    OrderLine,
    Pairing,
    Parcel,
    ParcelTrace,
    Presale,
    Product,
    Refund,
    Sku,
)
from sixty.shop.order_events.incoming import read_incoming
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.order_events.recording import take_in
from sixty.tables import column

SOURCE = "mall"
CHANNEL = "web"
_STOCK = 500
_KNOWN_FOR = timedelta(hours=12)
_CONFIDENCE = 0.93


def stock_shelves(session: Session, shop: Shop) -> None:
    """Puts everything on sale, as it is before the month begins."""
    for goods in shop.goods:
        fields = {"category": goods.category, "kind": goods.kind, "brand": "某牌", "status": "on_sale"}
        session.add(Product(no=goods.no, name=goods.name, aliases=[], runs="正常", **fields))
        session.flush()
        for article in goods.articles:
            amounts = {"list_price": goods.price, "price": goods.price, "stock": _STOCK}
            session.add(Sku(code=article.code, product_no=goods.no, color="", size=article.size, spec="", **amounts))
        if goods.deposit is not None:
            session.add(
                Presale(
                    product_no=goods.no,
                    starts_at=PRESALE_FROM,
                    ends_at=PRESALE_UNTIL,
                    price=goods.price,
                    deposit=goods.deposit,
                    deposit_worth=goods.deposit,
                    balance_from=SALE_FROM,
                    balance_until=BALANCE_UNTIL,
                    ships_by=SHIPS_BY,
                )
            )
    session.flush()
    for goods in shop.goods:
        # What matches is of the same category.
        others = [other for other in shop.goods if other.category == goods.category and other.no != goods.no]
        for ordinal, other in enumerate(others[:2]):
            session.add(Pairing(product_no=goods.no, with_no=other.no, reason="搭配着用", ordinal=ordinal))
    session.flush()


def sign_up(session: Session, lives: Iterable[Life]) -> int:
    """Writes down who is a customer of the shop; returns how many are."""
    rows = [
        {"id": life.customer_id, "nickname": "顾客", "phone": life.phone, "level": life.level, "region": life.region}
        for life in lives
        if life.customer_id is not None
    ]
    if rows:
        session.execute(Customer.__table__.insert(), rows)
    return len(rows)


# ------------------------------------------------------------------------------------------------------------ faithful


def faithful(session: Session, happenings: Iterable[Happening]) -> None:
    """Writes what happened, in order, through what the running shop calls."""
    for each in happenings:
        if isinstance(each, Told):
            _tell(session, each)
        elif isinstance(each, Spoken):
            _speak(session, each)
        elif isinstance(each, Opened):
            _open(session, each)
        elif isinstance(each, Passed):
            move(session, each.conversation_id, each.to, "customer", "asked", each.at)  # type: ignore[arg-type]
        elif isinstance(each, Wished):
            _wish(session, each)
        elif isinstance(each, Shelved):
            _shelve(session, each)


def _tell(session: Session, told: Told) -> None:
    form = {
        "external_id": told.external_id,
        "kind": told.kind,
        "object_id": told.object_id,
        "occurred_at": told.at.isoformat(),
        "payload": plain(told.payload),
        "customer_id": told.customer_id,
        **({"order_no": told.order_no} if told.kind != "order" and told.order_no else {}),
    }
    take_in(session, SOURCE, [read_incoming(form)], "webhook", told.at)


def plain(value: Any) -> Any:
    """A payload as it comes over the wire: amounts and times as text."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def conversation_row(opened: Opened) -> dict[str, Any]:
    """The row of a chat that has just begun."""
    life = opened.life
    return {
        "id": life.conversation_id,
        "channel": CHANNEL,
        "external_id": None,
        "visitor_id": f"V{life.number:07d}",
        "customer_id": life.customer_id,
        "level": life.level if life.customer_id else None,
        "region": life.region if life.customer_id else None,
        "entry": "product" if life.page else "shop",
        "product_no": life.page,
        "order_no": None,
        "known_until": opened.at + _KNOWN_FOR if life.customer_id else None,
        "state": "bot",
        "created_at": opened.at,
        "last_at": opened.at,
    }


def _open(session: Session, opened: Opened) -> None:
    session.add(Conversation(**conversation_row(opened)))
    session.flush()


def entities_of(said: Said) -> list[dict[str, Any]]:
    """What the bot finds in a line."""
    named = {"attribute": said.attribute, "product": said.product_no, "order_no": said.order_no, "mood": said.mood}
    return [{"entity": name, "value": value} for name, value in named.items() if value is not None]


def _speak(session: Session, spoken: Spoken) -> None:
    said, name = spoken.said, spoken.conversation_id
    incoming = Incoming(name, CHANNEL, text=said.text, client_id=f"{spoken.ordinal}")
    message = receive(session, incoming, said.at, at_once=True).message
    answered = said.at + ANSWERED_AFTER
    write_reply(session, message.id, 0, name, CHANNEL, "bot", {"text": "…", "outcome": "answered"}, answered)
    finish(session, message.id, "answered", answered)
    event = {"sender_id": name, "event": "user", "timestamp": said.at.timestamp(), "message_id": str(message.id)}
    parsed = {"intent": {"name": said.intent, "confidence": _CONFIDENCE}, "entities": entities_of(said)}
    enrich_all(session, [{**event, "input_channel": CHANNEL, "parse_data": parsed}])
    _touch(session, spoken)


def _touch(session: Session, spoken: Spoken) -> None:
    known = {"known_until": spoken.at + _KNOWN_FOR} if spoken.who != spoken.conversation_id else {}
    session.execute(
        update(Conversation)
        .where(column(Conversation.id) == spoken.conversation_id)
        .values(last_at=spoken.at, **known)
        .execution_options(synchronize_session=False)
    )


def _wish(session: Session, wished: Wished) -> None:
    if session.get(StockWish, (wished.who, wished.sku_code)) is None:
        session.add(
            StockWish(
                wisher=wished.who,
                sku_code=wished.sku_code,
                conversation_id=wished.conversation_id,
                asked_at=wished.at,
                told_at=None,
            )
        )
        session.flush()


def _shelve(session: Session, shelved: Shelved) -> None:
    silent = {"synchronize_session": False}
    if not shelved.on_sale:
        session.execute(
            update(Product)
            .where(column(Product.no) == shelved.product_no)
            .values(status="off_sale")
            .execution_options(**silent)
        )
        return
    session.execute(
        update(Sku).where(column(Sku.code) == shelved.sku_code).values(stock=shelved.stock).execution_options(**silent)
    )


# --------------------------------------------------------------------------------------------------------------- quick


class Quick:
    """Writes what happened, in order, many rows at a time.

    What `faithful` leaves in the tables of orders, chats and shelves, this leaves, too. Left out is what Rasa's events
    say beside the messages (`ledger_event`); added is what the follower of visits works out of them.
    """

    def __init__(self, shop: Shop) -> None:
        """Writes into a database in which the month has not begun."""
        self._shop = shop
        self._message = 0
        self._visits: dict[str, tuple[datetime, int]] = {}

    def write(self, session: Session, happenings: Iterable[Happening]) -> int:
        """Writes what happened, in order; returns how much."""
        self._rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self._changes: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._message = session.scalar(select(func.max(Message.id))) or 0
        before, count = self._message, 0
        moves: list[Happening] = []
        for each in happenings:
            count += 1
            if isinstance(each, Told):
                self._tell(each)
            elif isinstance(each, Spoken):
                self._speak(each)
            elif isinstance(each, Opened):
                self._rows[Conversation].append(conversation_row(each))
            else:
                moves.append(each)
        for table in _IN_ORDER:
            if self._rows[table]:
                session.execute(table.__table__.insert(), self._rows[table])
        for name, rows in self._changes.items():
            session.execute(_CHANGES[name], rows)
        if self._message > before and session.get_bind().dialect.name == "postgresql":
            session.execute(
                text("SELECT setval(pg_get_serial_sequence('message', 'id'), :last)"), {"last": self._message}
            )
        faithful(session, moves)
        return count

    def _tell(self, told: Told) -> None:
        self._rows[OrderEvent].append(
            {
                "source": SOURCE,
                "external_id": told.external_id,
                "kind": told.kind,
                "object_id": told.object_id,
                "order_no": told.order_no,
                "customer_id": told.customer_id,
                "occurred_at": told.at,
                "received_at": told.at,
                "way": "webhook",
                "payload": plain(told.payload),
                "tried_at": told.at,
                "applied_at": told.at,
                "problem": None,
            }
        )
        if told.kind in ("cart", "favourite"):
            return
        after = dict(told.after or {})
        if told.kind == "order" and told.at == told.payload["placed_at"]:
            self._place(told.payload)
        else:
            self._changes["order"].append({"_no": told.order_no, **after})
        if told.kind == "parcel":
            self._carry(told)
        elif told.kind == "refund":
            row = {name: told.payload[name] for name in ("kind", "state", "amount", "reason", "asked_at", "updated_at")}
            if row["state"] == "requested":
                self._rows[Refund].append({"no": told.object_id, "order_no": told.order_no, "promised_at": None, **row})
            else:
                self._changes["refund"].append({"_no": told.object_id, "state": row["state"], "updated_at": told.at})

    def _place(self, form: dict[str, Any]) -> None:
        self._rows[Order].append({**{name: value for name, value in form.items() if name != "lines"}, "note": None})
        for ordinal, line in enumerate(form["lines"]):
            text_of = self._shop.articles[line["sku_code"]].size
            self._rows[OrderLine].append(
                {"order_no": form["no"], "ordinal": ordinal, "sku_text": text_of, **line},
            )

    def _carry(self, told: Told) -> None:
        traces, state = told.payload["traces"], told.payload["state"]
        if len(traces) == 1:
            row = {"no": told.object_id, "order_no": told.order_no, "carrier": told.payload["carrier"], "state": state}
            self._rows[Parcel].append({**row, "since": told.at})
        else:
            self._changes["parcel"].append({"_no": told.object_id, "state": state, "since": told.at})
        self._rows[ParcelTrace].append({"parcel_no": told.object_id, "place": "", **traces[-1]})

    def _speak(self, spoken: Spoken) -> None:
        said, name = spoken.said, spoken.conversation_id
        answered = said.at + ANSWERED_AFTER
        asked, reply = self._message + 1, self._message + 2
        self._message = reply
        common = {"conversation_id": name, "channel": CHANNEL, "kind": "text"}
        meant = {"intent": said.intent, "confidence": _CONFIDENCE, "entities": entities_of(said)}
        self._rows[Message].append(
            blank_message(
                **common,
                id=asked,
                author="customer",
                client_id=f"{spoken.ordinal}",
                text=said.text,
                understood=meant,
                state="answered",
                attempts=1,
                at=said.at,
                handled_at=answered,
            )
        )
        self._rows[Message].append(
            blank_message(
                **common,
                id=reply,
                author="bot",
                answers_id=asked,
                ordinal=0,
                text="…",
                payload={"outcome": "answered"},
                state="written",
                at=answered,
            )
        )
        known = said.at + _KNOWN_FOR if spoken.who != name else None
        self._changes["conversation"].append({"_id": name, "last_at": said.at, "known_until": known})
        self._visit(spoken, asked, answered)

    def _visit(self, spoken: Spoken, message_id: int, answered: datetime) -> None:
        said = spoken.visit
        begun, name = said[0].at, spoken.conversation_id
        product = next((each.product_no for each in reversed(said) if each.product_no is not None), None)
        category = self._shop.by_no[product].category if product else None
        so_far = {
            "ended_at": answered,
            "category": category,
            "product_no": product,
            "turns": len(said),
            "questions": sum(each.asks for each in said),
            "line": "Z" if any(each.asks for each in said) else None,
            "handed_over": any(each.intent == "ask_human" for each in said),
            "updated_at": answered,
        }
        first = self._visits.get(name)
        if first is None or first[0] != begun:
            self._visits[name] = (begun, message_id)
            self._rows[Visit].append(
                {
                    "conversation_id": name,
                    "first_message_id": message_id,
                    "started_at": begun,
                    "entry": "product" if product else "shop",
                    "pages": [],
                    "channel": CHANNEL,
                    "arm": "pushes",
                    "customer_id": spoken.who if spoken.who != name else None,
                    "segment": "answer",
                    "score": 0.5,
                    "reasons": [],
                    "curve": [],
                    "next_questions": [],
                    **so_far,
                }
            )
        else:
            self._changes["visit"].append({"_first": first[1], **so_far})


def _change(table: Any, key: str, known_by: str, *names: str) -> Any:
    rows = table.__table__
    return update(rows).where(rows.c[key] == bindparam(known_by)).values({name: bindparam(name) for name in names})


_IN_ORDER = (Order, OrderLine, Parcel, ParcelTrace, Refund, OrderEvent, Conversation, Message, Visit)
_CHANGES = {
    "order": _change(
        Order,
        "no",
        "_no",
        *("state", "paid_at", "shipped_at", "delivered_at", "confirmed_at", "closed_at", "close_reason"),
        *("paid_amount", "deposit_paid"),
    ),
    "parcel": _change(Parcel, "no", "_no", "state"),
    "refund": _change(Refund, "no", "_no", "state", "updated_at"),
    "conversation": _change(Conversation, "id", "_id", "last_at", "known_until"),
    "visit": _change(
        Visit,
        "first_message_id",
        "_first",
        *("ended_at", "category", "product_no", "turns", "questions", "line", "handed_over", "updated_at"),
    ),
}
