"""Inspections as the workbench's API has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.chat_rows import CHANNELS
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.inspection.agreement import Agreement
from sixty.desk.inspection.results import AgentResult, appeals_of, findings_of, scored_tasks_of
from sixty.desk.inspection.rows import Appeal, Draw, Finding, Inspection, Plan, Task
from sixty.desk.inspection.rules import InspectionRules
from sixty.desk.staff.accounts import Account
from sixty.desk.workbench.answers import at
from sixty.tables import column


def rule_forms(rules: InspectionRules) -> list[dict[str, Any]]:
    """The rules, for filters and for what a finding means."""
    return [
        {
            "id": each.id,
            "kind": each.kind,
            "title": each.title,
            "why": each.why,
            "weight": each.weight,
            "severity": each.severity,
            "audience": list(each.audience),
        }
        for each in rules.rules
    ]


def inspection_forms(
    session: Session, found: Sequence[Inspection], rules: InspectionRules, routing: RoutingRules
) -> list[dict[str, Any]]:
    """Rows of the list."""
    ids = [each.id for each in found]
    findings, tasks, appeals = findings_of(session, ids), scored_tasks_of(session, ids), appeals_of(session, ids)
    names = names_of(session, [each.agent_id for each in found])
    return [
        {
            "id": each.id,
            "chat": each.conversation_id,
            "who": each.who,
            "agent": {"id": each.agent_id, "name": names.get(each.agent_id, each.agent_id)} if each.agent_id else None,
            "group": {"id": each.group_id, "title": routing.group(each.group_id).title} if each.group_id else None,
            "channel": each.channel,
            "channel_title": CHANNELS.get(each.channel, each.channel),
            "began_at": at(each.began_at),
            "ended_at": at(each.ended_at),
            "customer_lines": each.customer_lines,
            "own_lines": each.own_lines,
            "state": each.state,
            "score": each.score,
            "risk": each.risk,
            "by_people": _mean([task.score for task in tasks[each.id] if task.state == "scored"]),
            "findings": [finding_form(finding, rules, appeals[each.id]) for finding in findings[each.id]],
            "appeals_open": sum(appeal.state == "open" for appeal in appeals[each.id]),
            "look_again_at": at(each.look_again_at),
        }
        for each in found
    ]


def finding_form(finding: Finding, rules: InspectionRules, appeals: Iterable[Appeal] = ()) -> dict[str, Any]:
    """One finding."""
    rule = rules.rule(finding.rule)
    about = next((each for each in appeals if each.finding_id == finding.id), None)
    return {
        "id": finding.id,
        "rule": finding.rule,
        "title": rule.title if rule is not None else finding.rule,
        "why": rule.why if rule is not None else "",
        "kind": finding.kind,
        "severity": finding.severity,
        "weight": finding.weight,
        "message": finding.message_id,
        "start": finding.start,
        "end": finding.end,
        "further": list(finding.further),
        "detail": finding.detail,
        "state": finding.state,
        "appeal": about.state if about is not None else None,
    }


def task_form(task: Task, names: Mapping[int, str], clear: bool) -> dict[str, Any]:
    """One score of a person; without who gave it for those who need not know."""
    return {
        "id": task.id,
        "inspection": task.inspection_id,
        "plan": task.plan_id,
        "week": task.week,
        "ordinal": task.ordinal,
        "form": task.form,
        "state": task.state,
        "points": task.points,
        "score": task.score,
        "comment": task.comment,
        "inspector": {"id": task.inspector_id, "name": names.get(task.inspector_id, "")} if clear else None,
        "given_at": at(task.given_at),
        "scored_at": at(task.scored_at),
    }


def appeal_forms(session: Session, found: Sequence[Appeal], rules: InspectionRules) -> list[dict[str, Any]]:
    """Appeals with what they are about."""
    names = account_names(session, {each.account_id for each in found} | {each.decided_by for each in found} - {None})
    finding_ids = [each.finding_id for each in found if each.finding_id is not None]
    query = select(Finding).where(column(Finding.id).in_(finding_ids))
    findings = {each.id: each for each in session.scalars(query)}
    task_ids = [each.task_id for each in found if each.task_id is not None]
    scores = {each.id: each.score for each in session.scalars(select(Task).where(column(Task.id).in_(task_ids)))}
    shown = []
    for each in found:
        finding = findings.get(each.finding_id or 0)
        rule = rules.rule(finding.rule) if finding is not None else None
        shown.append(
            {
                "id": each.id,
                "inspection": each.inspection_id,
                "finding": each.finding_id,
                "task": each.task_id,
                "about": rule.title if rule is not None else finding.rule if finding is not None else None,
                "score": scores.get(each.task_id or 0),
                "by": {"id": each.account_id, "name": names.get(each.account_id, "")},
                "text": each.text,
                "state": each.state,
                "decided_by": names.get(each.decided_by or 0),
                "reason": each.reason,
                "made_at": at(each.made_at),
                "decided_at": at(each.decided_at),
            }
        )
    return shown


def plan_form(plan: Plan, draws: Sequence[Draw], names: Mapping[int, str]) -> dict[str, Any]:
    """A plan."""
    return {
        "id": plan.id,
        "title": plan.title,
        "form": plan.form,
        "groups": list(plan.groups),
        "share": plan.share,
        "at_least": plan.at_least,
        "by_risk": plan.by_risk,
        "double_share": plan.double_share,
        "inspectors": [{"id": each, "name": names.get(each, str(each))} for each in plan.inspectors],
        "seed": plan.seed,
        "active": plan.active,
        "draws": [
            {"week": each.week, "chats": each.chats, "tasks": each.tasks, "drawn_at": at(each.drawn_at)}
            for each in draws[:12]
        ],
    }


def result_form(result: AgentResult, names: Mapping[str, str]) -> dict[str, Any]:
    """An agent's results."""
    return {**result.__dict__, "name": names.get(result.agent_id, result.agent_id)}


def agreement_form(found: Agreement, titles: Mapping[str, str]) -> dict[str, Any]:
    """How far two agree."""
    return {**found.__dict__, "title": titles.get(found.criterion, found.criterion)}


def account_names(session: Session, account_ids: Collection[int | None]) -> dict[int, str]:
    """What accounts are called."""
    wanted = [each for each in account_ids if each is not None]
    query = select(Account.id, Account.name).where(column(Account.id).in_(wanted))
    return dict(session.execute(query).all())


def _mean(scores: Sequence[int | None]) -> float | None:
    known = [each for each in scores if each is not None]
    return round(sum(known) / len(known), 1) if known else None
