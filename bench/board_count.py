"""Counts a day by itself: from the raw rows and the script, by what the playbook means, with none of the code counted.

It reads the tables with plain SQL and sweeps over the moments at which the desk ticked.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from statistics import fmean
from typing import Any

Alarms = set[tuple[str, str, datetime, datetime | None]]

_OPENS, _CLOSES = 9, 22
_CHINA = timedelta(hours=8)
_MINUTES_GIVEN = {"callback": 120, "complaint": 240}


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def _sure(text: str) -> datetime:
    found = _at(text)
    assert found is not None
    return found


@dataclass
class Held:
    """That an agent had a conversation."""

    id: int
    hand_off: int
    chat: str
    agent: str
    start: datetime
    end: datetime | None
    left_for: str | None

    def has(self, at: datetime) -> bool:
        """Whether it was with them at a moment."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass
class Raw:
    """The rows."""

    held: list[Held]
    lines: dict[str, list[tuple[int, str, datetime, str | None, bool]]]
    queued: list[tuple[datetime, datetime | None, str]]
    hand_offs: list[dict[str, Any]]
    scores: list[tuple[datetime, int, str | None, int]]
    tickets: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    first_written: dict[str, datetime] = field(default_factory=dict)


def read(file: str) -> Raw:
    """Reads them."""
    base = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    base.row_factory = sqlite3.Row
    held = [
        Held(
            row["id"],
            row["hand_off_id"],
            row["conversation_id"],
            row["agent_id"],
            _sure(row["at"]),
            _at(row["until"]),
            row["left_for"],
        )
        for row in base.execute("SELECT * FROM assignment ORDER BY at, id")
    ]
    lines: dict[str, list[tuple[int, str, datetime, str | None, bool]]] = defaultdict(list)
    first: dict[str, datetime] = {}
    for row in base.execute(
        "SELECT id, conversation_id, author, at, payload, understood FROM message"
        " WHERE author IN ('customer', 'agent') AND kind NOT IN ('opened', 'returned') ORDER BY id"
    ):
        who = json.loads(row["payload"] or "{}").get("agent") if row["author"] == "agent" else None
        angry = '"angry"' in (row["understood"] or "")
        lines[row["conversation_id"]].append((row["id"], row["author"], _sure(row["at"]), who, angry))
        if row["author"] == "customer":
            first.setdefault(row["conversation_id"], _sure(row["at"]))
    queued: list[tuple[datetime, datetime | None, str]] = []
    since: dict[str, datetime] = {}
    for row in base.execute("SELECT * FROM conversation_change ORDER BY id"):
        if row["before"] == "queued" and row["conversation_id"] in since:
            queued.append((since.pop(row["conversation_id"]), _sure(row["at"]), row["conversation_id"]))
        if row["after"] == "queued":
            since[row["conversation_id"]] = _sure(row["at"])
    queued += [(start, None, chat) for chat, start in since.items()]
    rows = {name: [dict(row) for row in base.execute(f"SELECT * FROM {name}")] for name in _WHOLE}  # noqa: S608
    groups = {row["id"]: row["group_id"] for row in rows["hand_off"]}
    scores = [
        (_sure(row["rated_at"]), row["score"], groups.get(row["hand_off_id"]), row["hand_off_id"])
        for row in rows["satisfaction"]
        if row["rated_at"] is not None
    ]
    base.close()
    return Raw(
        held,
        lines,
        sorted(queued, key=lambda each: each[0]),
        rows["hand_off"],
        sorted(scores),
        rows["ticket"],
        rows["alarm"],
        first,
    )


_WHOLE = ("hand_off", "satisfaction", "ticket", "alarm")


def due_of(type_id: str, raised: datetime) -> datetime:
    """When a ticket has to be done: minute by minute through office hours, nine to ten in the evening."""
    left = timedelta(minutes=_MINUTES_GIVEN[type_id])
    at = raised
    while True:
        local = at + _CHINA
        opens = local.replace(hour=_OPENS, minute=0, second=0, microsecond=0)
        closes = local.replace(hour=_CLOSES, minute=0, second=0, microsecond=0)
        if local < opens:
            at = opens - _CHINA
        elif local >= closes:
            at = opens + timedelta(days=1) - _CHINA
        elif local + left <= closes:
            return at + left
        else:
            left -= closes - local
            at = closes - _CHINA


def alarms_expected(raw: Raw, day: Any) -> Alarms:
    """The alarms that the day must have given, with when they opened and closed."""
    found: Alarms = set()
    ticks: list[datetime] = day.ticks
    found |= _chat_alarms("first_late", _late_firsts(raw), timedelta(seconds=90), ticks)
    found |= _chat_alarms("silent", _silences(raw), timedelta(seconds=240), ticks)
    found |= _chat_alarms("upset", _upset(raw), timedelta(0), ticks)
    calm = timedelta(minutes=1)
    found |= _course("queue_long", "group:", _queue_lengths(raw, day, ticks), lambda value: value >= 6, calm)
    found |= _course("wait_long", "", _longest(raw, ticks), lambda value: value >= 240, 2 * calm)
    found |= _course("scores_low", "group:", _means(raw, ticks), lambda value: value < 3.5, 10 * calm)
    found |= _course("tickets_late", "", _overdue(raw, day, ticks), lambda value: value >= 1, timedelta(0))
    return found


def alarms_given(raw: Raw) -> Alarms:
    """Those that it has given."""
    return {(row["rule"], row["subject"], _sure(row["opened_at"]), _at(row["closed_at"])) for row in raw.alarms}


Window = tuple[str, datetime, datetime | None]


def _chat_alarms(rule: str, windows: Sequence[Window], threshold: timedelta, ticks: Sequence[datetime]) -> Alarms:
    """Of each chat the windows in which something is amiss, seen at the first tick behind the threshold if it lasts."""
    found: Alarms = set()
    by_chat: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for chat, start, end in windows:
        seen = bisect_left(ticks, start + threshold)
        over = bisect_left(ticks, end) if end is not None else None
        if seen < len(ticks) and (over is None or seen < over):
            by_chat[chat].append((seen, over if over is None or over < len(ticks) else None))
    for chat, spans in by_chat.items():
        merged: list[tuple[int, int | None]] = []
        for seen, over in sorted(spans, key=lambda each: each[0]):
            # What begins at the tick at which the one before ends is the same to who looks only then.
            last = merged[-1][1] if merged else None
            if last is not None and seen <= last:
                merged[-1] = (merged[-1][0], over)
            else:
                merged.append((seen, over))
        for seen, over in merged:
            found.add((rule, f"chat:{chat}", ticks[seen], None if over is None else ticks[over]))
    return found


def _late_firsts(raw: Raw) -> list[Window]:
    windows = []
    for held in raw.held:
        said = [at for _, author, at, _, _ in raw.lines[held.chat] if author == "agent" and at >= held.start]
        ends = [each for each in (held.end, said[0] if said else None) if each is not None]
        windows.append((held.chat, held.start, min(ends) if ends else None))
    return windows


def _silences(raw: Raw) -> list[Window]:
    windows: list[Window] = []
    for held in raw.held:
        spoken, since = False, None
        for _, author, at, _, _ in raw.lines[held.chat]:
            if at < held.start or (held.end is not None and at >= held.end):
                continue
            if author == "agent":
                if since is not None:
                    windows.append((held.chat, since, at))
                spoken, since = True, None
            elif spoken and since is None:
                since = at
        if since is not None:
            windows.append((held.chat, since, held.end))
    return windows


def _upset(raw: Raw) -> list[Window]:
    """From the second angry line on, while somebody waits or is with a person, the writing down included."""
    windows: list[Window] = []
    ended = {row["id"]: _at(row["ended_at"]) for row in raw.hand_offs}
    chats = {row["conversation_id"] for row in raw.hand_offs}
    created = {row["conversation_id"]: _sure(row["created_at"]) for row in raw.hand_offs}
    there: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for start, end, chat in raw.queued:
        there[chat].append((start, end))
    for held in raw.held:
        there[held.chat].append((held.start, ended[held.hand_off] if held.left_for == "ended" else held.end))
    for chat in chats:
        angry = [at for _, _, at, _, bad in raw.lines[chat] if bad and at >= created[chat]]
        if len(angry) >= 2:
            for start, end in _joined(there[chat]):
                if end is None or end > angry[1]:
                    windows.append((chat, max(start, angry[1]), end))
    return windows


def _joined(spans: list[tuple[datetime, datetime | None]]) -> list[tuple[datetime, datetime | None]]:
    found: list[tuple[datetime, datetime | None]] = []
    for start, end in sorted(spans, key=lambda each: each[0]):
        if found and found[-1][1] is not None and start <= found[-1][1]:
            before = found[-1]
            found[-1] = (before[0], None if end is None else max(end, before[1]))  # type: ignore[type-var]
        else:
            found.append((start, end))
    return found


Course = dict[str, list[tuple[datetime, float]]]


def _course(rule: str, prefix: str, course: Course, fires: Any, calm: timedelta) -> Alarms:
    """Alarms of what has a value at every tick; it closes once the value has been harmless for long enough."""
    found: Alarms = set()
    for subject, values in course.items():
        opened: datetime | None = None
        calm_since: datetime | None = None
        for at, value in values:
            if fires(value):
                opened, calm_since = opened or at, None
            elif opened is not None:
                calm_since = calm_since or at
                if at - calm_since >= calm:
                    found.add((rule, f"{prefix}{subject}", opened, at))
                    opened = calm_since = None
        if opened is not None:
            found.add((rule, f"{prefix}{subject}", opened, None))
    return found


def _waiting_at(raw: Raw, ticks: Sequence[datetime]) -> Iterator[tuple[datetime, list[tuple[datetime, str]]]]:
    """Who waits at each tick, since when."""
    coming = deque(raw.queued)
    there: list[tuple[datetime, datetime | None, str]] = []
    for at in ticks:
        while coming and coming[0][0] <= at:
            there.append(coming.popleft())
        there = [each for each in there if each[1] is None or each[1] > at]
        yield at, [(start, chat) for start, _, chat in there]


def _queue_lengths(raw: Raw, day: Any, ticks: Sequence[datetime]) -> Course:
    course: Course = defaultdict(list)
    groups = [group.id for group in day.rules.groups]
    for at, there in _waiting_at(raw, ticks):
        counts = dict.fromkeys(groups, 0)
        for _, chat in there:
            moments = day.groups[chat]
            group = moments[bisect_right([each for each, _ in moments], at) - 1][1]
            counts[str(group)] += 1
        for group_id, count in counts.items():
            course[group_id].append((at, count))
    return course


def _longest(raw: Raw, ticks: Sequence[datetime]) -> Course:
    return {
        "": [
            (at, max(((at - start).total_seconds() for start, _ in there), default=0.0))
            for at, there in _waiting_at(raw, ticks)
        ]
    }


def _means(raw: Raw, ticks: Sequence[datetime]) -> Course:
    course: Course = defaultdict(list)
    for group in sorted({str(group) for _, _, group, _ in raw.scores}):
        own = [(at, score) for at, score, of, _ in raw.scores if of == group]
        moments = [at for at, _ in own]
        for at in ticks:
            within = own[bisect_right(moments, at - timedelta(hours=1)) : bisect_right(moments, at)]
            course[group].append((at, fmean(score for _, score in within) if len(within) >= 5 else 5.0))
    return course


def _overdue(raw: Raw, day: Any, ticks: Sequence[datetime]) -> Course:
    open_spans = [(due_of(row["type"], _sure(row["created_at"])), day.solved.get(row["id"])) for row in raw.tickets]
    return {"": [(at, sum(due < at and (end is None or end > at) for due, end in open_spans)) for at in ticks]}


def board_at(raw: Raw, day: Any, at: datetime) -> dict[str, Any]:
    """What the board has to show at a moment."""
    midnight = (at + _CHINA).replace(hour=0, minute=0, second=0, microsecond=0) - _CHINA
    chats = {chat for chat, first in raw.first_written.items() if midnight <= first <= at}
    handed = {row["id"]: row["conversation_id"] for row in raw.hand_offs if midnight <= _sure(row["created_at"]) <= at}
    # A person's are those for whom a hand-off was open at some time of the day, or to whom an agent wrote.
    called = {
        row["conversation_id"]
        for row in raw.hand_offs
        if _sure(row["created_at"]) <= at and (row["ended_at"] is None or _sure(row["ended_at"]) >= midnight)
    }
    called |= {
        chat
        for chat, lines in raw.lines.items()
        if any(author == "agent" and midnight <= when <= at for _, author, when, _, _ in lines)
    }
    scores = [score for when, score, _, _ in raw.scores if midnight <= when <= at]
    tickets = [
        (due_of(row["type"], _sure(row["created_at"])), day.solved.get(row["id"]))
        for row in raw.tickets
        if _sure(row["created_at"]) <= at
    ]
    still = [due for due, end in tickets if end is None or end > at]
    return {
        "waiting": sum(start <= at and (end is None or end > at) for start, end, _ in raw.queued),
        "in_service": sum(held.has(at) for held in raw.held),
        "chats": len(chats),
        "handed_over": len(handed),
        "bot_share": round(sum(chat not in called for chat in chats) / len(chats), 6) if chats else None,
        "satisfaction": round(fmean(scores), 6) if scores else None,
        "open": len(still),
        "overdue": sum(due < at for due in still),
    }


def board_shown(figures: dict[str, Any]) -> dict[str, Any]:
    """The same of what it has shown."""
    today = figures["today"]
    return {
        "waiting": figures["now"]["waiting"],
        "in_service": figures["now"]["in_service"],
        "chats": today["chats"],
        "handed_over": today["handed_over"],
        "bot_share": None if today["bot_share"] is None else round(today["bot_share"], 6),
        "satisfaction": None if today["satisfaction"] is None else round(today["satisfaction"], 6),
        "open": figures["tickets"]["open"],
        "overdue": figures["tickets"]["overdue"],
    }


def people(raw: Raw) -> dict[str, dict[str, Any]]:
    """Of each agent: talks, those without a word of theirs, mean of the first response and of all answers."""
    first: dict[str, list[float]] = defaultdict(list)
    answers: dict[str, list[float]] = defaultdict(list)
    talks: dict[str, int] = defaultdict(int)
    ignored: dict[str, int] = defaultdict(int)
    for held in raw.held:
        if held.end is None:
            continue
        talks[held.agent] += 1
        waits: datetime | None = held.start
        answered = False
        for _, author, at, who, _ in raw.lines[held.chat]:
            if not held.start <= at <= held.end:
                continue
            if author == "customer":
                waits = waits or at
                continue
            if who == held.agent and waits is not None:
                took = (at - waits).total_seconds()
                answers[held.agent].append(took)
                if not answered:
                    first[held.agent].append(took)
                answered = True
            # What a guest answers ends the wait as well.
            waits = None
        spoke = any(who == held.agent and held.start <= at <= held.end for _, _, at, who, _ in raw.lines[held.chat])
        ignored[held.agent] += held.left_for == "ended" and not spoke
    return {
        agent: {
            "talks": count,
            "unanswered": ignored[agent],
            "first_response": round(fmean(first[agent]), 3) if first[agent] else None,
            "mean_response": round(fmean(answers[agent]), 3) if answers[agent] else None,
        }
        for agent, count in talks.items()
    }


def slow_firsts(raw: Raw, after: float) -> set[int]:
    """The assignments that ended with their agent and had no first word in time."""
    found = set()
    for held in raw.held:
        if held.end is None or held.left_for != "ended":
            continue
        said = [
            at
            for _, author, at, who, _ in raw.lines[held.chat]
            if author == "agent" and who == held.agent and held.start <= at <= held.end
        ]
        # Who never said a word has let the customer wait for all the time that they had them.
        if ((said[0] if said else held.end) - held.start).total_seconds() > after:
            found.add(held.id)
    return found
