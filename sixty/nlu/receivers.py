"""Where a parcel is to go, in what customers write: address, phone and name, taken apart.

"换成浙江省杭州市西湖区文三路1号 张三 13800000000" is all three; "收件人改成李四" is one. An address counts when it says
the province or the city and goes down to a street, an estate or a village: a door number alone ("是3栋不是8栋") would
send a parcel nowhere. What platforms put in place of a customer's data (`[地址x]`) is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sixty.nlu.normal_form import normal_form
from sixty.shop.cities import PROVINCE_OF_CITY, province_of
from sixty.shop.regions import PROVINCES

_SHORTEST_ADDRESS = 6
_LONGEST_ADDRESS = 120
_SHORTEST_PLACE = 3


@dataclass(frozen=True)
class Destination:
    """What of a destination was told; what was not is empty.

    Attributes:
        address: As the customer wrote it, from the province or city down.
        region: The short name of its province.
        phone: A mobile number of eleven digits.
        receiver: A name.
        partly: Whether there is a piece of an address that is no whole one.
        masked: Whether something stands there that a platform has hidden.
        odd_phone: Digits that are meant as a phone and are none.
    """

    address: str = ""
    region: str = ""
    phone: str = ""
    receiver: str = ""
    partly: bool = False
    masked: bool = False
    odd_phone: str = ""


# Order numbers and what a platform hides are cut out first.
_MASK = re.compile(r"\[[^\]\s]{1,16}\]|#E-\S{1,16}")
_MASK_OF_A_PERSON = re.compile(r"\[(?:地址|电话|姓名|手机|号码)[^\]]{0,4}\]")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{14,20}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
_ODD_PHONE = re.compile(
    r"(?:电话|手机号?码?|号码|手机)\D{0,6}?(\d[\d -]{5,14}\d)(?!\d)|(?<![\d-])(1[3-9]\d{7,8}|1[3-9]\d{10})(?!\d)"
)
_PHONE_LABEL = re.compile(
    r"(?:(?:收[件货]|联系)?的?(?:手机号?码?|电话号?码?|联系方式|号码)|tel)\s?(?:也|都)?(?:[是为:]|改成|换成|改为|换为)?\s?(?=☎)"
)
_NEW = re.compile(r"[改换]成|[改换]为|[改换寄送发]到|改寄|换[:：]")

_PLACES = sorted((*PROVINCES, *PROVINCE_OF_CITY), key=len, reverse=True)
_PLACE = re.compile(
    rf"(?P<place>{'|'.join(_PLACES)})(?:省|市|(?:[壮回]族|维吾尔)?自治区|特别行政区|(?:[\u4e00-\u9fff]{{1,8}}族)?自治州|地区|盟)?"
)
_UNIT = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:新区|开发区|高新区|自治县|林区|区|县|旗|市|州)")
_STREET = re.compile(
    r"[路街巷弄村道里坊屯桥寨沟湾庄]|胡同|社区|小区|花园|公寓|大厦|大楼|广场|学校|中学|小学|大学|学院|医院|公司|工厂|仓库"
    r"|[号栋幢座室楼层苑府厂园城店院镇乡组队站站点]|单元|\d-\d"
)
_ENDS = re.compile(
    r"[。;；!！?？\n]|谢谢|多谢|麻烦|辛苦|可以[吗不么]|行[吗不么]|好[吗不么]|能[改换寄送]|不是|别寄|不要寄|帮[我忙]|[这那]个地址|的地址|[改换][成为到]|[寄送发]到|改寄"
    r"|来得及|改一?下|换一?下|之前|原来|就[行好]|收货|收件"
)
_PART_OF_ADDRESS = re.compile(
    r"\d|[路街巷弄村道里坊屯镇乡区县市号栋幢座室楼层苑府厂园城店院组队站]|单元|小区|大厦|广场|公司|学校"
)
_PARTLY = re.compile(r"[路街巷弄村镇乡区县栋幢室楼]|小区|单元|门牌|宿舍|公司|老家")
_ODD_WITHOUT_PLACE = re.compile(
    r"[\u4e00-\u9fff]{1,8}(?:区|县|镇|乡|街道|路|街|小区|村)[\u4e00-\u9fff\d]{0,30}(?:号|栋|幢|室|楼|单元|村|组|院)"
)

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元顾孟平黄穆萧尹姚邵汪祁毛狄米贝明臧计成戴宋庞熊纪舒屈项祝董"
    "梁杜阮蓝闵席季麻强贾路江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘缪解应宗丁宣邓洪包左石崔吉龚程邢裴陆荣"
    "翁荀甄曲封储靳井段焦巴牧谷车侯全秋仲伊宫宁仇甘厉符景詹龙叶幸司黎薄白怀卓蔺蒙池乔闻党谭劳冉桑桂牛边尚温庄晏柴瞿阎连习艾"
    "容向古易廖耿匡文关欧沃利蔚师聂敖冷辛简饶曾沙丰查后荆游竺权盖桓岳肖涂付代闫佟苟兰覃邸"
)
_COMPOUND = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木"
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_NAME = rf"(?:(?:{_COMPOUND}){_GIVEN}|[{_SURNAMES}](?:先生|女士|小姐|老师|师傅|阿姨|总|{_GIVEN}))"
_LONE_NAME = re.compile(rf"{_NAME}(?=收?$)")
# Words of the request, of which no name is made.
_NO_NAME = re.compile(
    r"[改换送寄把的了吗呢吧谢麻烦帮您你我他她请行好能不要错写新旧原]|地址|电话|手机|号码|收件|收货|订单|安排|方便|成都|高新|平时|明天|后天|时候"
    r"|[区县市路街镇村]$|真名|昵称|全名|老[公婆]|妈妈|爸爸|本人|家人|同事|前台|朋友|邻居"
)
_LABEL = re.compile(
    r"(?:收[件货]的?人|联系人|收[件货]姓名|姓名|名字|收货的)(?:的?(?:名字|姓名))?\s?(?P<link>(?:[是叫为:填也]|写成|[改换]成|[改换]为|[改换]){0,3})\s?"
    r"(?P<name>[\u4e00-\u9fff·]{2,5}?)(?=$|[\s,，、。;☎]|收$|电话|手机|地址|吧|谢|了)"
)
_NAME_BEFORE_PHONE = re.compile(rf"(?<=[号室楼座层店院栋村])\s?({_NAME})(?=\s?[,，]?\s?☎)")
_SEPARATORS = re.compile(r"[\s,，、。;；:：!！?？☎/|+]+")


def read_destination(text: str, *, asked: bool = False) -> Destination:
    """Takes a destination apart.

    Args:
        text: What the customer wrote.
        asked: Whether it is the answer to a question for it: then a lone name is one.

    Returns:
        What was told. A message without any of it gives an empty one.
    """
    plain = normal_form(text)
    masked = _MASK_OF_A_PERSON.search(plain) is not None
    plain = _LONG_NUMBER.sub(" ", _MASK.sub(" ", plain))
    phone, plain = _take_phone(plain)
    odd = "" if phone else _odd_phone(plain)
    receiver, rest = _take_receiver(plain, asked=asked, beside_phone=bool(phone))
    address, region = _address(rest)
    partly = not address and bool(_ODD_WITHOUT_PLACE.search(rest) or (asked and _PARTLY.search(rest)))
    return Destination(address, region, phone, receiver, partly, masked, odd)


def _take_phone(text: str) -> tuple[str, str]:
    """The phone, with a mark in the text where phones stood; of two, the one behind "改成"."""
    found = [*_PHONE.finditer(text)]
    if not found:
        return "", text
    new = [match for match in found if _NEW.search(text, 0, match.start())]
    chosen = (new or found)[0 if new else -1]
    marked = _PHONE_LABEL.sub(" ", _PHONE.sub("☎", text))
    return re.sub(r"\D", "", chosen[1]), marked


def _odd_phone(text: str) -> str:
    found = _ODD_PHONE.search(text)
    return re.sub(r"\D", "", found[1] or found[2]) if found else ""


def _take_receiver(text: str, *, asked: bool, beside_phone: bool) -> tuple[str, str]:
    """The name, and the text without it."""
    for match in reversed([*_LABEL.finditer(text)]):
        name = match["name"]
        if not _NO_NAME.search(name) and (match["link"] or re.fullmatch(_NAME, name)):
            return name, f"{text[: match.start()]} {text[match.end() :]}"
    behind = _NAME_BEFORE_PHONE.search(text)
    if behind is not None and not _NO_NAME.search(behind[1]):
        return behind[1], f"{text[: behind.start()]} {text[behind.end() :]}"
    if not (asked or beside_phone or _PLACE.search(text)):
        return "", text
    start = 0
    for part in _SEPARATORS.split(text):
        position = text.find(part, start)
        start = position + len(part)
        token = re.sub(r"^(?:就?[改换][成为]|[是叫])", "", part)
        name = _LONE_NAME.fullmatch(token.removesuffix("收"))
        if name is None or _NO_NAME.search(token) or _is_place(token):
            continue
        return name.group(), f"{text[:position]} {text[start:]}"
    return "", text


def _is_place(token: str) -> bool:
    found = _PLACE.match(token)
    return found is not None and found.end() == len(token)


def _address(text: str) -> tuple[str, str]:
    """The address and its province; empty where there is no whole one."""
    best, until = ("", ""), 0
    for start in _PLACE.finditer(text):
        if start.start() < until:
            # A street of that name: 麓**山南**路.
            continue
        stretch = _stretch(text[start.start() :])
        whole = _whole(stretch)
        if whole:
            # "不寄上海了，换成浙江省…": what was said last holds.
            best, until = (whole, province_of(start["place"]) or ""), start.start() + len(stretch)
    return best


def _stretch(text: str) -> str:
    """As much of a text as may belong to the address that it begins with."""
    end = _ENDS.search(text)
    text = text[: end.start()] if end else text
    kept = 0
    for part in re.finditer(r"[^\s,，、☎]+", text):
        if kept and not _PART_OF_ADDRESS.search(part.group()):
            break
        kept = part.end()
    return text[:kept]


def _whole(stretch: str) -> str:
    """The address of a stretch, if it goes down to where a parcel can be brought."""
    address = re.sub(r"[\s,，、☎]+", "", stretch).rstrip(":：-吧哈呀啊哦哟了呢嘛咯吗么不")
    place = _PLACE.match(address)
    if place is None:
        return ""
    below = address[place.end() :]
    while (more := _PLACE.match(below) or _UNIT.match(below)) is not None:
        below = below[more.end() :]
    fits = _SHORTEST_ADDRESS <= len(address) <= _LONGEST_ADDRESS and len(below) >= _SHORTEST_PLACE
    return address if fits and _STREET.search(below) else ""
