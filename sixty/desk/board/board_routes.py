"""Section "Board" of the workbench's API: the figures, their stream, and the alarms."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from sixty.desk.board.alarm_rows import alarms_since
from sixty.desk.board.alarms import acknowledge
from sixty.desk.board.broadcast import Broadcast, Onlooker
from sixty.desk.board.figures import alarm_forms
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed
from sixty.desk.workbench.bodies import BenchForm, given

router = APIRouter()

SILENT_SECONDS = 15.0
CHECKED_EVERY_SECONDS = 30.0
"""How often it is looked up whether who looks is still signed in and may."""

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class NothingForm(BenchForm):
    """Nothing to say."""


@router.get("/board")
def board(staff: Signed, bench: Bench) -> JSONResponse:
    """The figures of this moment."""
    staff.needs("report.read")
    found = _broadcast(bench).figures()
    return answer({**(found if _supervises(staff) else without_people(found)), "server_time": at(bench.now())})


@router.get("/board/events")
async def board_events(request: Request, staff: Signed, bench: Bench) -> StreamingResponse:
    """The figures as they change: `board` events, one a second at most."""
    staff.needs("report.read")
    stream = _stream(request, bench, staff)
    return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)


@router.get("/board/alarms")
def alarms(staff: Signed, bench: Bench, hours: Annotated[int, Query(ge=1, le=24 * 31)] = 24) -> JSONResponse:
    """What was given alarm for lately, the newest first."""
    staff.needs("chat.assign")
    now = bench.now()
    with bench.reading() as session:
        found = alarms_since(session, now - timedelta(hours=hours))
        return answer({"alarms": alarm_forms(session, found, bench.rules()), "server_time": at(now)})


@router.post("/board/alarms/{alarm_id}/acknowledge")
def see_to_it(
    alarm_id: int, staff: Signed, form: Annotated[NothingForm, Depends(given(NothingForm))], bench: Bench
) -> JSONResponse:
    """Says that one sees to an alarm."""
    staff.needs("chat.assign")
    with bench.writing() as session, doing(session):
        alarm = acknowledge(session, alarm_id, staff.account_id, bench.now())
        return answer({"alarm": alarm_forms(session, [alarm], bench.rules())[0]})


def without_people(figures: dict[str, Any]) -> dict[str, Any]:
    """The board for who supervises nobody: how colleagues do is not theirs to read, nor whose chat an alarm is for."""
    shown = ("id", "name", "groups", "skills", "presence", "presence_since", "load", "capacity")
    return {
        **figures,
        "agents": [{name: each[name] for name in shown} for each in figures["agents"]],
        "alarms": [{**each, "chat": None, "agent": None} for each in figures["alarms"]],
    }


async def _stream(request: Request, bench: Bench, staff: Staff) -> AsyncIterator[str]:
    broadcast = _broadcast(bench)
    onlooker = Onlooker(asyncio.get_running_loop())
    broadcast.join(onlooker)
    told_at = checked_at = time.monotonic()
    try:
        yield "retry: 2000\n\n"
        while not await request.is_disconnected():
            if broadcast.number != onlooker.newest and broadcast.text:
                onlooker.newest = broadcast.number
                told_at = time.monotonic()
                yield f"event: board\ndata: {_for(staff, broadcast.text)}\n\n"
                continue
            if not broadcast.watched_by(onlooker):
                return
            if time.monotonic() - told_at >= SILENT_SECONDS:
                told_at = time.monotonic()
                yield ": still here\n\n"
            if time.monotonic() - checked_at >= CHECKED_EVERY_SECONDS:
                checked_at = time.monotonic()
                found = await asyncio.to_thread(bench.entrance.still, staff)
                if found is None or "report.read" not in found.may:
                    yield "event: signed_out\ndata: {}\n\n"
                    return
                staff = found
            await onlooker.wait(1.0)
    finally:
        broadcast.leave(onlooker)


def _for(staff: Staff, text: str) -> str:
    if _supervises(staff):
        return text
    return json.dumps(without_people(json.loads(text)), ensure_ascii=False, separators=(",", ":"))


def _supervises(staff: Staff) -> bool:
    return "chat.assign" in staff.may


def _broadcast(bench: Bench) -> Broadcast:
    found: Broadcast = bench.app.state.board
    return found
