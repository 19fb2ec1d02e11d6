"""A context that was not signed here, now, for this conversation, is none."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.context import Context, read_context, sign_context

NOW = datetime(2024, 11, 3, 12, 0, tzinfo=timezone.utc)
SECRET = "a secret of thirty-two characters"
KNOWN = Context(
    conversation_id="c-1",
    customer_id="C001",
    level="金卡",
    region="浙江",
    entry="product",
    product_no="GZ2101",
    order_no=None,
    expires_at=NOW + timedelta(hours=1),
)
VISITOR = Context("c-2", None, None, None, "shop", None, None, NOW + timedelta(minutes=5))


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token, changed."""
    good = {
        "aud": "sixty:context",
        "sub": "c-1",
        "exp": int(KNOWN.expires_at.timestamp()),
        "entry": "shop",
        "customer_id": "C001",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("context", [KNOWN, VISITOR])
def test_what_was_signed_is_read_back(context: Context) -> None:
    assert read_context(sign_context(context, SECRET), SECRET, context.conversation_id, NOW) == context


@pytest.mark.parametrize("token", [None, "", "nonsense", "a.b.c", 7, {"customer_id": "C001"}, ["x"], "x" * 100_000])
def test_no_token_is_no_context(token: object) -> None:
    assert read_context(token, SECRET, "c-1", NOW) is None


def test_another_secret_is_a_forgery() -> None:
    token = sign_context(KNOWN, "another secret of thirty-two characters")
    assert read_context(token, SECRET, "c-1", NOW) is None


def test_a_changed_claim_is_a_forgery() -> None:
    header, _, signature = sign_context(KNOWN, SECRET).split(".")
    assert read_context(f"{header}.{part(claims(customer_id='C002'))}.{signature}", SECRET, "c-1", NOW) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
@pytest.mark.parametrize("signature", ["", "x"])
def test_an_unsigned_token_is_a_forgery(algorithm: str, signature: str) -> None:
    token = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}.{signature}"
    assert read_context(token, SECRET, "c-1", NOW) is None


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_only_one_algorithm_is_ours(algorithm: str) -> None:
    token = jwt.encode(claims(), SECRET * 2, algorithm=algorithm)
    assert read_context(token, SECRET * 2, "c-1", NOW) is None


def test_it_ends_when_it_says() -> None:
    token = sign_context(KNOWN, SECRET)
    assert read_context(token, SECRET, "c-1", KNOWN.expires_at - timedelta(seconds=1)) == KNOWN
    assert read_context(token, SECRET, "c-1", KNOWN.expires_at) is None
    assert read_context(token, SECRET, "c-1", KNOWN.expires_at + timedelta(days=400)) is None


def test_it_is_good_for_its_own_conversation_only() -> None:
    assert read_context(sign_context(KNOWN, SECRET), SECRET, "c-2", NOW) is None


def test_without_a_secret_nothing_is_signed_or_read() -> None:
    with pytest.raises(ValueError, match="secret"):
        sign_context(KNOWN, "")
    assert read_context(sign_context(KNOWN, SECRET), "", "c-1", NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "sixty:capsule"},
        {"aud": ...},
        {"sub": ...},
        {"sub": ""},
        {"sub": 1},
        {"exp": ...},
        {"exp": "soon"},
        {"exp": 10**30},
        {"entry": "admin"},
        {"entry": ...},
        {"entry": ["shop"]},
        {"customer_id": {"id": "C001"}},
        {"customer_id": 1},
    ],
)
def test_something_else_signed_here_is_not_a_context(changes: dict[str, Any]) -> None:
    token = jwt.encode(claims(**changes), SECRET, algorithm="HS256")
    assert read_context(token, SECRET, "c-1", NOW) is None
    assert read_context(jwt.encode(claims(), SECRET, algorithm="HS256"), SECRET, "c-1", NOW) is not None


@given(st.text(max_size=200))
def test_no_text_makes_it_fail(token: str) -> None:
    assert read_context(token, SECRET, "c-1", NOW) is None


@pytest.mark.parametrize(
    "changes", [{"conversation_id": ""}, {"entry": "admin"}, {"expires_at": NOW.replace(tzinfo=None)}]
)
def test_a_context_that_makes_no_sense_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Context(**{**KNOWN.__dict__, **changes})
