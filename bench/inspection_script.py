"""The form in which pieces of made-up chats are written, and how they are put together."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Who = Literal["C", "A", "B", "T"]
HAND_OVER = "-"

_LINE = re.compile(r"([CABT])\+(\d+)(?:!([a-z_]+))?\|(.*)", re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """Something wrong.

    Attributes:
        rule: Which rule finds it.
        lines: What is said.
        last: Whether nothing comes behind it but the end.
    """

    rule: str
    lines: tuple[str, ...]
    last: bool = False


@dataclass(frozen=True)
class Tricky:
    """Something that only looks wrong.

    Attributes:
        facts: What was done about it: `ticket` or `deed`.
    """

    lines: tuple[str, ...]
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pieces:
    """What chats are made of."""

    greetings: tuple[str, ...]
    closings: tuple[str, ...]
    bodies: tuple[tuple[str, ...], ...]
    faults: tuple[Fault, ...]
    tricky: tuple[Tricky, ...]


@dataclass(frozen=True)
class Said:
    """One line of a chat; `T` is something done, not said: its text says what."""

    who: Who
    pause: int
    text: str
    planted: str | None = None


@dataclass
class Script:
    """A chat before it is written into a database.

    Attributes:
        before: What was said with the bot.
        lines: What was said with the agent.
        facts: What was done afterwards.
        planted: The faults: the rule, and the place in `lines` where it shows.
    """

    before: list[Said]
    lines: list[Said]
    facts: list[str] = field(default_factory=list)
    planted: list[tuple[str, int]] = field(default_factory=list)


_TOPICS = {
    "order": re.compile(r"订单|单号|编号"),
    "body": re.compile(r"身高|体重|公斤|kg|[穿买].{0,3}码|斤"),
    "phone": re.compile(r"1[3-9]\d{9}|电话|手机号"),
    "address": re.compile(r"地址|路\d+号|城市"),
}

_SHORT = 4

# How many of 200 chats carry a fault of each kind that lies in how a chat goes, not in what is said.
_BY_COURSE = {"slow_first_answer": 10, "long_silence": 10, "no_greeting": 9, "no_closing": 9}
_CLEAN = 80


def scripts(pieces: Pieces, count: int, seed: int) -> Iterator[Script]:
    """Makes chats: two in five of them without a fault, the others with one or two.

    Args:
        pieces: What they are made of.
        count: How many.
        seed: The same seed makes the same chats.
    """
    dice = random.Random(seed)
    clean = round(count * _CLEAN / 200)
    kinds: list[Fault | str | None] = [None] * clean
    for name, share in _BY_COURSE.items():
        kinds += [name] * round(count * share / 200)
    faults = list(pieces.faults)
    while len(kinds) < count:
        dice.shuffle(faults)
        kinds += faults[: count - len(kinds)]
    dice.shuffle(kinds)
    for kind in kinds:
        second = dice.choice(pieces.faults) if kind is not None and dice.random() < 0.2 else None
        yield _script(pieces, [each for each in (kind, second) if each is not None], dice)


def _script(pieces: Pieces, faults: Sequence[Fault | str], dice: random.Random) -> Script:
    body = [*dice.choice(pieces.bodies)]
    cut = body.index(HAND_OVER)
    before, talk = _read(body[:cut]), _read(body[cut + 1 :])
    course = {each for each in faults if isinstance(each, str)}
    planted = [each for each in faults if isinstance(each, Fault)]
    endings = [each for each in planted if each.last][:1]
    lines: list[Said] = []
    if "no_greeting" not in course:
        lines.append(Said("A", dice.randint(6, 40), dice.choice(pieces.greetings)))
    lines += talk
    facts: list[str] = []
    middles: list[Fault | Tricky] = [each for each in planted if not each.last]
    # Of two tricky pieces the second may be none at all.
    middles += dice.sample(pieces.tricky, dice.choice((1, 1, 2)))
    dice.shuffle(middles)
    spoilt = {fault.rule for fault in planted}
    topics = _topics(body)
    for piece in sorted(middles, key=lambda each: isinstance(each, Tricky)):
        # What is given in one piece must not be asked for in another one: that would be a fault that nobody planted.
        if isinstance(piece, Tricky) and (
            (piece.facts and "promise_unkept" in spoilt) or topics & _topics(piece.lines)
        ):
            middles.remove(piece)
        else:
            topics |= _topics(piece.lines)
    for piece in middles:
        facts += piece.facts if isinstance(piece, Tricky) else ()
        lines += _read(piece.lines)
    if endings:
        lines += _read(endings[0].lines)
    elif "no_closing" not in course:
        lines.append(Said("A", dice.randint(8, 30), dice.choice(pieces.closings)))
    script = Script(before, _with_course(lines, course, dice), facts)
    script.planted = [(line.planted, place) for place, line in enumerate(script.lines) if line.planted is not None]
    first = next(place for place, line in enumerate(script.lines) if line.who == "A")
    last = max(place for place, line in enumerate(script.lines) if line.who == "A")
    script.planted += [("slow_first_answer", first)] if "slow_first_answer" in course else []
    script.planted += [("no_greeting", first)] if "no_greeting" in course else []
    script.planted += [("no_closing", last)] if "no_closing" in course and not endings else []
    return script


def _topics(lines: Sequence[str]) -> set[str]:
    return {name for name, pattern in _TOPICS.items() if any(pattern.search(line) for line in lines)}


def _with_course(lines: list[Said], course: set[str], dice: random.Random) -> list[Said]:
    slow = "slow_first_answer" in course
    silent = "long_silence" in course
    answers = [
        place
        for place in range(1, len(lines))
        if lines[place].who == "A"
        and lines[place].planted is None
        and lines[place - 1].who == "C"
        # Nobody waits for an answer to “好的”.
        and len(lines[place - 1].text) > _SHORT
        and any(each.who == "A" for each in lines[:place])
    ]
    there = dice.choice(answers) if silent and answers else None
    made = []
    answered = False
    for place, line in enumerate(lines):
        pause, planted = line.pause, line.planted
        if line.who == "A" and not answered:
            answered = True
            if slow:
                pause = dice.randint(150, 500)
        elif place == there:
            pause, planted = dice.randint(420, 1200), planted or "long_silence"
        made.append(Said(line.who, pause, line.text, planted))
    return made


def _read(lines: Sequence[str]) -> list[Said]:
    found = []
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"a line is no line: {line}")
        who, pause, planted, text = match.groups()
        found.append(Said(who, int(pause), text, planted))  # type: ignore[arg-type]
    return found
