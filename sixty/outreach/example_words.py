"""How the words of a scene would read, filled with examples: for whoever writes them."""

from __future__ import annotations

from collections.abc import Mapping

from sixty.outreach.scenes import Scene
from sixty.outreach.triggers import TRIGGERS

_OF_ALL = frozenset({"shop"})
_OF_SMS = frozenset({"link"})

EXAMPLES: Mapping[str, tuple[str, str]] = {
    "shop": ("店铺名", "六拾优选"),
    "product": ("商品名", "多口袋耐磨工装裤"),
    "variant": ("颜色尺码", "（卡其 L）"),
    "pieces": ("件数", "2"),
    "amount": ("金额", "259"),
    "price": ("到手价", "239"),
    "order_end": ("订单号末尾", "0001"),
    "benefit": ("能给的优惠", "给您申请到满199减20红包，要不要现在就用上？"),
    "substitute": ("替代款", "宽松束脚工装裤"),
    "doubt": ("顾客的顾虑", "起球"),
    "balance": ("尾款", "349"),
    "deadline": ("截止时间", "明天20点"),
    "after_payment": ("付款以后", "付了款我们就安排发货"),
    "dispatch_by": ("最晚发货时间", "明天18点"),
    "carrier": ("快递公司", "中通快递"),
    "refund_kind": ("退款或售后", "退货退款"),
    "refund_state": ("进展", "商家已同意"),
    "refund_amount": ("退款金额", "229"),
    "care": ("保养提示", "第一次洗用冷水单独洗，"),
    "link": ("短信里的链接", ""),
}
"""What each variable is called, and an example of it."""


def variables_of(scene: Scene, *, sms: bool = False) -> list[str]:
    """What the words of a scene may name.

    Args:
        scene: The scene.
        sms: Whether they are those of an SMS, which may lead to a page.
    """
    known = frozenset.intersection(*(TRIGGERS[each].variables for each in scene.triggers))
    return sorted(known | _OF_ALL | (_OF_SMS if sms else frozenset()), key=list(EXAMPLES).index)


def example_words(text: str, scene: Scene, shop: str, link: str) -> str:
    """Words filled with examples, as a customer would read them.

    Args:
        text: Words that name nothing but what the scene knows.
        scene: The scene.
        shop: What the shop is called.
        link: Where an SMS leads.
    """
    filled = {name: EXAMPLES[name][1] for name in variables_of(scene, sms=True)}
    return text.format(**{**filled, "shop": shop, "link": link}).strip()
