"""What other systems report to the desk: small, signed as `sixty.identity.signatures` tells, and recent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from sixty.desk.request_bodies import TooLargeError, whole_body
from sixty.identity.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, UnsignedError, check_signature

LARGEST_BODY = 512 * 1024
MOST_EVENTS = 500


@dataclass(frozen=True)
class RefusalError(Exception):
    """Why a report is not taken; said to the sender, who can mend it."""

    status: int
    detail: str


async def signed_report(request: Request, secret: str, now: datetime) -> bytes:
    """Reads the body of a report that is signed with the shop's secret.

    Raises:
        RefusalError: It is too large, not signed so, or too old.
    """
    try:
        body = await whole_body(request, LARGEST_BODY)
        headers = request.headers
        check_signature(secret, headers.get(TIMESTAMP_HEADER, ""), headers.get(SIGNATURE_HEADER, ""), body, now)
    except TooLargeError:
        detail = f"the body is larger than {LARGEST_BODY} bytes; send it in several reports"
        raise RefusalError(413, detail) from None
    except UnsignedError as unsigned:
        raise RefusalError(unsigned.status, unsigned.detail) from None
    return body


def events_in(body: bytes) -> list[Any]:
    """The events of a report, as they were sent.

    Raises:
        RefusalError: It is no such report.
    """
    try:
        report: Any = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise RefusalError(400, "the body is no JSON") from None
    given = report.get("events") if isinstance(report, dict) else None
    if not isinstance(given, list) or not given:
        raise RefusalError(422, 'the body must be {"events": […]} with at least one event')
    if len(given) > MOST_EVENTS:
        raise RefusalError(413, f"more than {MOST_EVENTS} events; send them in several reports")
    return given


def refused(refusal: RefusalError) -> JSONResponse:
    """The answer to a report that is not taken."""
    return JSONResponse({"detail": refusal.detail}, refusal.status, headers={"Cache-Control": "no-store"})
