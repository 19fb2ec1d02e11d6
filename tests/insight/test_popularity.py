from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy.orm import Session

from sixty.insight.models import RelatedQuestion
from sixty.insight.popularity import popularity


def put(session: Session, question: str, following: str, count: int, category: str = "", place: int = 1) -> None:
    known = {"question": question, "following": following, "category": category, "place": place, "count": count}
    now = datetime(2026, 11, 20, tzinfo=timezone.utc)
    session.add(RelatedQuestion(**known, share=0.1, weight=0.1, rank_score=0.01, mined_at=now))
    session.flush()


def test_a_question_is_as_popular_as_it_was_asked_after_anything(session: Session) -> None:
    assert popularity(session) == {}
    put(session, "", "ask_price", 20)
    put(session, "ask_size", "ask_price", 7)
    put(session, "ask_price", "ask_size", 5)
    # The same visits, seen another time.
    put(session, "", "ask_price", 20, category="工装")
    put(session, "", "ask_price", 9, place=2)
    assert popularity(session) == {"ask_price": 27, "ask_size": 5}
