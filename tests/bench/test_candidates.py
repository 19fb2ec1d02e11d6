from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bench.candidates import CANDIDATES, QUICK, unknown_options
from sixty.settings import project_root


def test_names_are_told_apart_and_quick_ones_exist() -> None:
    names = [candidate.name for candidate in CANDIDATES]

    assert len(set(names)) == len(names)
    assert set(QUICK) <= set(names)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.name)
def test_every_candidate_is_a_pipeline_that_can_decline(candidate) -> None:
    config = yaml.safe_load((project_root() / candidate.config).read_text(encoding="utf-8"))

    assert config["recipe"] == "default.v1"
    assert config["language"] == "zh"
    # This bot's own classifier declines by itself, unless it is told that everything may be wrong.
    assert any(
        entry["name"] == "FallbackClassifier"
        or (entry["name"].endswith(".LinearIntentClassifier") and entry.get("wrong_at_most", 0) < 1)
        for entry in config["pipeline"]
    )


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.name)
def test_candidates_ask_for_options_that_exist(candidate) -> None:
    assert unknown_options(project_root() / candidate.config) == []


def test_an_option_that_does_not_exist_is_named(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("pipeline:\n- name: bench.peers.nearest_example.NearestExample\n  neighbors: 3\n")

    assert unknown_options(config) == ["NearestExample: neighbors"]
