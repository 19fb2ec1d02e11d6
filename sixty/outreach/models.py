"""The tables of what the bot says first. What they mean is told in docs/outreach.md."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)

from sixty.tables import Base, Money, UtcDateTime

SubjectKind = Literal["order", "parcel", "refund", "visit", "cart", "wish"]
Arm = Literal["reminded", "control"]
CaseState = Literal["open", "ended"]
Way = Literal["chat", "sms", "phone"]
RungState = Literal["planned", "queued", "sent", "held", "skipped", "failed"]
ContactState = Literal["waiting", "sending", "sent", "delivered", "failed", "taken", "done"]

SUBJECT_KINDS: tuple[SubjectKind, ...] = ("order", "parcel", "refund", "visit", "cart", "wish")
WAYS: tuple[Way, ...] = ("chat", "sms", "phone")

_PLANNED = text("state = 'planned'")
_WATCHED = text("exposed_at IS NOT NULL AND settled_at IS NULL")
_OPEN = text("state = 'open'")
_UNSENT = text("state IN ('waiting', 'sending')")

# SQLite counts rows in INTEGER columns only.
_BigId = BigInteger().with_variant(Integer(), "sqlite")


def _one_of(name: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


class OutreachCase(Base):
    """That a scene is about something: one order, one cart, one visit; there is one case of each at most.

    Attributes:
        scene: The scene's name in `playbook/outreach.yml`.
        subject_kind: What it is about.
        subject_id: Which one, with what makes it another time: an order's number, `parcel no:since`,
            `refund no:state`, a visit's first message, a cart's event, `wisher:sku:asked at`.
        who: The customer's id, or the conversation's of a visitor whom we don't know: caps and arms go by it. Of who
            was forgotten a name that leads nowhere.
        conversation_id: Of a visit or a wish: where it was said. Of all others: where the first rung was said.
        product_no: What is recommended, missed or forgotten, where it is about one product.
        amount: What is at stake, in yuan.
        audience: The audience of the scene that it belongs to.
        variant: The variant of the words; by draw where an audience has several.
        arm: `control` is left alone, to see what reminding does.
        why: Of scenes before the order: why they did not buy: `out_of_stock`, `no_size`, `price`, a doubt, `unknown`.
        moment: When what the scene is about came to be.
        exposed_at: When the first rung was due, had passed every check, and was said (`reminded`) or held back
            (`control`). Attribution counts from here, in both arms alike; nothing before it counts.
        watch_until: Until when what the customer does counts.
        answered_at: When the customer wrote next, in any conversation of theirs, and nothing else had been said to them
            in between.
        converted_at: When they did what the scene is for; taken back when the order is closed within the window.
        converted_order_no: The order by which they did.
        recovered: What that order brought, in yuan.
        unsubscribed_at: When the customer refused further messages, this one having been the last.
        ended_because: Why nothing further follows: `done`, `gone`, `stopped`, `exhausted`, `held`, …
        settled_at: When nothing about it is watched any more.
    """

    __tablename__ = "outreach_case"
    __table_args__ = (
        UniqueConstraint("scene", "subject_kind", "subject_id"),
        _one_of("subject_kind", *SUBJECT_KINDS),
        _one_of("arm", "reminded", "control"),
        _one_of("state", "open", "ended"),
        Index("ix_outreach_case_who_moment", "who", "moment"),
        Index("ix_outreach_case_order_no", "order_no"),
        Index("ix_outreach_case_conversation_id", "conversation_id"),
        Index("ix_outreach_case_scene_exposed_at", "scene", "exposed_at"),
        Index("ix_outreach_case_open", "who", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outreach_case_watched", "watch_until", sqlite_where=_WATCHED, postgresql_where=_WATCHED),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    scene: str = Column(String(32), nullable=False)
    subject_kind: SubjectKind = Column(String(16), nullable=False)
    subject_id: str = Column(String(160), nullable=False)
    who: str = Column(String(80), nullable=False)
    customer_id: str | None = Column(String(64))
    conversation_id: str | None = Column(String(64))
    order_no: str | None = Column(String(64))
    product_no: str | None = Column(String(64))
    sku_code: str | None = Column(String(48))
    category: str = Column(String(32), nullable=False, default="")
    amount: Decimal | None = Column(Money)
    region: str = Column(String(64), nullable=False, default="")
    audience: str = Column(String(32), nullable=False)
    variant: str = Column(String(32), nullable=False)
    arm: Arm = Column(String(16), nullable=False)
    why: str | None = Column(String(32))
    moment: datetime = Column(UtcDateTime, nullable=False)
    state: CaseState = Column(String(16), nullable=False, default="open")
    exposed_at: datetime | None = Column(UtcDateTime)
    watch_until: datetime | None = Column(UtcDateTime)
    answered_at: datetime | None = Column(UtcDateTime)
    converted_at: datetime | None = Column(UtcDateTime)
    converted_order_no: str | None = Column(String(64))
    recovered: Decimal | None = Column(Money)
    unsubscribed_at: datetime | None = Column(UtcDateTime)
    ended_at: datetime | None = Column(UtcDateTime)
    ended_because: str | None = Column(String(32))
    settled_at: datetime | None = Column(UtcDateTime)
    created_at: datetime = Column(UtcDateTime, nullable=False)


class OutreachRung(Base):
    """One step of a case's ladder: what was to be said, by which way, and what became of it. There is one of each.

    Attributes:
        rung: The how-manieth, from 1.
        state: `planned` until it is due; then `held` (control), `skipped` with a reason, or `queued`: it lies in the
            outbox and is looked at once more; then `sent`, `skipped`, or `failed` when no delivery succeeded.
        priority: The place of its scene in the file: of what is due at one moment, the first counts most.
        due_at: When it is to be said.
        latest_at: After this it is not said any more; of a call that lies on the list, after this it is not made.
        attempts: How often it could not be decided on, because something broke.
        not_before: When it is tried again after that.
        reason: Why it was skipped; see `sixty.outreach.reasons`.
        decided_at: When it left `planned`.
        text: What was said.
        message_id: The ledger's message that it became.
        cost: What saying it has cost, in yuan.
        masked_at: When what is personal was taken out of its words for good; see `sixty.outreach.retention`.
    """

    __tablename__ = "outreach_rung"
    __table_args__ = (
        UniqueConstraint("case_id", "rung"),
        _one_of("way", *WAYS),
        _one_of("state", "planned", "queued", "sent", "held", "skipped", "failed"),
        CheckConstraint("rung >= 1", name="rung"),
        Index("ix_outreach_rung_planned", "due_at", "priority", "id", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        Index("ix_outreach_rung_who_decided_at", "who", "decided_at"),
        Index("ix_outreach_rung_scene_decided_at", "scene", "decided_at"),
        Index("ix_outreach_rung_message_id", "message_id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    case_id: int = Column(_BigId, ForeignKey("outreach_case.id", ondelete="CASCADE"), nullable=False)
    rung: int = Column(Integer, nullable=False)
    scene: str = Column(String(32), nullable=False)
    who: str = Column(String(80), nullable=False)
    way: Way = Column(String(8), nullable=False)
    state: RungState = Column(String(16), nullable=False, default="planned")
    priority: int = Column(Integer, nullable=False, default=0)
    due_at: datetime = Column(UtcDateTime, nullable=False)
    latest_at: datetime = Column(UtcDateTime, nullable=False)
    attempts: int = Column(Integer, nullable=False, default=0)
    not_before: datetime | None = Column(UtcDateTime)
    reason: str | None = Column(String(32))
    decided_at: datetime | None = Column(UtcDateTime)
    sent_at: datetime | None = Column(UtcDateTime)
    delivered_at: datetime | None = Column(UtcDateTime)
    text: str = Column(Text, nullable=False, default="")
    message_id: int | None = Column(_BigId)
    cost: Decimal | None = Column(Money)
    masked_at: datetime | None = Column(UtcDateTime)


class OutreachStop(Base):
    """That somebody is left alone: by all scenes or those that sell, on all ways or one, for ever or for a while.

    Attributes:
        kind: Whom or what it is about: a customer, a conversation, an order, a product (`customer:product`), a phone
            number.
        subject: Which one; of a phone number, and of a customer who was forgotten, what `sixty.outreach.nameless`
            makes of it.
        scenes: `*` for all, `selling` for those that want to sell, else one scene's name.
        way: `*` for all, else `chat`, `sms` or `phone`.
        why: `asked` ("别再发了"), `abandoned` ("不想要了"), `angry`, `unsubscribed`, `staff`, `forgotten`.
        until: Until when; None for ever.
    """

    __tablename__ = "outreach_stop"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "scenes", "way"),
        _one_of("kind", "customer", "conversation", "order", "product", "number"),
        _one_of("way", "*", *WAYS),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    kind: str = Column(String(16), nullable=False)
    subject: str = Column(String(160), nullable=False)
    scenes: str = Column(String(32), nullable=False, default="*")
    way: str = Column(String(8), nullable=False, default="*")
    why: str = Column(String(32), nullable=False)
    by: str = Column(String(64), nullable=False, default="customer")
    at: datetime = Column(UtcDateTime, nullable=False)
    until: datetime | None = Column(UtcDateTime)


class OutreachPause(Base):
    """That staff have paused a scene, or all of them (`*`)."""

    __tablename__ = "outreach_pause"

    scene: str = Column(String(32), primary_key=True)
    by: str = Column(String(64), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)


class OutreachCursor(Base):
    """Up to which moment a scene has looked for new cases; or customers' lines have been read, by a name with `*`.

    Attributes:
        seen_at: When it was moved; of lines, when they were last read far back.
    """

    __tablename__ = "outreach_cursor"

    scene: str = Column(String(32), primary_key=True)
    until: datetime = Column(UtcDateTime, nullable=False)
    seen_at: datetime = Column(UtcDateTime, nullable=False)


class OutreachContact(Base):
    """One SMS, or one call that somebody of the shop is to make; the outbox of both.

    Attributes:
        rung_id: The rung that it is.
        number: In the international form, `+8613800138000`.
        template: The provider's name of the words.
        variables: What fills its gaps.
        state: An SMS is waiting (nothing was sent, for sure), sending (it may have been), sent, delivered or failed; a
            call waiting, taken, done, or failed: it is not to be made any more.
        provider: Who carries it.
        provider_ref: What they call it.
        taken_by: The agent who makes the call.
        note: What the agent has noted of a call.
        outcome: Of a call: `reached`, `not_reached`, `will_buy`, `refused`, `wrong_number`.
        masked_at: When the number and what is personal in the words was masked for good.
    """

    __tablename__ = "outreach_contact"
    __table_args__ = (
        UniqueConstraint("rung_id"),
        UniqueConstraint("provider", "provider_ref"),
        _one_of("way", "sms", "phone"),
        _one_of("state", "waiting", "sending", "sent", "delivered", "failed", "taken", "done"),
        Index("ix_outreach_contact_unsent", "way", "due_at", "id", sqlite_where=_UNSENT, postgresql_where=_UNSENT),
        Index("ix_outreach_contact_number", "number"),
        Index("ix_outreach_contact_created_at", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    rung_id: int = Column(_BigId, ForeignKey("outreach_rung.id", ondelete="CASCADE"), nullable=False)
    way: Way = Column(String(8), nullable=False)
    number: str = Column(String(20), nullable=False)
    template: str = Column(String(64), nullable=False, default="")
    variables: dict[str, Any] = Column(JSON, nullable=False, default=dict)
    text: str = Column(Text, nullable=False, default="")
    state: ContactState = Column(String(16), nullable=False, default="waiting")
    due_at: datetime = Column(UtcDateTime, nullable=False)
    attempts: int = Column(Integer, nullable=False, default=0)
    claimed_until: datetime | None = Column(UtcDateTime)
    provider: str = Column(String(32), nullable=False, default="")
    provider_ref: str | None = Column(String(128))
    problem: str | None = Column(Text)
    created_at: datetime = Column(UtcDateTime, nullable=False)
    sent_at: datetime | None = Column(UtcDateTime)
    delivered_at: datetime | None = Column(UtcDateTime)
    taken_by: str | None = Column(String(64))
    taken_at: datetime | None = Column(UtcDateTime)
    outcome: str | None = Column(String(32))
    note: str = Column(Text, nullable=False, default="")
    done_at: datetime | None = Column(UtcDateTime)
    masked_at: datetime | None = Column(UtcDateTime)


class OutreachEdit(Base):
    """That staff have changed words of a scene in `playbook/outreach.yml`: what they were, for undoing it.

    Attributes:
        place: Where in the scene's block: `variants.plain.text`, `ladder.2.text`.
    """

    __tablename__ = "outreach_edit"
    __table_args__ = (
        Index("ix_outreach_edit_scene_place_id", "scene", "place", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    scene: str = Column(String(32), nullable=False)
    place: str = Column(String(64), nullable=False)
    before: str = Column(Text, nullable=False)
    after: str = Column(Text, nullable=False)
    by: str = Column(String(64), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)
