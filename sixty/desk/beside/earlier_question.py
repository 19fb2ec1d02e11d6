"""What a line leans on: the question before it that nobody has settled, and what was said to the customer last.

To a person customers write in pieces: the wish, then the order's number, a name, a yes. Such a line means what the
conversation is about, not what its own few signs look like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.beside.heard import FALLBACK, OTHERS
from sixty.ledger.models import Message
from sixty.tables import column

_LINES = 12
# Nothing is asked by these; what was asked before them still stands.
_ASK_NOTHING = frozenset(
    {
        *("inform", "affirm", "deny", "greet", "thank", "chitchat", "ask_human", "out_of_scope", FALLBACK),
        *("opened", "session_start", "complain", "leave_queue", "return_to_bot"),
    }
)
# With these a conversation has come to its end: what is asked behind them is something new.
_ENDS = frozenset({"goodbye", "thank"})
_LIKELY = 0.3
# What staff say while they look something up.
_LOOKING = ("稍等", "查一下", "查询", "核实", "等我", "看一下", "帮您看", "帮您问")
# "还有别的问题吗" asks for nothing that a yes would set off.
_WANTS_A_YES = re.compile(
    r"^(?!.*(还有|其他|别的)).*(吗|吧|行不|可以么|好么|对么|是么)[呢哈哦呀～~]*[？?。！!～~ ]*$", re.DOTALL
)


@dataclass(frozen=True)
class Before:
    """What a customer's line comes after.

    Attributes:
        intent: What the conversation is still about; None when nothing is open.
        sure: How likely it is that the line before meant it.
        told: Whether somebody of the shop has said something before it.
        asked: Whether that asks the customer for a yes.
        looked_up: Whether that says that something is being looked up.
    """

    intent: str | None = None
    sure: float = 0.0
    told: bool = False
    asked: bool = False
    looked_up: bool = False


def before(session: Session, message: Message) -> Before:
    """Reads what a customer's line comes after.

    Args:
        session: Any session.
        message: The line.
    """
    query = (
        select(Message)
        .where(column(Message.conversation_id) == message.conversation_id, column(Message.id) < message.id)
        .order_by(column(Message.id).desc())
        .limit(_LINES)
    )
    return read_before(list(session.scalars(query)))


def read_before(lines: Sequence[Message]) -> Before:
    """As `before`, of the lines before, the newest first."""
    told = next((line.text for line in lines if line.author in ("agent", "bot") and line.text), "")
    said = Before(
        told=bool(told),
        asked=_WANTS_A_YES.search(told) is not None,
        looked_up=any(words in told for words in _LOOKING),
    )
    for line in lines:
        if line.author != "customer":
            continue
        intent, sure = _asked(line)
        if intent is not None:
            return replace(said, intent=intent, sure=sure)
        if str((line.understood or {}).get("intent")) in _ENDS:
            break
    return said


def _asked(line: Message) -> tuple[str | None, float]:
    """What a line asks, likely enough to be gone by."""
    understood = line.understood or {}
    heard = [(str(understood.get("intent")), float(understood.get("confidence") or 0.0))]
    heard += [(str(each.get("intent")), float(each.get("confidence") or 0.0)) for each in understood.get(OTHERS) or ()]
    for intent, sure in heard:
        if intent == FALLBACK:
            continue
        return (intent, sure) if intent not in _ASK_NOTHING and intent not in _ENDS and sure >= _LIKELY else (None, 0.0)
    return None, 0.0
