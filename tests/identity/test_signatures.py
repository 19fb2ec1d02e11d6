from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.identity.api_keys import LOCAL, all_api_keys, local_api_secret
from sixty.identity.signatures import (
    REPLAY_WINDOW,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    UnsignedError,
    check_signature,
    sign,
    signed_headers,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=timezone.utc)
SECRET, NEXT = "s" * 32, "n" * 40


@given(st.binary(), st.text("abcdefgh0123456789", min_size=1))
def test_what_is_signed_is_known(content: bytes, secret: str) -> None:
    headers = signed_headers(secret, content, NOW)
    check_signature(secret, headers[TIMESTAMP_HEADER], headers[SIGNATURE_HEADER], content, NOW)


@given(st.binary(), st.binary())
def test_nothing_that_was_signed_can_be_changed(content: bytes, other: bytes) -> None:
    timestamp = str(int(NOW.timestamp()))
    signature = sign(SECRET, timestamp, content)
    if content != other:
        assert status(SECRET, timestamp, signature, other) == 401
    assert status(SECRET, str(int(timestamp) + 1), signature, content) == 401
    assert status(NEXT, timestamp, signature, content) == 401
    assert status("", timestamp, signature, content) == 401


def status(secrets: str, timestamp: str, signatures: str, content: bytes, now: datetime = NOW) -> int:
    with pytest.raises(UnsignedError) as caught:
        check_signature(secrets, timestamp, signatures, content, now)
    return caught.value.status


def test_it_counts_for_five_minutes() -> None:
    headers = signed_headers(SECRET, b"x", NOW)
    given_headers = headers[TIMESTAMP_HEADER], headers[SIGNATURE_HEADER]
    for moment in (NOW - REPLAY_WINDOW, NOW + REPLAY_WINDOW):
        check_signature(SECRET, *given_headers, b"x", moment)
    for moment in (NOW - REPLAY_WINDOW - timedelta(seconds=1), NOW + REPLAY_WINDOW + timedelta(seconds=1)):
        assert status(SECRET, *given_headers, b"x", moment) == 401


def test_a_secret_can_be_changed_without_a_break() -> None:
    timestamp = str(int(NOW.timestamp()))
    both = f"{SECRET} {NEXT}"
    for signature in (sign(SECRET, timestamp, b"x"), sign(NEXT, timestamp, b"x")):
        check_signature(both, timestamp, signature, b"x", NOW)
    check_signature(NEXT, timestamp, f"{sign(SECRET, timestamp, b'x')}, {sign(NEXT, timestamp, b'x')}", b"x", NOW)
    assert signed_headers(both, b"x", NOW)[SIGNATURE_HEADER] == sign(SECRET, timestamp, b"x")


@pytest.mark.parametrize(
    ("timestamp", "signature"),
    [("", "v1=0"), ("soon", "v1=0"), ("１２３", "v1=0"), ("1" * 13, "v1=0"), ("-5", "v1=0"), ("1", ""), ("1", "0")],
)
def test_headers_that_cannot_be_read_are_told_so(timestamp: str, signature: str) -> None:
    assert status(SECRET, timestamp, signature, b"x") == 400


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=80), st.binary(max_size=50))
def test_nothing_that_is_made_up_passes(secrets: str, timestamp: str, signature: str, content: bytes) -> None:
    assert status(secrets, timestamp, f"v1={signature}", content) in (400, 401)
    assert status(secrets, str(int(NOW.timestamp())), f"v1={signature}", content) in (400, 401)


def test_the_local_key_is_a_developers_only() -> None:
    given_keys = {"app": SECRET}
    assert all_api_keys(given_keys, "k" * 40, development=False) == given_keys
    assert all_api_keys(given_keys, "k" * 40, development=True) == {"app": SECRET, LOCAL: local_api_secret("k" * 40)}
    assert local_api_secret("k" * 40) != local_api_secret("l" * 40)
    assert "k" * 40 not in local_api_secret("k" * 40)
