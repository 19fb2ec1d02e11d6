"""When a parcel is to be brought, and what the courier should heed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from actions.flows.case import Case
from actions.flows.factors import Proof, WhichOrder
from actions.flows.flow import Aside, Flow
from actions.flows.visits import Manner, WhichDay, said_visit, visit_details, visit_wish
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.order_answers import latest_trace, leading_parcel
from sixty.shop.wording import say_moment

_BEFORE_DISPATCH = frozenset({"unpaid", "deposit_paid", "paid"})
_OPEN = _BEFORE_DISPATCH | {"part_shipped", "shipped"}
_COURIER = r"(?:快递|配送|派[送件]|送货|投递)(?:小哥|员|师傅|的人|的|公司)?|师傅|小哥|司机|站[点长]|网点|他"
_COURIERS_NUMBER = re.compile(
    rf"(?:{_COURIER}).{{0,6}}(?:电话|号码|手机号?|联系方式|座机|姓)|怎么(?:才能)?(?:联系|找)|(?:联系|找)不[到上着]|[打拨].{{0,6}}(?:不接|不通|没人接)|电话.{{0,5}}(?:多少|有没|有不|给一?下|不接|打不通|空号|占线)"
)
_ASKS_THEM_TO_CALL = re.compile(r"打(?:给|我|个|电话)|回个?电话|来电|联系我|叫他|让他?|请他?|转告|跟.{0,4}(?:说|讲)")
_IN_GENERAL = re.compile(
    r"下单.{0,6}(?:选|挑|约)|(?:会|是不是).{0,8}(?:电话|通知|联系|打给)|(?:电话|短信)通知|几[点时].{0,6}(?:打|联系)|最[长晚].{0,6}约"
    r"|(?:有人|师傅|他).{0,6}打.{0,4}[吗么]|什么时候.{0,4}给我打|打给他|几时.{0,4}打|怎么(?:约|改|选|弄|预约)|(?:可以|能)(?:选|预约|约定|指定).{0,6}[吗么不]|现在(?:买|拍).{0,14}[吗么行]"
)
_PHONE = re.compile(r"1[3-9]\d{9}|\d{3,4}-\d{7,8}")


class ScheduleDelivery(Flow):
    """约送货时间，转告快递员."""

    name = "schedule_delivery"
    title = "约送货时间"
    which = "要约哪一笔的送货呢？点一下就行～"
    deeds = ("schedule_delivery", "add_note")
    intents = ("schedule_delivery",)
    factors = (
        WhichOrder(),
        Proof(only_asked=True),
        Manner(),
        WhichDay(question="想约哪天送呢？上午、下午还是晚上也可以一起说～", or_note=True),
    )

    def suits(self, order: Order, now: datetime) -> bool:
        """What is still to come."""
        return order.state in _OPEN

    def prefers(self, order: Order, case: Case) -> bool:
        """What is on its way comes before what has not left."""
        return order.state not in _BEFORE_DISPATCH

    def aside(self, case: Case) -> Aside | None:
        """The courier's number is read from the parcel; how it is done in general is said."""
        text = case.turn.text
        wish = visit_wish(case)
        if wish.day or wish.part or wish.hour:
            return None
        if _IN_GENERAL.search(text):
            return Aside(response="utter_faq_schedule_delivery")
        if _COURIERS_NUMBER.search(text) and not _ASKS_THEM_TO_CALL.search(text):
            return _couriers_number(case)
        return None

    def kind(self, case: Case) -> DeedKind:
        """What has not left gets a note for it."""
        before = case.order is not None and case.order.state in _BEFORE_DISPATCH
        return "add_note" if before else "schedule_delivery"

    def details(self, case: Case) -> Mapping[str, str]:
        """Day, part of the day and what to heed; all in one note before dispatch."""
        given = visit_details(case)
        if case.kind != "add_note":
            return given
        wish = f"希望{said_visit(case)}送" if said_visit(case) else ""
        note = (case.values["detail"] or {}).get("note", "")
        return {"note": "；".join(part for part in (wish, note) if part)}

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What the courier is told, and until when they answer."""
        first = done[0]
        if case.kind == "add_note":
            note = self.details(case)["note"]
            return f"【{case.goods}】这单还没发出，先给您备注上了：{note}。发出以后要改时间，随时跟我说～"
        note = (case.values["detail"] or {}).get("note", "")
        what = "，".join(part for part in (f"{said_visit(case)}送" if said_visit(case) else "", note) if part)
        until = f"，最晚{say_moment(first.promised_at, case.turn.now)}前给您答复" if first.promised_at else ""
        return (
            f"好的，【{case.goods}】给您登记好了，请快递按这个送：{what}{until}（编号{first.reference}）。"
            "快递可能会先来电，留意接听～"
        )


def _couriers_number(case: Case) -> Aside:
    """The number in the parcel's newest line, if there is one; what can be done without it."""
    on_the_way = [order for order in case.candidates if order.parcels]
    order = case.order if case.order in on_the_way else on_the_way[0] if on_the_way else None
    parcel = leading_parcel(order, case.turn.now) if order is not None else None
    if order is None or parcel is None:
        return Aside(response="utter_faq_schedule_delivery")
    trace = latest_trace(parcel)
    number = _PHONE.search(trace.text) if trace is not None else None
    where = f"{parcel.carrier}{parcel.no}"
    if trace is not None and number is not None:
        return Aside(f"物流里留的派送电话是{number.group()}（{where}：{trace.text}）～", ("schedule_delivery",))
    return Aside(
        f"这个包裹是{where}，物流里还没有派送员的电话，开始派送后会显示。我可以请快递先给您打电话，或者约个送货时间～",
        ("schedule_delivery",),
    )
