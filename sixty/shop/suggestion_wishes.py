"""What a customer wants of suggestions, by their words: others, cheaper ones, something better, what fills a basket."""

from __future__ import annotations

import re
from typing import Literal

SuggestionWish = Literal["none", "filler", "upgrade", "cheaper", "refused", "others", "alike"]

# What a capsule that asks for something better carries as its attribute.
UPGRADE = "升级"
_THINGS = r"(?:款|个|件|条|双|种|样|批|组|的|几款|几个|几件)"
_PATTERNS: tuple[tuple[SuggestionWish, re.Pattern[str]], ...] = (
    # "不用推荐了": nothing of the kind any more.
    ("none", re.compile(r"(?:不用|不要|别|不需要|不必|甭)(?:再|老|给我|跟我|一直|总){0,3}(?:推荐|推销|推|安利|介绍)")),
    (
        "filler",
        re.compile(
            r"凑(?:个|一?下|够|到|满|齐|点)?(?:单|满减|包邮|数|钱)|凑(?:什么|啥|点|个|哪|够|到|满)|差(?:多少|几块|几十|一点|点)[^,，。?？]{0,6}"
            r"(?:满减|减|优惠|用券|包邮|门槛|到\d)|(?:再|还)(?:买|加|凑|差)(?:多少|几块|点)(?:钱|元)?[^,，。?？]{0,6}(?:满减|减|优惠|包邮|用券)"
        ),
    ),
    (
        "upgrade",
        re.compile(
            r"(?:更|再)(?:好|高级|高档|高端|大|强|高|厚实|耐用)(?:一?[点些])?的|升级(?:版|款)?|高(?:配|端|档|阶)(?:版|款|一?[点些])?|顶配|加配"
            r"|(?:内存|存储|容量|配置|屏幕?|屏|尺寸|功率|续航|电池|性能|像素)(?:更|再)?(?:大|高|好|强|久|长)(?:一?[点些])?"
            r"|(?:大|高|好)一?[点些](?:的)?(?:内存|存储|容量|配置|屏幕?|屏)|加(?:点|些|多少)?钱?(?:能|可以)?(?:上|升|换|买)"
            r"|贵(?:一?[点些])?(?:没事|没关系|不要紧|无所谓|也行)"
        ),
    ),
    (
        "cheaper",
        re.compile(
            r"(?<!不)(?:太|有点|有些|好|这么|偏|挺|真|略|稍)贵|贵了|超(?:出|过|了)?(?:我的?)?预算|(?:买|消费|承受)不起"
            r"|(?:便宜|实惠|平价|划算|低价|性价比高?|经济|省钱)(?:一?[点些])?(?:的|款|$)|价(?:格|位)?(?:再)?(?:低|便宜)(?:一?[点些])?的"
            r"|(?:再|往)下(?:便宜)?(?:一)?档|贵的不要|不要(?:太|那么|这么)贵"
        ),
    ),
    (
        "refused",
        re.compile(
            r"(?:不|没|没有)(?:太|怎么|是很|很|咋)?(?:喜欢|中意|满意|看中|看上|相中|合适|适合|感兴趣|想要|好看)|看不上|看不中|丑|难看|太土|老气|不好看"
            r"|(?:不要|不想要|不买)(?:这|那|第|前|后|刚)|都不(?:行|要|好|对)|不对胃口|不是我(?:想)?要的"
        ),
    ),
    (
        "others",
        re.compile(
            r"(?:还有|有没有|有|看看|看|来|发|推荐)(?:没有|没)?点?(?:别的|其他|其它|另外|另|更多)"
            r"(?!(?:的)?(?:颜色|色|尺码|码|尺寸|规格|口味|味道|优惠|活动|券|赠品|礼|问题|快递|地址|方式|办法|渠道|店))"
            rf"{_THINGS}?|换(?:一)?(?:批|组|拨|波|款|个|件|条|双|种|样)(?!(?:尺)?码|颜色|色|地址|快递|号|[大小])"
            r"|(?:别的|其他|其它|另外)的?(?:呢|款呢|款式)|再(?:推荐|看|来|换|发|找|挑|给)(?:我)?(?:一?下|几|一|点|些|别)"
            r"|(?:^|[,，。 ])还有(?:吗|么|没有?|嘛)|下一批|多(?:推荐|发|来)几"
        ),
    ),
    ("alike", re.compile(r"类似|差不多的|相似|相近|同类|同款|代替|替代|平替|像这")),
)
_OPEN = re.compile(
    r"(?:我|都|那|就|嗯|额|呃|你|您)*(?:都可以|都行|都好|都成|随便|随意|无所谓|没要求|没有要求|没什么要求|没想好|不确定|不知道|不清楚|不限|不挑|看着(?:来|办|推荐)"
    r"|任意|你定|您定|你看着|你做主|听你的|没想法|没有特别|没特别|哪个都|什么都|怎么都|没预算|没有预算|不差钱|没有|没)(?:.{0,6})"
)
_LEAVES = re.compile(
    r"(?:随便|随意|[你您]看着|[你您]定|[你您]做主)(?:给我|帮我|帮忙)?(?:推荐|来|发|挑|选|看|办|定|配|$)"
)
_LONGEST_OPEN = 14
_REPORTS_ORDER = re.compile(
    r"(?:我|已经?|刚|刚刚|都|那我)?(?:下(?:好)?单|拍(?:下|好|完)?|付(?:款|好|过|完|好款|完款)?|买(?:好|下|完)?|提交)(?:好|完|过)?(?:了|啦|咯|喽|下来了)"
)
_NO_REPORT = re.compile(
    r"[?？吗呢么]|怎么|什么|几|多少|没|不|改|如果|的话|要是|之后|后|才|错|重复|两|去年|上次|之前|以前|昨|前天|但|可是|退|取消"
)
_LONGEST_REPORT = 16


def suggestion_wish(text: str) -> SuggestionWish | None:
    """What a message wants of suggestions; None where its words say nothing of the kind.

    `有没有便宜点的`, `换一批`, `内存大一点的`, `凑单买什么`, `不喜欢这个`, `别推荐了`.
    """
    return next((wish for wish, pattern in _PATTERNS if pattern.search(text)), None)


def leaves_it_open(text: str) -> bool:
    """Whether a message leaves a choice to the shop: `都可以`, `随便`, `没要求`."""
    said = text.strip(" ,，。!！~～?？\n")
    return _LEAVES.search(said) is not None or (len(said) <= _LONGEST_OPEN and _OPEN.fullmatch(said) is not None)


def reports_order(text: str) -> bool:
    """Whether a message says that an order has been placed or paid just now: `拍好了`, `已经付款了`."""
    said = text.strip()
    return len(said) <= _LONGEST_REPORT and bool(_REPORTS_ORDER.search(said)) and not _NO_REPORT.search(said)
