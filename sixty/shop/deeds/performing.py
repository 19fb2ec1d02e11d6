"""Checks a deed and does it: the way that every adapter takes, and the effect on this project's own tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from sixty.shop.deeds.deed import Deed, DeedRefused, Done, IncompleteDeed, NotTheOwner
from sixty.shop.deeds.details import amount_of, check_deed
from sixty.shop.deeds.kinds import OF_ARTICLE_OR_ORDER, OF_ONE_ARTICLE
from sixty.shop.deeds.recording import Outcome, done_before, record, take_turns
from sixty.shop.gateways.errors import GatewayError, OutOfReachError
from sixty.shop.gateways.normal_form import Order
from sixty.shop.orders import Viewer
from sixty.shop.policies.asking import facts_for, the_line
from sixty.shop.policies.deciding import decide
from sixty.shop.policies.facts import Facts
from sixty.shop.policies.reading import Policies, shop_policies
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.proofs import plain_order_no
from sixty.shop.wording import say_amount

ReadOrder = Callable[[], Order | None]
Effect = Callable[[Deed, Order | None, Verdict, Facts], Outcome]


def perform(
    session: Session,
    viewer: Viewer,
    deed: Deed,
    now: datetime,
    read_order: ReadOrder,
    effect: Effect,
    policies: Policies | None = None,
) -> Done:
    """Does a deed once under its key: reads its order as its owner, asks the policy, and then only acts.

    Args:
        session: A session on our own database that may write.
        viewer: Who asks, as the server knows them.
        deed: What they ask for.
        now: The present moment.
        read_order: Reads the deed's order as it is now, for this viewer.
        effect: Does it. It runs at most once for a key, and not when the deed is a page to be opened.
        policies: The shop's policies; those of this deployment when left out.

    Raises:
        IncompleteDeed: Details are missing or make no sense.
        NotTheOwner: There is no such order for this viewer.
        DeedRefused: The policy forbids it, or more is wanted than it allows.
        KeyTakenError: The key names another deed.
        GatewayError: The merchant's system gave no usable answer.
    """
    check_deed(deed, now)
    number = plain_order_no(deed.order_no) if deed.order_no is not None else None
    who = viewer.customer_id or viewer.conversation_id
    take_turns(session, f"deed {deed.key}", f"order {number}" if number is not None else f"{deed.kind} {who}")
    try:
        order = read_order() if number is not None else None
    except GatewayError:
        # What this customer had done is known here, whether or not the system can be asked.
        known = done_before(session, viewer, deed, number) if viewer.customer_id else None
        if known is None:
            raise
        return known
    if number is not None and order is None:
        raise NotTheOwner("there is no such order for this viewer")
    deed = _of_one_article(deed, order)
    known = done_before(session, viewer, deed, number)
    if known is not None:
        return known
    shop = policies or shop_policies()
    facts = facts_for(session, deed.kind, order, now, deed.line, deed.cause, deed.details, viewer, deed.key)
    verdict = _within_limit(decide(shop.about(deed.kind), facts), deed)
    if not verdict.allowed:
        record(session, viewer, deed, number, verdict, now, "refused")
        raise DeedRefused(verdict)
    if verdict.page is not None:
        outcome = Outcome("done", link=shop.pages[verdict.page].address(number, deed.line))
    else:
        outcome = _effected(session, viewer, deed, number, verdict, now, lambda: effect(deed, order, verdict, facts))
    row = record(session, viewer, deed, number, verdict, now, outcome.state, outcome)
    return Done(row.reference, outcome.state, outcome.promised_at, outcome.link, outcome.amount)


def _effected(
    session: Session,
    viewer: Viewer,
    deed: Deed,
    order_no: str | None,
    verdict: Verdict,
    now: datetime,
    effect: Callable[[], Outcome],
) -> Outcome:
    """Runs the effect, and writes down what stood in its way."""
    try:
        return effect()
    except DeedRefused:
        record(session, viewer, deed, order_no, verdict, now, "refused")
        raise
    except OutOfReachError:
        # It may have been done: only the same key, sent again, will tell.
        pays = amount_of(deed.details) or verdict.limit if verdict.limit is not None else None
        record(session, viewer, deed, order_no, verdict, now, "asked", Outcome("accepted", amount=pays))
        raise
    except GatewayError:
        record(session, viewer, deed, order_no, verdict, now, "failed")
        raise


def _of_one_article(deed: Deed, order: Order | None) -> Deed:
    """The deed with its article: the only one of an order needs no naming."""
    if order is None:
        return deed if deed.line is None else replace(deed, line=None)
    if deed.line is not None and deed.line > len(order.lines):
        raise IncompleteDeed({"line": f"is not among the order's {len(order.lines)} articles"})
    if deed.kind not in OF_ONE_ARTICLE | OF_ARTICLE_OR_ORDER:
        return replace(deed, line=None)
    if deed.kind not in OF_ONE_ARTICLE or deed.line is not None:
        return deed
    line = the_line(order, None)
    if line is None:
        raise IncompleteDeed({"line": "is missing: the order has several articles"})
    return replace(deed, line=line)


def _within_limit(verdict: Verdict, deed: Deed) -> Verdict:
    """Refuses what is more than the policy pays, and what it pays nothing for any more."""
    if not verdict.allowed or verdict.limit is None:
        return verdict
    if verdict.limit <= 0:
        return replace(verdict, allowed=False, say="这件之前已经按最高额度补过了，不能再补，还有别的问题我帮您想办法")
    wanted = amount_of(deed.details)
    if deed.kind == "compensate" and wanted is not None and wanted > verdict.limit:
        return replace(verdict, allowed=False, say=f"这次最多能补您{say_amount(verdict.limit)}，按这个给您办可以吗")
    return verdict
