"""Every test story below this folder: what customers type, what is understood of it, what the bot does then.

The folders are the patterns of conversation, the files the things that a customer can do. Actions do not run here, so
`awaiting` says in the stories what an action would have set it to; what they say is tested in `tests/servers`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.conversations.story_tests import STORIES, StoryTest, failed_stories, stories_in

PATTERNS = ("happy", "correction", "digression", "cancellation", "invalid")
FILES = sorted(STORIES.rglob("test_*.yml"))
TESTS = stories_in(STORIES)


@pytest.fixture(scope="module")
def failures(model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What failed, of all stories in one run."""
    return failed_stories(model, STORIES, tmp_path_factory.mktemp("stories"))


def test_each_pattern_has_stories_of_every_capability() -> None:
    capabilities = {path.stem for path in FILES if path.parent.name in PATTERNS}
    assert len(capabilities) >= 7
    for pattern in PATTERNS:
        assert {path.stem for path in (STORIES / pattern).glob("test_*.yml")} == capabilities


def test_names_tell_stories_apart() -> None:
    assert [name for name, count in Counter(story.name for story in TESTS).items() if count > 1] == []


@pytest.mark.parametrize("story", TESTS, ids=lambda story: story.place)
def test_story(story: StoryTest, failures: dict[str, str]) -> None:
    if story.name in failures:
        pytest.fail(f"{story.text}\n\nWhat came out:\n{failures[story.name]}", pytrace=False)
