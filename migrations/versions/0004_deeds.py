"""What customers had done: deeds, claimed coupons, wishes for what is sold out; repairs and withdrawn after-sales."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003_pricing"
branch_labels = None
depends_on = None

# Constraint, before, after.
_REFUND = (
    ("ck_refund_kind", "kind IN ('仅退款', '退货退款', '换货')", "kind IN ('仅退款', '退货退款', '换货', '维修')"),
    (
        "ck_refund_state",
        "state IN ('requested', 'agreed', 'returning', 'rejected', 'done')",
        "state IN ('requested', 'agreed', 'returning', 'rejected', 'withdrawn', 'done')",
    ),
)


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "deed",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=256), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("row_id", sa.String(length=64), nullable=True),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("external_ref", sa.String(length=128), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.String(length=512), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("by IN ('customer', 'agent', 'system')", name=op.f("ck_deed_by")),
        sa.CheckConstraint("state IN ('asked', 'accepted', 'done', 'refused', 'failed')", name=op.f("ck_deed_state")),
        sa.CheckConstraint("line >= 1", name=op.f("ck_deed_line")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deed")),
        sa.UniqueConstraint("reference", name=op.f("uq_deed_reference")),
    )
    op.create_index("ix_deed_order_no_asked_at", "deed", ["order_no", "asked_at"], unique=False)
    op.create_index("ix_deed_customer_id_asked_at", "deed", ["customer_id", "asked_at"], unique=False)
    op.create_index("ix_deed_conversation_id_asked_at", "deed", ["conversation_id", "asked_at"], unique=False)
    op.create_index("ix_deed_state_promised_at", "deed", ["state", "promised_at"], unique=False)
    op.create_table(
        "customer_coupon",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("coupon_code", sa.String(length=48), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_coupon_customer_id_customer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["coupon_code"], ["coupon.code"], name=op.f("fk_customer_coupon_coupon_code_coupon"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "coupon_code", name=op.f("pk_customer_coupon")),
    )
    op.create_table(
        "stock_wish",
        sa.Column("wisher", sa.String(length=80), nullable=False),
        sa.Column("sku_code", sa.String(length=48), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["sku_code"], ["sku.code"], name=op.f("fk_stock_wish_sku_code_sku"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("wisher", "sku_code", name=op.f("pk_stock_wish")),
    )
    op.create_index(op.f("ix_stock_wish_sku_code"), "stock_wish", ["sku_code"], unique=False)
    for name, before, after in _REFUND:
        _set_check("refund", name, before, after)


def downgrade() -> None:
    """Takes it back; repairs become exchanges, and what was withdrawn counts as rejected."""
    op.execute("UPDATE refund SET kind = '换货' WHERE kind = '维修'")
    op.execute("UPDATE refund SET state = 'rejected' WHERE state = 'withdrawn'")
    for name, before, after in _REFUND:
        _set_check("refund", name, after, before)
    op.drop_table("stock_wish")
    op.drop_table("customer_coupon")
    op.drop_table("deed")


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
