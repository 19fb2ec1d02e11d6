"""The shop and its hand-offs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "coupon",
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'category') = (category IS NOT NULL)", name=op.f("ck_coupon_category")),
        sa.CheckConstraint("kind IN ('store', 'category', 'bundle')", name=op.f("ck_coupon_kind")),
        sa.CheckConstraint("threshold >= 0 AND amount > 0", name=op.f("ck_coupon_amounts")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_coupon")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("nickname", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.CheckConstraint("level IN ('普通', '银卡', '金卡', 'PLUS')", name=op.f("ck_customer_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_table(
        "hand_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_off")),
    )
    op.create_index("ix_hand_off_state_created_at", "hand_off", ["state", "created_at"], unique=False)
    op.create_index(
        "uq_hand_off_open",
        "hand_off",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )

    op.create_table(
        "order_proof",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=18), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "order_no", name=op.f("pk_order_proof")),
    )
    op.create_table(
        "proof_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_attempt")),
    )
    op.create_index("ix_proof_attempt_conversation_id_at", "proof_attempt", ["conversation_id", "at"], unique=False)
    op.create_index("ix_proof_attempt_order_no_at", "proof_attempt", ["order_no", "at"], unique=False)

    op.create_table(
        "size_chart",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_size_chart")),
    )
    op.create_table(
        "customer_order",
        sa.Column("no", sa.String(length=18), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(length=64), nullable=True),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=256), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("goods_amount", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("postage", sa.BigInteger(), nullable=False),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("deposit_paid", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=256), nullable=True),
        sa.CheckConstraint(
            "state IN ('unpaid', 'deposit_paid', 'paid', 'part_shipped', 'shipped', "
            "'delivered', 'confirmed', 'closed')",
            name=op.f("ck_customer_order_state"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_order_customer_id_customer")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_customer_order")),
    )
    op.create_index(
        "ix_customer_order_customer_id_placed_at", "customer_order", ["customer_id", "placed_at"], unique=False
    )

    op.create_table(
        "product",
        sa.Column("no", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("brand", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("successor_no", sa.String(length=32), nullable=True),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("picture", sa.String(length=256), nullable=True),
        sa.Column("size_chart_id", sa.String(length=64), nullable=True),
        sa.Column("runs", sa.String(length=8), nullable=False),
        sa.CheckConstraint("runs IN ('正常', '偏大', '偏小')", name=op.f("ck_product_runs")),
        sa.CheckConstraint("status IN ('on_sale', 'off_sale')", name=op.f("ck_product_status")),
        sa.ForeignKeyConstraint(["size_chart_id"], ["size_chart.id"], name=op.f("fk_product_size_chart_id_size_chart")),
        sa.ForeignKeyConstraint(
            ["successor_no"], ["product.no"], name=op.f("fk_product_successor_no_product"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_product")),
    )
    op.create_index("ix_product_category_kind", "product", ["category", "kind"], unique=False)
    op.create_index(op.f("ix_product_size_chart_id"), "product", ["size_chart_id"], unique=False)
    op.create_index(op.f("ix_product_successor_no"), "product", ["successor_no"], unique=False)

    op.create_table(
        "size_row",
        sa.Column("chart_id", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.String(length=16), nullable=False),
        sa.Column("height_min", sa.BigInteger(), nullable=True),
        sa.Column("height_max", sa.BigInteger(), nullable=True),
        sa.Column("weight_min", sa.BigInteger(), nullable=True),
        sa.Column("weight_max", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("height_min <= height_max", name=op.f("ck_size_row_height")),
        sa.CheckConstraint("weight_min <= weight_max", name=op.f("ck_size_row_weight")),
        sa.ForeignKeyConstraint(
            ["chart_id"], ["size_chart.id"], name=op.f("fk_size_row_chart_id_size_chart"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chart_id", "ordinal", name=op.f("pk_size_row")),
    )
    op.create_table(
        "attribute",
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("selling_point", sa.Text(), nullable=False),
        sa.Column("doubt", sa.String(length=16), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "doubt IN ('fit', 'quality', 'size', 'date', 'comfort', 'use')", name=op.f("ck_attribute_doubt")
        ),
        sa.ForeignKeyConstraint(
            ["product_no"], ["product.no"], name=op.f("fk_attribute_product_no_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_no", "key", name=op.f("pk_attribute")),
    )
    op.create_table(
        "listing",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.CheckConstraint("platform IN ('taobao', 'tmall', 'jd', 'shop')", name=op.f("ck_listing_platform")),
        sa.ForeignKeyConstraint(
            ["product_no"], ["product.no"], name=op.f("fk_listing_product_no_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("platform", "external_id", name=op.f("pk_listing")),
    )
    op.create_index(op.f("ix_listing_product_no"), "listing", ["product_no"], unique=False)

    op.create_table(
        "pairing",
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("with_no", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.Column("coupon_code", sa.String(length=48), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["coupon_code"], ["coupon.code"], name=op.f("fk_pairing_coupon_code_coupon")),
        sa.ForeignKeyConstraint(
            ["product_no"], ["product.no"], name=op.f("fk_pairing_product_no_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["with_no"], ["product.no"], name=op.f("fk_pairing_with_no_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_no", "with_no", name=op.f("pk_pairing")),
    )
    op.create_table(
        "parcel",
        sa.Column("no", sa.String(length=32), nullable=False),
        sa.Column("order_no", sa.String(length=18), nullable=False),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "state IN ('collected', 'in_transit', 'stuck', 'out_for_delivery', 'signed', 'rejected')",
            name=op.f("ck_parcel_state"),
        ),
        sa.ForeignKeyConstraint(
            ["order_no"], ["customer_order.no"], name=op.f("fk_parcel_order_no_customer_order"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_parcel")),
    )
    op.create_index(op.f("ix_parcel_order_no"), "parcel", ["order_no"], unique=False)

    op.create_table(
        "presale",
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("deposit", sa.BigInteger(), nullable=False),
        sa.Column("deposit_worth", sa.BigInteger(), nullable=False),
        sa.Column("balance_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("balance_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ships_by", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "0 <= deposit AND deposit <= deposit_worth AND deposit_worth <= price", name=op.f("ck_presale_deposit")
        ),
        sa.CheckConstraint(
            "starts_at < ends_at AND ends_at <= balance_from AND balance_from < balance_until",
            name=op.f("ck_presale_times"),
        ),
        sa.ForeignKeyConstraint(
            ["product_no"], ["product.no"], name=op.f("fk_presale_product_no_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_no", "starts_at", name=op.f("pk_presale")),
    )
    op.create_table(
        "refund",
        sa.Column("no", sa.String(length=32), nullable=False),
        sa.Column("order_no", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('仅退款', '退货退款', '换货')", name=op.f("ck_refund_kind")),
        sa.CheckConstraint(
            "state IN ('requested', 'agreed', 'returning', 'rejected', 'done')", name=op.f("ck_refund_state")
        ),
        sa.ForeignKeyConstraint(
            ["order_no"], ["customer_order.no"], name=op.f("fk_refund_order_no_customer_order"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_refund")),
    )
    op.create_index(op.f("ix_refund_order_no"), "refund", ["order_no"], unique=False)

    op.create_table(
        "sku",
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("color", sa.String(length=32), nullable=False),
        sa.Column("size", sa.String(length=16), nullable=False),
        sa.Column("spec", sa.String(length=64), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("list_price", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("member_price", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("member_price >= 0 AND member_price <= price", name=op.f("ck_sku_member_price")),
        sa.CheckConstraint("price >= 0 AND price <= list_price", name=op.f("ck_sku_price")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_sku_stock")),
        sa.ForeignKeyConstraint(
            ["product_no"], ["product.no"], name=op.f("fk_sku_product_no_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_sku")),
        sa.UniqueConstraint("product_no", "color", "size", "spec", name=op.f("uq_sku_product_no_color_size_spec")),
    )
    op.create_table(
        "order_line",
        sa.Column("order_no", sa.String(length=18), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku_code", sa.String(length=48), nullable=False),
        sa.Column("product_no", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("sku_text", sa.String(length=128), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity")),
        sa.ForeignKeyConstraint(
            ["order_no"], ["customer_order.no"], name=op.f("fk_order_line_order_no_customer_order"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_no"], ["product.no"], name=op.f("fk_order_line_product_no_product")),
        sa.ForeignKeyConstraint(["sku_code"], ["sku.code"], name=op.f("fk_order_line_sku_code_sku")),
        sa.PrimaryKeyConstraint("order_no", "ordinal", name=op.f("pk_order_line")),
    )
    op.create_index(op.f("ix_order_line_product_no"), "order_line", ["product_no"], unique=False)

    op.create_table(
        "parcel_trace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parcel_no", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_no"], ["parcel.no"], name=op.f("fk_parcel_trace_parcel_no_parcel"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_trace")),
    )
    op.create_index(op.f("ix_parcel_trace_parcel_no"), "parcel_trace", ["parcel_no"], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index(op.f("ix_parcel_trace_parcel_no"), table_name="parcel_trace")

    op.drop_table("parcel_trace")
    op.drop_index(op.f("ix_order_line_product_no"), table_name="order_line")

    op.drop_table("order_line")
    op.drop_table("sku")
    op.drop_index(op.f("ix_refund_order_no"), table_name="refund")

    op.drop_table("refund")
    op.drop_table("presale")
    op.drop_index(op.f("ix_parcel_order_no"), table_name="parcel")

    op.drop_table("parcel")
    op.drop_table("pairing")
    op.drop_index(op.f("ix_listing_product_no"), table_name="listing")

    op.drop_table("listing")
    op.drop_table("attribute")
    op.drop_table("size_row")
    op.drop_index(op.f("ix_product_successor_no"), table_name="product")
    op.drop_index(op.f("ix_product_size_chart_id"), table_name="product")
    op.drop_index("ix_product_category_kind", table_name="product")

    op.drop_table("product")
    op.drop_index("ix_customer_order_customer_id_placed_at", table_name="customer_order")

    op.drop_table("customer_order")
    op.drop_table("size_chart")
    op.drop_index("ix_proof_attempt_order_no_at", table_name="proof_attempt")
    op.drop_index("ix_proof_attempt_conversation_id_at", table_name="proof_attempt")

    op.drop_table("proof_attempt")
    op.drop_table("order_proof")
    op.drop_index(
        "uq_hand_off_open",
        table_name="hand_off",
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.drop_index("ix_hand_off_state_created_at", table_name="hand_off")

    op.drop_table("hand_off")
    op.drop_table("customer")
    op.drop_table("coupon")
