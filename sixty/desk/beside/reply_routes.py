"""Routes beside the chat: quick replies, own and shared."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from sixty.desk.beside.quick_replies import (
    LONGEST_FOLDER,
    LONGEST_TEXT,
    LONGEST_TITLE,
    QuickReply,
    Scope,
    add_reply,
    change_reply,
    find_replies,
    remove_reply,
)
from sixty.desk.beside.reply_variables import VARIABLES, fill, known_of
from sixty.desk.beside.route_parts import saying_why, subject_here
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.access import reachable
from sixty.desk.workbench.answers import answer, doing, done
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given

router = APIRouter()


class ReplyForm(BenchForm):
    """A new quick reply."""

    title: str = Field(..., max_length=2 * LONGEST_TITLE)
    text: str = Field(..., max_length=2 * LONGEST_TEXT)
    scope: Scope = "mine"
    folder: str = Field("", max_length=2 * LONGEST_FOLDER)


class ReplyChangeForm(BenchForm):
    """What is to be changed of a quick reply."""

    title: str | None = Field(None, max_length=2 * LONGEST_TITLE)
    text: str | None = Field(None, max_length=2 * LONGEST_TEXT)
    folder: str | None = Field(None, max_length=2 * LONGEST_FOLDER)


@router.get("/quick-replies/variables")
def variables(staff: Signed) -> JSONResponse:
    """What may stand in braces."""
    return answer([{"name": f"{{{each.name}}}", "title": each.title, "example": each.example} for each in VARIABLES])


@router.get("/quick-replies")
def quick_replies(
    staff: Signed,
    bench: Bench,
    q: Annotated[str, Query(max_length=64)] = "",
    chat: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> JSONResponse:
    """Somebody's own quick replies and the shared ones, filled in where a conversation is named."""
    with bench.reading() as session, doing(session):
        known: dict[str, str] | None = None
        if chat is not None:
            reachable(session, staff, chat)
            known = known_of(session, subject_here(session, bench, chat), staff.agent_id, bench.now())
        found = [_reply(each, known) for each in find_replies(session, staff.account_id, q, limit)]
    return answer({"replies": found})


@router.post("/quick-replies")
def add_quick_reply(staff: Signed, form: Annotated[ReplyForm, Depends(given(ReplyForm))], bench: Bench) -> JSONResponse:
    """Keeps an answer at hand."""
    with bench.writing() as session, saying_why():
        made = add_reply(session, staff, form.title, form.text, bench.now(), form.scope, form.folder)
        _note_shared(session, staff, "reply_shared", made, bench)
        shown = _reply(made, None)
    return answer(shown, 201)


@router.patch("/quick-replies/{reply_id}")
def change_quick_reply(
    reply_id: int, staff: Signed, form: Annotated[ReplyChangeForm, Depends(given(ReplyChangeForm))], bench: Bench
) -> JSONResponse:
    """Changes it."""
    with bench.writing() as session, doing(session), saying_why():
        changed = change_reply(
            session, staff, reply_id, bench.now(), title=form.title, text=form.text, folder=form.folder
        )
        _note_shared(session, staff, "reply_changed", changed, bench)
        shown = _reply(changed, None)
    return answer(shown)


@router.delete("/quick-replies/{reply_id}")
def remove_quick_reply(reply_id: int, staff: Signed, bench: Bench) -> Response:
    """Throws it away."""
    with bench.writing() as session, doing(session):
        reply: QuickReply | None = session.get(QuickReply, reply_id)
        if reply is not None:
            _note_shared(session, staff, "reply_removed", reply, bench)
        remove_reply(session, staff, reply_id)
    return done()


def _reply(reply: QuickReply, known: dict[str, str] | None) -> dict[str, Any]:
    filled = fill(reply.text, known) if known is not None else None
    return {
        "id": reply.id,
        "title": reply.title,
        "text": reply.text,
        "filled": filled.text if filled is not None else None,
        "missing": list(filled.missing) if filled is not None else [],
        "scope": reply.scope,
        "folder": reply.folder,
        "initials": reply.initials,
        "used": reply.used,
    }


def _note_shared(session: Session, staff: Staff, what: str, reply: QuickReply, bench: Workbench) -> None:
    """What all colleagues send is everybody's business: who changed it is written down."""
    if reply.account_id is None:
        note(session, staff.account_id, what, bench.now(), detail=reply.title)
