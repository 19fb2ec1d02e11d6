"""What simulated customers say. Every conversation is short and new: a turn's cost grows with the session's length."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """The lines of one conversation.

    Attributes:
        name: Names it in results.
        lines: What the customer says, one turn a line.
        product: The product whose page the customer came from, which the bot knows.
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
