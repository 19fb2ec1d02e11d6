"""What went wrong with a parcel or its goods, and what is wanted for it, by the words that customers use."""

from __future__ import annotations

import re
from typing import Literal

Trouble = Literal["not_received", "delivered_elsewhere"]
Mishap = Literal["wrong_item", "missing"]
Damage = Literal["damaged", "quality", "spoiled"]
Remedy = Literal["补发", "退货", "换货", "维修", "退款", "赔付"]

_ELSEWHERE = re.compile(
    r"送错|投错|派错|送到(?:别|其他|老|旧|隔壁|前|后|楼|公司|家|单位|小区)|别人|邻居|同名|隔壁|老地址|旧地址|门卫|保安|物业|门口|楼下|前台"
    r"|驿站|菜鸟|丰巢|快?递?柜|代收点|自提|乱放|(?:没|不|未)(?:打|接到?|联系|通知).{0,6}(?:电话|我)?.{0,4}(?:就)?放"
)
_NOT_RECEIVED = re.compile(
    r"(?:没|未|不)(?:有)?(?:收|拿|取|见|看)(?:到|见|着)?|假签收|虚假签收|谁签|不是我签|(?:被|让|给).{0,4}(?:签|拿|取)走|丢(?:了|件)|找不到|(?:东西|货|包裹|快递)(?:呢|在哪)|不见了"
)
_REFUSED = re.compile(r"拒收|拒签|不(?:想)?(?:签收|收(?:货|件|了))|让快递(?:员)?(?:带|拿|退)回")
_REFUSED_BY_NOBODY = re.compile(
    r"(?:没|没有|未|不是我?)(?:说过?|要|点)?(?:拒收|拒签)|谁(?:让)?(?:你们)?拒|(?:显示|说).{0,6}(?:拒收|拒签)|莫名.{0,6}拒|(?:没|不)(?:联系|通知|打电话).{0,8}退"
)
_MISSING = re.compile(
    r"少|缺|漏(?:发|寄|装|了)|空(?:盒|包|袋)|没(?:有)?(?:给|放|发|寄|装|见|看|收|配)|只(?:收|有|给|发|到|拿)|就(?:收|一|两|几)|一半|不够|不足|里(?:面)?没|没(?!有?(?:图|照|拍|了|$))[\u4e00-\u9fff]{1,4}$|落了"
)
_WRONG = re.compile(
    r"错|不对|不是(?:我|这|一|同)|不一样|不符|对不上|换成|送成|发成|寄成|变成|怎么是|拿混|弄混|搞混|反了|张冠李戴|不同"
)
_REMEDIES: tuple[tuple[Remedy, re.Pattern[str]], ...] = (
    (
        "补发",
        re.compile(r"补(?:发|寄|送|给我|上|齐)|补(?:一|两|几)?(?:个|件|份|套|双)|(?:重新?|再)(?:发|寄|送|给我?发)"),
    ),
    ("维修", re.compile(r"维修|(?:能|帮|给|去)?修(?:一下|好|理)?")),
    ("换货", re.compile(r"换(?:货|一|个|件|新|掉|吧)|(?<!不)(?:我要|我想|想要|给我|帮我)换")),
    (
        "赔付",
        re.compile(r"赔|补(?:偿|贴|一?点|钱|差)|退我?(?:一?点|一?部分)|优惠点|折(?:价|扣)|便宜点|表示(?:一下)?"),
    ),
    ("退款", re.compile(r"退(?:款|钱)")),
    ("退货", re.compile(r"退货|退(?:了|掉|回)|不要了")),
)
_DAMAGES: tuple[tuple[Damage, re.Pattern[str]], ...] = (
    (
        "spoiled",
        re.compile(r"变质|发霉|长毛|霉|臭|馊|烂(?:了|掉|的)|腐|化(?:了|完|冻)|死了|过期|生虫|有虫|酸了|不新鲜"),
    ),
    (
        "quality",
        re.compile(
            r"(?:用|穿|洗|戴|充|吃|开机|玩)(?:了|过|着|没|不到|上)?.{0,2}(?:[一两几半三四五六七八九十\d]+(?:天|次|个?月|周|回|小时)|就|后|就坏)"
            r"|(?:现在|突然|最近|后来)|开不了机|充不进|没反应|不(?:亮|转|制冷|加热|出水|通电)|掉色|起球|开胶|开线|脱线|质量问题"
        ),
    ),
    (
        "damaged",
        re.compile(r"收到|打开|拆开|到手|快递|包装|箱子|路上|运输|送来|碎|裂|压|磕|摔|瘪|凹|洒|撒|漏|断|破|湿|变形"),
    ),
)


def trouble_in(text: str) -> Trouble | None:
    """Finds why somebody has no parcel that is said to have arrived: it went elsewhere, or nobody knows."""
    if _ELSEWHERE.search(text):
        return "delivered_elsewhere"
    return "not_received" if _NOT_RECEIVED.search(text) else None


def refuses(text: str) -> bool:
    """Tells whether a customer refuses a parcel, has done so, or asks whether they may."""
    return bool(_REFUSED.search(text)) and not said_to_be_refused(text)


def said_to_be_refused(text: str) -> bool:
    """Tells whether a parcel goes back as refused without the customer's having refused it."""
    return bool(_REFUSED_BY_NOBODY.search(text))


def mishap_in(text: str) -> Mishap | None:
    """Finds whether something is missing or another thing was sent; `错` outweighs `少`, as in `少发了还发错`."""
    if _WRONG.search(text):
        return "wrong_item"
    return "missing" if _MISSING.search(text) else None


def remedy_in(text: str) -> Remedy | None:
    """Finds what is wanted for a mishap."""
    return next((remedy for remedy, pattern in _REMEDIES if pattern.search(text)), None)


def damage_in(text: str) -> Damage | None:
    """Finds since when something is no good: on arrival, in use, or as food goes off; `None` where it isn't told."""
    return next((damage for damage, pattern in _DAMAGES if pattern.search(text)), None)
