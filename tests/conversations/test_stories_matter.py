"""The flows of several turns come from `data/stories`: without them the bot does not know how they go on."""

from __future__ import annotations

import pytest

from tests.conversations.story_tests import STORIES, StoryTest, failed_stories, run_rasa, stories_in

FLOWS = STORIES / "needs_stories" / "test_flows.yml"


@pytest.fixture(scope="module")
def failures_without_stories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What fails in a model of the same configuration, domain and rules that has seen no story."""
    folder = tmp_path_factory.mktemp("without_stories")
    run_rasa(
        *("train", "core", "--config", "config.yml", "--domain", "domain.yml", "--stories", "data/rules"),
        *("--out", str(folder), "--fixed-model-name", "without_stories", "--augmentation", "0"),
    )
    return failed_stories(folder / "without_stories.tar.gz", FLOWS, folder / "results")


# That they succeed with the stories is part of test_stories.py, which runs them as well.
@pytest.mark.slow
@pytest.mark.parametrize("story", stories_in(FLOWS), ids=lambda story: story.place)
def test_flow_fails_without_stories(story: StoryTest, failures_without_stories: dict[str, str]) -> None:
    assert story.name in failures_without_stories
