"""``sixty worker``: runs the jobs at their times until it is told to end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from huey import crontab

from sixty.outreach.scenes_file import shop_book
from sixty.outreach.sms_providers import sms_provider
from sixty.settings import Settings
from sixty.worker.health import health_server
from sixty.worker.jobs import Jobs
from sixty.worker.queue import task_queue

_A_MINUTE = timedelta(seconds=58)

_log = structlog.get_logger(__name__)


def run(settings: Settings, threads: int = 2) -> None:
    """Runs the worker.

    Args:
        settings: The deployment's settings.
        threads: How many jobs run at once.

    Raises:
        OperatorError: The playbook, or the chosen provider of SMS, can't be used.
    """
    # A wrong file or setting is told at once, and not with every round.
    shop_book()
    sms_provider(settings.sms_provider)
    jobs = Jobs(settings)
    queue = task_queue(settings)
    # The engine's own words are of no use to a merchant.
    consumer = queue.create_consumer(workers=threads + 1, periodic=True, check_worker_health=True)
    first = schedule(queue, jobs, consumer.stop_flag)
    with health_server(settings.worker_port):
        first()
        consumer.run()


def schedule(queue: Any, jobs: Jobs, stop: threading.Event) -> Callable[[], Any]:
    """Tells the task engine when to do what.

    Args:
        queue: The task engine.
        jobs: What is done.
        stop: Set when the worker ends.

    Returns:
        The job that is done every minute; called, it is done at once.
    """

    @queue.periodic_task(crontab(), name="outreach")  # type: ignore[untyped-decorator]
    def outreach() -> None:
        jobs.outreach(stop, jobs.clock() + _A_MINUTE)

    @queue.periodic_task(crontab(minute="*/5"), name="benefits")  # type: ignore[untyped-decorator]
    def benefits() -> None:
        _do("benefits", jobs.benefits)

    @queue.periodic_task(crontab(minute="50"), name="old_proofs")  # type: ignore[untyped-decorator]
    def old_proofs() -> None:
        _do("old_proofs", jobs.old_proofs)

    @queue.periodic_task(crontab(minute="*/2"), name="order_events")  # type: ignore[untyped-decorator]
    def order_events() -> None:
        _do("order_events", jobs.order_events)

    # At night in China; Huey's clock is UTC.
    @queue.periodic_task(crontab(hour="19", minute="10"), name="related_questions")  # type: ignore[untyped-decorator]
    def related_questions() -> None:
        _do("related_questions", jobs.related_questions)

    @queue.periodic_task(crontab(hour="19", minute="40"), name="pairs")  # type: ignore[untyped-decorator]
    def pairs() -> None:
        _do("pairs", jobs.pairs)

    return outreach  # type: ignore[no-any-return]


def _do(name: str, job: Callable[[], int]) -> None:
    try:
        done = job()
    except Exception:
        # The next tick does it again; the error is told, what customers said is not in it.
        _log.exception("worker.job_failed", job=name)
    else:
        _log.info("worker.job_done", job=name, count=done)
