"""Which intents reach a line of code."""

from __future__ import annotations

from pathlib import Path

import pytest

from sixty.validation.action_code import read_code

_INTENTS = ("greet", "ask_price", "ask_size", "inform")


@pytest.mark.parametrize(
    ("body", "reaching"),
    [
        ("say({})", {"greet", "ask_price", "ask_size", "inform"}),
        ("if turn.intent in ASKED: say({})", {"ask_price", "ask_size"}),
        ("if turn.intent not in ASKED: say({})", {"greet", "inform"}),
        ("if turn.intent not in ASKED | QUIET: say({})", {"greet"}),
        ("if turn.intent == 'greet': return\n  say({})", {"ask_price", "ask_size", "inform"}),
        (
            "if turn.intent == 'greet': pass\n  elif turn.intent in QUIET: pass\n  else: say({})",
            {"ask_price", "ask_size"},
        ),
        ("if turn.intent in ASKED and turn.intent != 'ask_size': say({})", {"ask_price"}),
        ("if turn.intent in ASKED or turn.intent == 'greet': say({})", {"greet", "ask_price", "ask_size"}),
        ("if not turn.intent in ASKED: say({})", {"greet", "inform"}),
        ("if turn.viewer is None: return\n  if turn.intent in ('greet',): say({})", {"greet"}),
        ("if turn.viewer or turn.intent in UNKNOWN: say({})", {"greet", "ask_price", "ask_size", "inform"}),
        ("for one in two:\n    if turn.intent in QUIET: continue\n    say({})", {"greet", "ask_price", "ask_size"}),
    ],
)
def test_a_response_is_said_for_the_intents_that_its_guards_let_through(
    tmp_path: Path, body: str, reaching: set[str]
) -> None:
    (tmp_path / "sets.py").write_text("ASKED = {'ask_price': 1, 'ask_size': 2}\n")
    (tmp_path / "action.py").write_text(
        "QUIET: frozenset[str] = frozenset({'inform'})\n"
        "class Some:\n"
        " def name(self): return 'action_some'\n"
        " def answer(self, turn):\n  " + body.replace("{}", "f'utter_{turn.intent}'") + "\n"
    )
    code = read_code(sorted(tmp_path.glob("*.py")), tmp_path)
    (family,) = code.families
    assert (family.prefix, family.action) == ("utter_", "action_some")
    assert {intent for intent in _INTENTS if family.guards.let_through(intent)} == reaching
