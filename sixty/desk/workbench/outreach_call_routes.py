"""The call list: customers whom agents with time to spare may ring, with what to say and what came of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from sixty.desk.refusals import RefusedError
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench import outreach_forms as forms
from sixty.desk.workbench.access import agent_of
from sixty.desk.workbench.answers import answer, at
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.outreach import desk_readings
from sixty.outreach.calling import Outcome, call_outcome, give_back_call, take_call
from sixty.outreach.reasons import say_reason
from sixty.outreach.scenes import Book
from sixty.outreach.scenes_file import OutreachFileError, read_scenes

router = APIRouter(prefix="/outreach/calls")


class NothingForm(BenchForm):
    """Nothing more to say."""


class OutcomeForm(BenchForm):
    """What came of a call."""

    outcome: Outcome
    note: str = Field(default="", max_length=500)


@router.get("")
def calls(staff: Signed, bench: Bench) -> JSONResponse:
    """The calls that somebody has taken, then those that wait."""
    agent = _caller(staff)
    book, now = _book(bench), bench.now()
    with bench.reading() as session:
        found = desk_readings.calls_of(session, agent, now)
        shown = [_call_form(session, each, book, bench, staff, agent) for each in found]
    outcomes = [{"value": value, "title": title} for value, title in forms.OUTCOMES.items()]
    return answer({"calls": shown, "outcomes": outcomes, "server_time": at(now)})


@router.post("/{contact_id}/take")
def take_one(
    contact_id: int, staff: Signed, form: Annotated[NothingForm, Depends(given(NothingForm))], bench: Bench
) -> JSONResponse:
    """Takes a call: its number is shown from then on; what is not to be made any more leaves the list."""
    agent = _caller(staff)
    book = _book(bench)
    with bench.writing() as session:
        taking = take_call(session, contact_id, agent, bench.now(), book)
        if taking:
            return _after(session, contact_id, staff, bench, "outreach_call_taken")
        if taking.why_not is not None:
            note(session, staff.account_id, "outreach_call_off", bench.now(), detail=f"{contact_id} {taking.why_not}")
    # Not before its reason is written down.
    raise _gone(taking.why_not)


@router.post("/{contact_id}/give-back")
def put_back(
    contact_id: int, staff: Signed, form: Annotated[NothingForm, Depends(given(NothingForm))], bench: Bench
) -> JSONResponse:
    """Puts a call back for others."""
    agent = _caller(staff)
    with bench.writing() as session:
        if not give_back_call(session, contact_id, agent):
            raise _gone()
        return _after(session, contact_id, staff, bench, "outreach_call_back")


@router.post("/{contact_id}/outcome")
def end(
    contact_id: int, staff: Signed, form: Annotated[OutcomeForm, Depends(given(OutcomeForm))], bench: Bench
) -> JSONResponse:
    """Writes down what came of a call; a no is a no on every way."""
    agent = _caller(staff)
    with bench.writing() as session:
        now, book = bench.now(), _book(bench)
        if not call_outcome(session, contact_id, form.outcome, agent, now, form.note.strip(), book=book):
            raise _gone()
        return _after(session, contact_id, staff, bench, "outreach_call_done", form.outcome)


def _caller(staff: Staff) -> str:
    staff.needs("outreach.call")
    return agent_of(staff)


def _gone(why: str | None = None) -> RefusedError:
    if why == "quiet":
        return RefusedError(409, "quiet", "现在是免打扰时段，过后再打")
    if why is not None:
        return RefusedError(409, "called_off", f"这个电话不用打了：{say_reason(why)}")
    return RefusedError(404, "unknown", "这个电话不用打了，可能有同事在打，或者已经打过")


def _after(
    session: Session, contact_id: int, staff: Staff, bench: Workbench, what: str, detail: str = ""
) -> JSONResponse:
    """The call as it is now, and that somebody did something about it."""
    found = desk_readings.sending(session, contact_id)
    if found is None:
        raise _gone()
    now = bench.now()
    note(
        session,
        staff.account_id,
        what,
        now,
        conversation_id=found.case.conversation_id,
        customer_id=found.case.customer_id,
        detail=f"{contact_id} {detail}".strip(),
    )
    shown = _call_form(session, found, _book(bench), bench, staff, staff.agent_id or "")
    return answer({"call": shown, "server_time": at(now)})


def _call_form(
    session: Session, call: desk_readings.Sending, book: Book, bench: Workbench, staff: Staff, agent: str
) -> dict[str, Any]:
    """A call; who has taken it sees the number in full."""
    shown = forms.sending_form(session, call, book, bench.rules(), staff)
    mine = call.contact.state == "taken" and call.contact.taken_by == agent
    return {**shown, "mine": mine, "dial": call.contact.number if mine else None}


def _book(bench: Workbench) -> Book:
    try:
        return read_scenes(bench.settings.playbook)
    except OutreachFileError as error:
        raise RefusedError(503, "busy", f"触达剧本写错了，改好之前不会发：{error}") from None
