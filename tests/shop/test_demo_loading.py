from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.demo import DemoError, load_demo
from sixty.shop.demo.moments import Moment
from sixty.shop.wording import SHOP_ZONE

from .conftest import SMALL_SHOP

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=SHOP_ZONE)
Change = Callable[[str, str, str], DemoError]


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Changes one place in the small shop's files and returns what loading says to it."""

    def changed(file: str, old: str, new: str) -> DemoError:
        folder = shutil.copytree(SMALL_SHOP, tmp_path / "shop", dirs_exist_ok=True)
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(DemoError) as caught:
            load_demo(folder)
        return caught.value

    return changed


def line_of(file: str, words: str) -> int:
    lines = (SMALL_SHOP / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def test_variants_are_written_out() -> None:
    products = {product.no: product for product in load_demo(SMALL_SHOP).products}
    trousers = products["GZ2101"].skus
    assert [(sku.color, sku.size) for sku in trousers[:3]] == [("卡其", "M"), ("卡其", "L"), ("卡其", "XL")]
    assert {(sku.size, sku.stock) for sku in trousers if sku.color == "黑色"} == {
        ("M", 0),
        ("L", 3),
        ("XL", 0),
        ("2XL", 0),
    }
    larger = products["SM1101"].skus[1]
    assert (larger.list_price, larger.price, larger.member_price) == (Decimal(2499), Decimal(2199), Decimal(2169))


def test_scalars_stay_as_they_are_written() -> None:
    assert load_demo(SMALL_SHOP).products[0].no == "GZ2101"
    assert load_demo(SMALL_SHOP).orders[0].no == "202600000000000001"


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "remedy"),
    [
        ("products.yml", "brand: 澜星", "bran: 澜星", "bran: extra fields", "known are no, name, brand"),
        ("products.yml", "runs: 偏大", "runs: 大", "runs: unexpected value", "use one of"),
        ("products.yml", "price: 99.5,", "price: 199.5,", "above list_price", "mend"),
        ("products.yml", "price: 99.5,", "price: 99.555,", "no more than 2 decimal places", "two decimals"),
        ("products.yml", "price: 99.5,", "price: 免费,", "not a valid decimal", "plain number"),
        ("products.yml", "stock: 20", "stock: 两箱", "not a valid integer", "whole number"),
        ("products.yml", '"黑色/L": 3', '"粉色/L": 3', "'粉色/L' names none", "mend"),
        ("products.yml", "材质: {value: 纯棉}", "手感: {value: 纯棉}", "nobody asks for '手感'", "材质、版型"),
        ("products.yml", "size_chart: trousers", "size_chart: shoes", "unknown size chart shoes", "size_charts.yml"),
        ("products.yml", "successor: GZ2101", "successor: GZ9999", "unknown successor GZ9999", "exists"),
        ("products.yml", "- no: GZ2102", "- no: GZ2101", "product GZ2101 exists already at products.yml:1", "another"),
        ("products.yml", "kind: 手机", "kind: 手机\n  kind: 电话", "'kind' stands here twice", "remove one"),
        ("products.yml", "aliases: [多口袋裤]", "aliases: [多口袋裤", "isn't YAML", "brackets"),
        ("size_charts.yml", "weight: [68, 80]", "weight: [48, 60]", "has less weight than the size before", "mend"),
        ("size_charts.yml", "height: [165, 195], weight: [98, 115]", "height: [165, 195]", "for every size", "mend"),
        ("coupons.yml", "category: 工装", "category: 工作服", "no product is of the category", "工装"),
        ("coupons.yml", "threshold: 200, amount: 20", "threshold: 10, amount: 20", "takes off more", "raise"),
        ("coupons.yml", "ends: +20d", "ends: soon", "no relative time", "mend"),
        ("pairings.yml", "with: GZ3101", "with: GZ9999", "unknown product GZ9999", "exists"),
        ("pairings.yml", "coupon: BUNDLE300-40", "coupon: STORE200-20", "isn't of kind bundle", "bundle coupon"),
        ("presales.yml", "deposit_worth: 250", "deposit_worth: 50", "deposit <= deposit_worth", "mend"),
        ("presales.yml", "price: 1899", "price: 9999", "above the list price", "lower"),
        ("presales.yml", "balance_from: +5d", "balance_from: +1d", "before the presale ends", "later"),
        ("customers.yml", "level: 金卡", "level: 钻石", "level: unexpected value", "use one of"),
        ("orders.yml", "customer: C001", "customer: C999", "unknown customer C999", "customers.yml"),
        ("orders.yml", "product: GZ2102, size: 3XL", "product: GZ2102, size: M", "no such variant", "3XL、4XL"),
        ("orders.yml", "  coupon: GZ240-30", "  coupon: NIX", "unknown coupon NIX", "coupons.yml"),
        ("orders.yml", "  paid: -3d 14:22\n", "", "needs the time 'paid'", "add paid"),
        ("orders.yml", "paid: -3d 14:22", "paid: -3d 14:02", "paid is, or at some hours", "mend"),
        ("orders.yml", "delivered: -5d 12:00", "delivered: +5d 12:00", "in the future", "earlier"),
        ("orders.yml", "delivered: -5d 12:00", "delivered: 0d 12:00", "in the future", "earlier"),
        ("orders.yml", "at: -2d 23:10", "at: -9d 23:10", "before the order was placed", "mend"),
        ("orders.yml", "product: SM1101", "product: GZ2102, size: 3XL", "has no presale", "presales.yml"),
        ("orders.yml", "state: unpaid", "state: closed", "needs the time 'closed'", "add closed"),
        ("orders.yml", 'no: "202600000000000003"', "no: 3", "string does not match", "mend"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_remedy(
    change: Change, file: str, old: str, new: str, message: str, remedy: str
) -> None:
    error = change(file, old, new)
    fitting = [problem for problem in error.problems if message in problem.message]
    assert fitting, str(error)
    problem = fitting[0]
    assert problem.file.name == file
    assert remedy in problem.remedy
    text = (problem.file.read_text(encoding="utf-8")).splitlines()
    assert 1 <= problem.line <= len(text)
    assert str(problem).startswith(f"{problem.file}:{problem.line}: ")


def test_the_line_is_that_of_the_value(change: Change) -> None:
    error = change("orders.yml", "at: -2d 23:10", "at: -9d 23:10")
    assert [problem.line for problem in error.problems] == [line_of("orders.yml", "-2d 23:10")]
    error = change("products.yml", "材质: {value: 纯棉}", "手感: {value: 纯棉}")
    assert {problem.line for problem in error.problems if "手感" in problem.message} == {
        line_of("products.yml", "材质: {value: 纯棉}")
    }


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    folder = shutil.copytree(SMALL_SHOP, tmp_path / "shop")
    for name in ("products.yml", "customers.yml", "coupons.yml"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(f"{text}\n- {{oops: 1}}\n", encoding="utf-8")
    with pytest.raises(DemoError) as caught:
        load_demo(folder)
    assert {each.file.name for each in caught.value.problems} == {"products.yml", "customers.yml", "coupons.yml"}
    assert str(caught.value).count("\n") + 1 == len(caught.value.problems)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"products\.yml:1: can't be read"):
        load_demo(tmp_path)


@pytest.mark.parametrize("text", ["just words", "a: 1", "- 1", "- [1]", "\t- x", "\x00", "- &a [*a]"])
def test_odd_files_are_mistakes_not_crashes(tmp_path: Path, text: str) -> None:
    folder = shutil.copytree(SMALL_SHOP, tmp_path / "shop")
    (folder / "coupons.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DemoError, match=r"coupons\.yml:1: "):
        load_demo(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-25m", NOW - timedelta(minutes=25)),
        ("+2h", NOW + timedelta(hours=2)),
        ("-3d", NOW - timedelta(days=3)),
        ("-3d 14:20", datetime(2026, 5, 17, 14, 20, tzinfo=SHOP_ZONE)),
        ("+5d 9:05", datetime(2026, 5, 25, 9, 5, tzinfo=SHOP_ZONE)),
        ("0d 00:00", datetime(2026, 5, 20, tzinfo=SHOP_ZONE)),
    ],
)
def test_relative_times(text: str, expected: datetime) -> None:
    assert Moment.parse(text).at(NOW) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "-3", "3d 25:00", "-3h 14:20", "2026-05-20", "-99999d", "- 3d"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Moment.parse(text)


@given(st.text(alphabet="+-0123456789dhm: ", max_size=12))
def test_a_time_is_read_or_refused(text: str) -> None:
    try:
        moment = Moment.parse(text)
    except ValueError:
        return
    assert moment.at(NOW).tzinfo is not None


@pytest.mark.parametrize(
    ("file", "entry", "message"),
    [
        ("promotions.yml", "{code: X, kind: timed_discount, title: x, starts: -1d, ends: +1d}", "needs one of rate"),
        ("promotions.yml", "{code: X, kind: store_cut, title: x, threshold: 9, amount: 1}", "either starts and ends"),
        (
            "promotions.yml",
            "{code: X, kind: store_cut, title: x, threshold: 9, amount: 1, starts: +1d, ends: -1d}",
            "ends before it starts",
        ),
        (
            "promotions.yml",
            "{code: X, kind: store_cut, title: x, threshold: 9, amount: 1, campaign: 双11, phases: [sale]}",
            "unknown campaign",
        ),
        (
            "promotions.yml",
            "{code: X, kind: gift, title: x, threshold: 9, gift: 袜子, products: [NIX1], starts: -1d, ends: +1d}",
            "unknown product NIX1",
        ),
        (
            "promotions.yml",
            "{code: X, kind: gift, title: x, threshold: 9, gift: 袜子, categories: [鞋], starts: -1d, ends: +1d}",
            "no product is of the category 鞋",
        ),
        (
            "promotions.yml",
            "{code: X, kind: bundle_price, title: x, price: 9, products: [GZ2101], starts: -1d, ends: +1d}",
            "two at least",
        ),
        ("promotions.yml", "{code: X, kind: store_coupon, title: x, starts: -1d, ends: +1d}", "kind: unexpected"),
        (
            "credits.yml",
            "{code: X, customer: C999, kind: red_packet, title: x, amount: 5, starts: -1d, ends: +1d}",
            "unknown customer C999",
        ),
        (
            "credits.yml",
            "{code: X, customer: C001, kind: red_packet, title: x, amount: 0, starts: -1d, ends: +1d}",
            "above zero",
        ),
        (
            "credits.yml",
            "{code: X, customer: C001, kind: allowance, title: x, amount: 5, threshold: 9, starts: -1d, ends: +1d}",
            "no threshold of its own",
        ),
    ],
)
def test_promotions_and_credits_are_checked_too(tmp_path: Path, file: str, entry: str, message: str) -> None:
    folder = shutil.copytree(SMALL_SHOP, tmp_path / "shop")
    (folder / file).write_text(f"- {entry}\n", encoding="utf-8")
    with pytest.raises(DemoError, match=rf"{file}:1: .*{message}"):
        load_demo(folder)
