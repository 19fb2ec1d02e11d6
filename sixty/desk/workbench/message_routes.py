"""Saying something in a conversation: messages, files, drafts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sixty.desk.beside.cards import card_for
from sixty.desk.conversation_reading import desk_forms
from sixty.desk.conversations import Conversation
from sixty.desk.desk_errors import TalkedMeanwhileError
from sixty.desk.drafts import DraftChangedError, drop_draft, put_draft
from sixty.desk.feed import announce
from sixty.desk.refusals import RefusedError
from sixty.desk.speaking import LONGEST_CLIENT_ID, LONGEST_TEXT, may_speak, say
from sixty.desk.typing_marks import type_in
from sixty.desk.upload_routes import MOST_BYTES_AN_HOUR, MOST_FILES_AN_HOUR, take_file
from sixty.desk.upload_store import Upload
from sixty.desk.workbench.access import agent_of, reachable
from sixty.desk.workbench.answers import answer, doing
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.beside_the_chat import note_said
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.desk.workbench.chat_forms import draft_form
from sixty.identity.upload_links import upload_link
from sixty.ledger.models import Message
from sixty.shop.gateways.errors import GatewayError
from sixty.tables import column

router = APIRouter()

_HOUR = timedelta(hours=1)
_TALKED = "刚才有同事也回复了顾客，先看一眼再发"


class CardForm(BenchForm):
    """A card by what it shows."""

    kind: Literal["product", "order"]
    no: str = Field(min_length=1, max_length=64)


class SayForm(BenchForm):
    """What is said."""

    client_id: str = Field(min_length=1, max_length=LONGEST_CLIENT_ID, regex=r"^[\x20-\x7e]+$")
    text: str | None = Field(default=None, max_length=10 * LONGEST_TEXT)
    attachment: str | None = Field(default=None, max_length=64)
    card: CardForm | None = None
    quick_reply: int | None = None
    suggestion: str | None = Field(default=None, max_length=64)
    seen: int | None = Field(default=None, ge=0)


class DraftForm(BenchForm):
    """What somebody has so far, and which version their window has seen."""

    text: str = Field(max_length=LONGEST_TEXT)
    version: int = Field(ge=0)


@router.post("/chats/{chat}/messages")
def say_it(chat: str, staff: Signed, form: Annotated[SayForm, Depends(given(SayForm))], bench: Bench) -> JSONResponse:
    """Says something, once under its client id."""
    agent_id = agent_of(staff)
    now = bench.now()
    text = (form.text or "").strip()
    if not (text or form.attachment or form.card):
        raise RefusedError(422, "empty", "还没有写内容")
    if len(text) > LONGEST_TEXT:
        raise RefusedError(422, "too_long", f"一条消息最多 {LONGEST_TEXT} 个字", extra={"longest": LONGEST_TEXT})
    with bench.writing() as session, doing(session):
        said: dict[str, Any] = {"text": text}
        if form.attachment is not None:
            said["attachment"] = _uploaded(bench, chat, form.attachment).attachment
        if form.card is not None:
            said["card"] = _card(session, bench, chat, form.card)
        try:
            message, new = say(session, chat, agent_id, form.client_id, said, now, form.seen)
        except TalkedMeanwhileError as error:
            raise _talked_meanwhile(session, bench, error) from None
        if new:
            type_in(session, chat, agent_id, False, now)
            drop_draft(session, staff.account_id, chat)
            announce(session, "draft", chat, {"account": staff.account_id, **draft_form(None)}, now, agent_id=agent_id)
            note_said(session, message, agent_id, form.quick_reply, form.suggestion, now)
        shown = desk_forms(session, [message], bench.settings.secret, now)[0]
    return answer({"message": shown}, 201 if new else 200)


@router.post("/chats/{chat}/uploads")
async def take_upload(
    chat: str,
    request: Request,
    staff: Signed,
    bench: Bench,
    x_file_name: Annotated[str | None, Header()] = None,
) -> JSONResponse:
    """Takes a file that is going to be sent in a conversation that one has."""
    agent_id = agent_of(staff)
    now = bench.now()
    await run_in_threadpool(_check_room, bench, chat, agent_id)
    try:
        upload = await take_file(request, bench.store, chat, unquote(x_file_name or ""), now)
    except OSError:
        raise RefusedError(507, "no_room", "文件暂时存不下，请稍后再发") from None
    return answer({**upload.attachment, "url": upload_link("", bench.settings.secret, chat, upload.id, now)}, 201)


@router.put("/chats/{chat}/draft")
def keep_draft(
    chat: str, staff: Signed, form: Annotated[DraftForm, Depends(given(DraftForm))], bench: Bench
) -> JSONResponse:
    """Keeps what somebody has begun to write."""
    agent_id = agent_of(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        reachable(session, staff, chat)
        try:
            draft = put_draft(session, staff.account_id, chat, form.text, form.version, now)
        except DraftChangedError as error:
            raise RefusedError(
                409, "draft_changed", "另一个窗口也在写这条草稿", extra={"draft": draft_form(error.draft)}
            ) from None
        shown = draft_form(draft)
        announce(session, "draft", chat, {"account": staff.account_id, **shown}, now, agent_id=agent_id)
    return answer(shown)


def _uploaded(bench: Workbench, chat: str, upload_id: str) -> Upload:
    upload = bench.store.find(chat, upload_id)
    if upload is None:
        raise RefusedError(404, "unknown", "文件找不到了，请重新上传")
    return upload


def _card(session: Session, bench: Workbench, chat: str, form: CardForm) -> dict[str, Any]:
    conversation: Conversation | None = session.get(Conversation, chat)
    if conversation is None:
        raise RefusedError(404, "unknown", "没有这个会话，可能已经删除了")
    try:
        return card_for(session, form.kind, form.no, conversation, bench.now(), bench.settings)
    except GatewayError:
        raise RefusedError(503, "busy", "订单系统暂时连不上，请稍后再发这张卡片") from None


def _talked_meanwhile(session: Session, bench: Workbench, error: TalkedMeanwhileError) -> RefusedError:
    query = select(Message).where(column(Message.id).in_(error.messages)).order_by(Message.id)
    shown = desk_forms(session, list(session.scalars(query)), bench.settings.secret, bench.now())
    return RefusedError(409, "talked_meanwhile", _TALKED, extra={"messages": shown})


def _check_room(bench: Workbench, chat: str, agent_id: str) -> None:
    with bench.writing() as session, doing(session):
        may_speak(session, chat, agent_id)
    count, size = bench.store.since(chat, bench.now() - _HOUR)
    if count >= MOST_FILES_AN_HOUR or size >= MOST_BYTES_AN_HOUR:
        raise RefusedError(429, "too_many", "这个会话的文件有点多，请稍后再发")
