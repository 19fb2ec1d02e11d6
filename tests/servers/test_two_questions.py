"""Lines with two questions, written before the mechanism: both are answered in one turn."""

from __future__ import annotations

import csv
from pathlib import Path

from sixty.settings import project_root
from tests.servers.running import Product
from tests.servers.said import actions_of, answered, last_turn

LINES: Path = project_root() / "tests" / "evaluation" / "two_questions.tsv"
AT_LEAST = 80


def test_both_questions_of_a_line_are_answered(product: Product) -> None:
    with LINES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 100
    failures = []
    for row in rows:
        # Said on a product's page, as such lines mostly are.
        talk = product.visit(entry="product", product="GZ2101")
        talk.say(row["text"])
        turn = last_turn(product, talk.conversation_id)
        missing = [intent for intent in (row["first"], row["second"]) if not answered(turn, intent)]
        if missing:
            failures.append(f"{row['id']} {row['text']}: not {' nor '.join(missing)}, but {sorted(actions_of(turn))}")
    print(f"{len(rows) - len(failures)} of {len(rows)} lines got both answers", *failures, sep="\n")
    assert len(rows) - len(failures) >= AT_LEAST, "\n".join(failures)


def test_what_two_questions_have_in_common_is_said_once(product: Product) -> None:
    """Both are about an order: the customer's orders are listed once, and `say` finds no line twice."""
    talk = product.visit(customer="C001")
    answer = talk.say("今天拍什么时候发 到长沙要几天")
    assert answer.card("orders")


def test_the_product_is_asked_for_once_and_both_are_answered(product: Product) -> None:
    talk = product.visit()
    asked = talk.say("什么面料，有货吗")
    assert [reply.outcome for reply in asked.replies].count("asked_back") == 1
    answer = talk.say("GZ2101")
    assert "棉" in answer.text
    assert "有现货" in answer.text


def test_what_begins_a_form_asks_behind_the_other_answer(product: Product) -> None:
    talk = product.visit(entry="product", product="GZ2101")
    answer = talk.say("我穿多大码 包邮吗")
    assert "包邮" in answer.text
    assert answer.replies[-1].outcome == "asked_back"
