"""`POST /api/session`, as pages, forgers and fuzzers call it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sixty.desk import session_routes
from sixty.desk.app import create_app
from sixty.desk.conversations import Conversation, context_of
from sixty.desk.newcomers import Newcomers
from sixty.identity.visitor_tokens import read_visitor_token
from sixty.settings import Settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.models import Customer

SECRET, MERCHANT = "k" * 40, "m" * 40


def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    address = f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}"
    upgrade_database(address)
    with shop_session(address) as session:
        session.add(Customer(id="C001", nickname="阿澈", phone="13800001001", level="金卡", region="浙江"))
    yield address
    engine_for(address).dispose()


def desk(url: str, folder: Path, **changes: Any) -> TestClient:
    chosen = Settings(
        **{
            "environment": "production",
            "secret": SECRET,
            "database_url": url,
            "merchant_keys": {"site": MERCHANT},
            "public_rasa_url": "https://bot.example",
            "var": folder,
            **changes,
        }
    )
    return TestClient(create_app(chosen, folder), raise_server_exceptions=False)


@pytest.fixture
def client(url: str, tmp_path: Path) -> TestClient:
    return desk(url, tmp_path)


@pytest.fixture
def demo(url: str, tmp_path: Path) -> TestClient:
    return desk(url, tmp_path, environment="development", merchant_keys={})


def ask(client: TestClient, token: str | None = None, **wish: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post("/api/session", json=wish, headers=headers)


def says(customer_id: str = "C001", key: str = MERCHANT, algorithm: str = "HS256", **more: Any) -> str:
    claims = {"aud": "sixty", "sub": customer_id, "exp": int(now().timestamp()) + 600, **more}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "site"})


def customer(url: str, conversation_id: str) -> str | None:
    with shop_session(url, read_only=True) as session:
        context = context_of(session, conversation_id, now())
        return context.customer_id if context else None


def test_a_session_is_new_signed_and_never_kept(client: TestClient, url: str) -> None:
    answer = ask(client, entry="product", product=" gz2101 ")
    body = answer.json()
    assert set(body) == {"conversation_id", "token", "rasa_url", "expires_at"}
    assert body["rasa_url"] == "https://bot.example"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    visitor = read_visitor_token(body["token"], SECRET, now())
    assert visitor.conversation_id == body["conversation_id"]
    assert visitor.expires_at == datetime.fromisoformat(body["expires_at"])
    with shop_session(url, read_only=True) as session:
        row = session.get(Conversation, body["conversation_id"])
        assert (row.channel, row.entry, row.product_no, row.state) == ("web", "product", "GZ2101", "bot")
    assert ask(client).json()["conversation_id"] != body["conversation_id"]


def test_it_goes_on_with_its_token(client: TestClient, url: str) -> None:
    first = ask(client).json()
    second = ask(client, first["token"], merchant_token=says()).json()
    assert second["conversation_id"] == first["conversation_id"]
    assert second["token"] != first["token"]
    assert customer(url, first["conversation_id"]) == "C001"


def test_production_plays_nobody(client: TestClient, demo: TestClient, url: str) -> None:
    assert customer(url, ask(client, customer="C001").json()["conversation_id"]) is None
    assert customer(url, ask(demo, customer="C001").json()["conversation_id"]) == "C001"
    refused = ask(demo, customer="C999")
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_customer")


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (says(key="x" * 40), "wrong_signature"),
        (says(algorithm="HS512"), "wrong_algorithm"),
        (says(aud="sixty:visitor"), "wrong_audience"),
        (says(exp=1), "expired"),
        (jwt.encode({"aud": "sixty", "sub": "C001"}, MERCHANT, headers={"kid": "other"}), "unknown_key"),
        ("nonsense", "invalid"),
    ],
)
def test_a_merchants_token_that_proves_nothing_is_refused_aloud(client: TestClient, token: str, code: str) -> None:
    answer = ask(client, merchant_token=token)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (401, code)
    assert body["message"].endswith("请刷新页面再试")
    assert body["detail"].startswith("merchant_token: ")
    assert token not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("authorization", ["Bearer ", "Bearer nonsense", "Basic dTpw", "nonsense", "Bearer a b", ""])
def test_a_token_that_is_none_means_a_new_conversation(client: TestClient, authorization: str) -> None:
    answer = client.post("/api/session", json={}, headers={"Authorization": authorization})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"7", 400),
        (b'"shop"', 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 8000, 400),
        (b'{"entry": "moon"}', 422),
        (b'{"entry": ["shop"]}', 422),
        (b'{"product": "' + b"A" * 65 + b'"}', 422),
        (b'{"merchant_token": "' + b"A" * 4097 + b'"}', 422),
        (b'{"customer_id": "C001"}', 422),
        (b" " * (session_routes.LARGEST_BODY + 1), 413),
    ],
)
def test_what_cannot_be_is_refused(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/api/session", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert {"code", "message"} <= set(answer.json())


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_of_another_site_is_refused(client: TestClient, content_type: str) -> None:
    answer = client.post("/api/session", content=b"{}", headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    answer = ask(desk(f"sqlite:///{tmp_path / 'folder.db'}", tmp_path))
    assert answer.status_code == 503
    assert "folder" not in answer.text


def test_one_address_begins_only_so_many(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_routes, "Newcomers", lambda: Newcomers(most=3))
    flooded = desk(url, tmp_path)
    token = ask(flooded).json()["token"]
    answers = [ask(flooded) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 429, 429]
    assert answers[-1].json()["code"] == "too_many"
    # Whoever has a conversation goes on with it.
    assert ask(flooded, token).status_code == 200


def test_newcomers_are_counted_by_address_and_minute() -> None:
    clock = iter([0.0, 1.0, 2.0, 3.0, 61.0])
    newcomers = Newcomers(most=2, clock=lambda: next(clock))
    assert [newcomers.admit(address) for address in ("a", "a", "a", "b", "a")] == [True, True, False, True, True]


def test_the_old_way_is_gone(client: TestClient) -> None:
    assert client.get("/api/context").status_code == 404
    assert client.get("/api/session").status_code == 405


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_wishes = st.dictionaries(
    st.sampled_from(["entry", "product", "order", "customer", "merchant_token", "x"]), _json, max_size=4
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(_wishes | _json)
def test_whatever_is_sent_is_answered(client: TestClient, wish: Any) -> None:
    answer = client.post("/api/session", content=json.dumps(wish), headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 401, 422)


def test_tokens_live_half_an_hour(client: TestClient) -> None:
    expires_at = datetime.fromisoformat(ask(client).json()["expires_at"])
    assert timedelta(minutes=29) < expires_at - now() <= timedelta(minutes=30)
