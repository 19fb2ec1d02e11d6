"""Conversations, notes and drafts as the workbench's API has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.chat_rows import ChatRow, Viewing, rows_of
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.drafts import Draft, drafted
from sixty.desk.handoff_rows import HandOff
from sixty.desk.lookers import Looker
from sixty.desk.notes import DeskNote
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.access import learns_only
from sixty.desk.workbench.answers import at
from sixty.masking import mask_text, mask_within


def chat_form(
    session: Session, hand_off: HandOff, viewing: Viewing, staff: Staff, rules: RoutingRules, now: datetime
) -> dict[str, Any]:
    """One row, for one person."""
    return row_forms(session, rows_of(session, [hand_off], viewing, now, rules), staff)[0]


def row_forms(session: Session, rows: Iterable[ChatRow], staff: Staff) -> list[dict[str, Any]]:
    """Rows, for one person: whether they have begun to write there, and nothing that they may not read."""
    listed = list(rows)
    begun = drafted(session, [each.id for each in listed])
    forms = []
    for row in listed:
        form = {**row.dict(), "draft": (staff.account_id, row.id) in begun}
        forms.append(masked_row(form) if learns_only(staff) else form)
    return forms


def masked_row(form: dict[str, Any]) -> dict[str, Any]:
    """A row without what tells who the customer is."""
    last = form["last"]
    return {
        **form,
        "customer": {**form["customer"], "id": None, "name": "顾客", "region": None},
        "question": mask_text(form["question"]),
        "summary": mask_text(form["summary"]),
        "source": None,
        "last": {**last, "text": mask_text(last["text"])} if last else None,
    }


def masked_messages(forms: Collection[dict[str, Any]]) -> list[dict[str, Any]]:
    """Messages without what tells who the customer is: no numbers, no addresses, no files, no orders."""
    return [
        {
            **mask_within({**each, "at": None, "attachment": None, "image": None, "card": None}),
            "id": each["id"],
            "at": each["at"],
            "chat": each["chat"],
        }
        for each in forms
    ]


def note_forms(session: Session, notes: Collection[DeskNote]) -> list[dict[str, Any]]:
    """Notes, with who has written them."""
    names = names_of(session, [each.agent_id for each in notes])
    return [
        {
            "id": each.id,
            "at": at(each.at),
            "by": each.agent_id,
            "by_name": names.get(each.agent_id, each.agent_id),
            "text": each.text,
            "about": each.about,
        }
        for each in notes
    ]


def draft_form(draft: Draft | None) -> dict[str, Any]:
    """What somebody has begun to write; empty where they have not."""
    if draft is None:
        return {"text": "", "version": 0, "updated_at": None}
    return {"text": draft.text, "version": draft.version, "updated_at": at(draft.updated_at)}


def looker_forms(lookers: Iterable[Looker]) -> list[dict[str, Any]]:
    """Who looks."""
    return [
        {"agent": each.agent_id, "name": each.name, "doing": each.doing, "since": at(each.since)} for each in lookers
    ]
