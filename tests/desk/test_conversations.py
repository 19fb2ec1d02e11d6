from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.conversations import (
    STATES,
    TRANSITIONS,
    AnotherCustomerError,
    Conversation,
    ConversationState,
    ForbiddenMoveError,
    Where,
    Who,
    begin,
    changes_of,
    context_of,
    find,
    move,
    opened_on,
    recognise,
    state_of,
)
from sixty.desk.handoffs import current_handoff, open_handoff
from sixty.shop.database import engine_for, shop_session, upgrade_database

NOW = datetime(2026, 5, 20, 7, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
KNOWN = Who("C001", "金卡", "浙江", NOW + HOUR)


def test_a_conversation_has_a_name_that_nobody_guesses(session: Session) -> None:
    ids = {begin(session, "web", NOW)[0].id for _ in range(50)}
    assert len(ids) == 50
    assert {len(each) for each in ids} == {48}, "24 random bytes, written in hex"
    assert all(each.isalnum() for each in ids), "a name that begins with '-' would be read as an option"


def test_what_was_proved_is_known_for_as_long_as_it_counts(session: Session) -> None:
    where = Where("product", product_no="GZ2101")
    conversation, new = begin(session, "web", NOW, visitor_id="v1", who=KNOWN, where=where)
    assert new
    context = context_of(session, conversation.id, NOW)
    assert context is not None
    assert (context.customer_id, context.level, context.region) == ("C001", "金卡", "浙江")
    assert (context.entry, context.product_no, context.order_no) == ("product", "GZ2101", None)
    assert (context.conversation_id, context.expires_at) == (conversation.id, NOW + HOUR)
    later = context_of(session, conversation.id, NOW + HOUR)
    assert later is not None
    assert (later.customer_id, later.level, later.region, later.product_no) == (None, None, None, "GZ2101")
    assert later.expires_at > NOW + HOUR


def test_nobody_has_come_through_the_door(session: Session) -> None:
    assert context_of(session, "rasa-shell", NOW) is None
    assert state_of(session, "rasa-shell") is None


@pytest.mark.parametrize("who", [("C001", None), (None, NOW)])
def test_nobody_is_known_for_ever(who: tuple[str | None, datetime | None]) -> None:
    with pytest.raises(ValueError, match="known until"):
        Who(who[0], known_until=who[1])


def test_the_platforms_name_finds_it_again(session: Session) -> None:
    first, _ = begin(session, "telegram", NOW, external_id="4242")
    again, new = begin(session, "telegram", NOW + HOUR, external_id="4242", who=KNOWN)
    assert (again.id, new) == (first.id, False)
    assert again.customer_id is None
    assert find(session, "telegram", "4242") is first
    assert find(session, "wechat", "4242") is None
    assert begin(session, "wechat", NOW, external_id="4242")[1]


def test_two_first_messages_at_once_begin_one_conversation(database_url: str) -> None:
    together = 4
    barrier = Barrier(together)

    def ask(_: int) -> str:
        barrier.wait()
        with shop_session(database_url) as session:
            return begin(session, "telegram", NOW, external_id="4242")[0].id

    with ThreadPoolExecutor(together) as pool:
        assert len(set(pool.map(ask, range(together)))) == 1
    with shop_session(database_url) as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == 1


def test_a_visitor_turns_out_to_be_a_customer_but_never_another_one(session: Session) -> None:
    conversation, _ = begin(session, "web", NOW)
    recognise(session, conversation.id, KNOWN)
    recognise(session, conversation.id, Who("C001", "PLUS", "江苏", NOW + 2 * HOUR))
    context = context_of(session, conversation.id, NOW + HOUR)
    assert context is not None
    assert (context.customer_id, context.level, context.region) == ("C001", "PLUS", "江苏")
    with pytest.raises(AnotherCustomerError):
        recognise(session, conversation.id, Who("C002", known_until=NOW + HOUR))
    recognise(session, conversation.id, Who())
    signed_out = context_of(session, conversation.id, NOW)
    assert signed_out is not None
    assert signed_out.customer_id is None
    # What was said belongs to C001, who has only signed out.
    with pytest.raises(AnotherCustomerError):
        recognise(session, conversation.id, Who("C002", known_until=NOW + HOUR))


def test_the_customer_goes_on_from_another_page(session: Session) -> None:
    conversation, _ = begin(session, "web", NOW, where=Where("product", product_no="GZ2101"))
    opened_on(session, conversation.id, Where("order", order_no="2026111800000123"))
    context = context_of(session, conversation.id, NOW)
    assert context is not None
    assert (context.entry, context.product_no, context.order_no) == ("order", None, "2026111800000123")


def test_a_move_is_written_down(session: Session) -> None:
    conversation, _ = begin(session, "web", NOW)
    assert move(session, conversation.id, "queued", "bot", "asked", NOW)
    assert not move(session, conversation.id, "queued", "bot", "asked", NOW)
    assert not move(session, conversation.id, "closed", "system", "idle", NOW, only_from={"bot"})
    assert move(session, conversation.id, "assigned", "agent-7", "taken", NOW + HOUR)
    written = [(each.before, each.after, each.by, each.why, each.at) for each in changes_of(session, conversation.id)]
    assert written == [
        ("bot", "queued", "bot", "asked", NOW),
        ("queued", "assigned", "agent-7", "taken", NOW + HOUR),
    ]


@pytest.mark.parametrize(
    "act",
    [
        lambda session: move(session, "of-nobody", "queued", "bot", "asked", NOW),
        lambda session: recognise(session, "of-nobody", KNOWN),
        lambda session: opened_on(session, "of-nobody", Where()),
    ],
)
def test_what_is_not_there_is_told(session: Session, act: Callable[[Session], object]) -> None:
    with pytest.raises(LookupError, match="no conversation"):
        act(session)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], "queued"),
        (["queued"], "queued"),
        (["assigned"], "assigned"),
        (["assigned", "wrap_up"], "queued"),
        (["closed"], "queued"),
    ],
)
def test_a_handoff_puts_a_conversation_into_the_queue_unless_a_person_has_it(
    session: Session, before: list[ConversationState], after: str
) -> None:
    conversation, _ = begin(session, "web", NOW)
    for state in before:
        move(session, conversation.id, state, "agent-7", "test", NOW)
    open_handoff(session, conversation.id, "asked", "转人工", {}, "web", None, NOW)
    assert state_of(session, conversation.id) == after
    assert current_handoff(session, conversation.id) is not None


def test_two_people_who_take_a_conversation_at_once_are_told_apart(database_url: str) -> None:
    with shop_session(database_url) as session:
        conversation = begin(session, "web", NOW)[0].id
    together = 4
    barrier = Barrier(together)

    def take(number: int) -> bool:
        barrier.wait()
        with shop_session(database_url) as session:
            return move(session, conversation, "assigned", f"agent-{number}", "taken", NOW)

    with ThreadPoolExecutor(together) as pool:
        assert list(pool.map(take, range(together))).count(True) == 1
    with shop_session(database_url) as session:
        assert len(changes_of(session, conversation)) == 1


class Moves(RuleBasedStateMachine):
    """Conversations are moved about; each is where the last allowed move has put it, and the record tells the way."""

    url = ""
    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[str, ConversationState] = {}
        self.moves: dict[str, int] = {}

    @initialize(target=ids)
    def first(self) -> str:
        return self.begin()

    @rule(target=ids)
    def begin(self) -> str:
        with shop_session(self.url) as session:
            made = begin(session, "web", NOW)[0].id
        self.states[made], self.moves[made] = "bot", 0
        return made

    @rule(conversation=ids, to=st.sampled_from(STATES), only_from=st.sets(st.sampled_from(STATES)))
    def move(self, conversation: str, to: ConversationState, only_from: set[ConversationState]) -> None:
        before = self.states[conversation]
        with shop_session(self.url) as session:
            if before != to and before in only_from and to not in TRANSITIONS[before]:
                with pytest.raises(ForbiddenMoveError, match=f"{before} does not become {to}"):
                    move(session, conversation, to, "agent-7", "test", NOW, only_from)
                return
            moved = move(session, conversation, to, "agent-7", "test", NOW, only_from)
        assert moved == (before != to and before in only_from)
        if moved:
            self.states[conversation] = to
            self.moves[conversation] += 1

    @rule(conversation=ids)
    def hand_off(self, conversation: str) -> None:
        with shop_session(self.url) as session:
            open_handoff(session, conversation, "asked", "转人工", {}, "web", None, NOW)
        if self.states[conversation] not in ("assigned", "queued"):
            self.states[conversation] = "queued"
            self.moves[conversation] += 1

    @invariant()
    def the_record_tells_how_it_came_there(self) -> None:
        with shop_session(self.url, read_only=True) as session:
            for conversation, state in self.states.items():
                assert state_of(session, conversation) == state
                changes = changes_of(session, conversation)
                assert len(changes) == self.moves[conversation]
                way = ["bot", *(change.after for change in changes)]
                assert [change.before for change in changes] == way[:-1]
                assert way[-1] == state
                assert all(change.after in TRANSITIONS[change.before] for change in changes)


def test_conversations_only_go_where_they_may(tmp_path_factory: pytest.TempPathFactory) -> None:
    Moves.url = f"sqlite:///{tmp_path_factory.mktemp('moves') / 'shop.db'}"
    upgrade_database(Moves.url)
    run_state_machine_as_test(
        Moves,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
    engine_for(Moves.url).dispose()
