"""Which size to take: a form with what the product's sizes go by, ending in advice (F15)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.orm import Session

from actions import cards
from actions.action import ShopAction, Turn, latest
from actions.answering_form import AnsweringForm
from actions.body import body_of, number_of, plausible
from actions.handoff import HUMAN
from actions.prices import prices_for
from actions.said_already import leave_out_what_was_said
from actions.situation import Talk, situation_of
from actions.suggestions import show
from actions.topic import ask_which, say_unknown, unknown_reference
from sixty.nlu.measures import weight_in_kg
from sixty.shop.catalogue import attribute_answer, find_product, successor
from sixty.shop.database import shop_session
from sixty.shop.models import BODY_PARTS, BodyPart, Product
from sixty.shop.recommendations import substitutes
from sixty.shop.shoe_sizes import foot_of_size
from sixty.shop.size_charts import NAMES
from sixty.shop.size_guides import guide_of, has_size, substitute_for
from sixty.shop.sizes import Fit, SizeAdvice

_MOST_INSTEAD = 2
_FITS = {"loose", "regular", "slim"}
_EXAMPLES: dict[BodyPart, str] = {
    "height": "175或者1米75",
    "weight": "140斤或者70公斤",
    "chest": "92厘米",
    "waist": "80厘米或者二尺四",
    "foot": "24.5厘米",
    "age": "3岁或者8个月",
}


def _on_sale(session: Session, product: Product) -> Product:
    return product if product.status != "off_sale" else successor(session, product) or product


def _in_place_of_a_fit(tracker: Tracker) -> dict[str, str]:
    """Who was asked how they like to wear it and tells other measures ("那我老公180 160斤呢") gets the usual fit."""
    told = any(entity.get("entity") == "fit" for entity in tracker.latest_message.get("entities") or [])
    return {"fit": "regular"} if tracker.get_slot("requested_slot") == "fit" and not told else {}


def _answers_with_a_number(tracker: Tracker, slot: str) -> bool:
    """Whether the form has asked for a slot and got a number without a unit."""
    entities = tracker.latest_message.get("entities") or []
    return tracker.get_slot("requested_slot") == slot and any(each.get("entity") == "number" for each in entities)


def _kept(part: BodyPart, number: Decimal | None, dispatcher: CollectingDispatcher) -> str | None:
    """The value for the slot; where it can be nobody's measure, asks again with an example."""
    if plausible(part, number) is None or number is None:
        text = f"这个{NAMES[part]}好像不太对，麻烦再说一下？比如{_EXAMPLES[part]}～"
        dispatcher.utter_message(text=text, outcome="asked_back")
        return None
    return format(number.normalize(), "f")


def fits(turn: Turn, product: Product) -> bool:
    """Whether the product has a size for the customer, as far as they have said what they measure."""
    guide = guide_of(turn.session, product)
    return guide is None or guide.advise(body_of(turn.tracker)).verdict in ("fits", "unclear")


def advised_size(turn: Turn, product: Product) -> str | None:
    """The size that the customer was advised to take; None where none is known."""
    guide = guide_of(turn.session, product)
    body = body_of(turn.tracker)
    if guide is None or guide.missing(body):
        return None
    return guide.advise(body, _fit(turn)).size


def _fit(turn: Turn) -> Fit:
    return cast(Fit, turn.slot("fit") if turn.slot("fit") in _FITS else "regular")


class ActionAskProductNo(ShopAction):
    """The form's question for the product, with likely ones to tap."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_ask_product_no"

    def answer(self, turn: Turn) -> list[EventType]:
        """Asks which product the size is for, unless the answer to another question has just asked that."""
        if unknown_reference(turn):
            say_unknown(turn)
        else:
            ask_which(turn)
        leave_out_what_was_said(turn)
        return [SlotSet("awaiting", turn.slot("awaiting"))]


class ActionAskHeight(ShopAction):
    """The form's question for the height: of a child its age will do."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_ask_height"

    def answer(self, turn: Turn) -> list[EventType]:
        """Asks as it suits the product."""
        product = turn.product()
        guide = guide_of(turn.session, _on_sale(turn.session, product)) if product else None
        turn.respond("utter_ask_child" if guide is not None and guide.is_for_children else "utter_ask_body")
        return [SlotSet("awaiting", turn.slot("awaiting"))]


class ValidateSizeForm(AnsweringForm):
    """Takes measures in any unit and order, and asks only for what the product's chart needs."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "validate_size_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        """The product first; then what its chart needs; nothing for a product without sizes."""
        with shop_session(read_only=True) as session:
            turn = Turn(dispatcher, tracker, session)
            product = turn.product()
            if product is None:
                return ["product_no"]
            guide = guide_of(session, _on_sale(session, product))
        if guide is None:
            return []
        missing = guide.missing(body_of(tracker))
        # What was told unasked counts, too: a waist where the chart knows waists, an age in place of a height.
        measures = [part for part in BODY_PARTS if part in missing or tracker.get_slot(part) is not None]
        wish = ["fit"] if guide.asks_for_fit or tracker.get_slot("fit") is not None else []
        # A product from the page the customer came by needs no slot.
        named = [] if tracker.get_slot("product_no") is None else ["product_no"]
        return [*named, *measures, *wish]

    def validate_product_no(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Only what the catalogue has."""
        with shop_session(read_only=True) as session:
            product = find_product(session, str(latest(value)))
        return {"product_no": product.no if product else None}

    def validate_height(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Centimetres of a person; metres ("1.75") are understood as well."""
        if value is None:
            return {"height": None}
        number = number_of(value)
        if number is not None and Decimal("0.4") <= number <= Decimal("2.3"):
            number *= 100
        said = _kept("height", number, dispatcher)
        return {"height": said, **(_in_place_of_a_fit(tracker) if said else {})}

    def validate_weight(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Kilograms; a bare number is read in the unit that suits the height."""
        if value is None:
            return {"weight": None}
        number = number_of(value)
        if number is not None and _answers_with_a_number(tracker, "weight"):
            number = weight_in_kg(number, number_of(tracker.get_slot("height")))
        said = _kept("weight", number, dispatcher)
        return {"weight": said, **(_in_place_of_a_fit(tracker) if said else {})}

    def validate_chest(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Centimetres."""
        return {"chest": None if value is None else _kept("chest", number_of(value), dispatcher)}

    def validate_waist(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Centimetres."""
        return {"waist": None if value is None else _kept("waist", number_of(value), dispatcher)}

    def validate_foot(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Centimetres; millimetres and the size that is usually worn are understood as well."""
        if value is None:
            return {"foot": None}
        number = number_of(str(latest(value)).removesuffix("码").removesuffix("号"))
        length = None if number is None else foot_of_size(number)
        if number is not None and length is not None:
            text = f"{number:f}码对应的脚长是{length:f}厘米左右，我按这个帮您选～"
            dispatcher.utter_message(text=text, outcome="answered")
            return {"foot": format(length, "f")}
        if number is not None and 80 <= number <= 320 and _answers_with_a_number(tracker, "foot"):
            number /= 10
        return {"foot": _kept("foot", number, dispatcher)}

    def validate_age(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Years."""
        return {"age": None if value is None else _kept("age", number_of(value), dispatcher)}

    def validate_fit(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Loose, regular or slim."""
        fit = str(latest(value))
        return {"fit": fit if fit in _FITS else None}


class ActionRecommendSize(ShopAction):
    """Names the size with its reason, or what is possible when none fits."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_recommend_size"

    def answer(self, turn: Turn) -> list[EventType]:
        """Advises from the product's chart, or from the sizes of its shoes."""
        product = turn.product()
        if product is None:
            ask_which(turn)
            return []
        product = _on_sale(turn.session, product)
        guide = guide_of(turn.session, product)
        if guide is None:
            self._without_sizes(turn, product)
            return [SlotSet("product_no", product.no)]
        body = body_of(turn.tracker)
        missing = guide.missing(body)
        if missing:
            # Never trust that the form was filled: a deed without its slots would be a guess.
            names = "、".join(NAMES[part] for part in missing)
            turn.say(f"还差{names}，麻烦再说一下，比如{_EXAMPLES[missing[0]]}～", outcome="asked_back")
            return []
        advice = guide.advise(body, _fit(turn))
        turn.say(advice.reason, buttons=[HUMAN] if advice.verdict == "unclear" else [])
        if advice.size is not None:
            return [SlotSet("product_no", product.no), *self._when_sold_out(turn, product, advice)]
        instead = substitute_for(turn.session, product, body)
        if instead is None:
            if advice.verdict != "unclear":
                turn.say(
                    "店里同类的我也看了，暂时没有合适的尺码；要不看看别的款，或者请同事再帮您找找～",
                    buttons=[{"title": "推荐几款", "payload": '/recommend_product{"wish":"类似的"}'}, HUMAN],
                )
            return [SlotSet("product_no", product.no)]
        where = "同类里" if instead.kind == product.kind else "店里"
        turn.say(f"{where}{instead.name}有合适的尺码，给您看看～")
        turn.show(cards.product_card(instead, prices_for(turn, instead)))
        return [SlotSet("product_no", instead.no)]

    @staticmethod
    def _when_sold_out(turn: Turn, product: Product, advice: SizeAdvice) -> list[EventType]:
        """The size beside it where that is in stock, and what else there is in this size."""
        if advice.size is None or has_size(product, advice.size):
            return []
        other = advice.alternative
        if other is not None and has_size(product, other):
            turn.say(f"不过{advice.size}码现在断货了，{other}码还有～")
        else:
            turn.say(f"不过{advice.size}码现在断货了，可以先收藏，到货再拍～")
        talk = Talk.kept(turn)
        situation = situation_of(turn, talk, product, size=advice.size, seen=(product.no,))
        found = substitutes(turn.session, situation, _MOST_INSTEAD)
        if not found:
            return []
        turn.say(f"同类里这{'几' if len(found) > 1 else ''}款{advice.size}码现在就有货，也可以看看：")
        return show(turn, talk, "substitute", f"{advice.size}码有货的", found)

    @staticmethod
    def _without_sizes(turn: Turn, product: Product) -> None:
        runs = attribute_answer(turn.session, product.no, "尺码偏向")
        spec = attribute_answer(turn.session, product.no, "尺寸") or attribute_answer(turn.session, product.no, "规格")
        if runs:
            turn.say(f"{runs.value}。{runs.selling_point}".rstrip("。") + "～")
        elif spec:
            turn.say(f"这款不分尺码，{spec.key}是{spec.value}，放心选～")
        else:
            turn.say("这款不分尺码，直接拍就可以～")
