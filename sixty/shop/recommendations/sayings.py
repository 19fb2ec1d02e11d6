"""Why something is suggested, in the words of somebody who stands beside the customer: facts, and no more."""

from __future__ import annotations

from decimal import Decimal

from sixty.shop.recommendations.colors import same_family
from sixty.shop.recommendations.goods import Good, Piece
from sixty.shop.warmth import WarmthAnswer
from sixty.shop.wording import say_amount

_ENDINGS = "。！～!~，,；; "

# Of so many buyers at least one in that many is worth a figure.
_WORTH_SAYING = 0.1
_MOST_SHARED = 2
_TELLING = ("材质", "版型", "厚薄", "功能", "成分", "肤质", "口味", "适用场景", "容量", "防水", "兼容")


def joined(*parts: str, most: int = 2) -> str:
    """Joins what there is to say, at most so many parts."""
    said = [part.strip(_ENDINGS) for part in parts if part.strip(_ENDINGS)]
    return "，".join(said[:most])


def goes_with_color(about: Good | None, color: str, piece: Piece) -> str:
    """Says that two colours are of one family: `这件卡其和您看的夹克同色系`; empty where they aren't."""
    if about is None or not same_family(color, piece.color):
        return ""
    same = "一个颜色" if color == piece.color else "同色系"
    return f"{piece.color}和您看的{color}{about.kind}{same}"


def bought_together(about: Good, orders: int, share: float) -> str:
    """Says how many of the buyers of the one took the other, as it was counted."""
    if share >= _WORTH_SAYING:
        return f"买这款{about.kind}的顾客，10位里约有{max(1, round(share * 10))}位也带了它"
    return f"最近有{orders}位顾客把它和这款{about.kind}一起买"


def kinds_together(about: Good, good: Good, sold: int) -> str:
    """Says that buyers of one kind often take the other kind too."""
    often = f"买{about.kind}的顾客常会再配{good.kind}"
    return f"{often}，这款最近卖了{sold}单" if sold else often


def shared(one: Good, other: Good, family: str) -> str:
    """Says what two products have in common: `和您看的那款一样：材质98%棉`, `和您看的一样是外套`.

    Args:
        one: What the customer looks at.
        other: What is suggested.
        family: What customers call both of them, where they are not of one kind.
    """
    same = [key for key in _TELLING if key in one.attributes and one.attributes[key] == other.attributes.get(key)][
        :_MOST_SHARED
    ]
    if same:
        return f"和您看的那款一样：{'、'.join(f'{key}{other.attributes[key]}' for key in same)}"
    called = one.kind if one.kind == other.kind else family
    return f"和您看的一样是{one.brand}家的{called}" if one.brand == other.brand else f"和您看的一样是{called}"


def price_beside(before: Decimal, after: Decimal) -> str:
    """Says how much less or more something costs: `便宜40元`, `只贵10元`, `价格一样`."""
    if after == before:
        return "价格一样"
    if after < before:
        return f"还便宜{say_amount(before - after)}"
    return f"贵{say_amount(after - before)}"


def worn_well(answer: WarmthAnswer | None) -> str:
    """Says that it does for the weather there now; empty where it doesn't or nobody knows."""
    if answer is None or answer.verdict not in ("fits", "needs_a_layer"):
        return ""
    where = f"{answer.weather.place}{answer.weather.month}月"
    return f"{where}穿正合适" if answer.verdict == "fits" else f"{where}里面加一层就够暖"


def variant_in_stock(piece: Piece) -> str:
    """Says that the variant is there: `卡其L码有现货`."""
    size = f"{piece.size}码" if piece.size else ""
    named = "".join(part for part in (piece.color, size, piece.spec) if part)
    return f"{named}有现货"
