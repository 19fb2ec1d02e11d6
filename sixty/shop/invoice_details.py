"""What a customer says an invoice is to have: its title, whose it is, the taxpayer's number, where it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sixty.shop.tax_numbers import TaxNumberError, find_tax_number

TitleType = Literal["personal", "company"]

PERSONAL = "个人"
LONGEST_TITLE = 100

_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_NEARLY_EMAIL = re.compile(r"[A-Za-z0-9._%+-]*@\S*|(?:邮箱|邮件)(?:地址)?(?:是|为|[:： ])*[A-Za-z0-9._%+-]{3,}")

# By which an organisation's name ends.
_ENDINGS = (
    *("公司", "集团", "商行", "工作室", "事务所", "合作社", "学校", "大学", "学院", "中学", "小学", "幼儿园"),
    *(
        "医院",
        "卫生院",
        "保健院",
        "诊所",
        "研究院",
        "研究所",
        "设计院",
        "银行",
        "支行",
        "分行",
        "协会",
        "学会",
        "基金会",
    ),
    *("委员会", "村委会", "居委会", "办事处", "中心", "法院", "检察院", "出版社", "酒店", "饭店", "经营部", "门市部"),
    *(
        "服务部",
        "营业部",
        "俱乐部",
        "政府",
        "工厂",
        "厂",
        "超市",
        "药房",
        "合伙企业",
        "分局",
        "总局",
        "管理局",
        "派出所",
    ),
)
_ENDING = "(?:" + "|".join(sorted(_ENDINGS, key=len, reverse=True)) + ")"
_NAME = r"[A-Za-z0-9\u4e00-\u9fff()（）·&.]"
_ORGANISATION = re.compile(rf"{_NAME}{{1,40}}{_ENDING}(?:{_NAME}{{0,12}}?{_ENDING})*(?:[(（][^()（）]{{1,12}}[)）])?")

_SAID_TO_BE = r"(?:是|为|写|填|开|开成|换成|改成|改为|用|叫|就|[:： ,，])*"
_MARKED = re.compile(rf"(?:抬头|单位名称|公司名称|户名|名称){_SAID_TO_BE}(?P<title>{_NAME}+)")
# Words around a title that belong to no name.
_BEFORE = re.compile(
    r"^(?:麻烦|请|我想|我要|我(?!们)|帮忙|帮|给|把|发票|抬头|单位名称|公司名称|名称|换成|换开成?|改成|改为|改|成|为|写|填|要|用|"
    r"一张|电子|普通|普票|是|那|就|对|个人抬头|公司抬头|单位抬头|企业抬头|[:： ,，])+"
)
# 开 is what one does to an invoice, and how some towns begin.
_OPENED = re.compile(r"^开(?![封平化原阳州远鲁县江福心])(?:个|一张|成|给)?")
_AFTER = re.compile(
    r"(?:的?(?:抬头|电子发票|电子票|发票|普票|票)|的|[吧哈哦啊呀]|谢谢|就行|就好|可以吗|行吗|可以|(?:税号|纳税|信用代码|识别号|邮箱|发到|发送|发给).*)$"
)
# What is said about titles and companies, and is no name of one.
_NO_NAME = re.compile(
    r"改|换成|填成|写成|开成|抬头|发票|信息|以前|原来|怎么|什么|为啥|可以|能不能|错|不对|少[了打]|多[了打]|名字|个人|[你他她]|我[的要想]|"
    r"^(?:我们|你们|本|单位$|企业$|公司$|别的?|其他|其它|新|两个|哪个|不同|自己|老|这个|那个|上次|之前|不要|不|没)"
)
_PERSON = re.compile(r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,8})?")
_PERSONAL = re.compile(r"个人|私人|自己的?名字|我本?人")
_NOT_PERSONAL = re.compile(r"(?:不|别|不要|不是)(?:开|用|写)?个人|个人的?,? ?(?:改|换|要改)")
_COMPANY = re.compile(r"公司|单位|企业|对公|" + _ENDING + r"的?抬头")
_NOT_COMPANY = re.compile(r"(?:不|别|不要|不是)(?:开|用|写)?(?:公司|单位|企业)|(?:公司|单位|企业)的?,? ?(?:改|换|要改)")

_TITLE_WORDS = r"(?:抬头|税号|名字|公司|单位|企业|个人)"
_INVOICE_WORDS = r"(?:发票|票|抬头)"
_CHANGE = re.compile(
    rf"(?:换|重|重新)开|重新?申请|作废|红冲|冲红|开错|(?:改|换)[^,，。]{{0,8}}(?:{_TITLE_WORDS}|发票)|"
    rf"(?:{_TITLE_WORDS}|{_INVOICE_WORDS})[^,，。]{{0,8}}(?:改|换|填成|写成|开成|开的)|"
    rf"{_TITLE_WORDS}[^,，。]{{0,6}}(?:错|不对|少[了打]?一?个?字|多[了打]?一?个?字|少[了打]|多[了打])"
)
_WISH = re.compile(
    rf"(?:开|补|要|申请|需要|办)[^,，。]{{0,12}}{_INVOICE_WORDS}|{_INVOICE_WORDS}[^,，。]{{0,4}}(?:开|补|写|填)|按[^,，。]{{0,6}}(?:抬头|上次|之前)[^,，。]{{0,4}}开"
)
# Questions that a wish is never put as, and those that it may be put as politely.
_STRONG_QUESTION = re.compile(
    r"什么|怎么|怎样|咋|啥|哪|几天|几个|多久|多少|为何|如何|还是|[要用开给带]不[要用开给带]|有没有|是不是|是否|了[没吗么]|还没|一直"
)
_MILD_QUESTION = re.compile(
    r"[?？]|[吗嘛么呢](?=[ ,，~～。.!！(]|$)|[不没](?:行)?[ ~～。.!！]*$|能不能|可不可以|[是的]吧$"
)
# What went wrong, or is only told.
_TROUBLE = re.compile(
    r"不能|不了|失败|没法|没看到|没见|空白|退掉|退我|不开票|举报|到底|才开|开没开|体现|一半|不同抬头|选项|说超期|票上写"
)
_POLITE = re.compile(r"帮我|帮忙|给我|麻烦|替我|劳驾")
# What only people can do: special and paper invoices, one for several orders, receipts, other lines on them.
_FOR_PEOPLE = re.compile(
    r"专票|增票|增值税专|专用发票|纸质|纸票|纸的|合[并成到]|合一张|一张上|拆|分开|各开|收据|明细|清单|备注"
)


@dataclass(frozen=True)
class InvoiceDetails:
    """What one message says of an invoice.

    Attributes:
        title_type: Whose it is, a person's or an organisation's; None where nothing tells.
        title: The name on it; `个人` for a person's without a name.
        tax_no: The taxpayer's number.
        email: Where it is sent.
        tax_fault: What is wrong with the number that was given, for the customer; empty where nothing is.
    """

    title_type: TitleType | None = None
    title: str | None = None
    tax_no: str | None = None
    email: str | None = None
    tax_fault: str = ""

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return any((self.title_type, self.title, self.tax_no, self.email))


def read_invoice_details(text: str, asked: str | None = None) -> InvoiceDetails:
    """Reads a customer's message for an invoice, `开公司抬头 苏州明德科技有限公司 税号… 发到a@b.com`.

    Args:
        text: The message.
        asked: What they were asked for: `title_type`, `title`, `tax_no` or `email`; a bare answer is meant for it.
    """
    email = find_email(text)
    without_email = _EMAIL.sub(" ", text)
    try:
        tax_no, fault = find_tax_number(without_email, asked == "tax_no"), ""
    except TaxNumberError as wrong:
        tax_no, fault = None, str(wrong)
    title = find_title(without_email, bare=asked in ("title", "title_type"))
    title_type = _title_type(without_email, title, bool(tax_no or fault), asked)
    if title_type == "personal" and title is None:
        title = PERSONAL
    return InvoiceDetails(title_type, title, tax_no, email, fault)


def is_of_an_invoice(text: str, number: str) -> bool:
    """Whether a number in a message is part of an e-mail address or of a taxpayer's number, and no order's."""
    email = find_email(text)
    if email is not None and number in email:
        return True
    try:
        tax_no = find_tax_number(_EMAIL.sub(" ", text))
    except TaxNumberError:
        return re.search(rf"(?:税号|识别号|信用代码)[^,，。]*{re.escape(number)}", text) is not None
    return tax_no is not None and number in tax_no


def find_email(text: str) -> str | None:
    """Finds an e-mail address; None when there is none."""
    found = _EMAIL.search(text)
    return found.group() if found is not None else None


def nearly_an_email(text: str) -> bool:
    """Whether something is meant as an e-mail address and is none: `zhang@mdkj`."""
    return find_email(text) is None and _NEARLY_EMAIL.search(text) is not None


def find_title(text: str, bare: bool = False) -> str | None:
    """Finds the title of an invoice.

    Args:
        text: The customer's words.
        bare: Whether they were asked for it: then the words themselves may be it.

    Returns:
        The title, brackets in the full width that the registers write them in; None when there is none.
    """
    named = _MARKED.search(text)
    if named is not None and (title := _cleaned(named["title"])) and (is_organisation(title) or _is_person(title)):
        return title
    for found in _ORGANISATION.finditer(text):
        if (title := _cleaned(found.group())) and is_organisation(title):
            return title
    if not bare:
        return None
    title = _cleaned(re.sub(r"(?:税号|纳税人?识别号|信用代码).*|[0-9A-Za-z]{15,20}", " ", text))
    return title if title is not None and not _COMPANY.fullmatch(title) else None


def is_organisation(title: str) -> bool:
    """Whether a title is that of a company, a school, a hospital, an office."""
    return re.search(rf"{_ENDING}(?:[(（][^()（）]*[)）])?$", title) is not None


def wants_change(text: str) -> bool:
    """Whether an invoice that there is already is to be another."""
    return _CHANGE.search(text) is not None


def wants_invoice(text: str) -> bool:
    """Whether a message wishes for an ordinary invoice, rather than asking about invoices or telling of one."""
    if _STRONG_QUESTION.search(text) or _TROUBLE.search(text) or only_for_people(text):
        return False
    if find_title(text) is not None:
        return True
    if _MILD_QUESTION.search(text) and not _POLITE.search(text):
        return False
    return _WISH.search(text) is not None or wants_change(text)


def only_for_people(text: str) -> bool:
    """Whether a message is about what the shop's people do by hand: special, paper or joined invoices."""
    return _FOR_PEOPLE.search(text) is not None


def last_details(earlier: Iterable[Mapping[str, str]]) -> InvoiceDetails | None:
    """What the newest of a customer's invoices had, for `跟上次一样`.

    Args:
        earlier: The details of their invoices, the newest first.
    """
    for each in earlier:
        if each.get("title"):
            company = each.get("title_type") == "company"
            return InvoiceDetails(
                "company" if company else "personal", each["title"], each.get("tax_no"), each.get("email")
            )
    return None


def _title_type(text: str, title: str | None, has_number: bool, asked: str | None) -> TitleType | None:
    if has_number or (title is not None and is_organisation(title)):
        return "company"
    if title is not None and _is_person(title) and (asked == "title_type" or _MARKED.search(text)):
        return "personal"
    personal = _PERSONAL.search(text) is not None and _NOT_PERSONAL.search(text) is None
    company = _COMPANY.search(text) is not None and _NOT_COMPANY.search(text) is None
    if personal == company:
        return None
    return "personal" if personal else "company"


def _cleaned(written: str) -> str | None:
    """A title without the words around it; None when nothing is left that could be one."""
    title, before = written, None
    while title != before:
        before = title
        title = _AFTER.sub("", title.strip(_EDGES))
        title = _OPENED.sub("", _BEFORE.sub("", title.strip(_EDGES))).strip(_EDGES)
    if not _SHORTEST_TITLE <= len(title) <= LONGEST_TITLE or title.isdigit() or title in _ENDINGS:
        return None
    if _NO_NAME.search(title):
        return None
    # The message's written form has half brackets; names are registered with full ones.
    return re.sub(r" +", " ", title).replace("(", "（").replace(")", "）")


def _is_person(title: str) -> bool:
    return _PERSON.fullmatch(title) is not None


_EDGES = " ,，。.;；:：!！~～、"
_SHORTEST_TITLE = 2
