"""What open windows are told: everything that is theirs, nothing that is not, and nothing is lost by a broken line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sixty.desk.feed import DeskEvent, announce, newest_event
from sixty.desk.long_waits import long_waits, tell_long_waits
from sixty.desk.staff.signed_in import as_staff
from sixty.desk.staff.staff_sessions import session_of
from sixty.desk.workbench import live as live_module
from sixty.desk.workbench.cursors import Cursor, read_cursor
from sixty.desk.workbench.live import MOST_WINDOWS, Live
from sixty.desk.workbench.windows import Frame, Window
from sixty.ledger.replying import mark_read
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import RULES, World, now

API = "/api/desk"


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(world: World, clock: Clock) -> Live:
    return Live(world.bench.reading, "k" * 40, rules=lambda: RULES, monotonic=clock)


def opened(world: World, live: Live, client: TestClient, after: Cursor | None = None) -> Window:
    with shop_session(world.url, read_only=True) as session:
        found = session_of(session, world.token(client), now())
    assert found is not None
    return live.attach(as_staff(found[0], world.token(client)), after, follow=False).window


def told(window: Window, *events: str) -> list[Frame]:
    return [each for each in window.take() if not events or each.event in events]


def texts(frames: list[Frame]) -> list[str]:
    return [each.data["text"] for each in frames if each.event == "message"]


def test_a_line_of_the_customer_comes_to_who_has_the_conversation_and_to_nobody_else(world: World, live: Live) -> None:
    li, wang = world.person("li"), world.person("wang")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    at_li, at_wang = opened(world, live, li), opened(world, live, wang)
    live.round()
    at_li.take()
    at_wang.take()
    world.writes(chat, "在吗")
    assert live.round() is True
    frames = told(at_li)
    assert texts(frames) == ["在吗"]
    assert [each.data["unread"] for each in frames if each.event == "chat"] == [1]
    assert [each.data["kind"] for each in frames if each.event == "alert"] == ["message"]
    assert told(at_wang, "message", "chat", "alert") == []


def test_a_wait_that_takes_too_long_is_told_to_the_group_and_to_who_sees_all(world: World, live: Live) -> None:
    li, boss = world.person("li", groups=("general",)), world.person("boss", "supervisor", groups=("aftersale",))
    away = world.person("away", groups=("aftersale",))
    chat = world.customer("general")
    windows = [opened(world, live, each) for each in (li, boss, away)]
    live.round()
    for window in windows:
        window.take()

    def later() -> int:
        rules, at = replace(RULES, alert_after=(timedelta(minutes=1),)), now() + timedelta(minutes=1)
        with shop_session(world.url) as session:
            return tell_long_waits(session, long_waits(session, rules, at), rules, at)

    assert later() == 1
    live.round()
    frames = [told(window, "alert") for window in windows]
    assert [[each.data["kind"] for each in found] for found in frames] == [["waiting_long"], ["waiting_long"], []]
    alert = frames[0][0].data
    assert (alert["chat"], alert["title"]) == (chat, "顾客等了很久")
    assert "等了1分钟还没有人接" in alert["text"]
    li.post(f"{API}/chats/{chat}/claim", json={})
    live.round()
    for window in windows:
        window.take()
    assert later() == 1
    live.round()
    assert ["没有收到回复" in each.data["text"] for window in windows for each in told(window, "alert")] == [True, True]


def test_who_waited_with_others_is_told_that_somebody_was_faster(world: World, live: Live) -> None:
    li, wang = world.person("li"), world.person("wang")
    away = world.person("away", groups=("aftersale",))
    at_li, at_wang, at_away = (opened(world, live, each) for each in (li, wang, away))
    chat = world.customer("general")
    live.round()
    assert [each.data["id"] for each in told(at_wang, "chat")] == [chat]
    assert told(at_away, "chat", "message") == []
    at_li.take()
    li.post(f"{API}/chats/{chat}/claim", json={})
    live.round()
    assert {each.data["state"] for each in told(at_li, "chat")} == {"assigned"}
    gone = told(at_wang, "chat_gone", "chat", "message")
    assert [(each.event, each.data) for each in gone] == [
        ("chat_gone", {"chat": chat, "why": "claimed", "by": {"id": "li", "name": "小li"}})
    ]
    assert told(at_away, "chat", "message", "chat_gone") == []


def test_a_window_that_comes_back_misses_nothing_in_order(world: World, live: Live) -> None:
    li = world.person("li")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    window = opened(world, live, li)
    for number in range(3):
        world.writes(chat, f"第{number}句")
        live.round()
    frames = window.take()
    # The line breaks behind the second message; what came after it was never read.
    second = next(each for each in frames if each.event == "message" and each.data["text"] == "第1句")
    assert second.cursor is not None
    live.detach(window)
    for number in range(3, 6):
        world.writes(chat, f"第{number}句")
    li.post(f"{API}/chats/{chat}/messages", json={"client_id": "own-1", "text": "收到"})
    back = opened(world, live, li, read_cursor(str(second.cursor)))
    world.writes(chat, "还有一句")
    live.round()
    again = told(back, "message")
    assert texts(again) == ["第2句", "第3句", "第4句", "第5句", "收到", "还有一句"]
    assert [each.data["client_id"] for each in again if each.data["author"] == "agent"] == ["own-1"]
    cursors = [each.cursor for each in again]
    assert cursors == sorted(cursors, key=lambda each: each.message)  # type: ignore[union-attr]


def test_every_place_where_a_line_can_break_loses_nothing(world: World, live: Live) -> None:
    li = world.person("li")
    chats = [world.customer() for _ in range(2)]
    window = opened(world, live, li)
    start = window.cursor
    for chat in chats:
        li.post(f"{API}/chats/{chat}/claim", json={})
        world.writes(chat, f"问{chat[:4]}")
        li.post(f"{API}/chats/{chat}/messages", json={"client_id": chat[:8], "text": f"答{chat[:4]}"})
        live.round()
    li.post(f"{API}/chats/{chats[0]}/transfer", json={"to": {"group": "aftersale"}, "note": "x"})
    live.round()
    whole = window.take()
    all_messages = {each.data["id"] for each in whole if each.event == "message"}
    for broken_at in range(len(whole)):
        read = whole[: broken_at + 1]
        cursor = next((each.cursor for each in reversed(read) if each.cursor is not None), start)
        back = opened(world, live, li, cursor)
        frames = back.take()
        seen = {each.data["id"] for each in [*read, *frames] if each.event == "message"}
        assert all_messages <= seen
        states = {each.data["id"]: each.data["hand_off_state"] for each in [*read, *frames] if each.event == "chat"}
        assert states == {chats[0]: "queued", chats[1]: "taken"}
        live.detach(back)


def test_who_was_away_too_long_begins_anew(world: World, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    li = world.person("li")
    chat = world.customer()
    window = opened(world, live, li)
    before = window.cursor
    for number in range(4):
        world.writes(chat, f"第{number}句")
    monkeypatch.setattr(live_module, "MOST_BEHIND", 3)
    with shop_session(world.url, read_only=True) as session:
        found = session_of(session, world.token(li), now())
    assert found is not None
    staff = as_staff(found[0], world.token(li))
    assert live.attach(staff, before, follow=False).resumed is False
    monkeypatch.setattr(live_module, "MOST_BEHIND", 300)
    assert live.attach(staff, before, follow=False).resumed is True
    # A cursor of another database, or of one that was put back to an earlier day.
    assert live.attach(staff, Cursor(10**9, 0), follow=False).resumed is False
    with shop_session(world.url) as session:
        announce(session, "presence", None, {"agent": "li"}, now())
        newest = newest_event(session)
        session.query(DeskEvent).filter(DeskEvent.id < newest).delete()
    assert live.attach(staff, Cursor(before.message, 0), follow=False).resumed is (newest <= 1)


def test_a_ninth_window_closes_the_first(world: World, live: Live) -> None:
    li = world.person("li")
    windows = [opened(world, live, li) for _ in range(MOST_WINDOWS + 1)]
    assert [each.closed for each in windows] == [True] + [False] * MOST_WINDOWS
    assert [each.event for each in windows[0].take()] == ["closed"]


def test_who_signs_out_hears_nothing_more(world: World, live: Live, clock: Clock) -> None:
    li = world.person("li")
    other = world.signed_in("li")
    window, kept = opened(world, live, li), opened(world, live, other)
    live.round()
    li.post(f"{API}/sign-out")
    clock.at += 60
    live.round()
    assert window.closed
    assert window.take()[-1].event == "signed_out"
    assert not kept.closed


def test_who_loses_a_group_is_told_to_begin_anew_and_hears_of_it_no_more(
    world: World, live: Live, clock: Clock
) -> None:
    boss, li = world.person("boss", "admin"), world.person("li")
    window = opened(world, live, li)
    live.round()
    window.take()
    number = world.account("li").id
    boss.patch(f"{API}/staff/{number}", json={"groups": ["aftersale"]})
    clock.at += 60
    live.round()
    assert [each.data["why"] for each in told(window, "reset")] == ["rights_changed"]
    world.customer("general")
    live.round()
    assert told(window, "chat", "message") == []


def test_counts_are_those_of_the_lists(world: World, live: Live, clock: Clock) -> None:
    li, chief = world.person("li", groups=("general",)), world.person("chief", "supervisor")
    chats = [world.customer("general"), world.customer("general"), world.customer("aftersale")]
    li.post(f"{API}/chats/{chats[0]}/claim", json={})
    world.writes(chats[0], "在吗")
    windows = {client: opened(world, live, client) for client in (li, chief)}
    clock.at += 60
    live.round()
    for client, window in windows.items():
        [frame] = told(window, "queue")
        assert frame.data["counts"] == client.get(f"{API}/chats").json()["counts"]
        assert {each["id"] for each in frame.data["groups"]} == {"aftersale", "general"}
    clock.at += 60
    live.round()
    assert told(windows[li], "queue") == []


def test_writing_delivering_and_reading_is_seen(world: World, live: Live, clock: Clock) -> None:
    li, chief = world.person("li"), world.person("chief", "supervisor")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    said = li.post(f"{API}/chats/{chat}/messages", json={"client_id": "a", "text": "您好"}).json()["message"]["id"]
    at_li, at_chief = opened(world, live, li), opened(world, live, chief)
    live.round()
    at_li.take()
    at_chief.take()
    li.post(f"{API}/chats/{chat}/typing", json={"on": True})
    with shop_session(world.url) as session:
        mark_read(session, chat, said, now(), "customer")
    clock.at += 1
    live.round()
    assert [(each.data["who"], each.data["on"]) for each in told(at_chief, "typing")] == [("li", True)]
    marks = told(at_li, "typing", "marks")
    assert [(each.event, each.data) for each in marks] == [
        ("marks", {"chat": chat, "delivered_to": said, "read_to": said})
    ]


def test_a_trainer_is_told_nothing_of_what_goes_on(world: World, live: Live, clock: Clock) -> None:
    trainer, li = world.person("trainer", "trainer"), world.person("li")
    window = opened(world, live, trainer)
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    world.writes(chat, "我的电话13800001001")
    clock.at += 60
    live.round()
    assert window.take() == []


def test_a_draft_is_told_to_its_writers_windows_alone(world: World, live: Live) -> None:
    li, wang = world.person("li"), world.person("wang")
    chat = world.customer()
    at_li, at_wang = opened(world, live, li), opened(world, live, wang)
    li.put(f"{API}/chats/{chat}/draft", json={"text": "写到一半", "version": 0})
    live.round()
    drafts: list[dict[str, Any]] = [each.data for each in told(at_li, "draft")]
    assert [(each["chat"], each["text"], each["version"]) for each in drafts] == [(chat, "写到一半", 1)]
    assert "account" not in drafts[0]
    assert told(at_wang, "draft") == []


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1", "1-2-3", "１-2", "9" * 30 + "-1", None])
def test_what_is_no_cursor_is_none(text: str | None) -> None:
    assert read_cursor(text) is None


def test_a_frame_is_one_event_of_the_stream() -> None:
    frame = Frame("message", {"text": "一行\n两行"}, Cursor(3, 4))
    assert frame.text() == 'id: 3-4\nevent: message\ndata: {"text":"一行\\n两行"}\n\n'
