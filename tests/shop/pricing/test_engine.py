"""Every kind of promotion by itself, with figures worked out by hand."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

import pytest

from sixty.shop.pricing import Basket, Buyer, Scope, price_basket, rows
from sixty.shop.pricing.postage import Postage, PostageRule
from sixty.shop.pricing.stacking import USUAL
from tests.shop.pricing.making import (
    ALL_TOGETHER,
    DAY,
    NOW,
    line,
    only,
    presale,
    price,
    promotion,
    reasons,
    rules,
    steps,
)

GOLD = Buyer("金卡")
POSTAGE = Postage(PostageRule(Decimal(8), Decimal(99)), {"新疆": PostageRule(Decimal(8), Decimal(199))})


def shares(quote: object) -> dict[str, Decimal]:
    return {each.sku: each.share for each in quote.lines}  # type: ignore[attr-defined]


def test_without_anything_the_usual_price_is_paid() -> None:
    quote = price([line("A", 80, 2, list_price=Decimal(100))])
    assert (quote.list_total, quote.goods) == (200, 160)
    assert steps(quote) == [("活动优惠", Decimal(-40))]


def test_members_pay_the_member_price() -> None:
    article = line("A", 80, 2, member_price=Decimal(75))
    assert price([article], buyer=GOLD).goods == 150
    assert steps(price([article], buyer=GOLD)) == [("金卡会员价", Decimal(-10))]
    assert price([article], buyer=Buyer("普通")).goods == 160


@pytest.mark.parametrize(
    ("parts", "paid"), [({"rate": "0.885"}, "70.80"), ({"price": 59}, 59), ({"amount": 10}, 70), ({"price": 99}, 80)]
)
def test_a_timed_discount(parts: dict, paid: str) -> None:
    assert price([line("A", 80)], [promotion("T", "timed_discount", **parts)]).goods == Decimal(paid)


def test_a_rate_is_rounded_for_each_piece() -> None:
    timed = promotion("T", "timed_discount", rate="0.5")
    assert price([line("A", "0.33", 3)], [timed]).goods == Decimal("0.51")  # 3 × 0.17


@pytest.mark.parametrize(("member", "paid"), [(75, 72), (60, 60)])
def test_of_member_price_and_timed_discount_the_cheaper_one_counts(member: int, paid: int) -> None:
    timed = promotion("T", "timed_discount", rate="0.9")
    assert price([line("A", 80, member_price=Decimal(member))], [timed], buyer=GOLD).goods == paid


def test_where_the_shop_allows_it_both_count() -> None:
    timed = promotion("T", "timed_discount", rate="0.9")
    article = line("A", 80, member_price=Decimal(70))
    quote = price([article], [timed], buyer=GOLD, stacking=ALL_TOGETHER)
    assert quote.goods == 63


@pytest.mark.parametrize(("pieces", "paid"), [(1, 39), (2, "58.50"), (3, "97.50"), (4, 117)])
def test_every_second_piece_at_half_price(pieces: int, paid: str) -> None:
    half = promotion("H", "pieces", "第2件半价", pieces=2, rate="0.5", which="nth")
    assert price([line("A", 39, pieces)], [half]).goods == Decimal(paid)


def test_the_cheapest_pieces_are_at_half_price_and_all_share_it() -> None:
    half = promotion("H", "pieces", pieces=2, rate="0.5", which="nth")
    quote = price([line("A", 100), line("B", 60), line("C", 40)], [half])
    assert quote.goods == 180
    assert shares(quote) == {"A": 90, "B": 54, "C": 36}


@pytest.mark.parametrize(("pieces", "paid"), [(2, 50), (3, 60), (4, 80)])
def test_from_three_pieces_all_at_a_rate(pieces: int, paid: int) -> None:
    three = promotion("H", "pieces", "3件8折", pieces=3, rate="0.8", which="all")
    quote = price([line("A", 25, pieces)], [three])
    assert quote.goods == paid
    assert ("H" in reasons(quote)) == (pieces < 3)


def test_a_bundle_price_takes_complete_sets_of_the_dearest_pieces() -> None:
    bundle = promotion("S", "bundle_price", "套餐", price=150, scope=only("P", "Q"))
    lines = [line("P1", 120, product_no="P"), line("P2", 100, product_no="P"), line("Q", 80, 2)]
    quote = price([*lines, line("R", 10)], [bundle])
    assert quote.goods == 150 + 150 + 10
    assert steps(quote) == [("套餐", Decimal(-80))]
    assert price([line("P1", 120, product_no="P")], [bundle]).goods == 120


def test_pieces_of_a_set_get_no_other_discount_where_the_two_exclude_each_other() -> None:
    bundle = promotion("S", "bundle_price", price=100, scope=only("P", "Q"))
    half = promotion("H", "pieces", pieces=2, rate="0.5", which="nth", scope=only("P"))
    lines = [line("P", 80, 3), line("Q", 80)]
    assert price(lines, [bundle, half]).goods == 100 + 80 + 40


def test_a_dearer_set_is_no_set() -> None:
    bundle = promotion("S", "bundle_price", price=300, scope=only("P", "Q"))
    assert price([line("P", 100), line("Q", 100)], [bundle]).goods == 200


@pytest.mark.parametrize(("spent", "off"), [(299, 0), (300, 50), (599, 50), (600, 100)])
def test_a_cut_that_repeats(spent: int, off: int) -> None:
    cut = promotion("X", "cross_shop_cut", "每满300减50", threshold=300, amount=50, repeats=True)
    quote = price([line("A", spent)], [cut])
    assert quote.goods == spent - off
    if spent == 600:
        assert steps(quote) == [("每满300减50 ×2", Decimal(-100))]
    if spent == 299:
        assert reasons(quote) == {"X": "还差1.00元"}


def test_a_cut_that_does_not_repeat() -> None:
    cut = promotion("X", "store_cut", threshold=300, amount=50)
    assert price([line("A", 900)], [cut]).goods == 850


def test_a_category_coupon_counts_its_articles_only() -> None:
    coupon = promotion("C", "category_coupon", threshold=100, amount=20, scope=Scope(categories=frozenset({"母婴"})))
    lines = [line("A", 90, category="母婴"), line("B", 90)]
    assert reasons(price(lines, [coupon])) == {"C": "还差10.00元"}
    assert shares(price([line("A", 60, 2, category="母婴"), line("B", 90)], [coupon])) == {"A": 100, "B": 90}


def test_coupons_of_two_categories_both_count_and_the_stores_counts_instead_where_it_is_worth_more() -> None:
    baby, make_up = (
        promotion(f"C{name}", "category_coupon", threshold=50, amount=20, scope=Scope(categories=frozenset({name})))
        for name in ("母婴", "美妆")
    )
    lines = [line("A", 60, category="母婴"), line("B", 60, category="美妆")]
    assert price(lines, [baby, make_up, promotion("S", "store_coupon", threshold=100, amount=30)]).goods == 80
    assert price(lines, [baby, make_up, promotion("S", "store_coupon", threshold=100, amount=41)]).goods == 79


def test_a_bundle_coupon_needs_its_pair() -> None:
    coupon = promotion("B", "bundle_coupon", threshold=100, amount=30, pairs=frozenset({("A", "B")}))
    assert price([line("A", 100), line("B", 50), line("C", 90)], [coupon]).goods == 210
    assert price([line("A", 100), line("C", 90)], [coupon]).goods == 190


def test_red_packets_go_together() -> None:
    packets = [promotion(f"R{number}", "red_packet", amount=5, threshold=50) for number in range(3)]
    assert price([line("A", 60)], packets).goods == 45


@pytest.mark.parametrize(("mode", "given"), [("parallel", ("袜子",)), ("sequential", ())])
def test_a_gift_counts_where_the_shops_way_of_counting_reaches_it(mode: str, given: tuple[str, ...]) -> None:
    gift = promotion("G", "gift", threshold=200, gift="袜子")
    coupon = promotion("C", "store_coupon", threshold=200, amount=20)
    quote = price([line("A", 210)], [gift, coupon], mode)  # type: ignore[arg-type]
    assert (quote.gifts, quote.goods) == (given, 190)


def test_a_gift_for_pieces() -> None:
    gift = promotion("G", "gift", pieces=3, gift="袜子")
    assert price([line("A", 10, 2)], [gift]).gifts == ()
    assert price([line("A", 10, 3)], [gift]).gifts == ("袜子",)


def test_only_some_customers() -> None:
    cut = promotion("X", "store_cut", threshold=50, amount=5, scope=Scope(levels=frozenset({"PLUS"})))
    assert price([line("A", 60)], [cut], buyer=Buyer("PLUS")).goods == 55
    assert price([line("A", 60)], [cut], buyer=GOLD).goods == 60


@pytest.mark.parametrize(
    ("amount", "region", "fee", "missing"),
    [(98, "", 8, 1), (99, "", 0, None), (150, "新疆维吾尔自治区", 8, 49), (199, "新疆", 0, None)],
)
def test_postage_is_free_from_what_is_paid(amount: int, region: str, fee: int, missing: int | None) -> None:
    quote = price([line("A", amount)], buyer=Buyer(region=region), postage=POSTAGE)
    assert (quote.postage, quote.total) == (fee, amount + fee)
    assert quote.payments[0].postage.missing == missing


def test_a_coupon_may_cost_the_free_postage() -> None:
    coupon = promotion("C", "store_coupon", threshold=99, amount=5)
    quote = price([line("A", 100)], [coupon], postage=POSTAGE)
    assert (quote.goods, quote.postage) == (95, 8)


def test_what_is_bought_in_a_presale_is_a_payment_of_its_own() -> None:
    cut = promotion("X", "cross_shop_cut", threshold=300, amount=50, repeats=True)
    lines = [line("A", 200), line("P", 500, presale=presale(450, 50, 100))]
    quote = price(lines, [cut])
    now, later = quote.payments
    assert (now.goods, now.deposit, later.at) == (200, None, NOW + 2 * DAY)
    # 450, of which the deposit takes 50 off beyond itself: 400 reach the cut once.
    assert (later.goods, later.balance, quote.due_now) == (350, 300, 250)


def test_for_a_balance_counts_what_runs_when_it_is_paid() -> None:
    article = line("P", 500, presale=presale(450, 50, 50))
    ended = promotion("X", "cross_shop_cut", threshold=300, amount=50, ends_at=NOW + DAY)
    begins = promotion("Y", "cross_shop_cut", threshold=300, amount=30, starts_at=NOW + DAY)
    assert price([article], [ended, begins]).goods == 420


def test_a_deposit_is_never_taken_off() -> None:
    packet = promotion("R", "red_packet", amount=1000)
    quote = price([line("P", 500, presale=presale(450, 50, 100))], [packet])
    assert (quote.goods, quote.payments[0].balance) == (50, 0)


def test_a_bundle_price_takes_nothing_off_a_deposit_either() -> None:
    bundle = promotion("S", "bundle_price", price=10, scope=only("P", "Q"))
    lines = [line(sku, 100, presale=presale(100, 60, 60)) for sku in ("P", "Q")]
    quote = price(lines, [bundle], stacking=ALL_TOGETHER)
    assert (quote.goods, quote.payments[0].balance) == (120, 0)


def test_a_presale_excludes_what_the_shop_says() -> None:
    coupon = promotion("C", "store_coupon", "满300减50", threshold=300, amount=50)
    quote = price([line("P", 500, presale=presale(450, 50, 100))], [coupon])
    assert (quote.goods, reasons(quote)) == (400, {"C": "不能和“预售价”同时用"})


@pytest.mark.parametrize(("days", "paid"), [(-2, 500), (0, 400), (1, 500), (2, 500)])
def test_a_presale_holds_while_it_takes_deposits(days: int, paid: int) -> None:
    article = line("P", 500, presale=presale(450, 50, 100))
    assert price([article], at=NOW + days * DAY).goods == paid


@pytest.mark.parametrize(("days", "due"), [(1, 0), (2, 350), (3, 350)])
def test_a_paid_deposit_keeps_the_presales_price_until_the_balance_is_over(days: int, due: int) -> None:
    article = line("P", 500, presale=presale(450, 50, 100), deposit_paid=True)
    quote = price([article], at=NOW + days * DAY)
    assert (quote.goods, quote.due_now) == (400, due)
    assert price([article], at=NOW + 4 * DAY).goods == 500


def test_a_coupon_is_used_once_and_so_is_the_allowance() -> None:
    packet = promotion("R", "red_packet", amount=10)
    lines = [line("A", 200), line("P", 500, presale=presale(450, 50, 100))]
    assert price(lines, [packet]).goods == 190 + 400


@pytest.mark.parametrize("days", [-2, 40])
def test_what_does_not_run_does_not_count(days: int) -> None:
    coupon = promotion("C", "store_coupon", amount=10)
    assert price([line("A", 50)], [coupon], at=NOW + days * DAY).goods == 50
    named = price([line("A", 50)], [coupon], at=NOW + days * DAY, coupons=["C", "Z"])
    assert reasons(named) == {"C": "不在使用时间内", "Z": "没有这张券"}


def test_coupons_that_are_named_are_used_and_no_others() -> None:
    small, large = (promotion(f"C{amount}", "store_coupon", amount=amount) for amount in (5, 20))
    assert price([line("A", 50)], [small, large]).goods == 30
    assert price([line("A", 50)], [small, large], coupons=["C5"]).goods == 45
    assert price([line("A", 50)], [small, large], coupons=[]).goods == 50
    assert price([line("A", 50)], [small, large], coupons=["C5", "C20"]).goods == 30


def test_why_something_does_not_count() -> None:
    offers = [
        promotion("BEST", "store_coupon", "满100减50", threshold=100, amount=50),
        promotion("LESS", "store_coupon", "满100减20", threshold=100, amount=20),
        promotion("MORE", "store_coupon", "满500减90", threshold=500, amount=90),
    ]
    assert reasons(price([line("A", 120)], offers)) == {"LESS": "不能和“满100减50”同时用", "MORE": "还差380.00元"}


def test_lines_of_one_sku_are_one_line() -> None:
    basket = Basket.of([line("B", 10), line("A", 5), line("B", 10, 2)])
    assert [(each.sku, each.quantity) for each in basket] == [("A", 1), ("B", 3)]
    with pytest.raises(ValueError, match="disagree"):
        Basket.of([line("A", 5), line("A", 6)])


def test_the_explanation_reads_from_the_list_price_to_what_is_paid() -> None:
    cut = promotion("X", "cross_shop_cut", "满300减50", threshold=300, amount=50)
    quote = price([line("A", 320, list_price=Decimal(400))], [cut], postage=POSTAGE)
    assert [(row.label, row.amount) for row in rows(quote)] == [
        ("原价合计", "400.00"),
        ("活动优惠", "−80.00"),
        ("满300减50", "−50.00"),
        ("商品到手价", "270.00"),
        ("运费", "0.00"),
        ("合计", "270.00"),
    ]


def test_a_presale_is_explained_with_its_window() -> None:
    written = {row.label: row for row in rows(price([line("P", 500, presale=presale(450, 50, 100))]))}
    assert written["定金50抵100"].amount == "−50.00"
    assert (written["定金"].amount, written["定金"].detail) == ("50.00", "现在付，抵100")
    assert (written["尾款"].amount, written["尾款"].detail) == ("350.00", "11月13日20:00 至 11月15日20:00")


def test_many_coupons_end_in_good_time_with_a_price_that_holds() -> None:
    coupons = [
        promotion(f"C{number}", "red_packet", threshold=100 + number, amount=1 + number % 7) for number in range(60)
    ]
    cut = promotion("X", "cross_shop_cut", threshold=97, amount=13, repeats=True)
    quote = price([line(f"A{number}", 37 + number) for number in range(10)], [*coupons, cut], "sequential")
    used = [step for step in quote.steps if step.kind == "red_packet"]
    assert len(used) >= 50
    assert quote.goods == quote.list_total + sum(step.amount for step in quote.steps)


@pytest.mark.parametrize(
    ("kind", "parts", "message"),
    [
        ("timed_discount", {}, "needs one of"),
        ("timed_discount", {"rate": "0.8", "price": 5}, "needs one of"),
        ("timed_discount", {"rate": "8.5"}, "between 0 and 1"),
        ("timed_discount", {"price": 5, "threshold": 9}, "has no threshold"),
        ("pieces", {"pieces": 1, "rate": "0.5", "which": "nth"}, "at least 2"),
        ("pieces", {"pieces": 2, "rate": "0.5"}, "needs which"),
        ("store_cut", {"threshold": 50, "amount": 60}, "takes off more"),
        ("cross_shop_cut", {"amount": 60}, "needs threshold"),
        ("gift", {"gift": "x"}, "either threshold or pieces"),
        ("store_coupon", {"threshold": 9}, "needs amount"),
        ("presale", {}, "no promotion of its own"),
    ],
)
def test_a_promotion_is_made_of_what_its_kind_needs(kind: str, parts: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        promotion("X", kind, **parts)


def test_a_promotion_has_times_of_its_own_or_a_campaign() -> None:
    with pytest.raises(ValueError, match="either"):
        promotion("X", "store_cut", threshold=9, amount=1, campaign="双11", starts_at=NOW, ends_at=NOW + DAY)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: line("A", 10, 0),
        lambda: line("A", 10, list_price=Decimal(9)),
        lambda: line("A", 10, member_price=Decimal(11)),
        lambda: price_basket(Basket.of([line("A", "0.001")]), NOW),
        lambda: price_basket(Basket.of([]), datetime(2026, 1, 1)),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]


def test_an_empty_basket_costs_nothing() -> None:
    assert price_basket(Basket.of([]), NOW, rules=rules(postage=POSTAGE)).total == 0


def test_the_moment_counts_and_not_the_zone() -> None:
    coupon = promotion("C", "store_coupon", amount=10)
    elsewhere = (NOW - DAY).astimezone(timezone.utc)
    assert price([line("A", 50)], [coupon], at=elsewhere).goods == 40


def test_the_usual_order_has_every_kind_once() -> None:
    assert len(set(USUAL.order)) == len(USUAL.order) == 13
