"""The command `sixty report minute`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sixty.cli import app
from sixty.errors import OperatorError
from sixty.insight.report_commands import first_moment
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from tests.insight.report_rows import Asked, add_visit

LAST_WEEK = datetime.now(timezone.utc) - timedelta(days=7)


@pytest.fixture
def shop(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with shop_session(database_url) as session:
        add_visit(session, "a", [Asked("ask_price"), Asked("ask_size")], at=LAST_WEEK, ordered=True)
        add_visit(session, "b", [Asked("ask_price", "missed")], at=LAST_WEEK, arm="quiet", line="Z", category="奶瓶")
    monkeypatch.setenv("SIXTY_DATABASE_URL", database_url)
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


def run(*arguments: str):
    return CliRunner().invoke(app, ["report", "minute", *arguments])


def test_it_writes_a_page_where_it_is_told(shop: Path):
    page = shop / "folder" / "minute.html"
    done = run("--out", str(page))
    assert done.exit_code == 0
    assert str(page) in done.output
    assert "黄金一分钟" in page.read_text(encoding="utf-8")


def test_without_a_place_it_says_where(shop: Path):
    done = run()
    assert done.exit_code == 0
    assert (shop / "var" / "reports" / "minute.html").is_file()
    assert str(shop / "var" / "reports" / "minute.html") in done.output


def test_json_is_all_that_is_printed(shop: Path):
    done = run("--json")
    found = json.loads(done.stdout)
    assert found["visits"] == 2
    assert found["whole"]["courses"]["ordered"] == 1
    assert not (shop / "var" / "reports").exists()


def test_days_and_category_narrow_it(shop: Path):
    day = LAST_WEEK.date()
    assert json.loads(run("--json", "--since", str(day + timedelta(days=2))).stdout)["visits"] == 0
    assert json.loads(run("--json", "--until", str(day - timedelta(days=2))).stdout)["visits"] == 0
    whole = ("--since", str(day - timedelta(days=1)), "--until", str(day + timedelta(days=1)))
    assert json.loads(run("--json", *whole).stdout)["visits"] == 2
    assert json.loads(run("--json", "--category", "奶瓶").stdout)["visits"] == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "yesterday"), "write it as 2026-11-01"),
        (("--since", "2026-11-02", "--until", "2026-11-01"), "nothing lies between"),
        (("--category", "飞船"), "known are: 奶瓶、裤子"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(shop: Path, arguments: tuple[str, ...], told: str):
    done = run(*arguments)
    assert isinstance(done.exception, OperatorError)
    assert told in str(done.exception)


def test_a_place_that_cannot_be_is_said(shop: Path):
    (shop / "file").write_text("")
    done = run("--out", str(shop / "file" / "minute.html"))
    assert isinstance(done.exception, OperatorError)
    assert "--out" in str(done.exception)


def test_a_day_is_one_of_the_shops_zone():
    assert first_moment("--since", "2026-11-01") == datetime(2026, 10, 31, 16, tzinfo=timezone.utc)
    assert first_moment("--until", "2026-11-01", later=1) == datetime(2026, 11, 1, 16, tzinfo=timezone.utc)
    with pytest.raises(OperatorError):
        first_moment("--until", "9999-12-31", later=1)
