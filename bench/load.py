"""``python -m bench.load``: customers made by Locust, talking to a running bot over its REST channel.

Run as a process of its own by the benchmarks, because Locust replaces Python's sockets by gevent's. Each simulated
customer waits for the answer, then says the next line at once; after the last line of its script it comes back as a
new conversation. Prints one JSON object.
"""

# ruff: noqa: I001 - Locust comes first: it replaces Python's sockets when it is imported.
from __future__ import annotations

import locust
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser
import gevent  # type: ignore[import-untyped]

import argparse
import json
import time
import uuid
from typing import Any, ClassVar

from bench.conversations import SCRIPTS, Script, metadata_of
from bench.figures import Answer, counted
from sixty.settings import get_settings

_LONGEST_TURN = 60.0
_APOLOGIES = ("系统刚刚开了个小差", "我这边系统有点忙")


class Customer(FastHttpUser):
    """Goes through the script again and again, each time as a new conversation."""

    script: ClassVar[Script]
    secret: ClassVar[str]
    closing: ClassVar[bool] = False
    wait_time = locust.constant(0)  # type: ignore[no-untyped-call]
    connection_timeout = _LONGEST_TURN
    network_timeout = _LONGEST_TURN

    @task
    def talk(self) -> None:
        """One conversation from the first line to the last."""
        conversation = f"bench-{uuid.uuid4().hex}"
        metadata = metadata_of(self.script, conversation, self.secret)
        for line in self.script.lines:
            if self.closing:
                raise StopUser
            body = {"sender": conversation, "message": line, "metadata": metadata}
            with self.client.post(
                "/webhooks/rest/webhook", json=body, name=self.script.name, catch_response=True
            ) as response:
                problem = _problem(response)
                if problem:
                    response.failure(problem)


def _problem(response: Any) -> str | None:
    """Why an answer is none; an apology for a failure of the bot is none either."""
    if response.status_code != 200:
        return f"status {response.status_code}"
    replies = response.json()
    if not replies:
        return "no reply"
    texts = " ".join(str(reply.get("text") or "") for reply in replies)
    return "an apology" if any(apology in texts for apology in _APOLOGIES) else None


def generate_load(host: str, script: Script, users: int, seconds: float, warm_up: float) -> dict[str, Any]:
    """Lets customers talk for a while.

    Args:
        host: The bot's address.
        script: What they say.
        users: How many talk at the same time.
        seconds: How long answers are counted.
        warm_up: Seconds before that, whose answers are not.

    Returns:
        What `counted` says of it.
    """
    Customer.host = host
    Customer.script = script
    Customer.secret = get_settings().secret
    environment = Environment(user_classes=[Customer], stop_timeout=_LONGEST_TURN)
    answers: list[Answer] = []

    def note(response_time: float, exception: BaseException | str | None = None, **_: Any) -> None:
        # Locust's own percentiles are rounded to whole and tens of milliseconds.
        now = time.monotonic()
        answers.append(Answer(now - response_time / 1000, now, str(exception) if exception else None))

    environment.events.request.add_listener(note)  # type: ignore[no-untyped-call]
    runner = environment.create_local_runner()
    begun = time.monotonic()
    runner.start(users, spawn_rate=users)
    gevent.sleep(warm_up + seconds)
    # Turns that are under way are waited for: leaving out the slowest would flatter a bot that is overloaded.
    Customer.closing = True
    runner.quit()
    return {"users": users, **counted(answers, begun + warm_up, seconds)}


def main() -> None:
    """Reads the options, generates the load and prints what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description="Load a running bot by Locust.")
    parser.add_argument("--host", required=True)
    parser.add_argument("--script", choices=sorted(SCRIPTS), default="visit")
    parser.add_argument("--users", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--warm-up", type=float, default=1)
    options = parser.parse_args()
    result = generate_load(options.host, SCRIPTS[options.script], options.users, options.seconds, options.warm_up)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
