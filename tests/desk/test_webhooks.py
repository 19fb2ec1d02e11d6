"""Reports of a shop's system: signed, recent, small and in the normal form, or refused with what is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from sixty.desk import signed_reports
from sixty.desk.app import create_app
from sixty.identity.signatures import sign
from sixty.settings import Settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.wording import SHOP_ZONE
from tests.shop.order_events.happenings import BEGIN

SECRET, NEXT = "s" * 32, "n" * 40
CART: dict[str, Any] = {
    "external_id": "e1",
    "kind": "cart",
    "object_id": "C001",
    "customer_id": "C001",
    "occurred_at": BEGIN.isoformat(),
    "payload": {"lines": [{"product_no": "GZ2101"}]},
}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_database(address)
    yield address
    engine_for(address).dispose()


@pytest.fixture
def client(url: str, tmp_path: Path) -> TestClient:
    chosen = Settings(secret="k" * 40, database_url=url, webhook_secrets={"mall": SECRET, "store": f"{SECRET}o {NEXT}"})
    return TestClient(create_app(chosen, tmp_path), raise_server_exceptions=False)


def report(*events: Any) -> bytes:
    return json.dumps({"events": list(events)}, ensure_ascii=False).encode()


def send(
    client: TestClient, body: bytes, shop: str = "mall", secret: str = SECRET, age: int = 0, **headers: Any
) -> Any:
    timestamp = str(int(time.time()) - age)
    signed = {"X-Sixty-Timestamp": timestamp, "X-Sixty-Signature": sign(secret, timestamp, body)}
    return client.post(f"/api/webhooks/{shop}", content=body, headers={**signed, **headers})


def recorded(url: str) -> list[str]:
    with shop_session(url) as session:
        return sorted(session.scalars(select(OrderEvent.external_id)))


def test_a_signed_report_is_recorded_once(client: TestClient, url: str) -> None:
    answer = send(client, report(CART, {**CART, "external_id": "e2"}))
    assert (answer.status_code, answer.json()) == (200, {"new": 2, "known": 0, "pending": 0})
    assert send(client, report(CART)).json() == {"new": 0, "known": 1, "pending": 0}
    assert recorded(url) == ["e1", "e2"]
    with shop_session(url) as session:
        row = session.scalars(select(OrderEvent).where(OrderEvent.external_id == "e1")).one()
        assert (row.source, row.way, row.occurred_at.astimezone(SHOP_ZONE)) == ("mall", "webhook", BEGIN)


def test_an_event_whose_order_is_unknown_is_taken_and_waits(client: TestClient) -> None:
    payment = {"amount": "9.90", "paid_at": BEGIN.isoformat()}
    event = {**CART, "kind": "payment", "order_no": "E1", "payload": payment}
    assert send(client, report(event)).json() == {"new": 1, "known": 0, "pending": 1}


def test_a_secret_can_be_changed_without_a_gap(client: TestClient) -> None:
    for secret in (f"{SECRET}o", NEXT):
        assert send(client, report(CART), shop="store", secret=secret).status_code == 200
    body, now = report(CART), str(int(time.time()))
    both = f"{sign('x' * 32, now, body)}, {sign(NEXT, now, body)}"
    headers = {"X-Sixty-Timestamp": now, "X-Sixty-Signature": both}
    assert client.post("/api/webhooks/store", content=body, headers=headers).status_code == 200


def test_who_cannot_sign_is_refused_alike(client: TestClient, url: str) -> None:
    wrong = send(client, report(CART), secret="w" * 32)
    others = [
        send(client, report(CART), shop="store"),
        send(client, report(CART), shop="nobody"),
        send(client, report(CART), shop="nobody", secret="-" * 32),
        send(client, report(CART), shop="nobody", secret=""),
        send(client, report(CART), **{"X-Sixty-Signature": "v1=签名".encode()}),
    ]
    assert wrong.status_code == 401
    assert {(each.status_code, each.text) for each in others} == {(401, wrong.text)}
    assert recorded(url) == []


def test_a_changed_body_or_time_is_refused(client: TestClient, url: str) -> None:
    now = str(int(time.time()))
    signature = sign(SECRET, now, report(CART))
    for body, stamp in ((report({**CART, "object_id": "C002"}), now), (report(CART), str(int(now) - 1))):
        headers = {"X-Sixty-Timestamp": stamp, "X-Sixty-Signature": signature}
        assert client.post("/api/webhooks/mall", content=body, headers=headers).status_code == 401
    assert recorded(url) == []


@pytest.mark.parametrize("age", [301, 86_400, -302])
def test_an_old_report_is_not_taken_again(client: TestClient, url: str, age: int) -> None:
    answer = send(client, report(CART), age=age)
    assert answer.status_code == 401
    assert "clock" in answer.json()["detail"]
    assert recorded(url) == []


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"X-Sixty-Timestamp": ""}, "X-Sixty-Timestamp"),
        ({"X-Sixty-Timestamp": "-5"}, "X-Sixty-Timestamp"),
        ({"X-Sixty-Timestamp": "1e9"}, "X-Sixty-Timestamp"),
        ({"X-Sixty-Timestamp": "9" * 400}, "X-Sixty-Timestamp"),
        ({"X-Sixty-Signature": ""}, "v1="),
        ({"X-Sixty-Signature": "sha256=abc"}, "v1="),
    ],
)
def test_headers_that_are_missing_are_named(client: TestClient, headers: dict[str, str], said: str) -> None:
    answer = send(client, report(CART), **headers)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "no JSON"),
        (b"{", 400, "no JSON"),
        (b"\xff", 400, "no JSON"),
        (b"[" * 100_000, 400, "no JSON"),
        (b"[]", 422, "at least one event"),
        (b'{"events": []}', 422, "at least one event"),
        (b'{"events": {"external_id": 1}}', 422, "at least one event"),
        (report(CART, 7), 422, "events.1"),
        (report({**CART, "kind": "gift"}), 422, "events.0: kind"),
        (report({**CART, "occurred_at": "2026-05-18T09:30:00"}), 422, "occurred_at is a time without its zone"),
        (report({**CART, "external_id": ""}), 422, "external_id"),
        (report({**CART, "external_id": "x" * 129}), 422, "external_id"),
        (report({**CART, "payload": {}}), 422, "payload"),
        (report({**CART, "payload": []}), 422, "payload"),
        (report({**CART, "kind": "payment"}), 422, "order_no is missing"),
        (report({**CART, "kind": "order", "order_no": "other"}), 422, "order_no differs"),
        (report(*[CART] * 501), 413, "500"),
    ],
)
def test_what_is_wrong_with_a_report_is_said(client: TestClient, url: str, body: bytes, status: int, said: str) -> None:
    answer = send(client, body)
    assert (answer.status_code, recorded(url)) == (status, [])
    assert said in answer.json()["detail"]


def test_a_large_body_is_refused_before_it_is_read(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_reports, "LARGEST_BODY", 1_000)
    assert send(client, b" " * 1_001).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 100

    answer = client.post("/api/webhooks/mall", content=chunks(), headers={"X-Sixty-Timestamp": "1"})
    assert answer.status_code == 413


def test_no_answer_is_kept_and_only_post_is_known(client: TestClient) -> None:
    assert send(client, report(CART)).headers["cache-control"] == "no-store"
    assert send(client, b"").headers["cache-control"] == "no-store"
    assert client.get("/api/webhooks/mall").status_code == 405


def test_a_database_that_does_not_answer_lets_the_shop_send_again(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    broken = Settings(
        secret="k" * 40, database_url=f"sqlite:///{tmp_path / 'folder.db'}", webhook_secrets={"mall": SECRET}
    )
    client = TestClient(create_app(broken, tmp_path), raise_server_exceptions=False)
    assert send(client, report(CART)).status_code == 503


def test_one_report_sent_many_times_at_once(client: TestClient, url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(client, report(CART)).json(), range(8)))
    assert sum(answer["new"] for answer in answers) == 1
    assert recorded(url) == ["e1"]
