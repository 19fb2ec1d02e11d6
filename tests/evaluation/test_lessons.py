"""Misunderstood lines as lessons: grouped, with the place they belong in, and as training data that Rasa reads."""

from __future__ import annotations

from pathlib import Path

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

from sixty.evaluation.lessons import as_text, as_yaml, lessons_of, what_came_of
from sixty.evaluation.sources import NearestLines, TrainingLine
from tests.evaluation.lines import understood

ORDER, SELLING = Path("nlu/order.yml"), Path("nlu/selling.yml")
NEAREST = NearestLines(
    [
        TrainingLine(ORDER, 5, "order_note", "写张贺卡", "贺卡"),
        TrainingLine(ORDER, 9, "order_note", "电话别打 放门口", "快递备注"),
        TrainingLine(ORDER, 10, "order_note", "放门卫", "快递备注"),
        TrainingLine(SELLING, 3, "stop_reminders", "别打电话了", "电话"),
    ]
)
MISUNDERSTOOD = [
    understood("stop_reminders", "order_note", text="别打电话写张贺卡", confidence=0.8),
    understood("stop_reminders", "order_note", text="到了放门口", confidence=0.9),
    understood("stop_reminders", "order_note", text="放门卫吧", confidence=0.4, direct=False, offered=("order_note",)),
    understood("ask_price", "greet", text="在？", confidence=0.3, direct=False, offered=("ask_price",)),
    understood("greet", "greet", text="在吗", answering_point=0.625),
]


def test_lines_are_grouped_the_surest_first_and_belong_where_most_of_them_do() -> None:
    first, second = lessons_of(MISUNDERSTOOD, NEAREST)
    assert first.heading == "order_note read as stop_reminders (3)"
    assert [result.line.text for result, _ in first.lines] == ["到了放门口", "别打电话写张贺卡", "放门卫吧"]
    assert first.home is not None
    assert first.home.situation == "快递备注"
    # Nobody has written a line of it yet.
    assert second.home is None
    assert [source for _, source in second.lines] == [None]


def test_what_came_of_a_line_is_what_the_customer_met() -> None:
    assert [what_came_of(result) for result in MISUNDERSTOOD[1:4]] == [
        "answered wrongly at once",
        "asked back, right meaning offered",
        "asked back in vain",
    ]


def test_rows_to_read_say_how_many_how_sure_and_where_to_write() -> None:
    rows = "\n".join(as_text(lessons_of(MISUNDERSTOOD, NEAREST), MISUNDERSTOOD))
    assert rows.startswith("4 of 5 clear lines misunderstood.\nFrom a confidence of 0.62 on")
    assert "  到了放门口  (0.90, answered wrongly at once)\n      like nlu/selling.yml:3: 别打电话了" in rows
    assert "  → write lines of order_note in nlu/order.yml, “快递备注” (line 9)" in rows


def test_a_model_without_a_point_says_nothing_of_it() -> None:
    results = MISUNDERSTOOD[:1]
    assert "confidence of" not in "\n".join(as_text(lessons_of(results, NEAREST), results))


def test_the_blocks_are_training_data() -> None:
    text = "\n".join(as_yaml(lessons_of(MISUNDERSTOOD, NEAREST), "lines.tsv"))
    assert "# 4 lines of lines.tsv that were misunderstood" in text
    assert "# belongs in nlu/order.yml, “快递备注” (line 9)\n# drawn by nlu/selling.yml:3: 别打电话了\n- intent" in text
    examples = RasaYAMLReader().reads(text).intent_examples
    assert [(each.get("intent"), each.get("text")) for each in examples] == [
        ("order_note", "到了放门口"),
        ("order_note", "别打电话写张贺卡"),
        ("order_note", "放门卫吧"),
        ("greet", "在？"),
    ]


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=30))
@example("在吗[/b](color)")
@example('[红色]{"entity": "color"}')
@example("[数字x][金额x]")
@example("\u2028- intent: greet\x85\x00")
@example("# : - | >")
@example(" ")
def test_whatever_customers_write_can_be_read_and_is_no_annotation(text: str) -> None:
    results = [understood("greet", "ask_price", text=text)]
    rows = "\n".join(as_yaml(lessons_of(results, NEAREST), f"{text}.tsv"))
    blocks = yaml.safe_load(rows)["nlu"]
    if blocks is None:  # Nothing of it can be seen.
        return
    read = RasaYAMLReader().reads(rows)
    assert [each.get("intent") for each in read.intent_examples] == ["ask_price"]
    assert read.entity_examples == []
    visible = "".join(read.intent_examples[0].get("text").split())
    assert visible in "".join(blocks[0]["examples"].split())
    assert set(visible) <= set(text)
