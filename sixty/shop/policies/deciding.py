"""The first row that fits decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.policies.facts import Facts
from sixty.shop.policies.rows import RowEntry
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import say_amount, say_span


@dataclass(frozen=True)
class Policy:
    """A family of deeds and the rows that decide about it; the last one fits whatever is so.

    Attributes:
        name: The file, without its ending.
    """

    name: str
    kinds: tuple[DeedKind, ...]
    rows: tuple[RowEntry, ...]

    def __post_init__(self) -> None:
        if not self.rows or self.rows[-1].when is not None:
            raise ValueError(f"{self.name}: the last row must decide whatever is so")


def decide(policy: Policy, facts: Facts) -> Verdict:
    """Decides by the first row whose conditions hold.

    Raises:
        ValueError: The policy is about other deeds.
    """
    if facts.kind not in policy.kinds:
        raise ValueError(f"{policy.name} decides nothing about {facts.kind}")
    row = next(row for row in policy.rows if row.when is None or row.when.fits(facts))
    limit = row.limit.of_facts(facts) if row.limit is not None else None
    words = {
        "amount": say_amount(facts.amount),
        "article": facts.article or "这件商品",
        "days": str(facts.days_since_receipt),
        "difference": say_amount(facts.difference),
        "level": facts.level,
        "limit": say_amount(limit) if limit is not None else "",
        "promise": _within(row.promise),
        "receipt": f"签收第{facts.days_since_receipt}天" if facts.days_since_receipt else "今天刚签收",
    }
    return Verdict(
        kind=facts.kind,
        allowed=row.allow,
        row_id=row.id,
        say=row.say.format(**words),
        instead=tuple(kind for kind in row.instead if kind != facts.kind),
        source=row.source.made(),
        freight=row.freight,
        promise=row.promise,
        limit=limit,
        page=row.page,
        person=row.person,
    )


def _within(span: timedelta | None) -> str:
    if span is None:
        return ""
    # People say 24 and 48 hours for one and two days.
    hours = span // timedelta(hours=1)
    return f"{hours}小时内" if hours in (24, 48) else f"{say_span(span)}内"
