from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sixty.identity.derived_keys import derived_key
from sixty.identity.refusal import RefusedTokenError
from sixty.identity.visitor_tokens import (
    RENEWABLE_FOR,
    VisitorToken,
    issue_visitor_token,
    read_visitor_token,
    unguessable_id,
)

SECRET = "k" * 40
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=timezone.utc)
MINE = VisitorToken("visitor-1", "conversation-1", NOW + timedelta(minutes=30))
KEY = derived_key(SECRET, "sixty:visitor")


def claims(**changes: Any) -> dict[str, Any]:
    given = {
        "aud": "sixty:visitor",
        "sub": "visitor-1",
        "conversation": "conversation-1",
        "exp": int(MINE.expires_at.timestamp()),
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def signed(**changes: Any) -> str:
    return jwt.encode(claims(**changes), KEY, algorithm="HS256")


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def refused(token: object, secret: str = SECRET, now: datetime = NOW, grace: timedelta = timedelta(0)) -> str:
    with pytest.raises(RefusedTokenError) as caught:
        read_visitor_token(token, secret, now, grace)
    return caught.value.code


_names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)


@given(_names, _names)
def test_what_is_issued_is_read(visitor: str, conversation: str) -> None:
    issued = replace(MINE, visitor_id=visitor, conversation_id=conversation)
    assert read_visitor_token(issue_visitor_token(issued, SECRET), SECRET, NOW) == issued


def test_the_made_up_one_is_right_to_begin_with() -> None:
    assert read_visitor_token(signed(), SECRET, NOW) == MINE


def test_each_renewal_is_another_token() -> None:
    assert len({issue_visitor_token(MINE, SECRET) for _ in range(20)}) == 20


def test_it_ends_to_the_second_and_may_be_renewed_for_a_day() -> None:
    token = issue_visitor_token(MINE, SECRET)
    last = MINE.expires_at - timedelta(seconds=1)
    assert read_visitor_token(token, SECRET, last) == MINE
    assert refused(token, now=MINE.expires_at) == "expired"
    assert read_visitor_token(token, SECRET, last + RENEWABLE_FOR, RENEWABLE_FOR) == MINE
    assert refused(token, now=MINE.expires_at + RENEWABLE_FOR, grace=RENEWABLE_FOR) == "expired"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}.", id="alg none"),
        pytest.param(f"{part({'alg': 'NONE'})}.{part(claims())}.", id="alg NONE"),
        pytest.param(jwt.encode(claims(), "x" * 40, algorithm="HS256"), id="another secret"),
        pytest.param(jwt.encode(claims(), SECRET, algorithm="HS256"), id="the secret itself, not the derived key"),
        pytest.param(jwt.encode(claims(), KEY, algorithm="HS512"), id="another algorithm"),
        pytest.param(signed(aud="sixty"), id="a merchant's audience"),
        pytest.param(signed(aud="sixty:upload"), id="an upload's audience"),
        pytest.param(signed(aud=None), id="no audience"),
        pytest.param(signed(exp=None), id="for ever"),
        pytest.param(signed(exp="tomorrow"), id="exp is no number"),
        pytest.param(signed(exp=10**30), id="exp is beyond time"),
        pytest.param(signed(sub=None), id="nobody's"),
        pytest.param(signed(conversation=None), id="no conversation"),
        pytest.param(signed(conversation=7), id="a number for a conversation"),
        pytest.param(signed(conversation="c" * 65), id="a conversation too long"),
        pytest.param(signed(conversation=""), id="an empty conversation"),
        pytest.param(signed(conversation={"id": "c"}), id="an object"),
    ],
)
def test_forged_unsigned_and_swapped_tokens_are_refused(token: str) -> None:
    assert refused(token) == "invalid"


def test_claims_of_one_with_the_signature_of_another() -> None:
    header, _, signature = issue_visitor_token(MINE, SECRET).split(".")
    assert refused(f"{header}.{part(claims(conversation='conversation-2'))}.{signature}") == "invalid"


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.binary(), st.text(), st.lists(st.text()), st.just({})))
def test_anything_at_all_is_refused_and_nothing_raises(token: object) -> None:
    assert refused(token) == "invalid"


@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_no_character_of_a_token_can_be_changed(place: int, character: str) -> None:
    token = signed()
    # The last character of base64 has bits to spare, so that another one may mean the same.
    place %= len(token) - 1
    assume(token[place] != character)
    assert refused(token[:place] + character + token[place + 1 :]) == "invalid"


def test_a_token_that_is_too_long_is_not_even_looked_at() -> None:
    assert refused(signed(sub="v", padding="x" * 4000)) == "invalid"


def test_without_a_secret_nothing_is_signed_and_nothing_believed() -> None:
    with pytest.raises(ValueError, match="without a secret"):
        issue_visitor_token(MINE, "")
    assert refused(signed(), secret="") == "invalid"


def test_a_refusal_never_repeats_the_token() -> None:
    token = signed(aud="sixty")
    with pytest.raises(RefusedTokenError) as caught:
        read_visitor_token(token, SECRET, NOW)
    assert token not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "changes",
    [
        {"visitor_id": ""},
        {"conversation_id": ""},
        {"visitor_id": "v" * 65},
        {"expires_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - that is the point
    ],
)
def test_what_cannot_be_signed_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(MINE, **changes)


def test_ids_cannot_be_guessed() -> None:
    ids = {unguessable_id() for _ in range(100)}
    assert len(ids) == 100
    assert {len(each) for each in ids} == {32}
