"""Size charts by chest, waist, foot and age, and for a whole category."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MEASURES = ("chest", "waist", "foot", "age")


def upgrade() -> None:
    """Makes the change."""
    op.add_column("size_chart", sa.Column("category", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_size_chart_category"), "size_chart", ["category"], unique=False)
    for measure in _MEASURES:
        op.add_column("size_row", sa.Column(f"{measure}_min", sa.BigInteger(), nullable=True))
        # The check comes with its column, which SQLite can do without rewriting the table.
        check = sa.CheckConstraint(f"{measure}_min <= {measure}_max", name=op.f(f"ck_size_row_{measure}"))
        op.add_column("size_row", sa.Column(f"{measure}_max", sa.BigInteger(), check, nullable=True))


def downgrade() -> None:
    """Takes it back."""
    for measure in reversed(_MEASURES):
        op.drop_column("size_row", f"{measure}_max")
        op.drop_column("size_row", f"{measure}_min")
    op.drop_index(op.f("ix_size_chart_category"), table_name="size_chart")
    op.drop_column("size_chart", "category")
