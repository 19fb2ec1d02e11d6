"""``python -m bench.load``: customers made by Locust, talking to a running bot over one of its channels.

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
from typing import Any, ClassVar

from bench import ways
from bench.conversations import SCRIPTS, Script
from bench.figures import Answer, counted
from sixty.settings import get_settings

_LONGEST_TURN = 60.0


class Customer(FastHttpUser):
    """Goes through the script again and again, each time as a new conversation."""

    script: ClassVar[Script]
    voice: ClassVar[ways.Customer]
    closing: ClassVar[bool] = False
    wait_time = locust.constant(0)  # type: ignore[no-untyped-call]
    connection_timeout = _LONGEST_TURN
    network_timeout = _LONGEST_TURN

    @task
    def talk(self) -> None:
        """One conversation from the first line to the last."""
        conversation = next(self.voice.conversations)
        for line in self.script.lines:
            if self.closing:
                raise StopUser
            post = self.voice.post(conversation, line)
            with self.client.post(
                post.path,
                data=post.body.decode(),
                headers=dict(post.headers),
                name=self.script.name,
                catch_response=True,
            ) as response:
                problem = self._problem(response)
                if problem:
                    response.failure(problem)

    def _problem(self, response: Any) -> str | None:
        """Why an answer is none."""
        if response.status_code != 200:
            return f"status {response.status_code}"
        return self.voice.problem(response.json())


def generate_load(
    host: str, way: ways.Way, script: Script, users: int, seconds: float, warm_up: float
) -> dict[str, Any]:
    """Lets customers talk for a while.

    Args:
        host: The bot's address.
        way: The channel over which customers speak.
        script: What they say.
        users: How many talk at the same time.
        seconds: How long answers are counted.
        warm_up: Seconds before that, whose answers are not.

    Returns:
        What `counted` says of it.
    """
    Customer.host = host
    Customer.script = script
    settings = get_settings()
    Customer.voice = ways.customer(way, script, settings.secret, settings.database_url)
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
    parser.add_argument("--way", choices=("api", "rest"), default="api")
    parser.add_argument("--script", choices=sorted(SCRIPTS), default="visit")
    parser.add_argument("--users", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--warm-up", type=float, default=1)
    options = parser.parse_args()
    result = generate_load(
        options.host, options.way, SCRIPTS[options.script], options.users, options.seconds, options.warm_up
    )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
