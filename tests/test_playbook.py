from __future__ import annotations

from pathlib import Path

import pytest
from yaml import safe_load

from sixty.playbook import Capsule, CapsulePlan, Holds, PlaybookError, read_capsule_plan

PLAN = """
capsules:
  price: {title: 多少钱, intent: ask_price}
  stock: {title: 有货吗, intent: ask_stock}
  cut: {title: 什么版型, intent: ask_attribute, attribute: 版型}
welcome: {shop: [price], product: [cut, stock]}
after:
  default: [price]
  ask_attribute: [stock]
  ask_attribute.版型: [price, stock]
  ask_attribute@sale: [price]
meanings: {ask_price: 多少钱}
close:
  questions: 2
  important: {default: [quality], 工装: [fit, quality]}
  lines: {default: "差不多啦，{reason}，拍吗？", presale: 付个定金吗？}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "capsules.yml"
    path.write_text(PLAN, encoding="utf-8")
    return path


def titles(capsules: list[Capsule]) -> list[str]:
    return [capsule.title for capsule in capsules]


def test_the_most_specific_entry_decides(file: Path) -> None:
    plan = read_capsule_plan(file)
    assert titles(plan.following("ask_attribute", "版型")) == ["多少钱", "有货吗"]
    assert titles(plan.following("ask_attribute", "材质")) == ["有货吗"]
    assert titles(plan.following("ask_attribute", None)) == ["有货吗"]
    assert titles(plan.following("unheard_of", None)) == ["多少钱"]
    assert titles(plan.welcoming("product")) == ["什么版型", "有货吗"]
    assert titles(plan.welcoming("unheard of")) == ["多少钱"]


def test_what_is_for_the_phase_comes_before_what_is_not(file: Path) -> None:
    plan = read_capsule_plan(file)
    assert titles(plan.following("ask_attribute", "材质", "sale")) == ["多少钱", "有货吗"]
    # Nothing stands there twice.
    assert titles(plan.following("ask_attribute", "版型", "sale")) == ["多少钱", "有货吗"]
    assert titles(plan.following("ask_attribute", "材质", "presale")) == ["有货吗"]
    assert titles(plan.welcoming("product", "sale")) == ["什么版型", "有货吗"]


def test_the_close_follows_category_and_phase(file: Path) -> None:
    close = read_capsule_plan(file).close
    assert close is not None
    assert close.doubts_of("工装") == ["fit", "quality"]
    assert close.doubts_of("生鲜食品") == ["quality"]
    assert close.line(None, "有现货") == "差不多啦，有现货，拍吗？"
    assert close.line(None) == "差不多啦，拍吗？"
    assert close.line("presale", "有现货") == "付个定金吗？"
    assert close.line("sale") == close.line(None)


def test_a_capsule_is_a_button_that_asks_for_the_customer(file: Path) -> None:
    capsules = read_capsule_plan(file).capsules
    assert capsules["price"].button() == {"title": "多少钱", "payload": "/ask_price"}
    assert capsules["cut"].button() == {"title": "什么版型", "payload": '/ask_attribute{"attribute": "版型"}'}


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("default: [price]", "default: [price, rpice]", ["after", "default", "rpice", "capsules"]),
        ("shop: [price]", "shop: [rpice]", ["welcome", "shop", "rpice"]),
        ("  default: [price]\n", "", ["after", "default"]),
        ("title: 多少钱, intent", "titel: 多少钱, intent", ["capsules", "price", "title"]),
        ("{title: 有货吗, intent: ask_stock}", "{title: 有货吗, intent: ask_stock, colour: red}", ["stock", "colour"]),
        ("meanings: {ask_price: 多少钱}", "", ["meanings"]),
        ("welcome: {", "welcome: [", ["line"]),
        ("meanings:", "more: {}\nmeanings:", ["more"]),
        ("shop: [price], product", "product", ["welcome", "shop"]),
        ("ask_attribute@sale", "ask_attribute@sell", ["after", "ask_attribute@sell", "warm_up"]),
        ("shop: [price]", "shop: [price], shop@now: [price]", ["welcome", "shop@now"]),
        ("default: [quality]", "other: [quality]", ["close", "important", "default"]),
        ("default: [quality]", "default: [beauty]", ["close", "important"]),
        ('{default: "差', '{other: "差', ["close", "lines", "default"]),
        ("presale: 付个", "soon: 付个", ["close", "lines", "soon"]),
        ("{reason}", "{why}", ["close", "lines", "{reason}"]),
        ("questions: 2", "questions: 0", ["close", "questions"]),
    ],
)
def test_a_mistake_is_named_with_file_and_place(file: Path, right: str, wrong: str, said: list[str]) -> None:
    assert right in PLAN
    file.write_text(PLAN.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(PlaybookError) as raised:
        read_capsule_plan(file)
    for part in [str(file), *said]:
        assert part in str(raised.value)


def test_what_cannot_be_read_is_named_with_a_remedy(tmp_path: Path) -> None:
    missing = tmp_path / "capsules.yml"
    with pytest.raises(PlaybookError, match=r"is missing.*Restore it"):
        read_capsule_plan(missing)
    missing.write_text("", encoding="utf-8")
    with pytest.raises(PlaybookError, match="capsules"):
        read_capsule_plan(missing)
    missing.write_bytes("capsules: 多少钱".encode("gbk"))
    with pytest.raises(PlaybookError, match="UTF-8"):
        read_capsule_plan(missing)


def test_the_shops_own_playbook_fits_the_domain() -> None:
    plan = read_capsule_plan(Path("playbook/capsules.yml"))
    domain = safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(intent)) for intent in domain["intents"]}
    assert {capsule.intent for capsule in plan.capsules.values()} <= intents
    assert {key.split("@")[0].split(".")[0] for key in plan.after} - {"default"} <= intents
    assert set(plan.meanings) <= intents
    assert {key.split("@")[0] for key in plan.welcome} == {"shop", "product", "order"}
    assert len(set(titles(list(plan.capsules.values())))) == len(plan.capsules)


FINER = """
capsules:
  price: {title: 多少钱, intent: ask_price}
  stock: {title: 有货吗, intent: ask_stock}
  cut: {title: 什么版型, intent: ask_attribute, attribute: 版型}
welcome: {shop: [price], shop@open_order: [stock], product: [cut], product/母婴@sale: [stock]}
after:
  default: [price]
  default/母婴: [stock]
  ask_price: [cut]
  ask_price/母婴: [stock]
  ask_price@member: [stock]
  ask_price@sale: [price]
  ask_price@order_page: [cut, price]
meanings: {}
"""


@pytest.fixture
def finer(tmp_path: Path) -> CapsulePlan:
    path = tmp_path / "capsules.yml"
    path.write_text(FINER, encoding="utf-8")
    return read_capsule_plan(path)


def holding(*situations: str) -> Holds:
    return lambda situation: situation in situations


def test_a_place_may_be_for_one_category(finer: CapsulePlan) -> None:
    assert titles([*finer.after_listed("ask_price", "母婴").usual]) == ["有货吗"]
    assert titles([*finer.after_listed("ask_price", "工装").usual]) == ["什么版型"]
    assert titles([*finer.after_listed("ask_gift", "母婴").usual]) == ["有货吗"]
    assert titles([*finer.after_listed("ask_gift").usual]) == ["多少钱"]
    assert titles([*finer.welcome_listed("product", "母婴", holding("sale")).for_now]) == ["有货吗"]


def test_situations_come_in_one_order_each_capsule_once(finer: CapsulePlan) -> None:
    listed = finer.after_listed("ask_price", None, holding("order_page", "member", "sale"))
    assert titles([*listed.for_now]) == ["多少钱", "有货吗", "什么版型"]
    assert finer.after_listed("ask_stock", None, holding("member")).for_now == ()
    assert titles([*finer.welcome_listed("shop", None, holding("open_order")).for_now]) == ["有货吗"]


def test_a_situation_is_asked_for_only_where_something_is_listed_for_it(finer: CapsulePlan) -> None:
    asked: list[str] = []

    def holds(situation: str) -> bool:
        asked.append(situation)
        return False

    finer.after_listed("ask_stock", None, holds)
    assert asked == []
    finer.after_listed("ask_price", None, holds)
    assert asked == ["sale", "member", "order_page"]


def test_a_capsule_is_found_by_what_it_asks(finer: CapsulePlan) -> None:
    assert finer.asking("ask_attribute.版型") == finer.capsules["cut"]
    assert finer.asking("ask_price") == finer.capsules["price"]
    assert finer.asking("ask_attribute") is None


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("ask_price@member", "ask_price@members", ["after", "ask_price@members", "new_visitor", "order_page"]),
        ("shop@open_order", "shop@order_page", ["welcome", "shop@order_page", "open_order"]),
        ("meanings: {}", "meanings: {}\ntaps: {sample: true, least: 0}", ["taps", "least"]),
        ("meanings: {}", "meanings: {}\ntaps: {sampel: true}", ["taps", "sampel"]),
    ],
)
def test_mistakes_in_finer_places_are_named_too(tmp_path: Path, right: str, wrong: str, said: list[str]) -> None:
    path = tmp_path / "capsules.yml"
    path.write_text(FINER.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(PlaybookError) as raised:
        read_capsule_plan(path)
    for part in [str(path), *said]:
        assert part in str(raised.value)
