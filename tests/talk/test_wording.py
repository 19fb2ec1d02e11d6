"""Replies in plain lines."""

from __future__ import annotations

from typing import Any

import pytest

from sixty.talk.client import Reply
from sixty.talk.wording import card_lines, one_line, reply_lines

PRODUCT: dict[str, Any] = {
    "type": "product",
    "no": "GZ2101",
    "name": "多口袋耐磨工装裤",
    "picture": "/pictures/GZ2101.svg",
    "url": "/?product=GZ2101",
    "tags": ["预售"],
    "prices": [{"label": "原价", "amount": "329.00"}, {"label": "活动价", "amount": "259.00"}],
    "final_price": "229.00",
}
ORDER: dict[str, Any] = {
    "type": "order",
    "no": "2026111800010001",
    "headline": "正在派送",
    "lines": [{"name": "工装裤", "sku": "卡其 L", "quantity": 1, "picture": ""}],
    "paid": "229.00",
    "details": ["收货：陈**"],
    "next_steps": ["请保持电话畅通"],
    "parcel": {"carrier": "中通快递", "no": "7531", "at": "今天", "text": "派送中"},
}
ORDERS: dict[str, Any] = {
    "type": "orders",
    "orders": [{"no": "2026111800010001", "headline": "正在派送", "name": "工装裤", "title": "看", "tap": "1.0.x"}],
}
BUNDLE: dict[str, Any] = {
    "type": "bundle",
    "title": "工装裤这样搭",
    "items": [{**PRODUCT, "reason": "一套更利落"}],
    "coupon": {"title": "搭配立减", "amount": "30.00"},
    "bundle_price": "508.00",
    "saving": "30.00",
}


SUGGESTIONS: dict[str, Any] = {
    "type": "suggestions",
    "title": "给老婆挑的外套",
    "items": [{"name": "女工装外套", "final_price": "299.00", "reason": "收腰，通勤也利落", "url": "/products/GZ1106"}],
}


@pytest.mark.parametrize(
    ("card", "shown"),
    [
        (PRODUCT, ["多口袋耐磨工装裤", "GZ2101", "原价 ¥329.00", "到手价 ¥229.00", "预售"]),
        (ORDER, ["2026111800010001", "正在派送", "卡其 L ×1", "实付 ¥229.00", "中通快递 7531", "→ 请保持电话畅通"]),
        (ORDERS, ["工装裤（尾号0001）正在派送"]),
        (BUNDLE, ["工装裤这样搭", "一套更利落", "搭配立减 -¥30.00", "¥508.00"]),
        (SUGGESTIONS, ["给老婆挑的外套", "1. 女工装外套", "到手价¥299.00", "收腰"]),
        ({"type": "benefit", "title": "满200减20专属券", "text": "下单自动抵扣"}, ["满200减20专属券", "下单自动抵扣"]),
    ],
)
def test_a_card_says_what_it_would_show(card: dict[str, Any], shown: list[str]) -> None:
    text = "\n".join(card_lines(card))
    for part in shown:
        assert part in text


@pytest.mark.parametrize(
    "kind", ["product", "order", "orders", "bundle", "suggestions", "benefit", "own_channel", "new", None, ["odd"]]
)
def test_a_card_with_anything_in_it_does_no_harm(kind: Any) -> None:
    odd: dict[str, Any] = {"type": kind, "prices": 3, "lines": [None], "items": "x", "orders": {}, "parcel": 1}
    assert card_lines(odd)


def test_a_reply_is_text_then_card_and_cannot_steer_the_terminal() -> None:
    lines = reply_lines(Reply(text="您好\x1b[2J\n在的", card=ORDERS))
    assert lines[:3] == ["您好[2J", "在的", "│ 【您的订单】"]
    assert one_line("一\n二\t三\x07") == "一 二 三"
