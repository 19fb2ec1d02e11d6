"""Gives alarms when something is out of bounds, keeps them until it is not, and lets people say that they see to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.desk.board.alarm_rows import Alarm, standing_alarms
from sixty.desk.board.measures import Measured, Standing, Subject, measure
from sixty.desk.board.supervision_rules import AlarmRule, SupervisionRules
from sixty.desk.feed import announce
from sixty.desk.staff.audit import note
from sixty.tables import column

Found = Mapping[str, Measured]
"""What was measured, by the rule's id."""


def measured_now(session: Session, now: datetime, rules: SupervisionRules) -> Found:
    """Measures everything that alarms are given for.

    Args:
        session: Any session.
        now: The present moment.
        rules: The merchant's.
    """
    standing = Standing.read(session, now)
    return {rule.id: measure(standing, rule) for rule in rules.alarms}


def is_news(session: Session, found: Found, rules: SupervisionRules) -> bool:
    """Whether there is an alarm to give, to go on with or to close."""
    fires = any(rule.fires(value) for rule in rules.alarms for value in found[rule.id].values())
    return fires or bool(standing_alarms(session))


def watch(session: Session, found: Found, now: datetime, rules: SupervisionRules) -> int:
    """Opens the alarms that are new and closes those that are over.

    Args:
        session: A session that may write.
        found: What was measured, by `measured_now`.
        now: The present moment.
        rules: The merchant's.

    Returns:
        How many were opened.
    """
    there = {(each.rule, each.subject): each for each in standing_alarms(session)}
    opened = 0
    seen: set[tuple[str, str]] = set()
    for rule in rules.alarms:
        for subject, measured in found[rule.id].items():
            key = (rule.id, subject.key)
            seen.add(key)
            known = there.get(key)
            if known is not None:
                _go_on(session, known, rule, measured, now)
            elif rule.fires(measured):
                opened += _open(session, rule, subject, measured, now)
    for key, alarm in there.items():
        if key not in seen:
            # There is nothing left to measure: the queue is empty, the talk is over, or the rule is gone.
            _calm(session, alarm, rules.alarm(alarm.rule), now)
    return opened


def acknowledge(session: Session, alarm_id: int, account_id: int, now: datetime) -> Alarm:
    """Says that somebody sees to an alarm; the first who says so counts, and one that is over stays as it is.

    Raises:
        LookupError: There is no such alarm.
    """
    query = select(Alarm).where(column(Alarm.id) == alarm_id).with_for_update()
    alarm: Alarm | None = session.scalars(query.execution_options(populate_existing=True)).first()
    if alarm is None:
        raise LookupError(f"there is no alarm {alarm_id}")
    if alarm.state == "open":
        alarm.state, alarm.acknowledged_by, alarm.acknowledged_at = "acknowledged", account_id, now
        session.flush()
        note(
            session,
            account_id,
            "alarm_acknowledged",
            now,
            conversation_id=alarm.conversation_id,
            detail=f"{alarm.id} {alarm.rule} {alarm.group_id or alarm.agent_id or ''}".strip(),
        )
        _announce(session, alarm, now)
    return alarm


def _open(session: Session, rule: AlarmRule, subject: Subject, measured: float, now: datetime) -> int:
    made = Alarm(
        rule=rule.id,
        what=rule.what,
        subject=subject.key,
        conversation_id=subject.conversation_id,
        agent_id=subject.agent_id,
        group_id=subject.group_id,
        title=rule.title,
        measured=measured,
        worst=measured,
        threshold=rule.threshold,
        state="open",
        opened_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        # Another desk has given it at the same moment.
        return 0
    _announce(session, made, now, urgent=rule.urgent)
    return 1


def _go_on(session: Session, alarm: Alarm, rule: AlarmRule, measured: float, now: datetime) -> None:
    if not rule.fires(measured):
        _calm(session, alarm, rule, now, measured)
        return
    if alarm.measured != measured or alarm.calm_since is not None:
        alarm.measured, alarm.worst, alarm.calm_since = measured, rule.worse(alarm.worst, measured), None
        session.flush()


def _calm(session: Session, alarm: Alarm, rule: AlarmRule | None, now: datetime, measured: float = 0.0) -> None:
    """It is harmless now; for long enough, and it is over."""
    if alarm.calm_since is None:
        alarm.calm_since = now
    if rule is None or now - alarm.calm_since >= rule.calm_for:
        alarm.state, alarm.closed_at = "closed", now
        session.flush()
        _announce(session, alarm, now)
    elif alarm.measured != measured:
        alarm.measured = measured
        session.flush()


def _announce(session: Session, alarm: Alarm, now: datetime, urgent: bool = False) -> None:
    data: dict[str, Any] = {
        "id": alarm.id,
        "state": alarm.state,
        "title": alarm.title,
        "what": alarm.what,
        "measured": round(alarm.measured, 2),
        "group": alarm.group_id,
        "agent": alarm.agent_id,
        "urgent": urgent,
    }
    announce(session, "alarm", alarm.conversation_id, data, now, group=alarm.group_id)
