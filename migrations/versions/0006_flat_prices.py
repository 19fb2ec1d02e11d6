"""What keeps a price quick in a large shop, and when the catalogue was last brought in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.create_index("ix_coupon_kind_category_ends_at", "coupon", ["kind", "category", "ends_at"], unique=False)
    op.create_index("ix_promotion_everywhere_ends_at", "promotion", ["everywhere", "ends_at"], unique=False)
    op.create_table(
        "catalogue_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_import")),
    )
    op.create_index("ix_catalogue_import_kind_at", "catalogue_import", ["kind", "at"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("catalogue_import")
    op.drop_index("ix_promotion_everywhere_ends_at", table_name="promotion")
    op.drop_index("ix_coupon_kind_category_ends_at", table_name="coupon")
