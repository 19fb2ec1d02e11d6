"""What is personal in reminders, SMS and calls is masked for good when it is old, as messages are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    for table in ("outreach_rung", "outreach_contact"):
        op.add_column(table, sa.Column("masked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Takes it back."""
    for table in ("outreach_contact", "outreach_rung"):
        op.drop_column(table, "masked_at")
