"""Promises, and whether something was done about them in time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sixty.desk.inspection.chat import Chat, Found
from sixty.desk.inspection.rules import PromiseRule

Fate = Literal["kept", "dropped", "open"]

# What must have been done; a ticket is the deed of any promise.
_DEEDS: Mapping[str, frozenset[str]] = {
    "refund": frozenset(
        {"refund", "refund_only", "return", "price_protection", "compensate", "urge_refund", "cancel_order"}
    ),
    "coupon": frozenset({"coupon", "claim_coupon", "compensate"}),
    "dispatch": frozenset({"parcel", "urge_dispatch", "resend", "urge_delivery", "exchange"}),
    "replacement": frozenset({"resend", "exchange", "return", "repair", "parcel"}),
    "call": frozenset(),
    "reply": frozenset({"reply"}),
}
_PERSONAL = re.compile(r"[给帮为替][您你亲]|我们?|这边|一定|保证|马上|安排|加急|优先|尽快")


@dataclass(frozen=True)
class Promised:
    """Something that a line promises.

    Attributes:
        due_at: By when; None where no time was named.
        fate: What the desk knows of it, where it watches over it.
    """

    line_id: int
    kind: str
    start: int
    end: int
    due_at: datetime | None
    fate: Fate | None = None


@dataclass(frozen=True)
class Kept:
    """What has become of a chat's promises.

    Attributes:
        broken: Those without a deed, their time being over.
        next_due: When the next of the others is over; None where there is none.
    """

    broken: list[Found]
    next_due: datetime | None


def unkept(rule: PromiseRule, chat: Chat, promises: list[Promised], now: datetime) -> Kept:
    """The promises that nobody has kept.

    Args:
        rule: The rule.
        chat: The chat.
        promises: What was promised in it.
        now: The present moment: what is not due yet is looked at again.
    """
    lines = {line.id: line for line in chat.own}
    broken: list[Found] = []
    waiting: list[datetime] = []
    told: set[int] = set()
    for each in promises:
        line = lines.get(each.line_id)
        if line is None or each.kind not in rule.kinds or each.fate in ("kept", "dropped"):
            continue
        due = each.due_at or line.at + rule.within
        if not _is_personal(each, line.plain) or _is_done(each, chat, line.at, due):
            continue
        if due > now:
            waiting.append(due)
            continue
        if line.id in told:
            # "补发一个，明天寄出" is one promise in two words.
            continue
        told.add(line.id)
        detail = {"promise": each.kind, "due": due.isoformat()}
        broken.append(Found(line, each.start, each.end, key=f"{each.kind}:{each.start}", detail=detail))
    return Kept(broken, min(waiting, default=None))


def _is_personal(promise: Promised, plain: str) -> bool:
    """Whether it is promised to this customer: "明天上午出库" tells when parcels leave, "今天给您发出" promises it."""
    return promise.kind != "dispatch" or _PERSONAL.search(plain) is not None


def _is_done(promise: Promised, chat: Chat, said_at: datetime, due: datetime) -> bool:
    wanted = _DEEDS.get(promise.kind)
    return any(
        each.at <= due
        and (each.at > said_at or each.kind != "reply")
        and (each.kind == "ticket" or wanted is None or each.kind in wanted)
        for each in chat.done
    )
