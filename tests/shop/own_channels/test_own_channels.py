from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.settings import project_root
from sixty.shop.benefits import About, BenefitPlan, Granted, Refused, settle
from sixty.shop.benefits.benefit import AuthorityLimit, Benefit, Condition, CouponTerms
from sixty.shop.located import Problem
from sixty.shop.orders import Viewer
from sixty.shop.own_channels import (
    Channel,
    ChannelCard,
    Place,
    card_for,
    channel_report,
    code_svg,
    joined,
    read_channels,
    scanned,
)
from sixty.shop.own_channels.marks import is_ours, mark_of
from sixty.shop.own_channels.models import OwnChannelMark, OwnChannelVisit
from sixty.shop.own_channels.reading import check_channels
from sixty.shop.pricing.offers import quote

SECRET = "s" * 40
PLACE = Place(SECRET, "https://desk.example")
TROUSERS = {"GZ2101-02": 1}
WELCOME = Benefit(
    *("welcome", "coupon", "8元红包", Decimal(8), "{title}", "{title}"),
    stock=2,
    coupon=CouponTerms("red_packet", Decimal(0), Decimal(8)),
)
PLAN = BenefitPlan(
    {"welcome": WELCOME}, authorities={"bot": AuthorityLimit(Decimal(10), Decimal(20), timedelta(days=30))}
)
CHANNELS = (
    Channel(
        *("advisor", "qr", "专属顾问", ("加上就送{benefit}～", "慢慢帮您比～"), "https://chat.example/?from={mark}"),
        benefit="welcome",
        situations=frozenset({"silence"}),
        when=Condition(least=Decimal(100)),
    ),
    Channel(
        "members", "membership", "加入会员", ("免费的～",), "/my/membership", when=Condition(levels=frozenset({"访客"}))
    ),
    Channel("account", "wechat", "服务号", ("发物流给您～",), "https://mp.example/{mark}", account="六拾优选"),
)


def invite(session: Session, viewer: Viewer, now: datetime, situation: str = "silence", **more: object) -> ChannelCard:
    found = card_for(
        session,
        viewer,
        now,
        situation,
        channels=CHANNELS,
        benefits=PLAN,
        place=PLACE,
        **more,  # type: ignore[arg-type]
    )
    assert found is not None
    return found


def join(session: Session, card: ChannelCard, visitor: str, now: datetime) -> Granted | Refused | None:
    found = joined(session, card.mark, visitor, now, SECRET, CHANNELS, PLAN)
    assert found is not None
    return found.given


def test_the_shipped_channels_are_valid() -> None:
    channels = read_channels(project_root() / "playbook")
    assert {each.kind for each in channels} == {"qr", "membership", "wechat"}
    assert all(each.benefit for each in channels)


def test_the_first_channel_that_fits_is_shown(shop: Session, now: datetime) -> None:
    dear = invite(shop, Viewer("c1", "C001"), now, about=About("GZ2101"))
    assert (dear.channel_id, dear.benefit_title, dear.text) == ("advisor", "8元红包", "加上就送8元红包～")
    assert dear.link == f"https://desk.example/j/{dear.mark}"
    assert dear.picture == f"https://desk.example/own/{dear.mark}.svg"
    assert invite(shop, Viewer("c2", None), now).channel_id == "members"
    card = invite(shop, Viewer("c3", "C001"), now).as_card()
    assert (card["type"], card["kind"], card["account"], card["benefit"]) == ("own_channel", "wechat", "六拾优选", None)
    assert invite(shop, Viewer("c4", "C001"), now, "bargaining", channel_id="advisor").channel_id == "advisor"


def test_a_benefit_that_is_used_up_is_not_promised(shop: Session, now: datetime) -> None:
    for number in range(2):
        card = invite(shop, Viewer(f"c{number}", None), now, channel_id="advisor")
        assert isinstance(join(shop, card, f"somebody {number}", now), Granted)
    late = invite(shop, Viewer("c9", None), now, channel_id="advisor")
    assert (late.benefit_title, late.text) == (None, "慢慢帮您比～")
    refused = join(shop, late, "somebody else", now)
    assert isinstance(refused, Refused)
    assert refused.reason == "out_of_stock"


def test_a_card_shown_again_has_the_same_mark(shop: Session, now: datetime) -> None:
    first = invite(shop, Viewer("c1", None), now, channel_id="advisor")
    again = invite(shop, Viewer("c1", "C001"), now + timedelta(hours=1), channel_id="advisor")
    other = invite(shop, Viewer("c2", None), now, channel_id="advisor")
    assert first.mark == again.mark != other.mark
    row = shop.get(OwnChannelMark, first.mark)
    assert row is not None
    assert (row.customer_id, row.made_at) == ("C001", now)


def test_who_follows_and_joins_is_counted_once(shop: Session, now: datetime) -> None:
    card = invite(shop, Viewer("c1", "C001"), now, channel_id="advisor")
    for visitor in ("a", "a", "b"):
        target = scanned(shop, card.mark, visitor, now, SECRET, CHANNELS)
        assert target == f"https://chat.example/?from={card.mark}"
    before = quote(shop, TROUSERS, now, "C001").goods
    given = join(shop, card, "openid-a", now)
    assert isinstance(given, Granted)
    assert quote(shop, TROUSERS, now, "C001").goods == before - 8
    assert join(shop, card, "openid-a", now) is None
    # The same person by another card is no newcomer.
    elsewhere = invite(shop, Viewer("c2", None), now, channel_id="advisor")
    assert join(shop, elsewhere, "openid-a", now) is None
    figures = channel_report(shop, now, now + timedelta(seconds=1))
    assert [(each.shown, each.scanned, each.joined, each.visitors) for each in figures] == [(2, 1, 1, 1)]
    assert figures[0].rate.low < 0.5 < figures[0].rate.high
    kept = set(shop.scalars(select(OwnChannelVisit.visitor)))
    assert all("openid" not in each and len(each) == 64 for each in kept)


def test_who_has_joined_is_not_invited_again(shop: Session, now: datetime) -> None:
    card = invite(shop, Viewer("c1", "C001"), now, about=About("GZ2101"))
    join(shop, card, "openid", now)
    assert invite(shop, Viewer("another", "C001"), now, about=About("GZ2101")).channel_id == "account"


def test_what_a_visitor_gets_for_joining_waits_for_them(shop: Session, now: datetime) -> None:
    card = invite(shop, Viewer("c1", None), now, channel_id="advisor")
    given = join(shop, card, "openid", now)
    assert isinstance(given, Granted)
    assert given.held
    before = quote(shop, TROUSERS, now, "C002").goods
    assert len(settle(shop, Viewer("c1", "C002"), now, PLAN)) == 1
    assert quote(shop, TROUSERS, now, "C002").goods == before - 8


@pytest.mark.parametrize("change", ["first", "last", "short", "empty", "other secret", "unknown"])
def test_a_mark_that_is_not_ours_leads_nowhere(shop: Session, now: datetime, change: str) -> None:
    mark = invite(shop, Viewer("c1", None), now, channel_id="advisor").mark
    forged = {
        "first": ("a" if mark[0] != "a" else "b") + mark[1:],
        "last": mark[:-1] + ("a" if mark[-1] != "a" else "b"),
        "short": mark[:-1],
        "empty": "",
        "other secret": mark_of("x" * 40, "advisor", "c1"),
        # Ours, but of a card that nobody was shown.
        "unknown": mark_of(SECRET, "advisor", "nobody"),
    }[change]
    assert scanned(shop, forged, "a", now, SECRET, CHANNELS) is None
    assert joined(shop, forged, "a", now, SECRET, CHANNELS, PLAN) is None
    assert shop.scalar(select(func.count()).select_from(OwnChannelVisit)) == 0


@given(st.text(max_size=40))
def test_no_text_passes_for_a_mark(text: str) -> None:
    assert not is_ours(text, SECRET)


@given(st.text(min_size=1, max_size=64), st.text(min_size=1, max_size=64))
def test_marks_are_ours_and_tell_conversations_apart(one: str, other: str) -> None:
    mark = mark_of(SECRET, "advisor", one)
    assert is_ours(mark, SECRET)
    assert (mark == mark_of(SECRET, "advisor", other)) == (one == other)


def test_the_code_is_a_picture_that_can_be_scanned() -> None:
    drawn = ElementTree.fromstring(code_svg(f"https://desk.example/j/{'a' * 32}"))
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert int(drawn.attrib["width"]) == int(drawn.attrib["height"]) > 200


def test_a_channel_that_is_gone_leads_nowhere(shop: Session, now: datetime) -> None:
    mark = invite(shop, Viewer("c1", None), now, channel_id="advisor").mark
    assert scanned(shop, mark, "a", now, SECRET, [replace(CHANNELS[0], id="renamed")]) is None


YAML = """channels:
  - id: advisor
    kind: qr
    title: 专属顾问
    say: ["加上就送{benefit}～", 慢慢帮您比～]
    target: https://chat.example/?from={mark}
    benefit: welcome
"""


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("benefit: welcome", "benefit: welcom", "no benefit welcom", 7),
        ("target: https://chat.example", "target: javascript:alert(1)//", "https://", 6),
        ("target: https://chat.example", "target: //elsewhere.example", "https://", 6),
        (", 慢慢帮您比～", "", "last line", 5),
        ("{benefit}", "{moon}", "nothing is known as {moon}", 5),
        ("kind: qr", "kind: wechat", "account", 2),
        ("kind: qr", "kind: fax", "unexpected value", 3),
        ("id: advisor", "id: Advisor 1", "string does not match", 2),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str, line: int) -> None:
    (tmp_path / "own_channels.yml").write_text(YAML.replace(old, new), encoding="utf-8")
    found: list[Problem] = []
    check_channels(tmp_path, found, PLAN)
    assert [(each.line, message in each.message) for each in found] == [(line, True)], [str(each) for each in found]
