"""Says in plain words where an order stands and what can be done next.

Pure: works on an order in the normal form, from whichever system. The newest open refund comes
first, then what the order's state and its parcels say. Delays are said as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sixty.masking import mask_address, mask_phone
from sixty.shop.gateways.normal_form import Order, Parcel, PresaleWindow, Refund, Trace
from sixty.shop.wording import say_amount, say_day, say_moment, say_refund, say_span

PAYMENT_WINDOW = timedelta(hours=24)
DISPATCH_PROMISE = timedelta(hours=48)
STUCK_AFTER = timedelta(hours=48)
RETURN_WINDOW = timedelta(days=7)
AUTO_CONFIRM_AFTER = timedelta(days=10)

_OPEN_REFUNDS = ("requested", "agreed", "returning")


@dataclass(frozen=True)
class OrderAnswer:
    """An order's state for a customer: the main thing, what belongs to it, what to do."""

    headline: str
    details: tuple[str, ...]
    next_steps: tuple[str, ...]


def describe_order(order: Order, now: datetime) -> OrderAnswer:
    """Describes an order to its owner, in Chinese; names and numbers are masked."""
    goods = _goods(order)
    of_state = _BY_STATE[order.state](order, now)
    refund = newest_refund(order)
    if refund is None:
        return OrderAnswer(of_state.headline, (goods, *of_state.details), of_state.next_steps)
    of_refund = _refund(refund, now, refused=any(each.state == "rejected" for each in order.parcels))
    if refund.state in _OPEN_REFUNDS or refund.state == "rejected":
        return OrderAnswer(
            of_refund.headline,
            (goods, *of_refund.details, f"订单本身：{of_state.headline}"),
            of_refund.next_steps,
        )
    if order.state == "closed":
        return OrderAnswer(of_refund.headline, (goods, *of_refund.details), of_refund.next_steps)
    return OrderAnswer(
        of_state.headline,
        (goods, *of_state.details, of_refund.headline, *of_refund.details),
        of_state.next_steps,
    )


def newest_refund(order: Order) -> Refund | None:
    """Picks the refund that a customer means: the newest open one, else the newest; never one they withdrew."""
    told = [each for each in order.refunds if each.state != "withdrawn"]
    ranked = sorted(told, key=lambda each: (each.state in _OPEN_REFUNDS, each.asked_at))
    return ranked[-1] if ranked else None


def leading_parcel(order: Order, now: datetime) -> Parcel | None:
    """Picks the parcel that a customer asks about: one in trouble, else the nearest."""
    urgency = {"rejected": 0, "stuck": 1, "out_for_delivery": 2, "in_transit": 3, "collected": 4}

    def rank(parcel: Parcel) -> tuple[int, str]:
        state = "stuck" if is_stuck(parcel, now) else parcel.state
        return urgency.get(state, 5), parcel.no

    return min(order.parcels, key=rank, default=None)


def latest_trace(parcel: Parcel) -> Trace | None:
    """Returns the newest line of a parcel's tracking."""
    return max(parcel.traces, key=lambda each: each.at, default=None)


def is_stuck(parcel: Parcel, now: datetime) -> bool:
    """Tells whether a parcel hasn't moved for two days, or is marked so by its carrier."""
    if parcel.state == "stuck":
        return True
    trace = latest_trace(parcel)
    moving = parcel.state in ("collected", "in_transit", "out_for_delivery")
    return moving and trace is not None and now - trace.at > STUCK_AFTER


def presale_of(order: Order) -> PresaleWindow | None:
    """Picks the presale that an order was bought in, as far as its articles have had one."""
    presales: Iterable[PresaleWindow] = (presale for line in order.lines for presale in line.presales)
    # The one that ran when the order was placed; a repeated presale has its own times.
    suitable = [each for each in presales if each.starts_at <= order.placed_at]
    return max(suitable, key=lambda each: each.starts_at, default=None)


def _unpaid(order: Order, now: datetime) -> OrderAnswer:
    due = order.goods_amount - order.discount + order.postage
    left = order.placed_at + PAYMENT_WINDOW - now
    amount = f"应付{say_amount(due)}"
    if left <= timedelta(0):
        return OrderAnswer(
            "这笔订单还没付款，付款时间已经过了",
            (amount, "系统会自动关闭它，没有扣过您的钱"),
            ("还想要的话重新下单就行，用过的券会退回账户", "需要的话我帮您看看现在还有没有货"),
        )
    return OrderAnswer(
        f"这笔订单还没付款，还剩{say_span(left)}",
        (amount, f"{say_moment(order.placed_at + PAYMENT_WINDOW, now)}前没付款会自动取消"),
        ("打开「我的订单」点「去付款」就可以", "付款遇到问题跟我说，地址要改也可以现在说"),
    )


def _deposit_paid(order: Order, now: datetime) -> OrderAnswer:
    paid = order.deposit_paid or order.paid_amount
    balance = order.goods_amount - order.discount + order.postage - paid
    amounts = f"定金{say_amount(paid)}已付，尾款{say_amount(max(balance, Decimal(0)))}"
    presale = presale_of(order)
    if presale is None:
        return OrderAnswer("定金已经付好了，等尾款开放", (amounts,), ("尾款开放后打开「我的订单」付就行",))
    window = f"尾款时间：{say_moment(presale.balance_from, now)}到{say_moment(presale.balance_until, now)}"
    ships = f"付完尾款，最晚{say_day(presale.ships_by, now)}发货"
    if now < presale.balance_from:
        left = say_span(presale.balance_from - now)
        return OrderAnswer(
            f"定金已经付好了，再过{left}就可以付尾款",
            (amounts, window, ships),
            ("到时间打开「我的订单」点「付尾款」", "地址要改的话，付尾款前都来得及"),
        )
    if now <= presale.balance_until:
        left = say_span(presale.balance_until - now)
        return OrderAnswer(
            f"现在可以付尾款了，还剩{left}",
            (amounts, window, ships),
            ("打开「我的订单」点「付尾款」就可以", "错过时间订单会关闭，定金按平台规则不退，记得早点付"),
        )
    return OrderAnswer(
        "尾款的付款时间已经过了",
        (amounts, window),
        ("定金怎么处理要人工核实，跟我说「转人工」就行",),
    )


def _paid(order: Order, now: datetime) -> OrderAnswer:
    paid_at = order.paid_at or order.placed_at
    presale = presale_of(order) if order.deposit_paid else None
    promise = presale.ships_by if presale else paid_at + DISPATCH_PROMISE
    details = (_paid_detail(order, now), _receiver(order))
    if now > promise:
        late = say_span(now - promise)
        return OrderAnswer(
            f"已经付款，但还没发出，比约定晚了{late}，真的抱歉",
            (*details, f"本该{say_moment(promise, now)}前发出"),
            ("跟我说「转人工」，同事去催仓库，给您一个准信", "不想等了也可以申请退款"),
        )
    return OrderAnswer(
        f"已经付款，仓库在备货，最晚{say_moment(promise, now)}前发出",
        details,
        ("急用的话跟我说「转人工」，同事帮您催", "地址填错了趁没发货赶紧告诉我"),
    )


def _part_shipped(order: Order, now: datetime) -> OrderAnswer:
    rest = "剩下的还在备货"
    promise = (order.paid_at or order.placed_at) + DISPATCH_PROMISE
    if now > promise:
        rest = f"剩下的还没发出，比约定晚了{say_span(now - promise)}，真的抱歉"
    parcel = leading_parcel(order, now)
    notable = parcel is not None and (parcel.state not in ("collected", "in_transit") or is_stuck(parcel, now))
    of_parcel = (_parcel_headline(parcel, now)[0],) if parcel is not None and notable else ()
    return OrderAnswer(
        f"这笔订单分开发货，已经发出{len(order.parcels)}个包裹，{rest}",
        (*of_parcel, *_parcel_details(order, now), _receiver(order)),
        ("剩下的发出后这里能查到新单号，不另收运费", "着急的话跟我说「转人工」，同事帮您催"),
    )


def _shipped(order: Order, now: datetime) -> OrderAnswer:
    parcel = leading_parcel(order, now)
    details = (*_parcel_details(order, now), _receiver(order))
    if parcel is None:
        return OrderAnswer("已经发货，物流信息还没更新", details, ("一般半天内能查到，晚点再帮您看",))
    headline, steps = _parcel_headline(parcel, now)
    return OrderAnswer(headline, details, steps)


def _delivered(order: Order, now: datetime) -> OrderAnswer:
    details = (*_parcel_details(order, now), _receiver(order))
    if order.delivered_at is None:
        return OrderAnswer("包裹已经签收", details, ("收到没问题就点一下「确认收货」",))
    return_until = order.delivered_at + RETURN_WINDOW
    auto = order.delivered_at + AUTO_CONFIRM_AFTER
    returns = (
        f"支持七天无理由的，{say_day(return_until, now)}前可以申请退换"
        if now < return_until
        else "已经过了七天无理由的时间，有质量问题照样找我们"
    )
    confirm = (
        f"没问题就点「确认收货」，不点的话{say_day(auto, now)}系统会自动确认"
        if now < auto
        else "没问题就点「确认收货」"
    )
    return OrderAnswer(
        f"包裹{say_moment(order.delivered_at, now)}已签收，还没确认收货",
        details,
        (confirm, returns, "没收到却显示签收，马上告诉我，同事去查"),
    )


def _confirmed(order: Order, now: datetime) -> OrderAnswer:
    details: list[str] = []
    if order.confirmed_at is not None:
        details.append(f"{say_moment(order.confirmed_at, now)}确认收货")
    details.append(_paid_detail(order, now))
    until = (order.delivered_at or order.confirmed_at or order.placed_at) + RETURN_WINDOW
    returns = f"支持七天无理由的，{say_day(until, now)}前还可以申请退换" if now < until else "用着有问题随时找我"
    return OrderAnswer("交易已经完成，谢谢您的支持", tuple(details), (returns, "要开发票跟我说一声"))


def _closed(order: Order, now: datetime) -> OrderAnswer:
    reason = f"，原因是{order.close_reason}" if order.close_reason else ""
    details: list[str] = []
    if order.closed_at is not None:
        details.append(f"{say_moment(order.closed_at, now)}关闭")
    if order.paid_at is None and not order.deposit_paid:
        details.append("没有扣过您的钱")
    return OrderAnswer(f"这笔订单已经关闭{reason}", tuple(details), ("还想要的话可以重新下单，我帮您看看有没有货",))


def _refund(refund: Refund, now: datetime, *, refused: bool) -> OrderAnswer:
    amount = say_amount(refund.amount)
    kind = say_refund(refund.kind)
    exchange = refund.kind in ("换货", "维修")
    repair = refund.kind == "维修"
    asked = f"{say_moment(refund.asked_at, now)}申请{kind}"
    if refund.reason:
        asked += f"，原因：{refund.reason}"
    if not exchange:
        asked += f"，金额{amount}"
    promise = _promise(refund, now, "修好寄回" if repair else "换的新货发出" if exchange else "退款到账")
    if refund.state == "requested":
        return OrderAnswer(
            f"您申请的{kind}已经收到，正在审核",
            (asked, *_promise(refund, now, "给您审核结果")),
            (
                "审核好会通知您，不用重复申请",
                f"不想{'修' if repair else '换' if exchange else '退'}了可以在订单里撤销",
            ),
        )
    if refund.state == "agreed":
        if refund.kind == "仅退款":
            return OrderAnswer(
                f"退款已经同意，{amount}正在原路退回",
                (asked, *promise),
                ("退到您付款的账户，到账以银行或支付平台通知为准",),
            )
        return OrderAnswer(
            f"{kind}已经同意，等您把商品寄回",
            (asked, *promise),
            ("在订单里点「填写退货单号」，预约上门取件也可以", "吊牌和包装请一起寄回，退得更快"),
        )
    if refund.state == "returning":
        follows = "给您修" if repair else "给您发新的" if exchange else "给您退款"
        if refused:
            return OrderAnswer(
                f"拒收的包裹正在退回仓库，收到后就{follows}",
                (asked, *promise),
                ("您不用再寄什么，等仓库签收就行",),
            )
        return OrderAnswer(
            f"您寄回的商品在路上，仓库收到后就{follows}",
            (asked, *promise),
            ("退货单号请留好，签收后一般一到两天验完",),
        )
    if refund.state == "rejected":
        return OrderAnswer(
            f"这次{kind}没有通过",
            (asked, f"{say_moment(refund.updated_at, now)}审核"),
            ("觉得不合理的话跟我说「转人工」，同事再看一次", "有新的照片或凭证可以再申请一次"),
        )
    when = say_moment(refund.updated_at, now)
    if exchange:
        back = "修好的" if repair else "换来的"
        return OrderAnswer(f"{kind}已经办好了", (asked, f"{when}完成"), (f"{back}有问题随时找我",))
    return OrderAnswer(
        f"{amount}已经退给您了",
        (asked, f"{when}原路退回"),
        ("没看到钱的话，先查一下付款的那张卡或账户，银行一般一到三个工作日",),
    )


def _promise(refund: Refund, now: datetime, what: str) -> tuple[str, ...]:
    if refund.promised_at is None:
        return ()
    at = say_moment(refund.promised_at, now)
    if now > refund.promised_at:
        return (f"本来说好{at}前{what}，现在超时了，抱歉，跟我说「转人工」，同事帮您催",)
    return (f"最晚{at}前{what}",)


def _parcel_headline(parcel: Parcel, now: datetime) -> tuple[str, tuple[str, ...]]:
    trace = latest_trace(parcel)
    where = trace.place if trace and trace.place else ""
    if parcel.state == "rejected":
        return "包裹被拒收，正在退回", ("不是您拒收的话马上告诉我，同事去查", "退回后会给您退款")
    if is_stuck(parcel, now):
        at = f"在{where}" if where else ""
        since = f"，已经{say_span(now - trace.at)}没有更新" if trace else ""
        return (
            f"包裹{at}停住了{since}，让您久等了",
            (f"跟我说「转人工」，同事马上找{parcel.carrier}核实", "确认丢件的话给您补发或退款"),
        )
    if parcel.state == "out_for_delivery":
        return "快递员正在给您派送，一般今天能到", ("请保持电话畅通", "不方便收可以请快递员放代收点")
    if parcel.state == "signed":
        return "包裹已经签收", ("收到没问题就点一下「确认收货」", "没收到却显示签收，马上告诉我")
    if parcel.state == "collected":
        return f"已经发货，{parcel.carrier}刚揽收", ("一般半天内会更新物流",)
    latest = f"，最新一站是{where}" if where else ""
    return f"包裹在路上{latest}", ("快到时快递员会联系您", "到时不方便收，可以跟快递员约时间")


def _parcel_details(order: Order, now: datetime) -> tuple[str, ...]:
    return tuple(_parcel_detail(parcel, now) for parcel in order.parcels)


def _parcel_detail(parcel: Parcel, now: datetime) -> str:
    trace = latest_trace(parcel)
    latest = f"，{say_moment(trace.at, now)} {trace.text}" if trace else "，暂时还没有物流记录"
    return f"{parcel.carrier} {parcel.no}{latest}"


def _paid_detail(order: Order, now: datetime) -> str:
    when = f"{say_moment(order.paid_at, now)}付款" if order.paid_at else "实付"
    return f"{when}，共{say_amount(order.paid_amount)}"


def _receiver(order: Order) -> str:
    return f"收货：{order.receiver} {mask_phone(order.phone)} {mask_address(order.address)}"


def _goods(order: Order) -> str:
    if not order.lines:
        return f"订单{order.no}"
    first = order.lines[0]
    variant = f"（{first.sku_text}）" if first.sku_text else ""
    pieces = f"×{first.quantity}" if first.quantity > 1 else ""
    rest = f" 等{len(order.lines)}种商品" if len(order.lines) > 1 else ""
    return f"{first.name}{variant}{pieces}{rest}"


_BY_STATE: dict[str, Callable[[Order, datetime], OrderAnswer]] = {
    "unpaid": _unpaid,
    "deposit_paid": _deposit_paid,
    "paid": _paid,
    "part_shipped": _part_shipped,
    "shipped": _shipped,
    "delivered": _delivered,
    "confirmed": _confirmed,
    "closed": _closed,
}
