"""Whoever answers an SMS with R is left alone under that number, whosever it is or comes to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BEFORE = "kind IN ('customer', 'conversation', 'order', 'product')"
_AFTER = "kind IN ('customer', 'conversation', 'order', 'product', 'number')"


def upgrade() -> None:
    """Makes the change."""
    _set_check("outreach_stop", "ck_outreach_stop_kind", _BEFORE, _AFTER)


def downgrade() -> None:
    """Takes it back; the customers of the numbers stay left alone."""
    op.execute("DELETE FROM outreach_stop WHERE kind = 'number'")
    _set_check("outreach_stop", "ck_outreach_stop_kind", _AFTER, _BEFORE)


def _set_check(table: str, name: str, before: str, after: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, after)
        return
    # SQLite cannot alter a constraint. Rows that fit stay as they are, so the declaration is all that has to change:
    # the way its documentation gives for that (https://www.sqlite.org/lang_altertable.html#otheralter).
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name"),
        {"old": f"CHECK ({before})", "new": f"CHECK ({after})", "name": table},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={int(version) + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
