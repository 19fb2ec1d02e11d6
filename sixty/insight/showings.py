"""Which capsules customers saw and tapped, worked out from the ledger: what `sixty report capsules` counts.

A capsule counts as shown when the message with it was written, whoever looked at it. A tap belongs to the showing that
was tapped, however long ago that was; the first one counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from sixty.insight.gathering import messages_from
from sixty.insight.models import Arm, CapsuleShowing, ShownBy, Visit
from sixty.insight.turns import Said, question_of_payload
from sixty.ledger.replying import OFFERED

_SHOWINGS: Any = CapsuleShowing.__table__
_VISITS: Any = Visit.__table__
# SQLite takes so many values in a statement at least.
_AT_ONCE = 400

_TAPPED = (
    update(_SHOWINGS)
    .where(
        _SHOWINGS.c.message_id == bindparam("of_message"),
        _SHOWINGS.c.position == bindparam("of_position"),
        or_(_SHOWINGS.c.tapped_message_id.is_(None), _SHOWINGS.c.tapped_message_id > bindparam("by_message")),
    )
    .values(tapped_at=bindparam("moment"), tapped_message_id=bindparam("by_message"))
)


@dataclass(frozen=True)
class Showing:
    """A capsule that was shown; the fields are those of `sixty.insight.models.CapsuleShowing`."""

    message_id: int
    position: int
    question: str
    title: str
    source: ShownBy
    arm: Arm
    category: str | None
    entry: str | None
    phase: str | None
    after: str
    shown_at: datetime


@dataclass(frozen=True)
class Tap:
    """A tap on a choice of a message.

    Attributes:
        message_id: The message that showed it.
        position: The choice's place there, from 0.
        by: The customer's message that the tap was.
        at: When.
    """

    message_id: int
    position: int
    by: int
    at: datetime


def showings_of(said: Iterable[Said]) -> Iterator[Showing]:
    """The capsules that messages pushed; choices of the bot's own, such as orders to pick from, are none."""
    for each in said:
        offered = each.payload.get(OFFERED)
        if each.author == "customer" or not isinstance(offered, Mapping):
            continue
        sources = offered.get("sources") or ()
        arm: Arm = "quiet" if offered.get("arm") == "quiet" else "pushes"
        for position, (capsule, source) in enumerate(zip(each.payload.get("capsules") or (), sources, strict=False)):
            question = asked_by(str(capsule.get("payload") or ""))
            if source in get_args(ShownBy) and question is not None:
                yield Showing(
                    message_id=each.id,
                    position=position,
                    question=question,
                    title=str(capsule.get("title") or "")[:64],
                    source=source,
                    arm=arm,
                    category=_word(offered.get("category"), 32),
                    entry=_word(offered.get("entry"), 16),
                    phase=_word(offered.get("phase"), 16),
                    after=_word(offered.get("after"), 97) or "",
                    shown_at=each.at,
                )


def taps_of(said: Sequence[Said]) -> Iterator[Tap]:
    """What customers tapped, as far as it is known which message showed it."""
    for each in said:
        tap = each.payload.get("tap")
        if each.author == "customer" and isinstance(tap, Mapping):
            shown = tap.get("shown")
            if isinstance(shown, Sequence) and len(shown) == 2:
                yield Tap(int(shown[0]), int(shown[1]), each.id, each.at)


def follow_showings(session: Session, conversation_ids: Collection[str], from_id: int = 0) -> int:
    """Writes down what conversations showed and what came of it; doing so again changes nothing.

    Args:
        session: A session that may write; the visits of these conversations stand there already.
        conversation_ids: The conversations.
        from_id: Only what was said from this message on, such as the first of a visit.

    Returns:
        How many capsules were shown.
    """
    count = 0
    for conversation_id in sorted(set(conversation_ids)):
        said = messages_from(session, conversation_id, from_id)
        rows = [{"conversation_id": conversation_id, **asdict(each)} for each in showings_of(said)]
        if rows:
            session.execute(_add(session), rows)
        taps = [
            {"of_message": tap.message_id, "of_position": tap.position, "by_message": tap.by, "moment": tap.at}
            for tap in taps_of(said)
        ]
        if taps:
            session.execute(_TAPPED, taps)
        count += len(rows)
    _join_visits(session, sorted(set(conversation_ids)), from_id)
    return count


def asked_by(payload: str) -> str | None:
    """The question of a capsule by what a tap on it sends; also of those that ask for a person."""
    question = question_of_payload(payload)
    if question is not None:
        return question
    intent = payload.strip().partition("{")[0].strip()
    return intent[1:98] if intent.startswith("/") and len(intent) > 1 else None


def _add(session: Session) -> Any:
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert: Any = postgresql.insert if on_postgresql else sqlite.insert
    return insert(_SHOWINGS).on_conflict_do_nothing(index_elements=["message_id", "position"])


def _join_visits(session: Session, conversation_ids: Sequence[str], from_id: int) -> None:
    """Says to which visit each showing belongs, and whether an order came of that visit afterwards."""
    own = (
        select(_VISITS.c.id)
        .where(
            _VISITS.c.conversation_id == _SHOWINGS.c.conversation_id,
            _VISITS.c.first_message_id <= _SHOWINGS.c.message_id,
        )
        .order_by(_VISITS.c.first_message_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    ordered = (
        select(_VISITS.c.ordered_at)
        .where(_VISITS.c.id == _SHOWINGS.c.visit_id, _VISITS.c.ordered_at >= _SHOWINGS.c.shown_at)
        .scalar_subquery()
    )
    for start in range(0, len(conversation_ids), _AT_ONCE):
        some = _SHOWINGS.c.conversation_id.in_(conversation_ids[start : start + _AT_ONCE])
        there = some & (_SHOWINGS.c.message_id >= from_id)
        for values in ({"visit_id": own}, {"ordered_at": ordered}):
            session.execute(update(_SHOWINGS).where(there).values(**values))


def _word(value: object, longest: int) -> str | None:
    return value[:longest] if isinstance(value, str) and value else None
