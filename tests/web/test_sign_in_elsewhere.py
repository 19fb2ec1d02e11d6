"""Signing in to the workbench at an identity provider of another site, in a browser, with all its rules for cookies."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from sixty.desk.app import create_app
from sixty.desk.staff.accounts import add_account
from sixty.settings import Settings
from sixty.shop.database import shop_session, upgrade_database
from tests.app_server import serving
from tests.desk.staff.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, rsa_key, running
from tests.web.conftest import SECRET, free_port, watch


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running(Provider(rsa_key())) as made:
        # Another site than the desk's: what is strictly the desk's own does not come along from there.
        made.issuer = made.issuer.replace("127.0.0.1", "localhost")
        yield made


def served(settings: Settings) -> Iterator[str]:
    with serving(create_app(settings), settings.desk_port):
        yield settings.public_desk_url


@pytest.fixture
def desk(provider: Provider, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'shop.db'}",
        secret=SECRET,
        var=tmp_path,
        desk_port=port,
        public_desk_url=f"http://127.0.0.1:{port}",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_label="六拾账号",
        demo=False,
    )
    upgrade_database(settings.database_url)
    with shop_session(settings.database_url) as session:
        add_account(session, "li", "小荔", "supervisor", datetime.now(timezone.utc))
    yield from served(settings)


@pytest.fixture
def page(browser: Browser, desk: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    opened = context.new_page()
    heard: list[str] = []
    watch(opened, heard)
    opened.goto(f"{desk}/desk")
    yield opened
    context.close()
    # Nobody is signed in at first, and the page has to ask.
    unexpected = [line for line in heard if "401" not in line]
    assert not unexpected, unexpected


def test_somebody_comes_in_by_the_provider_and_goes_on_after_a_reload(page: Page, desk: str) -> None:
    expect(page.get_by_label("账号", exact=True)).to_be_visible()
    page.get_by_role("link", name="用六拾账号登录").click()
    expect(page.get_by_role("navigation")).to_be_visible(timeout=30_000)
    assert re.fullmatch(rf"{re.escape(desk)}/desk(#/)?", page.url)
    page.reload()
    expect(page.get_by_role("navigation")).to_be_visible(timeout=30_000)


def test_who_is_not_let_in_is_told_why_once(page: Page, desk: str, provider: Provider) -> None:
    provider.claims = {"sub": "u-9", "preferred_username": "nobody"}
    page.get_by_role("link", name="用六拾账号登录").click()
    expect(page.get_by_role("alert")).to_contain_text("请找管理员开通", timeout=30_000)
    assert page.url == f"{desk}/desk"
    page.reload()
    expect(page.get_by_label("账号", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_provider_that_is_down_leaves_the_password(page: Page, provider: Provider) -> None:
    provider.gone = True
    page.get_by_role("link", name="用六拾账号登录").click()
    expect(page.get_by_role("alert")).to_contain_text("暂时连不上", timeout=30_000)
    expect(page.get_by_label("密码", exact=True)).to_be_visible()
