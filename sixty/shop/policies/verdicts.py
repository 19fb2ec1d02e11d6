"""What a policy decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from sixty.shop.deeds.kinds import DeedKind

SourceKind = Literal["law", "platform", "shop"]
Freight = Literal["customer", "shop"]


@dataclass(frozen=True)
class Source:
    """Where a rule comes from: a law, the platform's rules or the shop's own promise."""

    kind: SourceKind
    name: str


@dataclass(frozen=True)
class Verdict:
    """Whether a deed may be done, why, and on which terms.

    Attributes:
        kind: The deed.
        allowed: Whether it may be done.
        row_id: The row that decided.
        say: What the customer is told, in Chinese: the terms, or why not and what is possible.
        instead: Deeds that may be possible instead, the likeliest first.
        source: Where the rule comes from.
        freight: Who pays for sending something back; `None` where nothing is sent.
        promise: Within which time it will have been done; `None` where it is done at once or nothing is promised.
        limit: The most that is paid, in yuan; `None` where nothing is paid or the policy sets no limit.
        page: The platform's page where it is done, by its name in `playbook/pages.yml`.
        person: Whether somebody of the shop is called as well.
    """

    kind: DeedKind
    allowed: bool
    row_id: str
    say: str
    instead: tuple[DeedKind, ...]
    source: Source
    freight: Freight | None = None
    promise: timedelta | None = None
    limit: Decimal | None = None
    page: str | None = None
    person: bool = False
