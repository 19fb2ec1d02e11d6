"""Section "People" of the workbench's API: figures of agents and groups, schedule advice, what the bot saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from sixty.desk.board.supervision_rules import SupervisionRules
from sixty.desk.people_figures.counting import count_talks
from sixty.desk.people_figures.report import (
    By,
    Row,
    Span,
    TalkResult,
    people_rows,
    results_of,
    row_form,
    total_of,
)
from sixty.desk.people_figures.saved import saved_by_bot
from sixty.desk.people_figures.schedule import observe, schedule_advice, wished
from sixty.desk.people_figures.sheets import csv_of, xlsx_of
from sixty.desk.refusals import NO_STORE, RefusedError
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed, Workbench

router = APIRouter()

_FIRST = Query(alias="from")
_LAST = Query(alias="to")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/people")
def people(
    staff: Signed,
    bench: Bench,
    by: By = "agent",
    first: Annotated[date | None, _FIRST] = None,
    last: Annotated[date | None, _LAST] = None,
    group: Annotated[str | None, Query(max_length=32)] = None,
) -> JSONResponse:
    """What agents and groups have done; who supervises nobody reads their own."""
    span, rules, routing = _asked(bench, staff, first, last), _rules(bench), bench.rules()
    _count(bench)
    with bench.reading() as session, doing(session):
        results = _seen(_of_group(results_of(session, span, rules), group), staff)
        rows = people_rows(session, results, by, routing)
        return answer(
            {
                "rows": [row_form(each) for each in rows],
                "total": row_form(total_of(results, routing)),
                "from": span.first.isoformat(),
                "to": span.last.isoformat(),
                "by": by,
                "own": not _supervises(staff),
                "assumptions": _notes(rules, bench),
                "server_time": at(bench.now()),
            }
        )


@router.get("/people/export")
def export(
    staff: Signed,
    bench: Bench,
    by: By = "agent_day",
    first: Annotated[date | None, _FIRST] = None,
    last: Annotated[date | None, _LAST] = None,
    group: Annotated[str | None, Query(max_length=32)] = None,
    form: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "xlsx",
) -> Response:
    """The same as a file."""
    span, rules, routing = _asked(bench, staff, first, last), _rules(bench), bench.rules()
    _count(bench)
    with bench.writing() as session, doing(session):
        results = _seen(_of_group(results_of(session, span, rules), group), staff)
        rows: Sequence[Row] = people_rows(session, results, by, routing)
        note(session, staff.account_id, "people_exported", bench.now(), detail=f"{span.first} {span.last} {by} {form}")
    notes = _notes(rules, bench)
    content = csv_of(rows, notes) if form == "csv" else xlsx_of(rows, notes)
    name = f"people-{span.first}-{span.last}.{form}"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8" if form == "csv" else _XLSX, headers=headers)


@router.get("/people/schedule")
def schedule(
    staff: Signed,
    bench: Bench,
    group: Annotated[str | None, Query(max_length=32)] = None,
    share: Annotated[float | None, Query(gt=0, lt=1)] = None,
    within: Annotated[int | None, Query(ge=1, le=3600)] = None,
    at_once: Annotated[int | None, Query(ge=1, le=20)] = None,
) -> JSONResponse:
    """How many agents are needed when; the service wanted may be tried out."""
    staff.needs("report.read")
    routing, rules, now = bench.rules(), _rules(bench).schedule, bench.now()
    if group is not None and not routing.knows(group):
        raise RefusedError(404, "unknown_group", "没有这个组")
    _count(bench)
    with bench.reading() as session, doing(session):
        wanted = wished(
            rules, share=share, within=None if within is None else timedelta(seconds=within), at_once=at_once
        )
        zone = routing.groups[0].hours.zone
        observed = observe(session, group, wanted.weeks, zone, routing, now)
        return answer({**schedule_advice(observed, group, wanted, routing, now), "server_time": at(now)})


@router.get("/people/saved")
def saved(
    staff: Signed,
    bench: Bench,
    first: Annotated[date | None, _FIRST] = None,
    last: Annotated[date | None, _LAST] = None,
) -> JSONResponse:
    """What the bot saved; what an hour of people costs is no agent's business."""
    staff.needs("chat.assign")
    span, rules = _asked(bench, staff, first, last), _rules(bench)
    _count(bench)
    with bench.reading() as session, doing(session):
        results = results_of(session, span, rules)
        found = saved_by_bot(session, span, results, rules.saved)
        return answer(
            {
                "visits": found.visits,
                "alone": found.alone,
                "needs_person": str(found.needs_person),
                "minutes": None if found.minutes is None else str(found.minutes),
                "observed": found.observed,
                "hour_costs": f"{found.hour_costs:.2f}",
                "hours": None if found.hours is None else str(found.hours),
                "amount": None if found.amount is None else f"{found.amount:.2f}",
                "from": span.first.isoformat(),
                "to": span.last.isoformat(),
            }
        )


def _asked(bench: Workbench, staff: Staff, first: date | None, last: date | None) -> Span:
    staff.needs("report.read")
    zone = bench.rules().groups[0].hours.zone
    today = bench.now().astimezone(zone).date()
    end = last or today
    try:
        return Span(first or end - timedelta(days=6), end, zone)
    except ValueError as error:
        raise RefusedError(422, "malformed", "日期不对：结束不能早于开始，最多 92 天", str(error)) from None


def _count(bench: Workbench) -> None:
    """Works out what has ended a moment ago, so that nobody reads yesterday's figures."""
    now = bench.now()
    with bench.writing() as session:
        count_talks(session, bench.rules(), now - timedelta(days=3))


def _supervises(staff: Staff) -> bool:
    """As on the board: to read what was said, as trainers do, is not to know how colleagues do."""
    return "chat.assign" in staff.may


def _seen(results: list[TalkResult], staff: Staff) -> list[TalkResult]:
    if _supervises(staff):
        return results
    return [each for each in results if each.talk.agent_id == staff.agent_id]


def _of_group(results: list[TalkResult], group: str | None) -> list[TalkResult]:
    return results if group is None else [each for each in results if each.talk.group_id == group]


def _rules(bench: Workbench) -> SupervisionRules:
    found: SupervisionRules = bench.app.state.supervision()
    return found


def _notes(rules: SupervisionRules, bench: Workbench) -> dict[str, Any]:
    """What has to be known to read the figures, in the words of the page and of the files."""
    promise = int(bench.rules().first_reply.total_seconds())
    return {
        "接待量": "客服接过的会话段数，按接起的日子算；转走的也算一段",
        "首次响应": f"从会话分给客服到他说第一句；{promise} 秒以内算达标，到结束都没回复的算没达标",
        "平均响应": "从顾客没人回的第一句到客服下一句，包含首次响应",
        "只算上班时间": "扣掉组不上班的时间和休息",
        "处理时长": "从接起到说再见，加上写小结的时间",
        "解决率": f"在客服手里结束、标为已解决，而且顾客 {_span(rules.again_within)} 内没有再找人工的比例",
        "聊后订单": f"顾客聊完 {_span(rules.orders_within)} 内下的单，每单只算给下单前最后服务他的客服",
    }


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:g} 小时" if hours >= 1 else f"{int(span.total_seconds() // 60)} 分钟"
