"""People see what they have to carry out, masked, and say when it is done."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sixty.cli import app
from sixty.settings import get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.deeds.deed import Deed, DeedRefused
from sixty.shop.demo import seed
from sixty.shop.gateways.sql import SqlOrders
from tests.shop.deeds.conftest import DEMO, RECEIVED, WAITING
from tests.shop.deeds.examples import AIR_CONDITIONER, CLOTHES, ON_ITS_WAY, UNPAID

ADDRESS = "浙江省宁波市海曙区月湖路9号2幢301室"


@pytest.fixture
def shop_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("SIXTY_DATABASE_URL", url)
    get_settings.cache_clear()
    upgrade_database(url)
    now = datetime.now(timezone.utc)
    with shop_session(url) as session:
        seed(session, now - timedelta(hours=3), path=DEMO)
    with shop_session(url) as session:
        early = SqlOrders(session, now - timedelta(hours=3))
        early.perform(WAITING, Deed("a", "redirect_parcel", ON_ITS_WAY, details={"address": ADDRESS}))
        early.perform(RECEIVED, Deed("b", "issue_invoice", AIR_CONDITIONER, details={"title": "个人"}))
        early.perform(RECEIVED, Deed("c", "price_protection", CLOTHES, 1))
        early.perform(WAITING, Deed("d", "cancel_order", UNPAID))
    yield url
    get_settings.cache_clear()
    engine_for(url).dispose()


def listed(*options: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["shop", "deeds", "--json", *options])
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.output)
    return found


@pytest.mark.usefixtures("shop_url")
def test_what_waits_is_listed_by_urgency_and_masked() -> None:
    found = listed()
    assert found[0]["kind"] == "redirect_parcel"
    assert found[0]["details"] == {"address": "浙江省宁波市海曙区****"}
    amounts = {each["kind"]: each["amount"] for each in found[1:]}
    assert amounts == {"issue_invoice": None, "price_protection": "30.00"}
    # Intercepting was promised within two hours.
    assert [each["kind"] for each in listed("--overdue")] == ["redirect_parcel"]
    assert {each["state"] for each in listed("--state", "all")} == {"accepted", "done"}
    written = CliRunner().invoke(app, ["shop", "deeds"]).output
    assert "late" in written.splitlines()[0]
    assert "月湖" not in written


def test_what_was_carried_out_is_said_once(shop_url: str) -> None:
    reference = next(each["reference"] for each in listed() if each["kind"] == "issue_invoice")
    assert CliRunner().invoke(app, ["shop", "deed-done", reference]).exit_code == 0
    again = CliRunner().invoke(app, ["shop", "deed-done", reference])
    assert again.exit_code != 0
    assert "sixty shop deeds" in str(again.exception)
    assert reference not in {each["reference"] for each in listed()}
    with shop_session(shop_url) as session:
        gateway = SqlOrders(session, datetime.now(timezone.utc))
        (record,) = gateway.deeds_of(RECEIVED, AIR_CONDITIONER)
        assert record.state == "done"
        assert record.done_at is not None
        # Now there is an invoice, and another one is refused for that.
        with pytest.raises(DeedRefused) as refused:
            gateway.perform(RECEIVED, Deed("e", "issue_invoice", AIR_CONDITIONER, details={"title": "个人"}))
        assert refused.value.verdict.row_id == "invoice_issued"


@pytest.mark.usefixtures("shop_url")
def test_an_unknown_state_is_told() -> None:
    result = CliRunner().invoke(app, ["shop", "deeds", "--state", "open"])
    assert result.exit_code == 2
    assert "accepted" in result.output
