"""No message without a reply: deadline, exceptions and silent turns end in an apology and a hand-off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage

from sixty.channels.action_replies import check_answers_quickly
from sixty.channels.admission import admitted
from sixty.channels.outlet import Outlet
from sixty.desk.trouble import apology, report_trouble

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

TURN_DEADLINE_SECONDS = 12.0
LONGEST_TEXT = 2000

_log = structlog.get_logger(__name__)


def never_silent(on_new_message: OnNewMessage, deadline: float = TURN_DEADLINE_SECONDS) -> OnNewMessage:
    """Wraps Rasa's handling of a message.

    Args:
        on_new_message: Rasa's own handler.
        deadline: Seconds after which the customer gets an apology instead of waiting on.

    Returns:
        A handler that never raises, and after which the customer has read at least one line.
    """
    check_answers_quickly()

    async def handle(message: UserMessage) -> None:
        outlet = Outlet(message.output_channel)
        message.output_channel = outlet
        message.text = admitted((message.text or "")[:LONGEST_TEXT])
        reason = None
        try:
            await asyncio.wait_for(on_new_message(message), timeout=deadline)
        except asyncio.TimeoutError:
            reason = "turn_too_slow"
        except Exception:
            # The text stays out of the log: it may hold personal data.
            _log.exception("turn.failed", conversation=message.sender_id)
            reason = "turn_failed"
        if reason is None and outlet.sent == 0:
            reason = "turn_silent"
        if reason is None:
            return
        _log.error("turn.apologised", conversation=message.sender_id, reason=reason)
        try:
            await outlet.send_response(message.sender_id, {"text": apology(), "outcome": "handed_over"})
        except Exception:
            # The customer is gone; a person shall see the question all the same.
            _log.exception("apology.not_delivered", conversation=message.sender_id)
        outlet.open = False
        await asyncio.to_thread(
            report_trouble, message.sender_id, reason, message.text, message.input_channel, message.metadata
        )

    return handle
