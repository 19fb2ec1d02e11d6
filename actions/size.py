"""Which size to take: a form with height, weight and fit, ending in advice (F15)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, cast

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.orm import Session

from actions import cards
from actions.action import ShopAction, Turn, latest
from actions.answering_form import AnsweringForm
from actions.topic import ask_which, say_unknown, unknown_reference
from sixty.nlu.measures import weight_in_kg
from sixty.shop.catalogue import attribute_answer, find_product, successor
from sixty.shop.database import shop_session
from sixty.shop.models import Product
from sixty.shop.prices import price_card
from sixty.shop.sizes import Chart, Fit, advise_size, chart_of, substitute_for

_HEIGHTS_CM = (Decimal(40), Decimal(230))
_WEIGHTS_KG = (Decimal(2), Decimal(200))
_FITS = {"loose", "regular", "slim"}


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(latest(value)))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def _on_sale(session: Session, product: Product) -> Product:
    return product if product.status != "off_sale" else successor(session, product) or product


def _needed(chart: Chart) -> list[str]:
    """What a chart goes by: diapers know no height, and nobody wears them loose."""
    measures = [name for name, wanted in (("height", chart.needs_height), ("weight", chart.needs_weight)) if wanted]
    return [*measures, "fit"] if chart.needs_height else measures


def _in_place_of_a_fit(tracker: Tracker) -> dict[str, str]:
    """Who was asked how they like to wear it and tells other measures ("那我老公180 160斤呢") gets the usual fit."""
    told = any(entity.get("entity") == "fit" for entity in tracker.latest_message.get("entities") or [])
    return {"fit": "regular"} if tracker.get_slot("requested_slot") == "fit" and not told else {}


def fits(turn: Turn, product: Product) -> bool:
    """Whether the product has a size for the customer, as far as they have said what they measure."""
    chart = chart_of(turn.session, product)
    if chart is None:
        return True
    advice = advise_size(chart, _number(turn.slot("height")), _number(turn.slot("weight")), "regular", product.runs)
    return advice.verdict in ("fits", "unclear")


class ActionAskProductNo(ShopAction):
    """The form's question for the product, with likely ones to tap."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_ask_product_no"

    def answer(self, turn: Turn) -> list[EventType]:
        """Asks which product the size is for."""
        if unknown_reference(turn):
            say_unknown(turn)
        else:
            ask_which(turn)
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
        with shop_session() as session:
            turn = Turn(dispatcher, tracker, session)
            product = turn.product()
            if product is None:
                return ["product_no"]
            chart = chart_of(session, _on_sale(session, product))
        if chart is None:
            return []
        needed = _needed(chart)
        # A product from the page the customer came by needs no slot.
        return needed if tracker.get_slot("product_no") is None else ["product_no", *needed]

    def validate_product_no(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Only what the catalogue has."""
        with shop_session() as session:
            product = find_product(session, str(latest(value)))
        return {"product_no": product.no if product else None}

    def validate_height(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Centimetres of a person; metres ("1.75") are understood as well."""
        if value is None:
            return {"height": None}
        number = _number(value)
        if number is not None and Decimal("0.4") <= number <= Decimal("2.3"):
            number *= 100
        if number is None or not _HEIGHTS_CM[0] <= number <= _HEIGHTS_CM[1]:
            dispatcher.utter_message(text="这个身高好像不太对，麻烦再说一下？比如175或者1米75～", outcome="asked_back")
            return {"height": None}
        said = str(number.normalize().quantize(Decimal(1)) if number % 1 == 0 else number)
        return {"height": said, **_in_place_of_a_fit(tracker)}

    def validate_weight(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Kilograms; a bare number is read in the unit that suits the height."""
        if value is None:
            return {"weight": None}
        number = _number(value)
        bare = (
            any(entity.get("entity") == "number" for entity in tracker.latest_message.get("entities") or [])
            and tracker.get_slot("requested_slot") == "weight"
        )
        if number is not None and bare:
            number = weight_in_kg(number, _number(tracker.get_slot("height")))
        if number is None or not _WEIGHTS_KG[0] <= number <= _WEIGHTS_KG[1]:
            dispatcher.utter_message(
                text="这个体重好像不太对，麻烦再说一下？比如140斤或者70公斤～", outcome="asked_back"
            )
            return {"weight": None}
        return {"weight": str(number), **_in_place_of_a_fit(tracker)}

    def validate_fit(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Loose, regular or slim."""
        fit = str(latest(value))
        return {"fit": fit if fit in _FITS else None}


class ActionRecommendSize(ShopAction):
    """Names the size with its reason, or a substitute when none fits."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_recommend_size"

    def answer(self, turn: Turn) -> list[EventType]:
        """Advises from the product's chart."""
        product = turn.product()
        if product is None:
            ask_which(turn)
            return []
        product = _on_sale(turn.session, product)
        chart = chart_of(turn.session, product)
        if chart is None:
            self._without_chart(turn, product)
            return [SlotSet("product_no", product.no)]
        height, weight = _number(turn.slot("height")), _number(turn.slot("weight"))
        if (weight is None and chart.needs_weight) or (height is None and chart.needs_height):
            # Never trust that the form was filled: a deed without its slots would be a guess.
            turn.say("身高或体重还差一项，麻烦再说一下，比如“175 70kg”～", outcome="asked_back")
            return []
        fit = cast(Fit, turn.slot("fit") if turn.slot("fit") in _FITS else "regular")
        advice = advise_size(chart, height, weight, fit, product.runs)
        turn.say(advice.reason)
        if advice.size is None:
            instead = substitute_for(turn.session, product, height, weight)
            if instead:
                turn.say(f"同类里{instead.name}有您能穿的尺码，给您看看～")
                prices = price_card(turn.session, instead, turn.level, turn.now)
                turn.show(cards.product_card(instead, prices))
                return [SlotSet("product_no", instead.no)]
        return [SlotSet("product_no", product.no)]

    @staticmethod
    def _without_chart(turn: Turn, product: Product) -> None:
        runs = attribute_answer(turn.session, product.no, "尺码偏向")
        spec = attribute_answer(turn.session, product.no, "尺寸") or attribute_answer(turn.session, product.no, "规格")
        if runs:
            turn.say(f"{runs.value}。{runs.selling_point}".rstrip("。") + "～")
        elif spec:
            turn.say(f"这款不分尺码，{spec.key}是{spec.value}，放心选～")
        else:
            turn.say("这款不分尺码，直接拍就可以～")
