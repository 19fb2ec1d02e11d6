from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from sixty.cli import app
from sixty.errors import OperatorError
from sixty.insight.capsule_report import DIMENSIONS, Scope, capsule_report
from sixty.insight.models import CapsuleShowing
from sixty.ledger.receiving import Incoming, receive
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from sixty.shop.intervals import wilson

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)


def show(session: Session, count: int, *, tapped: int = 0, ordered: int = 0, early: int = 0, **about: Any) -> None:
    """Showings of one capsule: some tapped, an order behind some of the taps, and in front of some others."""
    at = about.pop("at", NOW)
    message = receive(session, Incoming("chat", "web", text="…", author="bot"), at).message
    for number in range(count):
        order = at + timedelta(minutes=9) if number < ordered else at if number < ordered + early else None
        values: dict[str, Any] = {
            "question": "ask_price",
            "source": "mined",
            "after": "ask_stock",
            "category": "工装",
            "entry": "product",
            **about,
        }
        session.add(
            CapsuleShowing(
                message_id=message.id,
                position=number,
                conversation_id="chat",
                title="…",
                arm="pushes",
                shown_at=at,
                tapped_at=at + timedelta(seconds=5) if number < tapped else None,
                ordered_at=order,
                **values,
            )
        )
    session.flush()


def counts(found: Any) -> dict[str, tuple[int, int, int]]:
    return {each.name: (each.shown, each.tapped, each.ordered) for each in found}


def test_shown_tapped_and_ordered_are_counted_by_every_dimension(session: Session) -> None:
    show(session, 10, tapped=4, ordered=1)
    show(session, 5, tapped=1, question="ask_size", source="playbook", after="", category=None, entry="shop")
    found = capsule_report(session)
    assert counts([found.total]) == {"": (15, 5, 1)}
    assert counts(found.by("question")) == {"ask_price": (10, 4, 1), "ask_size": (5, 1, 0)}
    assert counts(found.by("place")) == {"ask_stock": (10, 4, 1), "": (5, 1, 0)}
    assert counts(found.by("source")) == {"mined": (10, 4, 1), "playbook": (5, 1, 0)}
    assert counts(found.by("category")) == {"工装": (10, 4, 1), "": (5, 1, 0)}
    assert counts(found.by("entry")) == {"product": (10, 4, 1), "shop": (5, 1, 0)}
    assert counts(found.by("position"))["1"] == (2, 2, 1)
    assert counts(found.by("question", "工装")) == {"ask_price": (10, 4, 1)}
    for dimension in DIMENSIONS:
        assert sum(each.shown for each in found.by(dimension)) == 15


def test_an_order_in_front_of_the_tap_or_without_one_did_not_come_of_it(session: Session) -> None:
    show(session, 6, tapped=2, early=2)
    show(session, 3, ordered=3)
    assert counts([capsule_report(session).total]) == {"": (9, 2, 0)}


def test_intervals_are_wilsons(session: Session) -> None:
    show(session, 40, tapped=10, ordered=3)
    total = capsule_report(session).total
    assert total.tap_rate == wilson(10, 40)
    assert total.order_rate == wilson(3, 10)
    # Worked out by hand: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n) with p = 1/4, n = 40.
    assert [total.tap_rate.low, total.tap_rate.high] == pytest.approx([0.1419, 0.4019], abs=1e-4)


def test_a_scope_is_a_stretch_of_time_and_a_category(session: Session) -> None:
    show(session, 2)
    show(session, 3, at=NOW - timedelta(days=1))
    show(session, 4, category="美妆")
    assert capsule_report(session, Scope(since=NOW)).total.shown == 6
    assert capsule_report(session, Scope(until=NOW)).total.shown == 3
    assert capsule_report(session, Scope(since=NOW, category="美妆")).total.shown == 4
    assert capsule_report(session, Scope(since=NOW + timedelta(days=1))).total.shown == 0


@pytest.fixture
def shop(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("SIXTY_DATABASE_URL", database_url)
    get_settings.cache_clear()
    yield database_url
    get_settings.cache_clear()


def test_the_command_prints_tables_and_json(shop: str) -> None:
    with shop_session(shop) as session:
        show(session, 10, tapped=4, ordered=1)
        show(session, 5, tapped=1, question="ask_attribute.材质", source="pinned", after="", category="美妆")
    printed = CliRunner().invoke(app, ["report", "capsules"], env={"COLUMNS": "200"})
    assert printed.exit_code == 0, printed.output
    for word in ("展示 15 次", "到手多少钱", "什么面料", "“有现货吗”之后", "刚进来", "挖掘", "置顶", "工装", "40.0%"):
        assert word in printed.output
    as_json = CliRunner().invoke(app, ["report", "capsules", "--json", "--by", "question", "--by", "source"])
    found = json.loads(as_json.output)
    assert set(found["by"]) == {"question", "source"}
    assert found["by"]["question"][0] == {
        "name": "ask_price",
        "shown": 10,
        "tapped": 4,
        "ordered": 1,
        "tap_rate": 0.4,
        "tap_rate_low": pytest.approx(0.16818, abs=1e-5),
        "tap_rate_high": pytest.approx(0.68733, abs=1e-5),
        "order_rate": 0.25,
        "order_rate_low": pytest.approx(0.04559, abs=1e-5),
        "order_rate_high": pytest.approx(0.69936, abs=1e-5),
    }
    assert [each["name"] for each in found["categories"]["美妆"]["source"]] == ["pinned"]
    assert "Wilson" in found["intervals"]
    only = CliRunner().invoke(app, ["report", "capsules", "--json", "--category", "美妆", "--since", "2026-11-20"])
    assert json.loads(only.output)["total"]["shown"] == 5


def test_the_command_says_what_is_wrong_or_missing(shop: str) -> None:
    nothing = CliRunner().invoke(app, ["report", "capsules"])
    assert "sixty insight recompute" in nothing.output
    for wrong, said in (
        (["--by", "colour"], "question, place, source"),
        (["--since", "yesterday"], "2026-11-01"),
        (["--since", "2026-11-02", "--until", "2026-11-01"], "nothing lies between"),
    ):
        failed = CliRunner().invoke(app, ["report", "capsules", *wrong])
        assert isinstance(failed.exception, OperatorError)
        assert said in str(failed.exception)
