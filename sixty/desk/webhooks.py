"""Takes in what a merchant's system reports: signed, small, recent, and recorded once.

A report is a POST to `/api/webhooks/<shop>` with `{"events": […]}` as JSON and two headers:

- `X-Sixty-Timestamp`: when it was signed, in seconds since 1970;
- `X-Sixty-Signature`: `v1=` and the hexadecimal HMAC-SHA256 of timestamp, a dot and the raw body, with the shop's
  secret. Several, parted by commas, may stand there while a secret is changed.

What has been answered with 200 is in the database. Everything else may be sent again, as often as is needed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sixty.settings import Settings
from sixty.shop.order_events.incoming import Incoming, WrongEventError, read_incoming
from sixty.shop.order_events.recording import Taken, take_in

LARGEST_BODY = 512 * 1024
MOST_EVENTS = 500
REPLAY_WINDOW = timedelta(minutes=5)

_NO_STORE = {"Cache-Control": "no-store"}
# Compared with where there is no secret, so that an unknown shop takes as long as a wrong signature.
_NOBODYS_SECRET = "-" * 32


@dataclass(frozen=True)
class RefusalError(Exception):
    """Why a report is not taken; said to the sender, who can mend it."""

    status: int
    detail: str


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
            body = await _body(request)
            check_signature(
                settings.webhook_secrets.get(shop, ""),
                request.headers.get("x-sixty-timestamp", ""),
                request.headers.get("x-sixty-signature", ""),
                body,
                now,
            )
            events = read_events(body)
        except RefusalError as refusal:
            return JSONResponse({"detail": refusal.detail}, status_code=refusal.status, headers=_NO_STORE)

        def record() -> Taken:
            with open_shop() as session:
                return take_in(session, shop, events, "webhook", now)

        taken = await run_in_threadpool(record)
        return JSONResponse({"new": taken.new, "known": taken.known, "pending": taken.pending}, headers=_NO_STORE)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Signs a report, as its sender does."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"v1={digest}"


def check_signature(secrets: str, timestamp: str, signatures: str, body: bytes, now: datetime) -> None:
    """Checks that a report comes from the shop, and was signed just now.

    Args:
        secrets: The shop's secrets with blanks between; empty for a shop that is not known.
        timestamp: As in the header.
        signatures: As in the header.
        body: The raw body.
        now: The present moment.

    Raises:
        RefusalError: It does not, or too long ago; an unknown shop and a wrong signature are told alike.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise RefusalError(400, "X-Sixty-Timestamp is missing, or not in whole seconds since 1970")
    given = [each.strip() for each in signatures.split(",")]
    if not all(each.startswith("v1=") for each in given):
        raise RefusalError(400, "X-Sixty-Signature is missing, or does not begin with v1=")
    # All are compared, and as bytes: text beyond ASCII would raise.
    matches = [
        hmac.compare_digest(sign(secret, timestamp, body).encode(), each.encode())
        for secret in secrets.split() or [_NOBODYS_SECRET]
        for each in given[:4]
    ]
    if not (any(matches) and secrets):
        raise RefusalError(401, "the signature is not that of a known shop; see SIXTY_WEBHOOK_SECRETS")
    if abs(now.timestamp() - int(timestamp)) > REPLAY_WINDOW.total_seconds():
        raise RefusalError(401, "signed too long ago or in the future; sign it anew, and look at the clock")


def read_events(body: bytes) -> list[Incoming]:
    """Reads the events of a report, all or none.

    Raises:
        RefusalError: It is no such report; says which event is wrong and where.
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
    events = []
    for index, each in enumerate(given):
        try:
            events.append(read_incoming(each))
        except WrongEventError as error:
            raise RefusalError(422, f"events.{index}: {error}") from None
    return events


async def _body(request: Request) -> bytes:
    too_large = RefusalError(413, f"the body is larger than {LARGEST_BODY} bytes; send it in several reports")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise too_large
    return bytes(body)
