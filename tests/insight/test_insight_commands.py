"""`sixty insight …`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sixty.cli import app
from sixty.errors import OperatorError
from sixty.insight.follower import FOLLOWED
from sixty.insight.following import cursor_of
from sixty.ledger.reading import newest_id
from sixty.settings import Settings, get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from tests.insight.shop_chats import ask, kept, open_chat, open_shop


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("SIXTY_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    upgrade_database(get_settings().database_url)
    yield get_settings()
    engine_for(get_settings().database_url).dispose()
    get_settings.cache_clear()


@pytest.fixture
def chat(deployment: Settings) -> str:
    with shop_session(deployment.database_url) as session:
        open_shop(session)
        chat = open_chat(session)
        ask(session, chat, 0, "ask_attribute", entities=[("attribute", "材质")])
        ask(session, chat, 20, "hesitate")
    return chat


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_all_history_is_worked_out_again(deployment: Settings, chat: str) -> None:
    assert "1 conversations worked out" in run("insight", "recompute")
    with shop_session(deployment.database_url, read_only=True) as session:
        before = kept(session)
        assert cursor_of(session, FOLLOWED) == newest_id(session)
    assert [visit["turns"] for visit in before] == [2]
    run("insight", "recompute", chat)
    with shop_session(deployment.database_url, read_only=True) as session:
        assert kept(session) == before


def test_a_conversation_is_shown_with_its_reasons(chat: str) -> None:
    run("insight", "recompute")
    shown = run("insight", "show", chat)
    assert "line B" in shown
    assert "ask_attribute.材质" in shown
    assert "在犹豫 -" in shown
    assert shown.splitlines()[-1].startswith("now: ")


def test_an_unknown_conversation_is_said(chat: str) -> None:
    with pytest.raises(OperatorError, match="no conversation nobody"):
        run("insight", "recompute", "nobody")
    with pytest.raises(OperatorError, match="Nothing is known of a conversation nobody"):
        run("insight", "show", "nobody")
