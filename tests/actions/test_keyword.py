"""The merchant's own answer to a keyword, wherever it is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.actions.conftest import Chat

Begin = Callable[..., Chat]
KEYWORD, ANSWER = "有实体店吗", "没有线下门店"


async def test_says_what_the_merchant_wrote(chat: Begin) -> None:
    said = await chat().run("action_answer_keyword", "keyword", KEYWORD)
    assert ANSWER in said.text
    assert said.outcomes == ["answered"]


@pytest.mark.parametrize("awaiting", [None, "bundle", "proof"])
async def test_what_was_awaited_still_is(chat: Begin, awaiting: str | None) -> None:
    said = await chat(slots={"awaiting": awaiting}).run("action_answer_keyword", "keyword", KEYWORD)
    assert said.slot("awaiting") == awaiting


async def test_a_word_that_was_taken_out_since_is_owned_up_to(chat: Begin) -> None:
    said = await chat().run("action_answer_keyword", "keyword", "以前的关键词")
    assert said.responses == ["utter_miss_out_of_scope"]


async def test_in_the_middle_of_a_form_it_is_answered_too(chat: Begin) -> None:
    said = await chat(loop="size_form").run("action_digress", "keyword", KEYWORD)
    assert ANSWER in said.text


async def test_the_next_question_follows(chat: Begin) -> None:
    talk = chat(slots={"awaiting": None})
    await talk.run("action_answer_keyword", "keyword", KEYWORD)
    said = await talk.act("action_push_capsules", talk.latest)
    assert said.buttons
