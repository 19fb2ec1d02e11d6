"""Counts who came by a mark, once each, and gives what joining is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sixty.shop.adding import add_once
from sixty.shop.benefits.benefit import BenefitPlan
from sixty.shop.benefits.granting import Granted, Refused, grant
from sixty.shop.orders import Viewer
from sixty.shop.own_channels.cards import Place
from sixty.shop.own_channels.channel import Channel
from sixty.shop.own_channels.marks import is_ours, visitor_digest
from sixty.shop.own_channels.models import OwnChannelMark, OwnChannelVisit, VisitKind
from sixty.shop.own_channels.reading import shop_channels

_KEY_PART = 40


@dataclass(frozen=True)
class Joined:
    """Somebody joined a channel.

    Attributes:
        new: Whether they were not in it before.
        given: What came of the benefit; None where there is none, or they had been in it.
    """

    channel_id: str
    new: bool
    given: Granted | Refused | None


def scanned(
    session: Session,
    mark: str,
    visitor: str,
    now: datetime,
    secret: str | None = None,
    channels: Sequence[Channel] | None = None,
) -> str | None:
    """Counts that somebody followed a mark.

    Args:
        session: A session that may write.
        mark: The mark.
        visitor: Who, as any text that stays the same for them; only its digest is kept.
        now: The present moment.
        secret: With which marks are signed; that of this deployment when left out.
        channels: The shop's channels; those of this deployment when left out.

    Returns:
        Where the mark leads; None when it isn't one of ours, or its channel is gone.
    """
    key = secret or Place.of_settings().secret
    row = _row(session, mark, key)
    channel = _channel(row, channels)
    if row is None or channel is None:
        return None
    _count(session, row, "scan", visitor_digest(key, visitor), now)
    return channel.address(mark)


def joined(
    session: Session,
    mark: str,
    visitor: str,
    now: datetime,
    secret: str | None = None,
    channels: Sequence[Channel] | None = None,
    benefits: BenefitPlan | None = None,
) -> Joined | None:
    """Counts that somebody joined the channel of a mark, and gives the benefit to whom the mark was shown.

    Args:
        session: A session that may write.
        mark: The mark.
        visitor: Who, as the channel calls them; only its digest is kept.
        now: The present moment.
        secret: With which marks are signed; that of this deployment when left out.
        channels: The shop's channels …
        benefits: … and benefits; those of this deployment when left out.

    Returns:
        What came of it; None when the mark isn't one of ours, or its channel is gone.
    """
    key = secret or Place.of_settings().secret
    row = _row(session, mark, key)
    channel = _channel(row, channels)
    if row is None or channel is None:
        return None
    digest = visitor_digest(key, visitor)
    new = _count(session, row, "joined", digest, now)
    if not new or channel.benefit is None:
        return Joined(channel.id, new, None)
    given = grant(
        session,
        channel.benefit,
        Viewer(row.conversation_id, row.customer_id),
        f"own:{channel.id}:{digest[:_KEY_PART]}",
        "bot",
        now,
        situation="own_channel",
        direct=True,
        plan=benefits,
    )
    return Joined(channel.id, new, given)


def _row(session: Session, mark: str, secret: str) -> OwnChannelMark | None:
    found: OwnChannelMark | None = session.get(OwnChannelMark, mark) if is_ours(mark, secret) else None
    return found


def _channel(row: OwnChannelMark | None, channels: Sequence[Channel] | None) -> Channel | None:
    known = channels if channels is not None else shop_channels()
    return next((each for each in known if row is not None and each.id == row.channel_id), None)


def _count(session: Session, row: OwnChannelMark, kind: VisitKind, visitor: str, now: datetime) -> bool:
    values = {"mark": row.mark, "channel_id": row.channel_id, "kind": kind, "visitor": visitor, "at": now}
    return add_once(session, OwnChannelVisit, values)
