"""Who gives up buying: asked once for the reason, met half-way where the rules say so, and left in peace."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.benefits import offer_benefit
from actions.campaigns import topic_product
from actions.closing import wants_no_selling
from actions.doubts import DOUBT, doubt_of, said_times, settle
from actions.flows.room import in_form
from actions.minute import moment_of, strategy_of
from actions.own_channels import offer_own_channel
from sixty.insight.strategy import Strategy
from sixty.shop.reasons_against import ReasonAgainst

_REASONS: tuple[tuple[str, ReasonAgainst], ...] = (
    ("价格高了", "price"),
    ("尺码不合适", "size"),
    ("担心质量", "quality"),
    ("就是不需要了", "no_need"),
)


class ActionWinBack(ShopAction):
    """The customer does not want to buy any more."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_win_back"

    def answer(self, turn: Turn) -> list[EventType]:
        """Asks for the reason, answers it, or says goodbye with a way to come back."""
        doubt = doubt_of(turn)
        # Conversations of the control group, and those that a person has, are not won back.
        if in_form(turn) or wants_no_selling(turn) or doubt == "no_need" or moment_of(turn).quiet:
            turn.dispatcher.utter_message(response="utter_social_abandon_purchase")
            return [SlotSet("awaiting", None)]
        product = topic_product(turn)
        strategy = strategy_of(product) if product is not None else Strategy("any", {})
        if doubt == "price" and strategy.offer_benefit:
            offered = offer_benefit(turn, "won_back", "理解的，价格确实要考虑～")
            if offered is not None:
                return offered
        elif doubt is not None and doubt != "price":
            settled = settle(turn, doubt)
            if settled is not None:
                return settled
        elif doubt is None and said_times(turn, "abandon_purchase") == 1 and product is not None:
            buttons = [
                {"title": title, "payload": f'/abandon_purchase{{"attribute":"{title}"}}'} for title, _ in _REASONS
            ]
            turn.say("没关系的～方便说说是哪里不合适吗？我看看能不能帮上忙。", outcome="asked_back", buttons=buttons)
            return [SlotSet("awaiting", DOUBT)]
        turn.dispatcher.utter_message(response="utter_social_abandon_purchase")
        if strategy.offer_own_channel:
            offer_own_channel(turn, "won_back")
        return [SlotSet("awaiting", None)]
