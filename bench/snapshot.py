"""A copy of the project, so that a run of an hour measures one state of it whatever is edited meanwhile."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

_PARTS = (
    "pyproject.toml",
    "config.yml",
    "domain.yml",
    "endpoints.yml",
    "credentials.yml",
    "alembic.ini",
    "data",
    "actions",
    "playbook",
    "sixty",
    "migrations",
    "bench",
)


def take_snapshot(project: Path, into: Path) -> Path:
    """Copies what training, serving and measuring need.

    Python finds packages in the folder where it is started before it finds installed ones, so processes started in
    the copy run the copy.

    Args:
        project: The project's root.
        into: Where to put it; made by this function.

    Returns:
        The copy's root.
    """
    into.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "results")
    for part in _PARTS:
        source = project / part
        if source.is_dir():
            shutil.copytree(source, into / part, ignore=ignored)
        elif source.exists():
            shutil.copy2(source, into / part)
    return into


def fingerprint(root: Path, parts: Iterable[str | Path], *also: str) -> str:
    """A short hash of files, by their names and contents, and of further texts.

    Args:
        root: The folder that names are relative to.
        parts: Files and folders below it.
        also: What else makes a difference.
    """
    digest = hashlib.sha256()
    for text in also:
        digest.update(text.encode() + b"\0")
    files: list[Path] = []
    for part in parts:
        path = root / part
        files += [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    for path in sorted(set(files)):
        if "__pycache__" in path.parts:
            continue
        digest.update(str(path.relative_to(root)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
