"""Who a customer is and where the conversation began.

It stands on the server, in the conversation's row (`sixty/desk/conversations.py`), and is read there on every turn;
nothing that came along with a message has a part in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Entry = Literal["shop", "product", "order"]

ENTRIES: tuple[Entry, ...] = ("shop", "product", "order")


@dataclass(frozen=True)
class Context:
    """What is known of a conversation.

    Attributes:
        conversation_id: The conversation it was made for, and good for no other.
        customer_id: The customer, or None for an unknown visitor.
        level: Their membership level.
        region: Where they live.
        entry: Where the conversation was opened: the shop front, a product's page or an order's page.
        product_no: The product whose page it was.
        order_no: The order whose page it was. Saying so proves nothing; the owner is checked where the order is read.
        expires_at: The end of its life, an aware time.
    """

    conversation_id: str
    customer_id: str | None
    level: str | None
    region: str | None
    entry: Entry
    product_no: str | None
    order_no: str | None
    expires_at: datetime

    def __post_init__(self) -> None:
        """Refuses what means nothing.

        Raises:
            ValueError: No conversation, an unknown entry or a time without a zone.
        """
        if not self.conversation_id:
            raise ValueError("a context belongs to a conversation")
        if self.entry not in ENTRIES:
            raise ValueError(f"unknown entry: {self.entry!r}")
        if self.expires_at.tzinfo is None:
            raise ValueError("expires_at needs a zone")
