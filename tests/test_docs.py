"""What the documents say is there is there, and the Chinese README says what the English one says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main
import yaml

from sixty.cli import app
from sixty.settings import Settings, project_root

ROOT = project_root()
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
DOCUMENTS = [*READMES, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# Written by make or by the running bot, so not there in a clean clone.
MADE = (".venv/", "models/", "var/", "web/dist/", "bench/results/")
# A path in a sentence: some/where, or a file by its ending.
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
ENDINGS = (".py", ".yml", ".md", ".toml", ".lock", ".ini")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
each_readme = pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code_blocks(text: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def in_backticks(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", without_blocks(text))


def code(text: str) -> str:
    return "\n".join([*code_blocks(text), *in_backticks(text)])


def headings(text: str) -> list[tuple[int, str]]:
    found = re.findall(r"^(#+) (.+)$", without_blocks(text), re.MULTILINE)
    return [(len(marks), title) for marks, title in found]


def anchor(title: str) -> str:
    """How GitHub names a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", text_of(ROOT / "Makefile"), re.MULTILINE))


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    text = without_blocks(text_of(document))
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    broken = []
    for link in links:
        if link.startswith(("http://", "https://")):
            continue
        path, _, fragment = link.partition("#")
        target = document.parent / path if path else document
        found = target.exists()
        if found and fragment:
            found = fragment in {anchor(title) for _, title in headings(text_of(target))}
        if not found:
            broken.append(link)
    assert not broken


@each_document
def test_make_targets_exist(document: Path) -> None:
    named = set(re.findall(r"(?:^|[\s`])make ([a-z][a-z-]*)", code(text_of(document)), re.MULTILINE))
    assert named <= targets()


@each_document
def test_commands_and_their_options_exist(document: Path) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for line in code(text_of(document)).splitlines():
        match = re.match(r"(?:\.venv/bin/)?sixty ([a-z]+)(.*)", line)
        if match is None:
            continue
        name, rest = match.groups()
        assert name in commands, line
        command = commands[name]
        if hasattr(command, "commands"):
            # A group: the next word names the command.
            inner, _, rest = rest.strip().partition(" ")
            assert not inner or inner in command.commands, line
            command = command.commands.get(inner, command)
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest.partition("#")[0])) <= options, line


@each_document
def test_paths_exist(document: Path) -> None:
    missing = []
    for words in in_backticks(text_of(document)):
        if not PATH.fullmatch(words) or words.startswith(MADE):
            continue
        if words.endswith("/") or words.endswith(ENDINGS):
            beside = (ROOT / words, ROOT / "data" / "rules" / words)
            if not any(path.exists() for path in beside):
                missing.append(words)
    assert not missing


@each_document
def test_variables_exist(document: Path) -> None:
    of_tests = {"SIXTY_CI"}
    settings = {f"SIXTY_{name.upper()}" for name in Settings.__fields__}
    assert set(re.findall(r"SIXTY_[A-Z_]+", text_of(document))) <= settings | of_tests


@each_readme
def test_every_setting_is_told_with_its_default(readme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.__fields__:
        monkeypatch.delenv(f"SIXTY_{name.upper()}", raising=False)
    settings = Settings.from_environment()
    rows = dict(re.findall(r"^\| `(SIXTY_[A-Z_]+)` \| ([^|]+) \|", text_of(readme), re.MULTILINE))
    assert rows.keys() == {f"SIXTY_{name.upper()}" for name in Settings.__fields__}
    for name in Settings.__fields__.keys() - {"secret", "demo", "control_share"}:
        value = getattr(settings, name)
        shown = str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value).replace(f"{ROOT}/", "")
        assert rows[f"SIXTY_{name.upper()}"].strip("` ") == shown


def test_readmes_are_twins() -> None:
    english, chinese = (text_of(path) for path in READMES)
    assert [level for level, _ in headings(english)] == [level for level, _ in headings(chinese)]
    counts = {r"^- ": "points", r"^\|": "rows of tables", r"!\[": "pictures", r"<img ": "small pictures"}
    for pattern, what in counts.items():
        both = [len(re.findall(pattern, text, re.MULTILINE)) for text in (english, chinese)]
        assert both[0] == both[1], what

    def commands(text: str) -> list[str]:
        return [re.sub(r"\s*#.*", "", block, flags=re.MULTILINE) for block in code_blocks(text)]

    assert commands(english) == commands(chinese)
    assert set(in_backticks(english)) == set(in_backticks(chinese))


def test_pictures_are_those_that_the_script_takes() -> None:
    taken = set(re.findall(r'(?:photograph\(\w+, |IMAGES / )"([\w-]+)', text_of(ROOT / "docs" / "screenshots.py")))
    assert {path.stem for path in (ROOT / "docs" / "images").iterdir()} == taken
    shown = [set(re.findall(r"docs/images/([\w-]+)\.png", text_of(readme))) for readme in READMES]
    assert shown[0] == shown[1]
    pages = [
        text_of(ROOT / "docs" / name) for name in ("trainers.zh-CN.md", "widget.md", "minute-report.md", "workbench.md")
    ]
    assert shown[0].union(*(re.findall(r"images/([\w-]+)\.png", page) for page in pages)) == taken


def test_intents_are_those_of_the_domain() -> None:
    intents = yaml.safe_load(text_of(ROOT / "domain.yml"))["intents"]
    names = {name if isinstance(name, str) else next(iter(name)) for name in intents}
    names -= {"nlu_fallback", "keyword", "leave_queue", "return_to_bot", "reminded"}
    first_cells = re.findall(r"^\| (`[^|]+) \|", text_of(ROOT / "docs" / "intents.md"), re.MULTILINE)
    told = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]
    assert len(told) == len(set(told))
    assert set(told) == names
    for document in [*READMES, ROOT / "CHANGELOG.md"]:
        assert re.search(rf"\b{len(names)} (?:\[intents\]|intents|种\[意图\])", text_of(document))


def test_examples_for_trainers_are_the_bots_own() -> None:
    responses = yaml.safe_load(text_of(ROOT / "domain.yml"))["responses"]
    intents = {
        each.get("intent")
        for path in (ROOT / "data" / "nlu").glob("*.yml")
        for each in yaml.safe_load(text_of(path))["nlu"]
    }
    stories = [
        each["steps"]
        for path in (ROOT / "data" / "stories").glob("*.yml")
        for each in yaml.safe_load(text_of(path))["stories"]
    ]
    quoted = re.findall(r"^```yaml\n(.*?)^```", text_of(READMES[0]), re.MULTILINE | re.DOTALL)
    response, lines, story = (yaml.safe_load(block) for block in quoted)
    assert response.keys() <= responses.keys()
    assert lines[0]["intent"] in intents
    assert story[0]["steps"] in stories
