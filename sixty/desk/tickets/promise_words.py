"""Finds in what an agent says what it promises the customer, and by when: a small grammar, with the playbook's words.

A promise is something to be done (`say` of a kind) and a time, near each other in one sentence that is no question, no
condition, no general statement, no refusal, and not about what has been done or what the customer shall do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sixty.desk.office_hours import ALWAYS, OfficeHours
from sixty.desk.tickets.rules import NoPromiseEntry, PromiseEntry, TicketRules, ticket_rules
from sixty.desk.tickets.spoken_times import SpokenTime, read_times
from sixty.desk.tickets.working_time import moment_after
from sixty.nlu.normal_form import normal_form

_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_PART = re.compile(r"[^,、~ …]+")
_ASKS = re.compile(r"(?:吗|嘛|么|是不是|好不好|行不行|可不可以|能不能)[\s~,。!]*$|[?]")
_ALREADY = re.compile(r"已[经]?[^,]{0,4}$")
# A time belongs to what is said so many letters away at most, be it over a comma.
_NEAR = 14
# What may stand in a gap of what is said: 差价…退 is no promise where 已经 or 不 is in it.
_GAP = r"[^,。!?;、~\s已没未不别]{0,10}?"


GAP = "…"
"""In the playbook's words for something that stands between, such as 送您…券."""


@dataclass(frozen=True)
class FoundPromise:
    """What was promised.

    Attributes:
        kind: Of `promises` in the playbook.
        start: Where it begins in the text.
        end: Where it ends.
        words: The text of it.
        due_at: By when; None where it was only said that it will be soon, and the kind sets no time for that.
    """

    kind: str
    start: int
    end: int
    words: str
    due_at: datetime | None


@dataclass(frozen=True)
class _Said:
    entry: PromiseEntry
    start: int
    end: int


def promises_in(
    text: str, at: datetime, rules: TicketRules | None = None, hours: OfficeHours = ALWAYS
) -> list[FoundPromise]:
    """Finds what a line promises.

    Args:
        text: What was said.
        at: When.
        rules: The merchant's; those of the playbook when left out.
        hours: When the group of who said it is at work: by them 下班前 is known, and what comes soon.

    Returns:
        From left to right, one of a kind in a sentence.
    """
    rules = rules or ticket_rules()
    if not rules.promises:
        return []
    plain = normal_form(text)
    # Who says 你 promises the same as who says 您.
    polite = plain.replace("你", "您")
    found: list[FoundPromise] = []
    for match in _SENTENCE.finditer(polite):
        if not _ASKS.search(match[0]) and not _holds(match[0], rules.no_promise.condition):
            found += _in_sentence(plain, match, at, rules, hours)
    return sorted(found, key=lambda each: each.start)


def _in_sentence(
    plain: str, match: re.Match[str], at: datetime, rules: TicketRules, hours: OfficeHours
) -> Iterator[FoundPromise]:
    start, sentence = match.start(), match[0]
    times = read_times(sentence, at, hours)
    if not times:
        return
    parts = [match.span() for match in _PART.finditer(sentence)]
    taken: set[tuple[int, int]] = set()
    kinds: set[str] = set()
    # What an agent's next line keeps is the answer about something else that the sentence promises as well.
    for said in sorted(_said(sentence, rules.promises), key=lambda each: (each.entry.kept == "reply", each.start)):
        when = _nearest(said, times, parts)
        if when is None or said.entry.id in kinds:
            continue
        if said.entry.kept == "reply" and (when.start, when.end) in taken:
            continue
        if _is_vetoed(sentence, said, when, parts, rules.no_promise):
            continue
        soon = said.entry.soon
        due = when.at or (moment_after(hours, at, soon) if soon is not None else None)
        first, last = min(said.start, when.start), _end_of(max(said.end, when.end), parts)
        kinds.add(said.entry.id)
        taken.add((when.start, when.end))
        yield FoundPromise(str(said.entry.id), start + first, start + last, plain[start + first : start + last], due)


def _said(sentence: str, kinds: Iterable[PromiseEntry]) -> list[_Said]:
    """What a sentence says will be done; of words that overlap the one that begins first, and the longest of these."""
    found = [
        _Said(entry, match.start(), match.end())
        for entry in kinds
        for word in entry.say
        for match in _pattern(word).finditer(sentence)
    ]
    kept: list[_Said] = []
    for each in sorted(found, key=lambda said: (said.start, -said.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


@lru_cache(maxsize=1024)
def _pattern(word: str) -> re.Pattern[str]:
    """What the playbook's words look like in a sentence: … stands for a few letters, or none."""
    return re.compile(_GAP.join(re.escape(normal_form(part)) for part in word.replace("...", GAP).split(GAP)))


def _nearest(said: _Said, times: Iterable[SpokenTime], parts: list[tuple[int, int]]) -> SpokenTime | None:
    """The time that belongs to it: of its own part of the sentence, else the nearest one, a named one before 尽快."""

    def distance(when: SpokenTime) -> tuple[bool, bool, int]:
        apart = max(said.start - when.end, when.start - said.end, 0)
        return _part_of(said.start, parts) != _part_of(when.start, parts), when.at is None, apart

    near = [each for each in times if max(said.start - each.end, each.start - said.end, 0) <= _NEAR]
    return min(near, key=distance, default=None)


def _part_of(place: int, parts: list[tuple[int, int]]) -> int:
    return next((number for number, (start, end) in enumerate(parts) if start <= place < end), -1)


def _end_of(end: int, parts: list[tuple[int, int]]) -> int:
    """Where the part of the sentence ends, so that the words can be read."""
    return next((last for first, last in parts if first < end <= last and last - end <= _NEAR), end)


def _is_vetoed(
    sentence: str, said: _Said, when: SpokenTime, parts: list[tuple[int, int]], no_promise: NoPromiseEntry
) -> bool:
    first, last = sorted((_part_of(said.start, parts), _part_of(when.start, parts)))
    around = sentence[parts[max(first, 0)][0] : parts[last][1]]
    if _holds(around, (*no_promise.general, *no_promise.cannot, *no_promise.yours)):
        return True
    follows = sentence[said.end : said.end + 1]
    return follows in ("了", "过") or _ALREADY.search(sentence[: said.start]) is not None


def _holds(text: str, words: Iterable[str]) -> bool:
    return any(normal_form(each) in text for each in words)
