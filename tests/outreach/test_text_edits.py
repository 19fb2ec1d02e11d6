"""Words are changed where they stand, and only where they can be used."""

from __future__ import annotations

import shutil
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.outreach.models import OutreachEdit
from sixty.outreach.scenes import OUTREACH_FILE, read_scenes
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
        ("{prodct}还没付款", "prodct"),
        ("{product还没付款", "brace"),
        ("全网最低价的{product}，最后一天", "广告"),
    ],
)
def test_words_that_cannot_be_used_change_nothing(session: Session, playbook: Path, after: str, said: str) -> None:
    before = (playbook / OUTREACH_FILE).read_text(encoding="utf-8")
    problems = check_words(playbook, "unpaid", PLACE, after)
    assert problems
    with pytest.raises(TextEditError) as caught:
        change(session, playbook, after)
    assert caught.value.code == "wrong"
    assert (playbook / OUTREACH_FILE).read_text(encoding="utf-8") == before
    assert history(session) == []


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
        ("unpaid", "control"),
    ],
)
def test_a_place_that_is_not_there(session: Session, playbook: Path, scene: str, place: str) -> None:
    with pytest.raises(TextEditError) as caught:
        change_words(session, playbook, scene, place, "?", "!", "boss", NOW)
    assert caught.value.code in ("unknown", "changed_meanwhile")


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
def test_whatever_is_written_is_read_as_it_was_written(session: Session, playbook: Path, text: str) -> None:
    if check_words(playbook, "unpaid", PLACE, text) or text == words(playbook):
        return
    change(session, playbook, text)
    assert words(playbook) == text
