"""What is wrong with the scenes of `playbook/outreach.yml`, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sixty.forbidden_words import forbidden_in
from sixty.outreach.gaps import words_in
from sixty.outreach.scene_entries import OutreachEntry, RungEntry, SceneEntry
from sixty.outreach.scenes import DEFAULT
from sixty.outreach.sms_words import is_signed
from sixty.outreach.triggers import TRIGGERS
from sixty.shop.located import Located, Problem

MOST_IN_A_CAMPAIGN = timedelta(minutes=30)
"""In a campaign what can be bought now is gone in an hour."""

LONGEST_SMS = 500
"""How many characters the words of an SMS may have."""

_LONGEST_TEMPLATE = 64
_EVERYWHERE = frozenset({"shop"})
_LINK = frozenset({"link"})


def check_scene(found: Located[OutreachEntry], name: str, scene: SceneEntry, problems: list[Problem]) -> None:
    """Puts all that is wrong with a scene into `problems`."""
    if "silence" in scene.on:
        if scene.variants or scene.ladder or scene.wait or scene.on != ["silence"]:
            message, remedy = "what is said into silence stands in minutes.yml", "leave wait, variants and ladder out"
            problems.append(found.problem(f"scenes.{name}: {message}", remedy, "scenes", name, "on"))
        return
    for message, remedy, path in (*_wrong_goals(scene), *_wrong_times(found.entry, scene)):
        problems.append(found.problem(f"scenes.{name}: {message}", remedy, "scenes", name, *path))
    _check_variants(found, name, scene, problems)
    _check_ladder(found, name, scene, problems)


def _wrong_goals(scene: SceneEntry) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """What is wrong about what a scene is for: message, remedy, place."""
    subjects = [TRIGGERS[each].subject for each in scene.on]
    goals = frozenset.intersection(*(TRIGGERS[each].goals for each in scene.on))
    if len(set(subjects)) < len(subjects):
        yield f"{', '.join(scene.on)} are about the same", "make a scene of each", ("on",)
    if scene.goal not in goals:
        yield f"{scene.goal} cannot come of {', '.join(scene.on)}", f"use {', '.join(sorted(goals))}", ("goal",)
    if scene.goal != "none" and scene.attributed_within is None:
        yield "nobody says how long the goal counts", "add attributed_within, such as 24h", ()
    if scene.goal == "none" and scene.control > 0:
        yield "without a goal there is nothing to compare", "remove control, or give a goal", ("control",)


def _wrong_times(book: OutreachEntry, scene: SceneEntry) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """What is wrong about when a scene speaks."""
    if DEFAULT not in scene.wait:
        yield "categories without a wait of their own need one", f"add {DEFAULT} to wait", ("wait",)
    if scene.in_campaigns is not None and scene.in_campaigns > MOST_IN_A_CAMPAIGN:
        yield "in a campaign it comes within 30 minutes", "write 30m or less", ("in_campaigns",)
    if scene.in_campaigns is not None and not book.campaign_phases:
        yield "no phase of a campaign hurries", "name campaign_phases at the top", ("in_campaigns",)
    clock = book.clock()
    for place, each in enumerate(scene.at):
        if clock.is_quiet_at(each):
            yield f"{each:%H:%M} lies in the quiet hours", "choose a time at which customers are up", ("at", place)


def _check_variants(found: Located[OutreachEntry], name: str, scene: SceneEntry, problems: list[Problem]) -> None:
    known = _EVERYWHERE | frozenset.intersection(*(TRIGGERS[each].variables for each in scene.on))
    audiences = list(map(str, scene.audiences)) or ["all"]
    if not scene.variants:
        problems.append(
            found.problem(f"scenes.{name}: nothing is said", "add at least one entry to variants", "scenes", name)
        )
    seen: set[str] = set()
    for place, each in enumerate(scene.variants):
        path = ("scenes", name, "variants", place)
        if each.id in seen:
            problems.append(found.problem(f"{each.id} stands here twice", "name one of them otherwise", *path, "id"))
        seen.add(str(each.id))
        for number, capsule in enumerate(each.capsules):
            if "{" in capsule.title or "}" in capsule.title:
                message, remedy = "what is tapped is shown as it is written", "leave braces out"
                problems.append(found.problem(message, remedy, *path, "capsules", number, "title"))
        if each.audience not in audiences:
            remedy = f"use {', '.join(map(str, audiences))}, or add it to audiences"
            problems.append(found.problem(f"there is no audience {each.audience}", remedy, *path, "for"))
        _check_words(found, each.text, known, problems, *path, "text")
    for audience in audiences:
        shares = [each.share for each in scene.variants if each.audience == audience]
        where = ("scenes", name, "audiences", audience)
        if scene.variants and not shares:
            remedy = f"add a variant with for: {audience}"
            problems.append(found.problem(f"nothing is said to {audience}", remedy, *where))
        elif shares and not any(shares):
            remedy = "give one of its variants a share above 0"
            problems.append(found.problem(f"nothing is drawn for {audience}", remedy, *where))


def _check_ladder(found: Located[OutreachEntry], name: str, scene: SceneEntry, problems: list[Problem]) -> None:
    known = _EVERYWHERE | _LINK | frozenset.intersection(*(TRIGGERS[each].variables for each in scene.on))
    if not scene.ladder:
        problems.append(found.problem(f"scenes.{name}: the ladder is empty", "begin with chat", "scenes", name))
    for place, each in enumerate(scene.ladder):
        path = ("scenes", name, "ladder", place)
        for message, remedy, key in _wrong_step(each, first=place == 0):
            problems.append(found.problem(message, remedy, *path, *key))
        if each.text is not None and each.way != "chat":
            _check_words(found, each.text, known, problems, *path, "text")


def _wrong_step(step: RungEntry, first: bool) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What is wrong about a step of a ladder: message, remedy, place."""
    if first and step.wait is not None:
        yield "the first step waits as the scene does", "remove wait", ("wait",)
    if not first and step.wait is None:
        yield "a further step waits first", "add wait, such as 2h", ()
    if step.way == "chat" and step.text is not None:
        yield "in the chat a variant is said", "remove text", ("text",)
    if step.way == "phone" and step.at_least is None:
        yield "a call is for high amounts", "add at_least, such as 500", ()
    if step.way != "chat" and step.text is None:
        yield f"nobody knows what the {step.way} says", "add text", ()
    if step.way == "sms" and step.template is None:
        yield "an SMS needs the provider's template", "add template", ()
    if len(step.template or "") > _LONGEST_TEMPLATE:
        yield (
            "no provider's template has so long a name",
            f"write at most {_LONGEST_TEMPLATE} characters",
            ("template",),
        )
    if step.way == "sms" and len(step.text or "") > LONGEST_SMS:
        yield "is longer than an SMS may be", f"write at most {LONGEST_SMS} characters", ("text",)
    if step.way == "sms" and is_signed(step.text or ""):
        yield "is signed by itself", "remove what stands in 【】: sms_signature is put in front", ("text",)


def _check_words(
    found: Located[OutreachEntry], text: str, known: frozenset[str], problems: list[Problem], *path: str | int
) -> None:
    try:
        unknown = next((each for each in words_in(text) if each not in known), None)
    except ValueError:
        remedy = "close it, and write no more than a name into it, such as {product}"
        problems.append(found.problem(f"a brace is left open or misused in {text!r}", remedy, *path))
        return
    if unknown is not None:
        problems.append(found.problem(f"nothing is known as {{{unknown}}}", f"use {', '.join(sorted(known))}", *path))
    for word in forbidden_in(text):
        problems.append(found.problem(f"“{word}” may not be said in an advertisement", "say it otherwise", *path))
