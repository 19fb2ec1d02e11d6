"""What a client may send: text and capsules, never a command."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sixty.channels.admission import admitted
from sixty.nlu.normal_form import HARMLESS_SLASH
from sixty.playbook import read_capsule_plan
from sixty.settings import project_root

CARRIED = {"attribute", "product", "order_no", "fit", "ordinal", "service", "cause", "date"}


@pytest.mark.parametrize(
    "text",
    [
        "包邮吗",
        "",
        "1/2的量够吗",
        "https://item.jd.com/100045120993.html",
        "/greet",
        '/ask_attribute{"attribute": "材质"}',
        '/inform{"product":"GZ2101"}',
        '/inform{"fit":"loose"}',
        '/inform{"order_no":"2026111800000123"}',
        "/greet{}",
    ],
)
def test_text_and_capsules_pass(text: str) -> None:
    assert admitted(text) == text


def test_every_capsule_of_the_shop_passes() -> None:
    plan = read_capsule_plan(project_root() / "playbook" / "capsules.yml")
    for capsule in plan.capsules.values():
        assert admitted(capsule.payload) == capsule.payload
    for intent in plan.meanings:
        assert admitted(f"/{intent}") == f"/{intent}"


COMMANDS = [
    "/restart",
    "/session_start",
    "/back",
    "/nlu_fallback",
    " /restart",
    "\u3000/restart\n",
    "/restart{}",
    '/session_start{"product": "GZ2101"}',
    "/Restart",
    "/restart@0.9",
    "/greet@1.0",
    "//greet",
    "/",
    "/a",
    "/" + "a" * 41,
    "/greet now",
    "/greet\n/restart",
    '/inform{"product": "GZ2101"}\n',
    '/inform{"customer_id": "C001"}',
    '/inform{"awaiting": "proof"}',
    '/inform{"product": "GZ2101", "level": "PLUS"}',
    '/inform{"product": ["GZ2101"]}',
    '/inform{"product": {"a": "b"}}',
    '/inform{"product": null}',
    '/inform{"product": 1}',
    '/inform{"product": NaN}',
    '/inform{"product": "GZ2101"',
    "/inform{product: GZ2101}",
    "/inform{'product': 'GZ2101'}",
    '/inform{"product": "GZ2101"}{"fit": "loose"}',
    '/inform{"product": "' + "x" * 65 + '"}',
    '/inform{"product": "' + "x" * 400 + '"}',
    '/inform{"product": "\\ud83d"}',
    '/inform{"product": "\\u0000"}',
    '/inform{"product": "a\\nb"}',
    '/inform{"a":' + "[" * 200 + "]" * 90 + "}",
    '/inform["product"]',
]


@pytest.mark.parametrize("text", COMMANDS)
def test_commands_and_odd_capsules_become_text(text: str) -> None:
    made = admitted(text)
    assert not made.strip().startswith("/")
    assert made.replace(HARMLESS_SLASH, "/", 1) == text


def _is_small_capsule(text: str) -> bool:
    match = re.fullmatch(r"/([a-z_]+)(\{.*\})?", text)
    if match is None or match[1] in ("restart", "session_start", "back", "nlu_fallback"):
        return False
    values = json.loads(match[2] or "{}")
    return values.keys() <= CARRIED and all(isinstance(value, str) for value in values.values())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)
entities = st.dictionaries(st.sampled_from([*sorted(CARRIED), "level", "awaiting"]), json_values, max_size=3)
capsules = st.builds(
    lambda intent, values: f"/{intent}{json.dumps(values)}",
    st.sampled_from(["inform", "restart", "greet", "Back", "session_start"]),
    entities,
)
slashed = st.builds(lambda before, text: f"{before}/{text}", st.sampled_from(["", " ", "\n", "\u3000"]), st.text())


@given(st.text() | st.text(st.characters()) | slashed | capsules)
@example("/inform{\ud83d}")
def test_nothing_but_a_small_capsule_keeps_its_power(text: str) -> None:
    made = admitted(text)
    assert len(made) == len(text)
    # Rasa strips what it reads.
    if made.strip().startswith("/"):
        assert made == text
        assert _is_small_capsule(text)
    assert admitted(made) == made
