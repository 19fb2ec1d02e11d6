"""The report as one page that needs nothing else: no network, no fonts of its own, no scripts from elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path

from sixty.insight.minute_report import cards
from sixty.insight.minute_report.gathering import Figures, MinuteReport
from sixty.insight.minute_report.plots import Segments
from sixty.insight.minute_report.titles import Titles
from sixty.insight.minute_report.wording import category_name, day, minute
from sixty.insight.rules import WillingnessRules

_HERE = Path(__file__).parent
_SHOWN_CATEGORIES = 12


def page_of(report: MinuteReport, titles: Titles, rules: WillingnessRules, shop: str = "") -> str:
    """Makes the page.

    Args:
        report: What it shows.
        titles: What questions are called.
        rules: The merchant's, for the parts of the minute and for what counts as what.
        shop: Whose it is, for the heading.
    """
    scope = report.scope
    shown = [report.whole, *report.categories[:_SHOWN_CATEGORIES]]
    title = "黄金一分钟" if scope.category is None else f"黄金一分钟 · {category_name(scope.category)}"
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return "\n".join(
        [
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body><main>",
            f"<header class='top'><div><h1>{escape(title)}</h1><p>{escape(_about(report, shop))}</p></div>"
            '<button type="button" class="theme" aria-label="切换深浅色" hidden>◐</button></header>',
            _chips(shown),
            *(_view(report, figures, titles, rules) for figures in shown),
            _foot(report, rules),
            f"</main><script>{script}</script></body></html>",
        ]
    )


def _about(report: MinuteReport, shop: str) -> str:
    scope = report.scope
    begin, end = scope.since or report.first, scope.until or report.last
    span = "还没有咨询" if begin is None or end is None else f"{day(begin)} – {day(end)}"
    counted = f"{report.visits} 次咨询"
    apart = [
        f"{report.running} 次还在进行" if report.running else "",
        f"{report.other} 次与购买无关" if report.other else "",
    ]
    notes = "、".join(each for each in apart if each)
    made = f"{minute(scope.now)} 生成"
    return " · ".join(
        each for each in (shop, span, counted + (f"（{notes}，不计入成交）" if notes else ""), made) if each
    )


def _chips(shown: list[Figures]) -> str:
    if len(shown) < 3:
        return ""
    chips = "".join(
        f'<button type="button" role="tab" aria-selected="{"false" if place else "true"}" id="tab-{place}" '
        f'aria-controls="view-{place}">{escape(category_name(each.category))}'
        f"<small>{each.courses.visits if each.courses else 0}</small></button>"
        for place, each in enumerate(shown)
    )
    return f'<nav class="chips" role="tablist" aria-label="按品类看">{chips}</nav>'


def _view(report: MinuteReport, figures: Figures, titles: Titles, rules: WillingnessRules) -> str:
    place = 0 if figures is report.whole else report.categories.index(figures) + 1
    tabs = len(report.categories) > 1
    apart = [] if place else [(each.category, each) for each in report.categories]
    name = report.scope.category if place == 0 and report.scope.category is not None else figures.category
    rows = [(name, figures)] if figures.courses else []
    counted = [(each, of.courses) for each, of in [*rows, *apart] if of.courses]
    label = f' role="tabpanel" aria-labelledby="tab-{place}"' if tabs else ""
    heading = f"<h2 class='print-name'>{escape(category_name(figures.category))}</h2>" if tabs else ""
    return "".join(
        [
            f'<div class="view" id="view-{place}"{label}{" hidden" if place else ""}>{heading}',
            cards.tiles(figures),
            cards.willingness(figures.curves, Segments.of(rules.clock, name)),
            cards.lines(counted),
            cards.lost(figures.losses, titles),
            cards.pushes(
                figures.experiment, [(each, of.experiment) for each, of in apart], figures.offered, _days(report)
            ),
            cards.foreseen(figures.foreseen, titles),
            cards.waits(figures.speed),
            "</div>",
        ]
    )


def _days(report: MinuteReport) -> float | None:
    if report.first is None or report.last is None:
        return None
    span = (report.last - report.first).total_seconds() / 86_400
    return span if span >= 1 else None


def _foot(report: MinuteReport, rules: WillingnessRules) -> str:
    orders = rules.orders
    notes = [
        f"一次咨询：同一会话里，中间停顿不超过 {rules.pause_minutes:g} 分钟的一段对话。还没结束的不算成交率。",
        f"几条线：{cards.course_names()}。有订单的按订单走的线算；没有订单的，意愿落到底的是 Z，其余是“看看没买”。",
        f"订单算给它之前最近的咨询：聊到的商品 {orders.same_product_hours:g} 小时内，别的商品 "
        f"{orders.other_product_minutes:g} 分钟内。最近的咨询还可能成交，所以新近的成交率偏低。",
        "区间都是 95%：成交率等用 Wilson 区间，两组之差用 Newcombe 区间，点击数用 Welch 区间，每单问题数用 delta 法。",
        "意愿值是按规则打的分，不是概率；规则在 playbook/willingness.yml，改了以后可以把历史重算一遍。",
    ]
    return f"<footer><h2>口径</h2><ul>{''.join(f'<li>{escape(each)}</li>' for each in notes)}</ul></footer>"
