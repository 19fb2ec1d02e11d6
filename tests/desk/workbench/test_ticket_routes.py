"""Tickets over the workbench's API: raised from a chat, moved along, changed by two, seen by those whose they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient

from sixty.desk.staff.audit import AuditEntry
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import World

API = "/api/desk"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def _with(world: World, agent: TestClient, text: str = "我要退款，一直没到账", group: str = "aftersale") -> str:
    chat = world.customer(group, text)
    assert agent.post(f"{API}/chats/{chat}/claim", json={}).status_code == 200
    return chat


def _raise(agent: TestClient, chat: str | None, key: str = "k1", **more: Any) -> dict[str, Any]:
    body = {"key": key, "type": "refund", "title": "退款没到账", "fields": {"order_no": "SO1"}, "chat": chat, **more}
    answer = agent.post(f"{API}/tickets", json=body)
    assert answer.status_code in (200, 201), answer.text
    made: dict[str, Any] = answer.json()["ticket"]
    return made


def test_a_ticket_is_raised_from_a_chat_with_everything_filled_in(world: World) -> None:
    li = world.person("li")
    chat = _with(world, li)
    world.writes(chat, "订单是上周五的那一笔，退货仓库已经签收了")
    draft = li.get(f"{API}/chats/{chat}/ticket-draft").json()["draft"]
    assert (draft["type"], draft["group"], draft["guessed"]) == ("refund", "aftersale", True)
    assert "一直没到账" in draft["title"]
    assert "仓库已经签收" in draft["text"]
    assert len(draft["message_ids"]) == 2
    made = _raise(li, chat, text=draft["text"], messages=draft["message_ids"])
    assert (made["state"], made["version"], made["chat"], made["order_no"]) == ("new", 1, chat, "SO1")
    assert made["message_ids"] == draft["message_ids"]
    due = datetime.fromisoformat(made["due_at"]) - datetime.fromisoformat(made["created_at"])
    assert due == timedelta(hours=24)
    assert [each["kind"] for each in made["entries"]] == ["created", "told"]
    told = [each.text for each in world.said(chat, "system") if (each.payload or {}).get("notice") == "ticket"]
    assert len(told) == 1
    assert made["no"] in told[0]
    assert _raise(li, chat)["id"] == made["id"]


def test_the_type_that_somebody_chooses_fills_in_what_it_asks_for(world: World) -> None:
    li = world.person("li")
    chat = _with(world, li, "发票开一下")
    draft = li.get(f"{API}/chats/{chat}/ticket-draft", params={"type": "complaint"}).json()["draft"]
    assert (draft["type"], draft["urgent"], draft["guessed"]) == ("complaint", True, False)


def test_what_has_to_be_filled_in_is_named(world: World) -> None:
    li = world.person("li")
    chat = _with(world, li)
    body = {"key": "k", "type": "refund", "title": "退款", "fields": {"amount": "很多"}, "chat": chat}
    answer = li.post(f"{API}/tickets", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "fields")
    assert set(answer.json()["problems"]) == {"order_no", "amount"}


def test_it_goes_along_the_rules_only(world: World) -> None:
    li = world.person("li")
    chat = _with(world, li)
    made = _raise(li, chat)
    url = f"{API}/tickets/{made['id']}"
    wrong = li.post(f"{url}/move", json={"version": 1, "to": "done", "why": "退了"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "not_that_way")
    assert wrong.json()["possible"] == ["doing", "closed"]
    begun = li.post(f"{url}/move", json={"version": 1, "to": "doing"}).json()["ticket"]
    assert (begun["state"], begun["agent"]["id"], begun["version"]) == ("doing", "li", 2)
    silent = li.post(f"{url}/move", json={"version": 2, "to": "done", "fields": {"amount": "59.90"}})
    assert silent.json()["code"] == "why_missing"
    unfilled = li.post(f"{url}/move", json={"version": 2, "to": "done", "why": "已退"})
    assert unfilled.json()["problems"] == {"amount": "退款金额还没有填"}
    done = li.post(
        f"{url}/move", json={"version": 2, "to": "done", "why": "59.90 元已原路退回", "fields": {"amount": "59.90"}}
    ).json()["ticket"]
    assert (done["kind"], done["closed_at"] is not None) == ("done", True)
    told = [each.text for each in world.said(chat, "system") if (each.payload or {}).get("notice") == "ticket"]
    assert "59.90 元已原路退回" in told[-1]
    closed = li.post(f"{url}/move", json={"version": 3, "to": "closed"}).json()["ticket"]
    again = li.post(f"{url}/move", json={"version": closed["version"], "to": "doing", "why": "顾客说没到"})
    assert again.json()["code"] == "only_supervisors"
    boss = world.person("boss", "supervisor")
    again = boss.post(f"{url}/move", json={"version": closed["version"], "to": "doing", "why": "顾客说没到"})
    assert again.json()["ticket"]["closed_at"] is None


def test_of_two_who_change_it_the_second_one_gets_the_newer_one(world: World) -> None:
    li, wang = world.person("li"), world.person("wang")
    made = _raise(li, _with(world, li))
    url = f"{API}/tickets/{made['id']}"
    assert li.patch(url, json={"version": 1, "title": "退款两周没到账"}).status_code == 200
    late = wang.patch(url, json={"version": 1, "urgent": True})
    assert (late.status_code, late.json()["code"]) == (409, "ticket_changed")
    assert (late.json()["ticket"]["version"], late.json()["ticket"]["title"]) == (2, "退款两周没到账")
    again = wang.patch(url, json={"version": 2, "urgent": True, "agent": "wang", "why": "我来跟"}).json()["ticket"]
    changed = again["entries"][-1]
    assert (changed["kind"], changed["by"]["id"], changed["text"]) == ("changed", "wang", "我来跟")
    assert changed["data"] == {"urgent": [False, True], "agent": [None, "小wang"]}


def test_comments_and_pictures_stay_with_it(world: World) -> None:
    li = world.person("li")
    made = _raise(li, _with(world, li))
    url = f"{API}/tickets/{made['id']}"
    assert li.post(f"{url}/comments", json={"text": "仓库说明天入库"}).status_code == 201
    headers = {"Content-Type": "image/png", "X-File-Name": "a.png"}
    answer = li.post(f"{url}/files", content=PNG, headers=headers)
    assert answer.status_code == 201, answer.text
    files = [each["file"] for each in answer.json()["ticket"]["entries"] if each["file"]]
    assert [each["kind"] for each in files] == ["picture"]
    assert world.client().get(files[0]["url"]).status_code == 200
    assert [each["text"] for each in answer.json()["ticket"]["entries"] if each["kind"] == "comment"] == [
        "仓库说明天入库"
    ]


def test_who_sees_which(world: World) -> None:
    li = world.person("li", groups=("aftersale",))
    wang = world.person("wang", groups=("general",))
    boss = world.person("boss", "supervisor")
    trainer = world.person("teacher", "trainer")
    made = _raise(li, _with(world, li))
    url = f"{API}/tickets/{made['id']}"
    assert wang.get(url).json()["code"] == "not_allowed"
    assert wang.get(f"{API}/tickets").json()["tickets"] == []
    assert boss.get(url).status_code == 200
    assert trainer.get(f"{API}/tickets").status_code == 403
    assert boss.patch(url, json={"version": 1, "agent": "wang"}).status_code == 200
    assert [each["id"] for each in wang.get(f"{API}/tickets").json()["tickets"]] == [made["id"]]
    with shop_session(world.url, read_only=True) as session:
        written = {each.what for each in session.query(AuditEntry)}
    assert {"ticket_raised", "ticket_opened", "ticket_changed"} <= written


def test_who_solves_a_ticket_reads_the_chat_that_it_came_from(world: World) -> None:
    li = world.person("li", groups=("general",))
    zhou = world.person("zhou", groups=("aftersale",))
    wang = world.person("wang", groups=("general",))
    chat = _with(world, li, group="general")
    assert _raise(li, chat)["group"]["id"] == "aftersale"
    assert li.post(f"{API}/chats/{chat}/close", json={"then": "done"}).status_code == 200
    opened = zhou.get(f"{API}/chats/{chat}")
    assert opened.status_code == 200
    assert "一直没到账" in opened.text
    assert not any(opened.json()["may"][deed] for deed in ("send", "transfer", "close", "deed", "take_over"))
    for part in ("messages", "changes", "tickets", "customer", "notes"):
        assert zhou.get(f"{API}/chats/{chat}/{part}").status_code == 200
        assert wang.get(f"{API}/chats/{chat}/{part}").status_code == 403
    # To read it is not to take part in it.
    assert zhou.post(f"{API}/chats/{chat}/notes", json={"text": "催一下", "about": "chat"}).status_code == 403
    assert zhou.post(f"{API}/chats/{chat}/messages", json={"client_id": "z", "text": "您好"}).status_code != 201
    with shop_session(world.url, read_only=True) as session:
        read = {each.what for each in session.query(AuditEntry) if each.account_id == world.account("zhou").id}
    assert {"chat_opened", "customer_opened"} <= read


def test_the_board_the_lists_and_the_search(world: World) -> None:
    li = world.person("li")
    chat = _with(world, li)
    refund = _raise(li, chat, "a", title="退款一直没到账")
    exchange = _raise(li, chat, "b", type="exchange", title="羽绒服换大一码", text="穿着紧，想换XL")
    moved = li.post(
        f"{API}/tickets/{exchange['id']}/move", json={"version": 1, "to": "doing", "fields": {"wanted": "XL"}}
    )
    assert moved.status_code == 200
    board = li.get(f"{API}/tickets/board").json()
    assert [(each["state"], each["count"]) for each in board["columns"][:2]] == [("new", 1), ("doing", 1)]
    assert board["counts"] == {"mine": 1, "unassigned": 1, "open": 2, "overdue": 0}

    def found(**query: Any) -> list[int]:
        return [each["id"] for each in li.get(f"{API}/tickets", params=query).json()["tickets"]]

    assert found(q="羽绒服 换码") == [exchange["id"]]
    assert found(q="到账") == [refund["id"]]
    assert found(q=refund["no"]) == [refund["id"]]
    assert found(q="火箭发射") == []
    assert found(state="doing") == [exchange["id"]]
    assert found(agent="li") == [exchange["id"]]
    assert found(order="SO1", sort="newest") == [exchange["id"], refund["id"]]
    theirs = li.get(f"{API}/chats/{chat}/tickets").json()
    assert {each["id"] for each in theirs["tickets"]} == {refund["id"], exchange["id"]}


def test_a_promise_is_noted_watched_and_kept_by_its_ticket(world: World) -> None:
    li = world.person("li")
    chat = _with(world, li)
    said = {"client_id": "a", "text": "您放心，24小时内给您退款"}
    assert li.post(f"{API}/chats/{chat}/messages", json=said).status_code == 201
    noted = li.get(f"{API}/chats/{chat}/tickets").json()["promises"]
    assert [(each["kind"], each["state"], each["type"]) for each in noted] == [("refund", "open", "refund")]
    draft = li.get(f"{API}/chats/{chat}/ticket-draft").json()["draft"]
    assert draft["promise"] == {name: noted[0][name] for name in ("id", "words", "due_at")}
    complaint = li.get(f"{API}/chats/{chat}/ticket-draft", params={"type": "complaint"}).json()["draft"]
    assert complaint["promise"] is None
    made = _raise(li, chat, promise=draft["promise"]["id"])
    assert made["due_at"] == noted[0]["due_at"]
    url = f"{API}/tickets/{made['id']}/move"
    li.post(url, json={"version": 1, "to": "doing"})
    li.post(url, json={"version": 2, "to": "done", "why": "退了", "fields": {"amount": "1"}})
    assert li.get(f"{API}/chats/{chat}/tickets").json()["promises"][0]["state"] == "kept"


def test_a_proposed_promise_waits_for_a_yes(world: World) -> None:
    li = world.person("li")
    chat = _with(world, li)
    li.post(f"{API}/chats/{chat}/messages", json={"client_id": "a", "text": "今天给您补一张优惠券"})
    proposed = li.get(f"{API}/chats/{chat}/tickets").json()["promises"][0]
    assert proposed["state"] == "proposed"
    assert li.get(f"{API}/promises").json()["promises"] == []
    assert li.post(f"{API}/promises/{proposed['id']}/keep", json={}).json()["promise"]["state"] == "open"
    assert [each["id"] for each in li.get(f"{API}/promises").json()["promises"]] == [proposed["id"]]
    assert li.post(f"{API}/promises/{proposed['id']}/done", json={}).json()["promise"]["state"] == "kept"
    assert li.post(f"{API}/promises/{proposed['id']}/drop", json={}).json()["code"] == "settled"


def test_a_telephone_number_is_masked_for_colleagues_in_the_history_too(world: World) -> None:
    li, wang = world.person("li"), world.person("wang")
    before, then, after = "13812345678", "13887654321", "13899990000"
    made = _raise(li, None, type="callback", fields={"phone": before})
    url = f"{API}/tickets/{made['id']}"
    li.patch(url, json={"version": 1, "fields": {"phone": then}})
    # A change of the type keeps what was filled in, and what that was stays hidden.
    li.patch(url, json={"version": 2, "type": "other"})
    li.patch(url, json={"version": 3, "type": "callback"})
    moved = li.post(f"{url}/move", json={"version": 4, "to": "doing", "fields": {"phone": after}})
    assert all(each in moved.text for each in (before, then, after))
    seen = wang.get(url)
    assert not any(each in seen.text for each in (before, then, after))
    assert seen.json()["ticket"]["entries"][-1]["data"]["fields"] == {"phone": ["138****4321", "138****0000"]}
