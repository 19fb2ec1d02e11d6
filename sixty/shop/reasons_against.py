"""What speaks against buying, by the words of whoever hesitates or gives up."""

from __future__ import annotations

import re
from typing import Literal

ReasonAgainst = Literal["price", "size", "quality", "slow", "no_need", "fit", "date", "comfort", "use"]

_WORDS: tuple[tuple[ReasonAgainst, re.Pattern[str]], ...] = (
    ("no_need", re.compile(r"不需要|用不(?:着|上)|不想(?:要|买)|买(?:到|了)别|已经(?:买|有)了|没必要|用不到")),
    (
        "price",
        re.compile(r"贵|价格|价钱|价位|便宜|优惠|预算|没钱|钱不够|划不来|不划算|不值|打折|降价|别家|买不起"),
    ),
    ("size", re.compile(r"尺码|码数|尺寸|大小|合身|合适不合适|穿不(?:上|下|了)|偏[大小]|太[大小肥瘦紧长短]|不合适")),
    ("quality", re.compile(r"质量|正品|假货|真假|起球|掉色|缩水|耐用|做工|味道|安全|放心|坏|靠谱|信不过|怕是")),
    ("slow", re.compile(r"太慢|来不及|等不(?:及|了)|发货慢|物流慢|到不了|赶不上|太久")),
    ("date", re.compile(r"新鲜|日期|过期|临期|保质")),
    ("fit", re.compile(r"适不适合|不适合|版型|显(?:胖|老|黑|矮|壮)|肤质|过敏|皮肤|兼容|配不配")),
    ("comfort", re.compile(r"闷|扎人|太硬|透气|舒不舒服|不舒服|会不会(?:热|冷)|太(?:薄|厚|热|冷)")),
    ("use", re.compile(r"不会(?:用|装|弄)|麻烦|复杂|难用|不好用|续航|功能|怎么用")),
)


def reason_against(text: str) -> ReasonAgainst | None:
    """Tells what keeps a customer from buying: `太贵了`, `怕起球`; `None` where the words don't say.

    Who needs it no more is asked for nothing else, so that comes first; then the price.
    """
    return next((reason for reason, words in _WORDS if words.search(text)), None)
