from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.identity.derived_keys import derived_key
from sixty.identity.upload_links import conversation_of_link, upload_link

SECRET = "k" * 40
NOW = datetime(2026, 11, 21, 9, 20, tzinfo=timezone.utc)


def key_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["key"][0]


def test_a_link_shows_one_file_for_a_while() -> None:
    link = upload_link("https://desk.example", SECRET, "c-1", "u-1", NOW)
    assert link.startswith("https://desk.example/api/uploads/u-1?key=")
    key = key_of(link)
    assert conversation_of_link(SECRET, "u-1", key, NOW) == "c-1"
    assert conversation_of_link(SECRET, "u-1", key, NOW + timedelta(hours=1)) == "c-1"
    assert conversation_of_link(SECRET, "u-1", key, NOW + timedelta(hours=2)) is None
    assert conversation_of_link(SECRET, "u-2", key, NOW) is None
    assert conversation_of_link("x" * 40, "u-1", key, NOW) is None


def test_it_is_the_same_for_an_hour_so_that_browsers_keep_the_picture() -> None:
    links = {upload_link("", SECRET, "c-1", "u-1", NOW + timedelta(minutes=each)) for each in (0, 10, 39)}
    assert len(links) == 1


@given(st.text(), st.text())
def test_made_up_keys_show_nothing(upload_id: str, key: str) -> None:
    assert conversation_of_link(SECRET, upload_id, key, NOW) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "sixty:visitor"},
        {"exp": "never"},
        {"exp": 10**30},
        {"conversation": 7},
        {"sub": "u-2"},
        {"exp": None},
    ],
)
def test_wrong_claims_show_nothing(claims: dict[str, object]) -> None:
    right = {"aud": "sixty:upload", "sub": "u-1", "conversation": "c-1", "exp": int(NOW.timestamp()) + 60}
    signing = derived_key(SECRET, "sixty:upload")
    assert conversation_of_link(SECRET, "u-1", jwt.encode(right, signing, algorithm="HS256"), NOW) == "c-1"
    wrong = {name: value for name, value in {**right, **claims}.items() if value is not None}
    assert conversation_of_link(SECRET, "u-1", jwt.encode(wrong, signing, algorithm="HS256"), NOW) is None
