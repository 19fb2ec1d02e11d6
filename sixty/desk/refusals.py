"""How the desk says no: a code for programs, a line for the customer, and a hint for whoever built the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class RefusedError(Exception):
    """A request that is not done.

    Attributes:
        status: The HTTP status.
        code: The reason, for programs.
        message: The reason, for the customer, in Chinese.
        detail: What to mend, for the developer; may be empty.
        extra: What else programs may want to know; `retry_after` (seconds) is sent as a header, too.
    """

    status: int
    code: str
    message: str
    detail: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


async def answer_refusal(request: Request, error: Exception) -> Response:
    """Turns a `RefusedError` into an answer."""
    assert isinstance(error, RefusedError)
    said: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.detail:
        said["detail"] = error.detail
    headers = dict(NO_STORE)
    if "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return JSONResponse({**error.extra, **said}, status_code=error.status, headers=headers)


REFUSAL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "detail": {"type": "string"}},
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For FastAPI's `responses`: these statuses carry a refusal."""
    content = {"application/json": {"schema": REFUSAL_SCHEMA}}
    return {status: {"description": "Refused; `code` says why", "content": content} for status in statuses}
