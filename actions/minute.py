"""Where the golden minute is, and what was offered in it: from the ledger's rows and this conversation's events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.action import Turn
from actions.closing import of_this_conversation, wants_no_selling
from actions.situation import situation_of
from sixty.insight.live import Minute, minute_of
from sixty.insight.minutes import shop_minutes
from sixty.insight.strategy import PUSHES, Moment, Push, Strategy, pushes
from sixty.shop.models import Product
from sixty.shop.recommendations import wants_none

_BAD_MOODS = frozenset({"angry", "negative"})
_GIVES_UP = frozenset({"abandon_purchase", "stop_reminders"})
# What a no means while it is waited for.
_OFFERED: Mapping[str, Push] = {"bundle": "bundle", "benefit": "benefit", "doubt": "doubts"}
_DECLINED: Mapping[str, Push] = {"action_decline_bundle": "bundle", "action_decline_benefit": "benefit"}


@dataclass
class _Told:
    """What the events of a visit tell of offers and of what the customer made of them."""

    messages: int = 0
    pushed: list[Push] = field(default_factory=list)
    refused: set[Push] = field(default_factory=set)
    last_push: int | None = None
    last_refusal: int | None = None
    last_bad_mood: int | None = None

    def since(self, when: int | None) -> int | None:
        """How many messages ago something was."""
        return None if when is None else self.messages - when


def moment_of(turn: Turn) -> Moment:
    """Where the visit is in this turn, for `sixty.insight.strategy`."""
    if wants_no_selling(turn):
        return Moment(quiet=True)
    known = minute_of(turn.session, turn.tracker.sender_id, turn.now, turn.tracker.latest_message)
    told = _told(_of_visit(of_this_conversation(turn), known.started_at))
    return Moment(
        segment=known.segment,
        score=known.score,
        pushed=tuple(told.pushed),
        since_push=told.since(told.last_push),
        since_refusal=told.since(told.last_refusal),
        since_bad_mood=told.since(told.last_bad_mood),
        refused=frozenset(told.refused),
        quiet=_is_left_alone(turn, known),
    )


def may_push(turn: Turn, product: Product, push: Push) -> bool:
    """Whether this is the moment for something that its own action offers."""
    return push in pushes_now(turn, product)


def pushes_now(turn: Turn, product: Product) -> tuple[Push, ...]:
    """What may be offered now for a product, best first."""
    minutes = shop_minutes()
    return pushes(strategy_of(product), moment_of(turn), minutes.limits, willing=minutes.willing, dipped=minutes.dipped)


def strategy_of(product: Product) -> Strategy:
    """How goods of this product's category and price are sold."""
    return shop_minutes().strategy(product.category, min((sku.price for sku in product.skus), default=None))


def _is_left_alone(turn: Turn, known: Minute) -> bool:
    if known.arm == "quiet" or known.handed_over or known.ordered:
        return True
    return wants_none(turn.session, situation_of(turn))


def _of_visit(events: Iterable[Mapping[str, Any]], since: datetime | None) -> list[Mapping[str, Any]]:
    """The events since the visit has begun; those whose moment is not known count as well."""
    begun = since.timestamp() if since is not None else 0.0
    return [event for event in events if not event.get("timestamp") or float(event["timestamp"]) >= begun]


def _told(events: Iterable[Mapping[str, Any]]) -> _Told:
    told, awaiting = _Told(), ""
    for event in events:
        kind, name = event.get("event"), str(event.get("name") or "")
        if kind == "user":
            _hear(told, event.get("parse_data") or {}, awaiting)
        elif kind == "action" and name in _DECLINED:
            told.last_refusal = told.messages
            told.refused.add(_DECLINED[name])
        elif kind == "slot" and name == "awaiting":
            awaiting = str(event.get("value") or "")
        elif kind == "bot":
            push = _push_of(event)
            if push is not None:
                told.pushed.append(push)
                told.last_push = told.messages
    return told


def _push_of(event: Mapping[str, Any]) -> Push | None:
    named = (event.get("metadata") or {}).get("push")
    return next((push for push in PUSHES if push == named), None)


def _hear(told: _Told, parsed: Mapping[str, Any], awaiting: str) -> None:
    told.messages += 1
    intent = str((parsed.get("intent") or {}).get("name") or "")
    moods = {str(each.get("value")) for each in parsed.get("entities") or [] if each.get("entity") == "mood"}
    if moods & _BAD_MOODS:
        told.last_bad_mood = told.messages
    if intent in _GIVES_UP or (intent == "deny" and awaiting in _OFFERED):
        told.last_refusal = told.messages
        if awaiting in _OFFERED:
            told.refused.add(_OFFERED[awaiting])
