"""One question, many answers: which variation of a response fits a customer, a channel and a moment.

A response of the domain has variations. Each may say for whom it is (`condition`, `channel`) and from when until when
it is true (`metadata`: `valid_from`, `valid_until`, `zone`). Of those that fit, the most specific one is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"
VALID_FROM, VALID_UNTIL, ZONE_KEY = "valid_from", "valid_until", "zone"
_FORM = re.compile(r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}")


@dataclass(frozen=True)
class Period:
    """From a moment until just before another one; None where it is open. Both are aware times."""

    starts: datetime | None = None
    ends: datetime | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether it begins or ends at all."""
        return self.starts is not None or self.ends is not None

    def holds(self, moment: datetime) -> bool:
        """Tells whether a moment is in it."""
        return (self.starts is None or self.starts <= moment) and (self.ends is None or moment < self.ends)

    def meets(self, other: Period) -> bool:
        """Tells whether there is a moment that is in both."""
        starts = [each for each in (self.starts, other.starts) if each is not None]
        ends = [each for each in (self.ends, other.ends) if each is not None]
        return not starts or not ends or max(starts) < min(ends)

    def covers(self, other: Period, since: datetime) -> bool:
        """Tells whether every moment of the other one, from `since` on, is in this one."""
        begins = max(other.starts, since) if other.starts is not None else since
        begun = self.starts is None or self.starts <= begins
        return begun and (self.ends is None or (other.ends is not None and other.ends <= self.ends))


ALWAYS = Period()


def read_moment(text: object, zone: ZoneInfo) -> datetime:
    """Reads a time of a period, such as `2026-11-12 00:00`.

    Raises:
        ValueError: It has another form, or there is no such day.
    """
    if not isinstance(text, str) or _FORM.fullmatch(text.strip()) is None:
        # A day by itself, or a time with seconds, is no text in YAML, and Rasa can't train with it.
        raise ValueError(f"{text} is no time such as 2026-11-12 00:00")
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    except ValueError:
        raise ValueError(f"{text} is no time: there is no such day or hour") from None


def read_zone(name: object) -> ZoneInfo:
    """Reads the zone of a period.

    Raises:
        ValueError: There is no such zone.
    """
    try:
        return ZoneInfo(str(name))
    except (KeyError, OSError, ValueError):
        raise ValueError(f"{name} is no zone such as {ZONE}") from None


def read_period(metadata: object) -> Period:
    """Reads the period out of a variation's metadata.

    Raises:
        ValueError: A time or the zone can't be read, or the period ends before it starts.
    """
    if not isinstance(metadata, Mapping):
        return ALWAYS
    zone = read_zone(metadata.get(ZONE_KEY, ZONE))
    starts, ends = (
        None if metadata.get(key) is None else read_moment(metadata[key], zone) for key in (VALID_FROM, VALID_UNTIL)
    )
    if starts is not None and ends is not None and ends <= starts:
        raise ValueError("it ends before it starts")
    return Period(starts, ends)


@dataclass(frozen=True)
class Variation:
    """One way of answering.

    Attributes:
        conditions: Which slots must have which values. Several values of one slot mean any of them; None among them is
            a slot that is not set.
        channel: The channel that it is for; None for all.
        period: When it is true.
        content: What Rasa makes the message of.
    """

    conditions: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    channel: str | None = None
    period: Period = ALWAYS
    content: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """How specific it is: what it knows of the customer counts for most, then its channel, then its period."""
        return len({slot for slot, _ in self.conditions}), self.channel is not None, self.period.is_bounded

    @property
    def is_for_all(self) -> bool:
        """Whether it is for every customer, in every channel, at any time."""
        return not self.conditions and self.channel is None and not self.period.is_bounded

    def fits(self, slots: Mapping[str, Any], channel: str | None, moment: datetime) -> bool:
        """Tells whether it may be said."""
        return (
            (self.channel is None or self.channel == channel)
            and self.period.holds(moment)
            and all(any(_alike(slots.get(slot), value) for value in values) for slot, values in self.conditions)
        )

    def says_instead_of(self, other: Variation) -> bool:
        """Whether both are alternatives in words only: for the same customers, channel and time."""
        return (self._for_whom, self.channel, self.period) == (other._for_whom, other.channel, other.period)

    @property
    def _for_whom(self) -> frozenset[tuple[str, frozenset[str]]]:
        return frozenset((slot, frozenset(map(folded, values))) for slot, values in self.conditions)


def read_variation(content: Mapping[str, Any]) -> Variation:
    """Reads a variation as Rasa's domain has it.

    Raises:
        ValueError: Its period can't be read.
    """
    conditions = tuple(
        (str(each.get("name")), tuple(value) if isinstance(value := each.get("value"), list) else (value,))
        for each in content.get("condition") or ()
    )
    return Variation(conditions, content.get("channel"), read_period(content.get("metadata")), content)


def fitting(
    variations: Iterable[Variation], slots: Mapping[str, Any], channel: str | None, moment: datetime
) -> Sequence[Variation]:
    """The variations of which any may be said now.

    Args:
        variations: All of a response, in their order.
        slots: What is known.
        channel: Where the customer is.
        moment: An aware time.

    Returns:
        The most specific one, the first of those in the file, with those that differ from it in words only.
    """
    fit = [each for each in variations if each.fits(slots, channel, moment)]
    if not fit:
        return ()
    # `max` keeps the first of equals.
    best = max(fit, key=lambda each: each.rank)
    return [each for each in fit if each.says_instead_of(best)]


def folded(value: Any) -> str:
    """A value for comparing, as Rasa compares: small and capital letters are the same, a text is no number."""
    return f"s:{value.casefold()}" if isinstance(value, str) else f"v:{value!r}"


def _alike(known: Any, wanted: Any) -> bool:
    if isinstance(known, str) and isinstance(wanted, str):
        return known.casefold() == wanted.casefold()
    return bool(known == wanted)
