"""Passwords: kept as argon2id hashes only, and refused when they are easily guessed."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 128

# The letters and digits that nobody takes for another one when reading them from a screen.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_ONE_TIME_LENGTH = 16
# What guesses begin with. Length keeps out most of the published lists; these are the long ones on them.
_COMMON = frozenset(
    {
        "1234567890",
        "0123456789",
        "0987654321",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "qwertyuiop",
        "asdfghjkl123",
        "password123",
        "password1234",
        "passw0rd123",
        "admin12345",
        "admin123456",
        "administrator",
        "iloveyou1314",
        "woaini1314",
        "woaini520520",
        "a123456789",
        "abc1234567",
        "abcd123456",
        "aa123456789",
        "qq123456789",
        "5201314520",
    }
)
# The library's own defaults follow RFC 9106's second recommended option.
_HASHER = PasswordHasher()


class WeakPasswordError(ValueError):
    """The password is too easily guessed; the message says how, in Chinese."""


def check_strength(password: str, login: str) -> None:
    """Refuses what is easily guessed.

    Source: NIST SP 800-63B, 5.1.1.2: length, known lists and the name count; rules about kinds of characters don't.

    Raises:
        WeakPasswordError: It is.
    """
    if len(password) < SHORTEST:
        raise WeakPasswordError(f"密码至少 {SHORTEST} 位")
    if len(password) > LONGEST:
        raise WeakPasswordError(f"密码最多 {LONGEST} 位")
    plain = password.lower()
    if login and login.lower() in plain:
        raise WeakPasswordError("密码里不能有登录名")
    if plain in _COMMON or len(set(plain)) < 4:
        raise WeakPasswordError("这个密码太常见了，换一个不容易猜到的")


def hashed(password: str) -> str:
    """The password as it is kept: argon2id with its own salt."""
    return _HASHER.hash(password)


def matches(password: str, kept: str) -> bool:
    """Whether it is the password that was kept."""
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with weaker parameters than today's, and is to be hashed anew at the next sign-in."""
    return _HASHER.check_needs_rehash(kept)


# What an unknown login is compared with, so that it takes as long as a known one.
_NOBODYS = hashed(secrets.token_urlsafe())


def matches_nobody(password: str) -> bool:
    """Takes as long as `matches`, and is never true."""
    matches(password, _NOBODYS)
    return False


def one_time_password() -> str:
    """A password for the first sign-in: 79 random bits, in groups of four."""
    letters = [secrets.choice(_READABLE) for _ in range(_ONE_TIME_LENGTH)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, _ONE_TIME_LENGTH, 4))
