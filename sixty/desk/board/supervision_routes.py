"""A supervisor's hand in a talk: listen in, whisper, join, leave, end. Each is written down in the log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from sixty.desk.board.supervising import LONGEST_WORDS, end_by_force, join, leave
from sixty.desk.board.whispers import LONGEST_WHISPER, whisper, whisper_form, whisper_forms, whispers_of
from sixty.desk.handoff_rows import HandOff, latest_handoff
from sixty.desk.refusals import RefusedError
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.access import agent_of, learns_only, reachable, viewing_of
from sixty.desk.workbench.answers import answer, doing, done
from sixty.desk.workbench.bench import Bench, Signed
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.desk.workbench.chat_forms import chat_form

router = APIRouter()

LONGEST_WHY = 200


class NothingForm(BenchForm):
    """Nothing to say."""


class WhisperForm(BenchForm):
    """What only colleagues read."""

    text: str = Field(min_length=1, max_length=LONGEST_WHISPER)


class EndForm(BenchForm):
    """What the customer reads, and why it ends."""

    words: str = Field(min_length=1, max_length=LONGEST_WORDS)
    why: str = Field(min_length=1, max_length=LONGEST_WHY)


@router.post("/chats/{chat}/listen")
def listen(
    chat: str, staff: Signed, form: Annotated[NothingForm, Depends(given(NothingForm))], bench: Bench
) -> Response:
    """Begins to read along; nobody in the talk is told, the log is."""
    staff.needs("chat.assign")
    now = bench.now()
    with bench.writing() as session, doing(session):
        hand_off = reachable(session, staff, chat)
        note(
            session,
            staff.account_id,
            "chat_listened",
            now,
            conversation_id=chat,
            customer_id=hand_off.customer_id,
            detail=hand_off.agent_id or "",
        )
    return done()


@router.get("/chats/{chat}/whispers")
def whispered(chat: str, staff: Signed, bench: Bench) -> JSONResponse:
    """What was whispered in a conversation."""
    if learns_only(staff):
        raise RefusedError(403, "not_allowed", "您的账号不接待顾客，看不到同事之间的话", "chat.take")
    with bench.reading() as session, doing(session):
        reachable(session, staff, chat)
        return answer({"whispers": whisper_forms(whispers_of(session, chat))})


@router.post("/chats/{chat}/whisper")
def whisper_it(
    chat: str, staff: Signed, form: Annotated[WhisperForm, Depends(given(WhisperForm))], bench: Bench
) -> JSONResponse:
    """Says something to whoever has a conversation; no customer reads it."""
    staff.needs("chat.assign")
    now = bench.now()
    with bench.writing() as session, doing(session):
        reachable(session, staff, chat)
        made = whisper(session, chat, staff.account_id, staff.name, form.text, now)
        note(session, staff.account_id, "chat_whispered", now, conversation_id=chat, detail=f"{made.id}")
        return answer({"whisper": whisper_form(made)}, 201)


@router.post("/chats/{chat}/join")
def join_it(
    chat: str, staff: Signed, form: Annotated[NothingForm, Depends(given(NothingForm))], bench: Bench
) -> JSONResponse:
    """Writes in a colleague's talk from now on; the customer is told one's name."""
    staff.needs("chat.assign")
    agent_id = agent_of(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        reachable(session, staff, chat)
        if join(session, chat, agent_id, now)[1]:
            note(session, staff.account_id, "chat_joined", now, conversation_id=chat)
        return _chat(session, latest_handoff(session, chat), staff, bench)


@router.post("/chats/{chat}/leave")
def leave_it(
    chat: str, staff: Signed, form: Annotated[NothingForm, Depends(given(NothingForm))], bench: Bench
) -> JSONResponse:
    """Writes in it no longer."""
    agent_id = agent_of(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        hand_off = reachable(session, staff, chat)
        if leave(session, chat, agent_id, now):
            note(session, staff.account_id, "chat_left", now, conversation_id=chat)
        return _chat(session, hand_off, staff, bench)


@router.post("/chats/{chat}/end")
def end_it(chat: str, staff: Signed, form: Annotated[EndForm, Depends(given(EndForm))], bench: Bench) -> JSONResponse:
    """Ends a talk whoever has it, with words for the customer."""
    staff.needs("chat.assign")
    now = bench.now()
    by = staff.agent_id or f"account-{staff.account_id}"
    with bench.writing() as session, doing(session):
        reachable(session, staff, chat)
        hand_off = end_by_force(session, chat, by, form.words, now)
        note(session, staff.account_id, "chat_cut_off", now, conversation_id=chat, detail=form.why.strip())
        return _chat(session, hand_off, staff, bench)


def _chat(session: Session, hand_off: HandOff | None, staff: Staff, bench: Bench) -> JSONResponse:
    assert hand_off is not None
    viewing = viewing_of(session, staff)
    return answer({"chat": chat_form(session, hand_off, viewing, staff, bench.rules(), bench.now())})
