"""Which doubts stay open."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sixty.shop.gaps import AskedCount, AskedFileError, CountedInFile, Gap, find_gaps
from sixty.shop.models import Attribute, Product, SizeChart, SizeRow, Sku


@dataclass
class Asked:
    rows: list[AskedCount]

    def counts(self) -> Iterable[AskedCount]:
        return self.rows


def gap(found: list[Gap], product: str, doubt: str) -> Gap | None:
    return next((each for each in found if (each.product.no, each.doubt) == (product, doubt)), None)


def test_what_no_attribute_answers_is_open(shop: Session) -> None:
    found = find_gaps(shop)
    of_trousers = {each.doubt for each in found if each.product.no == "GZ2101"}
    # 材质 answers quality, 厚薄 comfort, the size chart size.
    assert of_trousers == {"fit", "date", "use"}
    # Its 材质 names no doubt, but is a question of quality.
    assert gap(found, "GZ2102", "quality") is None
    assert "GZ2001" not in {each.product.no for each in found}
    assert all((each.asked, each.left, each.unanswered) == (0, 0, ()) for each in found)


def test_sizes_are_told_by_a_chart_of_the_category_and_by_shoes_themselves(shop: Session) -> None:
    for number, size in (("ST0001", "M"), ("XZ0001", "42")):
        shop.add(Product(no=number, name=number, category="配饰", kind="手套", brand="x", aliases=[]))
        shop.flush()
        shop.add(
            Sku(code=f"{number}-1", product_no=number, size=size, stock=1, list_price=Decimal(9), price=Decimal(9))
        )
    shop.flush()
    assert gap(find_gaps(shop), "ST0001", "size") is not None
    assert gap(find_gaps(shop), "XZ0001", "size") is None
    row = SizeRow(ordinal=0, size="M", height_min=Decimal(160), height_max=Decimal(170))
    shop.add(SizeChart(id="gloves", name="手套", category="手套", rows=[row]))
    shop.flush()
    shop.expire_all()
    assert gap(find_gaps(shop), "ST0001", "size") is None


def test_the_most_asked_comes_first_then_who_left(shop: Session) -> None:
    asked = Asked(
        [
            AskedCount("GZ2101", "use", None, 10, 1),
            AskedCount("GZ2101", "fit", "版型", 10, 7),
            AskedCount("SM1101", "use", None, 11, 0),
        ]
    )
    found = find_gaps(shop, asked)
    assert [(each.product.no, each.doubt) for each in found[:3]] == [
        ("SM1101", "use"),
        ("GZ2101", "fit"),
        ("GZ2101", "use"),
    ]
    assert found[1].unanswered == ("版型",)


def test_an_attribute_nobody_wrote_down_opens_an_answered_doubt(shop: Session) -> None:
    asked = Asked(
        [
            AskedCount("GZ2101", "quality", "掉色", 5, 2),
            AskedCount("GZ2101", "quality", "起球", 6, 3),
            AskedCount("GZ2101", "quality", "面料", 50, 9),
            AskedCount("GZ2101", "quality", None, 7, 1),
        ]
    )
    found = gap(find_gaps(shop, asked), "GZ2101", "quality")
    assert found is not None
    assert (found.asked, found.left, found.unanswered) == (11, 5, ("起球", "褪色"))


def test_questions_and_knowledge_are_inherited(shop: Session) -> None:
    asked = Asked([AskedCount("GZ2001", "use", "护理", 4, 2)])
    found = gap(find_gaps(shop, asked), "GZ2101", "use")
    assert found is not None
    assert (found.asked, found.left) == (4, 2)
    shop.add(Attribute(product_no="GZ2001", key="护理", value="机洗", doubt="use"))
    shop.flush()
    assert gap(find_gaps(shop, asked), "GZ2101", "use") is None


def test_one_product(shop: Session) -> None:
    assert {each.product.no for each in find_gaps(shop, product_no="SM1101")} == {"SM1101"}


def test_a_table_of_counts_is_read(tmp_path: Path) -> None:
    rows = [
        AskedCount("GZ2101", "quality", "掉色", 5, 2),
        AskedCount("GZ2101", "fit", None, 3, 3),
    ]
    table = tmp_path / "asked.csv"
    table.write_text(
        "product,doubt,attribute,asked,left\ngz2101,,掉色,5,2\nGZ2101,适不适合,,3,3\n", encoding="utf-8-sig"
    )
    assert list(CountedInFile(table).counts()) == rows
    as_json = tmp_path / "asked.json"
    as_json.write_text(
        json.dumps(
            [
                {"product": "GZ2101", "attribute": "掉色", "asked": 5, "left": 2},
                {"product": "GZ2101", "doubt": "fit", "asked": 3, "left": 3},
            ]
        ),
        encoding="utf-8",
    )
    assert list(CountedInFile(as_json).counts()) == rows


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "product,asked\nX,1", "no column left"),
        ("a.csv", "product,doubt,asked,left\n,fit,1,1", "a.csv:2: names no product"),
        ("a.csv", "product,doubt,asked,left\nX,mood,1,1", "'mood' is no kind of doubt"),
        ("a.csv", "product,doubt,asked,left\nX,fit,many,1", "asked is 'many'; write a whole number"),
        ("a.csv", "product,doubt,asked,left\nX,fit,1,2", "2 left, but only 1 asked"),
        ("a.csv", "product,doubt,asked,left\nX,,1,1", "shows no doubt"),
        ("a.json", "[1]", "list of objects"),
        ("a.json", "[\n{", "a.json:2: isn't JSON"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(AskedFileError) as error:
        list(CountedInFile(tmp_path / name).counts())
    assert said in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(AskedFileError, match="can't be read"):
        list(CountedInFile(tmp_path / "none.csv").counts())
