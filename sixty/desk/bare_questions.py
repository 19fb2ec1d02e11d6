"""Lines that say nothing by themselves, such as 第二个: agents read them behind the question that they answer."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.inspection.courtesy import is_courtesy
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT
from sixty.nlu.normal_form import normal_form
from sixty.tables import column

_NUMBER = r"[一二两三四五六七八九十\d]{1,2}"
_COUNTER = r"[个款件种条双套支瓶包单]"
_PICK = re.compile(
    rf"(?:我|就|要|选|看|买|那|还是|是)*"
    rf"(?:第{_NUMBER}{_COUNTER}?|[上下前后]面?那?一?{_COUNTER}|[这那]一?{_COUNTER}|最后一?{_COUNTER}|前者|后者|左边|右边|{_NUMBER}号?|[a-z])"
    r"(?:吧|的|呢|呀|哦|啊|啦|了|就行|就好)*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[\s,。.!?~…、;:]+")
_LOOKED_AT = 12


def is_bare(text: str) -> bool:
    """Whether a line only picks one of several things, or is a courtesy."""
    plain = normal_form(text)
    return is_courtesy(plain) or _PICK.fullmatch(_MARKS.sub("", plain)) is not None


def full_question(session: Session, conversation_id: str, question: str, until: datetime) -> str:
    """A question with what it refers to.

    Args:
        session: Any session.
        conversation_id: Where it was asked.
        question: The customer's last line, as the hand-off has it.
        until: When the hand-off was made: what was written later is no part of it.

    Returns:
        The question itself; where it is bare, the last full line in front of it, with what was picked. Where there is
        none, the question as it is.
    """
    if not is_bare(question):
        return question
    query = (
        select(Message.text)
        .where(
            column(Message.conversation_id) == conversation_id,
            column(Message.author) == "customer",
            column(Message.kind).notin_(SILENT),
            column(Message.at) <= until,
        )
        .order_by(column(Message.id).desc())
        .limit(_LOOKED_AT)
    )
    full = next((str(text) for text in session.scalars(query) if text and not is_bare(text)), None)
    if full is None:
        return question
    picked = question.strip()
    return full if is_courtesy(normal_form(picked)) else f"{full}（选了：{picked}）"
