"""The page's channel with a bot that does one thing: it calls a person. Run as `python -m bench.live_door PORT`.

Everything but the understanding is real: sockets, tokens, the front door, the ledger, the hand-off.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timezone

from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from sixty.channels.web import WebChannel
from sixty.desk.handoffs import open_handoff
from sixty.shop.database import shop_session


class CallsAPerson:
    """Hands every conversation over."""

    async def handle_message(self, message: UserMessage) -> None:
        """As Rasa's agent."""
        assert message.output_channel is not None
        await asyncio.to_thread(_hand_over, message.sender_id, message.text or "")
        reply = {"text": "好的，已经帮您转人工，请稍等～", "outcome": "handed_over"}
        await message.output_channel.send_response(message.sender_id, reply)

    def is_ready(self) -> bool:
        """It has no trackers to be asked for."""
        return False


def _hand_over(conversation_id: str, question: str) -> None:
    with shop_session() as session:
        now = datetime.now(timezone.utc)
        open_handoff(session, conversation_id, "asked_for", question, {}, "web", None, now, told=True)


def main() -> None:
    """Serves until it is ended."""
    app = Sanic("live_door", configure_logging=False)
    app.ctx.agent = CallsAPerson()
    register([WebChannel()], app, route="/webhooks/")
    app.run(host="127.0.0.1", port=int(sys.argv[1]), access_log=False)


if __name__ == "__main__":
    main()
