"""What stands beside the chat, over HTTP: read by role, owner checked, done once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from sixty.desk.beside.deed_history import DEED_TITLES
from sixty.desk.beside.ratings import Satisfaction
from sixty.desk.beside.suggestion_uses import SuggestionUse
from sixty.desk.staff.audit import AuditEntry
from sixty.ledger.models import Message
from sixty.shop.benefits.models import BenefitGrant, BenefitOffer
from sixty.shop.database import shop_session
from sixty.shop.deeds.deed import Deed
from sixty.shop.deeds.kinds import DEED_KINDS
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways.chosen import order_gateway
from sixty.shop.models import Order
from sixty.shop.orders import Viewer
from tests.desk.beside.conftest import KNOWN, Shop
from tests.desk.workbench.conftest import now

API = "/api/desk"


def rows(shop: Shop, kind: type) -> int:
    with shop_session(shop.url, read_only=True) as session:
        return int(session.scalar(select(func.count()).select_from(kind)) or 0)


def orders_of(shop: Shop, customer_id: str, *states: str) -> list[str]:
    with shop_session(shop.url, read_only=True) as session:
        found = session.query(Order).filter(Order.customer_id == customer_id)
        return [each.no for each in found if not states or each.state in states]


def test_the_panel_shows_the_customer_and_nobody_elses_orders(shop: Shop) -> None:
    client, chat = shop.held()
    shop.writes(chat, "这件有货吗", "ask_stock")
    panel = client.get(f"{API}/chats/{chat}/customer").json()
    assert panel["customer"]["id"] == KNOWN
    assert panel["customer"]["name"].endswith("**")
    assert "****" in panel["customer"]["phone_masked"]
    assert {each["no"] for each in panel["orders"]} <= set(orders_of(shop, KNOWN))
    assert panel["orders"]
    assert panel["missing"] == []
    assert panel["history"][0]["chat"] == chat
    with shop_session(shop.url, read_only=True) as session:
        assert session.query(AuditEntry).filter(AuditEntry.what == "customer_opened").count() == 1


def test_a_stranger_has_no_orders_and_gets_no_deed(shop: Shop) -> None:
    client, chat = shop.held(customer_id=None)
    panel = client.get(f"{API}/chats/{chat}/customer").json()
    assert (panel["customer"]["id"], panel["orders"]) == (None, [])
    kinds = {each["kind"]: each for each in client.get(f"{API}/chats/{chat}/deeds").json()["deeds"]}
    assert kinds["address"]["may"] is False
    assert "登录" in kinds["address"]["why_not"]
    fields = {"order_no": orders_of(shop, KNOWN)[0], "address": "浙江省杭州市西湖区文一路1号"}
    refused = client.post(f"{API}/chats/{chat}/deeds", json={"key": "k1", "kind": "address", "fields": fields})
    assert (refused.status_code, refused.json()["code"]) == (422, "fields")
    assert rows(shop, DeedRow) == 0


def test_a_phone_in_clear_needs_the_permission_and_is_written_down(shop: Shop) -> None:
    client, chat = shop.held()
    wish = {"what": "phone"}
    assert client.post(f"{API}/chats/{chat}/customer/clear", json=wish).status_code == 403
    boss = shop.world.person("boss", "supervisor")
    value = boss.post(f"{API}/chats/{chat}/customer/clear", json=wish).json()["value"]
    assert value.isdigit()
    other = orders_of(shop, "C002")[0]
    assert boss.post(f"{API}/chats/{chat}/customer/clear", json={**wish, "order_no": other}).status_code == 404
    with shop_session(shop.url, read_only=True) as session:
        assert session.query(AuditEntry).filter(AuditEntry.what == "phone_shown").count() == 1


def test_an_address_is_changed_once_and_the_customer_is_told(shop: Shop) -> None:
    with shop_session(shop.url, read_only=True) as session:
        order_no, owner = session.query(Order.no, Order.customer_id).filter(Order.state == "paid").order_by(Order.no)[0]
    client, chat = shop.held(customer_id=owner)
    address = "浙江省杭州市西湖区文一路2号"
    deed = {"key": "k2", "kind": "address", "fields": {"order_no": order_no, "address": address}}
    first = client.post(f"{API}/chats/{chat}/deeds", json=deed)
    again = client.post(f"{API}/chats/{chat}/deeds", json=deed)
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json()["deed"]["no"] == again.json()["deed"]["no"]
    assert first.json()["message"]["id"] == again.json()["message"]["id"]
    assert order_no[-4:] in first.json()["message"]["text"]
    with shop_session(shop.url, read_only=True) as session:
        assert session.get(Order, order_no).address == address
    assert len(shop.world.said(chat)) == 1
    with shop_session(shop.url, read_only=True) as session:
        [row] = session.query(DeedRow)
        assert row.by == "agent"
        [entry] = session.query(AuditEntry).filter(AuditEntry.what == "deed_address")
        assert (entry.detail, entry.account_id) == (row.reference, shop.world.account("li").id)
    [done] = client.get(f"{API}/chats/{chat}/customer").json()["deeds"]
    assert (done["no"], done["title"], done["by"], done["by_name"]) == (row.reference, "改地址", "agent", "小li")
    other = {"key": "k2", "kind": "invoice", "fields": {"order_no": order_no, "title": "个人"}}
    assert client.post(f"{API}/chats/{chat}/deeds", json=other).json()["code"] == "key_taken"


def test_what_the_policy_forbids_is_not_done_and_says_why(shop: Shop) -> None:
    client, chat = shop.held()
    order_no = orders_of(shop, KNOWN, "confirmed", "closed")[0]
    fields = {"order_no": order_no, "address": "浙江省杭州市西湖区文一路3号"}
    refused = client.post(f"{API}/chats/{chat}/deeds", json={"key": "k3", "kind": "address", "fields": fields})
    assert (refused.status_code, refused.json()["code"]) == (409, "forbidden")
    assert refused.json()["reason"]
    assert shop.world.said(chat) == []
    with shop_session(shop.url, read_only=True) as session:
        [row] = session.query(DeedRow)
        assert (row.state, row.by) == ("refused", "agent")
        [entry] = session.query(AuditEntry).filter(AuditEntry.what == "deed_refused")
        assert entry.detail == row.reference
    [kind] = [each for each in client.get(f"{API}/chats/{chat}/deeds").json()["deeds"] if each["kind"] == "address"]
    hints = {each["value"]: each["hint"] for each in kind["fields"][0]["choices"]}
    assert hints[order_no] == refused.json()["reason"]


def test_what_a_customer_has_done_is_theirs(shop: Shop) -> None:
    client, chat = shop.held()
    with shop_session(shop.url) as session:
        deed = Deed("bot:1", "complain", None, None, {"text": "太慢了"})
        order_gateway(session, now()).perform(Viewer(chat, KNOWN), deed)
    [done] = client.get(f"{API}/chats/{chat}/customer").json()["deeds"]
    assert (done["by"], done["by_name"], done["title"]) == ("customer", "顾客自助", "投诉")


def test_every_deed_has_a_title_for_people() -> None:
    assert set(DEED_TITLES) == set(DEED_KINDS)


def test_a_coupon_stays_within_the_authority(shop: Shop) -> None:
    client, chat = shop.held()
    [coupon] = [each for each in client.get(f"{API}/chats/{chat}/deeds").json()["deeds"] if each["kind"] == "coupon"]
    [field] = coupon["fields"]
    assert (coupon["may"], field["at_most"]) == (True, "50.00")
    benefit = field["choices"][0]["value"]
    deed = {"key": "k4", "kind": "coupon", "fields": {"benefit": benefit}}
    first = client.post(f"{API}/chats/{chat}/deeds", json=deed)
    assert first.status_code == 201, first.text
    assert first.json()["message"]["card"]["type"] == "benefit"
    assert client.post(f"{API}/chats/{chat}/deeds", json=deed).status_code == 200
    assert rows(shop, BenefitGrant) == 1
    assert client.get(f"{API}/chats/{chat}/customer").json()["benefits"][0]["by_name"] == "小li"
    unknown = {"key": "k5", "kind": "coupon", "fields": {"benefit": "no_such_thing"}}
    assert client.post(f"{API}/chats/{chat}/deeds", json=unknown).status_code == 409


def test_nobody_does_deeds_in_a_colleagues_chat(shop: Shop) -> None:
    _, chat = shop.held()
    other = shop.world.person("wang")
    deed = {"key": "k6", "kind": "coupon", "fields": {"benefit": "freight_insurance"}}
    refused = other.post(f"{API}/chats/{chat}/deeds", json=deed)
    assert refused.status_code in (403, 409)
    assert rows(shop, BenefitGrant) == 0


def test_suggestions_come_from_the_shop_and_write_nothing(shop: Shop) -> None:
    client, chat = shop.held(product_no="GZ2101")
    line = shop.writes(chat, "这个多少钱", "ask_price")
    before = {kind: rows(shop, kind) for kind in (BenefitOffer, BenefitGrant, DeedRow, Message)}
    found = client.get(f"{API}/chats/{chat}/suggestions?message={line}")
    assert found.status_code == 200, found.text
    answers = found.json()["answers"]
    assert 1 <= len(answers) <= 3
    assert answers[0]["card"]["no"] == "GZ2101"
    assert all("转人工" not in each["text"] for each in answers)
    assert {kind: rows(shop, kind) for kind in before} == before
    used = client.post(f"{API}/chats/{chat}/suggestions/{answers[0]['id']}/used", json={"how": "edited"})
    assert used.status_code == 204
    assert rows(shop, SuggestionUse) == 1
    gone = client.post(f"{API}/chats/{chat}/suggestions/answer-1-{'0' * 16}-999999/used", json={"how": "sent"})
    assert gone.status_code == 404


def test_haggling_is_answered_without_an_offer_being_made(shop: Shop) -> None:
    client, chat = shop.held(product_no="GZ2101")
    line = shop.writes(chat, "能不能再便宜点", "ask_discount")
    answers = client.get(f"{API}/chats/{chat}/suggestions?message={line}").json()["answers"]
    assert answers
    assert rows(shop, BenefitOffer) == 0


def test_a_line_that_is_about_to_be_understood_is_pending(shop: Shop) -> None:
    client, chat = shop.held()
    line = shop.writes(chat, "运费多少")
    pending = client.get(f"{API}/chats/{chat}/suggestions?message={line}")
    assert (pending.status_code, pending.json()["pending"]) == (202, True)
    old = shop.writes(chat, "运费多少", at=now() - timedelta(minutes=1))
    found = client.get(f"{API}/chats/{chat}/suggestions?message={old}").json()
    assert "8元" in found["answers"][0]["text"]


def test_a_number_that_was_asked_for_goes_on_with_the_wish_before_it(shop: Shop) -> None:
    client, chat = shop.held()
    shop.writes(chat, "能开发票吗", "ask_invoice")
    client.post(f"{API}/chats/{chat}/messages", json={"client_id": "a1", "text": "可以的，把抬头和税号发我"})
    line = shop.writes(chat, "抬头写我们公司就行", "inform")
    answers = client.get(f"{API}/chats/{chat}/suggestions?message={line}").json()["answers"]
    assert answers[0]["text"].startswith("收到")
    assert any(each["intent"] == "ask_invoice" for each in answers)
    assert all("查订单" not in each["text"] for each in answers)


def test_a_yes_to_a_question_sets_off_what_was_asked(shop: Shop) -> None:
    client, chat = shop.held()
    client.post(f"{API}/chats/{chat}/messages", json={"client_id": "a2", "text": "帮您改成明天送可以吗"})
    line = shop.writes(chat, "好的", "affirm")
    answers = client.get(f"{API}/chats/{chat}/suggestions?message={line}").json()["answers"]
    assert "帮您办" in answers[0]["text"]
    assert all("有需要" not in each["text"] for each in answers)


def test_a_thanks_gets_a_kind_word_and_nothing_else(shop: Shop) -> None:
    client, chat = shop.held()
    shop.writes(chat, "会员有什么好处", "ask_membership")
    line = shop.writes(chat, "好的谢谢", "thank")
    answers = client.get(f"{API}/chats/{chat}/suggestions?message={line}").json()["answers"]
    assert [each["intent"] for each in answers] == ["thank"]


def test_quick_replies_are_ones_own_or_shared(shop: Shop) -> None:
    client, chat = shop.held()
    boss = shop.world.person("boss", "supervisor")
    own = {"title": "查一下物流", "text": "亲，{order_no}我帮您查一下", "scope": "mine"}
    made = client.post(f"{API}/quick-replies", json=own)
    assert (made.status_code, made.json()["initials"]) == (201, "cyxwl")
    assert client.post(f"{API}/quick-replies", json={**own, "scope": "shared"}).status_code == 403
    shared = boss.post(f"{API}/quick-replies", json={"title": "问好", "text": "您好～", "scope": "shared"})
    assert shared.status_code == 201
    wrong = client.post(f"{API}/quick-replies", json={**own, "text": "{phone}"})
    assert (wrong.status_code, "{phone}" in wrong.json()["message"]) == (422, True)
    found = client.get(f"{API}/quick-replies?q=cyx&chat={chat}").json()["replies"]
    assert [each["title"] for each in found] == ["查一下物流"]
    assert found[0]["filled"].startswith("亲，2")
    assert boss.get(f"{API}/quick-replies?q=cyx").json()["replies"] == []
    reply = f"{API}/quick-replies/{made.json()['id']}"
    assert boss.patch(reply, json={"title": "别人的"}).status_code == 404
    assert client.patch(reply, json={"title": "看看物流"}).json()["initials"] == "kkwl"
    assert client.delete(f"{API}/quick-replies/{shared.json()['id']}").status_code == 403
    assert client.delete(reply).status_code == 204


def test_a_search_finds_answers_products_and_own_replies(shop: Shop) -> None:
    client, _ = shop.held()
    hits = client.get(f"{API}/search?q=运费").json()["hits"]
    assert hits[0]["kind"] == "answer"
    assert "<em>运费</em>" in hits[0]["snippet"]
    assert client.get(f"{API}/search?q=GZ2101&kinds=product").json()["hits"][0]["product_no"] == "GZ2101"
    assert client.get(f"{API}/search").status_code in (400, 422)


def test_notes_are_kept_for_colleagues(shop: Shop) -> None:
    client, chat = shop.held()
    made = client.post(f"{API}/chats/{chat}/notes", json={"text": "喜欢宽松", "about": "customer"})
    assert (made.status_code, made.json()["about"]) == (201, "customer")
    assert [each["text"] for each in client.get(f"{API}/chats/{chat}/notes").json()["notes"]] == ["喜欢宽松"]
    assert client.post(f"{API}/chats/{chat}/notes", json={"text": " "}).status_code == 422


def test_a_rating_is_asked_for_once(shop: Shop) -> None:
    client, chat = shop.held()
    assert client.post(f"{API}/chats/{chat}/rating/ask", json={}).status_code == 204
    assert client.post(f"{API}/chats/{chat}/rating/ask", json={}).json()["code"] == "asked"
    assert client.get(f"{API}/chats/{chat}/rating").json()["rating"]["score"] is None
    assert rows(shop, Satisfaction) == 1


@pytest.mark.parametrize("path", ["customer", "suggestions", "deeds", "notes", "rating"])
def test_nobody_reads_without_signing_in(shop: Shop, path: str) -> None:
    assert shop.world.client().get(f"{API}/chats/x/{path}").status_code == 401
