"""A step up in quality for a little more (F19), and what fills a basket up to the next offer."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import Turn
from actions.campaigns import topic_product
from actions.situation import Talk, situation_of
from actions.suggestions import kept_in_form, show
from actions.topic import ask_which
from sixty.shop.catalogue import successor
from sixty.shop.current_variants import CurrentVariants
from sixty.shop.models import Product, Sku
from sixty.shop.pricing.offers import cheapest
from sixty.shop.recommendations import Filler, fillers, upgrades
from sixty.shop.stock import variant_named
from sixty.shop.suggestion_wishes import suggestion_wish
from sixty.shop.wording import say_amount


def step_up(turn: Turn, talk: Talk, topic: Product) -> list[EventType]:
    """Says what a little more money gives than a product costs, and shows it."""
    product = topic if topic.status != "off_sale" else successor(turn.session, topic) or topic
    found = upgrades(turn.session, situation_of(turn, talk, product))
    if not found:
        turn.say(f"{product.name}同类里暂时没找到更合适的升级款，放心选～")
        return kept_in_form(turn, [SlotSet("product_no", product.no)])
    turn.say(f"有的～{found[0].reason}，您看值不值：")
    return [SlotSet("product_no", product.no), *kept_in_form(turn, show(turn, talk, "upgrade", "升级看看", found))]


def fill_up(turn: Turn, talk: Talk) -> list[EventType]:
    """Says how much is missing to the next offer, and what fills the basket for least money."""
    product = topic_product(turn)
    if product is None and turn.viewer.customer_id is not None:
        # Who is known may have put it into the cart already.
        found = fillers(turn.session, situation_of(turn, talk))
        if found:
            turn.say(_how(found[0]))
            return kept_in_form(turn, show(turn, talk, "filler", "凑单最划算", [each.suggestion for each in found]))
    if product is None:
        turn.say("您打算买哪几件呢？把链接或货号发我，我帮您算还差多少、凑什么最划算～", outcome="asked_back")
        ask_which(turn)
        return [SlotSet("awaiting", "product_price")]
    basket = _basket(turn, product)
    found = fillers(turn.session, situation_of(turn, talk, product, basket=basket)) if basket else []
    if not found:
        turn.say(f"{product.name}现在能用的优惠已经都算上了，不用再凑单，直接拍最划算～")
        return kept_in_form(turn, [SlotSet("product_no", product.no)])
    turn.say(_how(found[0]))
    events = show(turn, talk, "filler", "凑单最划算", [each.suggestion for each in found])
    return [SlotSet("product_no", product.no), *kept_in_form(turn, events)]


def wants_filler_for(turn: Turn) -> bool:
    """Whether the product of this message was asked for to fill a basket."""
    messages = [str(event.get("text") or "") for event in turn.tracker.events if event.get("event") == "user"]
    return len(messages) > 1 and suggestion_wish(messages[-2]) == "filler"


def _how(filler: Filler) -> str:
    suggestion, after = filler.suggestion, filler.after
    gets = "、".join(filler.reached)
    pieces = f"{suggestion.pieces}件" if suggestion.pieces > 1 else "一件"
    paid = f"凑{pieces}{suggestion.product.name}，合起来到手{say_amount(after.total)}"
    extra = suggestion.extra
    if extra is not None and extra < 0:
        more = f"，比不凑还少付{say_amount(-extra)}"
    elif extra is not None and extra > 0:
        more = f"，只多付{say_amount(extra)}就多{pieces}"
    else:
        more = ""
    missing = f"还差{say_amount(filler.missing)}，" if filler.missing else ""
    return f"现在到手{say_amount(filler.before.total)}，{missing}就能享“{gets}”：{paid}{more}～"


def _basket(turn: Turn, product: Product) -> dict[str, int]:
    """What they are about to buy: the variant that was named, else the cheapest that can be bought."""
    current: CurrentVariants = turn.variants_of(product)
    named = {} if turn.text.startswith("/") else variant_named(turn.session, product.no, turn.text)
    codes = {each.code for each in current.variants if each.stock > 0}
    skus = [sku for sku in product.skus if sku.code in codes]
    fitting = [sku for sku in skus if all(getattr(sku, name) == value for name, value in named.items())]
    chosen: Sku | None = cheapest(fitting or skus) if fitting or skus else None
    pieces = turn.entity("quantity")
    count = int(float(pieces)) if pieces and float(pieces) >= 1 else 1
    return {chosen.code: count} if chosen is not None else {}
