"""Invoices: issue one, or have another title on it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import Choice, Confirmation, Factor, Proof, UnfitError, WhichOrder, own_words
from actions.flows.flow import Aside, Flow
from sixty.shop.deeds.deed import DeedRecord, Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.invoice_details import (
    PERSONAL,
    InvoiceDetails,
    is_of_an_invoice,
    last_details,
    nearly_an_email,
    only_for_people,
    read_invoice_details,
    wants_change,
    wants_invoice,
)
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import say_day, say_moment

_INVOICES = frozenset({"issue_invoice", "reissue_invoice"})
_BOUGHT = frozenset({"paid", "part_shipped", "shipped", "delivered", "confirmed"})
_BEFORE_RECEIPT = frozenset({"paid", "part_shipped", "shipped"})
# What the customer calls each, in buttons and as the entity that they carry.
_ISSUE, _REISSUE, _AS_BEFORE = "开票", "换开", "上次"
_NO_EMAIL = "none"
_DAY = timedelta(days=1)
_SAME_AS_BEFORE = re.compile(
    r"(?:跟|和|按|用)?(?:上次|之前|以前|上一?张|老样子).{0,6}(?:一样|那个|的|开)|还是上次|老样子"
)
_HOW_FAR = re.compile(r"了[没吗么]|开好|催|还没|没收到|没开|进度|什么时候|啥时候|多久|怎么还|几天|一直|到哪")
_NUMBER_NEEDED = re.compile(
    r"(?:没有?|不填|不要|不写|必须|一定要|要不要|非得)[^,，。]{0,4}税号|税号[^,，。]{0,4}(?:必须|一定|非得|是必)"
)
_HAS_NONE = re.compile(r"没有|没税号|不知道|忘了|找不到|不清楚|不晓得")
_NO_MAIL = re.compile(r"没有|没邮箱|不用邮箱|不方便")
_ASKED = {"service": "title_type", "detail": "title", "tax_no": "tax_no", "contact": "email"}


def _said(case: Case) -> InvoiceDetails:
    """What the latest message says of the invoice; a bare answer counts for what was asked."""
    text = case.turn.text
    if text.startswith("/"):
        return InvoiceDetails()
    asked = _ASKED.get(str(case.turn.slot("requested_slot"))) if own_words(case) is not None else None
    return read_invoice_details(text, asked)


def _invoices(case: Case, order_no: str | None = None) -> list[DeedRecord]:
    """The invoices that the viewer has asked for, the newest first."""
    records = case.turn.orders.deeds_of(case.turn.viewer, order_no)
    return [each for each in records if each.kind in _INVOICES and each.state in ("accepted", "done")]


@dataclass(frozen=True)
class _WhichOrder(WhichOrder):
    """As ever, but a long number may be a taxpayer's or stand in an e-mail address."""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """An order that is named, unless the number is another one's."""
        number = case.turn.entity("order_no")
        if number is None:
            return super().take(case, asked=asked)
        asked_for_tax = case.turn.slot("requested_slot") == "tax_no" and not self._is_own(case, number)
        if asked_for_tax or is_of_an_invoice(case.turn.text, number):
            if case.values[self.slot] == number:
                case.values[self.slot] = None
            return None
        return super().take(case, asked=asked)

    @staticmethod
    def _is_own(case: Case, number: str) -> bool:
        return any(order.no == number for order in case.orders)


@dataclass(frozen=True)
class _Change(Factor):
    """Why an invoice that there is already is to be another; never asked for."""

    slot: str = "cause"

    def preset(self, case: Case) -> Any | None:
        """A fresh invoice needs no reason."""
        return ""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """The customer's words for it."""
        if case.turn.entity("service") == _REISSUE:
            return "换开发票"
        text = case.turn.text
        return text if not text.startswith("/") and wants_change(text) else None

    def ask(self, case: Case) -> None:
        """It is never missing."""


@dataclass(frozen=True)
class _TitleType(Choice):
    """A person's invoice or an organisation's, or one like the last."""

    slot: str = "service"
    question: str = "发票抬头开个人的，还是公司/单位的？公司的话把全称和税号一起发我就行～"
    options: Mapping[str, str] = field(default_factory=lambda: {"personal": "个人", "company": "公司/单位"})

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """What is said, or follows from the title; all else is asked anew when it changes."""
        if self._wants_the_last(case) and (last := last_details(each.details for each in _invoices(case))):
            case.values |= {"detail": last.title, "tax_no": last.tax_no}
            case.values["contact"] = case.values["contact"] or last.email
            return last.title_type
        given = case.turn.entity(self.slot)
        value = given if given in self.options else _said(case).title_type
        value = value or super().take(case, asked=asked)
        if value is not None and value != case.values[self.slot]:
            case.values |= {"detail": None, "tax_no": None}
        return value

    @staticmethod
    def _wants_the_last(case: Case) -> bool:
        text = case.turn.text
        said = not text.startswith("/") and _SAME_AS_BEFORE.search(text) is not None
        return said or case.turn.entity("service") == _AS_BEFORE

    def ask(self, case: Case) -> None:
        """Both, and the title of the last invoice where there is one."""
        buttons = [
            {"title": title, "payload": f'/inform{{"service":"{value}"}}'} for value, title in self.options.items()
        ]
        last = last_details(each.details for each in _invoices(case))
        if last is not None and last.title not in (None, PERSONAL):
            buttons.insert(0, {"title": f"跟上次一样：{last.title}", "payload": f'/inform{{"service":"{_AS_BEFORE}"}}'})
        case.turn.say(self.question, outcome="asked_back", buttons=buttons)


@dataclass(frozen=True)
class _Title(Factor):
    """The name on it."""

    slot: str = "detail"

    def preset(self, case: Case) -> Any | None:
        """A person's needs no name."""
        return PERSONAL if case.values["service"] == "personal" else None

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """A company's name, a person's; the bare answer when asked for."""
        title = _said(case).title
        return None if title == PERSONAL and case.values["service"] == "company" else title

    def ask(self, case: Case) -> None:
        """The whole name, as it is registered."""
        case.turn.say("好的，开公司抬头。麻烦发一下单位全称和税号，跟营业执照上一致就好～", outcome="asked_back")


@dataclass(frozen=True)
class _TaxNumber(Factor):
    """The taxpayer's number of an organisation."""

    slot: str = "tax_no"

    def needed(self, case: Case) -> bool:
        """A person's invoice has none."""
        return bool(case.values["service"] == "company")

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """A number whose length and check character are right."""
        said = _said(case)
        if said.tax_fault and asked:
            raise UnfitError(said.tax_fault)
        if asked and said.tax_no is None and not said and _HAS_NONE.search(case.turn.text):
            raise UnfitError("公司抬头要有税号才能开，问一下财务或看营业执照就有；急着用的话，也可以说“开个人的”～")
        return said.tax_no

    def ask(self, case: Case) -> None:
        """What was wrong with the number that was given, else the question."""
        fault = _said(case).tax_fault
        case.turn.say(fault or f"“{case.values['detail']}”的税号是多少呢？一般是18位～", outcome="asked_back")


@dataclass(frozen=True)
class _Email(Factor):
    """Where it is sent; without one it is fetched from the order's page."""

    slot: str = "contact"

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """An address; a no where it was asked for."""
        text = case.turn.text
        if (email := _said(case).email) is not None:
            return email
        if not asked:
            return None
        if not text.startswith("/") and nearly_an_email(text):
            raise UnfitError("这个邮箱好像不完整，像 name@qq.com 这样的，麻烦再发一次～")
        return _NO_EMAIL if case.turn.intent == "deny" or _NO_MAIL.search(text) else None

    def ask(self, case: Case) -> None:
        """The question, and the way without."""
        case.turn.say(
            "电子发票发到哪个邮箱呢？",
            outcome="asked_back",
            buttons=[{"title": "不发邮箱", "payload": "/deny"}],
        )


class Invoice(Flow):
    """开发票、换开发票."""

    name = "invoice"
    title = "开发票"
    which = "要给哪一笔开发票呢？点一下就行～"
    deeds = ("issue_invoice", "reissue_invoice")
    intents = ("ask_invoice",)
    explained_first = False
    factors = (
        _WhichOrder(),
        Proof(),
        _Change(),
        _TitleType(),
        _Title(),
        _TaxNumber(),
        _Email(courtesy=True),
        Confirmation(only_if=lambda case: case.kind == "reissue_invoice"),
    )

    def suits(self, order: Order, now: datetime) -> bool:
        """What was paid for and sold."""
        return order.state in _BOUGHT

    def aside(self, case: Case) -> Aside | None:
        """How far an invoice is; how it is done in general. A wish begins, and so does a tap of who has an order."""
        turn = case.turn
        tapped = turn.text.startswith("/")
        if not tapped and _HOW_FAR.search(turn.text) and (told := self._how_far(case)):
            return told
        if turn.entity("service") in (_ISSUE, _REISSUE) or (tapped and case.candidates):
            return None
        if not tapped and (wants_invoice(turn.text) or read_invoice_details(turn.text).tax_no):
            return None
        if _NUMBER_NEEDED.search(turn.text):
            return Aside("个人抬头不用税号；公司、单位的抬头要有税号才能开，问一下财务或者看营业执照就有～")
        return Aside(response="utter_faq_ask_invoice", question=self._question(case))

    @staticmethod
    def _question(case: Case) -> str:
        if only_for_people(case.turn.text):
            return ""
        if case.turn.viewer.customer_id is None and not case.orders:
            return "已经下过单的话，我也可以直接帮您开，要吗？"
        return "要我现在直接帮您开吗？" if case.candidates else ""

    @staticmethod
    def _how_far(case: Case) -> Aside | None:
        """Where the newest invoice is, and that it is late when it is."""
        newest = next(iter(_invoices(case)), None)
        if newest is None:
            return None
        now, title = case.turn.now, newest.details.get("title", PERSONAL)
        asked = f"您{say_day(newest.asked_at, now)}申请的发票（抬头：{title}）"
        if newest.state == "done" or newest.promised_at is None:
            return Aside(f"{asked}已经开好了，在“订单详情－发票”里可以下载；没收到的话告诉我～")
        until = say_moment(newest.promised_at, now)
        if newest.promised_at < now:
            return Aside(
                f"{asked}说好{until}前开好，没做到，是我们的问题，抱歉。点“转人工”，我把编号{newest.reference}一起转给财务～"
            )
        return Aside(f"{asked}正在开，最晚{until}前开好（编号{newest.reference}）。抬头想改的话，现在告诉我就行～")

    def kind(self, case: Case) -> DeedKind:
        """Another one only where there is one."""
        order = case.order
        changes = bool(case.values["cause"]) and order is not None and bool(_invoices(case, order.no))
        return "reissue_invoice" if changes else "issue_invoice"

    def details(self, case: Case) -> Mapping[str, str]:
        """The title, whose it is, and where it is sent."""
        values = case.values
        company = values["service"] == "company"
        known = {
            "title": values["detail"],
            "title_type": values["service"],
            "tax_no": values["tax_no"] if company else None,
            "email": values["contact"] if values["contact"] != _NO_EMAIL else None,
        }
        return {name: str(value) for name, value in known.items() if value}

    def confirmation(self, case: Case, verdicts: Sequence[Verdict]) -> str:
        """The old one is void then."""
        terms = verdicts[0].say if verdicts else ""
        return f"跟您确认一下，换成{_written(case)}。{terms}。这样开吗？"

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What is on it, when it comes and where it is found; a wrong title can be mended."""
        first, now = done[0], case.turn.now
        waits = case.order is not None and case.order.state in _BEFORE_RECEIPT
        if first.promised_at is None:
            when = "很快开好"
        elif waits and case.kind == "issue_invoice":
            days = max(1, (first.promised_at - now) // _DAY)
            when = f"发货后{days}天内开好"
        else:
            when = f"最晚{say_moment(first.promised_at, now)}开好"
        email = case.values["contact"]
        where = f"发到{email}" if email and email != _NO_EMAIL else "在“订单详情－发票”里下载"
        amount = f"发票申请好了，{_written(case)}，电子普通发票，{when}，{where}（编号{first.reference}）。"
        return f"{amount}哪里填错了随时告诉我，能改～"


def _written(case: Case) -> str:
    number = f"，税号：{case.values['tax_no']}" if case.values["service"] == "company" else ""
    return f"抬头：{case.values['detail']}{number}"
