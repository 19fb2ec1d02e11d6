"""What deeds bring about on this project's own tables, in the transaction that records them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from sixty.shop import models
from sixty.shop.catalogue import find_product
from sixty.shop.deeds.deed import Deed, IncompleteDeed
from sixty.shop.deeds.details import LONGEST_NOTE, amount_of
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.deeds.models import CustomerCoupon, StockWish
from sixty.shop.deeds.recording import Outcome
from sixty.shop.gateways.normal_form import Order
from sixty.shop.orders import Viewer
from sixty.shop.policies.asking import others_cases, paid_before
from sixty.shop.policies.facts import Facts
from sixty.shop.policies.verdicts import Verdict

_LONGEST_REASON = 64
_NOTHING = Decimal(0)

# What customers read of it where an order or refund names its reason.
_CAUSES = {
    "no_reason": "不想要了",
    "size": "尺码不合适",
    "quality": "质量问题",
    "damaged": "收到时破损",
    "wrong_item": "发错货",
    "missing": "少发了",
    "not_as_described": "与描述不符",
    "spoiled": "变质",
    "allergy": "使用后过敏",
    "late": "发货太慢",
    "not_received": "没有收到",
    "delivered_elsewhere": "送到别处了",
    "price": "买贵了",
    "other": "其他原因",
}
_KINDS: dict[DeedKind, models.RefundKind] = {
    "return": "退货退款",
    "exchange": "换货",
    "repair": "维修",
    "refund_only": "仅退款",
}
JOINED_LEVEL: models.Level = "银卡"
"""The level that a new member has."""


class OwnTables:
    """Does deeds on the tables; what people have to carry out is accepted with the time that the policy promises.

    Args:
        session: A session that may write, in which the order was read for its owner.
        viewer: Who asks.
        now: The present moment.
    """

    def __init__(self, session: Session, viewer: Viewer, now: datetime) -> None:
        self._session = session
        self._viewer = viewer
        self._now = now

    def __call__(self, deed: Deed, order: Order | None, verdict: Verdict, facts: Facts) -> Outcome:
        """Does a deed that was allowed."""
        row = self._session.get(models.Order, order.no) if order is not None else None
        doing = _Doing(self._session, self._viewer, self._now, deed, row, verdict, facts)
        return _EFFECTS.get(deed.kind, _by_people)(doing)


@dataclass(frozen=True)
class _Doing:
    session: Session
    viewer: Viewer
    now: datetime
    deed: Deed
    row: models.Order | None
    verdict: Verdict
    facts: Facts

    @property
    def order(self) -> models.Order:
        if self.row is None:
            raise LookupError(f"{self.deed.kind} needs an order")
        return self.row

    @property
    def promised_at(self) -> datetime | None:
        return self.now + self.verdict.promise if self.verdict.promise is not None else None

    @property
    def reason(self) -> str:
        return _CAUSES.get(self.deed.cause, self.deed.cause)[:_LONGEST_REASON]

    @property
    def customer_id(self) -> str:
        customer_id = self.viewer.customer_id
        if customer_id is None:
            raise IncompleteDeed({"customer": "is unknown; only a signed-in customer can have this done"})
        return customer_id

    def told(self, name: str) -> str:
        return self.deed.details.get(name, "").strip()


def _by_people(doing: _Doing) -> Outcome:
    """Nothing changes here: people, the warehouse or the carrier do it, by the time promised."""
    return Outcome("accepted", doing.promised_at)


def _cancel(doing: _Doing) -> Outcome:
    order = doing.order
    paid = _refundable(doing)
    order.state = "closed"
    order.closed_at = doing.now
    order.close_reason = f"您主动取消：{doing.reason}" if doing.reason else "您主动取消"
    if paid <= 0:
        return Outcome("done")
    case = _open_case(doing, "仅退款", "agreed", paid)
    return Outcome("done", doing.promised_at, case.no, paid)


def _restore(doing: _Doing) -> Outcome:
    order = doing.order
    if order.paid_amount > 0:
        # The money is on its way back: people have to stop it.
        return _by_people(doing)
    order.state = "unpaid"
    order.closed_at = None
    order.close_reason = None
    return Outcome("done")


def _refund_only(doing: _Doing) -> Outcome:
    order = doing.order
    if order.state != "paid":
        return _after_sales(doing)
    amount = _refundable(doing)
    case = _open_case(doing, "仅退款", "agreed", amount)
    if doing.deed.line is None or len(order.lines) == 1:
        order.state = "closed"
        order.closed_at = doing.now
        order.close_reason = f"发货前退款：{doing.reason}" if doing.reason else "发货前退款"
    return Outcome("done", doing.promised_at, case.no, amount)


def _after_sales(doing: _Doing) -> Outcome:
    """Opens a case: agreed at once where the policy promises no time, else looked at by people within it."""
    state: models.RefundState = "requested" if doing.verdict.promise is not None else "agreed"
    amount = _refundable(doing)
    case = _open_case(doing, _KINDS[doing.deed.kind], state, amount)
    pays = doing.deed.kind in ("return", "refund_only")
    return Outcome("accepted" if state == "requested" else "done", doing.promised_at, case.no, amount if pays else None)


def _withdraw(doing: _Doing) -> Outcome:
    others = others_cases(doing.session, doing.order.no, doing.deed.line)
    open_cases = [
        each
        for each in doing.order.refunds
        if each.state in ("requested", "agreed", "returning") and each.no not in others
    ]
    case = max(open_cases, key=lambda each: each.asked_at)
    case.state = "withdrawn"
    case.updated_at = doing.now
    case.promised_at = None
    return Outcome("done", external_ref=case.no)


def _change_address(doing: _Doing) -> Outcome:
    order = doing.order
    order.address = doing.told("address")
    order.region = doing.told("region") or order.region
    return _change_contact(doing)


def _change_contact(doing: _Doing) -> Outcome:
    order = doing.order
    order.receiver = doing.told("receiver") or order.receiver
    order.phone = doing.told("phone") or order.phone
    return Outcome("done")


def _add_note(doing: _Doing) -> Outcome:
    order = doing.order
    whole = "；".join(part for part in (order.note, doing.told("note")) if part)
    if len(whole) > LONGEST_NOTE:
        raise IncompleteDeed({"note": f"makes the order's note longer than {LONGEST_NOTE} characters"})
    order.note = whole
    return Outcome("done")


def _protect_price(doing: _Doing) -> Outcome:
    return Outcome("accepted", doing.promised_at, amount=doing.verdict.limit)


def _compensate(doing: _Doing) -> Outcome:
    limit = doing.verdict.limit or _NOTHING
    wanted = amount_of(doing.deed.details)
    return Outcome("accepted", doing.promised_at, amount=limit if wanted is None else min(wanted, limit))


def _claim_coupon(doing: _Doing) -> Outcome:
    doing.session.add(
        CustomerCoupon(customer_id=doing.customer_id, coupon_code=doing.told("coupon"), claimed_at=doing.now)
    )
    return Outcome("done")


def _wish_for_stock(doing: _Doing) -> Outcome:
    product = find_product(doing.session, doing.told("product"))
    wanted = doing.told("sku")
    skus = [each for each in product.skus if wanted in ("", each.code)] if product is not None else []
    if not skus:
        raise IncompleteDeed({"sku": "is no variant of this product"})
    wisher = doing.viewer.customer_id or doing.viewer.conversation_id
    for sku in skus:
        if sku.stock == 0:
            doing.session.merge(
                StockWish(
                    wisher=wisher,
                    sku_code=sku.code,
                    conversation_id=doing.viewer.conversation_id,
                    asked_at=doing.now,
                    told_at=None,
                )
            )
    return Outcome("accepted", doing.promised_at)


def _join(doing: _Doing) -> Outcome:
    customer = doing.session.get(models.Customer, doing.customer_id)
    if customer is None:
        raise IncompleteDeed({"customer": "is not known to the shop"})
    customer.level = JOINED_LEVEL
    return Outcome("done")


def _refundable(doing: _Doing) -> Decimal:
    """What was really paid, without what was given back of it already or is about to be."""
    order, line = doing.order, doing.deed.line
    before = paid_before(doing.session, order.no, line, ("price_protection", "compensate"))
    if line is None:
        # An article has one case at most, which the policy looks at; of an order, others may have been paid for.
        before += sum((each.amount for each in order.refunds if _gives_money(each)), _NOTHING)
    return max(_NOTHING, min(order.paid_amount, doing.facts.amount) - before)


def _gives_money(case: models.Refund) -> bool:
    return case.kind in ("仅退款", "退货退款") and case.state not in ("rejected", "withdrawn")


def _open_case(doing: _Doing, kind: models.RefundKind, state: models.RefundState, amount: Decimal) -> models.Refund:
    case = models.Refund(
        no=f"R{hashlib.sha256(doing.deed.key.encode()).hexdigest()[:20].upper()}",
        order_no=doing.order.no,
        kind=kind,
        state=state,
        amount=amount,
        reason=doing.reason,
        asked_at=doing.now,
        updated_at=doing.now,
        promised_at=doing.promised_at,
    )
    doing.order.refunds.append(case)
    return case


_EFFECTS: dict[DeedKind, Callable[[_Doing], Outcome]] = {
    "cancel_order": _cancel,
    "restore_order": _restore,
    "refund_only": _refund_only,
    "return": _after_sales,
    "exchange": _after_sales,
    "repair": _after_sales,
    "withdraw_after_sales": _withdraw,
    "change_address": _change_address,
    "change_contact": _change_contact,
    "add_note": _add_note,
    "price_protection": _protect_price,
    "compensate": _compensate,
    "claim_coupon": _claim_coupon,
    "notify_back_in_stock": _wish_for_stock,
    "join_membership": _join,
}
"""Kinds that aren't here change nothing in the tables but their own record."""
