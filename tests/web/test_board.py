"""The board, supervision and people's figures in a browser, over a real desk with its ticker and its streams."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from sixty.desk.app import PAGE, create_app
from sixty.desk.claims import claim
from sixty.desk.conversations import Who, begin
from sixty.desk.ending import close, finish_wrap_up
from sixty.desk.handoffs import open_handoff
from sixty.desk.presence import set_presence
from sixty.desk.speaking import say
from sixty.desk.staff.accounts import add_account, change_password
from sixty.desk.staff.own_agents import own_agent
from sixty.desk.staff.roles import Role
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.settings import Settings, project_root
from sixty.shop.database import engine_for, shop_session, upgrade_database
from tests.app_server import serving
from tests.web.conftest import cannot_run, watch

PASSWORD = "四把椅子围着一张圆桌"
LAPTOP = (1366, 768)
WALL = (1920, 1080)
PATIENCE_MS = 20_000

OpenDesk = Callable[..., Page]


def now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Shop:
    """A shop at work, by short words."""

    url: str
    address: str
    agents: dict[str, str] = field(default_factory=dict)
    customers: int = 0

    def person(self, login: str, name: str, role: Role = "agent") -> None:
        with shop_session(self.url) as session:
            account, password = add_account(session, login, name, role, now())
            change_password(account, password, PASSWORD)
            self.agents[login] = own_agent(session, account, now(), ()).id
            # Whoever is busy is there, and is given nobody that the test gives to somebody else.
            set_presence(session, self.agents[login], "busy", now(), self.agents[login])

    def customer(self, text: str = "有人吗", ago: float = 0.0, region: str = "浙江省", group: str = "general") -> str:
        """Somebody who wants a person; their conversation."""
        self.customers += 1
        number, at = f"K{self.customers:03d}", now() - timedelta(seconds=ago)
        with shop_session(self.url) as session:
            who = Who(number, "普通", region, at + timedelta(days=30))
            chat = begin(session, "web", at, visitor_id=f"browser-{number}", who=who)[0].id
            self._writes(session, chat, text, at, "handed_over")
            made, _ = open_handoff(session, chat, "asked_for", text, {}, "web", number, at, told=True)
            made.group_id, made.state = group, "queued"
        return chat

    def writes(self, chat: str, text: str) -> None:
        with shop_session(self.url) as session:
            self._writes(session, chat, text, now(), "to_person")

    def _writes(self, session: Any, chat: str, text: str, at: datetime, state: str) -> None:
        values = blank_message(conversation_id=chat, author="customer", channel="web", text=text, state=state, at=at)
        session.add(Message(**values))
        session.flush()

    def claims(self, chat: str, login: str, ago: float = 0.0) -> None:
        with shop_session(self.url) as session:
            claim(session, chat, self.agents[login], now() - timedelta(seconds=ago))

    def says(self, chat: str, login: str, text: str, ago: float = 0.0) -> None:
        with shop_session(self.url) as session:
            key = f"{chat[:8]}{text}".encode().hex()[:40]
            say(session, chat, self.agents[login], key, {"text": text}, now() - timedelta(seconds=ago))

    def closes(self, chat: str, login: str, ago: float = 0.0) -> None:
        at = now() - timedelta(seconds=ago)
        with shop_session(self.url) as session:
            close(session, chat, self.agents[login], at)
            finish_wrap_up(session, chat, self.agents[login], "办好了", (), at)

    def said(self, chat: str) -> list[str]:
        with shop_session(self.url, read_only=True) as session:
            return [each.text for each in session.query(Message).filter(Message.conversation_id == chat)]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    if not (project_root() / PAGE / "desk.html").is_file():
        cannot_run("the page is not built: `npm ci && npm run build` in web/")
    playbook = tmp_path / "playbook"
    playbook.mkdir()
    for file in (project_root() / "playbook").iterdir():
        (playbook / file.name).symlink_to(file)
    # A shop that is at work whenever the test runs.
    (playbook / "routing.yml").unlink()
    # Noon by the shop's clock, so that no day ends while the test runs.
    ahead = 12 - now().hour
    (playbook / "routing.yml").write_text(
        f"zone: Etc/GMT{-ahead:+d}\n"
        "hours:\n"
        "  - {id: day, week: [{days: [周一, 周二, 周三, 周四, 周五, 周六, 周日], open: [00:00-24:00]}]}\n"
        "groups:\n"
        "  - {id: aftersale, title: 售后客服, hours: day, takes: {intents: [refund_status]}, sayings: [售后]}\n"
        "  - {id: general, title: 在线客服, hours: day}\n",
        encoding="utf-8",
    )
    (playbook / "supervision.yml").unlink()
    (playbook / "supervision.yml").write_text(
        "alarms:\n  - {id: wait_long, what: longest_wait, title: 有顾客等太久, over: 5m, each: group}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("SIXTY_PLAYBOOK", str(playbook))
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_database(url)
    settings = Settings(secret="k" * 40, database_url=url, var=tmp_path / "var", playbook=playbook)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = settings.copy(update={"public_desk_url": address})
    with serving(create_app(settings), port, timeout_graceful_shutdown=1):
        made = Shop(url, address)
        made.person("wang", "王班长", "supervisor")
        made.person("li", "小李")
        yield made
    engine_for(url).dispose()


@pytest.fixture
def open_desk(browser: Browser, shop: Shop) -> Iterator[OpenDesk]:
    contexts = []
    heard: list[str] = []

    def open_it(login: str, at: str = "", size: tuple[int, int] = LAPTOP) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        watch(page, heard)
        page.goto(f"{shop.address}/desk{at}")
        page.get_by_label("账号").fill(login)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        return page

    expect.set_options(timeout=PATIENCE_MS)
    yield open_it
    expect.set_options(timeout=5_000)
    for context in contexts:
        context.close()
    unexpected = [line for line in heard if not re.search(r"status of (401|409)|ERR_|EventSource", line)]
    assert not unexpected, unexpected


def figure(page: Page, name: str) -> Any:
    return page.locator(f".Tile[data-figure={name}] > b")


def test_the_wall_follows_what_happens(open_desk: OpenDesk, shop: Shop) -> None:
    for number in range(3):
        chat = shop.customer(ago=600, region=("浙江省", "上海市", "广东省")[number])
        shop.claims(chat, "li", ago=500)
        shop.says(chat, "li", "您好", ago=480)
        shop.closes(chat, "li", ago=100)
    page = open_desk("wang", "#/board", WALL)
    expect(figure(page, "chats")).to_have_text("3")
    expect(figure(page, "first_response")).to_have_text("20s")
    expect(figure(page, "waiting")).to_have_text("0")
    expect(page.locator(".Wall-alarms")).to_contain_text("一切正常")
    with shop_session(shop.url) as session:
        set_presence(session, shop.agents["li"], "away", now(), shop.agents["li"])
        set_presence(session, shop.agents["wang"], "away", now(), shop.agents["wang"])
    shop.customer("怎么还没人", ago=400)
    expect(figure(page, "waiting")).to_have_text("1")
    expect(figure(page, "chats")).to_have_text("4")
    # The ticker sees that somebody waits for too long, and the wall shows it.
    expect(page.locator(".Wall-alarms li")).to_contain_text("有顾客等太久")
    expect(page.locator(".Tile[data-figure=waiting]")).to_have_attribute("data-alarm", "true")
    expect(page.locator(".Wall")).to_have_attribute("data-wall", "dark")
    expect(page.locator(".Wall-course canvas")).to_have_count(1)
    expect(page.locator(".Wall-tables tbody th", has_text="浙江省")).to_be_visible()


def test_the_wall_is_read_from_three_metres(open_desk: OpenDesk, shop: Shop) -> None:
    page = open_desk("wang", "#/board", WALL)
    expect(figure(page, "waiting")).to_have_text("0")
    height = figure(page, "waiting").evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    # On a screen of 1080 lines and 60 cm, 40 px are 22 mm: half a degree from 2.5 m.
    assert height >= 64
    titles = page.locator(".Tile h2").first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert titles >= 20
    fits = page.evaluate("document.querySelector('.Wall').scrollHeight <= document.querySelector('.Wall').clientHeight")
    assert fits
    page.keyboard.press("d")
    expect(page.locator(".Wall")).to_have_attribute("data-wall", "light")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")


def test_listening_whispering_and_joining(open_desk: OpenDesk, shop: Shop) -> None:
    chat = shop.customer("你们什么态度")
    shop.claims(chat, "li")
    shop.says(chat, "li", "您别急")
    agent = open_desk("li", f"#/chat/{chat}")
    expect(agent.locator(".Bubble-text", has_text="您别急")).to_be_visible()
    boss = open_desk("wang", "#/supervision")
    boss.locator(f"tr[data-chat='{chat}']").get_by_role("button", name="旁听").click()
    expect(boss.locator(".Listen .Bubble-text", has_text="您别急")).to_be_visible()
    shop.writes(chat, "我要投诉")
    expect(boss.locator(".Listen .Bubble-text", has_text="我要投诉")).to_be_visible()
    boss.get_by_label("密语").fill("先道歉，再给他包邮")
    boss.keyboard.press("Enter")
    expect(agent.locator(".Whispers")).to_contain_text("先道歉，再给他包邮")
    assert not any("包邮" in line for line in shop.said(chat))
    boss.locator(".Listen").get_by_role("button", name="加入").click()
    boss.locator(".Composer textarea").fill("您好，我是班长，这事我来负责")
    boss.keyboard.press("Enter")
    expect(agent.locator(".Bubble-text", has_text="我是班长")).to_be_visible()
    assert any("王班长" in line for line in shop.said(chat))
    boss.locator(".GuestStrip").get_by_role("button", name="离开").click()
    expect(boss.locator(".ReadOnly")).to_contain_text("小李")


def test_taking_away_and_ending(open_desk: OpenDesk, shop: Shop) -> None:
    first, second = shop.customer("第一位"), shop.customer("第二位")
    for chat in (first, second):
        shop.claims(chat, "li")
    boss = open_desk("wang", "#/supervision")
    more = boss.locator(f"tr[data-chat='{first}']").get_by_role("button", name="接管 / 结束")
    more.click()
    boss.get_by_role("menuitem", name="结束").click()
    boss.get_by_label("告诉顾客的话").fill("今天先到这里，明天给您回电")
    boss.locator(".ant-modal-footer").get_by_role("button", name="结束").click()
    expect(boss.get_by_text("写一下为什么结束")).to_be_visible()
    boss.get_by_label("原因").fill("顾客辱骂客服")
    boss.locator(".ant-modal-footer").get_by_role("button", name="结束").click()
    expect(boss.locator(f"tr[data-chat='{first}']")).to_have_count(0)
    assert any("明天给您回电" in line for line in shop.said(first))
    boss.locator(f"tr[data-chat='{second}']").get_by_role("button", name="接管 / 结束").click()
    boss.get_by_role("menuitem", name="接管").click()
    boss.locator(".ant-modal textarea").fill("我来处理")
    boss.locator(".ant-modal-footer .ant-btn-primary").click()
    expect(boss.locator(f"tr[data-chat='{second}'] td").nth(1)).to_have_text("王班长")


def test_seeing_to_an_alarm_and_changing_routing(open_desk: OpenDesk, shop: Shop) -> None:
    with shop_session(shop.url) as session:
        for agent in shop.agents.values():
            set_presence(session, agent, "away", now(), agent)
    shop.customer("等了好久", ago=400)
    boss = open_desk("wang", "#/supervision")
    alarm = boss.locator(".AlarmList li")
    expect(alarm).to_contain_text("有顾客等太久")
    alarm.get_by_role("button", name="知道了").click()
    expect(alarm).to_contain_text("王班长 在处理")

    boss.locator(".Supervision .Page-head").get_by_text("临时调整").click()
    boss.get_by_label("对谁").click()
    boss.get_by_title("售后客服").last.click()
    boss.get_by_label("由哪个组帮忙").click()
    boss.get_by_title("在线客服").last.click()
    boss.get_by_role("button", name="马上调整").click()
    expect(boss.get_by_text("写一下为什么，同事看得到")).to_be_visible()
    boss.get_by_label("原因").fill("售后今天人少")
    boss.get_by_role("button", name="马上调整").click()
    change = boss.locator(".Changes li")
    expect(change).to_contain_text("售后今天人少")
    change.get_by_role("button", name="恢复").click()
    expect(boss.locator(".Changes")).to_have_count(0)
    expect(boss.locator(".Routing tbody tr", has_text="售后今天人少")).to_contain_text("王班长 恢复")


def test_changing_a_colleagues_state(open_desk: OpenDesk, shop: Shop) -> None:
    boss = open_desk("wang", "#/supervision")
    li = boss.locator(f".AgentList li[data-agent='{shop.agents['li']}']")
    expect(li).to_have_attribute("data-presence", "busy")
    li.get_by_role("button").click()
    boss.get_by_role("menuitem", name="小休").click()
    expect(li).to_have_attribute("data-presence", "away")


def test_peoples_figures_and_their_file(open_desk: OpenDesk, shop: Shop) -> None:
    for _ in range(4):
        chat = shop.customer(ago=900)
        shop.claims(chat, "li", ago=800)
        shop.says(chat, "li", "您好", ago=770)
        shop.closes(chat, "li", ago=600)
    page = open_desk("wang", "#/people")
    row = page.locator(".People tbody tr", has_text="小李")
    expect(row).to_contain_text("0:30")
    expect(row.locator("td").nth(1)).to_have_text("4")
    expect(page.locator(".People-plots canvas")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    assert re.fullmatch(r"people-.*\.xlsx", download.value.suggested_filename)
    page.locator(".Page-head").get_by_text("排班建议").click()
    expect(page.locator(".Schedule")).to_contain_text("还没有足够的会话")
    page.locator(".Page-head").get_by_text("机器人省了多少").click()
    expect(page.locator(".Saved")).to_contain_text("这些假设写在 playbook/supervision.yml")


def test_an_agent_sees_the_wall_and_their_own_figures_only(open_desk: OpenDesk, shop: Shop) -> None:
    chat = shop.customer(ago=300)
    shop.claims(chat, "wang", ago=200)
    shop.says(chat, "wang", "您好", ago=190)
    shop.closes(chat, "wang", ago=100)
    page = open_desk("li", "#/people")
    expect(page.locator(".People")).to_contain_text("这里是您自己的数据")
    expect(page.locator(".People")).to_contain_text("这几天没有人工会话")
    expect(page.locator(".Rail")).not_to_contain_text("现场")
    page.locator(".Rail").get_by_text("大屏").click()
    expect(figure(page, "chats")).to_have_text("1")
