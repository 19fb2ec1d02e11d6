"""Routes beside the chat: who the customer is, what colleagues noted, how content they were."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from sixty.desk.beside import ratings
from sixty.desk.beside.customer_panel import Clear, in_clear, notes_shown, panel_of
from sixty.desk.beside.route_parts import Chat, shop_answers, subject_here
from sixty.desk.handoff_rows import HandOff
from sixty.desk.named_agents import name_agent
from sixty.desk.notes import LONGEST_NOTE, About, add_note, notes_of
from sixty.desk.refusals import RefusedError
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.access import agent_of, reachable
from sixty.desk.workbench.answers import answer, doing, done
from sixty.desk.workbench.bench import Bench, Signed
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.desk.workbench.reading_log import audit_reading
from sixty.shop.gateways.chosen import order_gateway

router = APIRouter()


class ClearForm(BenchForm):
    """What is to be shown as it is."""

    what: Clear
    order_no: str | None = Field(None, max_length=64)


class NamedAgentForm(BenchForm):
    """Who shall be a customer's own agent."""

    agent: str | None = Field(None, max_length=32)


class NoteForm(BenchForm):
    """A new note."""

    text: str = Field(..., max_length=LONGEST_NOTE + 200)
    about: About = "chat"


@router.get("/chats/{chat}/customer")
def customer(chat: Chat, staff: Signed, bench: Bench) -> JSONResponse:
    """Who the customer is. Reading it is written down."""
    staff.needs("customer.read")
    now = bench.now()
    with bench.reading() as session, doing(session):
        hand_off = reachable(session, staff, chat, to_read=True)
        panel = panel_of(
            session, subject_here(session, bench, chat), bench.rules(), now, clear="customer.clear" in staff.may
        )
    audit_reading(bench, staff, "customer_opened", hand_off)
    return answer({**panel, "server_time": now})


@router.post("/chats/{chat}/customer/clear")
def clear(
    chat: Chat, staff: Signed, form: Annotated[ClearForm, Depends(given(ClearForm))], bench: Bench
) -> JSONResponse:
    """A phone or an address as it is; who looked is written down before it is shown."""
    staff.needs("customer.clear")
    now = bench.now()
    with bench.writing() as session, doing(session):
        hand_off = reachable(session, staff, chat)
        subject = subject_here(session, bench, chat)
        with shop_answers():
            value = in_clear(session, subject, order_gateway(session, now, bench.settings), form.what, form.order_no)
        _note_customer(session, staff, f"{form.what}_shown", hand_off, now, form.order_no or "")
    return answer({"value": value})


@router.put("/chats/{chat}/customer/named-agent")
def named_agent(
    chat: Chat, staff: Signed, form: Annotated[NamedAgentForm, Depends(given(NamedAgentForm))], bench: Bench
) -> Response:
    """Gives the customer an agent of their own. Naming anybody but oneself takes `chat.assign`."""
    if form.agent != agent_of(staff) or form.agent is None:
        staff.needs("chat.assign")
    now = bench.now()
    with bench.writing() as session, doing(session):
        hand_off = reachable(session, staff, chat)
        customer_id = subject_here(session, bench, chat).viewer.customer_id
        if customer_id is None:
            raise RefusedError(409, "unknown_customer", "还不知道顾客是谁，不能指定专属客服")
        name_agent(session, customer_id, form.agent, now)
        _note_customer(session, staff, "agent_named", hand_off, now, form.agent or "")
    return done()


@router.get("/chats/{chat}/notes")
def notes(chat: Chat, staff: Signed, bench: Bench) -> JSONResponse:
    """The notes about a conversation and its customer."""
    with bench.reading() as session, doing(session):
        hand_off = reachable(session, staff, chat, to_read=True)
        return answer({"notes": notes_shown(session, notes_of(session, chat, hand_off.customer_id))})


@router.post("/chats/{chat}/notes")
def write_note(
    chat: Chat, staff: Signed, form: Annotated[NoteForm, Depends(given(NoteForm))], bench: Bench
) -> JSONResponse:
    """Writes a note, which no customer ever sees."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        reachable(session, staff, chat)
        made = add_note(session, chat, agent_id, form.text, form.about, bench.now())
        [shown] = notes_shown(session, [made])
    return answer(shown, 201)


@router.get("/chats/{chat}/rating")
def rating(chat: Chat, staff: Signed, bench: Bench) -> JSONResponse:
    """What the customer has said of the conversation."""
    with bench.reading() as session, doing(session):
        reachable(session, staff, chat, to_read=True)
        return answer({"rating": ratings.shown(ratings.latest_rating(session, chat))})


@router.post("/chats/{chat}/rating/ask")
def ask_rating(chat: Chat, staff: Signed, bench: Bench) -> Response:
    """Asks the customer how it was, once for each talk with a person."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        hand_off: HandOff = reachable(session, staff, chat)
        if hand_off.agent_id != agent_id:
            staff.needs("chat.assign")
        if hand_off.assigned_at is None or not ratings.ask_for_rating(session, hand_off, bench.now()):
            raise RefusedError(409, "asked", "这次接待已经请顾客评价过了")
    return done()


def _note_customer(session: Session, staff: Staff, what: str, hand_off: HandOff, now: datetime, detail: str) -> None:
    chat, customer_id = hand_off.conversation_id, hand_off.customer_id
    note(session, staff.account_id, what, now, conversation_id=chat, customer_id=customer_id, detail=detail)
