"""What docs/trainers.zh-CN.md shows is what there is: its files, its lines, its output, its snippets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sixty.dialogue.circumstances import CIRCUMSTANCES
from sixty.dialogue.variations import read_variation
from sixty.evaluation import lessons
from sixty.evaluation.labelled_lines import read_labelled_lines
from sixty.evaluation.scores import EXPLAINED
from sixty.evaluation.sources import read_training_lines
from sixty.nlu.plain_line import plain_line
from sixty.settings import project_root
from sixty.validation import intents_and_lines, variations

ROOT = project_root()
TEXT = (ROOT / "docs" / "trainers.zh-CN.md").read_text(encoding="utf-8")
LINES = ROOT / "docs" / "example_lines.tsv"


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return [block for written_in, block in found if written_in == language]


def snippets(key: str) -> list[dict[str, Any]]:
    found = [yaml.safe_load(block) for block in blocks("yaml")]
    return [each for block in found if isinstance(block, list) for each in block if key in each]


def of(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def nlu(path: str, key: str) -> dict[str, list[str]]:
    return {each[key]: each["examples"].splitlines() for each in of(path)["nlu"] if key in each}


@pytest.fixture(scope="module")
def intents() -> set[str]:
    return {name if isinstance(name, str) else next(iter(name)) for name in of("domain.yml")["intents"]}


def test_files_in_commands_and_tables_exist() -> None:
    named = set(re.findall(r"(?<![\w/])(?:data|docs|tests|playbook)/[\w./-]*\w", TEXT))
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_programs_of_its_commands_are_installed_by_setup() -> None:
    commands = {line.split()[0] for block in blocks("") for line in block.splitlines() if line.strip()}
    programs = commands - {"id", "1", "9", "40"}
    assert programs == {"make", ".", "sixty", ".venv/bin/rasa", "git"}
    requirements = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^rasa==", requirements, re.MULTILINE)


def test_example_lines_have_known_intents_and_are_in_no_training_data(intents: set[str]) -> None:
    lines = read_labelled_lines(LINES)
    trained = {plain_line(line.text) for line in read_training_lines(ROOT / "data" / "nlu")}
    for line in lines:
        assert set(line.intents) <= intents, line
        assert plain_line(line.text) not in trained, line


def test_the_table_shown_is_of_that_file() -> None:
    (shown,) = (block.splitlines() for block in blocks("") if block.startswith("id\t"))
    assert set(shown) <= set(LINES.read_text(encoding="utf-8").splitlines())


def test_output_of_errors_is_in_its_form() -> None:
    found, yaml_draft = (block for block in blocks("text") if "read as" in block)
    asked = {line.text: line for line in read_labelled_lines(LINES)}
    kinds = {"answered wrongly at once", "asked back, right meaning offered"}
    rows = re.findall(r"^  (\S.*)  \(\d\.\d\d, (.+)\)$", found, re.MULTILINE)
    assert {kind for _, kind in rows} == kinds
    assert {text for text, _ in rows} <= asked.keys()
    source = Path(lessons.__file__).read_text(encoding="utf-8")
    for phrase in (*kinds, "asked back in vain", "clear lines misunderstood.", "→ write lines of", "# belongs in"):
        assert phrase in TEXT
        assert phrase in source
    (draft,) = yaml.safe_load(yaml_draft)
    assert {line.removeprefix("- ") for line in draft["examples"].splitlines()} <= asked.keys()


def test_figures_shown_are_those_of_eval() -> None:
    (figures,) = blocks("json")
    shown = [json.loads(line) for line in figures.splitlines()]
    assert [list(each) for each in shown] == [list(EXPLAINED)] * 2
    table = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", TEXT.partition("## 第二步")[0], re.MULTILINE)
    assert len(table) > 3
    assert set(table) <= set(EXPLAINED)


def test_messages_of_validate_are_the_validators() -> None:
    (messages,) = (block for block in blocks("text") if "to mend" in block)
    source = Path(intents_and_lines.__file__).read_text(encoding="utf-8")
    for phrase in ("is not in the domain", "or add it to intents in domain.yml", "Keep it under the intent that"):
        assert phrase in messages
        assert phrase in source


def test_lines_to_write_are_for_intents_that_there_are_and_new(intents: set[str]) -> None:
    tested = {plain_line(line.text) for line in read_labelled_lines(LINES)}
    written = snippets("intent")
    assert [each["intent"] for each in written] == ["order_note", "stop_reminders"]
    for each in written:
        assert each["intent"] in intents
        lines = [plain_line(line.removeprefix("- ")) for line in each["examples"].splitlines()]
        assert len(set(lines)) == len(lines)
        assert not tested & set(lines)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("data/nlu/concepts.yml", "lookup"),
        ("data/nlu/vocabulary.yml", "lookup"),
        ("data/nlu/vocabulary.yml", "synonym"),
        ("data/nlu/mood.yml", "lookup"),
    ],
)
def test_words_shown_stand_in_their_files(path: str, key: str) -> None:
    there = nlu(path, key)
    shown = [each for each in snippets(key) if each[key] in there]
    assert shown
    for each in shown:
        assert set(each["examples"].splitlines()) <= set(there[each[key]])


def test_every_snippet_of_words_belongs_to_a_file() -> None:
    files = ("data/nlu/concepts.yml", "data/nlu/vocabulary.yml", "data/nlu/mood.yml")
    for key in ("lookup", "synonym"):
        known = {name for path in files for name in nlu(path, key)}
        assert {each[key] for each in snippets(key)} <= known


def test_settings_rules_and_capsules_shown_are_the_bots_own() -> None:
    config = (ROOT / "config.yml").read_text(encoding="utf-8")
    assert next(block for block in blocks("yaml") if block.lstrip().startswith("wrong_at_most")).rstrip() in config
    assert "questions:" in config
    (meanings,) = (yaml.safe_load(block)["meanings"] for block in blocks("yaml") if block.startswith("meanings"))
    assert meanings.items() <= of("playbook/capsules.yml")["meanings"].items()
    rules = [rule for path in (ROOT / "data" / "rules").glob("*.yml") for rule in of(str(path))["rules"]]
    assert [rule for rule in snippets("rule") if rule not in rules] == []


def test_answers_shown_are_the_bots_own_or_could_be() -> None:
    shown = [yaml.safe_load(block) for block in blocks("yaml") if block.startswith("utter_")]
    assert len(shown) == 2
    fee, notice = shown
    responses, slots = of("domain.yml")["responses"], of("domain.yml")["slots"]
    assert fee["utter_faq_ask_shipping_fee"] == responses["utter_faq_ask_shipping_fee"]
    # A notice comes and goes in the domain; in the guide it stays.
    assert notice.keys() <= responses.keys()
    for contents in (*fee.values(), *notice.values()):
        for content in contents:
            variation = read_variation(content)
            assert {name for name, _ in variation.conditions} <= slots.keys()
    assert read_variation(*notice["utter_faq_ask_ship_time"]).period.is_bounded


def test_what_answers_may_depend_on_is_told_in_full() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", TEXT, re.MULTILINE))
    slots = of("domain.yml")["slots"]
    for slot in CIRCUMSTANCES:
        values = re.findall(r"`([^`]+)`", table[slot])
        assert values
        assert set(values) <= set(slots[slot].get("values") or values)
        assert slot in {"region", "kind"} or values == slots[slot]["values"]


def test_messages_about_answers_are_the_validators() -> None:
    (messages,) = (block for block in blocks("text") if "never shows" in block)
    source = "".join(Path(variations.__file__).read_text(encoding="utf-8").split())
    for phrase in (
        *("is never", "or add it to the values of the slot", "both fit", "then the first is said", "has expired"),
        *("Take the case out of one of them", "has no answer for everybody else", "or give it a later valid_until"),
        "Add a variation without condition, channel and valid_from",
    ):
        assert phrase in messages
        assert "".join(phrase.split()) in source


def test_the_story_for_a_test_names_what_there_is(intents: set[str]) -> None:
    domain = of("domain.yml")
    (story,) = snippets("story")
    assert {step["intent"] for step in story["steps"] if "intent" in step} <= intents
    named = {step["action"] for step in story["steps"] if "action" in step}
    assert named <= {*domain["actions"], *domain["responses"]}
