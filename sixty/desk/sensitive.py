"""What a person has a look at, whatever the bot has answered: words, questions and amounts that the playbook names."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation, context_of
from sixty.desk.desk_rules import RoutingRules, SensitiveRule, Topic, routing_rules
from sixty.desk.handoffs import current_handoff, open_handoff, say_how_received
from sixty.desk.speaking import tell
from sixty.shop.orders import Viewer, order_for

REASON = "sensitive"

_ANY_AMOUNT = Decimal("Infinity")


def sensitive_rule(rules: RoutingRules, text: str, intent: str, amount: Decimal | None) -> SensitiveRule | None:
    """The first rule that a line falls under; None where it falls under none."""
    topic = Topic(reason=REASON, intents=(intent,), words=text, amount=amount)
    return next((each for each in rules.sensitive if each.when.fits(topic)), None)


def may_be_sensitive(text: str, intent: str, rules: RoutingRules | None = None) -> bool:
    """Whether a line falls under some rule if it is about enough money, which `look_at` finds out."""
    return sensitive_rule(rules or routing_rules(), text, intent, _ANY_AMOUNT) is not None


def look_at(
    session: Session,
    conversation_id: str,
    text: str,
    intent: str,
    order_no: str | None,
    now: datetime,
    rules: RoutingRules | None = None,
) -> SensitiveRule | None:
    """Calls a person where a line is sensitive, and tells the customer so, once while somebody is called.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        text: What the customer has written.
        intent: What it was understood to be.
        order_no: The order that is talked about.
        now: The present moment.
        rules: The merchant's; those of the playbook when left out.

    Returns:
        The rule by which a person has been called now.
    """
    rules = rules or routing_rules()
    if not may_be_sensitive(text, intent, rules):
        return None
    known = context_of(session, conversation_id, now)
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if known is None or conversation is None:
        return None
    amount: Decimal | None = None
    if order_no is not None and any(each.when.at_least is not None for each in rules.sensitive):
        order = order_for(session, order_no, Viewer(conversation_id, known.customer_id), now)
        amount = max(order.paid_amount, order.goods_amount) if order else None
    rule = sensitive_rule(rules, text, intent, amount)
    if rule is None or current_handoff(session, conversation_id) is not None:
        return None
    hand_off, created = open_handoff(
        session,
        conversation_id,
        REASON,
        text,
        {"rule": rule.id, "intents": [intent], "slots": {"order_no": order_no} if order_no else {}},
        conversation.channel,
        known.customer_id,
        now,
        told=True,
        rules=rules,
    )
    if not created:
        return None
    coming = say_how_received(session, hand_off, now, rules) if hand_off.state == "left" else ""
    tell(
        session,
        conversation_id,
        "sensitive",
        "\n".join(part for part in (rule.say, coming) if part),
        f"{hand_off.id}:sensitive",
        now,
        state="queued" if hand_off.state == "queued" else None,
    )
    return rule
