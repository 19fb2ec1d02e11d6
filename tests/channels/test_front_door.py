"""The door in a running server: order, duplicates, deadlines, limits, bursts, human mode."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from sqlalchemy import select

from sixty.channels.refusal import Refused
from sixty.desk.conversations import Who
from sixty.desk.trouble import apology
from sixty.identity.capsule_tokens import tap_token
from sixty.insight.models import CapsuleShowing
from sixty.insight.showings import follow_showings
from sixty.ledger.outbox import OutboxItem, put
from sixty.shop.database import shop_session
from tests.channels.rig import ACKNOWLEDGEMENTS, SECRET, Handler, Recorder, Rig, echo, now, reply, until


async def test_a_message_is_written_answered_and_settled(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    receipt = await rig.say(conversation, "包邮吗", client_id="m1")
    assert receipt.new
    assert rig.rows(conversation)[0].text == "包邮吗"  # before anything else has happened
    replies = await rig.door.replies_to(receipt.message.id, 60)
    await rig.quiet()
    assert [each.text for each in replies] == ["收到包邮吗"]
    customer, bot = rig.rows(conversation)
    assert (customer.state, customer.kind, customer.client_id, customer.channel) == ("answered", "text", "m1", "web")
    assert (bot.state, bot.answers_id, bot.ordinal) == ("delivered", customer.id, 0)
    assert customer.timings["turn_ms"] >= 0
    assert rig.delivery.told == [("began", customer.id), ("ended", customer.id)]
    assert rig.delivery.delivered[0][1]["id"] == bot.id


async def test_what_rasa_sees_of_a_message(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    (answer,) = await rig.ask(conversation, "  多少钱\u0000？ ")
    (heard,) = rig.heard
    assert (heard.sender_id, heard.message_id) == (conversation, str(answer.answers_id))
    assert (heard.text, heard.metadata, heard.input_channel, heard.parse_data) == ("多少钱?", {}, "web", None)
    assert heard.output_channel.name() == "web"


@pytest.mark.parametrize(
    "typed", ["/restart", "／restart", "/ restart", " /session_start", '/inform{"product":"GZ2101"}', "\u3000／back"]
)
async def test_a_typed_command_is_text(shop_url: str, typed: str) -> None:
    rig = Rig(shop_url, echo)
    await rig.ask(rig.conversation(), typed)
    (heard,) = rig.heard
    assert not str(heard.text).startswith("/")
    assert heard.parse_data is None
    assert rig.rows()[0].text == typed.strip()


async def test_the_same_message_again_is_the_same_message(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    first = await rig.say(conversation, "在吗", client_id="m1")
    again = await rig.say(conversation, "在吗", client_id="m1")
    await rig.quiet()
    late = await rig.say(conversation, "在吗", client_id="m1")
    await rig.quiet()
    assert (first.new, again.new, late.new) == (True, False, False)
    assert {first.message.id, again.message.id, late.message.id} == {first.message.id}
    assert rig.delivery.texts() == ["收到在吗"]
    other = rig.conversation()
    assert (await rig.say(other, "在吗", client_id="m1")).new
    await rig.quiet()


async def test_two_copies_at_the_same_moment_are_answered_once(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    receipts = await asyncio.gather(*(rig.say(conversation, "在吗", client_id="m1") for _ in range(8)))
    await rig.quiet()
    assert [receipt.new for receipt in receipts].count(True) == 1
    assert rig.delivery.texts() == ["收到在吗"]


async def test_one_conversation_is_answered_in_order(shop_url: str) -> None:
    running: list[str] = []

    async def slow_first(message: UserMessage) -> None:
        running.append(str(message.text))
        assert len(running) == 1
        await asyncio.sleep(0.05 if str(message.text).endswith("0") else 0)
        await echo(message)
        running.remove(str(message.text))

    rig = Rig(shop_url, slow_first)
    conversation = rig.conversation()
    for number in range(6):
        await rig.say(conversation, f"第{number}")
    await rig.quiet()
    assert rig.delivery.texts() == [f"收到第{number}" for number in range(6)]
    assert rig.states() == ["answered"] * 6


async def test_messages_that_arrive_together_keep_their_order(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    await asyncio.gather(*(rig.say(conversation, f"第{number}") for number in range(10)))
    await rig.quiet()
    assert rig.delivery.texts() == [f"收到第{number}" for number in range(10)]


async def test_conversations_do_not_wait_for_each_other(shop_url: str) -> None:
    gate = asyncio.Event()

    async def one_waits(message: UserMessage) -> None:
        if message.text == "慢":
            await gate.wait()
        await echo(message)

    rig = Rig(shop_url, one_waits)
    slow, quick = rig.conversation(), rig.conversation()
    await rig.say(slow, "慢")
    receipt = await rig.say(quick, "快")
    assert [each.text for each in await rig.door.replies_to(receipt.message.id, 60)] == ["收到快"]
    assert rig.states(slow) == ["handling"]
    gate.set()
    await rig.quiet()
    assert rig.states() == ["answered", "answered"]


async def says_nothing(message: UserMessage) -> None:
    await reply(message, "")


async def raises(message: UserMessage) -> None:
    raise RuntimeError("tracker store is locked")


async def replies_and_raises(message: UserMessage) -> None:
    await reply(message, "49元")
    raise RuntimeError("second action failed")


async def is_slow(message: UserMessage) -> None:
    await asyncio.sleep(30)


async def will_not_die(message: UserMessage) -> None:
    for _ in range(60):
        try:
            await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            continue


async def cancels_itself(message: UserMessage) -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("handler", "before", "reason"),
    [
        (says_nothing, [], "turn_silent"),
        (raises, [], "turn_failed"),
        (replies_and_raises, ["49元"], "turn_failed"),
        (cancels_itself, [], "turn_failed"),
        (is_slow, [], "turn_too_slow"),
        (will_not_die, [], "turn_too_slow"),
    ],
)
async def test_a_turn_that_fails_ends_in_one_apology_and_a_handoff(
    shop_url: str, handler: Handler, before: list[str], reason: str
) -> None:
    rig = Rig(shop_url, handler, deadline=0.3 if reason == "turn_too_slow" else 60)
    conversation = rig.conversation(who=Who("C001", "金卡", "浙江", now().replace(year=2100)))
    replies = await rig.ask(conversation, "多少钱")
    assert rig.delivery.texts() == [*before, apology()]
    assert replies[-1].payload == {"outcome": "handed_over", "trouble": reason}
    assert "trouble" not in rig.delivery.delivered[-1][1]
    assert rig.states() == ["apologised"]
    (written,) = rig.handoffs()
    assert (written.conversation_id, written.reason, written.question) == (conversation, reason, "多少钱")
    assert (written.channel, written.state, written.customer_id) == ("web", "queued", "C001")
    assert rig.state(conversation) == "queued"
    assert rig.delivery.told[-1] == ("state", "queued")


async def test_a_lane_goes_on_behind_a_dead_turn(shop_url: str) -> None:
    async def first_hangs(message: UserMessage) -> None:
        await (will_not_die if message.text == "一" else echo)(message)

    rig = Rig(shop_url, first_hangs, deadline=3)
    conversation = rig.conversation()
    await rig.say(conversation, "一")
    await rig.ask(conversation, "二")
    assert rig.delivery.texts() == [apology(), "收到二"]
    assert rig.states() == ["apologised", "answered"]


async def test_what_comes_after_the_apology_goes_nowhere(shop_url: str) -> None:
    late: list[asyncio.Task[None]] = []

    async def answers_too_late(message: UserMessage) -> None:
        async def answer() -> None:
            await asyncio.sleep(0.3)
            await echo(message)

        late.append(asyncio.ensure_future(answer()))
        await asyncio.sleep(30)

    rig = Rig(shop_url, answers_too_late, deadline=0.1)
    conversation = rig.conversation()
    await rig.ask(conversation, "多少钱")
    await late[0]
    assert rig.delivery.texts() == [apology()]
    assert len(rig.rows(conversation, "bot")) == 1


async def test_a_failed_action_counts_as_an_apology(shop_url: str) -> None:
    async def technical_trouble(message: UserMessage) -> None:
        await reply(message, "抱歉，系统有点问题", utter_action="utter_technical_trouble")

    rig = Rig(shop_url, technical_trouble)
    await rig.ask(rig.conversation(), "多少钱")
    assert rig.states() == ["apologised"]


async def test_a_conversation_of_a_person_stays_out_of_rasa(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    rig.move(conversation, "queued", "assigned")
    assert await rig.ask(conversation, "在吗") == []
    assert await rig.ask(conversation, attachment={"kind": "picture", "id": "u1"}) == []
    assert (rig.heard, rig.delivery.delivered) == ([], [])
    assert rig.states() == ["to_person", "to_person"]


@pytest.mark.parametrize(("moves", "after"), [(["queued"], "queued"), (["assigned", "wrap_up"], "wrap_up")])
async def test_who_waits_for_a_person_still_has_the_bot(shop_url: str, moves: list[str], after: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    rig.move(conversation, *moves)
    await rig.ask(conversation, "在吗")
    assert rig.delivery.texts() == ["收到在吗"]
    assert rig.state(conversation) == after


async def test_who_writes_in_a_closed_conversation_is_with_the_bot_again(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    rig.move(conversation, "closed")
    await rig.ask(conversation, "在吗")
    assert (rig.state(conversation), rig.delivery.texts()) == ("bot", ["收到在吗"])


async def test_a_person_who_takes_over_in_a_turn_gets_what_waits(shop_url: str) -> None:
    gate = asyncio.Event()

    async def waits(message: UserMessage) -> None:
        await gate.wait()
        await echo(message)

    rig = Rig(shop_url, waits)
    conversation = rig.conversation()
    await rig.say(conversation, "一")
    await rig.say(conversation, "二")
    rig.move(conversation, "assigned")
    gate.set()
    await rig.quiet()
    assert rig.states() == ["answered", "to_person"]
    assert rig.delivery.texts() == ["收到一"]


@pytest.mark.parametrize("kind", ["picture", "voice", "video", "file"])
async def test_what_the_bot_cannot_look_at_is_acknowledged_and_kept(shop_url: str, kind: str) -> None:
    rig = Rig(shop_url, echo)
    await rig.ask(rig.conversation(), attachment={"kind": kind, "id": "u1", "size": 10, "name": "a\n.png", "evil": 1})
    assert rig.delivery.texts() == [ACKNOWLEDGEMENTS[kind]]
    assert rig.heard == []
    row = rig.rows()[0]
    assert (row.kind, row.state) == (kind, "answered")
    assert row.payload == {"attachment": {"kind": kind, "id": "u1", "size": 10, "name": "a .png"}}


async def test_a_picture_with_words_is_acknowledged_and_its_words_are_answered(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    await rig.ask(
        rig.conversation(), "这件破了", attachment={"kind": "picture", "url": "https://img.example.com/1.jpg"}
    )
    assert rig.delivery.texts() == [ACKNOWLEDGEMENTS["picture"], "收到这件破了"]


@pytest.mark.parametrize(
    ("arrival", "code"),
    [
        ({"text": ""}, "empty"),
        ({"text": " \u0000\u3000 "}, "empty"),
        ({"text": None}, "empty"),
        ({"text": ["多少钱"]}, "empty"),
        ({"text": "长" * 2001}, "too_long"),
        ({"text": "长" * 100_000}, "too_long"),
        ({"tap": "1.0.forged"}, "unknown_capsule"),
        ({"tap": {"a": 1}}, "unknown_capsule"),
        ({"attachment": {"kind": "program", "id": "u1"}}, "wrong_kind"),
        ({"attachment": {"kind": "picture"}}, "wrong_kind"),
        ({"attachment": {"kind": "picture", "url": "javascript:alert(1)"}}, "wrong_link"),
        ({"attachment": {"kind": "picture", "url": "http://192.168.0.1/x.png"}}, "wrong_link"),
        ({"attachment": {"kind": "file", "id": "u1", "size": 21_000_000}}, "too_big"),
        ({"attachment": {"kind": "location", "latitude": 91, "longitude": 0}}, "wrong_kind"),
        ({"attachment": {"kind": "location", "latitude": float("nan"), "longitude": 0}}, "wrong_kind"),
    ],
)
async def test_what_is_not_taken_is_told_in_words(shop_url: str, arrival: dict[str, Any], code: str) -> None:
    rig = Rig(shop_url, echo)
    with pytest.raises(Refused) as refused:
        await rig.say(rig.conversation(), **arrival)
    assert refused.value.code == code
    assert refused.value.text
    assert rig.rows() == []


async def test_a_conversation_that_never_began_is_none(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    with pytest.raises(Refused) as refused:
        await rig.say("of-nobody", "在吗")
    assert refused.value.code == "unknown_conversation"


@pytest.mark.parametrize("client_id", ["", "x" * 65, "中文", "a\n", 7, {}])
async def test_an_odd_client_id_is_none(shop_url: str, client_id: Any) -> None:
    rig = Rig(shop_url, echo)
    await rig.ask(rig.conversation(), "在吗", client_id=client_id)
    assert rig.rows()[0].client_id is None
    assert rig.states() == ["answered"]


async def test_the_bot_speaks_first_once(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    await rig.ask(conversation, opened=True, client_id="o1")
    (heard,) = rig.heard
    assert heard.parse_data["intent"] == {"name": "greet", "confidence": 1.0}
    assert not (await rig.say(conversation, opened=True, client_id="o1")).new
    with pytest.raises(Refused) as refused:
        await rig.say(conversation, opened=True, client_id="o2")
    assert refused.value.code == "opened_already"
    assert rig.rows()[0].kind == "opened"


CAPSULES = [
    {"title": "有货吗", "payload": "/ask_stock"},
    {"title": "材质", "payload": '/ask_attribute{"attribute": "材质"}'},
]
ORDERS = {
    "type": "orders",
    "orders": [
        {
            "no": "2026111800000123",
            "name": "卫衣",
            "headline": "已发货",
            "title": "看卫衣这单",
            "payload": '/inform{"order_no":"2026111800000123"}',
        }
    ],
}


async def offers(message: UserMessage) -> None:
    if message.parse_data is not None:
        await echo(message)
        return
    await reply(message, "想了解什么", buttons=CAPSULES)
    await reply(message, "", custom={"card": ORDERS})


async def test_a_tap_becomes_what_the_ledger_holds(shop_url: str) -> None:
    rig = Rig(shop_url, offers)
    conversation = rig.conversation()
    await rig.ask(conversation, "你好")
    shown, card = [message for _, message in rig.delivery.delivered]
    assert "payload" not in str(shown) + str(card)
    await rig.ask(conversation, tap=shown["capsules"][1]["tap"])
    await rig.ask(conversation, tap=card["card"]["orders"][0]["tap"])
    taps = [row for row in rig.rows(conversation, "customer") if row.kind == "tap"]
    assert [row.text for row in taps] == ["材质", "看卫衣这单"]
    assert [heard.text for heard in rig.heard[1:]] == [CAPSULES[1]["payload"], ORDERS["orders"][0]["payload"]]
    (entity,) = rig.heard[1].parse_data["entities"]
    assert (entity["entity"], entity["value"]) == ("attribute", "材质")


async def test_what_the_bot_offers_by_itself_is_known_in_the_ledger_and_nobody_else_hears_of_it(shop_url: str) -> None:
    async def offers(message: Any) -> None:
        await reply(message, "要一起带上吗？", push="bundle", unasked=True)

    rig = Rig(shop_url, offers)
    conversation = rig.conversation()
    await rig.ask(conversation, "会缩水吗")
    (row,) = rig.rows(author="bot")
    assert row.payload == {"push": "bundle"}
    ((_, form),) = rig.delivery.delivered
    assert "push" not in form


async def test_what_was_pushed_and_tapped_can_be_counted_and_customers_see_nothing_of_that(shop_url: str) -> None:
    offered = {"sources": ["mined", "playbook"], "after": "ask_stock", "arm": "pushes"}

    async def pushes(message: UserMessage) -> None:
        if message.parse_data is None:
            await reply(message, "有货的～", buttons=CAPSULES[:2], offered=offered)
        else:
            await echo(message)

    rig = Rig(shop_url, pushes)
    conversation = rig.conversation()
    await rig.ask(conversation, "有货吗")
    (_, shown), *_ = rig.delivery.delivered
    assert "mined" not in str(shown)
    (row,) = (row for row in rig.rows(conversation) if row.author == "bot")
    assert row.payload["offered"] == offered
    await rig.ask(conversation, tap=shown["capsules"][1]["tap"])
    tap = rig.rows(conversation, "customer")[-1]
    assert tap.payload["tap"]["shown"] == [row.id, 1]
    with shop_session(shop_url) as session:
        assert follow_showings(session, [conversation]) == 2
        found = session.scalars(select(CapsuleShowing).order_by(CapsuleShowing.position)).all()
        assert [(each.source, each.tapped_message_id) for each in found] == [("mined", None), ("playbook", tap.id)]


async def test_a_capsule_is_worth_nothing_to_another_visitor(shop_url: str) -> None:
    rig = Rig(shop_url, offers)
    mine, other = rig.conversation(), rig.conversation()
    await rig.ask(mine, "你好")
    token = rig.delivery.delivered[0][1]["capsules"][0]["tap"]
    message_id = rig.delivery.delivered[0][1]["id"]
    stolen = [token, tap_token(SECRET, other, message_id, 0), tap_token(SECRET, mine, message_id, 9), f"{token}x"]
    for tap in stolen[:2]:
        with pytest.raises(Refused, match="unknown_capsule"):
            await rig.say(other, tap=tap)
    for tap in stolen[2:]:
        with pytest.raises(Refused, match="unknown_capsule"):
            await rig.say(mine, tap=tap)
    assert len(rig.rows(author="customer")) == 1


async def test_numbers_are_choices_where_capsules_are_not_drawn(shop_url: str) -> None:
    rig = Rig(shop_url, offers, Recorder(shows=frozenset()))
    conversation = rig.conversation()
    await rig.ask(conversation, "你好")
    first, second = rig.delivery.texts()
    assert first == "想了解什么\n1. 有货吗\n2. 材质\n回复数字就可以选哦～"
    assert second.startswith("3. 卫衣（尾号0123）已发货")
    await rig.ask(conversation, " 回复３ ")
    assert rig.heard[-1].text == ORDERS["orders"][0]["payload"]
    assert rig.rows(conversation, "customer")[-1].text == "回复３"
    await rig.ask(conversation, "1")  # the last answer has offered nothing
    assert rig.heard[-1].text == "1"


async def test_a_number_is_a_number_where_capsules_are_drawn(shop_url: str) -> None:
    rig = Rig(shop_url, offers)
    conversation = rig.conversation()
    await rig.ask(conversation, "你好")
    await rig.ask(conversation, "1")
    assert (rig.heard[-1].text, rig.heard[-1].parse_data) == ("1", None)


async def test_a_flood_slows_its_sender_only(shop_url: str) -> None:
    limits = {"visitor": {"at_once": 3, "per_minute": 1}, "address": {"at_once": 5, "per_minute": 1}}
    rig = Rig(shop_url, echo, limits=limits)
    loud, quiet = rig.conversation(), rig.conversation()
    for number in range(3):
        await rig.say(loud, f"第{number}", address="203.0.113.7")
    for number in range(17):
        with pytest.raises(Refused, match="too_fast") as refused:
            await rig.say(loud, f"再{number}", address="203.0.113.7")
        assert refused.value.retry_after is not None
    await rig.ask(quiet, "在吗", address="203.0.113.9")
    assert rig.delivery.texts(quiet) == ["收到在吗"]
    neighbour = rig.conversation()
    await rig.say(neighbour, "一", address="203.0.113.7")
    await rig.say(neighbour, "二", address="203.0.113.7")
    with pytest.raises(Refused, match="too_fast"):
        await rig.say(rig.conversation(), "三", address="203.0.113.7")
    await rig.quiet()


async def test_only_so_many_messages_wait_in_a_conversation(shop_url: str) -> None:
    gate = asyncio.Event()

    async def waits(message: UserMessage) -> None:
        await gate.wait()
        await echo(message)

    many = {"at_once": 1000, "per_minute": 1000}
    rig = Rig(shop_url, waits, limits={"visitor": many, "address": many, "waiting": 3})
    conversation = rig.conversation()
    for number in range(4):
        await rig.say(conversation, f"第{number}")
    with pytest.raises(Refused, match="too_fast"):
        await rig.say(conversation, "还有")
    gate.set()
    await rig.quiet()


async def test_short_lines_within_a_moment_are_read_as_one(shop_url: str) -> None:
    rig = Rig(shop_url, echo, bursts={"wait": 0.3, "at_most": 2})
    conversation = rig.conversation()
    receipts = [await rig.say(conversation, line) for line in ("你好！", "我想问下", "这件包邮吗")]
    replies = await asyncio.gather(*(rig.door.replies_to(receipt.message.id, 60) for receipt in receipts))
    await rig.quiet()
    assert [heard.text for heard in rig.heard] == ["你好! 我想问下 这件包邮吗"]
    assert rig.heard[0].message_id == str(receipts[-1].message.id)
    assert rig.delivery.texts() == ["收到你好! 我想问下 这件包邮吗"]
    assert {tuple(each.text for each in said) for said in replies} == {("收到你好! 我想问下 这件包邮吗",)}
    assert rig.states() == ["answered"] * 3


async def test_a_whole_line_is_not_waited_after(shop_url: str) -> None:
    rig = Rig(shop_url, echo, bursts={"wait": 5, "at_most": 9, "shortest": 4})
    await rig.ask(rig.conversation(), "这件衣服什么时候发货")
    assert rig.delivery.texts() == ["收到这件衣服什么时候发货"]


async def test_lines_that_came_during_a_turn_are_read_as_one(shop_url: str) -> None:
    gate = asyncio.Event()

    async def waits(message: UserMessage) -> None:
        await gate.wait()
        await echo(message)

    rig = Rig(shop_url, waits, bursts={"while_busy": True})
    conversation = rig.conversation()
    await rig.say(conversation, "一")
    await rig.say(conversation, "二")
    await rig.say(conversation, "三")
    await rig.say(conversation, attachment={"kind": "picture", "id": "u1"})
    await rig.say(conversation, "四")
    gate.set()
    await rig.quiet()
    assert rig.delivery.texts() == ["收到一", "收到二 三", ACKNOWLEDGEMENTS["picture"], "收到四"]


async def test_a_customer_who_is_gone_breaks_nothing(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    rig.delivery.there = False
    await rig.ask(rig.conversation(), "在吗")
    assert [row.state for row in rig.rows()] == ["answered", "written"]
    assert rig.outbox() == []


async def test_a_database_that_is_away_is_told(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()

    def down(**_: Any) -> Any:
        raise OSError("no database")

    monkeypatch.setattr(rig.door._scribe, "_open_session", down)
    monkeypatch.setattr(rig.door._scribe, "_patience", 0.05)
    with pytest.raises(Refused, match="busy"):
        await rig.say(conversation, "在吗")


async def test_on_either_database(database_url: str) -> None:
    """The whole way, with a crash in the middle and something to say from outside."""

    async def hangs(message: UserMessage) -> None:
        await asyncio.sleep(60)

    rig = Rig(database_url, offers)
    conversation = rig.conversation()
    receipts = await asyncio.gather(*(rig.say(conversation, "你好", client_id="m1") for _ in range(4)))
    await rig.quiet()
    assert [receipt.new for receipt in receipts].count(True) == 1
    await rig.ask(conversation, tap=rig.delivery.delivered[0][1]["capsules"][0]["tap"])
    assert rig.states() == ["answered", "answered"]
    dying = Rig(database_url, hangs, rig.delivery)
    await dying.say(conversation, "几天到")
    await until(lambda: bool(dying.heard))
    dying.crash()
    with shop_session(database_url) as session:
        put(session, OutboxItem("parcel:1", conversation, "system", {"text": "包裹到了"}, now()))
    after = Rig(database_url, echo, rig.delivery)
    await after.door.open()
    await until(lambda: after.states() == ["answered"] * 3 and [row.state for row in after.outbox()] == ["sent"])
    await after.door.close()
    texts = after.delivery.texts(conversation)
    assert (texts.count("收到几天到"), texts.count("包裹到了")) == (1, 1)
    assert {row.state for row in after.rows() if row.author != "customer"} == {"delivered"}


async def test_many_conversations_at_once_are_each_answered_once_and_in_order(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversations = [rig.conversation() for _ in range(60)]

    async def customer(conversation: str) -> None:
        for number in range(4):
            for _ in range(2):  # each is sent again, as after a lost connection
                await rig.say(conversation, f"第{number}", client_id=f"m{number}")

    await asyncio.gather(*map(customer, conversations))
    await rig.quiet()
    for conversation in conversations:
        assert rig.delivery.texts(conversation) == [f"收到第{number}" for number in range(4)]
    assert rig.states() == ["answered"] * 240
    assert len(rig.door._lanes) == 0
    assert not rig.door._mine
    assert not rig.door._replies
