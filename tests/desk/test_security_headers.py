from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from sixty.desk.app import create_app
from sixty.settings import Settings, SettingsError

SHOPS = "https://www.shop.example  https://*.other.example:8443"


def client(tmp_path: Path, origins: str = "", built: bool = True) -> TestClient:
    if built:
        for name in ("index.html", "chat.html", "widget.js"):
            (tmp_path / name).write_text("六拾", encoding="utf-8")
    settings = Settings(
        secret="k" * 40,
        database_url=f"sqlite:///{tmp_path / 'shop.db'}",
        public_rasa_url="https://bot.example",
        widget_origins=origins,
        demo=False,
    )
    return TestClient(create_app(settings, tmp_path))


def policy_of(answer: object) -> dict[str, str]:
    header = answer.headers["content-security-policy"]  # type: ignore[attr-defined]
    return {name: value for name, _, value in (each.strip().partition(" ") for each in header.split(";"))}


def test_nobody_else_may_show_the_chat_unless_named(tmp_path: Path) -> None:
    assert policy_of(client(tmp_path).get("/chat"))["frame-ancestors"] == "'self'"
    named = client(tmp_path, SHOPS).get("/chat")
    assert policy_of(named)["frame-ancestors"] == "'self' https://www.shop.example https://*.other.example:8443"
    # Browsers would still go by this one where they do not know the other.
    assert "x-frame-options" not in named.headers
    assert named.headers["cross-origin-resource-policy"] == "cross-origin"


def test_the_sites_reach_nothing_but_the_chat(tmp_path: Path) -> None:
    desk = client(tmp_path, SHOPS)
    for path in ("/", "/chat/", "/nowhere", "/widget.js"):
        answer = desk.get(path, follow_redirects=False)
        assert policy_of(answer)["frame-ancestors"] == "'self'"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert desk.get("/").headers["cross-origin-resource-policy"] == "same-origin"


def test_scripts_styles_and_lines_are_the_desks_own_everywhere(tmp_path: Path) -> None:
    desk = client(tmp_path, SHOPS)
    for path in ("/", "/chat"):
        policy = policy_of(desk.get(path))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["frame-src"] == "'self'"
        assert policy["connect-src"] == "'self' https://bot.example wss://bot.example"
        assert "unsafe" not in str(policy)
    assert "https://www.shop.example" in policy_of(desk.get("/chat"))["img-src"]
    assert "https://www.shop.example" not in policy_of(desk.get("/"))["img-src"]


def test_the_workbench_talks_to_its_own_server_alone_and_is_shown_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "desk.html").write_text("客服工作台", encoding="utf-8")
    desk = client(tmp_path, SHOPS)
    for path in ("/desk", "/desk?trouble=stale"):
        answer = desk.get(path)
        assert (answer.status_code, answer.text) == (200, "客服工作台")
        policy = policy_of(answer)
        assert policy["style-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
        assert policy["default-src"] == policy["frame-ancestors"] == policy["form-action"] == "'none'"
        assert "unsafe" not in str(policy)
        assert "example" not in str(policy)
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_loader_may_be_loaded_by_any_page_in_any_characters(tmp_path: Path) -> None:
    script = client(tmp_path).get("/widget.js")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.text == "六拾"


def test_before_the_page_is_built(tmp_path: Path) -> None:
    desk = client(tmp_path, built=False)
    assert desk.get("/widget.js").status_code == 404
    assert desk.get("/chat").status_code == 503
    assert "make run" in desk.get("/chat").text


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://*",
        "javascript:x",
        "https://a.example;script-src",
        "'unsafe-inline'",
        "https://shop.example\r\nX: y",
    ],
)
def test_what_is_no_site_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, origin: str) -> None:
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path))
    monkeypatch.setenv("SIXTY_WIDGET_ORIGINS", origin)
    with pytest.raises(SettingsError, match=r"SIXTY_WIDGET_ORIGINS has .*, which is no site"):
        Settings.from_environment()
