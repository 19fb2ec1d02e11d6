"""Plans of samples: which chats people score, drawn once a week, handed out to inspectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.desk.desk_errors import DeskError
from sixty.desk.inspection.rows import Draw, Inspection, Plan, Task
from sixty.desk.inspection.rules import RISKS, InspectionRules
from sixty.desk.inspection.sampling import Candidate, draw, hand_out
from sixty.desk.staff.accounts import Account
from sixty.desk.staff.roles import MAY
from sixty.tables import column

_MOST_A_WEEK = 100_000
_WEEK = timedelta(days=7)


class DrawnAlreadyError(DeskError):
    """The plan has drawn its chats of that week."""

    code = "drawn"


class NoInspectorError(DeskError):
    """Nobody of the plan may score."""

    code = "no_inspector"


def week_of(moment: datetime, zone: ZoneInfo) -> str:
    """The week of a moment, of ISO 8601: `2026-W47`."""
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def span_of(week: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The begin of a week and of the next one.

    Raises:
        ValueError: It is no week.
    """
    try:
        year, _, number = week.partition("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        raise ValueError(f"{week!r} is no week: write it as 2026-W47") from None
    begin = datetime.combine(monday, time(), zone)
    return begin, datetime.combine(monday + _WEEK, time(), zone)


def add_plan(
    session: Session,
    rules: InspectionRules,
    account_id: int | None,
    now: datetime,
    *,
    title: str,
    form: str,
    share: float,
    at_least: int,
    by_risk: Mapping[str, float],
    double_share: float,
    inspectors: Iterable[int],
    groups: Iterable[str] = (),
    seed: int = 0,
) -> Plan:
    """Adds a plan.

    Raises:
        ValueError: The form, a risk, a share or an inspector can't be; says which.
    """
    plan = Plan(
        title=title.strip(),
        form=form,
        groups=list(dict.fromkeys(groups)),
        share=share,
        at_least=at_least,
        by_risk=dict(by_risk),
        double_share=double_share,
        inspectors=list(dict.fromkeys(inspectors)),
        seed=seed,
        active=True,
        created_by=account_id,
        created_at=now,
    )
    check_plan(session, plan, rules)
    session.add(plan)
    session.flush()
    return plan


def change_plan(session: Session, plan: Plan, rules: InspectionRules, **changes: Any) -> Plan:
    """Changes a plan; what was drawn stays drawn.

    Raises:
        ValueError: As in `add_plan`.
    """
    for name, value in changes.items():
        setattr(plan, name, value)
    check_plan(session, plan, rules)
    session.flush()
    return plan


def check_plan(session: Session, plan: Plan, rules: InspectionRules) -> None:
    """Refuses a plan that could not be carried out.

    Raises:
        ValueError: Says what is wrong.
    """
    if not 1 <= len(plan.title) <= 64:
        raise ValueError("title: 1 to 64 characters")
    if rules.form(plan.form) is None:
        raise ValueError(f"form: there is no form {plan.form} in inspection.yml")
    for name, value in (("share", plan.share), ("double_share", plan.double_share)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name}: between 0 and 1")
    if not 0 <= plan.at_least <= 100:
        raise ValueError("at_least: 0 to 100")
    for risk, weight in plan.by_risk.items():
        if risk not in RISKS or not 0 <= weight <= 100:
            raise ValueError(f"by_risk: {risk} is no risk, or its weight is not between 0 and 100")
    found = _inspectors(session, plan)
    missing = [each for each in plan.inspectors if each not in found]
    if missing or not found:
        raise ValueError("inspectors: choose accounts that may score")


def draw_week(session: Session, plan: Plan, week: str, rules: InspectionRules, zone: ZoneInfo, now: datetime) -> Draw:
    """Draws a plan's chats of a week and hands them out, once.

    Args:
        session: A session that may write.
        plan: The plan.
        week: As `2026-W47`.
        rules: Of inspection: the form is kept as it is now.
        zone: Of the shop.
        now: The present moment.

    Raises:
        DrawnAlreadyError: It was drawn before, or another desk draws it at this moment.
        NoInspectorError: Nobody of the plan may score any more.
        ValueError: It is no week, or the form is not there any more.
    """
    begin, end = span_of(week, zone)
    form = rules.form(plan.form)
    if form is None:
        raise ValueError(f"there is no form {plan.form} in inspection.yml")
    inspectors = _inspectors(session, plan)
    if not inspectors:
        raise NoInspectorError(plan.title)
    made = Draw(plan_id=plan.id, week=week, drawn_at=now, chats=0, tasks=0)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise DrawnAlreadyError(week) from None
    candidates = {each.id: each for each in _candidates(session, plan, begin, end)}
    seed = f"{plan.id}:{plan.seed}:{week}"
    drawn = draw(candidates.values(), plan.share, plan.at_least, plan.by_risk, seed)
    kept = form.dict()
    for each in hand_out([candidates[chat] for chat in drawn], inspectors, plan.double_share, seed):
        for ordinal, account_id in enumerate(each.inspectors, start=1):
            session.add(
                Task(
                    plan_id=plan.id,
                    inspection_id=each.id,
                    ordinal=ordinal,
                    week=week,
                    inspector_id=account_id,
                    form=kept,
                    given_at=now,
                )
            )
            made.tasks += 1
        made.chats += 1
    session.flush()
    return made


def plans_due(session: Session, zone: ZoneInfo, now: datetime) -> list[tuple[Plan, str]]:
    """The plans that have not drawn last week's chats, with that week."""
    week = week_of(now - _WEEK, zone)
    drawn = select(Draw.plan_id).where(column(Draw.week) == week)
    _, end = span_of(week, zone)
    query = select(Plan).where(column(Plan.active), column(Plan.id).notin_(drawn), column(Plan.created_at) < end)
    return [(each, week) for each in session.scalars(query.order_by(Plan.id))]


def plans(session: Session) -> list[Plan]:
    """All plans, those in use first."""
    return list(session.scalars(select(Plan).order_by(column(Plan.active).desc(), Plan.id)))


def draws_of(session: Session, plan_ids: Sequence[int]) -> dict[int, list[Draw]]:
    """What plans have drawn, the newest week first."""
    query = select(Draw).where(column(Draw.plan_id).in_(list(plan_ids))).order_by(column(Draw.week).desc())
    found: dict[int, list[Draw]] = {}
    for each in session.scalars(query):
        found.setdefault(each.plan_id, []).append(each)
    return found


def may_score(account: Account) -> bool:
    """Whether an account may be an inspector."""
    return account.active and "inspect.score" in MAY[account.role]


def _inspectors(session: Session, plan: Plan) -> dict[int, str | None]:
    query = select(Account).where(column(Account.id).in_(plan.inspectors))
    return {each.id: each.agent_id for each in session.scalars(query) if may_score(each)}


def _candidates(session: Session, plan: Plan, begin: datetime, end: datetime) -> list[Candidate]:
    query = select(Inspection.id, Inspection.agent_id, Inspection.risk).where(
        column(Inspection.who) == "person",
        column(Inspection.own_lines) > 0,
        column(Inspection.ended_at) >= begin,
        column(Inspection.ended_at) < end,
    )
    if plan.groups:
        query = query.where(column(Inspection.group_id).in_(plan.groups))
    rows = session.execute(query.order_by(Inspection.id).limit(_MOST_A_WEEK))
    return [Candidate(row.id, row.agent_id, row.risk) for row in rows if row.agent_id is not None]
