"""Benefits that were offered and given, own channels and who came by them, product trials; personal coupons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LIVE = sa.text("state IN ('held', 'granted')")
_OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "benefit_counter",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("span", sa.String(length=16), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND spent >= 0", name=op.f("ck_benefit_counter_amounts")),
        sa.PrimaryKeyConstraint("name", "span", name=op.f("pk_benefit_counter")),
    )
    op.create_table(
        "benefit_grant",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("benefit_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("authority", sa.String(length=16), nullable=False),
        sa.Column("situation", sa.String(length=16), nullable=False),
        sa.Column("product_no", sa.String(length=32), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("stock_span", sa.String(length=16), nullable=False),
        sa.Column("budget", sa.String(length=64), nullable=True),
        sa.Column("budget_span", sa.String(length=16), nullable=False),
        sa.Column("coupon_code", sa.String(length=48), nullable=True),
        sa.Column("drawn_key", sa.String(length=160), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=128), nullable=True),
        sa.CheckConstraint("authority IN ('bot', 'agent', 'supervisor')", name=op.f("ck_benefit_grant_authority")),
        sa.CheckConstraint("kind IN ('goods', 'service', 'coupon')", name=op.f("ck_benefit_grant_kind")),
        sa.CheckConstraint(
            "state IN ('held', 'granted', 'used', 'revoked', 'expired')", name=op.f("ck_benefit_grant_state")
        ),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_benefit_grant_cost")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_benefit_grant")),
        sa.UniqueConstraint("reference", name=op.f("uq_benefit_grant_reference")),
    )
    op.create_index(
        "ix_benefit_grant_budget",
        "benefit_grant",
        ["budget", "expires_at"],
        unique=False,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_index(
        "ix_benefit_grant_conversation_id_granted_at", "benefit_grant", ["conversation_id", "granted_at"], unique=False
    )
    op.create_index(
        "ix_benefit_grant_customer_id_granted_at", "benefit_grant", ["customer_id", "granted_at"], unique=False
    )
    op.create_index(
        "ix_benefit_grant_due",
        "benefit_grant",
        ["benefit_id", "expires_at"],
        unique=False,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_index("ix_benefit_grant_state_granted_at", "benefit_grant", ["state", "granted_at"], unique=False)
    op.create_table(
        "benefit_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("situation", sa.String(length=16), nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("benefit_id", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("product_no", sa.String(length=32), nullable=True),
        sa.Column("sku_code", sa.String(length=48), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=True),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('open', 'taken', 'declined')", name=op.f("ck_benefit_offer_answer")),
        sa.CheckConstraint("kind IN ('reasons', 'benefit', 'last_word')", name=op.f("ck_benefit_offer_kind")),
        sa.CheckConstraint("quantity >= 1 AND step >= 0", name=op.f("ck_benefit_offer_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_offer")),
    )
    op.create_index(
        "ix_benefit_offer_conversation_id_offered_at", "benefit_offer", ["conversation_id", "offered_at"], unique=False
    )
    op.create_index(
        "ix_benefit_offer_customer_id_offered_at", "benefit_offer", ["customer_id", "offered_at"], unique=False
    )
    op.create_table(
        "own_channel_mark",
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("situation", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_own_channel_mark")),
    )
    op.create_index(
        "ix_own_channel_mark_channel_id_made_at", "own_channel_mark", ["channel_id", "made_at"], unique=False
    )
    op.create_table(
        "trial_arm",
        sa.Column("trial_id", sa.String(length=64), nullable=False),
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("reward", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "shown >= settled AND settled >= 0 AND reward >= 0 AND squares >= 0", name=op.f("ck_trial_arm_counts")
        ),
        sa.PrimaryKeyConstraint("trial_id", "product_no", name=op.f("pk_trial_arm")),
    )
    op.create_table(
        "trial_impression",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("trial_id", sa.String(length=64), nullable=False),
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("scene", sa.String(length=32), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reward", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_trial_impression")),
    )
    op.create_index(
        "ix_trial_impression_conversation_id_product_no_shown_at",
        "trial_impression",
        ["conversation_id", "product_no", "shown_at"],
        unique=False,
    )
    op.create_index(
        "ix_trial_impression_customer_id_product_no_shown_at",
        "trial_impression",
        ["customer_id", "product_no", "shown_at"],
        unique=False,
    )
    op.create_index(
        "ix_trial_impression_open",
        "trial_impression",
        ["trial_id", "shown_at"],
        unique=False,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "own_channel_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('scan', 'joined')", name=op.f("ck_own_channel_visit_kind")),
        sa.ForeignKeyConstraint(
            ["mark"],
            ["own_channel_mark.mark"],
            name=op.f("fk_own_channel_visit_mark_own_channel_mark"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_channel_visit")),
        sa.UniqueConstraint("channel_id", "kind", "visitor", name=op.f("uq_own_channel_visit_channel_id_kind_visitor")),
    )
    op.create_index(op.f("ix_own_channel_visit_mark"), "own_channel_visit", ["mark"], unique=False)
    op.create_table(
        "trial_outcome",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("impression_key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('tap', 'favourite', 'cart', 'order')", name=op.f("ck_trial_outcome_kind")),
        sa.ForeignKeyConstraint(
            ["impression_key"],
            ["trial_impression.key"],
            name=op.f("fk_trial_outcome_impression_key_trial_impression"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_trial_outcome")),
        sa.UniqueConstraint("impression_key", "kind", name=op.f("uq_trial_outcome_impression_key_kind")),
    )
    op.add_column("coupon", sa.Column("personal", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("customer_coupon", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Takes it back; coupons that were given to somebody go with it, or everybody could use them."""
    op.execute("DELETE FROM customer_coupon WHERE coupon_code IN (SELECT code FROM coupon WHERE personal)")
    op.execute("DELETE FROM coupon WHERE personal")
    op.drop_column("customer_coupon", "ends_at")
    op.drop_column("coupon", "personal")
    op.drop_table("trial_outcome")
    op.drop_table("trial_arm")
    op.drop_table("trial_impression")
    op.drop_table("own_channel_visit")
    op.drop_table("own_channel_mark")
    op.drop_table("benefit_offer")
    op.drop_table("benefit_grant")
    op.drop_table("benefit_counter")
