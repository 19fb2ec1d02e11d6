"""The file of tickets: the project's own is right, and mistakes are named with their place and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sixty.desk.desk_rules import Topic
from sixty.desk.tickets.rules import TicketRules, TicketRulesError, check_tickets, read_tickets
from sixty.settings import project_root
from sixty.shop.located import Problem

PLAYBOOK = project_root() / "playbook"


def problems_of(folder: Path, before: str, after: str) -> list[str]:
    text = (PLAYBOOK / "tickets.yml").read_text(encoding="utf-8")
    assert text.count(before) >= 1, before
    shutil.copy(PLAYBOOK / "routing.yml", folder / "routing.yml")
    (folder / "tickets.yml").write_text(text.replace(before, after, 1), encoding="utf-8")
    found: list[Problem] = []
    check_tickets(folder, found)
    return [str(each) for each in found]


def test_the_projects_own_is_right(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "states:", "states:") == []
    rules = read_tickets(PLAYBOOK)
    assert [each.id for each in rules.states] == ["new", "doing", "waiting", "done", "closed"]


def test_a_shop_without_the_file_has_the_usual_rules(tmp_path: Path) -> None:
    assert check_tickets(tmp_path, []) == TicketRules()
    assert TicketRules().transition("other", "new", "doing") is not None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("group: aftersale", "group: aftersales", "there is no group aftersales"),
        ("{from: new, to: [doing]}", "{from: new, to: [begun]}", "there is no state begun"),
        ("promise: refund", "promise: refunds", "there is no promise refunds"),
        ("type: refund", "type: refunds", "there is no type refunds"),
        ("required: new}", "required: start}", "there is no state start"),
        ("due: 24h", "due: 24 hours", "'24 hours' is no time such as"),
        ("after: 0s, to: agent", "after: 0s, to: boss", "unexpected value"),
        ("after: 2h, to: group", "after: 2h, to: group, move: general", "either to"),
        ("预计{due}前给您结果～", "预计{when}前给您结果～", "name something that is not known"),
        ("  - {id: done, title: 已解决", "  - {id: new, title: 已解决", "new stands here twice"),
        ("kind: choice, choices: [原路退回", "kind: text, choices: [原路退回", "choices belong to kind: choice"),
        ("deeds: [return,", "deeds: [returns,", "there is no deed returns"),
        ("{from: doing, to: [waiting, done], why: true}", "{from: doing, to: [waiting], why: true}", ""),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, says: str) -> None:
    found = problems_of(tmp_path, before, after)
    if not says:
        assert found == []
        return
    assert any(says in each for each in found), found
    assert all(each.startswith(f"{tmp_path / 'tickets.yml'}:") for each in found)


def test_a_state_from_which_nothing_is_ever_done(tmp_path: Path) -> None:
    text = (PLAYBOOK / "tickets.yml").read_text(encoding="utf-8")
    for line in ("  - {from: waiting, to: [doing]}\n", "  - {from: waiting, to: [done, closed], why: true}\n"):
        assert line in text
        text = text.replace(line, "")
    shutil.copy(PLAYBOOK / "routing.yml", tmp_path / "routing.yml")
    (tmp_path / "tickets.yml").write_text(text, encoding="utf-8")
    with pytest.raises(TicketRulesError, match="from waiting a ticket can never be done"):
        read_tickets(tmp_path)


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        (Topic(intents=("ask_size", "request_after_sales"), words="尺码小了给我换大一码"), "exchange"),
        (Topic(intents=("request_after_sales",), words="我要退款"), "refund"),
        (Topic(intents=("wrong_or_missing",), words="少了一件"), "missing"),
        (Topic(reason="angry", words="什么态度"), "complaint"),
        (Topic(intents=("ask_invoice",)), "invoice"),
        (Topic(words="给我打电话"), "callback"),
        (Topic(words="随便看看"), "other"),
    ],
)
def test_the_type_is_guessed(topic: Topic, expected: str) -> None:
    assert read_tickets(PLAYBOOK).guess(topic).id == expected
