"""What keeps a customer from buying, by their words."""

from __future__ import annotations

import pytest

from sixty.shop.reasons_against import reason_against


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("太贵了不要了", "price"),
        ("别家更便宜", "price"),
        ("不需要了，太贵", "no_need"),
        ("怕穿不下", "size"),
        ("怕起球", "quality"),
        ("怕等不及", "slow"),
        ("怕不新鲜", "date"),
        ("怕显胖", "fit"),
        ("敏感肌怕过敏", "fit"),
        ("怕太薄", "comfort"),
        ("怕不会用", "use"),
        ("装起来太麻烦", "use"),
        ("我再想想", None),
        ("考虑一下", None),
    ],
)
def test_the_words_say_what_it_is(text: str, reason: str | None) -> None:
    assert reason_against(text) == reason
