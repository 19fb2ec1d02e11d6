"""Every mistake is named with file, line and remedy."""

from __future__ import annotations

from typing import Any

import pytest

from sixty.validation.everything import find_problems

LINES = "data/nlu/lines.yml"
WORDS = "data/nlu/vocabulary.yml"
RULES = "data/rules/rules.yml"
STORIES = "data/stories/stories.yml"
DOMAIN = "domain.yml"
CODE = "actions/answer.py"
CAPSULES = "playbook/capsules.yml"


def _said(project: Any) -> list[str]:
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def test_nothing_is_said_where_all_is_well(project: Any) -> None:
    assert _said(project) == []


def test_numbers_are_one_line_for_the_classifier_and_two_for_one_intent(project: Any) -> None:
    project.replace(LINES, "    - 多少钱a\n", "    - 多少钱a\n    - 175\n    - 180\n")
    assert _said(project) == []
    project.replace(LINES, "    - 穿几码a\n", "    - 穿几码a\n    - 42\n")
    assert ["“42” stands under ask_size, and as “175” under ask_price" in line for line in _said(project)] == [True]


def test_a_shop_without_vocabulary_and_demo_is_no_mistake(project: Any) -> None:
    (project.root / WORDS).unlink()
    assert _said(project) == []


def test_what_the_demo_shop_says_is_said_in_the_same_form(project: Any) -> None:
    project.write("playbook/demo/coupons.yml", "- code: [\n")
    said = _said(project)
    assert [line for line in said if line.startswith("playbook/demo/coupons.yml:")], said


# What stands in a file, what is put in its place, the text whose line is named, and what is said.
_BROKEN: dict[str, tuple[str, str, str, str, tuple[str, ...]]] = {
    "too few lines": (LINES, "    - 多少钱t\n", "", "ask_price", ("ask_price has 19 lines", "at least 20")),
    "two intents": (
        LINES,
        "    - 穿几码c\n",
        "    - 多少錢 B\n",
        "多少錢 B",
        ("“多少錢 B” stands under ask_size, and as “多少钱b” under ask_price in data/nlu/lines.yml:28", "remove"),
    ),
    "one intent twice": (
        LINES,
        "    - 穿几码t\n",
        "    - 穿几码t\n    - 穿 几码A\n",
        "穿 几码A",
        ("stands under ask_size already, as “穿几码a” in data/nlu/lines.yml:49", "Remove one"),
    ),
    "unknown intent of lines": (
        LINES,
        "- intent: greet",
        "- intent: greeet",
        "greeet",
        ("the intent greeet is not in the domain", "did you mean greet?"),
    ),
    "a line without a dash": (
        LINES,
        "    - 您好b\n",
        "    您好b\n",
        "    您好b",
        ("“您好b” does not begin with “- ”",),
    ),
    "an empty line": (LINES, "    - 您好b\n", "    - \n", "", ("data/nlu/lines.yml:6: the line is empty",)),
    "unknown entity of a mark": (
        LINES,
        "    - 穿几码b\n",
        "    - 穿[几码](sise)b\n",
        "(sise)",
        ("“几码” is marked as sise, which is no entity of the domain",),
    ),
    "a mark that the vocabulary lacks": (
        LINES,
        "    - 穿几码b\n",
        "    - [藏青](color)穿几码b\n",
        "藏青",
        ("“藏青” is marked as color and is not found in the vocabulary", "Add it to the lookup color"),
    ),
    "a mark with another value": (
        LINES,
        "    - 穿几码b\n",
        '    - [黑的]{"entity": "color", "value": "白色"}穿几码b\n',
        "白色",
        ("“黑的” is marked as color 白色, and the vocabulary says 黑色",),
    ),
    "a mark that the catalogue lacks": (
        LINES,
        "    - 穿几码b\n",
        "    - [羽绒服](product)穿几码b\n",
        "羽绒服",
        ("“羽绒服” is marked as product and is not found by the catalogue",),
    ),
    "a mark that the catalogue reads otherwise": (
        LINES,
        "    - 穿几码b\n",
        "    - [多口袋裤](product)穿几码b\n",
        "多口袋裤",
        ("the bot reads GZ2101", "Write [多口袋裤](product:GZ2101)"),
    ),
    "a word without a meaning": (
        WORDS,
        "    - 材质\n",
        "    - 材质\n    - 软硬\n",
        "软硬",
        ("nothing says what 软硬 means", "Add it to the synonym"),
    ),
    "a synonym for nothing": (
        WORDS,
        "synonym: 厚薄",
        "synonym: 厚溥",
        "厚溥",
        ("the synonym 厚溥 is no attribute",),
    ),
    "a word in two synonyms": (
        WORDS,
        "synonym: slim\n  examples: |\n",
        "synonym: slim\n  examples: |\n    - 宽松\n",
        "",
        ("宽松 means slim here and loose in data/nlu/vocabulary.yml:",),
    ),
    "a word in no lookup": (
        WORDS,
        "    - 黑的\n- synonym",
        "- synonym",
        "    - 黑的",
        ("黑的 is in no lookup, so it is never found",),
    ),
    "a word in two lookups": (
        WORDS,
        "    - 黑色\n",
        "    - 黑色\n    - 料子\n",
        "",
        ("料子 stands in the lookups color and attribute", "which is no color", "Keep it in one lookup"),
    ),
    "a word twice": (
        WORDS,
        "    - 黑色\n",
        "    - 黑色\n    - 黑色\n",
        "",
        ("黑色 stands in the lookup color already",),
    ),
    "a hidden word": (
        WORDS,
        "    - 料子厚不厚\n    - 料子\n",
        "    - 料子\n    - 料子厚不厚\n",
        "料子厚不厚",
        ("料子厚不厚 is never found", "Move 料子厚不厚 above 料子"),
    ),
    "a word of two concepts": (
        WORDS,
        "- lookup: color",
        "- lookup: concept_parcel\n  examples: |\n    - 包裹\n"
        "- lookup: concept_goods\n  examples: |\n    - 包 裹\n- lookup: color",
        "- 包 裹",
        ("包 裹 stands for concept_goods here and for concept_parcel in data/nlu/vocabulary.yml", "one concept"),
    ),
    "a word of two moods": (
        WORDS,
        "- lookup: color",
        "- lookup: mood_angry\n  examples: |\n    - 骗子\n"
        "- lookup: mood_negative\n  examples: |\n    - 太慢\n    - 騙子\n- lookup: color",
        "- 騙子",
        ("騙子 stands for mood_negative here and for mood_angry in data/nlu/vocabulary.yml", "one mood"),
    ),
    "an unknown mood": (
        WORDS,
        "- lookup: color",
        "- lookup: mood_angri\n  examples: |\n    - 骗子\n- lookup: color",
        "mood_angri",
        ("there is no mood mood_angri", "did you mean mood_angry?"),
    ),
    "a pattern of a mood with a group": (
        WORDS,
        "- lookup: color",
        "- regex: mood_angry\n  examples: |\n    - (骗|坑)子\n- lookup: color",
        "(骗|坑)子",
        ("holds a group, which moods cannot have", "(?:…)"),
    ),
    "a pattern that cannot be read": (
        WORDS,
        "- lookup: color",
        "- regex: concept_measure\n  examples: |\n    - 0(cm\n- lookup: color",
        "0(cm",
        ("“0(cm” is no regular expression", "Mend the pattern"),
    ),
    "a pattern with a group": (
        WORDS,
        "- lookup: color",
        "- regex: concept_measure\n  examples: |\n    - 0(cm|kg)\n- lookup: color",
        "0(cm|kg)",
        ("holds a group", "(?:…)"),
    ),
    "a pattern that fits everything": (
        WORDS,
        "- lookup: color",
        "- regex: concept_measure\n  examples: |\n    - (?:cm)?\n- lookup: color",
        "(?:cm)?",
        ("fits nothing at all",),
    ),
    "an unknown lookup": (
        WORDS,
        "- lookup: color",
        "- lookup: colour",
        "colour",
        ("the lookup colour is no entity of the domain", "did you mean color?"),
    ),
    "unknown intent of a rule": (
        RULES,
        "  - intent: greet\n  - action",
        "  - intent: hello\n  - action",
        "hello",
        ("there is no intent hello",),
    ),
    "unknown intent in the pipeline": (
        "config.yml",
        "questions: [ask_price]",
        "questions: [ask_prices]",
        "ask_prices",
        ("there is no intent ask_prices", "did you mean ask_price?"),
    ),
    "unknown action": (
        RULES,
        "  - action: action_answer\n",
        "  - action: action_anwser\n",
        "action_anwser",
        ("there is no action action_anwser", "did you mean action_answer?", "actions/"),
    ),
    "unknown response": (
        RULES,
        "  - action: utter_greet\n",
        "  - action: utter_hello\n",
        "utter_hello",
        ("there is no response utter_hello",),
    ),
    "unknown form": (
        STORIES,
        "  - active_loop: size_form\n",
        "  - active_loop: sizes_form\n",
        "sizes_form",
        ("there is no form sizes_form", "did you mean size_form?"),
    ),
    "unknown entity of a story": (
        STORIES,
        "    - fit: loose\n",
        "    - fitt: loose\n",
        "fitt",
        ("there is no entity fitt",),
    ),
    "unknown slot": (
        STORIES,
        "    - awaiting: null\n",
        "    - waiting: null\n",
        "waiting: null",
        ("there is no slot waiting",),
    ),
    "unknown value": (
        STORIES,
        "    - awaiting: null\n",
        "    - awaiting: ofer\n",
        "ofer",
        ("the slot awaiting never has the value ofer", "did you mean offer?"),
    ),
    "unknown entity of a slot": (
        DOMAIN,
        "        entity: fit\n",
        "        entity: fits\n",
        "entity: fits",
        ("there is no entity fits",),
    ),
    "an intent that a form forgets": (
        RULES,
        "    - intent: inform\n",
        "",
        "",
        ("domain.yml:22: while size_form is active there is no answer to inform", "active_loop: size_form"),
    ),
    "nothing asks for a slot": (
        DOMAIN,
        "  utter_ask_fit:\n",
        "  utter_ask_fitting:\n",
        "required_slots",
        ("size_form needs fit, and nothing asks for it", "Add utter_ask_fit"),
    ),
    "an action that nobody wrote": (
        DOMAIN,
        "  - action_answer\n",
        "  - action_answer\n  - action_more\n",
        "action_more",
        ("no class in actions/ is named action_more",),
    ),
    "an action that nobody listed": (
        CODE,
        'return "action_default_fallback"',
        'return "action_miss"',
        "class ActionDefaultFallback",
        ("action_miss is not in the domain, so it never runs",),
    ),
    "an action written twice": (
        CODE,
        'return "action_default_fallback"',
        'return "action_answer"',
        "class ActionDefaultFallback",
        ("action_answer is written already, in actions/answer.py:4",),
    ),
    "a response of an action that is missing": (
        CODE,
        "ANSWERED = ",
        'SORRY = "utter_sorry"\nANSWERED = ',
        "utter_sorry",
        ("there is no response utter_sorry",),
    ),
    "a response by intent that is missing": (
        CODE,
        ' and turn.intent != "ask_size"',
        "",
        "",
        (
            "data/rules/rules.yml:11: action_answer answers ask_size with utter_faq_ask_size, which does not exist",
            "actions/answer.py:10",
        ),
    ),
    "a response by intent that is never said": (
        CODE,
        '{"ask_price": 1, "ask_size": 2}',
        '{"ask_size": 2}',
        "",
        ("domain.yml:32: utter_faq_ask_price is never said",),
    ),
    "a component's response": (
        "sixty/dialogue/trouble.py",
        "utter_trouble",
        "utter_troubles",
        "utter_troubles",
        ("there is no response utter_troubles", "did you mean utter_trouble?"),
    ),
    "unknown intent of a button in code": (
        CODE,
        '"/ask_size"',
        '"/ask_sizes"',
        "/ask_sizes",
        ("there is no intent ask_sizes",),
    ),
    "unknown intent of a button": (
        DOMAIN,
        "payload: /ask_size",
        "payload: /ask_sise",
        "/ask_sise",
        ("payload /ask_sise names no intent of the domain", "did you mean ask_size?"),
    ),
    "single braces": (
        DOMAIN,
        """'/inform{{"fit":"loose"}}'""",
        """'/inform{"fit":"loose"}'""",
        "/inform{",
        ("has single braces, which Rasa fills with slots", "Double them"),
    ),
    "no JSON": (DOMAIN, '{{"fit":"loose"}}', "{{fit:loose}}", "fit:loose", ("is no JSON",)),
    "unknown entity of a button": (DOMAIN, '{{"fit":', '{{"fitt":', "fitt", ("names no entity of the domain: fitt",)),
    "unknown intent of a capsule": (
        CAPSULES,
        "intent: ask_size",
        "intent: ask_sizes",
        "ask_sizes",
        ("there is no intent ask_sizes",),
    ),
    "unknown attribute of a capsule": (
        CAPSULES,
        "attribute: 材质",
        "attribute: 才质",
        "才质",
        ("no product has an attribute 才质", "sixty/shop/catalogue.py"),
    ),
    "unknown capsule": (
        CAPSULES,
        "ask_price: [material]",
        "ask_price: [materials]",
        "materials",
        ("there is no capsule materials",),
    ),
    "unknown place of capsules": (
        CAPSULES,
        "  ask_price.材质",
        "  ask_prize.材质",
        "ask_prize",
        ("there is no intent ask_prize",),
    ),
    "unknown phase of capsules": (
        CAPSULES,
        "  ask_price.材质",
        "  ask_price@sell",
        "ask_price@sell",
        ("after knows no phase, customer or page sell", "warm_up, sale", "open_order"),
    ),
    "unknown entry of capsules": (
        CAPSULES,
        "  shop: [",
        "  shopfront: [",
        "shopfront",
        ("nobody comes in by shopfront", "shop, product, order"),
    ),
    "a page that is no situation of the welcome": (
        CAPSULES,
        "  shop: [",
        "  shop@order_page: [price]\n  shop: [",
        "shop@order_page",
        ("welcome knows no phase, customer or page order_page", "new_visitor"),
    ),
    "unknown doubt of the close": (
        CAPSULES,
        "meanings:\n",
        "close: {important: {default: [beauty]}, lines: {default: 拍吗}}\nmeanings:\n",
        "close:",
        ("close → important → default", "quality"),
    ),
    "no meaning": (CAPSULES, "  ask_size: 选尺码\n", "", "meanings:", ("meanings has no words for ask_size",)),
    "a malformed capsule": (
        CAPSULES,
        "{title: 选尺码, intent",
        "{tile: 选尺码, intent",
        "tile: 选",
        ("capsules → size →",),
    ),
    "no YAML": (DOMAIN, "entities: [product,", "entities: [product:,,", "", ("domain.yml:", "this is no YAML")),
    "a key twice": (DOMAIN, "  utter_trouble:\n", "  utter_greet:\n", "", ("utter_greet stands here twice",)),
    "no Python": (CODE, "ANSWERED = ", "ANSWERED == = ", "ANSWERED ==", ("this is no Python",)),
}


@pytest.mark.parametrize("mistake", _BROKEN)
def test_a_mistake_is_named_with_its_place_and_remedy(project: Any, mistake: str) -> None:
    path, old, new, where, expected = _BROKEN[mistake]
    project.replace(path, old, new)
    said = _said(project)
    matching = [line for line in said if all(part in line for part in expected)]
    assert matching, "\n".join(said) or "nothing was said"
    if where:
        assert any(line.startswith(f"{path}:{project.line_of(path, where)}: ") for line in matching), matching
    assert all(line.endswith((".", "”.")) for line in said), said
