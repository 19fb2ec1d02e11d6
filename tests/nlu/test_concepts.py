"""The trade's words are read as what they stand for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.concepts import Concepts
from sixty.nlu.plain_line import plain_line

CONCEPTS = Concepts(
    {"concept_parcel": ["包裹", "快件"], "concept_arrive": ["到货", "到"], "concept_policy": ["7天无理由"]},
    {"concept_measure": ["0(?:cm|kg)"]},
)


def read(text: str) -> str:
    return CONCEPTS.abstract(plain_line(text))


def test_two_words_of_one_concept_read_the_same() -> None:
    assert read("包裹几天到") == read("快件几天到") != read("发票几天到")


def test_the_longer_word_wins() -> None:
    assert len(read("到货")) == len(read("到")) == 3


def test_words_are_found_in_plain_lines_whatever_their_digits() -> None:
    assert read("7天无理由") == read("15 天无理由")


def test_patterns_are_concepts_too() -> None:
    assert read("175cm") == read("70kg") != read("70元")


def test_a_pattern_and_a_lookup_of_one_name_share_their_sign() -> None:
    concepts = Concepts({"concept_size": ["大码"]}, {"concept_size": ["0码"]})
    assert concepts.abstract("大码") == concepts.abstract("0码")


def test_only_what_is_named_a_concept_counts() -> None:
    data = TrainingData(
        lookup_tables=[
            {"name": "concept_parcel", "elements": ["包裹"]},
            {"name": "color", "elements": ["黑色"]},
        ],
        regex_features=[{"name": "order_no", "pattern": "0"}],
    )
    concepts = Concepts.of(data)
    assert concepts
    assert "包裹" not in concepts.abstract("包裹")
    assert concepts.abstract("黑色0") == "^黑色0$"
    assert not Concepts.of(TrainingData())


@given(st.text(alphabet="包裹快件到货0cmkgx", max_size=40))
def test_nothing_but_concepts_is_lost(line: str) -> None:
    abstract = CONCEPTS.abstract(line)
    assert abstract[0] == "^"
    assert abstract[-1] == "$"
    kept = [character for character in abstract[1:-1] if ord(character) < 0xE000]
    rest = iter(line)
    assert all(character in rest for character in kept)
