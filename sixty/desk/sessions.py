"""Gives a page its session: a conversation of its own, who is in it, and the token that opens it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sixty.context import Entry
from sixty.desk.conversations import Conversation, Where, Who, begin, opened_on, recognise
from sixty.identity.merchant_keys import MerchantKey
from sixty.identity.merchant_tokens import MerchantClaims, read_merchant_token
from sixty.identity.refusal import RefusedTokenError
from sixty.identity.visitor_tokens import (
    LIFETIME,
    RENEWABLE_FOR,
    VisitorToken,
    issue_visitor_token,
    read_visitor_token,
    unguessable_id,
)
from sixty.shop.models import Customer

CHANNEL = "web"

_PRODUCT_NO = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,31}")
_ORDER_NO = re.compile(r"[0-9]{16,18}")


class UnknownCustomerError(LookupError):
    """The demo has no such customer."""


@dataclass(frozen=True)
class Wish:
    """What a page asks a session for. All of it comes from the client.

    Attributes:
        entry: Where the chat was opened.
        product_no: The product whose page it is.
        order_no: The order whose page it is.
        customer_id: The demo customer that the page plays.
        merchant_token: What the merchant's site says of its customer.
        token: The last token of the conversation to go on with.
    """

    entry: Entry = "shop"
    product_no: str | None = None
    order_no: str | None = None
    customer_id: str | None = None
    merchant_token: str | None = None
    token: str | None = None


@dataclass(frozen=True)
class Doorkeeper:
    """What sessions are given by.

    Attributes:
        secret: The deployment's secret.
        merchant_keys: The keys of the merchant's site, by their id.
        demo: Whether a page may simply say which demo customer it plays.
    """

    secret: str
    merchant_keys: Mapping[str, MerchantKey]
    demo: bool = False

    def open_session(self, session: Session, wish: Wish, now: datetime) -> tuple[VisitorToken, str]:
        """Begins a conversation, or goes on with the one whose token is shown.

        It is gone on with as long as the customer in it is the same: an unknown visitor who turns out to be a
        customer stays in it; another customer, or nobody where somebody was, gets a conversation of their own.

        Args:
            session: A session that may write.
            wish: What the page asks for.
            now: The present moment.

        Returns:
            What the token says, and the token.

        Raises:
            RefusedTokenError: The merchant's token proves nothing. (A token of ours that has run out, or is none,
                only means a new conversation.)
            UnknownCustomerError: The demo has no such customer.
        """
        claims = read_merchant_token(wish.merchant_token, self.merchant_keys, now) if wish.merchant_token else None
        who = self._who(session, wish, claims, now)
        where = _where(wish, claims)
        last = self._last_token(wish, now)
        # A demo without a merchant's keys always says who it plays, if only by saying nothing.
        sure = claims is not None or (self.demo and bool(wish.customer_id or not self.merchant_keys))
        conversation = self._to_go_on_with(session, last, who, sure, now)
        if conversation is None:
            visitor_id = last.visitor_id if last else unguessable_id()
            conversation, _ = begin(session, CHANNEL, now, visitor_id=visitor_id, who=who, where=where)
        else:
            if who.customer_id is not None:
                recognise(session, conversation.id, who)
            opened_on(session, conversation.id, where)
        visitor = VisitorToken(
            visitor_id=conversation.visitor_id or unguessable_id(),
            conversation_id=conversation.id,
            expires_at=(now + LIFETIME).replace(microsecond=0),
        )
        return visitor, issue_visitor_token(visitor, self.secret)

    def knows(self, wish: Wish, now: datetime) -> bool:
        """Whether a page shows a token of ours, and so has a conversation already."""
        return self._last_token(wish, now) is not None

    def _who(self, session: Session, wish: Wish, claims: MerchantClaims | None, now: datetime) -> Who:
        if claims is not None:
            # What the merchant leaves out is looked up among the customers that we know.
            known: Customer | None = session.get(Customer, claims.customer_id)
            return Who(
                customer_id=claims.customer_id,
                level=claims.level or (known.level if known else None),
                region=claims.region or (known.region if known else None) or None,
                # A merchant whose tokens live for a minute means the sign-in, not the visit.
                known_until=max(claims.expires_at, now + LIFETIME),
            )
        if self.demo and wish.customer_id:
            customer: Customer | None = session.get(Customer, wish.customer_id)
            if customer is None:
                raise UnknownCustomerError(wish.customer_id)
            return Who(customer.id, customer.level, customer.region, now + LIFETIME + RENEWABLE_FOR)
        return Who()

    def _last_token(self, wish: Wish, now: datetime) -> VisitorToken | None:
        if not wish.token:
            return None
        try:
            return read_visitor_token(wish.token, self.secret, now, grace=RENEWABLE_FOR)
        except RefusedTokenError:
            return None

    def _to_go_on_with(
        self, session: Session, last: VisitorToken | None, who: Who, sure: bool, now: datetime
    ) -> Conversation | None:
        """The conversation of the last token, unless it is not for whoever comes now.

        Args:
            session: Any session.
            last: What that token says.
            who: Who comes.
            sure: Whether that is said by somebody who knows; otherwise nobody says anything.
            now: The present moment.
        """
        there: Conversation | None = session.get(Conversation, last.conversation_id) if last else None
        if last is None or there is None or there.channel != CHANNEL or there.visitor_id != last.visitor_id:
            return None
        if not sure:
            # Somebody was here, and nobody says any more that they are.
            gone = there.customer_id is not None and (there.known_until is None or now >= there.known_until)
            return None if gone else there
        # A visitor may turn out to be a customer, and stays where they are.
        return there if there.customer_id in (None, who.customer_id) else None


def _where(wish: Wish, claims: MerchantClaims | None) -> Where:
    """Where the chat was opened; a number that cannot be one is left out rather than kept."""
    entry = claims.entry if claims and claims.entry else wish.entry
    product_no = ((claims.product_no if claims else None) or wish.product_no or "").strip().upper()
    order_no = ((claims.order_no if claims else None) or wish.order_no or "").strip()
    if entry == "product" and _PRODUCT_NO.fullmatch(product_no):
        return Where("product", product_no, None)
    if entry == "order":
        return Where("order", None, order_no if _ORDER_NO.fullmatch(order_no) else None)
    return Where()
