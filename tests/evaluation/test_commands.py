"""`sixty eval` and `sixty errors`, with an understanding that needs no model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from sixty.cli import app
from sixty.errors import OperatorError
from sixty.evaluation.labelled_lines import LabelledLine
from sixty.evaluation.scores import Understood
from sixty.settings import get_settings

# What customers put in brackets looks like markup to a terminal library.
EMOJI = "在吗[/b][bold]"
CONTENT = f"id\ttext\tintent\talso\na\t包邮吗\task_shipping_fee\t-\nb\t{EMOJI}\tgreet\t-\n"


@pytest.fixture
def labelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    def understand(_: Path, lines: Sequence[LabelledLine], advance: Callable[[], None]) -> list[Understood]:
        guess = ("ask_shipping_fee",)
        return [Understood(line, guess, 0.75, True, (), 1.0, 0.4) for line in lines if advance() is None]

    monkeypatch.setattr("sixty.evaluation.understanding.understand", understand)
    monkeypatch.setattr("sixty.logs.configure_logging", lambda _: None)
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    get_settings.cache_clear()
    path = tmp_path / "lines.tsv"
    path.write_text(CONTENT, encoding="utf-8")
    yield path
    get_settings.cache_clear()


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_eval_prints_tables_and_figures_and_writes_a_page(labelled: Path, tmp_path: Path) -> None:
    printed = run("eval", labelled)
    assert json.loads(printed.splitlines()[-1])["accuracy"] == 0.5
    assert "confidence from which on the bot answers at once" in printed
    assert EMOJI in printed
    assert "delivery.yml" in printed
    page = tmp_path / "var" / "evaluations" / "lines.html"
    assert "lines.tsv" in page.read_text(encoding="utf-8")


def test_eval_for_programs_is_one_object(labelled: Path, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "own.html"
    figures = json.loads(run("eval", labelled, "--json", "--report", page))
    assert (figures["n"], figures["direct_wrong"]) == (2, 0.5)
    assert figures["answering_point"] == 0.4
    assert page.exists()


def test_errors_lists_what_was_misunderstood_and_what_drew_it_there(labelled: Path) -> None:
    printed = run("errors", labelled)
    assert "greet read as ask_shipping_fee (1)" in printed
    assert "1 of 2 clear lines misunderstood" in printed
    assert "From a confidence of 0.40 on" in printed
    assert f"{EMOJI}  (0.75, answered wrongly at once)" in printed
    assert "like " in printed
    assert "包邮吗  (" not in printed


def test_errors_as_training_data_name_the_file_they_belong_in(labelled: Path) -> None:
    printed = run("errors", labelled, "--yaml")
    (block,) = yaml.safe_load(printed)["nlu"]
    assert block == {"intent": "greet", "examples": "- 在吗[/b] [bold]\n"}
    assert re.search(r"^# belongs in \S*data/nlu/smalltalk\.yml", printed, re.MULTILINE)


def test_a_label_that_nobody_taught_is_told(labelled: Path) -> None:
    labelled.write_text(CONTENT.replace("ask_shipping_fee", "ask_shiping_fee"), encoding="utf-8")
    told = CliRunner().invoke(app, ["errors", str(labelled)], catch_exceptions=False).output
    assert "lines.tsv:2: no training line has the intent ask_shiping_fee" in told
    assert "did you mean ask_shipping_fee?" in told


def test_no_errors_are_said_so(labelled: Path) -> None:
    labelled.write_text("\n".join(CONTENT.splitlines()[:2]), encoding="utf-8")
    assert run("errors", labelled).strip() == "No clear line was misunderstood."
    assert yaml.safe_load(run("errors", labelled, "--yaml")) is None


@pytest.mark.parametrize("command", ["eval", "errors"])
def test_a_wrong_file_is_told(labelled: Path, command: str) -> None:
    with pytest.raises(OperatorError, match=r"none\.tsv cannot be read"):
        run(command, labelled.with_name("none.tsv"))
