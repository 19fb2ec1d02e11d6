"""Why something is not said, or nothing further is: codes as they stand in the tables, and what staff read."""

from __future__ import annotations

REASONS: dict[str, str] = {
    # Of a step: it is passed over, and the next one has its turn.
    "missed": "错过了时间",
    "paused": "场景已暂停",
    "quiet": "免打扰时段",
    "no_chat": "没有能发消息的聊天",
    "with_person": "人工正在接待",
    "talking": "顾客正在聊",
    "no_number": "没有能用的手机号",
    "unsubscribed": "顾客退订了这种方式",
    "capped": "次数到上限了",
    "broken": "系统出错，试了几次都没发成",
    # Of a case: nothing further follows.
    "done": "已经做到了",
    "over": "情况变了，不用说了",
    "superseded": "后来又有变动",
    "gone": "买不到了",
    "nothing_to_say": "没有可说的",
    "asked": "顾客说别再发了",
    "abandoned": "顾客说不要了",
    "angry": "顾客生气了",
    "staff": "客服叫停",
    "forgotten": "顾客的资料已删除",
    "answered": "顾客回话了",
    "held": "对照组，不打扰",
    "exhausted": "几步都说过了",
    "for_nobody": "不在人群里",
    "withdrawn": "场景已经删掉",
    # Of a delivery.
    "not_delivered": "没能送到",
    "lost": "送出前被撤回",
}
"""By code."""

BROKEN = "broken"
"""Something broke at each attempt to decide on it."""


def say_reason(code: str | None) -> str:
    """How staff read a code."""
    return REASONS.get(code or "", code or "")
