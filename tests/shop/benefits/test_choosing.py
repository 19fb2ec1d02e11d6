from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from sixty.shop.benefits import About, BenefitPlan, Granted, accept, choose, decline, grant, offer, open_offer
from sixty.shop.orders import Viewer

TROUSERS = About("GZ2101")


def test_the_first_rule_that_holds_decides(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    dear = choose(shop, "hesitating", gold, now, About("GZ2101", quantity=2), plan=plan)
    assert dear is not None
    # The gift box takes an agent's authority.
    assert (dear.rule_id, dear.benefit.id) == ("dear", "packet10")
    assert dear.price is not None
    assert dear.price_after == dear.price - 10
    assert f"{dear.price_after:.0f}元" in dear.text
    with_agent = choose(shop, "hesitating", gold, now, About("GZ2101", quantity=2), "agent", plan)
    assert with_agent is not None
    assert with_agent.benefit.id == "box"
    member = choose(shop, "hesitating", gold, now, TROUSERS, plan=plan)
    assert member is not None
    assert (member.rule_id, member.benefit.id) == ("members", "packet5")


def test_a_coupon_that_takes_nothing_off_is_not_offered(
    shop: Session, plan: BenefitPlan, plain: Viewer, now: datetime
) -> None:
    # Coupons of 20 and 30 are there for everybody: one of 2 beside them is of no use.
    found = choose(shop, "hesitating", plain, now, TROUSERS, plan=plan)
    assert found is not None
    assert (found.rule_id, found.benefit.id) == ("cheap_category", "socks")
    assert found.text.startswith("别着急，")


def test_rules_look_at_the_phase_of_a_campaign(shop: Session, plan: BenefitPlan, plain: Viewer) -> None:
    sale = datetime.fromisoformat("2026-11-11T12:00+08:00")
    found = choose(shop, "hesitating", plain, sale, TROUSERS, plan=plan)
    assert found is not None
    assert found.rule_id == "sale"


def test_nothing_is_offered_where_no_rule_holds(
    shop: Session, plan: BenefitPlan, plain: Viewer, visitor: Viewer, now: datetime
) -> None:
    assert choose(shop, "won_back", plain, now, TROUSERS, plan=plan) is None
    assert choose(shop, "silence", plain, now, TROUSERS, plan=plan) is None
    found = choose(shop, "silence", visitor, now, plan=plan)
    assert found is not None
    assert found.benefit.id == "membership"


def test_the_next_one_is_offered_when_one_is_used_up(
    shop: Session, plan: BenefitPlan, plain: Viewer, now: datetime
) -> None:
    for number in range(3):
        grant(shop, "socks", Viewer(f"v{number}", None), f"k{number}", "bot", now, direct=True, plan=plan)
    found = choose(shop, "hesitating", plain, now, TROUSERS, plan=plan)
    assert found is not None
    assert found.benefit.id == "insurance"


def test_what_was_declined_is_not_offered_again_for_a_while(
    shop: Session, plan: BenefitPlan, plain: Viewer, now: datetime
) -> None:
    first = offer(shop, "hesitating", plain, now, TROUSERS, plan=plan)
    assert first is not None
    assert first.benefit.id == "socks"
    assert decline(shop, plain, now, plan=plan)
    assert not decline(shop, plain, now, plan=plan)
    assert open_offer(shop, plain, now, plan=plan) is None
    second = offer(shop, "hesitating", plain, now, TROUSERS, plan=plan)
    assert second is not None
    assert second.benefit.id == "insurance"
    later = choose(shop, "hesitating", plain, now + timedelta(days=8), TROUSERS, plan=plan)
    assert later is not None
    assert later.benefit.id == "socks"


def test_an_offer_stays_open_for_who_it_was_made_to(
    shop: Session, plan: BenefitPlan, visitor: Viewer, gold: Viewer, now: datetime
) -> None:
    made = offer(shop, "silence", visitor, now, plan=plan)
    assert made is not None
    assert open_offer(shop, gold, now, plan=plan) is None
    again = open_offer(shop, Viewer(visitor.conversation_id, "C002"), now + timedelta(hours=1), plan=plan)
    assert again is not None
    assert (again.benefit.id, again.text) == (made.benefit.id, made.text)
    assert open_offer(shop, visitor, now + timedelta(days=31), plan=plan) is None


def test_what_makes_up_for_trouble_is_not_weighed_against_a_price(
    shop: Session, plan: BenefitPlan, plain: Viewer, now: datetime
) -> None:
    # 5 of 99.50, of which 70 must be left a piece, would do; said without any price all the same.
    found = offer(shop, "complaint", plain, now, About("GZ3101"), plan=plan)
    assert found is not None
    assert found.text == "真对不起，给您申请到立减5元红包，要不要放进您的账户？"
    assert isinstance(accept(shop, plain, "k", now, "complaint", plan=plan), Granted)


def test_what_a_visitor_holds_counts_when_the_price_is_told(
    shop: Session, plan: BenefitPlan, visitor: Viewer, now: datetime
) -> None:
    before = choose(shop, "hesitating", visitor, now, About("GZ2101", quantity=2), plan=plan)
    assert before is not None
    assert before.price is not None
    grant(shop, "packet5", visitor, "k", "bot", now, direct=True, plan=plan)
    after = choose(shop, "hesitating", visitor, now, About("GZ2101", quantity=2), plan=plan)
    assert after is None or after.price == before.price - Decimal(5)
