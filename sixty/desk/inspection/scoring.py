"""Scores that people give: by the form of the task, once, and what two of them say of the same chat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.desk_errors import DeskError
from sixty.desk.inspection.agreement import Agreement, agreement
from sixty.desk.inspection.rows import Task
from sixty.desk.inspection.rules import ScoringForm
from sixty.tables import column

LONGEST_COMMENT = 1000


class ScoredAlreadyError(DeskError):
    """The task has its score; who disagrees appeals."""

    code = "scored"


def tasks_of(session: Session, account_id: int, state: str, limit: int = 200) -> list[Task]:
    """An inspector's tasks: open ones the oldest first, scored ones the newest first."""
    query = select(Task).where(column(Task.inspector_id) == account_id, column(Task.state) == state)
    order = Task.id if state == "open" else column(Task.scored_at).desc()
    return list(session.scalars(query.order_by(order).limit(limit)))


def open_tasks(session: Session, account_id: int) -> int:
    """How many chats an inspector has still to score."""
    query = select(func.count()).where(column(Task.inspector_id) == account_id, column(Task.state) == "open")
    return int(session.scalar(query) or 0)


def to_be_scored(session: Session, account_id: int, inspection_ids: Collection[int]) -> set[int]:
    """Which chats somebody has still to score: until then what a colleague gave for them is hidden from them."""
    query = select(Task.inspection_id).where(
        column(Task.inspector_id) == account_id,
        column(Task.state) == "open",
        column(Task.inspection_id).in_(list(inspection_ids)),
    )
    return set(session.scalars(query))


def give_score(
    session: Session, task_id: int, account_id: int, points: Mapping[str, int], comment: str, now: datetime
) -> Task:
    """Scores a chat.

    Args:
        session: A session that may write.
        task_id: The task.
        account_id: Whose it is.
        points: Of each criterion of the task's form one of its levels.
        comment: In words, which the agent reads.
        now: The present moment.

    Raises:
        LookupError: There is no such task, or it is somebody else's.
        ScoredAlreadyError: It has its score.
        ValueError: The points do not fit the form, or the comment is too long.
    """
    query = select(Task).where(column(Task.id) == task_id).with_for_update()
    task: Task | None = session.scalars(query.execution_options(populate_existing=True)).first()
    if task is None or task.inspector_id != account_id:
        raise LookupError(f"there is no task {task_id} of account {account_id}")
    if task.state != "open":
        raise ScoredAlreadyError(str(task_id))
    if len(comment.strip()) > LONGEST_COMMENT:
        raise ValueError(f"comment: at most {LONGEST_COMMENT} characters")
    task.score = ScoringForm.parse_obj(task.form).score(points)
    task.points, task.comment = dict(points), comment.strip()
    task.state, task.scored_at = "scored", now
    session.flush()
    return task


def agreements(session: Session, plan_id: int | None = None, since: datetime | None = None) -> list[Agreement]:
    """How far those agree who have scored the same chats, by criterion.

    Args:
        session: Any session.
        plan_id: Only of this plan.
        since: Only what was scored since.
    """
    query = select(Task).where(column(Task.state) == "scored")
    if plan_id is not None:
        query = query.where(column(Task.plan_id) == plan_id)
    if since is not None:
        query = query.where(column(Task.scored_at) >= since)
    both: dict[tuple[int, int], dict[int, Task]] = defaultdict(dict)
    for task in session.scalars(query):
        both[task.plan_id, task.inspection_id][task.ordinal] = task
    levels: dict[str, list[int]] = {}
    pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for tasks in both.values():
        if len(tasks) < 2:
            continue
        first, second = tasks[1], tasks[2]
        for criterion in first.form["criteria"]:
            name = str(criterion["id"])
            if name in first.points and name in second.points:
                levels[name] = [int(each) for each in criterion["points"]]
                pairs[name].append((first.points[name], second.points[name]))
    return [agreement(name, levels[name], pairs[name]) for name in levels]
