"""Words that an advertisement may not say: superlatives, and promises nobody can keep (广告法 第九条、第二十八条).

What the shop says first, and what stands in the playbook, is checked for these and for what `playbook/inspection.yml`
forbids.
"""

from __future__ import annotations

import re

_WORDS = (
    *("国家级", "世界级", "最高级", "最佳", "最优", "最低价", "最便宜", "最先进", "最强", "最大优惠"),
    *(
        "全网最低",
        "史上最低",
        "历史最低",
        "全国第一",
        "销量第一",
        "排名第一",
        "第一品牌",
        "行业第一",
        "唯一",
        "独一无二",
    ),
    *("绝无仅有", "顶级", "极致", "极品", "王牌", "万能", "百分之百", "100%", "绝对", "永久", "无敌", "首选"),
    *("根治", "治愈", "特效", "零风险", "无副作用", "稳赚", "点击有惊喜", "恭喜获奖", "全民免单"),
)
# "最好连着快递单拍一张" advises, and praises nothing.
_PRAISE = r"最好(?![是先能还在用别不要提前早多少连把带附拍给让])"
_ANY = re.compile("|".join((*map(re.escape, sorted(_WORDS, key=len, reverse=True)), _PRAISE)))


def forbidden_in(text: str) -> list[str]:
    """The forbidden words of a text, in order, each once."""
    return list(dict.fromkeys(_ANY.findall(text)))
