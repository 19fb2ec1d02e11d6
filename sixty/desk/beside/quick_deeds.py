"""What an agent can have done for the customer without leaving the chat: each once under its key, by the shop's rules.

A deed goes the way that the bot's deeds go: the order is read anew as its owner's, the policy decides, the effect runs
at most once. An agent may give what their authority in `playbook/benefits.yml` allows, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy.orm import Session

from actions import cards as drawn
from sixty.desk.beside.chat_subject import Subject
from sixty.desk.staff.signed_in import Staff
from sixty.shop.benefits import Granted, grant, shop_benefits
from sixty.shop.benefits.about import About
from sixty.shop.benefits.kinds import Authority, may_act_as
from sixty.shop.deeds.deed import Deed, DeedRefused, Done, IncompleteDeed, NotTheOwner
from sixty.shop.deeds.kinds import AFTER_SALES, DeedKind
from sixty.shop.deeds.models import DeedRow
from sixty.shop.deeds.recording import KeyTakenError
from sixty.shop.gateways.chosen import order_gateway
from sixty.shop.gateways.normal_form import Order
from sixty.shop.policies.asking import verdict_for
from sixty.shop.prices import price_card
from sixty.shop.recommendations import bundle_for
from sixty.shop.wording import say_amount, say_moment

Quick = Literal["coupon", "after_sales", "address", "invoice", "bundle"]
QUICK: tuple[Quick, ...] = get_args(Quick)
TITLES: Mapping[Quick, str] = {
    "coupon": "送优惠",
    "after_sales": "申请售后",
    "address": "改地址",
    "invoice": "开发票",
    "bundle": "发搭配卡",
}

LONGEST_KEY = 64
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_AFTER_SALES: Mapping[str, str] = {"return": "退货", "exchange": "换货", "repair": "维修", "refund_only": "仅退款"}
_CAUSES: Mapping[str, str] = {
    "no_reason": "不想要了",
    "quality": "质量问题",
    "wrong_item": "发错货",
    "damaged": "收到就坏了",
    "size": "尺码不合适",
    "other": "其他",
}
_PROBLEMS = {
    "address": "地址要写完整，6 到 256 个字",
    "phone": "手机号是 11 位数字",
    "receiver": "收件人最多 32 个字",
    "title": "抬头最多 100 个字",
    "tax_no": "税号是 15 到 20 位数字和大写字母",
    "email": "邮箱格式不对",
    "line": "这笔订单有好几件，请选是哪一件",
}


class DeedForbiddenError(Exception):
    """A rule of the shop says no.

    Attributes:
        reason: Why, in words that the customer could be told.
        no: The number under which it is recorded that it was asked for; empty where it is not.
    """

    def __init__(self, reason: str, no: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.no = no


class FieldsError(Exception):
    """Fields are missing or make no sense.

    Attributes:
        problems: What is wrong with each, in Chinese.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


class KeyUsedError(Exception):
    """The key stands for another deed."""


@dataclass(frozen=True)
class QuickDone:
    """What was done.

    Attributes:
        no: The number under which people find it again.
        state: `done`, or `accepted` where people carry it out; `sent` for a card.
        text: What the customer is told; empty where they are told nothing.
        card: What they are shown.
        repeated: Whether it had been done under this key before.
    """

    no: str
    kind: Quick
    state: str
    text: str
    card: Mapping[str, Any] | None = None
    repeated: bool = False

    def shown(self) -> dict[str, Any]:
        """As the workbench's API has it."""
        return {"no": self.no, "kind": self.kind, "title": TITLES[self.kind], "state": self.state, "text": self.text}


def authority_of(staff: Staff) -> Authority:
    """On whose authority somebody gives: a supervisor may give more."""
    return "supervisor" if staff.role in ("supervisor", "admin") else "agent"


def possible(session: Session, subject: Subject, staff: Staff, now: datetime) -> list[dict[str, Any]]:
    """Which deeds there are for a conversation, with their fields, as the workbench's API has them.

    Args:
        session: Any session.
        subject: What the conversation is about.
        staff: Who would do them.
        now: The present moment.
    """
    allowed = "deed.do" in staff.may
    reasons = dict.fromkeys(QUICK, "" if allowed else "您的账号不能办理，请找主管")
    if allowed and not subject.orders:
        nobody = "还不知道顾客是谁，请他登录或核对订单号" if subject.viewer.customer_id is None else "顾客名下没有订单"
        without = "订单系统连不上，稍后再试" if "orders" in subject.missing else nobody
        reasons |= {"after_sales": without, "address": without, "invoice": without}
    if allowed and (subject.product is None or bundle_for(session, subject.product.no, now) is None):
        reasons["bundle"] = "没有在聊的商品，或者这款没有固定搭配"
    fields = {
        "coupon": _coupon_fields(session, subject, authority_of(staff), now),
        "after_sales": _after_sales_fields(subject, now),
        "address": _address_fields(session, subject, now),
        "invoice": _invoice_fields(subject),
        "bundle": [],
    }
    if allowed and not fields["coupon"][0]["choices"]:
        reasons["coupon"] = "您的权限内没有能送的优惠"
    return [
        {
            "kind": kind,
            "title": TITLES[kind],
            "may": not reasons[kind],
            "why_not": reasons[kind] or None,
            "fields": fields[kind],
        }
        for kind in QUICK
    ]


def perform(
    session: Session,
    subject: Subject,
    staff: Staff,
    key: str,
    kind: Quick,
    fields: Mapping[str, str],
    now: datetime,
) -> QuickDone:
    """Does a deed once under its key.

    Args:
        session: A session that may write.
        subject: What the conversation is about.
        staff: Who does it.
        key: Made by the page, the same when it asks again.
        kind: Which deed.
        fields: What was filled in.
        now: The present moment.

    Raises:
        DeedForbiddenError: The shop's rules say no; that it was asked for is recorded in the session.
        FieldsError: Something is missing or makes no sense.
        KeyUsedError: The key stands for another deed.
        GatewayError: The shop's system gives no answer.
        RefusedError: They may not do deeds.
    """
    staff.needs("deed.do")
    if not _KEY.fullmatch(key):
        raise FieldsError({"key": "1 到 64 位字母、数字和 . _ : -"})
    whole_key = f"desk:{subject.conversation.id}:{key}"[:128]
    given = {name: value.strip() for name, value in fields.items() if value and value.strip()}
    if kind == "coupon":
        return _give(session, subject, staff, whole_key, given, now)
    if kind == "bundle":
        return _bundle(session, subject, now)
    deed = _deed(kind, whole_key, given)
    try:
        done = order_gateway(session, now).perform(subject.viewer, deed)
    except DeedRefused as refused:
        recorded: DeedRow | None = session.get(DeedRow, whole_key)
        raise DeedForbiddenError(refused.verdict.say, recorded.reference if recorded is not None else "") from None
    except NotTheOwner:
        raise FieldsError({"order_no": "顾客名下没有这笔订单"}) from None
    except IncompleteDeed as incomplete:
        raise FieldsError({name: _PROBLEMS.get(name, "这里填得不对") for name in incomplete.wrong}) from None
    except KeyTakenError:
        raise KeyUsedError(key) from None
    return QuickDone(done.reference, kind, done.state, _told(kind, deed, done, now), repeated=done.repeated)


def _give(
    session: Session, subject: Subject, staff: Staff, key: str, given: Mapping[str, str], now: datetime
) -> QuickDone:
    benefit_id = given.get("benefit")
    if not benefit_id:
        raise FieldsError({"benefit": "选一个要送的优惠"})
    product = subject.product
    about = About(product.no, None, 1, subject.level) if product is not None else None
    came = grant(session, benefit_id, subject.viewer, key, authority_of(staff), now, about, "agent", direct=True)
    if not isinstance(came, Granted):
        if came.reason == "key_taken":
            raise KeyUsedError(key)
        raise DeedForbiddenError(came.text)
    benefit = came.benefit
    amount = benefit.coupon.amount if benefit.coupon is not None else None
    card = drawn.benefit_card(benefit.kind, benefit.title, came.text, amount, came.expires_at, granted=True)
    state = "accepted" if came.held else "done"
    return QuickDone(came.reference, "coupon", state, came.text, card, came.repeated)


def _bundle(session: Session, subject: Subject, now: datetime) -> QuickDone:
    if subject.product is None:
        raise DeedForbiddenError("还没有在聊的商品，先发一款商品给顾客")
    bundle = bundle_for(session, subject.product.no, now, level=subject.level)
    if bundle is None:
        raise DeedForbiddenError("这款商品没有固定搭配，或者搭配的都没货了")
    prices = {item.product.no: price_card(session, item.product, subject.level, now) for item in bundle.items}
    saving = f"，一起买省{say_amount(bundle.saving)}" if bundle.saving else ""
    return QuickDone(
        bundle.product.no, "bundle", "sent", f"给您配好了一套{saving}，您看看～", drawn.bundle_card(bundle, prices)
    )


def _deed(kind: Quick, key: str, given: Mapping[str, str]) -> Deed:
    order_no = given.get("order_no")
    if not order_no:
        raise FieldsError({"order_no": "选一笔订单"})
    if kind == "after_sales":
        return _after_sales(key, order_no, given)
    return _new_address(key, order_no, given) if kind == "address" else _invoice(key, order_no, given)


def _after_sales(key: str, order_no: str, given: Mapping[str, str]) -> Deed:
    problems = {}
    if given.get("service") not in AFTER_SALES:
        problems["service"] = "选退货、换货、维修或仅退款"
    if given.get("cause") not in _CAUSES:
        problems["cause"] = "选一个原因"
    if given.get("line") and not re.fullmatch(r"[1-9]\d?", given["line"]):
        problems["line"] = _PROBLEMS["line"]
    if problems:
        raise FieldsError(problems)
    details = {"words": given["text"]} if given.get("text") else {}
    if given.get("opened") in ("true", "false"):
        details["opened"] = given["opened"]
    line = int(given["line"]) if given.get("line") else None
    return Deed(key, _kind(given["service"]), order_no, line, details, given["cause"], by="agent")


def _new_address(key: str, order_no: str, given: Mapping[str, str]) -> Deed:
    wanted = {name: given[name] for name in ("address", "phone", "receiver") if given.get(name)}
    if not wanted:
        raise FieldsError({"address": "写新的地址、电话或收件人"})
    kind: DeedKind = "change_address" if "address" in wanted else "change_contact"
    return Deed(key, kind, order_no, None, wanted, by="agent")


def _invoice(key: str, order_no: str, given: Mapping[str, str]) -> Deed:
    details = {name: given[name] for name in ("title", "tax_no", "email") if given.get(name)}
    if not details.get("title"):
        raise FieldsError({"title": "写发票抬头"})
    details["title_type"] = "company" if details.get("tax_no") else "personal"
    kind: DeedKind = "reissue_invoice" if given.get("again") == "true" else "issue_invoice"
    return Deed(key, kind, order_no, None, details, by="agent")


def _kind(service: str) -> DeedKind:
    return next(kind for kind in AFTER_SALES if kind == service)


def _told(kind: Quick, deed: Deed, done: Done, now: datetime) -> str:
    """What the customer reads once it is done."""
    when = f"，{say_moment(done.promised_at, now)}前给您办好" if done.promised_at is not None else ""
    tail = f"尾号{str(deed.order_no)[-4:]}这单"
    if kind == "address":
        return f"{tail}的收货信息给您改好了～" if done.state == "done" else f"{tail}改收货信息已经报上去了{when}～"
    if kind == "invoice":
        return f"{tail}的发票给您申请好了{when}，开好发到您的邮箱或订单里～"
    service = _AFTER_SALES.get(deed.kind, "售后")
    pays = f"，退{say_amount(done.amount)}" if done.amount is not None else ""
    return f"{tail}的{service}给您申请好了{pays}{when}，有进展我第一时间告诉您～"


def _coupon_fields(session: Session, subject: Subject, authority: Authority, now: datetime) -> list[dict[str, Any]]:
    plan = shop_benefits()
    limit = plan.authorities.get(authority)
    choices = [
        {"value": each.id, "title": f"{each.title}（成本{say_amount(each.cost)}）"}
        for each in plan.benefits.values()
        if limit is not None and each.cost <= limit.each and may_act_as(authority, each.authority) and each.runs(now)
    ]
    most = f"{limit.each:.2f}" if limit is not None else None
    return [_field("benefit", "送哪一样", "choice", choices=choices, at_most=most)]


def _after_sales_fields(subject: Subject, now: datetime) -> list[dict[str, Any]]:
    return [
        _orders_field(subject),
        _line_field(subject.order),
        _field("service", "办什么", "choice", choices=_choices(_AFTER_SALES)),
        _field("cause", "原因", "choice", choices=_choices(_CAUSES)),
        _field("opened", "拆封了吗", "choice", choices=_choices({"false": "没拆封", "true": "拆了"}), required=False),
        _field("text", "补充说明", "long", required=False),
    ]


def _address_fields(session: Session, subject: Subject, now: datetime) -> list[dict[str, Any]]:
    """The orders' fields; which address cannot be changed any more is said before anybody types a new one."""
    orders = _orders_field(subject)
    for choice, order in zip(orders["choices"], subject.orders, strict=True):
        verdict = verdict_for(session, "change_address", order, now, viewer=subject.viewer)
        choice["hint"] = None if verdict.allowed else verdict.say
    return [
        orders,
        _field("address", "新地址", "long", required=False),
        _field("receiver", "收件人", "text", required=False),
        _field("phone", "手机号", "phone", required=False),
    ]


def _invoice_fields(subject: Subject) -> list[dict[str, Any]]:
    told = {name: str(subject.slots.get(slot) or "") for name, slot in (("tax_no", "tax_no"), ("email", "contact"))}
    return [
        _orders_field(subject),
        _field("title", "抬头", "text"),
        _field("tax_no", "税号（企业必填）", "text", required=False, value=told["tax_no"]),
        _field("email", "收票邮箱", "text", required=False, value=told["email"] if "@" in told["email"] else ""),
        _field("again", "换开", "choice", choices=_choices({"false": "首次开", "true": "换开"}), required=False),
    ]


def _orders_field(subject: Subject) -> dict[str, Any]:
    choices = [{"value": each.no, "title": f"{_goods(each)}（尾号{each.no[-4:]}）"} for each in subject.orders]
    return _field("order_no", "哪一笔订单", "order", choices=choices, value=subject.order.no if subject.order else "")


def _line_field(order: Order | None) -> dict[str, Any]:
    lines = order.lines if order is not None else ()
    choices = [
        {"value": str(place), "title": f"{each.name} {each.sku_text}".strip()} for place, each in enumerate(lines, 1)
    ]
    value = "1" if len(lines) == 1 else ""
    return _field("line", "哪一件", "choice", choices=choices, required=False, value=value)


def _goods(order: Order) -> str:
    names = [line.name for line in order.lines]
    return names[0] if len(names) == 1 else f"{names[0]}等{len(names)}件" if names else "订单"


def _choices(titles: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "title": title} for value, title in titles.items()]


def _field(
    name: str,
    title: str,
    kind: str,
    *,
    choices: list[dict[str, str]] | None = None,
    required: bool = True,
    value: str = "",
    at_most: str | None = None,
) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "type": kind,
        "choices": choices or [],
        "required": required,
        "value": value,
        "at_most": at_most,
    }
