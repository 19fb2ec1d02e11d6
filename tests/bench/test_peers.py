"""What is compared is what the benchmark says it compares."""

from __future__ import annotations

from pathlib import Path

import pytest
import rasa
import yaml

from bench.bots import SIXTY, VANILLA, with_fewer_epochs
from bench.snapshot import fingerprint, take_snapshot
from sixty.settings import project_root


def _config(path: Path) -> dict[str, object]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_vanilla_is_the_installed_rasas_default_but_for_the_tokenizer() -> None:
    default = _config(Path(rasa.__file__).parent / "engine/recipes/config_files/default_config.yml")
    vanilla = _config(project_root() / VANILLA.config)

    assert default["pipeline"][0] == {"name": "WhitespaceTokenizer"}
    assert vanilla["pipeline"] == [{"name": "JiebaTokenizer"}, *default["pipeline"][1:]]
    assert vanilla["policies"] == default["policies"]


def test_quick_changes_epochs_and_nothing_else() -> None:
    full = _config(project_root() / VANILLA.config)
    quick = with_fewer_epochs(full)

    for part in ("pipeline", "policies"):
        for before, after in zip(full[part], quick[part], strict=True):
            assert {**before, "epochs": None} == {**after, "epochs": None}
    assert [component.get("epochs") for component in quick["pipeline"]] == [
        None,
        None,
        None,
        None,
        None,
        5,
        None,
        100,
        None,
    ]
    assert [policy.get("epochs") for policy in quick["policies"]] == [None, None, 3, 3]


def test_quick_leaves_this_bot_as_it_is() -> None:
    config = _config(project_root() / SIXTY.config)

    assert with_fewer_epochs(config) == config


@pytest.mark.parametrize("bot", [SIXTY, VANILLA], ids=lambda bot: bot.name)
def test_a_bots_files_exist_and_have_what_the_benchmark_fills_in(bot) -> None:
    endpoints = _config(project_root() / bot.endpoints)

    assert endpoints["action_endpoint"]["url"]
    assert endpoints["tracker_store"]["dialect"] == "sqlite"
    assert (project_root() / bot.credentials).is_file()
    assert all((project_root() / source).exists() for source in bot.sources)


def test_a_snapshot_holds_the_project_without_results(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("data/nlu/a.yml", "bench/results/old.json", "bench/load.py", "sixty/__pycache__/x.pyc", "var/secret"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(name)

    copy = take_snapshot(project, tmp_path / "copy")

    assert sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()) == [
        "bench/load.py",
        "data/nlu/a.yml",
    ]


def test_a_fingerprint_changes_with_content_names_and_what_is_added(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.yml").write_text("one")
    first = fingerprint(tmp_path, ["data"], "rasa 3")

    assert fingerprint(tmp_path, ["data"], "rasa 3") == first
    assert fingerprint(tmp_path, ["data"], "rasa 4") != first
    (tmp_path / "data/a.yml").write_text("two")
    assert fingerprint(tmp_path, ["data"], "rasa 3") != first
    (tmp_path / "data/a.yml").write_text("one")
    (tmp_path / "data/a.yml").rename(tmp_path / "data/b.yml")
    assert fingerprint(tmp_path, ["data"], "rasa 3") != first
