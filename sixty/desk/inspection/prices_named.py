"""Prices that were named, and whether the product has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from sixty.desk.inspection.chat import Chat, Clauses, Found, Line, ProductPrices
from sixty.desk.inspection.rules import PriceRule
from sixty.desk.inspection.words import denied, quoted, said_by_others, spans_of

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,7}(?:\.\d{1,2})?"
_UNIT = r"(?:元|块钱|块|圆|rmb|yuan)"
# What a number behind it is a price by, and what it is something else by; the one that stands nearest counts.
_PRICE_CUES = (
    r"到手价?|券后价?|用完券|领完?券后?|优惠(?:后|下来|价)|活动价|折后价?|促销价|秒杀价|会员价|售价|卖价|现价|单价|原价|吊牌价"
    r"|标价|划线价|专柜价|实付|付款?|拍下|只要|只需|仅需|仅|卖|价格|价钱|降到|降至|低至|现在是?|目前|按|是|价"
)
_OTHER_CUES = (
    r"满|减|立减|返|补贴?|退|赔|省下?|便宜|优惠(?!后|下来|价)|少(?!钱)|贵|差|送|红包|津贴|运费|邮费|快递费|差价|定金|订金|尾款|押金|运险|运费险"
    r"|加|起|押|赠|手续费|安装费|税|约重|重|长|宽|高|厚|容量|功率|续航|充电|电池|间隔|尾号|订单|单号|电话|编号|型号|货号|库存|还剩|剩|共有|每人|限|第|前|近|过|积分"
    r"|券(?!后)"
)
_CUE = re.compile(f"(?P<price>{_PRICE_CUES})|(?P<other>{_OTHER_CUES})")
_AMOUNT = re.compile(
    rf"(?<![\d.A-Za-z/:-])(?:(?P<sign>[¥])\s?(?P<marked>{_NUMBER})|(?P<plain>{_NUMBER})\s?(?P<unit>{_UNIT})?)(?![\d.]*\d)",
    re.IGNORECASE,
)
# What stands behind a number that is no price.
_NO_MONEY = re.compile(
    r"\s?(?:个|件|条|双|套|盒|瓶|袋|包|只|支|台|部|份|本|片|张|粒|颗|枚|抽|天|日|号|月|年|岁|小时|分钟|分|秒|点|周|次|位|人|家|楼|层|栋|室|折|%"
    r"|斤|公斤|千克|克|kg|g|cm|mm|m|厘米|米|寸|毫升|ml|l|升|毫安|mah|瓦|w|v|匹|码|尺|度|级|代|倍|名|颜|寸|gb?|tb?|hz|款|种|步|页|遍|左右天|以内)",
    re.IGNORECASE,
)
_OTHER_BEHIND = re.compile(
    r"\s?(?:的)?(?:优惠券?|无门槛|券|红包|津贴|运费|邮费|快递费|差价|定金|订金|尾款|押金|补偿|话费|赔付|退款|的?差|以上|包邮|起包|积分|小费|税|满减|立减)"
)
_SEVERAL = re.compile(
    r"[两二三四五六七八九十2-9]\s?(?:件|个|条|双|套|盒|瓶|袋|包|份|台|只)"
    r"|一共|总共|合计|加起来|总价|总计|一起|合起来|[俩仨]"
)
_ASKS_PRICE = re.compile(
    r"多少钱|啥价|什么价|价格|报(?:个|下|一下)?价|怎么卖|多少(?:元|块)|几块|要付|付多少|贵|便宜|降价"
)
# A line that answers a question about the price needs no cue of its own, this many lines behind it.
_STILL_ASKED = 2
# So many lines back a product is still what “这款” means.
_STILL_MEANT = 12


@dataclass(frozen=True)
class Named:
    """A price that a line names."""

    amount: Decimal
    start: int
    end: int
    cue: str


def speaks_of_money(plain: str) -> bool:
    """Whether a line, in normal form, may name a price."""
    return _AMOUNT.search(plain) is not None


def wrong_prices(rule: PriceRule, chat: Chat) -> list[Found]:
    """Lines that name a price which the product they speak of does not have."""
    if not chat.products:
        return []
    found: list[Found] = []
    own = {line.id for line in chat.own}
    heard: list[Line] = []
    for line in chat.lines:
        if line.id in own and line.kind != "card":
            found += _wrong_in(line, heard, chat)
        heard.append(line)
    return found


def _wrong_in(line: Line, heard: list[Line], chat: Chat) -> Iterator[Found]:
    plain = line.plain
    for named in _named_prices(plain, heard, chat.products):
        products = _meant(plain, named, heard, chat)
        if not products:
            continue
        right = {price for each in products for price in _may_be_said(each, plain, named)}
        if named.amount in right or not right:
            continue
        if _is_the_customers(named, plain, heard):
            continue
        nearest = sorted(right, key=lambda price: (abs(price - named.amount), price))[:3]
        detail = {"named": str(named.amount), "right": [str(each) for each in nearest], "product": products[0].no}
        yield Found(line, named.start, named.end, key=str(named.start), detail=detail)


def _named_prices(plain: str, heard: list[Line], products: Iterable[ProductPrices]) -> Iterator[Named]:
    names = spans_of((name for each in products for name in each.called), plain)
    asked = any(
        each.author == "customer" and _ASKS_PRICE.search(each.plain)
        for each in [line for line in heard if line.author in ("customer", "agent")][-_STILL_ASKED:]
    )
    clauses = Clauses(plain)
    for match in _AMOUNT.finditer(plain):
        start, end = match.span()
        if any(begin < end and start < finish for begin, finish in names):
            continue
        digits = match["marked"] or match["plain"]
        is_money = bool(match["sign"] or match["unit"])
        if not is_money and (_NO_MONEY.match(plain, end) or len(digits.replace(",", "")) > 6):
            continue
        if _OTHER_BEHIND.match(plain, end):
            continue
        begin, finish = clauses.around(start, end)
        if _SEVERAL.search(plain, begin, finish):
            continue
        cue = _nearest_cue(plain, begin, start, names)
        if cue is not None and cue.lastgroup == "other":
            continue
        named_here = any(begin <= place < start for place, _ in names)
        if cue is None and not (is_money and (named_here or asked)):
            continue
        if cue is not None and not is_money and cue.group() in _WEAK and not (named_here or asked):
            continue
        yield Named(Decimal(digits.replace(",", "")), start, end, cue.group() if cue is not None else "")


# Words that stand in front of any number: they say of a bare one that it is a price only where prices are the topic.
_WEAK = frozenset({"是", "现在", "现在是", "目前", "按", "仅", "付", "付款", "拍下", "只要", "只需", "仅需"})


def _nearest_cue(plain: str, begin: int, start: int, names: list[tuple[int, int]]) -> re.Match[str] | None:
    nearest = None
    for match in _CUE.finditer(plain, begin, start):
        if not any(first < match.end() and match.start() < last for first, last in names):
            nearest = match
    return nearest


def _meant(plain: str, named: Named, heard: list[Line], chat: Chat) -> list[ProductPrices]:
    """The products that a price may be of: named nearest in front in the line, else those talked about lately."""
    here = [
        (end, each)
        for each in chat.products
        for start, end in spans_of(each.called, plain)
        if end <= named.start or start >= named.end
    ]
    before = [(end, each) for end, each in here if end <= named.start]
    if before:
        last = max(end for end, _ in before)
        # Of names that end at the same place any may be meant.
        return [each for end, each in before if end == last]
    if here:
        return [each for _, each in here]
    lately = heard[-_STILL_MEANT:]
    mentioned = [
        each
        for each in chat.products
        if any(line.product_no == each.no or spans_of(each.called, line.plain) for line in lately)
    ]
    opened = [each for each in chat.products if each.no == chat.products[0].no]
    return list({each.no: each for each in [*mentioned, *opened]}.values())


def _may_be_said(product: ProductPrices, plain: str, named: Named) -> set[Decimal]:
    begin, _ = Clauses(plain).around(named.start, named.end)
    clause = plain[max(0, begin - 12) : named.end]
    wanted = {
        word
        for words in product.prices
        for word in words
        # 白色 as 白; one letter of a size is in every other word.
        if len(word) > 1 and (word in clause or (word.endswith("色") and word[:-1] in clause))
    }
    amounts: set[Decimal] = set()
    for words, prices in product.prices.items():
        if wanted and not wanted & set(words):
            continue
        # What it cost before may be said in many ways: 原价, 从499降到399, 比专柜便宜.
        amounts |= prices | product.before.get(words, frozenset())
    return amounts


def _is_the_customers(named: Named, plain: str, heard: list[Line]) -> bool:
    """Whether it is only the customer's own number, denied, quoted or taken up in a question."""
    mine = any(each.author == "customer" and _has_amount(each.plain, named.amount) for each in heard[-_STILL_MEANT:])
    if quoted(plain, named.start, named.end) or said_by_others(plain, named.start):
        return True
    if denied(plain, named.start, named.end):
        return True
    _, finish = Clauses(plain).around(named.start, named.end)
    follows = plain[named.end : finish]
    return mine and re.search(r"不|没|无法|吗|呢", follows + plain[finish : finish + 1]) is not None


def _has_amount(plain: str, amount: Decimal) -> bool:
    return any(
        Decimal((match["marked"] or match["plain"]).replace(",", "")) == amount for match in _AMOUNT.finditer(plain)
    )
