"""What the workbench's pages read of reminders, in the form in which the API says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.customer_names import customer_shown
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.answers import at
from sixty.insight.experiment import Estimate
from sixty.masking import mask_phone
from sixty.outreach.desk_readings import SceneDay, Sending, Step
from sixty.outreach.example_words import EXAMPLES, example_words, variables_of
from sixty.outreach.lift_report import Day, LiftLine, together
from sixty.outreach.models import OutreachCase, OutreachEdit, OutreachRung, Way
from sixty.outreach.preview import Foreseen
from sixty.outreach.reasons import REASONS
from sixty.outreach.scenes import Book, Scene
from sixty.outreach.sms_words import how_many_sms, sms_length, whole_sms
from sixty.outreach.text_edits import words_of
from sixty.outreach.word_faults import Fault, hints_of
from sixty.shop.catalogue import find_product
from sixty.shop.intervals import Interval

OUTCOMES: dict[str, str] = {
    "will_buy": "会来买",
    "reached": "打通了，再想想",
    "not_reached": "没打通",
    "refused": "不想要了",
    "no_more": "别再联系",
    "wrong_number": "号码不对",
}
"""How a call went."""

_EVERYTHING = "*"
Form = dict[str, Any]


def scene_form(scene: Scene, today: SceneDay | None, paused: Collection[str]) -> Form:
    """A scene as the playbook has it, and how today stands."""
    day = today or SceneDay(scene.id)
    return {
        "id": scene.id,
        "title": scene.title,
        "kind": scene.kind,
        "goal": scene.goal,
        "waits": {name: _seconds(wait) for name, wait in scene.waits.items()},
        "at": [f"{each:%H:%M}" for each in scene.at],
        "in_campaign": _seconds(scene.in_campaign) if scene.in_campaign is not None else None,
        "audiences": list(scene.audiences),
        "ladder": [
            {
                "way": each.way,
                "wait": _seconds(each.wait),
                "at_least": _money(each.at_least),
            }
            for each in scene.ladder
        ],
        "words": [
            {"place": each.place, "way": each.way, "audience": each.audience, "text": each.text}
            for each in words_of(scene)
        ],
        "capped": scene.capped,
        "control": scene.control,
        "attributed_within": _seconds(scene.attributed_within),
        "paused": scene.id in paused or _EVERYTHING in paused,
        "paused_itself": scene.id in paused,
        "today": {
            "planned": day.planned,
            "sent": day.sent,
            "skipped": day.skipped,
            "held": day.held,
            "failed": day.failed,
        },
    }


def preview_form(text: str, faults: Sequence[Fault], scene: Scene, way: Way, book: Book, shop: str) -> Form:
    """How words would read with examples in their gaps, what is wrong with them, and what may be named.

    Args:
        text: The words.
        faults: What is wrong with them.
        scene: Their scene.
        way: How they are said.
        book: The scenes, for signature and link of an SMS.
        shop: What the shop is called.
    """
    shown = None if faults else example_words(text, scene, shop, book.link)
    if shown is not None and way == "sms":
        shown = whole_sms(book.sms_signature, shown)
    return {
        "text": shown,
        "problems": [{"message": each.message, "remedy": each.remedy} for each in faults],
        "hints": [] if faults else hints_of(text, way),
        "sms": {"length": sms_length(shown), "parts": how_many_sms(shown)} if shown and way == "sms" else None,
        "variables": [
            {"name": name, "title": EXAMPLES[name][0], "example": EXAMPLES[name][1]}
            for name in variables_of(scene, sms=way != "chat")
        ],
    }


def reasons_form(counts: Mapping[str, int]) -> list[Form]:
    """Why something was not said, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [{"reason": name, "title": reason_title(name), "count": many} for name, many in ranked]


def reason_title(reason: str | None) -> str | None:
    """A reason in words for staff."""
    return None if reason is None else REASONS.get(reason, reason)


def step_form(session: Session, step: Step, book: Book, rules: RoutingRules, staff: Staff) -> Form:
    """A rung with what it is about."""
    return {**_rung_form(step.rung), **_about(session, step.case, book, rules, staff)}


def foreseen_form(session: Session, step: Foreseen) -> Form:
    """A step that a customer would hear, or would not and why."""
    product = find_product(session, step.product_no) if step.product_no else None
    return {
        "scene": step.scene,
        "scene_title": step.title,
        "about": step.about,
        "order_no": step.order_no,
        "product": product.name if product is not None else None,
        "rung": step.rung,
        "way": step.way or None,
        "due_at": at(step.due_at),
        "text": step.text,
        "why_not": step.why_not,
    }


def course_form(
    session: Session,
    case: OutreachCase,
    rungs: Iterable[OutreachRung],
    book: Book,
    rules: RoutingRules,
    staff: Staff,
) -> Form:
    """A case with all its steps and what came of it."""
    return {
        **_about(session, case, book, rules, staff),
        "arm": case.arm,
        "audience": case.audience,
        "variant": case.variant,
        "why": case.why,
        "why_title": reason_title(case.why),
        "moment": at(case.moment),
        "region": case.region,
        "state": case.state,
        "exposed_at": at(case.exposed_at),
        "watch_until": at(case.watch_until),
        "answered_at": at(case.answered_at),
        "converted_at": at(case.converted_at),
        "converted_order_no": case.converted_order_no,
        "recovered": _money(case.recovered),
        "unsubscribed_at": at(case.unsubscribed_at),
        "ended_at": at(case.ended_at),
        "ended_because": case.ended_because,
        "ended_title": reason_title(case.ended_because),
        "rungs": [_rung_form(each) for each in rungs],
    }


def sending_form(session: Session, sent: Sending, book: Book, rules: RoutingRules, staff: Staff) -> Form:
    """An SMS or a call; the number in part."""
    contact = sent.contact
    return {
        "id": contact.id,
        "way": contact.way,
        "number": mask_phone(contact.number),
        "text": contact.text,
        "template": contact.template,
        "state": contact.state,
        "due_at": at(contact.due_at),
        "created_at": at(contact.created_at),
        "sent_at": at(contact.sent_at),
        "delivered_at": at(contact.delivered_at),
        "provider": contact.provider,
        "attempts": contact.attempts,
        "problem": contact.problem,
        "taken_by": contact.taken_by,
        "taken_at": at(contact.taken_at),
        "outcome": contact.outcome,
        "outcome_title": OUTCOMES.get(contact.outcome) if contact.outcome else None,
        "note": contact.note,
        "done_at": at(contact.done_at),
        "cost": _money(sent.rung.cost),
        "rung": sent.rung.rung,
        **_about(session, sent.case, book, rules, staff),
    }


def edit_form(edit: OutreachEdit) -> Form:
    """A change of words."""
    return {
        "id": edit.id,
        "scene": edit.scene,
        "place": edit.place,
        "before": edit.before,
        "after": edit.after,
        "by": edit.by,
        "at": at(edit.at),
    }


def lift_form(line: LiftLine, book: Book) -> Form:
    """What a scene, an audience or a wording brought about."""
    found = line.found
    scene = book.scenes.get(line.scene)
    return {
        "scene": line.scene,
        "title": scene.title if scene is not None else line.scene,
        "goal": scene.goal if scene is not None else "none",
        "audience": line.audience,
        "variant": line.variant,
        "cases": found.reminded.cases,
        "customers": found.reminded.customers,
        "converted": found.reminded.converted,
        "control_cases": found.control.cases,
        "control_converted": found.control.converted,
        "watched": line.watched,
        "sent": found.sent.sent,
        "delivered": found.sent.delivered,
        "answered": found.sent.answered,
        "unsubscribed": found.sent.unsubscribed,
        "cost": _money(found.sent.cost),
        "recovered": _money(line.recovered),
        "conversion": _interval(found.conversion[0]) if found.reminded.cases else None,
        "control_conversion": _interval(found.conversion[1]) if found.control.cases else None,
        "difference": _estimate(found.difference),
        "extra_conversions": _estimate(found.extra_conversions),
        "extra_revenue": _estimate(found.extra_revenue),
        "return_on_cost": _estimate(found.return_on_cost),
        "verdict": found.verdict,
    }


def together_form(lines: Sequence[LiftLine], recovered: Decimal) -> Form:
    """All lines of one report together, with what all of them recovered."""
    sent = together(lines)
    return {
        "sent": sent.sent,
        "delivered": sent.delivered,
        "answered": sent.answered,
        "unsubscribed": sent.unsubscribed,
        "cost": _money(sent.cost),
        "recovered": _money(recovered),
        "converted": sum(each.found.reminded.converted for each in lines),
        "cases": sum(each.found.reminded.cases for each in lines),
    }


def day_form(day: Day) -> Form:
    """One day of a scene."""
    return {
        "day": day.day,
        "reminded": day.reminded,
        "held": day.held,
        "converted": day.converted,
        "recovered": _money(day.recovered),
    }


def _rung_form(rung: OutreachRung) -> Form:
    return {
        "id": rung.id,
        "rung": rung.rung,
        "way": rung.way,
        "state": rung.state,
        "due_at": at(rung.due_at),
        "decided_at": at(rung.decided_at),
        "sent_at": at(rung.sent_at),
        "delivered_at": at(rung.delivered_at),
        "reason": rung.reason,
        "reason_title": reason_title(rung.reason),
        "text": rung.text,
        "cost": _money(rung.cost),
    }


def _about(session: Session, case: OutreachCase, book: Book, rules: RoutingRules, staff: Staff) -> Form:
    """Whom a case is about and what; the customer is named as the role may see it."""
    conversation: Conversation | None = (
        session.get(Conversation, case.conversation_id) if case.conversation_id is not None else None
    )
    clear = "customer.clear" in staff.may
    product = find_product(session, case.product_no) if case.product_no else None
    scene = book.scenes.get(case.scene)
    return {
        "case": case.id,
        "scene": case.scene,
        "scene_title": scene.title if scene is not None else case.scene,
        "customer": customer_shown(session, conversation, case.customer_id, rules, clear=clear).dict(),
        "chat": case.conversation_id,
        "order_no": case.order_no,
        "product_no": case.product_no,
        "product": product.name if product is not None else None,
        "amount": _money(case.amount),
        "arm": case.arm,
        "converted": case.converted_at is not None,
    }


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _interval(share: Interval) -> Form:
    return {"value": share.rate, "low": share.low, "high": share.high}


def _estimate(found: Estimate | None) -> Form | None:
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high}
