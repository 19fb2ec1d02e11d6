"""Words are changed where they stand, and only where they can be used."""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.outreach import text_edits
from sixty.outreach.models import OutreachEdit
from sixty.outreach.scenes_file import OUTREACH_FILE, read_scenes
from sixty.outreach.text_edits import TextEditError, change_words, check_words, history, undo, words_of
from sixty.settings import project_root

NOW = datetime(2026, 11, 11, 9, tzinfo=timezone.utc)
PLACE = "variants.plain.text"


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    """The shop's own, to be changed."""
    return Path(shutil.copytree(project_root() / "playbook", tmp_path / "playbook"))


def words(playbook: Path, scene: str = "unpaid", place: str = PLACE) -> str:
    return next(each.text for each in words_of(read_scenes(playbook).scenes[scene]) if each.place == place)


def change(session: Session, playbook: Path, after: str, scene: str = "unpaid", place: str = PLACE) -> OutreachEdit:
    before = words(playbook, scene, place)
    return change_words(session, playbook, scene, place, before, after, "boss", NOW)


def test_every_place_of_every_scene_can_be_changed_and_taken_back(session: Session, playbook: Path) -> None:
    file = playbook / OUTREACH_FILE
    places = [(scene.id, each.place) for scene in read_scenes(playbook).scenes.values() for each in words_of(scene)]
    assert len(places) > 30
    for scene, place in places:
        before = file.read_text(encoding="utf-8")
        edit = change(session, playbook, "给您留着呢，{product}随时可以带走～", scene, place)
        after = file.read_text(encoding="utf-8")
        assert words(playbook, scene, place) == "给您留着呢，{product}随时可以带走～"
        changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
        assert len(changed) == 1, (scene, place)
        undo(session, playbook, edit.id, "boss", NOW)
        assert words(playbook, scene, place) == edit.before
        # Comments, order and layout are as they were.
        assert file.read_text(encoding="utf-8") == before


def test_what_was_changed_is_remembered(session: Session, playbook: Path) -> None:
    first = change(session, playbook, "{product}给您留到今晚～")
    undo(session, playbook, first.id, "li", NOW)
    found = history(session, "unpaid")
    assert [(each.by, each.after == first.before) for each in found] == [("li", True), ("boss", False)]
    assert history(session, "review") == []
    assert [each.id for each in history(session, before=found[0].id)] == [first.id]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("{prodct}还没付款", "没有变量 {prodct}，是不是想写 {product}（商品名）？"),
        ("{link}还没付款", "没有变量 {link}，可以用：{shop} 店铺名、"),
        ("{}还没付款", "没有变量 {}"),
        ("{product还没付款", "花括号没有配对"),
        ("product}还没付款", "花括号没有配对"),
        ("{{product}}还没付款", "花括号没有配对"),
        ("{product!r}还没付款", "花括号没有配对"),
        ("还差{amount:.2f}元", "花括号没有配对"),
        ("全网最低价的{product}，最后一天", "“全网最低”是广告里不能用的说法"),
    ],
)
def test_words_that_cannot_be_used_change_nothing(session: Session, playbook: Path, after: str, said: str) -> None:
    before = (playbook / OUTREACH_FILE).read_text(encoding="utf-8")
    faults = check_words(playbook, "unpaid", PLACE, after)
    assert said in f"{faults[0].message}，{faults[0].remedy}"
    with pytest.raises(TextEditError, match=re.escape(faults[0].message)) as caught:
        change(session, playbook, after)
    assert (caught.value.code, list(caught.value.faults)) == ("wrong", faults)
    assert (playbook / OUTREACH_FILE).read_text(encoding="utf-8") == before
    assert history(session) == []


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("【六拾优选】{product}还没付款", "又写了签名"),
        ("{product}还没付款【六拾优选】", "又写了签名"),
        ("付" * 501, "最多 500 个字"),
        ("{substitute}也不错", "没有变量 {substitute}"),
    ],
)
def test_what_an_sms_may_not_say(session: Session, playbook: Path, after: str, said: str) -> None:
    assert [said in each.message for each in check_words(playbook, "unpaid", "ladder.2.text", after)] == [True]
    with pytest.raises(TextEditError, match=re.escape(said)):
        change(session, playbook, after, place="ladder.2.text")


def test_a_file_that_is_wrong_elsewhere_is_told_with_its_line(session: Session, playbook: Path) -> None:
    file = playbook / OUTREACH_FILE
    before = words(playbook)
    file.write_text(file.read_text(encoding="utf-8").replace("goal: paid", "goal: gold", 1), encoding="utf-8")
    (fault,) = check_words(playbook, "unpaid", PLACE, "{product}给您留着～")
    assert re.fullmatch(r"剧本第 \d+ 行有错，改好之前存不了", fault.message)
    with pytest.raises(TextEditError, match="改好之前存不了"):
        change_words(session, playbook, "unpaid", PLACE, before, "{product}给您留着～", "boss", NOW)


def test_who_comes_second_is_told_what_stands_there(session: Session, playbook: Path) -> None:
    before = words(playbook)
    change(session, playbook, "{product}给您留着～")
    with pytest.raises(TextEditError) as caught:
        change_words(session, playbook, "unpaid", PLACE, before, "别的", "li", NOW)
    assert (caught.value.code, caught.value.now) == ("changed_meanwhile", "{product}给您留着～")


@pytest.mark.parametrize(
    ("scene", "place"),
    [
        ("nothing", PLACE),
        ("unpaid", "variants.nothing.text"),
        ("unpaid", "ladder.9.text"),
        ("unpaid", "variants"),
        ("unpaid", "ladder.1.text"),
        ("unpaid", "variants.1.text"),
        ("unpaid", "control"),
    ],
)
def test_a_place_that_is_not_there(session: Session, playbook: Path, scene: str, place: str) -> None:
    with pytest.raises(TextEditError) as caught:
        change_words(session, playbook, scene, place, "0.1", "0.5", "boss", NOW)
    assert caught.value.code == "unknown"
    with pytest.raises(TextEditError):
        check_words(playbook, scene, place, "!")


def test_a_folder_that_cannot_be_written(session: Session, playbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    before = words(playbook)
    monkeypatch.setattr("sixty.outreach.text_edits.tempfile.mkstemp", refused)
    with pytest.raises(TextEditError) as caught:
        change(session, playbook, "{product}给您留着～")
    assert caught.value.code == "read_only"
    assert words(playbook) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="{}"), min_size=1, max_size=30))
@example("引号\"和'，冒号: 井号 # 破折号 - 反斜杠\\")
@example("yes")
@example("[a, b]")
@example("🎁 表情")
@example(" 两头有空格 ")
def test_whatever_is_written_is_read_as_it_was_written(session: Session, playbook: Path, text: str) -> None:
    if check_words(playbook, "unpaid", PLACE, text) or text.strip() == words(playbook):
        return
    change(session, playbook, text)
    assert words(playbook) == text.strip()
    change(session, playbook, "{product}给您留着～")
    assert words(playbook) == "{product}给您留着～"


def test_words_that_somebody_wrote_with_spaces_around_them_can_be_changed(session: Session, playbook: Path) -> None:
    file, before = playbook / OUTREACH_FILE, words(playbook)
    file.write_text(file.read_text(encoding="utf-8").replace(f'"{before}"', f'" {before} "'), encoding="utf-8")
    assert words(playbook) == before
    change(session, playbook, "{product}给您留着～")
    assert words(playbook) == "{product}给您留着～"


def test_a_blocks_comment_and_the_lines_behind_it_stay(session: Session, playbook: Path) -> None:
    file = playbook / OUTREACH_FILE
    written = file.read_text(encoding="utf-8")
    line = next(each for each in written.splitlines() if "{product}还差一步付款" in each)
    block = """      - id: short
        text: >-   # 法务看过
          {product}还差一步付款，
          要帮忙吗？

        card: order"""
    file.write_text(written.replace(line, block), encoding="utf-8")
    before = file.read_text(encoding="utf-8")
    change(session, playbook, "{product}还没付款，要帮忙吗？", place="variants.short.text")
    assert file.read_text(encoding="utf-8") == before.replace(
        ">-   # 法务看过\n          {product}还差一步付款，\n          要帮忙吗？\n",
        '"{product}还没付款，要帮忙吗？"   # 法务看过\n',
    )
    assert words(playbook, place="variants.short.text") == "{product}还没付款，要帮忙吗？"


def test_what_is_saved_in_an_editor_meanwhile_stays(
    session: Session, playbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = playbook / OUTREACH_FILE
    looked = text_edits._faults

    def saves_while_it_is_looked_at(*of: Any) -> Any:
        file.write_text(file.read_text(encoding="utf-8") + "# 刚刚加的一行\n", encoding="utf-8")
        return looked(*of)

    monkeypatch.setattr(text_edits, "_faults", saves_while_it_is_looked_at)
    with pytest.raises(TextEditError) as error:
        change(session, playbook, "{product}给您留到今晚～")
    assert (error.value.code, error.value.now) == ("changed_meanwhile", words(playbook))
    assert file.read_text(encoding="utf-8").endswith("# 刚刚加的一行\n")


def test_a_file_that_is_half_written_is_left_alone(session: Session, playbook: Path) -> None:
    file, before = playbook / OUTREACH_FILE, words(playbook)
    half = file.read_text(encoding="utf-8").replace("scenes:", "scenes: {", 1)
    file.write_text(half, encoding="utf-8")
    with pytest.raises(TextEditError, match="读不出来"):
        change_words(session, playbook, "unpaid", PLACE, before, "{product}给您留到今晚～", "boss", NOW)
    assert file.read_text(encoding="utf-8") == half
