"""A note on an order, for the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import Factor, Proof, UnfitError, WhichOrder, own_words
from actions.flows.flow import Aside, Flow
from sixty.nlu.order_changes import asks_for_notes, read_note
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.details import LONGEST_NOTE
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order

_BEFORE_DISPATCH = frozenset({"unpaid", "deposit_paid", "paid"})


@dataclass(frozen=True)
class Note(Factor):
    """What is to be noted, in the customer's words."""

    slot: str = "detail"

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """What the line says beside asking for a note.

        Raises:
            UnfitError: The order's note has no room for it.
        """
        turn = case.turn
        if turn.text.startswith("/") or (not asked and turn.intent not in case.flow.intents):
            return None
        if asked and turn.intent not in case.flow.intents and own_words(case) is None:
            return None
        note = read_note(turn.text, asked=asked)
        if note is None:
            return None
        noted = len(case.order.note or "") if case.order is not None else 0
        if noted + len(note) + 1 > LONGEST_NOTE:
            raise UnfitError(f"备注一共最多{LONGEST_NOTE}个字，这条有点长，麻烦说短一些～")
        return note

    def ask(self, case: Case) -> None:
        """With an example."""
        case.turn.say("要备注什么呢？直接发我就行，比如“包装结实一点”～", outcome="asked_back")


class OrderNote(Flow):
    """给订单加备注."""

    name = "order_note"
    title = "加备注"
    which = "要给哪一笔加备注呢？点一下就行～"
    number = "好的，给您记着。麻烦发一下订单号（订单详情页可以复制），我写到那一单上～"
    deeds = ("add_note",)
    intents = ("order_note",)
    factors = (WhichOrder(), Proof(only_asked=True), Note())

    def suits(self, order: Order, now: datetime) -> bool:
        """The warehouse reads it before dispatch only."""
        return order.state in _BEFORE_DISPATCH

    def aside(self, case: Case) -> Aside | None:
        """Whether it was noted is read from the order; what is on its way carries no new note."""
        reminder = case.turn.slot("reminder") if str(case.turn.slot("awaiting")).startswith("reminder_") else None
        about = reminder.get("order_no") if isinstance(reminder, dict) else None
        reminded = next((order for order in case.orders if order.no == about), None)
        if reminded is not None and reminded.state not in _BEFORE_DISPATCH:
            # "放门口" behind "正在派送" speaks of that parcel, and never of another order that could still be noted.
            return Aside(
                f"{reminded.lines[0].name}这单已经发出，备注加不上啦～快递员送之前会联系您，放哪儿跟他说一声就行；"
                "要改时间，我来帮您约。",
                ("schedule_delivery",),
            )
        if not asks_for_notes(case.turn.text) or not case.orders:
            return None
        order = case.order or case.orders[0]
        if order.note:
            return Aside(f"看到啦，{order.lines[0].name}这单上的备注是：{order.note}。仓库发货时会看到～")
        return Aside(f"{order.lines[0].name}这单上还没有备注，要备注什么直接告诉我～", ("add_note",))

    def kind(self, case: Case) -> DeedKind:
        """Always the same."""
        return "add_note"

    def details(self, case: Case) -> Mapping[str, str]:
        """The note."""
        return {"note": str(case.values["detail"])} if case.values["detail"] else {}

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What stands there now."""
        return f"【{case.goods}】这单备注好了：{case.values['detail']}。仓库发货时会看到，尽量按您说的来～"
