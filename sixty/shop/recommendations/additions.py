"""Lines that only add something to a wish: whom it is for, what for, its colour, its kind, what it may cost."""

from __future__ import annotations

import re

from sixty.shop.recommendations.audience import recipient_in
from sixty.shop.recommendations.colors import color_in
from sixty.shop.recommendations.rules import RecommendationRules, shop_recommendation_rules
from sixty.shop.recommendations.spoken_amounts import budget_in

# What is said around it and says nothing of its own; longer words first.
_AROUND = re.compile(
    r"价格|价位|价钱|预算|大概|大约|差不多|左右|上下|附近|以内|之内|以下|以上|封顶|出头|不超过|别超过|不要超过|最多|顶多|控制在|块钱|元"
    r"|平时|平常|日常|主要|最好|一般|比较|稍微|颜色|想要|希望|喜欢|有没有|推荐|来|看看|那种|这种|冬天|夏天|春天|秋天|春秋|时候"
    r"|一点|点|些|能|可以|要|想|找|买|送|给|帮|替|我家|我|她|他|的话|的|是|就|穿|用|戴|吃|背|块|款|件|条|双|个|一|有|去|在|到|至|内|色|版|式"
    r"|那|嗯|哦|吧|呢|哈|呀|啊|和|或者|也|行|多|人|生|士|了|吗|么"
)
_AMOUNT = re.compile(
    r"[\d零一二两三四五六七八九十百千万kK.]+(?=元|块|左右|上下|以|之内|内|出头|封顶|多|到|至|的|[-~～—]|$)"
)
_MARKS = re.compile(r"[\W_]+")
# "防水吗" asks about one thing, "有防水的吗" for others.
_ASKS = re.compile(r"[吗么嘛?？]\s*$")
_ASKS_FOR_SUCH = re.compile(r"^(?:那|嗯|请问)?有.*的\W*[吗么嘛?？]")


def only_adds(text: str, kind: str = "", rules: RecommendationRules | None = None) -> bool:
    """Whether a line says nothing but what narrows a wish: `上班穿`, `三百左右`, `给我爸买的`, `有没有黑色的`.

    Args:
        text: What the customer says.
        kind: The sort of thing that was found in it.
        rules: What the merchant set; as the playbook says when left out.
    """
    if _ASKS.search(text) and not _ASKS_FOR_SUCH.search(text):
        return False
    rules = rules or shop_recommendation_rules()
    recipient = recipient_in(text)
    said = [kind, color_in(text), *(word for word in rules.qualities if word in text)]
    said += [name for name in (*rules.families, *rules.groups) if name in text]
    if recipient is not None:
        # "男款" is for 男士.
        said += [recipient.word, recipient.word[:1] if recipient.word in ("男士", "女士") else ""]
    pieces = sorted((word for word in said if word), key=len, reverse=True)
    if not pieces and budget_in(text) is None:
        return False
    rest = text
    for piece in pieces:
        rest = rest.replace(piece, " ")
    return not _MARKS.sub("", _AROUND.sub(" ", _AMOUNT.sub(" ", rest)))
