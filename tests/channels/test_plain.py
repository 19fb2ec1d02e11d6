from __future__ import annotations

from typing import Any

import pytest

from sixty.channels.plain import number_in, plain

CAPSULES = [{"title": "有货吗", "tap": "7.0.x"}, {"title": "材质", "tap": "7.1.x"}]
PRODUCT = {
    "type": "product",
    "no": "GZ2101",
    "name": "工装裤",
    "picture": "http://p",
    "tags": [],
    "url": "https://shop.example/?product=GZ2101",
    "prices": [{"label": "售价", "amount": "259.00"}],
    "final_price": "239.00",
}
SUGGESTIONS = {
    "type": "suggestions",
    "title": "给您挑的",
    "items": [
        {**PRODUCT, "reason": "显利落", "difference": None, "action": {"title": "看这款", "tap": "7.0.y"}},
        {
            **PRODUCT,
            "name": "卫衣",
            "reason": "软",
            "difference": "再加¥20.00",
            "action": {"title": "看这款", "tap": "7.1.y"},
        },
    ],
    "refuse": {"title": "换一批", "tap": "7.2.y"},
}


def test_what_a_channel_shows_stays_as_it_is() -> None:
    message = {"id": 7, "text": "您看", "card": PRODUCT, "capsules": CAPSULES, "image": "https://shop.example/a.png"}
    assert plain(message, {"cards", "capsules", "pictures"}) == message


def test_everything_in_words() -> None:
    message = {
        "id": 7,
        "text": "您看",
        "capsules": CAPSULES,
        "image": "https://shop.example/a.png",
        "outcome": "answered",
    }
    made = plain(message, ())
    assert made == {
        "id": 7,
        "text": "您看\nhttps://shop.example/a.png\n1. 有货吗\n2. 材质\n回复数字就可以选哦～",
        "outcome": "answered",
    }
    assert message["capsules"] == CAPSULES


def test_a_card_has_its_link() -> None:
    assert plain({"id": 7, "card": PRODUCT}, ())["text"].endswith("到手价¥239.00\nhttps://shop.example/?product=GZ2101")


def test_the_choices_of_a_card_are_numbered_once() -> None:
    text = plain({"id": 7, "card": SUGGESTIONS}, (), first=3)["text"]
    assert [line for line in text.split("\n") if line[:1].isdigit()] == [
        "3. 工装裤 到手价¥239.00：显利落",
        "4. 卫衣 到手价¥239.00（再加¥20.00）：软",
        "5. 换一批",
    ]


def test_the_choices_of_a_card_are_buttons_where_there_are_buttons() -> None:
    made = plain({"id": 7, "card": SUGGESTIONS}, {"capsules"})
    assert [choice["tap"] for choice in made["capsules"]] == ["7.0.y", "7.1.y", "7.2.y"]
    assert "card" not in made


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1", 1), (" 2 ", 2), ("３", 3), ("回复4", 4), ("选 12", 12), ("第2个", 2), ("1。", 1), ("1.", 1), ("5号", 5),
        ("0", None), ("100", None), ("1件", None), ("买1", None), ("一", None), ("", None), ("1 2", None),
    ],
)  # fmt: skip
def test_a_typed_number(typed: str, number: int | None) -> None:
    assert number_in(typed) == number


def test_an_unknown_card_is_told_by_what_it_has() -> None:
    card: dict[str, Any] = {"type": "new", "title": "新卡片", "url": "https://shop.example/x", "rows": [1]}
    assert plain({"card": card}, ())["text"] == "【新卡片】\nhttps://shop.example/x"
    assert "text" not in plain({"card": {"type": "empty"}}, ()) or plain({"card": {"type": "empty"}}, ())["text"] == ""
