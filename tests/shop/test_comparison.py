"""How two products differ."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.comparison import (
    ComparisonEntry,
    ComparisonsError,
    check_comparisons,
    compare,
    read_comparisons,
)
from sixty.shop.demo import load_demo
from sixty.shop.located import Problem
from sixty.shop.models import Attribute, Product

DEMO = Path("playbook/demo")


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


def written(first: str, second: str) -> dict[frozenset[str], ComparisonEntry]:
    entry = ComparisonEntry(
        products=(first, second), difference="一个厚一个薄。", suits={first: "冬天穿的亲", second: "夏天穿的亲"}
    )
    return {frozenset((first, second)): entry}


def test_what_is_written_by_hand_wins(shop: Session) -> None:
    trousers, large = product_of(shop, "GZ2101"), product_of(shop, "GZ2102")
    found = compare(shop, trousers, large, written("GZ2102", "GZ2101"))
    assert found.by_hand
    assert found.differences == ()
    assert found.text == "一个厚一个薄；多口袋工装裤更适合夏天穿的亲；大码工装裤更适合冬天穿的亲"


def test_attribute_by_attribute(shop: Session) -> None:
    shop.add_all(
        [
            Attribute(product_no="GZ2101", key="适合体型", value="标准身材", ordinal=9),
            Attribute(product_no="GZ2102", key="适合体型", value="微胖 腿粗", ordinal=9),
            Attribute(product_no="GZ2102", key="厚薄", value="中厚", ordinal=8),
        ]
    )
    shop.flush()
    found = compare(shop, product_of(shop, "GZ2101"), product_of(shop, "GZ2102"), {})
    assert not found.by_hand
    # 厚薄 is the same in both.
    assert [(each.key, each.first, each.second) for each in found.differences] == [
        ("价格", "259元起", "269元起"),
        ("适合体型", "标准身材", "微胖，腿粗"),
        ("材质", "98%棉，2%氨纶", "纯棉"),
    ]
    assert found.suits == {"GZ2101": "标准身材", "GZ2102": "微胖，腿粗"}
    assert found.text.endswith("多口袋工装裤更适合标准身材；大码工装裤更适合微胖，腿粗")


def test_the_other_way_round_says_the_same(shop: Session) -> None:
    one, other = product_of(shop, "GZ2101"), product_of(shop, "GZ2102")
    forth, back = compare(shop, one, other, {}), compare(shop, other, one, {})
    assert [(each.key, each.second, each.first) for each in back.differences] == [
        (each.key, each.first, each.second) for each in forth.differences
    ]


def test_what_only_one_says_is_not_compared(shop: Session) -> None:
    found = compare(shop, product_of(shop, "GZ2001"), product_of(shop, "SM1101"), {})
    assert [each.key for each in found.differences] == ["价格"]
    assert found.suits == {}


def test_a_product_is_not_compared_with_itself(shop: Session) -> None:
    with pytest.raises(ValueError, match="itself"):
        compare(shop, product_of(shop, "GZ2101"), product_of(shop, "GZ2101"), {})


def test_the_demo_shops_own_are_right() -> None:
    problems: list[Problem] = []
    entries = check_comparisons(DEMO / "comparisons.yml", problems, {each.no for each in load_demo(DEMO).products})
    assert problems == []
    assert len(entries) >= 3
    assert frozenset(("GZ2101", "GZ2103")) in read_comparisons(Path("playbook"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {products: [A, A], difference: x, suits: {A: y}}", "itself"),
        ("- {products: [A, B], difference: x, suits: {A: y}}", "A and B"),
        ("- {products: [A, B], difference: '', suits: {A: y, B: z}}", "difference"),
        ("- {products: [A, B], difference: x, suits: {A: y, B: ' '}}", "says nothing"),
        ("- {products: [A], difference: x, suits: {}}", "products"),
        ("- {products: [A, C], difference: x, suits: {A: y, C: z}}", "unknown product C"),
        (
            "- &one {products: [A, B], difference: x, suits: {A: y, B: z}}\n"
            "- {products: [B, A], difference: x, suits: {A: y, B: z}}",
            "compared twice",
        ),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "comparisons.yml"
    file.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    check_comparisons(file, problems, {"A", "B"})
    assert any(said in str(each) for each in problems), problems
    assert str(problems[0]).startswith(f"{file}:")


def test_a_shops_own_file_replaces_the_demos(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    line = "- {{products: [{0}, B], difference: x, suits: {{{0}: y, B: z}}}}"
    (tmp_path / "demo" / "comparisons.yml").write_text(line.format("A"), encoding="utf-8")
    (tmp_path / "comparisons.yml").write_text(line.format("C"), encoding="utf-8")
    assert set(read_comparisons(tmp_path)) == {frozenset(("C", "B"))}


def test_a_wrong_file_is_an_operators_error(tmp_path: Path) -> None:
    (tmp_path / "comparisons.yml").write_text("x: 1", encoding="utf-8")
    with pytest.raises(ComparisonsError, match="isn't a list"):
        read_comparisons(tmp_path)
