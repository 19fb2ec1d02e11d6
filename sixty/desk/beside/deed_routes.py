"""Routes beside the chat: what can be done for the customer, and doing it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from sixty.desk.beside.chat_subject import Subject
from sixty.desk.beside.deed_history import DEED
from sixty.desk.beside.quick_deeds import (
    DeedForbiddenError,
    FieldsError,
    KeyUsedError,
    Quick,
    QuickDone,
    perform,
    possible,
)
from sixty.desk.beside.route_parts import Chat, shop_answers, subject_here
from sixty.desk.conversation_reading import desk_forms
from sixty.desk.refusals import RefusedError
from sixty.desk.speaking import say, yours
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.access import agent_of, reachable
from sixty.desk.workbench.answers import answer, doing
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given

router = APIRouter()


class DeedForm(BenchForm):
    """A deed that is to be done."""

    key: str = Field(..., min_length=1, max_length=64)
    kind: Quick
    fields: dict[str, str] = Field(default_factory=dict)


@router.get("/chats/{chat}/deeds")
def deeds(chat: Chat, staff: Signed, bench: Bench) -> JSONResponse:
    """What can be done for the customer here."""
    with bench.reading() as session, doing(session):
        reachable(session, staff, chat)
        return answer({"deeds": possible(session, subject_here(session, bench, chat), staff, bench.now())})


@router.post("/chats/{chat}/deeds")
def do_deed(
    chat: Chat, staff: Signed, form: Annotated[DeedForm, Depends(given(DeedForm))], bench: Bench
) -> JSONResponse:
    """Does something for the customer, once under its key, and tells them."""
    staff.needs("deed.do")
    agent_id, now = agent_of(staff), bench.now()
    forbidden: str | None = None
    problems: dict[str, str] | None = None
    shown: dict[str, Any] = {}
    repeated = False
    with bench.writing() as session, doing(session), shop_answers():
        yours(session, chat, agent_id)
        subject = subject_here(session, bench, chat)
        try:
            came = perform(session, subject, staff, form.key, form.kind, form.fields, now)
        except DeedForbiddenError as error:
            # That it was refused is recorded in the session: its block has to end well.
            forbidden = error.reason
            _note_deed(session, staff, subject, "deed_refused", error.no or form.kind, now)
        except FieldsError as error:
            problems = error.problems
        except KeyUsedError:
            raise RefusedError(409, "key_taken", "这次办理和上一次撞了，请重新打开再办一次") from None
        else:
            told, new = _tell(session, chat, agent_id, form.key, came, bench)
            repeated = came.repeated or (told is not None and not new)
            shown = {"deed": came.shown(), "message": told}
            if not repeated:
                _note_deed(session, staff, subject, f"{DEED}{form.kind}", came.no, now)
    if problems is not None:
        raise RefusedError(422, "fields", "有几项要改一下", extra={"problems": problems})
    if forbidden is not None:
        raise RefusedError(409, "forbidden", forbidden, extra={"reason": forbidden})
    return answer(shown, 200 if repeated else 201)


def _tell(
    session: Session, chat: str, agent_id: str, key: str, came: QuickDone, bench: Workbench
) -> tuple[dict[str, Any] | None, bool]:
    """Tells the customer what was done, as the agent's own words, once under the deed's key."""
    if not came.text and came.card is None:
        return None, False
    form = {"text": came.text, **({"card": came.card} if came.card else {})}
    message, new = say(session, chat, agent_id, f"deed-{key}"[:40], form, bench.now())
    [shown] = desk_forms(session, [message], bench.settings.secret, bench.now())
    return shown, new


def _note_deed(session: Session, staff: Staff, subject: Subject, what: str, detail: str, now: datetime) -> None:
    """Writes down which colleague did it; the deed's own record says only that one did."""
    note(
        session,
        staff.account_id,
        what,
        now,
        conversation_id=subject.conversation.id,
        customer_id=subject.viewer.customer_id,
        detail=detail,
    )
