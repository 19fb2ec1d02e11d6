"""`sixty shop price`, as it is typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sixty.cli import app
from sixty.settings import get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.demo import seed
from tests.shop.conftest import SMALL_SHOP


@pytest.fixture
def shop_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Iterator[None]:
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    get_settings.cache_clear()
    url = get_settings().database_url
    upgrade_database(url)
    with shop_session(url) as session:
        seed(session, now, path=SMALL_SHOP)
    yield
    engine_for(url).dispose()
    get_settings.cache_clear()


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["shop", "price", *words])


def cells(output: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("│")[1:-1]] for row in output.splitlines() if row.startswith("│")]


@pytest.mark.usefixtures("shop_at")
def test_a_price_is_explained_line_by_line() -> None:
    done = run("GZ2101-01", "GZ3101-01=2", "--customer", "C001", "--at", "2026-05-20T15:00")
    assert done.exit_code == 0, done.output
    found = cells(done.output)
    assert ["活动优惠", "", "−129.00"] in found
    assert ["金卡会员价", "", "−31.00"] in found
    assert ["搭配满300减40", "", "−40.00"] in found
    assert ["商品到手价", "", "387.00"] in found
    assert ["合计", "", "387.00"] in found
    shares = {row[0]: row[-1] for row in found if row[0].startswith("GZ")}
    assert sum(float(share) for share in shares.values()) == 387
    assert ["工装满240减30", "不能和“搭配满300减40”同时用"] in found


@pytest.mark.usefixtures("shop_at")
def test_a_named_coupon_and_a_moment() -> None:
    done = run("GZ2101-01", "--at", "2026-05-20T15:00+08:00", "--coupon", "STORE200-20", "--coupon", "NIX")
    assert ["满200减20", "", "−20.00"] in cells(done.output)
    assert ["NIX", "没有这张券"] in cells(done.output)
    later = run("GZ2101-01", "--at", "2026-11-11T15:00")
    assert ["商品到手价", "", "259.00"] in cells(later.output)


@pytest.mark.usefixtures("shop_at")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("GZ2101-01=0",), "is no SKU=N"),
        (("GZ2101-01=two",), "is no SKU=N"),
        (("=2",), "is no SKU=N"),
        (("GZ2101-01", "--at", "tomorrow"), "is no time"),
        (("NOPE",), "there is no SKU NOPE"),
        (("GZ2101-01", "--customer", "C999"), "there is no customer C999"),
    ],
)
def test_what_is_wrong_is_said(words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.exit_code != 0
    assert said in " ".join((done.output + str(done.exception)).split())


def gaps(*words: str) -> Result:
    return CliRunner().invoke(app, ["shop", "gaps", *words])


@pytest.mark.usefixtures("shop_at")
def test_open_doubts_are_listed_by_how_often_they_are_asked(tmp_path: Path) -> None:
    asked = tmp_path / "asked.csv"
    asked.write_text("product,doubt,attribute,asked,left\nGZ2101,,起球,12,5\nSM1101,use,,30,4\n", encoding="utf-8")
    done = gaps("--asked", str(asked))
    assert done.exit_code == 0, done.output
    rows = cells(done.output)
    assert rows[0] == ["SM1101", "澜星手机", "使用", "30", "4", ""]
    assert rows[1] == ["GZ2101", "多口袋工装裤", "质量", "12", "5", "起球"]
    shown = json.loads(gaps("--asked", str(asked), "--json", "--product", "gz2101").output)
    assert shown[0] == {"product": "GZ2101", "doubt": "quality", "asked": 12, "left": 5, "unanswered": ["起球"]}
    assert {each["product"] for each in shown} == {"GZ2101"}


@pytest.mark.usefixtures("shop_at")
def test_what_is_left_out_of_the_gaps_is_said() -> None:
    done = gaps("--limit", "1")
    assert len(cells(done.output)) == 1
    assert "项没显示，用 --limit 看更多" in done.output


@pytest.mark.usefixtures("shop_at")
def test_gaps_of_a_product_that_is_not_there() -> None:
    done = gaps("--product", "NIX")
    assert done.exit_code != 0
    assert "there is no product NIX" in str(done.exception) + done.output
