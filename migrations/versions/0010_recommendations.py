"""What was mined from orders, the shelves, what was refused; what a variant costs the merchant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_SHELF_INDEXES = (
    ("category", "kind", "price"),
    ("category", "kind", "sold"),
    ("category", "price"),
    ("category", "sold"),
    ("price",),
    ("sold",),
)


def upgrade() -> None:
    """Makes the change."""
    # The check comes with its column, which SQLite can do without rewriting the table.
    check = sa.CheckConstraint("cost >= 0", name=op.f("ck_sku_cost"))
    op.add_column("sku", sa.Column("cost", sa.BigInteger(), check, nullable=True))
    op.create_index("ix_customer_order_paid_at", "customer_order", ["paid_at"], unique=False)
    op.create_table(
        "mining_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mined_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mined_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mining_run")),
    )
    op.create_table(
        "product_sales",
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("product_no", name=op.f("pk_product_sales")),
    )
    op.create_table(
        "pair_count",
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("with_no", sa.String(length=32), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.CheckConstraint("product_no < with_no", name=op.f("ck_pair_count_order")),
        sa.PrimaryKeyConstraint("product_no", "with_no", name=op.f("pk_pair_count")),
    )
    op.create_table(
        "co_purchase",
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("with_no", sa.String(length=32), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("lift", sa.Float(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("product_no", "with_no", name=op.f("pk_co_purchase")),
    )
    op.create_index("ix_co_purchase_product_no_score", "co_purchase", ["product_no", "score"], unique=False)
    op.create_table(
        "kind_pair",
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("with_category", sa.String(length=32), nullable=False),
        sa.Column("with_kind", sa.String(length=32), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("category", "kind", "with_category", "with_kind", name=op.f("pk_kind_pair")),
    )
    op.create_table(
        "shelf_place",
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("product_no", "price", name=op.f("pk_shelf_place")),
    )
    for columns in _SHELF_INDEXES:
        op.create_index(f"ix_shelf_place_{'_'.join(columns)}", "shelf_place", [*columns, "product_no"], unique=False)
    op.create_table(
        "shelf_kind",
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("category", "kind", name=op.f("pk_shelf_kind")),
    )
    op.create_table(
        "suggestion_refusal",
        sa.Column("refuser", sa.String(length=80), nullable=False),
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("refuser", "product_no", name=op.f("pk_suggestion_refusal")),
    )


def downgrade() -> None:
    """Takes it back."""
    for table in (
        "suggestion_refusal",
        "shelf_kind",
        "shelf_place",
        "kind_pair",
        "co_purchase",
        "pair_count",
        "product_sales",
        "mining_run",
    ):
        op.drop_table(table)
    op.drop_index("ix_customer_order_paid_at", table_name="customer_order")
    op.drop_column("sku", "cost")
