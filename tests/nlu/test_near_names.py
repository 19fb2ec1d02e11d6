from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.near_names import is_meant_by_sound, is_meant_by_spelling, is_shortened, one_slip
from sixty.nlu.sounds import sound_alike

NAME = "多口袋耐磨工装裤"
WORDS = st.text("多口袋耐磨工装裤男x5", min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("written", "way"),
    [
        ("多口袋耐工装裤", "left out"),
        ("多口袋耐磨的工装裤", "added"),
        ("多袋口耐磨工装裤", "swapped"),
        ("多口袋耐摩工装裤", "replaced"),
    ],
)
def test_one_slip_is_forgiven(written: str, way: str) -> None:
    slip = one_slip(NAME, written)
    assert slip is not None
    assert slip.way == way
    assert is_meant_by_spelling(NAME, written)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (NAME, NAME),
        (NAME, "多口袋工装裤"),  # two characters
        ("男士速干工装裤", "女士速干工装裤"),  # another variant
        ("圆领加绒工装卫衣", "高领加绒工装卫衣"),  # another word
        ("澜星x5手机", "澜星x6手机"),
        ("澜星x5手机", "澜星x手机"),
        ("二代降噪耳机", "三代降噪耳机"),
        ("加绒防风外套", "不加绒防风外套"),
        ("加绒防风外套", "加绒女防风外套"),
        ("加绒防风外套", "加绒,防风外套"),
        ("工装裤", "工衣裤"),  # too short
        ("宝宝沐浴露", "宝宝沐浴"),
        ("充电宝手机壳", "充电宝手机可"),  # …可以用吗
    ],
)
def test_what_may_be_meant_is_not_corrected(name: str, written: str) -> None:
    assert not is_meant_by_spelling(name, written)


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("工装裤", "工装库", True),
        ("工装裤", "公庄裤", False),  # of three two have to be right
        ("多口袋工装裤", "多口带工庄裤", True),
        ("手机壳", "手机可", False),
        ("裤子", "库子", False),
        ("工装裤", "工装裤", False),
    ],
)
def test_sounds(name: str, written: str, meant: bool) -> None:
    assert is_meant_by_sound(name, written) is meant


def test_southern_ears() -> None:
    assert sound_alike("裤", "库")
    assert sound_alike("沙", "撒")
    assert sound_alike("精", "金")
    assert not sound_alike("裤", "可")
    assert not sound_alike("5", "6")


@given(WORDS, WORDS)
def test_a_slip_leads_back_to_the_name(name: str, written: str) -> None:
    slip = one_slip(name, written)
    if slip is not None:
        assert written[: slip.at] + slip.meant + written[slip.at + len(slip.written) :] == name
        assert written[slip.at : slip.at + len(slip.written)] == slip.written


@given(WORDS, st.data())
def test_every_single_slip_is_one(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    assert one_slip(name, name[:at] + name[at + 1 :]) is not None
    assert one_slip(name, name[:at] + "新" + name[at:]) is not None
    assert one_slip(name, name[:at] + "新" + name[at + 1 :]) is not None


def test_shortened() -> None:
    assert is_shortened(NAME, "多口袋工装裤")
    assert not is_shortened(NAME, "工装裤多口袋")
    assert not is_shortened(NAME, NAME)
