"""Fills the gaps of what is said, and draws its card; what cannot be said truthfully is not said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.beside.cards import card_for
from sixty.desk.conversations import Conversation
from sixty.outreach.candidates import parcel_subject
from sixty.outreach.gaps import fill_words, words_in
from sixty.outreach.models import OutreachCase
from sixty.outreach.scenes import Card, Rung, Scene, Variant
from sixty.outreach.standing import Standing
from sixty.settings import Settings, get_settings
from sixty.shop.benefits.about import About
from sixty.shop.benefits.choosing import Offer
from sixty.shop.benefits.offers import offer
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Refund
from sixty.shop.models import Attribute, Product, RefundKind
from sixty.shop.order_answers import DISPATCH_PROMISE, PAYMENT_WINDOW
from sixty.shop.orders import Viewer
from sixty.shop.prices import NoPriceError, price_card
from sixty.shop.recommendations import Situation, Suggestion, similar, substitutes
from sixty.shop.wording import say_moment, say_refund
from sixty.tables import column

_REFUND_STATES: Mapping[str, str] = {
    "agreed": "已经同意啦",
    "returning": "您寄回的东西在路上，仓库收到就处理",
    "rejected": "这次没有通过，有疑问跟我说",
    "done": "已经办好了",
}
_TO_BE_SENT_BACK = "，等您把东西寄回来"
_WITHOUT_SENDING_BACK: RefundKind = "仅退款"
_DOUBTS: Mapping[str, str] = {
    "fit": "适不适合您",
    "quality": "质量",
    "size": "尺码",
    "date": "日期",
    "comfort": "舒不舒服",
    "use": "怎么用",
    "delivery": "什么时候能到",
    "price": "价格",
}
_ENDINGS = "。！～!~，,；; "


class NothingToSayError(Exception):
    """A gap cannot be filled: no substitute, no price."""


@dataclass
class Gaps:
    """What may be named in words about a case, worked out when a text asks for it.

    Attributes:
        session: A session; one that may write where a benefit is offered.
        conversation: Where it is said; None for an SMS or a call.
    """

    session: Session
    standing: Standing
    scene: Scene
    case: OutreachCase
    conversation: Any | None = None
    writes: bool = True
    _offer: Offer | None = field(default=None, init=False)

    def fill(self, text: str) -> str:
        """The text with its gaps filled.

        Raises:
            NothingToSayError: One of them cannot be.
        """
        return fill_words(text, self.values(text)).strip()

    def values(self, text: str) -> dict[str, str]:
        """What fills the gaps of a text, by name.

        Raises:
            NothingToSayError: One of them cannot be filled, or the text cannot be read.
        """
        try:
            names = dict.fromkeys(words_in(text))
        except ValueError:
            raise NothingToSayError("a brace is left open") from None
        if not names.keys() <= FILLERS.keys():
            raise NothingToSayError("nothing is known by that name")
        return {name: FILLERS[name](self) for name in names}

    @cached_property
    def suggestion(self) -> Suggestion | None:
        """What can be had instead."""
        wanted = next((each for each in self._skus if each.code == self.case.sku_code), None)
        situation = Situation(
            self.standing.now,
            self.case.customer_id,
            self.case.conversation_id or "",
            region=self.case.region,
            product_no=self.case.product_no,
            size=wanted.size if wanted is not None else "",
        )
        find = substitutes if self.case.why in ("out_of_stock", "off_sale", "no_size") else similar
        return next(iter(find(self.session, situation, 1)), None)

    @property
    def benefit(self) -> Offer | None:
        """What is offered with it, when a text has asked for it."""
        return self._offer

    @property
    def _skus(self) -> list[Any]:
        return self.standing.skus.get(self.case.product_no or "", [])

    @property
    def _order(self) -> Any:
        order = self.standing.orders.get(self.case.order_no or "")
        if order is None:
            raise NothingToSayError("there is no order")
        return order

    def product(self) -> str:
        """The dearest article of the order, and how many there are; else the product."""
        lines = self.standing.lines.get(self.case.order_no or "", ())
        if self.case.order_no and lines:
            main = max(lines, key=lambda line: line.share)
            return f"{main.name}等{len(lines)}样" if len(lines) > 1 else str(main.name)
        product = self.standing.products.get(self.case.product_no or "")
        if product is None:
            raise NothingToSayError("there is no product")
        return str(product.name)

    def pieces(self) -> str:
        """How many pieces."""
        lines = self.standing.lines.get(self.case.order_no or "", ())
        return str(sum(each.quantity for each in lines) or 1)

    def amount(self) -> str:
        """What is to be paid in all; of what is sold in advance and not paid yet, the deposit."""
        if self.case.order_no:
            order = self._order
            deposit = self._deposit(order)
            return say_plain(order.goods_amount - order.discount + order.postage if deposit is None else deposit)
        if self.case.amount is None:
            raise NothingToSayError("there is no amount")
        return say_plain(self.case.amount)

    def price(self) -> str:
        """What this customer pays for one piece (到手价)."""
        product = self.session.get(Product, self.case.product_no or "")
        if product is None:
            raise NothingToSayError("there is no product")
        level = self.conversation.level if self.conversation is not None else None
        try:
            return say_plain(
                price_card(self.session, product, level, self.standing.now, self.case.customer_id).final_price
            )
        except (NoPriceError, LookupError):
            raise NothingToSayError("it has no price") from None

    def balance(self) -> str:
        """What is left to pay of an order with a deposit."""
        order = self._order
        paid = max(order.deposit_paid or Decimal(0), order.paid_amount or Decimal(0))
        return say_plain(order.goods_amount - order.discount + order.postage - paid)

    @property
    def _presale_to_begin(self) -> Any | None:
        """The presale of an order whose deposit is not paid yet; None of others."""
        return self.standing.presale_of(self._order.no) if self._order.state == "unpaid" else None

    def _deposit(self, order: Any) -> Decimal | None:
        """What is paid first of an order of a presale; None of others, and when it has been paid."""
        presale = self._presale_to_begin
        if presale is None:
            return None
        pieces = sum(each.quantity for each in self.standing.lines[order.no] if each.product_no == presale.product_no)
        return Decimal(presale.deposit * pieces)

    def after_payment(self) -> str:
        """What happens once an order is paid, or its deposit."""
        presale = self._presale_to_begin
        if presale is None:
            return "付了款我们就安排发货"
        return f"付了定金就给您留好，{say_moment(presale.balance_from, self.standing.now)}起付尾款"

    def deadline(self) -> str:
        """Until when an order can be paid, or its balance."""
        if self._order.state == "unpaid":
            return say_moment(self._order.placed_at + PAYMENT_WINDOW, self.standing.now)
        presale = self.standing.presale_of(self._order.no)
        if presale is None:
            raise NothingToSayError("there is no presale")
        return say_moment(presale.balance_until, self.standing.now)

    def dispatch_by(self) -> str:
        """By when it leaves."""
        order = self._order
        presale = self.standing.presale_of(order.no) if order.deposit_paid else None
        due = presale.ships_by if presale is not None else (order.paid_at or order.placed_at) + DISPATCH_PROMISE
        return say_moment(due, self.standing.now)

    def carrier(self) -> str:
        """Who brings it."""
        parcels = self.standing.parcels.get(self.case.order_no or "", ())
        about = self.case.subject_id
        mine = (each for each in parcels if parcel_subject(each.no, each.since) == about)
        own = next(mine, next(iter(parcels), None))
        return own.carrier if own is not None else "快递"

    def refund(self) -> Any:
        """The refund that it is about.

        Raises:
            NothingToSayError: There is none.
        """
        number = self.case.subject_id.rpartition(":")[0]
        for each in self.standing.refunds.get(self.case.order_no or "", ()):
            if each.no == number:
                return each
        raise NothingToSayError("there is no refund")

    def variant(self) -> str:
        """Colour, size and spec of what was wished for, in brackets."""
        sku = next((each for each in self._skus if each.code == self.case.sku_code), None)
        text = " ".join(part for part in (sku.color, sku.size, sku.spec) if part) if sku is not None else ""
        return f"（{text}）" if text else ""

    def care(self) -> str:
        """How it is cared for, as a sentence; empty where nobody wrote that."""
        query = select(Attribute).where(
            column(Attribute.product_no) == self.case.product_no, column(Attribute.key).in_(("护理", "使用", "保养"))
        )
        found: Attribute | None = self.session.scalars(query.order_by(Attribute.ordinal).limit(1)).first()
        return f"{found.key}小提醒：{'，'.join(found.value.strip(_ENDINGS).split())}。" if found is not None else ""

    def said_benefit(self) -> str:
        """What the merchant's rules offer to somebody who has gone silent; empty where there is nothing to give."""
        if self._offer is None and self.writes and self.case.product_no:
            viewer = Viewer(self.case.conversation_id or self.case.who, self.case.customer_id)
            about = About(self.case.product_no)
            self._offer = offer(self.session, "silence", viewer, self.standing.now, about)
        return self._offer.text if self._offer is not None else ""

    def said_substitute(self) -> str:
        """The name of what can be had instead."""
        if self.suggestion is None:
            raise NothingToSayError("nothing is like it")
        return str(self.suggestion.product.name)

    def doubt(self) -> str:
        """What they were worried about."""
        return _DOUBTS.get(self.case.why or "", "有哪点")

    def card(self, kind: Card) -> dict[str, Any] | None:
        """The card that goes with it; None where it cannot be drawn, or nobody is sure who reads it."""
        if self.conversation is None:
            return None
        number = self.case.product_no
        if kind == "order":
            # An order is shown to its owner alone, as long as they have proved to be that.
            known = self.conversation.known_until is not None and self.conversation.known_until > self.standing.now
            number = self.case.order_no if known else None
        elif kind == "substitute":
            number = self.suggestion.product.no if self.suggestion is not None else None
        row: Conversation | None = self.session.get(Conversation, self.conversation.id) if number is not None else None
        if number is None or row is None:
            return None
        try:
            shown = "order" if kind == "order" else "product"
            return card_for(self.session, shown, number, row, self.standing.now, _of_our_tables())
        except (LookupError, GatewayError):
            return None


def _of_our_tables() -> Settings:
    """The settings, with orders read where the decision was made: while steps are claimed nobody waits for a shop."""
    return get_settings().copy(update={"shop_gateway": "sql"})


def say_plain(amount: Decimal) -> str:
    """An amount without its unit: `259`, `19.90`."""
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"


def chat_payload(gaps: Gaps, variant: Variant) -> dict[str, Any]:
    """What is said in the chat, in the form of a reply.

    Raises:
        NothingToSayError: A gap cannot be filled.
    """
    payload: dict[str, Any] = {"text": gaps.fill(variant.text)}
    capsules = [{"title": title, "payload": payload_} for title, payload_ in variant.capsules]
    if gaps.benefit is not None:
        capsules = [gaps.benefit.buttons[0], *capsules]
    payload["capsules"] = capsules
    card = gaps.card(variant.card) if variant.card is not None else None
    if card is not None:
        payload["card"] = card
    return payload


def contact_text(gaps: Gaps, rung: Rung) -> tuple[str, dict[str, str]]:
    """What an SMS or a call says, and what fills the gaps of its template.

    Raises:
        NothingToSayError: A gap cannot be filled.
    """
    return gaps.fill(rung.text), gaps.values(rung.text)


def _refund_state(refund: Refund) -> str:
    """How far it is, and what the customer has to do for it."""
    to_be_sent = refund.state == "agreed" and refund.kind != _WITHOUT_SENDING_BACK
    return _REFUND_STATES.get(refund.state, "有新进展") + (_TO_BE_SENT_BACK if to_be_sent else "")


FILLERS: dict[str, Callable[[Gaps], str]] = {
    "shop": lambda gaps: get_settings().shop_title,
    "link": lambda gaps: gaps.standing.book.link,
    "product": Gaps.product,
    "pieces": Gaps.pieces,
    "amount": Gaps.amount,
    "order_end": lambda gaps: (gaps.case.order_no or "")[-4:],
    "price": Gaps.price,
    "balance": Gaps.balance,
    "deadline": Gaps.deadline,
    "after_payment": Gaps.after_payment,
    "dispatch_by": Gaps.dispatch_by,
    "carrier": Gaps.carrier,
    "refund_kind": lambda gaps: say_refund(gaps.refund().kind),
    "refund_state": lambda gaps: _refund_state(gaps.refund()),
    "refund_amount": lambda gaps: say_plain(gaps.refund().amount),
    "variant": Gaps.variant,
    "care": Gaps.care,
    "benefit": Gaps.said_benefit,
    "substitute": Gaps.said_substitute,
    "doubt": Gaps.doubt,
}
"""What each gap is filled with, by its name."""
