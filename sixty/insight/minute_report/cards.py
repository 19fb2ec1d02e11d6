"""The cards of the page, one for each thing to look at."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from sixty.insight.experiment import ArmCounts, Estimate, Experiment
from sixty.insight.minute_report.course import COURSES
from sixty.insight.minute_report.courses import Courses
from sixty.insight.minute_report.curves import Curve
from sixty.insight.minute_report.foreseen import ForeseenFigures
from sixty.insight.minute_report.gathering import Figures
from sixty.insight.minute_report.losses import LastQuestion, Losses
from sixty.insight.minute_report.offered import Offered, OfferedFigures
from sixty.insight.minute_report.plots import (
    FEW,
    PHONE,
    WIDE,
    Part,
    Segments,
    bar,
    curves_plot,
    stacked,
    whisker,
)
from sixty.insight.minute_report.speed import BOUNDS_MS, Speed, SpeedFigures
from sixty.insight.minute_report.titles import Titles
from sixty.insight.minute_report.wording import (
    COURSE_NAMES,
    OFFER_NAMES,
    OUTCOME_NAMES,
    between,
    category_name,
    course_title,
    number,
    numbers_between,
    percent,
    points,
    points_between,
    waiting,
)
from sixty.shop.intervals import wilson

MANY = 30
"""Shares of fewer visits than this are marked as unsure."""

_SHOWN_LOSSES = 10
_SHOWN_CATEGORIES = 12
_VERDICTS = {
    "more": ("good", "有推题的会话，下单更多"),
    "fewer": ("bad", "有推题的会话，下单反而更少"),
    "open": ("calm", "还看不出推题对下单有没有影响"),
    "too_few": ("calm", "数据太少，先不下结论"),
    "broken": ("bad", "两组分得不对，先别用下面的比较"),
}


def card(name: str, title: str, hint: str, body: str) -> str:
    """A card with its heading."""
    return (
        f'<section class="card {name}"><header><h2>{escape(title)}</h2><p>{escape(hint)}</p></header>{body}</section>'
    )


def nothing(words: str) -> str:
    """What stands where there is nothing to show."""
    return f'<p class="nothing">{escape(words)}</p>'


def tiles(figures: Figures) -> str:
    """The figures in front."""
    courses, experiment, speeds = figures.courses, figures.experiment, figures.speed
    shown = [_tile("咨询", str(courses.visits) if courses else "0", "问过购买相关问题、已经结束的")]
    if courses:
        ended, gone = courses.conversion, courses.share("Z")
        shown.append(_tile("成交率", percent(ended.rate), f"{courses.ordered} 次 · 95% 区间 {between(ended)}"))
        shown.append(
            _tile("没留住（Z）", percent(gone.rate), f"{courses.taken.get('Z', 0)} 次 · 95% 区间 {between(gone)}")
        )
    else:
        shown += [_tile(name, "–", "还没有结束的咨询") for name in ("成交率", "没留住（Z）")]
    difference = experiment.difference
    if difference is None or experiment.verdict in ("too_few", "broken"):
        shown.append(_tile("推题对成交", "–", _VERDICTS[experiment.verdict][1]))
    else:
        unsure = "" if difference.tells else "，还说不准"
        shown.append(
            _tile("推题对成交", f"{points(difference.value)} 点", f"95% 区间 {points_between(difference)}{unsure}")
        )
    if figures.foreseen and figures.foreseen.total.visits:
        total = figures.foreseen.total
        shown.append(
            _tile("下一问已摆好", percent(total.share.rate), f"{total.visits} 次追问的咨询 · {between(total.share)}")
        )
    else:
        shown.append(_tile("下一问已摆好", "–", "还没有人追问"))
    if speeds and speeds.bot:
        shown.append(
            _tile("机器人首句", waiting(speeds.bot.median_ms), f"中位数 · 九成在 {waiting(speeds.bot.p90_ms)}内")
        )
    else:
        shown.append(_tile("机器人首句", "–", "还没有回答"))
    return f'<div class="tiles">{"".join(shown)}</div>'


def _tile(name: str, value: str, note: str) -> str:
    return f'<div class="tile"><span>{escape(name)}</span><b>{escape(value)}</b><small>{escape(note)}</small></div>'


def willingness(curves: Sequence[Curve], segments: Segments) -> str:
    """Curves by course."""
    if not curves:
        return card("willingness", "意愿曲线", _WILLINGNESS, nothing("还没有已经结束的咨询。"))
    told = "；".join(f"{course_title(each.course)} {each.visits} 次" for each in curves)
    legend = "".join(
        f'<button type="button" aria-pressed="true" data-course="{each.course}"><i></i>'
        f"{escape(course_title(each.course))} <small>{each.visits} 次{'，样本少' if each.visits < FEW else ''}</small>"
        "</button>"
        for each in curves
    )
    drawn = "".join(curves_plot(curves, segments, frame, f"意愿值随秒数变化：{told}") for frame in (WIDE, PHONE))
    body = f'<div class="plot">{drawn}<div class="tip" hidden></div></div><div class="legend">{legend}</div>'
    return card("willingness", "意愿曲线", _WILLINGNESS, body)


_WILLINGNESS = (
    "每条线上顾客平均有多想买（0–100），从第一句话起算；下单那一刻会推到近 100。"
    "色带是均值的 95% 区间，次数少就宽。咨询结束后保持最后的分数，所以每一点背后是同一批咨询。"
)


def lines(rows: Sequence[tuple[str | None, Courses]]) -> str:
    """How visits ended, a row for each category."""
    hint = "结束了的咨询各走了哪条线。成交率和没留住的比例都带 95% 区间；不到 30 次的品类标了“少”，只作参考。"
    if not rows:
        return card("lines", "走了哪条线", hint, nothing("还没有已经结束的咨询。"))
    drawn = "".join(_line_row(category, courses) for category, courses in rows[:_SHOWN_CATEGORIES])
    head = "<tr><th>品类</th><th class='num'>咨询</th><th class='wide'>各线占比</th><th>成交率</th><th>没留住</th></tr>"
    taken = {course for _, courses in rows for course in courses.taken}
    legend = "".join(
        f'<span><i class="k-{_slug(each)}"></i>{escape(course_title(each))}</span>' for each in COURSES if each in taken
    )
    more = f"<p class='more'>另有 {len(rows) - _SHOWN_CATEGORIES} 个品类没列出，都算在“全部”里。</p>"
    rest = more if len(rows) > _SHOWN_CATEGORIES else ""
    body = f'<table><thead>{head}</thead><tbody>{drawn}</tbody></table>{rest}<div class="keys">{legend}</div>'
    return card("lines", "走了哪条线", hint, body)


def _line_row(category: str | None, courses: Courses) -> str:
    parts = [
        Part(_slug(each), share.rate, f"{course_title(each)} {courses.taken[each]} 次，{percent(share.rate)}", each)
        for each in COURSES
        if each in courses.taken and (share := courses.share(each))
    ]
    parts = [each if each.label != "undecided" else Part(each.kind, each.share, each.title) for each in parts]
    lost = courses.share("Z")
    few = " <em>少</em>" if courses.visits < MANY else ""
    return (
        f"<tr{' class=few' if few else ''}><th scope='row'>{escape(category_name(category))}{few}</th>"
        f"<td class='num' data-label='咨询'>{courses.visits}</td><td class='wide'>{stacked(parts)}</td>"
        f"<td data-label='成交率'>{percent(courses.conversion.rate)} <small>{between(courses.conversion)}</small></td>"
        f"<td data-label='没留住'>{percent(lost.rate)} <small>{between(lost)}</small></td></tr>"
    )


def _slug(course: str) -> str:
    return course.replace("+", "p")


def lost(losses: Losses | None, titles: Titles) -> str:
    """Where customers left."""
    hint = (
        "没下单就走了的顾客，最后问的是什么、得到了怎样的回答。"
        "“问完就走”是问过它的咨询里到它为止的比例；橙色的明显高于平均。"
    )
    if losses is None or not losses.lost:
        return card("lost", "顾客在哪儿走掉", hint, nothing("没有问了问题却没下单就结束的咨询。"))
    shown, rest = losses.questions[:_SHOWN_LOSSES], losses.questions[_SHOWN_LOSSES:]
    most = shown[0].lost
    head = (
        "<tr><th>最后一问</th><th class='wide'>走掉</th><th class='num'>问过</th><th>问完就走</th>"
        "<th class='wide'>得到的回答</th></tr>"
    )
    rows = "".join(_lost_row(each, titles, most) for each in shown)
    more = f"<p class='more'>另有 {len(rest)} 个问题，共 {sum(each.lost for each in rest)} 次。</p>" if rest else ""
    met = {outcome for each in shown for outcome in each.outcomes}
    keys = "".join(
        f'<span><i class="k-{_outcome(each)}"></i>{name}</span>' for each, name in OUTCOME_NAMES.items() if each in met
    )
    sentence = (
        f"<p class='said'>{losses.visits} 次问了问题的咨询里，<b>{losses.lost} 次</b>没下单就结束了；"
        f"平均每个问题有 {percent(losses.usual)} 是最后一问。</p>"
    )
    body = f'{sentence}<table><thead>{head}</thead><tbody>{rows}</tbody></table>{more}<div class="keys">{keys}</div>'
    return card("lost", "顾客在哪儿走掉", hint, body)


def _outcome(outcome: str | None) -> str:
    return outcome or "none"


def _lost_row(each: LastQuestion, titles: Titles, most: int) -> str:
    answers = [
        Part(_outcome(outcome), count / each.lost, f"{name} {count} 次", str(count))
        for outcome, name in OUTCOME_NAMES.items()
        if (count := each.outcomes.get(outcome, 0))
    ]
    rate = f"{percent(each.rate.rate, 0)} <small>{each.rate.low * 100:.0f}–{each.rate.high * 100:.0f}%</small>"
    mark = " class='above' title='明显高于平均'" if each.above else ""
    return (
        f"<tr><th scope='row'>{escape(titles.of(each.question))}</th>"
        f"<td class='wide counted'>{bar(each.lost / most, 'lost')}<b>{each.lost}</b></td>"
        f"<td class='num' data-label='问过'>{each.asked}</td><td data-label='问完就走'><span{mark}>{rate}</span></td>"
        f"<td class='wide'>{stacked(answers)}</td></tr>"
    )


def pushes(
    experiment: Experiment,
    by_category: Sequence[tuple[str | None, Experiment]],
    offers: OfferedFigures,
    days: float | None,
) -> str:
    """What the pushes did, and what cannot be told yet."""
    hint = (
        "按会话编号随机分组：一组答完会推下一问、收口、搭配和优惠，一组只回答。"
        "分好就不再换，两组只差这一点，所以差别可以算在推题头上。"
    )
    tone, words = _VERDICTS[experiment.verdict]
    body = (
        f'<p class="verdict {tone}">{escape(words)}{_extra(experiment)}</p>{_arms(experiment)}'
        f"{_by_category(experiment, by_category)}{_limits(experiment, days)}{_offers(offers)}"
    )
    return card("pushes", "推题做了什么", hint, body)


def _extra(experiment: Experiment) -> str:
    extra = experiment.extra_orders
    if extra is None or experiment.verdict in ("broken", "too_few"):
        return ""
    low, high = round(extra.low), round(extra.high)
    if experiment.verdict == "open":
        return f"：这段时间多出来的成交会话，从 {low:+d} 到 {high:+d} 个都说得通。".replace("-", "−")
    more = experiment.verdict == "more"
    few, many = (low, high) if more else (-high, -low)
    return f"：这段时间大约{'多' if more else '少'}了 {abs(round(extra.value))} 个成交会话（95% 区间 {few}–{many}）。"


def _arms(experiment: Experiment) -> str:
    ours, theirs = experiment.pushes, experiment.quiet
    tapping = [_mean_cell(each) for each in experiment.taps]
    asking = [_mean_cell(each) for each in experiment.questions_per_order]
    change = experiment.fewer_questions
    rows = [
        ("会话", str(ours.conversations), str(theirs.conversations), f"安静组占 {percent(experiment.draw.quiet.rate)}"),
        (
            "成交的会话",
            *(
                f"{counts.ordered} <small>{percent(share.rate)}（{between(share)}）</small>"
                if counts.conversations
                else "–"
                for counts, share in zip((ours, theirs), experiment.conversion, strict=True)
            ),
            _difference_cell(experiment.difference),
        ),
        ("每次会话点胶囊", *tapping, _numbers_cell(experiment.more_taps)),
        (
            "每单问几个问题",
            *asking,
            f"{percent(change.value).replace('-', '−')} <small>{percent(change.low).replace('-', '−')} 到 "
            f"{percent(change.high).replace('-', '−')}</small>"
            if change
            else f"<small>{_few_orders(ours, theirs)}</small>",
        ),
    ]
    drawn = "".join(
        f"<tr><th scope='row'>{name}</th><td data-label='有推题'>{one}</td><td data-label='安静组'>{other}</td>"
        f"<td data-label='差别'>{gap}</td></tr>"
        for name, one, other, gap in rows
    )
    head = "<tr><th></th><th>有推题</th><th>安静组</th><th>差别（95% 区间）</th></tr>"
    return f"<table class='arms'><thead>{head}</thead><tbody>{drawn}</tbody></table>"


def _few_orders(ours: ArmCounts, theirs: ArmCounts) -> str:
    return f"单数太少（{ours.orders}、{theirs.orders}），各满 10 单才比"


def _mean_cell(estimate: Estimate | None) -> str:
    return "–" if estimate is None else f"{number(estimate.value)} <small>{numbers_between(estimate)}</small>"


def _numbers_cell(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    sign = "+" if estimate.value > 0 else ""
    return f"{sign}{number(estimate.value)} <small>{numbers_between(estimate)}</small>"


def _difference_cell(difference: Estimate | None) -> str:
    if difference is None:
        return "–"
    return f"{points(difference.value)} 点 <small>{points_between(difference)}</small>"


def _by_category(whole: Experiment, rows: Sequence[tuple[str | None, Experiment]]) -> str:
    told = [(name, each) for name, each in rows if each.difference is not None and each.verdict != "too_few"]
    told = told[:_SHOWN_CATEGORIES]
    if not told or whole.difference is None:
        return ""
    shown: list[tuple[str | None, Experiment]] = [(None, whole), *told]
    reach = max(
        (max(abs(each.difference.low), abs(each.difference.high)) for _, each in shown if each.difference), default=1.0
    )
    drawn = "".join(
        f"<tr><th scope='row'>{escape(category_name(name))}</th>"
        f"<td class='num' data-label='会话'>{each.pushes.conversations} : {each.quiet.conversations}</td>"
        f"<td class='wide'>{whisker(gap.value, gap.low, gap.high, reach, gap.tells)}</td>"
        f"<td data-label='成交率之差'>{_difference_cell(gap)}</td></tr>"
        for name, each in shown
        if (gap := each.difference)
    )
    head = (
        "<tr><th>品类</th><th class='num'>推题 : 安静</th>"
        f"<th class='wide axis'><span>{points(-reach)}</span><span>0</span><span>{points(reach)}</span></th>"
        "<th>成交率之差（百分点）</th></tr>"
    )
    return f"<table class='effects'><thead>{head}</thead><tbody>{drawn}</tbody></table>"


def _limits(experiment: Experiment, days: float | None) -> str:
    said = []
    draw = experiment.draw
    if draw.broken and draw.expected is not None:
        said.append(
            f"安静组本该占 {percent(draw.expected)}，实际 {percent(draw.quiet.rate)}（{between(draw.quiet)}），"
            "碰巧成这样的可能不到千分之一。这段时间改过比例、或有会话没记全，都会这样；查清之前，两组不能比。"
        )
    if experiment.difference is None:
        said.append(
            "有一组还没有会话，没法比。安静组的比例由 SIXTY_CONTROL_SHARE 决定，生产环境默认 5%，开发环境默认没有。"
        )
    if experiment.smallest is not None:
        said.append(
            f"照现在的会话数，真实差别要有 {experiment.smallest * 100:.1f} 个百分点，才有八成把握看得出来；"
            "更小的看不出，不等于没有。"
        )
    if experiment.verdict == "open" and experiment.wanted is not None:
        said.append(_how_long(experiment, experiment.wanted, days))
    if experiment.verdict not in ("too_few", "broken"):
        said.append("区间按“只看这一次”算。天天看、一看到好结果就停，容易看走眼；先定好看到哪天。")
        said.append("分品类是顺带看的：看的品类越多，越容易有一个碰巧“明显”。")
    return (
        f"<div class='limits'><h3>还说不准的</h3><ul>{''.join(f'<li>{escape(each)}</li>' for each in said)}</ul></div>"
    )


def _offers(offers: OfferedFigures) -> str:
    if not offers:
        return ""
    known = [*OFFER_NAMES, *sorted(set(offers) - set(OFFER_NAMES))]
    rows = "".join(
        f"<tr><th scope='row'>{escape(OFFER_NAMES.get(name, name))}</th>"
        f"<td class='num' data-label='次数'>{each.shown}</td>"
        f"<td data-label='点了'>{_taps(each)}</td><td class='num' data-label='咨询'>{each.visits}</td>"
        f"<td data-label='其中成交'>{each.ordered} <small>{percent(sure.rate)}（{between(sure)}）</small></td></tr>"
        for name in known
        if (each := offers.get(name)) and (sure := wilson(each.ordered, each.visits))
    )
    head = "<tr><th></th><th class='num'>次数</th><th>点了</th><th class='num'>咨询</th><th>其中成交</th></tr>"
    return (
        f"<h3 class='after'>推了些什么</h3><table class='offers'><thead>{head}</thead><tbody>{rows}</tbody></table>"
        "<p class='more'>推给谁不是随机的：收口、优惠本来就推给更想买或正犹豫的人，"
        "所以“其中成交”高低不能说明推了有没有用；有没有用看上面两组的差别。</p>"
    )


def _taps(each: Offered) -> str:
    sure = each.taps
    return "–" if sure is None else f"{each.tapped} <small>{percent(sure.rate)}（{between(sure)}）</small>"


def _how_long(experiment: Experiment, wanted: int, days: float | None) -> str:
    words = (
        f"要是真实差别就像眼下这么大，安静组得有约 {_round(wanted)} 次会话才看得清，"
        f"现在 {experiment.quiet.conversations} 次"
    )
    more = wanted - experiment.quiet.conversations
    if days and experiment.quiet.conversations and more > 0:
        still = more / experiment.quiet.conversations * days
        words += (
            f"；照这段时间的速度，还要约 {_round(still)} 天"
            if still < 3650
            else "；照这段时间的速度等不到，不如把安静组调大"
        )
    return f"{words}。"


def _round(value: float) -> int:
    """Two digits say what can be said."""
    whole = round(value)
    unit = int(10 ** max(len(str(whole)) - 2, 0))
    return -(-whole // unit) * unit


def foreseen(figures: ForeseenFigures | None, titles: Titles) -> str:
    """Which answers were already there."""
    hint = "有推题的会话里，顾客接着问的问题，问之前是不是已经摆在眼前。"
    if figures is None or not figures.total.questions:
        return card("foreseen", "答案已经在那儿", hint, nothing("还没有人追问。"))
    total = figures.total
    typed = total.offered - total.tapped
    sentence = (
        f"<p class='said'>{total.questions} 个追问里，"
        f"<b>{total.offered} 个</b>（{percent(total.offered / total.questions)}）"
        f"已经摆成胶囊：{total.tapped} 个是点的，{typed} 个还是打字问的。"
        f"按咨询算，{total.visits} 次里有 {total.visits_offered} 次至少摆对一问（{percent(total.share.rate)}，"
        f"95% 区间 {between(total.share)}）。另有 {total.again} 个追问，前面已经答过一遍。</p>"
    )
    most = figures.questions[0].asked
    rows = "".join(
        f"<tr><th scope='row'>{escape(titles.of(each.question))}</th>"
        f"<td class='wide'><span class='scaled' style='width:{each.asked / most * 100:.2f}%'>"
        + stacked(
            [
                Part("tapped", each.tapped / each.asked, f"点了 {each.tapped} 次", str(each.tapped)),
                Part(
                    "typed",
                    (each.offered - each.tapped) / each.asked,
                    f"摆了、仍打字 {each.offered - each.tapped} 次",
                    str(each.offered - each.tapped),
                ),
                Part("absent", 1 - each.offered / each.asked, f"没摆 {each.asked - each.offered} 次"),
            ],
            each.asked / most,
        )
        + f"</span></td><td class='num' data-label='问了'>{each.asked}</td>"
        f"<td class='num' data-label='已摆好'>{percent(each.offered / each.asked, 0)}</td></tr>"
        for each in figures.questions
    )
    head = "<tr><th>接着问</th><th class='wide'></th><th class='num'>问了</th><th class='num'>已摆好</th></tr>"
    keys = (
        "<span><i class='k-tapped'></i>摆了，点了</span><span><i class='k-typed'></i>摆了，仍打字</span>"
        "<span><i class='k-absent'></i>没摆</span>"
    )
    body = f'{sentence}<table><thead>{head}</thead><tbody>{rows}</tbody></table><div class="keys">{keys}</div>'
    return card("foreseen", "答案已经在那儿", hint, body)


def waits(figures: SpeedFigures | None) -> str:
    """Waiting times."""
    hint = "从顾客的话到达，到第一句回复。黄金一分钟里，店铺该在第 15 秒前开口。"
    if figures is None or (figures.bot is None and figures.people is None):
        return card("waits", "等多久", hint, nothing("还没有计时的回答。"))
    parts = [_wait("机器人", figures.bot), _wait("人工", figures.people)]
    return card("waits", "等多久", hint, f'<div class="pair">{"".join(parts)}</div>')


def _wait(name: str, speed: Speed | None) -> str:
    if speed is None:
        return f"<div><h3>{name}</h3>{nothing('这段时间没有。')}</div>"
    most = max(speed.groups)
    rows = "".join(
        f"<tr><th scope='row'>{label}</th><td class='wide'>{bar(count / most)}</td>"
        f"<td class='num'>{count}</td><td class='num'>{percent(count / speed.answers, 0)}</td></tr>"
        for label, count in zip(_groups(), speed.groups, strict=True)
    )
    note = f"{speed.answers} 次 · 中位 {waiting(speed.median_ms)} · 九成在 {waiting(speed.p90_ms)}内"
    return f"<div><h3>{name} <small>{note}</small></h3><table class='groups'><tbody>{rows}</tbody></table></div>"


def _groups() -> list[str]:
    bounds = [f"{each / 1000:g}" for each in BOUNDS_MS]
    inner = [f"{low}–{high} 秒" for low, high in pairwise(bounds)]
    return [f"{bounds[0]} 秒内", *inner, f"{bounds[-1]} 秒以上"]


def course_names() -> str:
    """What the lines mean, for the foot of the page."""
    return "；".join(f"{course} {name}" for course, name in COURSE_NAMES.items() if course != "undecided")
