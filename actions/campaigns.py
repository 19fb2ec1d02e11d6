"""Questions about presales and campaigns, in whatever intent they come (F12, F21)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from rasa_sdk.events import EventType, SlotSet

from actions.action import Turn
from actions.prices import prices_for
from actions.topic import choices, unknown_reference
from sixty.shop.catalogue import find_product, successor
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Order
from sixty.shop.models import Product
from sixty.shop.prices import NoPriceError
from sixty.shop.pricing.asked import Topic, asked_about
from sixty.shop.pricing.campaign_answers import announce, how_presale_works, what_adds_up, when_presale_ships
from sixty.shop.pricing.offers import UnknownCustomerError
from sixty.shop.pricing.phases import campaign_named, next_sale
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.questions import (
    BuyingAdvice,
    balance_of_campaign,
    balance_of_order,
    balance_of_product,
    now_or_campaign,
)
from sixty.shop.promotions import running_presales
from sixty.shop.wording import say_moment

_MOST_ORDERS = 2
_MOST_PRESALES = 3


def topic_of(turn: Turn) -> Topic | None:
    """What the customer asks about presales and campaigns: by a capsule, else in their own words."""
    named = turn.entity("attribute")
    return (asked_about(named) if named else None) or asked_about(turn.text)


def answer_campaign(turn: Turn) -> list[EventType] | None:
    """Answers a question about a presale or a campaign, by product where one is known, by phase where none is.

    Returns:
        What is to be kept; None when the message asks nothing of that kind, or nothing is known of it.
    """
    topic = topic_of(turn)
    if topic is None or unknown_reference(turn):
        return None
    product = topic_product(turn)
    if topic == "now_or_later" and product is None:
        return _which_to_compare(turn)
    text = _TEXTS[topic](turn, product) if topic in _TEXTS else None
    # Whoever asks when their order is dispatched has a better answer: the order.
    response = _RESPONSES.get(topic) if turn.intent != "ask_ship_time" else None
    if text is not None:
        turn.say(text)
    elif response is not None:
        turn.respond(response)
    else:
        return None
    # Whoever asks before saying yes to an offer still means the offer.
    return [*([SlotSet("product_no", product.no)] if product else []), SlotSet("awaiting", turn.slot("awaiting"))]


def topic_product(turn: Turn) -> Product | None:
    """The product that the conversation is about, or what is sold in its place."""
    product = turn.product()
    if product is not None and product.status == "off_sale":
        return successor(turn.session, product) or product
    return product


def advice_for(turn: Turn, product: Product, about: str) -> BuyingAdvice | None:
    """What a product costs this customer now and in the campaign that was named, else the next one."""
    try:
        return now_or_campaign(turn.session, product, turn.now, turn.viewer.customer_id, turn.level, about)
    except UnknownCustomerError:
        return now_or_campaign(turn.session, product, turn.now, level=turn.level, about=about)


def say_advice(turn: Turn, product: Product, about: str) -> str | None:
    """The answer to `现在买还是双11买划算`; None when no campaign is known."""
    advice = advice_for(turn, product, about)
    return advice.text(turn.now) if advice is not None else None


def _balance(turn: Turn, product: Product | None) -> str:
    named = turn.entity("product")
    of_orders = balance_of_orders(turn, product if named is not None else None)
    if of_orders is not None:
        return of_orders
    if product is not None:
        try:
            of_product = balance_of_product(turn.session, product, turn.now, turn.viewer.customer_id)
        except UnknownCustomerError:
            of_product = balance_of_product(turn.session, product, turn.now)
        if of_product is not None:
            return of_product.text(turn.now)
    if product is None or campaign_named(shop_rules().campaigns.values(), turn.text) is not None:
        of_campaign = balance_of_campaign(turn.now, turn.text)
        windows = _windows_of_presales(turn)
        if windows or of_campaign is not None:
            told = [of_campaign.text(turn.now)] if of_campaign is not None and not windows else []
            return "\n".join([*windows, *told])
    what = f"{product.name}" if product is not None else "现在的商品"
    return f"{what}没有在做预售，直接付全款就行，没有尾款要付～"


def balance_of_orders(turn: Turn, product: Product | None = None) -> str | None:
    """What is to be paid for the customer's own orders, and when; None where no deposit waits for its balance.

    Args:
        turn: The turn.
        product: Only orders of this product.
    """
    told = [
        answer.text(turn.now)
        for order in _orders_with_deposit(turn)
        if product is None or any(line.product_no == product.no for line in order.lines)
        if (answer := balance_of_order(order, turn.now)) is not None
    ]
    return "\n".join(told[:_MOST_ORDERS]) or None


def _windows_of_presales(turn: Turn) -> list[str]:
    """When the balances of the presales that run now are paid, where no product was named."""
    found = []
    for sale in running_presales(turn.session, turn.now)[:_MOST_PRESALES]:
        product = find_product(turn.session, sale.product_no)
        if product is not None:
            opens, closes = say_moment(sale.balance_from, turn.now), say_moment(sale.balance_until, turn.now)
            found.append(f"{product.name}的尾款{opens}到{closes}付～")
    return found


def _orders_with_deposit(turn: Turn) -> list[Order]:
    # Without the orders the product or the calendar still tells when it is.
    with suppress(GatewayError):
        return [order for order in turn.orders.orders_of(turn.viewer).value if order.state == "deposit_paid"]
    return []


def _dispatch(turn: Turn, product: Product | None) -> str | None:
    """None where orders on the way, or the usual time, are the better answer."""
    if _orders_with_deposit(turn):
        return None
    if product is not None:
        return when_presale_ships(turn.session, turn.now, product)
    if turn.viewer.customer_id is not None and turn.intent == "ask_ship_time":
        return None
    told = (when_presale_ships(turn.session, turn.now, each) for each in _on_presale(turn))
    return "\n".join(each for each in told if each) or None


def _which_to_compare(turn: Turn) -> list[EventType] | None:
    campaigns = shop_rules().campaigns.values()
    named = campaign_named(campaigns, turn.text)
    sale = named.upcoming("sale", turn.now) if named is not None else next_sale(campaigns, turn.now)
    if sale is None:
        return None
    when = "正在进行" if sale.holds(turn.now) else f"{say_moment(sale.starts_at, turn.now)}开始"
    turn.say(
        f"{sale.campaign}（{when}）。您看中的是哪一款？把链接或货号发我，我把现在和{sale.campaign}的到手价都算给您看～",
        outcome="asked_back",
        buttons=choices(_on_presale(turn)),
    )
    # A form goes on with its own question; the product that it asks for is none for this one.
    in_form = bool((turn.tracker.active_loop or {}).get("name"))
    return [SlotSet("awaiting", turn.slot("awaiting") if in_form else "product_price")]


def _on_presale(turn: Turn) -> list[Product]:
    found = (find_product(turn.session, sale.product_no) for sale in running_presales(turn.session, turn.now))
    return [product for product in found if product is not None][:_MOST_PRESALES]


def _stacking(turn: Turn, product: Product | None) -> str:
    if product is None:
        return what_adds_up()
    try:
        return what_adds_up(prices_for(turn, product, current=True).quote, product.name)
    except NoPriceError:
        return what_adds_up()


def _advice(turn: Turn, product: Product | None) -> str | None:
    return say_advice(turn, product, turn.text) if product is not None else None


_TEXTS: dict[Topic, Callable[[Turn, Product | None], str | None]] = {
    "balance": _balance,
    "dispatch": _dispatch,
    "now_or_later": _advice,
    "presale": lambda turn, product: how_presale_works(turn.session, turn.now, product),
    "stacking": _stacking,
    "campaign": lambda turn, product: announce(turn.session, turn.now, turn.text, product),
}
# What is said where there is no answer with figures.
_RESPONSES: dict[Topic, str] = {"deposit": "utter_faq_presale_deposit", "dispatch": "utter_faq_ask_ship_time"}
