"""Membership: the level that a customer has, what it is good for, and joining."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.flows.case import Case
from actions.flows.flow import Aside, Flow
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.models import Customer

_JOIN = "入会"
_WANTS_TO_JOIN = re.compile(
    r"(?:我?[要想]|帮我?|给我|麻烦|请|现在|直接|那就?|好的?|可以|^)[^,，。?？]{0,4}(?:入会|加入|开通|办[张个理]?|注册|成为|开个?)[^,，。?？]{0,6}(?:会员|$|了|吧)"
    r"|^(?:入会|加入会员|开通会员|办会员|注册会员)"
)
_ASKS_ABOUT_IT = re.compile(
    r"[?？]|[吗么呢](?=[\s,，]|$)|没|啥|礼|开了|送|怎么|怎样|如何|哪|什么|多少|为什么|为啥|失败|没反应|没生效|到期|续费|退|plus|PLUS|年费|月卡|[要用]不[要用]"
)


class Membership(Flow):
    """会员等级、权益、入会."""

    name = "membership"
    title = "加入会员"
    deeds = ("join_membership",)
    intents = ("ask_membership",)
    needs_order = False
    decided_by = ()

    def aside(self, case: Case) -> Aside | None:
        """Level and benefits, for who doesn't wish to join; who has not joined is asked whether they want to."""
        turn = case.turn
        if turn.entity("service") == _JOIN:
            return None
        wants = not turn.text.startswith("/") and bool(_WANTS_TO_JOIN.search(turn.text))
        if wants and not _ASKS_ABOUT_IT.search(turn.text):
            return None
        joins = turn.viewer.customer_id is not None and all(verdict.allowed for verdict in case.verdicts())
        # Who has just joined is told of the new level, whatever the session began with.
        customer = turn.session.get(Customer, turn.viewer.customer_id) if turn.viewer.customer_id else None
        return Aside(
            response="utter_faq_ask_membership",
            question="要我现在就帮您加入吗？" if joins else "",
            known={"customer_level": customer.level} if customer is not None else {},
        )

    def kind(self, case: Case) -> DeedKind:
        """Always the same; the policy knows the levels."""
        return "join_membership"

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """Joined, and what it is good for from now on."""
        return "加入好了，欢迎您！从今天起您是银卡会员，有会员价的商品下单时自动算；以后买得多了还会自动升级～"
