"""Have an appliance fitted at home."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import Proof, WhichArticles, WhichOrder
from actions.flows.flow import Aside, Flow
from actions.flows.visits import Manner, WhichDay, said_visit, visit_details
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order, OrderLine
from sixty.shop.wording import say_moment

# What people have fitted; whether it is, and on which terms, the policy knows.
_FITTED = re.compile(r"空调|洗衣机|洗烘|热水器|油烟机|燃气灶|电视|冰箱|净水器|烤箱|洗碗机")
_WISHES = re.compile(
    r"预约|约.{0,8}[装安]|报装|安装单|[给帮替].{0,6}[装安]|安排|派.{0,4}师傅|上门装|催|哪天|几时|[装安].{0,4}没来|没人理|什么时候.{0,6}[来能装上安]|啥时候|几点"
    r"|(?:今天|今儿|明天|后天|周[一二三四五六日末]|下午|上午).{0,8}[装来]|没人.{0,4}[来装联]|[没不].{0,2}(?:联系|打电话)|怎么(?:还)?没.{0,4}[装来]|安装师傅.{0,2}(?:呢|没)"
    r"|安装的人|谁(?:来|给)?[装安弄]|改到|时间改|换个时间|改安装|来装|来安装"
)
_ASKS = re.compile(
    r"乡|县|农村|西藏|^.{0,4}上门装|收费|免费|要钱|多少钱|几块|几百|[材路远程安装上门空工]费|材料|支架|挂架|打孔|打洞|开孔|铜管|拆旧|旧.{0,4}拆|移[机个]|自己[装能]|保修|包不?包|包安装|含|尺寸|插座|多久|多长|几小时|送装一体"
    r"|电话|热线|门店|到店|码|靠谱|厂家.{0,4}还是|官方|一体|顺便|一套|要(?:不要)?人"
)
_WENT_WRONG = re.compile(
    r"装歪|装[得的].{0,3}(?:不好|差)|漏水|刮花|少装|缺(?:个)?件|装不上|装不了|装一半|乱收费|[多非]要?收|没清理|要价|爽约|说.{0,8}(?:没有|没收到)"
)
_CALLS_OFF = re.compile(r"取消安装|不用来?[装了]|不用师傅|不装了|自己装了(?!还)|找人装")


@dataclass(frozen=True)
class WhichAppliance(WhichArticles):
    """The article; the only one that is fitted at all needs no naming."""

    def preset(self, case: Case) -> Any | None:
        """Its position."""
        order = case.order
        fitted = [position for position, line in enumerate(order.lines, 1) if _is_fitted(line)] if order else []
        return fitted if len(fitted) == 1 else None


class BookInstallation(Flow):
    """预约安装."""

    name = "book_installation"
    title = "预约安装"
    which = "要给哪一笔约安装呢？点一下就行～"
    deeds = ("book_installation",)
    intents = ("ask_installation",)
    decided_by = ("order_no", "article")
    factors = (
        WhichOrder(),
        Proof(only_asked=True),
        WhichAppliance(),
        Manner(),
        WhichDay(question="想约哪天上门装呢？上午还是下午也可以一起说～"),
    )

    def suits(self, order: Order, now: datetime) -> bool:
        """Orders with something that people have fitted."""
        return order.state != "closed" and any(_is_fitted(line) for line in order.lines)

    def aside(self, case: Case) -> Aside | None:
        """Questions keep their answer; what went wrong is for people."""
        turn = case.turn
        if _WENT_WRONG.search(turn.text):
            return Aside("安装没让您满意，真的抱歉。请同事直接联系安装师傅给您处理，点“转人工”就行～")
        if _CALLS_OFF.search(turn.text):
            return Aside("好的，不装的话请同事跟师傅说一声，免得白跑一趟，点“转人工”就行～")
        wished = bool(_WISHES.search(turn.text)) and not _ASKS.search(turn.text)
        tapped = turn.text.startswith("/") or turn.text == "预约安装"
        if tapped or (wished and (case.candidates or not case.orders)):
            return None
        return Aside(response="utter_faq_ask_installation")

    def kind(self, case: Case) -> DeedKind:
        """Always the same."""
        return "book_installation"

    def details(self, case: Case) -> Mapping[str, str]:
        """Day, part of the day and what the fitter should heed."""
        return visit_details(case)

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """That it is handed on, until when the fitter calls, and on which terms."""
        first = done[0]
        terms = case.granted[0].say if case.granted else ""
        until = f"，最晚{say_moment(first.promised_at, case.turn.now)}前联系您定下时间" if first.promised_at else ""
        return f"登记好了：【{case.goods}】希望{said_visit(case)}安装（编号{first.reference}）。{terms}{until}～"


def _is_fitted(line: OrderLine) -> bool:
    return _FITTED.search(line.name) is not None
