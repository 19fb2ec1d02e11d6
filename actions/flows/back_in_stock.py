"""Tell me when it is back: what is sold out is noted, and the customer hears when it returns (F30)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk.events import EventType

from actions.action import Turn
from actions.flows.case import Case
from actions.flows.factors import Factor, UnfitError, position_said
from actions.flows.flow import Flow
from actions.flows.room import in_form
from actions.topic import ask_which
from sixty.shop.catalogue import find_product
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.models import Product, Sku
from sixty.shop.stock import stock_among, variant_named
from sixty.shop.stock_wishes import wants_notice
from sixty.shop.variants import Variant

# Under which the button of an answer about stock comes back.
NOTICE = "到货通知"
_BETWEEN = ","
_MOST_SHOWN = 6
# What is asked about another product is no word about the one that is waited for.
_TELLING = frozenset({"ask_stock", "inform", "deny", "affirm", "nlu_fallback"})
_ANY = re.compile(r"都|随便|哪[个种款]都|任[意何]")


def _named(turn: Turn, product: Product) -> list[Variant]:
    """The variants that the latest message names; none when it names nothing of them."""
    said = variant_named(turn.session, product.no, turn.text) if not turn.text.startswith("/") else {}
    color, size = turn.entity("color") or said.get("color"), turn.entity("size") or said.get("size")
    spec = said.get("spec")
    if not (color or size or spec):
        return []
    variants = turn.variants_of(product).variants
    fitting = {(each.color, each.size, each.spec) for each in stock_among(variants, color, size, spec).matches}
    return [each for each in variants if (each.color, each.size, each.spec) in fitting]


def _sold_out(turn: Turn, product: Product) -> list[Variant]:
    return [each for each in turn.variants_of(product).variants if each.stock <= 0]


def _joined(variants: Sequence[Variant]) -> str:
    """As the slot keeps them: what can be bought is no wish, unless all of it can."""
    waiting = [each for each in variants if each.stock <= 0] or variants
    return _BETWEEN.join(each.code for each in waiting)


def _product(case: Case) -> Product | None:
    """The product that is waited for: it stays that one, whatever else is talked about."""
    number = case.values["article"]
    return find_product(case.turn.session, str(number)) if number else case.turn.product()


@dataclass(frozen=True)
class _WhichProduct(Factor):
    """The product's number."""

    slot: str = "article"

    def preset(self, case: Case) -> Any | None:
        """The product that the talk is about."""
        product = case.turn.product()
        return product.no if product is not None else None

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """The one that is named or picked; another one has other variants."""
        tells = asked or case.turn.intent in _TELLING
        named = case.turn.entity("product") if tells else None
        product = find_product(case.turn.session, named) if named else case.turn.product() if asked else None
        if product is None:
            return None
        if case.values[self.slot] not in (None, product.no):
            case.values["detail"] = None
        return product.no

    def ask(self, case: Case) -> None:
        """Asks, with likely ones as buttons."""
        ask_which(case.turn)


@dataclass(frozen=True)
class _WhichVariants(Factor):
    """Codes of variants, as one text."""

    slot: str = "detail"

    def preset(self, case: Case) -> Any | None:
        """All of a product that is sold out, or the one variant that is; where nothing is, all: the policy says so."""
        product = _product(case)
        if product is None:
            return None
        variants, gone = case.turn.variants_of(product).variants, _sold_out(case.turn, product)
        if len(gone) in (0, 1, len(variants)):
            return _joined(gone or variants)
        return None

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """What is named of the product, or picked of what was shown."""
        turn = case.turn
        product = _product(case)
        if product is None:
            return None
        named = _named(turn, product)
        if named:
            return _joined(named)
        gone = _sold_out(turn, product)
        if asked and gone and _ANY.search(turn.text):
            return _joined(gone)
        position = position_said(case, len(gone)) if asked else None
        if position is None:
            return None
        if position > len(gone):
            raise UnfitError(f"没货的一共{len(gone)}种，您看看要等哪一种？")
        return gone[position - 1].code

    def ask(self, case: Case) -> None:
        """What is sold out of the product."""
        turn, product = case.turn, _product(case)
        assert product is not None  # it is asked for before
        buttons = [
            {"title": _text(each), "payload": f'/inform{{"ordinal":"{place}"}}'}
            for place, each in enumerate(_sold_out(turn, product)[:_MOST_SHOWN], 1)
        ]
        turn.say(f"{product.name}您想等哪一种？都可以的话说“都行”～", outcome="asked_back", buttons=buttons)


class BackInStock(Flow):
    """到货通知."""

    name = "back_in_stock"
    title = "登记到货通知"
    deeds = ("notify_back_in_stock",)
    intents = ("ask_stock",)
    begun_by_action = "action_answer_stock"
    needs_order = False
    decided_by = ("detail",)
    factors = (_WhichProduct(), _WhichVariants())

    def begun_by(self, turn: Turn) -> bool:
        """A question about stock is answered; who wants to be told begins."""
        if turn.intent not in self.intents:
            return False
        return turn.entity("service") == NOTICE or (not turn.text.startswith("/") and wants_notice(turn.text))

    def kind(self, case: Case) -> DeedKind:
        """Always the same."""
        return "notify_back_in_stock"

    def details(self, case: Case) -> Mapping[str, str]:
        """The first variant."""
        return self.each(case)[0]

    def each(self, case: Case) -> Sequence[Mapping[str, str]]:
        """A deed for every variant."""
        codes = str(case.values["detail"] or "").split(_BETWEEN)
        found = {code: case.turn.session.get(Sku, code) for code in codes}
        return [{"product": sku.product_no if sku else "", "sku": code} for code, sku in found.items()]

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What is waited for; nothing is left to do."""
        found = [case.turn.session.get(Sku, each["sku"]) for each in self.each(case)]
        skus = [sku for sku in found if sku is not None]
        name = skus[0].product.name if skus else "这款"
        variants = "、".join(_text(sku) for sku in skus if _text(sku)) if len(skus) <= _MOST_SHOWN else "没货的几种"
        return f"记下了，{name}{f'（{variants}）' if variants else ''}到货后同事会在这里通知您～"


NOTIFY = BackInStock()


def offer_to_tell(turn: Turn, variants: Sequence[Variant], *, is_asked: bool) -> list[EventType]:
    """Keeps what was found sold out, so that a wish to be told means it.

    Args:
        turn: The turn.
        variants: Those that were asked for.
        is_asked: Whether the answer ends in that question, and a yes means it.

    Returns:
        Events; none in a form, which goes on with its own question.
    """
    if in_form(turn):
        return []
    kept, awaited = Case.offer(NOTIFY, detail=_joined(variants))
    return [kept, awaited] if is_asked else [kept]


def _text(variant: Variant | Sku) -> str:
    return " ".join(part for part in (variant.color, variant.size, variant.spec) if part)
