from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.bursts import Read, bursts_of, compare, gaps_of, how_many, parts
from sixty.channels.bursts import fits, joined, waits
from sixty.channels.door_options import Bursts


def turn(dialog: str, user: str, reply: str = "", overall: bool = False) -> dict[str, Any]:
    return {"dialog": dialog, "user": user, "agent_reply": reply, "overall": overall}


def test_lines_without_an_answer_between_them_are_a_burst() -> None:
    rows = [
        turn("a", "在吗", "在的"),
        turn("a", "我想问下"),
        turn("a", " "),
        turn("a", "这件包邮吗", "包邮"),
        turn("a", "好"),
        turn("a", "OVERALL", overall=True),
        turn("b", "你好", " "),
        turn("b", "有货吗"),
    ]
    assert list(bursts_of(rows)) == [("在吗",), ("我想问下", "这件包邮吗"), ("好",), ("你好", "有货吗")]


@given(st.lists(st.text("一二三", min_size=1, max_size=6), max_size=12), st.integers(1, 6), st.integers(1, 5))
def test_parts_keep_every_line_and_their_order(lines: list[str], shortest: int, most: int) -> None:
    made = parts(tuple(lines), shortest, most)
    assert [line for turn_ in made for line in turn_] == lines
    assert all(len(each) <= most and all(len(line) <= shortest for line in each[:-1]) for each in made)


def test_how_many() -> None:
    figures = how_many([("一",), ("一", "二"), ("一", "二", "三", "四", "五", "六")])
    assert (figures["lines"], figures["messages"]) == (9, 3)
    assert figures["in_bursts"] == pytest.approx(8 / 9, abs=1e-4)
    assert figures["sizes"] == {"1": 0.3333, "2": 0.3333, "5+": 0.3333}


def test_the_moment_between_lines() -> None:
    def said(sender: str, time: str) -> dict[str, str]:
        return {"sender_type": sender, "time": f"2018-09-30 {time}"}

    dialog = {
        "dialogue": [
            said("用户", "15:57:00"),
            said("用户", "15:57:04"),
            said("客服", "15:57:05"),
            said("用户", "15:58:00"),
        ]
    }
    assert gaps_of([dialog]) == [4]


def test_what_joining_changes() -> None:
    reads = {
        "在吗": Read("greet", None),
        "我买的": Read(None, None),
        "几时到": Read("ask_delivery_time", None),
        "在吗 我买的 几时到": Read("ask_delivery_time", "ask_ship_time"),
    }
    figures = compare([("在吗", "我买的", "几时到")], reads, 10, {"几时到": ("ask_ship_time",), "我买的": ("inform",)})
    assert figures["replies_a_burst"] == {"alone": 3.0, "joined": 1.0}
    assert figures["answered"] == {"alone": 0.6667, "joined": 1.0}
    assert figures["asked_back_a_burst"] == {"alone": 1.0, "joined": 0.0}
    assert figures["right"] == {"labelled": 2, "alone": 0.0, "joined": 0.5}


def test_lines_are_joined() -> None:
    assert joined(["你好！", " 我想问下 ", "包邮吗？"]) == "你好！ 我想问下 包邮吗？"
    assert joined(["一"]) == "一"
    assert joined([]) == ""


def test_when_more_is_waited_for() -> None:
    bursts = Bursts.parse_obj({"wait": 1, "shortest": 3, "lines": 2})
    assert waits("在吗", bursts)
    assert not waits("这件包邮吗", bursts)
    assert not waits("在吗", Bursts.parse_obj({"wait": 0}))
    assert fits(["在吗"], "有货吗", bursts, 100)
    assert not fits(["在吗", "有货吗"], "急", bursts, 100)
    assert not fits(["在吗"], "长" * 100, bursts, 100)
