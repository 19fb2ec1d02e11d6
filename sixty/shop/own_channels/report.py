"""Which invitations brought whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from sixty.shop.intervals import Interval, wilson
from sixty.shop.own_channels.models import OwnChannelMark, OwnChannelVisit
from sixty.tables import column


@dataclass(frozen=True)
class ChannelFigures:
    """What came of the cards of a channel that were shown in a situation.

    Attributes:
        shown: To how many conversations it was shown.
        scanned: How many of those cards somebody followed, and …
        joined: … by how many somebody joined.
        visitors: How many people joined.
        rate: Of the cards shown, by how many somebody joined, with 95% certainty.
    """

    channel_id: str
    situation: str
    shown: int
    scanned: int
    joined: int
    visitors: int
    rate: Interval


def channel_report(session: Session, since: datetime, until: datetime) -> list[ChannelFigures]:
    """Counts the cards that were shown in a span of time, and what came of them at any time.

    Args:
        session: The shop's database.
        since: From here on …
        until: … until just before here.
    """

    def by_mark(kind: str) -> Any:
        visits = and_(column(OwnChannelVisit.mark) == OwnChannelMark.mark, column(OwnChannelVisit.kind) == kind)
        return select(func.count()).select_from(OwnChannelVisit).where(visits).scalar_subquery()

    per_mark = (
        select(
            OwnChannelMark.channel_id,
            OwnChannelMark.situation,
            by_mark("scan").label("scans"),
            by_mark("joined").label("joins"),
        )
        .where(column(OwnChannelMark.made_at) >= since, column(OwnChannelMark.made_at) < until)
        .subquery()
    )
    query = (
        select(
            per_mark.c.channel_id,
            per_mark.c.situation,
            func.count().label("shown"),
            func.sum(case((per_mark.c.scans > 0, 1), else_=0)),
            func.sum(case((per_mark.c.joins > 0, 1), else_=0)),
            func.sum(per_mark.c.joins),
        )
        .group_by(per_mark.c.channel_id, per_mark.c.situation)
        .order_by(per_mark.c.channel_id, per_mark.c.situation)
    )
    return [
        ChannelFigures(channel, situation, shown, int(scans), int(joins), int(people), wilson(int(joins), shown))
        for channel, situation, shown, scans, joins, people in session.execute(query)
    ]
