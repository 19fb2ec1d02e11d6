"""The web channel on a server of its own, with an echo in the place of Rasa's agent.

Everything but the bot is real: sockets, tokens, the front door, the ledger. A turn takes a moment and says two things.
Run as `python -m tests.servers.web_door PORT`.
"""

from __future__ import annotations

import asyncio
import random
import sys

from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from sixty.channels import front_door
from sixty.channels.door_options import door_options
from sixty.channels.web import WebChannel


class Echo:
    """Answers a line with itself, twice; a line that asks for time gets it."""

    async def handle_message(self, message: UserMessage) -> None:
        """As Rasa's agent."""
        assert message.output_channel is not None
        for part in ("first", "then"):
            await asyncio.sleep(1.0 if "slow" in (message.text or "") else random.uniform(0.001, 0.03))
            await message.output_channel.send_response(message.sender_id, {"text": f"{part} {message.text}"})

    def is_ready(self) -> bool:
        """It has no trackers to be asked for."""
        return False


def main() -> None:
    """Serves until it is ended."""
    # A machine that is busy with other tests is no bot that has failed: nobody is apologised to here.
    patient = door_options().copy(update={"deadline": 600.0, "lease": 600.0})
    front_door.door_options = lambda: patient
    app = Sanic("web_door", configure_logging=False)
    app.ctx.agent = Echo()
    register([WebChannel()], app, route="/webhooks/")
    app.run(host="127.0.0.1", port=int(sys.argv[1]), access_log=False)


if __name__ == "__main__":
    main()
