"""Inspection over the workbench's API: who sees what, scores, second scores, appeals."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from sixty.desk.assignments import Assignment
from sixty.desk.handoff_rows import HandOff
from sixty.desk.inspection.chat import Chat
from sixty.desk.inspection.inspecting import InspectionTicker
from sixty.desk.inspection.inspector import Inspector
from sixty.desk.inspection.mood_ear import MoodEar
from sixty.desk.inspection.plans import week_of
from sixty.desk.inspection.rows import Appeal, Finding, Inspection, Plan, Task
from sixty.desk.inspection.rules import read_inspection
from sixty.desk.inspection.stretch_reading import Reading, persons_chat
from sixty.desk.staff.audit import AuditEntry
from sixty.desk.tickets.rules import read_tickets
from sixty.settings import project_root
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import RULES, World, now

POINTS = {"understood": 20, "right": 30, "solved": 20, "warm": 15, "brief": 10, "written": 5}


def reading() -> Reading:
    playbook = project_root() / "playbook"
    rules = read_inspection(playbook)
    assert rules is not None
    return Reading(rules, RULES, read_tickets(playbook), MoodEar(Path(project_root())))


def inspector(world: World) -> Inspector:
    return Inspector(partial(shop_session, world.url), reading())


def closed_chat(world: World, agent: TestClient, *said: str) -> str:
    """A chat that an agent took, spoke in and closed."""
    chat = world.customer()
    assert agent.post(f"/api/desk/chats/{chat}/claim", json={}).status_code == 200
    for number, text in enumerate(said):
        sent = agent.post(f"/api/desk/chats/{chat}/messages", json={"client_id": f"{chat[:8]}-{number}", "text": text})
        assert sent.status_code == 201, sent.text
    closed = agent.post(f"/api/desk/chats/{chat}/close", json={"then": "done", "summary": "好了"})
    assert closed.status_code == 200, closed.text
    return chat


def inspected(world: World, **later: float) -> None:
    ticker = InspectionTicker(
        partial(shop_session, world.url), inspector(world), clock=lambda: now() + timedelta(**(later or {"minutes": 2}))
    )
    ticker.tick()


def rows(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/desk/inspection/chats?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["chats"]
    return found


def plan(client: TestClient, inspectors: list[int], **changes: Any) -> dict[str, Any]:
    body = {
        "title": "每周抽检",
        "form": "service",
        "share": 1.0,
        "at_least": 1,
        "by_risk": {"high": 3.0},
        "double_share": 0.0,
        "inspectors": inspectors,
        "seed": 7,
        **changes,
    }
    made = client.post("/api/desk/inspection/plans", json=body)
    assert made.status_code == 201, made.text
    shown: dict[str, Any] = made.json()["plan"]
    return shown


def draw(client: TestClient, plan_id: int) -> Any:
    week = week_of(now(), RULES.groups[-1].hours.zone)
    return client.post(f"/api/desk/inspection/plans/{plan_id}/draw", json={"week": week})


@pytest.fixture
def bad_chat(world: World) -> tuple[TestClient, TestClient, str]:
    """An agent's chat in which something is wrong, looked at; the agent, a supervisor, the chat."""
    agent, lead = world.person("an"), world.person("lead", "supervisor", online=False)
    chat = closed_chat(world, agent, "您好", "加我微信私聊，给您便宜", "祝您生活愉快，再见")
    inspected(world)
    return agent, lead, chat


def test_a_closed_chat_is_looked_at_once_with_its_evidence(
    world: World, bad_chat: tuple[TestClient, TestClient, str]
) -> None:
    _, lead, chat = bad_chat
    inspected(world, minutes=5)
    found = [each for each in rows(lead, "who=person") if each["chat"] == chat]
    assert len(found) == 1
    row = found[0]
    assert (row["score"], row["risk"], row["agent"]["name"]) == (0, "high", "小an")
    finding = next(each for each in row["findings"] if each["rule"] == "off_platform")
    shown = lead.get(f"/api/desk/inspection/chats/{row['id']}").json()
    line = next(each for each in shown["messages"] if each["id"] == finding["message"])
    assert line["text"][finding["start"] : finding["end"]].startswith("加我微信")


def test_filters(world: World, bad_chat: tuple[TestClient, TestClient, str]) -> None:
    agent, lead, chat = bad_chat
    fine = closed_chat(world, agent, "您好，在的", "三天能到哦", "祝您生活愉快，再见")
    inspected(world)
    assert {each["chat"] for each in rows(lead, "who=person")} == {chat, fine}
    assert [each["chat"] for each in rows(lead, "rule=off_platform")] == [chat]
    assert [each["chat"] for each in rows(lead, "risk=high")] == [chat]
    assert [each["chat"] for each in rows(lead, "who=person&risk=none")] == [fine]
    assert [each["chat"] for each in rows(lead, "score_below=60")] == [chat]
    assert rows(lead, "agent=nobody") == []
    first = lead.get("/api/desk/inspection/chats?who=person&limit=1").json()
    assert first["more"]
    second = rows(lead, f"who=person&limit=1&before={first['chats'][0]['id']}")
    assert {first["chats"][0]["chat"], second[0]["chat"]} == {chat, fine}


def test_an_agent_sees_their_own_only(world: World, bad_chat: tuple[TestClient, TestClient, str]) -> None:
    agent, lead, chat = bad_chat
    other = world.person("bo")
    theirs = closed_chat(world, other, "您好", "最低价了，全网第一", "再见")
    inspected(world)
    assert [each["chat"] for each in rows(agent)] == [chat]
    assert [each["chat"] for each in rows(agent, "agent=bo")] == [chat]
    assert [each["chat"] for each in rows(other)] == [theirs]
    foreign = next(each["id"] for each in rows(lead) if each["chat"] == theirs)
    assert agent.get(f"/api/desk/inspection/chats/{foreign}").status_code == 403
    assert [each["agent_id"] for each in agent.get("/api/desk/inspection/agents").json()["agents"]] == [
        rows(agent)[0]["agent"]["id"]
    ]
    for path in ("plans", "agreement", "tasks"):
        assert agent.get(f"/api/desk/inspection/{path}").status_code == 403


def test_opening_is_audited(world: World, bad_chat: tuple[TestClient, TestClient, str]) -> None:
    _, lead, chat = bad_chat
    lead.get(f"/api/desk/inspection/chats/{rows(lead)[0]['id']}")
    with shop_session(world.url, read_only=True) as session:
        entry = session.query(AuditEntry).filter(AuditEntry.what == "inspection_opened").one()
        assert (entry.account_id, entry.conversation_id) == (world.account("lead").id, chat)


def test_two_score_the_same_chat_without_seeing_each_other(
    world: World, bad_chat: tuple[TestClient, TestClient, str]
) -> None:
    agent, lead, _ = bad_chat
    second = world.person("li", "supervisor", online=False)
    ids = [world.account("lead").id, world.account("li").id]
    made = plan(lead, ids, double_share=1.0)
    assert draw(lead, made["id"]).json()["plan"]["draws"][0] | {"drawn_at": None} == {
        "week": week_of(now(), RULES.groups[-1].hours.zone),
        "chats": 1,
        "tasks": 2,
        "drawn_at": None,
    }
    assert draw(lead, made["id"]).json()["code"] == "drawn"
    task = lead.get("/api/desk/inspection/tasks").json()["tasks"][0]
    given = lead.post(f"/api/desk/inspection/tasks/{task['id']}/score", json={"points": POINTS, "comment": "不错"})
    assert given.json()["task"]["score"] == 100
    again = lead.post(f"/api/desk/inspection/tasks/{task['id']}/score", json={"points": POINTS})
    assert (again.status_code, again.json()["code"]) == (409, "scored")
    inspection = task["inspection"]
    assert second.get(f"/api/desk/inspection/chats/{inspection}").json()["scores"] == []
    assert [each["by_people"] for each in rows(second) if each["id"] == inspection] == [None]
    assert [each["by_people"] for each in rows(lead) if each["id"] == inspection] == [100]
    theirs = second.get("/api/desk/inspection/tasks").json()["tasks"][0]
    stolen = lead.post(f"/api/desk/inspection/tasks/{theirs['id']}/score", json={"points": POINTS})
    assert stolen.status_code == 404
    low = {**POINTS, "brief": 0}
    second.post(f"/api/desk/inspection/tasks/{theirs['id']}/score", json={"points": low})
    found = {each["criterion"]: each for each in lead.get("/api/desk/inspection/agreement").json()["agreement"]}
    assert (found["brief"]["count"], found["brief"]["same"]) == (1, 0.0)
    assert found["warm"]["same"] == 1.0
    assert [each["by_people"] for each in rows(second) if each["id"] == inspection] == [95]
    seen = agent.get(f"/api/desk/inspection/chats/{inspection}").json()["scores"]
    assert sorted(each["score"] for each in seen) == [90, 100]
    assert {each["inspector"] for each in seen} == {None}


@pytest.mark.parametrize(
    "points",
    [{}, {**POINTS, "brief": 3}, {**POINTS, "speed": 1}, {key: POINTS[key] for key in list(POINTS)[1:]}],
)
def test_points_that_do_not_fit_the_form_are_refused(
    world: World, bad_chat: tuple[TestClient, TestClient, str], points: dict[str, int]
) -> None:
    _, lead, _ = bad_chat
    draw(lead, plan(lead, [world.account("lead").id])["id"])
    task = lead.get("/api/desk/inspection/tasks").json()["tasks"][0]
    given = lead.post(f"/api/desk/inspection/tasks/{task['id']}/score", json={"points": points})
    assert (given.status_code, given.json()["code"]) == (422, "malformed")
    assert len(lead.get("/api/desk/inspection/tasks").json()["tasks"]) == 1


def test_a_trainer_scores_masked_chats_and_sees_no_others(
    world: World, bad_chat: tuple[TestClient, TestClient, str]
) -> None:
    agent, lead, _ = bad_chat
    trainer = world.person("train", "trainer")
    chat = closed_chat(world, agent, "您好", "您的电话是13912345678对吧", "再见")
    inspected(world)
    assert trainer.get("/api/desk/inspection/chats").status_code == 403
    with shop_session(world.url, read_only=True) as session:
        foreign = session.query(Inspection).filter(Inspection.conversation_id == chat).first()
        assert foreign is not None
    assert trainer.get(f"/api/desk/inspection/chats/{foreign.id}").status_code == 403
    draw(lead, plan(lead, [world.account("train").id])["id"])
    tasks = trainer.get("/api/desk/inspection/tasks").json()["tasks"]
    assert {each["chat"]["chat"] for each in tasks} >= {chat}
    shown = trainer.get(f"/api/desk/inspection/chats/{foreign.id}").text
    assert "13912345678" not in shown
    assert trainer.get("/api/desk/inspection/plans").status_code == 403


def test_an_appeal_is_decided_by_somebody_else_and_changes_the_score(
    world: World, bad_chat: tuple[TestClient, TestClient, str]
) -> None:
    agent, lead, _ = bad_chat
    row = rows(agent)[0]
    finding = next(each for each in row["findings"] if each["rule"] == "off_platform")
    made = agent.post("/api/desk/inspection/appeals", json={"finding": finding["id"], "text": "说的是官方服务号"})
    assert made.status_code == 201, made.text
    again = agent.post("/api/desk/inspection/appeals", json={"finding": finding["id"], "text": "再说一次"})
    assert again.json()["code"] == "appealed"
    number = made.json()["appeal"]["id"]
    assert (
        agent.post(f"/api/desk/inspection/appeals/{number}", json={"state": "withdrawn", "reason": "对"}).status_code
        == 403
    )
    assert [each["id"] for each in lead.get("/api/desk/inspection/appeals?state=open").json()["appeals"]] == [number]
    empty = lead.post(f"/api/desk/inspection/appeals/{number}", json={"state": "withdrawn", "reason": " "})
    assert empty.status_code == 422
    done = lead.post(f"/api/desk/inspection/appeals/{number}", json={"state": "withdrawn", "reason": "确实是服务号"})
    assert done.json()["appeal"]["state"] == "withdrawn"
    twice = lead.post(f"/api/desk/inspection/appeals/{number}", json={"state": "upheld", "reason": "再想想"})
    assert twice.json()["code"] == "decided"
    after = rows(agent)[0]
    assert after["score"] > 0
    assert next(each for each in after["findings"] if each["id"] == finding["id"])["state"] == "withdrawn"
    mine = agent.get("/api/desk/inspection/appeals").json()["appeals"][0]
    assert (mine["state"], mine["reason"]) == ("withdrawn", "确实是服务号")


def test_who_scored_does_not_decide_about_it(world: World, bad_chat: tuple[TestClient, TestClient, str]) -> None:
    agent, lead, _ = bad_chat
    other = world.person("li", "supervisor", online=False)
    draw(lead, plan(lead, [world.account("lead").id])["id"])
    task = lead.get("/api/desk/inspection/tasks").json()["tasks"][0]
    lead.post(f"/api/desk/inspection/tasks/{task['id']}/score", json={"points": {**POINTS, "solved": 0}})
    made = agent.post("/api/desk/inspection/appeals", json={"task": task["id"], "text": "顾客说解决了"}).json()[
        "appeal"
    ]
    decision = {"state": "withdrawn", "reason": "是解决了"}
    own = lead.post(f"/api/desk/inspection/appeals/{made['id']}", json=decision)
    assert (own.status_code, own.json()["code"]) == (409, "own_judgement")
    assert other.post(f"/api/desk/inspection/appeals/{made['id']}", json=decision).status_code == 200
    assert agent.get("/api/desk/inspection/agents").json()["agents"][0]["by_people"] is None


def test_nobody_appeals_in_a_colleagues_name_or_too_late(
    world: World, bad_chat: tuple[TestClient, TestClient, str]
) -> None:
    agent, _, _ = bad_chat
    other = world.person("bo")
    finding = rows(agent)[0]["findings"][0]["id"]
    assert other.post("/api/desk/inspection/appeals", json={"finding": finding, "text": "不对"}).status_code == 404
    with shop_session(world.url) as session:
        session.execute(update(Finding).values(found_at=now() - timedelta(days=8)))
    late = agent.post("/api/desk/inspection/appeals", json={"finding": finding, "text": "不对"})
    assert (late.status_code, late.json()["code"]) == (409, "too_late")


def test_a_plan_that_cannot_be_is_refused(world: World) -> None:
    lead = world.person("lead", "supervisor", online=False)
    agent = world.person("an")
    body = {"title": "抽检", "form": "none", "share": 0.1, "inspectors": [world.account("lead").id]}
    assert lead.post("/api/desk/inspection/plans", json=body).status_code == 422
    body |= {"form": "service", "inspectors": [world.account("an").id]}
    assert lead.post("/api/desk/inspection/plans", json=body).status_code == 422
    assert agent.post("/api/desk/inspection/plans", json=body).status_code == 403


def test_a_promise_is_looked_at_again_when_its_time_is_over(world: World) -> None:
    agent, lead = world.person("an"), world.person("lead", "supervisor", online=False)
    chat = closed_chat(world, agent, "您好", "我给您申请退款，24小时内退到您账户", "祝您生活愉快")
    inspected(world)
    row = next(each for each in rows(lead) if each["chat"] == chat)
    assert "promise_unkept" not in {each["rule"] for each in row["findings"]}
    assert row["look_again_at"] is not None
    inspected(world, hours=30)
    row = next(each for each in rows(lead) if each["chat"] == chat)
    assert [each["rule"] for each in row["findings"] if each["state"] == "standing"] == ["promise_unkept"]
    assert (row["score"], row["look_again_at"]) == (75, None)


def test_two_desks_look_at_a_chat_once(world: World) -> None:
    agent = world.person("an")
    chat = closed_chat(world, agent, "您好", "再见")
    first, second = inspector(world), inspector(world)
    moment = now() + timedelta(minutes=2)
    # Both have read the chat before either writes.
    with shop_session(world.url, read_only=True) as session:
        assignment = session.query(Assignment).filter(Assignment.conversation_id == chat).one()
        hand_off = session.get(HandOff, assignment.hand_off_id)
        read = [each._looked_at_person(session, assignment, hand_off, moment) for each in (first, second)]
    for each, looked in zip((first, second), read, strict=True):
        each._keep([looked], moment)
    with shop_session(world.url, read_only=True) as session:
        assert session.query(Inspection).filter(Inspection.conversation_id == chat).count() == 1


def copy_of(row: Any, **changes: Any) -> Any:
    """The same row once more."""
    known = {each.name: getattr(row, each.name) for each in row.__table__.columns if each.name != "id"}
    return type(row)(**{**known, **changes})


def test_ones_own_appeals_are_there_however_many_others_are_newer(
    world: World, bad_chat: tuple[TestClient, TestClient, str]
) -> None:
    agent, lead, _ = bad_chat
    about = rows(agent)[0]["findings"][0]["id"]
    own = agent.post("/api/desk/inspection/appeals", json={"finding": about, "text": "不对"}).json()["appeal"]["id"]
    draw(lead, plan(lead, [world.account("lead").id])["id"])
    account, inspection = world.account("lead").id, rows(lead)[0]["id"]
    with shop_session(world.url) as session:
        for _ in range(201):
            copied = copy_of(session.query(Plan).first())
            session.add(copied)
            session.flush()
            session.add(copy_of(session.query(Task).first(), plan_id=copied.id))
        for number in range(201):
            finding = Finding(
                inspection_id=inspection,
                key=f"more-{number}",
                rule="off_platform",
                kind="forbidden",
                severity="minor",
                weight=1,
                further=[],
                detail={},
                state="standing",
                found_at=now(),
            )
            session.add(finding)
            session.flush()
            session.add(
                Appeal(
                    inspection_id=inspection,
                    finding_id=finding.id,
                    account_id=account,
                    text="不对",
                    state="open",
                    made_at=now(),
                )
            )
    assert [each["id"] for each in agent.get("/api/desk/inspection/appeals").json()["appeals"]] == [own]
    counted = lead.get("/api/desk/inspection").json()
    assert (counted["tasks_open"], counted["appeals_open"]) == (202, 202)


def test_a_chat_that_cannot_be_read_keeps_nobody_from_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = world.person("an")
    odd, fine = closed_chat(world, agent, "您好"), closed_chat(world, agent, "您好", "再见")

    def read(session: Session, assignment: Assignment, *further: Any) -> Chat:
        if assignment.conversation_id == odd:
            raise ValueError("an odd chat")
        return persons_chat(session, assignment, *further)

    monkeypatch.setattr("sixty.desk.inspection.inspector.persons_chat", read)
    inspected(world)
    with shop_session(world.url, read_only=True) as session:
        looked = session.query(Inspection).filter(Inspection.who == "person")
        assert {each.conversation_id: each.state for each in looked} == {odd: "failed", fine: "done"}


def test_nothing_of_the_bots_is_looked_at_again(world: World, bad_chat: tuple[TestClient, TestClient, str]) -> None:
    _, lead, chat = bad_chat
    with shop_session(world.url) as session:
        made = session.query(Inspection).filter(Inspection.conversation_id == chat).one()
        made.who, made.key, made.look_again_at = "bot", f"bot:{chat}:1", now()
    behind = closed_chat(world, world.person("bo"), "您好", "我给您申请退款，24小时内退到您账户")
    inspected(world)
    inspected(world, hours=30)
    promised = next(each for each in rows(lead, "who=person") if each["chat"] == behind)
    assert "promise_unkept" in {each["rule"] for each in promised["findings"]}


def test_samples_are_drawn_whatever_keeps_chats_from_being_looked_at(
    world: World, bad_chat: tuple[TestClient, TestClient, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, lead, _ = bad_chat
    plan(lead, [world.account("lead").id])

    def fails(*_: Any) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(Inspector, "look", fails)
    with pytest.raises(OSError, match="disk"):
        inspected(world, days=7)
    assert len(lead.get("/api/desk/inspection/tasks").json()["tasks"]) == 1
