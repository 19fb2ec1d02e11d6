"""Values that many of the merchant's files are made of, as pydantic reads them."""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic import ConstrainedDecimal, ConstrainedStr

from sixty.shop.spans import WrittenSpan


class Text(ConstrainedStr):
    """Something that is not empty."""

    min_length = 1
    strip_whitespace = True


class Amount(ConstrainedDecimal):
    """Yuan, in whole fen."""

    ge = Decimal(0)
    decimal_places = 2


class Share(ConstrainedDecimal):
    """A part of the whole."""

    gt = Decimal(0)
    le = Decimal(1)


class Span(WrittenSpan):
    """A time such as `30m`, `24h` or `3d`."""

    form = re.compile(r"([1-9]\d{0,3})([mhd])")
    called = "span such as 30m, 24h or 3d"
