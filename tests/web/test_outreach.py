"""The bot speaks first, as customers and merchants see it: real servers, the worker, and the shop's own reports."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from sixty.desk.staff.accounts import add_account, change_password
from sixty.identity.signatures import signed_headers
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.scenes_file import OUTREACH_FILE
from sixty.settings import project_root
from sixty.shop.database import shop_session
from sixty.shop.models import Sku
from tests.servers.conftest import model  # noqa: F401
from tests.servers.running import own_program, started, wait_until_healthy
from tests.web.conftest import DESKTOP, cannot_run, chat_of, free_port, watch
from tests.web.test_chat_page import log, say

SECRET = "w" * 40
PASSWORD = "四把椅子围着一张圆桌"
AMOUNT = "259.00"
# A turn of the bot, and a few rounds of the worker.
WITHIN_MS = 60_000
SETTLED_WITHIN = 90.0


@dataclass
class Shop:
    """The running shop, and what its own system reports."""

    url: str
    database_url: str
    log: Path
    reported: int = field(default=0)

    def report(self, kind: str, number: str, order_no: str, customer: str, payload: dict[str, Any]) -> None:
        """Reports something, signed, as the merchant's system does."""
        self.reported += 1
        event = {
            "external_id": f"e{self.reported}-{number}",
            "kind": kind,
            "object_id": number,
            "occurred_at": moment(),
            "order_no": order_no,
            "customer_id": customer,
            "payload": payload,
        }
        body = json.dumps({"events": [event]}).encode()
        headers = signed_headers(SECRET, body, datetime.now(timezone.utc))
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"{self.url}/api/webhooks/shop", body, headers=headers, timeout=10)
        assert answer.json() == {"new": 1, "known": 0, "pending": 0}, answer.text

    def order(self, number: str, customer: str) -> None:
        """A customer orders a pair of trousers and does not pay."""
        with shop_session(self.database_url, read_only=True) as session:
            in_stock = select(Sku.code).where(Sku.product_no == "GZ2101", Sku.stock > 0).order_by(Sku.code)
            code = session.scalars(in_stock).first()
        line = {
            "product_no": "GZ2101",
            "sku_code": code,
            "name": "多口袋耐磨工装裤",
            "quantity": 1,
            "unit_price": AMOUNT,
            "share": AMOUNT,
        }
        order = {
            "no": number,
            "customer_id": customer,
            "state": "unpaid",
            "placed_at": moment(),
            "receiver": "陈**",
            "phone": "13800001003",
            "address": "上海市浦东新区某某路1号",
            "region": "上海",
            "goods_amount": AMOUNT,
            "discount": "0.00",
            "postage": "0.00",
            "paid_amount": "0.00",
            "lines": [line],
        }
        self.report("order", number, number, customer, order)

    def pay(self, number: str, customer: str) -> None:
        """The customer pays."""
        self.report("payment", f"P{number}", number, customer, {"amount": AMOUNT, "paid_at": moment()})

    def case(self, number: str) -> OutreachCase:
        """The case of an order that was left unpaid."""
        with shop_session(self.database_url, read_only=True) as session:
            query = select(OutreachCase).where(OutreachCase.order_no == number, OutreachCase.scene == "unpaid")
            found: OutreachCase = session.scalars(query).one()
            return found

    def rungs(self, number: str) -> list[tuple[str, str]]:
        """What was said, or is to be said, about an order."""
        with shop_session(self.database_url, read_only=True) as session:
            query = (
                select(OutreachRung)
                .join(OutreachCase, OutreachCase.id == OutreachRung.case_id)
                .where(OutreachCase.order_no == number)
                .order_by(OutreachRung.rung)
            )
            return [(each.way, each.state) for each in session.scalars(query)]

    def until(self, number: str, so: Callable[[OutreachCase], bool]) -> OutreachCase:
        """Waits until a case is as it should be."""
        end = time.monotonic() + SETTLED_WITHIN
        while not so(case := self.case(number)):
            assert time.monotonic() < end, f"{case.state} {case.ended_because} {case.converted_at}"
            time.sleep(0.2)
        return case


def moment() -> str:
    return datetime.now(timezone.utc).isoformat()


def hasty_playbook(folder: Path) -> Path:
    """The shop's own playbook with one scene, which speaks after two seconds and to everybody; no night comes."""
    playbook = Path(shutil.copytree(project_root() / "playbook", folder / "playbook"))
    file = playbook / OUTREACH_FILE
    # Scalars stay as they are written, so that times of day are none of YAML's numbers.
    book = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    unpaid = book["scenes"]["unpaid"]
    unpaid |= {"wait": {"default": "2s"}, "control": "0"}
    far = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=12)
    book |= {
        "quiet": {"from": f"{far:%H:%M}", "until": f"{far + timedelta(minutes=1):%H:%M}"},
        "talking": "1s",
        "caps": {"per_day": "9", "per_week": "9", "apart": "1s"},
        "scenes": {"unpaid": unpaid},
    }
    file.write_text(yaml.safe_dump(book, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return playbook


@pytest.fixture(scope="module")
def shop(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:  # noqa: F811
    """The whole product with its worker, on free ports and with a demo shop of its own."""
    if not (project_root() / "web/dist/desk.html").is_file():
        cannot_run("the page is not built: `npm ci && npm run build` in web/")
    folder = tmp_path_factory.mktemp("outreach")
    rasa, actions, desk, worker = (free_port() for _ in range(4))
    environment = {
        "SIXTY_ENVIRONMENT": "development",
        "SIXTY_RASA_PORT": str(rasa),
        "SIXTY_ACTIONS_PORT": str(actions),
        "SIXTY_DESK_PORT": str(desk),
        "SIXTY_WORKER_PORT": str(worker),
        "SIXTY_VAR": str(folder / "var"),
        "SIXTY_MODEL": str(model),
        "SIXTY_PLAYBOOK": str(hasty_playbook(folder)),
        "SIXTY_DATABASE_URL": f"sqlite:///{folder / 'var' / 'sixty.db'}",
        "SIXTY_WEBHOOK_SECRETS": json.dumps({"shop": SECRET}),
    }
    out, url = folder / "up.log", f"http://127.0.0.1:{desk}"
    with started(own_program("up", "--timeout", "600"), environment, out) as process:
        healthy = (f"http://127.0.0.1:{actions}/health", f"{url}/healthz", f"http://127.0.0.1:{worker}/healthz")
        wait_until_healthy(process, out, *healthy, f"http://127.0.0.1:{rasa}")
        yield Shop(url, environment["SIXTY_DATABASE_URL"], out)


@pytest.fixture
def visit(browser: Browser, shop: Shop) -> Iterator[Callable[..., Page]]:
    """Opens a page of the shop as a customer of it, in a window of their own."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def open_it(path: str, customer: str | None = None) -> Page:
        context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="zh-CN")
        contexts.append(context)
        if customer:
            context.add_init_script(f"localStorage.setItem('sixty.customer', '{customer}')")
        page = context.new_page()
        watch(page, trouble)
        page.goto(shop.url + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    # Nobody is signed in when the workbench first asks.
    assert [line for line in trouble if "401" not in line] == []


def asks(page: Page) -> None:
    """The customer asks something and is answered."""
    expect(log(page)).to_contain_text("您好", timeout=WITHIN_MS)
    say(page, "这条工装裤是什么面料")
    expect(log(page)).to_contain_text("棉", timeout=WITHIN_MS)


def reminded(page: Page) -> None:
    """The reminder stands in the chat with the order's card."""
    expect(log(page)).to_contain_text("付款", timeout=WITHIN_MS)
    card = chat_of(page).locator(".OrderCard").last
    expect(card).to_contain_text("多口袋耐磨工装裤", timeout=WITHIN_MS)


def test_one_wants_no_more_and_one_pays(
    shop: Shop, visit: Callable[..., Page], shoot: Callable[[Page, str], None]
) -> None:
    leaves, pays = "2026112200030001", "2026112200020002"
    lost = visit("/?entry=product&product=GZ2101", "C003")
    asks(lost)
    shop.order(leaves, "C003")
    reminded(lost)
    shoot(lost, "outreach-reminder")
    say(lost, "不想要了")
    expect(log(lost)).to_contain_text("不再提醒您", timeout=WITHIN_MS)
    case = shop.until(leaves, lambda each: each.state == "ended")
    assert case.ended_because in ("abandoned", "stopped", "answered")
    assert shop.rungs(leaves) == [("chat", "sent"), ("sms", "skipped")]

    won = visit("/?entry=product&product=GZ2101", "C002")
    asks(won)
    shop.order(pays, "C002")
    reminded(won)
    say(won, "怎么付")
    expect(log(won)).to_contain_text("去付款", timeout=WITHIN_MS)
    expect(log(won)).to_contain_text(f"/my/orders/{pays}/pay")
    shop.pay(pays, "C002")
    case = shop.until(pays, lambda each: each.converted_at is not None)
    assert (case.converted_order_no, str(case.recovered)) == (pays, AMOUNT)

    # Nothing has followed to the one who did not want it any more.
    assert shop.rungs(leaves) == [("chat", "sent"), ("sms", "skipped")]
    assert log(lost).locator(".Said--shop").last.inner_text().count("付款") <= 1

    page = signed_in(shop, visit)
    page.get_by_role("button", name="主动触达").click()
    expect(page.locator(".Outreach-scenes")).to_contain_text("下单未付款")
    page.get_by_role("tab", name="发送记录").click()
    # The demo shop's own unpaid orders are long past: what was missed is listed, too.
    page.locator(".Outreach-bar").get_by_text("已发", exact=True).click()
    # The demo shop's own orders may have their moment just now, so only these two count.
    both = page.locator(".Outreach tbody tr[data-row-key]").filter(has_text=re.compile(f"{leaves}|{pays}"))
    expect(both).to_have_count(2)
    expect(both.filter(has_text="达成")).to_have_count(1)
    shoot(page, "outreach-log")
    page.get_by_role("tab", name="效果").click()
    expect(page.locator(".Outreach-sums")).to_contain_text("¥259")
    expect(page.locator(".Plot canvas").last).to_be_visible()
    shoot(page, "outreach-lift")


def test_a_merchant_pauses_and_rewords(
    shop: Shop, visit: Callable[..., Page], shoot: Callable[[Page, str], None]
) -> None:
    page = signed_in(shop, visit)
    page.goto(f"{shop.url}/desk#/outreach")
    switch = page.get_by_role("switch", name="下单未付款")
    switch.click()
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()

    page.locator(".Outreach-scenes").get_by_role("button", name="下单未付款").click()
    expect(page.locator(".Wordings li").first).to_be_visible()
    page.locator(".Wordings").first.get_by_role("button", name="修改").last.click()
    field = page.get_by_label("话术")
    field.fill("{prodct}还没付款")
    expect(page.locator(".ant-drawer").get_by_role("alert")).to_contain_text("prodct")
    expect(page.get_by_role("button", name="保存")).to_be_disabled()
    field.fill("{product}给您留到今晚～")
    expect(page.locator(".WordsEditor-preview")).to_contain_text("多口袋耐磨工装裤给您留到今晚～")
    shoot(page, "outreach-words")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".Wordings del")).to_have_count(1)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".Wordings del")).to_have_count(2)


def signed_in(shop: Shop, visit: Callable[..., Page]) -> Page:
    """The workbench of a supervisor."""
    login = f"boss{int(time.monotonic() * 1000)}"
    with shop_session(shop.database_url) as session:
        account, once = add_account(session, login, "店长", "supervisor", datetime.now(timezone.utc))
        change_password(account, once, PASSWORD)
    page = visit("/desk")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".Rail")).to_be_visible()
    return page
