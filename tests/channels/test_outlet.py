from __future__ import annotations

from typing import Any

import pytest

from sixty.channels.outlet import Outlet, delivered_form, outcome_of


class Recorder:
    def __init__(self) -> None:
        self.delivered: list[tuple[str, dict[str, Any]]] = []

    def name(self) -> str:
        return "socketio"

    async def deliver(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.delivered.append((recipient_id, message))


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        ("utter_faq_ask_gift", "answered"),
        ("utter_ask_weight", "asked_back"),
        ("utter_social_thank", "social"),
        ("utter_miss_out_of_scope", "missed"),
        ("utter_technical_trouble", "handed_over"),
        ("utter_size_cancelled", None),
        ("", None),
    ],
)
def test_the_outcome_follows_from_the_responses_name(response: str, outcome: str | None) -> None:
    assert outcome_of(response) == outcome
    assert delivered_form({"text": "好的", "utter_action": response}).get("outcome") == outcome


def test_what_leaves_has_one_form() -> None:
    card = {"type": "product", "no": "GZ2101"}
    buttons = [{"title": "有货吗", "payload": "/ask_stock", "type": "postback"}]
    response = {
        "text": "您好",
        "buttons": buttons,
        "custom": {"card": card, "secret": 1},
        "outcome": "social",
        "utter_action": "utter_faq_x",
        "image": "https://shop.example/a.png",
        "elements": [],
        "attachment": None,
        "quick_replies": [],
    }
    assert delivered_form(response) == {
        "text": "您好",
        "buttons": [{"title": "有货吗", "payload": "/ask_stock"}],
        "card": card,
        "image": "https://shop.example/a.png",
        "outcome": "social",
    }


@pytest.mark.parametrize(
    "empty", [{}, {"text": None}, {"text": "", "buttons": []}, {"outcome": "answered"}, {"custom": {}}]
)
async def test_an_empty_utterance_is_no_reply(empty: dict[str, Any]) -> None:
    recorder = Recorder()
    outlet = Outlet(recorder)  # type: ignore[arg-type]
    await outlet.send_response("conversation", empty)
    assert (outlet.sent, recorder.delivered) == (0, [])


async def test_replies_are_counted_until_the_outlet_is_closed() -> None:
    recorder = Recorder()
    outlet = Outlet(recorder)  # type: ignore[arg-type]
    await outlet.send_response("conversation", {"text": "一"})
    await outlet.send_response("conversation", {"buttons": [{"title": "二", "payload": "/greet"}]})
    outlet.open = False
    await outlet.send_response("conversation", {"text": "三"})
    assert outlet.sent == 2
    assert [recipient for recipient, _ in recorder.delivered] == ["conversation"] * 2
    assert outlet.name() == "socketio"
