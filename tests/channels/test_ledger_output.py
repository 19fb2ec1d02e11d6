"""Replies are written while Rasa goes on, and stand in the ledger before Rasa saves that the turn is over."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from sqlalchemy.orm import Session

from sixty.dialogue import before_saving
from sixty.dialogue.quick_tracker_store import QuickTrackerStore
from sixty.shop.database import shop_session
from tests.channels.rig import Recorder, Rig, reply

DOMAIN = Domain.from_yaml("version: '3.1'\nintents: [greet]")


@pytest.fixture(params=[True, False], ids=["store asks", "store does not ask"])
def asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(before_saving, "_asked", request.param)
    return bool(request.param)


class Slow:
    """A database that takes its time, once it is told to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.free = asyncio.Event()
        self.free.set()
        self.loop = asyncio.get_running_loop()

    def __call__(self, *, read_only: bool = False) -> Any:
        if not read_only:
            asyncio.run_coroutine_threadsafe(self.free.wait(), self.loop).result(60)
        return shop_session(self.url, read_only=read_only)


def slow(rig: Rig) -> Slow:
    made = Slow(rig.url)
    rig.door._scribe._open_session = made
    return made


async def test_replies_stand_there_before_the_turn_is_saved(shop_url: str, tmp_path: Path, asked: bool) -> None:
    store = QuickTrackerStore(DOMAIN, db=str(tmp_path / "tracker.db"))
    before_saving._asked = asked
    seen: list[int] = []

    async def handler(message: UserMessage) -> None:
        tracker = await store.get_or_create_tracker(message.sender_id)
        database.free.clear()
        speaking = asyncio.ensure_future(reply(message, "一"))
        asyncio.get_running_loop().call_later(0.2, database.free.set)
        await speaking
        # With a store that asks, Rasa goes on at once; else the reply is written by now.
        seen.append(len(rig.rows(author="bot")))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)
        seen.append(len(rig.rows(author="bot")))

    rig = Rig(shop_url, handler)
    database = slow(rig)
    replies = await rig.ask(rig.conversation(), "在吗")
    assert seen == ([0, 1] if asked else [1, 1])
    assert [row.text for row in replies] == rig.delivery.texts() == ["一"]
    assert rig.states() == ["answered"]


async def test_order_is_kept_while_rasa_is_ahead(shop_url: str, asked: bool) -> None:
    async def handler(message: UserMessage) -> None:
        for number in range(5):
            await reply(message, f"第{number}句")

    rig = Rig(shop_url, handler, Recorder(known_by_id=False))
    replies = await rig.ask(rig.conversation(), "在吗")
    said = [f"第{number}句" for number in range(5)]
    assert [row.text for row in replies] == rig.delivery.texts() == said
    assert [row.ordinal for row in replies] == list(range(5))
    assert {row.state for row in rig.rows(author="bot")} == {"delivered"}


async def test_a_reply_that_cannot_be_written_ends_in_an_apology(shop_url: str, asked: bool) -> None:
    async def handler(message: UserMessage) -> None:
        await reply(message, "一")
        await reply(message, "二")

    def written(output: Any, session: Session, ordinal: int, *rest: Any) -> Any:
        if ordinal == 1:
            raise ValueError("it does not fit")
        return whole(output, session, ordinal, *rest)

    from sixty.channels.ledger_output import LedgerOutput

    whole = LedgerOutput._written
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LedgerOutput, "_written", written)
        rig = Rig(shop_url, handler)
        replies = await rig.ask(rig.conversation(), "在吗")
    assert replies[0].text == "一"
    assert replies[-1].payload["trouble"] == "reply_lost"
    assert rig.states() == ["apologised"]
    assert len(rig.handoffs()) == 1


async def test_a_slow_delivery_holds_up_rasa_no_more(shop_url: str) -> None:
    done = asyncio.Event()

    async def handler(message: UserMessage) -> None:
        await reply(message, "一")
        done.set()

    rig = Rig(shop_url, handler, deadline=30)
    rig.delivery.hangs = 0.3
    receipt = await rig.say(rig.conversation(), "在吗")
    await asyncio.wait_for(done.wait(), 60)
    assert rig.delivery.delivered == []
    await rig.door.replies_to(receipt.message.id, 60)
    assert rig.delivery.texts() == ["一"]


async def test_one_that_raises_takes_nothing_from_the_others(shop_url: str) -> None:
    """What is written together in one transaction fails by itself."""
    rig = Rig(shop_url, partial(asyncio.sleep, 0))
    conversation = rig.conversation()

    def good(session: Session) -> str:
        return str(rig.door.now())

    def bad(session: Session) -> str:
        raise LookupError("not this one")

    outcomes = await asyncio.gather(
        rig.say(conversation, "一"),
        rig.door.write(good),
        rig.door.write(bad),
        rig.say(conversation, "二"),
        return_exceptions=True,
    )
    assert isinstance(outcomes[2], LookupError)
    assert [isinstance(each, BaseException) for each in outcomes] == [False, False, True, False]
    await rig.quiet()
    assert [row.text for row in rig.rows(author="customer")] == ["一", "二"]
