"""Reads what a page sends: JSON of a known form, not too large, and said to be JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, Extra, ValidationError

from sixty.desk.refusals import RefusedError
from sixty.desk.request_bodies import TooLargeError, whole_body

LARGEST_BODY = 64_000

_MALFORMED = "请求格式不正确，请刷新页面再试"
Form = TypeVar("Form", bound="BenchForm")


class BenchForm(BaseModel):
    """What a page sends; an unknown field is a mistake."""

    class Config:
        """How pydantic reads it."""

        extra = Extra.forbid
        anystr_strip_whitespace = False


def given(form: type[Form]) -> Callable[[Request], Awaitable[Form]]:
    """For `fastapi.Depends`: the body as that form.

    It is read only once it is known who sends it, where the route asks for that first.
    """

    async def read(request: Request) -> Form:
        return await read_form(request, form)

    return read


async def read_form(request: Request, form: type[Form]) -> Form:
    """The body as that form.

    Raises:
        RefusedError: It is too large, no JSON, or of another form.
    """
    # A page of another site cannot send this type without asking first, which it is not allowed to.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(422, "malformed", _MALFORMED, "Content-Type must be application/json")
    try:
        body = await whole_body(request, LARGEST_BODY)
    except TooLargeError:
        raise RefusedError(413, "too_big", "内容太长了", f"the body has at most {LARGEST_BODY} bytes") from None
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise RefusedError(422, "malformed", _MALFORMED, "the body is no JSON object")
    try:
        return form.parse_obj(sent)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"])
        raise RefusedError(422, "malformed", _MALFORMED, f"{place}: {first['msg']}", {"field": place}) from None
