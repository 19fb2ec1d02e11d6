"""Two-turn dialogs in which the second line makes sense only after the first."""

from __future__ import annotations

import json

import yaml

from sixty.settings import project_root
from tests.servers.running import Answer, Product
from tests.servers.said import actions_of, goes_on_with, last_turn

DIALOGS = project_root() / "tests" / "evaluation" / "two_turns.yml"
AT_LEAST = 28


def shown(answer: Answer) -> str:
    """All that a customer reads, on cards too; what capsules would ask next is no answer."""
    return "\n".join([answer.text, *(json.dumps(reply.card, ensure_ascii=False) for reply in answer.replies)])


def test_the_second_line_goes_on_with_the_first(product: Product) -> None:
    dialogs = yaml.safe_load(DIALOGS.read_text(encoding="utf-8"))
    assert len(dialogs) == 30
    failures = []
    for dialog in dialogs:
        talk = product.visit(customer="C001")
        answer = talk.say_all(dialog["first"], dialog["second"])
        turn = last_turn(product, talk.conversation_id)
        mentions = dialog.get("mentions", [])
        served = goes_on_with(turn, dialog["expects"])
        if not served or (mentions and not any(word in shown(answer) for word in mentions)):
            ran = ", ".join(sorted(actions_of(turn)))
            failures.append(f"{dialog['expects']}, {mentions or 'no words'} expected, ran {ran}:\n{talk}")
    print(f"{len(dialogs) - len(failures)} of {len(dialogs)} dialogs", *failures, sep="\n")
    assert len(dialogs) - len(failures) >= AT_LEAST, "\n".join(failures)
