"""Section "Live" of the workbench's API: server-sent events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from sixty.desk.workbench.answers import at
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.cursors import read_cursor
from sixty.desk.workbench.live import Attached
from sixty.desk.workbench.windows import Frame

router = APIRouter()

PING_SECONDS = 20.0
SILENT_SECONDS = 15.0

_HEADERS = {
    "Cache-Control": "no-store",
    # Proxies must not collect what is to be read at once.
    "X-Accel-Buffering": "no",
}


@router.get("/events")
async def events(
    request: Request,
    staff: Signed,
    bench: Bench,
    after: Annotated[str | None, Query(max_length=64)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """What happens, from now on or from behind a cursor."""
    # A browser that comes back by itself sends the newer one in the header; the query is the page's first.
    cursor = read_cursor(last_event_id) or read_cursor(after)
    attached = await run_in_threadpool(bench.live.attach, staff, cursor)
    return StreamingResponse(_stream(bench, attached), media_type="text/event-stream", headers=_HEADERS)


async def _stream(bench: Workbench, attached: Attached) -> AsyncIterator[str]:
    window = attached.window
    try:
        yield "retry: 2000\n\n"
        hello = {
            "cursor": str(attached.cursor),
            "server_time": at(bench.now()),
            "resumed": attached.resumed,
        }
        yield Frame("hello", hello, None if attached.resumed else attached.cursor).text()
        ping_at = time.monotonic() + PING_SECONDS
        silent_since = time.monotonic()
        while True:
            frames = window.take()
            for frame in frames:
                yield frame.text()
            if frames:
                silent_since = time.monotonic()
            elif window.closed:
                return
            elif time.monotonic() >= ping_at:
                # With nothing left to tell, the window stands where it was when it was asked.
                ping_at = silent_since = time.monotonic()
                ping_at += PING_SECONDS
                yield Frame("ping", {"server_time": at(bench.now())}, window.taken).text()
            elif time.monotonic() - silent_since >= SILENT_SECONDS:
                silent_since = time.monotonic()
                yield ": still here\n\n"
            else:
                now = time.monotonic()
                await window.wait(max(0.05, min(ping_at - now, silent_since + SILENT_SECONDS - now)))
    finally:
        bench.live.detach(window)
