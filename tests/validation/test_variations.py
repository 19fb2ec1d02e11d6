"""Answers that can never show, that hide each other or have expired, and questions without a default."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from sixty.validation import report
from sixty.validation.everything import find_problems
from sixty.validation.project import read_project
from sixty.validation.variations import check_variations

NOW = datetime(2026, 11, 22, 4, tzinfo=timezone.utc)
FIRST = "  utter_trouble:\n    - text: 抱歉～\n"
SLOTS = """\
  region:
    type: categorical
    influence_conversation: false
    values: [新疆, 西藏, 浙江]
    mappings: [{type: custom}]
  level:
    type: categorical
    influence_conversation: false
    values: [普通, PLUS]
    mappings: [{type: custom}]
  kind:
    type: any
    influence_conversation: false
    mappings: [{type: custom}]
forms:
"""
FAR = "condition: [{type: slot, name: region, value: [新疆, 西藏]}]"
PLUS = "condition: [{type: slot, name: level, value: PLUS}]"
BOTH = "condition: [{type: slot, name: region, value: [新疆, 西藏]}, {type: slot, name: level, value: PLUS}]"


def until(moment: str) -> str:
    return f"metadata:\n        valid_until: {moment}"


def since(moment: str) -> str:
    return f"metadata:\n        valid_from: {moment}"


@pytest.fixture
def shop(project: Any) -> Any:
    project.replace("domain.yml", "forms:\n", SLOTS)
    return project


def write(project: Any, *variations: str) -> None:
    """Writes the variations of a response, each by what stands under its text; `a`, `b` … are the texts."""
    rows = "".join(
        f"    - text: 答案{chr(ord('a') + number)}\n" + (f"      {below}\n" if below else "")
        for number, below in enumerate(variations)
    )
    project.replace("domain.yml", FIRST, "  utter_trouble:\n" + rows)


def said(project: Any) -> list[str]:
    return [str(each) for each in check_variations(read_project(project.root, project.root / "playbook"), NOW)]


def place(project: Any, text: str) -> str:
    return f"domain.yml:{project.line_of('domain.yml', text)}: "


def test_answers_that_are_told_apart_are_no_mistake(shop: Any) -> None:
    write(shop, "", "", FAR, PLUS, BOTH, since("2999-02-02 00:00"), "channel: rest")
    assert said(shop) == []
    _, problems = find_problems(shop.root, shop.root / "playbook")
    assert problems == []


@pytest.mark.parametrize(
    ("below", "named", "words"),
    [
        (
            "condition: [{type: slot, name: regoin, value: 新疆}]",
            "regoin",
            ("never shows: there is no slot regoin", "did you mean region?"),
        ),
        (
            "condition: [{type: slot, name: region, value: 火星}]",
            "火星",
            ("never shows: region is never 火星", "add it to the values of the slot"),
        ),
        (
            "condition: [{type: slot, name: level, value: [PLUS, PLSU]}]",
            "PLSU",
            ("never shows for PLSU: level is never PLSU", "did you mean PLUS?"),
        ),
        (
            "condition: [{type: slot, name: kind, value: 工装衣}]",
            "工装衣",
            ("no product of the catalogue has the kind 工装衣", "add such a product"),
        ),
        (
            "condition: [{type: slot, name: region, value: 新疆}, {type: slot, name: region, value: 浙江}]",
            "name: region, value: 浙江",
            ("never shows: region would have two values at once",),
        ),
        ("condition: [{type: slut, name: region, value: 新疆}]", "slut", ("this is no condition", "{type: slot,")),
        ("condition: [{name: region}]", "{name: region}", ("this is no condition",)),
        ("channel: rset", "rset", ("there is no channel rset", "did you mean rest?")),
        (since("2026-11-11"), "valid_from", ("2026-11-11 is no time", "as 2026-11-12 00:00")),
        (until("2026-11-11 20:00:00"), "valid_until", ("is no time such as", "to the minute")),
        (until("2026-02-30 00:00"), "valid_until", ("there is no such day",)),
        (
            f"{since('2027-02-02 00:00')}\n        valid_until: 2027-02-01 00:00",
            "valid_from",
            ("ends before it starts",),
        ),
        (f"{since('2027-02-02 00:00')}\n        zone: Mars/Olympus", "valid_from", ("no zone such as Asia/Shanghai",)),
        ("metadata: {valid_form: '2027-02-02 00:00'}", "valid_form", ("no valid_form", "did you mean valid_from?")),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_with_line_and_remedy(
    shop: Any, below: str, named: str, words: tuple[str, ...]
) -> None:
    shop.write("credentials.yml", "rest:\nsixty.channels.web.WebChannel:\n")
    write(shop, "", below)
    (line,) = said(shop)
    assert line.startswith(place(shop, named)), line
    for each in words:
        assert each in line


def test_a_day_that_is_no_text_to_yaml_breaks_nothing_else(shop: Any) -> None:
    """Rasa makes a date of it, which it can't train with."""
    write(shop, "", until("2999-11-11"))
    _, problems = find_problems(shop.root, shop.root / "playbook")
    assert [str(each).startswith(place(shop, "valid_until")) for each in problems] == [True]


def test_channels_are_those_of_the_credentials_and_the_terminal(shop: Any) -> None:
    shop.write("credentials.yml", "rest:\nsixty.channels.web.WebChannel:\n")
    write(shop, "", "channel: rest", "channel: web", "channel: cmdline")
    assert said(shop) == []


def test_a_kind_of_the_catalogue_is_no_mistake(shop: Any) -> None:
    write(shop, "", "condition: [{type: slot, name: kind, value: 工装裤}]")
    assert said(shop) == []


@pytest.mark.parametrize(
    "variations",
    [(FAR,), ("channel: rest",), (since("2027-01-01 00:00"),), (until("2027-01-01 00:00"),), (FAR, PLUS, BOTH)],
)
def test_a_question_without_a_default_is_found(shop: Any, variations: tuple[str, ...]) -> None:
    write(shop, *variations)
    (line,) = said(shop)
    assert line.startswith(place(shop, "utter_trouble"))
    assert "utter_trouble has no answer for everybody else" in line
    assert "Add a variation without condition" in line


def test_a_default_that_has_begun_is_one(shop: Any) -> None:
    write(shop, since("2026-11-01 00:00"))
    assert said(shop) == []


def test_what_has_expired_is_said_and_is_no_failure(shop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    # The clock of the zone counts: 12:00 in Shanghai is 04:00 in UTC.
    write(shop, "", until("2026-11-22 12:00"), f"{FAR}\n      {until('2026-11-22 12:01')}")
    (line,) = said(shop)
    assert line.startswith(place(shop, "答案b"))
    assert "has expired: it was valid until 2026-11-22 12:00" in line
    assert "Remove it, or give it a later valid_until" in line

    shop.replace("domain.yml", "valid_until: 2026-11-22 12:00\n", "valid_until: 2020-01-01 00:00\n")
    shop.replace("domain.yml", "valid_until: 2026-11-22 12:01\n", "valid_until: 2999-01-01 00:00\n")
    assert report(shop.root, shop.root / "playbook") == 0
    shown = capsys.readouterr().out.splitlines()
    assert [row for row in shown if "has expired" in row]
    assert shown[-1].startswith("ok: ")


def test_an_answer_that_another_one_always_beats_is_found(shop: Any) -> None:
    write(shop, "", FAR, "condition: [{type: slot, name: region, value: 新疆}]")
    (line,) = said(shop)
    assert line.startswith(place(shop, "答案c"))
    assert f"never shows: the one in {place(shop, '答案b').rstrip(': ')} fits whenever this one does" in line


def test_a_new_default_that_has_begun_hides_the_old_one(shop: Any) -> None:
    write(shop, "", since("2026-11-01 00:00"))
    (line,) = said(shop)
    assert line.startswith(place(shop, "答案a"))
    assert "never shows" in line
    shop.replace("domain.yml", "2026-11-01", "2026-12-01")
    assert said(shop) == []


@pytest.mark.parametrize(
    ("variations", "case"),
    [
        (("condition: [{type: slot, name: region, value: 新疆}]", FAR), "region is 新疆"),
        ((FAR, PLUS), "region is 新疆 or 西藏 and level is PLUS"),
        ((since("2026-12-01 00:00"), until("2026-12-24 00:00")), "at the same time"),
    ],
)
def test_answers_between_which_only_their_order_decides_are_found(
    shop: Any, variations: tuple[str, ...], case: str
) -> None:
    write(shop, "", *variations)
    (line,) = said(shop)
    assert line.startswith(place(shop, "答案c"))
    assert case in line
    assert "then the first is said" in line


def test_periods_that_follow_each_other_do_not_overlap(shop: Any) -> None:
    write(shop, "", until("2026-12-24 00:00"), since("2026-12-24 00:00"))
    assert said(shop) == []


@pytest.mark.parametrize("below", [FAR, "channel: rest", since("2026-12-01 00:00")])
def test_only_answers_for_everybody_may_vary(shop: Any, below: str) -> None:
    write(shop, "", "", below, below)
    (line,) = said(shop)
    assert line.startswith(place(shop, "答案d"))
    assert "same conditions and time" in line
    assert "only answers for everybody may vary" in line


def test_channels_and_regions_are_no_overlap(shop: Any) -> None:
    """What was written for the customer goes before what was written for the channel."""
    write(shop, "", FAR, "channel: rest")
    assert said(shop) == []
