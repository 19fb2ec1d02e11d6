from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.staff import attempts, audit, staff_sessions
from sixty.desk.staff.accounts import (
    Account,
    LastAdminError,
    LoginTakenError,
    accounts,
    add_account,
    change_password,
    change_role,
    find_account,
    first_admin,
    new_one_time_password,
    permissions,
)
from sixty.desk.staff.passwords import (
    WeakPasswordError,
    check_strength,
    hashed,
    is_outdated,
    matches,
    one_time_password,
)
from sixty.desk.staff.roles import MAY, PERMISSIONS, ROLES
from sixty.desk.staff.sign_in import SignedIn, begin_try, compare, let_in
from sixty.shop.database import shop_session

NOW = datetime(2026, 5, 20, 7, 0, tzinfo=timezone.utc)
GOOD = "一把好椅子配一张大桌"


def signs_in(session: Session, login: str, password: str, at: datetime = NOW) -> SignedIn | attempts.Locked | None:
    """The whole way, one step after the other."""
    tried = begin_try(session, login, "1.2.3.4", at)
    if isinstance(tried, attempts.Locked):
        return tried
    fitting = compare(tried, password)
    return let_in(session, fitting, at) if fitting is not None else None


def test_the_first_start_makes_one_admin_and_tells_its_password_once(session: Session) -> None:
    password = first_admin(session, NOW)
    assert password is not None
    assert first_admin(session, NOW) is None
    [admin] = accounts(session)
    assert (admin.login, admin.role, admin.must_change_password, admin.agent_id) == ("admin", "admin", True, None)
    assert password not in (admin.password or "")
    assert matches(password, admin.password or "")


def test_a_one_time_password_opens_nothing_but_the_change_of_it(session: Session) -> None:
    account, password = add_account(session, "xiao-li", "小李", "agent", NOW)
    assert permissions(account) == frozenset()
    assert change_password(account, "not it", GOOD) is False
    assert change_password(account, password, GOOD) is True
    assert permissions(account) == MAY["agent"]
    entered = signs_in(session, " Xiao-Li ", GOOD)
    assert isinstance(entered, SignedIn)
    assert entered.account is account
    assert signs_in(session, "xiao-li", password) is None
    assert signs_in(session, "nobody", GOOD) is None


def test_logins_are_taken_once_and_have_a_form(session: Session) -> None:
    add_account(session, "li", "小李", "agent", NOW)
    with pytest.raises(LoginTakenError):
        add_account(session, "li", "老李", "agent", NOW)
    for wrong in ("", "Li", "-li", "小李", "l" * 33, "li li"):
        with pytest.raises(ValueError, match="登录名"):
            add_account(session, wrong, "小李", "agent", NOW)
    with pytest.raises(ValueError, match="名字"):
        add_account(session, "wang", "  ", "agent", NOW)


def test_the_last_admin_stays(session: Session) -> None:
    first_admin(session, NOW)
    admin = find_account(session, "admin")
    assert admin is not None
    for role, active in (("agent", True), ("admin", False)):
        with pytest.raises(LastAdminError):
            change_role(session, admin, role, active)  # type: ignore[arg-type]
    other, _ = add_account(session, "second", "二号", "admin", NOW)
    change_role(session, admin, "supervisor", True)
    assert admin.role == "supervisor"
    with pytest.raises(LastAdminError):
        change_role(session, other, "admin", False)


def test_who_has_left_may_do_nothing_and_cannot_sign_in(session: Session) -> None:
    account, password = add_account(session, "li", "小李", "supervisor", NOW)
    change_password(account, password, GOOD)
    token = staff_sessions.begin_session(session, account, NOW)
    change_role(session, account, "supervisor", active=False)
    assert permissions(account) == frozenset()
    assert signs_in(session, "li", GOOD) is None
    assert staff_sessions.session_of(session, token, NOW) is None


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "1234567890", "my-xiao-li-1", "x" * 129])
def test_weak_passwords_are_refused_with_the_reason(password: str) -> None:
    with pytest.raises(WeakPasswordError, match="密码"):
        check_strength(password, "xiao-li")


def test_a_forgotten_password_is_replaced_by_one_for_once(session: Session) -> None:
    account, first = add_account(session, "li", "小李", "agent", NOW)
    change_password(account, first, GOOD)
    again = new_one_time_password(account)
    assert again != first
    assert account.must_change_password
    assert signs_in(session, "li", GOOD) is None


def test_one_time_passwords_are_strong_and_differ() -> None:
    made = {one_time_password() for _ in range(50)}
    assert len(made) == 50
    for each in made:
        check_strength(each, "admin")


def test_hashes_of_one_password_differ() -> None:
    assert hashed(GOOD) != hashed(GOOD)
    assert not matches(GOOD, "no hash at all")


def test_every_role_has_its_permissions() -> None:
    assert set(MAY) == set(ROLES)
    assert MAY["admin"] == frozenset(PERMISSIONS)
    assert not MAY["trainer"] & {"customer.read", "customer.clear", "chat.take", "staff.write"}
    assert "staff.write" not in MAY["supervisor"]
    assert MAY["agent"] < MAY["supervisor"]


def test_a_session_ends_when_idle_and_after_a_week(session: Session) -> None:
    account, _ = add_account(session, "li", "小李", "agent", NOW)
    token = staff_sessions.begin_session(session, account, NOW)
    found = staff_sessions.session_of(session, token, NOW + timedelta(hours=11))
    assert found is not None
    assert found[0] is account
    assert staff_sessions.session_of(session, token, NOW + staff_sessions.IDLE) is None
    at = NOW
    while at < NOW + staff_sessions.LONGEST - timedelta(hours=10):
        at += timedelta(hours=10)
        assert staff_sessions.session_of(session, token, at) is not None
        staff_sessions.note_seen(session, token, at)
    assert staff_sessions.session_of(session, token, NOW + staff_sessions.LONGEST) is None
    assert staff_sessions.session_of(session, "forged", NOW) is None


def test_the_table_keeps_no_cookie(session: Session) -> None:
    account, _ = add_account(session, "li", "小李", "agent", NOW)
    token = staff_sessions.begin_session(session, account, NOW)
    [kept] = session.scalars(select(staff_sessions.StaffSession.token)).all()
    assert token not in kept


def test_signing_out_ends_one_browser_or_all_others(session: Session) -> None:
    account, _ = add_account(session, "li", "小李", "agent", NOW)
    one, two, three = (staff_sessions.begin_session(session, account, NOW) for _ in range(3))
    staff_sessions.end_session(session, one)
    assert staff_sessions.session_of(session, one, NOW) is None
    staff_sessions.end_sessions_of(session, account.id, but=two)
    assert staff_sessions.session_of(session, two, NOW) is not None
    assert staff_sessions.session_of(session, three, NOW) is None
    assert staff_sessions.has_sessions(session, account.id, NOW)
    staff_sessions.end_sessions_of(session, account.id)
    assert not staff_sessions.has_sessions(session, account.id, NOW)


def test_a_forged_request_lacks_what_belongs_to_the_cookie() -> None:
    right = staff_sessions.csrf_of("cookie", "secret")
    assert staff_sessions.is_csrf(right, "cookie", "secret")
    for given, token, secret in (("", "cookie", "secret"), (right, "other", "secret"), (right, "cookie", "other")):
        assert not staff_sessions.is_csrf(given, token, secret)
    assert not staff_sessions.is_csrf("全角", "cookie", "secret")


def _account(session: Session) -> Account:
    account, password = add_account(session, "li", "小李", "agent", NOW)
    change_password(account, password, GOOD)
    return account


def test_signing_in_is_noted_and_failures_lock_the_login_for_a_while(session: Session) -> None:
    account = _account(session)
    for _ in range(attempts.MOST_OF_A_LOGIN):
        assert signs_in(session, "li", "wrong wrong wrong") is None
    lock = signs_in(session, "LI", GOOD, NOW + timedelta(minutes=1))
    assert lock == attempts.Locked(True, NOW + attempts.WINDOW)
    later = NOW + attempts.WINDOW + timedelta(seconds=1)
    entered = signs_in(session, "li", GOOD, later)
    assert isinstance(entered, SignedIn)
    assert entered.account is account
    assert account.signed_in_at == later
    assert [(each.account_id, each.what) for each in audit.entries(session)] == [(account.id, "signed_in")]


def test_a_success_clears_the_count(session: Session) -> None:
    _account(session)
    for _ in range(3):
        for _ in range(attempts.MOST_OF_A_LOGIN - 1):
            signs_in(session, "li", "wrong wrong wrong")
        assert isinstance(signs_in(session, "li", GOOD), SignedIn)


def test_an_address_that_tries_many_logins_is_locked(session: Session) -> None:
    for number in range(attempts.MOST_OF_AN_ADDRESS):
        attempts.count_try(session, f"login{number}", "1.2.3.4", NOW)
    assert attempts.locked(session, "another", "1.2.3.4", NOW) == attempts.Locked(False, NOW + attempts.WINDOW)
    assert attempts.locked(session, "another", "5.6.7.8", NOW) is None


def test_a_right_password_forgives_what_came_before_it_and_not_what_came_after(session: Session) -> None:
    _account(session)
    tried = begin_try(session, "li", "1.2.3.4", NOW)
    assert not isinstance(tried, attempts.Locked)
    for _ in range(attempts.MOST_OF_A_LOGIN - 1):
        assert isinstance(attempts.count_try(session, "li", "6.6.6.6", NOW), int)
    fitting = compare(tried, GOOD)
    assert fitting is not None
    assert isinstance(let_in(session, fitting, NOW), SignedIn)
    assert isinstance(attempts.count_try(session, "li", "6.6.6.6", NOW), int)
    assert isinstance(attempts.count_try(session, "li", "6.6.6.6", NOW), attempts.Locked)


def test_a_password_that_is_replaced_while_it_is_compared_opens_nothing(session: Session) -> None:
    account = _account(session)
    tried = begin_try(session, "li", "1.2.3.4", NOW)
    assert not isinstance(tried, attempts.Locked)
    fitting = compare(tried, GOOD)
    assert fitting is not None
    new_one_time_password(account)
    assert let_in(session, fitting, NOW) is None
    assert "password" not in repr(fitting)


def test_an_old_hash_is_renewed(session: Session) -> None:
    account = _account(session)
    account.password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    assert isinstance(signs_in(session, "li", GOOD), SignedIn)
    assert not is_outdated(account.password)
    assert matches(GOOD, account.password)


def test_of_many_tries_at_once_no_more_are_heard_than_one_after_the_other(database_url: str) -> None:
    with shop_session(database_url) as session:
        _account(session)
    begin = threading.Barrier(12)

    def guess(number: int) -> str:
        begin.wait(60)
        with shop_session(database_url) as session:
            tried = begin_try(session, "li", f"10.0.0.{number}", NOW)
        if isinstance(tried, attempts.Locked):
            return "locked"
        return "right" if compare(tried, "wrong wrong wrong") else "heard"

    with ThreadPoolExecutor(12) as pool:
        came = list(pool.map(guess, range(12)))
    assert came.count("heard") == attempts.MOST_OF_A_LOGIN
    assert came.count("locked") == 12 - attempts.MOST_OF_A_LOGIN


def test_what_failed_is_kept_unreadable(session: Session) -> None:
    attempts.count_try(session, "my-password-by-mistake", "1.2.3.4", NOW)
    [(login, address)] = session.execute(select(attempts.SignInAttempt.login, attempts.SignInAttempt.address)).all()
    assert "password" not in login
    assert "1.2" not in address


def test_the_log_is_read_in_pages_and_by_person(session: Session) -> None:
    account = _account(session)
    for number in range(5):
        audit.note(session, account.id, "chat_opened", NOW, conversation_id=f"c{number}", detail="x" * 500)
    audit.note(session, None, "signed_out", NOW)
    first = audit.entries(session, what="chat_opened", limit=3)
    assert [each.conversation_id for each in first] == ["c4", "c3", "c2"]
    rest = audit.entries(session, account_id=account.id, before=first[-1].id)
    assert [each.conversation_id for each in rest] == ["c1", "c0"]
    assert len(rest[0].detail) == audit.LONGEST_DETAIL
