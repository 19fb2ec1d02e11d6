"""Section "Tickets" of the workbench's API: the list, the board, one ticket, and what is done with it; promises."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sixty.desk.chat_rows import Viewing
from sixty.desk.conversations import Conversation
from sixty.desk.packet import packet_of
from sixty.desk.refusals import RefusedError
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.tickets.drafting import draft_of
from sixty.desk.tickets.flow import (
    LONGEST_COMMENT,
    LONGEST_TEXT,
    Wanted,
    attach,
    change,
    comment,
    folder_of,
    locked_ticket,
    move,
    raise_ticket,
)
from sixty.desk.tickets.promises import keep_watching, promises_of, settle
from sixty.desk.tickets.reading import (
    MOST,
    Filters,
    Late,
    Sort,
    count_by_state,
    count_views,
    find_promises,
    find_tickets,
    may_see,
    may_see_promise,
    promise_forms,
    rules_form,
    ticket_forms,
    whole_ticket,
)
from sixty.desk.tickets.rows import LONGEST_KEY, Promise, Ticket
from sixty.desk.tickets.rules import TicketRules, read_tickets
from sixty.desk.tickets.ticket_errors import TicketChangedError
from sixty.desk.upload_routes import MOST_BYTES_AN_HOUR, MOST_FILES_AN_HOUR, take_file
from sixty.desk.upload_store import Upload
from sixty.desk.workbench.access import agent_of, reachable, viewing_of
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.ledger.models import Message
from sixty.shop.gateways.chosen import order_gateway
from sixty.tables import column

router = APIRouter()

_COLUMN = 60
_MOST_FILES = 10
_HOUR = timedelta(hours=1)
_CHANGED = "刚才有同事也改了这张工单，先看看最新的再改"

Id = Annotated[str | None, Query(max_length=64)]


class RaiseForm(BenchForm):
    """A ticket that somebody raises."""

    key: str = Field(min_length=1, max_length=LONGEST_KEY, regex=r"^[\x21-\x7e]+$")
    type: str = Field(max_length=32)
    title: str = Field(min_length=1, max_length=400)
    text: str = Field(default="", max_length=LONGEST_TEXT)
    fields: dict[str, str] = Field(default_factory=dict)
    group: str | None = Field(default=None, max_length=32)
    agent: str | None = Field(default=None, max_length=32)
    urgent: bool | None = None
    chat: str | None = Field(default=None, max_length=64)
    messages: list[int] = Field(default=[], max_items=50)
    files: list[int] = Field(default=[], max_items=_MOST_FILES)
    promise: int | None = None
    tell: bool = True


class MoveForm(BenchForm):
    """Where it goes, and why."""

    version: int = Field(ge=1)
    to: str = Field(max_length=32)
    why: str = Field(default="", max_length=LONGEST_COMMENT)
    fields: dict[str, str] = Field(default_factory=dict)
    tell: bool = True


class ChangeForm(BenchForm):
    """What is changed; what is left out stays."""

    version: int = Field(ge=1)
    title: str | None = Field(default=None, min_length=1, max_length=400)
    text: str | None = Field(default=None, max_length=LONGEST_TEXT)
    type: str | None = Field(default=None, max_length=32)
    fields: dict[str, str] | None = None
    group: str | None = Field(default=None, max_length=32)
    agent: str | None = Field(default=None, max_length=32)
    urgent: bool | None = None
    why: str = Field(default="", max_length=LONGEST_COMMENT)


class CommentForm(BenchForm):
    """What is written."""

    text: str = Field(min_length=1, max_length=LONGEST_COMMENT)


class FromChatForm(BenchForm):
    """A message of its chat whose file belongs to the ticket."""

    message: int


class KeepForm(BenchForm):
    """Until when a promise is watched, where that is another time."""

    due_at: datetime | None = None


class NothingForm(BenchForm):
    """Nothing to say."""


@router.get("/tickets/rules")
def the_rules(staff: Signed, bench: Bench) -> JSONResponse:
    """Types, states and transitions."""
    _worker(staff)
    return answer(rules_form(_rules(bench)))


@router.get("/tickets")
def tickets(
    staff: Signed,
    bench: Bench,
    state: Annotated[list[str] | None, Query(max_length=32)] = None,
    kinds: Annotated[list[str] | None, Query(alias="type", max_length=32)] = None,
    group: Id = None,
    agent: Id = None,
    by: Id = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    unassigned: bool = False,
    urgent: bool = False,
    late: Late | None = None,
    customer: Id = None,
    chat: Id = None,
    order: Id = None,
    since: datetime | None = None,
    until: datetime | None = None,
    q: Annotated[str, Query(max_length=64)] = "",
    sort: Sort = "due",
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> JSONResponse:
    """A list, with how many there are in each view."""
    _worker(staff)
    filters = Filters(
        states=tuple(state or ()),
        types=tuple(kinds or ()),
        group=group or None,
        agent=agent or None,
        by=by or None,
        open=is_open,
        unassigned=unassigned,
        urgent=urgent,
        late=late,
        customer_id=customer or None,
        conversation_id=chat or None,
        order_no=order or None,
        since=_zoned(since),
        until=_zoned(until),
        words=q,
    )
    now = bench.now()
    with bench.reading() as session, doing(session):
        viewing = viewing_of(session, staff)
        found, more = find_tickets(session, viewing, filters, now, sort=sort, offset=offset, limit=limit)
        return answer(
            {
                "tickets": ticket_forms(session, found, viewing, _rules(bench), bench.rules(), now),
                "more": more,
                "counts": count_views(session, viewing, now),
                "server_time": at(now),
            }
        )


@router.get("/tickets/board")
def board(
    staff: Signed,
    bench: Bench,
    kinds: Annotated[list[str] | None, Query(alias="type", max_length=32)] = None,
    group: Id = None,
    agent: Id = None,
    unassigned: bool = False,
    urgent: bool = False,
    late: Late | None = None,
    q: Annotated[str, Query(max_length=64)] = "",
) -> JSONResponse:
    """The columns, a state each; of what is done the newest."""
    _worker(staff)
    now, rules = bench.now(), _rules(bench)
    filters = Filters(
        types=tuple(kinds or ()),
        group=group or None,
        agent=agent or None,
        unassigned=unassigned,
        urgent=urgent,
        late=late,
        words=q,
    )
    with bench.reading() as session, doing(session):
        viewing = viewing_of(session, staff)
        counts = count_by_state(session, viewing, filters, now)
        columns = []
        for each in rules.states:
            in_it = Filters(**{**filters.__dict__, "states": (str(each.id),)})
            sort: Sort = "changed" if each.kind == "done" else "due"
            found, more = find_tickets(session, viewing, in_it, now, sort=sort, limit=_COLUMN)
            columns.append(
                {
                    "state": each.id,
                    "count": counts.get(str(each.id), 0),
                    "more": more,
                    "tickets": ticket_forms(session, found, viewing, rules, bench.rules(), now),
                }
            )
        views = count_views(session, viewing, now)
        return answer({"columns": columns, "counts": views, "server_time": at(now)})


@router.get("/tickets/{ticket_id}")
def ticket(ticket_id: int, staff: Signed, bench: Bench) -> JSONResponse:
    """One ticket with all that happened to it."""
    _worker(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        found = _reachable_ticket(session, staff, ticket_id)
        _audit(session, staff, "ticket_opened", found, now)
        return answer({"ticket": _whole(session, found, staff, bench), "server_time": at(now)})


@router.post("/tickets")
def raise_it(staff: Signed, form: Annotated[RaiseForm, Depends(given(RaiseForm))], bench: Bench) -> JSONResponse:
    """Raises a ticket, once under its key."""
    by = agent_of(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        hand_off = reachable(session, staff, form.chat) if form.chat is not None else None
        conversation: Conversation | None = session.get(Conversation, form.chat) if form.chat else None
        known = session.scalars(select(Ticket).where(column(Ticket.key) == form.key)).first()
        if known is not None and known.by != by:
            raise RefusedError(409, "key_taken", "这张工单已经建过了，请刷新页面看看")
        wanted = Wanted(
            key=form.key,
            type=form.type,
            title=form.title,
            text=form.text,
            fields=form.fields,
            group=form.group,
            agent=form.agent,
            urgent=form.urgent,
            conversation_id=form.chat,
            hand_off_id=hand_off.id if hand_off is not None else None,
            message_ids=_of_chat(session, form.chat, form.messages),
            customer_id=_customer(conversation) or (hand_off.customer_id if hand_off is not None else None),
            channel=conversation.channel if conversation is not None else None,
            order_no=conversation.order_no if conversation is not None else None,
            product_no=conversation.product_no if conversation is not None else None,
            promise_id=_own_promise(session, form.chat, form.promise),
        )
        made, new = raise_ticket(session, wanted, by, now, tell=form.tell, rules=_rules(bench), routing=bench.rules())
        if new:
            for message_id in form.files:
                _attach_message(session, bench, made, by, message_id, now)
            _audit(session, staff, "ticket_raised", made, now)
        return answer({"ticket": _whole(session, made, staff, bench)}, 201 if new else 200)


@router.post("/tickets/{ticket_id}/move")
def move_it(
    ticket_id: int, staff: Signed, form: Annotated[MoveForm, Depends(given(MoveForm))], bench: Bench
) -> JSONResponse:
    """Takes it into another state."""
    by = agent_of(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        found = _reachable_ticket(session, staff, ticket_id)
        try:
            moved = move(
                session,
                ticket_id,
                form.version,
                form.to,
                by,
                now,
                why=form.why,
                fields=_without_masked(found, form.fields, bench, staff, session),
                supervisor="chat.all" in staff.may,
                tell=form.tell,
                rules=_rules(bench),
                routing=bench.rules(),
            )
        except TicketChangedError:
            raise _changed(session, ticket_id, staff, bench) from None
        _audit(session, staff, "ticket_moved", moved, now, form.to)
        return answer({"ticket": _whole(session, moved, staff, bench)})


@router.patch("/tickets/{ticket_id}")
def change_it(
    ticket_id: int, staff: Signed, form: Annotated[ChangeForm, Depends(given(ChangeForm))], bench: Bench
) -> JSONResponse:
    """Changes what it says, who solves it, or which type it is."""
    by = agent_of(staff)
    now = bench.now()
    changes = {name: getattr(form, name) for name in form.__fields_set__ if name not in ("version", "why")}
    changes = {name: value for name, value in changes.items() if value is not None or name == "agent"}
    with bench.writing() as session, doing(session):
        found = _reachable_ticket(session, staff, ticket_id)
        if form.fields is not None:
            changes["fields"] = _without_masked(found, form.fields, bench, staff, session)
        try:
            changed = change(
                session,
                ticket_id,
                form.version,
                by,
                now,
                changes,
                why=form.why,
                rules=_rules(bench),
                routing=bench.rules(),
            )
        except TicketChangedError:
            raise _changed(session, ticket_id, staff, bench) from None
        _audit(session, staff, "ticket_changed", changed, now, " ".join(sorted(changes)))
        return answer({"ticket": _whole(session, changed, staff, bench)})


@router.post("/tickets/{ticket_id}/comments")
def comment_on_it(
    ticket_id: int, staff: Signed, form: Annotated[CommentForm, Depends(given(CommentForm))], bench: Bench
) -> JSONResponse:
    """Writes something to it, which no customer reads."""
    by = agent_of(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        found = _reachable_ticket(session, staff, ticket_id)
        comment(session, ticket_id, by, form.text, now)
        _audit(session, staff, "ticket_commented", found, now)
        return answer({"ticket": _whole(session, found, staff, bench)}, 201)


@router.post("/tickets/{ticket_id}/files")
async def add_file(
    ticket_id: int,
    request: Request,
    staff: Signed,
    bench: Bench,
    x_file_name: Annotated[str | None, Header()] = None,
) -> JSONResponse:
    """Takes a file that belongs to it."""
    agent_of(staff)
    folder = await run_in_threadpool(_folder_with_room, bench, staff, ticket_id)
    try:
        upload = await take_file(request, bench.store, folder, unquote(x_file_name or ""), bench.now())
    except OSError:
        raise RefusedError(507, "no_room", "文件暂时存不下，请稍后再发") from None
    return await run_in_threadpool(_attached, bench, staff, ticket_id, upload)


@router.post("/tickets/{ticket_id}/files/from-chat")
def add_file_of_chat(
    ticket_id: int, staff: Signed, form: Annotated[FromChatForm, Depends(given(FromChatForm))], bench: Bench
) -> JSONResponse:
    """Adds what was sent in its chat."""
    by = agent_of(staff)
    now = bench.now()
    with bench.writing() as session, doing(session):
        found = _reachable_ticket(session, staff, ticket_id)
        if not _attach_message(session, bench, found, by, form.message, now):
            raise RefusedError(404, "unknown", "这条消息里没有文件")
        _audit(session, staff, "ticket_file_added", found, now)
        return answer({"ticket": _whole(session, found, staff, bench)}, 201)


@router.get("/chats/{chat}/ticket-draft")
def draft(
    chat: str, staff: Signed, bench: Bench, kind: Annotated[str | None, Query(alias="type", max_length=32)] = None
) -> JSONResponse:
    """A ticket as it would be raised from a chat."""
    agent_of(staff)
    now, routing = bench.now(), bench.rules()
    with bench.reading() as session, doing(session):
        hand_off = reachable(session, staff, chat)
        orders = order_gateway(session, now, bench.settings)
        packet = packet_of(session, hand_off, orders, bench.settings.secret, now, rules=routing)
        made = draft_of(session, hand_off, packet, _rules(bench), routing, now, kind)
        urls = {each.message_id: each.url for each in packet.attachments}
        files = [{**asdict(each), "url": urls.get(each.message_id)} for each in made.files]
        return answer({"draft": {**asdict(made), "files": files}, "server_time": at(now)})


@router.get("/chats/{chat}/tickets")
def tickets_of(chat: str, staff: Signed, bench: Bench) -> JSONResponse:
    """The tickets of a chat's customer, and what was promised in the chat."""
    agent_of(staff)
    now, rules = bench.now(), _rules(bench)
    with bench.reading() as session, doing(session):
        reachable(session, staff, chat, to_read=True)
        viewing = viewing_of(session, staff)
        conversation: Conversation | None = session.get(Conversation, chat)
        customer_id = _customer(conversation)
        filters = Filters(customer_id=customer_id) if customer_id else Filters(conversation_id=chat)
        # Whoever talks to a customer has to know what is under way for them, whichever group does it.
        everything = Viewing(viewing.agent_id, None, True, viewing.clear)
        found, more = find_tickets(session, everything, filters, now, limit=20)
        forms = ticket_forms(session, found, viewing, rules, bench.rules(), now)
        for form, each in zip(forms, found, strict=True):
            form["may"] = may_see(viewing, each)
        promises = promise_forms(session, promises_of(session, chat), rules, now)
        return answer({"tickets": forms, "more": more, "promises": promises, "server_time": at(now)})


@router.get("/promises")
def promises(staff: Signed, bench: Bench) -> JSONResponse:
    """What is promised and watched."""
    _worker(staff)
    now = bench.now()
    with bench.reading() as session, doing(session):
        found = find_promises(session, viewing_of(session, staff), now)
        return answer({"promises": promise_forms(session, found, _rules(bench), now), "server_time": at(now)})


@router.post("/promises/{promise_id}/keep")
def keep(
    promise_id: int, staff: Signed, form: Annotated[KeepForm, Depends(given(KeepForm))], bench: Bench
) -> JSONResponse:
    """Has it watched, or watched until another time."""
    by, now = agent_of(staff), bench.now()
    with bench.writing() as session, doing(session):
        _reachable_promise(session, staff, promise_id)
        kept = keep_watching(session, promise_id, by, now, _zoned(form.due_at), _rules(bench), bench.rules())
        return _promise(session, kept, staff, bench, "promise_noted")


@router.post("/promises/{promise_id}/{how}")
def settle_it(
    promise_id: int,
    how: Literal["done", "drop"],
    staff: Signed,
    form: Annotated[NothingForm, Depends(given(NothingForm))],
    bench: Bench,
) -> JSONResponse:
    """Says that it has been kept, or that it was none."""
    by, now = agent_of(staff), bench.now()
    with bench.writing() as session, doing(session):
        _reachable_promise(session, staff, promise_id)
        settled = settle(session, promise_id, how == "done", by, now)
        return _promise(session, settled, staff, bench, "promise_kept" if how == "done" else "promise_dropped")


def _rules(bench: Workbench) -> TicketRules:
    return read_tickets(bench.settings.playbook)


def _worker(staff: Staff) -> None:
    """Tickets are the business of those who talk to customers, and of whoever supervises them."""
    staff.needs("chat.take")


def _reachable_ticket(session: Session, staff: Staff, ticket_id: int) -> Ticket:
    found: Ticket | None = session.get(Ticket, ticket_id)
    if found is None:
        raise RefusedError(404, "unknown", "没有这张工单，可能已经删除了")
    if not may_see(viewing_of(session, staff), found):
        raise RefusedError(403, "not_allowed", "这张工单由别的组处理，您不能查看")
    return found


def _reachable_promise(session: Session, staff: Staff, promise_id: int) -> Promise:
    found: Promise | None = session.get(Promise, promise_id)
    if found is None:
        raise RefusedError(404, "unknown", "没有这条承诺，可能已经删除了")
    if not may_see_promise(viewing_of(session, staff), found):
        raise RefusedError(403, "not_allowed", "这条承诺由别的组负责，您不能处理")
    return found


def _whole(session: Session, found: Ticket, staff: Staff, bench: Workbench) -> dict[str, Any]:
    viewing = viewing_of(session, staff)
    return whole_ticket(session, found, viewing, _rules(bench), bench.rules(), bench.settings.secret, bench.now())


def _promise(session: Session, found: Promise, staff: Staff, bench: Workbench, what: str) -> JSONResponse:
    now = bench.now()
    note(
        session,
        staff.account_id,
        what,
        now,
        conversation_id=found.conversation_id,
        customer_id=found.customer_id,
        detail=str(found.id),
    )
    return answer({"promise": promise_forms(session, [found], _rules(bench), now)[0], "server_time": at(now)})


def _changed(session: Session, ticket_id: int, staff: Staff, bench: Workbench) -> RefusedError:
    newest = _whole(session, locked_ticket(session, ticket_id), staff, bench)
    return RefusedError(409, "ticket_changed", _CHANGED, extra={"ticket": jsonable_encoder(newest)})


def _without_masked(
    found: Ticket, fields: dict[str, str], bench: Workbench, staff: Staff, session: Session
) -> dict[str, str]:
    """What was filled in, without what comes back as it was shown: masked."""
    shown = {each["id"]: each["value"] for each in _whole(session, found, staff, bench)["fields"] if each["masked"]}
    return {name: value for name, value in fields.items() if shown.get(name) != value}


def _audit(session: Session, staff: Staff, what: str, found: Ticket, now: datetime, more: str = "") -> None:
    note(
        session,
        staff.account_id,
        what,
        now,
        conversation_id=found.conversation_id,
        customer_id=found.customer_id,
        detail=f"{found.no} {more}".strip(),
    )


def _customer(conversation: Conversation | None) -> str | None:
    return conversation.customer_id if conversation is not None else None


def _of_chat(session: Session, chat: str | None, message_ids: list[int]) -> list[int]:
    if chat is None or not message_ids:
        return []
    query = select(Message.id).where(column(Message.id).in_(message_ids), column(Message.conversation_id) == chat)
    return sorted(session.scalars(query))


def _own_promise(session: Session, chat: str | None, promise_id: int | None) -> int | None:
    found: Promise | None = session.get(Promise, promise_id) if promise_id is not None else None
    return found.id if found is not None and found.conversation_id == chat else None


def _attach_message(session: Session, bench: Workbench, found: Ticket, by: str, message_id: int, now: datetime) -> bool:
    """Adds the file of a message of the ticket's own chat."""
    message: Message | None = session.get(Message, message_id)
    if message is None or message.conversation_id != found.conversation_id:
        return False
    sent = (message.payload or {}).get("attachment") or {}
    upload = bench.store.find(message.conversation_id, str(sent.get("id") or ""))
    if upload is None:
        return False
    attach(session, found.id, by, upload.attachment, upload.conversation_id, now)
    return True


def _folder_with_room(bench: Workbench, staff: Staff, ticket_id: int) -> str:
    with bench.reading() as session, doing(session):
        folder = folder_of(_reachable_ticket(session, staff, ticket_id))
    count, size = bench.store.since(folder, bench.now() - _HOUR)
    if count >= MOST_FILES_AN_HOUR or size >= MOST_BYTES_AN_HOUR:
        raise RefusedError(429, "too_many", "这张工单的文件有点多，请稍后再传")
    return folder


def _attached(bench: Workbench, staff: Staff, ticket_id: int, upload: Upload) -> JSONResponse:
    now = bench.now()
    with bench.writing() as session, doing(session):
        found = _reachable_ticket(session, staff, ticket_id)
        attach(session, ticket_id, agent_of(staff), upload.attachment, upload.conversation_id, now)
        _audit(session, staff, "ticket_file_added", found, now)
        return answer({"ticket": _whole(session, found, staff, bench)}, 201)


def _zoned(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise RefusedError(422, "malformed", "时间要带时区", "times carry a zone, such as 2026-11-23T03:00:00Z")
    return moment
