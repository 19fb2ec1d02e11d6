"""The second question of the line that has begun a flow, answered before the form asks its own."""

from __future__ import annotations

from actions.action import Turn
from actions.flows.flow import Flow
from actions.questions import SIZE
from actions.second_question import answer_also, lacks_product, second_question

# "收到是坏的，给我退款" is one wish in two halves.
_ONE_WISH = frozenset({"request_after_sales", "ask_return_policy", "damaged_item", "wrong_or_missing", "complain"})


def answer_beside(turn: Turn, flow: Flow) -> None:
    """Answers it, where it is another one and not a part of the wish; where only an order could, in general."""
    other = second_question(turn)
    if other is None or other.intent == SIZE or lacks_product(turn, other):
        return
    if other.intent in flow.intents or (other.intent in _ONE_WISH and {*flow.intents} & _ONE_WISH):
        return
    before = len(turn.dispatcher.messages)
    answer_also(turn, other)
    said = any(message.get("text") or message.get("response") for message in turn.dispatcher.messages[before:])
    if not said and other.intent in ("ask_ship_time", "ask_delivery_time"):
        turn.question = other.intent
        turn.respond(f"utter_faq_{other.intent}")
        turn.question = None
