"""What somebody has been given and not used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.benefits.kinds import BenefitKind, GrantState
from sixty.shop.benefits.models import BenefitGrant
from sixty.shop.orders import Viewer
from sixty.shop.whose import whose
from sixty.tables import column


@dataclass(frozen=True)
class Held:
    """A benefit that somebody has; `held` while it waits for a visitor to become known."""

    reference: str
    benefit_id: str
    title: str
    kind: BenefitKind
    expires_at: datetime
    coupon_code: str | None
    state: GrantState


def held_by(session: Session, viewer: Viewer, now: datetime) -> list[Held]:
    """Lists what a customer has been given and can use still, what ends first in front."""
    query = (
        select(BenefitGrant)
        .where(
            whose(BenefitGrant, viewer),
            column(BenefitGrant.state).in_(("held", "granted")),
            column(BenefitGrant.expires_at) > now,
        )
        .order_by(BenefitGrant.expires_at, BenefitGrant.reference)
    )
    rows: Sequence[BenefitGrant] = session.scalars(query).all()
    return [
        Held(row.reference, row.benefit_id, row.title, row.kind, row.expires_at, row.coupon_code, row.state)
        for row in rows
    ]
