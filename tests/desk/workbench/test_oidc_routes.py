"""Who comes in by way of an identity provider, who does not, and what a forged answer comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from fastapi.testclient import TestClient

from sixty.desk.agents import Agent
from sixty.desk.app import create_app
from sixty.desk.staff.accounts import Account, add_account, change_role, find_account
from sixty.desk.staff.audit import AuditEntry
from sixty.desk.staff.oidc.begun import COOKIE
from sixty.desk.workbench.pace import Pace
from sixty.settings import Settings
from sixty.shop.database import shop_session
from tests.desk.staff.oidc_provider import CLIENT_ID, CLIENT_SECRET, Key, Provider, ec_key, rsa_key, running
from tests.desk.workbench.bench_world import PASSWORD, World, now

API = "/api/desk"


@pytest.fixture(scope="module")
def key() -> Key:
    return rsa_key()


@pytest.fixture
def provider(key: Key) -> Iterator[Provider]:
    with running(Provider(key)) as made:
        yield made


@dataclass
class Desk:
    """A desk with a provider."""

    world: World
    provider: Provider
    folder: Path

    def set(self, **settings: Any) -> Desk:
        known = {
            "oidc_issuer": self.provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
            **settings,
        }
        app = create_app(Settings(**{**self.world.settings.dict(), **known}), self.folder)
        self.world.app.state.workbench.live.stop()
        self.world.app = app
        return self

    def begun(self, client: TestClient) -> str:
        """Begins, and comes to the provider, which sends one back: the address."""
        there = client.get(f"{API}/oidc/begin", follow_redirects=False)
        assert there.status_code == 303
        answer = requests.get(there.headers["location"], allow_redirects=False, timeout=10)
        back = urlsplit(answer.headers["location"])
        assert f"{back.scheme}://{back.netloc}" == self.world.settings.public_desk_url
        return f"{back.path}?{back.query}"

    def came(self, client: TestClient | None = None) -> str:
        """Signs in; where the browser ends up: `in`, or the trouble that the sign-in page tells."""
        client = client or self.world.client()
        return landed(client.get(self.begun(client), follow_redirects=False).headers["location"])

    def account(self, login: str) -> Account | None:
        with shop_session(self.world.url, read_only=True) as session:
            return find_account(session, login)

    def add(self, login: str, role: str = "agent") -> None:
        with shop_session(self.world.url) as session:
            add_account(session, login, login, role, now())  # type: ignore[arg-type]


def landed(location: str) -> str:
    address = urlsplit(location)
    assert address.path == "/desk"
    return parse_qs(address.query).get("trouble", ["in"])[0]


@pytest.fixture
def desk(world: World, provider: Provider, tmp_path: Path) -> Desk:
    return Desk(world, provider, tmp_path).set()


def test_who_is_known_by_their_login_is_linked_and_let_in(desk: Desk) -> None:
    desk.add("li")
    client = desk.world.client()
    assert desk.came(client) == "in"
    me = client.get(f"{API}/me").json()
    assert (me["account"]["login"], me["agent"]["id"], me["must_change_password"]) == ("li", "li", False)
    assert me["account"]["has_password"] is False
    account = desk.account("li")
    assert account is not None
    assert (account.subject, account.password) == (f"{desk.provider.issuer} u-1", None)
    with shop_session(desk.world.url, read_only=True) as session:
        noted = [(each.what, each.detail) for each in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert noted == [("account_linked", "li"), ("signed_in", "oidc")]


def test_who_is_linked_stays_themselves_under_another_name(desk: Desk) -> None:
    desk.add("li")
    assert desk.came() == "in"
    desk.provider.claims = {"sub": "u-1", "preferred_username": "wang"}
    client = desk.world.client()
    assert desk.came(client) == "in"
    assert client.get(f"{API}/me").json()["account"]["login"] == "li"


def test_another_person_of_the_same_name_is_not_let_in(desk: Desk) -> None:
    desk.add("li")
    assert desk.came() == "in"
    desk.provider.claims = {"sub": "u-2", "preferred_username": "li"}
    assert desk.came() == "login"


def test_a_stranger_is_refused_or_gets_an_account(desk: Desk) -> None:
    assert desk.came() == "stranger"
    assert desk.account("li") is None
    desk.set(oidc_accounts="create")
    assert desk.came() == "in"
    account = desk.account("li")
    assert account is not None
    assert (account.role, account.name, account.password) == ("agent", "小荔", None)
    assert desk.came() == "in"


def test_a_login_alone_links_nobody_where_that_is_not_wanted(desk: Desk) -> None:
    desk.set(oidc_accounts="linked").add("li")
    assert desk.came() == "stranger"


def test_nobody_becomes_an_admin_by_a_name(desk: Desk) -> None:
    desk.add("li", "admin")
    assert desk.came() == "login"
    desk.set(oidc_role_claim="roles", oidc_roles={"boss": "admin"})
    desk.provider.claims["roles"] = ["boss"]
    assert desk.came() == "in"


def test_the_provider_says_what_somebody_may_do_and_for_whom(desk: Desk) -> None:
    desk.set(
        oidc_accounts="create",
        oidc_role_claim="realm_access.roles",
        oidc_roles={"desk-chief": "supervisor", "desk": "agent"},
        oidc_groups_claim="groups",
        oidc_groups={"after": "aftersale", "gone": "no_such_group"},
    )
    assert desk.came() == "role"
    desk.provider.claims |= {"realm_access": {"roles": ["desk", "desk-chief"]}, "groups": ["after", "gone"]}
    client = desk.world.client()
    assert desk.came(client) == "in"
    me = client.get(f"{API}/me").json()
    assert (me["account"]["role"], me["agent"]["groups"]) == ("supervisor", ["aftersale"])
    desk.provider.claims |= {"realm_access": {"roles": ["desk"]}, "groups": []}
    assert desk.came() == "in"
    account = desk.account("li")
    assert account is not None
    assert account.role == "agent"
    with shop_session(desk.world.url, read_only=True) as session:
        assert session.get(Agent, "li").groups == []  # type: ignore[union-attr]


def test_only_verified_addresses_of_the_shop_are_let_in(desk: Desk) -> None:
    desk.set(oidc_domains="shop.example", oidc_login_claim="email", oidc_accounts="create")
    for email, verified in (
        ("li@evil.example", True),
        ("li@shop.example", False),
        ("li@shop.example", None),
        ("", True),
    ):
        desk.provider.claims = {"sub": "u-1", "email": email, "email_verified": verified}
        assert desk.came() == "domain"
    desk.provider.claims = {"sub": "u-1", "email": "Li@Shop.example", "email_verified": True}
    assert desk.came() == "in"
    assert desk.account("li") is not None


def test_who_has_left_stays_out(desk: Desk) -> None:
    desk.add("li")
    assert desk.came() == "in"
    with shop_session(desk.world.url) as session:
        account = find_account(session, "li")
        assert account is not None
        change_role(session, account, "agent", active=False)
    assert desk.came() == "left"


FUTURE = 10_000


def wrong(**claims: Any) -> Callable[[dict[str, Any]], None]:
    def twist(told: dict[str, Any]) -> None:
        for name, value in claims.items():
            if value is None:
                told.pop(name)
            else:
                told[name] = told[name] + value if isinstance(value, int) else value

    return twist


@pytest.mark.parametrize(
    "twist",
    [
        wrong(nonce="another sign-in's"),
        wrong(nonce=None),
        wrong(aud="another desk"),
        wrong(aud=["another desk"]),
        wrong(azp="another desk"),
        wrong(iss="https://evil.example"),
        wrong(iss=None),
        wrong(exp=-FUTURE),
        wrong(exp=None),
        wrong(iat=FUTURE),
        wrong(sub=None),
        wrong(sub=""),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    desk: Desk, twist: Callable[[dict[str, Any]], None]
) -> None:
    desk.add("li")
    desk.provider.twist = twist
    client = desk.world.client()
    assert desk.came(client) == "invalid"
    assert client.get(f"{API}/me").status_code == 401
    with shop_session(desk.world.url, read_only=True) as session:
        [entry] = session.query(AuditEntry)
        assert entry.what == "oidc_refused"


def test_a_token_that_was_signed_by_somebody_else_opens_nothing(desk: Desk, key: Key) -> None:
    desk.add("li")
    desk.provider.key, desk.provider.published = rsa_key(), {"key-1": key}
    assert desk.came() == "invalid"
    desk.provider.kid = "unknown"
    assert desk.came() == "invalid"


def test_a_token_without_a_signature_opens_nothing(desk: Desk) -> None:
    desk.add("li")
    desk.provider.published = {"key-1": desk.provider.key}
    desk.provider.key, desk.provider.algorithm = None, "none"  # type: ignore[assignment]
    assert desk.came() == "invalid"


def test_a_public_key_is_no_secret_that_signs(desk: Desk, key: Key) -> None:
    desk.add("li")
    desk.provider.published = {"key-1": key}
    desk.provider.key, desk.provider.algorithm = "the public key of somebody, as text, long enough", "HS256"  # type: ignore[assignment]
    assert desk.came() == "invalid"


def test_elliptic_curves_and_new_keys_are_fine(desk: Desk) -> None:
    desk.add("li")
    assert desk.came() == "in"
    desk.provider.key, desk.provider.kid, desk.provider.algorithm = ec_key(), "key-2", "ES256"
    assert desk.came() == "in"
    assert desk.provider.asked.count("/keys") == 2
    assert desk.provider.asked.count("/.well-known/openid-configuration") == 1


def test_an_answer_counts_in_the_browser_that_asked_for_it_and_once(desk: Desk) -> None:
    desk.add("li")
    client, other = desk.world.client(), desk.world.client()
    back = desk.begun(client)
    assert landed(other.get(back, follow_redirects=False).headers["location"]) == "stale"
    desk.begun(other)
    assert landed(other.get(back, follow_redirects=False).headers["location"]) == "stale"
    assert landed(client.get(back, follow_redirects=False).headers["location"]) == "in"
    assert landed(client.get(back, follow_redirects=False).headers["location"]) == "stale"


def test_a_code_that_was_used_opens_nothing(desk: Desk) -> None:
    desk.add("li")
    client = desk.world.client()
    back = desk.begun(client)
    kept = client.cookies.get(COOKIE)
    assert kept
    assert landed(client.get(back, follow_redirects=False).headers["location"]) == "in"
    client.cookies.clear()
    client.cookies.set(COOKIE, kept, domain="testserver.local", path=f"{API}/oidc")
    assert landed(client.get(back, follow_redirects=False).headers["location"]) == "invalid"
    assert client.get(f"{API}/me").status_code == 401


def test_a_sign_in_that_took_too_long_begins_anew(desk: Desk) -> None:
    desk.add("li")
    client = desk.world.client()
    back = desk.begun(client)
    bench = desk.world.bench
    later = now() + timedelta(minutes=11)
    object.__setattr__(bench, "now", lambda: later)
    assert landed(client.get(back, follow_redirects=False).headers["location"]) == "stale"


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (lambda back: back.replace("state=", "state=x"), "stale"),
        (lambda back: back.replace("code=", "other="), "invalid"),
        (lambda back: back.replace("code=", "code=x"), "invalid"),
        (lambda back: back.replace("iss=http", "iss=https"), "invalid"),
        (lambda back: f"{back}&error=access_denied", "denied"),
    ],
)
def test_an_answer_that_was_changed_opens_nothing(desk: Desk, change: Callable[[str], str], trouble: str) -> None:
    desk.add("li")
    client = desk.world.client()
    back = change(desk.begun(client))
    assert landed(client.get(back, follow_redirects=False).headers["location"]) == trouble
    assert client.get(f"{API}/me").status_code == 401


def test_a_provider_that_is_down_is_said_to_be(desk: Desk) -> None:
    desk.add("li")
    desk.provider.gone = True
    client = desk.world.client()
    assert client.get(f"{API}/oidc").json() == {"enabled": True, "label": "公司账号", "password": True}
    there = client.get(f"{API}/oidc/begin", follow_redirects=False)
    assert landed(there.headers["location"]) == "down"
    desk.provider.gone = False
    back = desk.begun(client)
    desk.provider.gone = True
    assert landed(client.get(back, follow_redirects=False).headers["location"]) == "down"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_asked(desk: Desk, metadata: dict[str, Any]) -> None:
    desk.provider.metadata = metadata
    there = desk.world.client().get(f"{API}/oidc/begin", follow_redirects=False)
    assert landed(there.headers["location"]) == "invalid"


def test_the_cookie_of_a_sign_in_is_for_nothing_else(desk: Desk) -> None:
    there = desk.world.client().get(f"{API}/oidc/begin", follow_redirects=False)
    cookie = there.headers["set-cookie"].lower()
    for said in ("httponly", "samesite=lax", f"path={API}/oidc", "max-age=600"):
        assert said in cookie
    query = parse_qs(urlsplit(there.headers["location"]).query)
    assert query["redirect_uri"] == [f"{desk.world.settings.public_desk_url}{API}/oidc/back"]
    assert "openid" in query["scope"][0].split()


def test_who_comes_and_goes_too_often_is_told_to_wait(desk: Desk) -> None:
    desk.world.app.state.workbench = replace(desk.world.bench, strangers=Pace(burst=2, per_second=0.001))
    client = desk.world.client()
    answers = [client.get(f"{API}/oidc/begin", follow_redirects=False) for _ in range(3)]
    assert [each.status_code for each in answers] == [303, 303, 429]
    assert client.get(f"{API}/oidc/back", follow_redirects=False).json()["code"] == "too_fast"


def test_passwords_can_be_switched_off(desk: Desk) -> None:
    desk.world.person("wang", online=False)
    desk.set(password_sign_in=False)
    refused = desk.world.client().post(f"{API}/sign-in", json={"login": "wang", "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (403, "password_off")
    assert desk.world.client().get(f"{API}/oidc").json()["password"] is False


def test_a_desk_without_a_provider_says_so(world: World) -> None:
    assert world.client().get(f"{API}/oidc").json() == {"enabled": False, "label": "", "password": True}
    assert world.client().get(f"{API}/oidc/begin", follow_redirects=False).status_code == 404
