"""The demo shop's conversations of the past, so that a new workbench has something to show.

Nobody can sign in as those who had them: they have no accounts and have left. What is written here has been read and
answered long ago; nothing of it is sent to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, root_validator, validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, add_agent
from sixty.desk.assignments import Assignment
from sixty.desk.beside.ratings import Satisfaction
from sixty.desk.conversations import Conversation, ConversationChange, Where, Who, begin
from sixty.desk.handoff_rows import HandOff
from sixty.desk.notes import DeskNote
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.shop.located import FilesError, Located, Problem, read_document
from sixty.shop.models import Customer, Order, Product

CHATS_FILE = "chats.yml"

_AUTHORS = {"顾客": "customer", "机器人": "bot", "客服": "agent"}
_SPAN = re.compile(r"([1-9][0-9]{0,3})([hd])")
# From one line to the next, in turn: nobody writes by the clock.
_PAUSES = (14, 22, 41, 17, 33, 26, 52, 19)
_KNOWN_FOR = timedelta(days=30)


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid


class AgentEntry(_Entry):
    """Somebody who worked here."""

    id: str
    name: str


class ChatEntry(_Entry):
    """One conversation."""

    begun: str
    customer: str | None = None
    visitor: str | None = None
    product: str | None = None
    order: str | None = None
    reason: str
    intent: str
    after: int = Field(ge=1)
    agent: str | None = None
    group: str
    lines: list[dict[str, str]] = Field(min_items=1)
    end: Literal["solved", "to_bot", "left"]
    summary: str = ""
    tags: list[str] = []
    score: int | None = Field(default=None, ge=1, le=5)
    note: str | None = None

    @validator("begun")
    def _a_span(cls, text: str) -> str:
        if not _SPAN.fullmatch(text):
            raise ValueError(f"{text} is no span of time: write it as 3h or 2d")
        return text

    @validator("lines", each_item=True)
    def _one_author(cls, line: dict[str, str]) -> dict[str, str]:
        if len(line) != 1 or next(iter(line)) not in _AUTHORS:
            raise ValueError(f"a line begins with one of {', '.join(_AUTHORS)}")
        return line

    @root_validator(skip_on_failure=True)
    def _somebody(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["customer"] is None) == (values["visitor"] is None):
            raise ValueError("it is with a customer or with a visitor: write one of the two")
        if (values["end"] == "left") != (values["agent"] is None):
            raise ValueError("a message left has no agent yet, every other conversation has one")
        return values


class ChatsEntry(_Entry):
    """The file."""

    agents: list[AgentEntry]
    chats: list[ChatEntry]


def check_demo_chats(file: Path, problems: list[Problem]) -> Located[ChatsEntry] | None:
    """Reads the file; what is wrong goes into `problems`. A demo without it has no past."""
    if not file.exists():
        return None
    found = read_document(file, ChatsEntry, problems)
    if found is None:
        return None
    known = {each.id for each in found.entry.agents}
    for number, chat in enumerate(found.entry.chats):
        if chat.agent is not None and chat.agent not in known:
            remedy = f"add them to agents, or name one of {', '.join(sorted(known))}"
            problems.append(found.problem(f"there is no agent {chat.agent}", remedy, "chats", number, "agent"))
        if chat.after > len(chat.lines):
            remedy = f"there are {len(chat.lines)} lines"
            problems.append(found.problem(f"after is {chat.after}", remedy, "chats", number, "after"))
    return found


def add_demo_chats(session: Session, folder: Path, now: datetime) -> int:
    """Writes the demo's conversations, once.

    Args:
        session: A session that may write, on a database with the demo shop.
        folder: The folder of the demo's files.
        now: The present moment, from which their times count back.

    Returns:
        How many; 0 where there are conversations already.

    Raises:
        FilesError: The file is wrong.
    """
    problems: list[Problem] = []
    found = check_demo_chats(folder / CHATS_FILE, problems)
    if problems:
        raise FilesError(problems)
    if found is None or session.scalar(select(Conversation.id).limit(1)) is not None:
        return 0
    agents = {each.id: _agent_who_has_left(session, each, now) for each in found.entry.agents}
    for chat in found.entry.chats:
        _add(session, chat, agents, now)
    return len(found.entry.chats)


def _agent_who_has_left(session: Session, entry: AgentEntry, now: datetime) -> Agent:
    there: Agent | None = session.get(Agent, entry.id)
    agent = there or add_agent(session, entry.id, entry.name, now)
    # Nobody is there yet in a new shop, whatever its past: who wants a person waits as in one without agents.
    agent.active = False
    session.flush()
    return agent


def _add(session: Session, chat: ChatEntry, agents: dict[str, Agent], now: datetime) -> None:
    at = now - _span(chat.begun)
    conversation = _conversation(session, chat, at)
    moments = list(_moments(at, len(chat.lines)))
    called = moments[chat.after - 1]
    agent = agents[chat.agent] if chat.agent is not None else None
    for line, moment in zip(chat.lines, moments, strict=True):
        author, text = next(iter(line.items()))
        _say(session, conversation.id, author, text, chat, moment, agent, to_person=moment > called)
    conversation.last_at = moments[-1]
    ended = moments[-1] + timedelta(seconds=40) if agent is not None else None
    answered = called + timedelta(seconds=9)
    hand_off = HandOff(
        conversation_id=conversation.id,
        channel="web",
        customer_id=chat.customer,
        reason=chat.reason,
        question=_question(chat),
        context={"intents": [chat.intent], "slots": {"product_no": conversation.product_no}},
        state="closed" if agent is not None else "left",
        created_at=called,
        group_id=chat.group,
        language="zh",
        region=conversation.region,
        priority=0,
        raised_by=[],
        counts_from=called,
        queued_at=called,
        agent_id=agent.id if agent is not None else None,
        assigned_at=answered if agent is not None else None,
        ended_at=ended,
        end=chat.end if agent is not None else None,
        summary=chat.summary,
        tags=list(chat.tags),
    )
    session.add(hand_off)
    session.flush()
    _moves(session, conversation, called, answered, ended, agent)
    if agent is not None:
        session.add(
            Assignment(
                hand_off_id=hand_off.id,
                conversation_id=conversation.id,
                agent_id=agent.id,
                by="system",
                why="routed",
                note="",
                at=answered,
                until=ended,
                left_for="ended",
            )
        )
        if chat.note is not None:
            about: Literal["chat", "customer"] = "customer" if chat.customer else "chat"
            session.add(
                DeskNote(
                    conversation_id=conversation.id,
                    customer_id=chat.customer,
                    agent_id=agent.id,
                    about=about,
                    text=chat.note,
                    at=moments[-1],
                )
            )
        if chat.score is not None and ended is not None:
            _rate(session, hand_off, chat.score, ended)
    session.flush()


def _conversation(session: Session, chat: ChatEntry, at: datetime) -> Conversation:
    customer: Customer | None = session.get(Customer, chat.customer) if chat.customer else None
    who = Who(customer.id, customer.level, customer.region, at + _KNOWN_FOR) if customer is not None else Who()
    product = chat.product if chat.product and session.get(Product, chat.product) else None
    order = chat.order if chat.order and session.get(Order, chat.order) else None
    where = Where("product" if product else "order" if order else "shop", product, order)
    visitor = chat.visitor or f"demo-{chat.customer}"
    return begin(session, "web", at, visitor_id=visitor, who=who, where=where)[0]


def _say(
    session: Session,
    conversation_id: str,
    who: str,
    text: str,
    chat: ChatEntry,
    at: datetime,
    agent: Agent | None,
    to_person: bool,
) -> None:
    author = _AUTHORS[who]
    values: dict[str, Any] = {"author": author, "state": "read", "delivered_at": at, "read_at": at}
    if author == "customer":
        state = "to_person" if to_person and agent is not None else "answered"
        understood = {"intent": chat.intent, "confidence": 0.9}
        values = {"author": author, "state": state, "handled_at": at, "read_at": at, "understood": understood}
    elif author == "agent" and agent is not None:
        values["payload"] = {"agent": agent.id, "from": {"name": agent.name}}
    session.add(
        Message(
            **blank_message(conversation_id=conversation_id, channel="web", kind="text", text=text, at=at, **values)
        )
    )
    session.flush()


def _moves(
    session: Session,
    conversation: Conversation,
    called: datetime,
    answered: datetime,
    ended: datetime | None,
    agent: Agent | None,
) -> None:
    moves: list[tuple[str, str, str, str, datetime]] = []
    if agent is not None and ended is not None:
        moves = [
            ("bot", "queued", "bot", "asked_for", called),
            ("queued", "assigned", "system", "routed", answered),
            ("assigned", "closed", agent.id, "closed", ended),
        ]
    for before, after, by, why, at in moves:
        session.add(
            ConversationChange(conversation_id=conversation.id, before=before, after=after, by=by, why=why, at=at)
        )
    conversation.state = "closed" if agent is not None else "bot"


def _rate(session: Session, hand_off: HandOff, score: int, ended: datetime) -> None:
    session.add(
        Satisfaction(
            conversation_id=hand_off.conversation_id,
            hand_off_id=hand_off.id,
            agent_id=hand_off.agent_id,
            customer_id=hand_off.customer_id,
            by="agent",
            asked_at=ended,
            score=score,
            tags=[],
            text="",
            rated_at=ended + timedelta(minutes=1),
        )
    )


def _question(chat: ChatEntry) -> str:
    said = [line["顾客"] for line in chat.lines[: chat.after] if "顾客" in line]
    return said[-1] if said else next(iter(chat.lines[0].values()))


def _moments(begun: datetime, count: int) -> Iterator[datetime]:
    at = begun
    for number in range(count):
        yield at
        at += timedelta(seconds=_PAUSES[number % len(_PAUSES)])


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    assert found is not None
    return timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))
