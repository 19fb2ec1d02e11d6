"""Who gets in, who does not, and what a forged request comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sixty.desk.agents import Agent, somebody_works_here
from sixty.desk.staff.accounts import add_account, first_admin
from sixty.desk.staff.attempts import MOST_OF_A_LOGIN
from sixty.desk.staff.audit import note
from sixty.desk.staff.passwords import matches
from sixty.desk.staff.signed_in import CSRF_HEADER
from sixty.desk.staff.staff_sessions import IDLE, StaffSession
from sixty.desk.workbench.pace import Pace
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import PASSWORD, World, now

API = "/api/desk"


def test_the_first_admin_changes_the_one_time_password_before_anything_else(world: World) -> None:
    with shop_session(world.url) as session:
        one_time = first_admin(session, now())
    client = world.client()
    me = client.post(f"{API}/sign-in", json={"login": "admin", "password": one_time}).json()
    assert me["must_change_password"] is True
    assert me["permissions"] == []
    assert me["agent"] is None
    client.headers[CSRF_HEADER] = me["csrf"]
    assert client.get(f"{API}/chats").json()["code"] == "must_change_password"
    assert client.patch(f"{API}/me", json={"sound": False}).json()["code"] == "must_change_password"
    with shop_session(world.url, read_only=True) as session:
        assert not somebody_works_here(session)
    weak = client.post(f"{API}/password", json={"old": one_time, "new": "admin12345"})
    assert (weak.status_code, weak.json()["code"]) == (422, "weak")
    wrong = client.post(f"{API}/password", json={"old": "not it", "new": PASSWORD})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong")
    assert client.post(f"{API}/password", json={"old": one_time, "new": PASSWORD}).status_code == 204
    me = client.get(f"{API}/me").json()
    assert me["must_change_password"] is False
    assert "staff.write" in me["permissions"]
    assert me["agent"]["id"] == "admin"
    assert client.get(f"{API}/chats").status_code == 200


def test_an_unknown_login_and_a_wrong_password_are_told_in_the_same_words(world: World) -> None:
    world.person("li")
    answers = [
        world.client().post(f"{API}/sign-in", json={"login": login, "password": password})
        for login, password in (("li", "wrong password"), ("nobody", PASSWORD))
    ]
    assert [each.status_code for each in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert "set-cookie" not in answers[0].headers


@pytest.mark.parametrize("path", ["sign-in", "password"])
def test_nobody_waits_while_a_password_is_compared(world: World, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    li = world.person("li")
    written: list[str] = []

    def matches_slowly(password: str, kept: str) -> bool:
        # With a transaction of the request's own open, SQLite would not let this one begin.
        with shop_session(world.url) as session:
            note(session, None, "meanwhile", now())
        written.append(path)
        return matches(password, kept)

    monkeypatch.setattr("sixty.desk.staff.sign_in.matches", matches_slowly)
    body = {"login": "li", "password": PASSWORD} if path == "sign-in" else {"old": PASSWORD, "new": f"{PASSWORD}呀"}
    assert li.post(f"{API}/{path}", json=body).status_code in (200, 204)
    assert written == [path]


def test_a_login_is_locked_after_some_wrong_passwords_and_says_for_how_long(world: World) -> None:
    world.person("li")
    client = world.client()
    for _ in range(MOST_OF_A_LOGIN):
        client.post(f"{API}/sign-in", json={"login": "li", "password": "wrong password"})
    locked = client.post(f"{API}/sign-in", json={"login": "li", "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (403, "locked")
    assert 0 < locked.json()["retry_after"] <= 15 * 60
    assert locked.headers["retry-after"] == str(locked.json()["retry_after"])


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"Content-Type": "text/plain"}, '{"login":"li","password":"x"}', "malformed"),
        ({"Content-Type": "application/json", "Origin": "https://evil.example"}, "{}", "csrf"),
        ({"Content-Type": "application/json"}, "[]", "malformed"),
        ({"Content-Type": "application/json"}, "{" * 70_000, "too_big"),
        ({"Content-Type": "application/json"}, '{"login":"li","password":"x","role":"admin"}', "malformed"),
    ],
)
def test_what_is_no_sign_in_is_refused(world: World, headers: dict[str, str], body: str, code: str) -> None:
    answer = world.client().post(f"{API}/sign-in", content=body, headers=headers)
    assert answer.status_code in (403, 413, 422)
    assert answer.json()["code"] == code
    assert answer.headers["cache-control"] == "no-store"


def test_a_cookie_that_was_not_given_opens_nothing(world: World) -> None:
    li = world.person("li")
    for forged in ("", "x" * 43, world.token(li)[::-1], f"{world.token(li)}A"):
        client = world.client()
        client.cookies.set("sixty_desk", forged, domain="testserver.local", path=API)
        answer = client.get(f"{API}/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_a_request_without_the_pages_token_changes_nothing(world: World) -> None:
    li, wang = world.person("li"), world.person("wang")
    for csrf in ("", "0" * 64, wang.headers[CSRF_HEADER]):
        answer = li.put(f"{API}/presence", json={"state": "busy"}, headers={CSRF_HEADER: csrf})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert li.get(f"{API}/me").json()["agent"]["presence"] == "online"


def test_the_cookie_is_for_this_desk_and_no_script(world: World) -> None:
    world.person("li")
    answer = world.client().post(f"{API}/sign-in", json={"login": "li", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/api/desk" in cookie


def test_who_signs_out_everywhere_is_not_at_work_any_more(world: World) -> None:
    first = world.person("li")
    second = world.signed_in("li")
    assert first.post(f"{API}/sign-out").status_code == 204
    assert first.get(f"{API}/me").status_code == 401
    assert second.get(f"{API}/me").json()["agent"]["presence"] == "online"
    second.post(f"{API}/sign-out")
    with shop_session(world.url, read_only=True) as session:
        assert session.get(Agent, "li").presence == "offline"  # type: ignore[union-attr]


def test_a_new_password_signs_the_other_browsers_out(world: World) -> None:
    first, second = world.person("li"), world.signed_in("li")
    assert first.post(f"{API}/password", json={"old": PASSWORD, "new": f"{PASSWORD}呀"}).status_code == 204
    assert first.get(f"{API}/me").status_code == 200
    assert second.get(f"{API}/me").status_code == 401


def test_a_session_that_nobody_uses_ends(world: World) -> None:
    li = world.person("li")
    with shop_session(world.url) as session:
        for each in session.query(StaffSession):
            each.seen_at = now() - IDLE - timedelta(seconds=1)
    assert li.get(f"{API}/me").status_code == 401


def test_who_writes_too_fast_is_told_to_wait(world: World) -> None:
    li = world.person("li")
    world.app.state.workbench = replace(world.bench, pace=Pace(burst=3, per_second=0.001))
    answers = [li.patch(f"{API}/me", json={}) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "too_fast"
    assert answers[3].headers["retry-after"] == str(answers[3].json()["retry_after"])
    assert li.get(f"{API}/me").status_code == 200


def test_a_bucket_fills_up_again_and_is_each_sessions_own() -> None:
    pace = Pace(burst=2, per_second=1.0)
    assert [pace.too_fast("a", 0.0) for _ in range(3)] == [0, 0, 1]
    assert pace.too_fast("b", 0.0) == 0
    assert pace.too_fast("a", 1.0) == 0
    assert pace.too_fast("a", 1.5) == 1
    assert [pace.too_fast("a", 100.0) for _ in range(3)] == [0, 0, 1]


def test_everybody_decides_their_own_language_and_name(world: World) -> None:
    li = world.person("li")
    me = li.patch(f"{API}/me", json={"language": "en", "sound": False, "name": " 小 荔 "}).json()
    assert (me["account"]["language"], me["account"]["sound"], me["agent"]["name"]) == ("en", False, "小 荔")
    assert li.patch(f"{API}/me", json={"role": "admin"}).status_code == 422
    assert li.patch(f"{API}/me", json={"name": "  "}).status_code == 422


def test_who_has_left_is_out_at_once(world: World) -> None:
    boss, li = world.person("boss", "admin"), world.person("li")
    account = world.account("li")
    chat = world.customer()
    assert li.post(f"{API}/chats/{chat}/claim", json={}).status_code == 200
    assert boss.patch(f"{API}/staff/{account.id}", json={"active": False}).status_code == 200
    assert li.get(f"{API}/me").status_code == 401
    # What they had waits for somebody else.
    assert [each["id"] for each in boss.get(f"{API}/chats", params={"box": "queue"}).json()["chats"]] == [chat]


def test_staff_is_managed_by_who_may(world: World) -> None:
    boss, li = world.person("boss", "admin"), world.person("li")
    wish = {"login": "new", "name": "新人", "role": "agent", "groups": ["aftersale"], "capacity": 3}
    assert li.post(f"{API}/staff", json=wish).json()["code"] == "not_allowed"
    assert li.get(f"{API}/staff").status_code == 403
    made = boss.post(f"{API}/staff", json=wish)
    assert made.status_code == 201
    assert (made.json()["agent"]["groups"], made.json()["agent"]["capacity"]) == (["aftersale"], 3)
    assert boss.post(f"{API}/staff", json=wish).json()["code"] == "login_taken"
    assert boss.post(f"{API}/staff", json={**wish, "login": "x", "groups": ["none"]}).status_code == 422
    own = world.account("boss").id
    assert boss.patch(f"{API}/staff/{own}", json={"role": "agent"}).json()["code"] == "last_admin"
    chief = world.person("chief", "supervisor")
    number = made.json()["account"]["id"]
    assert chief.patch(f"{API}/staff/{number}", json={"capacity": 7}).json()["agent"]["capacity"] == 7
    assert chief.patch(f"{API}/staff/{number}", json={"role": "admin"}).status_code == 403
    assert boss.patch(f"{API}/staff/{number}", json={"role": "trainer"}).status_code == 200
    with shop_session(world.url, read_only=True) as session:
        assert session.get(Agent, "new").active is False  # type: ignore[union-attr]


def test_what_was_done_stands_in_the_log(world: World) -> None:
    chief, li = world.person("chief", "supervisor"), world.person("li")
    chat = world.customer()
    li.post(f"{API}/chats/{chat}/claim", json={})
    li.get(f"{API}/chats/{chat}")
    li.get(f"{API}/chats/{chat}")
    assert li.get(f"{API}/audit").status_code == 403
    found = chief.get(f"{API}/audit", params={"what": "chat_opened"}).json()
    assert [(each["account"]["login"], each["chat"], each["customer"]) for each in found["entries"]] == [
        ("li", chat, "K001")
    ]
    page = chief.get(f"{API}/audit", params={"limit": 1}).json()
    assert page["more"] is True
    assert chief.get(f"{API}/audit", params={"before": page["entries"][0]["id"]}).json()["entries"]


def test_a_login_becomes_an_agent_of_a_name_that_can_be_one(world: World) -> None:
    with shop_session(world.url) as session:
        add_account(session, "a.b_c", "某人", "agent", now())
    boss = world.person("a-b-c", "admin")
    number = world.account("a.b_c").id
    assert boss.patch(f"{API}/staff/{number}", json={"capacity": 2}).json()["agent"]["id"] == "a-b-c-2"
