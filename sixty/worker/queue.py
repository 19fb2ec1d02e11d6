"""The task engine: Huey on an SQLite file of its own, on Redis where there is one."""

from __future__ import annotations

from typing import Any

from huey import RedisHuey, SqliteHuey

from sixty.settings import Settings

QUEUE = "sixty"


def task_queue(settings: Settings) -> Any:
    """Opens the queue of a deployment. What lies in it may be lost: the next tick does the same.

    Args:
        settings: The deployment's settings; with `redis_url` several machines share the ticks.
    """
    if settings.redis_url:
        return RedisHuey(QUEUE, url=settings.redis_url, results=False)
    settings.var.mkdir(parents=True, exist_ok=True)
    # A file of its own, so that ticks and the shop's tables never wait for each other.
    return SqliteHuey(QUEUE, filename=str(settings.var / "worker.db"), results=False)
