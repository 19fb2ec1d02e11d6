"""Chats for the rules of inspection, by short words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sixty.desk.inspection.chat import Chat, Line, ProductPrices
from sixty.desk.inspection.checking import check
from sixty.desk.inspection.promises_kept import Promised
from sixty.desk.inspection.rules import InspectionRules, read_inspection
from sixty.settings import project_root

BEGAN = datetime(2026, 8, 18, 2, 0, tzinfo=timezone.utc)
LATER = BEGAN + timedelta(days=9)
WHO = {"C": "customer", "A": "agent", "B": "bot"}


def rules() -> InspectionRules:
    """The playbook's own."""
    found = read_inspection(project_root() / "playbook")
    assert found is not None
    return found


def chat(*said: str, pause: int = 20, **known: Any) -> Chat:
    """A chat of lines such as `A 您好`; `A+300 …` came so many seconds behind the one before."""
    lines = []
    at = BEGAN
    moods = known.pop("moods", {})
    for number, each in enumerate(said, start=1):
        who, _, text = each.partition(" ")
        author, _, seconds = who.partition("+")
        at += timedelta(seconds=int(seconds or pause))
        lines.append(
            Line(
                id=number,
                author=WHO[author],  # type: ignore[arg-type]
                text=text,
                at=at,
                agent_id="li" if author == "A" else None,
                mood=moods.get(number),
            )
        )
    values: dict[str, Any] = {
        "conversation_id": "c" * 8,
        "who": "person",
        "agent_id": "li",
        "channel": "web",
        "began_at": BEGAN,
        "ended_at": at + timedelta(seconds=10),
        "lines": lines,
    }
    return Chat(**{**values, **known})


def product(no: str, *called: str, prices: Sequence[int], before: int, words: tuple[str, ...] = ()) -> ProductPrices:
    """A product with one variant."""
    return ProductPrices(
        no, (no, *called), {words: frozenset(map(Decimal, prices))}, {words: frozenset({Decimal(before)})}
    )


def found(made: Chat, promises: Sequence[Promised] = (), now: datetime = LATER) -> list[tuple[str, int | None]]:
    """The rules that find something, each with the number of the line."""
    checked = check(made, rules(), promises, now)
    return [(each.rule, each.found.line.id if each.found.line else None) for each in checked.findings]


def about(rule: str, made: Chat, promises: Sequence[Promised] = (), now: datetime = LATER) -> list[int | None]:
    """The lines in which one rule finds something."""
    return [line for name, line in found(made, promises, now) if name == rule]
