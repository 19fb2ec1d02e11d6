"""`/api/uploads`: takes in what customers show us, and shows it to whoever may see their conversation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sixty.desk.conversations import state_of
from sixty.desk.file_kinds import HEAD_BYTES, LIMITS, OFFICE, FileType, file_type, office_type
from sixty.desk.refusals import NO_STORE, RefusedError, refusals
from sixty.desk.request_bodies import TooLargeError, chunks
from sixty.desk.session_routes import bearer
from sixty.desk.upload_store import Upload, UploadStore
from sixty.identity.refusal import RefusedTokenError
from sixty.identity.upload_links import conversation_of_link, upload_link
from sixty.identity.visitor_tokens import VisitorToken, read_visitor_token
from sixty.settings import Settings

FOLDER = Path("uploads")
"""Below `settings.var`."""

MOST_FILES_AN_HOUR = 30
MOST_BYTES_AN_HOUR = 200_000_000

_HOUR = timedelta(hours=1)
_NOTHING_TO_SEE = RefusedError(404, "not_found", "文件不存在或链接已过期，请刷新页面再看")
# Should a browser ever take a file for a page, it may run and load nothing.
_SHUT = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600",
    # The page that shows it may be a shop's; who has the key may see it.
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class GivenUpload(BaseModel):
    """What the page gets to know of its file."""

    id: str
    url: str
    kind: str
    name: str
    size: int
    content_type: str


def upload_store(settings: Settings) -> UploadStore:
    """Where the uploads of this deployment lie."""
    return UploadStore(settings.var / FOLDER)


def add_uploads(app: FastAPI, settings: Settings, open_shop: Callable[[], AbstractContextManager[Session]]) -> None:
    """Adds the address of uploads.

    Args:
        app: The desk's application.
        settings: The deployment's settings.
        open_shop: Opens a session that reads.
    """
    store = upload_store(settings)

    @app.post(
        "/api/uploads",
        status_code=201,
        response_model=GivenUpload,
        responses=refusals(400, 401, 413, 415, 429, 503, 507),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def take_upload(
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        x_file_name: Annotated[str | None, Header(description="The file's name, percent-encoded.")] = None,
    ) -> JSONResponse:
        now = datetime.now(timezone.utc)
        visitor = _visitor(bearer(authorization), settings.secret, now)
        await run_in_threadpool(_check_conversation, visitor, open_shop, store, now)
        try:
            upload = await take_file(request, store, visitor.conversation_id, unquote(x_file_name or ""), now)
        except OSError:
            raise RefusedError(507, "no_room", "文件暂时存不下，请稍后再发") from None
        body = {**upload.attachment, "url": upload_link("", settings.secret, visitor.conversation_id, upload.id, now)}
        return JSONResponse(body, status_code=201, headers=NO_STORE)

    @app.get("/api/uploads/{upload_id}", response_class=Response, responses=refusals(401, 404))
    def show_upload(
        upload_id: str,
        key: str | None = None,
        authorization: Annotated[str | None, Header()] = None,
    ) -> Response:
        now = datetime.now(timezone.utc)
        if key is not None:
            conversation_id = conversation_of_link(settings.secret, upload_id, key, now)
        else:
            conversation_id = _visitor(bearer(authorization), settings.secret, now).conversation_id
        upload = store.find(conversation_id, upload_id) if conversation_id else None
        if upload is None or not store.path(upload).is_file():
            raise _NOTHING_TO_SEE
        headers = {**_SHUT, "Content-Disposition": _disposition(upload)}
        return FileResponse(store.path(upload), media_type=upload.content_type, headers=headers)


def _visitor(token: str | None, secret: str, now: datetime) -> VisitorToken:
    try:
        return read_visitor_token(token, secret, now)
    except RefusedTokenError as refusal:
        raise RefusedError(401, refusal.code, "会话已过期，请刷新页面再试", refusal.detail) from None


def _check_conversation(
    visitor: VisitorToken,
    open_shop: Callable[[], AbstractContextManager[Session]],
    store: UploadStore,
    now: datetime,
) -> None:
    with open_shop() as session:
        if state_of(session, visitor.conversation_id) is None:
            raise RefusedError(401, "invalid", "会话已失效，请刷新页面再试", "there is no such conversation any more")
    count, size = store.since(visitor.conversation_id, now - _HOUR)
    if count >= MOST_FILES_AN_HOUR or size >= MOST_BYTES_AN_HOUR:
        raise RefusedError(429, "too_many", "您发的文件有点多，请稍后再发")


async def take_file(request: Request, store: UploadStore, conversation_id: str, name: str, now: datetime) -> Upload:
    """Takes the body of a request as a file of a conversation.

    Args:
        request: The request.
        store: Where files lie.
        conversation_id: Where it is going to be sent.
        name: What its sender calls it.
        now: The present moment.

    Raises:
        RefusedError: It is empty, too large, or of a kind that is not taken.
        OSError: There is no room for it.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    head = bytearray()
    found: FileType | None = None
    size = 0
    with await run_in_threadpool(store.draft) as draft:
        path = Path(draft.name)
        try:
            try:
                async for chunk in chunks(request, max(LIMITS.values())):
                    size += len(chunk)
                    if found is None:
                        head += chunk
                        if len(head) >= HEAD_BYTES:
                            found = _known(bytes(head), declared)
                    if found and size > found.limit:
                        raise _too_large(found)
                    await run_in_threadpool(draft.write, chunk)
            except TooLargeError:
                raise _too_large(found or _known(bytes(head), declared)) from None
            if not size:
                raise RefusedError(400, "empty", "文件是空的，请重新选择")
            found = found or _known(bytes(head), declared)
            if size > found.limit:
                raise _too_large(found)
            await run_in_threadpool(draft.flush)
            found = await run_in_threadpool(_finally, found, path)
            return await run_in_threadpool(store.keep, path, conversation_id, found, name, size, now)
        except BaseException:
            # Also when the customer hangs up in the middle.
            store.drop(path)
            raise


def _known(head: bytes, declared: str) -> FileType:
    found = file_type(head, declared)
    if found is None:
        raise RefusedError(
            415,
            "wrong_kind",
            "暂不支持这种文件，可以发图片、语音、视频、PDF、Word 或 Excel 文件",
            "the content is none of the types that are taken; its name and Content-Type do not count",
        )
    return found


def _finally(found: FileType, path: Path) -> FileType:
    if found is not OFFICE:
        return found
    document = office_type(path)
    if document is None:
        raise RefusedError(415, "wrong_kind", "暂不支持压缩包，可以发图片、语音、视频、PDF、Word 或 Excel 文件")
    return document


def _too_large(found: FileType) -> RefusedError:
    names = {"picture": "图片", "voice": "语音", "video": "视频", "file": "文件"}
    limit = found.limit // 1_000_000
    return RefusedError(413, "too_big", f"{names[found.kind]}太大了，请控制在 {limit}MB 以内")


def _disposition(upload: Upload) -> str:
    how = "inline" if upload.shown else "attachment"
    return f"{how}; filename*=UTF-8''{quote(upload.name, safe='')}" if upload.name else how
