"""Takes in what a merchant's system reports: signed, small, recent, and recorded once.

A report is a POST to `/api/webhooks/<shop>` with `{"events": […]}` as JSON, signed with the shop's secret as
`sixty.identity.signatures` tells.

What has been answered with 200 is in the database. Everything else may be sent again, as often as is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timezone

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sixty.desk.signed_reports import RefusalError, events_in, refused, signed_report
from sixty.settings import Settings
from sixty.shop.order_events.incoming import Incoming, WrongEventError, read_incoming
from sixty.shop.order_events.recording import Taken, take_in

_NO_STORE = {"Cache-Control": "no-store"}


def add_webhooks(app: FastAPI, settings: Settings, open_shop: Callable[[], AbstractContextManager[Session]]) -> None:
    """Adds the address to which shops report.

    Args:
        app: The desk's application.
        settings: The deployment's settings; they hold the secrets.
        open_shop: Opens a session that may write.
    """

    @app.post("/api/webhooks/{shop}")
    async def webhook(shop: str, request: Request) -> JSONResponse:
        now = datetime.now(timezone.utc)
        try:
            events = read_events(await signed_report(request, settings.webhook_secrets.get(shop, ""), now))
        except RefusalError as refusal:
            return refused(refusal)

        def record() -> Taken:
            with open_shop() as session:
                return take_in(session, shop, events, "webhook", now)

        taken = await run_in_threadpool(record)
        return JSONResponse({"new": taken.new, "known": taken.known, "pending": taken.pending}, headers=_NO_STORE)


def read_events(body: bytes) -> list[Incoming]:
    """Reads the events of a report, all or none.

    Raises:
        RefusalError: It is no such report; says which event is wrong and where.
    """
    events = []
    for index, each in enumerate(events_in(body)):
        try:
            events.append(read_incoming(each))
        except WrongEventError as error:
            raise RefusalError(422, f"events.{index}: {error}") from None
    return events
