"""Replies in plain lines, for terminals and transcripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sixty.card_text import as_text
from sixty.talk.client import Card, Reply

_CONTROL = dict.fromkeys((*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)))


def printable(text: str) -> str:
    """The text without what would steer a terminal; line breaks stay."""
    return text.replace("\t", " ").translate(_CONTROL)


def one_line(text: str) -> str:
    """The text in one line."""
    return " ".join(printable(text).split())


def card_lines(card: Card) -> list[str]:
    """A card in words, its name first; one that cannot be told is shown by its kind."""
    drawn = {"product": _product, "order": _order, "orders": _orders, "bundle": _bundle}.get(_get(card, "type"))
    lines = drawn(card) if drawn else _as_channels_tell_it(card)
    return [one_line(line) for line in lines if line.strip()]


def reply_lines(reply: Reply) -> list[str]:
    """Text, picture and card of a reply; its capsules are left to whoever numbers them."""
    lines = printable(reply.text).splitlines() if reply.text else []
    if reply.image:
        lines.append(f"[图片] {one_line(reply.image)}")
    if reply.card:
        lines += [f"│ {line}" for line in card_lines(reply.card)]
    return lines


def _as_channels_tell_it(card: Card) -> list[str]:
    try:
        told = as_text(card).splitlines()
    except (KeyError, TypeError, AttributeError):
        # What came over the wire need not be what an action sent.
        told = []
    return told or [f"[{_get(card, 'type') or 'card'}]"]


def _product(card: Card) -> list[str]:
    return [
        f"【{_get(card, 'name')}】货号 {_get(card, 'no')}",
        "  ".join(f"{_get(row, 'label')} ¥{_get(row, 'amount')}" for row in _rows(card, "prices")),
        f"到手价 ¥{_get(card, 'final_price')}",
        " · ".join(_texts(card, "tags")),
        _get(card, "url"),
    ]


def _order(card: Card) -> list[str]:
    lines = [f"【订单 {_get(card, 'no')}】{_get(card, 'headline')}"]
    lines += [f"{_get(line, 'name')} {_get(line, 'sku')} ×{_get(line, 'quantity')}" for line in _rows(card, "lines")]
    if _get(card, "paid"):
        lines.append(f"实付 ¥{_get(card, 'paid')}")
    parcel = card.get("parcel")
    if isinstance(parcel, Mapping):
        lines.append(" ".join(_get(parcel, key) for key in ("carrier", "no", "at", "text")))
    lines += _texts(card, "details")
    lines += [f"→ {step}" for step in _texts(card, "next_steps")]
    return lines


def _orders(card: Card) -> list[str]:
    lines = ["【您的订单】"]
    lines += [
        f"{_get(order, 'name')}（尾号{_get(order, 'no')[-4:]}）{_get(order, 'headline')}"
        for order in _rows(card, "orders")
    ]
    return lines


def _bundle(card: Card) -> list[str]:
    lines = [f"【{_get(card, 'title')}】"]
    lines += [
        f"{_get(item, 'name')} ¥{_get(item, 'final_price')}  {_get(item, 'reason')}" for item in _rows(card, "items")
    ]
    coupon = card.get("coupon")
    if isinstance(coupon, Mapping):
        lines.append(f"{_get(coupon, 'title')} -¥{_get(coupon, 'amount')}")
    lines.append(f"一起买 ¥{_get(card, 'bundle_price')}，省 ¥{_get(card, 'saving')}")
    return lines


def _get(card: Mapping[str, Any], key: str) -> str:
    value = card.get(key)
    return "" if value is None else str(value)


def _rows(card: Mapping[str, Any], key: str) -> Iterable[Mapping[str, Any]]:
    rows = card.get(key)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _texts(card: Mapping[str, Any], key: str) -> list[str]:
    rows = card.get(key)
    return [row for row in rows if isinstance(row, str)] if isinstance(rows, list) else []
