"""What is said about products: cards, attributes, stock, promotions, recommendations, bundles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from actions.cards import clock, short_yuan, yuan
from sixty.playbook import capsule_plan
from sixty.settings import get_settings
from sixty.shop.catalogue import attribute_answer, attribute_keys, find_product, search_products, successor
from sixty.shop.database import shop_session
from sixty.shop.models import Attribute, Coupon, Pairing, Presale, Product, Sku
from sixty.shop.prices import price_card
from sixty.shop.pricing.asked import TOPICS
from sixty.shop.pricing.models import PromotionRow, PromotionScopeRow
from sixty.shop.pricing.questions import balance_of_product
from sixty.shop.promotions import running_coupons, running_presales
from sixty.shop.recommendations import Situation, outfit_for
from sixty.shop.recommendations.models import CoPurchase, KindPair
from sixty.shop.stock import stock_of
from sixty.shop.suggestion_wishes import UPGRADE

Begin = Callable[..., Any]

PRODUCT, WITHOUT_CHART, ON_PRESALE, OFF_SALE = "GZ2101", "SX1101", "SM1102", "GZ2098"


def now() -> datetime:
    return datetime.now(timezone.utc)


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


@pytest.mark.parametrize("level", [None, "普通", "金卡"])
async def test_a_price_is_the_shops_own_for_this_visitor(chat: Begin, shop: Session, level: str | None) -> None:
    talk = chat(customer="X-77", level=level, slots={"product_no": PRODUCT})
    said = await talk.run("action_product_card", "ask_price")
    prices = price_card(shop, product_of(shop, PRODUCT), level, now())
    assert f"到手{short_yuan(prices.final_price)}元" in said.text
    (card,) = said.cards
    assert (card["no"], card["final_price"]) == (PRODUCT, yuan(prices.final_price))
    assert yuan(prices.price) in {row["amount"] for row in card["prices"]}
    assert card["picture"].endswith(f"/pictures/{PRODUCT}.svg")
    assert (said.slot("product_no"), said.slot("awaiting")) == (PRODUCT, None)


@pytest.mark.parametrize("customer", ["C001", "C002", "C004"])
async def test_what_a_customer_holds_counts_and_is_explained(chat: Begin, shop: Session, customer: str) -> None:
    said = await chat(customer=customer, slots={"product_no": PRODUCT}).run("action_product_card", "ask_price")
    prices = price_card(shop, product_of(shop, PRODUCT), None, now(), customer)
    assert f"到手{short_yuan(prices.final_price)}元" in said.text
    (card,) = said.cards
    assert card["final_price"] == yuan(prices.final_price)
    taken_off = [line for line in prices.lines if line.amount < 0]
    assert taken_off
    for line in taken_off:
        assert f"{line.label}：−{short_yuan(-line.amount)}元" in said.text
        assert {"label": line.label, "amount": yuan(line.amount)} in card["prices"]


async def test_a_customer_that_only_the_merchants_system_knows_has_a_price(chat: Begin, shop: Session) -> None:
    said = await chat(customer="X-77", level="金卡", slots={"product_no": PRODUCT}).run(
        "action_product_card", "ask_price"
    )
    prices = price_card(shop, product_of(shop, PRODUCT), "金卡", now())
    assert f"到手{short_yuan(prices.final_price)}元" in said.text


async def test_a_presale_says_when_what_is_paid(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": ON_PRESALE}).run("action_product_card", "ask_price")
    sale = price_card(shop, product_of(shop, ON_PRESALE), None, now()).presale
    assert sale is not None
    for part in (f"定金{short_yuan(sale.deposit)}元", f"尾款{short_yuan(sale.balance)}元"):
        assert part in said.text
    assert f"{clock(sale.balance_from)}到{clock(sale.balance_until)}付尾款" in said.text
    assert "预售" in said.cards[0]["tags"]
    assert f"{clock(sale.balance_from)}到{clock(sale.balance_until)}付尾款" in said.cards[0]["tags"]


async def test_who_has_paid_a_deposit_hears_of_the_balance_when_the_presale_is_over(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": "MZ1105"}).run("action_product_card", "inform", product="MZ1105")
    balance = balance_of_product(shop, product_of(shop, "MZ1105"), now())
    assert balance is not None
    assert balance.stage == "open"
    assert "付过定金的话" in said.text
    assert f"尾款{short_yuan(balance.balance)}元" in said.text
    assert "定金" not in {row["label"] for row in said.cards[0]["prices"]}


async def test_what_is_off_sale_is_answered_with_what_replaces_it(chat: Begin, shop: Session) -> None:
    old = product_of(shop, OFF_SALE)
    newer = successor(shop, old)
    assert newer is not None
    said = await chat(slots={"product_no": OFF_SALE}).run("action_product_card", "inform", product=OFF_SALE)
    assert [card["no"] for card in said.cards] == [newer.no] == [said.slot("product_no")]
    assert newer.name in said.text


@pytest.mark.parametrize(
    ("action", "intent", "awaiting"),
    [
        ("action_product_card", "ask_price", "product_price"),
        ("action_answer_stock", "ask_stock", "product_stock"),
        ("action_answer_attribute", "ask_attribute", "product_attribute"),
        ("action_recommend_bundle", "ask_matching", "product_matching"),
    ],
)
async def test_without_a_product_it_is_asked_for_and_nothing_made_up(
    chat: Begin, shop: Session, action: str, intent: str, awaiting: str
) -> None:
    said = await chat().run(action, intent)
    assert said.outcomes == ["asked_back"]
    assert said.slot("awaiting") == awaiting
    # Nothing has been talked of, so no product is likelier than another.
    assert [button["payload"] for button in said.buttons] == ["/recommend_product", "/ask_human"]
    of_kind = await chat().run(action, intent, kind="工装裤")
    if of_kind.outcomes == ["asked_back"]:
        numbers = [button["payload"].split('"')[3] for button in of_kind.buttons]
        assert numbers
        assert {product_of(shop, number).status for number in numbers} == {"on_sale"}
    for entity in ({"product": "GZ9999"}, {"product_link": "jd:1"}):
        unknown = await chat(slots={"product_no": entity.get("product")}).run(action, intent, **entity)
        assert "没找到" in unknown.text
        assert (unknown.slot("product_no"), unknown.slot("awaiting")) == (None, awaiting)


async def test_the_page_a_customer_came_by_is_the_topic(chat: Begin) -> None:
    said = await chat(entry="product", product_no=PRODUCT).run("action_product_card", "ask_price")
    assert said.cards[0]["no"] == PRODUCT


async def test_every_attribute_is_said_with_its_selling_point(chat: Begin, shop: Session) -> None:
    one_of_each = {product.category: product for product in shop.scalars(select(Product))}
    assert len(one_of_each) == 6
    for product in one_of_each.values():
        for key in attribute_keys(shop, product.no):
            answer = attribute_answer(shop, product.no, key)
            assert answer is not None
            said = await chat(slots={"product_no": product.no}).run(
                "action_answer_attribute", "ask_attribute", attribute=key
            )
            assert key in said.text
            assert all(part in said.text for part in answer.value.rstrip("。！～").split())
            assert answer.selling_point.rstrip("。！～") in said.text
            assert said.slot("product_no") == product.no


async def test_what_the_catalogue_does_not_know_is_not_invented(chat: Begin, shop: Session) -> None:
    assert attribute_answer(shop, PRODUCT, "续航") is None
    said = await chat(slots={"product_no": PRODUCT}).run("action_answer_attribute", "ask_attribute", attribute="续航")
    assert said.outcomes == ["missed"]
    assert "续航" in said.text
    assert "/ask_human" in [button["payload"] for button in said.buttons]
    for button in said.buttons[:-1]:
        assert button["title"] in attribute_keys(shop, PRODUCT)


async def test_a_question_without_an_attribute_is_asked_back(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": PRODUCT}).run("action_answer_attribute", "ask_attribute")
    assert said.outcomes == ["asked_back"]
    assert {button["title"] for button in said.buttons} <= set(attribute_keys(shop, PRODUCT))


async def test_the_attribute_of_an_earlier_turn_is_answered_once_the_product_is_named(
    chat: Begin, shop: Session
) -> None:
    talk = chat()
    await talk.run("action_answer_attribute", "ask_attribute", attribute="材质")
    talk.slots["product_no"] = PRODUCT
    said = await talk.run("action_answer_attribute", "inform", product=PRODUCT)
    answer = attribute_answer(shop, PRODUCT, "材质")
    assert answer is not None
    assert all(part in said.text for part in answer.value.split())


@pytest.mark.parametrize("intent", ["ask_usage", "ask_quality", "ask_shelf_life", "ask_warranty"])
async def test_general_questions_have_a_general_answer(chat: Begin, intent: str) -> None:
    assert (await chat().run("action_answer_attribute", intent)).responses == [f"utter_faq_{intent}"]


async def test_stock_is_the_shops_own(chat: Begin, shop: Session) -> None:
    of_sizes = (
        select(Sku).join(Product).where(Product.status == "on_sale", Sku.size != "").order_by(Sku.stock, Sku.code)
    )
    for sku in list(shop.scalars(of_sizes))[::5]:
        said = await chat(slots={"product_no": sku.product_no}).run(
            "action_answer_stock", "ask_stock", color=sku.color or [], size=sku.size
        )
        answer = stock_of(shop, sku.product_no, color=sku.color or None, size=sku.size)
        assert ("有现货" in said.text) == answer.in_stock, said.text
        if not answer.in_stock:
            assert "没货" in said.text
            for color in answer.available_colors:
                assert color in said.text


async def test_colours_and_sizes_that_nobody_makes(chat: Begin, shop: Session) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    colour = await talk.run("action_answer_stock", "ask_stock", color="荧光粉")
    assert "没有荧光粉" in colour.text
    for color in stock_of(shop, PRODUCT, color="荧光粉").available_colors:
        assert color in colour.text
    size = await talk.run("action_answer_stock", "ask_stock", size="9XL")
    assert "没有9XL码" in size.text


async def test_few_pieces_are_said_without_lying(chat: Begin, shop: Session) -> None:
    few = shop.scalars(select(Sku).join(Product).where(Sku.stock.between(1, 5), Product.status == "on_sale")).first()
    assert few is not None
    said = await chat(slots={"product_no": few.product_no}).run(
        "action_answer_stock", "ask_stock", color=few.color or [], size=few.size or []
    )
    assert f"只剩{few.stock}" in said.text


async def test_a_sort_of_thing_offers_its_products(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": WITHOUT_CHART}).run("action_answer_stock", "ask_stock", kind="工装裤")
    offered = [button["payload"].split('"')[3] for button in said.buttons]
    assert offered == [product.no for product in search_products(shop, ["工装裤"], limit=3)]


@pytest.mark.parametrize("intent", ["ask_coupon", "ask_promotion"])
@pytest.mark.parametrize("number", [None, PRODUCT])
async def test_promotions_are_those_that_run(chat: Begin, shop: Session, intent: str, number: str | None) -> None:
    said = await chat(slots={"product_no": number}).run("action_answer_promotions", intent)
    category = product_of(shop, number).category if number else None
    for coupon in running_coupons(shop, now(), category=category)[:3]:
        assert coupon.title in said.text
    over = [each.title for each in shop.scalars(select(Coupon)) if each.ends_at <= now()]
    assert over
    assert not any(title in said.text for title in over)
    if intent == "ask_promotion":
        assert product_of(shop, running_presales(shop, now())[0].product_no).name in said.text


@pytest.mark.parametrize("intent", ["ask_coupon", "ask_promotion"])
async def test_without_promotions_nothing_is_promised(chat: Begin, intent: str) -> None:
    with shop_session(get_settings().database_url) as session:
        session.execute(update(Pairing).values(coupon_code=None))
        session.execute(delete(Coupon))
        session.execute(delete(Presale))
        session.execute(delete(PromotionScopeRow))
        session.execute(delete(PromotionRow))
    said = await chat().run("action_answer_promotions", intent)
    assert "满" not in said.text


async def test_an_outfit_is_offered_accepted_and_declined(chat: Begin, shop: Session) -> None:
    outfit = outfit_for(shop, Situation(now(), product_no=PRODUCT))
    assert outfit is not None
    bundle = outfit.bundle
    assert bundle.coupon is not None
    talk = chat(slots={"product_no": PRODUCT})
    offer = await talk.run("action_recommend_bundle", "ask_matching")
    (card,) = offer.cards
    assert [item["no"] for item in card["items"]] == [item.product.no for item in bundle.items]
    assert (card["bundle_price"], card["saving"]) == (yuan(bundle.bundle_price), yuan(bundle.saving))
    assert card["picture"].endswith(outfit.picture)
    assert f"省{short_yuan(bundle.saving)}元" in offer.text
    assert offer.slot("awaiting") == "bundle"
    yes = await talk.run("action_accept_bundle", "affirm")
    assert f"{short_yuan(bundle.bundle_price)}元" in yes.text
    assert bundle.coupon.title in yes.text
    assert yes.slot("awaiting") is None
    no = await chat(slots={"product_no": PRODUCT, "awaiting": "bundle"}).run("action_decline_bundle", "deny")
    assert no.slot("awaiting") is None


async def test_a_bundle_that_sold_out_meanwhile_is_not_sold(chat: Begin) -> None:
    with shop_session(get_settings().database_url) as session:
        session.execute(update(Sku).values(stock=0))
    said = await chat(slots={"product_no": PRODUCT, "awaiting": "bundle"}).run("action_accept_bundle", "affirm")
    assert "没货" in said.text


async def test_no_bundle_is_said_when_asked_and_not_when_unasked(chat: Begin) -> None:
    with shop_session(get_settings().database_url) as session:
        session.execute(delete(Pairing))
        session.execute(delete(CoPurchase))
        session.execute(delete(KindPair))
    talk = chat(slots={"product_no": PRODUCT})
    assert (await talk.run("action_recommend_bundle", "ask_matching")).texts
    assert (await talk.run("action_recommend_bundle", "ask_size")).texts == []


@pytest.mark.parametrize(
    ("entry", "product_no"), [("shop", None), ("product", PRODUCT), ("product", "SM4011"), ("product", "GZ9999")]
)
async def test_a_welcome_by_entry_offers_what_the_product_has(
    chat: Begin, shop: Session, entry: str, product_no: str | None
) -> None:
    talk = chat(entry=entry, product_no=product_no)
    said = await talk.run("action_welcome", "greet")
    product = find_product(shop, product_no) if product_no else None
    known = said.known("utter_social_welcome")
    assert known["entry"] == ("shop" if product is None else entry)
    assert 1 <= len(said.buttons) <= 4
    if product is not None:
        assert known["product"] == product.name
        assert said.slot("product_no") == product_no
        offered = {capsule.payload: capsule for capsule in capsule_plan().capsules.values()}
        for button in said.buttons:
            attribute = offered[button["payload"]].attribute
            assert attribute is None or attribute in attribute_keys(shop, product.no)
    again = await talk.run("action_welcome", "greet")
    assert again.buttons == []
    assert again.responses == []


async def test_capsules_ask_nothing_twice_and_nothing_that_the_product_lacks(chat: Begin, shop: Session) -> None:
    with_keys = {number: set(attribute_keys(shop, number)) for number in shop.scalars(select(Product.no))}
    by_payload = {capsule.payload: capsule for capsule in capsule_plan().capsules.values()}
    for number, keys in with_keys.items():
        talk = chat(entry="product", product_no=number)
        tapped: set[str] = set()
        button = (await talk.run("action_welcome", "greet")).buttons[0]
        for _ in range(6):
            capsule = by_payload[button["payload"]]
            tapped.add(button["payload"])
            assert capsule.attribute is None or capsule.attribute in keys | {*TOPICS, UPGRADE}
            given = {"attribute": capsule.attribute} if capsule.attribute else {}
            said = await talk.run("action_push_capsules", capsule.intent, **given)
            assert len(said.buttons) <= 3
            assert tapped.isdisjoint(each["payload"] for each in said.buttons)
            if not said.buttons:
                break
            button = said.buttons[0]


async def test_capsules_wait_while_the_bot_waits_and_an_offer_cools_down(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT, "awaiting": "bundle"})
    talk.events.append({"event": "slot", "name": "awaiting", "value": "bundle"})
    for _ in range(4):
        said = await talk.run("action_push_capsules", "ask_coupon")
        assert (said.messages, said.slot("awaiting")) == ([], "bundle")
    assert (await talk.run("action_push_capsules", "ask_coupon")).slot("awaiting") is None


async def test_a_deed_is_offered_for_the_next_message_only(chat: Begin) -> None:
    talk = chat()
    offered = await talk.run("action_begin_deed", "cancel_order", "怎么取消订单")
    assert offered.slot("awaiting") == "deed_offer"
    assert (await talk.act("action_push_capsules", talk.latest)).slot("awaiting") == "deed_offer"
    assert (await talk.run("action_push_capsules", "ask_shipping_fee", "运费多少")).slot("awaiting") is None


async def test_no_size_is_offered_for_what_has_none(chat: Begin, shop: Session) -> None:
    assert product_of(shop, WITHOUT_CHART).size_chart_id is None
    said = await chat(slots={"product_no": WITHOUT_CHART}).run("action_push_capsules", "ask_stock")
    assert "/ask_size" not in [button["payload"] for button in said.buttons]


def test_the_demo_shop_has_attributes_to_ask_for(shop: Session) -> None:
    assert len(list(shop.scalars(select(Attribute.key)))) > 100
