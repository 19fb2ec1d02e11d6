"""What people do in conversations, and what they may not."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from sixty.desk.agents import Agent
from sixty.desk.handoff_rows import HandOff, latest_handoff
from sixty.desk.typing_marks import TypingMark
from sixty.ledger.models import Message, OutboxRow
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import World

API = "/api/desk"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def test_somebody_waits_is_taken_answered_and_ended(world: World) -> None:
    li = world.person("li")
    chat = world.customer(text="鞋子开胶了怎么办")
    waiting = li.get(f"{API}/chats", params={"box": "queue"}).json()
    assert [each["id"] for each in waiting["chats"]] == [chat]
    assert waiting["counts"]["queue"] == 1
    assert waiting["chats"][0]["position"] == 1
    row = li.post(f"{API}/chats/{chat}/claim", json={}).json()["chat"]
    assert (row["state"], row["hand_off_state"], row["agent"]["id"]) == ("assigned", "taken", "li")
    assert li.post(f"{API}/chats/{chat}/claim", json={}).status_code == 200
    opened = li.get(f"{API}/chats/{chat}").json()
    assert opened["packet"]["question"] == "鞋子开胶了怎么办"
    assert opened["may"] == {
        "claim": False,
        "leave": False,
        "send": True,
        "transfer": True,
        "close": True,
        "to_bot": True,
        "wrap_up": False,
        "deed": True,
        "take_over": False,
    }
    last = world.writes(chat, "就是上周买的那双")
    assert li.get(f"{API}/chats").json()["chats"][0]["unread"] == 1
    assert li.post(f"{API}/chats/{chat}/read", json={"to": last}).status_code == 204
    assert li.get(f"{API}/chats").json()["counts"]["unread"] == 0
    assert li.post(f"{API}/chats/{chat}/messages", json={"client_id": "a", "text": "您拍张照看看"}).status_code == 201
    ended = li.post(f"{API}/chats/{chat}/close", json={"summary": "开胶，换新", "tags": ["尺码"], "ask_rating": False})
    assert ended.json()["chat"]["state"] == "wrap_up"
    assert (
        li.post(f"{API}/chats/{chat}/wrap-up", json={"summary": "换新", "tags": []}).json()["chat"]["state"] == "closed"
    )
    assert li.post(f"{API}/chats/{chat}/wrap-up", json={"summary": "", "tags": []}).json()["code"] == "ended"
    done = li.get(f"{API}/chats", params={"box": "done"}).json()["chats"]
    assert [(each["id"], each["summary"], each["tags"]) for each in done] == [(chat, "换新", ["尺码"])]
    whys = [each["why"] for each in li.get(f"{API}/chats/{chat}/changes").json()["changes"]]
    assert "claimed" in whys
    assert "wrapped_up" in whys


def test_the_same_client_id_is_said_once(world: World) -> None:
    li = world.person("li")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    body = {"client_id": "9f0c-1", "text": "您好，我来看看"}
    answers = [li.post(f"{API}/chats/{chat}/messages", json=body) for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 200, 200]
    assert len({each.json()["message"]["id"] for each in answers}) == 1
    assert answers[0].json()["message"]["client_id"] == "9f0c-1"
    assert [each.text for each in world.said(chat)] == ["您好，我来看看"]
    with shop_session(world.url, read_only=True) as session:
        rows = list(session.scalars(select(OutboxRow).where(OutboxRow.conversation_id == chat, OutboxRow.by == "li")))
        assert len(rows) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"client_id": "a", "text": "  "}, "empty"),
        ({"client_id": "a", "text": "长" * 2001}, "too_long"),
        ({"client_id": "", "text": "x"}, "malformed"),
        ({"client_id": "号", "text": "x"}, "malformed"),
        ({"client_id": "a" * 41, "text": "x"}, "malformed"),
        ({"text": "x"}, "malformed"),
        ({"client_id": "a", "attachment": "../../etc/passwd"}, "unknown"),
    ],
)
def test_what_can_not_be_said_is_refused(world: World, body: dict[str, str], code: str) -> None:
    li = world.person("li")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    assert li.post(f"{API}/chats/{chat}/messages", json=body).json()["code"] == code
    assert world.said(chat) == []


def test_only_who_has_a_conversation_speaks_in_it(world: World) -> None:
    li, wang = world.person("li"), world.person("wang")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    refused = wang.post(f"{API}/chats/{chat}/messages", json={"client_id": "w", "text": "我来"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_yours")
    assert refused.json()["by"] == {"id": "li", "name": "小li"}
    assert "小li" in refused.json()["message"]
    taken = wang.post(f"{API}/chats/{chat}/claim", json={})
    assert (taken.status_code, taken.json()["code"], taken.json()["by"]["id"]) == (409, "taken", "li")
    li.post(f"{API}/chats/{chat}/close", json={"then": "done", "ask_rating": False})
    ended = li.post(f"{API}/chats/{chat}/messages", json={"client_id": "late", "text": "还有一句"})
    assert (ended.status_code, ended.json()["code"]) == (409, "ended")
    assert world.said(chat) == []


def test_who_has_not_seen_what_a_colleague_wrote_is_told(world: World) -> None:
    li, chief = world.person("li"), world.person("chief", "supervisor")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    seen = li.get(f"{API}/chats/{chat}").json()["messages"][-1]["id"]
    li.post(f"{API}/chats/{chat}/messages", json={"client_id": "l1", "text": "退款今天到"})
    assert chief.post(f"{API}/chats/{chat}/take-over", json={"why": "我来跟"}).status_code == 200
    body = {"client_id": "c1", "text": "退款明天到", "seen": seen}
    refused = chief.post(f"{API}/chats/{chat}/messages", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "talked_meanwhile")
    assert [each["text"] for each in refused.json()["messages"]] == ["退款今天到"]
    assert len(world.said(chat)) == 1
    del body["seen"]
    assert chief.post(f"{API}/chats/{chat}/messages", json=body).status_code == 201


def test_another_groups_customers_are_not_shown(world: World) -> None:
    sales = world.person("sales", groups=("general",))
    after = world.person("after", groups=("aftersale",))
    chat = world.customer("aftersale")
    assert sales.get(f"{API}/chats", params={"box": "queue"}).json()["chats"] == []
    for path in (f"{API}/chats/{chat}", f"{API}/chats/{chat}/messages", f"{API}/chats/{chat}/changes"):
        refused = sales.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert sales.post(f"{API}/chats/{chat}/claim", json={}).status_code == 403
    assert sales.put(f"{API}/chats/{chat}/draft", json={"text": "x", "version": 0}).status_code == 403
    assert sales.get(f"{API}/chats/none").json()["code"] == "unknown"
    assert after.get(f"{API}/chats/{chat}").status_code == 200
    with shop_session(world.url, read_only=True) as session:
        assert latest_handoff(session, chat).state == "queued"  # type: ignore[union-attr]


def test_a_trainer_reads_what_is_over_and_not_who_it_was(world: World) -> None:
    li, trainer = world.person("li"), world.person("trainer", "trainer")
    chat = world.customer(text="我的电话13800001001，寄到杭州市西湖区文三路1号")
    li.post(f"{API}/chats/{chat}/claim", json={})
    assert trainer.get(f"{API}/chats/{chat}").status_code == 403
    assert trainer.get(f"{API}/chats", params={"box": "queue"}).status_code == 403
    assert trainer.post(f"{API}/chats/{chat}/messages", json={"client_id": "t", "text": "x"}).status_code == 403
    assert trainer.put(f"{API}/presence", json={"state": "online"}).status_code == 403
    li.post(f"{API}/chats/{chat}/close", json={"then": "done", "ask_rating": False})
    opened = trainer.get(f"{API}/chats/{chat}")
    assert opened.status_code == 200
    assert "13800001001" not in opened.text
    assert "K001" not in opened.text
    assert trainer.get(f"{API}/chats/{chat}/messages", params={"span": "customer"}).status_code == 403
    listed = trainer.get(f"{API}/chats", params={"box": "done"})
    assert [each["id"] for each in listed.json()["chats"]] == [chat]
    assert "13800001001" not in listed.text


def test_a_supervisor_passes_on_what_others_have_and_what_waits(world: World) -> None:
    li, wang, chief = world.person("li"), world.person("wang"), world.person("chief", "supervisor")
    chat, other = world.customer(), world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    body = {"to": {"agent": "wang"}, "note": "小王熟"}
    assert wang.post(f"{API}/chats/{chat}/transfer", json=body).json()["code"] == "not_allowed"
    passed = chief.post(f"{API}/chats/{chat}/transfer", json=body).json()["chat"]
    assert passed["agent"]["id"] == "wang"
    assigned = chief.post(f"{API}/chats/{other}/transfer", json={"to": {"agent": "li"}, "note": ""}).json()["chat"]
    assert assigned["agent"]["id"] == "li"
    assert [each["id"] for each in li.get(f"{API}/chats").json()["chats"]] == [other]
    back = wang.post(f"{API}/chats/{chat}/transfer", json={"to": {"group": "aftersale"}, "note": "退货"}).json()["chat"]
    assert (back["hand_off_state"], back["group"]["id"]) == ("queued", "aftersale")
    assert chief.post(f"{API}/chats/{chat}/transfer", json={"to": {}, "note": ""}).status_code == 422


def test_a_colleague_who_is_away_gets_nothing_unless_it_may_wait(world: World) -> None:
    li, wang = world.person("li"), world.person("wang")
    wang.put(f"{API}/presence", json={"state": "away"})
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    body = {"to": {"agent": "wang"}, "note": ""}
    refused = li.post(f"{API}/chats/{chat}/transfer", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_reachable")
    waits = li.post(f"{API}/chats/{chat}/transfer", json={**body, "anyway": True}).json()["chat"]
    assert (waits["hand_off_state"], waits["wants"]["id"]) == ("queued", "wang")


def test_who_goes_home_with_chats_is_asked_first(world: World) -> None:
    li = world.person("li")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    refused = li.put(f"{API}/presence", json={"state": "offline"})
    assert (refused.status_code, refused.json()["code"], refused.json()["chats"]) == (409, "has_chats", 1)
    assert li.put(f"{API}/presence", json={"state": "offline", "anyway": True}).json()["presence"] == "offline"
    with shop_session(world.url, read_only=True) as session:
        assert latest_handoff(session, chat).state == "queued"  # type: ignore[union-attr]


def test_the_next_one_is_taken_in_order_until_ones_hands_are_full(world: World) -> None:
    li = world.person("li")
    with shop_session(world.url) as session:
        session.get(Agent, "li").capacity = 2  # type: ignore[union-attr]
    chats = [world.customer() for _ in range(3)]
    taken = [li.post(f"{API}/queue/next", json={}) for _ in range(3)]
    assert [each.json()["chat"]["id"] for each in taken[:2]] == chats[:2]
    assert (taken[2].status_code, taken[2].json()["code"]) == (409, "full")
    assert (taken[2].json()["load"], taken[2].json()["capacity"]) == (2, 2)
    wang = world.person("wang")
    assert wang.post(f"{API}/queue/next", json={}).json()["chat"]["id"] == chats[2]
    assert wang.post(f"{API}/queue/next", json={}).status_code == 204


def test_a_draft_is_kept_for_its_writer_and_two_windows_do_not_overwrite_each_other(world: World) -> None:
    li, wang = world.person("li"), world.person("wang")
    chat = world.customer()
    first = li.put(f"{API}/chats/{chat}/draft", json={"text": "您好", "version": 0}).json()
    assert (first["text"], first["version"]) == ("您好", 1)
    second = li.put(f"{API}/chats/{chat}/draft", json={"text": "您好，稍等", "version": 1}).json()
    assert second["version"] == 2
    stale = li.put(f"{API}/chats/{chat}/draft", json={"text": "另一个窗口", "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "draft_changed")
    assert stale.json()["draft"]["text"] == "您好，稍等"
    assert li.get(f"{API}/chats/{chat}").json()["draft"]["text"] == "您好，稍等"
    assert wang.get(f"{API}/chats/{chat}").json()["draft"]["text"] == ""
    assert [each["draft"] for each in li.get(f"{API}/chats", params={"box": "queue"}).json()["chats"]] == [True]
    assert [each["draft"] for each in wang.get(f"{API}/chats", params={"box": "queue"}).json()["chats"]] == [False]
    li.post(f"{API}/chats/{chat}/claim", json={})
    li.post(f"{API}/chats/{chat}/messages", json={"client_id": "a", "text": "您好，稍等"})
    assert li.get(f"{API}/chats/{chat}").json()["draft"] == {"text": "", "version": 0, "updated_at": None}


def test_a_file_is_sent_once_it_is_there_and_only_in_its_conversation(world: World) -> None:
    li = world.person("li")
    chat, other = world.customer(), world.customer()
    for each in (chat, other):
        li.post(f"{API}/chats/{each}/claim", json={})
    upload = li.post(
        f"{API}/chats/{chat}/uploads",
        content=PNG,
        headers={"Content-Type": "image/png", "X-File-Name": "%E5%B0%BA%E7%A0%81%E8%A1%A8.png"},
    )
    assert upload.status_code == 201
    assert (upload.json()["kind"], upload.json()["name"]) == ("picture", "尺码表.png")
    wrong = li.post(f"{API}/chats/{other}/messages", json={"client_id": "f", "attachment": upload.json()["id"]})
    assert wrong.status_code == 404
    sent = li.post(f"{API}/chats/{chat}/messages", json={"client_id": "f", "attachment": upload.json()["id"]})
    assert sent.status_code == 201
    message = sent.json()["message"]
    assert (message["kind"], message["attachment"]["name"]) == ("picture", "尺码表.png")
    assert world.client().get(message["attachment"]["url"]).content == PNG
    refused = world.person("wang").post(f"{API}/chats/{chat}/uploads", content=PNG)
    assert refused.json()["code"] == "not_yours"


def test_typing_is_seen_of_who_has_the_conversation(world: World) -> None:
    li, wang = world.person("li"), world.person("wang")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    assert li.post(f"{API}/chats/{chat}/typing", json={"on": True}).status_code == 204
    assert wang.post(f"{API}/chats/{chat}/typing", json={"on": True}).json()["code"] == "not_yours"
    with shop_session(world.url, read_only=True) as session:
        assert [each.who for each in session.scalars(select(TypingMark))] == ["li"]
    li.post(f"{API}/chats/{chat}/messages", json={"client_id": "a", "text": "好了"})
    with shop_session(world.url, read_only=True) as session:
        assert list(session.scalars(select(TypingMark))) == []


def test_who_else_has_it_on_the_screen_is_shown(world: World) -> None:
    li, wang = world.person("li"), world.person("wang")
    chat = world.customer()
    li.post(f"{API}/heartbeat", json={"focused": True, "chat": chat})
    assert [each["agent"] for each in wang.get(f"{API}/chats/{chat}").json()["looking"]] == ["li"]
    assert li.get(f"{API}/chats/{chat}").json()["looking"] == []
    li.post(f"{API}/chats/{chat}/looking", json={"on": False})
    assert wang.get(f"{API}/chats/{chat}").json()["looking"] == []


def test_nothing_is_read_without_signing_in(world: World) -> None:
    chat = world.customer()
    client = world.client()
    for path in ("me", "chats", f"chats/{chat}", f"chats/{chat}/messages", "agents", "staff", "audit", "events"):
        assert client.get(f"{API}/{path}").json()["code"] == "signed_out"
    for path in (f"chats/{chat}/claim", "queue/next", f"chats/{chat}/messages", "heartbeat", "staff"):
        assert client.post(f"{API}/{path}", json={}).status_code == 401
    with shop_session(world.url, read_only=True) as session:
        assert session.query(HandOff).one().state == "queued"
        assert session.query(Message).filter(Message.author == "agent").count() == 0
