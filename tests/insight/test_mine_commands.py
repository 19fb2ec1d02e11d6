from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from sixty.cli import app
from sixty.insight.models import RelatedQuestion
from sixty.settings import get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from tests.insight import chats
from tests.insight.chats import chat, put

COUNTS = "category,question,state,place,following,visit_count,recency_sum,weight_sum,ordered_sum\n"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A shop in which customers asked yesterday."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("SIXTY_DATABASE_URL", url)
    monkeypatch.setattr(chats, "NOW", datetime.now(timezone.utc))
    get_settings.cache_clear()
    upgrade_database(url)
    with shop_session(url) as session:
        put(session, [chat("ask_price", "ask_size", category="工装")] * 8 + [chat("ask_price", "ask_stock")] * 6)
    yield url
    get_settings.cache_clear()
    engine_for(url).dispose()


def kept(url: str) -> set[tuple[str, str]]:
    with shop_session(url, read_only=True) as session:
        rows = session.scalars(
            select(RelatedQuestion).where(RelatedQuestion.place == 1, RelatedQuestion.category == "")
        )
        return {(row.question, row.following) for row in rows}


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["mine", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_it_prints_in_words_and_keeps(database: str) -> None:
    printed = run("related")
    for words in ("14次来访", "到手多少钱", "我穿多大码", "有现货吗", "可推"):
        assert words in printed
    assert kept(database) >= {("", "ask_price"), ("ask_price", "ask_size"), ("ask_price", "ask_stock")}


def test_one_question_of_one_category_as_json(database: str) -> None:
    about = ("related", "--after", "ask_price", "--category", "工装", "--json")
    assert [(row["following"], row["count"], row["capsule"]) for row in json.loads(run(*about))] == [
        ("ask_size", 8, "size")
    ]
    assert [(row["following"], row["count"], row["capsule"]) for row in json.loads(run(*about, "--all"))] == [
        ("ask_size", 8, "size"),
        ("ask_stock", 0, "stock"),
    ]


def test_a_dry_run_keeps_nothing(database: str) -> None:
    assert "没有保存" in run("related", "--dry-run")
    assert kept(database) == set()


def test_exported_files_give_the_same(database: str, tmp_path: Path) -> None:
    assert "14 visits, 28 turns" in run("export", str(tmp_path / "out"))
    from_database = json.loads(run("related", "--json"))
    from_files = json.loads(run("related", "--json", "--parquet", str(tmp_path / "out")))
    assert from_files == from_database


def test_only_the_last_days_are_exported(database: str, tmp_path: Path) -> None:
    with shop_session(database) as session:
        put(session, [chat("ask_price", days_ago=40)], first=1000)
    assert "15 visits" in run("export", str(tmp_path / "out"))
    assert "14 visits" in run("export", str(tmp_path / "out"), "--days", "7")


def test_a_shop_without_chats_is_told_what_to_do(database: str) -> None:
    with shop_session(database) as session:
        for visit in session.execute(select(chats.Visit)).scalars():
            visit.started_at -= timedelta(days=4000)
    assert "还没有问题被问够5次" in run("related")


def test_counts_of_another_database_are_taken(database: str, tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text(
        COUNTS
        + ",,unknown,1,ask_gift,9,9,9,0\n,ask_gift,settled,1,ask_coupon,7,6.5,6.5,1\n,ask_gift,settled,1,,2,2,2,0\n",
        encoding="utf-8",
    )
    rows = json.loads(run("related", "--json", "--counts", str(file)))
    assert {(row["question"], row["following"], row["count"]) for row in rows} == {
        ("", "ask_gift", 9),
        ("ask_gift", "ask_coupon", 7),
    }


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("counts.csv", "question,number\na,1\n", "columns category, question"),
        ("counts.txt", COUNTS, "no file to read"),
        ("counts.csv", COUNTS + ",,unknown,one,ask_gift,9,9,9,0\n", "can't be read as counts"),
    ],
)
def test_files_that_are_no_counts_are_said(database: str, tmp_path: Path, name: str, content: str, said: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["mine", "related", "--counts", str(file)])
    assert result.exit_code != 0
    assert said in str(result.exception)
