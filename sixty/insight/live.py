"""The golden minute of a conversation as it is now, for an action that is about to answer and for the workbench.

It reads the rows of the running visit, some dozens, and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.insight.arms import arm_of, control_share
from sixty.insight.attribution import Bought, attribute
from sixty.insight.clock import segment_of
from sixty.insight.gathering import deeds_of, goods_of, joined_of, latest_visit, orders_of
from sixty.insight.lines import line_of
from sixty.insight.models import Arm, Line, Segment, Visit
from sixty.insight.rules import WillingnessRules, willingness_rules
from sixty.insight.turns import REFUSALS, Page, Said, Turn, is_turn, turns_of
from sixty.insight.willingness import Deed, Reason, willingness_of
from sixty.insight.working_out import handed_over, span_of
from sixty.ledger.happenings import understood_in
from sixty.ledger.models import OPEN_STATES
from sixty.tables import column


@dataclass(frozen=True)
class Minute:
    """Where a conversation stands.

    Attributes:
        arm: Whether the bot may offer something by itself.
        segment: How far the golden minute is.
        seconds: Since the customer's first message of the visit.
        score: Willingness to buy, 0 … 1.
        reasons: What moved it, in order.
        line: The line so far; None while nothing was asked that leads to buying.
        visit_id: The row of `visit`, once it is written.
        first_message_id: The first message of the visit, whoever wrote it.
        started_at: When that was.
        last_message_id: The customer's last message.
        last_at: When anybody wrote last.
        turns: How many messages the customer wrote in this visit.
        questions: How many of them asked something.
        asked: What was asked, in order.
        answered: What of it was answered.
        category: Of what it is about now.
        product_no: What it is about now.
        refused: How often the customer said no: to an offer, to buying, to being written to.
        angry: How many of the customer's messages were angry.
        mood: Of the customer's last message: `negative`, `angry` or `abandoning`.
        handed_over: Whether a person was called or came.
        ordered: Whether an order counts for this visit.
        kept: Whether the customer joined one of the shop's own channels.
    """

    conversation_id: str
    arm: Arm = "pushes"
    segment: Segment = "ask"
    seconds: float = 0.0
    score: float = 0.5
    reasons: tuple[Reason, ...] = ()
    line: Line | None = None
    visit_id: int | None = None
    first_message_id: int | None = None
    started_at: datetime | None = None
    last_message_id: int | None = None
    last_at: datetime | None = None
    turns: int = 0
    questions: int = 0
    asked: tuple[str, ...] = ()
    answered: frozenset[str] = frozenset()
    category: str | None = None
    product_no: str | None = None
    refused: int = 0
    angry: int = 0
    mood: str | None = None
    handed_over: bool = False
    ordered: bool = False
    kept: bool = False


def minute_of(
    session: Session,
    conversation_id: str,
    now: datetime,
    latest: Mapping[str, Any] | None = None,
    rules: WillingnessRules | None = None,
    share: float | None = None,
) -> Minute:
    """Works out where a conversation stands.

    Args:
        session: Any session.
        conversation_id: The conversation; of one that never came through the front door nothing is known.
        now: The present moment.
        latest: What was understood of the message that is being dealt with (text, intent, entities, as Rasa parses a
            message): the ledger is told of it only afterwards.
        rules: The merchant's; the playbook's when left out.
        share: Of quiet conversations; the deployment's when left out.
    """
    rules = rules or willingness_rules()
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    said = latest_visit(session, conversation_id, rules.pause)
    if said and now - said[-1].at > rules.pause:
        said = []
    entry = conversation.entry if conversation else None
    customer_id = conversation.customer_id if conversation else None
    arm: Arm = "pushes"
    if conversation is not None:
        arm = arm_of(conversation_id, control_share() if share is None else share)
    if not said:
        nothing = willingness_of((), (), rules, entry)
        return Minute(conversation_id, arm, score=nothing.score)
    if latest is not None:
        said = _told(said, latest)
    page = conversation.product_no if conversation else None
    turns = turns_of(said, goods_of(session, said, [page]), [Page(0, entry, page)])
    began = turns[0].at if turns else said[0].at
    bought: tuple[Bought, ...] = ()
    span = span_of(said, turns)
    if customer_id is not None and span is not None:
        placed = orders_of(session, [customer_id], began, now).get(customer_id, [])
        bought = attribute(placed, [span], rules.orders).get(said[0].id, ())
    joined = [each for each in joined_of(session, [conversation_id]).get(conversation_id, []) if each.at >= began]
    deeds = [
        *deeds_of(session, customer_id, began, now),
        *joined,
        *(Deed(each.at, "ordered", each.no) for each in bought),
    ]
    willingness = willingness_of(turns, deeds, rules, entry)
    visits = select(Visit.id).where(column(Visit.first_message_id) == said[0].id)
    return _minute(
        Minute(
            conversation_id,
            arm,
            score=willingness.score,
            reasons=willingness.reasons,
            visit_id=session.scalar(visits),
            first_message_id=said[0].id,
            started_at=said[0].at,
            last_at=said[-1].at,
            seconds=max(0.0, (now - began).total_seconds()) if turns else 0.0,
            handed_over=handed_over(said, turns),
            ordered=bool(bought),
            kept=bool(joined),
        ),
        turns,
        rules,
        line_of(turns, willingness, bought, bool(joined), rules, turns[-1].category if turns else None),
    )


def _minute(minute: Minute, turns: tuple[Turn, ...], rules: WillingnessRules, line: Line | None) -> Minute:
    if not turns:
        return minute
    last = turns[-1]
    asked = tuple(turn.question for turn in turns if turn.question is not None)
    return replace(
        minute,
        segment=segment_of(turns, minute.seconds, rules.clock, last.category),
        line=line,
        last_message_id=last.message_id,
        turns=len(turns),
        questions=len(asked),
        asked=asked,
        answered=frozenset(turn.question for turn in turns if turn.question is not None and turn.was_answered),
        category=last.category,
        product_no=last.product_no,
        refused=sum(turn.intent in REFUSALS for turn in turns),
        angry=sum(turn.mood == "angry" for turn in turns),
        mood=last.mood,
    )


def _told(said: list[Said], latest: Mapping[str, Any]) -> list[Said]:
    """The messages, with what was understood of the one that is being dealt with."""
    meaning = understood_in({"parse_data": latest})
    for place in range(len(said) - 1, -1, -1):
        each = said[place]
        if is_turn(each) and each.state in OPEN_STATES and each.understood is None:
            return [*said[:place], replace(each, understood=meaning), *said[place + 1 :]]
        if is_turn(each):
            break
    return said
