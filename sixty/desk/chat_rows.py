"""The workbench's lists: who waits, who has left a message, which conversations are mine, which are done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.chat_row_forms import ChatRow, Counts, LastSaid, Named, Source, Titled, WillingnessNow
from sixty.desk.conversations import Conversation
from sixty.desk.customer_names import customer_shown
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.desk_words import reason_title
from sixty.desk.handoff_rows import HandOff, latest_handoff
from sixty.desk.notes import note_counts
from sixty.desk.packet import one_line
from sixty.desk.row_facts import last_said, moods_of, places_of, product_names, willingness_now
from sixty.desk.unanswered import unread_of, waiting_since
from sixty.shop.models import Customer
from sixty.tables import column

__all__ = [
    "CHANNELS",
    "MOST",
    "Box",
    "ChatRow",
    "Counts",
    "Viewing",
    "chat_row",
    "chat_rows",
    "counts",
    "next_page",
    "places_of",
    "rows_of",
]

Box = Literal["queue", "left", "mine", "all", "done"]

MOST = 200

CHANNELS = {
    "web": "网页",
    "api": "商城接口",
    "telegram": "Telegram",
    "wechat": "微信公众号",
    "weapp": "小程序",
    "phone": "电话",
    "sms": "短信",
}
"""What channels are called, for agents to read."""


@dataclass(frozen=True)
class Viewing:
    """What somebody at the workbench may see.

    Attributes:
        agent_id: Who; None for somebody who takes no conversations.
        groups: The groups whose customers they see; None for all.
        everything: Whether they see what others have.
        clear: Whether they see names in full.
    """

    agent_id: str | None
    groups: frozenset[str] | None = None
    everything: bool = False
    clear: bool = False

    def sees(self, hand_off: HandOff) -> bool:
        """Whether a conversation is any of their business."""
        if self.everything or (self.agent_id is not None and hand_off.agent_id == self.agent_id):
            return True
        waits = hand_off.state in ("queued", "left")
        wanted = self.agent_id is not None and hand_off.wanted_agent_id == self.agent_id
        in_group = self.groups is None or hand_off.group_id is None or hand_off.group_id in self.groups
        return waits and (wanted or in_group)


def chat_rows(
    session: Session,
    box: Box,
    viewing: Viewing,
    now: datetime,
    *,
    group: str | None = None,
    agent: str | None = None,
    words: str = "",
    before: str | None = None,
    limit: int = 50,
    rules: RoutingRules | None = None,
) -> tuple[list[ChatRow], bool]:
    """Reads a list.

    Args:
        session: Any session.
        box: Which.
        viewing: For whom.
        now: The present moment.
        group: Only that group's.
        agent: Only that agent's; in `all` and `done`.
        words: Only where the customer's number, their name, an order or the question has these.
        before: Where the page before ended; see `next_page`.
        limit: How many at most.
        rules: The merchant's; those of the playbook when left out.

    Returns:
        The rows, and whether there are more behind them.
    """
    rules = rules or routing_rules()
    limit = max(1, min(limit, MOST))
    query = select(HandOff).where(_in_box(box, viewing))
    if group is not None:
        query = query.where(column(HandOff.group_id) == group)
    if agent is not None:
        query = query.where(column(HandOff.agent_id) == agent)
    if words.strip():
        query = query.where(_about(words.strip()))
    query = _paged(query, box, before)
    found = list(session.scalars(query.limit(limit + 1).execution_options(populate_existing=True)))
    rows = rows_of(session, found[:limit], viewing, now, rules)
    if box in ("mine", "all"):
        rows.sort(key=lambda row: (row.waiting_since is None, row.waiting_since or row.queued_at))
    return rows, len(found) > limit


def next_page(box: Box, rows: Sequence[ChatRow]) -> str | None:
    """The cursor behind a page: talks are shown by who waits for an answer, and paged by when they came."""
    if not rows:
        return None
    last = max(rows, key=lambda row: (row.queued_at, row.hand_off)) if box in ("mine", "all") else rows[-1]
    return last.cursor


def chat_row(
    session: Session, conversation_id: str, viewing: Viewing, now: datetime, rules: RoutingRules | None = None
) -> ChatRow | None:
    """The row of one conversation, by its newest hand-off; None where there is none, or it is not theirs to see."""
    hand_off = latest_handoff(session, conversation_id)
    if hand_off is None or not (viewing.sees(hand_off) or hand_off.agent_id == viewing.agent_id):
        return None
    return rows_of(session, [hand_off], viewing, now, rules or routing_rules())[0]


def counts(session: Session, viewing: Viewing, now: datetime) -> Counts:
    """How many conversations each box has."""

    def how_many(box: Box) -> int:
        return int(session.scalar(select(func.count()).select_from(HandOff).where(_in_box(box, viewing))) or 0)

    mine = (
        list(session.scalars(select(HandOff.conversation_id).where(_in_box("mine", viewing))))
        if viewing.agent_id is not None
        else []
    )
    return Counts(
        queue=how_many("queue"),
        left=how_many("left"),
        mine=len(mine),
        unread=sum(unread_of(session, mine).values()),
        all=how_many("all") if viewing.everything else None,
    )


def rows_of(
    session: Session, hand_offs: Sequence[HandOff], viewing: Viewing, now: datetime, rules: RoutingRules
) -> list[ChatRow]:
    """Rows of hand-offs, with all that belongs to them read together."""
    ids = [each.conversation_id for each in hand_offs]
    conversations = _by_id(session, ids)
    names = names_of(session, [agent for each in hand_offs for agent in (each.agent_id, each.wanted_agent_id)])
    last, waiting, unread = last_said(session, ids), waiting_since(session, hand_offs), unread_of(session, ids)
    notes = note_counts(session, ids)
    willing = willingness_now(session, ids)
    products = product_names(session, [each.product_no for each in conversations.values() if each.product_no])
    places = places_of(session, hand_offs, rules, now)
    moods = moods_of(session, ids)
    return [
        _row(
            session,
            each,
            conversations.get(each.conversation_id),
            viewing,
            rules,
            names=names,
            products=products,
            last=last.get(each.conversation_id),
            waiting_since=waiting.get(each.id),
            unread=unread.get(each.conversation_id, 0),
            notes=notes.get(each.conversation_id, 0),
            willing=willing.get(each.conversation_id),
            place=places.get(each.id),
            mood=moods.get(each.conversation_id),
        )
        for each in hand_offs
    ]


def _row(
    session: Session,
    hand_off: HandOff,
    conversation: Conversation | None,
    viewing: Viewing,
    rules: RoutingRules,
    *,
    names: dict[str, str],
    products: dict[str, str],
    last: LastSaid | None,
    waiting_since: datetime | None,
    unread: int,
    notes: int,
    willing: WillingnessNow | None,
    place: tuple[int, timedelta | None] | None,
    mood: str | None,
) -> ChatRow:
    customer_id = (conversation.customer_id if conversation else None) or hand_off.customer_id
    expected = place[1] if place else None
    first_reply_due = None
    if hand_off.state == "taken" and waiting_since is not None and hand_off.assigned_at is not None:
        first_reply_due = max(waiting_since, hand_off.assigned_at) + rules.first_reply
    return ChatRow(
        id=hand_off.conversation_id,
        hand_off=hand_off.id,
        cursor=_cursor(hand_off),
        state=conversation.state if conversation else "closed",
        hand_off_state=hand_off.state,
        channel=hand_off.channel,
        channel_title=CHANNELS.get(hand_off.channel, hand_off.channel),
        entry=conversation.entry if conversation else "shop",
        source=_source(conversation, products),
        customer=customer_shown(session, conversation, customer_id, rules, clear=viewing.clear),
        reason=hand_off.reason,
        reason_title=reason_title(hand_off.reason),
        question=one_line(hand_off.question),
        mood=mood,
        priority=hand_off.priority,
        why_first=list(hand_off.raised_by),
        group=_group(hand_off, rules),
        skill=hand_off.skill,
        language=hand_off.language,
        wants=_named(hand_off.wanted_agent_id, names),
        agent=_named(hand_off.agent_id, names) if hand_off.state in ("taken", "closed") else None,
        position=place[0] if place else None,
        expected_wait=int(expected.total_seconds()) if expected is not None else None,
        queued_at=hand_off.queued_at,
        assigned_at=hand_off.assigned_at,
        wrap_up_at=hand_off.wrap_up_at,
        ended_at=hand_off.ended_at,
        waiting_since=waiting_since,
        first_reply_due=first_reply_due,
        last=last,
        unread=unread,
        willingness=willing,
        note_count=notes,
        summary=hand_off.summary,
        tags=list(hand_off.tags),
    )


def _in_box(box: Box, viewing: Viewing) -> Any:
    state, agent_id, group_id = column(HandOff.state), column(HandOff.agent_id), column(HandOff.group_id)
    if box in ("queue", "left"):
        here = state == ("queued" if box == "queue" else "left")
        if viewing.everything or viewing.groups is None:
            return here
        wanted = column(HandOff.wanted_agent_id) == viewing.agent_id
        return and_(here, or_(group_id.in_(list(viewing.groups)), group_id.is_(None), wanted))
    mine = agent_id == viewing.agent_id
    if box == "mine":
        return and_(state == "taken", mine)
    if box == "all":
        return state == "taken" if viewing.everything else and_(state == "taken", mine)
    return state == "closed" if viewing.everything else and_(state == "closed", mine)


def _paged(query: Any, box: Box, before: str | None) -> Any:
    """In the order of the box, behind a cursor."""
    key: Any = {
        "queue": HandOff.counts_from,
        "left": HandOff.queued_at,
        "mine": HandOff.queued_at,
        "all": HandOff.queued_at,
        "done": HandOff.ended_at,
    }[box]
    row_id = column(HandOff.id)
    place = _read_cursor(before)
    if box == "done":
        if place is not None:
            query = query.where(or_(key < place[0], and_(key == place[0], row_id < place[1])))
        return query.order_by(key.desc(), row_id.desc())
    if place is not None:
        query = query.where(or_(key > place[0], and_(key == place[0], row_id > place[1])))
    return query.order_by(key, row_id)


def _cursor(hand_off: HandOff) -> str:
    if hand_off.state == "closed":
        at = hand_off.ended_at or hand_off.created_at
    else:
        at = hand_off.counts_from if hand_off.state == "queued" else hand_off.queued_at
    return f"{at.isoformat()}|{hand_off.id}"


def _read_cursor(text: str | None) -> tuple[datetime, int] | None:
    if not text:
        return None
    moment, _, row_id = text.rpartition("|")
    try:
        at = datetime.fromisoformat(moment)
        number = int(row_id)
    except ValueError:
        raise ValueError("before is the cursor of a row") from None
    if at.tzinfo is None:
        raise ValueError("before is the cursor of a row")
    return at, number


def _about(words: str) -> Any:
    literal = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = f"%{literal}%"
    named = select(Customer.id).where(column(Customer.nickname).ilike(like, escape="\\"))
    ordered = select(Conversation.id).where(column(Conversation.order_no).ilike(like, escape="\\"))
    return or_(
        column(HandOff.customer_id).ilike(like, escape="\\"),
        column(HandOff.customer_id).in_(named),
        column(HandOff.question).ilike(like, escape="\\"),
        column(HandOff.summary).ilike(like, escape="\\"),
        column(HandOff.conversation_id).in_(ordered),
    )


def _by_id(session: Session, ids: Collection[str]) -> dict[str, Conversation]:
    query = select(Conversation).where(column(Conversation.id).in_(list(ids)))
    return {each.id: each for each in session.scalars(query.execution_options(populate_existing=True))}


def _source(conversation: Conversation | None, products: dict[str, str]) -> Source | None:
    if conversation is None or not (conversation.product_no or conversation.order_no):
        return None
    product_no = conversation.product_no
    return Source(
        product_no=product_no,
        product_name=products.get(product_no or ""),
        order_no=conversation.order_no,
        url=f"/?entry=product&product={product_no}" if product_no else None,
    )


def _group(hand_off: HandOff, rules: RoutingRules) -> Titled | None:
    if hand_off.group_id is None:
        return None
    return Titled(id=hand_off.group_id, title=rules.group(hand_off.group_id).title)


def _named(agent_id: str | None, names: dict[str, str]) -> Named | None:
    return Named(id=agent_id, name=names.get(agent_id, agent_id)) if agent_id else None
