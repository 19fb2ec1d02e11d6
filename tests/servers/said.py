"""Which questions the bot has answered in a turn, told from the events that Rasa has kept of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from typing import Any

import yaml

from sixty.settings import project_root
from tests.servers.running import Product

Event = Mapping[str, Any]


def last_turn(product: Product, conversation_id: str) -> list[Event]:
    """The events of a conversation's latest turn, as Rasa's tracker store has them."""
    with closing(sqlite3.connect(product.log.parent / "var" / "tracker.db")) as store:
        query = "SELECT data FROM events WHERE sender_id = ? ORDER BY id"
        events = [json.loads(data) for (data,) in store.execute(query, [conversation_id])]
    users = [place for place, event in enumerate(events) if event["event"] == "user"]
    assert users, f"nothing kept of {conversation_id}"
    return events[users[-1] :]


@lru_cache(maxsize=1)
def rule_actions() -> dict[str, str]:
    """The action or response that the rules answer each intent with, outside of forms."""
    found: dict[str, str] = {}
    for path in sorted((project_root() / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            steps = rule["steps"]
            if "condition" not in rule and "action" in steps[1]:
                for step in steps[0].get("or", [steps[0]]):
                    found.setdefault(step.get("intent", ""), steps[1]["action"])
    return found


def actions_of(turn: Sequence[Event]) -> set[str]:
    """The actions that ran, and the responses that were said."""
    ran = {str(event["name"]) for event in turn if event["event"] == "action"}
    responses = {event["metadata"].get("utter_action") for event in _lines(turn)}
    return ran | {str(name) for name in responses if name}


def answered(turn: Sequence[Event], intent: str) -> bool:
    """Whether a turn answers a question: as the message's own, or as another one beside it."""
    way = rule_actions()[intent]
    understood = turn[0]["parse_data"]["intent"]["name"] == intent
    beside = any(event["metadata"].get("question") == intent for event in _lines(turn))
    # A response and a form answer one intent only; an action knows what it is asked by the message's intent.
    alone = way.startswith("utter_faq_") or way == "size_form"
    ran = actions_of(turn)
    # An unknown visitor proves an order before anything is said of it.
    asks_for_proof = way == "action_order_status" and "order_lookup_form" in ran
    return beside or asks_for_proof or ((understood or alone) and way in ran)


def goes_on_with(turn: Sequence[Event], intent: str) -> bool:
    """Whether a turn is answered in the way of an intent, whatever its words were taken for."""
    way = rule_actions()[intent]
    carried = {str(event["metadata"].get("question")) for event in _lines(turn)}
    return way in actions_of(turn) or any(rule_actions().get(question) == way for question in carried)


def _lines(turn: Sequence[Event]) -> Iterator[Event]:
    return (event for event in turn if event["event"] == "bot")
