"""Who hesitates: the doubt, then reasons to buy here and now, then a benefit inside the limits, then a person (F22).

One step a message, never the same one twice in a conversation. A doubt that is named or tapped is answered at once,
whichever step it is. Nobody is pressed: conversations of the control group, and who has just refused or is unhappy,
hear the answer to their doubt and are let be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.answer_attribute import as_said
from actions.benefits import BENEFIT, offer_benefit
from actions.campaigns import say_advice, topic_of, topic_product
from actions.capsules import asked
from actions.closing import of_this_conversation, wants_no_selling
from actions.doubts import DOUBT, doubt_of, said_times, settle, told_of
from actions.flows.room import in_form
from actions.handoff import HUMAN
from actions.minute import moment_of, strategy_of
from actions.own_channels import offer_own_channel
from actions.prices import prices_for
from actions.promotions import say_what_makes_it_cheaper
from sixty.insight.minutes import shop_minutes
from sixty.insight.silence import was_followed_up
from sixty.insight.strategy import Moment, Strategy, is_quiet
from sixty.insight.worries import open_worries, worry_button
from sixty.shop.benefits import SituationKind
from sixty.shop.catalogue import attribute_answer
from sixty.shop.models import Product
from sixty.shop.reasons import reasons_for
from sixty.shop.wording import say_amount

_MOST_REASONS = 2
_MOST_LEFT = 2
# What is offered stays offered while the customer thinks it over.
_OFFERS = frozenset({"bundle", "benefit", "suggestion"})
# What is said to who puts off what they were reminded of.
_PUT_OFF = {"reminder_buy": "utter_social_reminder_later", "reminder_pay": "utter_social_reminder_pay_later"}
_LATER = re.compile(
    r"晚[点些一]|[待等]会|等下|等一下|一会|过会|过[一两几]?天|回头|回家|到家|下班|今晚|晚上|明[天早晚]|后天|周末|月底|有空|在忙|开会|工资|到时"
)
_ASKS_IN_WORDS = "utter_social_hesitate"
_ASKS = "不急，您慢慢看～您主要是担心…？点一下，我马上说清楚"
_SIZE_IS_OURS = "尺码我帮您把关，收到不合适，7天内也能换～"
_LETS_BE = "好的，您慢慢看，想好了随时叫我～"
_PERSON = "不急，您慢慢看～拿不准的话，可以让同事帮您参谋，聊过的我一起转过去，您不用再说一遍。"


class ActionReassure(ShopAction):
    """Meets who hesitates, one step further each time."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_reassure"

    def answer(self, turn: Turn) -> list[EventType]:
        """The answer to the doubt that was named, else the next step."""
        product, awaiting = topic_product(turn), turn.slot("awaiting")
        as_before = [SlotSet("awaiting", awaiting)]
        if awaiting in _PUT_OFF and doubt_of(turn) is None and _LATER.search(turn.text):
            # Who means to do it later has no doubt that were to be found out.
            turn.respond(_PUT_OFF[awaiting])
            return [SlotSet("awaiting", None)]
        if product is None or wants_no_selling(turn):
            turn.dispatcher.utter_message(response=_ASKS_IN_WORDS)
            return as_before
        hesitation = _Hesitation(turn, product)
        # In a form, and while something is offered, what is waited for stays so.
        keeps = awaiting in _OFFERS or in_form(turn)
        events = hesitation.answer_doubt() or hesitation.next_step(keeps=keeps)
        return as_before if keeps and not _offers(events) else events


class _Hesitation:
    """How far a customer's hesitation has been met in this conversation."""

    def __init__(self, turn: Turn, product: Product) -> None:
        self.turn = turn
        self.product = product
        self.strategy: Strategy = strategy_of(product)
        self.moment: Moment = moment_of(turn)
        can_be_bought = product.status == "on_sale" and any(sku.stock for sku in product.skus)
        self.alone = not can_be_bought or self._is_quiet()
        self.told = told_of(turn)
        said = [event.get("metadata") or {} for event in of_this_conversation(turn) if event.get("event") == "bot"]
        self.steps = {str(each["hesitation"]) for each in said if each.get("hesitation")}
        if any(each.get("utter_action") == _ASKS_IN_WORDS for each in said):
            self.steps.add("asked")

    def _is_quiet(self) -> bool:
        """Whether nothing is to be offered; who was asked why they leave, and says it, may be met half-way."""
        asked_why = self.turn.slot("awaiting") == DOUBT
        moment = replace(self.moment, since_refusal=None) if asked_why else self.moment
        return is_quiet(moment, shop_minutes().limits)

    def answer_doubt(self) -> list[EventType] | None:
        """What settles the doubt that the message names; None where it names none, or there is nothing to say."""
        turn = self.turn
        named, doubt = self._named(), doubt_of(turn)
        if named is not None:
            turn.say(named, outcome="social", worry=doubt)
            self._tell(doubt)
            return [SlotSet("awaiting", None)]
        if doubt == "price":
            return self._price()
        if doubt is None or settle(turn, doubt) is None:
            return None
        self._tell(doubt)
        return [SlotSet("awaiting", None)]

    def _tell(self, doubt: str | None) -> None:
        """What follows the answer to a doubt."""
        if doubt is not None:
            self.told.add(doubt)
        self._here_and_now()

    def next_step(self, *, keeps: bool) -> list[EventType]:
        """Asks for the doubt, gives reasons, offers a benefit, offers a person, and then lets be."""
        turn = self.turn
        if self.alone:
            # Who is to be left alone is still asked, in words, once.
            if "asked" in self.steps or self.moment.since_refusal is not None:
                turn.say(_LETS_BE, outcome="social")
            else:
                turn.dispatcher.utter_message(response=_ASKS_IN_WORDS)
            return [SlotSet("awaiting", None)]
        if "asked" not in self.steps and self._ask():
            return [SlotSet("awaiting", DOUBT)]
        if self._here_and_now(say_nothing_else=True):
            return [SlotSet("awaiting", DOUBT)]
        offered = None if keeps else self._benefit()
        if offered is not None:
            return offered
        self._person()
        return [SlotSet("awaiting", None)]

    def _named(self) -> str | None:
        """What the message names itself: waiting for a campaign, one attribute."""
        turn = self.turn
        if topic_of(turn) == "now_or_later":
            return say_advice(turn, self.product, turn.text)
        named = turn.entity("attribute") if not turn.text.startswith("/") else None
        fact = attribute_answer(turn.session, self.product.no, named) if named else None
        return as_said(fact) if fact is not None else None

    def _ask(self) -> bool:
        buttons = self._left(len(shop_minutes().worries_of(self.product.category)))
        if not buttons:
            return False
        self._say(_ASKS, "asked", [*buttons, *self._human()], outcome="asked_back")
        return True

    def _here_and_now(self, *, say_nothing_else: bool = False) -> bool:
        """Why to buy here and now, once; returns whether there was something to say.

        Args:
            say_nothing_else: Whether this is the whole answer, rather than what follows one.
        """
        if self.alone or "reasons" in self.steps:
            return False
        reasons = reasons_for(self.turn.session, self.product, self.turn.now, self.turn.level)[:_MOST_REASONS]
        if not reasons:
            return False
        said = "；".join(each.text for each in reasons)
        lead = "跟您说两句实在的：" if say_nothing_else else "另外，"
        self._say(f"{lead}{said}～", "reasons", [*self._left(_MOST_LEFT), *self._human()])
        return True

    def _price(self) -> list[EventType]:
        """Met half-way where the rules say so; else what it comes to with all that takes something off."""
        offered = self._benefit()
        if offered is not None:
            return offered
        if self.turn.slot("awaiting") != BENEFIT:
            _meet_the_price(self.turn, self.product)
        self._here_and_now()
        return [SlotSet("awaiting", None)]

    def _benefit(self) -> list[EventType] | None:
        if self.alone or in_form(self.turn) or not self.strategy.offer_benefit or "benefit" in self.moment.refused:
            return None
        situation: SituationKind = "hesitating"
        if said_times(self.turn, "abandon_purchase") > 0:
            situation = "won_back"
        elif was_followed_up(self.turn.session, self.turn.tracker.sender_id):
            situation = "silence"
        return offer_benefit(self.turn, situation)

    def _person(self) -> None:
        """A person, and a way to stay in touch; after that the customer is let be."""
        if "person" in self.steps:
            self.turn.say(_LETS_BE, outcome="social")
            return
        self._say(_PERSON if self.strategy.person else _LETS_BE, "person", self._human())
        if self.strategy.offer_own_channel:
            offer_own_channel(self.turn, "hesitating")

    def _left(self, most: int) -> list[dict[str, str]]:
        """Capsules of what the customer may be worried about and has not been told."""
        worries = open_worries(self.turn.session, self.product, asked(self.turn), shop_minutes())
        return [worry_button(title) for worry, title in worries.items() if worry not in self.told][:most]

    def _human(self) -> list[dict[str, str]]:
        return [HUMAN] if self.strategy.person else []

    def _say(self, text: str, step: str, buttons: Sequence[dict[str, str]], outcome: str = "social") -> None:
        self.turn.say(text, outcome=outcome, buttons=buttons, hesitation=step)
        self.steps.add(step)


def meets_worry(turn: Turn) -> bool:
    """Answers a worry in the middle of a form, in one line: the form's own question comes behind it.

    Returns:
        Whether the message names one to which there is an answer; who merely wants to think it over names none.
    """
    product, doubt = topic_product(turn), doubt_of(turn)
    if doubt == "price":
        _meet_the_price(turn, product)
        return True
    if doubt == "size" and (turn.tracker.active_loop or {}).get("name") == "size_form":
        # The form is about to do just that.
        turn.say(_SIZE_IS_OURS, outcome="social", worry=doubt)
        return True
    return doubt is not None and settle(turn, doubt) is not None


def _meet_the_price(turn: Turn, product: Product | None) -> None:
    """What it really comes to for this customer; who only finds it dear has not asked for the price to be changed."""
    if product is None:
        say_what_makes_it_cheaper(turn)
        return
    prices = prices_for(turn, product, current=True)
    saved = prices.list_price - prices.final_price
    less = f"，比标价省{say_amount(saved)}" if saved > 0 else ""
    now = "预售" if prices.presale else "现在"
    how = "算上能用的券和活动，" if prices.coupons else ""
    text = f"理解的，价格是要考虑～{product.name}{how}{now}到手{say_amount(prices.final_price)}{less}"
    turn.say(f"{text}，您慢慢定～", outcome="social", worry="price")


def _offers(events: Sequence[Any]) -> bool:
    """Whether these events wait for a yes to a benefit."""
    return any(event.get("name") == "awaiting" and event.get("value") == BENEFIT for event in events)
