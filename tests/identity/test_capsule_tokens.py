from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from sixty.identity.capsule_tokens import read_tap, tap_token

SECRET = "k" * 40
_conversations = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=64)
_messages = st.integers(1, 10**17)
_places = st.integers(0, 999)


@given(_conversations, _messages, _places)
def test_a_capsule_is_known_again(conversation: str, message: int, place: int) -> None:
    token = tap_token(SECRET, conversation, message, place)
    assert read_tap(SECRET, conversation, token) == (message, place)
    assert len(token) <= 64


@given(_conversations, _conversations, _messages, _places)
def test_it_is_worth_nothing_in_another_conversation(one: str, other: str, message: int, place: int) -> None:
    assume(one != other)
    assert read_tap(SECRET, other, tap_token(SECRET, one, message, place)) is None


@given(_conversations, _messages, _places, _messages, _places)
def test_its_numbers_cannot_be_changed(conversation: str, message: int, place: int, other: int, where: int) -> None:
    assume((message, place) != (other, where))
    mac = tap_token(SECRET, conversation, message, place).rpartition(".")[2]
    assert read_tap(SECRET, conversation, f"{other}.{where}.{mac}") is None


@given(
    _conversations, st.one_of(st.none(), st.integers(), st.text(), st.binary(), st.from_regex(r"\d+\.\d+\.[\w-]{22}"))
)
def test_what_was_made_up_is_none(conversation: str, token: object) -> None:
    assert read_tap(SECRET, conversation, token) is None


def test_another_deployment_makes_others() -> None:
    assert read_tap("x" * 40, "c", tap_token(SECRET, "c", 1, 0)) is None


def test_a_command_is_no_token() -> None:
    for text in ("/restart", "／restart", '/inform{"product": "GZ2101"}', "1.0.", "1.0", "01.0." + "a" * 22):
        assert read_tap(SECRET, "c", text) is None
