"""Section "A conversation" of the workbench's API: what stands in it, and who had it when."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.assignments import assignments_of
from sixty.desk.board.guests import guest_of
from sixty.desk.conversation_reading import MOST, desk_messages
from sixty.desk.conversations import changes_of
from sixty.desk.desk_words import reason_title
from sixty.desk.drafts import draft_of
from sixty.desk.handoff_rows import HandOff
from sixty.desk.lookers import lookers_of
from sixty.desk.notes import notes_of
from sixty.desk.packet import packet_of
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.access import learns_only, reachable, viewing_of
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed
from sixty.desk.workbench.chat_forms import chat_form, draft_form, looker_forms, masked_messages, note_forms
from sixty.desk.workbench.reading_log import audit_reading
from sixty.masking import mask_text
from sixty.shop.gateways.chosen import order_gateway

router = APIRouter()

_WHY = {
    "claimed": "领取会话",
    "routed": "自动分配",
    "transferred": "转接",
    "taken_over": "接管",
    "returned": "退回排队",
    "gone": "客服掉线",
    "offline": "客服下线",
    "closed": "结束会话",
    "to_bot": "交还机器人",
    "wrapped_up": "填完小结",
    "wrap_up_over": "小结超时自动结束",
    "idle": "顾客长时间未回复",
    "given_up": "顾客取消排队",
    "cut_off": "班长结束会话",
    "waited_too_long": "等待超时转留言",
    "nobody": "无人在线转留言",
}
_WHO = {"customer": "顾客", "bot": "机器人", "system": "系统", "desk": "系统"}


@router.get("/chats/{chat}")
def open_chat(chat: str, staff: Signed, bench: Bench) -> JSONResponse:
    """All that somebody needs who goes on with a conversation."""
    now, rules, secret = bench.now(), bench.rules(), bench.settings.secret
    with bench.reading() as session, doing(session):
        hand_off = reachable(session, staff, chat, to_read=True)
        viewing = viewing_of(session, staff)
        gateway = order_gateway(session, now, bench.settings)
        packet = packet_of(session, hand_off, gateway, secret, now, clear=viewing.clear, rules=rules).dict()
        page = desk_messages(session, chat, secret, now)
        draft = draft_of(session, staff.account_id, chat)
        body = {
            "chat": chat_form(session, hand_off, viewing, staff, rules, now),
            "packet": _without_customer(packet) if learns_only(staff) else packet,
            "messages": masked_messages(page["messages"]) if learns_only(staff) else page["messages"],
            "more": page["more"],
            "stretches": page["stretches"],
            "draft": draft_form(draft),
            "notes": note_forms(session, notes_of(session, chat, None if learns_only(staff) else hand_off.customer_id)),
            "looking": looker_forms(
                each for each in lookers_of(session, [chat], now).get(chat, ()) if each.agent_id != staff.agent_id
            ),
            "may": may(hand_off, staff, guest_of(session, hand_off, staff.agent_id) is not None),
            "server_time": at(now),
        }
    audit_reading(bench, staff, "chat_opened", hand_off)
    return answer(body)


@router.get("/chats/{chat}/messages")
def messages(
    chat: str,
    staff: Signed,
    bench: Bench,
    before: int | None = None,
    after: int | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    span: Literal["conversation", "customer"] = "conversation",
) -> JSONResponse:
    """A part of a conversation, or of all that its customer has ever said."""
    if span == "customer":
        staff.needs("customer.read")
    now = bench.now()
    with bench.reading() as session, doing(session):
        hand_off = reachable(session, staff, chat, to_read=True)
        page = desk_messages(
            session, chat, bench.settings.secret, now, after=after or 0, before=before, limit=limit, span=span
        )
    if learns_only(staff):
        page["messages"] = masked_messages(page["messages"])
    audit_reading(bench, staff, "history_read" if span == "customer" else "chat_opened", hand_off)
    return answer({**page, "server_time": at(now)})


@router.get("/chats/{chat}/changes")
def changes(chat: str, staff: Signed, bench: Bench) -> JSONResponse:
    """Who moved a conversation when and why, and who had it."""
    with bench.reading() as session, doing(session):
        reachable(session, staff, chat, to_read=True)
        return answer({"changes": _changes(session, chat)})


def may(hand_off: HandOff, staff: Staff, guest: bool = False) -> dict[str, bool]:
    """What somebody may do in a conversation now; a guest has joined it beside whoever has it."""
    takes = "chat.take" in staff.may and staff.agent_id is not None
    assigns = "chat.assign" in staff.may
    taken = hand_off.state == "taken"
    mine = takes and taken and hand_off.agent_id == staff.agent_id
    wraps_up = mine and hand_off.wrap_up_at is not None
    return {
        "claim": takes and hand_off.state in ("queued", "left"),
        "send": mine or (takes and guest),
        "transfer": (mine and not wraps_up) or (assigns and hand_off.state != "closed"),
        "close": mine and not wraps_up,
        "to_bot": mine,
        "wrap_up": wraps_up,
        "deed": mine and "deed.do" in staff.may,
        "take_over": takes and assigns and not mine,
        "leave": takes and guest,
    }


def _changes(session: Session, chat: str) -> list[dict[str, Any]]:
    moves = changes_of(session, chat)
    held = assignments_of(session, chat)
    names = names_of(
        session, [*(each.by for each in moves), *(each.by for each in held), *(each.agent_id for each in held)]
    )
    found: list[dict[str, Any]] = [
        {
            "at": each.at,
            "before": each.before,
            "after": each.after,
            "by": each.by,
            "by_name": names.get(each.by) or _WHO.get(each.by, each.by),
            "why": each.why,
            "why_title": _WHY.get(each.why) or reason_title(each.why),
            "note": "",
            "agent": None,
        }
        for each in moves
    ]
    found += [
        {
            "at": each.at,
            "before": None,
            "after": "assigned",
            "by": each.by,
            "by_name": names.get(each.by) or _WHO.get(each.by, each.by),
            "why": each.why,
            "why_title": _WHY.get(each.why, each.why),
            "note": each.note,
            "agent": {"id": each.agent_id, "name": names.get(each.agent_id, each.agent_id)},
        }
        for each in held
    ]
    return sorted(found, key=lambda each: each["at"])


def _without_customer(packet: dict[str, Any]) -> dict[str, Any]:
    return {
        **packet,
        "question": mask_text(packet["question"]),
        "slots": [],
        "orders": [],
        "attachments": [],
        "sessions": [],
        "customer": {**packet["customer"], "id": None, "name": "顾客", "region": None},
        "notes": [mask_text(each) for each in packet["notes"]],
        "earlier": [{**each, "summary": mask_text(each["summary"])} for each in packet["earlier"]],
    }
