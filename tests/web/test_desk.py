"""The workbench's page in a browser, over a desk in memory that keeps the API's contract (`web/tests/desk`)."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from sixty.desk.app import PAGE
from sixty.settings import project_root
from tests.web.conftest import cannot_run, free_port, watch
from tests.web.test_chat_page import PNG

NODE = Path(sys.executable).with_name("node")
SERVER = project_root() / "web" / "tests" / "desk" / "server.mjs"
# As tight as the customer's page has it; Ant Design's sheets must come through without anything inline.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
LAPTOP = (1366, 768)
WIDE = (1920, 1080)
MOST_AT_FIRST = 500_000
PASSWORD = "correct horse"

Happen = Callable[..., dict[str, Any]]
OpenDesk = Callable[..., Page]


@pytest.fixture(scope="module")
def desk_in_memory() -> Iterator[str]:
    if not (project_root() / PAGE / "desk.html").is_file():
        cannot_run("the page is not built: `npm ci && npm run build` in web/")
    port = free_port()
    command = [str(NODE), "--disable-warning=ExperimentalWarning", str(SERVER), str(port), POLICY]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urlopen(f"{url}/icon.svg", timeout=1).close()
                break
            except URLError:
                time.sleep(0.1)
        yield url
        # `node` may be a wrapper around the real one, which ends with its standard input.
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


@pytest.fixture
def happen(desk_in_memory: str) -> Happen:
    """Makes things happen at the desk; each test begins with a new one."""

    def make(deed: str, **given: Any) -> dict[str, Any]:
        request = Request(
            f"{desk_in_memory}/world/{deed}", json.dumps(given).encode(), {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=5) as answer:
            told: dict[str, Any] = json.loads(answer.read() or b"{}")
        return told

    make("anew")
    return make


@pytest.fixture
def open_desk(browser: Browser, desk_in_memory: str, happen: Happen) -> Iterator[OpenDesk]:
    contexts = []
    heard: list[str] = []

    def open_it(size: tuple[int, int] = LAPTOP, at: str = "", signed_in: bool = True, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        watch(page, heard)
        if signed_in:
            happen("set", signedIn="xiaoli")
        page.goto(f"{desk_in_memory}/desk{at}")
        return page

    yield open_it
    for context in contexts:
        context.close()
    # Refusals and lost lines are what some tests are about.
    unexpected = [line for line in heard if not re.search(r"status of (401|409|422|503)|ERR_|EventSource", line)]
    assert not unexpected, unexpected


def row(page: Page, chat: str) -> Any:
    return page.locator(f".ChatRow[data-chat={chat}]")


def field(page: Page) -> Any:
    return page.locator(".Composer textarea")


def said(page: Page, text: str) -> Any:
    return page.locator(".Bubble[data-id] .Bubble-text", has_text=text)


def test_signing_in_and_changing_a_one_time_password(open_desk: OpenDesk, happen: Happen) -> None:
    happen("set", mustChange=True)
    page = open_desk(signed_in=False)
    page.get_by_label("账号").fill("xiaoli")
    page.get_by_label("密码", exact=True).fill("wrong one")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")

    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("a better one of mine")
    page.get_by_label("再输一遍新密码").fill("another one of mine")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("两次输入的不一样")).to_be_visible()
    page.get_by_label("再输一遍新密码").fill("a better one of mine")
    page.get_by_role("button", name="保存").click()
    expect(row(page, "wang")).to_be_visible()


def test_from_the_queue_to_the_end(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk()
    page.locator("[data-box=queue]").click()
    row(page, "zhou").click()
    expect(page.locator(".ReadOnly")).to_contain_text("接待后才能回复")
    # What the bot and the customer have said is there, and nothing has to be asked again.
    expect(said(page, "退款六天了还没有到账")).to_be_visible()
    expect(page.locator(".Packet")).to_contain_text("敏感问题")
    page.locator(".ReadOnly").get_by_role("button", name="接待").click()

    expect(field(page)).to_be_focused()
    field(page).fill("周女士您好，我马上帮您催银行")
    page.keyboard.press("Enter")
    expect(said(page, "我马上帮您催银行")).to_have_count(1)
    happen("customer", chat="zhou", text="多久能好")
    expect(said(page, "多久能好")).to_be_visible()

    page.keyboard.press("Alt+e")
    page.get_by_label("小结").fill("已催银行，明天到账")
    page.locator(".ant-modal-footer").get_by_role("button", name="结束", exact=True).click()
    expect(page.locator(".ReadOnly")).to_contain_text("会话已结束")
    assert [line.get("text") for line in happen("seen")["said"]] == ["周女士您好，我马上帮您催银行"]


def test_suggestions_quick_replies_and_search_go_into_the_field(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/wang")
    expect(page.locator(".Suggestions li")).to_have_count(3)
    page.keyboard.press("Alt+2")
    expect(field(page)).to_have_value("您这笔订单有运费险，换货寄回的运费会退到您的账户。")
    page.keyboard.press("Control+z")
    expect(field(page)).to_have_value("")

    field(page).press_sequentially("/hh")
    page.locator(".QuickReplies button", has_text="换货").wait_for()
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("帮您登记换货，订单 2026111800010001，快递员会上门取件～")
    page.keyboard.press("Control+Enter")
    expect(said(page, "帮您登记换货")).to_have_count(1)

    page.keyboard.press("Control+k")
    expect(page.locator(".Knowledge input[type=text]")).to_be_focused()
    page.keyboard.type("缩水")
    page.locator(".Knowledge-hits li", has_text="工装裤会缩水吗").wait_for()
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("水洗过的工装裤缩水率在 2% 以内")

    # Those of the line before are still there until the new ones have come.
    with page.expect_response(re.compile(r"/suggestions\?")):
        happen("customer", chat="wang", text="那换吧")
    expect(page.locator(".Suggestions li")).to_have_count(3)
    page.keyboard.press("Alt+Shift+3")
    expect(said(page, "我帮您登记换 XL")).to_have_count(1)
    assert happen("seen")["said"][-1]["suggestion"] == "s3"


def test_unread_and_clocks_of_chats_that_are_not_open(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/wang")
    expect(said(page, "行 那运费谁出")).to_be_visible()
    expect(row(page, "wang").locator(".Unread")).to_have_count(0)
    happen("customer", chat="chen", text="补发的什么时候到")
    expect(row(page, "chen").locator(".Unread")).to_have_text("1")
    expect(row(page, "chen").locator("time[data-urgency]")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    happen("arrives", chat="new1", name="访客 77AB", text="能便宜点吗")
    expect(page.locator("[data-box=queue] b")).to_have_text("4")
    row(page, "chen").click()
    expect(row(page, "chen").locator(".Unread")).to_have_count(0)


def test_what_is_written_survives_a_lost_line_and_a_reload(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/wang")
    field(page).fill("写到一半的话")
    happen("lose", down=True)
    expect(page.locator(".LineState")).to_contain_text("正在重连")
    field(page).fill("断线时发的")
    page.keyboard.press("Enter")
    expect(page.locator(".Bubble[data-pending=sending]")).to_contain_text("断线时发的")
    field(page).fill("还没发的草稿")
    happen("lose", down=False)
    page.reload()
    expect(said(page, "断线时发的")).to_have_count(1)
    expect(page.locator(".Bubble[data-pending]")).to_have_count(0)
    expect(field(page)).to_have_value("还没发的草稿")
    assert [line["text"] for line in happen("seen")["said"]] == ["断线时发的"]


def test_a_colleague_was_faster(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk()
    page.locator("[data-box=queue]").click()
    row(page, "sun").click()
    expect(page.locator(".ReadOnly").get_by_role("button", name="接待")).to_be_visible()
    happen("claims", chat="sun")
    expect(page.locator(".ReadOnly")).to_contain_text("阿珍 正在接待")
    expect(page.locator("[data-box=queue] b")).to_have_text("2")


def test_transfer_to_somebody_who_is_away(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/chen")
    page.get_by_role("button", name="转接").click()
    page.get_by_role("radio", name=re.compile("大伟")).click()
    page.locator("#transfer-note").fill("要补发奶瓶")
    page.locator(".ant-modal-footer").get_by_role("button", name="转接").click()
    expect(page.locator(".ant-modal").get_by_role("alert")).to_contain_text("大伟现在不在")
    page.get_by_role("button", name="仍然转给 TA").click()
    expect(row(page, "chen")).to_have_count(0)


def test_transfer_to_a_group_puts_it_back_into_the_queue(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/chen")
    page.get_by_role("button", name="转接").click()
    page.get_by_text("客服组", exact=True).click()
    page.get_by_role("radio", name=re.compile("售前")).click()
    page.locator("#transfer-note").fill("想先了解新款")
    page.locator(".ant-modal-footer").get_by_role("button", name="转接").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-box=queue] b")).to_have_text("4")
    page.locator("[data-box=queue]").click()
    expect(row(page, "chen")).to_be_visible()


def test_a_deed_tells_what_is_wrong_with_it(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/wang")
    expect(page.get_by_role("button", name="改地址")).to_be_disabled()
    page.get_by_role("button", name="发券").click()
    page.get_by_label("金额").fill("50")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".ant-form-item-explain-error")).to_have_text("最多 20 元")
    page.get_by_label("金额").fill("15")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("优惠券已发给顾客")).to_be_visible()


def test_going_offline_with_chats_asks_first(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk()
    page.locator(".Rail-presence").click()
    page.get_by_role("menuitem", name=re.compile("离线")).click()
    expect(page.locator(".ant-modal-confirm-title")).to_have_text("还有 3 个会话没结束")
    page.get_by_role("button", name="放回队列并离线").click()
    expect(page.locator(".Rail-state")).to_have_text("离线")


def more(page: Page, deed: str) -> None:
    """What stands in the menu of a conversation."""
    page.locator(".TalkHead").get_by_role("button", name="更多").click()
    page.get_by_role("menuitem", name=deed).click()


def test_a_picture_is_shown_at_once_and_sent(open_desk: OpenDesk, happen: Happen, tmp_path: Path) -> None:
    page = open_desk(at="#/chat/wang")
    photo = tmp_path / "尺码表.png"
    photo.write_bytes(PNG)
    page.locator(".Composer input[type=file]").set_input_files(photo)
    expect(page.locator(".Bubble[data-id][data-own=true] img.Bubble-picture")).to_have_count(1)
    expect(page.locator(".Bubble[data-pending]")).to_have_count(0)
    (sent,) = happen("seen")["said"]
    assert sent["attachment"].startswith("u")
    assert sent.get("text") is None


def test_back_to_the_bot_with_a_summary(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/wang")
    more(page, "交回机器人")
    expect(page.locator(".Dialog-hint")).to_contain_text("机器人会带着小结继续服务")
    page.get_by_label("小结").fill("已登记换货")
    page.locator(".ant-modal-footer").get_by_role("button", name="交回机器人").click()
    expect(row(page, "wang")).to_have_count(0)
    expect(page.locator(".Composer")).to_have_count(0)


def test_older_messages_come_when_one_scrolls_up(open_desk: OpenDesk, happen: Happen) -> None:
    for number in range(70):
        happen("customer", chat="wang", text=f"第{number:02d}句")
    page = open_desk(at="#/chat/wang")
    expect(said(page, "第69句")).to_be_in_viewport()
    expect(page.locator(".Bubble[data-id]")).to_have_count(50)
    expect(said(page, "第10句")).to_have_count(0)
    page.locator(".Talk-scroller").evaluate("scroller => scroller.scrollTo(0, 0)")
    expect(said(page, "第10句")).to_have_count(1)
    # Nothing is pushed out of sight by what was put before it, and what comes in meanwhile is told below.
    expect(said(page, "第20句")).to_be_in_viewport()
    happen("customer", chat="wang", text="还在吗")
    expect(page.locator(".Talk-down")).to_contain_text("1 新消息")
    page.locator(".Talk-down").click()
    expect(said(page, "还在吗")).to_be_in_viewport()


def test_presence_is_switched_and_said_to_the_desk(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk()
    for state, word in (("busy", "忙碌"), ("away", "小休"), ("online", "在线")):
        page.locator(".Rail-presence").click()
        page.get_by_role("menuitem", name=re.compile(word)).click()
        expect(page.locator(".Rail-state")).to_have_text(word)
        expect(page.locator(".Rail-presence .Dot")).to_have_attribute("data-presence", state)


def test_a_sound_is_asked_for_unless_it_is_switched_off(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/wang")
    page.add_init_script(
        """
        let notes = 0;
        const play = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () {
          document.documentElement.dataset.notes = `${++notes}`;
          return play.call(this);
        };
        """
    )
    page.reload()
    expect(said(page, "行 那运费谁出")).to_be_visible()
    sound = page.get_by_role("switch", name="提示音")
    notes = page.locator("html")
    page.get_by_role("button", name="设置").click()
    # Whoever switches it on hears how it sounds.
    sound.click()
    expect(notes).to_have_attribute("data-notes", "2")
    expect(sound).to_be_checked()
    alert = {"kind": "assigned", "chat": "chen", "title": "新会话", "text": "陈女士"}
    happen("tell", event="alert", data=alert)
    expect(notes).to_have_attribute("data-notes", "4")
    happen("tell", event="alert", data={**alert, "kind": "waiting_long"})
    expect(notes).to_have_attribute("data-notes", "7")
    sound.click()
    expect(sound).not_to_be_checked()
    happen("tell", event="alert", data=alert)
    happen("customer", chat="wang", text="好的")
    expect(said(page, "好的")).to_be_visible()
    expect(notes).to_have_attribute("data-notes", "7")


def test_a_rating_is_asked_for_and_shown(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/chat/wang")
    more(page, "邀请评价")
    expect(page.get_by_text("已邀请评价")).to_be_visible()
    rating = {
        "asked_at": "2026-11-20T08:00:00Z",
        "by": "agent",
        "score": None,
        "tags": [],
        "text": "",
        "rated_at": None,
    }
    happen("tell", event="rating", data={"chat": "wang", "rating": rating})
    expect(page.locator(".Panel")).to_contain_text("已邀请，等顾客评价")
    rated = {**rating, "score": 4, "tags": ["回复快"], "rated_at": "2026-11-20T08:01:00Z"}
    happen("tell", event="rating", data={"chat": "wang", "rating": rated})
    expect(page.locator(".Panel")).to_contain_text("回复快")


def test_what_the_stream_tells_counts_more_than_an_older_list(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk()
    expect(row(page, "wang")).to_be_visible()
    held: list[Any] = []
    page.route("**/api/desk/chats?box=mine*", lambda route: held.append((route, route.fetch())))
    page.reload()
    expect(page.locator("[data-box=queue] b")).to_have_text("3")
    # The list has been read, and is still on its way, when somebody is given to this agent.
    while not held:
        page.wait_for_timeout(20)
    happen("gives", chat="zhou")
    expect(page.locator("[data-box=queue] b")).to_have_text("2")
    for route, answer in held:
        route.fulfill(response=answer)
    expect(row(page, "wang")).to_be_visible()
    expect(row(page, "zhou")).to_be_visible()


def test_staff_audit_and_languages(open_desk: OpenDesk, happen: Happen) -> None:
    page = open_desk(at="#/staff")
    expect(page.locator("tbody tr[data-row-key]")).to_have_count(4)
    page.get_by_role("button", name="添加人员").click()
    page.get_by_label("账号").fill("newbie")
    page.get_by_label("姓名").fill("新人")
    page.locator(".ant-modal-footer").get_by_role("button", name="保存").click()
    expect(page.get_by_text("k7Qm-2vXc-9TzR")).to_be_visible()
    page.get_by_role("button", name="关闭").last.click()

    page.get_by_role("button", name="操作记录").click()
    expect(page.locator("tbody tr[data-row-key]")).to_have_count(4)
    page.get_by_role("button", name="设置").click()
    page.locator(".Settings").get_by_text("English").click()
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    page.locator(".Settings").get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")


@pytest.mark.parametrize("size", [LAPTOP, WIDE], ids=["laptop", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(
    open_desk: OpenDesk, shoot: Callable[[Page, str], None], size: tuple[int, int], scheme: str
) -> None:
    page = open_desk(size, at="#/chat/wang", color_scheme=scheme)
    expect(page.locator(".Suggestions li")).to_have_count(3)
    expect(page.locator(".OrderSheet, .Willingness").first).to_be_visible()
    shoot(page, f"desk-{size[0]}-{scheme}")
    wider = page.evaluate(
        "document.documentElement.scrollWidth > innerWidth || document.body.scrollHeight > innerHeight"
    )
    assert not wider
    page.wait_for_timeout(400)
    page.evaluate((project_root() / "web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    assert [(each["id"], [node["html"][:160] for node in each["nodes"]][:5]) for each in found["violations"]] == []


def test_the_first_load_is_small(open_desk: OpenDesk, desk_in_memory: str) -> None:
    page = open_desk(signed_in=False)
    fetched: set[str] = set()
    page.on("request", lambda request: fetched.add(request.url.split("?")[0]))
    page.reload()
    page.get_by_label("账号").fill("xiaoli")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    row(page, "wang").click()
    expect(page.locator(".Suggestions li")).to_have_count(3)
    own = [url for url in fetched if url.startswith(f"{desk_in_memory}/assets/") or url.endswith("/desk")]
    assert any("/assets/" in url for url in own)
    sent = sum(len(gzip.compress(urlopen(url, timeout=5).read())) for url in own)
    print(f"the workbench's first load: {sent} bytes gzipped in {len(own)} files")
    assert sent < MOST_AT_FIRST
