"""Coupons, what is to come back, membership and reviews, over the running servers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import CustomerCoupon, StockWish
from sixty.shop.models import Customer, Sku
from sixty.tables import column
from tests.servers.running import Product

JACKET = "GZ1101"
CONFIRMED_OF_C014 = "202656721878701250"


def coupons_of(product: Product, customer: str) -> set[str]:
    with shop_session(product.database_url, read_only=True) as session:
        return set(
            session.scalars(select(CustomerCoupon.coupon_code).where(column(CustomerCoupon.customer_id) == customer))
        )


def wishes_of(product: Product, wisher: str) -> set[str]:
    with shop_session(product.database_url, read_only=True) as session:
        return set(session.scalars(select(StockWish.sku_code).where(column(StockWish.wisher) == wisher)))


def sold_out(shop: Session) -> list[Sku]:
    return list(shop.scalars(select(Sku).where(Sku.product_no == JACKET, Sku.stock == 0).order_by(Sku.code)))


def test_coupons_named_then_claimed(product: Product) -> None:
    talk = product.visit(customer="C012")
    answer = talk.say("有优惠券吗")
    assert [capsule.payload for capsule in answer.capsules] == ["/affirm"]
    assert "包邮" in talk.say("运费多少").text
    done = talk.say("好的")
    assert "领好了" in done.text
    assert "STORE300-50" in coupons_of(product, "C012")
    assert "都领过了" in talk.say("还有券吗").text


def test_a_coupon_in_one_sentence_and_of_several_the_second(product: Product) -> None:
    assert "满300减50" in product.visit(customer="C016").say("我要领满300减50的").text
    assert coupons_of(product, "C016") == {"STORE300-50"}
    talk = product.visit(customer="C017")
    asked = talk.say("帮我领券")
    assert "哪一张" in asked.text
    talk.say("第二个")
    assert len(coupons_of(product, "C017")) == 1


def test_a_visitor_is_told_to_sign_in(product: Product) -> None:
    talk = product.visit()
    assert "登录" in talk.say("我要领满300减50的").text
    assert "登录" in talk.say("帮我开通会员").text


def test_what_is_sold_out_is_noted(product: Product, shop: Session) -> None:
    gone = sold_out(shop)[0]
    talk = product.visit(customer="C018", entry="product", product=JACKET)
    asked = talk.say(f"{gone.color}{gone.size}有货吗")
    assert "没货" in asked.text
    done = talk.say("有货告诉我")
    assert "到货后" in done.text
    assert wishes_of(product, "C018") == {gone.code}


def test_a_visitors_wish_is_of_the_conversation(product: Product, shop: Session) -> None:
    gone = sold_out(shop)
    talk = product.visit(entry="product", product=JACKET)
    talk.say("补货了叫我")
    talk.say("什么面料")
    talk.say("第二个")
    assert wishes_of(product, talk.conversation_id) == {gone[1].code}


def test_joining(product: Product) -> None:
    talk = product.visit(customer="C019")
    asked = talk.say("会员有什么好处")
    assert "还没入会" in asked.text
    talk.say("好的")
    with shop_session(product.database_url, read_only=True) as session:
        customer = session.get(Customer, "C019")
        assert customer is not None
        assert customer.level == "银卡"
    assert "银卡" in talk.say("我是什么等级").text


def test_reviewing(product: Product) -> None:
    talk = product.visit(customer="C014")
    link = f"/my/orders/{CONFIRMED_OF_C014}/review"
    assert link in talk.say("我要评价").text
    changed = talk.say("我想把差评改了")
    assert "改不了" in changed.text
    assert link in changed.text
