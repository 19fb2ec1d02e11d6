"""The page of an evaluation: everything on it, and nothing of a customer's line as HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from sixty.evaluation.report import write_report
from sixty.evaluation.scores import Understood, summary
from sixty.evaluation.sources import NearestLines, TrainingLine
from tests.evaluation.lines import understood

ATTACK = "<script>alert('1')</script>\"'&"
NEAREST = NearestLines([TrainingLine(Path("nlu.yml"), 3, "ask_price", "<b>多少钱</b>")])


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page_of(folder: Path, results: list[Understood], name: str = "lines.tsv") -> _Page:
    path = folder / "deeper" / "page.html"
    write_report(path, name, results, NEAREST)
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_the_page_holds_figures_intents_confusions_and_lines(tmp_path: Path) -> None:
    results = [
        understood("ask_price", "ask_stock", text="有吗", confidence=0.375, direct=False, answering_point=0.4321),
        understood("ask_price", "ask_stock", text="还有没"),
        understood("ask_stock", "ask_stock"),
    ]
    text = "\n".join(page_of(tmp_path, results).text)
    for name, value in summary(results).items():
        assert f"{name}\n{'–' if value is None else value}" in text
    assert "answering_point\n0.4321" in text
    assert "answered wrongly at once" in text
    assert "asked back in vain" in text
    assert "ask_stock read as ask_price (2)" in text
    assert "有吗 (0.38)" in text
    assert "nlu.yml:3" in text
    assert "None" not in text


def test_nothing_of_a_line_becomes_html(tmp_path: Path) -> None:
    results = [understood("ask_price", f"label{ATTACK}", text=ATTACK), understood(ATTACK, "greet")]
    page = page_of(tmp_path, results, name=ATTACK)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert page.attributes == {"lang", "charset", "class", "style", "title", "open"}
    text = "".join(page.text)
    assert text.count(ATTACK) >= 4
    assert "<b>多少钱</b>" in text


def test_an_evaluation_of_nothing_is_a_page_too(tmp_path: Path) -> None:
    assert page_of(tmp_path, []).tags.count("h2") == 3
