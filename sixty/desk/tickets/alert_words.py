"""What agents hear of tickets and promises, in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TITLES = {"assigned": "新工单", "due_soon": "快到期了", "overdue": "已经超时", "answered": "顾客有回复"}


def alert_words(data: Mapping[str, Any]) -> dict[str, str]:
    """An alert's title and text.

    Args:
        data: As it stands in the feed: `what`, `tickets`, `promises`, `count`.
    """
    tickets, promises = data.get("tickets") or [], data.get("promises") or []
    named = [f"{each['no']} {each['title']}" for each in tickets] + [f"承诺：{each['title']}" for each in promises]
    count = int(data.get("count") or len(named))
    title = _TITLES.get(str(data.get("what")), "工单提醒")
    more = f" 等 {count} 条" if count > len(named) else ""
    kind = "工单" if tickets and not promises else "承诺" if promises and not tickets else "工单和承诺"
    return {
        "title": title if data.get("what") in ("assigned", "answered") else f"{kind}{title}",
        "text": "；".join(named) + more,
    }
