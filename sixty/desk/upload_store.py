"""Where uploaded files lie: one folder a conversation, so that all of one customer's can be found and forgotten."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sixty.desk.file_kinds import FileType
from sixty.identity.visitor_tokens import unguessable_id

LONGEST_NAME = 80

# What may be a part of a path: nothing that leads out of the folder.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_DRAFT = ".draft-"
_DRAFT_SECONDS = 3600
_FORBIDDEN_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')


@dataclass(frozen=True)
class Upload:
    """An uploaded file.

    Attributes:
        id: Its unguessable name.
        conversation_id: The conversation it was sent in, and the only one it may be used in.
        kind: `picture`, `voice`, `video` or `file`.
        content_type: As it is served.
        shown: Whether a browser may show it in place.
        name: What the customer calls it, made harmless; may be empty.
        size: Its bytes.
        at: When it came, an aware time.
    """

    id: str
    conversation_id: str
    kind: str
    content_type: str
    shown: bool
    name: str
    size: int
    at: datetime

    @property
    def attachment(self) -> dict[str, Any]:
        """As it stands in the message that carries it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "size": self.size,
            "content_type": self.content_type,
        }


class UploadStore:
    """The folder of uploads. Several servers share it over a common volume."""

    def __init__(self, folder: Path) -> None:
        """Uses that folder, which is made when it is needed."""
        self._folder = folder

    def draft(self) -> BinaryIO:
        """A file to write to until it is known whether it is kept; the caller closes it and calls `keep` or `drop`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._drop_stale_drafts()
        # Removed by `keep` and `drop`, and readable by nobody else meanwhile.
        handle: BinaryIO = tempfile.NamedTemporaryFile(dir=self._folder, prefix=_DRAFT, delete=False)  # type: ignore[assignment]  # noqa: SIM115
        return handle

    def drop(self, draft: Path) -> None:
        """Throws a draft away."""
        with suppress(FileNotFoundError):
            draft.unlink()

    def _drop_stale_drafts(self) -> None:
        """Removes what a process that died in the middle of an upload has left."""
        for each in self._folder.glob(f"{_DRAFT}*"):
            with suppress(FileNotFoundError):
                if time.time() - each.stat().st_mtime > _DRAFT_SECONDS:
                    each.unlink()

    def keep(
        self, draft: Path, conversation_id: str, file_type: FileType, name: str, size: int, now: datetime
    ) -> Upload:
        """Turns a draft into an upload.

        Raises:
            ValueError: That cannot be a conversation's id.
        """
        if not _ID.fullmatch(conversation_id):
            raise ValueError("no id of a conversation")
        upload = Upload(
            id=unguessable_id(),
            conversation_id=conversation_id,
            kind=file_type.kind,
            content_type=file_type.content_type,
            shown=file_type.shown,
            name=harmless_name(name),
            size=size,
            at=now,
        )
        place = self._folder / conversation_id
        place.mkdir(exist_ok=True)
        # The description comes last: what has none is not there.
        draft.rename(place / upload.id)
        description = place / f"{upload.id}.json"
        text = json.dumps({**asdict(upload), "at": now.isoformat()}, ensure_ascii=False)
        description.write_text(text, encoding="utf-8")
        return upload

    def find(self, conversation_id: str, upload_id: str) -> Upload | None:
        """The upload of that id in that conversation."""
        if not (_ID.fullmatch(conversation_id) and _ID.fullmatch(upload_id)):
            return None
        try:
            text = (self._folder / conversation_id / f"{upload_id}.json").read_text(encoding="utf-8")
            kept = json.loads(text)
            return Upload(**{**kept, "at": datetime.fromisoformat(kept["at"])})
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError):
            return None

    def path(self, upload: Upload) -> Path:
        """Where its content lies."""
        return self._folder / upload.conversation_id / upload.id

    def since(self, conversation_id: str, moment: datetime) -> tuple[int, int]:
        """How many files came in a conversation since then, and how many bytes."""
        sizes = []
        place = self._folder / conversation_id
        if _ID.fullmatch(conversation_id) and place.is_dir():
            for each in place.iterdir():
                with suppress(FileNotFoundError):
                    about = each.stat()
                    if not each.suffix and about.st_mtime >= moment.timestamp():
                        sizes.append(about.st_size)
        return len(sizes), sum(sizes)

    def forget(self, conversation_id: str) -> int:
        """Removes all files of a conversation for good.

        Returns:
            How many there were.
        """
        place = self._folder / conversation_id
        if not _ID.fullmatch(conversation_id) or not place.is_dir():
            return 0
        count = sum(1 for each in place.iterdir() if not each.suffix)
        shutil.rmtree(place)
        return count


def harmless_name(name: str) -> str:
    """What a file is called, without anything that means something to a file system, a header or a page."""
    printable = "".join(each for each in name if each.isprintable())
    last = _FORBIDDEN_IN_NAMES.sub(" ", printable.replace("\\", "/").rpartition("/")[2]).strip(" .")
    if len(last) <= LONGEST_NAME:
        return last
    stem, dot, ending = last.rpartition(".")
    kept = f"{dot}{ending}" if dot and len(ending) <= 8 else ""
    return f"{(stem if kept else last)[: LONGEST_NAME - len(kept)]}{kept}"
