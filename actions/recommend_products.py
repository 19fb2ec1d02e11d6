"""Products for a wish, and what is said of them: chosen, refused, too dear, other ones (F18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions import cards
from actions.action import ShopAction, Turn
from actions.handoff import HUMAN
from actions.prices import prices_for
from actions.situation import Talk, picked, situation_of, suggested
from actions.step_up import fill_up, step_up
from actions.suggestions import kept_in_form, refuse, refuse_all, show
from actions.trial import note_tap, with_candidate
from actions.wish import heard, is_said, narrow, title_of, whom, words_of
from sixty.dialogue.suggesting import SUGGESTION, WISH
from sixty.shop.models import Product
from sixty.shop.recommendations import Suggestion, Wish, for_wish, similar
from sixty.shop.suggestion_wishes import leaves_it_open, suggestion_wish
from sixty.shop.wording import say_amount

_MOST, _MANY = 3, 30
_LETS_GO = frozenset({"hesitate", "abandon_purchase", "goodbye"})
_REFUSALS = frozenset({"cheaper", "refused", "others"})
# A no to a question about a wish is an answer; these words let it be.
_NO_THANKS = ("不用", "算了", "不需要", "不要", "不看")
_OTHER_ONES = {"title": "换一批", "payload": '/recommend_product{"wish":"换一批"}'}
_CHEAPER = {"title": "便宜一点的", "payload": '/recommend_product{"wish":"便宜点的"}'}
_ANEW = "换个类型"
_ANOTHER_SORT = {"title": _ANEW, "payload": f'/recommend_product{{"wish":"{_ANEW}"}}'}
_COUPONS = {"title": "有什么优惠券", "payload": "/ask_coupon"}
_A_CENT = Decimal("0.01")


class ActionRecommendProducts(ShopAction):
    """Hears a wish, asks for what would narrow it, shows what suits, and goes on from what is said of that."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_recommend_products"

    def answer(self, turn: Turn) -> list[EventType]:
        """By what the message wants: nothing, one of those shown, another sort of suggestion, other ones, or a wish."""
        talk, wanted = Talk.kept(turn), suggestion_wish(words_of(turn))
        awaiting = turn.slot("awaiting") if turn.question is None else None
        going_on = awaiting in (WISH, SUGGESTION)
        events = _dropped(turn, talk, wanted) if going_on or wanted == "none" else None
        if events is None and awaiting == SUGGESTION:
            events = _said_of_them(turn, talk, wanted)
        if events is None and wanted == "filler":
            events = fill_up(turn, talk)
        if events is None and wanted == "upgrade" and not turn.entity("kind"):
            topic = turn.product() or next(iter(suggested(turn)), None)
            events = step_up(turn, talk, topic) if topic is not None else None
        return _to_wish(turn, talk, wanted, going_on=going_on) if events is None else events


def _dropped(turn: Turn, talk: Talk, wanted: str | None) -> list[EventType] | None:
    """The customer wants none of it: what was shown is not shown again, and nobody is pressed."""
    is_no = turn.intent == "deny" and wanted is None and heard(turn, talk).wish == talk.wish
    if wanted == "none":
        refuse(turn, talk, talk.shown)
        refuse_all(turn)
        turn.say("好的，不推荐了，您慢慢看，有需要随时叫我～", outcome="social")
    elif turn.intent in _LETS_GO and not leaves_it_open(turn.text):
        turn.dispatcher.utter_message(response=f"utter_social_{turn.intent}")
    elif is_no and (turn.slot("awaiting") == SUGGESTION or turn.text.startswith(_NO_THANKS)):
        refuse(turn, talk, talk.shown)
        turn.say("好的，那先不推荐了，想看什么随时告诉我～", outcome="social")
    else:
        return None
    return [replace(talk, asked=None).as_slot(turn.now), SlotSet("awaiting", None)]


def _said_of_them(turn: Turn, talk: Talk, wanted: str | None) -> list[EventType] | None:
    """One of those that were shown is chosen, or they are refused; None where the message says something else."""
    if wanted in _REFUSALS:
        one = picked(turn) if turn.entity("ordinal") else None
        refuse(turn, talk, [one.no] if one is not None else talk.shown)
        return _cheaper(turn, heard(turn, talk), talk) if wanted == "cheaper" else _others(turn, heard(turn, talk))
    chosen = picked(turn)
    if chosen is not None and wanted is None and (turn.entity("ordinal") or turn.intent == "affirm"):
        return _take(turn, chosen)
    if leaves_it_open(turn.text) and talk.shown:
        return _take(turn, suggested(turn)[0], "那我帮您定这款：")
    if turn.intent == "affirm" or turn.entity("ordinal"):
        turn.say(f"一共{len(talk.shown)}款，看中的是哪一款？说“第一个”“第二个”就行～", outcome="asked_back")
        return [SlotSet("awaiting", SUGGESTION)]
    if turn.intent == "inform" and heard(turn, talk).wish == talk.wish:
        turn.dispatcher.utter_message(response="utter_ask_inform")
        return [SlotSet("awaiting", SUGGESTION)]
    return None


def _to_wish(turn: Turn, talk: Talk, wanted: str | None, *, going_on: bool) -> list[EventType]:
    """Asks for what would narrow the wish, or shows what suits it."""
    known = heard(turn, talk)
    if going_on and turn.intent == "nlu_fallback" and known == talk and not leaves_it_open(turn.text):
        return [SlotSet("awaiting", turn.slot("awaiting")), FollowupAction("action_default_fallback")]
    if words_of(turn) == _ANEW:
        return _anew(turn, known)
    # "推荐几款" on a product's page is about such products.
    about_topic = wanted == "alike" or (not going_on and not is_said(known.wish))
    if about_topic and turn.product() is not None and not turn.entity("kind"):
        return _alike(turn, known)
    if wanted in _REFUSALS and talk.shown:
        if wanted == "cheaper":
            return _cheaper(turn, known, talk)
        if known == talk:
            # Said a while after: what was shown then is what they don't want.
            refuse(turn, talk, talk.shown)
        return _others(turn, known)
    if talk.shown and known.wish.kinds == talk.wish.kinds and known.wish != talk.wish:
        # More is known of what was shown: those that suit it now, and no further question.
        return _suggest(turn, known)
    what = turn.entity("kind")
    if what is not None and not known.wish.kinds:
        turn.say(f"{what}店里暂时没有，真不好意思～")
        return _suggest(turn, known)
    return narrow(turn, known) or _suggest(turn, known, cheapest_first=wanted == "cheaper")


def _anew(turn: Turn, talk: Talk) -> list[EventType]:
    """Another sort of thing for the same person: which, is asked."""
    fresh = replace(talk, wish=Wish(recipient=talk.wish.recipient), what="", asked=None, shown=())
    return narrow(turn, fresh) or _suggest(turn, fresh)


def _others(turn: Turn, talk: Talk) -> list[EventType]:
    if not is_said(talk.wish) and turn.product() is not None:
        return _alike(turn, talk)
    return _suggest(turn, talk)


def _cheaper(turn: Turn, talk: Talk, before: Talk) -> list[EventType]:
    """What costs less than the cheapest that was shown; honest words where there is none."""
    shown = [product for number in before.shown if (product := turn.session.get(Product, number)) is not None]
    least = min((prices_for(turn, product).final_price for product in shown), default=None)
    high = talk.wish.high
    if least is not None and (high is None or least <= high):
        high = least - _A_CENT
    cheaper = replace(talk, wish=replace(talk.wish, high=high, low=None))
    found = _found(turn, cheaper)
    if not found:
        turn.say(
            "按您的要求，暂时没有比刚才那几款更实惠的了。要不看看现在能用的券，或者我换个类型帮您找？",
            buttons=[_COUPONS, _ANOTHER_SORT],
        )
        return kept_in_form(turn, [talk.as_slot(turn.now)])
    text = f"找到更实惠的，到手{say_amount(min(each.final_price for each in found))}起："
    return _show(turn, cheaper, found, text)


def _alike(turn: Turn, talk: Talk) -> list[EventType]:
    """What is like the product that is talked about."""
    topic = turn.product()
    found = similar(turn.session, situation_of(turn, talk), _MOST)
    if not found or topic is None:
        wish = Wish(category=topic.category) if topic is not None else talk.wish
        return _suggest(turn, replace(talk, wish=wish))
    turn.say(f"跟{topic.name}差不多的，还有{_these(found)}：", buttons=[_OTHER_ONES, _CHEAPER])
    return kept_in_form(turn, show(turn, talk, "similar", "类似款", found))


def _suggest(turn: Turn, talk: Talk, *, cheapest_first: bool = False) -> list[EventType]:
    """What suits the wish; the nearest to it where nothing does."""
    wish = talk.wish
    without_budget = replace(wish, low=None, high=None)
    loosened = (
        (wish, f"{f'给{whom(wish)}' if whom(wish) else '按您说的'}挑了{{these}}，您看看："),
        (without_budget, "预算内暂时没有完全合适的，{these}接近一些，您看看："),
        (replace(without_budget, color="", use="", words=()), "完全照您说的暂时没有，{these}最接近，您看看："),
    )
    for nearer, text in loosened:
        found = _found(turn, replace(talk, wish=nearer), cheapest_first=cheapest_first)
        if found and not is_said(wish):
            text = "给您挑了{these}，您看看有没有喜欢的；也可以告诉我想要什么、给谁用："
        if found:
            return _show(turn, talk, found, text.format(these=_these(found)))
    what = "这类合适的都给您看过啦" if talk.seen else "您说的这种店里暂时没有，真不好意思"
    turn.say(f"{what}。换个类型、换个预算我再找，或者请同事帮您参谋～", buttons=[_ANOTHER_SORT, HUMAN])
    return kept_in_form(turn, [replace(talk, shown=(), asked=None).as_slot(turn.now)])


def _show(turn: Turn, talk: Talk, found: Sequence[Suggestion], text: str) -> list[EventType]:
    suitable = for_wish(turn.session, situation_of(turn, talk, product_no=None), _MANY)
    chosen = with_candidate(turn, found, suitable, "wish")
    turn.say(text, buttons=[_OTHER_ONES, _CHEAPER])
    return kept_in_form(turn, show(turn, talk, "wish", title_of(talk), chosen))


def _take(turn: Turn, product: Product, lead: str = "好嘞，") -> list[EventType]:
    """The customer has chosen: the price, and the topic is this one now."""
    note_tap(turn, product.no)
    talk, topic = Talk.kept(turn), turn.product()
    if talk.kind == "filler" and topic is not None:
        turn.say(f"好嘞，您把{topic.name}和{product.name}一起加进购物车，结算时优惠自动减～")
        return [SlotSet("awaiting", None)]
    spec = talk.spec_of(product.no) if talk.kind == "upgrade" else None
    prices = prices_for(turn, product, spec, current=True)
    name, price = f"{product.name} {spec}" if spec else product.name, say_amount(prices.final_price)
    turn.say(f"{lead}{name}现在到手{price}，喜欢就可以拍下；想了解什么直接问我～")
    turn.show(cards.product_card(product, prices, explained=True))
    return [SlotSet("product_no", product.no), SlotSet("awaiting", None)]


def _found(turn: Turn, talk: Talk, *, cheapest_first: bool = False) -> list[Suggestion]:
    # A wish is no question about what was talked about before; that may be the very thing.
    situation = situation_of(turn, talk, product_no=None)
    if not cheapest_first:
        return for_wish(turn.session, situation, _MOST)
    found = for_wish(turn.session, situation, _MANY)
    return sorted(found, key=lambda each: each.final_price)[:_MOST]


def _these(found: Sequence[Suggestion]) -> str:
    return f"这{len(found)}款" if len(found) > 1 else "这款"
