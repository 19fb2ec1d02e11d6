"""What a customer who bargains names: the sum they would pay, a price changed by hand."""

from __future__ import annotations

import re
from decimal import Decimal

from sixty.shop.recommendations.spoken_amounts import amount_of

_NUMBER = r"(?P<number>\d+(?:\.\d{1,2})?|[一二两三四五六七八九十百千零]+)"
_YUAN = r"\s*(?:块钱|块|元)?\s*"
# "200卖不卖", "180行不行", "103算100", "给个整数 200吧", "三十五卖不卖", "别家才150", "一百二我就要".
_BEHIND = re.compile(
    rf"{_NUMBER}{_YUAN}(?:卖不卖|卖吗|卖不|出不出|行不|行吗|行么|行就|可以吗|可以不|可不可以|成不|成交|得了|拿走|我就|就(?:拍|买|要|下单|付)"
    r"|怎么样|好不好|好吗|能(?:卖|不能|拿)|给(?:我|不给)|吧|呗|整(?:吧|行)?)"
)
_BEFORE = re.compile(
    r"(?:算(?:我|成|作)?|改成|给个|卖我|按|凑个整|一口价|(?:别|人|他|隔壁)(?:家|店)?(?:才|只要|只卖|卖))"
    rf"{_YUAN}{_NUMBER}(?!\s*(?:折|个|件|条|双|块钱的))"
)
# "少5块", "便宜二十": taken off, not to be paid. "打8折" is no sum either.
_TAKEN_OFF = re.compile(
    r"(?:少|减|便宜|优惠|降|让|抹|去掉?|返|加|送)\s*(?:个|我|了|掉)?\s*[\d一二两三四五六七八九十百]"
    r"|[\d一二三四五六七八九]\s*折|满\s*\d"
)
_BY_HAND = re.compile(r"改(?:一?下|个|了|好|成|不了)?价|价格?(?:帮我|给我)?改|改成|手动减|后台(?:给我)?(?:减|改)")


def price_wished(text: str) -> Decimal | None:
    """The sum in yuan that a customer would pay: `200卖不卖`, `三十五卖不卖`; None where they name none."""
    if _TAKEN_OFF.search(text):
        return None
    found = list(_BEHIND.finditer(text)) or list(_BEFORE.finditer(text))
    return amount_of(found[-1]["number"]) if found else None


def wants_price_changed_by_hand(text: str) -> bool:
    """Whether it is asked for that somebody changes the price of an order: `帮我改价`."""
    return _BY_HAND.search(text) is not None
