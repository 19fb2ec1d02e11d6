"""What is left, what was given, and how it ends, told and done at the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sixty.cli import app
from sixty.errors import OperatorError
from sixty.settings import get_settings
from sixty.shop.benefits import Granted, grant
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.orders import Viewer
from sixty.shop.own_channels import Place, card_for
from sixty.shop.trials import candidate, read_trials


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("SIXTY_DATABASE_URL", address)
    get_settings.cache_clear()
    upgrade_database(address)
    yield address
    get_settings.cache_clear()
    engine_for(address).dispose()


def told(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["shop", *arguments])
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def plain(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(told(*arguments, "--json"))
    return found


def given(url: str, benefit: str, conversation: str = "c") -> Granted:
    with shop_session(url) as session:
        viewer = Viewer(conversation, None)
        found = grant(
            session, benefit, viewer, f"{benefit} {conversation}", "bot", datetime.now(timezone.utc), direct=True
        )
    assert isinstance(found, Granted)
    return found


def test_what_is_left_is_told(url: str) -> None:
    given(url, "tea_sample")
    row = next(each for each in plain("benefits") if each["id"] == "tea_sample")
    assert (row["stock"], row["taken"], row["granted"], row["used"]) == (300, 1, 1, 0)
    assert (row["budget"], row["budget_spent"]) == ("促成下单", "4.00")
    assert "tea" in told("benefits")


def test_what_was_given_is_listed_and_ends(url: str) -> None:
    tea, socks = given(url, "tea_sample"), given(url, "cotton_socks")
    assert {row["reference"] for row in plain("benefits", "--granted")} == {tea.reference, socks.reference}
    assert told("benefit-used", tea.reference).endswith("used\n")
    assert told("benefit-revoke", socks.reference, "--why", "a mistake").endswith("revoked\n")
    assert told("benefits", "--granted") == "none\n"
    again = CliRunner().invoke(app, ["shop", "benefit-used", tea.reference])
    assert isinstance(again.exception, OperatorError)
    assert tea.reference in str(again.exception)
    rows = {row["id"]: row for row in plain("benefits")}
    assert (rows["tea_sample"]["taken"], rows["cotton_socks"]["taken"]) == (1, 0)


def test_what_has_run_out_is_ended(url: str) -> None:
    with shop_session(url) as session:
        long_ago = datetime(2026, 1, 1, tzinfo=timezone.utc)
        assert isinstance(grant(session, "cotton_socks", Viewer("c", None), "k", "bot", long_ago, direct=True), Granted)
    assert told("benefits", "--expire").startswith("1 ended unused")
    assert plain("benefits", "--granted") == []


def test_own_channels_are_counted(url: str) -> None:
    with shop_session(url) as session:
        now = datetime.now(timezone.utc)
        place = Place("s" * 40, "https://desk.example")
        assert card_for(session, Viewer("c", None), now, "silence", place=place) is not None
    (row,) = plain("own-channels")
    assert (row["situation"], row["shown"], row["scanned"], row["joined"]) == ("silence", 1, 0, 0)
    assert row["channel"] in told("own-channels")
    assert plain("own-channels", "--days", "1") == [row]


def test_trials_are_reported(url: str) -> None:
    from sixty.shop.demo import seed

    now = datetime.now(timezone.utc)
    with shop_session(url) as session:
        seed(session, now, path=get_settings().playbook / "demo")
        (trial,) = read_trials(get_settings().playbook)
        keys = (f"k{number}" for number in range(100))
        shown = [found for key in keys if (found := candidate(session, key, Viewer("c", None), now, "wish"))]
    assert 8 <= len(shown) <= 35
    (report,) = plain("trials")
    assert (report["id"], report["decided"]) == (trial.id, False)
    assert sum(row["shown"] for row in report["candidates"]) == len(shown)
    assert {row["verdict"] for row in report["candidates"]} == {"open"}
    assert trial.title in told("trials", "--trial", trial.id)
    missing = CliRunner().invoke(app, ["shop", "trials", "--trial", "none_such"])
    assert isinstance(missing.exception, OperatorError)
    assert trial.id in str(missing.exception)
