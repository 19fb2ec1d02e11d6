"""The environment is read once, in one place, and says plainly what is wrong."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

import pytest

from sixty.desk.staff.roles import ROLES
from sixty.settings import Settings, SettingsError, get_settings, project_root


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in list(os.environ):
        if name.startswith("SIXTY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


def test_defaults_of_a_fresh_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIXTY_VAR")
    monkeypatch.setenv("SIXTY_SECRET", "x" * 32)
    settings = Settings.from_environment()
    assert settings.environment == "development"
    assert settings.demo is True
    assert settings.database_url == f"sqlite:///{project_root() / 'var' / 'sixty.db'}"
    assert settings.playbook == project_root() / "playbook"
    assert (settings.rasa_host, settings.rasa_port) == ("127.0.0.1", 5005)
    assert (settings.actions_port, settings.desk_port) == (5055, 8600)
    assert settings.public_rasa_url == "http://localhost:5005"
    assert settings.public_desk_url == "http://localhost:8600"


def test_the_project_root_holds_the_project() -> None:
    assert (project_root() / "pyproject.toml").is_file()


def test_the_database_follows_the_var_folder(bare_environment: Path) -> None:
    assert Settings.from_environment().database_url == f"sqlite:///{bare_environment / 'sixty.db'}"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///here/shop.db", f"sqlite:///{project_root() / 'here/shop.db'}"),
        ("sqlite:////srv/shop.db", "sqlite:////srv/shop.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("postgresql+psycopg2:///shop", "postgresql+psycopg2:///shop"),
    ],
)
def test_a_relative_database_is_the_projects(monkeypatch: pytest.MonkeyPatch, given: str, meant: str) -> None:
    monkeypatch.setenv("SIXTY_DATABASE_URL", given)
    assert Settings.from_environment().database_url == meant


def test_the_public_address_follows_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_RASA_PORT", "6005")
    assert Settings.from_environment().public_rasa_url == "http://localhost:6005"
    monkeypatch.setenv("SIXTY_PUBLIC_RASA_URL", "https://chat.example/")
    assert Settings.from_environment().public_rasa_url == "https://chat.example"


def test_a_secret_is_made_once_and_kept_private(bare_environment: Path) -> None:
    first = Settings.from_environment().secret
    assert len(first) >= 32
    assert Settings.from_environment().secret == first
    assert stat.S_IMODE((bare_environment / "secret").stat().st_mode) == 0o600
    assert [file.name for file in bare_environment.iterdir()] == ["secret"]


def test_processes_that_start_together_agree_on_a_secret() -> None:
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: Settings.from_environment().secret, range(64)))
    assert len(secrets) == 1


def test_the_secret_is_not_shown() -> None:
    settings = Settings.from_environment()
    assert settings.secret not in repr(settings)


def test_production_without_a_secret_does_not_start(monkeypatch: pytest.MonkeyPatch, bare_environment: Path) -> None:
    monkeypatch.setenv("SIXTY_ENVIRONMENT", "production")
    with pytest.raises(SettingsError, match=r"^SIXTY_SECRET is missing") as error:
        Settings.from_environment()
    assert "\n" not in str(error.value)
    assert not bare_environment.exists()


def test_production_has_no_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_ENVIRONMENT", "production")
    monkeypatch.setenv("SIXTY_SECRET", "s" * 32)
    assert Settings.from_environment().demo is False
    monkeypatch.setenv("SIXTY_DEMO", "true")
    with pytest.raises(SettingsError, match=r"^SIXTY_DEMO "):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIXTY_SECRET", "short"),
        ("SIXTY_ENVIRONMENT", "staging"),
        ("SIXTY_RASA_PORT", "no port"),
        ("SIXTY_DESK_PORT", "0"),
        ("SIXTY_ACTIONS_PORT", "65536"),
        ("SIXTY_LOG_FORMAT", "xml"),
        ("SIXTY_VAR", "/dev/null/var"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        Settings.from_environment()
    assert str(error.value).startswith(name)
    assert "\n" not in str(error.value)


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    get_settings.cache_clear()
    try:
        first = get_settings()
        monkeypatch.setenv("SIXTY_RASA_PORT", "6005")
        assert get_settings() is first
    finally:
        get_settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MERCHANT_KEYS", '{"site": "short"}', "shorter than 32 characters"),
        ("MERCHANT_KEYS", '{"site": "-----BEGIN PRIVATE KEY-----"}', "private key"),
        ("MERCHANT_KEYS", "site", "is no JSON"),
        ("API_KEYS", '{"app": "short"}', "shorter than 32 characters"),
        ("API_KEYS", '{"app": ""}', "shorter than 32 characters"),
        ("API_KEYS", '{"local": "%s"}' % ("a" * 32), "a name that cannot be: 'local'"),
        ("API_KEYS", '{"my app:": "%s"}' % ("a" * 32), "a name that cannot be"),
        ("API_REPLY_URLS", '{"app": "https://shop.example"}', "no key of SIXTY_API_KEYS"),
        ("SMS_SECRETS", '{"mas": "short"}', "a secret for 'mas' that is shorter than 32 characters"),
        ("SMS_SECRETS", "mas=%s" % ("a" * 32), "is no JSON"),
        ("SMS_PROVIDER", "aliyun", "neither outbox nor a path"),
        ("SMS_PROVIDER", "my shop:make", "neither outbox nor a path"),
        ("REDIS_URL", "localhost:6379", "must begin with redis://"),
        ("PROXIES", "-1", "greater than or equal to 0"),
    ],
)
def test_keys_and_addresses_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"SIXTY_{name}", value)
    with pytest.raises(SettingsError, match=said) as caught:
        Settings.from_environment()
    assert f"SIXTY_{name}" in str(caught.value)
    assert "aaaa" not in str(caught.value)


def test_keys_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_MERCHANT_KEYS", '{"2026-11": "%s"}' % ("m" * 32))
    monkeypatch.setenv("SIXTY_API_KEYS", json.dumps({"app": f"{'a' * 32} {'b' * 32}"}))
    monkeypatch.setenv("SIXTY_API_REPLY_URLS", '{"app": "https://shop.example/sixty"}')
    settings = Settings.from_environment()
    assert settings.api_reply_urls == {"app": "https://shop.example/sixty"}
    shown = repr(settings)
    assert not [each for each in ("mmmm", "aaaa", "bbbb") if each in shown]


def test_an_address_for_replies_begins_with_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_API_KEYS", '{"app": "%s"}' % ("a" * 32))
    monkeypatch.setenv("SIXTY_API_REPLY_URLS", '{"app": "ftp://shop.example"}')
    with pytest.raises(SettingsError, match="does not begin with https"):
        Settings.from_environment()


def test_some_conversations_are_a_control_group_in_production_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment().control_share == 0
    monkeypatch.setenv("SIXTY_ENVIRONMENT", "production")
    monkeypatch.setenv("SIXTY_SECRET", "s" * 32)
    assert Settings.from_environment().control_share == 0.05
    monkeypatch.setenv("SIXTY_CONTROL_SHARE", "0.2")
    assert Settings.from_environment().control_share == 0.2
    monkeypatch.setenv("SIXTY_CONTROL_SHARE", "0.6")
    with pytest.raises(SettingsError, match=r"^SIXTY_CONTROL_SHARE "):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"OIDC_ISSUER": "http://sso.example"}, "SIXTY_OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://sso.example/?tenant=1"}, "SIXTY_OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://sso.example"}, "SIXTY_OIDC_CLIENT_ID"),
        ({"OIDC_SCOPES": "email profile"}, "SIXTY_OIDC_SCOPES"),
        ({"OIDC_DOMAINS": "li@shop.example"}, "SIXTY_OIDC_DOMAINS"),
        ({"OIDC_ROLE_CLAIM": "roles"}, "SIXTY_OIDC_ROLES"),
        ({"OIDC_ROLES": '{"desk": "owner"}'}, "SIXTY_OIDC_ROLES"),
        ({"OIDC_ACCOUNTS": "everybody"}, "SIXTY_OIDC_ACCOUNTS"),
        ({"PASSWORD_SIGN_IN": "false"}, "SIXTY_PASSWORD_SIGN_IN"),
    ],
)
def test_an_identity_provider_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"SIXTY_{name}", value)
    with pytest.raises(SettingsError, match=named):
        Settings.from_environment()


def test_an_identity_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "OIDC_ISSUER": "https://sso.example/realms/shop",
        "OIDC_CLIENT_ID": "sixty",
        "OIDC_CLIENT_SECRET": "not to be shown",
        "OIDC_ROLE_CLAIM": "roles",
        "OIDC_ROLES": '{"chief": "supervisor", "desk": "agent"}',
        "OIDC_DOMAINS": " Shop.example  shop.test ",
        "PASSWORD_SIGN_IN": "false",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SIXTY_{name}", value)
    settings = Settings.from_environment()
    assert list(settings.oidc_roles) == ["chief", "desk"]
    assert settings.oidc_domains == "shop.example shop.test"
    assert settings.password_sign_in is False
    assert "not to be shown" not in repr(settings)
    known = Settings.__fields__["oidc_roles"].type_
    assert get_args(known) == ROLES
