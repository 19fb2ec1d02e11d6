"""Advises on the size of shoes by the length of the foot.

Sizes are those that Chinese shops write (`40`): twice the foot's length in cm, less ten, so that the 250 mm of
GB/T 3293.1 is 40, and one size is 5 mm.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from sixty.shop.models import Product, Runs
from sixty.shop.sizes import RUNS_STEP, Fit, SizeAdvice
from sixty.shop.wording import say_number

SMALLEST, LARGEST = 15, 50
"""The sizes that are ones of shoes; children's clothes begin at 52."""

SHORTEST_FOOT, LONGEST_FOOT = Decimal(8), Decimal(32)

# What is told without a unit is a usual size from here on: no foot is that long, and no grown-up's shoe is smaller.
_USUAL_SIZES = (33, LARGEST)

# A millimetre more than a size is made for is nothing; up to half a size more, one may choose.
_SLACK = Decimal("0.2")
_HALF = Decimal("0.5")


def shoe_sizes_of(product: Product) -> tuple[int, ...]:
    """Lists the sizes of a pair of shoes, the smallest first; empty for what isn't shoes."""
    sizes = {sku.size.strip().removesuffix("码") for sku in product.skus}
    if product.size_chart_id is not None or not sizes or not all(each.isdecimal() for each in sizes):
        return ()
    made = sorted(int(each) for each in sizes)
    return tuple(made) if made[0] >= SMALLEST and made[-1] <= LARGEST else ()


def foot_of_size(size: Decimal) -> Decimal | None:
    """Tells how long the foot is, in cm, that a usual size is made for; `None` for what is no usual size of grown-ups.

    Args:
        size: The size, halves included.
    """
    if not size.is_finite() or not _USUAL_SIZES[0] <= size <= _USUAL_SIZES[1] or size * 2 % 1 != 0:
        return None
    return (size + 10) / 2


def advise_shoe_size(
    sizes: Sequence[int], foot_cm: Decimal | None, fit: Fit = "regular", runs: Runs = "正常"
) -> SizeAdvice:
    """Advises on the size for a foot.

    Gives an answer for every foot. A longer foot never gets a smaller size, and a wish moves within the sizes only.

    Args:
        sizes: The sizes that the shoe is made in.
        foot_cm: The foot's length in centimetres, the longer one of both.
        fit: `loose` for wide feet or thick socks, `slim` for a close fit.
        runs: How the shoe is cut.
    """
    made = sorted(set(sizes))
    if not made:
        return SizeAdvice(None, None, "这款还没有鞋码资料，点“转人工”请同事帮您看～", "unclear")
    if foot_cm is None:
        return SizeAdvice(None, None, "还差脚长，脚后跟贴墙量到最长的脚趾，告诉我多少厘米就行", "unclear")
    if not foot_cm.is_finite() or not SHORTEST_FOOT <= foot_cm <= LONGEST_FOOT:
        return SizeAdvice(None, None, "脚长好像不太对，麻烦您再量一下，比如25厘米", "unclear")
    exact = 2 * foot_cm - 10
    nominal = int((exact - _SLACK).to_integral_value(rounding=ROUND_CEILING))
    needed = nominal + RUNS_STEP.get(runs, 0)
    foot = f"脚长{say_number(foot_cm)}cm"
    if needed > made[-1]:
        cut = "，这款版型又偏小" if runs == "偏小" else ""
        return SizeAdvice(
            None, None, f"{foot}要穿{nominal}码{cut}，最大只有{made[-1]}码，会挤脚，不建议选", "too_large"
        )
    if max(needed, nominal) < made[0]:
        return SizeAdvice(None, None, f"{foot}只要{nominal}码，这款最小是{made[0]}码，会不跟脚，不建议选", "too_small")
    # A shoe that is cut large has no size below its smallest.
    needed = next(each for each in made if each >= needed)
    below = max((each for each in made if each < needed), default=None)
    # Only neighbours can be chosen between: where a size isn't made, the next smaller one is too small.
    between = (
        _SLACK < exact - (nominal - 1) <= _HALF and needed == nominal + RUNS_STEP.get(runs, 0) and below == needed - 1
    )
    above = min((each for each in made if each > needed), default=None)
    basis = f"{foot}，{_cut(runs, nominal)}选{needed}码"
    if fit == "loose":
        if above is None:
            return SizeAdvice(str(needed), None, f"{basis}；{needed}已经是最大码，穿厚袜会比较紧", "fits")
        return SizeAdvice(str(above), str(needed), f"{basis}；脚宽或穿厚袜就大一码选{above}，怕松还是{needed}", "fits")
    if between:
        both = f"{foot}，{_cut(runs, nominal)}正好在{below}和{needed}之间"
        if fit == "slim":
            return SizeAdvice(str(below), str(needed), f"{both}，喜欢跟脚选{below}，怕挤选{needed}", "fits")
        return SizeAdvice(str(needed), str(below), f"{both}，选{needed}不挤脚趾，脚瘦的话{below}更跟脚", "fits")
    return SizeAdvice(str(needed), None, basis, "fits")


def _cut(runs: Runs, nominal: int) -> str:
    if runs == "正常":
        return ""
    return f"按脚长是{nominal}码，这款版型{runs}，{'大' if runs == '偏小' else '小'}一码，"
