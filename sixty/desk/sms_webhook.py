"""Takes in what providers of SMS report: what was delivered, and who wants no more.

A report is a POST to `/api/webhooks/sms/<provider>` with `{"events": […]}` as JSON, signed with the provider's secret
as `sixty.identity.signatures` tells. What has been answered with 200 is in the database, but for what the answer calls
unknown. Everything else may be sent again, as often as is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime, timezone

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sixty.desk.signed_reports import RefusalError, events_in, refused, signed_report
from sixty.outreach.sms_reports import Delivery, Reply, Reported, WrongReportError, read_report, take_reports
from sixty.settings import Settings

_NO_STORE = {"Cache-Control": "no-store"}

_log = structlog.get_logger(__name__)


def add_sms_webhook(app: FastAPI, settings: Settings, open_shop: Callable[[], AbstractContextManager[Session]]) -> None:
    """Adds the address to which providers of SMS report.

    Args:
        app: The desk's application.
        settings: The deployment's settings; they hold the secrets.
        open_shop: Opens a session that may write.
    """

    @app.post("/api/webhooks/sms/{provider}")
    async def sms_webhook(provider: str, request: Request) -> JSONResponse:
        now = datetime.now(timezone.utc)
        try:
            if not settings.sms_secrets:
                raise RefusalError(404, "no provider of SMS may report here: SIXTY_SMS_SECRETS names none")
            reports = read_reports(await signed_report(request, settings.sms_secrets.get(provider, ""), now))
        except RefusalError as refusal:
            return refused(refusal)

        def record() -> Reported:
            with open_shop() as session:
                return take_reports(session, provider, reports, now)

        found = asdict(await run_in_threadpool(record))
        _log.info("sms.reported", provider=provider, **{**found, "unknown": len(found["unknown"])})
        return JSONResponse(found, headers=_NO_STORE)


def read_reports(body: bytes) -> list[Delivery | Reply]:
    """Reads the events of a report, all or none.

    Raises:
        RefusalError: It is no such report; says which event is wrong and where.
    """
    reports = []
    for index, each in enumerate(events_in(body)):
        try:
            reports.append(read_report(each))
        except WrongReportError as error:
            raise RefusalError(422, f"events.{index}: {error}") from None
    return reports
