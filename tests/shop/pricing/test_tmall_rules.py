"""Worked examples from public texts about Tmall's rules, with their figures.

Each test names its source. The texts of Tmall's own rule pages of 2016 and 2018 were not to be found with
figures; where a public text has no figure, the test says that it was derived from the text of the rule.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from sixty.shop.pricing import Allowance, Buyer, Scope
from tests.shop.pricing.making import ALL_TOGETHER, DAY, NOW, line, presale, price, promotion, reasons

SHOPS = ("A", "B", "C")


def holding(allowance: int) -> Buyer:
    return Buyer(allowances=(Allowance(Decimal(allowance), NOW - DAY, NOW + 9 * DAY),))


def of_shops(*amounts: int) -> list:
    return [line(shop, amount, shop=shop) for shop, amount in zip(SHOPS, amounts, strict=False)]


def cut_for(shops: str, threshold: int, amount: int):
    scope = Scope(shops=frozenset(shops))
    return promotion(f"CUT-{shops}", "cross_shop_cut", threshold=threshold, amount=amount, repeats=True, scope=scope)


# --- one after the other, as until 2017 ---


def test_a_presale_then_the_coupon_then_the_platforms_voucher() -> None:
    """2015双十一定金是什么意思?双11定金尾款购物攻略, example 2 (kunweng.com, 2018-03-16).

    1000 in a presale, 100 deposit worth 200, a shop coupon 800-10, a voucher 600-10. "首先满足优惠券的使用门槛，
    默认优先使用优惠券。若订单优惠后的实付金额仍能满足使用购物券的门槛，即可使用购物券": 900, 890, 880, of which 780
    are paid as the balance. The order of 2015 is that of 2016.
    """
    article = line("P", 1000, presale=presale(1000, 100, 200))
    coupon = promotion("800-10", "store_coupon", threshold=800, amount=10)
    voucher = promotion("600-10", "red_packet", threshold=600, amount=10)
    quote = price([article], [coupon, voucher], "sequential", stacking=ALL_TOGETHER)
    assert quote.goods == 880
    assert (quote.due_now, quote.payments[0].balance) == (100, 780)


def test_the_voucher_counts_from_what_the_coupon_has_left() -> None:
    """Derived from the same text: the rule of the test above, with a voucher that the remainder misses."""
    coupon = promotion("800-10", "store_coupon", threshold=800, amount=10)
    voucher = promotion("800-20", "red_packet", threshold=800, amount=20)
    both = ["800-10", "800-20"]
    sequential = price([line("P", 805)], [coupon, voucher], "sequential", coupons=both)
    assert (sequential.goods, reasons(sequential)) == (795, {"800-20": "还差5.00元"})
    # Left the choice, nobody would use the coupon that spoils the voucher.
    assert price([line("P", 805)], [coupon, voucher], "sequential").goods == 785
    assert price([line("P", 805)], [coupon, voucher], "parallel", coupons=both).goods == 775


def test_coupon_first_then_the_allowance_on_the_remainder() -> None:
    """Derived from the rule of 2016 (the text of the first test, with 津贴 in place of 购物券)."""
    coupon = promotion("C", "store_coupon", "满400减30", threshold=400, amount=30)
    allowance = promotion("A", "allowance", "每满400减50", threshold=400, amount=50)
    for amount, left in ((440, 360), (420, 390)):
        quote = price([line("P", amount)], [coupon, allowance], "sequential", holding(500), coupons=["C"])
        assert quote.goods == left
    assert price([line("P", 420)], [coupon, allowance], "parallel", holding(500), coupons=["C"]).goods == 340


def test_a_red_packet_of_one_shop_lowers_what_the_cut_counts_from() -> None:
    """淘宝双22跨店满减抵扣范围, example 1 (51tietu.net/tsshenghuozx/3513377.html).

    Three shops with 300, 200 and 100, every 200 less 20: 60 off. With a red packet of 5 in shop B the order is of
    595, and the cut of 40.
    """
    cut = cut_for("ABC", 200, 20)
    packet = promotion("B5", "store_coupon", amount=5, scope=Scope(shops=frozenset("B")))
    assert price(of_shops(300, 200, 100), [cut], "sequential").goods == 600 - 60
    quote = price(of_shops(300, 200, 100), [cut, packet], "sequential", coupons=["B5"])
    assert quote.goods == 595 - 40


@pytest.mark.parametrize(("amount", "off"), [(200, 40), (300, 80)])
def test_shops_with_other_thresholds_count_apart(amount: int, off: int) -> None:
    """The same text, example 2: A and B every 200 less 20, C every 300 less 20."""
    cuts = [cut_for("AB", 200, 20), cut_for("C", 300, 20)]
    assert price(of_shops(amount, amount, amount), cuts, "sequential").goods == 3 * amount - off


@pytest.mark.parametrize(
    ("amounts", "cuts", "paid"),
    [
        ((300, 200, 100), [("ABC", 200, 20)], 540),
        ((100, 100, 100), [("AB", 200, 20), ("C", 1000, 50)], 280),
        ((1000, 1000, 1000), [("AB", 200, 20), ("C", 1000, 50)], 2750),
    ],
)
@pytest.mark.parametrize("mode", ["sequential", "parallel"])
def test_cuts_of_several_shops(amounts: tuple, cuts: list, paid: int, mode: str) -> None:
    """淘宝秋新势力周跨店满减使用逻辑是什么, examples 1, 2.1 and 2.2 (guangdonglong.com/c/012915X3192023.html)."""
    assert price(of_shops(*amounts), [cut_for(*each) for each in cuts], mode).goods == paid  # type: ignore[arg-type]


# --- each from the articles' own prices, as since 2018 ---


def test_a_cut_counts_although_the_coupon_has_left_less_than_it_takes_off() -> None:
    """跨店满减是什么意思?跨店满减计算公式和其他优惠怎么一起用(举例)? (HiShop, 2020-09-25).

    400, a coupon 400-380 and a cut 400-50: 20 are left after the coupon, the cut still counts ("20-50=-30") and
    takes what is left: nothing is paid.
    """
    coupon = promotion("400-380", "store_coupon", threshold=400, amount=380)
    cut = promotion("400-50", "cross_shop_cut", threshold=400, amount=50, repeats=True)
    quote = price([line("P", 400)], [coupon, cut], "parallel")
    assert quote.goods == 0
    assert [step.amount for step in quote.steps] == [-380, -20]
    assert price([line("P", 400)], [coupon, cut], "sequential").goods == 20


def test_what_one_line_cannot_bear_goes_to_no_other() -> None:
    """The same text: "若有跨店凑单的商品，其余订单的优惠仍按比例分摊生效". The figures are derived from it.

    400 in shop A, with its coupon 400-380, and 400 in B: the cut of 100 is 50 for each; A can bear 20 of it, B 50.
    """
    coupon = promotion("400-380", "store_coupon", threshold=400, amount=380, scope=Scope(shops=frozenset("A")))
    quote = price(of_shops(400, 400), [coupon, cut_for("AB", 400, 50)], "parallel")
    assert {each.sku: each.share for each in quote.lines} == {"A": 0, "B": 350}


def test_the_threshold_counts_after_the_articles_own_discount_and_before_the_coupon() -> None:
    """天猫双12跨店满减详细规则, points 5, 7 and 8 (dianpusou.com/?p=103679, 2023). The figures are derived.

    "订单总额在单品优惠后达到对应相同满减门槛的，即可进行抵扣", together with shop coupons, shared in proportion to the
    amounts before it.
    """
    timed = promotion("T", "timed_discount", price=300, scope=Scope(products=frozenset({"P"})))
    coupon = promotion("C", "store_coupon", threshold=300, amount=30)
    cut = promotion("X", "cross_shop_cut", threshold=300, amount=40, repeats=True)
    lines = [line("P", 350, list_price=Decimal(400))]
    assert price(lines, [timed, coupon, cut], "parallel").goods == 300 - 30 - 40
    assert price(lines, [timed, coupon, cut], "sequential", coupons=["C"]).goods == 300 - 30
    dearer = promotion("T", "timed_discount", price=299, scope=Scope(products=frozenset({"P"})))
    assert price(lines, [dearer, coupon, cut], "parallel").goods == 299


# --- allowance ---


def test_allowance_is_shared_by_the_articles_amounts() -> None:
    """淘宝跨店满减是什么意思, example 1 (pf.53shop.com/news/show13329.html): 100 and 200, every 300 less 30."""
    allowance = promotion("JT", "allowance", threshold=300, amount=30)
    quote = price(of_shops(100, 200), [allowance], buyer=holding(700))
    assert {each.sku: each.share for each in quote.lines} == {"A": 90, "B": 180}


def test_shops_with_other_steps_are_not_put_together() -> None:
    """The same text, example 2: A every 300 less 30, B every 600 less 40; 100 and 500 reach neither."""
    steps = [
        promotion(f"JT{shop}", "allowance", threshold=threshold, amount=amount, scope=Scope(shops=frozenset(shop)))
        for shop, threshold, amount in (("A", 300, 30), ("B", 600, 40))
    ]
    assert price(of_shops(100, 500), steps, buyer=holding(700)).goods == 600


@pytest.mark.parametrize(("spent", "held", "off"), [(300, 30, 30), (600, 60, 60), (600, 59, 30), (300, 29, 0)])
def test_allowance_is_spent_in_whole_steps(spent: int, held: int, off: int) -> None:
    """The same text, example 3; the last two are derived: "账户购物津贴余额大于等于60元"."""
    allowance = promotion("JT", "allowance", threshold=300, amount=30)
    assert price([line("P", spent)], [allowance], buyer=holding(held)).goods == spent - off


# --- presales ---


def test_the_deposit_counts_for_more_than_itself() -> None:
    """2015双十一定金是什么意思, example 1: 800, deposit 100 worth 200, so 600 are left to pay."""
    quote = price([line("P", 800, presale=presale(800, 100, 200))])
    assert (quote.due_now, quote.payments[0].balance, quote.goods) == (100, 600, 700)


@pytest.mark.parametrize(("threshold", "paid"), [(950, 900), (951, 950)])
def test_a_coupons_threshold_counts_after_the_deposits_extra_worth(threshold: int, paid: int) -> None:
    """What does the pre-sale deposit inflation of tmall double 11 in 2018 mean (en.4hw.com.cn/644/101261.html).

    1000, deposit 100 worth 150: 950 in all, 850 left to pay. "Pre sale price - deposit expansion amount" is what
    must reach a coupon's threshold; the coupon's own figures are derived.
    """
    coupon = promotion("C", "store_coupon", threshold=threshold, amount=50)
    article = line("P", 1000, presale=presale(1000, 100, 150))
    assert price([article]).payments[0].balance == 850
    assert price([article], [coupon], stacking=ALL_TOGETHER).goods == paid


@pytest.mark.parametrize(("worth", "paid"), [(50, 158), (150, 88)])
def test_a_coupon_that_the_presale_price_misses_does_not_count(worth: int, paid: int) -> None:
    """天猫预售商品是否可以使用优惠券? (talkink.cn, 2024-11-14): 188, a coupon 150-30, deposit 50, worth 50 or 150."""
    coupon = promotion("C", "store_coupon", threshold=150, amount=30)
    article = line("P", 188, presale=presale(188, 50, worth))
    assert price([article], [coupon], stacking=ALL_TOGETHER).goods == paid


def test_allowance_counts_from_deposit_and_balance() -> None:
    """2020天猫双11预售商品怎么付款 (life.jiangsulong.com): 200, deposit 10, 20 off: 170 left, counted as 10+170."""
    allowance = promotion("JT", "allowance", threshold=300, amount=30)
    quote = price([line("P", 200, presale=presale(200, 10, 30))], [allowance], buyer=holding(700))
    assert (quote.payments[0].balance, quote.goods) == (170, 180)
    assert reasons(quote) == {"JT": "还差120.00元"}


# --- refunds ---


def test_a_refund_is_the_articles_part_of_what_was_paid() -> None:
    """Cash coupon refund calculation rule (satxtv.com): 100 and 50 with a coupon of 50; 67 and 33 come back."""
    coupon = promotion("C", "store_coupon", amount=50)
    shares = {each.sku: each.share for each in price([line("A", 100), line("B", 50)], [coupon]).lines}
    assert shares == {"A": Decimal("66.67"), "B": Decimal("33.33")}
