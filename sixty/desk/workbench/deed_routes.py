"""Deeds on a conversation: take it, pass it on, end it; and what is seen while somebody has it open."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from sixty.desk.beside.ratings import ask_for_rating
from sixty.desk.claims import claim, claim_next, take_over
from sixty.desk.ending import close, finish_wrap_up, to_bot
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import HandOff, latest_handoff
from sixty.desk.lookers import look
from sixty.desk.refusals import RefusedError
from sixty.desk.speaking import may_speak
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.transfer import ToAgent, ToGroup, back_to_queue, transfer
from sixty.desk.typing_marks import type_in
from sixty.desk.workbench.access import agent_of, reachable, viewing_of
from sixty.desk.workbench.answers import answer, doing, done
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.desk.workbench.chat_forms import chat_form
from sixty.ledger.replying import mark_read

router = APIRouter()

LONGEST_NOTE = 2000


class NextForm(BenchForm):
    """From which group."""

    group: str | None = Field(default=None, max_length=32)


class NothingForm(BenchForm):
    """Nothing to say."""


class TakeOverForm(BenchForm):
    """Why."""

    why: str = Field(min_length=1, max_length=LONGEST_NOTE)


class To(BenchForm):
    """To whom: one of the two."""

    agent: str | None = Field(default=None, max_length=32)
    group: str | None = Field(default=None, max_length=32)


class TransferForm(BenchForm):
    """To whom, and what they should know."""

    to: To
    note: str = Field(default="", max_length=LONGEST_NOTE)
    anyway: bool = False


class SummaryForm(BenchForm):
    """What came of it."""

    summary: str = Field(default="", max_length=LONGEST_NOTE)
    tags: list[str] = Field(default=[], max_items=20)


class CloseForm(SummaryForm):
    """How it ends."""

    ask_rating: bool = True
    then: Literal["wrap_up", "done"] = "wrap_up"


class BackForm(BenchForm):
    """Why it goes back."""

    note: str = Field(default="", max_length=LONGEST_NOTE)


class ReadForm(BenchForm):
    """Up to which message."""

    to: int = Field(ge=0)


class OnForm(BenchForm):
    """Whether it begins or ends."""

    on: bool


@router.post("/queue/next")
def next_one(staff: Signed, form: Annotated[NextForm, Depends(given(NextForm))], bench: Bench) -> Response:
    """Takes the next one who waits."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        hand_off = claim_next(session, agent_id, bench.now(), form.group, bench.rules())
        return done() if hand_off is None else _chat(session, hand_off, staff, bench)


@router.post("/chats/{chat}/claim")
def claim_it(
    chat: str, staff: Signed, form: Annotated[NothingForm, Depends(given(NothingForm))], bench: Bench
) -> JSONResponse:
    """Takes a conversation that waits."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        _may_reach_or_tell_who(session, staff, chat)
        return _chat(session, claim(session, chat, agent_id, bench.now()), staff, bench)


@router.post("/chats/{chat}/take-over")
def take_it_over(
    chat: str, staff: Signed, form: Annotated[TakeOverForm, Depends(given(TakeOverForm))], bench: Bench
) -> JSONResponse:
    """Takes a conversation from whoever has it, be it the bot."""
    staff.needs("chat.assign")
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        hand_off = take_over(session, chat, agent_id, form.why.strip(), bench.now())
        note(session, staff.account_id, "chat_taken_over", bench.now(), conversation_id=chat)
        return _chat(session, hand_off, staff, bench)


@router.post("/chats/{chat}/transfer")
def pass_on(
    chat: str, staff: Signed, form: Annotated[TransferForm, Depends(given(TransferForm))], bench: Bench
) -> JSONResponse:
    """Passes a conversation on."""
    if (form.to.agent is None) == (form.to.group is None):
        raise RefusedError(422, "malformed", "请选择转给谁", "to: one of agent and group", {"field": "to"})
    to = ToAgent(form.to.agent) if form.to.agent is not None else ToGroup(str(form.to.group))
    now = bench.now()
    with bench.writing() as session, doing(session):
        hand_off = reachable(session, staff, chat)
        if hand_off.state in ("queued", "left") and "chat.assign" in staff.may:
            if not isinstance(to, ToAgent):
                raise RefusedError(409, "not_yours", "还没有人接待的会话只能指派给一位客服", extra={"by": None})
            assigned = take_over(session, chat, to.id, form.note.strip(), now)
            if to.id != staff.agent_id:
                data = {"kind": "assigned", "note": form.note.strip()}
                announce(session, "alert", chat, data, now, agent_id=to.id)
            _note_assigned(session, staff, chat, form, bench)
            return _chat(session, assigned, staff, bench)
        by = agent_of(staff)
        if hand_off.state == "taken" and hand_off.agent_id not in (None, by) and "chat.assign" in staff.may:
            # A supervisor passes on what somebody else has; it leaves them as if they had done so.
            by = str(hand_off.agent_id)
            _note_assigned(session, staff, chat, form, bench)
        passed = transfer(session, chat, by, to, form.note.strip(), now, form.anyway, bench.rules())
        return _chat(session, passed, staff, bench)


@router.post("/chats/{chat}/to-bot")
def give_back(
    chat: str, staff: Signed, form: Annotated[SummaryForm, Depends(given(SummaryForm))], bench: Bench
) -> JSONResponse:
    """Lets the bot go on."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        return _chat(session, to_bot(session, chat, agent_id, form.summary, form.tags, bench.now()), staff, bench)


@router.post("/chats/{chat}/close")
def end_it(
    chat: str, staff: Signed, form: Annotated[CloseForm, Depends(given(CloseForm))], bench: Bench
) -> JSONResponse:
    """Says goodbye."""
    agent_id = agent_of(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        hand_off = close(session, chat, agent_id, now, form.summary, form.tags, form.then)
        if form.ask_rating:
            ask_for_rating(session, hand_off, now)
        return _chat(session, hand_off, staff, bench)


@router.post("/chats/{chat}/wrap-up")
def wrap_up(
    chat: str, staff: Signed, form: Annotated[SummaryForm, Depends(given(SummaryForm))], bench: Bench
) -> JSONResponse:
    """Writes down what it was about."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        hand_off = finish_wrap_up(session, chat, agent_id, form.summary, form.tags, bench.now())
        return _chat(session, hand_off, staff, bench)


@router.post("/chats/{chat}/back-to-queue")
def into_the_queue(
    chat: str, staff: Signed, form: Annotated[BackForm, Depends(given(BackForm))], bench: Bench
) -> JSONResponse:
    """Lets somebody else take it, in front of all who wait."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        return _chat(session, back_to_queue(session, chat, agent_id, form.note.strip(), bench.now()), staff, bench)


@router.post("/chats/{chat}/read")
def read_up_to(chat: str, staff: Signed, form: Annotated[ReadForm, Depends(given(ReadForm))], bench: Bench) -> Response:
    """Says how far one has read; only whoever has the conversation reads it for the shop."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        hand_off = reachable(session, staff, chat)
        if hand_off.state == "taken" and hand_off.agent_id == agent_id:
            changed = mark_read(session, chat, form.to, bench.now(), "shop")
            if changed:
                announce(session, "chat", chat, {}, bench.now(), agent_id=agent_id)
    return done()


@router.post("/chats/{chat}/typing")
def typing(chat: str, staff: Signed, form: Annotated[OnForm, Depends(given(OnForm))], bench: Bench) -> Response:
    """Says that one writes; only who has the conversation is seen writing."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        if form.on:
            may_speak(session, chat, agent_id)
        type_in(session, chat, agent_id, form.on, bench.now())
    return done()


@router.post("/chats/{chat}/looking")
def looking(chat: str, staff: Signed, form: Annotated[OnForm, Depends(given(OnForm))], bench: Bench) -> Response:
    """Says that one has the conversation on the screen, or not any more."""
    if staff.agent_id is not None:
        with bench.writing() as session, doing(session):
            reachable(session, staff, chat, to_read=True)
            look(session, chat, staff.agent_id, form.on, bench.now())
    return done()


def _chat(session: Session, hand_off: HandOff, staff: Staff, bench: Workbench) -> JSONResponse:
    viewing = viewing_of(session, staff)
    return answer({"chat": chat_form(session, hand_off, viewing, staff, bench.rules(), bench.now())})


def _note_assigned(session: Session, staff: Staff, chat: str, form: TransferForm, bench: Workbench) -> None:
    to = form.to.agent or form.to.group or ""
    note(session, staff.account_id, "chat_assigned", bench.now(), conversation_id=chat, detail=to)


def _may_reach_or_tell_who(session: Session, staff: Staff, chat: str) -> None:
    """Lets `claim` say who was faster, where the conversation was one of theirs to take a moment ago."""
    try:
        reachable(session, staff, chat)
    except RefusedError as refusal:
        if refusal.status != 403:
            raise
        hand_off = latest_handoff(session, chat)
        viewing = viewing_of(session, staff)
        groups = viewing.groups
        theirs = hand_off is not None and (groups is None or hand_off.group_id is None or hand_off.group_id in groups)
        if not theirs or hand_off is None or hand_off.state != "taken":
            raise
