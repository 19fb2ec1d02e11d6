"""One deed of every kind that the demo shop's orders allow."""

from __future__ import annotations

from dataclasses import replace

from sixty.shop.deeds.deed import Deed
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.orders import Viewer
from tests.shop.deeds.conftest import RECEIVED, WAITING

UNPAID, PAID, OVERDUE = "202651000000000011", "202651000000000028", "202651000000000035"
DEPOSIT, PART_SENT, ON_ITS_WAY = "202651000000000042", "202651000000000059", "202651000000000066"
STUCK, IN_DELIVERY, CLOSED = "202651000000000073", "202651000000000080", "202651000000000097"
CLOTHES, FRUIT, AIR_CONDITIONER = "202652000000000013", "202652000000000020", "202652000000000037"
JUST_SIGNED, PHONE = "202652000000000044", "202652000000000051"
ASKED, RETURNING = "202652000000000068", "202652000000000075"

ADDRESS = "浙江省宁波市海曙区月湖路9号2幢301室"
_INVOICE = {"title": "宁波月湖商贸有限公司", "title_type": "company", "tax_no": "91330203MA2AJXXX0X"}

EXAMPLES: dict[DeedKind, tuple[Viewer, Deed]] = {
    each.kind: (viewer, each)
    for viewer, each in (
        (WAITING, Deed("k", "cancel_order", PAID, cause="no_reason")),
        (WAITING, Deed("k", "change_address", PAID, details={"address": ADDRESS, "region": "浙江"})),
        (WAITING, Deed("k", "change_contact", PAID, details={"phone": "13800005103", "receiver": "卜小布"})),
        (WAITING, Deed("k", "redirect_parcel", ON_ITS_WAY, details={"address": ADDRESS})),
        (RECEIVED, Deed("k", "return", CLOTHES, 1, cause="no_reason")),
        (RECEIVED, Deed("k", "exchange", CLOTHES, 1, {"sku": "GZ2101-03"}, cause="size")),
        (RECEIVED, Deed("k", "repair", CLOTHES, 1, cause="quality")),
        (WAITING, Deed("k", "refund_only", OVERDUE, cause="late")),
        (RECEIVED, Deed("k", "withdraw_after_sales", ASKED)),
        (RECEIVED, Deed("k", "issue_invoice", CLOTHES, details=_INVOICE)),
        (RECEIVED, Deed("k", "reissue_invoice", CLOTHES, details={"title": "个人", "title_type": "personal"})),
        (RECEIVED, Deed("k", "price_protection", CLOTHES, 1, cause="price")),
        (WAITING, Deed("k", "urge_dispatch", OVERDUE)),
        (WAITING, Deed("k", "urge_delivery", STUCK)),
        (RECEIVED, Deed("k", "urge_refund", RETURNING)),
        (RECEIVED, Deed("k", "trace_parcel", JUST_SIGNED, cause="not_received")),
        (WAITING, Deed("k", "schedule_delivery", IN_DELIVERY, details={"day": "2026-05-21", "part": "evening"})),
        (RECEIVED, Deed("k", "resend", CLOTHES, 2, cause="missing")),
        (RECEIVED, Deed("k", "compensate", CLOTHES, 1, {"amount": "20"}, cause="damaged")),
        (RECEIVED, Deed("k", "book_installation", AIR_CONDITIONER, details={"day": "2026-05-22"})),
        (WAITING, Deed("k", "add_note", PAID, details={"note": "放门口就行"})),
        (WAITING, Deed("k", "claim_coupon", details={"coupon": "STORE300-50"})),
        (WAITING, Deed("k", "notify_back_in_stock", details={"product": "SX2101", "sku": "SX2101-02"})),
        (WAITING, Deed("k", "join_membership")),
        (RECEIVED, Deed("k", "open_review", PHONE)),
        (WAITING, Deed("k", "complain", OVERDUE, details={"text": "说好的时间没发货"})),
        (WAITING, Deed("k", "restore_order", CLOSED)),
    )
}


def example(kind: DeedKind, key: str = "k") -> tuple[Viewer, Deed]:
    viewer, deed = EXAMPLES[kind]
    return viewer, replace(deed, key=key)
