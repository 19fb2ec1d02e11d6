"""Codes, the way they lead, and reports of who joined."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from sixty.desk.app import create_app
from sixty.identity.signatures import sign
from sixty.settings import Settings
from sixty.shop.benefits.models import BenefitGrant
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.orders import Viewer
from sixty.shop.own_channels import Place, card_for
from sixty.shop.own_channels.marks import mark_of
from sixty.shop.own_channels.models import OwnChannelVisit

SECRET, WEBHOOK = "k" * 40, "s" * 32


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_database(address)
    yield address
    engine_for(address).dispose()


@pytest.fixture
def client(url: str, tmp_path: Path) -> TestClient:
    chosen = Settings(
        secret=SECRET, database_url=url, webhook_secrets={"wecom": WEBHOOK}, public_desk_url="https://desk.example"
    )
    return TestClient(create_app(chosen, tmp_path), raise_server_exceptions=False, base_url="https://desk.example")


@pytest.fixture
def mark(url: str) -> str:
    with shop_session(url) as session:
        card = card_for(
            session,
            Viewer("conversation", None),
            datetime.now(timezone.utc),
            channel_id="advisor_qr",
            place=Place(SECRET, "https://desk.example"),
        )
    assert card is not None
    return card.mark


def visits(url: str) -> list[tuple[str, str]]:
    with shop_session(url) as session:
        return [(row.kind, row.visitor) for row in session.scalars(select(OwnChannelVisit))]


def send(client: TestClient, report: Any, secret: str = WEBHOOK, shop: str = "wecom") -> Any:
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    timestamp = str(int(time.time()))
    headers = {"X-Sixty-Timestamp": timestamp, "X-Sixty-Signature": sign(secret, timestamp, body)}
    return client.post(f"/api/own-channels/{shop}", content=body, headers=headers)


def test_the_code_of_a_mark_is_drawn(client: TestClient, mark: str) -> None:
    answer = client.get(f"/own/{mark}.svg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.text.count("<svg") == 1
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("forged", ["a" * 32, "x", mark_of("another secret", "advisor_qr", "conversation")])
def test_what_is_not_ours_is_neither_drawn_nor_followed(client: TestClient, url: str, forged: str) -> None:
    assert client.get(f"/own/{forged}.svg").status_code == 404
    gone = client.get(f"/j/{forged}", follow_redirects=False)
    assert gone.status_code == 404
    assert "失效" in gone.text
    assert visits(url) == []


def test_who_follows_is_led_on_and_counted_once(client: TestClient, url: str, mark: str) -> None:
    first = client.get(f"/j/{mark}", follow_redirects=False)
    assert first.status_code == 303
    assert first.headers["location"].startswith("https://work.weixin.qq.com/")
    assert mark in first.headers["location"]
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    client.get(f"/j/{mark}", follow_redirects=False)
    client.cookies.clear()
    # A browser that keeps no cookies is the same one still.
    client.get(f"/j/{mark}", follow_redirects=False)
    assert len(visits(url)) == 1
    client.cookies.clear()
    client.get(f"/j/{mark}", headers={"User-Agent": "another browser"}, follow_redirects=False)
    assert len(visits(url)) == 2


def test_a_cookie_of_ones_own_making_counts_nothing_new(client: TestClient, url: str, mark: str) -> None:
    for number in range(3):
        forged = f"{number:064x}.{number:064x}"
        client.get(f"/j/{mark}", headers={"Cookie": f"sixty_visitor={forged}"}, follow_redirects=False)
        client.cookies.clear()
    assert len(visits(url)) == 1


def test_a_signed_report_of_who_joined_is_counted_once(client: TestClient, url: str, mark: str) -> None:
    report = {"joined": [{"mark": mark, "visitor": "openid-1"}, {"mark": "a" * 32, "visitor": "openid-2"}]}
    assert send(client, report).json() == {"new": 1, "known": 0, "unknown": 1}
    assert send(client, report).json() == {"new": 0, "known": 1, "unknown": 1}
    assert [kind for kind, _ in visits(url)] == ["joined"]
    with shop_session(url) as session:
        rows = session.scalars(select(BenefitGrant)).all()
    assert [(row.benefit_id, row.state, row.conversation_id) for row in rows] == [("join_8", "held", "conversation")]


@pytest.mark.parametrize(
    ("report", "status", "said"),
    [
        (b"{", 400, "no JSON"),
        ({"joined": []}, 422, "at least one"),
        ({"joined": [{"visitor": "x"}]}, 422, "joined.0.mark"),
        ({"joined": [{"mark": "m", "visitor": ""}]}, 422, "joined.0.visitor"),
        ({"joined": [{"mark": "m", "visitor": 5}]}, 422, "joined.0.visitor"),
        ({"joined": [{"mark": "m", "visitor": "v"}] * 501}, 413, "several reports"),
        ([1], 422, "joined"),
    ],
)
def test_what_makes_no_sense_is_refused(client: TestClient, report: Any, status: int, said: str) -> None:
    answer = send(client, report)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_nobody_else_may_report(client: TestClient, url: str, mark: str) -> None:
    report = {"joined": [{"mark": mark, "visitor": "openid-1"}]}
    assert send(client, report, secret="w" * 32).status_code == 401
    assert send(client, report, shop="unknown").status_code == 401
    assert client.post("/api/own-channels/wecom", json=report).status_code in (400, 401)
    assert visits(url) == []


def test_a_large_report_is_refused(client: TestClient) -> None:
    assert send(client, b"x" * (512 * 1024 + 1)).status_code == 413
