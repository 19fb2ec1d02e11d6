"""What deeds are called where agents read of them."""

from __future__ import annotations

from collections.abc import Mapping

from sixty.shop.deeds.kinds import DeedKind

DEED_TITLES: Mapping[DeedKind, str] = {
    "cancel_order": "取消订单",
    "change_address": "改地址",
    "change_contact": "改收件人",
    "redirect_parcel": "改派包裹",
    "return": "退货",
    "exchange": "换货",
    "repair": "维修",
    "refund_only": "仅退款",
    "withdraw_after_sales": "撤销售后",
    "issue_invoice": "开发票",
    "reissue_invoice": "换开发票",
    "price_protection": "价保",
    "urge_dispatch": "催发货",
    "urge_delivery": "催派送",
    "urge_refund": "催退款",
    "trace_parcel": "查找包裹",
    "schedule_delivery": "预约送货",
    "resend": "补发",
    "compensate": "补偿",
    "book_installation": "预约安装",
    "add_note": "订单备注",
    "claim_coupon": "领券",
    "notify_back_in_stock": "到货提醒",
    "join_membership": "入会",
    "open_review": "追加评价",
    "complain": "投诉",
    "restore_order": "恢复订单",
}
