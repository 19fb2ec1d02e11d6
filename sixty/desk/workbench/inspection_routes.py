"""Section "Inspection" of the workbench's API: what was found in closed chats, scores, appeals, results."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.conversation_reading import desk_forms
from sixty.desk.inspection.appeals import LONGEST_TEXT, appeal, appeals, decide, open_appeals
from sixty.desk.inspection.forms import (
    account_names,
    agreement_form,
    appeal_forms,
    inspection_forms,
    plan_form,
    result_form,
    rule_forms,
    task_form,
)
from sixty.desk.inspection.plans import (
    add_plan,
    change_plan,
    draw_week,
    draws_of,
    may_score,
    plans,
    span_of,
    week_of,
)
from sixty.desk.inspection.results import (
    MOST,
    MOST_WEEKS,
    Wanted,
    agent_results,
    appeals_of,
    by_week,
    inspections,
    scored_tasks_of,
)
from sixty.desk.inspection.rows import AppealState, Inspection, Plan, Task
from sixty.desk.inspection.rules import InspectionRules, Risk, read_inspection
from sixty.desk.inspection.scoring import LONGEST_COMMENT, agreements, give_score, open_tasks, tasks_of, to_be_scored
from sixty.desk.refusals import RefusedError
from sixty.desk.staff.accounts import accounts
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.access import learns_only
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.desk.workbench.chat_forms import masked_messages
from sixty.ledger.models import Message
from sixty.ledger.unsaid import RETURNED
from sixty.tables import column

router = APIRouter()

# So many messages in front of a stretch are shown with it.
_BEFORE = 10
_MOST_MESSAGES = 500


class ScoreForm(BenchForm):
    """What somebody gives for a chat."""

    points: dict[str, int]
    comment: str = Field(default="", max_length=LONGEST_COMMENT)


class AppealForm(BenchForm):
    """That somebody does not agree."""

    finding: int | None = None
    task: int | None = None
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


class DecisionForm(BenchForm):
    """What becomes of an appeal."""

    state: Literal["upheld", "withdrawn"]
    reason: str = Field(min_length=1, max_length=LONGEST_TEXT)


class PlanForm(BenchForm):
    """A plan of samples."""

    title: str = Field(min_length=1, max_length=64)
    form: str = Field(max_length=32)
    groups: list[str] = Field(default=[], max_items=50)
    share: float = Field(ge=0, le=1)
    at_least: int = Field(default=0, ge=0, le=100)
    by_risk: dict[str, float] = Field(default={})
    double_share: float = Field(default=0, ge=0, le=1)
    inspectors: list[int] = Field(min_items=1, max_items=50)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


class PlanChange(BenchForm):
    """What changes of a plan; the rest stays."""

    title: str | None = Field(default=None, min_length=1, max_length=64)
    form: str | None = Field(default=None, max_length=32)
    groups: list[str] | None = Field(default=None, max_items=50)
    share: float | None = Field(default=None, ge=0, le=1)
    at_least: int | None = Field(default=None, ge=0, le=100)
    by_risk: dict[str, float] | None = None
    double_share: float | None = Field(default=None, ge=0, le=1)
    inspectors: list[int] | None = Field(default=None, min_items=1, max_items=50)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    active: bool | None = None


class DrawForm(BenchForm):
    """Which week is drawn."""

    week: str = Field(max_length=8)


@router.get("/inspection")
def overview(staff: Signed, bench: Bench) -> JSONResponse:
    """The rules, the forms, what there is to do, and what this person may do."""
    rules = _rules(bench)
    with bench.reading() as session:
        mine = open_tasks(session, staff.account_id) if "inspect.score" in staff.may else 0
        waiting = open_appeals(session) if "inspect.plan" in staff.may else 0
        people = [each for each in accounts(session) if may_score(each)] if "inspect.plan" in staff.may else []
        return answer(
            {
                "rules": rule_forms(rules),
                "forms": [each.dict() for each in rules.forms],
                "appeal_within": rules.appeal_within.total_seconds(),
                "tasks_open": mine,
                "appeals_open": waiting,
                "inspectors": [{"id": each.id, "name": each.name, "role": each.role} for each in people],
                "week": week_of(bench.now(), _zone(bench)),
                "may": {
                    "all": "inspect.all" in staff.may,
                    "score": "inspect.score" in staff.may,
                    "plan": "inspect.plan" in staff.may,
                    "appeal": staff.agent_id is not None and "chat.take" in staff.may,
                },
                "server_time": at(bench.now()),
            }
        )


@router.get("/inspection/chats")
def chats(
    staff: Signed,
    bench: Bench,
    agent: Annotated[str | None, Query(max_length=32)] = None,
    group: Annotated[str | None, Query(max_length=32)] = None,
    who: Literal["person", "bot"] | None = None,
    risk: Risk | None = None,
    rule: Annotated[str | None, Query(max_length=32)] = None,
    channel: Annotated[str | None, Query(max_length=32)] = None,
    since: datetime | None = None,
    until: datetime | None = None,
    score_below: Annotated[int | None, Query(ge=0, le=101)] = None,
    flagged: bool = False,
    appealed: bool = False,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> JSONResponse:
    """Inspected chats, the newest first; of an agent only their own."""
    if "inspect.all" not in staff.may:
        agent, who = _own(staff), "person"
    wanted = Wanted(
        agent_id=agent or None,
        group_id=group or None,
        who=who,
        risk=risk,
        rule=rule or None,
        channel=channel or None,
        since=_zoned(since),
        until=_zoned(until),
        score_below=score_below,
        flagged=flagged,
        appealed=appealed,
    )
    with bench.reading() as session:
        found, more = inspections(session, wanted, before, limit)
        blind = to_be_scored(session, staff.account_id, [each.id for each in found])
        shown = [
            {**form, "by_people": None} if form["id"] in blind else form
            for form in inspection_forms(session, found, _rules(bench), bench.rules())
        ]
        return answer({"chats": shown, "more": more, "server_time": at(bench.now())})


@router.get("/inspection/chats/{inspection_id}")
def chat(inspection_id: int, staff: Signed, bench: Bench) -> JSONResponse:
    """An inspected chat: what was said, what was found in it, what people gave, what was appealed against."""
    rules = _rules(bench)
    with bench.reading() as session:
        found = _inspection(session, inspection_id)
        task = _task_of(session, inspection_id, staff)
        _may_see(staff, found, task)
        messages = desk_forms(session, _messages(session, found), bench.settings.secret, bench.now())
        masked = learns_only(staff)
        # Who is to score a chat does not see what a colleague gave for it.
        blind = task is not None and task.state == "open"
        tasks = [] if blind or masked else scored_tasks_of(session, [found.id])[found.id]
        names = account_names(session, [each.inspector_id for each in tasks])
        made = appeals_of(session, [found.id])[found.id]
        form = inspection_forms(session, [found], rules, bench.rules())[0]
        body = {
            "inspection": {**form, "by_people": None} if blind else form,
            "messages": masked_messages(messages) if masked else messages,
            "from": found.from_id,
            "to": found.to_id,
            "scores": [task_form(each, names, "inspect.all" in staff.may) for each in tasks],
            "task": task_form(task, {}, False) if task is not None else None,
            "appeals": [] if blind or masked else appeal_forms(session, made, rules),
            "may": {
                "appeal": _is_theirs(staff, found) and "chat.take" in staff.may,
                "decide": "inspect.plan" in staff.may and not _is_theirs(staff, found),
                "score": task is not None and task.state == "open",
            },
            "server_time": at(bench.now()),
        }
        conversation_id = found.conversation_id
    _audit(bench, staff, "inspection_opened", conversation_id, str(inspection_id))
    return answer(body)


@router.get("/inspection/tasks")
def tasks(staff: Signed, bench: Bench, state: Literal["open", "scored"] = "open") -> JSONResponse:
    """One's own tasks."""
    staff.needs("inspect.score")
    with bench.reading() as session:
        mine = tasks_of(session, staff.account_id, state)
        ids = [each.inspection_id for each in mine]
        found = list(session.scalars(select(Inspection).where(column(Inspection.id).in_(ids))))
        rows = {each["id"]: each for each in inspection_forms(session, found, _rules(bench), bench.rules())}
        shown = [
            {**task_form(each, {}, False), "chat": {**rows[each.inspection_id], "by_people": None}} for each in mine
        ]
        return answer({"tasks": shown, "server_time": at(bench.now())})


@router.post("/inspection/tasks/{task_id}/score")
def score(
    task_id: int, staff: Signed, form: Annotated[ScoreForm, Depends(given(ScoreForm))], bench: Bench
) -> JSONResponse:
    """Scores a chat."""
    staff.needs("inspect.score")
    with bench.writing() as session, doing(session):
        task = give_score(session, task_id, staff.account_id, form.points, form.comment, bench.now())
        note(session, staff.account_id, "inspection_scored", bench.now(), detail=f"task {task.id}: {task.score}")
        made = task_form(task, {}, False)
        left = open_tasks(session, staff.account_id)
    return answer({"task": made, "tasks_open": left})


@router.get("/inspection/plans")
def all_plans(staff: Signed, bench: Bench) -> JSONResponse:
    """All plans with what they have drawn."""
    staff.needs("inspect.plan")
    with bench.reading() as session:
        found = plans(session)
        draws = draws_of(session, [each.id for each in found])
        names = account_names(session, [account for each in found for account in each.inspectors])
        return answer({"plans": [plan_form(each, draws.get(each.id, []), names) for each in found]})


@router.post("/inspection/plans")
def new_plan(staff: Signed, form: Annotated[PlanForm, Depends(given(PlanForm))], bench: Bench) -> JSONResponse:
    """Adds a plan."""
    staff.needs("inspect.plan")
    with bench.writing() as session, doing(session):
        plan = add_plan(session, _rules(bench), staff.account_id, bench.now(), **form.dict())
        note(session, staff.account_id, "inspection_plan_added", bench.now(), detail=f"{plan.id} {plan.title}")
        made = plan_form(plan, [], account_names(session, plan.inspectors))
    return answer({"plan": made}, 201)


@router.patch("/inspection/plans/{plan_id}")
def changed_plan(
    plan_id: int, staff: Signed, form: Annotated[PlanChange, Depends(given(PlanChange))], bench: Bench
) -> JSONResponse:
    """Changes a plan; what was drawn stays drawn."""
    staff.needs("inspect.plan")
    changes = {name: value for name, value in form.dict(exclude_unset=True).items() if value is not None}
    with bench.writing() as session, doing(session):
        plan = change_plan(session, _plan(session, plan_id), _rules(bench), **changes)
        detail = f"{plan.id} {', '.join(sorted(changes))}"
        note(session, staff.account_id, "inspection_plan_changed", bench.now(), detail=detail)
        made = plan_form(plan, draws_of(session, [plan.id]).get(plan.id, []), account_names(session, plan.inspectors))
    return answer({"plan": made})


@router.post("/inspection/plans/{plan_id}/draw")
def drawn(
    plan_id: int, staff: Signed, form: Annotated[DrawForm, Depends(given(DrawForm))], bench: Bench
) -> JSONResponse:
    """Draws a week's chats now, once; last week's are drawn by themselves."""
    staff.needs("inspect.plan")
    with bench.writing() as session, doing(session):
        plan = _plan(session, plan_id)
        made = draw_week(session, plan, form.week, _rules(bench), _zone(bench), bench.now())
        note(session, staff.account_id, "inspection_drawn", bench.now(), detail=f"{plan.id} {form.week}: {made.tasks}")
        body = plan_form(plan, draws_of(session, [plan.id])[plan.id], account_names(session, plan.inspectors))
    return answer({"plan": body})


@router.get("/inspection/agreement")
def agreed(staff: Signed, bench: Bench, plan: int | None = None, since: datetime | None = None) -> JSONResponse:
    """How far two who score the same chats agree, by criterion, with how many chats that is said of."""
    staff.needs("inspect.plan")
    titles = {str(criterion.id): str(criterion.title) for form in _rules(bench).forms for criterion in form.criteria}
    with bench.reading() as session:
        found = agreements(session, plan, _zoned(since))
        return answer({"agreement": [agreement_form(each, titles) for each in found]})


@router.get("/inspection/appeals")
def all_appeals(staff: Signed, bench: Bench, state: AppealState | None = None) -> JSONResponse:
    """Appeals; of an agent only their own."""
    everybody = "inspect.plan" in staff.may
    if not everybody:
        _own(staff)
    with bench.reading() as session:
        found = appeals(session, state, None if everybody else staff.account_id)
        return answer({"appeals": appeal_forms(session, found, _rules(bench)), "server_time": at(bench.now())})


@router.post("/inspection/appeals")
def appealed_against(
    staff: Signed, form: Annotated[AppealForm, Depends(given(AppealForm))], bench: Bench
) -> JSONResponse:
    """Appeals against a finding, or a score, of one's own chat."""
    agent_id = _own(staff)
    rules = _rules(bench)
    with bench.writing() as session, doing(session):
        made = appeal(
            session,
            staff.account_id,
            agent_id,
            form.text,
            rules,
            bench.now(),
            finding_id=form.finding,
            task_id=form.task,
        )
        note(session, staff.account_id, "inspection_appealed", bench.now(), detail=f"appeal {made.id}")
        body = appeal_forms(session, [made], rules)[0]
    return answer({"appeal": body}, 201)


@router.post("/inspection/appeals/{appeal_id}")
def decided(
    appeal_id: int, staff: Signed, form: Annotated[DecisionForm, Depends(given(DecisionForm))], bench: Bench
) -> JSONResponse:
    """Decides about an appeal: somebody else than who scored, and than whose chat it is."""
    staff.needs("inspect.plan")
    rules = _rules(bench)
    with bench.writing() as session, doing(session):
        made = decide(session, appeal_id, staff.account_id, staff.agent_id, form.state, form.reason, rules, bench.now())
        note(session, staff.account_id, "inspection_decided", bench.now(), detail=f"appeal {made.id}: {made.state}")
        body = appeal_forms(session, [made], rules)[0]
    return answer({"appeal": body})


@router.get("/inspection/agents")
def agents(
    staff: Signed,
    bench: Bench,
    weeks: Annotated[int, Query(ge=1, le=MOST_WEEKS)] = 8,
    group: Annotated[str | None, Query(max_length=32)] = None,
    agent: Annotated[str | None, Query(max_length=32)] = None,
) -> JSONResponse:
    """Each agent's results, in all and week by week; an agent sees their own."""
    if "inspect.all" not in staff.may:
        agent = _own(staff)
    now, zone = bench.now(), _zone(bench)
    with bench.reading() as session:
        weekly = by_week(session, now, zone, weeks, agent or None, group or None)
        begin = span_of(weekly[0][0], zone)[0]
        total = agent_results(session, begin, now, agent or None, group or None)
        names = names_of(session, [each.agent_id for each in total])
        return answer(
            {
                "agents": [result_form(each, names) for each in total],
                "weeks": [
                    {"week": week, "agents": [result_form(each, names) for each in found]} for week, found in weekly
                ],
                "server_time": at(now),
            }
        )


def _rules(bench: Workbench) -> InspectionRules:
    rules = read_inspection(bench.settings.playbook)
    if rules is None:
        raise RefusedError(404, "unknown", "还没有质检规则，请先在 playbook 里写好 inspection.yml")
    return rules


def _zone(bench: Workbench) -> ZoneInfo:
    return bench.rules().groups[-1].hours.zone


def _zoned(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise RefusedError(422, "malformed", "时间要带时区", "write times with their zone, as 2026-08-18T00:00:00Z")
    return moment


def _own(staff: Staff) -> str:
    staff.needs("chat.take")
    if staff.agent_id is None:
        raise RefusedError(403, "not_allowed", "您的账号不接待顾客，没有自己的质检结果", "no agent")
    return staff.agent_id


def _is_theirs(staff: Staff, found: Inspection) -> bool:
    return staff.agent_id is not None and found.agent_id == staff.agent_id


def _inspection(session: Session, inspection_id: int) -> Inspection:
    found: Inspection | None = session.get(Inspection, inspection_id)
    if found is None:
        raise RefusedError(404, "unknown", "没有这条质检记录，可能已经删除了")
    return found


def _plan(session: Session, plan_id: int) -> Plan:
    found: Plan | None = session.get(Plan, plan_id)
    if found is None:
        raise RefusedError(404, "unknown", "没有这个抽检方案")
    return found


def _task_of(session: Session, inspection_id: int, staff: Staff) -> Task | None:
    query = select(Task).where(
        column(Task.inspection_id) == inspection_id, column(Task.inspector_id) == staff.account_id
    )
    found: Task | None = session.scalars(query.order_by(column(Task.state) != "open", column(Task.id).desc())).first()
    return found


def _may_see(staff: Staff, found: Inspection, task: Task | None) -> None:
    if "inspect.all" in staff.may or _is_theirs(staff, found) or task is not None:
        return
    raise RefusedError(403, "not_allowed", "这个会话不是您的，也没有分给您质检")


def _messages(session: Session, found: Inspection) -> list[Message]:
    if found.from_id is None or found.to_id is None:
        return []
    here = [column(Message.conversation_id) == found.conversation_id, column(Message.kind) != RETURNED]
    stretch = select(Message).where(*here, column(Message.id) >= found.from_id, column(Message.id) <= found.to_id)
    before = (
        select(Message).where(*here, column(Message.id) < found.from_id).order_by(column(Message.id).desc())
    ).limit(_BEFORE)
    return [
        *list(session.scalars(before))[::-1],
        *session.scalars(stretch.order_by(Message.id).limit(_MOST_MESSAGES)),
    ]


def _audit(bench: Workbench, staff: Staff, what: str, conversation_id: str, detail: str) -> None:
    with bench.writing() as session:
        note(session, staff.account_id, what, bench.now(), conversation_id=conversation_id, detail=detail)
