"""Changes the words of a scene in `playbook/outreach.yml`, where they stand, and remembers what they were.

Only the words themselves are replaced: comments, order and layout of the file stay as the merchant wrote them. The
changed file is read by the same rules as ever before it takes the old one's place, all at once, so that neither a slip
nor a crash leaves a file that cannot be used. What was changed stands in the table `outreach_edit`, and each change can
be taken back.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.outreach.models import OutreachEdit, Way
from sixty.outreach.scenes import Scene
from sixty.outreach.scenes_file import OUTREACH_FILE, check_outreach
from sixty.outreach.word_faults import Fault, faults_of
from sixty.shop.located import Problem
from sixty.tables import column

_VARIANTS, _LADDER = "variants", "ladder"
_COMMENT = re.compile(r"\s+#.*$")
# Nothing else of a scene can be changed here.
_PLACE = re.compile(rf"{_VARIANTS}\.[a-z][a-z0-9_]+\.text|{_LADDER}\.\d+\.text")


class TextEditError(Exception):
    """Words are not changed; says why, for whoever wanted to change them.

    Attributes:
        code: `unknown`, `changed_meanwhile`, `wrong` or `read_only`.
        faults: What is wrong with the new words, and what to do about it.
        now: The words that stand there.
    """

    def __init__(self, code: str, message: str, faults: Sequence[Fault] = (), now: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.faults = tuple(faults)
        self.now = now


@dataclass(frozen=True)
class Words:
    """Words of a scene that can be changed.

    Attributes:
        place: Where they stand in the scene: `variants.plain.text`, `ladder.2.text`.
        way: How they are said.
        audience: Whom a wording of the chat is for.
    """

    place: str
    way: Way
    text: str
    audience: str | None = None


def words_of(scene: Scene) -> list[Words]:
    """All words of a scene: its wordings in the chat, then what its further rungs say."""
    chat = [Words(f"{_VARIANTS}.{each.id}.text", "chat", each.text, each.audience) for each in scene.variants]
    further = [
        Words(f"{_LADDER}.{number}.text", each.way, each.text)
        for number, each in enumerate(scene.ladder, 1)
        if each.way != "chat"
    ]
    return [*chat, *further]


def change_words(
    session: Session, folder: Path, scene: str, place: str, before: str, after: str, by: str, now: datetime
) -> OutreachEdit:
    """Changes words, in the file and in its history.

    Args:
        session: A session that may write.
        folder: The playbook.
        scene: The scene's name.
        place: Where in the scene, as in `Words.place`.
        before: What the person who changes them has read there.
        after: The new words. Spaces around words count for nothing, as where the file is read.
        by: Who changes them.
        now: The present moment.

    Raises:
        TextEditError: There is no such place, somebody else has changed it, the new words are wrong, or the file
            cannot be written.
    """
    file = folder / OUTREACH_FILE
    before, after = before.strip(), after.strip()
    with _alone(folder):
        text = _read(file)
        node = _find(text, scene, place)
        if node is None:
            raise TextEditError("unknown", "剧本里没有这条话术了，刷新看看")
        if node.value.strip() != before:
            raise TextEditError("changed_meanwhile", "这条话术刚被改过，先看看现在的再改", now=node.value)
        if after == before:
            raise TextEditError("wrong", "内容没有变化")
        changed = _replaced(text, node, after)
        faults = _faults(folder, changed, scene, place, after)
        if faults:
            raise TextEditError("wrong", "；".join(f"{each.message}，{each.remedy}" for each in faults), faults)
        edit = OutreachEdit(scene=scene, place=place, before=before, after=after, by=by, at=now)
        session.add(edit)
        session.flush()
        if _read(file) != text:
            # Somebody has saved it in an editor meanwhile: what they wrote stays.
            raise TextEditError(
                "changed_meanwhile", "剧本刚在别处改过，先看看现在的再改", now=_now(_read(file), scene, place)
            )
        _write(file, changed)
    return edit


def undo(session: Session, folder: Path, edit_id: int, by: str, now: datetime) -> OutreachEdit:
    """Takes a change back, which is a change itself.

    Raises:
        TextEditError: As in `change_words`; the words have changed since.
    """
    edit: OutreachEdit | None = session.get(OutreachEdit, edit_id)
    if edit is None:
        raise TextEditError("unknown", "没有这次修改")
    return change_words(session, folder, edit.scene, edit.place, edit.after, edit.before, by, now)


def check_words(folder: Path, scene: str, place: str, after: str) -> list[Fault]:
    """What would be wrong with new words; nothing is changed.

    Raises:
        TextEditError: There is no such place, or the file cannot be read.
    """
    text = _read(folder / OUTREACH_FILE)
    node = _find(text, scene, place)
    if node is None:
        raise TextEditError("unknown", "剧本里没有这条话术了，刷新看看")
    return _faults(folder, _replaced(text, node, after), scene, place, after)


def history(session: Session, scene: str | None = None, before: int | None = None, limit: int = 50) -> list[Any]:
    """The changes, the newest first.

    Args:
        session: Any session.
        scene: Only of this scene.
        before: Only in front of this id, for the next page.
        limit: How many at most.
    """
    query = select(OutreachEdit)
    if scene is not None:
        query = query.where(column(OutreachEdit.scene) == scene)
    if before is not None:
        query = query.where(column(OutreachEdit.id) < before)
    return list(session.scalars(query.order_by(column(OutreachEdit.id).desc()).limit(limit)))


def _find(text: str, scene: str, place: str) -> yaml.ScalarNode | None:
    """The place in the file; what is anchored there for others would change with it, and is no place of its own."""
    if not _PLACE.fullmatch(place):
        return None
    try:
        node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise TextEditError("wrong", f"剧本 {OUTREACH_FILE} 第 {line} 行现在读不出来，改好之前存不了") from None
    for key in ("scenes", scene, *place.split(".")):
        node = _child(node, key)
    return node if isinstance(node, yaml.ScalarNode) else None


def _now(text: str, scene: str, place: str) -> str:
    node = _find(text, scene, place)
    return node.value if node is not None else ""


def _child(node: Any, key: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode):
        if key.isdigit():
            return node.value[int(key) - 1] if 0 < int(key) <= len(node.value) else None
        return next((each for each in node.value if _id_of(each) == key), None)
    return None


def _id_of(node: Any) -> str | None:
    found = _child(node, "id") if isinstance(node, yaml.MappingNode) else None
    return found.value if isinstance(found, yaml.ScalarNode) else None


def _replaced(text: str, node: yaml.ScalarNode, after: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    kept = ""
    if node.style in ("|", ">"):
        # A block begins with a line that may hold a comment, and its end lies behind the blank lines that follow it.
        head, _, lines = text[start:end].partition("\n")
        comment = _COMMENT.search(head)
        blank = lines[len(lines.rstrip()) :]
        kept = f"{comment[0] if comment is not None else ''}{blank}"
    return f"{text[:start]}{_scalar(after, node.style)}{kept}{text[end:]}"


def _scalar(text: str, style: str | None) -> str:
    """Words as YAML: bare where they were and that means the same in a block and between brackets, else quoted."""
    try:
        bare = all(yaml.safe_load(each) == {"a": text} for each in (f"a: {text}\n", f"{{a: {text}}}"))
    except yaml.YAMLError:
        bare = False
    return text if bare and style is None else json.dumps(text, ensure_ascii=False)


def _faults(folder: Path, changed: str, scene: str, place: str, after: str) -> list[Fault]:
    """What is wrong with new words: by themselves, then with the changed file as the bot would read it."""
    book = check_outreach(folder, [])
    known = book.scenes.get(scene) if book is not None else None
    way = next((each.way for each in words_of(known) if each.place == place), None) if known is not None else None
    faults = faults_of(after, known, way) if known is not None and way is not None else []
    return faults or _faults_of_file(folder, changed, scene, place, after)


def _faults_of_file(folder: Path, changed: str, scene: str, place: str, after: str) -> list[Fault]:
    """What the bot would not understand, beside the rest of the playbook."""
    node = _find(changed, scene, place)
    if node is None or node.value != after:
        return [Fault("这段文字写进剧本后读不出来", "去掉特殊符号再试")]
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as beside:
        for each in folder.iterdir():
            if each.name != OUTREACH_FILE:
                (Path(beside) / each.name).symlink_to(each.resolve())
        (Path(beside) / OUTREACH_FILE).write_text(changed, encoding="utf-8")
        check_outreach(Path(beside), problems)
    return [Fault(f"剧本第 {each.line} 行有错，改好之前存不了", f"{each.message} - {each.remedy}") for each in problems]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise TextEditError("unknown", f"读不到剧本 {file.name}：{error.strerror}") from None


def _write(file: Path, text: str) -> None:
    """Puts a file in another one's place, all at once."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as fresh:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(name).chmod(file.stat().st_mode & 0o777)
        Path(name).replace(file)
    except OSError as error:
        raise TextEditError(
            "read_only", f"剧本所在的目录不能写入（{error.strerror}），请让管理员放开 {file.parent} 的写权限"
        ) from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One change at a time, whichever process makes it."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
