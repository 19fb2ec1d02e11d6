from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.insight.models import RelatedQuestion
from sixty.insight.next_questions import Following, Spot, followings, likely_next, ranked
from sixty.playbook import CapsulePlan

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
NAMES = ("price", "stock", "coupon", "size", "material", "returns", "track", "deposit")
PLAN: dict[str, Any] = {
    "capsules": {
        "price": {"title": "多少钱", "intent": "ask_price"},
        "stock": {"title": "有货吗", "intent": "ask_stock"},
        "coupon": {"title": "有券吗", "intent": "ask_coupon"},
        "size": {"title": "多大码", "intent": "ask_size"},
        "material": {"title": "什么面料", "intent": "ask_attribute", "attribute": "材质"},
        "returns": {"title": "能退吗", "intent": "ask_return_policy"},
        "track": {"title": "到哪了", "intent": "track_order"},
        "deposit": {"title": "定金能退吗", "intent": "ask_promotion", "attribute": "定金规则"},
    },
    "welcome": {
        "shop": ["coupon"],
        "product": ["price", "size"],
        "shop@open_order": ["track"],
        "product/美妆": ["material"],
    },
    "after": {
        "default": ["price"],
        "ask_price": ["size", "stock"],
        "ask_price/美妆": ["returns"],
        "ask_price@presale": ["deposit"],
        "ask_price@order_page": ["returns"],
        "ask_size@member": ["coupon"],
    },
    "meanings": {},
}


def plan(**related: Any) -> CapsulePlan:
    return CapsulePlan.parse_obj({**PLAN, "related": related})


def mined(*questions: str, place: int = 1, category: str = "", after: str = "ask_price") -> list[Following]:
    """The best first, with shares that fall."""
    return [
        Following(after, category, place, question, 0.4 / ordinal, 0.04 / ordinal)
        for ordinal, question in enumerate(questions, 1)
    ]


def shown(found: Any) -> list[tuple[str, str]]:
    return [(each.capsule.title, each.source) for each in found]


def holding(*situations: str) -> Any:
    return lambda situation: situation in situations


AFTER_PRICE = Spot("ask_price", entry="product")


def test_before_anything_is_mined_the_list_is_the_playbooks() -> None:
    assert shown(ranked(plan(), AFTER_PRICE, [])) == [("多大码", "playbook"), ("有货吗", "playbook")]
    assert shown(ranked(plan(), Spot(entry="product"), [])) == [("多少钱", "welcome"), ("多大码", "welcome")]


def test_pins_come_first_then_the_moment_then_what_was_mined_then_the_rest() -> None:
    found = ranked(
        plan(pin={"ask_price": ["returns"]}),
        AFTER_PRICE,
        mined("ask_coupon", "ask_stock", "ask_return_policy"),
        holding("presale"),
    )
    assert shown(found) == [
        ("能退吗", "pinned"),
        ("定金能退吗", "playbook"),
        ("有券吗", "mined"),
        ("有货吗", "mined"),
        ("多大码", "playbook"),
    ]


def test_a_share_is_told_whoever_put_the_question_there() -> None:
    found = ranked(plan(pin={"ask_price": ["stock"]}), AFTER_PRICE, mined("ask_coupon", "ask_stock"))
    assert [each.share for each in found] == [0.2, 0.4, None]


def test_what_is_banned_is_shown_by_nobody() -> None:
    rules = plan(ban={"ask_price": ["coupon", "size"]})
    assert shown(ranked(rules, AFTER_PRICE, mined("ask_coupon"))) == [("有货吗", "playbook")]
    # Elsewhere it is.
    assert ("有券吗", "mined") in shown(ranked(rules, Spot("ask_stock"), mined("ask_coupon", after="ask_stock")))


def test_by_hand_only_what_is_approved_is_shown() -> None:
    rules = plan(approval="by_hand", approve={"ask_price/美妆": ["coupon"]})
    of_beauty = Spot("ask_price", category="美妆")
    assert ("有券吗", "mined") in shown(ranked(rules, of_beauty, mined("ask_coupon", "ask_return_shipping")))
    assert ("有券吗", "mined") not in shown(ranked(rules, AFTER_PRICE, mined("ask_coupon")))


def test_a_question_without_a_capsule_cannot_be_offered() -> None:
    found = ranked(plan(), AFTER_PRICE, mined("ask_invoice", "ask_attribute.产地", "ask_coupon"))
    assert shown(found)[0] == ("有券吗", "mined")
    assert len(found) == 3


def test_lists_differ_by_category_customer_and_entry() -> None:
    beauty = Spot("ask_price", category="美妆")
    assert shown(ranked(plan(), beauty, [])) == [("能退吗", "playbook")]
    assert shown(ranked(plan(), Spot("ask_size"), [], holding("member"))) == [
        ("有券吗", "playbook"),
        ("多少钱", "playbook"),
    ]
    assert shown(ranked(plan(), AFTER_PRICE, [], holding("order_page")))[0] == ("能退吗", "playbook")
    assert shown(ranked(plan(), Spot(entry="shop"), [], holding("open_order")))[0] == ("到哪了", "welcome")
    assert shown(ranked(plan(), Spot(entry="product", category="美妆"), [])) == [("什么面料", "welcome")]


def test_how_visits_begin_is_believed_for_a_products_page_and_its_category_only() -> None:
    begun = mined("ask_coupon", category="工装", after="")
    assert shown(ranked(plan(), Spot(entry="product", category="工装"), begun))[0] == ("有券吗", "mined")
    assert ("有券吗", "mined") not in shown(ranked(plan(), Spot(entry="order", category="工装"), begun))
    everywhere = mined("ask_coupon", after="")
    assert ("有券吗", "mined") not in shown(ranked(plan(), Spot(entry="product"), everywhere))


@given(
    st.lists(st.sampled_from([each["intent"] for each in PLAN["capsules"].values()]), max_size=12),
    st.lists(st.sampled_from(NAMES), max_size=4, unique=True),
    st.lists(st.sampled_from(NAMES), max_size=4, unique=True),
    st.sets(st.sampled_from(["presale", "member", "order_page"])),
)
def test_nothing_is_offered_twice_or_banned_and_pins_lead(
    followed: list[str], pins: list[str], bans: list[str], situations: set[str]
) -> None:
    rules = plan(pin={"default": pins}, ban={"default": bans})
    found = ranked(rules, AFTER_PRICE, mined(*followed), holding(*situations))
    questions = [each.capsule.question for each in found]
    assert len(set(questions)) == len(questions)
    assert not {rules.capsules[name].question for name in bans} & set(questions)
    pinned = [name for name in pins if name not in bans]
    assert questions[: len(pinned)] == [rules.capsules[name].question for name in pinned]
    assert all((each.source == "pinned") == (place < len(pinned)) for place, each in enumerate(found))


def put(session: Session, question: str, following: str, score: float, category: str = "", place: int = 1) -> None:
    row = RelatedQuestion(
        question=question,
        category=category,
        place=place,
        following=following,
        count=10,
        share=score * 2,
        weight=0.5,
        rank_score=score,
        mined_at=NOW,
    )
    session.add(row)
    session.flush()


def test_a_categorys_own_list_takes_the_place_of_the_general_one(session: Session) -> None:
    put(session, "ask_price", "ask_coupon", 0.3)
    put(session, "ask_price", "ask_size", 0.1, "工装")
    put(session, "ask_price", "ask_stock", 0.2, "工装")
    of_workwear = followings(session, Spot("ask_price", category="工装"))
    assert [each.following for each in of_workwear] == ["ask_stock", "ask_size"]
    assert [each.following for each in followings(session, Spot("ask_price", category="美妆"))] == ["ask_coupon"]
    assert followings(session, Spot("ask_stock")) == []


def test_what_comes_after_next_of_the_question_before_fills_up(session: Session) -> None:
    put(session, "ask_price", "ask_coupon", 0.1)
    put(session, "ask_size", "ask_stock", 0.9, place=2)
    put(session, "ask_size", "ask_matching", 0.9, place=1)
    found = followings(session, Spot("ask_price", before="ask_size"))
    assert [(each.following, each.place) for each in found] == [("ask_coupon", 1), ("ask_stock", 2)]


def test_who_looks_on_sees_the_three_likeliest_that_were_not_asked(session: Session) -> None:
    for following, score in (("ask_coupon", 0.3), ("ask_size", 0.2), ("ask_stock", 0.1)):
        put(session, "ask_price", following, score)
    found = likely_next(session, plan(), ["ask_coupon", "ask_price"])
    assert [each["question"] for each in found] == ["ask_size", "ask_stock"]
    assert found[0] == {"question": "ask_size", "title": "多大码", "share": pytest.approx(0.4)}
    # A material is a product's; without one there is nobody to ask.
    assert likely_next(session, plan(pin={"default": ["material"]}), ["ask_price"])[0]["question"] == "ask_coupon"
    assert [each["title"] for each in likely_next(session, plan(), [], entry="shop")] == ["有券吗"]
