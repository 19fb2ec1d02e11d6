"""Several short lines within a moment, read as one, as shop staff do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sixty.channels.door_options import Bursts


def waits(line: str, bursts: Bursts) -> bool:
    """Whether more may follow a line: it is short, and waiting is wanted at all."""
    return bursts.wait > 0 and len(line) <= bursts.shortest


def fits(lines: Sequence[str], following: str, bursts: Bursts, longest: int) -> bool:
    """Whether a line may be read together with those before it."""
    return len(lines) < bursts.lines and sum(map(len, lines)) + len(lines) + len(following) <= longest


def joined(lines: Iterable[str]) -> str:
    """Several lines as one. A blank parts them: with it more is understood than with a comma or a full stop."""
    return " ".join(line.strip() for line in lines)
