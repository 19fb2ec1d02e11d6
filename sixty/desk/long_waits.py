"""Tells those who could help that a customer waits for longer than was promised, once for each threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.desk_rules import RoutingRules
from sixty.desk.feed import DeskEvent, announce
from sixty.desk.handoff_rows import HandOff
from sixty.desk.unanswered import waiting_since
from sixty.tables import column

WAITING_LONG = "waiting_long"
"""The kind of the alert."""

_WAITS = ("queued", "taken")


@dataclass(frozen=True)
class LongWait:
    """A wait that has passed a threshold.

    Attributes:
        since: When it began: in the queue, or with an agent the oldest line that waits for words.
        after: The highest threshold that it has passed.
    """

    hand_off: HandOff
    since: datetime
    after: timedelta


def long_waits(session: Session, rules: RoutingRules, now: datetime) -> list[LongWait]:
    """Who waits for too long now, be it in the queue or for an agent's words, and nobody was told of it yet.

    Args:
        session: Any session.
        rules: The merchant's, with the thresholds.
        now: The present moment.
    """
    if not rules.alert_after:
        return []
    query = select(HandOff).where(
        column(HandOff.state).in_(_WAITS),
        column(HandOff.wrap_up_at).is_(None),
        column(HandOff.created_at) <= now - rules.alert_after[0],
    )
    return _untold(session, list(session.scalars(query.execution_options(populate_existing=True))), rules, now)


def tell_long_waits(session: Session, waits: Sequence[LongWait], rules: RoutingRules, now: datetime) -> int:
    """Announces long waits to the group that is waited for, or to the agent, and to who sees all.

    Args:
        session: A session that may write.
        waits: As `long_waits` has found them.
        rules: The merchant's.
        now: The present moment.

    Returns:
        How many were told; another desk may have been faster, and some wait no more.
    """
    query = (
        select(HandOff)
        .where(
            column(HandOff.id).in_([each.hand_off.id for each in waits]),
            column(HandOff.state).in_(_WAITS),
            column(HandOff.wrap_up_at).is_(None),
        )
        .order_by(HandOff.id)
        .with_for_update(skip_locked=True, of=HandOff)
        .execution_options(populate_existing=True)
    )
    news = _untold(session, list(session.scalars(query)), rules, now)
    for wait in news:
        hand_off = wait.hand_off
        data = {"kind": WAITING_LONG, **_said(wait), "state": hand_off.state}
        announce(session, "alert", hand_off.conversation_id, data, now, group=hand_off.group_id)
    return len(news)


def _untold(session: Session, hand_offs: Sequence[HandOff], rules: RoutingRules, now: datetime) -> list[LongWait]:
    since = waiting_since(session, hand_offs)
    found = []
    for each in hand_offs:
        began = since.get(each.id)
        if began is None:
            continue
        if each.state == "taken" and each.assigned_at is not None:
            # The wait in the queue is over, and was told as such.
            began = max(began, each.assigned_at)
        passed = [after for after in rules.alert_after if now - began >= after]
        if passed:
            found.append(LongWait(each, began, passed[-1]))
    if not found:
        return []
    told = _told(session, min(each.since for each in found))
    return [each for each in found if _said(each) not in told.get(each.hand_off.conversation_id, ())]


def _told(session: Session, since: datetime) -> dict[str, list[dict[str, Any]]]:
    """What was told of whose waits: since when they waited, and at which threshold."""
    query = select(DeskEvent.conversation_id, DeskEvent.data).where(
        column(DeskEvent.at) >= since, column(DeskEvent.kind) == "alert"
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for chat, data in session.execute(query):
        if data.get("kind") == WAITING_LONG:
            found.setdefault(chat, []).append({"after": data["after"], "since": data["since"]})
    return found


def _said(wait: LongWait) -> dict[str, Any]:
    return {"after": int(wait.after.total_seconds()), "since": wait.since.isoformat()}
