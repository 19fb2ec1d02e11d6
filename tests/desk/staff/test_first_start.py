"""The first start of a desk, and the commands of who has no way in through its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sixty.cli import app
from sixty.desk.agents import agents_of
from sixty.desk.reception import receive
from sixty.desk.staff.accounts import find_account
from sixty.desk.staff.first_start import first_start
from sixty.desk.staff.passwords import matches
from sixty.errors import OperatorError
from sixty.settings import Settings, get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from tests.desk.desk_world import NOW, RULES


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path))
    monkeypatch.setenv("SIXTY_SECRET", "k" * 40)
    get_settings.cache_clear()
    yield get_settings()
    engine_for(get_settings().database_url).dispose()
    get_settings.cache_clear()


def test_the_password_is_shown_once_and_opens_the_desk(settings: Settings) -> None:
    upgrade_database(settings.database_url)
    told = first_start(settings)
    assert told is not None
    assert f"{settings.public_desk_url}/desk" in told
    password = re.search(r"one-time password (\S+)", told)
    assert password is not None
    with shop_session(settings.database_url) as session:
        admin = find_account(session, "admin")
        assert admin is not None
        assert matches(password[1], admin.password or "")
    assert first_start(settings) is None


def test_a_database_without_tables_makes_nobody(settings: Settings) -> None:
    assert first_start(settings) is None


def test_accounts_can_be_managed_from_the_terminal(settings: Settings) -> None:
    upgrade_database(settings.database_url)
    runner = CliRunner()
    added = runner.invoke(app, ["staff", "add", "li", "--name", "小李", "--role", "supervisor"])
    assert added.exit_code == 0
    first = re.search(r"one-time password (\S+)", added.output)
    replaced = runner.invoke(app, ["staff", "one-time-password", "li"])
    second = re.search(r"one-time password (\S+)", replaced.output)
    assert first is not None
    assert second is not None
    with shop_session(settings.database_url) as session:
        account = find_account(session, "li")
        assert account is not None
        assert not matches(first[1], account.password or "")
        assert matches(second[1], account.password or "")
        assert (account.role, account.must_change_password) == ("supervisor", True)
        # Somebody works here, though they have not signed in yet: who wants a person leaves a message at once.
        assert account.agent_id == "li"
        assert receive(session, RULES.groups[-1], RULES, NOW).reception == "nobody"
    assert runner.invoke(app, ["staff", "add", "lehrer", "--name", "老师", "--role", "trainer"]).exit_code == 0
    with shop_session(settings.database_url) as session:
        assert [each.id for each in agents_of(session)] == ["li"]
    listed = runner.invoke(app, ["staff", "list"])
    assert "supervisor" in listed.output
    assert "must change the password" in listed.output


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["add", "li", "--name", "小李", "--role", "boss"], "there is no role boss"),
        (["add", "Li!", "--name", "小李"], "登录名"),
        (["one-time-password", "nobody"], "there is no account nobody"),
    ],
)
def test_a_mistake_is_answered_with_its_remedy(settings: Settings, command: list[str], words: str) -> None:
    upgrade_database(settings.database_url)
    result = CliRunner().invoke(app, ["staff", *command])
    assert isinstance(result.exception, OperatorError)
    assert words in str(result.exception)


def test_without_a_database_it_is_said_what_to_do(settings: Settings) -> None:
    result = CliRunner().invoke(app, ["staff", "list"])
    assert isinstance(result.exception, OperatorError)
    assert "sixty migrate" in str(result.exception)
