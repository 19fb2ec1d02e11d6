"""Reads `playbook/outreach.yml`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from sixty.errors import OperatorError
from sixty.outreach.models import Way
from sixty.outreach.scene_entries import OutreachEntry, SceneEntry
from sixty.outreach.scene_faults import check_scene
from sixty.outreach.scenes import DEFAULT, Audience, Book, Caps, Rung, Scene, Variant
from sixty.outreach.timing import Clock
from sixty.shop.located import Problem, read_document, read_soundly
from sixty.shop.pricing.phases import Campaign
from sixty.shop.pricing.playbook import check_rules

OUTREACH_FILE = "outreach.yml"


class OutreachFileError(OperatorError):
    """The file can't be used; the message names every place."""


def check_outreach(folder: Path, problems: list[Problem]) -> Book | None:
    """Reads the file of a playbook; what is wrong goes into `problems`. Without the file the bot never speaks first."""
    if not (folder / OUTREACH_FILE).exists():
        return _NO_BOOK
    before = len(problems)
    found = read_document(folder / OUTREACH_FILE, OutreachEntry, problems)
    if found is None:
        return None
    for name, scene in found.entry.scenes.items():
        check_scene(found, str(name), scene, problems)
    rules = check_rules(folder, [])
    campaigns = tuple(rules.campaigns.values())
    return _made(found.entry, campaigns) if len(problems) == before else None


def intents_of(folder: Path, problems: list[Problem]) -> list[tuple[str, Problem]]:
    """The intents that capsules name, each with the problem that it would be if there were none of that name."""
    file = folder / OUTREACH_FILE
    found = read_document(file, OutreachEntry, problems) if file.exists() else None
    if found is None:
        return []
    remedy = "mend its spelling, or add it to intents in domain.yml"
    named = []
    for name, scene in found.entry.scenes.items():
        for place, variant in enumerate(scene.variants):
            for number, capsule in enumerate(variant.capsules):
                intent = capsule.payload[1:].partition("{")[0]
                path = ("scenes", str(name), "variants", place, "capsules", number, "payload")
                named.append((intent, found.problem(f"there is no intent {intent}", remedy, *path)))
    return named


def read_scenes(folder: Path) -> Book:
    """Reads the file of a playbook.

    Raises:
        OutreachFileError: It is wrong; names every place.
    """
    return read_soundly(check_outreach, folder, OutreachFileError)


@lru_cache(maxsize=4)
def _kept(folder: Path, changed: int) -> Book:
    return read_scenes(folder)


def shop_book() -> Book:
    """The scenes of this deployment, read again when the file has changed.

    Raises:
        OutreachFileError: The file is wrong.
    """
    from sixty.settings import get_settings

    folder = get_settings().playbook
    file = folder / OUTREACH_FILE
    return _kept(folder, file.stat().st_mtime_ns if file.exists() else 0)


def _made(entry: OutreachEntry, campaigns: Sequence[Campaign]) -> Book:
    scenes = {
        str(name): _scene(str(name), place, each, entry) for place, (name, each) in enumerate(entry.scenes.items())
    }
    return Book(
        entry.clock(),
        frozenset(entry.campaign_phases),
        tuple(campaigns),
        Caps(int(entry.caps.per_day), int(entry.caps.per_week), entry.caps.apart),
        entry.rest.angry,
        entry.rest.abandoned,
        entry.talking,
        entry.chat_within,
        {way: Decimal(each) for way, each in entry.cost.items()},
        str(entry.sms_signature),
        str(entry.link),
        scenes,
    )


def _scene(name: str, place: int, entry: SceneEntry, book: OutreachEntry) -> Scene:
    audiences = {str(each): audience.made() for each, audience in entry.audiences.items()} or {"all": Audience()}
    return Scene(
        id=name,
        place=place,
        title=str(entry.title),
        triggers=tuple(entry.on),
        kind=entry.kind,
        waits=dict(entry.wait) or {DEFAULT: timedelta(0)},
        at=tuple(sorted(entry.at)),
        in_campaign=entry.in_campaigns,
        audiences=audiences,
        variants=tuple(
            Variant(
                str(each.id),
                str(each.audience),
                float(each.share),
                str(each.text),
                tuple((str(capsule.title), str(capsule.payload)) for capsule in each.capsules),
                each.card,
            )
            for each in entry.variants
        ),
        ladder=tuple(
            Rung(each.way, each.wait or timedelta(0), each.at_least, str(each.text or ""), str(each.template or ""))
            for each in entry.ladder
        ),
        late=entry.late or book.late,
        capped=entry.capped,
        control=float(entry.control),
        goal=entry.goal,
        attributed_within=entry.attributed_within or timedelta(0),
        answers=entry.answers,
    )


_NO_BOOK = Book(
    Clock(ZoneInfo("Asia/Shanghai"), time(0), time(0)),
    frozenset(),
    (),
    Caps(1, 1, timedelta(0)),
    timedelta(0),
    timedelta(0),
    timedelta(0),
    timedelta(0),
    dict.fromkeys(get_args(Way), Decimal(0)),
    "",
    "",
)
