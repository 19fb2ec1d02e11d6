"""A price with everything that made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sixty.shop.pricing.postage import ParcelPostage
from sixty.shop.pricing.promotions import COUPON_KINDS, PromotionKind
from sixty.shop.wording import SHOP_ZONE

StepKind = PromotionKind | Literal["sale_price", "deposit_expansion"]
Reason = Literal["threshold", "excluded", "not_better", "nothing_left", "not_running", "not_covered", "unknown"]


@dataclass(frozen=True)
class Step:
    """One step from the list price to the final price.

    Attributes:
        label: What a customer reads: `满300减50`.
        amount: What it takes off, as a negative amount of yuan; zero for a gift.
        skus: The variants that take part.
        shares: What it takes off each of them, in the same order and negative; they add up to
            the amount.
    """

    kind: StepKind
    code: str
    label: str
    amount: Decimal
    skus: tuple[str, ...]
    shares: tuple[Decimal, ...]


@dataclass(frozen=True)
class LineShare:
    """What a line costs in the end.

    Attributes:
        list_amount: All its pieces at list price.
        item_amount: With everything that makes the price of the article, before coupons and cuts.
        share: What is paid for it, postage apart: what a refund of the whole line gives back.
        unit_price: What one piece costs before anything that counts for several pieces.
    """

    sku: str
    product_no: str
    name: str
    quantity: int
    unit_price: Decimal
    list_amount: Decimal
    item_amount: Decimal
    share: Decimal


@dataclass(frozen=True)
class Unused:
    """A promotion that takes nothing off, and why.

    Attributes:
        missing: How much more would have to be spent, in yuan, where that is why.
        instead: The title of the promotion that excludes it, where that is why.
    """

    kind: PromotionKind | None
    code: str
    title: str
    reason: Reason
    missing: Decimal | None = None
    instead: str | None = None

    @property
    def text(self) -> str:
        """The reason as a customer reads it."""
        if self.reason == "threshold" and self.missing is not None:
            return f"还差{self.missing:.2f}元"
        return {
            "threshold": "件数还不够",
            "excluded": f"不能和“{self.instead}”同时用",
            "not_better": "不用它更划算",
            "nothing_left": "已经没有可以减的金额",
            "not_running": "不在使用时间内",
            "not_covered": "这些商品或账号用不了",
            "unknown": "没有这张券",
        }[self.reason]


@dataclass(frozen=True)
class Deposit:
    """What of a payment is paid ahead, and when the rest is due.

    Attributes:
        paid: Whether it has been paid already.
    """

    amount: Decimal
    worth: Decimal
    paid: bool
    balance_from: datetime
    balance_until: datetime
    ships_by: datetime


@dataclass(frozen=True)
class Payment:
    """What is paid together: everything in stock now, a presale when its balance is due.

    Attributes:
        at: The moment whose promotions count: now, or when the balance can first be paid.
        goods: What is paid for goods in all, a deposit included.
        gifts: What is given with it.
    """

    at: datetime
    steps: tuple[Step, ...]
    lines: tuple[LineShare, ...]
    gifts: tuple[str, ...]
    goods: Decimal
    postage: ParcelPostage
    deposit: Deposit | None = None

    @property
    def total(self) -> Decimal:
        """Goods and postage."""
        return self.goods + self.postage.fee

    @property
    def balance(self) -> Decimal:
        """What is left when the deposit is paid, postage included."""
        return self.total - (self.deposit.amount if self.deposit else Decimal("0.00"))


@dataclass(frozen=True)
class Quote:
    """What a basket costs a customer at a moment, and why.

    Attributes:
        payments: What is paid together, the earliest first.
        unused: What takes nothing off although one may think so.
    """

    at: datetime
    payments: tuple[Payment, ...]
    unused: tuple[Unused, ...] = ()

    @property
    def lines(self) -> tuple[LineShare, ...]:
        """All lines by their SKU."""
        return tuple(sorted((line for each in self.payments for line in each.lines), key=lambda line: line.sku))

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, payment by payment."""
        return tuple(step for payment in self.payments for step in payment.steps)

    @property
    def coupons(self) -> tuple[Step, ...]:
        """The coupons among the steps."""
        return tuple(step for step in self.steps if step.kind in COUPON_KINDS)

    @property
    def gifts(self) -> tuple[str, ...]:
        """Everything that is given."""
        return tuple(gift for payment in self.payments for gift in payment.gifts)

    @property
    def list_total(self) -> Decimal:
        """Everything at list price."""
        return sum((line.list_amount for line in self.lines), Decimal("0.00"))

    @property
    def goods(self) -> Decimal:
        """What is paid for the goods: the final price (到手价), postage apart."""
        return sum((payment.goods for payment in self.payments), Decimal("0.00"))

    @property
    def postage(self) -> Decimal:
        """The postage of all parcels."""
        return sum((payment.postage.fee for payment in self.payments), Decimal("0.00"))

    @property
    def total(self) -> Decimal:
        """Goods and postage."""
        return self.goods + self.postage

    @property
    def due_now(self) -> Decimal:
        """What is paid at this moment: deposits, and what waits for nothing."""
        due = Decimal("0.00")
        for payment in self.payments:
            if payment.deposit is None:
                due += payment.total
            elif payment.deposit.paid:
                due += payment.balance if payment.deposit.balance_from <= self.at else Decimal(0)
            else:
                due += payment.deposit.amount
        return due


@dataclass(frozen=True)
class Row:
    """One line of the explanation as it is shown."""

    label: str
    amount: str
    detail: str = ""


def rows(quote: Quote) -> list[Row]:
    """Writes a quote out line by line: `满300减50: −50.00`."""
    written: list[Row] = []
    for payment in quote.payments:
        listed = sum((line.list_amount for line in payment.lines), Decimal("0.00"))
        pieces = "、".join(line.name + (f" ×{line.quantity}" if line.quantity > 1 else "") for line in payment.lines)
        written.append(Row("原价合计", f"{listed:.2f}", pieces))
        for step in payment.steps:
            detail = "" if len(step.skus) == len(payment.lines) else "、".join(step.skus)
            written.append(Row(step.label, "赠" if step.kind == "gift" else _taken_off(step.amount), detail))
        written.append(Row("商品到手价", f"{payment.goods:.2f}"))
        written.append(_postage_row(payment.postage))
        if payment.deposit is not None:
            written += _deposit_rows(payment, payment.deposit)
    written.append(Row("合计", f"{quote.total:.2f}"))
    return written


def _taken_off(amount: Decimal) -> str:
    return f"−{-amount:.2f}" if amount else "0.00"


def _postage_row(postage: ParcelPostage) -> Row:
    if not postage.fee:
        free = f"满{_short(postage.free_from)}包邮" if postage.free_from else "包邮"
        return Row("运费", "0.00", free)
    more = f"再买{_short(postage.missing)}元包邮" if postage.missing is not None else ""
    return Row("运费", f"+{postage.fee:.2f}", more)


def _short(amount: Decimal) -> str:
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"


def _deposit_rows(payment: Payment, deposit: Deposit) -> list[Row]:
    window = f"{_clock(deposit.balance_from)} 至 {_clock(deposit.balance_until)}"
    worth = f"抵{_short(deposit.worth)}" if deposit.worth > deposit.amount else ""
    paid = "已付" if deposit.paid else "现在付"
    return [
        Row("定金", f"{deposit.amount:.2f}", "，".join(part for part in (paid, worth) if part)),
        Row("尾款", f"{payment.balance:.2f}", window),
    ]


def _clock(moment: datetime) -> str:
    local = moment.astimezone(SHOP_ZONE)
    return f"{local.month}月{local.day}日{local:%H:%M}"
