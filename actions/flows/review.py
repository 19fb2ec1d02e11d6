"""Reviews: written on the platform's own page, to which the customer gets the link of their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import Factor, Proof, WhichOrder
from actions.flows.flow import Aside, Flow
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order

_ADDS = re.compile(r"追评|追加|再评|补(?:个|张)?图|补充评|补评")
_EDITS = re.compile(
    r"(?:改|修改|删|撤|换)[^,，。]{0,6}(?:评|差评|好评)|(?:评价?|差评|好评)[^,，。]{0,6}(?:改|删|撤|写错|评错)|评错|手滑"
)
_WISH = re.compile(
    r"(?:我?[要想]|去|来|帮我|给我|麻烦|现在|写个?|发)[^,，。?？]{0,6}(?:评价|评论|追评|晒单|晒图|好评|差评|评一下)|链接|入口发|^(?:评价|追评|晒单|去评价|写评价)"
    r"|(?:改|删|撤)[^,，。?？]{0,4}(?:评价|评论|差评|好评)"
)
_QUESTION = re.compile(
    r"[?？]|[吗么呢](?=[\s,，]|$)|不\s*$|咋|啥|按钮|没有|不显示|不出|不上|不能|好了|截图|晒单了|补发|返|怎么|怎样|如何|哪|什么|为什么|为啥|多久|几|多少|能不能|可不可以|不了|失败|没反应|没显示|看不到|不见|审核|被删|违规|会怎样|返现|红包"
)


@dataclass(frozen=True)
class _Way(Factor):
    """Whether a review is written, added to or changed; never asked for."""

    slot: str = "service"

    def preset(self, case: Case) -> Any | None:
        """Written, usually."""
        return "write"

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """By the customer's words."""
        if _ADDS.search(case.turn.text):
            return "add"
        return "edit" if _EDITS.search(case.turn.text) else None

    def ask(self, case: Case) -> None:
        """It is never missing."""


class Review(Flow):
    """写评价、追评."""

    name = "review"
    title = "去评价"
    which = "要评价哪一笔呢？点一下，我把入口发您～"
    number = "好的，麻烦发一下订单号（订单详情页可以复制），我把评价入口发您～"
    deeds = ("open_review",)
    intents = ("ask_review",)
    explained_first = False
    factors = (WhichOrder(), Proof(), _Way())

    def suits(self, order: Order, now: datetime) -> bool:
        """What has arrived."""
        return order.state in ("delivered", "confirmed")

    def aside(self, case: Case) -> Aside | None:
        """How reviews work, for who asks; who wants to write one gets the page."""
        turn = case.turn
        if turn.text.startswith("/"):
            return None
        if _WISH.search(turn.text) and not _QUESTION.search(turn.text):
            return None
        unknown = turn.viewer.customer_id is None and not case.orders
        return Aside(
            response="utter_faq_ask_review",
            question="要我把您订单的评价入口发过来吗？" if unknown or case.candidates else "",
        )

    def kind(self, case: Case) -> DeedKind:
        """Always the same."""
        return "open_review"

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What is done on the page; the link follows."""
        if case.order is not None and case.order.state == "delivered":
            return f"【{case.goods}】已经签收，点这里确认收货，接着就能评价，带图的话别人看得更明白，谢谢您～"
        if case.values["service"] == "edit":
            return "发出去的评价改不了内容，想补充或者更正，点这里写追评就行，会跟在原来那条下面～"
        if case.values["service"] == "add":
            return "点这里就能追评，文字、图片都可以补，谢谢您～"
        return f"点这里就能评价【{case.goods}】，好的坏的都可以说，我们都看，谢谢您～"
