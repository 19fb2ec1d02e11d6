"""Section "Presence" of the workbench's API: who is at work, and signs of life of their pages."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import Field

from sixty.desk.agents import agents_of
from sixty.desk.handoff_rows import latest_handoff
from sixty.desk.lookers import look
from sixty.desk.presence import heartbeat, set_presence
from sixty.desk.staff.audit import note
from sixty.desk.workbench.access import agent_of, viewing_of
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.desk.workbench.people import agent_forms

router = APIRouter()


class PresenceForm(BenchForm):
    """Whether somebody is at work."""

    state: Literal["online", "busy", "away", "offline"]
    anyway: bool = False


class HeartbeatForm(BenchForm):
    """A sign of life."""

    focused: bool = False
    chat: str | None = Field(default=None, max_length=64)


@router.put("/presence")
def say_presence(
    staff: Signed, form: Annotated[PresenceForm, Depends(given(PresenceForm))], bench: Bench
) -> JSONResponse:
    """Says whether one is at work."""
    agent_id = agent_of(staff)
    with bench.writing() as session, doing(session):
        agent = set_presence(session, agent_id, form.state, bench.now(), agent_id, form.anyway)
        return answer(agent_forms(session, [agent], bench.rules(), bench.now())[0])


@router.put("/agents/{agent_id}/presence")
def say_presence_of(
    agent_id: str, staff: Signed, form: Annotated[PresenceForm, Depends(given(PresenceForm))], bench: Bench
) -> JSONResponse:
    """Says for somebody else that they are on a break, or have gone home without signing off."""
    staff.needs("chat.assign")
    with bench.writing() as session, doing(session):
        by = staff.agent_id or f"account-{staff.account_id}"
        agent = set_presence(session, agent_id, form.state, bench.now(), by, form.anyway)
        note(session, staff.account_id, "presence_changed", bench.now(), detail=f"{agent_id} {form.state}")
        return answer(agent_forms(session, [agent], bench.rules(), bench.now())[0])


@router.post("/heartbeat")
def beat(staff: Signed, form: Annotated[HeartbeatForm, Depends(given(HeartbeatForm))], bench: Bench) -> JSONResponse:
    """A page is alive, and may have a conversation on its screen."""
    now = bench.now()
    if staff.agent_id is not None:
        with bench.writing() as session:
            heartbeat(session, staff.agent_id, now)
            if form.chat is not None:
                hand_off = latest_handoff(session, form.chat)
                if hand_off is not None and viewing_of(session, staff).sees(hand_off):
                    look(session, form.chat, staff.agent_id, True, now)
    return answer({"server_time": at(now)})


@router.get("/agents")
def colleagues(staff: Signed, bench: Bench) -> JSONResponse:
    """Whom one may pass a conversation to."""
    staff.needs("chat.take")
    now = bench.now()
    with bench.reading() as session:
        return answer({"agents": agent_forms(session, agents_of(session), bench.rules(), now), "server_time": at(now)})
