"""``sixty chat``: a conversation in the terminal, through the running servers."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from sixty.errors import OperatorError
from sixty.talk.client import OPENED, Capsule, Conversation, NotRunningError, Reply, Said, TurnFailedError
from sixty.talk.outcomes import ERRORS, outcome_of_turn
from sixty.talk.wording import one_line, reply_lines


class Screen(Protocol):
    """Where a conversation is shown."""

    def turn(self, conversation: str, said: Said, replies: Sequence[Reply], seconds: float) -> None:
        """Shows what was said and what came back."""

    def failure(self, conversation: str, said: Said, error: OperatorError) -> None:
        """Shows a turn that failed."""


class TextScreen:
    """Shows a conversation to a person: replies, cards as text, capsules with their numbers."""

    def __init__(self, echo: bool) -> None:
        """Writes to standard output.

        Args:
            echo: Whether to show the customer's lines too, which a terminal does by itself.
        """
        # Lines are never broken: what is piped on stays what was said.
        self._out = Console(highlight=False, soft_wrap=True)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)
        self._echo = echo

    def turn(self, conversation: str, said: Said, replies: Sequence[Reply], seconds: float) -> None:
        """Shows a turn."""
        # A number was typed for a capsule, which does not tell what was asked.
        if said.shown and (self._echo or said.capsule):
            self._out.print(Text(f"you › {one_line(said.shown)}", style="bold"))
        for reply in replies:
            for position, line in enumerate(reply_lines(reply)):
                mark = "bot › " if position == 0 else "      "
                self._out.print(Text(mark, style="cyan").append(line, style="default"))
        if not replies:
            self._out.print(Text("bot › (no reply)", style="red"))
        choices = choices_of(replies)
        if choices:
            numbered = "   ".join(f"[{number}] {one_line(each.title)}" for number, each in enumerate(choices, 1))
            self._out.print(Text(f"      {numbered}", style="green"))

    def failure(self, conversation: str, said: Said, error: OperatorError) -> None:
        """Shows a turn that failed."""
        if said.shown and self._echo:
            self._out.print(Text(f"you › {one_line(said.shown)}", style="bold"))
        self._err.print(Text(f"sixty: {error}", style="red"))


class JsonScreen:
    """Shows a conversation to a program: one JSON object a turn."""

    def turn(self, conversation: str, said: Said, replies: Sequence[Reply], seconds: float) -> None:
        """Prints a turn."""
        self._print(
            {
                **_heading(conversation, said),
                "replies": [reply.as_json() for reply in replies],
                "outcome": outcome_of_turn(replies),
                "seconds": round(seconds, 3),
            }
        )

    def failure(self, conversation: str, said: Said, error: OperatorError) -> None:
        """Prints a turn that failed."""
        self._print({**_heading(conversation, said), "replies": [], "outcome": ERRORS, "error": str(error)})

    @staticmethod
    def _print(turn: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(turn, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def chat(
    conversation: Conversation, lines: Iterable[str], screen: Screen, *, welcome: bool = False, forgiving: bool = False
) -> int:
    """Holds a conversation.

    Args:
        conversation: The conversation, in which nothing was said yet.
        lines: What the customer says.
        screen: Where it is shown.
        welcome: Whether the bot speaks first, as it does on the page.
        forgiving: Whether to go on after a turn that failed: somebody who types can try again, while of lines that
            were written beforehand the later ones rest on the earlier.

    Returns:
        The exit code: 1 when a turn failed that was not forgiven.

    Raises:
        NotRunningError: There is nobody to talk to.
    """
    conversation.check_running()
    choices: tuple[Capsule, ...] = ()
    opening: list[Said | str] = [OPENED] if welcome else []
    for line in chain(opening, lines):
        said = line if isinstance(line, Said) else chosen(line, choices)
        if said is None:
            continue
        begun = time.monotonic()
        try:
            replies = conversation.say(said)
        except (NotRunningError, TurnFailedError) as error:
            screen.failure(conversation.id, said, error)
            if forgiving:
                continue
            return 1
        screen.turn(conversation.id, said, replies, time.monotonic() - begun)
        choices = choices_of(replies)
    return 0


def choices_of(replies: Iterable[Reply]) -> tuple[Capsule, ...]:
    """All that can be tapped after a turn, in the order of their numbers."""
    return tuple(choice for reply in replies for choice in reply.choices)


def chosen(line: str, choices: Sequence[Capsule]) -> Said | None:
    """What a line means: the number of a capsule on offer taps it, everything else is said as it is."""
    line = line.strip()
    taps = {str(number): choice for number, choice in enumerate(choices, 1)}
    if line in taps:
        return Said(capsule=taps[line])
    return Said(line) if line else None


def typed_lines() -> Iterator[str]:
    """What is typed until Ctrl-D or Ctrl-C, or what another program writes."""
    if not sys.stdin.isatty():
        yield from (line.rstrip("\n") for line in sys.stdin)
        return
    import readline  # noqa: F401 - gives input() its line editing and history

    while True:
        try:
            yield input("you › ")
        except (EOFError, KeyboardInterrupt):
            sys.stdout.write("\n")
            return


def _heading(conversation: str, said: Said) -> dict[str, Any]:
    """The conversation and what was said; `tapped` when it was the title of a capsule."""
    return {"conversation": conversation, "message": said.shown, **({"tapped": True} if said.capsule else {})}
