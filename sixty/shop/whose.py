"""Whose a row is that was written for a customer, or for a visitor of a conversation whom nobody knows."""

from __future__ import annotations

from typing import Any

from sixty.shop.orders import Viewer
from sixty.tables import column


def whose(rows: Any, viewer: Viewer) -> Any:
    """The condition that rows of a table belong to a viewer: the customer's, else the unknown visitor's here."""
    here = (column(rows.conversation_id) == viewer.conversation_id) & column(rows.customer_id).is_(None)
    return here if viewer.customer_id is None else (column(rows.customer_id) == viewer.customer_id) | here
