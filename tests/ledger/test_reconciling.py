from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from sixty.ledger.enriching import enrich_all
from sixty.ledger.reconciling import reconcile
from sixty.ledger.replying import finish
from tests.ledger.conftest import Say
from tests.ledger.rasa_events import event, turn


def tracked(events: list[dict[str, object]]) -> list[dict[str, object]]:
    """As a tracker keeps them: without whose they are."""
    return [{name: value for name, value in each.items() if name != "sender_id"} for each in events]


def test_what_the_broker_lost_is_added(session: Session, say: Say, now: datetime) -> None:
    first, second = say("一"), say("二")
    events = [*turn(first), *turn(second, 10, "action_order_status")]
    enrich_all(session, events[:4])
    for each in (first, second):
        finish(session, each.id, "answered", now)
    found = reconcile(session, "chat", tracked(events))
    assert (found.added, found.unrecorded, found.unfinished, found.unheard) == (7, 0, [], [])
    session.expire_all()
    assert second.actions == ["action_order_status", "action_push_capsules"]
    assert reconcile(session, "chat", tracked(events)).added == 0


def test_what_does_not_fit_is_told(session: Session, say: Say, now: datetime) -> None:
    open_one, unheard, apologised = say("一"), say("二"), say("三")
    finish(session, unheard.id, "answered", now)
    finish(session, apologised.id, "apologised", now)
    past_the_door = event("user", 30, text="在吗", message_id="8c1f", parse_data={})
    outside = event("user", 40, text="EXTERNAL: remind", message_id="8c20", parse_data={})
    found = reconcile(session, "chat", tracked([*turn(open_one), past_the_door, outside]))
    assert (found.unrecorded, found.unfinished, found.unheard) == (1, [open_one.id], [unheard.id])


def test_a_conversation_that_was_erased_does_not_come_back(session: Session, say: Say) -> None:
    others = say(conversation_id="another")
    found = reconcile(session, "chat", tracked(turn(others)))
    assert (found.added, found.unrecorded) == (0, 1)
