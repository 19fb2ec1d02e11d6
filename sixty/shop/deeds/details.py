"""What each deed needs to know, and whether what was told makes sense.

| detail | of | how it is written |
| --- | --- | --- |
| `address`, `region` | change_address; redirect_parcel, where it is sent on | as customers write it |
| `phone`, `receiver` | change_contact, one of them at least; change_address, redirect_parcel if they change too | |
| `title`, `title_type`, `tax_no`, `email` | issue_invoice, reissue_invoice | type `personal` or `company` |
| `amount` | compensate, what is wanted; all that is possible when left out | `"12.50"`, yuan |
| `day`, `part` | schedule_delivery, book_installation | `2026-05-20`; `morning`, `afternoon` or `evening` |
| `note` | add_note; schedule_delivery (with a day or without), book_installation: what whoever comes should heed | |
| `text` | complain, trace_parcel, resend, compensate: what it is about | in the customer's own words |
| `coupon` | claim_coupon | its code |
| `product`, `sku` | notify_back_in_stock | product number and, for one variant, its code |
| `sku` | exchange, the variant that is wanted | its code |
| `opened` | after-sales: whether it was opened | `true` or `false` |
| `picture` | after-sales, resend, compensate: where the customer's picture is kept | a link, or the channel's mark |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from sixty.shop.deeds.deed import LONGEST_KEY, Deed, IncompleteDeed
from sixty.shop.deeds.kinds import OF_ONE_ARTICLE, WITHOUT_ORDER, DeedKind
from sixty.shop.wording import SHOP_ZONE

__all__ = ["NEEDED", "NEEDED_EITHER", "OF_ONE_ARTICLE", "amount_of", "check_deed"]

LONGEST_NOTE = 200
LONGEST_DETAIL = 500
FARTHEST_DAY = timedelta(days=60)

NEEDED: dict[DeedKind, tuple[str, ...]] = {
    "change_address": ("address",),
    "issue_invoice": ("title",),
    "reissue_invoice": ("title",),
    "book_installation": ("day",),
    "add_note": ("note",),
    "complain": ("text",),
    "claim_coupon": ("coupon",),
    "notify_back_in_stock": ("product",),
}
"""What must be told, by kind; kinds that aren't named need nothing but their order."""

NEEDED_EITHER: dict[DeedKind, tuple[str, ...]] = {
    "change_contact": ("phone", "receiver"),
    "schedule_delivery": ("day", "note"),
}
"""Of which one must be told at least, by kind."""

_PHONE = re.compile(r"1\d{10}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_TAX_NO = re.compile(r"[0-9A-Z]{15,20}")
_PARTS = ("morning", "afternoon", "evening")
_FEN = Decimal("0.01")


def check_deed(deed: Deed, now: datetime) -> None:
    """Checks a deed by itself, before anything is looked up for it.

    Raises:
        IncompleteDeed: Something is missing or makes no sense.
        ValueError: Its key or line is none: a fault of whoever asks.
    """
    if not 0 < len(deed.key) <= LONGEST_KEY:
        raise ValueError(f"a deed's key has 1 to {LONGEST_KEY} characters, not {len(deed.key)}")
    if deed.line is not None and deed.line < 1:
        raise ValueError(f"lines are counted from 1, not {deed.line}")
    wrong = _missing(deed)
    for name, value in deed.details.items():
        if name not in wrong and (fault := _fault_of(name, value, now)):
            wrong[name] = fault
    if wrong:
        raise IncompleteDeed(wrong)


def amount_of(details: Mapping[str, str]) -> Decimal | None:
    """The amount that is wanted, in yuan; `None` when none is named or it is none."""
    try:
        amount = Decimal(details["amount"])
    except (KeyError, InvalidOperation):
        return None
    return amount if amount.is_finite() and amount > 0 and amount == amount.quantize(_FEN) else None


def _missing(deed: Deed) -> dict[str, str]:
    told = {name for name, value in deed.details.items() if value.strip()}
    missing = {name: "is missing" for name in NEEDED.get(deed.kind, ()) if name not in told}
    if deed.order_no is None and deed.kind not in WITHOUT_ORDER:
        missing["order_no"] = "is missing"
    either = NEEDED_EITHER.get(deed.kind, ())
    if either and not told.intersection(either):
        missing[either[0]] = f"is missing, and so is {' and '.join(either[1:])}"
    if deed.details.get("title_type") == "company" and "tax_no" not in told:
        missing["tax_no"] = "is missing"
    return missing


def _fault_of(name: str, value: str, now: datetime) -> str | None:
    if len(value) > LONGEST_DETAIL:
        return f"has more than {LONGEST_DETAIL} characters"
    check = _CHECKS.get(name)
    return check(value.strip(), now) if check is not None else None


def _address(value: str, _: datetime) -> str | None:
    return None if 6 <= len(value) <= 256 else "is no whole address of 6 to 256 characters"


def _at_most(most: int) -> Callable[[str, datetime], str | None]:
    return lambda value, _: None if 0 < len(value) <= most else f"has not 1 to {most} characters"


def _matching(form: re.Pattern[str], what: str) -> Callable[[str, datetime], str | None]:
    return lambda value, _: None if form.fullmatch(value) else f"is no {what}"


def _one_of(*values: str) -> Callable[[str, datetime], str | None]:
    return lambda value, _: None if value in values else f"is none of {', '.join(values)}"


def _amount(value: str, _: datetime) -> str | None:
    return None if amount_of({"amount": value}) is not None else "is no amount above zero in yuan and fen"


def _day(value: str, now: datetime) -> str | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "is no day such as 2026-05-20"
    today = now.astimezone(SHOP_ZONE).date()
    return None if today <= day <= today + FARTHEST_DAY else f"is not within {FARTHEST_DAY.days} days from today"


_CHECKS: dict[str, Callable[[str, datetime], str | None]] = {
    "address": _address,
    "region": _at_most(32),
    "phone": _matching(_PHONE, "mobile number of 11 digits"),
    "receiver": _at_most(32),
    "title": _at_most(100),
    "title_type": _one_of("personal", "company"),
    "tax_no": _matching(_TAX_NO, "taxpayer's number of 15 to 20 digits and capitals"),
    "email": _matching(_EMAIL, "e-mail address"),
    "amount": _amount,
    "day": _day,
    "part": _one_of(*_PARTS),
    "note": _at_most(LONGEST_NOTE),
    "opened": _one_of("true", "false"),
}
