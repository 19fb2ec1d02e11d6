from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy.orm import Session

from sixty.ledger.enriching import enrich_all
from sixty.ledger.erasure import Erased, erase, export
from sixty.ledger.outbox import OutboxItem, claim_due, put
from sixty.ledger.reading import history
from sixty.ledger.replying import write_reply
from tests.ledger.conftest import Say
from tests.ledger.rasa_events import turn


def fill(session: Session, say: Say, conversation_id: str, now: datetime) -> None:
    asked = say("寄到哪", conversation_id)
    write_reply(session, asked.id, 0, conversation_id, "web", "bot", {"text": "寄到您家"}, now)
    enrich_all(session, turn(asked))
    put(session, OutboxItem(f"{conversation_id}:1", conversation_id, "system", {"text": "到了"}, now))


def test_one_customers_conversations_are_erased_and_no_others(session: Session, say: Say, now: datetime) -> None:
    for each in ("a", "b", "c"):
        fill(session, say, each, now)
    assert erase(session, ["a", "c"]) == Erased(messages=4, events=10, outbox=2)
    assert erase(session, ["a", "c"]) == Erased()
    assert erase(session, []) == Erased()
    session.expire_all()
    assert history(session, "a") == []
    assert len(history(session, "b")) == 2
    assert [each.conversation_id for each in claim_due(session, "one", now, now)] == ["b"]


def test_what_was_erased_does_not_come_back(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    late = turn(asked)
    erase(session, ["chat"])
    assert enrich_all(session, late) == []


def test_an_id_is_never_given_twice(session: Session, say: Say) -> None:
    last = say().id
    erase(session, ["chat"])
    assert say().id > last


def test_all_that_is_known_is_handed_out(session: Session, say: Say, now: datetime) -> None:
    for each in ("a", "b"):
        fill(session, say, each, now)
    records = list(export(session, ["b", "a"]))
    assert [each["conversation_id"] for each in records] == ["b"] * 8 + ["a"] * 8
    assert [each["record"] for each in records[:8]] == ["message"] * 2 + ["event"] * 5 + ["outbox"]
    first = records[0]
    assert (first["text"], first["at"], first["understood"]["intent"]) == ("寄到哪", now.isoformat(), "ask_price")
    assert not any(name.startswith("claimed") for each in records for name in each)
    assert json.loads(json.dumps(records)) == records
