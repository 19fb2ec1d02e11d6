"""The report as plain values, for machines."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from sixty.insight.minute_report.curves import SECONDS
from sixty.insight.minute_report.gathering import Figures, MinuteReport
from sixty.insight.minute_report.titles import Titles
from sixty.shop.intervals import Interval

_PLACES = 5


def plain_report(report: MinuteReport, titles: Titles) -> dict[str, Any]:
    """Everything that the page shows; shares are between 0 and 1, times in milliseconds."""
    return {
        "since": _plain(report.scope.since or report.first),
        "until": _plain(report.scope.until or report.last),
        "category": report.scope.category,
        "made_at": _plain(report.scope.now),
        "visits": report.visits,
        "running": report.running,
        "not_about_buying": report.other,
        "seconds": list(SECONDS),
        "whole": _figures(report.whole, titles),
        "categories": [_figures(each, titles) for each in report.categories],
    }


def _figures(figures: Figures, titles: Titles) -> dict[str, Any]:
    courses, losses, foreseen = figures.courses, figures.losses, figures.foreseen
    return {
        "category": figures.category,
        "courses": None
        if courses is None
        else {
            "visits": courses.visits,
            "ordered": courses.ordered,
            "conversion": _plain(courses.conversion),
            "taken": {
                course: {"visits": number, **_plain(courses.share(course))} for course, number in courses.taken.items()
            },
        },
        "curves": [_plain(each) for each in figures.curves],
        "losses": None
        if losses is None
        else {
            "lost": losses.lost,
            "visits": losses.visits,
            "usual": round(losses.usual, _PLACES),
            "questions": [
                {
                    "question": each.question,
                    "title": titles.of(each.question),
                    "lost": each.lost,
                    "asked": each.asked,
                    "rate": _plain(each.rate),
                    "above": each.above,
                    "outcomes": {outcome or "waiting": number for outcome, number in each.outcomes.items()},
                }
                for each in losses.questions
            ],
        },
        "experiment": _plain(figures.experiment),
        "offered": {name: {**_plain(each), "taps": _plain(each.taps)} for name, each in figures.offered.items()},
        "foreseen": None
        if foreseen is None
        else {
            **_plain(foreseen.total),
            "share": _plain(foreseen.total.share),
            "most_asked": [{**_plain(each), "title": titles.of(each.question)} for each in foreseen.questions],
        },
        "speed": _plain(figures.speed),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Interval):
        return {name: round(each, _PLACES) for name, each in asdict(value).items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return round(value, _PLACES) if isinstance(value, float) else value
