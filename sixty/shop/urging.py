"""Whether a line urges, and whether it is about an order of the customer's own, or a parcel: the words that tell it."""

from __future__ import annotations

import re

# "我不催" and "催我付款" urge nobody.
_NO_URGING = re.compile(r"(?:不|别|没|不用|不是)催|催我")
_URGES = re.compile(
    r"催|赶紧|赶快|抓紧|麻溜|火速|加急|快(?:点|些|一点)?(?:给我|帮我|把)?(?:发|送|派|寄|退|处理|打款)|尽快|急用|急着(?:用|要)|等着(?:用|急)|着急"
    r"|(?:怎么|咋|为什么|为啥|为何)(?:到现在)?(?:都|还|一直|老是?)?(?:是)?(?:没有?|不|未)(?:给我|见)?(?:发|到|送|派|动|更新|退|收到|揽|消息|处理|审核|寄|有)"
    r"|(?:怎么|咋|为什么|为啥)(?:这么|那么)慢"
    r"|到现在(?:都|还)?(?:没|不|未)|迟迟|还要(?:等)?多久|要等到(?:什么时候|何时|几时|猴年)|到底(?:什么时候|啥时候|几时|发不发|送不送|退不退|还要)"
    r"|(?:一直|都|还)(?:是)?(?:没有?|不|未)(?:给我)?(?:发货|发出|送到|派送|到货|动静|更新|退款|到账|处理)"
    r"|等(?:了)?(?:好|这么|那么|很|太)久|(?:好|几|[两三四五六七八九十\d]+)天(?:了|都|还).{0,6}(?:没|不|未)"
)
_OWN = re.compile(
    r"我(?:的|那|这|买|拍|订|下的?单|家|上次|昨|前|今|在你们)|(?:这|那)(?:个|一)?(?:订?单|件|包裹|快递|货)|订单"
    r"|(?:昨|前)[天日晚]|刚(?:才|刚)?(?:买|拍|下单|付)|上(?:周|星期|次|个?月)|已经?(?:买|拍|付|下单|发货)|(?:买|拍|下单|付款)了"
    r"|还(?:没|不|能|会)|到(?:哪|现在)|今天.{0,4}(?:能|会|可以|还).{0,3}(?:到|发|送)|(?:不|没)(?:送|发|到)了|快递员|派送|包裹|物流"
)
_TO_COME = re.compile(
    r"(?:现在|今天|如果|要是|假如|等下|待会|准备|想|打算)(?:下单|拍|买|付)|下单(?:后|的话)|拍下|(?:一般|通常|大概)几天|买了(?:之?后|的话)"
)
_PARCEL = re.compile(
    r"快递|快件|包裹|物流|运单|派送|派件|配送|送货|运输|(?:到|在|送|走)(?:了)?(?:哪|什么地方|啥地方)|几时到|到了(?:吗|没)"
)


def urges(text: str) -> bool:
    """Tells whether a line wants something hurried: `催一下`, `怎么还没到`, `赶紧发`."""
    return bool(_URGES.search(text)) and not _NO_URGING.search(text)


def of_own_order(text: str) -> bool:
    """Tells whether a question about time is about an order made already rather than one to come."""
    return not _TO_COME.search(text) and bool(_OWN.search(text) or urges(text))


def of_parcel(text: str) -> bool:
    """Tells whether a line asks about what travels: `快递到哪了`, `物流不动了`; `查订单` may mean any order."""
    return bool(_PARCEL.search(text))
