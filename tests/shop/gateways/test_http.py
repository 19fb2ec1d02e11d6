"""The HTTP adapter against a real server: what it does when the system is slow, wrong, silent or hostile."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.shop.deeds.deed import Deed, DeedRefused, NotTheOwner
from sixty.shop.deeds.recording import KeyTakenError
from sixty.shop.gateways import http_client
from sixty.shop.gateways.circuit_breaker import CircuitBreaker
from sixty.shop.gateways.errors import GatewayError, NonsenseError, OutOfReachError, RefusedError
from sixty.shop.gateways.http import HttpCatalogue, HttpEvents, HttpOrders
from sixty.shop.gateways.http_client import ShopClient
from sixty.shop.gateways.reading_cache import ReadingCache
from sixty.shop.order_events.incoming import Incoming
from sixty.shop.orders import Viewer
from tests.shop.gateways.reference_server import TOKEN, ReferenceServer, running, to_json

OWNER = Viewer("chat", "C001")
MINE = "202600000000000001"
At = Callable[[datetime], HttpOrders]


@pytest.fixture
def at(client: ShopClient, shop: Session) -> At:
    cache = ReadingCache()
    return lambda moment: HttpOrders(client, shop, moment, cache)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "PAUSE_SECONDS", 0.0)


def test_it_says_who_asks_and_asks_once_a_turn(at: At, system: ReferenceServer, now: datetime) -> None:
    for _ in range(3):
        assert at(now).orders_of(OWNER).value
        assert at(now).order_for(MINE, OWNER).value
    assert [request.path for request in system.requests] == [
        "/api/orders?customer_id=C001&limit=5",
        f"/api/orders/{MINE}",
    ]
    assert {request.headers["Authorization"] for request in system.requests} == {f"Bearer {TOKEN}"}


def test_a_visitor_without_proofs_costs_the_system_nothing(at: At, system: ReferenceServer, now: datetime) -> None:
    assert at(now).order_for(MINE, Viewer("chat", None)).value is None
    assert at(now).orders_of(Viewer("chat", None)).value == ()
    assert system.requests == []


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_reading_is_tried_once_more(at: At, system: ReferenceServer, now: datetime, status: int) -> None:
    right = json.dumps({"orders": []}).encode()
    system.instead = [(status, b""), (200, right)]
    assert at(now).orders_of(OWNER).value == ()
    assert len(system.requests) == 2


@pytest.mark.parametrize("status", [502, 503, 504, 500, 429])
def test_a_system_that_goes_on_failing_is_out_of_reach(
    at: At, system: ReferenceServer, now: datetime, status: int
) -> None:
    system.instead = [(status, b"<html>oops</html>")]
    system.extra_headers = {"Retry-After": "3600"}
    with pytest.raises(OutOfReachError):
        at(now).orders_of(OWNER)
    assert len(system.requests) == (2 if status in (502, 503, 504) else 1)


@pytest.mark.parametrize("status", [400, 401, 403, 405, 418, 301, 302])
def test_a_refusal_is_not_tried_again(at: At, system: ReferenceServer, now: datetime, status: int) -> None:
    system.instead = [(status, b"{}")]
    system.extra_headers = {"Location": "http://127.0.0.1:9/elsewhere"}
    with pytest.raises(RefusedError, match=r"SIXTY_SHOP_API"):
        at(now).orders_of(OWNER)
    assert len(system.requests) == 1


def test_a_wrong_token_is_a_refusal(system: ReferenceServer, shop: Session, now: datetime) -> None:
    orders = HttpOrders(ShopClient(system.url, "another"), shop, now, ReadingCache())
    with pytest.raises(RefusedError, match="SIXTY_SHOP_API_TOKEN"):
        orders.orders_of(OWNER)


ORDER: dict[str, Any] = {
    "no": MINE,
    "customer_id": "C001",
    "state": "paid",
    "placed_at": "2026-05-20T10:00:00+08:00",
    "receiver": "陈**",
    "phone": "13800001001",
    "address": "浙江省杭州市西湖区文三路1号",
    "goods_amount": "9.90",
    "discount": 0,
    "postage": 0.1,
    "paid_amount": 10,
}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"state": "on_hold"}, "state"),
        ({"placed_at": "2026-05-20T10:00:00"}, "placed_at"),
        ({"placed_at": "yesterday"}, "placed_at"),
        ({"paid_amount": "9.999"}, "paid_amount"),
        ({"paid_amount": "NaN"}, "paid_amount"),
        ({"paid_amount": None}, "paid_amount"),
        ({"phone": None}, "phone"),
        ({"lines": [{"product_no": "A"}]}, "lines.0"),
        ({"parcels": [{"no": "1", "carrier": "x", "state": "lost"}]}, "parcels.0.state"),
    ],
)
def test_what_is_not_in_the_normal_form_is_refused_and_not_quoted(
    at: At, system: ReferenceServer, now: datetime, change: dict[str, Any], place: str
) -> None:
    system.instead = [(200, json.dumps({**ORDER, **change}).encode())]
    with pytest.raises(NonsenseError) as caught:
        at(now).order_for(MINE, OWNER)
    assert place in str(caught.value)
    assert not any(str(value) in str(caught.value) for value in ("文三路", "13800001001", "9.999"))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b'{"orders": {}}', b'{"orders": [1]}', b"\xff\xfe"])
def test_an_answer_of_another_shape_is_nonsense(at: At, system: ReferenceServer, now: datetime, body: bytes) -> None:
    system.instead = [(200, body)]
    with pytest.raises(NonsenseError):
        at(now).orders_of(OWNER)


def test_amounts_stay_exact_and_unknown_fields_are_ignored(at: At, system: ReferenceServer, now: datetime) -> None:
    system.instead = [(200, json.dumps({**ORDER, "warehouse": {"id": 7}}).encode())]
    order = at(now).order_for(MINE, OWNER).value
    assert order is not None
    assert (order.goods_amount, order.postage, order.paid_amount) == (Decimal("9.9"), Decimal("0.1"), Decimal(10))


def test_an_endless_answer_is_cut_off(
    at: At, system: ReferenceServer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "LARGEST_ANSWER", 1000)
    system.instead = [(200, b" " * 100_000)]
    with pytest.raises(NonsenseError, match="1000 bytes"):
        at(now).orders_of(OWNER)


def test_a_silent_system_is_out_of_reach_after_the_timeout(
    system: ReferenceServer, shop: Session, now: datetime
) -> None:
    system.silent = True
    orders = HttpOrders(ShopClient(system.url, TOKEN, timeout=0.1), shop, now, ReadingCache())
    with pytest.raises(OutOfReachError, match="did not answer"):
        orders.orders_of(OWNER)


def test_nobody_listens(shop: Session, now: datetime) -> None:
    with running(ReferenceServer()) as gone:
        url = gone.url
    orders = HttpOrders(ShopClient(url, TOKEN), shop, now, ReadingCache())
    with pytest.raises(OutOfReachError) as caught:
        orders.orders_of(OWNER)
    assert "C001" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://", "no address", "http://exa mple/"])
def test_an_impossible_address_is_told(shop: Session, now: datetime, url: str) -> None:
    with pytest.raises(GatewayError):
        HttpOrders(ShopClient(url, TOKEN), shop, now, ReadingCache()).orders_of(OWNER)


def test_a_resting_system_is_left_alone_and_then_tried(system: ReferenceServer, shop: Session, now: datetime) -> None:
    seconds = [0.0]
    breaker = CircuitBreaker(failures=2, rest=20, clock=lambda: seconds[0])
    client = ShopClient(system.url, TOKEN, breaker=breaker)
    orders = HttpOrders(client, shop, now, ReadingCache())
    system.instead = [(500, b"")]
    for _ in range(5):
        with pytest.raises(OutOfReachError):
            orders.orders_of(OWNER)
    assert len(system.requests) == 2
    seconds[0] = 21
    system.instead = []
    assert orders.orders_of(OWNER).value


def test_while_the_system_is_down_the_last_answer_is_given_with_its_age(
    at: At, system: ReferenceServer, now: datetime
) -> None:
    before = at(now).orders_of(OWNER)
    one = at(now).order_for(MINE, OWNER)
    system.instead = [(500, b"")]
    later = now + timedelta(minutes=10)
    for fresh, stale in ((before, at(later).orders_of(OWNER)), (one, at(later).order_for(MINE, OWNER))):
        assert stale.stale
        assert (stale.value, stale.read_at) == (fresh.value, now)
    # Whose an order is, is asked of what was remembered as well.
    assert at(later).order_for(MINE, Viewer("chat", "C002")).value is None
    with pytest.raises(OutOfReachError):
        at(now + timedelta(hours=7)).orders_of(OWNER)


def test_a_wrong_credential_is_not_covered_up_by_old_answers(at: At, system: ReferenceServer, now: datetime) -> None:
    assert at(now).orders_of(OWNER).value
    system.instead = [(403, b"{}")]
    with pytest.raises(RefusedError):
        at(now + timedelta(minutes=1)).orders_of(OWNER)


def test_a_system_that_ignores_the_filter_shows_nobody_anothers_order(
    at: At, system: ReferenceServer, now: datetime
) -> None:
    system.ignores_filters = True
    for customer in ("C001", "C002", "C003"):
        for order in at(now).orders_of(Viewer("chat", customer)).value:
            assert order.customer_id == customer
    # Asked for any order, it gives the first.
    asked, given = system.orders[1].no, system.orders[0]
    assert at(now).order_for(asked, Viewer("chat", given.customer_id)).value is None


def test_a_failing_system_costs_no_try(at: At, system: ReferenceServer, now: datetime) -> None:
    system.instead = [(500, b"")]
    for _ in range(4):
        with pytest.raises(OutOfReachError):
            at(now).prove("chat", MINE, "0000")


def test_a_deed_is_done_once_for_its_key_though_it_is_sent_twice(client: ShopClient, system: ReferenceServer) -> None:
    assert client.post(f"orders/{MINE}/cancel", {"reason": "不想要了"}, key="k1") == {"done": 1}
    assert client.post(f"orders/{MINE}/cancel", {"reason": "不想要了"}, key="k1") == {"done": 1}
    assert client.post(f"orders/{MINE}/cancel", {"reason": "不想要了"}, key="k2") == {"done": 2}
    system.instead = [(503, b""), (200, b'{"done": 3}')]
    assert client.post(f"orders/{MINE}/cancel", {}, key="k3") == {"done": 3}
    assert [request.headers["Idempotency-Key"] for request in system.requests] == ["k1", "k1", "k2", "k3", "k3"]


def test_the_environment_changes_nothing(
    at: At, system: ReferenceServer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert at(now).orders_of(OWNER).value


def test_changes_come_page_by_page(client: ShopClient, system: ReferenceServer, now: datetime) -> None:
    events = [
        Incoming(external_id=f"e{index}", kind="cart", object_id="c", occurred_at=now, payload={"lines": []})
        for index in range(5)
    ]
    system.events = [*events, dataclasses.replace(events[0], external_id="late", occurred_at=now + timedelta(days=2))]
    feed, page, seen = HttpEvents(client), None, []
    while True:
        answer = feed.changes(now, now + timedelta(days=1), page)
        seen += [event.external_id for event in answer.events]
        page = answer.next_page
        if page is None:
            break
    assert seen == ["e0", "e1", "e2", "e3", "e4"]
    system.instead = [(200, b'{"events": [], "next_page": 7}')]
    with pytest.raises(NonsenseError):
        feed.changes(now, now)


def test_a_product_is_remembered_for_a_moment(client: ShopClient, system: ReferenceServer, now: datetime) -> None:
    cache = ReadingCache()
    for _ in range(2):
        assert HttpCatalogue(client, now, cache).product("GZ2101").value is not None
    assert len(system.requests) == 1


COMPLAINT = Deed("key", "complain", MINE, details={"text": "太慢了"})


def states(orders: HttpOrders) -> list[str]:
    return [each.state for each in orders.deeds_of(OWNER, MINE)]


def test_a_deed_is_sent_with_its_key_and_terms(at: At, system: ReferenceServer, now: datetime) -> None:
    deed = Deed("the key", "schedule_delivery", MINE, details={"day": "2026-05-22"}, cause="")
    at(now).perform(OWNER, deed)
    sent = system.requests[-1]
    assert (sent.method, sent.path, sent.headers["Idempotency-Key"]) == ("POST", f"/api/orders/{MINE}/deeds", "the key")
    told = json.loads(sent.body)
    assert (told["kind"], told["customer_id"], told["details"], told["rule"]) == (
        "schedule_delivery",
        "C001",
        {"day": "2026-05-22"},
        "schedule_on_its_way",
    )
    assert datetime.fromisoformat(told["promised_at"]) == now + timedelta(hours=24)
    count = len(system.requests)
    assert at(now).perform(OWNER, deed).repeated
    # Known from our own record; the system is asked for the order only.
    assert [each.method for each in system.requests[count:]] == ["GET"]


def test_a_deed_is_decided_on_the_order_as_it_is_now(at: At, system: ReferenceServer, now: datetime) -> None:
    viewer, number = Viewer("chat", "C002"), "202600000000000003"
    assert at(now).order_for(number, viewer).value is not None
    place = next(place for place, each in enumerate(system.orders) if each.no == number)
    system.orders[place] = dataclasses.replace(system.orders[place], state="closed")
    with pytest.raises(DeedRefused) as refused:
        at(now).perform(viewer, Deed("key", "cancel_order", number))
    assert refused.value.verdict.row_id == "cancel_closed"


def test_nothing_is_done_on_what_the_system_said_before(at: At, system: ReferenceServer, now: datetime) -> None:
    assert at(now).order_for(MINE, OWNER).value is not None
    system.instead = [(500, b"")]
    with pytest.raises(OutOfReachError):
        at(now + timedelta(minutes=1)).perform(OWNER, COMPLAINT)
    assert {each.method for each in system.requests} == {"GET"}


def test_a_deed_without_an_answer_is_asked_again_with_its_key(at: At, system: ReferenceServer, now: datetime) -> None:
    order = next(each for each in system.orders if each.no == MINE)
    system.instead = [(200, to_json(order)), (503, b""), (503, b"")]
    with pytest.raises(OutOfReachError):
        at(now).perform(OWNER, COMPLAINT)
    system.instead = []
    assert states(at(now)) == ["asked"]
    done = at(now + timedelta(minutes=1)).perform(OWNER, COMPLAINT)
    assert (done.state, done.repeated, states(at(now))) == ("accepted", False, ["accepted"])
    assert {each.headers.get("Idempotency-Key") for each in system.requests if each.method == "POST"} == {"key"}
    assert list(system.deeds) == ["key"]


@pytest.mark.parametrize(
    ("answer", "error", "state"),
    [
        ((400, b"{}"), RefusedError, "failed"),
        ((200, b'{"state": "perhaps"}'), NonsenseError, "failed"),
        ((200, b'{"state": "done", "promised_at": "tomorrow"}'), NonsenseError, "failed"),
        ((200, b"[]"), NonsenseError, "failed"),
        ((200, '{"state": "refused", "say": "仓库已经打包了"}'.encode()), DeedRefused, "refused"),
        ((404, b"{}"), NotTheOwner, None),
    ],
)
def test_an_answer_to_a_deed_that_is_none(
    at: At, system: ReferenceServer, now: datetime, answer: tuple[int, bytes], error: type[Exception], state: str | None
) -> None:
    order = next(each for each in system.orders if each.no == MINE)
    system.instead = [(200, to_json(order)), answer]
    with pytest.raises(error) as raised:
        at(now).perform(OWNER, COMPLAINT)
    if isinstance(raised.value, DeedRefused):
        assert (raised.value.verdict.say, raised.value.verdict.allowed) == ("仓库已经打包了", False)
    system.instead = []
    assert states(at(now)) == ([state] if state else [])


def test_a_system_that_pays_above_the_limit_is_not_believed(at: At, system: ReferenceServer, now: datetime) -> None:
    viewer, number = Viewer("chat", "C002"), "202600000000000004"
    order = next(each for each in system.orders if each.no == number)
    order = dataclasses.replace(order, refunds=())
    system.instead = [(200, to_json(order)), (200, b'{"state": "accepted", "amount": "999"}')]
    with pytest.raises(NonsenseError, match="more for a compensate"):
        at(now).perform(viewer, Deed("key", "compensate", number, cause="damaged"))


def test_what_was_done_is_known_while_the_system_is_down(at: At, system: ReferenceServer, now: datetime) -> None:
    done = at(now).perform(OWNER, COMPLAINT)
    system.instead = [(500, b"")]
    later = at(now + timedelta(minutes=1))
    assert later.perform(OWNER, COMPLAINT) == dataclasses.replace(done, repeated=True)
    with pytest.raises(NotTheOwner):
        later.perform(Viewer("chat", "C002"), COMPLAINT)
    with pytest.raises(KeyTakenError):
        later.perform(OWNER, dataclasses.replace(COMPLAINT, kind="urge_delivery"))
    with pytest.raises(OutOfReachError):
        later.perform(OWNER, dataclasses.replace(COMPLAINT, key="another"))
