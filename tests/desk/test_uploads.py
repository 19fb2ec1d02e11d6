"""`/api/uploads`: what customers show us, and what they try to."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from sixty.desk import file_kinds, upload_routes
from sixty.desk.app import create_app
from sixty.desk.conversations import begin
from sixty.desk.file_kinds import HEAD_BYTES, file_type
from sixty.desk.upload_routes import upload_store
from sixty.desk.upload_store import LONGEST_NAME, UploadStore, harmless_name
from sixty.identity.upload_links import upload_link
from sixty.identity.visitor_tokens import VisitorToken, issue_visitor_token
from sixty.settings import Settings
from sixty.shop.database import engine_for, shop_session, upgrade_database

SECRET = "k" * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
JPEG = b"\xff\xd8\xff\xe0" + bytes(200)


def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_database(url)
    yield Settings(secret=SECRET, database_url=url, var=tmp_path / "var")
    engine_for(url).dispose()


@pytest.fixture
def client(settings: Settings, tmp_path: Path) -> TestClient:
    return TestClient(create_app(settings, tmp_path), raise_server_exceptions=False)


@pytest.fixture
def store(settings: Settings) -> UploadStore:
    return upload_store(settings)


@pytest.fixture
def mine(settings: Settings) -> str:
    """The id of a conversation."""
    with shop_session(settings.database_url) as session:
        return begin(session, "web", now(), visitor_id="visitor-1")[0].id


def token(conversation_id: str, life: timedelta = timedelta(minutes=30), secret: str = SECRET) -> str:
    return issue_visitor_token(VisitorToken("visitor-1", conversation_id, now() + life), secret)


def send(client: TestClient, conversation_id: str, content: Any, declared: str = "image/png", **headers: str) -> Any:
    bearer = {"Authorization": f"Bearer {token(conversation_id)}", "Content-Type": declared}
    return client.post("/api/uploads", content=content, headers={**bearer, **headers})


def look(client: TestClient, url: str, **headers: str) -> Any:
    return client.get(url, headers=headers)


def office(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return packed.getvalue()


DOCUMENT = office("[Content_Types].xml", "_rels/.rels", "word/document.xml")
SHEET = office("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("content", "declared", "kind", "served"),
    [
        (PNG, "image/png", "picture", "image/png"),
        (PNG, "text/html", "picture", "image/png"),
        (JPEG, "application/octet-stream", "picture", "image/jpeg"),
        (b"GIF89a" + bytes(20), "image/gif", "picture", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20), "", "picture", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt " + bytes(20), "", "voice", "audio/wav"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(40), "video/mp4", "video", "video/mp4"),
        (b"\x00\x00\x00\x20ftypmp42" + bytes(40), "audio/mp4", "voice", "audio/mp4"),
        (b"\x00\x00\x00\x20ftypqt  " + bytes(40), "", "video", "video/quicktime"),
        (b"\x00\x00\x00\x20ftypheic" + bytes(40), "image/heic", "file", "image/heic"),
        (b"\x1a\x45\xdf\xa3" + bytes(10) + b"webm" + bytes(40), "audio/webm;codecs=opus", "voice", "audio/webm"),
        (b"\x1a\x45\xdf\xa3" + bytes(10) + b"webm" + bytes(40), "video/webm", "video", "video/webm"),
        (b"#!AMR\n" + bytes(40), "", "voice", "audio/amr"),
        (b"OggS" + bytes(40), "", "voice", "audio/ogg"),
        (b"ID3\x04" + bytes(40), "", "voice", "audio/mpeg"),
        (b"%PDF-1.7\n" + bytes(40), "", "file", "application/pdf"),
        (DOCUMENT, "", "file", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (SHEET, "", "file", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_file_is_what_it_holds(
    client: TestClient, mine: str, content: bytes, declared: str, kind: str, served: str
) -> None:
    answer = send(client, mine, content, declared, **{"X-File-Name": quote("破洞 照片.png")})
    body = answer.json()
    assert answer.status_code == 201, body
    assert set(body) == {"id", "url", "kind", "name", "size", "content_type"}
    assert (body["kind"], body["content_type"], body["size"]) == (kind, served, len(content))
    assert body["name"] == "破洞 照片.png"
    assert len(body["id"]) >= 32
    shown = look(client, body["url"])
    assert (shown.status_code, shown.content) == (200, content)
    assert shown.headers["content-type"] == served
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    how = shown.headers["content-disposition"]
    assert how.startswith("attachment" if kind == "file" else "inline")
    assert how.endswith(f"filename*=UTF-8''{quote('破洞 照片.png', safe='')}")


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"\xef\xbb\xbf<svg/>",
        b"   \x89PNG\r\n\x1a\n",
        b"MZ" + bytes(100),
        b"\x7fELF" + bytes(100),
        b"#!/bin/sh\n",
        b"alert(1)",
        b"{}",
        "你好".encode(),
        bytes(100),
        b"RIFF\x10\x00\x00\x00AVI " + bytes(20),
        b"\x00\x00\x00\x20ftypevil" + bytes(40),
        b"PK\x03\x04",
        office("evil.exe"),
        office("[Content_Types].xml", "index.html"),
        office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        DOCUMENT[:-30],
    ],
)
def test_nothing_that_could_run_is_taken(client: TestClient, settings: Settings, mine: str, content: bytes) -> None:
    answer = send(client, mine, content, "image/png", **{"X-File-Name": "picture.png"})
    assert (answer.status_code, answer.json()["code"]) == (415, "wrong_kind")
    assert "暂不支持" in answer.json()["message"]
    assert [each for each in (settings.var / "uploads").rglob("*") if each.is_file()] == []


def test_a_picture_that_is_too_large_is_told_its_limit(
    client: TestClient, settings: Settings, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(file_kinds.LIMITS, "picture", 5_000_000)
    fits = PNG + bytes(5_000_000 - len(PNG))
    assert send(client, mine, fits).status_code == 201

    def slowly() -> Iterator[bytes]:
        yield PNG
        for _ in range(100):
            yield bytes(100_000)

    for too_much in (fits + b"x", slowly()):
        answer = send(client, mine, too_much)
        assert (answer.status_code, answer.json()["message"]) == (413, "图片太大了，请控制在 5MB 以内")
    left = [each for each in (settings.var / "uploads").rglob("*") if each.is_file() and not each.suffix]
    assert len(left) == 1


def test_more_than_anything_may_have_is_refused_by_its_length(client: TestClient, mine: str) -> None:
    answer = send(client, mine, PNG, **{"Content-Length": str(10**12)})
    assert answer.status_code in (413, 415)


def test_an_empty_file_is_none(client: TestClient, mine: str) -> None:
    assert send(client, mine, b"").json()["code"] == "empty"


@pytest.mark.parametrize("how", ["none", "nonsense", "forged", "expired", "another conversation", "basic"])
def test_nobody_sends_without_a_token(client: TestClient, mine: str, how: str) -> None:
    headers = {
        "none": {},
        "nonsense": {"Authorization": "Bearer x"},
        "forged": {"Authorization": f"Bearer {token(mine, secret='x' * 40)}"},
        "expired": {"Authorization": f"Bearer {token(mine, -timedelta(seconds=1))}"},
        "another conversation": {"Authorization": f"Bearer {token('no-such-conversation')}"},
        "basic": {"Authorization": f"Basic {token(mine)}"},
    }[how]
    answer = client.post("/api/uploads", content=PNG, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == ("expired" if how == "expired" else "invalid")


def test_nobody_sees_anothers_file(client: TestClient, settings: Settings, mine: str) -> None:
    with shop_session(settings.database_url) as session:
        other = begin(session, "web", now())[0].id
    body = send(client, mine, PNG).json()
    plain = urlsplit(body["url"]).path
    assert look(client, plain, Authorization=f"Bearer {token(mine)}").status_code == 200
    assert look(client, plain, Authorization=f"Bearer {token(other)}").status_code == 404
    assert look(client, plain).status_code == 401
    other_file = send(client, other, PNG).json()
    key = urlsplit(other_file["url"]).query
    for swapped in (
        f"{plain}?{key}",
        f"{plain}?key=",
        f"{plain}?key=nonsense",
        upload_link("", SECRET, other, body["id"], now()),
        upload_link("", SECRET, mine, body["id"], now() - timedelta(hours=3)),
        upload_link("", "x" * 40, mine, body["id"], now()),
        upload_link("", SECRET, mine, "no-such-file", now()),
    ):
        answer = look(client, swapped)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), swapped


@pytest.mark.parametrize("odd", ["..%2f..%2fshop.db", "%2e%2e", ".", "a" * 65, "x.json", "%00", "🙂"])
def test_no_id_leads_out_of_the_folder(client: TestClient, mine: str, odd: str) -> None:
    answer = look(client, f"/api/uploads/{odd}", Authorization=f"Bearer {token(mine)}")
    assert answer.status_code in (404, 405, 422)


def test_a_video_can_be_wound_forward(client: TestClient, mine: str) -> None:
    content = b"\x00\x00\x00\x20ftypisom" + bytes(range(200))
    url = send(client, mine, content, "video/mp4").json()["url"]
    part = look(client, url, Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, content[10:20])


def test_only_so_many_an_hour(client: TestClient, mine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_routes, "MOST_FILES_AN_HOUR", 2)
    assert [send(client, mine, PNG).status_code for _ in range(3)] == [201, 201, 429]
    monkeypatch.setattr(upload_routes, "MOST_FILES_AN_HOUR", 10)
    monkeypatch.setattr(upload_routes, "MOST_BYTES_AN_HOUR", 2 * len(PNG))
    assert send(client, mine, PNG).json()["code"] == "too_many"


def test_all_of_a_conversation_can_be_forgotten(client: TestClient, store: UploadStore, mine: str) -> None:
    urls = [send(client, mine, content).json()["url"] for content in (PNG, JPEG)]
    assert store.forget(mine) == 2
    assert store.forget(mine) == 0
    assert {look(client, url).status_code for url in urls} == {404}
    for odd in ("..", "", "a/b"):
        assert store.forget(odd) == 0


def test_what_a_dying_process_left_is_cleared_away(store: UploadStore, settings: Settings) -> None:
    old = store.draft()
    old.close()
    Path(old.name).touch()
    os.utime(old.name, (time.time() - 7200, time.time() - 7200))
    fresh = store.draft()
    fresh.close()
    assert not Path(old.name).exists()
    assert Path(fresh.name).exists()
    assert oct(Path(fresh.name).stat().st_mode & 0o777) == "0o600"


def test_a_disk_that_is_full_is_told(client: TestClient, mine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(UploadStore, "keep", full)
    answer = send(client, mine, PNG)
    assert (answer.status_code, answer.json()["code"]) == (507, "no_room")


@given(st.text())
def test_no_name_means_anything_to_a_file_system_a_header_or_a_page(name: str) -> None:
    kept = harmless_name(name)
    assert len(kept) <= LONGEST_NAME
    assert kept.isprintable()
    assert not set(kept) & set('/\\<>"|?*:')
    assert kept not in (".", "..")
    assert harmless_name(kept) == kept


def test_a_long_name_keeps_its_ending() -> None:
    assert harmless_name("长" * 200 + ".jpeg") == "长" * (LONGEST_NAME - 5) + ".jpeg"
    assert harmless_name("C:\\fakepath\\照片 1.png") == "照片 1.png"


@given(st.binary(max_size=HEAD_BYTES), st.text(max_size=30))
def test_no_content_raises_and_none_of_it_is_text_to_a_browser(head: bytes, declared: str) -> None:
    found = file_type(head, declared)
    if found is not None:
        assert found.content_type.partition("/")[0] in ("image", "audio", "video", "application")
        assert "svg" not in found.content_type
        assert not found.content_type.endswith(("html", "xml", "javascript"))
