"""Who wants to hear that something is back is told from who asks about stock."""

from __future__ import annotations

import pytest

from sixty.shop.stock_wishes import wants_notice


@pytest.mark.parametrize(
    "text",
    [
        "有货告诉我",
        "到货了通知我一声",
        "补货了叫我",
        "有货了跟我说",
        "黑色L到货通知我",
        "到货提醒",
        "等到货",
        "补货了麻烦跟我讲一声",
        "有粉色了记得发消息给我",
        "上架了踢我一下",
        "有货的时候给我发个消息",
    ],
)
def test_wishes(text: str) -> None:
    assert wants_notice(text)


@pytest.mark.parametrize(
    "text",
    ["有货吗", "什么时候补货", "黑色L有没有", "怎么设置到货提醒", "上次说到货没通知我", "快递到了通知我", "为什么没货"],
)
def test_questions_are_no_wishes(text: str) -> None:
    assert not wants_notice(text)
