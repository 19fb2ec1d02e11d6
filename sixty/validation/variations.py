"""One question, many answers: every variation of a response can be said, one at a time, and there is always one."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from itertools import combinations

from rasa.shared.exceptions import RasaException
from rasa.shared.utils.common import class_from_module_path

from sixty.dialogue.circumstances import CATEGORY, KIND
from sixty.dialogue.variations import (
    VALID_FROM,
    VALID_UNTIL,
    ZONE_KEY,
    Variation,
    folded,
    read_period,
)
from sixty.errors import OperatorError
from sixty.nlu.product_names import read_product_names
from sixty.validation import domain
from sixty.validation.located_yaml import UnreadableError, Word, read_yaml, table
from sixty.validation.problem import Place, Problem, spelling
from sixty.validation.project import Project
from sixty.validation.vocabulary import catalogue_folder

_METADATA = (VALID_FROM, VALID_UNTIL, ZONE_KEY)
# `rasa shell` needs no credentials.
_ALWAYS_THERE = frozenset({"cmdline"})


@dataclass(frozen=True)
class _Placed:
    """A variation that can be read, and where it stands."""

    place: Place
    variation: Variation


def check_variations(project: Project, now: datetime | None = None) -> Iterator[Problem]:
    """Finds answers that can never show, that hide each other or have expired, and questions without a default.

    Args:
        project: The project.
        now: When it is; the present when left out.
    """
    moment = now or datetime.now(timezone.utc)
    known = _Known(project)
    for response in project.domain.responses.values():
        problems = [each for variation in response.variations for each in _of_one(variation, project.domain, known)]
        yield from problems
        readable = [] if problems else [_read(each) for each in response.variations]
        current: list[_Placed] = []
        for placed in readable:
            ends = placed.variation.period.ends
            if ends is not None and ends <= moment:
                yield Problem(
                    placed.place,
                    f"this answer of {response.name} has expired: it was valid until {ends:%Y-%m-%d %H:%M}",
                    "Remove it, or give it a later valid_until",
                    by_time=True,
                )
            else:
                current.append(placed)
        hidden = yield from _hidden(response.name, current, moment)
        yield from _overlaps(response.name, [each for each in current if each not in hidden])
        if readable and not any(_is_default(each.variation, moment) for each in current):
            yield Problem(
                response.name.place,
                f"{response.name} has no answer for everybody else: who fits none of its conditions, channels and "
                "periods gets no reply",
                "Add a variation without condition, channel and valid_from",
            )


def _of_one(variation: domain.Variation, written: domain.Domain, known: _Known) -> Iterator[Problem]:
    """What is wrong with a variation by itself."""
    slots = written.slots
    allowed: dict[str, frozenset[str]] = {}
    for condition in variation.conditions:
        if condition.slot is None or condition.kind != "slot" or not condition.values:
            yield Problem(
                condition.place,
                "this is no condition",
                "Write {type: slot, name: a slot, value: its value}, or a list of values",
            )
            continue
        if condition.slot not in slots:
            yield Problem(
                condition.slot.place,
                f"this answer never shows: there is no slot {condition.slot}",
                f"{spelling(condition.slot, slots)} or add it to slots in domain.yml",
            )
            continue
        yield from _values(condition, slots[condition.slot], known)
        wanted = frozenset(folded(None if value is None else str(value)) for value in condition.values)
        before = allowed.setdefault(condition.slot, wanted)
        if not before & wanted:
            yield Problem(
                condition.place,
                f"this answer never shows: {condition.slot} would have two values at once",
                "Remove one of the conditions, or write one with a list of values, which means any of them",
            )
    if variation.channel is not None and known.channels and variation.channel not in known.channels:
        yield Problem(
            variation.channel.place,
            f"this answer never shows: there is no channel {variation.channel}",
            f"{spelling(variation.channel, known.channels)} or add the channel to credentials.yml",
        )
    for key in variation.metadata:
        if key not in _METADATA:
            yield Problem(key.place, f"metadata has no {key}", f"{spelling(key, _METADATA)}")
    try:
        read_period(variation.metadata)
    except ValueError as error:
        yield Problem(
            next(iter(variation.metadata)).place,
            f"the period of this answer can't be read: {error}",
            "Write valid_from and valid_until as 2026-11-12 00:00, a day and a time to the minute",
        )


def _values(condition: domain.Condition, slot: domain.Slot, known: _Known) -> Iterator[Problem]:
    """Finds values that the slot never has."""
    in_domain = {folded(str(value)) for value in slot.values}
    for value in condition.values:
        if value is None:
            continue
        case = "" if len(condition.values) == 1 else f" for {value}"
        if in_domain and folded(str(value)) not in in_domain:
            yield Problem(
                value.place,
                f"this answer never shows{case}: {slot.name} is never {value}",
                f"{spelling(value, slot.values)} or add it to the values of the slot",
            )
            continue
        sold = known.sold(slot.name)
        if sold and folded(str(value)) not in map(folded, sold):
            yield Problem(
                value.place,
                f"this answer never shows{case}: no product of the catalogue has the {slot.name} {value}",
                f"{spelling(value, sold)} or add such a product",
            )


def _read(written: domain.Variation) -> _Placed:
    conditions = tuple(
        (str(each.slot), tuple(None if value is None else str(value) for value in each.values))
        for each in written.conditions
    )
    return _Placed(written.place, Variation(conditions, written.channel, read_period(written.metadata)))


def _is_default(variation: Variation, moment: datetime) -> bool:
    has_begun = variation.period.starts is None or variation.period.starts <= moment
    return not variation.conditions and variation.channel is None and has_begun and variation.period.ends is None


def _hidden(name: str, current: Sequence[_Placed], moment: datetime) -> Generator[Problem, None, list[_Placed]]:
    """Says which variations can't show because of another one; returns those."""
    hidden = []
    for position, placed in enumerate(current):
        for other_position, other in enumerate(current):
            wins = _wins(other.variation, placed.variation, first=other_position < position)
            if other is placed or not wins or not _holds_whenever(other.variation, placed.variation, moment):
                continue
            hidden.append(placed)
            yield Problem(
                placed.place,
                f"this answer of {name} never shows: the one in {other.place} fits whenever this one does, and wins",
                "Remove one of them, or write a condition or a period that tells them apart",
                by_time=other.variation.period.is_bounded,
            )
            break
    return hidden


def _wins(variation: Variation, other: Variation, *, first: bool) -> bool:
    if variation.says_instead_of(other):
        return False
    return variation.rank > other.rank or (variation.rank == other.rank and first)


def _holds_whenever(variation: Variation, other: Variation, since: datetime) -> bool:
    """Whether one fits in every case in which the other does, from a moment on."""
    asked = _asked(other)
    return (
        variation.channel in (None, other.channel)
        and variation.period.covers(other.period, since)
        and all(slot in asked and asked[slot] <= values for slot, values in _asked(variation).items())
    )


def _overlaps(name: str, current: Sequence[_Placed]) -> Iterator[Problem]:
    """Finds pairs of which chance, or their order in the file, decides."""
    for first, second in combinations(current, 2):
        one, other = first.variation, second.variation
        if one.rank != other.rank or one.channel != other.channel or not one.period.meets(other.period):
            continue
        if one.says_instead_of(other):
            if not one.is_for_all:
                yield Problem(
                    second.place,
                    f"this answer of {name} has the same conditions and time as the one in {first.place}, and chance "
                    "decides which is said",
                    "Tell them apart by a condition or a period, or remove one; only answers for everybody may vary",
                )
            continue
        both = _both(one, other)
        if both is None or any(
            each.variation.rank > one.rank and _covers_case(each.variation, both, one, other) for each in current
        ):
            continue
        case = " and ".join(f"{slot} is {' or '.join(sorted(shown))}" for slot, shown in _shown(both, one, other))
        yield Problem(
            second.place,
            f"this answer of {name} and the one in {first.place} both fit"
            f"{f' when {case}' if case else ' at the same time'}; then the first is said",
            "Take the case out of one of them, or add an answer for it with the conditions of both",
        )


def _both(one: Variation, other: Variation) -> dict[str, frozenset[str]] | None:
    """The case in which both fit; None when there is none."""
    case = _asked(one)
    for slot, values in _asked(other).items():
        case[slot] = case.get(slot, values) & values
        if not case[slot]:
            return None
    return case


def _covers_case(variation: Variation, case: dict[str, frozenset[str]], one: Variation, other: Variation) -> bool:
    """Whether a more specific variation answers that case, as long as both of these would."""
    return (
        variation.channel in (None, one.channel)
        and all(slot in case and case[slot] <= values for slot, values in _asked(variation).items())
        and (not variation.period.is_bounded or variation.period in (one.period, other.period))
    )


def _asked(variation: Variation) -> dict[str, frozenset[str]]:
    asked: dict[str, frozenset[str]] = {}
    for slot, values in variation.conditions:
        wanted = frozenset(map(folded, values))
        asked[slot] = asked.get(slot, wanted) & wanted
    return asked


def _shown(case: dict[str, frozenset[str]], one: Variation, other: Variation) -> Iterator[tuple[str, Sequence[str]]]:
    """A case in the words of the file."""
    for slot, wanted in case.items():
        written = dict.fromkeys(
            "not set" if value is None else str(value)
            for each in (one, other)
            for name, values in each.conditions
            if name == slot
            for value in values
            if folded(value) in wanted
        )
        yield slot, list(written)


class _Known:
    """What conditions may name beside the values of slots; each is read when a variation needs it."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def channels(self) -> frozenset[str]:
        """The names of all channels that customers can write in; empty when they can't be told."""
        try:
            credentials = table(read_yaml(self._project.root / "credentials.yml", self._project.root))
        except UnreadableError:
            return frozenset()
        return frozenset({*_ALWAYS_THERE, *_named(credentials)}) if credentials else frozenset()

    def sold(self, slot: str) -> frozenset[str]:
        """The categories or kinds of the catalogue; empty for another slot, or without a catalogue."""
        return self._sold[slot] if slot in (CATEGORY, KIND) else frozenset()

    @cached_property
    def _sold(self) -> dict[str, frozenset[str]]:
        try:
            products = list(read_product_names(catalogue_folder(self._project)))
        except OperatorError:
            products = []
        return {
            CATEGORY: frozenset(product.category for product in products if product.category),
            KIND: frozenset(product.kind for product in products if product.kind),
        }


def _named(credentials: Iterable[Word]) -> Iterator[str]:
    for key in credentials:
        if "." not in key:
            yield str(key)
            continue
        try:
            yield str(class_from_module_path(key).name())
        except (ImportError, RasaException, AttributeError):
            yield str(key)
