"""The card that invites into an own channel, with its own source mark."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import segno
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.adding import add_once
from sixty.shop.benefits import counters
from sixty.shop.benefits.about import About, circumstances_of, priced
from sixty.shop.benefits.benefit import Benefit, BenefitPlan
from sixty.shop.benefits.checks import had_enough
from sixty.shop.benefits.reading import shop_benefits
from sixty.shop.benefits.wording import first_filled
from sixty.shop.orders import Viewer
from sixty.shop.own_channels.channel import Channel, ChannelKind
from sixty.shop.own_channels.marks import mark_of
from sixty.shop.own_channels.models import OwnChannelMark, OwnChannelVisit
from sixty.shop.own_channels.reading import shop_channels
from sixty.tables import column

_NOWHERE = About()


@dataclass(frozen=True)
class ChannelCard:
    """An invitation, as any channel can show it.

    Attributes:
        benefit_title: What one gets for joining; None where nothing is left to give.
        link: Where it leads, by way of the desk, which counts it.
        picture: The code to scan, or the merchant's own picture.
    """

    channel_id: str
    kind: ChannelKind
    title: str
    text: str
    benefit_title: str | None
    mark: str
    link: str
    picture: str | None
    account: str = ""

    def as_card(self) -> dict[str, str | None]:
        """The card as it leaves the bot."""
        return {
            "type": "own_channel",
            "kind": self.kind,
            "title": self.title,
            "text": self.text,
            "benefit": self.benefit_title,
            "account": self.account or None,
            "link": self.link,
            "picture": self.picture,
        }


@dataclass(frozen=True)
class Place:
    """Where marks are made and lead: the deployment's secret and the desk's public address."""

    secret: str
    address: str

    @classmethod
    def of_settings(cls) -> Place:
        """As this deployment says."""
        from sixty.settings import get_settings

        settings = get_settings()
        return cls(settings.secret, settings.public_desk_url)


def card_for(
    session: Session,
    viewer: Viewer,
    now: datetime,
    situation: str = "",
    channel_id: str | None = None,
    about: About = _NOWHERE,
    *,
    channels: Sequence[Channel] | None = None,
    benefits: BenefitPlan | None = None,
    place: Place | None = None,
) -> ChannelCard | None:
    """Makes the invitation that fits, and remembers to whom it was shown and why.

    Args:
        session: A session that may write.
        viewer: Who is invited.
        now: The moment.
        situation: Why; one of the situations of benefits, or any other short word for the report.
        channel_id: This channel, whatever the situation.
        about: What the talk is about, and the membership of a visitor.
        channels: The shop's channels …
        benefits: … and benefits …
        place: … and where the card leads: those of this deployment when left out.

    Returns:
        The card of the first channel that fits and that they have not joined; None when there is none.
    """
    plan = benefits or shop_benefits()
    where = place or Place.of_settings()
    found = priced(session, plan, viewer, now, about)
    circumstances = circumstances_of(session, viewer, now, about, found)
    for channel in channels if channels is not None else shop_channels():
        wanted = channel.id == channel_id if channel_id is not None else channel.fits(situation, circumstances)
        if wanted and not _has_joined(session, channel, viewer):
            return _card(session, channel, plan.benefits.get(channel.benefit or ""), viewer, now, situation, where)
    return None


def code_svg(address: str) -> bytes:
    """Draws the code of an address as SVG: dark on white, with the quiet margin that scanners need."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=4, scale=8, dark="#1f2329", light="#ffffff", xmldecl=True, title="二维码"
    )
    return drawn.getvalue()


def _card(
    session: Session,
    channel: Channel,
    benefit: Benefit | None,
    viewer: Viewer,
    now: datetime,
    situation: str,
    place: Place,
) -> ChannelCard:
    mark = mark_of(place.secret, channel.id, viewer.conversation_id)
    values = {
        "mark": mark,
        "channel_id": channel.id,
        "conversation_id": viewer.conversation_id,
        "customer_id": viewer.customer_id,
        "situation": situation[:16],
        "made_at": now,
    }
    if not add_once(session, OwnChannelMark, values):
        row: OwnChannelMark | None = session.get(OwnChannelMark, mark)
        if row is not None and row.customer_id is None:
            row.customer_id = viewer.customer_id
    given = (
        benefit is not None
        and benefit.runs(now)
        and counters.shortage(session, benefit, now) is None
        and not had_enough(session, benefit, viewer, now)
    )
    title = benefit.title if benefit is not None and given else None
    code = f"{place.address}/own/{mark}.svg" if channel.kind != "membership" else None
    return ChannelCard(
        channel.id,
        channel.kind,
        channel.title,
        first_filled(channel.lines, {"benefit": title} if title is not None else {}),
        title,
        mark,
        f"{place.address}/j/{mark}",
        channel.picture or code,
        channel.account,
    )


def _has_joined(session: Session, channel: Channel, viewer: Viewer) -> bool:
    mine = column(OwnChannelMark.conversation_id) == viewer.conversation_id
    if viewer.customer_id is not None:
        mine = mine | (column(OwnChannelMark.customer_id) == viewer.customer_id)
    query = (
        select(OwnChannelVisit.id)
        .join(OwnChannelMark, column(OwnChannelMark.mark) == OwnChannelVisit.mark)
        .where(mine, column(OwnChannelVisit.kind) == "joined", column(OwnChannelVisit.channel_id) == channel.id)
        .limit(1)
    )
    return session.scalar(query) is not None
