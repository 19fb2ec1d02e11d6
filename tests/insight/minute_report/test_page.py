"""The page: that it stands alone, says what the figures say, and takes any name as a name."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from sqlalchemy.orm import Session

from sixty.insight.minute_report.gathering import gather
from sixty.insight.minute_report.page import page_of
from sixty.insight.minute_report.plain import plain_report
from sixty.insight.minute_report.scope import Scope
from sixty.insight.minute_report.titles import Titles
from sixty.insight.rules import WillingnessRules
from sixty.playbook import capsule_plan
from tests.insight.report_rows import NOW, YESTERDAY, Asked, add_visit

RULES = WillingnessRules()
_VOID = {"meta", "br", "rect", "line", "polyline", "polygon", "path", "circle"}


class Reader(HTMLParser):
    """Reads a page and notes what is open at the end, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in ("src", "href", "srcset", "xlink:href")]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert reader.fetched == []
    assert len(reader.ids) == len(set(reader.ids))
    return reader


def page(session: Session, **scope: object) -> str:
    found = gather(session, Scope(NOW, timedelta(minutes=30), **scope), RULES.clock, 0.1)
    return page_of(found, Titles(capsule_plan()), RULES)


def shop(session: Session) -> None:
    for place in range(60):
        quiet = place % 3 == 0
        add_visit(
            session,
            f"c{place}",
            [
                Asked("ask_price"),
                Asked("ask_attribute.材质", "missed" if place % 7 == 0 else "answered", pushed=not quiet),
            ],
            at=YESTERDAY - timedelta(hours=place),
            arm="quiet" if quiet else "pushes",
            line="Z" if place % 7 == 0 else "A",
            ordered=place % 7 != 0 and place % 2 == 0,
            category="裤子" if place % 2 else "奶瓶",
        )


def test_a_shop_without_visits_has_a_page(session: Session):
    text = "".join(read(page(session)).text)
    assert "还没有咨询" in text
    assert "还没有已经结束的咨询" in text
    assert "nan" not in text.lower()


def test_one_visit_is_told_as_one(session: Session):
    add_visit(session, "only", [Asked("ask_price")], ordered=True)
    text = "".join(read(page(session)).text)
    assert "100.0%" in text
    # One of one is no certainty: Wilson's interval.
    assert "20.7–100.0%" in text
    assert "数据太少，先不下结论" in text


def test_the_page_stands_alone_and_names_what_was_asked(session: Session):
    shop(session)
    made = page(session)
    reader = read(made)
    text = "".join(reader.text)
    assert not re.search(r"https?://", made)
    for words in (
        "意愿曲线",
        "走了哪条线",
        "顾客在哪儿走掉",
        "推题做了什么",
        "答案已经在那儿",
        "等多久",
        "什么面料",
        "裤子",
        "奶瓶",
    ):
        assert words in text
    assert {"view-0", "view-1", "view-2"} <= set(reader.ids)


def test_a_category_alone_has_no_tabs(session: Session):
    shop(session)
    reader = read(page(session, category="裤子"))
    assert [each for each in reader.ids if each.startswith("view")] == ["view-0"]
    assert "奶瓶" not in "".join(reader.text)


@pytest.mark.parametrize("name", ['<script>alert("x")</script>', "a'b\"c&d", "</svg></style>"])
def test_names_are_names_and_no_markup(session: Session, name: str):
    add_visit(session, "one", [Asked(f"ask_attribute.{name}"[:97]), Asked(name)], line="Z", category=name[:32])
    add_visit(session, "two", [Asked("ask_price")], category="裤子")
    made = page(session)
    read(made)
    assert "<script>alert" not in made
    assert "</svg></style>" not in made


def test_a_category_that_takes_longer_has_a_longer_minute(session: Session):
    rules = WillingnessRules.parse_obj({"clock": {"stretch": {"沙发": 3}}})
    add_visit(session, "one", ordered=True, category="沙发")
    add_visit(session, "two", ordered=True, category="裤子")
    found = gather(session, Scope(NOW, timedelta(minutes=30)), rules.clock)
    made = page_of(found, Titles(capsule_plan()), rules)
    views = {view.partition('"')[0]: view for view in made.split('class="view" id="view-')[1:]}
    assert ">60秒<" in views["0"]
    place = next(place for place, each in enumerate(found.categories, 1) if each.category == "沙发")
    assert ">3分<" in views[str(place)]
    assert ">45秒<" in views[str(place)]


def test_questions_are_called_as_customers_read_them():
    titles = Titles(capsule_plan())
    assert titles.of("ask_attribute.材质") == "什么面料"
    assert titles.of("ask_attribute.没有这个") == f"{capsule_plan().meanings['ask_attribute']}（没有这个）"
    assert titles.of("quite_unknown") == "quite_unknown"


def test_the_figures_for_machines_are_those_of_the_page(session: Session):
    shop(session)
    found = gather(session, Scope(NOW, timedelta(minutes=30)), RULES.clock, 0.1)
    plain = json.loads(json.dumps(plain_report(found, Titles(capsule_plan()))))
    assert plain["visits"] == 60
    assert plain["whole"]["courses"]["taken"]["Z"]["visits"] == 9
    assert plain["whole"]["experiment"]["quiet"]["conversations"] == 20
    assert plain["whole"]["experiment"]["verdict"] == "broken"
    assert {each["category"] for each in plain["categories"]} == {"裤子", "奶瓶"}
    assert plain["whole"]["losses"]["questions"][0]["title"] == "什么面料"
    assert len(plain["whole"]["curves"][0]["mean"]) == len(plain["seconds"])
