"""What of an order a customer wants changed, and what they want noted on it."""

from __future__ import annotations

import re
from typing import Literal

from sixty.nlu.normal_form import normal_form
from sixty.nlu.receivers import read_destination

Change = Literal["改地址", "改电话", "改收货信息", "改规格", "合并", "拆分", "改其他"]

_ADDRESS = re.compile(
    r"地址|门牌|楼[栋层号]|单元号?|小区|[转改]寄|寄[错到往成]|送到|转送|换个?(?:收货)?(?:的?地[方点])|搬家|搬走|搬到|省份|城市|收货地?[点处方]|收件那"
    r"|乡镇|[村镇区]名?(?:写|选|打)错|往单位寄|拦下来|挪到|不在(?:那边|家|原来)"
)
_CONTACT = re.compile(
    r"电话|手机号|手机(?:丢|停|关|打)|号码|空号|停机|座机|收[件货]的?人|联系人|联系方式|名字|姓名|真名|实名|收货手机|收件手机"
)
_BOTH = re.compile(
    r"收[件货]人?信息|收货的?资料|姓名.{0,4}(?:电话|地址).*地址|地址.{0,3}[跟和、]?(?:电话|手机|姓名|名字|收[件货]人)|电话.{0,3}[跟和、]?地址"
)
_ONLY_CONTACT = re.compile(r"地址不(?:变|用|动)|(?:就|只)改(?:电话|手机|号码|名字|收[件货]人)")
_OTHER = re.compile(
    r"刻字|刻错|定制|定做|印字|印的|绣|logo|自提|配送方式|付款方式|货到付款|清关|海关|证件号|身份证", re.IGNORECASE
)
_SPLIT = re.compile(
    r"拆(?!封|开包装)|分开[发寄送]|分[两二三几批]?[次批趟]|先[发寄走送]|先把.{0,8}[发寄送]|有货的|部分发|一半先|分两处|分着送|急用的?先|单独先发|两个收货人"
)
_TOGETHER = re.compile(
    r"合并|[合并]成?一|合单|并单|合[起在寄着]|一[起块道趟次].{0,3}[发寄送走配快派到]|(?:放|装|打)[一个在]{0,2}个?(?:包裹|箱子?)|凑[成齐到一]|同(?:一)?个?箱|塞进上一?单"
    r"|等.{0,6}一起|搭着"
)
_VARIANT = re.compile(
    r"颜色|色号|尺码|码数|鞋码|[大小]一?[号码]|换.{0,2}[款码号色味]|款式|(?<!付)款(?!项)|型号|规格|口味|原味|味[道的]?$|套餐|版本|段数|内存|薄款|加绒|礼盒|散装|男款|女款"
    r"|数量|多拍|拍多|少拍|拍少|少买|多买|[加添]一?[个件包瓶罐盒样双]|加东西|减一?[个件]|去掉|去一|拿掉|减掉|[拍选点订]成|不要发?[黑白红蓝绿灰粉]"
    r"|(?:选|拍|点|订)错|[黑白红蓝绿灰粉藏青].{0,3}[换改]|[换改]成?[黑白红蓝绿灰粉藏]|[改换]成?\d{2,3}|XL|裤子不要|照发"
)


def read_change(text: str) -> Change | None:
    """What of an order is to be changed.

    Args:
        text: What the customer wrote.

    Returns:
        The change; None where the line doesn't say ("订单能修改吗").
    """
    plain = normal_form(text)
    destination = read_destination(plain)
    if destination.address or destination.partly:
        return "改地址"
    if _ONLY_CONTACT.search(plain) or ((destination.phone or destination.receiver) and not _ADDRESS.search(plain)):
        return "改电话"
    if _OTHER.search(plain):
        return "改其他"
    if _BOTH.search(plain):
        return "改收货信息"
    if _ADDRESS.search(plain):
        return "拆分" if re.search(r"分开寄|两个地址|分两处", plain) else "改地址"
    if _CONTACT.search(plain):
        return "改电话"
    if _SPLIT.search(plain) and not re.search(r"不要拆|别拆", plain):
        return "拆分"
    if _TOGETHER.search(plain) or re.search(r"不要拆|别拆", plain):
        return "合并"
    return "改规格" if _VARIANT.search(plain) else None


_SHORTEST_NOTE = 2
_COURTESY = re.compile(r"亲|你好|您好|在吗|麻烦|请|帮忙我?|帮我|[ ,，、:：]")
# Words of a wish for a note that say nothing which could stand in one, taken one after the other.
_WISH = re.compile(
    r"亲|你好|您好|在吗|哎|那|对|嗯+|好的?|行|麻烦|请|帮忙?我?|替我|给我?|你们?|你那边|就|再|也|另外|下单|付完款了?|付好了|钱付了|拍好了"
    r"|下好单了|单子|刚刚?|忘记?了?|写填?|可以|能不?能?|想|要|需要|一定|记得|登记|订单[里上]?|这单|系统里|快递|仓库"
    r"|说一?声|[ ,，、:：]"
)
_NOTE = re.compile(r"(?:订单)?(?:备注|留言)(?:栏|内容|要求)?")
_BEHIND_NOTE = re.compile(r"一?下|一?个|上|写|给(?:仓库|快递|工厂)|[ ,，、:：]")
_NOTHING = re.compile(
    r"一?[个下条张]|没有?|错了?|找到|看|你一?眼|照着?|我说的|同样|要求|地方|注意|怎么"
    r"|[上给了吗呢嘛不好都的来改后还么谢哈亲写填啊别按着点记加忘栏声发添楚清。?？!！~～]"
)
_POLITE_END = re.compile(
    r"(?:谢谢[您你啦了亲老板哈]?|多谢|谢了|谢啦|感谢|麻烦了?|拜托了?|可以[吗不么]|行[吗不么]|好[吗不么]|成不"
    r"|[哈哦啊呗吧了~～!！ ,，、。])$"
)
_WISH_END = re.compile(
    r"(?:(?:麻烦|请)?[帮给]?我?(?:[写记添加](?:上|清楚|一?下)|(?:备注|留言)(?:一?下|上|清楚|好)?)|别忘了)$"
)
_QUESTION = re.compile(
    r"备注.{0,4}(?:了吗|了没|没有|好没|了么)|都备注了|看.{0,3}(?:备注|留言)|[按照].{0,3}(?:备注|留言)"
)
_NUMBERS_AND_MASKS = re.compile(r"(?<!\d)\d{14,20}(?!\d)|\[[^\]\s]{1,16}\]")


def read_note(text: str, *, asked: bool = False) -> str | None:
    """What is to be noted on an order, in the customer's words.

    Args:
        text: What the customer wrote.
        asked: Whether it is the answer to a question for it.

    Returns:
        The note, without what only asks for it; None where there is nothing to note.
    """
    plain = _NUMBERS_AND_MASKS.sub(" ", normal_form(text)).strip()
    if asks_for_notes(plain):
        return None
    for note in (_without_end(_without_lead(plain)), plain if asked else ""):
        if len(note) >= _SHORTEST_NOTE and _past(note, 0, _WISH, _NOTE, _NOTHING) < len(note):
            return note
    return None


def asks_for_notes(text: str) -> bool:
    """Whether a line asks what has been noted: 备注了吗, 看下我的备注."""
    return bool(_QUESTION.search(text))


def _past(text: str, start: int, *words: re.Pattern[str]) -> int:
    """Where a run of such words ends."""
    position = start
    while found := next((match for word in words if (match := word.match(text, position))), None):
        position = found.end()
    return position


def _without_lead(text: str) -> str:
    found = _NOTE.match(text, _past(text, 0, _WISH))
    if found is not None:
        return text[_past(text, found.end(), _BEHIND_NOTE) :]
    return text[_past(text, 0, _COURTESY) :]


def _without_end(text: str) -> str:
    text = text.strip()
    while text and (found := _POLITE_END.search(text) or _WISH_END.search(text)):
        text = text[: found.start()]
    return text
