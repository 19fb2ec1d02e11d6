"""What simulated customers say. Every conversation is short and new: a turn's cost grows with the session's length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sixty.context import Context, sign_context


@dataclass(frozen=True)
class Script:
    """The lines of one conversation.

    Attributes:
        name: Names it in results.
        lines: What the customer says, one turn a line.
        product: The product whose page the customer came from, known to the bot by a signed context.
    """

    name: str
    lines: tuple[str, ...]
    product: str


_PRODUCT = "GZ2101"

SCRIPTS = {
    script.name: script
    for script in (
        # Answered by a response of the domain alone.
        Script("without_action", ("谢谢", "再见", "谢谢你啊", "拜拜", "谢谢了", "再见啦"), _PRODUCT),
        # Each runs two custom actions, each a call of the action server with queries: the answer, then the capsules.
        Script("with_action", ("多少钱", "质量怎么样", "有优惠券吗", "多少钱", "质量好吗", "有什么活动吗"), _PRODUCT),
        # A visit.
        Script("visit", ("你好", "多少钱", "质量怎么样", "运费多少", "有优惠券吗", "谢谢"), _PRODUCT),
    )
}


def metadata_of(script: Script, conversation_id: str, secret: str) -> dict[str, Any]:
    """The message metadata that the shop's page would send for this conversation."""
    context = Context(
        conversation_id=conversation_id,
        customer_id=None,
        level=None,
        region=None,
        entry="product",
        product_no=script.product,
        order_no=None,
        expires_at=datetime.now(timezone.utc) + timedelta(hours=2),
    )
    return {"context": sign_context(context, secret)}
