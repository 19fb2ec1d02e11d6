"""What an uploaded file is, by its content: its name and its declared type prove nothing.

Only what a customer has reason to send is known here. Nothing that a browser would run is: no HTML, no SVG, no script.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["picture", "voice", "video", "file"]

HEAD_BYTES = 4096
"""So much of the beginning is enough to tell."""

_MB = 1_000_000
LIMITS: dict[Kind, int] = {"picture": 10 * _MB, "voice": 10 * _MB, "video": 20 * _MB, "file": 20 * _MB}
"""The most bytes that a file of each kind may have."""

_MOST_ZIP_ENTRIES = 2000


@dataclass(frozen=True)
class FileType:
    """What a file is.

    Attributes:
        kind: What the customer sent, as the bot speaks of it.
        content_type: As it is served.
        shown: Whether a browser may show it in place; otherwise it is only ever saved.
    """

    kind: Kind
    content_type: str
    shown: bool = True

    @property
    def limit(self) -> int:
        """The most bytes that it may have."""
        return LIMITS[self.kind]


OFFICE = FileType("file", "application/zip", shown=False)
"""Looks like a document of an office program; `office_type` must tell which, once all of it is there."""

_BEGINNINGS: tuple[tuple[bytes, FileType], ...] = (
    (b"\x89PNG\r\n\x1a\n", FileType("picture", "image/png")),
    (b"\xff\xd8\xff", FileType("picture", "image/jpeg")),
    (b"GIF87a", FileType("picture", "image/gif")),
    (b"GIF89a", FileType("picture", "image/gif")),
    (b"#!AMR", FileType("voice", "audio/amr")),
    (b"OggS", FileType("voice", "audio/ogg")),
    (b"ID3", FileType("voice", "audio/mpeg")),
    (b"\xff\xfb", FileType("voice", "audio/mpeg")),
    (b"\xff\xf3", FileType("voice", "audio/mpeg")),
    (b"\xff\xf2", FileType("voice", "audio/mpeg")),
    (b"\xff\xf1", FileType("voice", "audio/aac")),
    (b"\xff\xf9", FileType("voice", "audio/aac")),
    (b"%PDF-", FileType("file", "application/pdf", shown=False)),
    (b"PK\x03\x04", OFFICE),
)
_RIFF: dict[bytes, FileType] = {
    b"WEBP": FileType("picture", "image/webp"),
    b"WAVE": FileType("voice", "audio/wav"),
}
# The brands of the ISO base media format that phones write.
_BRANDS: dict[bytes, FileType] = {
    b"avif": FileType("picture", "image/avif"),
    b"heic": FileType("file", "image/heic", shown=False),
    b"heix": FileType("file", "image/heic", shown=False),
    b"mif1": FileType("file", "image/heic", shown=False),
    b"M4A ": FileType("voice", "audio/mp4"),
    b"qt  ": FileType("video", "video/quicktime"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6"), FileType("video", "video/3gpp")),
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"),
        FileType("video", "video/mp4"),
    ),
}
# Containers that hold a voice as well as a film; here alone what the sender says of it decides.
_VOICE_IN = {"video/mp4": "audio/mp4", "video/webm": "audio/webm", "video/3gpp": "audio/3gpp"}

_OFFICE_PARTS = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_type(head: bytes, declared: str) -> FileType | None:
    """Tells what a file is.

    Args:
        head: Its first bytes, `HEAD_BYTES` of them if it has so many.
        declared: The Content-Type that came with it; says only whether a film is a voice.

    Returns:
        What it is; None when it is nothing that is taken.
    """
    found = next((known for beginning, known in _BEGINNINGS if head.startswith(beginning)), None)
    if head.startswith(b"RIFF"):
        found = _RIFF.get(head[8:12])
    elif head[4:8] == b"ftyp":
        found = _BRANDS.get(head[8:12])
    elif head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        found = FileType("video", "video/webm")
    if found and declared.startswith("audio/") and found.content_type in _VOICE_IN:
        return FileType("voice", _VOICE_IN[found.content_type])
    return found


def office_type(path: Path) -> FileType | None:
    """Tells which document of an office program a file is.

    Returns:
        What it is; None for any other archive, for a broken one, and for one that carries macros.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[: _MOST_ZIP_ENTRIES + 1]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
    if len(names) > _MOST_ZIP_ENTRIES or "[Content_Types].xml" not in names:
        return None
    if any(name.rpartition("/")[2].lower().startswith("vba") for name in names):
        return None
    content_type = next((kind for part, kind in _OFFICE_PARTS.items() if part in names), None)
    return FileType("file", content_type, shown=False) if content_type else None
