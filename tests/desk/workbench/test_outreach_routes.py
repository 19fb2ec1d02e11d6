"""What merchants see and change of reminders, and what agents do with the call list."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from sixty.desk.staff.audit import AuditEntry
from sixty.outreach.calling import OUTCOMES
from sixty.outreach.models import OutreachContact, OutreachStop
from sixty.outreach.scenes_file import OUTREACH_FILE, read_scenes
from sixty.settings import project_root
from sixty.shop.database import shop_session
from sixty.shop.models import Customer, Order
from tests.desk.workbench.bench_world import World, now
from tests.outreach.outreach_rows import a_call, a_case, a_contact, a_rung, an_unpaid_order, no_night, reminded

PLACE = "variants.plain.text"


@pytest.fixture
def playbook(world: World, tmp_path: Path) -> Path:
    """A playbook of the world's own, to be changed."""
    folder = Path(shutil.copytree(project_root() / "playbook", tmp_path / "playbook"))
    settings = world.settings.copy(update={"playbook": folder})
    world.app.state.workbench = replace(world.app.state.workbench, settings=settings)
    return folder


def get(client: TestClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/desk/outreach{path}", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def post(client: TestClient, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/api/desk/outreach{path}", json=body)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def audited(world: World) -> list[str]:
    with shop_session(world.url, read_only=True) as session:
        return list(
            session.scalars(select(AuditEntry.what).where(AuditEntry.what.like("outreach%")).order_by(AuditEntry.id))
        )


def scene(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in told["scenes"] if each["id"] == name)


def test_all_scenes_with_how_today_stands(world: World) -> None:
    with shop_session(world.url) as session:
        case = a_case(session, "K1", now())
        a_rung(session, case, now())
        a_rung(session, case, now(), rung=2, way="sms", state="planned", decided_at=None, sent_at=None)
        held = a_case(session, "K2", now(), arm="control")
        a_rung(session, held, now(), state="held", sent_at=None, text="")
    told = get(world.person("boss", "supervisor"), "")
    assert len(told["scenes"]) >= 17
    unpaid = scene(told, "unpaid")
    assert unpaid["today"] == {"planned": 1, "sent": 1, "skipped": 0, "held": 1, "failed": 0}
    assert {each["place"] for each in unpaid["words"]} >= {PLACE, "ladder.2.text"}
    assert [each["way"] for each in unpaid["ladder"]] == ["chat", "sms", "phone"]


def test_pausing_one_and_all(world: World) -> None:
    boss = world.person("boss", "supervisor")
    told = post(boss, "/pause", scene="unpaid")
    assert scene(told, "unpaid")["paused"]
    assert not scene(told, "review")["paused"]
    told = post(boss, "/pause", scene="*")
    assert told["paused"]
    assert scene(told, "review")["paused"]
    assert not scene(told, "review")["paused_itself"]
    told = post(boss, "/resume", scene="*")
    assert scene(told, "unpaid")["paused"]
    assert not scene(told, "review")["paused"]
    post(boss, "/pause", 404, scene="nothing")
    assert audited(world) == ["outreach_paused", "outreach_paused", "outreach_resumed"]


def test_what_was_said_to_whom_and_why_not(world: World) -> None:
    with shop_session(world.url) as session:
        session.add(Customer(id="K1", nickname="王小明", phone="13800001001"))
        session.flush()
        for number in range(3):
            case = a_case(session, "K1", now(), order_no=f"2026{number}", converted_at=now() if number else None)
            a_rung(session, case, now() - timedelta(minutes=number))
        skipped = a_case(session, "K2", now())
        a_rung(session, skipped, now(), state="skipped", reason="capped", sent_at=None, text="")
    boss = world.person("boss", "supervisor")
    told = get(boss, "/log", state="sent", limit=2)
    assert [each["order_no"] for each in told["steps"]] == ["20260", "20261"]
    assert told["steps"][0]["customer"]["name"] == "王小明"
    assert told["reasons"] == [{"reason": "capped", "title": "次数到上限了", "count": 1}]
    rest = get(boss, "/log", state="sent", limit=2, before=told["cursor"])
    assert [each["order_no"] for each in rest["steps"]] == ["20262"]
    assert not rest["more"]
    (why,) = get(boss, "/log", state="skipped")["steps"]
    assert (why["reason_title"], why["text"]) == ("次数到上限了", "")
    assert [each["order_no"] for each in get(boss, "/log", who="20261")["steps"]] == ["20261"]
    course = get(boss, f"/cases/{told['steps'][0]['case']}")["case"]
    assert [each["state"] for each in course["rungs"]] == ["sent"]
    assert audited(world) == ["outreach_log", "outreach_case"]


def test_the_plan_of_today(world: World) -> None:
    with shop_session(world.url) as session:
        for number in range(3):
            case = a_case(session, f"K{number}", now(), exposed_at=None, order_no=f"2026{number}")
            due = now() + timedelta(seconds=number)
            a_rung(session, case, due, state="planned", decided_at=None, sent_at=None, text="")
        later = a_case(session, "K9", now(), exposed_at=None)
        a_rung(session, later, now() + timedelta(days=3), state="planned", decided_at=None, sent_at=None, text="")
    boss = world.person("boss", "supervisor")
    first = get(boss, "/plan", limit=2)
    rest = get(boss, "/plan", limit=2, after=first["cursor"])
    assert [each["order_no"] for each in (*first["steps"], *rest["steps"])] == ["20260", "20261", "20262"]
    assert first["more"]
    assert not rest["more"]


def test_words_are_looked_at_changed_and_changed_back(world: World, playbook: Path) -> None:
    boss = world.person("boss", "supervisor")
    before = next(each["text"] for each in scene(get(boss, ""), "unpaid")["words"] if each["place"] == PLACE)
    after = "{product}给您留到今晚～"
    seen = post(boss, "/words/preview", scene="unpaid", place=PLACE, text=after)
    assert (seen["text"], seen["problems"]) == ("多口袋耐磨工装裤给您留到今晚～", [])
    assert "product" in [each["name"] for each in seen["variables"]]
    assert (seen["sms"], seen["hints"]) == (None, [])
    wrong = post(boss, "/words/preview", scene="unpaid", place=PLACE, text="{prodct}")
    assert wrong["problems"] == [{"message": "没有变量 {prodct}", "remedy": "是不是想写 {product}（商品名）？"}]
    assert wrong["text"] is None
    post(boss, "/words/preview", 404, scene="unpaid", place="control", text="0.5")
    post(boss, "/words/preview", 404, scene="nothing", place=PLACE, text="好")

    file = playbook / OUTREACH_FILE
    as_it_was = file.read_text(encoding="utf-8")
    edit = post(boss, "/words", 201, scene="unpaid", place=PLACE, before=before, after=after)["edit"]
    assert after in [each.text for each in read_scenes(playbook).scenes["unpaid"].variants]
    refused = post(boss, "/words", 409, scene="unpaid", place=PLACE, before=before, after="别的")
    assert (refused["code"], refused["now"]) == ("changed_meanwhile", after)
    assert post(boss, "/words", 422, scene="unpaid", place=PLACE, before=after, after="史上最低的{product}")["problems"]
    post(boss, "/words/undo", 201, edit=edit["id"])
    assert file.read_text(encoding="utf-8") == as_it_was
    assert [each["by"] for each in get(boss, "/words/history", scene="unpaid")["edits"]] == ["boss", "boss"]


def test_an_sms_is_looked_at_as_it_is_sent(world: World, playbook: Path) -> None:
    boss = world.person("boss", "supervisor")
    place = "ladder.2.text"
    seen = post(boss, "/words/preview", scene="unpaid", place=place, text="您拍下的{product}\n点 {link} 付款。")
    assert seen["text"] == ("【六拾优选】您拍下的多口袋耐磨工装裤 点 https://shop.example/m 付款。 拒收请回复R")
    assert seen["sms"] == {"length": len(seen["text"]), "parts": 1}
    assert seen["hints"] == ["没写怎么退订，发出时会在句末加上“拒收请回复R”"]
    assert "link" in [each["name"] for each in seen["variables"]]
    told = post(boss, "/words/preview", scene="unpaid", place=place, text=f"{'付' * 47}，退订回R")
    assert (told["hints"], told["sms"]) == ([], {"length": 58, "parts": 1})
    long = post(boss, "/words/preview", scene="unpaid", place=place, text=f"{'付' * 60}，退订回R")
    assert long["sms"] == {"length": 71, "parts": 2}


def test_what_reminders_bring_about(world: World) -> None:
    with shop_session(world.url) as session:
        for number in range(120):
            control = number % 3 == 0
            bought = number % 10 == 0 if control else number % 2 == 0
            case = a_case(
                session,
                f"K{number}",
                now() - timedelta(days=2),
                arm="control" if control else "reminded",
                variant="short" if number % 5 == 0 else "plain",
                converted_at=now() if bought else None,
                recovered=Decimal("100.00") if bought else None,
                answered_at=now() if number % 7 == 0 and not control else None,
            )
            if not control:
                a_rung(session, case, now(), delivered_at=now(), cost=Decimal("0.05"))
    boss = world.person("boss", "supervisor")
    told = get(boss, "/lift")
    (line,) = told["lines"]
    assert (line["cases"], line["control_cases"], line["verdict"]) == (80, 40, "broken")
    assert (line["sent"], line["delivered"], line["cost"]) == (80, 80, "4.00")
    assert line["converted"] == 40
    assert line["recovered"] == "4000.00"
    assert line["difference"]["low"] < line["difference"]["value"] < line["difference"]["high"]
    # Beyond what the control group brought: (0.5 - 0.1) of 80 cases at 100 yuan.
    assert line["control_converted"] == 4
    assert line["extra_revenue"]["value"] == pytest.approx(3200)
    assert line["return_on_cost"]["value"] == pytest.approx(799)
    assert (told["together"]["converted"], told["together"]["recovered"]) == (40, "4000.00")
    wordings = get(boss, "/lift", depth="variant")["lines"]
    assert [each["variant"] for each in wordings] == ["plain", "short"]
    # Wordings are compared with all who were left alone, whatever the draw of the scene should have been.
    assert {each["control_cases"] for each in wordings} == {40}
    assert wordings[0]["verdict"] == "more"
    (day,) = get(boss, "/days")["days"]
    assert (day["reminded"], day["held"], day["converted"], day["recovered"]) == (80, 40, 40, "4000.00")
    assert get(boss, "/days", scene="review")["days"] == []


@pytest.fixture
def by_day(world: World, playbook: Path) -> World:
    """No night comes, whenever this runs."""
    no_night(playbook / OUTREACH_FILE)
    return world


def test_what_somebody_would_hear_and_why_not(by_day: World) -> None:
    who, long_ago = reminded("unpaid", 0.1), now() - timedelta(days=9)
    with shop_session(by_day.url) as session:
        an_unpaid_order(session, who, "60001", now(), chat=False)
        an_unpaid_order(session, "K999", "60002", now())
        past = a_case(session, who, long_ago, order_no="60000", state="ended", created_at=long_ago)
        a_rung(session, past, long_ago)
    boss = by_day.person("boss", "supervisor")
    told = get(boss, "/foreseen", who="60001")["steps"]
    assert told == get(boss, "/foreseen", who=f" {who} ")["steps"]
    # Without a chat the SMS has its turn; what was said before is in the log.
    assert [(each["order_no"], each["way"], each["why_not"]) for each in told if each["scene"] == "unpaid"] == [
        ("60001", "chat", "没有能发消息的聊天"),
        ("60001", "sms", None),
    ]
    assert "夹克P1" in told[0]["text"]
    assert {each["order_no"] for each in get(boss, "/foreseen", who="60002")["steps"]} == {"60002"}
    nobody = get(boss, "/foreseen", who="K404")
    assert (nobody["is_known"], nobody["steps"]) == (False, [])
    assert get(boss, "/plan")["steps"] == []
    assert audited(by_day)[:2] == ["outreach_foreseen", "outreach_foreseen"]


def test_a_call_that_is_not_to_be_made_any_more_says_why(by_day: World) -> None:
    with shop_session(by_day.url) as session:
        call = a_call(session, "K1", "900.00", now())
        session.get(Order, "2026K1").state = "paid"
    li = by_day.person("li")
    assert post(li, f"/calls/{call}/take", 409)["message"] == "这个电话不用打了：已经做到了"
    assert get(li, "/calls")["calls"] == []
    with shop_session(by_day.url, read_only=True) as session:
        contact = session.get(OutreachContact, call)
        assert (contact.state, contact.problem) == ("failed", "没打：已经做到了")
    assert audited(by_day) == ["outreach_call_off"]


def test_a_call_is_taken_made_and_written_down(by_day: World) -> None:
    world = by_day
    with shop_session(world.url) as session:
        first = a_call(session, "K1", "900.00", now())
        a_call(session, "K2", "2000.00", now())
    li, wang = world.person("li"), world.person("wang")
    listed = get(li, "/calls")
    assert [each["amount"] for each in listed["calls"]] == ["2000.00", "900.00"]
    assert {each["dial"] for each in listed["calls"]} == {None}
    assert listed["calls"][0]["number"] == "138****1001"

    assert post(li, f"/calls/{first}/take")["call"]["dial"] == "+8613800001001"
    post(wang, f"/calls/{first}/take", 404)
    assert len(get(wang, "/calls")["calls"]) == 1
    post(wang, f"/calls/{first}/outcome", 404, outcome="reached")
    post(li, f"/calls/{first}/give-back")
    post(wang, f"/calls/{first}/take")
    done = post(wang, f"/calls/{first}/outcome", outcome="no_more", note="说太贵，别再打了")["call"]
    assert (done["state"], done["note"], done["dial"]) == ("done", "说太贵，别再打了", None)
    with shop_session(world.url, read_only=True) as session:
        assert session.get(OutreachContact, first).outcome == "no_more"
        assert [each.subject for each in session.scalars(select(OutreachStop))] == ["K1"]
    assert audited(world).count("outreach_call_taken") == 2


def test_the_outbox_shows_what_would_be_sent_and_no_numbers(world: World) -> None:
    with shop_session(world.url) as session:
        case = a_case(session, "K1", now())
        a_contact(session, a_rung(session, case, now(), rung=2, way="sms"), now(), way="sms", provider="outbox")
        a_contact(session, a_rung(session, case, now(), rung=3, way="phone"), now())
    boss = world.person("boss", "supervisor")
    assert [each["way"] for each in get(boss, "/outbox")["contacts"]] == ["phone", "sms"]
    (sms,) = get(boss, "/outbox", way="sms")["contacts"]
    assert (sms["number"], sms["provider"]) == ("138****1001", "outbox")


def test_what_went_wrong_is_told_as_the_engine_wrote_it(world: World) -> None:
    with shop_session(world.url) as session:
        rung = a_rung(session, a_case(session, "K1", now()), now(), rung=2, way="sms")
        a_contact(session, rung, now(), way="sms", problem="服务商回执：没有送到")
    (sms,) = get(world.person("boss", "supervisor"), "/outbox")["contacts"]
    assert sms["problem"] == "服务商回执：没有送到"


def test_how_a_call_went_is_told_in_chinese(world: World) -> None:
    with shop_session(world.url) as session:
        rung = a_rung(session, a_case(session, "K1", now()), now(), rung=3, way="phone")
        a_contact(session, rung, now(), state="done", outcome="reached", taken_by="li", done_at=now())
    (call,) = get(world.person("boss", "supervisor"), "/outbox", way="phone")["contacts"]
    assert (call["outcome"], call["outcome_title"]) == ("reached", "打通了，再想想")
    assert {each["value"] for each in get(world.person("wang"), "/calls")["outcomes"]} == set(OUTCOMES)


READS = ("", "/plan", "/log", "/lift", "/days", "/outbox", "/words/history", "/cases/1", "/foreseen?who=K1")


@pytest.mark.parametrize("path", READS)
def test_agents_and_trainers_see_none_of_it(world: World, path: str) -> None:
    for who in (world.person("li"), world.person("study", "trainer")):
        assert who.get(f"/api/desk/outreach{path}").status_code == 403


def test_agents_change_nothing_and_trainers_call_nobody(world: World) -> None:
    li, study = world.person("li"), world.person("study", "trainer")
    for path, body in (
        ("/pause", {"scene": "*"}),
        ("/resume", {"scene": "*"}),
        ("/words", {"scene": "unpaid", "place": PLACE, "before": "", "after": "a"}),
        ("/words/undo", {"edit": 1}),
    ):
        assert li.post(f"/api/desk/outreach{path}", json=body).status_code == 403
    assert study.get("/api/desk/outreach/calls").status_code == 403
    assert world.client().get("/api/desk/outreach/calls").status_code == 401


@pytest.mark.parametrize("before", ["nonsense", "2026-11-01T00:00:00_1", "_"])
def test_a_place_in_a_list_that_is_none(world: World, before: str) -> None:
    answer = world.person("boss", "supervisor").get("/api/desk/outreach/log", params={"before": before})
    assert answer.status_code == 422
