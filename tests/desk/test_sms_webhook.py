"""What providers of SMS report: receipts and refusals, signed as a shop's reports are, each taken once."""

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
from structlog.testing import capture_logs

from sixty.desk.app import create_app
from sixty.identity.signatures import sign
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung, OutreachStop
from sixty.outreach.sms_reports import refuses
from sixty.settings import Settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from tests.outreach.outreach_rows import a_case, a_contact, a_rung

SECRET = "s" * 32
NUMBER = "+8613800001001"
NOTHING = {"receipts": 0, "known": 0, "unsubscribed": 0, "ignored": 0, "unknown": []}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_database(address)
    now = datetime.now(timezone.utc)
    with shop_session(address) as session:
        for who, ref in (("K1", "m1"), ("K2", "m2")):
            rung = a_rung(session, a_case(session, who, now), now, rung=2, way="sms")
            number = NUMBER if who == "K1" else "+8613800001002"
            a_contact(session, rung, now, way="sms", state="sent", number=number, provider="mas", provider_ref=ref)
    yield address
    engine_for(address).dispose()


@pytest.fixture
def client(url: str, tmp_path: Path) -> TestClient:
    return client_of(url, tmp_path, {"mas": SECRET, "other": "o" * 32})


def client_of(url: str, folder: Path, secrets: dict[str, str]) -> TestClient:
    chosen = Settings(secret="k" * 40, database_url=url, sms_secrets=secrets)
    return TestClient(create_app(chosen, folder), raise_server_exceptions=False)


def receipt(ref: str, state: str = "delivered") -> dict[str, str]:
    return {"kind": "receipt", "ref": ref, "state": state}


def reply(text: str, number: str = "13800001001") -> dict[str, str]:
    return {"kind": "answer", "number": number, "text": text}


def send(
    client: TestClient, *events: Any, provider: str = "mas", secret: str = SECRET, body: bytes | None = None
) -> Any:
    body = body if body is not None else json.dumps({"events": list(events)}, ensure_ascii=False).encode()
    timestamp = str(int(time.time()))
    headers = {"X-Sixty-Timestamp": timestamp, "X-Sixty-Signature": sign(secret, timestamp, body)}
    return client.post(f"/api/webhooks/sms/{provider}", content=body, headers=headers)


def contact(url: str, ref: str) -> tuple[OutreachContact, OutreachRung]:
    with shop_session(url, read_only=True) as session:
        found = session.scalars(select(OutreachContact).where(OutreachContact.provider_ref == ref)).one()
        return found, session.get(OutreachRung, found.rung_id)


def all_stops(url: str) -> list[tuple[str, str, str, str]]:
    with shop_session(url, read_only=True) as session:
        return [(each.kind, each.subject, each.way, each.why) for each in session.scalars(select(OutreachStop))]


def stops(url: str) -> list[tuple[str, str, str]]:
    return [(subject, way, why) for kind, subject, way, why in all_stops(url) if kind != "number"]


def test_receipts_are_taken_once(client: TestClient, url: str) -> None:
    answer = send(client, receipt("m1"), receipt("m2", "failed"))
    assert (answer.status_code, answer.json()) == (200, {**NOTHING, "receipts": 2})
    delivered, rung = contact(url, "m1")
    assert delivered.state == "delivered"
    assert delivered.delivered_at == rung.delivered_at is not None
    failed, rung = contact(url, "m2")
    assert (failed.state, rung.state, rung.reason) == ("failed", "failed", "not_delivered")
    assert send(client, receipt("m1"), receipt("m2")).json() == {**NOTHING, "known": 2}
    assert contact(url, "m2")[0].state == "failed"


def test_who_answers_r_gets_no_sms_any_more(client: TestClient, url: str) -> None:
    answer = send(client, reply("Ｒ "), reply("好的，谢谢"))
    assert answer.json() == {**NOTHING, "unsubscribed": 1, "ignored": 1}
    assert stops(url) == [("K1", "sms", "unsubscribed")]
    assert send(client, reply("R")).status_code == 200
    assert stops(url) == [("K1", "sms", "unsubscribed")]
    with shop_session(url, read_only=True) as session:
        when = select(OutreachCase.unsubscribed_at).where(OutreachCase.who == "K1")
        assert session.scalar(when) is not None


@pytest.mark.parametrize(
    "text",
    [
        "R",
        "r",
        "Ｒ",
        " R ",
        "R。",
        "“R”",
        "RR",
        "T",
        "TD",
        "ＴＤ",
        "t d",
        "退订",
        "退訂",
        "退 订",
        "退订R",
        "回复R",
        "我要退订！",
        "拒收",
        "请别再发了",
        "不要再发短信",
    ],
)
def test_answers_that_refuse(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("text", ["", " ", "好的", "Thanks", "多少钱", "TDS", "什么时候到", "RTX", "1", "回复"])
def test_answers_that_do_not(text: str) -> None:
    assert not refuses(text)


def test_what_is_unknown_is_said_and_the_rest_is_taken(client: TestClient, url: str) -> None:
    answer = send(client, receipt("m9"), receipt("m1"), reply("R", "13900009999"), reply("R", "not a number"))
    assert answer.status_code == 200
    assert answer.json()["receipts"] == 1
    assert answer.json()["unknown"] == [
        "events.0: no SMS has the ref 'm9'",
        "events.3: **** is no mobile number",
    ]
    # Whoever that is, and will be: no SMS goes there.
    assert answer.json()["unsubscribed"] == 1
    assert [kind for kind, _, _, _ in all_stops(url)] == ["number"]
    assert contact(url, "m1")[0].state == "delivered"


def test_a_provider_knows_its_own_only(client: TestClient, url: str) -> None:
    answer = send(client, receipt("m1"), provider="other", secret="o" * 32)
    assert answer.json()["unknown"] == ["events.0: no SMS has the ref 'm1'"]
    assert contact(url, "m1")[0].state == "sent"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "no JSON"),
        (b"\xff", 400, "no JSON"),
        (b"[]", 422, "at least one event"),
        (b'{"events": []}', 422, "at least one event"),
        (b'{"events": [7]}', 422, "events.0: kind must be receipt or answer"),
        (b'{"events": [{"kind": "receipt", "ref": "m1", "state": "read"}]}', 422, "events.0: state must be one of"),
        (b'{"events": [{"kind": "receipt", "ref": 1, "state": "failed"}]}', 422, "events.0: ref must be a text"),
        (b'{"events": [{"kind": "receipt", "ref": "", "state": "failed"}]}', 422, "events.0: ref must be a text"),
        (b'{"events": [{"kind": "answer", "text": "R"}]}', 422, "events.0: number must be a text"),
        (b'{"events": [{"kind": "answer", "number": "1"}]}', 422, "events.0: text must be a text"),
        (json.dumps({"events": [receipt("m1")] * 501}).encode(), 413, "500"),
        (b" " * 600_000, 413, "larger than"),
    ],
)
def test_what_is_wrong_with_a_report_is_said(client: TestClient, url: str, body: bytes, status: int, said: str) -> None:
    answer = send(client, body=body)
    assert answer.status_code == status
    assert said in answer.json()["detail"]
    assert contact(url, "m1")[0].state == "sent"


def test_a_report_with_one_wrong_event_is_not_taken_at_all(client: TestClient, url: str) -> None:
    answer = send(client, receipt("m1"), receipt("m2", "lost"))
    assert (answer.status_code, answer.json()["detail"][:9]) == (422, "events.1:")
    assert contact(url, "m1")[0].state == "sent"


def test_who_cannot_sign_is_refused_alike(client: TestClient, url: str) -> None:
    wrong = send(client, receipt("m1"), secret="w" * 32)
    nobody = send(client, receipt("m1"), provider="nobody", secret="w" * 32)
    assert (wrong.status_code, wrong.text) == (nobody.status_code, nobody.text) == (401, wrong.text)
    assert contact(url, "m1")[0].state == "sent"


def test_without_secrets_nobody_reports(url: str, tmp_path: Path) -> None:
    answer = send(client_of(url, tmp_path, {}), receipt("m1"))
    assert answer.status_code == 404
    assert "SIXTY_SMS_SECRETS" in answer.json()["detail"]


def test_numbers_are_not_in_the_log(client: TestClient) -> None:
    with capture_logs() as lines:
        send(client, reply("TD"), reply("R", "13900009999"))
    said = [each for each in lines if each["event"] == "sms.unsubscribed"]
    assert [(each["number"], each["customers"]) for each in said] == [("138****1001", 1), ("139****9999", 0)]
    assert not [each for each in lines if "13800001001" in str(each) or "13900009999" in str(each)]
