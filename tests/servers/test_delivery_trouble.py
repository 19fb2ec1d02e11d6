"""Not received, refused, urged: whole conversations, and what is written down of them."""

from __future__ import annotations

from sqlalchemy import select

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.tables import column
from tests.servers.running import Product

SIGNED = "202634488102393518"  # of C047, the only one that has arrived
STUCK = "202651000000000073"  # of C051; no other test asks for it
TAIL = "5101"


def deeds(product: Product, order_no: str) -> list[DeedRow]:
    with shop_session(product.database_url, read_only=True) as session:
        return list(session.scalars(select(DeedRow).where(column(DeedRow.order_no) == order_no)))


def test_not_received_in_one_sentence_and_asked_again(product: Product) -> None:
    talk = product.visit(customer="C047")
    first = talk.say("显示签收了我没收到")
    (deed,) = deeds(product, SIGNED)
    assert (deed.kind, deed.cause, deed.customer_id) == ("trace_parcel", "not_received", "C047")
    assert deed.reference in first.text

    again = talk.say("我还是没收到货")
    assert deed.reference in again.text
    assert len(deeds(product, SIGNED)) == 1


def test_a_visitor_urges_after_the_proof(product: Product) -> None:
    talk = product.visit()
    asked = talk.say("怎么还没发货")
    assert "订单号" in asked.text
    without = talk.say("我不知道订单号")
    assert "我的订单" in without.text
    assert "转人工" in [capsule.title for capsule in without.capsules]
    talk.say(STUCK)
    urged = talk.say(f"尾号{TAIL}")
    (deed,) = deeds(product, STUCK)
    assert deed.kind == "urge_delivery"
    assert deed.reference in urged.text
    assert "停住了" in urged.text


def test_the_state_first_and_then_the_deed(product: Product) -> None:
    number = "202690047184807826"  # of C005, stuck, the only one on its way
    answer = product.visit(customer="C005").say("催一下")
    assert answer.card("order")["no"] == number
    (deed,) = deeds(product, number)
    assert answer.text.index("停住了") < answer.text.index(deed.reference)


def test_whether_a_parcel_may_be_refused(product: Product) -> None:
    answer = product.visit().say("能拒收吗")
    assert "拒收" in answer.text
    assert answer.outcomes <= {"answered"}


def test_the_lookup_is_left_without_a_number_and_begun_again_with_one(product: Product) -> None:
    talk = product.visit()
    talk.say("查订单")
    left = talk.say("没有订单号")
    assert "我的订单" in left.text
    assert "发一下订单号" not in left.text
    assert "后四位" in talk.say("202690047184807826").text


def test_a_question_about_ones_own_order_leads_to_the_lookup(product: Product) -> None:
    assert "订单号" in product.visit().say("我昨天买的什么时候能到").text
    general = product.visit().say("发货后几天能到")
    assert "到" in general.text
    assert "发一下订单号" not in general.text


def test_let_be(product: Product) -> None:
    talk = product.visit(customer="C012")
    talk.say("送错地方了")
    assert "先不查包裹下落" in talk.say("不用了").text
    assert talk.say("包邮吗").outcomes == {"answered"}
