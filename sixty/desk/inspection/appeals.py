"""Agents appeal against what was found in their chats, or what somebody gave for them; somebody else decides."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.desk.desk_errors import DeskError
from sixty.desk.inspection.inspector import rescore
from sixty.desk.inspection.rows import Appeal, AppealState, Finding, Inspection, Task
from sixty.desk.inspection.rules import InspectionRules
from sixty.tables import column

LONGEST_TEXT = 1000


class AppealedAlreadyError(DeskError):
    """There is an appeal about that."""

    code = "appealed"


class TooLateError(DeskError):
    """The time to appeal is over."""

    code = "too_late"


class DecidedAlreadyError(DeskError):
    """Somebody has decided."""

    code = "decided"


class OwnJudgementError(DeskError):
    """Nobody decides about their own score, or their own chat."""

    code = "own_judgement"


def appeal(
    session: Session,
    account_id: int,
    agent_id: str,
    text: str,
    rules: InspectionRules,
    now: datetime,
    *,
    finding_id: int | None = None,
    task_id: int | None = None,
) -> Appeal:
    """Appeals against a finding or a score.

    Args:
        session: A session that may write.
        account_id: Who appeals.
        agent_id: As whom they talk to customers: the chat has to be theirs.
        text: Why.
        rules: Of inspection, which say how long one may.
        now: The present moment.
        finding_id: The finding; this or the task.
        task_id: The scored task.

    Raises:
        LookupError: There is no such thing in their chats.
        AppealedAlreadyError: They have appealed before.
        TooLateError: The time is over.
        ValueError: Nothing is said, or too much.
    """
    said = text.strip()
    if not 1 <= len(said) <= LONGEST_TEXT:
        raise ValueError(f"text: 1 to {LONGEST_TEXT} characters")
    if (finding_id is None) == (task_id is None):
        raise ValueError("appeal against a finding or a task")
    if finding_id is not None:
        finding: Finding | None = session.get(Finding, finding_id)
        inspection_id, since = (finding.inspection_id, finding.found_at) if finding is not None else (0, None)
    else:
        task: Task | None = session.get(Task, task_id)
        known = task is not None and task.state == "scored"
        inspection_id, since = (task.inspection_id, task.scored_at) if task is not None and known else (0, None)
    inspection: Inspection | None = session.get(Inspection, inspection_id)
    if inspection is None or since is None or inspection.agent_id != agent_id:
        raise LookupError("there is nothing of theirs to appeal against")
    if now - since > rules.appeal_within:
        raise TooLateError(str(inspection_id))
    made = Appeal(
        inspection_id=inspection.id,
        finding_id=finding_id,
        task_id=task_id,
        account_id=account_id,
        text=said,
        state="open",
        made_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise AppealedAlreadyError(str(inspection_id)) from None
    return made


def decide(
    session: Session,
    appeal_id: int,
    account_id: int,
    agent_id: str | None,
    state: Literal["upheld", "withdrawn"],
    reason: str,
    rules: InspectionRules,
    now: datetime,
) -> Appeal:
    """Decides about an appeal, once.

    Args:
        session: A session that may write.
        appeal_id: The appeal.
        account_id: Who decides.
        agent_id: As whom they talk to customers.
        state: `upheld`: the finding or score stands; `withdrawn`: it counts no longer.
        reason: Why, which the agent reads.
        rules: By which the chat's score is worked out anew.
        now: The present moment.

    Raises:
        LookupError: There is no such appeal.
        DecidedAlreadyError: It is decided.
        OwnJudgementError: They have scored it, made the appeal, or the chat is theirs.
        ValueError: No reason is given, or too long a one.
    """
    said = reason.strip()
    if not 1 <= len(said) <= LONGEST_TEXT:
        raise ValueError(f"reason: 1 to {LONGEST_TEXT} characters")
    query = select(Appeal).where(column(Appeal.id) == appeal_id).with_for_update()
    found: Appeal | None = session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise LookupError(f"there is no appeal {appeal_id}")
    if found.state != "open":
        raise DecidedAlreadyError(str(appeal_id))
    inspection: Inspection | None = session.get(Inspection, found.inspection_id)
    task: Task | None = session.get(Task, found.task_id) if found.task_id is not None else None
    if inspection is None:
        raise LookupError(f"there is no inspection {found.inspection_id}")
    own_chat = agent_id is not None and inspection.agent_id == agent_id
    if own_chat or found.account_id == account_id or (task is not None and task.inspector_id == account_id):
        raise OwnJudgementError(str(appeal_id))
    found.state, found.reason, found.decided_by, found.decided_at = state, said, account_id, now
    if state == "withdrawn":
        if task is not None:
            task.state = "withdrawn"
        else:
            finding: Finding | None = session.get(Finding, found.finding_id)
            if finding is not None:
                finding.state = "withdrawn"
                rescore(session, inspection, rules)
    session.flush()
    return found


def appeals(
    session: Session, state: AppealState | None = None, account_id: int | None = None, limit: int = 200
) -> list[Appeal]:
    """Everybody's appeals, or one account's: open ones the oldest first, others the newest first."""
    query = select(Appeal)
    if state is not None:
        query = query.where(column(Appeal.state) == state)
    if account_id is not None:
        query = query.where(column(Appeal.account_id) == account_id)
    order = column(Appeal.id) if state == "open" else column(Appeal.id).desc()
    return list(session.scalars(query.order_by(order).limit(limit)))


def open_appeals(session: Session) -> int:
    """How many appeals wait for somebody who decides."""
    return int(session.scalar(select(func.count()).where(column(Appeal.state) == "open")) or 0)
