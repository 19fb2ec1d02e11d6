"""What customers answer to each scene's reminder is understood as an answer to it, and leads somewhere.

The table is `reminder_answers.yml`; what the actions say is tested in `tests/actions/test_reminders.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from actions.reminded import awaits
from sixty.outreach.scenes_file import shop_book

TABLE: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "reminder_answers.yml").read_text(encoding="utf-8")
)
CASES = [
    pytest.param(scene, said, action, id=f"{scene}-{said}")
    for scene, answers in TABLE.items()
    for said, action in answers.items()
]
LEAST = 3


@pytest.fixture(scope="module")
def bot(model: Path) -> Iterator[Any]:
    """The trained model: what it understands, and what its policies decide."""
    from rasa.core.agent import Agent

    before = structlog.get_config()
    structlog.configure(**{**before, "wrapper_class": structlog.make_filtering_bound_logger(logging.ERROR)})
    yield Agent.load(str(model))
    structlog.configure(**before)


def test_every_scene_has_answers() -> None:
    assert set(TABLE) == set(shop_book().scenes)
    assert [scene for scene, answers in TABLE.items() if len(answers) < LEAST] == []


def test_every_scene_can_be_refused() -> None:
    """By a no or a "别再发了", whichever is in the table: then the reminder is dropped."""
    informs = {"after_care", "unconfirmed"}
    assert {scene for scene, answers in TABLE.items() if "action_drop_reminder" not in answers.values()} == informs


@pytest.mark.parametrize(("scene", "said", "action"), CASES)
async def test_the_answer_leads_on(bot: Any, scene: str, said: str, action: str) -> None:
    from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    parsed = await bot.parse_message(said)
    message = UserUttered(said, parsed["intent"], parsed["entities"], parse_data=parsed, input_channel="rest")
    told = UserUttered("/reminded", {"name": "reminded", "confidence": 1.0}, input_channel="rest")
    events = [
        ActionExecuted("action_listen"),
        told,
        ActionExecuted("action_reminded"),
        SlotSet("awaiting", awaits(shop_book().scenes[scene].answers)),
        ActionExecuted("action_listen"),
        message,
    ]
    tracker = DialogueStateTracker.from_events("reminded", events, bot.domain.slots)
    decided, _ = bot.processor.predict_next_with_tracker_if_should(tracker)
    guesses = [(each["name"], round(each["confidence"], 2)) for each in parsed["intent_ranking"][:3]]
    assert decided.name() == action, guesses
