"""Promotions, what they are for, and what customers hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_pricing"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "promotion",
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("campaign", sa.String(length=32), nullable=True),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=True),
        sa.Column("which", sa.String(length=8), nullable=True),
        sa.Column("repeats", sa.Boolean(), nullable=False),
        sa.Column("gift", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "kind IN ('timed_discount', 'bundle_price', 'pieces', 'store_cut', 'cross_shop_cut', 'allowance', 'gift')",
            name=op.f("ck_promotion_kind"),
        ),
        sa.CheckConstraint(
            "(campaign IS NULL AND starts_at IS NOT NULL AND ends_at IS NOT NULL AND starts_at < ends_at) "
            "OR (campaign IS NOT NULL AND starts_at IS NULL AND ends_at IS NULL)",
            name=op.f("ck_promotion_times"),
        ),
        sa.CheckConstraint("threshold >= 0", name=op.f("ck_promotion_threshold")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_promotion")),
    )
    op.create_index("ix_promotion_ends_at", "promotion", ["ends_at"], unique=False)
    op.create_table(
        "promotion_scope",
        sa.Column("promotion_code", sa.String(length=48), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.CheckConstraint("field IN ('category', 'product', 'without')", name=op.f("ck_promotion_scope_field")),
        sa.ForeignKeyConstraint(
            ["promotion_code"],
            ["promotion.code"],
            name=op.f("fk_promotion_scope_promotion_code_promotion"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("promotion_code", "field", "value", name=op.f("pk_promotion_scope")),
    )
    op.create_index("ix_promotion_scope_value_field", "promotion_scope", ["value", "field"], unique=False)
    op.create_table(
        "credit",
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0 AND threshold >= 0", name=op.f("ck_credit_amounts")),
        sa.CheckConstraint("kind IN ('allowance', 'red_packet')", name=op.f("ck_credit_kind")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_credit_times")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_credit_customer_id_customer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_credit")),
    )
    op.create_index(op.f("ix_credit_customer_id"), "credit", ["customer_id"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("credit")
    op.drop_table("promotion_scope")
    op.drop_table("promotion")
