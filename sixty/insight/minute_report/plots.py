"""Plots as inline SVG, and bars as HTML that wraps with the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from sixty.insight.minute_report.course import Course
from sixty.insight.minute_report.curves import SECONDS, Curve
from sixty.insight.minute_report.wording import course_title
from sixty.insight.rules import ClockRules

FEW = 10
"""With fewer visits than this a curve is drawn as a mere hint."""

# So much of the width belongs to the first minute; what comes after it is pressed together.
_MINUTE_SHARE = 0.66
# So much of a bar's width a letter in it needs.
_ROOM = 0.025
_DASHES: dict[Course, str] = {"undecided": "2 5", "Z": "9 5"}


@dataclass(frozen=True)
class Frame:
    """How large a plot is, in the units of its view box, which are pixels where it is shown as large as it is."""

    width: int
    height: int
    left: int = 44
    right: int = 14
    top: int = 34
    bottom: int = 42

    def x(self, seconds: float, minute: float) -> float:
        """Where a second stands."""
        inner = self.width - self.left - self.right
        if seconds <= minute:
            return self.left + inner * _MINUTE_SHARE * seconds / minute
        rest = (seconds - minute) / (SECONDS[-1] - minute)
        return self.left + inner * (_MINUTE_SHARE + (1 - _MINUTE_SHARE) * rest)

    def y(self, score: float) -> float:
        """Where a score stands."""
        return self.top + (self.height - self.top - self.bottom) * (1 - score)


WIDE = Frame(1040, 400)
PHONE = Frame(380, 340, left=34, right=10)


@dataclass(frozen=True)
class Segments:
    """When the parts of the golden minute begin, and how long it is, in seconds; and how it is stretched.

    Attributes:
        stretch: So many seconds of the category count as one.
    """

    answer: float = 15.0
    win_back: float = 35.0
    minute: float = 60.0
    stretch: float = 1.0

    @classmethod
    def of(cls, clock: ClockRules, category: str | None) -> Segments:
        """Those of a category; of all visits together without a stretch."""
        return cls(clock.answer_from, clock.win_back_from, clock.minute, clock.stretch_of(category))


def curves_plot(curves: Sequence[Curve], segments: Segments, frame: Frame, label: str) -> str:
    """Draws curves with the intervals of their means.

    Args:
        curves: The curves.
        segments: The parts of the minute.
        frame: How large the plot is.
        label: What it shows, for who does not see it.
    """
    small = frame.width < 600
    data = [
        {"course": each.course, "title": course_title(each.course), "visits": each.visits}
        | {"mean": _rounded(each.mean), "low": _rounded(each.low), "high": _rounded(each.high)}
        for each in curves
    ]
    places = [round(frame.x(second, segments.minute), 1) for second in SECONDS]
    seconds = [round(second * segments.stretch) for second in SECONDS]
    told = escape(json.dumps({"x": places, "seconds": seconds, "curves": data}, ensure_ascii=False))
    parts = [
        f'<svg class="curves {"only-phone" if small else "not-phone"}" viewBox="0 0 {frame.width} {frame.height}" '
        f'role="img" aria-label="{escape(label)}" data-curves="{told}">'
    ]
    parts += _ground(segments, frame, small)
    # The bands first, so that no line is covered.
    parts += [_band(each, segments, frame) for each in curves if each.visits > 1]
    parts += [_line(each, segments, frame) for each in curves]
    parts.append(f'<line class="cross" y1="{frame.top}" y2="{frame.height - frame.bottom}" visibility="hidden"/></svg>')
    return "".join(parts)


def _ground(segments: Segments, frame: Frame, small: bool) -> list[str]:
    bottom = frame.height - frame.bottom
    ends = (0.0, segments.answer, segments.win_back, segments.minute, SECONDS[-1])
    names = ("顾客问", "店铺答", "挽回、搭配", "一分钟以后")
    parts = []
    for place, ((begin, end), name) in enumerate(zip(pairwise(ends), names, strict=True)):
        left, right = frame.x(begin, segments.minute), frame.x(end, segments.minute)
        parts.append(
            f'<rect class="segment s{place}" x="{left:.1f}" y="{frame.top}" width="{right - left:.1f}" '
            f'height="{bottom - frame.top}"/>'
            f'<text class="name" x="{(left + right) / 2:.1f}" y="{frame.top - 11}" text-anchor="middle">{name}</text>'
        )
    for score in (0, 25, 50, 75, 100):
        at = frame.y(score / 100)
        parts.append(
            f'<line class="grid" x1="{frame.left}" x2="{frame.width - frame.right}" y1="{at:.1f}" y2="{at:.1f}"/>'
            f'<text x="{frame.left - 7}" y="{at + 4:.1f}" text-anchor="end">{score}</text>'
        )
    minute = segments.minute
    marks = [0.0, segments.answer, segments.win_back, minute]
    marks += [each for each in ((600.0,) if small else (180.0, 300.0, 600.0)) if each > minute]
    for seconds in marks:
        at, name = frame.x(seconds, minute), _moment(seconds * segments.stretch)
        anchor = "end" if seconds == SECONDS[-1] else "middle"
        parts.append(
            f'<line class="tick" x1="{at:.1f}" x2="{at:.1f}" y1="{bottom}" y2="{bottom + 5}"/>'
            f'<text x="{at:.1f}" y="{bottom + 20}" text-anchor="{anchor}">{name}</text>'
        )
    return parts


def _moment(seconds: float) -> str:
    """A moment of the axis: 35秒, 3分."""
    return f"{seconds:.0f}秒" if seconds <= 90 else f"{seconds / 60:.3g}分"


def _points(values: Sequence[float], segments: Segments, frame: Frame) -> list[str]:
    return [
        f"{frame.x(second, segments.minute):.1f},{frame.y(value):.1f}"
        for second, value in zip(SECONDS, values, strict=True)
    ]


def _band(curve: Curve, segments: Segments, frame: Frame) -> str:
    ends = [*_points(curve.high, segments, frame), *reversed(_points(curve.low, segments, frame))]
    return f'<polygon class="band" data-course="{curve.course}" points="{" ".join(ends)}"/>'


def _line(curve: Curve, segments: Segments, frame: Frame) -> str:
    few = " few" if curve.visits < FEW else ""
    dashes = f' stroke-dasharray="{_DASHES[curve.course]}"' if curve.course in _DASHES else ""
    points = " ".join(_points(curve.mean, segments, frame))
    return f'<polyline class="line{few}" data-course="{curve.course}"{dashes} points="{points}"/>'


def _rounded(values: Sequence[float]) -> list[int]:
    return [round(100 * value) for value in values]


@dataclass(frozen=True)
class Part:
    """A part of a stacked bar.

    Attributes:
        kind: Names its colour.
        share: How much of the bar's whole width it takes, 0 … 1.
        title: What it is, for the tooltip.
        label: What is written into it where there is room.
    """

    kind: str
    share: float
    title: str
    label: str = ""


def stacked(parts: Sequence[Part], scale: float = 1.0) -> str:
    """A bar of several parts.

    Args:
        parts: From left to right.
        scale: How much of the width of others of its kind it has.
    """
    drawn = "".join(
        f'<i class="k-{each.kind}" style="width:{each.share * 100:.2f}%" title="{escape(each.title)}">'
        f"{escape(each.label) if each.share * scale >= _ROOM * len(each.label) else ''}</i>"
        for each in parts
        if each.share > 0
    )
    told = "，".join(each.title for each in parts if each.share > 0)
    return f'<span class="stack" role="img" aria-label="{escape(told)}">{drawn}</span>'


def bar(share: float, kind: str = "plain") -> str:
    """A single bar; what it says stands beside it."""
    width = min(max(share, 0.0), 1.0) * 100
    drawn = f'<i class="k-{kind}" style="width:{width:.2f}%"></i>' if width else ""
    return f'<span class="bar" aria-hidden="true">{drawn}</span>'


def whisker(value: float, low: float, high: float, reach: float, tells: bool) -> str:
    """A figure and its interval on an axis from -reach to +reach with nothing in the middle; longer ones are cut."""

    def place(at: float) -> float:
        return (min(max(at / reach, -1.0), 1.0) + 1) * 50

    kind = ("up" if value > 0 else "down") if tells else "open"
    begin, end = place(low), place(high)
    cut = (" cut-low" if low < -reach else "") + (" cut-high" if high > reach else "")
    return (
        f'<span class="whisker {kind}{cut}" aria-hidden="true"><i style="left:{begin:.2f}%;width:{end - begin:.2f}%">'
        f'</i><b style="left:{place(value):.2f}%"></b></span>'
    )
