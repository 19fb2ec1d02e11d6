"""Routes beside the chat: suggested answers, and the search for others."""

from __future__ import annotations

import time
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.beside import knowledge as looked_up
from sixty.desk.beside import suggesting
from sixty.desk.beside.knowledge import Knowledge
from sixty.desk.beside.knowledge_entries import KINDS
from sixty.desk.beside.looking_turn import forgetting_session
from sixty.desk.beside.reply_variables import fill, known_of
from sixty.desk.beside.route_parts import Chat, subject_here
from sixty.desk.beside.suggestion_uses import How, message_of, note_use
from sixty.desk.workbench.access import agent_of, reachable
from sixty.desk.workbench.answers import answer, doing, done
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.ledger.models import Message
from sixty.settings import project_root
from sixty.tables import column

router = APIRouter()

_MOST = 50
_LINES = 40
# Lines that want no answer: the question in front of them is what is still open.
_ASKS_NOTHING = frozenset({"ask_human", "affirm", "deny", "thank", "greet", "goodbye", "chitchat"})


class UsedForm(BenchForm):
    """What was made of a suggestion."""

    how: How


@lru_cache(maxsize=4)
def _knowledge(url: str, playbook: Path, project: Path, reading: Any) -> Knowledge:
    return Knowledge(reading, playbook, project)


def knowledge_of(bench: Workbench) -> Knowledge:
    """The knowledge of the deployment, one index a process."""
    settings = bench.settings
    return _knowledge(settings.database_url, settings.playbook, project_root(), bench.reading)


@router.get("/chats/{chat}/suggestions")
def suggestions(
    chat: Chat, staff: Signed, bench: Bench, message: Annotated[int | None, Query(ge=1, le=2**53)] = None
) -> JSONResponse:
    """Answers to a customer's line; to their newest open question where none is named."""
    staff.needs("chat.take")
    now = bench.now()
    with bench.reading() as session, doing(session):
        reachable(session, staff, chat)
        line = _line(session, chat, message)
        if line is None:
            return answer({"message": message, "answers": [], "next": [], "as_of": now, "pending": False})
        subject = subject_here(session, bench, chat)
        found = suggesting.suggest(
            session,
            subject,
            line,
            knowledge_of(bench),
            now,
            account_id=staff.account_id,
            known=known_of(session, subject, staff.agent_id, now),
            trial=partial(forgetting_session, bench.settings.database_url),
        )
    return answer(suggesting.shown(found, now), 202 if found.pending else 200)


@router.post("/chats/{chat}/suggestions/{suggestion}/used")
def suggestion_used(
    chat: Chat,
    suggestion: Annotated[str, PathParameter(max_length=64)],
    staff: Signed,
    form: Annotated[UsedForm, Depends(given(UsedForm))],
    bench: Bench,
) -> Response:
    """Says what an agent made of a suggestion; the first word counts."""
    agent_id = agent_of(staff)
    made_for = message_of(suggestion)
    with bench.writing() as session, doing(session):
        reachable(session, staff, chat)
        line: Message | None = session.get(Message, made_for) if made_for is not None else None
        if line is None or line.conversation_id != chat:
            raise LookupError(f"there is no suggestion {suggestion} here")
        note_use(session, chat, line.id, suggestion, agent_id, form.how, bench.now())
    return done()


@router.get("/search")
def search(
    staff: Signed,
    bench: Bench,
    q: Annotated[str, Query(min_length=1, max_length=100)],
    kinds: Annotated[str, Query(max_length=100)] = ",".join(KINDS),
    chat: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 20,
) -> JSONResponse:
    """Looks up products, answers, policies and quick replies."""
    began = time.perf_counter()
    wanted = [kind for kind in KINDS if kind in kinds.split(",")]
    found = [looked_up.shown(hit) for hit in knowledge_of(bench).search(q, wanted, staff.account_id, limit)]
    if chat is not None and any(each["kind"] == "quick_reply" for each in found):
        with bench.reading() as session, doing(session):
            reachable(session, staff, chat)
            known = known_of(session, subject_here(session, bench, chat), staff.agent_id, bench.now())
        for each in found:
            if each["kind"] == "quick_reply":
                each["text"] = fill(each["text"], known).text or each["text"]
    return answer({"hits": found, "took_ms": round((time.perf_counter() - began) * 1000, 1)})


def _line(session: Session, chat: str, message_id: int | None) -> Message | None:
    """The line that is to be answered."""
    if message_id is not None:
        named: Message | None = session.get(Message, message_id)
        if named is None or named.conversation_id != chat or named.author != "customer":
            raise LookupError(f"there is no line {message_id} of the customer here")
        return named
    query = (
        select(Message)
        .where(
            column(Message.conversation_id) == chat,
            column(Message.author) == "customer",
            column(Message.kind).in_(("text", "tap")),
        )
        .order_by(column(Message.id).desc())
        .limit(_LINES)
    )
    newest = list(session.scalars(query))
    asking = (each for each in newest if (each.understood or {}).get("intent") not in _ASKS_NOTHING)
    return next(asking, newest[0] if newest else None)
