from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from sixty.identity.merchant_keys import MerchantKey, UnusableKeyError, read_merchant_keys
from sixty.identity.merchant_tokens import LEEWAY, LONGEST_LIFE, MerchantClaims, read_merchant_token
from sixty.identity.refusal import RefusedTokenError

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=timezone.utc)
EXPIRES = NOW + timedelta(hours=1)
OLD, NEW = "o" * 32, "n" * 40
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PRIVATE_PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
KEYS = read_merchant_keys({"2026-10": OLD, "2026-11": NEW, "site": PUBLIC_PEM})


def claims(**changes: Any) -> dict[str, Any]:
    given = {"aud": "sixty", "sub": "C001", "exp": int(EXPIRES.timestamp()), **changes}
    return {name: value for name, value in given.items() if value is not None}


def signed(kid: str | None = "2026-11", key: Any = NEW, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def read(token: object, now: datetime = NOW) -> MerchantClaims:
    return read_merchant_token(token, KEYS, now)


def refused(token: object, now: datetime = NOW) -> str:
    with pytest.raises(RefusedTokenError) as caught:
        read(token, now)
    assert caught.value.detail
    return caught.value.code


def test_who_the_customer_is() -> None:
    full = read(signed(level="金卡", region="浙江", entry="product", product="GZ2101", order=None))
    assert full == MerchantClaims("C001", "金卡", "浙江", "product", "GZ2101", None, EXPIRES)
    assert read(signed()) == MerchantClaims("C001", None, None, None, None, None, EXPIRES)


def test_several_keys_count_at_once_so_that_one_can_be_replaced() -> None:
    assert read(signed("2026-10", OLD)).customer_id == "C001"
    assert read(signed("2026-11", NEW)).customer_id == "C001"
    assert read(signed("site", PRIVATE, "RS256")).customer_id == "C001"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        pytest.param(signed("2026-10", NEW), "wrong_signature", id="signed with another key than it says"),
        pytest.param(signed("2026-09"), "unknown_key", id="a key that was taken away"),
        pytest.param(signed(None), "unknown_key", id="no key named"),
        pytest.param(signed(algorithm="HS384"), "wrong_algorithm", id="another algorithm"),
        pytest.param(signed("site", NEW), "wrong_algorithm", id="HS256 for an RSA key"),
        pytest.param(signed("2026-11", PRIVATE, "RS256"), "wrong_algorithm", id="RS256 for a secret"),
        pytest.param(
            signed("site", rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
            "wrong_signature",
            id="another RSA key",
        ),
        pytest.param(signed(aud="sixty:visitor"), "wrong_audience", id="made for something else"),
        pytest.param(signed(aud=None), "wrong_claim", id="made for nobody"),
        pytest.param(signed(exp=None), "wrong_claim", id="for ever"),
        pytest.param(signed(exp="soon"), "wrong_claim", id="exp is no number"),
        pytest.param(signed(exp=True), "wrong_claim", id="exp is true"),
        pytest.param(signed(exp=10**30), "wrong_claim", id="exp is beyond time"),
        pytest.param(signed(sub=None), "wrong_claim", id="nobody"),
        pytest.param(signed(sub=""), "wrong_claim", id="an empty name"),
        pytest.param(signed(sub=7), "invalid", id="a number"),
        pytest.param(signed(sub="C" * 65), "wrong_claim", id="a name too long"),
        pytest.param(signed(sub="C\x00"), "wrong_claim", id="a NUL in it"),
        pytest.param(signed(level="L" * 17), "wrong_claim", id="a level too long"),
        pytest.param(signed(region=["浙江"]), "wrong_claim", id="several regions"),
        pytest.param(signed(entry="moon"), "wrong_claim", id="opened nowhere"),
        pytest.param(signed(nbf=int(NOW.timestamp()) + 120), "not_yet_valid", id="not yet"),
        pytest.param(signed(iat=int(NOW.timestamp()) + 120), "not_yet_valid", id="signed tomorrow"),
        pytest.param(
            signed(exp=int((NOW + LONGEST_LIFE + LEEWAY).timestamp()) + 1), "lives_too_long", id="lives too long"
        ),
        pytest.param(signed(padding="x" * 5000), "invalid", id="too long"),
        pytest.param("a.b", "invalid", id="no JWT"),
        pytest.param("", "invalid", id="nothing"),
    ],
)
def test_what_proves_nothing_is_refused_with_the_reason(token: str, code: str) -> None:
    assert refused(token) == code


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_the_token_has_no_say_in_whether_it_is_signed(algorithm: str) -> None:
    for kid in KEYS:
        unsigned = f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': kid})}.{part(claims())}."
        assert refused(unsigned) in ("wrong_algorithm", "invalid")


@pytest.mark.parametrize(
    "public", [PUBLIC_PEM, PUBLIC_PEM.strip(), PUBLIC_PEM.replace("\n", "")], ids=["whole", "stripped", "one line"]
)
def test_a_public_key_is_no_shared_secret(public: str) -> None:
    # What a library that lets the token choose would accept: HMAC with the public key, which everybody has.
    content = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'site'})}.{part(claims())}"
    digest = hmac.new(public.encode(), content.encode(), hashlib.sha256).digest()
    assert refused(f"{content}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}") == "wrong_algorithm"


def test_the_clocks_may_be_a_little_apart() -> None:
    token = signed(iat=int((NOW + LEEWAY).timestamp()), nbf=int((NOW + LEEWAY).timestamp()))
    assert read(token).customer_id == "C001"
    assert read(token, EXPIRES + LEEWAY - timedelta(seconds=1)).customer_id == "C001"
    assert refused(token, EXPIRES + LEEWAY) == "expired"


@given(st.one_of(st.none(), st.integers(), st.text(), st.binary(), st.just([])))
def test_anything_at_all_is_refused_and_nothing_raises(token: object) -> None:
    assert refused(token) == "invalid"


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "jku", "jwk", "x5u", "crit", "b64"]),
        st.one_of(st.none(), st.text(max_size=10), st.integers(), st.lists(st.text(max_size=5)), st.booleans()),
    ),
    st.binary(max_size=40),
)
def test_no_header_makes_an_unsigned_token_good(header: dict[str, Any], signature: bytes) -> None:
    made_up = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    assert refused(f"{part({'kid': 'site', **header})}.{part(claims())}.{made_up}")


def test_the_reason_says_no_secret_and_no_claim() -> None:
    token = signed(sub="C" * 65, level="秘密")
    with pytest.raises(RefusedTokenError) as caught:
        read(token)
    assert not [each for each in ("CCC", "秘密", NEW, token) if each in str(caught.value)]


def pem_of(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.mark.parametrize(
    ("given_key", "said"),
    [
        ("short", "shorter than 32 characters"),
        ("", "shorter than 32 characters"),
        (PRIVATE_PEM, "private key"),
        ("-----BEGIN PUBLIC KEY-----\nnothing\n-----END PUBLIC KEY-----", "no public key in PEM form"),
        (pem_of(ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
        (pem_of(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "2048 bits"),
    ],
    # Made anew in each process, they would not be called the same in each.
    ids=["short", "empty", "private", "not_pem", "not_rsa", "too_small"],
)
def test_a_key_that_is_no_good_is_not_taken(given_key: str, said: str) -> None:
    with pytest.raises(UnusableKeyError, match=said) as caught:
        read_merchant_keys({"site": given_key})
    assert "MII" not in str(caught.value)


def test_a_key_id_is_a_word() -> None:
    for kid in ("", "a b", "k" * 65, "../etc"):
        with pytest.raises(UnusableKeyError, match="key id"):
            read_merchant_keys({kid: NEW})


def test_what_a_key_is_decides_how_it_is_used_and_it_is_never_shown() -> None:
    assert {kid: key.algorithm for kid, key in KEYS.items()} == {
        "2026-10": "HS256",
        "2026-11": "HS256",
        "site": "RS256",
    }
    assert NEW not in repr(MerchantKey("2026-11", "HS256", NEW.encode()))
