"""Change an order: the address, the phone or the receiver; on the way, by having the parcel redirected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import Choice, Confirmation, Factor, Proof, UnfitError, WhichOrder
from actions.flows.flow import Aside, Flow
from actions.handoff import HUMAN
from sixty.nlu.order_changes import read_change
from sixty.nlu.receivers import Destination, read_destination
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import say_moment

_OPEN = frozenset({"unpaid", "deposit_paid", "paid", "part_shipped", "shipped"})
_ON_THE_WAY = frozenset({"part_shipped", "shipped"})
_WITH_ADDRESS = frozenset({"改地址", "改收货信息"})
_WITH_CONTACT = frozenset({"改电话", "改收货信息"})
_DONE_HERE = _WITH_ADDRESS | _WITH_CONTACT
_ALSO = re.compile(r"[也还都]|另外|一起")
_WHOLE_ADDRESS = "麻烦把新地址发完整一点，省市区加街道门牌，比如“浙江省杭州市西湖区文三路1号3栋502”～"


class WhatChanges(Choice):
    """What is to be changed, by what the line is about."""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """A button, a position, or what is spoken of; one change more makes it both."""
        chosen = super().take(case, asked=asked)
        if chosen is not None or case.turn.text.startswith("/"):
            return chosen
        if not asked and case.turn.intent not in case.flow.intents:
            return self._by_destination(case)
        return self._beside(case, read_change(case.turn.text) or self._by_destination(case))

    @staticmethod
    def _beside(case: Case, wish: str | None) -> str | None:
        """What a wish makes of the one before it."""
        before, told = case.values["service"], _told(case, asked=False)
        if before not in _DONE_HERE or wish == before:
            return wish
        if wish not in _DONE_HERE:
            # That it cannot be done is said; the change that was begun goes on.
            return None
        if wish == "改电话" and (told.phone or told.receiver):
            return None
        return "改收货信息" if _ALSO.search(case.turn.text) or before == "改收货信息" else wish

    @staticmethod
    def _by_destination(case: Case) -> str | None:
        """An address or a phone that comes by itself says what it is for, where nothing else did."""
        if case.values["service"] is not None:
            return None
        told = _told(case, asked=False)
        return "改地址" if told.address else "改电话" if told.phone or told.receiver else None


class WhichOrderToChange(WhichOrder):
    """The order; a phone number and the digits of an address name no goods."""

    @staticmethod
    def _by_goods(case: Case, candidates: Sequence[Order]) -> str | None:
        told = _told(case, asked=False)
        if told.address or told.partly or "手机号" in case.turn.text:
            return None
        return WhichOrder._by_goods(case, candidates)


@dataclass(frozen=True)
class NewAddress(Factor):
    """Where the parcel is to go."""

    slot: str = "detail"

    def needed(self, case: Case) -> bool:
        """Where the address is to be changed."""
        return case.values["service"] in _WITH_ADDRESS

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """The address with its province.

        Raises:
            UnfitError: There is one that no parcel could be brought to.
        """
        told = _told(case, asked=asked)
        if told.address:
            return {"address": told.address, "region": told.region}
        if asked and told.masked:
            raise UnfitError("您发的地址在我这边没显示出来，麻烦直接打字发我一下～")
        if asked and told.partly:
            raise UnfitError(f"这个地址还不够完整，怕送错。{_WHOLE_ADDRESS}")
        return None

    def ask(self, case: Case) -> None:
        """Says what makes it whole."""
        also = "收件人和电话要改的话一起发我就行～" if case.values["service"] == "改地址" else ""
        case.turn.say(f"{_WHOLE_ADDRESS}{also}", outcome="asked_back")


@dataclass(frozen=True)
class NewContact(Factor):
    """Who is to be reached, and under which number."""

    slot: str = "contact"

    def preset(self, case: Case) -> Any | None:
        """Nothing changes where only the address does."""
        return None if case.values["service"] in _WITH_CONTACT else {}

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """What is told of them; what was told before stays.

        Raises:
            UnfitError: The number is none.
        """
        told = _told(case, asked=asked)
        given = {name: value for name, value in (("phone", told.phone), ("receiver", told.receiver)) if value}
        if given:
            return {**(case.values["contact"] or {}), **given}
        if asked and told.odd_phone:
            raise UnfitError("这个号码好像少了或多了几位，收货手机号要11位，您再看一眼～")
        if asked and told.masked:
            raise UnfitError("您发的号码在我这边没显示出来，麻烦直接打字发我一下～")
        return None

    def ask(self, case: Case) -> None:
        """Either of the two will do."""
        case.turn.say("新的手机号或者收件人姓名发我就行，只改一样也可以～", outcome="asked_back")


_CHANGES = {
    "改地址": "改地址",
    "改电话": "改电话/收件人",
    "改规格": "改颜色尺码数量",
    "合并": "合并一起发",
    "拆分": "分开发",
}


class ChangeOrder(Flow):
    """改地址、电话、收件人；改规格、合并、拆分说明怎么办."""

    name = "change_order"
    title = "改订单"
    which = "要改的是哪一笔呢？点一下就行～"
    deeds = ("change_address", "change_contact", "redirect_parcel")
    intents = ("change_order",)
    decided_by = ("service", "order_no")
    factors = (
        WhatChanges(
            "service",
            question="想改这单的什么呢？",
            options=_CHANGES,
        ),
        WhichOrderToChange(),
        Proof(only_asked=True),
        NewAddress(),
        NewContact(),
        Confirmation(only_if=lambda case: case.kind == "redirect_parcel"),
    )

    def suits(self, order: Order, now: datetime) -> bool:
        """What has arrived goes nowhere else."""
        return order.state in _OPEN

    def aside(self, case: Case) -> Aside | None:
        """What no order's change can do is said before an order is asked for."""
        chosen = case.turn.entity("service")
        return _cannot(case, str(chosen if chosen in _CHANGES else read_change(case.turn.text)))

    def beyond(self, case: Case) -> Aside | None:
        """The same, once it is chosen."""
        return _cannot(case, str(case.values["service"]))

    def kind(self, case: Case) -> DeedKind:
        """By what changes; what is on its way is redirected."""
        if case.order is not None and case.order.state in _ON_THE_WAY:
            return "redirect_parcel"
        return (
            "change_contact" if case.values["service"] == "改电话" and not case.values["detail"] else "change_address"
        )

    def details(self, case: Case) -> Mapping[str, str]:
        """Address, region, phone and receiver, as far as they change."""
        given = {**(case.values["detail"] or {}), **(case.values["contact"] or {})}
        return {name: str(value) for name, value in given.items() if value}

    def confirmation(self, case: Case, verdicts: Sequence[Verdict]) -> str:
        """What the courier is told; a parcel is not called back twice."""
        terms = verdicts[0].say if verdicts and case.values["detail"] else "包裹在路上，我请快递按新的联系您"
        return f"跟您确认一下：{_said(self.details(case))}。{terms}。确定吗？"

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What stands there now, or until when the courier answers."""
        first, what = done[0], _said(self.details(case))
        if case.kind != "redirect_parcel":
            return f"【{case.goods}】这单改好了，{what}。发货前还要改，随时跟我说～"
        until = f"，最晚{say_moment(first.promised_at, case.turn.now)}前告诉您结果" if first.promised_at else ""
        failing = "拦不住的话您拒收就行。" if case.values["detail"] else ""
        rest = "还没发出的那部分要同事改，点“转人工”～" if case.order and case.order.state == "part_shipped" else ""
        return f"【{case.goods}】这单登记好了，请快递改成：{what}{until}（编号{first.reference}）。{failing}{rest}"

    def buttons(self, case: Case, done: Sequence[Done]) -> list[dict[str, str]]:
        """Of an order sent in part, people change the rest."""
        return [HUMAN] if case.order is not None and case.order.state == "part_shipped" else []


def _told(case: Case, *, asked: bool) -> Destination:
    text = case.turn.text
    return Destination() if text.startswith("/") else read_destination(text, asked=asked)


def _said(details: Mapping[str, str]) -> str:
    parts = [
        f"{name}：{details[key]}"
        for key, name in (("address", "地址"), ("receiver", "收件人"), ("phone", "电话"))
        if key in details
    ]
    return "，".join(parts)


def _cannot(case: Case, wish: str) -> Aside | None:
    """What is possible instead of a change that shops don't make in an order."""
    if wish == "合并":
        return Aside(
            "分开下的单在系统里合不成一单～都还没发货、地址一样的话，我可以给仓库加个备注请他们一起发，能不能合以仓库为准",
            ("add_note",),
        )
    if wish == "拆分":
        return Aside(
            "一单在系统里拆不了；已经分成几个包裹的，是货不在一起，先到的先收就行。想让有货的先发，我可以给仓库加个备注，"
            "能不能先发以仓库为准；要寄两个地址的话，得分开下单",
            ("add_note",),
        )
    if wish == "改其他":
        return Aside("这个我没法直接在订单上改，得请同事看看还来不来得及，点“转人工”就行～")
    if wish != "改规格":
        return None
    meant = case.values["order_no"] or WhichOrder().preset(case)
    order = next((each for each in case.orders if each.no == meant), None)
    return _VARIANT.get(order.state if order is not None else "", _OTHER_VARIANT)


_OTHER_VARIANT = Aside(
    "颜色、尺码、数量在订单里改不了。没发货的话取消重拍最快，付的钱原路退回；已经发货的，收到后办换货就行～",
    ("cancel_order", "exchange"),
)
_SENT = Aside("已经发出了，颜色、尺码、数量改不了。收到后别剪吊牌，跟我说一声给您办换货～")
_VARIANT = {
    "unpaid": Aside("这单还没付款，改颜色、尺码、数量的话，取消了重拍最快，不会扣钱～", ("cancel_order",)),
    "deposit_paid": Aside(
        "付了定金的预售单改不了颜色、尺码、数量，定金也退不了。请同事帮您看看有没有办法，点“转人工”～"
    ),
    "paid": Aside(
        "颜色、尺码、数量付款后改不了单。还没发货，取消重拍最快：付的钱原路退回，重拍按现在的价格算。想保留这单的价格，点“转人工”让同事看看能不能改～",
        ("cancel_order",),
    ),
    "part_shipped": _SENT,
    "shipped": _SENT,
}
