"""Turns what has happened, messages and events of the desk, into what each window is told of it.

What is the same for everybody is read and made once for all windows; who may not see it is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, loads, names_of
from sixty.desk.chat_rows import ChatRow, Viewing, rows_of
from sixty.desk.conversation_reading import desk_forms
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.drafts import drafted
from sixty.desk.feed import DeskEvent
from sixty.desk.handoff_rows import HandOff
from sixty.desk.long_waits import WAITING_LONG
from sixty.desk.lookers import lookers_of
from sixty.desk.notes import DeskNote
from sixty.desk.tickets.alert_words import alert_words
from sixty.desk.workbench.access import learns_only
from sixty.desk.workbench.chat_forms import looker_forms, note_forms
from sixty.desk.workbench.cursors import Cursor
from sixty.desk.workbench.people import agent_form
from sixty.desk.workbench.windows import Frame, Window
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT, UNSAID
from sixty.tables import column

_GONE_BECAUSE = {"solved": "closed", "given_up": "left", "replaced": "closed"}
# Where a row of a list may look different afterwards.
_CHANGES_A_ROW = frozenset({"alert", "chat", "chat_gone", "note", "rating"})
_CHANGES_THE_QUEUE = frozenset({"chat", "chat_gone", "presence", "routing"})
_ALERTS = {
    "assigned": "新会话",
    "transferred": "同事转来会话",
    "returned": "会话退回",
    "waiting_long": "顾客等了很久",
    "rating": "收到评价",
    "whisper": "班长悄悄说",
    "joined": "班长加入了会话",
    "cut_off": "班长结束了会话",
}


@dataclass
class Happened:
    """What has happened between two cursors, with all that is needed to tell of it.

    Attributes:
        end: The cursor behind it.
        stirs: Whether lists' counts may have changed.
    """

    start: Cursor
    end: Cursor
    messages: Sequence[Message]
    events: Sequence[DeskEvent]
    forms: dict[int, dict[str, Any]] = field(default_factory=dict)
    hand_offs: dict[str, HandOff] = field(default_factory=dict)
    rows: dict[bool, dict[str, ChatRow]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    agents: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[int, dict[str, Any]] = field(default_factory=dict)
    looking: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    begun: frozenset[tuple[int, str]] = frozenset()

    @property
    def stirs(self) -> bool:
        """Whether the counts of lists may have changed."""
        return bool(self.messages) or any(each.kind in _CHANGES_THE_QUEUE for each in self.events)


def gather(
    session: Session,
    start: Cursor,
    messages: Sequence[Message],
    events: Sequence[DeskEvent],
    secret: str,
    rules: RoutingRules,
    now: datetime,
    clear: Collection[bool],
) -> Happened:
    """Reads all that is needed to tell of what has happened.

    Args:
        session: A session that reads.
        start: The cursor in front of it.
        messages: What was said, in order.
        events: What has happened at the desk, in order.
        secret: Signs links to files.
        rules: The merchant's.
        now: The present moment.
        clear: Whether there are windows that show names in full, and such that don't.
    """
    end = Cursor(
        messages[-1].id if messages else start.message,
        events[-1].id if events else start.event,
    )
    shown = [each for each in messages if each.kind not in UNSAID]
    happened = Happened(start, end, shown, events)
    touched = {each.conversation_id for each in shown}
    touched |= {str(each.conversation_id) for each in events if each.conversation_id}
    happened.forms = {form["id"]: form for form in desk_forms(session, shown, secret, now)}
    happened.hand_offs = _latest(session, touched)
    changed = {each.conversation_id for each in shown}
    changed |= {str(each.conversation_id) for each in events if each.kind in _CHANGES_A_ROW and each.conversation_id}
    to_show = [each for chat, each in happened.hand_offs.items() if chat in changed and each.state != "closed"]
    happened.rows = {
        shows: {row.id: row for row in rows_of(session, to_show, Viewing(None, clear=shows), now, rules)}
        for shows in set(clear)
    }
    happened.begun = drafted(session, [each.conversation_id for each in to_show])
    _read_people(session, happened, rules, now)
    note_ids = [int(each.data["note"]) for each in events if each.kind == "note"]
    if note_ids:
        notes = list(session.scalars(select(DeskNote).where(column(DeskNote.id).in_(note_ids))))
        happened.notes = {form["id"]: form for form in note_forms(session, notes)}
    looked_at = {str(each.conversation_id) for each in events if each.kind == "looking"}
    if looked_at:
        found = lookers_of(session, looked_at, now)
        happened.looking = {chat: looker_forms(found.get(chat, ())) for chat in looked_at}
    return happened


def tell(window: Window, happened: Happened) -> list[Frame]:
    """What one window is told.

    Rows come first and carry no cursor: a line that breaks in the middle is told them again with what changed them.
    """
    if learns_only(window.staff):
        return []
    frames = [Frame("chat", form) for form in _rows(window, happened)]
    for message in happened.messages:
        if _sees(window, happened.hand_offs.get(message.conversation_id)):
            cursor = Cursor(message.id, happened.start.event)
            frames.append(Frame("message", happened.forms[message.id], cursor))
            frames += _alert_of_message(window, happened, message)
    for event in happened.events:
        cursor = Cursor(happened.end.message, event.id)
        frames += [Frame(each.event, each.data, cursor) for each in _of_event(window, happened, event)]
    return frames


def _rows(window: Window, happened: Happened) -> Iterable[dict[str, Any]]:
    for chat, row in happened.rows.get(window.viewing.clear, {}).items():
        if _sees(window, happened.hand_offs.get(chat)):
            yield {**row.dict(), "draft": (window.staff.account_id, chat) in happened.begun}


def _sees(window: Window, hand_off: HandOff | None) -> bool:
    """Whether a conversation is on one of the window's lists of what goes on."""
    return hand_off is not None and hand_off.state != "closed" and window.viewing.sees(hand_off)


def _of_event(window: Window, happened: Happened, event: DeskEvent) -> Iterable[Frame]:
    teller = _TELLERS.get(event.kind)
    if teller is None:
        return ()
    to_another = event.agent_id is not None and event.agent_id != window.viewing.agent_id
    return () if to_another else teller(window, happened, event, happened.hand_offs.get(event.conversation_id or ""))


def _presence(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    agent = happened.agents.get(str(event.data.get("agent")))
    if agent is not None:
        yield Frame("presence", agent)


def _draft(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    if event.data.get("account") == window.staff.account_id:
        shown = {name: value for name, value in event.data.items() if name != "account"}
        yield Frame("draft", {"chat": event.conversation_id, **shown})


def _changed(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    """Who sees it has been told its row; who has seen it waiting, and does not see it any more, is told that."""
    if hand_off is None or _sees(window, hand_off) or not _was_on_a_list(window.viewing, hand_off, event):
        return
    by = _named(hand_off.agent_id, happened)
    yield Frame("chat_gone", {"chat": event.conversation_id, "why": "claimed", "by": by})


def _gone(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    """Who still sees it, in another list, has been told its row."""
    if _sees(window, hand_off) or not (event.agent_id is not None or _was_theirs(window, hand_off, event)):
        return
    why = str(event.data.get("why") or "")
    by = _named(event.data.get("by"), happened)
    yield Frame("chat_gone", {"chat": event.conversation_id, "why": _GONE_BECAUSE.get(why, why), "by": by})


def _alert(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    # What is for nobody by name is for those who have the conversation on their lists.
    if hand_off is None or (event.agent_id is None and not _sees(window, hand_off)):
        return
    row = happened.rows.get(window.viewing.clear, {}).get(hand_off.conversation_id)
    name = row.customer.name if row is not None else ""
    said = str(event.data.get("note") or "") or (row.question if row is not None else "")
    kind = str(event.data.get("kind"))
    if kind == WAITING_LONG:
        said = _how_long(event) + (f"：{said}" if said else "")
    data = {
        "kind": kind,
        "chat": hand_off.conversation_id,
        "title": _ALERTS.get(kind, "工作台提醒"),
        "text": "：".join(each for each in (name, said) if each),
    }
    yield Frame("alert", data)


def _how_long(event: DeskEvent) -> str:
    """What a customer waits for, and for how long, in half a sentence."""
    minutes, seconds = divmod(int(event.data.get("after") or 0), 60)
    waited = f"{minutes}分钟" if minutes and not seconds else f"{60 * minutes + seconds}秒"
    return f"等了{waited}还没有人接" if event.data.get("state") == "queued" else f"等了{waited}还没有收到回复"


def _note(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    note = happened.notes.get(int(event.data["note"]))
    if note is not None and _sees(window, hand_off):
        yield Frame("note", {"chat": event.conversation_id, "note": note})


def _looking(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    if _sees(window, hand_off):
        lookers = happened.looking.get(str(event.conversation_id), [])
        others = [each for each in lookers if each["agent"] != window.viewing.agent_id]
        yield Frame("looking", {"chat": event.conversation_id, "lookers": others})


def _as_it_is(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    if hand_off is not None and window.viewing.sees(hand_off):
        yield Frame(event.kind, {"chat": event.conversation_id, **event.data})


def _whisper(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    if _sees(window, hand_off):
        yield Frame("whisper", {"chat": event.conversation_id, **event.data})


def _alarm(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    if "chat.assign" in window.staff.may:
        yield Frame("alarm", {"chat": event.conversation_id, **event.data})


def _ticket(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    own = window.viewing.agent_id is not None and window.viewing.agent_id in (event.data["agent"], event.data["by"])
    if own or _is_of_their_groups(window.viewing, event.group_id):
        yield Frame("ticket", {**event.data, "group": event.group_id})


def _promise(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    own = window.viewing.agent_id is not None and window.viewing.agent_id == event.data["agent"]
    if own or _is_of_their_groups(window.viewing, event.group_id):
        yield Frame("promise", {**event.data, "group": event.group_id})


def _ticket_alert(window: Window, happened: Happened, event: DeskEvent, hand_off: HandOff | None) -> Iterable[Frame]:
    """Supervisors are told what is for supervisors; of what is a group's, only those who work in it."""
    to, viewing = event.data["to"], window.viewing
    if viewing.agent_id is None or (to == "supervisor" and not viewing.everything):
        return
    if to == "group" and viewing.groups is not None and event.group_id not in viewing.groups:
        return
    yield Frame("alert", {"kind": "ticket", "chat": None, **alert_words(event.data), **event.data})


_TELLERS: Mapping[str, Callable[[Window, Happened, DeskEvent, HandOff | None], Iterable[Frame]]] = {
    "presence": _presence,
    "draft": _draft,
    "chat": _changed,
    "chat_gone": _gone,
    "alert": _alert,
    "note": _note,
    "looking": _looking,
    "rating": _as_it_is,
    "suggestions": _as_it_is,
    "whisper": _whisper,
    "alarm": _alarm,
    "ticket": _ticket,
    "promise": _promise,
    "ticket_alert": _ticket_alert,
}


def _is_of_their_groups(viewing: Viewing, group: str | None) -> bool:
    return viewing.everything or viewing.groups is None or group is None or group in viewing.groups


def _was_on_a_list(viewing: Viewing, hand_off: HandOff, event: DeskEvent) -> bool:
    """Whether somebody who does not see a conversation has seen it waiting."""
    if event.data.get("was") not in ("queued", "left"):
        return False
    return viewing.groups is None or hand_off.group_id is None or hand_off.group_id in viewing.groups


def _was_theirs(window: Window, hand_off: HandOff | None, event: DeskEvent) -> bool:
    viewing = window.viewing
    if viewing.everything or event.data.get("agent") == viewing.agent_id:
        return True
    group = event.group_id or (hand_off.group_id if hand_off is not None else None)
    return viewing.groups is None or group is None or group in viewing.groups


def _alert_of_message(window: Window, happened: Happened, message: Message) -> Iterable[Frame]:
    hand_off = happened.hand_offs.get(message.conversation_id)
    own = window.viewing.agent_id
    if message.author != "customer" or message.kind in SILENT or hand_off is None or own is None:
        return
    if hand_off.state == "taken" and hand_off.agent_id == own and hand_off.wrap_up_at is None:
        row = happened.rows.get(window.viewing.clear, {}).get(message.conversation_id)
        name = row.customer.name if row is not None else ""
        text = row.last.text if row is not None and row.last is not None else ""
        yield Frame("alert", {"kind": "message", "chat": message.conversation_id, "title": name, "text": text})


def _named(who: Any, happened: Happened) -> dict[str, str] | None:
    name = happened.names.get(str(who)) if who else None
    return {"id": str(who), "name": name} if name else None


def _read_people(session: Session, happened: Happened, rules: RoutingRules, now: datetime) -> None:
    events = happened.events
    named = {each.data.get("by") for each in events if each.kind == "chat_gone"}
    named |= {each.agent_id for each in happened.hand_offs.values()}
    happened.names = names_of(session, [str(each) for each in named if each])
    present = {str(each.data.get("agent")) for each in events if each.kind == "presence"}
    # Who has been given a conversation, or has one less, has another load.
    present |= {str(each.agent_id) for each in happened.hand_offs.values() if each.agent_id} if events else set()
    if any(each.kind == "presence" for each in events):
        load = loads(session)
        query = select(Agent).where(column(Agent.id).in_(present)).execution_options(populate_existing=True)
        happened.agents = {
            each.id: agent_form(each, load.get(each.id, 0), rules, now) for each in session.scalars(query)
        }


def _latest(session: Session, conversation_ids: Collection[str]) -> dict[str, HandOff]:
    if not conversation_ids:
        return {}
    newest = (
        select(func.max(HandOff.id))
        .where(column(HandOff.conversation_id).in_(list(conversation_ids)))
        .group_by(HandOff.conversation_id)
    )
    query = select(HandOff).where(column(HandOff.id).in_(newest)).execution_options(populate_existing=True)
    return {each.conversation_id: each for each in session.scalars(query)}
