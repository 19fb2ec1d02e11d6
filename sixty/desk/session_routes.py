"""`POST /api/session`: where a page gets its conversation and the token that opens it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from typing import Annotated, Literal

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Extra, Field, ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sixty.desk.newcomers import Newcomers
from sixty.desk.refusals import NO_STORE, RefusedError, refusals
from sixty.desk.request_bodies import TooLargeError, whole_body
from sixty.desk.sessions import Doorkeeper, UnknownCustomerError, Wish
from sixty.identity.merchant_keys import read_merchant_keys
from sixty.identity.refusal import RefusedTokenError
from sixty.identity.visitor_tokens import VisitorToken
from sixty.settings import Settings

LARGEST_BODY = 16 * 1024


class SessionWish(BaseModel):
    """What a page asks for."""

    entry: Literal["shop", "product", "order"] = "shop"
    product: str | None = Field(None, max_length=64)
    order: str | None = Field(None, max_length=64)
    customer: str | None = Field(None, max_length=64, description="Only the demo believes it.")
    merchant_token: str | None = Field(None, max_length=4096, description="A JWT of the merchant's own server.")

    class Config:
        """Refuses what it doesn't know, so that a slip of the pen is noticed."""

        extra = Extra.forbid


class GivenSession(BaseModel):
    """What it gets."""

    token: str
    expires_at: datetime
    conversation_id: str
    rasa_url: str


def add_sessions(app: FastAPI, settings: Settings, open_shop: Callable[[], AbstractContextManager[Session]]) -> None:
    """Adds the address where sessions are given.

    Args:
        app: The desk's application.
        settings: The deployment's settings.
        open_shop: Opens a session that may write.
    """
    doorkeeper = Doorkeeper(settings.secret, read_merchant_keys(settings.merchant_keys), settings.demo)
    newcomers = Newcomers()

    @app.post(
        "/api/session",
        response_model=GivenSession,
        responses=refusals(400, 401, 404, 413, 422, 429, 503),
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": SessionWish.schema()}}}
        },
    )
    async def give_session(request: Request, authorization: Annotated[str | None, Header()] = None) -> JSONResponse:
        wish = await _wish(request, bearer(authorization))
        if not doorkeeper.knows(wish, datetime.now(timezone.utc)) and not newcomers.admit(_address(request)):
            raise RefusedError(429, "too_many", "访问的人有点多，请稍等一分钟再试")

        def write() -> tuple[VisitorToken, str]:
            with open_shop() as session:
                return doorkeeper.open_session(session, wish, datetime.now(timezone.utc))

        try:
            visitor, token = await run_in_threadpool(write)
        except RefusedTokenError as refusal:
            line = "登录信息已过期，请刷新页面再试" if refusal.code == "expired" else "登录信息无效，请刷新页面再试"
            raise RefusedError(401, refusal.code, line, f"merchant_token: {refusal.detail}") from None
        except UnknownCustomerError:
            raise RefusedError(404, "unknown_customer", "演示店铺里没有这位顾客") from None
        body = {
            "token": token,
            "expires_at": visitor.expires_at.isoformat(),
            "conversation_id": visitor.conversation_id,
            "rasa_url": settings.public_rasa_url,
        }
        return JSONResponse(body, headers=NO_STORE)


def bearer(header: str | None) -> str | None:
    """The token of an `Authorization` header."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _wish(request: Request, token: str | None) -> Wish:
    try:
        body = await whole_body(request, LARGEST_BODY)
    except TooLargeError:
        raise RefusedError(413, "too_big", "请求内容过大", f"the body has at most {LARGEST_BODY} bytes") from None
    # A page of another site cannot send this type without asking first, which it is not allowed to.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(400, "malformed", "请求格式不正确", "Content-Type must be application/json")
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise RefusedError(400, "malformed", "请求格式不正确", "the body is no JSON object")
    try:
        read = SessionWish(**given)
    except ValidationError as error:
        first = error.errors()[0]
        detail = f"{'.'.join(str(each) for each in first['loc'])}: {first['msg']}"
        raise RefusedError(422, "malformed", "请求格式不正确", detail) from None
    return Wish(
        entry=read.entry,
        product_no=read.product,
        order_no=read.order,
        customer_id=read.customer,
        merchant_token=read.merchant_token,
        token=token,
    )
