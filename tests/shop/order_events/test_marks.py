from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from sixty.shop.order_events.marks import mark, unmarked
from sixty.shop.order_events.recording import take_in
from tests.shop.order_events.happenings import BEGIN, happening

NOW = BEGIN + timedelta(days=1)


def test_every_consumer_deals_with_every_event_once(session: Session) -> None:
    events = [happening("cart", f"c{hour}", hour, {"lines": []}) for hour in (3, 1, 2)]
    events.append(happening("favourite", "GZ2101", 1, {"product_no": "GZ2101"}))
    take_in(session, "mall", events, "poll", NOW)
    waiting = unmarked(session, "carts", {"cart"}, BEGIN)
    assert [event.object_id for event in waiting] == ["c1", "c2", "c3"]
    assert mark(session, "carts", waiting[0], NOW)
    assert not mark(session, "carts", waiting[0], NOW)
    assert [event.object_id for event in unmarked(session, "carts", {"cart"}, BEGIN)] == ["c2", "c3"]
    assert len(unmarked(session, "report", {"cart", "favourite"}, BEGIN)) == 4
    assert unmarked(session, "carts", {"cart"}, BEGIN + timedelta(hours=3), limit=9)[0].object_id == "c3"
    assert len(unmarked(session, "carts", {"cart"}, BEGIN, limit=1)) == 1
